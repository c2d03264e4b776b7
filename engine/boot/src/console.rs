//! Drives a guest through its serial console as a person would: waits for what it prints, types, reads the answer.
//!
//! The console is a terminal that echoes, wraps long lines, and lets the kernel print in between. So no prompt and no echo is
//! ever parsed: each command prints a word before and a word after its output, which no one can have printed before, and
//! which is typed in two halves (`BW''B…`) so that its echo is not it.

mod shell;
#[cfg(test)]
mod tests;
mod transcript;

use crate::{error::BootError, serial::SerialPort};
use crossbeam_channel::RecvTimeoutError;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
pub use transcript::Transcript;

/// How soon a wait sees that it was cancelled.
const SLICE: Duration = Duration::from_millis(100);
/// What the kernel prints when it stops for good (`panic()` in kernel/panic.c).
const PANIC: &[u8] = b"Kernel panic - not syncing";
/// After a panic's first line the rest of its report is waited for this long.
const PANIC_REPORT: Duration = Duration::from_millis(800);
/// Lines of the console that an error shows.
const LAST_LINES: usize = 15;

/// What a command printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output and errors as they came, with `\n` at the end of lines. A serial console cannot tell them apart.
    pub stdout: String,
    pub status: i32,
}

impl Output {
    pub fn success(&self) -> bool {
        self.status == 0
    }
}

/// Sees every chunk as it is read.
pub type Tap<'c> = &'c dyn Fn(&[u8]);

/// One guest's console. Keeps all that was printed.
pub struct Console<'c> {
    port: SerialPort,
    cancel: &'c AtomicBool,
    tap: Option<Tap<'c>>,
    transcript: Transcript,
    /// Where the next wait begins to look.
    cursor: usize,
    /// Up to where a panic was looked for.
    inspected: usize,
    panicked: Option<GuestPanic>,
    last_byte: Instant,
}

#[derive(Clone)]
struct GuestPanic {
    reason: String,
    last_lines: String,
}

impl<'c> Console<'c> {
    pub fn new(port: SerialPort, cancel: &'c AtomicBool) -> Console<'c> {
        let transcript = Transcript::default();
        Console { port, cancel, tap: None, transcript, cursor: 0, inspected: 0, panicked: None, last_byte: Instant::now() }
    }

    /// Shows every chunk to `tap` as it is read.
    pub fn with_tap(mut self, tap: Tap<'c>) -> Console<'c> {
        self.tap = Some(tap);
        self
    }

    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The last lines of the console, without terminal control sequences.
    pub fn last_lines(&self) -> String {
        self.transcript.last_lines(LAST_LINES)
    }

    /// Waits until `pattern` is printed, after what the last wait found, and returns what was printed before it.
    ///
    /// # Errors
    /// `Timeout`, `Panic` as soon as the guest's kernel panics, `GuestEnded`, `Cancelled` within a second.
    pub fn wait_for(&mut self, pattern: &str, limit: Duration) -> Result<String, BootError> {
        self.wait_bytes(pattern.as_bytes(), limit, &format!("{pattern:?} on the console"))
    }

    fn wait_bytes(&mut self, pattern: &[u8], limit: Duration, awaited: &str) -> Result<String, BootError> {
        let end = Instant::now() + limit;
        let begin = self.cursor;
        let mut from = begin;
        loop {
            if let Some(at) = self.transcript.find(pattern, from) {
                self.cursor = at + pattern.len();
                return Ok(self.transcript.text(begin, at));
            }
            from = from.max(self.transcript.end().saturating_sub(pattern.len().saturating_sub(1)));
            self.receive(end, limit, awaited)?;
        }
    }

    /// Reads until the guest has ended, or the limit. For the time of a power-off, in which nothing is expected.
    /// Returns whether it ended. `until` is asked after each chunk or tenth of a second; `true` stops the waiting.
    pub fn drain(&mut self, limit: Duration, mut until: impl FnMut(&Console) -> bool) -> Result<bool, BootError> {
        let end = Instant::now() + limit;
        loop {
            match self.receive(end, limit, "the guest's end") {
                Ok(_) => {}
                Err(BootError::GuestEnded { .. }) => return Ok(true),
                Err(BootError::Timeout { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
            if until(self) {
                return Ok(false);
            }
        }
    }

    /// Types `text`, followed by Enter.
    pub fn send_line(&mut self, text: &str) -> Result<(), BootError> {
        let line = format!("{text}\n");
        self.port.send(line.as_bytes(), Duration::from_secs(20), self.cancel).map_err(|error| self.with_lines(error))
    }

    /// One slice of waiting. True if something came.
    fn receive(&mut self, end: Instant, limit: Duration, awaited: &str) -> Result<bool, BootError> {
        if let Some(panic) = self.panicked.clone() {
            return Err(BootError::Panic { reason: panic.reason, last_lines: panic.last_lines });
        }
        if self.cancel.load(Ordering::Relaxed) {
            return Err(BootError::Cancelled);
        }
        let left = end.saturating_duration_since(Instant::now());
        match self.port.bytes.recv_timeout(left.min(SLICE)) {
            Ok(bytes) => {
                self.take(&bytes);
                self.look_for_panic();
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                Err(BootError::Timeout { awaited: awaited.into(), limit, last_lines: self.last_lines() })
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(BootError::GuestEnded { awaited: awaited.into(), last_lines: self.last_lines() }),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if let Some(tap) = self.tap {
            tap(bytes);
        }
        self.transcript.push(bytes);
        self.last_byte = Instant::now();
    }

    /// Remembers a panic, with the report that follows its first line.
    fn look_for_panic(&mut self) {
        let from = self.inspected.saturating_sub(PANIC.len());
        self.inspected = self.transcript.end();
        let Some(at) = self.transcript.find(PANIC, from) else { return };
        if !self.transcript.begins_message(at) {
            return; // somebody quotes it
        }
        let end = Instant::now() + PANIC_REPORT;
        while let Ok(bytes) = self.port.bytes.recv_deadline(end) {
            self.take(&bytes);
        }
        let line = self.transcript.text(at, self.transcript.end());
        let reason = line.lines().next().unwrap_or_default().trim().to_owned();
        self.panicked = Some(GuestPanic { reason, last_lines: self.last_lines() });
    }

    /// Fills in what the serial port cannot know.
    fn with_lines(&self, error: BootError) -> BootError {
        match error {
            BootError::GuestEnded { awaited, .. } => BootError::GuestEnded { awaited, last_lines: self.last_lines() },
            BootError::Timeout { awaited, limit, .. } => BootError::Timeout { awaited, limit, last_lines: self.last_lines() },
            other => other,
        }
    }
}
