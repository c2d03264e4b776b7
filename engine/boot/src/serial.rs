//! The guest's serial port: what it prints arrives over a channel, what we type goes into a socket.

use crate::error::BootError;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::{
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Chunks waiting to be read. A full channel blocks the reader, then the socket, then the guest's port: a guest that prints
/// without end is slowed down and fills no memory, and nothing it prints is lost.
const WAITING_CHUNKS: usize = 1024;
/// How long one write waits for the guest before it looks whether it should give up.
const WRITE_SLICE: Duration = Duration::from_millis(100);

/// Both directions of one serial port. A clone shares the port: each chunk goes to one of the receivers.
#[derive(Debug)]
pub struct SerialPort {
    /// What the guest printed. Closed when the guest has ended and everything was read.
    pub bytes: Receiver<Vec<u8>>,
    keys: UnixStream,
}

impl SerialPort {
    /// Takes over a connected socket and reads it in a thread of its own until its other end closes.
    pub fn new(stream: UnixStream) -> Result<SerialPort, BootError> {
        let prepare = || -> io::Result<UnixStream> {
            stream.set_nonblocking(false)?;
            stream.set_write_timeout(Some(WRITE_SLICE))?;
            stream.try_clone()
        };
        let keys = prepare().map_err(BootError::io("prepare the socket of the guest's serial port"))?;
        let (sender, bytes) = bounded(WAITING_CHUNKS);
        std::thread::Builder::new()
            .name("guest-serial".into())
            .spawn(move || pump(stream, &sender))
            .map_err(BootError::io("start the thread that reads the guest's serial port"))?;
        Ok(SerialPort { bytes, keys })
    }

    pub fn try_clone(&self) -> Result<SerialPort, BootError> {
        let keys = self.keys.try_clone().map_err(BootError::io("share the guest's serial port"))?;
        Ok(SerialPort { bytes: self.bytes.clone(), keys })
    }

    /// Types `bytes`. A guest reads no faster than its terminal does, so this can take a while.
    ///
    /// # Errors
    /// `Timeout` if the guest did not take them within `limit`, `GuestEnded`, `Cancelled`.
    pub fn send(&self, mut bytes: &[u8], limit: Duration, cancel: &AtomicBool) -> Result<(), BootError> {
        let end = Instant::now() + limit;
        let awaited = "the guest to take what is typed";
        while !bytes.is_empty() {
            match (&self.keys).write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
                Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                    return Err(BootError::GuestEnded { awaited: awaited.into(), last_lines: String::new() });
                }
                Err(source) => return Err(BootError::Io { what: "type at the guest's serial port".into(), source }),
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(BootError::Cancelled);
            }
            if !bytes.is_empty() && Instant::now() > end {
                return Err(BootError::Timeout { awaited: awaited.into(), limit, last_lines: String::new() });
            }
        }
        Ok(())
    }
}

fn pump(mut stream: UnixStream, sender: &Sender<Vec<u8>>) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                if sender.send(buffer.get(..count).unwrap_or_default().to_vec()).is_err() {
                    return; // nobody listens any more
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return, // the guest's end is gone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NEVER: AtomicBool = AtomicBool::new(false);

    #[test]
    fn nothing_is_lost_however_late_it_is_read() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let port = SerialPort::new(ours).unwrap();
        // More than the channel holds: the writer must be made to wait.
        let writer = std::thread::spawn(move || {
            for number in 0..2_000_000_u32 {
                theirs.write_all(&number.to_le_bytes()).unwrap();
            }
        });
        std::thread::sleep(Duration::from_millis(50));
        let all: Vec<u8> = port.bytes.iter().flatten().collect();
        writer.join().unwrap();
        assert_eq!(all.len(), 8_000_000);
        assert!(all.chunks(4).enumerate().all(|(number, bytes)| bytes == (number as u32).to_le_bytes()));
    }

    #[test]
    fn a_guest_that_reads_nothing_is_a_timeout_and_cancel_ends_it() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let port = SerialPort::new(ours).unwrap();
        let much = vec![b'x'; 4_000_000];
        let error = port.send(&much, Duration::from_millis(300), &NEVER).unwrap_err();
        assert!(matches!(error, BootError::Timeout { .. }), "{error}");
        let error = port.send(&much, Duration::from_secs(60), &AtomicBool::new(true)).unwrap_err();
        assert!(matches!(error, BootError::Cancelled), "{error}");
    }

    #[test]
    fn typing_at_an_ended_guest_says_so() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let port = SerialPort::new(ours).unwrap();
        drop(theirs);
        let error = port.send(b"x", Duration::from_secs(5), &NEVER).unwrap_err();
        assert!(matches!(error, BootError::GuestEnded { .. }), "{error}");
        assert!(port.bytes.recv().is_err());
    }
}
