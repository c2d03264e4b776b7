//! Words, strings and operators of one file, statement by statement.
//!
//! A `$(…)` is expanded where it stands and never read again as Kconfig (see `macros`), so the lexer asks for it.

use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Word(Cow<'a, str>),
    /// A word that came out of an expansion; it is no keyword.
    Quoted(Cow<'a, str>),
    Op(Op),
    /// The end of the statement.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    And,
    Or,
    Not,
    Open,
    Close,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    /// `:=`
    Immediate,
    /// `+=`
    Append,
}

/// What the lexer cannot do by itself.
pub trait Expander {
    /// Expands the reference at the start of `rest` (`$(…)`): its value, and how many bytes it took.
    fn expand(&mut self, rest: &str, line: u32) -> Result<(String, usize), String>;
    fn warn(&mut self, line: u32, message: String);
    fn macros(&self) -> bool;
}

#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    pub text: &'a str,
    pub at: usize,
    /// From 1.
    pub line: u32,
    /// Whether `.` and `/` belong to words.
    pub wide: bool,
}

pub fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, wide: bool) -> Self {
        Self { text, at: 0, line: 1, wide }
    }

    fn in_word(&self, b: u8) -> bool {
        is_word(b) || self.wide && matches!(b, b'.' | b'/')
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// From 1, in bytes.
    pub fn column(&self) -> u32 {
        let start = memchr::memrchr(b'\n', &self.text.as_bytes()[..self.at.min(self.text.len())]).map_or(0, |p| p + 1);
        (self.at - start + 1) as u32
    }

    /// Goes behind the line's end.
    pub fn skip_line(&mut self) {
        match memchr::memchr(b'\n', &self.text.as_bytes()[self.at.min(self.text.len())..]) {
            Some(p) => {
                self.at += p + 1;
                self.line += 1;
            }
            None => self.at = self.text.len(),
        }
    }

    /// Goes to the line's end.
    pub fn skip_rest(&mut self) {
        self.at += self.rest_of_line().len();
    }

    /// Goes to the first word of the next statement. False at the end of the file.
    pub fn next_statement(&mut self) -> bool {
        loop {
            self.skip_blanks();
            match self.byte() {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                }
                0 if self.at_end() => return false,
                _ => return true,
            }
        }
    }

    /// Blanks, escaped line ends, and a comment up to its line end.
    pub fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(b) = bytes.get(self.at) {
            match b {
                b' ' | b'\t' => self.at += 1,
                b'\\' if bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                b'#' => {
                    self.at = memchr::memchr(b'\n', &bytes[self.at..]).map_or(bytes.len(), |p| self.at + p);
                }
                _ => return,
            }
        }
    }

    /// The word here if it is a plain one, without a `$`; the cursor goes behind it.
    pub fn plain_word(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        while end < bytes.len() && self.in_word(bytes[end]) {
            end += 1;
        }
        if end == self.at || bytes.get(end) == Some(&b'$') {
            return None;
        }
        let word = &self.text[self.at..end];
        self.at = end;
        Some(word)
    }

    /// The next token of the statement. At a line's end it stays there.
    pub fn token(&mut self, x: &mut dyn Expander) -> Result<Token<'a>, String> {
        loop {
            self.skip_blanks();
            let b = self.byte();
            let two = self.text.as_bytes().get(self.at + 1).copied().unwrap_or(0);
            let (op, length) = match (b, two) {
                (b'\n', _) => return Ok(Token::End),
                (0, _) if self.at_end() => return Ok(Token::End),
                (b'&', b'&') => (Op::And, 2),
                (b'|', b'|') => (Op::Or, 2),
                (b'!', b'=') => (Op::Unequal, 2),
                (b'<', b'=') => (Op::LessEqual, 2),
                (b'>', b'=') => (Op::GreaterEqual, 2),
                (b':', b'=') => (Op::Immediate, 2),
                (b'+', b'=') => (Op::Append, 2),
                (b'!', _) => (Op::Not, 1),
                (b'<', _) => (Op::Less, 1),
                (b'>', _) => (Op::Greater, 1),
                (b'=', _) => (Op::Equal, 1),
                (b'(', _) => (Op::Open, 1),
                (b')', _) => (Op::Close, 1),
                (b'"' | b'\'', _) => return self.string(x),
                _ if self.in_word(b) || b == b'$' && x.macros() => {
                    let word = self.word(x)?;
                    // An expansion to nothing is no token.
                    if word.is_empty() {
                        continue;
                    }
                    return Ok(Token::Word(word));
                }
                _ => {
                    let c = self.text[self.at..].chars().next().unwrap_or(' ');
                    for byte in crate::bytes::raw(c.encode_utf8(&mut [0; 4]).as_bytes()).iter() {
                        let c = if byte.is_ascii() { char::from(*byte) } else { crate::bytes::kept(*byte) };
                        x.warn(self.line, format!("ignoring unsupported character '{c}'"));
                    }
                    self.at += c.len_utf8();
                    continue;
                }
            };
            self.at += length;
            return Ok(Token::Op(op));
        }
    }

    fn word(&mut self, x: &mut dyn Expander) -> Result<Cow<'a, str>, String> {
        if let Some(word) = self.plain_word() {
            return Ok(Cow::Borrowed(word));
        }
        let mut out = String::new();
        loop {
            let b = self.byte();
            if self.in_word(b) {
                out.push(b as char);
                self.at += 1;
            } else if b == b'$' && x.macros() && self.text.as_bytes().get(self.at + 1) == Some(&b'(') {
                let (value, length) = x.expand(self.rest_of_line(), self.line)?;
                out.push_str(&value);
                self.at += length;
            } else if b == b'$' && x.macros() {
                out.push('$');
                self.at += 1;
            } else {
                return Ok(Cow::Owned(out));
            }
        }
    }

    fn rest_of_line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        &rest[..memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())]
    }

    fn string(&mut self, x: &mut dyn Expander) -> Result<Token<'a>, String> {
        let quote = self.byte();
        self.at += 1;
        let line = self.rest_of_line();
        // Most strings have nothing special in them.
        if let Some(end) = memchr::memchr(quote, line.as_bytes())
            && memchr::memchr2(b'\\', b'$', &line.as_bytes()[..end]).is_none()
        {
            self.at += end + 1;
            return Ok(Token::Quoted(Cow::Borrowed(&line[..end])));
        }
        let mut out = String::new();
        loop {
            let Some(c) = self.text[self.at..].chars().next().filter(|c| *c != '\n') else {
                x.warn(self.line, "multi-line strings not supported".into());
                return Ok(Token::Quoted(Cow::Owned(out)));
            };
            let next = self.text[self.at + c.len_utf8()..].chars().next();
            self.at += c.len_utf8();
            match (c, next) {
                (c, _) if c == quote as char => return Ok(Token::Quoted(Cow::Owned(out))),
                ('\\', Some(next)) if next != '\n' => {
                    out.push(next);
                    self.at += next.len_utf8();
                }
                ('$', Some('(')) if x.macros() => {
                    self.at -= 1;
                    let (value, length) = x.expand(self.rest_of_line(), self.line)?;
                    out.push_str(&value);
                    self.at += length;
                }
                _ => out.push(c),
            }
        }
    }

    /// The rest of the line as it is: the value of an assignment.
    pub fn raw_value(&mut self) -> &'a str {
        let rest = self.rest_of_line();
        let value = rest.trim_start_matches([' ', '\t']);
        self.skip_rest();
        value
    }

    /// Goes behind a help text, which ends where a line is indented less than the first. Its bytes: the line end before a
    /// line without any indentation is not part of it.
    pub fn help(&mut self) -> (u32, u32) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut first = None;
        while self.at < bytes.len() {
            let (indent, text) = indentation(&bytes[self.at..]);
            let line_end = memchr::memchr(b'\n', &bytes[self.at..]).map_or(bytes.len(), |p| self.at + p);
            if self.at + text < line_end {
                let least = *first.get_or_insert(indent);
                if indent < least || indent == 0 && self.at > start {
                    let end = if indent == 0 { self.at - 1 } else { self.at };
                    return (start as u32, end.max(start) as u32);
                }
            }
            self.at = (line_end + 1).min(bytes.len());
            self.line += u32::from(line_end < bytes.len());
        }
        (start as u32, self.at as u32)
    }
}

/// The column that a line's text begins at (tabs go to columns of 8), and the byte.
fn indentation(line: &[u8]) -> (usize, usize) {
    let mut column = 0;
    for (i, b) in line.iter().enumerate() {
        match b {
            b' ' => column += 1,
            b'\t' => column = (column & !7) + 8,
            _ => return (column, i),
        }
    }
    (column, line.len())
}

/// The text of a help's bytes: what its first line is indented by is taken from each.
pub fn help_text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut first = None;
    for line in raw.split_inclusive('\n') {
        let (column, at) = indentation(line.trim_end_matches('\n').as_bytes());
        let text = line[at..].trim_end_matches(['\n', ' ', '\t', '\r']);
        if !text.is_empty() {
            let first = *first.get_or_insert(column);
            out.extend(std::iter::repeat_n(' ', column.saturating_sub(first)));
            out.push_str(text);
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}
