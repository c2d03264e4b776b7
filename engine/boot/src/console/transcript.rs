//! All that a console printed, addressed by its distance from the beginning, bounded in memory.

/// A guest that prints more than this loses its oldest output from the transcript.
const KEPT: usize = 16 << 20;

#[derive(Debug, Default)]
pub struct Transcript {
    bytes: Vec<u8>,
    /// How many bytes before `bytes` were dropped.
    dropped: usize,
}

impl Transcript {
    /// Everything kept, as text, with `\n` line ends.
    pub fn all(&self) -> String {
        self.text(0, self.end())
    }

    /// How much was printed so far, what was dropped included.
    pub fn end(&self) -> usize {
        self.dropped + self.bytes.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > KEPT {
            let drop = self.bytes.len() - KEPT + KEPT / 4; // by quarters, as moving the rest is dear
            self.bytes.drain(..drop.min(self.bytes.len()));
            self.dropped += drop;
        }
    }

    fn slice(&self, from: usize, to: usize) -> &[u8] {
        let from = from.saturating_sub(self.dropped).min(self.bytes.len());
        let to = to.saturating_sub(self.dropped).clamp(from, self.bytes.len());
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// Where `pattern` first stands at or after `from`.
    pub(super) fn find(&self, pattern: &[u8], from: usize) -> Option<usize> {
        let from = from.max(self.dropped);
        let first = *pattern.first()?;
        let hay = self.slice(from, self.end());
        let mut at = 0;
        while let Some(rest) = hay.get(at..) {
            at += rest.iter().position(|byte| *byte == first)?;
            if hay.get(at..).is_some_and(|rest| rest.starts_with(pattern)) {
                return Some(from + at);
            }
            at += 1;
        }
        None
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(self.slice(from, to)).replace("\r\n", "\n")
    }

    /// Whether a message of the kernel can begin at `at`: at the begin of a line, after a time stamp `[    1.234567] `, or
    /// after a shell's prompt.
    pub(super) fn begins_message(&self, at: usize) -> bool {
        let before = self.slice(at.saturating_sub(200), at);
        let line = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        matches!(line.trim_ascii_end().last(), None | Some(b']' | b'#' | b'$'))
    }

    /// The last `count` lines that are not empty, without terminal control sequences.
    pub fn last_lines(&self, count: usize) -> String {
        let text = self.text(self.end().saturating_sub(16384), self.end());
        let text = plain(&text);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
    }
}

/// Without escape sequences (`ESC [ … letter`, `ESC x`) and other control characters but line ends and tabs.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\x1b' => {
                if chars.next() == Some('[') {
                    chars.by_ref().find(|char| ('@'..='~').contains(char));
                }
            }
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(char),
            char if char.is_control() => {}
            char => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_stay_right_when_old_output_is_dropped() {
        let mut transcript = Transcript::default();
        transcript.push(b"first");
        for _ in 0..40 {
            transcript.push(&vec![b'.'; 1 << 20]);
        }
        transcript.push(b"needle and more");
        assert_eq!(transcript.end(), 5 + (40 << 20) + 15);
        assert!(transcript.bytes.len() <= KEPT);
        let at = transcript.find(b"needle", 0).unwrap();
        assert_eq!(at, 5 + (40 << 20));
        assert_eq!(transcript.text(at, at + 10), "needle and");
        assert_eq!(transcript.find(b"first", 0), None);
        assert_eq!(transcript.text(0, 5), "");
    }

    #[test]
    fn a_pattern_after_a_false_start_is_found() {
        let mut transcript = Transcript::default();
        transcript.push(b"aab aaab");
        assert_eq!(transcript.find(b"aaab", 0), Some(4));
        assert_eq!(transcript.find(b"b", 3), Some(7));
        assert_eq!(transcript.find(b"c", 0), None);
        assert_eq!(transcript.find(b"", 0), None);
    }

    #[test]
    fn last_lines_are_readable() {
        let mut transcript = Transcript::default();
        transcript.push(b"one\r\ntwo\r\n\r\n\x1b[2J\x1b[1;1Hthree\x07\x1b[6n\r\nend\x1b[");
        assert_eq!(transcript.last_lines(2), "three\nend");
        assert_eq!(transcript.last_lines(0), "");
        assert_eq!(transcript.last_lines(99), "one\ntwo\nthree\nend");
    }
}
