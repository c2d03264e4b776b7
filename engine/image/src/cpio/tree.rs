//! Packs a folder tree and a list of device nodes into one archive, without being root.

use super::write::{Writer, entry_name};
use super::{DeviceKind, S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG};
use crate::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A device node to put into the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Where, from the image's root: `dev/console`. Its folder must be in the tree.
    pub path: PathBuf,
    /// Character or block.
    pub kind: DeviceKind,
    /// Major number, which driver; see the kernel's `Documentation/admin-guide/devices.txt`.
    pub major: u32,
    /// Minor number, which of the driver's devices.
    pub minor: u32,
    /// Permission bits.
    pub mode: u32,
}

impl Device {
    /// `/dev/console`, 5:1: the kernel opens it for init before anything could mount devtmpfs. Without it init has no
    /// output.
    pub fn console() -> Self {
        Device { path: PathBuf::from("dev/console"), kind: DeviceKind::Char, major: 5, minor: 1, mode: 0o600 }
    }

    /// `/dev/null`, 1:3.
    pub fn null() -> Self {
        Device { path: PathBuf::from("dev/null"), kind: DeviceKind::Char, major: 1, minor: 3, mode: 0o666 }
    }
}

/// What was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Entries, without the trailer.
    pub entries: u64,
    /// Bytes of the archive before any compression.
    pub bytes: u64,
}

/// Where an entry's facts come from.
enum Source<'a> {
    Tree,
    List(&'a Device),
}

/// Writes everything below `dir`, and `devices`, as a newc archive to `out`.
///
/// Entries come in bytewise order of their full names, so a folder always precedes what is in it. Files, folders, links,
/// pipes and device nodes are taken; permission bits stay, the owner becomes root, the time `mtime` (seconds since 1970).
/// A file with several hard links is written once for each. `dir` itself is not written: the kernel made the root already,
/// and the mode of a work folder is not meant for it. The same tree and arguments give the same bytes.
///
/// # Errors
/// [`Error::CpioEntry`] for a socket, for a device whose name is in the tree already, twice in the list, or whose folder is
/// not in the tree, and for what [`Writer`] refuses; [`Error::Io`] when something cannot be read or written. What was
/// written to `out` until then is no archive.
pub fn pack_tree(dir: &Path, devices: &[Device], mtime: u32, out: impl Write) -> Result<Packed, Error> {
    let mut entries = names_below(dir)?;
    for device in devices {
        let name = entry_name(&device.path)?.into_os_string().into_vec();
        let folder = name.iter().rposition(|byte| *byte == b'/').and_then(|slash| name.get(..slash));
        if folder.is_some_and(|folder| !entries.contains_key(folder)) {
            return refuse(&device.path, "its folder is not in the tree, and the kernel would not make it; add the folder");
        }
        if entries.insert(name, Source::List(device)).is_some() {
            return refuse(&device.path, "its name is there already; take it out of the tree or of the list of devices");
        }
    }
    let mut writer = Writer::new(BufWriter::with_capacity(1 << 16, out), mtime);
    for (name, source) in &entries {
        let name = Path::new(std::ffi::OsStr::from_bytes(name));
        match source {
            Source::List(device) => writer.device(name, device.mode, device.kind, device.major, device.minor)?,
            Source::Tree => add(&mut writer, name, &dir.join(name))?,
        }
    }
    let (_, entries, bytes) = writer.finish()?;
    Ok(Packed { entries, bytes })
}

/// The names of everything below `dir`, as bytes: a map of them is in the order wanted (`Path` compares by parts, not bytes).
fn names_below<'a>(dir: &Path) -> Result<BTreeMap<Vec<u8>, Source<'a>>, Error> {
    let mut names = BTreeMap::new();
    // walkdir would take a file for a tree of one.
    if !std::fs::metadata(dir).map_err(Error::io("read the folder", dir))?.is_dir() {
        let source = std::io::Error::from(std::io::ErrorKind::NotADirectory);
        return Err(Error::Io { action: "pack the tree", path: dir.to_owned(), source });
    }
    for entry in walkdir::WalkDir::new(dir).min_depth(1) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(dir).to_owned();
            Error::Io { action: "read the folder", path, source: error.into() }
        })?;
        if let Ok(name) = entry.path().strip_prefix(dir) {
            names.insert(name.as_os_str().as_bytes().to_vec(), Source::Tree);
        }
    }
    Ok(names)
}

fn add<W: Write>(writer: &mut Writer<W>, name: &Path, path: &Path) -> Result<(), Error> {
    let metadata = std::fs::symlink_metadata(path).map_err(Error::io("read", path))?;
    let mode = metadata.mode();
    match mode & S_IFMT {
        S_IFDIR => writer.dir(name, mode),
        S_IFREG => {
            let mut file = File::open(path).map_err(Error::io("open", path))?;
            writer.file(name, mode, metadata.len(), &mut file)
        }
        S_IFLNK => {
            let target = std::fs::read_link(path).map_err(Error::io("read the link", path))?;
            writer.symlink(name, &target)
        }
        S_IFCHR | S_IFBLK => {
            let kind = if mode & S_IFMT == S_IFCHR { DeviceKind::Char } else { DeviceKind::Block };
            let (major, minor) = device_numbers(metadata.rdev());
            writer.device(name, mode, kind, major, minor)
        }
        S_IFIFO => writer.fifo(name, mode),
        _ => refuse(name, "it is a socket, which only the program that made it can use; remove it"),
    }
}

/// Major and minor in glibc's and musl's 64-bit `dev_t`: the bits of the old 16-bit number in the middle, the rest outside.
pub(crate) fn device_numbers(rdev: u64) -> (u32, u32) {
    let major = (rdev >> 8 & 0xfff) | (rdev >> 32 & 0xffff_f000);
    let minor = (rdev & 0xff) | (rdev >> 12 & 0xffff_ff00);
    (major as u32, minor as u32)
}

fn refuse<T>(name: &Path, why: &str) -> Result<T, Error> {
    Err(Error::CpioEntry { name: name.to_owned(), why: why.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::device_numbers;

    #[test]
    fn device_numbers_of_known_nodes() {
        assert_eq!(device_numbers(0x0501), (5, 1));
        assert_eq!(device_numbers(0x4500_0678), (6, 0x45078));
        assert_eq!(device_numbers(0x0001_2000_000a_bc00), (0x12abc, 0));
    }
}
