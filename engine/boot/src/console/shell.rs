//! The part of the console that finds the guest's shell and has it run commands.

use super::{Console, Output};
use crate::{error::BootError, token::token};
use std::time::{Duration, Instant};

/// BusyBox's line editor takes 1024 bytes a line (FEATURE_EDITING_MAX_LEN) and the tty 4096; a longer command goes in parts.
const LONGEST_LINE: usize = 900;
/// Size of those parts, before quoting.
const PART: usize = 200;
/// A console that printed something and was silent so long may be a shell whose prompt we do not know.
const SILENCE: Duration = Duration::from_secs(4);
/// How long a shell has to answer before it is asked again.
const ANSWER: Duration = Duration::from_secs(5);

impl Console<'_> {
    /// Waits until a shell answers on the console, and sets its terminal up for commands.
    ///
    /// Nothing is typed before something looks like a shell: a boot loader that listens on the serial port takes any key
    /// for a wish to be asked.
    pub fn attach_shell(&mut self, limit: Duration) -> Result<(), BootError> {
        let awaited = "a shell on the console";
        let end = Instant::now() + limit;
        let mut asked: Option<(Instant, Vec<u8>)> = None;
        loop {
            self.receive(end, limit, awaited)?;
            if let Some((_, answer)) = &asked
                && let Some(at) = self.transcript.find(answer, self.cursor)
            {
                self.cursor = at + answer.len();
                break;
            }
            let due = asked.as_ref().is_none_or(|(when, _)| when.elapsed() > ANSWER);
            let quiet = self.last_byte.elapsed();
            let printed = self.transcript.end() > 0;
            let prompt = quiet > Duration::from_millis(200) && looks_like_prompt(&self.transcript.last_lines(4));
            if due && printed && (prompt || quiet > SILENCE) {
                let word = token();
                self.send_line("")?; // "Please press Enter to activate this console"
                self.send_line(&format!("echo BW''R{word}"))?;
                asked = Some((Instant::now(), format!("BWR{word}").into_bytes()));
            }
        }
        // A wide terminal, so that the line editor does not wrap; no messages of the kernel but emergencies (a panic is one).
        let left = end.saturating_duration_since(Instant::now()).max(ANSWER);
        self.run("stty cols 1000 -echo 2>/dev/null; dmesg -n 1 2>/dev/null; :", left)?;
        Ok(())
    }

    /// Runs one command line at the guest's shell, in a subshell, so that neither `exit`, nor `cd`, nor a syntax error has
    /// an effect on the next one.
    ///
    /// # Errors
    /// Those of `wait_for`, and `Command` for what cannot be typed. After a timeout the command is interrupted (Ctrl-C).
    pub fn run(&mut self, command: &str, limit: Duration) -> Result<Output, BootError> {
        // A tab completes, a newline ends, Ctrl-D leaves the shell.
        if command.chars().any(char::is_control) {
            return Err(BootError::Command { command: command.into(), why: "it has control characters" });
        }
        let end = Instant::now() + limit;
        let word = token();
        let quoted = quote(command);
        let text = if quoted.len() <= LONGEST_LINE {
            quoted
        } else {
            self.type_parts(command, end)?;
            "\"$BW_C\"".to_owned()
        };
        self.send_line(&format!("echo BW''B{word}; ( eval {text} ); echo BW''E{word} $?"))?;
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        let awaited = format!("the command `{command}`");
        let mut answer = || {
            self.wait_bytes(format!("BWB{word}").as_bytes(), left(end), &awaited)?;
            self.wait_bytes(b"\n", left(end), &awaited)?;
            let stdout = self.wait_bytes(format!("BWE{word} ").as_bytes(), left(end), &awaited)?;
            let status = self.wait_bytes(b"\n", left(end), &awaited)?;
            Ok((stdout, status))
        };
        match answer() {
            Ok((stdout, status)) => {
                let status = status
                    .trim()
                    .parse()
                    .map_err(|_| BootError::Command { command: command.into(), why: "the shell gives no status for it" })?;
                Ok(Output { stdout, status })
            }
            Err(BootError::Timeout { awaited, last_lines, .. }) => {
                let _ = self.port.send(b"\x03", Duration::from_secs(1), self.cancel);
                Err(BootError::Timeout { awaited, limit, last_lines })
            }
            Err(error) => Err(error),
        }
    }

    /// Puts `command` into the shell variable BW_C, in lines short enough for the line editor.
    fn type_parts(&mut self, command: &str, end: Instant) -> Result<(), BootError> {
        self.send_line("BW_C=")?;
        let mut rest = command;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(rest.floor_char_boundary(PART));
            let word = token();
            self.send_line(&format!("BW_C=\"$BW_C\"{}; echo BW''P{word}", quote(part)))?;
            let left = end.saturating_duration_since(Instant::now());
            self.wait_bytes(format!("BWP{word}").as_bytes(), left, "a long command to be typed")?;
            rest = after;
        }
        Ok(())
    }
}

/// One word for a shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a shell, or init's invitation to one, is among the last lines. Kernel messages may follow the prompt.
fn looks_like_prompt(lines: &str) -> bool {
    lines.lines().any(|line| {
        let line = line.trim();
        let prompt = line.ends_with('#') || line.ends_with('$') || line.starts_with("/ #") || line.starts_with("~ #");
        prompt || line.contains("press Enter to activate")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_known_with_messages_after_them() {
        for yes in [
            "/ # ",
            "~ #",
            "boot ok\nroot@host:~# ",
            "sh-5.2$ ",
            "/ # [    2.1] e1000: eth0 up",
            "Please press Enter to activate this console.",
        ] {
            assert!(looks_like_prompt(yes), "{yes}");
        }
        for no in ["", "[    0.1] Booting", "ISOLINUX 6.04", "boot:", "100 %"] {
            assert!(!looks_like_prompt(no), "{no}");
        }
    }
}
