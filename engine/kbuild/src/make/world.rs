//! What an evaluation may see of the world outside: files below a folder, and a shell that by default is not there.

use super::library::{Library, Makefile};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files that makefiles read and ask for. Paths are as the makefile says them, seen from the folder that make runs in.
pub trait World {
    /// A file's text. None: it is not there, or cannot be read.
    fn read(&self, path: &str) -> Option<Arc<str>>;
    /// Whether there is a file or folder of this name.
    fn exists(&self, path: &str) -> bool;
    /// The names in a folder, for `$(wildcard)`.
    fn list(&self, folder: &str) -> Vec<String>;
    /// The output of a command of `$(shell)`. None: it is not known, and is taken as empty.
    fn shell(&self, _command: &str) -> Option<String> {
        None
    }
    /// The folder that make runs in, absolute.
    fn folder(&self) -> String;
    /// The file's own place on disk, when it has one: makefiles are kept read from one evaluation to the next by it.
    fn place(&self, _path: &str) -> Option<PathBuf> {
        None
    }
    /// A makefile, read.
    fn makefile(&self, library: &Library, path: &str) -> Option<Arc<Makefile>> {
        match self.place(path) {
            Some(place) => library.kept(place, path, || self.read(path)),
            None => self.read(path).map(|text| library.makefile(path, &text)),
        }
    }
}

/// Files longer than this are no makefiles.
const LONGEST: u64 = 16 << 20;

/// A folder on disk. Whether a file is there is asked folder by folder, since makefiles ask for thousands.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    library: Arc<Library>,
    folders: RefCell<FxHashMap<String, Option<Arc<rustc_hash::FxHashSet<String>>>>>,
}

impl Disk {
    /// The folder `root`; `library` keeps the lists of its folders from one evaluation to the next.
    pub fn new(library: &Arc<Library>, root: &Path) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Self { root, library: library.clone(), folders: RefCell::default() }
    }

    fn names(&self, folder: &str) -> Option<Arc<rustc_hash::FxHashSet<String>>> {
        if let Some(known) = self.folders.borrow().get(folder) {
            return known.clone();
        }
        let names = self.library.folder(self.root.join(folder));
        self.folders.borrow_mut().insert(folder.to_owned(), names.clone());
        names
    }
}

impl World for Disk {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        let path = self.root.join(path);
        std::fs::metadata(&path).ok().filter(|m| m.is_file() && m.len() <= LONGEST)?;
        Some(String::from_utf8_lossy(&std::fs::read(path).ok()?).into())
    }

    fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if path.is_empty() || path.ends_with("..") || path == "." {
            return self.root.join(path).exists();
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
        self.names(folder).is_some_and(|names| names.contains(name))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = self.names(folder).map(|n| n.iter().cloned().collect()).unwrap_or_default();
        names.sort();
        names
    }

    fn folder(&self) -> String {
        self.root.to_string_lossy().into_owned()
    }

    fn place(&self, path: &str) -> Option<PathBuf> {
        Some(self.root.join(path))
    }
}
