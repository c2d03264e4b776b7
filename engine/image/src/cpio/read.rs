//! Lists the entries of newc archives, taking nothing the bytes say on trust.

use super::{HEADER_SIZE, MAGIC, MAGIC_SUMMED, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK, TRAILER};
use crate::Error;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What an entry is, by its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link; its data is the target.
    Symlink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A mode that names no kind of file.
    Unknown,
}

/// One entry, as the archive states it: names may be absolute, contain `..` or repeat, so do not unpack by them unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Name, up to its NUL.
    pub name: &'a Path,
    /// Kind and permission bits, as `st_mode`.
    pub mode: u32,
    /// Inode number; entries of one archive with the same number, `dev` and `nlink` above 1 are hard links to each other.
    pub ino: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of hard links.
    pub nlink: u32,
    /// Modification time, in seconds since 1970.
    pub mtime: u32,
    /// Major and minor of the file system it came from.
    pub dev: (u32, u32),
    /// Major and minor of the device, for device nodes.
    pub rdev: (u32, u32),
    /// Where its header starts, in bytes from the start of the archive.
    pub offset: usize,
    /// Where its data starts, in bytes from the start of the archive.
    pub data_offset: usize,
    /// Its data; its length is the entry's size. Of hard links only one entry, in practice the last, has it.
    pub data: &'a [u8],
}

impl Entry<'_> {
    /// What it is.
    pub fn kind(&self) -> EntryKind {
        match self.mode & S_IFMT {
            S_IFREG => EntryKind::File,
            S_IFDIR => EntryKind::Dir,
            S_IFLNK => EntryKind::Symlink,
            S_IFCHR => EntryKind::Char,
            S_IFBLK => EntryKind::Block,
            S_IFIFO => EntryKind::Fifo,
            S_IFSOCK => EntryKind::Socket,
            _ => EntryKind::Unknown,
        }
    }

    /// Permission bits.
    pub fn permissions(&self) -> u32 {
        self.mode & 0o7777
    }

    /// Where a symbolic link points to; none for other kinds.
    pub fn target(&self) -> Option<&Path> {
        (self.kind() == EntryKind::Symlink).then(|| Path::new(OsStr::from_bytes(self.data)))
    }
}

/// The entries of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive<'a> {
    /// Entries in the order of the archive, without trailers.
    pub entries: Vec<Entry<'a>>,
    /// Whether the last archive has its trailer. The kernel does without; GNU cpio complains of a premature end.
    pub trailer: bool,
    /// Where the archive ends: the length of the input, or the offset of the first byte after the trailer and its zeros that
    /// is no further newc archive, as when an initramfs has a compressed archive after a plain one (early microcode).
    pub end: usize,
}

/// Reads newc archives (`070701`, and `070702` with its checksums verified), uncompressed, one or several in a row.
///
/// # Errors
/// [`Error::BadCpio`] with the offset, when a header, a name or data is cut off or contradicts itself. Empty input is an
/// archive without entries.
pub fn read(bytes: &[u8]) -> Result<Archive<'_>, Error> {
    let mut archive = Archive { entries: Vec::new(), trailer: false, end: 0 };
    let mut offset = 0;
    loop {
        let next = skip_zeros(bytes, offset);
        let rest = bytes.get(next..).unwrap_or_default();
        // Zeros and other data may come between archives, that is before the first entry or after a trailer, or at the end.
        let between = archive.trailer || offset == 0;
        let is_entry = rest.starts_with(MAGIC) || rest.starts_with(MAGIC_SUMMED);
        if rest.is_empty() || (archive.trailer && !is_entry) {
            archive.end = next;
            return Ok(archive);
        }
        let start = if between { next } else { offset };
        let (entry, after) = entry(bytes, start).map_err(|why| Error::BadCpio { offset: start, why })?;
        archive.trailer = entry.name.as_os_str().as_bytes() == TRAILER;
        if !archive.trailer {
            archive.entries.push(entry);
        }
        offset = after;
    }
}

fn skip_zeros(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from.min(bytes.len()) + rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len())
}

/// The numbers of a header.
pub(super) struct Head {
    pub(super) ino: u32,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) nlink: u32,
    pub(super) mtime: u32,
    pub(super) size: u32,
    pub(super) dev: (u32, u32),
    pub(super) rdev: (u32, u32),
    /// NUL included.
    pub(super) name_size: u32,
    /// Of an archive with checksums.
    pub(super) sum: Option<u32>,
}

pub(super) fn head(bytes: &[u8; HEADER_SIZE]) -> Result<Head, String> {
    let (magic, numbers) = bytes.split_at(MAGIC.len());
    let summed = magic == MAGIC_SUMMED;
    if magic != MAGIC && !summed {
        return Err(no_magic(magic));
    }
    let mut fields = [0; 13];
    for (field, digits) in fields.iter_mut().zip(numbers.chunks(8)) {
        *field = number(digits).ok_or_else(|| format!("\"{}\" is not a number of eight hexadecimal digits", digits.escape_ascii()))?;
    }
    let [ino, mode, uid, gid, nlink, mtime, size, dev_major, dev_minor, rdev_major, rdev_minor, name_size, sum] = fields;
    let (dev, rdev, sum) = ((dev_major, dev_minor), (rdev_major, rdev_minor), summed.then_some(sum));
    Ok(Head { ino, mode, uid, gid, nlink, mtime, size, dev, rdev, name_size, sum })
}

fn no_magic(found: &[u8]) -> String {
    format!("a header begins with \"{}\" where 070701 should stand", found.escape_ascii())
}

/// The entry whose header starts at `offset`, and where the next one starts.
fn entry(bytes: &[u8], offset: usize) -> Result<(Entry<'_>, usize), String> {
    let magic = part(bytes, offset, MAGIC.len()).ok_or("a header is cut off")?;
    if magic != MAGIC && magic != MAGIC_SUMMED {
        return Err(no_magic(magic));
    }
    let header = part(bytes, offset, HEADER_SIZE).and_then(|header| header.try_into().ok()).ok_or("a header is cut off")?;
    let Head { ino, mode, uid, gid, nlink, mtime, size, dev, rdev, name_size, sum } = head(header)?;

    let name_offset = offset + HEADER_SIZE;
    let name = part(bytes, name_offset, name_size as usize).ok_or("a name is cut off")?;
    let name = name.iter().position(|byte| *byte == 0).and_then(|nul| name.get(..nul)).ok_or("a name has no NUL at its end")?;
    // Counted from the header, as GNU cpio does: headers stand at multiples of 4, so it is the same in a sound archive.
    let data_offset = offset + (HEADER_SIZE + name_size as usize).next_multiple_of(4);
    let data = part(bytes, data_offset, size as usize).or(if size == 0 { Some(&[][..]) } else { None });
    let data = data.ok_or_else(|| format!("the data of \"{}\" is cut off", name.escape_ascii()))?;
    // Only files have one: GNU cpio leaves that of links 0, and the kernel verifies it for files only.
    let sum = sum.filter(|_| mode & S_IFMT == S_IFREG);
    let is = || data.iter().fold(0u32, |total, byte| total.wrapping_add(u32::from(*byte)));
    if sum.is_some_and(|sum| sum != is()) {
        return Err(format!("the checksum of \"{}\" is wrong", name.escape_ascii()));
    }
    let entry = Entry { name: Path::new(OsStr::from_bytes(name)), mode, ino, uid, gid, nlink, mtime, dev, rdev, offset, data_offset, data };
    Ok((entry, data_offset + (size as usize).next_multiple_of(4)))
}

/// `size` bytes from `offset`, if they are there.
fn part(bytes: &[u8], offset: usize, size: usize) -> Option<&[u8]> {
    bytes.get(offset..offset.checked_add(size)?)
}

/// Eight hexadecimal digits; no sign and no spaces, which `from_str_radix` would take in part.
fn number(digits: &[u8]) -> Option<u32> {
    let all_digits = digits.len() == 8 && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| all_digits)?;
    u32::from_str_radix(text, 16).ok()
}
