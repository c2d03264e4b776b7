//! ISO 9660 images: what they say of themselves, their files under each of their naming systems, and what they boot.
//!
//! Read in windows, with every offset checked; nothing an image says can make it loop or grow. Written here because the
//! crates at hand do not read what is wanted: `iso9660` and `cdfs` know no El Torito, `hadris-iso` is a release candidate.
//! Formats: ECMA-119 (3rd edition), Joliet Specification (1995), IEEE P1281 (SUSP 1.12) and P1282 (Rock Ridge 1.12).

mod boot;
mod folder;
mod rock_ridge;

pub use boot::{BootEntry, BootMedia, Catalogue, Partition, Platform};

use crate::Error;
use crate::source::Source;
use crate::tree::Tree;
use serde::Serialize;

/// Bytes of a sector, in which everything is counted.
pub const SECTOR: u64 = 2048;
/// The first 16 sectors are the system's own; the descriptors begin behind them.
const FIRST_DESCRIPTOR: u64 = 16;
/// Descriptors read. Images have three to five.
const DESCRIPTORS: u64 = 256;

/// How files of an image are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// As on Unix, with modes, owners and links.
    RockRidge,
    /// Up to 64 characters of Unicode, for Windows.
    Joliet,
    /// Capitals, digits and underscores, for everybody.
    Plain,
}

impl Names {
    pub const ALL: [Names; 3] = [Names::RockRidge, Names::Joliet, Names::Plain];

    pub fn title(self) -> &'static str {
        match self {
            Names::RockRidge => "Rock Ridge",
            Names::Joliet => "Joliet",
            Names::Plain => "ISO 9660",
        }
    }
}

/// What the image's first descriptor says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Volume {
    pub name: String,
    pub system: String,
    pub publisher: String,
    pub preparer: String,
    pub application: String,
    /// As `2026-11-22 01:38:02`, in the zone of whoever made it; empty where it is not said.
    pub created: String,
    /// The size it says it has, in sectors.
    pub sectors: u32,
}

/// One image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    pub volume: Volume,
    /// Naming systems that it has, each with all its files; the one that says most comes first.
    pub trees: Vec<(Names, Tree)>,
    /// What a BIOS or UEFI is told to boot, if anything.
    pub catalogue: Option<Catalogue>,
    /// Why the catalogue cannot be read, where there should be one.
    pub catalogue_trouble: Option<String>,
    /// The partition table in the first sector, which makes an image start from a disk, too ("isohybrid").
    pub partitions: Vec<Partition>,
}

impl Image {
    /// The files under these names.
    pub fn tree(&self, names: Names) -> Option<&Tree> {
        self.trees.iter().find(|(n, _)| *n == names).map(|(_, tree)| tree)
    }
}

/// Whether the bytes begin like an image.
///
/// # Errors
/// [`Error::Io`].
pub fn is_iso(source: &Source) -> Result<bool, Error> {
    Ok(source.array::<6>(FIRST_DESCRIPTOR * SECTOR)?.is_some_and(|bytes| matches!(&bytes, [_, b'C', b'D', b'0', b'0', b'1'])))
}

/// Reads an image.
///
/// # Errors
/// [`Error::BadIso`] with the offset where it contradicts itself, [`Error::TooLarge`] for absurd numbers of entries,
/// [`Error::Io`].
pub fn read(source: &Source) -> Result<Image, Error> {
    let mut volume = None;
    let (mut plain, mut joliet, mut catalogue_at) = (None, None, None);
    for number in FIRST_DESCRIPTOR..FIRST_DESCRIPTOR + DESCRIPTORS {
        let offset = number * SECTOR;
        let bad = |why: &str| Error::BadIso { path: source.name().to_owned(), offset, why: why.to_owned() };
        let bytes: [u8; SECTOR as usize] = source.array(offset)?.ok_or_else(|| bad("its descriptors are cut off"))?;
        if bytes.get(1..6) != Some(b"CD001") {
            return Err(bad("a descriptor does not begin with CD001"));
        }
        match bytes.first() {
            Some(0) if text(&bytes, 7, 32) == "EL TORITO SPECIFICATION" => catalogue_at = catalogue_at.or(le32(&bytes, 71)),
            Some(1) if volume.is_none() => {
                // ECMA-119 allows blocks of 512 and 1024 bytes; no tool in use writes them.
                if le16(&bytes, 128) != Some(2048) {
                    return Err(bad("its blocks are not of 2048 bytes"));
                }
                volume = Some(facts(&bytes));
                plain = folder::root(&bytes);
            }
            // Escape sequences of UCS-2, levels 1 to 3.
            Some(2) if matches!(bytes.get(88..91), Some(b"%/@" | b"%/C" | b"%/E")) => joliet = joliet.or(folder::root(&bytes)),
            Some(255) => break,
            _ => {}
        }
    }
    let bad = |why: &str| Error::BadIso { path: source.name().to_owned(), offset: FIRST_DESCRIPTOR * SECTOR, why: why.to_owned() };
    let (volume, plain) = volume.zip(plain).ok_or_else(|| bad("it has no primary descriptor"))?;
    let mut trees = Vec::new();
    if let Some(skip) = rock_ridge::skipped(source, plain.0)? {
        trees.push((Names::RockRidge, folder::tree(source, plain, folder::How::RockRidge { skip })?));
    }
    if let Some(root) = joliet {
        trees.push((Names::Joliet, folder::tree(source, root, folder::How::Joliet)?));
    }
    trees.push((Names::Plain, folder::tree(source, plain, folder::How::Plain)?));
    let files = trees.first().map(|(_, tree)| tree);
    // A catalogue that cannot be read is no reason to show none of the files.
    let (catalogue, catalogue_trouble) = match catalogue_at.map(|at| boot::catalogue(source, at, files)) {
        None => (None, None),
        Some(Ok(catalogue)) => (Some(catalogue), None),
        Some(Err(error)) => (None, Some(error.to_string())),
    };
    Ok(Image { volume, trees, catalogue, catalogue_trouble, partitions: boot::partitions(source)? })
}

fn facts(bytes: &[u8]) -> Volume {
    let date = text(bytes, 813, 16);
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default();
    let digits = date.len() == 16 && date.bytes().all(|b| b.is_ascii_digit()) && date.bytes().any(|b| b != b'0');
    let created = format!("{}-{}-{} {}:{}:{}", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14));
    Volume {
        name: text(bytes, 40, 32),
        system: text(bytes, 8, 32),
        publisher: text(bytes, 318, 128),
        preparer: text(bytes, 446, 128),
        application: text(bytes, 574, 128),
        created: if digits { created } else { String::new() },
        sectors: le32(bytes, 80).unwrap_or(0),
    }
}

/// Without the spaces, or zeros, that fill a field.
fn text(bytes: &[u8], at: usize, len: usize) -> String {
    let field = bytes.get(at..at + len).unwrap_or_default();
    let end = field.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
