//! One HTTP answer read on a thread of its own, so that a slow server never keeps the caller from hearing a cancel.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Instant;

use ureq::{Agent, Timeout};

use crate::context::{Context, TICK};
use crate::error::FetchError;

/// Why a transfer ended early. Each variant leads to another next step, see `url`.
#[derive(Debug)]
pub(crate) enum Break {
    /// Nothing answers there: no name, no route, refused, no TLS. Another mirror may do.
    Unreachable(String),
    /// It answered with something else than the file.
    Status(u16),
    /// The connection broke in the middle: worth another try.
    Cut(String),
    /// It went silent.
    Stall(String),
    /// The caller's sink refused, or the user cancelled.
    Stop(FetchError),
}

/// What arrives, in order: one `Start`, then bytes.
pub(crate) enum Piece<'a> {
    /// The body begins at this byte of the file, which is this large.
    Start {
        offset: u64,
        total: Option<u64>,
    },
    Bytes(&'a [u8]),
}

enum Message {
    Start { offset: u64, total: Option<u64> },
    Bytes(Vec<u8>),
    End,
    Fail(Break),
}

/// Reads `url` from byte `from` on. Returns when the body ended by itself.
pub(crate) fn transfer(url: &str, from: u64, ctx: &Context, sink: &mut dyn FnMut(Piece) -> Result<(), FetchError>) -> Result<(), Break> {
    let agent = agent(ctx);
    let (sender, receiver) = sync_channel(8);
    let worker = (agent.clone(), url.to_owned());
    let spawned = std::thread::Builder::new().name("download".into()).spawn(move || read(&worker.0, &worker.1, from, &sender));
    let result = match spawned {
        Ok(_) => listen(&receiver, ctx, sink),
        Err(e) => Err(Break::Unreachable(format!("no thread could be started: {e}"))),
    };
    drop(receiver);
    agent.shutdown(); // wakes a worker that still waits for the server, so that it ends now
    result
}

fn listen(receiver: &Receiver<Message>, ctx: &Context, sink: &mut dyn FnMut(Piece) -> Result<(), FetchError>) -> Result<(), Break> {
    // The sockets have timeouts of their own; these are for waits outside them, such as a resolver that hangs.
    let mut patience = ctx.timeouts.connect * 2 + ctx.timeouts.stall + TICK * 20;
    let mut last = Instant::now();
    loop {
        ctx.check().map_err(Break::Stop)?;
        match receiver.recv_timeout(TICK) {
            Ok(Message::Start { offset, total }) => {
                patience = ctx.timeouts.stall + TICK * 20;
                sink(Piece::Start { offset, total }).map_err(Break::Stop)?;
            }
            Ok(Message::Bytes(bytes)) => sink(Piece::Bytes(&bytes)).map_err(Break::Stop)?,
            Ok(Message::End) => return Ok(()),
            Ok(Message::Fail(why)) => return Err(why),
            Err(RecvTimeoutError::Timeout) if last.elapsed() < patience => continue,
            Err(RecvTimeoutError::Timeout) => return Err(Break::Stall(format!("no byte in {} s", patience.as_secs()))),
            Err(RecvTimeoutError::Disconnected) => return Err(Break::Cut("the transfer ended without a word".into())),
        }
        last = Instant::now();
    }
}

fn agent(ctx: &Context) -> Agent {
    let times = ctx.timeouts;
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("bootwright/", env!("CARGO_PKG_VERSION")))
        .accept("*/*")
        .accept_encoding("identity") // the hash is of the file, not of a packing on the way
        .timeout_resolve(Some(times.connect))
        .timeout_connect(Some(times.connect))
        .timeout_recv_response(Some(times.stall))
        .timeout_per_read(Some(times.stall))
        .timeout_per_write(Some(times.stall));
    if !ctx.proxy_from_env {
        config = config.proxy(None);
    }
    config.build().new_agent()
}

fn read(agent: &Agent, url: &str, from: u64, to: &SyncSender<Message>) {
    // A send fails only when the listener is gone, and then nobody wants the rest.
    let last = match body(agent, url, from, to) {
        Ok(()) => Message::End,
        Err(why) => Message::Fail(why),
    };
    let _ = to.send(last);
}

fn body(agent: &Agent, url: &str, from: u64, to: &SyncSender<Message>) -> Result<(), Break> {
    let mut request = agent.get(url);
    if from > 0 {
        request = request.header("Range", format!("bytes={from}-"));
    }
    let answer = request.call().map_err(classify)?;
    let length = answer.body().content_length();
    let (offset, total) = match answer.status().as_u16() {
        200 => (0, length),
        206 => {
            let range = answer.headers().get("content-range").and_then(|v| v.to_str().ok()).and_then(content_range);
            let Some((offset, total)) = range else { return Err(Break::Status(206)) };
            (offset, total.or(length.map(|l| offset.saturating_add(l))))
        }
        other => return Err(Break::Status(other)),
    };
    let gone = |_| Break::Cut("nobody listens".into());
    to.send(Message::Start { offset, total }).map_err(gone)?;
    let mut reader = answer.into_body().into_reader();
    let mut at = offset;
    loop {
        let mut piece = vec![0; 128 << 10];
        let n = reader.read(&mut piece).map_err(|e| match e.kind() {
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Break::Stall(e.to_string()),
            _ if e.to_string().starts_with("timeout") => Break::Stall(e.to_string()),
            _ => Break::Cut(e.to_string()),
        })?;
        if n == 0 {
            break;
        }
        piece.truncate(n);
        at += n as u64;
        to.send(Message::Bytes(piece)).map_err(gone)?;
    }
    match total {
        Some(total) if at < total => Err(Break::Cut(format!("the connection closed at byte {at} of {total}"))),
        _ => Ok(()),
    }
}

/// `bytes 100-199/200` → (100, Some(200)); the size may be `*`.
fn content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.trim().parse().ok()?, total.trim().parse().ok()))
}

fn classify(error: ureq::Error) -> Break {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match &error {
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Break::Unreachable(error.to_string()),
        ureq::Error::Timeout(_) => Break::Stall(error.to_string()),
        ureq::Error::Io(e) if matches!(e.kind(), ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof) => {
            Break::Cut(error.to_string())
        }
        _ => Break::Unreachable(error.to_string()),
    }
}
