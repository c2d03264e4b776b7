//! What every target of a built tree depends on, from its `.cmd` files: files, options and command, in a table that is kept on
//! disk and brought up to date by looking at times.
//!
//! The index says what the last build noted. It does not look at the files that targets depend on; [`crate::stale`] does.

mod disk;
mod guess;
mod names;
mod reading;
#[cfg(test)]
mod tests;

use crate::cmd::{Trouble, command_text};
use crate::error::{Error, Result};
use crate::tree::Tree;
use crate::walk::{self, Folder, Time, cmd_file, threads};
use names::Names;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file's number in the index.
pub type FileId = u32;
/// A target's number: its place in [`Index::rows`], which is sorted by name.
pub type RowId = usize;

/// No file.
pub const NONE: u32 = u32::MAX;
/// On the number of a file that counts only while it is there.
const OPTIONAL: u32 = 1 << 31;
/// A `.cmd` file that was written so shortly before it was read may be written again within the same tick of the clock.
const SETTLED: Time = 2_000_000_000;

/// How a `.cmd` file was when it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// In nanoseconds since 1970; 0 where it has to be read again in any case.
    pub time: Time,
    /// In bytes.
    pub size: u64,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Deps {
    start: u32,
    end: u32,
}

impl Deps {
    fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    fn of(self, list: &[u32]) -> &[u32] {
        list.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A target that has a `.cmd` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub target: FileId,
    /// What it was compiled from; [`NONE`] where fixdep did not say.
    pub source: FileId,
    /// `savedcmd_`, not `cmd_`.
    pub saved: bool,
    /// Whether fixdep wrote its list; without, the files are those that its command names.
    pub listed: bool,
    pub trouble: Option<Trouble>,
    /// Its files were read off its command.
    guessed: bool,
    stamp: Stamp,
    deps: Deps,
    words: Deps,
}

impl Default for Row {
    fn default() -> Self {
        let (stamp, deps) = Default::default();
        Self { target: NONE, source: NONE, saved: false, listed: false, trouble: None, guessed: false, stamp, deps, words: deps }
    }
}

/// A file that a target depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    pub file: FileId,
    /// It counts only while it is there: the files of options, objtool.
    pub optional: bool,
}

/// What was done to bring an index up to date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// Whether an earlier index was there and fit.
    pub kept: bool,
    /// `.cmd` files that were read.
    pub read: usize,
    /// Targets that are gone.
    pub removed: usize,
    /// Why the index could not be kept on disk.
    pub unsaved: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Index {
    object: PathBuf,
    source: PathBuf,
    files: Names,
    words: Names,
    rows: Vec<Row>,
    deps: Vec<u32>,
    word_list: Vec<u32>,
    folders: Vec<Folder>,
    /// When it was brought up to date.
    pub made: Time,
}

impl Index {
    /// Reads all `.cmd` files of a tree.
    pub fn build(tree: &Tree) -> Self {
        let started = now();
        let found = walk::walk(&tree.object, vec![Vec::new()]);
        let mut index =
            Self { object: tree.object.clone(), source: tree.source.clone(), folders: found.folders, made: started, ..Self::default() };
        index.read(&found.targets);
        index.settle(started);
        index
    }

    /// Opens the index that is kept in the file `cache`, brings it up to date, and keeps it there if something changed. A file
    /// that is none, or of another tree, is replaced.
    pub fn open(tree: &Tree, cache: &Path) -> Result<(Self, Update)> {
        if cache.starts_with(&tree.source) || cache.starts_with(&tree.object) {
            let words = format!("{}: the index of a tree is not kept inside the tree", cache.display());
            return Err(Error::Other(words));
        }
        let (index, mut update) = match disk::load(cache, tree) {
            Some(mut index) => {
                let update = index.refresh();
                (index, update)
            }
            None => {
                let index = Self::build(tree);
                let read = index.rows.len();
                (index, Update { read, ..Update::default() })
            }
        };
        if !update.kept || update.read + update.removed > 0 {
            update.unsaved = disk::save(&index, cache).err().map(|e| format!("{}: {e}", cache.display()));
        }
        Ok((index, update))
    }

    /// Where the index of a tree lies in a folder for such files.
    pub fn cache_file(folder: &Path, tree: &Tree) -> PathBuf {
        use std::hash::BuildHasher;
        folder.join(format!("{:016x}.kbuild", rustc_hash::FxBuildHasher.hash_one(&tree.object)))
    }

    /// The object folder that it is of.
    pub fn object(&self) -> &Path {
        &self.object
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(id)
    }

    /// How many files have a number.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// A file as the makefiles name it: relative to the object folder, or absolute.
    pub fn file(&self, id: FileId) -> &[u8] {
        self.files.name(id)
    }

    pub fn find_file(&self, name: &[u8]) -> Option<FileId> {
        self.files.find(name)
    }

    pub fn name(&self, row: &Row) -> &[u8] {
        self.files.name(row.target)
    }

    pub fn find(&self, target: &[u8]) -> Option<RowId> {
        self.rows.binary_search_by(|row| self.files.name(row.target).cmp(target)).ok()
    }

    /// Files and options of a target, as its list has them, without its source.
    pub fn dependencies(&self, row: &Row) -> impl Iterator<Item = Dependency> {
        row.deps.of(&self.deps).iter().map(|d| Dependency { file: d & !OPTIONAL, optional: d & OPTIONAL != 0 })
    }

    /// When the `.cmd` file was written, which is after the command ended; 0 where that has to be looked up again.
    pub fn noted(&self, row: &Row) -> Time {
        row.stamp.time
    }

    /// The saved command as the shell got it.
    pub fn command(&self, row: &Row) -> Vec<u8> {
        let words: Vec<&[u8]> = row.words.of(&self.word_list).iter().map(|w| self.words.name(*w)).collect();
        command_text(&words.join(b" ".as_slice())).into_owned()
    }

    /// The program that a command starts, where its first word is one.
    pub fn program(&self, row: &Row) -> Option<u32> {
        row.words.of(&self.word_list).iter().copied().find(|w| !self.words.name(*w).is_empty())
    }

    pub fn word(&self, id: u32) -> &[u8] {
        self.words.name(id)
    }

    /// The option that a file stands for: `include/config/SMP`, or `include/config/feature/tar.h` in the older form.
    pub fn option(&self, file: FileId) -> Option<String> {
        option_of(self.files.name(file))
    }

    /// How large it is: targets, lines of lists, files, bytes on disk.
    pub fn counts(&self) -> Counts {
        Counts { targets: self.rows.len(), lines: self.deps.len(), files: self.files.len(), folders: self.folders.len() }
    }

    fn read(&mut self, targets: &[Vec<u8>]) {
        let parts = reading::read(&self.object, &self.source, targets);
        parts.into_iter().for_each(|part| self.add(part));
        self.rows.sort_by(|a, b| self.files.name(a.target).cmp(self.files.name(b.target)));
        guess::fill(self);
    }

    /// Takes over what was read, in this table's numbers.
    fn add(&mut self, part: reading::Read1) {
        let files: Vec<u32> = (0..part.files.len() as u32).map(|id| self.files.number(part.files.name(id))).collect();
        let words: Vec<u32> = (0..part.words.len() as u32).map(|id| self.words.number(part.words.name(id))).collect();
        let file = |id: u32| files.get(id as usize).copied().unwrap_or(NONE);
        let (deps, word_list) = (self.deps.len() as u32, self.word_list.len() as u32);
        self.deps.extend(part.deps.iter().map(|d| file(d & !OPTIONAL) | d & OPTIONAL));
        self.word_list.extend(part.word_list.iter().map(|w| words.get(*w as usize).copied().unwrap_or(NONE)));
        self.rows.extend(part.rows.into_iter().map(|row| Row {
            target: file(row.target),
            source: file(row.source),
            deps: Deps { start: row.deps.start + deps, end: row.deps.end + deps },
            words: Deps { start: row.words.start + word_list, end: row.words.end + word_list },
            ..row
        }));
    }

    /// What was written while we looked is looked at again next time.
    fn settle(&mut self, started: Time) {
        let limit = started - SETTLED;
        self.rows.iter_mut().filter(|r| r.stamp.time > limit).for_each(|r| r.stamp.time = 0);
        self.folders.iter_mut().filter(|f| f.time > limit).for_each(|f| f.time = 0);
    }

    /// Looks which folders and `.cmd` files changed, and reads those.
    fn refresh(&mut self) -> Update {
        let started = now();
        let paths: Vec<&[u8]> = self.folders.iter().map(|f| f.path.as_slice()).collect();
        let folder_times = stat_all(&self.object, &paths);
        let cmds: Vec<Vec<u8>> = self.rows.iter().map(|r| cmd_file(self.files.name(r.target))).collect();
        let cmds: Vec<&[u8]> = cmds.iter().map(Vec::as_slice).collect();
        let stamps = stat_all(&self.object, &cmds);
        let changed: Vec<Vec<u8>> = (self.folders.iter().zip(&folder_times))
            .filter(|(f, now)| now.is_some_and(|now| now.time != f.time || f.time == 0))
            .map(|(f, _)| f.path.clone())
            .collect();
        let known: FxHashSet<&[u8]> = self.folders.iter().map(|f| f.path.as_slice()).collect();
        let (mut listing, below) = walk::list(&self.object, &changed);
        let new = walk::walk(&self.object, below.into_iter().filter(|b| !known.contains(b.as_slice())).collect());
        listing.targets.extend(new.targets);
        let mut unread: Vec<Vec<u8>> = listing.targets.into_iter().filter(|t| self.find(t).is_none()).collect();
        let before = self.rows.len();
        let fresh: Vec<bool> = (self.rows.iter().zip(&stamps)).map(|(row, now)| *now == Some(row.stamp) && row.stamp.time != 0).collect();
        let gone = stamps.iter().filter(|s| s.is_none()).count();
        for ((row, fresh), now) in self.rows.iter().zip(&fresh).zip(&stamps) {
            if !fresh && now.is_some() {
                unread.push(self.files.name(row.target).to_vec());
            }
        }
        let times: FxHashMap<Vec<u8>, Time> = listing.folders.into_iter().chain(new.folders).map(|f| (f.path, f.time)).collect();
        let mut folders: Vec<Folder> = Vec::with_capacity(self.folders.len());
        for (folder, now) in self.folders.drain(..).zip(folder_times) {
            if now.is_some() && !times.contains_key(&folder.path) {
                folders.push(folder);
            }
        }
        folders.extend(times.into_iter().map(|(path, time)| Folder { path, time }));
        folders.sort_by(|a, b| a.path.cmp(&b.path));
        self.folders = folders;
        let mut keep = fresh.into_iter();
        self.rows.retain(|_| keep.next().unwrap_or(false));
        let kept = self.rows.len();
        // What dropped rows leave behind in the lists is thrown away now and then.
        if unread.len() + gone > before / 2 {
            let targets = self.rows.iter().map(|r| self.files.name(r.target).to_vec()).chain(unread).collect::<Vec<_>>();
            let (object, source, folders) =
                (std::mem::take(&mut self.object), std::mem::take(&mut self.source), std::mem::take(&mut self.folders));
            *self = Self { object, source, folders, ..Self::default() };
            self.read(&targets);
            self.settle(started);
            self.made = started;
            return Update { kept: true, read: self.rows.len(), removed: gone, unsaved: None };
        }
        if !unread.is_empty() {
            self.read(&unread);
        }
        self.settle(started);
        self.made = started;
        Update { kept: true, read: self.rows.len() - kept, removed: gone, unsaved: None }
    }
}

/// How large an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub targets: usize,
    /// Lines of all lists, those of options too.
    pub lines: usize,
    pub files: usize,
    pub folders: usize,
}

/// The option that `include/config/…` stands for.
pub fn option_of(file: &[u8]) -> Option<String> {
    let name = file.strip_prefix(b"include/config/")?;
    // Other files lie there too: auto.conf, kernel.release.
    let old = name.strip_suffix(b".h");
    let text = String::from_utf8_lossy(old.unwrap_or(name)).into_owned();
    match old {
        Some(_) => Some(text.replace('/', "_").to_uppercase()),
        None => (!text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(text),
    }
}

/// A name without what makes no difference: `./` at its beginning.
pub(crate) fn plain(name: &[u8]) -> &[u8] {
    let mut name = name;
    while let Some(rest) = name.strip_prefix(b"./") {
        name = rest;
    }
    name
}

/// A name as targets have it: relative to the object folder, without `./` and `dir/../`.
pub(crate) fn canonical<'a>(name: &'a [u8], object: &[u8]) -> Cow<'a, [u8]> {
    let name = plain(name.strip_prefix(object).unwrap_or(name));
    if memchr::memmem::find(name, b"/../").is_none() && memchr::memmem::find(name, b"/./").is_none() {
        return Cow::Borrowed(name);
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|b| *b == b'/') {
        match part {
            b"." => {}
            b".." if parts.last().is_some_and(|p| *p != b".." && !p.is_empty()) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    Cow::Owned(parts.join(b"/".as_slice()))
}

pub(crate) fn now() -> Time {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as Time)
}

/// Times and sizes of many files on all cores, links followed as make does; None where there is none.
pub(crate) fn stat_all(object: &Path, names: &[&[u8]]) -> Vec<Option<Stamp>> {
    let folder = File::open(object).ok();
    let one = |name: &&[u8]| -> Option<Stamp> {
        let name: &[u8] = if name.is_empty() { b"." } else { name };
        let folder = folder.as_ref()?;
        let stat = rustix::fs::statat(folder.as_fd(), walk::as_path(name), rustix::fs::AtFlags::empty()).ok()?;
        let time = (stat.st_mtime as Time).saturating_mul(1_000_000_000).saturating_add(stat.st_mtime_nsec as Time);
        Some(Stamp { time, size: stat.st_size as u64 })
    };
    let share = names.len().div_ceil(threads()).max(256);
    std::thread::scope(|scope| {
        let one = &one;
        let parts: Vec<_> = names.chunks(share).map(|part| scope.spawn(move || part.iter().map(one).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|t| t.join().unwrap_or_default()).collect()
    })
}
