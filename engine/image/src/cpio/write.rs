//! Writes newc entries one after the other; the same calls give the same bytes.

use super::{DeviceKind, HEADER_SIZE, MAGIC, NAME_LIMIT, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, TRAILER};
use crate::Error;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// The archive is padded with zeros to a multiple of this, as GNU cpio and the kernel's gen_init_cpio do.
const BLOCK: u64 = 512;

/// Writes a newc archive to `W`.
///
/// Every entry belongs to root (0:0), has the one modification time given, and an inode number by its order from 1. Names are
/// relative to the root of the image; a leading `/` or `./` is dropped. The caller writes a folder before what is in it, as
/// the kernel makes no folder that the archive does not list. After an error the output is not an archive: throw it away.
pub struct Writer<W: Write> {
    out: W,
    mtime: u32,
    entries: u64,
    written: u64,
}

/// The numbers of a header that differ between entries.
#[derive(Default)]
struct Header {
    ino: u32,
    mode: u32,
    nlink: u32,
    mtime: u32,
    size: u32,
    rdev: (u32, u32),
}

impl<W: Write> Writer<W> {
    /// A new archive. `mtime` is the modification time of every entry, in seconds since 1970.
    pub fn new(out: W, mtime: u32) -> Self {
        Writer { out, mtime, entries: 0, written: 0 }
    }

    /// Adds a folder. Of `mode` only the permission bits (`0o7777`) count, here and below.
    ///
    /// # Errors
    /// This and the methods below: [`Error::CpioEntry`] when the name is empty, contains `..` or a NUL, is longer than the
    /// kernel takes or is the trailer's; [`Error::Io`] when writing fails.
    pub fn dir(&mut self, name: &Path, mode: u32) -> Result<(), Error> {
        self.entry(name, Header { mode: S_IFDIR | mode & 0o7777, nlink: 2, ..Header::default() })
    }

    /// Adds a file with `size` bytes from `data`.
    ///
    /// # Errors
    /// [`Error::CpioEntry`] also when `size` is 4 GiB or more (the format has 32 bits) or `data` gives fewer bytes.
    pub fn file(&mut self, name: &Path, mode: u32, size: u64, data: &mut dyn Read) -> Result<(), Error> {
        let Ok(size32) = u32::try_from(size) else {
            return refuse(name, format!("it has {size} bytes and the format takes less than 4 GiB; leave it out or split it"));
        };
        self.entry(name, Header { mode: S_IFREG | mode & 0o7777, nlink: 1, size: size32, ..Header::default() })?;
        let copied =
            std::io::copy(&mut data.take(size), &mut self.out).map_err(Error::io("copy into the cpio archive the data of", name))?;
        self.written += copied;
        if copied < size {
            return refuse(name, format!("{size} bytes were announced and {copied} came; nothing else may change it meanwhile"));
        }
        self.pad(4, name)
    }

    /// Adds a symbolic link that points to `target`, which is stored as it is.
    ///
    /// # Errors
    /// [`Error::CpioEntry`] also when the target is empty, contains a NUL or is longer than the kernel takes.
    pub fn symlink(&mut self, name: &Path, target: &Path) -> Result<(), Error> {
        let bytes = target.as_os_str().as_bytes();
        if bytes.is_empty() || bytes.contains(&0) || bytes.len() >= NAME_LIMIT {
            return refuse(name, "its link target is empty, contains a NUL or has 4096 bytes or more; change the link".to_owned());
        }
        self.entry(name, Header { mode: S_IFLNK | 0o777, nlink: 1, size: bytes.len() as u32, ..Header::default() })?;
        self.put(bytes, name)?;
        self.pad(4, name)
    }

    /// Adds a device node.
    pub fn device(&mut self, name: &Path, mode: u32, kind: DeviceKind, major: u32, minor: u32) -> Result<(), Error> {
        let format = match kind {
            DeviceKind::Char => S_IFCHR,
            DeviceKind::Block => S_IFBLK,
        };
        self.entry(name, Header { mode: format | mode & 0o7777, nlink: 1, rdev: (major, minor), ..Header::default() })
    }

    /// Adds a named pipe.
    pub fn fifo(&mut self, name: &Path, mode: u32) -> Result<(), Error> {
        self.entry(name, Header { mode: S_IFIFO | mode & 0o7777, nlink: 1, ..Header::default() })
    }

    /// Ends the archive and gives back the output with the number of entries (without the trailer) and of bytes.
    ///
    /// # Errors
    /// [`Error::Io`] when writing fails.
    pub fn finish(mut self) -> Result<(W, u64, u64), Error> {
        let name = Path::new("TRAILER!!!");
        self.header(TRAILER, &Header { nlink: 1, ..Header::default() }, name)?;
        self.pad(BLOCK, name)?;
        self.out.flush().map_err(Error::io("write the cpio entry", name))?;
        Ok((self.out, self.entries, self.written))
    }

    fn entry(&mut self, name: &Path, header: Header) -> Result<(), Error> {
        let clean = entry_name(name)?;
        self.entries += 1;
        let Ok(ino) = u32::try_from(self.entries) else {
            return refuse(name, "the archive has no inode numbers left; split it".to_owned());
        };
        self.header(clean.as_os_str().as_bytes(), &Header { ino, mtime: self.mtime, ..header }, name)
    }

    fn header(&mut self, name: &[u8], header: &Header, path: &Path) -> Result<(), Error> {
        let mut bytes = Vec::with_capacity(HEADER_SIZE + name.len() + 4);
        bytes.extend_from_slice(MAGIC);
        let numbers = [
            header.ino,
            header.mode,
            0, // uid
            0, // gid
            header.nlink,
            header.mtime,
            header.size,
            0, // major of the file system it came from: with the inode number it identifies hard links, which are not written
            0, // its minor
            header.rdev.0,
            header.rdev.1,
            name.len() as u32 + 1, // at most NAME_LIMIT
            0,                     // checksum, of the other magic only
        ];
        for number in numbers {
            bytes.extend_from_slice(format!("{number:08X}").as_bytes());
        }
        bytes.extend_from_slice(name);
        bytes.push(0);
        self.put(&bytes, path)?;
        self.pad(4, path)
    }

    fn put(&mut self, bytes: &[u8], path: &Path) -> Result<(), Error> {
        self.out.write_all(bytes).map_err(Error::io("write the cpio entry", path))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn pad(&mut self, multiple: u64, path: &Path) -> Result<(), Error> {
        let zeros = [0; BLOCK as usize];
        let wanted = (self.written.next_multiple_of(multiple) - self.written) as usize;
        self.put(zeros.get(..wanted).unwrap_or_default(), path)
    }
}

fn refuse<T>(name: &Path, why: String) -> Result<T, Error> {
    Err(Error::CpioEntry { name: name.to_owned(), why })
}

/// The name as it stands in the archive: relative, without `.` and doubled slashes.
pub(super) fn entry_name(name: &Path) -> Result<PathBuf, Error> {
    let mut clean = PathBuf::new();
    for component in name.components() {
        match component {
            Component::Normal(part) => clean.push(part),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            Component::ParentDir => return refuse(name, "its name contains `..`; name it from the image's root".to_owned()),
        }
    }
    let bytes = clean.as_os_str().as_bytes();
    if bytes.is_empty() || bytes.contains(&0) {
        return refuse(name, "its name is empty or contains a NUL; give it another".to_owned());
    }
    if bytes.len() >= NAME_LIMIT {
        return refuse(name, "its name has 4096 bytes or more, which the kernel passes over; shorten it".to_owned());
    }
    if clean.as_os_str() == OsStr::from_bytes(TRAILER) {
        return refuse(name, "its name is the one that ends an archive; rename it".to_owned());
    }
    Ok(clean)
}
