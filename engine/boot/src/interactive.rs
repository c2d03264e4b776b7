//! Joins our terminal to the guest's serial port, as `qemu -nographic` does: Ctrl-A x ends the guest.

use crate::{error::BootError, machine::Machine};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr},
};
use std::{
    io::{self, Write},
    os::fd::AsFd,
    process::ExitStatus,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const SLICE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// What is left to print when the guest has ended.
const REST: Duration = Duration::from_secs(2);
const HELP: &[u8] = b"\r\nCtrl-A x  end the guest\r\nCtrl-A h  this help\r\nCtrl-A Ctrl-A  type Ctrl-A\r\n";

/// How an interactive session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The guest powered off, or QEMU ended otherwise.
    Guest(ExitStatus),
    /// The user typed Ctrl-A x; the guest was ended.
    User,
}

/// Runs until the guest ends, the user ends it, or `cancel`. If standard input is no terminal, its bytes are forwarded as
/// they are (Ctrl-A has no meaning then), and its end leaves the output running until the guest ends.
pub fn interactive(machine: &mut Machine, cancel: &AtomicBool) -> Result<Ended, BootError> {
    let input = io::stdin();
    let raw = RawMode::enter(&input)?;
    let result = join(machine, &input, raw.is_some(), cancel);
    drop(raw);
    result
}

fn join(machine: &mut Machine, input: &io::Stdin, terminal: bool, cancel: &AtomicBool) -> Result<Ended, BootError> {
    let port = machine.serial().try_clone()?;
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let printer = scope.spawn(|| {
            let mut out = io::stdout();
            for bytes in port.bytes.iter() {
                out.write_all(&bytes)?;
                out.flush()?;
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
            io::Result::Ok(())
        });
        let result = type_keys(machine, input, terminal, cancel, || printer.is_finished());
        if matches!(result, Ok(Ended::Guest(_))) {
            let end = Instant::now() + REST;
            while !printer.is_finished() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        over.store(true, Ordering::Relaxed);
        machine.kill(); // closes the port, so that the printer ends
        match printer.join() {
            Ok(Err(source)) if result.is_ok() => Err(BootError::Io { what: "print what the guest prints".into(), source }),
            _ => result,
        }
    })
}

fn type_keys(
    machine: &mut Machine,
    input: &io::Stdin,
    terminal: bool,
    cancel: &AtomicBool,
    printed: impl Fn() -> bool,
) -> Result<Ended, BootError> {
    let port = machine.serial().try_clone()?;
    let mut escape = Escape::default();
    let mut open = true;
    let mut waiting: Vec<u8> = Vec::new();
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(BootError::Cancelled);
        }
        if let Some(status) = machine.try_wait()? {
            return Ok(Ended::Guest(status));
        }
        if !waiting.is_empty() {
            // A guest that is still booting takes nothing; its keys wait, and Ctrl-A x must work meanwhile.
            // So few bytes are taken whole or not at all.
            let count = waiting.len().min(16);
            match port.send(waiting.get(..count).unwrap_or_default(), Duration::ZERO, cancel) {
                Ok(()) => drop(waiting.drain(..count)),
                Err(BootError::Timeout { .. } | BootError::GuestEnded { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        // Standard output went away, or the guest closed its port: QEMU is about to end, or there is nobody to print for.
        if printed() {
            let status = machine.wait_exit(REST, cancel)?;
            return status
                .map(Ended::Guest)
                .ok_or_else(|| BootError::Io { what: "print what the guest prints".into(), source: io::ErrorKind::BrokenPipe.into() });
        }
        if !open || waiting.len() > 65536 {
            if waiting.is_empty() || waiting.len() > 65536 {
                std::thread::sleep(Duration::from_millis(20));
            }
            continue;
        }
        let slice = if waiting.is_empty() { SLICE } else { Timespec { tv_sec: 0, tv_nsec: 0 } };
        let mut ready = [PollFd::from_borrowed_fd(input.as_fd(), PollFlags::IN)];
        match poll(&mut ready, Some(&slice)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(BootError::Io { what: "wait for keys".into(), source: error.into() }),
        }
        let mut buffer = [0; 1024];
        let count = match rustix::io::read(input.as_fd(), &mut buffer) {
            Ok(count) => count,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => continue,
            Err(rustix::io::Errno::IO) => 0, // the terminal was hung up
            Err(error) => return Err(BootError::Io { what: "read keys".into(), source: error.into() }),
        };
        let keys = buffer.get(..count).unwrap_or_default();
        open = count > 0;
        if !terminal {
            waiting.extend_from_slice(keys);
            continue;
        }
        for key in keys {
            match escape.key(*key) {
                Key::Nothing => {}
                Key::Type(key) => waiting.push(key),
                Key::Help => {
                    let _ = io::stdout().write_all(HELP).and_then(|()| io::stdout().flush());
                }
                Key::End => return Ok(Ended::User),
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Key {
    Nothing,
    Type(u8),
    Help,
    End,
}

/// Whether the last key was Ctrl-A.
#[derive(Default)]
struct Escape(bool);

impl Escape {
    fn key(&mut self, key: u8) -> Key {
        const CTRL_A: u8 = 1;
        match (std::mem::replace(&mut self.0, false), key) {
            (false, CTRL_A) => {
                self.0 = true;
                Key::Nothing
            }
            (false, key) => Key::Type(key),
            (true, b'x' | b'X') => Key::End,
            (true, b'h' | b'?') => Key::Help,
            (true, CTRL_A) => Key::Type(CTRL_A),
            (true, _) => Key::Nothing, // QEMU's monitor (c) among them: its place is taken by ours
        }
    }
}

/// What the terminal was like before, while it is raw.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Gives the terminal back its settings, if an interactive session has it. For a handler of a signal or a panic that does
/// not unwind; otherwise the session does so itself.
pub fn restore_terminal() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        // Now, not when the output has drained: a stopped terminal would keep us here.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &before);
    }
}

/// The terminal in raw mode; restored on drop, so also when a panic unwinds.
struct RawMode;

impl RawMode {
    /// `None` if standard input is no terminal.
    fn enter(input: &io::Stdin) -> Result<Option<RawMode>, BootError> {
        if !isatty(input) {
            return Ok(None);
        }
        let before =
            tcgetattr(input).map_err(|error| BootError::Io { what: "read the terminal's settings".into(), source: error.into() })?;
        let mut raw = before.clone();
        raw.make_raw();
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
        let mode = RawMode;
        tcsetattr(input, OptionalActions::Now, &raw)
            .map_err(|error| BootError::Io { what: "set the terminal to raw mode".into(), source: error.into() })?;
        Ok(Some(mode))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        restore_terminal();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(typed: &[u8]) -> Vec<Key> {
        let mut escape = Escape::default();
        typed.iter().map(|key| escape.key(*key)).filter(|key| *key != Key::Nothing).collect()
    }

    #[test]
    fn ctrl_a_is_the_only_key_that_is_not_typed() {
        assert_eq!(keys(b"a\x03\x04x"), [Key::Type(b'a'), Key::Type(3), Key::Type(4), Key::Type(b'x')]);
        assert_eq!(keys(b"\x01x"), [Key::End]);
        assert_eq!(keys(b"\x01c"), []);
        assert_eq!(keys(b"\x01\x01x"), [Key::Type(1), Key::Type(b'x')]);
        assert_eq!(keys(b"\x01h\x01zq"), [Key::Help, Key::Type(b'q')]);
    }
}
