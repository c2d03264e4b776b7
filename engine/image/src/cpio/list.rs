//! Lists the entries of a newc archive that is read in windows, so that its size does not matter.

use super::read::{Head, head};
use super::{HEADER_SIZE, MAGIC, MAGIC_SUMMED, NAME_LIMIT, S_IFMT, S_IFREG, TRAILER};
use crate::Error;
use crate::source::Source;
use crate::tree::{Bytes, Entry, Kind, Tree, Trunk, kind_of};
use std::collections::HashMap;

/// The entries of one or several archives in a row, uncompressed, as they would be unpacked: a later one of the same name
/// replaces the earlier, and hard links share their data. Checksums are not verified; [`super::read`] does that.
///
/// # Errors
/// [`Error::BadCpio`] with the offset, [`Error::TooLarge`] for absurd numbers of entries, [`Error::Io`].
pub fn list(source: &Source) -> Result<Tree, Error> {
    let mut trunk = Trunk::new(source.name());
    // Of files with several names only one, in practice the last, has the data.
    let mut links: HashMap<(u32, u32, u32), Vec<Entry>> = HashMap::new();
    let (mut offset, mut between) = (0, true);
    loop {
        let start = if between { skip_zeros(source, offset)? } else { offset };
        let magic: Option<[u8; 6]> = source.array(start)?;
        let is_entry = magic.is_some_and(|m| m == *MAGIC || m == *MAGIC_SUMMED);
        // After a trailer other data may follow, such as a compressed archive after early microcode.
        if between && !is_entry && (start == source.len() || start > 0) {
            break;
        }
        // Zeros may stand at the end of an archive without a trailer, too.
        if !is_entry && skip_zeros(source, start)? == source.len() {
            break;
        }
        let (entry, head, after) = one(source, start).map_err(|fault| fault.at(start))?;
        between = entry.is_none();
        offset = after;
        let Some(entry) = entry else { continue };
        if head.nlink > 1 && head.mode & S_IFMT == S_IFREG {
            let group = links.entry((head.dev.0, head.dev.1, head.ino)).or_default();
            group.push(entry.clone());
            // What comes with data gives it to all its names, those that were before included.
            if let Some(full) = group.iter().find(|e| e.size > 0).cloned() {
                for name in group.drain(..) {
                    trunk.add(Entry { path: name.path, ..full.clone() })?;
                }
                group.push(full);
                continue;
            }
        }
        trunk.add(entry)?;
    }
    Ok(trunk.finish())
}

enum Fault {
    Bad(String),
    Other(Error),
}

impl Fault {
    fn at(self, offset: u64) -> Error {
        match self {
            Fault::Bad(why) => Error::BadCpio { offset: usize::try_from(offset).unwrap_or(usize::MAX), why },
            Fault::Other(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Other(error)
    }
}

/// The entry whose header starts at `offset`, none for a trailer, and where the next one starts.
fn one(source: &Source, offset: u64) -> Result<(Option<Entry>, Head, u64), Fault> {
    let bytes: [u8; HEADER_SIZE] = source.array(offset)?.ok_or_else(|| Fault::Bad("a header is cut off".into()))?;
    let head = head(&bytes).map_err(Fault::Bad)?;
    let name_size = u64::from(head.name_size);
    if name_size > NAME_LIMIT as u64 {
        return Err(Fault::Bad(format!("a name of {name_size} bytes is longer than the {NAME_LIMIT} of Linux")));
    }
    let name = source.window(offset + HEADER_SIZE as u64, name_size)?;
    let nul = name.iter().position(|byte| *byte == 0).filter(|_| name.len() as u64 == name_size);
    let name = nul.and_then(|nul| name.get(..nul)).ok_or_else(|| Fault::Bad("a name is cut off".into()))?;
    let data = offset + (HEADER_SIZE as u64 + name_size).next_multiple_of(4);
    let (size, shown) = (u64::from(head.size), String::from_utf8_lossy(name).into_owned());
    if size > 0 && source.len() < data + size {
        return Err(Fault::Bad(format!("the data of \"{}\" is cut off", name.escape_ascii())));
    }
    let after = data + size.next_multiple_of(4);
    if name == TRAILER {
        return Ok((None, head, after));
    }
    let target = || Ok(String::from_utf8_lossy(&source.window(data, size.min(NAME_LIMIT as u64))?).into_owned());
    let kind = kind_of(head.mode, head.rdev, target)?;
    let is_file = kind == Kind::File;
    let bytes = if is_file { Bytes::Parts(vec![(data, size)].into_iter().filter(|p| p.1 > 0).collect()) } else { Bytes::None };
    let entry = Entry {
        path: shown,
        kind,
        size: if is_file { size } else { 0 },
        permissions: Some(head.mode & 0o7777),
        owner: Some((head.uid, head.gid)),
        bytes,
    };
    Ok((Some(entry), head, after))
}

fn skip_zeros(source: &Source, mut from: u64) -> Result<u64, Error> {
    loop {
        let bytes = source.window(from, 1 << 16)?;
        match bytes.iter().position(|byte| *byte != 0) {
            Some(at) => return Ok(from + at as u64),
            None if bytes.is_empty() => return Ok(source.len().max(from)),
            None => from += bytes.len() as u64,
        }
    }
}
