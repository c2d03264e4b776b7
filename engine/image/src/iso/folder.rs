//! The folders of an image and their records (ECMA-119, 9.1), walked into one tree.

use super::rock_ridge::{self, Extra};
use super::{SECTOR, le32};
use crate::Error;
use crate::source::Source;
use crate::tree::{Bytes, Entry, Kind, Tree, Trunk, kind_of};
use std::collections::HashSet;

/// Largest folder read, in bytes: half a million files.
const FOLDER_LIMIT: u64 = 64 << 20;
/// Parts of one file. Each can have 4 GiB.
const PARTS: usize = 4096;

const ASSOCIATED: u8 = 4;
const DIRECTORY: u8 = 2;
const MORE_PARTS: u8 = 0x80;

/// Where a folder's records are: sector and length in bytes.
pub(super) type Place = (u32, u32);

/// How names are taken from records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Plain,
    Joliet,
    /// `skip`: bytes before the first field of each record (SUSP, 5.3).
    RockRidge {
        skip: usize,
    },
}

/// The root folder that a volume descriptor names.
pub(super) fn root(descriptor: &[u8]) -> Option<Place> {
    Some((le32(descriptor, 158)?, le32(descriptor, 166)?))
}

pub(super) fn tree(source: &Source, root: Place, how: How) -> Result<Tree, Error> {
    let mut trunk = Trunk::new(source.name());
    let mut seen = HashSet::new();
    let mut folders = vec![(String::new(), root)];
    while let Some((path, place)) = folders.pop() {
        if !seen.insert(place.0) {
            let why = format!("the folder \"{path}\" is another folder, too");
            return Err(Error::BadIso { path: source.name().to_owned(), offset: u64::from(place.0) * SECTOR, why });
        }
        for (entry, below) in entries(source, &path, place, how)? {
            if let Some(place) = below {
                folders.push((entry.path.clone(), place));
            }
            trunk.add(entry)?;
        }
    }
    Ok(trunk.finish())
}

/// One record, as it stands.
struct Record<'a> {
    place: Place,
    flags: u8,
    name: &'a [u8],
    /// What follows the name, for Rock Ridge.
    rest: &'a [u8],
}

/// None where a record cannot begin: at the end of a sector.
fn record(bytes: &[u8]) -> Option<Result<(Record<'_>, usize), &'static str>> {
    let len = usize::from(*bytes.first()?);
    if len == 0 {
        return None;
    }
    let parse = || {
        let record = bytes.get(..len)?;
        let name_len = usize::from(*record.get(32)?);
        let name = record.get(33..33 + name_len)?;
        let rest = record.get((33 + name_len).next_multiple_of(2).max(33 + name_len)..).unwrap_or_default();
        // The extended attributes come before the file's own bytes.
        let sector = le32(record, 2)?.checked_add(u32::from(*record.get(1)?))?;
        Some((Record { place: (sector, le32(record, 10)?), flags: *record.get(25)?, name, rest }, len))
    };
    Some(parse().ok_or("a record is cut off"))
}

/// The entries of one folder; of those that are folders, where their records are.
fn entries(source: &Source, path: &str, place: Place, how: How) -> Result<Vec<(Entry, Option<Place>)>, Error> {
    let start = u64::from(place.0) * SECTOR;
    let bad = |offset: u64, why: &str| {
        let why = format!("{why} in the folder \"{path}\"");
        Error::BadIso { path: source.name().to_owned(), offset, why }
    };
    let len = u64::from(place.1);
    if len > FOLDER_LIMIT {
        return Err(Error::TooLarge { what: format!("the folder \"{path}\" of {}", source.name().display()), limit: FOLDER_LIMIT });
    }
    if start.saturating_add(len) > source.len() {
        return Err(bad(start, "records lie outside of the image"));
    }
    let mut found: Vec<(Entry, Option<Place>)> = Vec::new();
    let mut open_parts = false;
    for sector in 0..len.div_ceil(SECTOR) {
        let offset = start + sector * SECTOR;
        let bytes = source.window(offset, SECTOR.min(len - sector * SECTOR))?;
        let mut at = 0;
        while let Some(read) = record(bytes.get(at..).unwrap_or_default()) {
            let (record, size) = read.map_err(|why| bad(offset + at as u64, why))?;
            at += size;
            // The folder itself and the one above it.
            if matches!(record.name, [0] | [1]) || record.flags & ASSOCIATED != 0 {
                continue;
            }
            let part = (u64::from(record.place.0) * SECTOR, u64::from(record.place.1));
            if std::mem::replace(&mut open_parts, record.flags & MORE_PARTS != 0)
                && let Some((Entry { bytes: Bytes::Parts(parts), size, .. }, _)) = found.last_mut()
            {
                if parts.len() >= PARTS {
                    return Err(bad(offset, "a file has too many parts"));
                }
                parts.push(part);
                *size = size.saturating_add(part.1);
                continue;
            }
            if let Some(one) = entry(source, path, &record, part, how)? {
                found.push(one);
            }
        }
    }
    Ok(found)
}

fn entry(source: &Source, folder: &str, record: &Record, part: (u64, u64), how: How) -> Result<Option<(Entry, Option<Place>)>, Error> {
    let is_folder = record.flags & DIRECTORY != 0;
    let extra = match how {
        How::RockRidge { skip } => rock_ridge::extra(source, record.rest.get(skip..).unwrap_or_default())?,
        How::Plain | How::Joliet => Extra::default(),
    };
    if extra.moved {
        return Ok(None); // it stands where it belongs as well, as a child link
    }
    let name = extra.name.clone().unwrap_or_else(|| match how {
        How::Joliet => wide(record.name),
        How::Plain | How::RockRidge { .. } => String::from_utf8_lossy(record.name).into_owned(),
    });
    // `NAME.;1` is NAME. Rock Ridge names stand for themselves.
    let name = match name.split_once(';') {
        Some((short, version)) if extra.name.is_none() && version.bytes().all(|b| b.is_ascii_digit()) => short.to_owned(),
        _ => name,
    };
    let name = if extra.name.is_none() && how != How::Joliet { name.strip_suffix('.').map(str::to_owned).unwrap_or(name) } else { name };
    // A slash would make one name two.
    let name = name.replace('/', "\u{fffd}");
    let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
    let below = extra.child.or(is_folder.then_some(record.place));
    let by_flag = if below.is_some() { Kind::Folder } else { Kind::File };
    let kind = match extra.mode {
        Some(mode) if below.is_none() => kind_of(mode, extra.device.unwrap_or_default(), || Ok(extra.target.clone().unwrap_or_default()))?,
        _ => by_flag,
    };
    let below = match below {
        // A moved folder's size stands in its own first record.
        Some((sector, 0)) => Some((sector, own_size(source, sector)?)),
        other => other,
    };
    let is_file = kind == Kind::File;
    let entry = Entry {
        path,
        size: if is_file { part.1 } else { 0 },
        bytes: if is_file { Bytes::Parts(vec![part]) } else { Bytes::None },
        kind,
        permissions: extra.mode.map(|mode| mode & 0o7777),
        owner: extra.owner,
    };
    Ok(Some((entry, below)))
}

/// The length that a folder's record of itself says.
fn own_size(source: &Source, sector: u32) -> Result<u32, Error> {
    let bytes = source.window(u64::from(sector) * SECTOR, 34)?;
    Ok(le32(&bytes, 10).unwrap_or(0))
}

/// UCS-2, most significant byte first.
fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
