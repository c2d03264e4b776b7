//! The compiler's depfile: rules of make, `TARGET: FILE FILE \`, cut into names as each fixdep cuts them.

use std::borrow::Cow;

/// A name in a depfile of the newer form.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The first one after a colon.
    Source(Cow<'a, [u8]>),
    File(Cow<'a, [u8]>),
}

/// Reads a depfile as Linux 6.3 and later do: rules by lines, comments, `\#` and `\:` in names.
pub struct Depfile<'a> {
    rest: &'a [u8],
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Targets,
    Source,
    Files,
}

impl<'a> Depfile<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text, place: Place::Targets }
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// Cuts off a name, which ends before white space, a colon or a comment.
    fn name(&mut self) -> Cow<'a, [u8]> {
        let text = self.rest;
        let mut at = 0;
        let mut plain = None::<Vec<u8>>;
        while let Some(&byte) = text.get(at) {
            let next = text.get(at + 1).copied();
            match byte {
                b' ' | b'\t' | b'\n' | b'#' | b':' => break,
                b'\\' if next == Some(b'\n') => break,
                b'\\' if matches!(next, Some(b'#' | b':')) => {
                    let plain = plain.get_or_insert_with(|| text.get(..at).unwrap_or_default().to_vec());
                    plain.extend(next);
                    at += 2;
                }
                // Another escape stays as it is, even before a blank.
                _ => {
                    let length = if byte == b'\\' && next.is_some() { 2 } else { 1 };
                    if let Some(plain) = &mut plain {
                        plain.extend_from_slice(text.get(at..at + length).unwrap_or_default());
                    }
                    at += length;
                }
            }
        }
        self.skip(at);
        plain.map_or_else(|| Cow::Borrowed(text.get(..at).unwrap_or_default()), Cow::Owned)
    }
}

impl<'a> Iterator for Depfile<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            match *self.rest.first()? {
                b' ' | b'\t' => self.skip(1),
                b'\\' if self.rest.get(1) == Some(&b'\n') => self.skip(2),
                b'\n' => {
                    self.place = Place::Targets;
                    self.skip(1);
                }
                b':' => {
                    self.place = Place::Source;
                    self.skip(1);
                }
                b'#' => {
                    // To the end of the line, which a backslash carries on.
                    let mut ends = memchr::memchr_iter(b'\n', self.rest);
                    let end = ends.find(|end| self.rest.get(end - 1) != Some(&b'\\'));
                    self.skip(end.unwrap_or(self.rest.len()));
                }
                _ => {
                    let name = self.name();
                    match self.place {
                        Place::Targets => {}
                        Place::Source => {
                            self.place = Place::Files;
                            return Some(Piece::Source(name));
                        }
                        Place::Files => return Some(Piece::File(name)),
                    }
                }
            }
        }
    }
}

/// The words of a depfile as Linux 6.1 cuts them: a word that ends in a colon is a target.
pub fn words_6_1(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b' ' | b'\n' | b'\\')).filter(|w| !w.is_empty())
}

/// The files of a depfile as BusyBox cuts it, without those that it leaves out. None where there is no colon.
pub fn busybox(text: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let colon = memchr::memchr(b':', text)?;
    let text = text.get(colon + 1..)?.trim_ascii_end();
    // Its names end at blanks only; a line end that follows one is skipped with the backslash before it.
    let words = text.split(|b| *b == b' ').map(|w| {
        let start = w.iter().position(|b| !matches!(b, b'\\' | b'\n' | b'\r' | b'\t')).unwrap_or(w.len());
        w.get(start..).unwrap_or_default()
    });
    let left_out = |w: &[u8]| {
        w.is_empty() || w.ends_with(b"include/autoconf.h") || w.ends_with(b"arch/um/include/uml-config.h") || w.ends_with(b".ver")
    };
    Some(words.filter(move |w| !left_out(w)))
}
