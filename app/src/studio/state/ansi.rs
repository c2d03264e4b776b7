//! Terminal output as text and colours: SGR sequences become styles, every other escape is dropped.

use anstyle_parse::{Params, Parser, Perform};

/// How a part of a line looks. What a terminal's theme would choose is left to ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub colour: Option<Colour>,
    pub bold: bool,
    pub underline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the sixteen, 0 to 15.
    Named(u8),
    Rgb(u8, u8, u8),
}

/// Bytes `start..end` of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styled {
    pub start: u32,
    pub end: u32,
    pub style: Style,
}

/// Whether a line needs any of this; most do not.
pub fn has_escapes(line: &str) -> bool {
    line.bytes().any(|b| b < 0x20 && b != b'\t' || b == 0x7f)
}

/// The text of a line, and the parts of it that have a style.
pub fn parse(line: &str) -> (String, Vec<Styled>) {
    let mut reader = Reader::default();
    let mut parser = Parser::<anstyle_parse::Utf8Parser>::new();
    for byte in line.bytes() {
        parser.advance(&mut reader, byte);
    }
    reader.close();
    (reader.text, reader.parts)
}

#[derive(Default)]
struct Reader {
    text: String,
    parts: Vec<Styled>,
    style: Style,
    since: usize,
}

impl Reader {
    fn close(&mut self) {
        if self.style != Style::default() && self.since < self.text.len() {
            self.parts.push(Styled { start: self.since as u32, end: self.text.len() as u32, style: self.style });
        }
        self.since = self.text.len();
    }
}

impl Perform for Reader {
    fn print(&mut self, c: char) {
        self.text.push(c);
    }

    fn execute(&mut self, byte: u8) {
        // A progress line that is written over: one after the other says the same.
        if matches!(byte, b'\t' | b'\r') {
            self.text.push(if byte == b'\t' { '\t' } else { ' ' });
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _ignore: bool, action: u8) {
        if action == b'm' && intermediates.is_empty() {
            let numbers: Vec<u16> = params.iter().flatten().copied().collect();
            self.close();
            self.style = sgr(self.style, &numbers);
        }
    }
}

/// Select Graphic Rendition, ECMA-48 8.3.117; 38;5 and 38;2 as xterm has them.
fn sgr(mut style: Style, numbers: &[u16]) -> Style {
    let mut rest = numbers.iter().copied();
    if numbers.is_empty() {
        return Style::default();
    }
    while let Some(n) = rest.next() {
        match n {
            0 => style = Style::default(),
            1 => style.bold = true,
            22 => style.bold = false,
            4 => style.underline = true,
            24 => style.underline = false,
            30..=37 => style.colour = Some(Colour::Named((n - 30) as u8)),
            90..=97 => style.colour = Some(Colour::Named((n - 82) as u8)),
            39 => style.colour = None,
            38 | 48 => {
                let colour = match rest.next() {
                    Some(5) => rest.next().map(|i| indexed(i.min(255) as u8)),
                    Some(2) => {
                        let mut part = || rest.next().map(|v| v.min(255) as u8);
                        part().zip(part()).zip(part()).map(|((r, g), b)| Colour::Rgb(r, g, b))
                    }
                    _ => None,
                };
                // Grounds are read so that their numbers are not taken for others, and not shown.
                if n == 38 {
                    style.colour = colour.or(style.colour);
                }
            }
            _ => {}
        }
    }
    style
}

/// xterm's 256 colours: sixteen, a cube of six, and greys.
fn indexed(i: u8) -> Colour {
    let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
    match i {
        0..16 => Colour::Named(i),
        16..232 => Colour::Rgb(level((i - 16) / 36), level((i - 16) / 6 % 6), level((i - 16) % 6)),
        232.. => {
            let grey = 8 + 10 * (i - 232);
            Colour::Rgb(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> (String, Vec<(String, Style)>) {
        let (text, parts) = parse(line);
        let parts = parts.iter().map(|p| (text[p.start as usize..p.end as usize].to_owned(), p.style)).collect();
        (text, parts)
    }

    #[test]
    fn gcc_with_colours_reads_as_text_with_styles() {
        let (text, parts) = one("\x1b[01m\x1b[Ka.c:3:1:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kno");
        assert_eq!(text, "a.c:3:1: error: no");
        let bold = Style { bold: true, ..Style::default() };
        assert_eq!(parts, [("a.c:3:1:".into(), bold), ("error: ".into(), Style { colour: Some(Colour::Named(1)), ..bold })]);
    }

    #[test]
    fn other_escapes_and_controls_vanish() {
        assert_eq!(one("\x1b]0;title\x07a\x1b[2J\x1b[10;3Hb\x08\x00\tc\x1b(0d").0, "ab\tcd");
        assert_eq!(one("10 %\r20 %").0, "10 % 20 %");
        assert_eq!(
            one("\x1b[38;5;196mä\x1b[0m\x1b[48;2;1;2;3mö\x1b[92mü"),
            (
                "äöü".into(),
                vec![
                    ("ä".into(), Style { colour: Some(Colour::Rgb(255, 0, 0)), ..Style::default() }),
                    ("ü".into(), Style { colour: Some(Colour::Named(10)), ..Style::default() }),
                ]
            )
        );
    }

    #[test]
    fn broken_sequences_do_no_harm() {
        for line in
            ["\x1b", "\x1b[", "\x1b[38;5", "\x1b[38;2;1m", "\x1b[999999999999;1m x", "\x1b[38;5;256mx", "\x1bP\x1b[1m", "\u{9b}31mx"]
        {
            let (text, parts) = parse(line);
            assert!(parts.iter().all(|p| text.get(p.start as usize..p.end as usize).is_some()), "{line:?}");
        }
        assert!(!has_escapes("plain\ttext ä") && has_escapes("\x1b[m"));
    }
}
