//! What the tests share: a server that misbehaves on request, hashes, archives.
#![allow(clippy::unwrap_used, clippy::panic)] // in tests a panic is the report
#![allow(dead_code)] // each test file uses its part

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bootwright_sources::{Context, Progress, Provider, Request, Timeouts};
use sha2::{Digest, Sha256};

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Bytes that do not repeat, so that pieces put together in the wrong way show.
pub fn noise(len: usize) -> Vec<u8> {
    (0..len as u64 / 8 + 1).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17).to_le_bytes()).take(len).collect()
}

/// What the server does at one path.
#[derive(Clone)]
pub enum Manner {
    /// All of it; ranges work.
    Good(Vec<u8>),
    /// All of it, always from the start.
    IgnoresRange(Vec<u8>),
    /// Sends this many bytes an answer, then cuts the line; ranges work.
    Cuts(Vec<u8>, usize),
    /// Cuts the first answer and ignores the range of the next.
    CutsOnceIgnoresRange(Vec<u8>, usize),
    /// Sends this many bytes an answer, then is silent with the line open.
    Stalls(Vec<u8>, usize),
    /// A little now and then, for ever.
    Slow(Vec<u8>),
    Redirect(String),
    Status(u16),
    /// Without a length: the end of the line is the end of the file.
    NoLength(Vec<u8>),
}

pub struct Server {
    address: String,
    manners: Arc<Mutex<HashMap<String, Manner>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A path asked for, with the first byte of the range.
pub type Seen = (String, Option<u64>);

impl Server {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = Self { address, manners: Arc::default(), seen: Arc::default() };
        let (manners, seen) = (server.manners.clone(), server.seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manners, seen) = (manners.clone(), seen.clone());
                std::thread::spawn(move || answer(stream, &manners, &seen));
            }
        });
        server
    }

    pub fn at(&self, path: &str, manner: Manner) -> String {
        self.manners.lock().unwrap().insert(path.into(), manner);
        format!("http://{}{path}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn answer(stream: TcpStream, manners: &Mutex<HashMap<String, Manner>>, seen: &Mutex<Vec<Seen>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let mut range = None;
    for line in lines {
        let line = line.ok()?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(from) = line.strip_prefix("range: bytes=") {
            range = from.trim_end_matches('-').parse::<u64>().ok();
        }
    }
    let times = {
        let mut seen = seen.lock().unwrap();
        seen.push((path.clone(), range));
        seen.iter().filter(|(p, _)| *p == path).count()
    };
    let manner = manners.lock().unwrap().get(&path).cloned().unwrap_or(Manner::Status(404));
    match manner {
        Manner::Good(body) => send(stream, &body, range, usize::MAX),
        Manner::IgnoresRange(body) => send(stream, &body, None, usize::MAX),
        Manner::Cuts(body, n) => send(stream, &body, range, n),
        Manner::CutsOnceIgnoresRange(body, n) => send(stream, &body, None, if times == 1 { n } else { usize::MAX }),
        Manner::Stalls(body, n) => {
            send(stream.try_clone().ok()?, &body, range, n);
            std::thread::sleep(Duration::from_secs(60));
            drop(stream);
            Some(())
        }
        Manner::Slow(body) => {
            send(stream.try_clone().ok()?, &body, range, 0);
            for byte in body {
                (&stream).write_all(&[byte]).ok()?;
                std::thread::sleep(Duration::from_millis(20));
            }
            Some(())
        }
        Manner::Redirect(to) => {
            write!(&stream, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()
        }
        Manner::Status(code) => write!(&stream, "HTTP/1.1 {code} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok(),
        Manner::NoLength(body) => {
            write!(&stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
            (&stream).write_all(&body).ok()
        }
    }
}

fn send(mut stream: TcpStream, body: &[u8], range: Option<u64>, most: usize) -> Option<()> {
    let from = usize::try_from(range.unwrap_or(0)).ok()?;
    let total = body.len();
    if from > 0 && from >= total {
        return write!(stream, "HTTP/1.1 416 No\r\nContent-Range: bytes */{total}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok();
    }
    let rest = &body[from..];
    match range {
        None => write!(stream, "HTTP/1.1 200 OK\r\n").ok()?,
        Some(_) => write!(stream, "HTTP/1.1 206 Partial\r\nContent-Range: bytes {from}-{}/{total}\r\n", total - 1).ok()?,
    }
    write!(stream, "Content-Length: {}\r\nConnection: close\r\n\r\n", rest.len()).ok()?;
    stream.write_all(&rest[..rest.len().min(most)]).ok()
}

/// A place to fetch to, with what was told.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub cancel: AtomicBool,
    pub notes: Mutex<Vec<String>>,
}

impl Bench {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), cancel: AtomicBool::new(false), notes: Mutex::default() }
    }

    /// Runs with a context whose patience is short.
    pub fn with<T>(&self, run: impl FnOnce(&mut Context) -> T) -> T {
        let tell = |p: Progress| {
            if let Progress::Note(line) = p {
                self.notes.lock().unwrap().push(line);
            }
        };
        let mut ctx = Context::new(self.folder.path().join("downloads"), &tell, &self.cancel);
        ctx.proxy_from_env = false;
        ctx.timeouts = Timeouts { connect: Duration::from_secs(2), stall: Duration::from_millis(700), kill: Duration::from_millis(500) };
        run(&mut ctx)
    }

    pub fn fetch(&self, request: &Request) -> Result<bootwright_sources::Fetched, bootwright_sources::FetchError> {
        self.with(|ctx| bootwright_sources::fetch(request, ctx))
    }

    pub fn notes(&self) -> String {
        self.notes.lock().unwrap().join("\n")
    }

    /// Names in the downloads folder, without the hashes.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path().join("downloads"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .map(|n| n.get(64..).map(str::to_owned).unwrap_or(n))
            .collect();
        names.sort();
        names
    }
}

pub fn request(providers: Vec<Provider>) -> Request {
    Request { name: "thing".into(), providers, prefer: None, locked: None }
}

pub fn urls(sha256: &str, urls: &[&str]) -> Provider {
    Provider::Url { urls: urls.iter().map(|u| (*u).to_owned()).collect(), sha256: sha256.into(), size: None }
}

/// Puts a program in place that plays apt-get.
pub fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
