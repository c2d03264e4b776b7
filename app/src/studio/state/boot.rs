//! What the virtual machine did: its checks and what it wrote to the serial port.

use crate::studio::link::{BootEvent, CheckStatus};

/// The serial output that is kept; what came before is gone.
const KEPT: usize = 1 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum BootPhase {
    /// No machine was started.
    #[default]
    Off,
    /// It was asked for and does not run yet.
    Starting,
    Running,
    /// How it ended.
    Ended(String),
}

#[derive(Clone, Debug)]
pub struct Check {
    pub title: String,
    pub status: CheckStatus,
    pub expected: String,
    pub found: String,
}

#[derive(Debug, Default)]
pub struct Boot {
    pub phase: BootPhase,
    pub checks: Vec<Check>,
    text: String,
    /// Bytes of a character of which the rest is yet to come.
    partial: Vec<u8>,
    pub revision: u64,
}

impl Boot {
    pub fn busy(&self) -> bool {
        matches!(self.phase, BootPhase::Starting | BootPhase::Running)
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn start(&mut self) {
        *self = Self { phase: BootPhase::Starting, revision: self.revision + 1, ..Self::default() };
    }

    pub fn take(&mut self, event: BootEvent) {
        self.revision += 1;
        match event {
            BootEvent::Started => self.phase = BootPhase::Running,
            BootEvent::Output(bytes) => self.write(&bytes),
            BootEvent::Check { title, status, expected, found } => {
                let check = Check { title, status, expected, found };
                match self.checks.iter_mut().find(|c| c.title == check.title) {
                    Some(old) => *old = check,
                    None => self.checks.push(check),
                }
            }
            BootEvent::Ended(how) => self.phase = BootPhase::Ended(how),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        let cut = match std::str::from_utf8(&self.partial) {
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            _ => self.partial.len(),
        };
        let rest = self.partial.split_off(cut);
        let whole = std::mem::replace(&mut self.partial, rest);
        plain(&String::from_utf8_lossy(&whole), &mut self.text);
        if self.text.len() > KEPT {
            let mut from = self.text.len() - KEPT / 2;
            while !self.text.is_char_boundary(from) {
                from += 1;
            }
            self.text.drain(..from);
        }
    }
}

/// Leaves out what only a terminal understands: control characters and escape sequences (ECMA-48).
fn plain(input: &str, out: &mut String) {
    let mut chars = input.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
            '\u{1b}' => {
                chars.next();
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_output_loses_escapes_and_keeps_split_characters() {
        let mut boot = Boot::default();
        for part in [&b"\x1b[32mBooting\x1b[0m \xc3"[..], b"\xa9\r\n"] {
            boot.take(BootEvent::Output(part.to_vec()));
        }
        assert_eq!(boot.text(), "Booting \u{e9}\n");
    }
}
