//! Looks inside artifacts for the window, on the desk's threads.

use crate::artifacts::{Shelf, needs_of};
use crate::studio::state::inside::{From, Level, Lines};
use bootwright_image::look::{Format, Look};
use bootwright_image::source::Source;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;

/// Lines and bytes after which a new part of a text begins.
const PART_LINES: u64 = 1024;
const PART_BYTES: u64 = 1 << 18;

pub fn look(from: &From, name: String, others: &[(String, PathBuf)]) -> Result<Arc<Level>, String> {
    let open = || -> Result<Level, bootwright_image::Error> {
        let (look, needs) = match from {
            From::Path(path) => {
                let look = Look::open(path)?;
                let needs = needs_of(&look, None, others);
                (look, needs)
            }
            From::Entry { level, names, index } => {
                let Some(tree) = level.tree(*names) else {
                    let why = "what it was in has no entries".to_owned();
                    return Err(bootwright_image::Error::NotThere { name: name.clone(), why });
                };
                // A link leads to what it stands for.
                let path = tree.entries().get(*index).map(|e| e.path.clone()).unwrap_or_default();
                let target = tree.resolve(&path).unwrap_or(*index);
                let look = Look::of(level.look.entry(tree, target)?)?;
                let shelf = Shelf { place: &level.name, look: &level.look, tree };
                let needs = needs_of(&look, Some(&shelf), others);
                (look, needs)
            }
        };
        let text = look.source().filter(|_| matches!(look.format, Format::Text | Format::Script));
        let lines = text.map(lines).transpose()?;
        Ok(Level { name: name.clone(), look, needs, lines })
    };
    open().map(Arc::new).map_err(|e| e.to_string())
}

/// Reads all of a text once and keeps little of it.
fn lines(source: &Source) -> Result<Lines, bootwright_image::Error> {
    let failed = |error| bootwright_image::Error::Io { action: "read", path: source.name().to_owned(), source: error };
    let mut reader = BufReader::with_capacity(1 << 16, source.reader());
    let mut found = Lines { parts: vec![(0, 0)], count: 0, end: source.len() };
    let (mut offset, mut begins) = (0_u64, true);
    loop {
        let bytes = reader.fill_buf().map_err(failed)?;
        if bytes.is_empty() {
            return Ok(found);
        }
        let size = bytes.len();
        let mut from = 0;
        while from < size {
            if begins {
                let (part_at, part_line) = found.parts.last().copied().unwrap_or_default();
                let at = offset + from as u64;
                if found.count - part_line >= PART_LINES || (at - part_at >= PART_BYTES && found.count > part_line) {
                    found.parts.push((at, found.count));
                }
                found.count += 1;
                begins = false;
            }
            match memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default()) {
                Some(end) => {
                    from += end + 1;
                    begins = true;
                }
                None => from = size,
            }
        }
        offset += size as u64;
        reader.consume(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(text: &[u8]) -> Lines {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, text).unwrap();
        lines(&Source::open(file.path()).unwrap()).unwrap()
    }

    #[test]
    fn lines_are_counted_as_people_count_them() {
        for (text, count) in [(&b""[..], 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (b"\n\n", 2)] {
            assert_eq!(index(text).count, count, "{text:?}");
        }
    }

    #[test]
    fn any_line_is_in_the_part_that_is_read_for_it() {
        let text: String = (0..5000).map(|n| format!("line {n}\n")).collect();
        let lines = index(text.as_bytes());
        assert_eq!((lines.count, lines.parts.len()), (5000, 5));
        for line in [0_u64, 1, 1023, 1024, 4999] {
            let part = lines.part(line);
            let (offset, len) = lines.place(part).unwrap();
            let bytes = &text.as_bytes()[offset as usize..(offset + len) as usize];
            let nth = (line - lines.parts[part].1) as usize;
            assert_eq!(bytes.split(|b| *b == b'\n').nth(nth).unwrap(), format!("line {line}").as_bytes());
        }
    }

    #[test]
    fn a_line_without_end_is_one_part() {
        let mut text = vec![b'x'; 1_000_000];
        text.extend_from_slice(b"\nlast\n");
        let lines = index(&text);
        assert_eq!((lines.count, lines.parts.len()), (2, 2));
        assert_eq!(lines.place(1), Some((1_000_001, 5)));
    }
}
