//! An HTTP server for one guest, on 127.0.0.1: serves one text under one path, and remembers what was requested.

use crate::{error::BootError, token::token};
use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use tiny_http::{Response, Server};

/// Requests remembered; later ones are answered only.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` …
    pub method: String,
    pub path: String,
    /// What the client named as host, with its port.
    pub host: Option<String>,
    pub status: u16,
}

/// Ends when dropped.
#[derive(Debug)]
pub struct HttpServer {
    port: u16,
    path: String,
    text: String,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Serves a text that nobody can know, under a path that nobody can know, on a free port.
    pub fn start() -> Result<HttpServer, BootError> {
        let what = "serve HTTP on 127.0.0.1";
        let server = Server::http((Ipv4Addr::LOCALHOST, 0))
            .map_err(|error| BootError::Io { what: what.into(), source: std::io::Error::other(error) })?;
        let Some(address) = server.server_addr().to_ip() else {
            return Err(BootError::Io { what: what.into(), source: std::io::Error::other("it has no port") });
        };
        let (path, text) = (format!("/{}", token()), token());
        let (requests, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::Builder::new().name("http".into()).spawn({
            let (path, text, requests, stop) = (path.clone(), text.clone(), Arc::clone(&requests), Arc::clone(&stop));
            move || serve(&server, &path, &text, &requests, &stop)
        });
        let thread = Some(thread.map_err(BootError::io("start the thread of the HTTP server"))?);
        Ok(HttpServer { port: address.port(), path, text, requests, stop, thread })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the text is, with a slash at the beginning.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is served there.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was requested so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(server: &Server, path: &str, text: &str, requests: &Mutex<Vec<Request>>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let Ok(Some(request)) = server.recv_timeout(Duration::from_millis(100)) else { continue };
        let (status, body) = if request.url() != path {
            (404, "no such path\n".to_owned())
        } else if request.method().as_str() == "GET" || request.method().as_str() == "HEAD" {
            (200, format!("{text}\n"))
        } else {
            (405, "only GET and HEAD\n".to_owned())
        };
        let host = request.headers().iter().find(|header| header.field.equiv("Host")).map(|header| header.value.to_string());
        let seen = Request { method: request.method().to_string(), path: request.url().to_owned(), host, status };
        // Remembered before it is answered, so that who has the answer finds the request.
        let mut all = requests.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < REMEMBERED {
            all.push(seen);
        }
        drop(all);
        let _ = request.respond(Response::from_string(body).with_status_code(status)); // a client that left is no fault of ours
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        net::TcpStream,
    };

    fn talk(server: &HttpServer, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn request(method: &str, path: &str) -> Vec<u8> {
        format!("{method} {path} HTTP/1.1\r\nHost: name.test:80\r\nConnection: close\r\n\r\n").into_bytes()
    }

    #[test]
    fn the_text_is_under_its_path_only_and_requests_are_remembered() {
        let server = HttpServer::start().unwrap();
        let answer = talk(&server, &request("GET", server.path()));
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&format!("\r\n{}\n", server.text())), "{answer}");
        assert!(talk(&server, &request("GET", "/")).starts_with("HTTP/1.1 404"));
        assert!(talk(&server, &request("POST", server.path())).starts_with("HTTP/1.1 405"));
        let seen: Vec<_> = server.requests().into_iter().map(|r| (r.method, r.status)).collect();
        assert_eq!(seen, [("GET".to_owned(), 200), ("GET".to_owned(), 404), ("POST".to_owned(), 405)]);
        assert_eq!(server.requests()[0].host.as_deref(), Some("name.test:80"));
    }

    #[test]
    fn nonsense_does_not_end_the_service_and_two_servers_share_nothing() {
        let (server, other) = (HttpServer::start().unwrap(), HttpServer::start().unwrap());
        assert_ne!((server.path(), server.text()), (other.path(), other.text()));
        for bytes in [
            &b"\0\xff\r\n\r\n"[..],
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET / HTTP/1.1\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        ] {
            talk(&server, bytes);
        }
        assert!(talk(&server, &request("GET", server.path())).contains(server.text()));
    }

    #[test]
    fn the_end_frees_the_port() {
        let server = HttpServer::start().unwrap();
        let port = server.port();
        drop(server);
        std::thread::sleep(Duration::from_millis(100));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}
