//! A DNS server for one guest, on 127.0.0.1: answers the names it was given, and remembers what it was asked.

use crate::error::BootError;
use simple_dns::{CLASS, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, RCODE, ResourceRecord, TYPE, rdata};
use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Queries remembered; later ones are answered only.
const REMEMBERED: usize = 10_000;
/// How soon a server thread sees that it should end.
const SLICE: Duration = Duration::from_millis(100);
/// How long one TCP connection may take the service for itself.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// In lower case, without the last dot.
    pub name: String,
    /// `A`, `AAAA` …
    pub kind: String,
    pub tcp: bool,
}

/// Ends when dropped.
#[derive(Debug)]
pub struct DnsServer {
    port: u16,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    names: BTreeMap<String, Ipv4Addr>,
    queries: Mutex<Vec<Query>>,
    stop: AtomicBool,
}

impl DnsServer {
    /// Serves UDP and TCP on `port` of 127.0.0.1; 0 takes a free one.
    ///
    /// # Errors
    /// If the port cannot be bound: below 1024 that takes root, or [`crate::command_in_namespace`].
    pub fn start(port: u16, names: impl IntoIterator<Item = (String, Ipv4Addr)>) -> Result<DnsServer, BootError> {
        let (udp, tcp) = bind(port).map_err(BootError::io(format!("serve DNS on 127.0.0.1:{port}")))?;
        let names = names.into_iter().map(|(name, address)| (plain(&name), address)).collect();
        let shared = Arc::new(Shared { names, queries: Mutex::default(), stop: AtomicBool::new(false) });
        let port = udp.local_addr().map_err(BootError::io("ask for the DNS server's port"))?.port();
        let mut server = DnsServer { port, shared, threads: Vec::new() };
        let (for_udp, for_tcp) = (server.shared.clone(), server.shared.clone());
        server.spawn("dns-udp", move || serve_udp(&udp, &for_udp))?;
        server.spawn("dns-tcp", move || serve_tcp(&tcp, &for_tcp))?;
        Ok(server)
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), BootError> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(body);
        self.threads.push(thread.map_err(BootError::io("start a thread of the DNS server"))?);
        Ok(())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What was asked so far, in order.
    pub fn queries(&self) -> Vec<Query> {
        self.shared.queries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn bind(port: u16) -> io::Result<(UdpSocket, TcpListener)> {
    let mut last = io::Error::from(ErrorKind::AddrInUse);
    // A free UDP port may be taken for TCP; then another is tried.
    for _ in 0..if port == 0 { 20 } else { 1 } {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
        udp.set_read_timeout(Some(SLICE))?;
        match TcpListener::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, udp.local_addr()?.port())) {
            Ok(tcp) => return tcp.set_nonblocking(true).map(|()| (udp, tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn serve_udp(socket: &UdpSocket, shared: &Shared) {
    let mut buffer = [0; 4096];
    while !shared.stop.load(Ordering::Relaxed) {
        // Errors are a timeout, or the echo of an answer that nobody took; neither ends the service.
        if let Ok((count, from)) = socket.recv_from(&mut buffer)
            && let Some(answer) = shared.answer(buffer.get(..count).unwrap_or_default(), false)
        {
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn serve_tcp(listener: &TcpListener, shared: &Shared) {
    while !shared.stop.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => {
                let _ = converse(stream, shared);
            }
            Err(_) => std::thread::sleep(SLICE / 2),
        }
    }
}

/// One connection at a time, each with little patience: the one client is a guest on this machine.
fn converse(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(SLICE))?;
    stream.set_write_timeout(Some(SLICE * 5))?;
    let end = Instant::now() + PATIENCE;
    loop {
        let mut length = [0; 2];
        read_all(&mut stream, &mut length, end, shared)?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        read_all(&mut stream, &mut message, end, shared)?;
        let Some(answer) = shared.answer(&message, true) else { return Ok(()) };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes(), answer.as_slice()].concat())?;
    }
}

/// `read_exact` with an end, whatever small bites the client sends.
fn read_all(stream: &mut TcpStream, mut buffer: &mut [u8], end: Instant, shared: &Shared) -> io::Result<()> {
    while !buffer.is_empty() {
        if Instant::now() > end || shared.stop.load(Ordering::Relaxed) {
            return Err(ErrorKind::TimedOut.into());
        }
        match stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => buffer = buffer.get_mut(count..).unwrap_or_default(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Shared {
    /// The answer to one message; `None` for what is no question and must not be answered (two servers answering each
    /// other's answers never stop).
    fn answer(&self, message: &[u8], tcp: bool) -> Option<Vec<u8>> {
        let header = message.get(..12)?;
        if header[2] & 0x80 != 0 {
            return None;
        }
        let id = u16::from_be_bytes([header[0], header[1]]);
        let refuse = |code: RCODE| {
            let mut reply = Packet::new_reply(id);
            *reply.rcode_mut() = code;
            reply.build_bytes_vec().ok()
        };
        // A question has one question, no answers, and at most EDNS besides. Looked at before parsing, as the parser makes
        // room for as many records as the header claims.
        if header[4..10] != [0, 1, 0, 0, 0, 0] || header[10] != 0 || header[11] > 4 {
            return refuse(RCODE::FormatError);
        }
        let Ok(packet) = Packet::parse(message) else { return refuse(RCODE::FormatError) };
        let Some(question) = packet.questions.first() else { return refuse(RCODE::FormatError) };
        if packet.opcode() != OPCODE::StandardQuery || question.qclass != QCLASS::CLASS(CLASS::IN) {
            return refuse(RCODE::NotImplemented);
        }
        let name = plain(&question.qname.to_string());
        self.remember(Query { name: name.clone(), kind: kind(question.qtype), tcp });
        let mut reply = Packet::new_reply(id);
        reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER | PacketFlag::RECURSION_AVAILABLE);
        if packet.has_flags(PacketFlag::RECURSION_DESIRED) {
            reply.set_flags(PacketFlag::RECURSION_DESIRED);
        }
        match self.names.get(&name) {
            None => *reply.rcode_mut() = RCODE::NameError,
            Some(address) if matches!(question.qtype, QTYPE::TYPE(TYPE::A) | QTYPE::ANY) => {
                let record = simple_dns::rdata::RData::A(rdata::A { address: (*address).into() });
                reply.answers.push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 5, record));
            }
            Some(_) => {} // the name exists, and has no such record
        }
        reply.questions.push(question.clone());
        reply.build_bytes_vec_compressed().ok()
    }

    fn remember(&self, query: Query) {
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        if queries.len() < REMEMBERED {
            queries.push(query);
        }
    }
}

fn kind(kind: QTYPE) -> String {
    match kind {
        QTYPE::TYPE(kind) => format!("{kind:?}"),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::{Name, Question};

    const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

    fn server() -> DnsServer {
        DnsServer::start(0, [("Known.Test.".to_owned(), ADDRESS)]).unwrap()
    }

    fn query(name: &str, kind: TYPE) -> Vec<u8> {
        let mut packet = Packet::new_query(77);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Question::new(Name::new(name).unwrap(), kind.into(), CLASS::IN.into(), false));
        packet.build_bytes_vec().unwrap()
    }

    fn client(server: &DnsServer) -> UdpSocket {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket
    }

    fn ask(socket: &UdpSocket, message: &[u8]) -> Vec<u8> {
        socket.send(message).unwrap();
        let mut buffer = [0; 1024];
        let count = socket.recv(&mut buffer).unwrap();
        buffer[..count].to_vec()
    }

    #[test]
    fn a_known_name_has_its_address_no_ipv6_and_others_do_not_exist() {
        let server = server();
        let socket = client(&server);
        let bytes = ask(&socket, &query("kNOWN.test", TYPE::A));
        let reply = Packet::parse(&bytes).unwrap();
        assert_eq!((reply.id(), reply.rcode(), reply.answers.len(), reply.questions.len()), (77, RCODE::NoError, 1, 1));
        assert!(reply.has_flags(PacketFlag::RESPONSE | PacketFlag::RECURSION_DESIRED | PacketFlag::AUTHORITATIVE_ANSWER));
        assert!(matches!(&reply.answers[0].rdata, rdata::RData::A(a) if a.address == u32::from(ADDRESS)));
        let bytes = ask(&socket, &query("known.test", TYPE::AAAA));
        let reply = Packet::parse(&bytes).unwrap();
        assert_eq!((reply.rcode(), reply.answers.len()), (RCODE::NoError, 0));
        let bytes = ask(&socket, &query("other.test", TYPE::A));
        assert_eq!(Packet::parse(&bytes).unwrap().rcode(), RCODE::NameError);
        let seen: Vec<_> = server.queries().into_iter().map(|query| (query.name, query.kind)).collect();
        assert_eq!(seen, [("known.test", "A"), ("known.test", "AAAA"), ("other.test", "A")].map(|(n, k)| (n.to_owned(), k.to_owned())));
    }

    #[test]
    fn tcp_answers_too_and_a_silent_client_does_not_stop_it() {
        let server = server();
        let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let message = query("known.test", TYPE::A);
        stream.write_all(&(message.len() as u16).to_be_bytes()).unwrap();
        stream.write_all(&message).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut answer = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(Packet::parse(&answer).unwrap().answers.len(), 1);
        assert!(server.queries()[0].tcp);
    }

    #[test]
    fn hostile_messages_get_a_refusal_or_silence_and_the_service_goes_on() {
        let shared = Shared { names: BTreeMap::new(), queries: Mutex::default(), stop: AtomicBool::new(false) };
        let good = query("known.test", TYPE::A);
        for length in 0..good.len() {
            let answer = shared.answer(&good[..length], false);
            assert_eq!(answer.is_none(), length < 12, "cut to {length} bytes");
        }
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                shared.answer(&bad, true);
            }
        }
        // A name that points to itself; a header that claims 65535 records; an answer instead of a question.
        let pointer = [&good[..12], &[0xc0, 12, 0, 1, 0, 1]].concat();
        let refused = shared.answer(&pointer, false).unwrap();
        assert_eq!(Packet::parse(&refused).unwrap().rcode(), RCODE::FormatError);
        let mut many = good.clone();
        many[4..12].fill(0xff);
        assert_eq!(Packet::parse(&shared.answer(&many, false).unwrap()).unwrap().rcode(), RCODE::FormatError);
        let mut answer = good.clone();
        answer[2] |= 0x80;
        assert_eq!(shared.answer(&answer, false), None);
        // Bytes from a fixed generator, in the place of the question.
        let mut state = 1_u32;
        for _ in 0..20_000 {
            let noise: Vec<u8> = (0..40)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect();
            shared.answer(&[&good[..12], noise.as_slice()].concat(), false);
        }
        let server = server();
        let socket = client(&server);
        socket.send(&[0xff; 600]).unwrap();
        socket.send(&[]).unwrap();
        assert_eq!(Packet::parse(&ask(&socket, &good)).unwrap().answers.len(), 1);
    }

    #[test]
    fn the_end_frees_the_port() {
        let server = server();
        let port = server.port();
        assert!(DnsServer::start(port, []).is_err());
        drop(server);
        assert!(DnsServer::start(port, []).is_ok());
    }
}
