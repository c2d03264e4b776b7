//! Faults in the words of the C programs, and what these understand behind one. Their parser is made by bison: it says
//! `syntax error`, leaves out the rest of the statement, and is quiet until it has understood a few words again.

use super::Parser;
use super::expressions::END_OF_LINE;
use crate::lex::{Cursor, Token};
use crate::tree::{Place, Severity};

/// What is wrong with a title that comes late: it is no statement there.
pub(super) const LATE_TITLE: &str = "the main menu's title must come first";

/// Where reading stands after faults, as the C programs see it.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// The last statement was at fault: another fault at the beginning of the next one is a consequence.
    pub(super) recovering: bool,
    /// Nothing is read any more.
    pub(super) over: bool,
    /// It was said that the last line has no end.
    pub(super) cut: bool,
}

impl Parser<'_, '_> {
    /// Says a statement's fault in the words of the C programs.
    pub(super) fn fault_as_conf(&mut self, start: &Cursor<'_>, cur: &mut Cursor<'_>, place: Place, why: &str) {
        if let Some(line) = self.outside.fatal.take() {
            self.faults.over = true;
            return self.say(Severity::Fatal, Place { line, ..place }, 0, why.to_owned());
        }
        let first = start.clone().plain_word();
        let keyword = first.is_some_and(|w| KEYWORDS.contains(&w));
        // How many words were understood, counted as far as it makes a difference.
        let understood = match () {
            _ if why == LATE_TITLE
                || keyword
                    && (why.starts_with("unknown statement") || why.starts_with("unexpected 'end") || why.starts_with("there is no")) =>
            {
                0
            }
            _ if why.starts_with("unknown statement") => 1,
            _ if why.ends_with(END_OF_LINE) => tokens(&start.text[start.at..cur.at]),
            _ => tokens(&start.text[start.at..cur.at]).saturating_sub(1),
        };
        if !self.faults.recovering || understood > 1 {
            let line = place.line + u32::from(self.reading.dialect.end_has_no_file);
            let end = cur.text[cur.at..].trim_start_matches([' ', '\t']).is_empty() && self.open_files.len() == 1;
            if end {
                self.warn(place, "no new line at end of file".into());
                self.faults.cut = true;
            }
            self.say(Severity::Error, Place { line, ..place }, 0, "syntax error".into());
        }
        // The rest of the line is still looked at.
        loop {
            match cur.token(&mut self.outside) {
                Ok(Token::End) => break,
                Ok(_) => {}
                Err(why) => {
                    self.faults.over = true;
                    return self.say(Severity::Fatal, place, 0, why);
                }
            }
        }
        self.drain_said(place);
        let at_end = cur.at_end() && self.open_files.len() == 1;
        self.faults.over |=
            at_end && !self.reading.dialect.end_has_no_file || first == Some("mainmenu") && why != LATE_TITLE && !self.begun;
        if !self.faults.over {
            let message = if why.starts_with("unknown statement") && !keyword { why } else { "invalid statement" };
            self.say(Severity::Error, place, 0, message.to_owned());
        }
        self.faults.recovering = true;
        self.begun = true;
        self.entry = None;
        if start.line == cur.line {
            cur.skip_line();
        }
    }

    /// What is open at the end of the first file.
    pub(super) fn end_as_conf(&mut self, end: Place) {
        let fatal = self.tree.diagnostics.last().is_some_and(|d| d.severity == Severity::Fatal);
        if fatal || self.blocks.is_empty() {
            return;
        }
        if !self.faults.over {
            let place = match self.reading.dialect.end_has_no_file {
                true => Place { file: u32::MAX, line: end.line + 1 },
                false => end,
            };
            self.say(Severity::Error, place, 0, "syntax error".into());
        }
        while let Some(block) = self.blocks.pop() {
            self.say(Severity::Error, block.place, 0, "missing end statement for this entry".into());
        }
    }
}

/// How many words, texts and operators a piece of a statement has.
fn tokens(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut count) = (0, 0);
    while let Some(b) = bytes.get(at) {
        let length = match b {
            b'"' | b'\'' => bytes[at + 1..].iter().position(|c| c == b).map_or(bytes.len(), |end| end + 2),
            b if crate::lex::is_word(*b) => bytes[at..].iter().take_while(|b| crate::lex::is_word(**b)).count(),
            b' ' | b'\t' | b'\\' | b'\n' => {
                at += 1;
                continue;
            }
            _ => 1,
        };
        at += length;
        count += 1;
    }
    count
}

/// The words that are not names of symbols where a statement begins.
const KEYWORDS: [&str; 30] = [
    "bool",
    "choice",
    "comment",
    "config",
    "def_bool",
    "def_tristate",
    "default",
    "depends",
    "endchoice",
    "endif",
    "endmenu",
    "help",
    "hex",
    "if",
    "imply",
    "int",
    "mainmenu",
    "menu",
    "menuconfig",
    "modules",
    "on",
    "optional",
    "prompt",
    "range",
    "select",
    "source",
    "string",
    "transitional",
    "tristate",
    "visible",
];
