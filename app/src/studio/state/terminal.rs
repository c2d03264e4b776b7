//! The guest's serial console as a terminal shows it, with what has scrolled away.

use std::num::NonZeroU16;
use vt100::{Callbacks, Parser, Screen};

/// Lines kept that have scrolled away.
const KEPT: usize = 5000;
/// Answers to a guest that asks more than this at once are left out.
const ANSWERS: usize = 256;
/// Rows and columns that make sense.
const LEAST: (u16, u16) = (4, 20);
const MOST: (u16, u16) = (200, 500);

/// What the guest asked of its terminal, and how far it has scrolled.
#[derive(Default)]
struct Asked {
    answers: Vec<u8>,
    /// Lines that have left even the history since it was cleared.
    lost: u64,
}

impl Callbacks for Asked {
    /// Where the cursor is (BusyBox's `resize` and its line editor ask), whether all is well, and what terminal it is.
    fn unhandled_csi(&mut self, screen: &mut Screen, first: Option<u8>, _: Option<u8>, params: &[&[u16]], kind: char) {
        let number = params.first().and_then(|p| p.first()).copied().unwrap_or(0);
        let answer = match (first, kind, number) {
            (None, 'n', 6) => {
                let (row, column) = screen.cursor_position();
                format!("\x1b[{};{}R", row + 1, column + 1)
            }
            (None, 'n', 5) => "\x1b[0n".to_owned(),
            (None, 'c', 0) => "\x1b[?6c".to_owned(),
            _ => return,
        };
        if self.answers.len() + answer.len() <= ANSWERS {
            self.answers.extend_from_slice(answer.as_bytes());
        }
    }

    fn on_scroll(&mut self, _: vt100::capture::RowContents<'_>, alternate_screen: bool) {
        self.lost += u64::from(!alternate_screen);
    }
}

pub struct Terminal {
    parser: Parser<Asked>,
    /// Counts what changes its look.
    pub revision: u64,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new(24, 80)
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// A place in all that was printed: line since the beginning, and column.
pub type Spot = (u64, u16);

impl Terminal {
    fn new(rows: u16, columns: u16) -> Self {
        let size = |n| NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN);
        Self { parser: Parser::new_with_callbacks(size(rows), size(columns), KEPT, Asked::default()), revision: 0 }
    }

    /// An empty one of the same size.
    pub fn cleared(&self) -> Self {
        let (rows, columns) = self.size();
        Self { revision: self.revision + 1, ..Self::new(rows, columns) }
    }

    pub fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    /// Rows and columns.
    pub fn size(&self) -> (u16, u16) {
        let (rows, columns) = self.screen().size();
        (rows.get(), columns.get())
    }

    /// Shows what was printed, and gives what a terminal answers to it.
    pub fn print(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.parser.process(bytes);
        self.revision += 1;
        std::mem::take(&mut self.parser.callbacks_mut().answers)
    }

    pub fn resize(&mut self, rows: u16, columns: u16) {
        let size = (rows.clamp(LEAST.0, MOST.0), columns.clamp(LEAST.1, MOST.1));
        if size != self.size()
            && let (Some(rows), Some(columns)) = (NonZeroU16::new(size.0), NonZeroU16::new(size.1))
        {
            self.parser.set_size(rows, columns);
            self.revision += 1;
        }
    }

    /// Looks so many lines back; at most to the oldest that is kept.
    pub fn look_back(&mut self, lines: usize) {
        self.parser.screen_mut().set_scrollback(lines);
        self.revision += 1;
    }

    pub fn looks_back(&self) -> usize {
        self.screen().scrollback()
    }

    /// Lines that can be looked back.
    pub fn history(&self) -> usize {
        self.screen().scrollback_len()
    }

    /// The number, since the beginning, of the line at the top of the view.
    pub fn top(&self) -> u64 {
        self.gone().saturating_sub(self.looks_back() as u64)
    }

    /// Lines that have left the screen since it was cleared.
    fn gone(&self) -> u64 {
        self.parser.callbacks().lost + self.history() as u64
    }

    /// A row of the view as text, without the blanks behind it.
    #[cfg(test)]
    pub fn row(&self, row: u16) -> String {
        let (_, columns) = self.size();
        self.screen().rows(0, columns).nth(row.into()).unwrap_or_default().trim_end().to_owned()
    }

    /// What stands between two places, the last one included; rows that were wrapped are one line.
    pub fn between(&self, a: Spot, b: Spot) -> String {
        let (from, to) = (a.min(b), a.max(b));
        let mut screen = self.screen().clone();
        let (oldest, gone) = (self.parser.callbacks().lost, self.gone());
        let (rows, columns) = self.size();
        let mut text = String::new();
        let end = to.0.min(gone + u64::from(rows));
        for line in from.0.max(oldest)..=end {
            // Brings the line to the top of the view, or as near as the live screen allows.
            screen.set_scrollback(gone.saturating_sub(line) as usize);
            let top = gone.saturating_sub(screen.scrollback() as u64);
            let Ok(row) = u16::try_from(line.saturating_sub(top)) else { break };
            if row >= rows {
                break;
            }
            let start = if line == from.0 { from.1 } else { 0 };
            let stop = if line == to.0 { to.1.saturating_add(1).min(columns) } else { columns };
            let part = screen.rows(start, stop.saturating_sub(start)).nth(row.into()).unwrap_or_default();
            let wrapped = screen.row_wrapped(row) && line != to.0;
            text.push_str(if wrapped { &part } else { part.trim_end() });
            if line != to.0 && !wrapped {
                text.push('\n');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_that_asks_where_the_cursor_is_gets_an_answer() {
        let mut t = Terminal::default();
        assert_eq!(t.print(b"ab\x1b[6n"), b"\x1b[1;3R");
        assert_eq!(t.print(b"\x1b[5n\x1b[c"), b"\x1b[0n\x1b[?6c");
        assert_eq!(t.print(b"plain"), b"");
        // One that asks without end gets some.
        assert!(t.print(&b"\x1b[6n".repeat(10_000)).len() <= ANSWERS);
    }

    #[test]
    fn places_stay_with_their_lines_while_more_is_printed() {
        let mut t = Terminal::default();
        let print = |t: &mut Terminal, from: u32, to: u32| (from..to).for_each(|n| drop(t.print(format!("line {n}\r\n").as_bytes())));
        print(&mut t, 0, 100);
        assert_eq!((t.top(), t.row(0)), (77, "line 77".into()));
        let marked = ((80, 0), (81, 6));
        assert_eq!(t.between(marked.0, marked.1), "line 80\nline 81");
        print(&mut t, 100, 200);
        assert_eq!(t.between(marked.1, marked.0), "line 80\nline 81", "in the history, marked backwards");
        assert_eq!(t.between((80, 5), (80, 6)), "80");
        t.look_back(10);
        assert_eq!((t.top(), t.row(0)), (167, "line 167".into()));
        t.look_back(usize::MAX);
        assert_eq!((t.top(), t.row(0)), (0, "line 0".into()));
        print(&mut t, 200, 6000);
        assert_eq!(t.history(), KEPT);
        assert_eq!(t.between((0, 0), (2, 9)), "", "long gone");
    }

    #[test]
    fn odd_sizes_and_bytes_do_no_harm() {
        let mut t = Terminal::default();
        for (rows, columns) in [(0, 0), (9999, 9999), (5, 30), (24, 80)] {
            t.resize(rows, columns);
            t.print(b"\x1b[999;999Hx\x1b[9999999999Cy\xff\xfe\x1b]0;title\x07\x1b[?1049h\x1b[2J\x1b[?1049l\x1b[1;1r\x1bM");
            t.look_back(3);
            let _ = t.between((0, 0), (u64::MAX, u16::MAX));
        }
        assert_eq!(t.size(), (24, 80));
    }

    #[test]
    fn a_long_line_that_was_wrapped_is_copied_as_one() {
        let mut t = Terminal::default();
        let long = "word ".repeat(30);
        t.print(long.as_bytes());
        assert_eq!(t.between((0, 0), (1, 79)), long.trim_end());
    }
}
