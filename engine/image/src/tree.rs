//! What is inside an archive, an image or a folder, as one sorted list of entries that can be opened.
//!
//! Names are taken as they stand and nothing is unpacked to them, so `..` in a name is a name. Links lead from entry to entry
//! and never out of the tree.

use crate::Error;
use crate::source::Source;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Most entries of one tree. A kernel's source has 90,000.
pub const ENTRY_LIMIT: usize = 500_000;
/// Most bytes of all names of one tree together.
const NAMES_LIMIT: usize = 64 << 20;
/// Links that are followed one after the other, as by Linux.
const LINKS: usize = 40;

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    File,
    Folder,
    /// A symbolic link, and where it points.
    Link(String),
    /// Major and minor number.
    CharDevice(u32, u32),
    BlockDevice(u32, u32),
    Pipe,
    Socket,
    /// A mode that names no kind of file.
    Unknown,
}

/// Where an entry's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bytes {
    None,
    /// Parts of the archive: offset and length.
    Parts(Vec<(u64, u64)>),
    /// A file of this machine.
    File(PathBuf),
    /// All of the source that the tree was made of.
    Whole,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From the root of the tree, without a slash before or behind: `bin/busybox`. U+FFFD stands for bytes that are no UTF-8.
    pub path: String,
    pub kind: Kind,
    /// In bytes, of a file; else 0.
    pub size: u64,
    /// Permission bits, where they are recorded.
    pub permissions: Option<u32>,
    /// User and group by number, where they are recorded.
    pub owner: Option<(u32, u32)>,
    #[serde(skip)]
    pub(crate) bytes: Bytes,
}

impl Entry {
    /// The last part of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// How many folders it is in.
    pub fn depth(&self) -> usize {
        self.path.matches('/').count()
    }

    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// As `ls -l` writes it: `drwxr-xr-x`; a question mark for what is not recorded.
    pub fn mode_text(&self) -> String {
        let kind = match self.kind {
            Kind::File => '-',
            Kind::Folder => 'd',
            Kind::Link(_) => 'l',
            Kind::CharDevice(..) => 'c',
            Kind::BlockDevice(..) => 'b',
            Kind::Pipe => 'p',
            Kind::Socket => 's',
            Kind::Unknown => '?',
        };
        let Some(bits) = self.permissions else { return format!("{kind}?????????") };
        let mut text = String::from(kind);
        for (shift, special, mark) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
            let three = bits >> shift;
            text.push(if three & 4 != 0 { 'r' } else { '-' });
            text.push(if three & 2 != 0 { 'w' } else { '-' });
            text.push(match (three & 1 != 0, bits & special != 0) {
                (true, false) => 'x',
                (false, false) => '-',
                (true, true) => mark,
                (false, true) => mark.to_ascii_uppercase(),
            });
        }
        text
    }
}

/// Entries in reading order: a folder before what is in it, names of one folder in bytewise order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tree {
    entries: Vec<Entry>,
}

fn order(a: &str, b: &str) -> Ordering {
    a.split('/').cmp(b.split('/'))
}

impl Tree {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of exactly this path.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| order(&entry.path, path)).ok()
    }

    /// The entries below a folder, and those of the whole tree for the empty path.
    pub fn below(&self, folder: &str) -> &[Entry] {
        if folder.is_empty() {
            return &self.entries;
        }
        let Some(at) = self.find(folder) else { return &[] };
        let rest = self.entries.get(at + 1..).unwrap_or_default();
        let inside = |entry: &Entry| entry.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let count = rest.iter().position(|entry| !inside(entry)).unwrap_or(rest.len());
        rest.get(..count).unwrap_or_default()
    }

    /// The entry that a path leads to, links followed within the tree, the way a program with this tree as its root would
    /// find it. `None` for a path that leads nowhere or in circles; the root itself is no entry.
    pub fn resolve(&self, path: &str) -> Option<usize> {
        self.walk(path).and_then(|(found, rest)| rest.is_empty().then_some(found))
    }

    /// As [`Tree::resolve`], up to the first entry that is neither folder nor link; what of the path is left comes with it.
    pub fn walk(&self, path: &str) -> Option<(usize, String)> {
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let (mut at, mut found, mut links) = (String::new(), None, 0);
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at.truncate(at.rfind('/').unwrap_or(0));
                    found = self.find(&at);
                    continue;
                }
                _ => {}
            }
            let before = at.len();
            if !at.is_empty() {
                at.push('/');
            }
            at.push_str(&part);
            let index = self.find(&at)?;
            match &self.entries.get(index)?.kind {
                Kind::Folder => found = Some(index),
                Kind::Link(target) => {
                    links += 1;
                    if links > LINKS || left.len() > 4096 {
                        return None;
                    }
                    at.truncate(if target.starts_with('/') { 0 } else { before });
                    left.extend(target.split('/').rev().map(str::to_owned));
                    found = self.find(&at);
                }
                _ => {
                    left.reverse();
                    return Some((index, left.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")));
                }
            }
        }
        found.map(|index| (index, String::new()))
    }

    /// The bytes of a file. `of` is the source that the tree was made of; a folder has none.
    ///
    /// # Errors
    /// [`Error::NotThere`] for what is no file, [`Error::CutOff`] and [`Error::Io`].
    pub fn open(&self, index: usize, of: Option<&Source>) -> Result<Source, Error> {
        let nothing = |name: &str, why: &str| Error::NotThere { name: name.to_owned(), why: why.to_owned() };
        let entry = self.entries.get(index).ok_or_else(|| nothing("the entry", "there are fewer"))?;
        match (&entry.bytes, of) {
            (Bytes::Parts(parts), Some(of)) => of.parts(parts, Path::new(&entry.path)),
            (Bytes::File(path), _) => Source::open(path),
            (Bytes::Whole, Some(of)) => Ok(of.clone()),
            _ => Err(nothing(&entry.path, "it is no file")),
        }
    }

    /// Everything below a folder of this machine; links are not followed.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::TooLarge`].
    pub fn of_folder(dir: &Path) -> Result<Tree, Error> {
        let mut trunk = Trunk::new(dir);
        for entry in walkdir::WalkDir::new(dir).min_depth(1) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(dir).to_owned();
                Error::Io { action: "read the folder", path, source: error.into() }
            })?;
            let path = entry.path();
            let metadata = std::fs::symlink_metadata(path).map_err(Error::io("read", path))?;
            let target = || std::fs::read_link(path).map(|t| t.to_string_lossy().into_owned()).map_err(Error::io("read the link", path));
            let mode = metadata.mode();
            let kind = kind_of(mode, crate::cpio::device_numbers(metadata.rdev()), target)?;
            let bytes = if kind == Kind::File { Bytes::File(path.to_owned()) } else { Bytes::None };
            let name = path.strip_prefix(dir).unwrap_or(path).to_string_lossy().into_owned();
            let size = if kind == Kind::File { metadata.len() } else { 0 };
            let owner = Some((metadata.uid(), metadata.gid()));
            trunk.add(Entry { path: name, kind, size, permissions: Some(mode & 0o7777), owner, bytes })?;
        }
        Ok(trunk.finish())
    }

    /// One file under a name, for what is compressed and no archive.
    pub(crate) fn of_one(name: &str, size: u64) -> Tree {
        let entry = Entry { path: name.to_owned(), kind: Kind::File, size, permissions: None, owner: None, bytes: Bytes::Whole };
        Tree { entries: vec![entry] }
    }
}

/// The kind that a mode names, by inode(7).
pub(crate) fn kind_of(mode: u32, device: (u32, u32), target: impl FnOnce() -> Result<String, Error>) -> Result<Kind, Error> {
    Ok(match mode & 0o170_000 {
        0o100_000 => Kind::File,
        0o040_000 => Kind::Folder,
        0o120_000 => Kind::Link(target()?),
        0o020_000 => Kind::CharDevice(device.0, device.1),
        0o060_000 => Kind::BlockDevice(device.0, device.1),
        0o010_000 => Kind::Pipe,
        0o140_000 => Kind::Socket,
        _ => Kind::Unknown,
    })
}

/// A tree that grows, within limits.
pub(crate) struct Trunk {
    what: PathBuf,
    entries: BTreeMap<Vec<String>, Entry>,
    names: usize,
}

impl Trunk {
    pub(crate) fn new(what: &Path) -> Trunk {
        Trunk { what: what.to_owned(), entries: BTreeMap::new(), names: 0 }
    }

    fn too_large(&self, limit: usize, what: &str) -> Error {
        Error::TooLarge { what: format!("{what} in {}", self.what.display()), limit: limit as u64 }
    }

    /// A later entry of the same path takes the place of the earlier one, as when an archive is unpacked. Folders that an
    /// archive leaves out are added without permissions.
    pub(crate) fn add(&mut self, mut entry: Entry) -> Result<(), Error> {
        let parts: Vec<String> = entry.path.split('/').filter(|p| !p.is_empty() && *p != ".").map(str::to_owned).collect();
        if parts.is_empty() {
            return Ok(()); // the root itself
        }
        for depth in 1..parts.len() {
            let Some(above) = parts.get(..depth).filter(|above| !self.entries.contains_key(*above)) else { continue };
            let folder = Entry { path: above.join("/"), kind: Kind::Folder, size: 0, permissions: None, owner: None, bytes: Bytes::None };
            self.count(&folder)?;
            self.entries.insert(above.to_vec(), folder);
        }
        entry.path = parts.join("/");
        self.count(&entry)?;
        self.entries.insert(parts, entry);
        Ok(())
    }

    fn count(&mut self, entry: &Entry) -> Result<(), Error> {
        self.names += entry.path.len() + if let Kind::Link(target) = &entry.kind { target.len() } else { 0 };
        if self.entries.len() >= ENTRY_LIMIT {
            return Err(self.too_large(ENTRY_LIMIT, "the number of entries"));
        }
        if self.names > NAMES_LIMIT {
            return Err(self.too_large(NAMES_LIMIT, "the size of all names"));
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Tree {
        Tree { entries: self.entries.into_values().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, Kind)]) -> Tree {
        let mut trunk = Trunk::new(Path::new("test"));
        for (path, kind) in entries {
            let bytes = Bytes::None;
            let entry = Entry { path: (*path).to_owned(), kind: kind.clone(), size: 0, permissions: Some(0o755), owner: None, bytes };
            trunk.add(entry).unwrap();
        }
        trunk.finish()
    }

    fn link(to: &str) -> Kind {
        Kind::Link(to.to_owned())
    }

    #[test]
    fn a_folder_comes_before_what_is_in_it_and_missing_ones_are_added() {
        let tree = tree(&[("./a-b", Kind::File), ("/a/c/d", Kind::File), ("a", Kind::Folder), ("", Kind::Folder), (".", Kind::Folder)]);
        let paths: Vec<&str> = tree.entries().iter().map(|e| e.path.as_str()).collect();
        assert_eq!(paths, ["a", "a/c", "a/c/d", "a-b"]);
        assert_eq!(tree.below("a").len(), 2);
        assert_eq!(tree.below("").len(), 4);
        assert_eq!(tree.below("a-b"), []);
        assert_eq!((tree.entries()[2].name(), tree.entries()[2].depth()), ("d", 2));
    }

    #[test]
    fn links_are_followed_within_the_tree_only() {
        let tree = tree(&[
            ("lib", Kind::Folder),
            ("lib/libc.so.6", link("libc-2.36.so")),
            ("lib/libc-2.36.so", Kind::File),
            ("lib64", link("lib")),
            ("usr", Kind::Folder),
            ("usr/lib", link("../../../lib")),
            ("init", link("/lib/libc.so.6")),
            ("a", link("b")),
            ("b", link("a")),
            ("gone", link("nowhere/at/all")),
        ]);
        let path = |from: &str| tree.resolve(from).map(|i| tree.entries()[i].path.as_str());
        for from in ["lib/libc-2.36.so", "/lib64/libc.so.6", "usr/lib/libc.so.6", "init", "lib/../init", "./usr/../../init"] {
            assert_eq!(path(from), Some("lib/libc-2.36.so"), "{from}");
        }
        for from in ["a", "gone", "lib/libc.so.6/x", "", "..", "missing"] {
            assert_eq!(path(from), None, "{from}");
        }
        assert_eq!(path("usr/lib"), Some("lib"));
        let (at, rest) = tree.walk("lib64/libc.so.6/inside//of/it").unwrap();
        assert_eq!((tree.entries()[at].path.as_str(), rest.as_str()), ("lib/libc-2.36.so", "inside/of/it"));
    }

    #[test]
    fn modes_read_as_ls_writes_them() {
        let mut entry = tree(&[("x", Kind::File)]).entries()[0].clone();
        for (bits, text) in [(Some(0o4755), "-rwsr-xr-x"), (Some(0o1640), "-rw-r----T"), (None, "-?????????")] {
            entry.permissions = bits;
            assert_eq!(entry.mode_text(), text);
        }
    }
}
