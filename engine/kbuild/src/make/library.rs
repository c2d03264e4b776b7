//! Makefiles that were read before. A prediction reads some 2,000; the next one reads only those that changed since.

use super::expr::Expr;
use super::names::{NameId, Names};
use super::parse::{self, Line};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// A makefile in one [`Library`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A line of a makefile, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub file: FileId,
    pub line: u32,
}

/// A makefile, read.
#[derive(Debug)]
pub struct Makefile {
    pub id: FileId,
    pub lines: Vec<Line>,
}

/// How long a folder must have stood still before its list is kept.
const SETTLED: Duration = Duration::from_secs(2);

/// What a kept makefile was when it was read.
type Stamp = (u64, Option<SystemTime>);

/// Names, and makefiles by their place on disk.
#[derive(Debug, Default)]
pub struct Library {
    names: Mutex<Names>,
    /// The path of each file as the makefile that includes it says it.
    paths: Mutex<Vec<Arc<str>>>,
    kept: Mutex<FxHashMap<PathBuf, (Stamp, Arc<Makefile>)>>,
    folders: Mutex<FxHashMap<PathBuf, (SystemTime, FolderNames)>>,
}

/// The names in a folder; None: it cannot be read.
type FolderNames = Option<Arc<FxHashSet<String>>>;

impl Library {
    /// The number of a variable's name.
    pub fn name(&self, name: &str) -> NameId {
        open(&self.names).id(name)
    }

    /// The name behind a number.
    pub fn text(&self, name: NameId) -> Arc<str> {
        open(&self.names).text(name)
    }

    /// Whether a variable is an option of the configuration.
    pub fn is_option(&self, name: NameId) -> bool {
        open(&self.names).with(name, |text| text.starts_with("CONFIG_"))
    }

    /// A place that is in no makefile.
    pub fn nowhere(&self) -> FileId {
        FileId(u32::MAX)
    }

    /// Reads a text with references.
    pub fn expr(&self, text: &str) -> Expr {
        Expr::read(text, &mut open(&self.names))
    }

    /// Reads a text as statements.
    pub fn lines(&self, text: &str) -> Vec<Line> {
        parse::parse(text, &mut open(&self.names))
    }

    /// Reads a makefile.
    pub fn makefile(&self, path: &str, text: &str) -> Arc<Makefile> {
        Arc::new(Makefile { id: self.file(path), lines: self.lines(text) })
    }

    /// The makefile at a place on disk, as it was read before if it did not change since; `read` gives its text.
    pub fn kept(&self, place: PathBuf, path: &str, read: impl FnOnce() -> Option<Arc<str>>) -> Option<Arc<Makefile>> {
        let meta = std::fs::metadata(&place).ok().filter(std::fs::Metadata::is_file)?;
        let stamp = (meta.len(), meta.modified().ok());
        if let Some((then, makefile)) = open(&self.kept).get(&place)
            && *then == stamp
            && stamp.1.is_some()
        {
            return Some(makefile.clone());
        }
        let makefile = self.makefile(path, &read()?);
        open(&self.kept).insert(place, (stamp, makefile.clone()));
        Some(makefile)
    }

    /// The names in a folder on disk, as they were listed before if it did not change since.
    pub fn folder(&self, place: PathBuf) -> FolderNames {
        let changed = std::fs::metadata(&place).ok()?.modified().ok();
        if let Some((then, names)) = open(&self.folders).get(&place)
            && Some(*then) == changed
        {
            return names.clone();
        }
        let names = std::fs::read_dir(&place).ok();
        let names: Option<FxHashSet<String>> = names.map(|n| n.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect());
        let names = names.map(Arc::new);
        // A folder that changed a moment ago may change again within the same tick of its clock.
        if let Some(changed) = changed
            && changed.elapsed().is_ok_and(|age| age > SETTLED)
        {
            open(&self.folders).insert(place, (changed, names.clone()));
        }
        names
    }

    /// A number for a file's path.
    pub fn file(&self, path: &str) -> FileId {
        let mut paths = open(&self.paths);
        let id = FileId(u32::try_from(paths.len()).unwrap_or(u32::MAX));
        paths.push(path.into());
        id
    }

    /// The path behind a number.
    pub fn path(&self, file: FileId) -> Arc<str> {
        open(&self.paths).get(file.0 as usize).cloned().unwrap_or_else(|| "".into())
    }
}

/// The tables are whole between any two calls, also after a thread died.
fn open<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}
