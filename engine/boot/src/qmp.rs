//! The machine monitor: QEMU's JSON protocol (QMP) over a unix socket, one command and its answer at a time.

use crate::error::BootError;
use serde_json::{Value, json};
use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Longest line taken from QEMU; a real answer has some hundred bytes.
const LONGEST_LINE: usize = 1 << 20;
/// Events remembered, the oldest go first.
const EVENTS: usize = 256;

#[derive(Debug)]
pub struct Qmp {
    stream: UnixStream,
    waiting: Vec<u8>,
    number: u64,
    events: Vec<Value>,
}

impl Qmp {
    /// Reads the greeting and leaves negotiation.
    pub fn new(stream: UnixStream, limit: Duration, cancel: &AtomicBool) -> Result<Qmp, BootError> {
        let prepare = || {
            stream.set_nonblocking(false)?;
            stream.set_write_timeout(Some(Duration::from_secs(2)))?;
            stream.set_read_timeout(Some(Duration::from_millis(100)))
        };
        prepare().map_err(BootError::io("prepare the socket of QEMU's monitor"))?;
        let mut qmp = Qmp { stream, waiting: Vec::new(), number: 0, events: Vec::new() };
        let greeting = qmp.line("greeting", Instant::now() + limit, cancel)?;
        if greeting.get("QMP").is_none() {
            return Err(monitor("greeting", format!("it greets with {greeting}")));
        }
        qmp.execute("qmp_capabilities", Value::Null, limit, cancel)?;
        Ok(qmp)
    }

    /// Executes one command and returns what stands under `return`. Events that come in between are kept.
    pub fn execute(&mut self, command: &str, arguments: Value, limit: Duration, cancel: &AtomicBool) -> Result<Value, BootError> {
        self.number += 1;
        let mut message = json!({ "execute": command, "id": self.number });
        if let (Some(object), false) = (message.as_object_mut(), arguments.is_null()) {
            object.insert("arguments".into(), arguments);
        }
        let end = Instant::now() + limit;
        self.stream.write_all(format!("{message}\n").as_bytes()).map_err(|error| monitor(command, error.to_string()))?;
        loop {
            let answer = self.line(command, end, cancel)?;
            if answer.get("event").is_some() {
                if self.events.len() >= EVENTS {
                    self.events.remove(0);
                }
                self.events.push(answer);
            } else if answer.get("id").and_then(Value::as_u64) != Some(self.number) {
                continue; // the late answer of a command that we gave up on
            } else if let Some(error) = answer.get("error") {
                let text = error.get("desc").and_then(Value::as_str).map_or_else(|| error.to_string(), str::to_owned);
                return Err(monitor(command, text));
            } else {
                return Ok(answer.get("return").cloned().unwrap_or(Value::Null));
            }
        }
    }

    /// The events seen so far, oldest first, and forgets them.
    pub fn take_events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    fn line(&mut self, command: &str, end: Instant, cancel: &AtomicBool) -> Result<Value, BootError> {
        loop {
            if let Some(at) = self.waiting.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.waiting.drain(..=at).collect();
                return serde_json::from_slice(&line).map_err(|error| monitor(command, format!("it says what is no JSON: {error}")));
            }
            if self.waiting.len() > LONGEST_LINE {
                return Err(monitor(command, "its answer does not end".into()));
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(BootError::Cancelled);
            }
            if Instant::now() > end {
                return Err(monitor(command, "no answer within the time limit".into()));
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(monitor(command, "QEMU has ended".into())),
                Ok(count) => self.waiting.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
                Err(error) => return Err(monitor(command, error.to_string())),
            }
        }
    }
}

fn monitor(command: &str, why: String) -> BootError {
    BootError::Monitor { command: command.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};

    static NEVER: AtomicBool = AtomicBool::new(false);
    const LIMIT: Duration = Duration::from_secs(10);

    /// Greets, then answers the nth line with the nth text (`ID` becomes the asked id).
    fn fake(greeting: &'static str, answers: Vec<&'static str>) -> UnixStream {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        std::thread::spawn(move || {
            let _ = theirs.write_all(greeting.as_bytes());
            let mut lines = BufReader::new(theirs.try_clone().unwrap()).lines();
            for answer in answers {
                let Some(Ok(line)) = lines.next() else { return };
                let asked: Value = serde_json::from_str(&line).unwrap();
                let _ = theirs.write_all(answer.replace("ID", &asked["id"].to_string()).as_bytes());
            }
            let _ = lines.next();
        });
        ours
    }

    #[test]
    fn events_and_late_answers_are_not_taken_for_the_answer() {
        let stream = fake(
            "{\"QMP\":{}}\n",
            vec![
                "{\"return\":{},\"id\":ID}\n",
                "{\"event\":\"STOP\"}\n{\"return\":1,\"id\":1}\n{\"return\":{\"status\":\"running\"},\"id\":ID}\n",
            ],
        );
        let mut qmp = Qmp::new(stream, LIMIT, &NEVER).unwrap();
        assert_eq!(qmp.execute("query-status", Value::Null, LIMIT, &NEVER).unwrap()["status"], "running");
        assert_eq!(qmp.take_events().len(), 1);
    }

    #[test]
    fn refusals_ends_and_nonsense_are_errors_with_the_command() {
        let ok = "{\"return\":{},\"id\":ID}\n";
        for (answer, part) in [("{\"error\":{\"desc\":\"not so\"},\"id\":ID}\n", "not so"), ("nonsense\n", "no JSON"), ("", "time limit")] {
            let mut qmp = Qmp::new(fake("{\"QMP\":{}}\n", vec![ok, answer]), LIMIT, &NEVER).unwrap();
            let error = qmp.execute("quit", Value::Null, Duration::from_millis(500), &NEVER).unwrap_err().to_string();
            assert!(error.contains("quit") && error.contains(part), "{error}");
        }
        assert!(Qmp::new(fake("{}\n", vec![]), LIMIT, &NEVER).is_err());
        let mut qmp = Qmp::new(fake("{\"QMP\":{}}\n", vec![ok]), LIMIT, &NEVER).unwrap();
        let error = qmp.execute("quit", Value::Null, LIMIT, &AtomicBool::new(true)).unwrap_err();
        assert!(matches!(error, BootError::Cancelled));
    }
}
