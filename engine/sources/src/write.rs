//! Members of an archive put on disk below a scratch folder, each judged first.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, linkat, utimensat};
use tar::EntryType;

use crate::error::UnpackError;
use crate::member::Meta;
use crate::tree::{self, Node, Tree};
use crate::unpack::{Limits, Stop};

pub(crate) struct Writer<'a> {
    archive: &'a Path,
    root: &'a Path,
    limits: &'a Limits,
    pub tree: Tree,
    pub entries: u64,
    pub bytes: u64,
    /// Folders get their times last: what is put into them changes these.
    folders: Vec<(PathBuf, u32, (i64, i64))>,
    buffer: Vec<u8>,
}

impl<'a> Writer<'a> {
    pub fn new(archive: &'a Path, root: &'a Path, limits: &'a Limits) -> Self {
        let buffer = vec![0; 256 << 10];
        Self { archive, root, limits, tree: Tree::default(), entries: 0, bytes: 0, folders: Vec::new(), buffer }
    }

    pub fn member(&mut self, meta: &Meta, contents: &mut dyn Read) -> Result<(), Stop> {
        self.count(1)?;
        let parts = tree::parts(&meta.path).map_err(|why| self.refuse(&meta.path, why))?;
        if parts.is_empty() {
            return Ok(()); // “./”, the folder everything goes to
        }
        match meta.kind {
            EntryType::Directory => self.folder(&parts, meta),
            // before POSIX, a trailing slash was how a folder was told
            EntryType::Regular if meta.path.ends_with(b"/") => self.folder(&parts, meta),
            EntryType::Regular | EntryType::Continuous => self.file(&parts, meta, contents),
            EntryType::Symlink => self.symlink(&parts, meta),
            EntryType::Link => self.hard_link(&parts, meta),
            EntryType::Char | EntryType::Block => Err(self.refuse(&meta.path, "is a device".into())),
            EntryType::Fifo => Err(self.refuse(&meta.path, "is a pipe".into())),
            other => Err(self.refuse(&meta.path, format!("is of a type sources never need ({:?})", char::from(other.as_byte())))),
        }
    }

    /// Gives the folders their modes and times, innermost first.
    pub fn finish_folders(&mut self) -> Result<(), UnpackError> {
        for (path, mode, mtime) in std::mem::take(&mut self.folders).into_iter().rev() {
            // a folder its owner may not enter could be neither built from nor removed
            fs::set_permissions(&path, Permissions::from_mode(mode & 0o777 | 0o700)).map_err(at("set the mode of", &path))?;
            set_time(&path, mtime)?;
        }
        Ok(())
    }

    fn folder(&mut self, parts: &[&[u8]], meta: &Meta) -> Result<(), Stop> {
        let path = self.path(parts);
        match self.clear_way(parts, meta)? {
            Some(Was::Folder) => {}
            Some(_) => return Err(self.twice(meta)),
            None => {
                fs::create_dir(&path).map_err(at("make the folder", &path))?;
                self.tree.insert(parts, Node::Folder(HashMap::new()));
            }
        }
        self.folders.push((path, meta.mode, meta.mtime));
        Ok(())
    }

    fn file(&mut self, parts: &[&[u8]], meta: &Meta, contents: &mut dyn Read) -> Result<(), Stop> {
        self.bytes = self.bytes.saturating_add(meta.size);
        if self.bytes > self.limits.bytes {
            let archive = self.archive.into();
            return Err(UnpackError::TooMuch { archive, what: "bytes", limit: self.limits.bytes }.into());
        }
        let path = self.path(parts);
        match self.clear_way(parts, meta)? {
            Some(Was::File) => fs::remove_file(&path).map_err(at("replace", &path))?, // the last of the same name counts
            Some(_) => return Err(self.twice(meta)),
            None => {}
        }
        let mode = meta.mode & 0o777; // nothing in a source tree acts as another user
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true) // also refuses what the memory missed, such as names a file system takes for the same
            .mode(mode | 0o200)
            .open(&path)
            .map_err(at("create", &path))?;
        let mut left = meta.size;
        loop {
            let n = contents.read(&mut self.buffer)?;
            if n == 0 {
                break;
            }
            file.write_all(&self.buffer[..n]).map_err(at("write", &path))?;
            left = left.saturating_sub(n as u64);
        }
        if left > 0 {
            return Err(Stop::Tar(io::Error::other(format!("it ends within “{}”", tree::text(&meta.path)))));
        }
        file.set_permissions(Permissions::from_mode(mode)).map_err(at("set the mode of", &path))?;
        set_file_time(&file, &path, meta.mtime)?;
        self.tree.insert(parts, Node::File);
        Ok(())
    }

    fn symlink(&mut self, parts: &[&[u8]], meta: &Meta) -> Result<(), Stop> {
        let path = self.path(parts);
        if meta.link.is_empty() || meta.link.contains(&0) || meta.link.len() > 4096 {
            return Err(self.refuse(&meta.path, "is a link to no proper path".into()));
        }
        if meta.link.starts_with(b"/") {
            let why = format!("is a link to “{}”, which leaves the archive", tree::text(&meta.link));
            return Err(self.refuse(&meta.path, why));
        }
        match self.clear_way(parts, meta)? {
            Some(Was::Link) => fs::remove_file(&path).map_err(at("replace", &path))?,
            Some(_) => return Err(self.twice(meta)),
            None => {}
        }
        symlink(OsStr::from_bytes(&meta.link), &path).map_err(at("make the link", &path))?;
        set_time(&path, meta.mtime)?;
        self.tree.insert(parts, Node::Link(meta.link.clone()));
        Ok(())
    }

    /// A second name for a member that came before. For a link that is a link with the same words at another place,
    /// so it is remembered as one and judged there.
    fn hard_link(&mut self, parts: &[&[u8]], meta: &Meta) -> Result<(), Stop> {
        let source = tree::parts(&meta.link).map_err(|why| self.refuse(&meta.path, format!("is a hard link to a path that {why}")))?;
        let place = self.tree.place(&source).map_err(|why| self.refuse(&meta.path, format!("is a hard link to what {why}")))?;
        let node = match place.present {
            Some(Node::File) => Node::File,
            Some(Node::Link(target)) => Node::Link(target.clone()),
            Some(Node::Folder(_)) => return Err(self.refuse(&meta.path, "is a hard link to a folder".into())),
            None => {
                let why = format!("is a hard link to “{}”, which the archive has not brought", tree::text(&meta.link));
                return Err(self.refuse(&meta.path, why));
            }
        };
        if source == parts {
            return Ok(());
        }
        let (from, path) = (self.path(&source), self.path(parts));
        match (self.clear_way(parts, meta)?, &node) {
            (None, _) => {}
            (Some(Was::File), Node::File) | (Some(Was::Link), Node::Link(_)) => fs::remove_file(&path).map_err(at("replace", &path))?,
            _ => return Err(self.twice(meta)),
        }
        linkat(CWD, &from, CWD, &path, AtFlags::empty()).map_err(|e| at("make the hard link", &path)(e.into()))?;
        self.tree.insert(parts, node);
        Ok(())
    }

    /// Makes the folders above a member, and says what stands in its place.
    fn clear_way(&mut self, parts: &[&[u8]], meta: &Meta) -> Result<Option<Was>, Stop> {
        let place = self.tree.place(parts).map_err(|why| self.refuse(&meta.path, why))?;
        let known = place.known;
        let was = place.present.map(|node| match node {
            Node::Folder(_) => Was::Folder,
            Node::File => Was::File,
            Node::Link(_) => Was::Link,
        });
        for depth in known + 1..parts.len() {
            self.count(1)?;
            let folder = self.path(&parts[..depth]);
            fs::create_dir(&folder).map_err(at("make the folder", &folder))?;
            self.tree.insert(&parts[..depth], Node::Folder(HashMap::new()));
        }
        Ok(was)
    }

    fn count(&mut self, more: u64) -> Result<(), Stop> {
        self.entries += more;
        if self.entries > self.limits.entries {
            let archive = self.archive.into();
            return Err(UnpackError::TooMuch { archive, what: "files", limit: self.limits.entries }.into());
        }
        Ok(())
    }

    fn path(&self, parts: &[&[u8]]) -> PathBuf {
        let mut path = self.root.to_path_buf();
        path.extend(parts.iter().map(|p| OsStr::from_bytes(p)));
        path
    }

    fn twice(&self, meta: &Meta) -> Stop {
        self.refuse(&meta.path, "stands in it twice, as different things".into())
    }

    fn refuse(&self, path: &[u8], reason: String) -> Stop {
        UnpackError::Refused { archive: self.archive.into(), entry: tree::text(path), reason }.into()
    }
}

/// What stood in a member's place.
enum Was {
    Folder,
    File,
    Link,
}

fn set_file_time(file: &File, path: &Path, mtime: (i64, i64)) -> Result<(), UnpackError> {
    rustix::fs::futimens(file, &times(mtime)).map_err(|e| at("set the time of", path)(e.into()))
}

fn set_time(path: &Path, mtime: (i64, i64)) -> Result<(), UnpackError> {
    utimensat(CWD, path, &times(mtime), AtFlags::SYMLINK_NOFOLLOW).map_err(|e| at("set the time of", path)(e.into()))
}

fn times((tv_sec, tv_nsec): (i64, i64)) -> Timestamps {
    Timestamps { last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT }, last_modification: Timespec { tv_sec, tv_nsec } }
}

fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> UnpackError {
    let path = path.to_path_buf();
    move |source| UnpackError::Io { action, path, source }
}
