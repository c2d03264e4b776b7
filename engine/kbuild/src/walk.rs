//! The folders of an object tree, and the `.cmd` files in them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// When a file was last written, in nanoseconds since 1970.
pub type Time = i64;

/// The time of a file as the file system has it.
pub fn time(meta: &fs::Metadata) -> Time {
    meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec())
}

/// One folder of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Below the object folder; empty for that itself.
    pub path: Vec<u8>,
    /// When a file was last made, removed or renamed in it, as it was before it was read.
    pub time: Time,
}

/// What lies in a folder.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub folders: Vec<Folder>,
    /// Targets that have a `.cmd` file, below the object folder.
    pub targets: Vec<Vec<u8>>,
}

/// How many threads are worth it.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(8)
}

/// A name below the object folder.
pub fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// `dir/.name.cmd` of the target `dir/name`.
pub fn cmd_file(target: &[u8]) -> Vec<u8> {
    let base = memchr::memrchr(b'/', target).map_or(0, |slash| slash + 1);
    let (folder, name) = target.split_at(base);
    [folder, b".", name, b".cmd"].concat()
}

pub fn as_path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

/// Reads these folders and all below them; symbolic links are not followed, as `source` is one. A folder that cannot be read
/// counts as empty, since make could not read it either.
pub fn walk(object: &Path, start: Vec<Vec<u8>>) -> Listing {
    let (mut level, mut found) = (start, Listing::default());
    while !level.is_empty() {
        let share = level.len().div_ceil(threads()).max(16);
        let read: Vec<(Listing, Vec<Vec<u8>>)> = std::thread::scope(|scope| {
            let some: Vec<_> = level.chunks(share).map(|part| scope.spawn(move || list(object, part))).collect();
            some.into_iter().filter_map(|t| t.join().ok()).collect()
        });
        level.clear();
        for (listing, below) in read {
            found.folders.extend(listing.folders);
            found.targets.extend(listing.targets);
            level.extend(below);
        }
    }
    found
}

/// Reads folders without those below them, which are named.
pub fn list(object: &Path, folders: &[Vec<u8>]) -> (Listing, Vec<Vec<u8>>) {
    let (mut found, mut below) = (Listing::default(), Vec::new());
    for folder in folders {
        let path: PathBuf = object.join(as_path(folder));
        let Ok(meta) = fs::metadata(&path) else { continue };
        found.folders.push(Folder { path: folder.clone(), time: time(&meta) });
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.as_bytes();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if name != b".git" {
                    below.push(join(folder, name));
                }
            } else if let Some(target) = name.strip_prefix(b".").and_then(|n| n.strip_suffix(b".cmd")).filter(|t| !t.is_empty()) {
                found.targets.push(join(folder, target));
            }
        }
    }
    (found, below)
}
