//! What a machine boots from an image: the El Torito catalogue (specification 1.0, 1995), and the partition table of an
//! image that starts from a disk as well.

use super::{SECTOR, le16, le32, text};
use crate::Error;
use crate::source::Source;
use crate::tree::{Bytes, Tree};
use serde::Serialize;

/// Catalogue entries of 32 bytes that are read. Real ones have two to ten.
const ENTRIES: usize = 1024;

/// What kind of machine an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// A PC's BIOS.
    Bios,
    PowerPc,
    Mac,
    Uefi,
    Other(u8),
}

impl Platform {
    fn of(number: u8) -> Platform {
        match number {
            0 => Platform::Bios,
            1 => Platform::PowerPc,
            2 => Platform::Mac,
            0xef => Platform::Uefi,
            other => Platform::Other(other),
        }
    }

    pub fn title(self) -> String {
        match self {
            Platform::Bios => "BIOS".to_owned(),
            Platform::PowerPc => "PowerPC".to_owned(),
            Platform::Mac => "Mac".to_owned(),
            Platform::Uefi => "UEFI".to_owned(),
            Platform::Other(number) => format!("platform {number:#04x}"),
        }
    }
}

/// What the boot image pretends to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BootMedia {
    /// Loaded and started as it is.
    NoEmulation,
    /// Of 1.2, 1.44 or 2.88 MB.
    Floppy(u8),
    HardDisk,
    Other(u8),
}

impl BootMedia {
    pub fn title(self) -> String {
        match self {
            BootMedia::NoEmulation => "no emulation".to_owned(),
            BootMedia::Floppy(1) => "1.2 MB floppy".to_owned(),
            BootMedia::Floppy(2) => "1.44 MB floppy".to_owned(),
            BootMedia::Floppy(_) => "2.88 MB floppy".to_owned(),
            BootMedia::HardDisk => "hard disk".to_owned(),
            BootMedia::Other(number) => format!("medium {number}"),
        }
    }
}

/// One boot image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BootEntry {
    pub platform: Platform,
    /// Whether firmware may start it.
    pub bootable: bool,
    pub media: BootMedia,
    /// Where a BIOS loads it; 0 stands for the usual 0x7c0.
    pub load_segment: u16,
    /// How much firmware loads, in units of 512 bytes.
    pub load_sectors: u16,
    /// Where it is, in sectors of 2048 bytes.
    pub sector: u32,
    /// The file at that place, where there is one.
    pub file: Option<String>,
    /// That file's size.
    pub size: Option<u64>,
    /// Whether it carries its own place and size in bytes 8 to 20 (`-boot-info-table`), and they are right.
    pub info_table: bool,
}

/// The list that firmware reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    /// Where it is, in sectors of 2048 bytes.
    pub sector: u32,
    /// The file that is the catalogue, where there is one.
    pub file: Option<String>,
    /// Who made it, by its own word; mostly empty.
    pub id: String,
    /// In its order: the first is what a BIOS takes by default.
    pub entries: Vec<BootEntry>,
}

/// A row of the partition table in the first sector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Partition {
    /// 1 to 4.
    pub number: u8,
    pub active: bool,
    /// The type byte: 0x17 is what isohybrid takes, 0xef an EFI system partition.
    pub kind: u8,
    /// In units of 512 bytes.
    pub start: u32,
    pub sectors: u32,
}

pub(super) fn catalogue(source: &Source, sector: u32, files: Option<&Tree>) -> Result<Catalogue, Error> {
    let start = u64::from(sector) * SECTOR;
    let bad = |at: usize, why: &str| {
        let why = format!("{why} in its boot catalogue");
        Error::BadIso { path: source.name().to_owned(), offset: start + at as u64 * 32, why }
    };
    let bytes = source.window(start, ENTRIES as u64 * 32)?;
    let mut rows = bytes.chunks_exact(32).enumerate();
    let (_, first) = rows.next().ok_or_else(|| bad(0, "nothing is"))?;
    let words = first.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    if first.first() != Some(&1) || first.get(30..32) != Some(&[0x55, 0xaa]) || words.fold(0_u16, u16::wrapping_add) != 0 {
        return Err(bad(0, "the validation entry is wrong"));
    }
    let mut platform = Platform::of(first.get(1).copied().unwrap_or(0));
    let id = text(first, 4, 24);
    let mut entries = Vec::new();
    // Entries still to come in this section, and whether another section follows.
    let (mut left, mut more) = (1_u16, true);
    for (_, row) in rows {
        match row.first() {
            Some(0x44) => {} // goes on about the entry before
            Some(kind @ (0x90 | 0x91)) if left == 0 && more => {
                platform = Platform::of(row.get(1).copied().unwrap_or(0));
                (left, more) = (le16(row, 2).unwrap_or(0), *kind == 0x90);
            }
            // The default entry stands alone where no section follows.
            Some(0x88 | 0) if left > 0 => {
                left -= 1;
                entries.push(entry(source, row, platform, files)?);
            }
            _ => break,
        }
    }
    Ok(Catalogue { sector, file: file_at(files, sector).map(|(path, _)| path), id, entries })
}

fn entry(source: &Source, row: &[u8], platform: Platform, files: Option<&Tree>) -> Result<BootEntry, Error> {
    let media = match row.get(1).copied().unwrap_or(0) & 0x0f {
        0 => BootMedia::NoEmulation,
        floppy @ 1..=3 => BootMedia::Floppy(floppy),
        4 => BootMedia::HardDisk,
        other => BootMedia::Other(other),
    };
    let sector = le32(row, 8).unwrap_or(0);
    let (file, size) = file_at(files, sector).unzip();
    let table = source.window(u64::from(sector) * SECTOR + 8, 12)?;
    let info_table = le32(&table, 0) == Some(16) && le32(&table, 4) == Some(sector) && le32(&table, 8).map(u64::from) == size;
    let bootable = row.first() == Some(&0x88);
    let (load_segment, load_sectors) = (le16(row, 2).unwrap_or(0), le16(row, 6).unwrap_or(0));
    Ok(BootEntry { platform, bootable, media, load_segment, load_sectors, sector, file, size, info_table })
}

/// The file that begins in a sector.
fn file_at(files: Option<&Tree>, sector: u32) -> Option<(String, u64)> {
    let at = u64::from(sector) * SECTOR;
    let found = files?
        .entries()
        .iter()
        .find(|e| e.size > 0 && matches!(&e.bytes, Bytes::Parts(parts) if parts.first().is_some_and(|p| p.0 == at)))?;
    Some((found.path.clone(), found.size))
}

pub(super) fn partitions(source: &Source) -> Result<Vec<Partition>, Error> {
    let Some(bytes) = source.array::<512>(0)? else { return Ok(Vec::new()) };
    if bytes.get(510..) != Some(&[0x55, 0xaa]) {
        return Ok(Vec::new());
    }
    let table = bytes.get(446..510).unwrap_or_default();
    let row = |(number, row): (u8, &[u8])| {
        let (flag, kind, start, sectors) = (*row.first()?, *row.get(4)?, le32(row, 8)?, le32(row, 12)?);
        (sectors > 0 && kind > 0).then_some(Partition { number, active: flag == 0x80, kind, start, sectors })
    };
    Ok((1..).zip(table.chunks_exact(16)).filter_map(row).collect())
}
