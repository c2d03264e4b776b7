//! What make would find in the folder it runs in, were the tree built from scratch: the source's files, those that the
//! build makes on the way, and the few whose text is known before.

use crate::make::{Disk, Library, Makefile, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A source folder, and what a build that is followed would have added to it.
#[derive(Debug)]
pub struct Sources {
    disk: Disk,
    made: RefCell<FxHashSet<Arc<str>>>,
    texts: RefCell<FxHashMap<String, Arc<str>>>,
    /// Makefiles that this build read: the sources are taken to stand still meanwhile.
    read: RefCell<FxHashMap<String, Arc<Makefile>>>,
}

impl Sources {
    pub fn new(library: &Arc<Library>, source: &Path) -> Self {
        Self { disk: Disk::new(library, source), made: RefCell::default(), texts: RefCell::default(), read: RefCell::default() }
    }

    /// A rule made this file.
    pub fn make(&self, path: &Arc<str>) {
        self.made.borrow_mut().insert(path.clone());
    }

    /// A file's text is known.
    pub fn write(&self, path: &str, text: impl Into<Arc<str>>) {
        self.texts.borrow_mut().insert(path.to_owned(), text.into());
    }

    /// What a build wrote about itself is not looked at: it belongs to another build than the one that is followed.
    fn of_a_build(path: &str) -> bool {
        path.ends_with(".cmd") || path.ends_with(".d")
    }
}

impl World for Sources {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        if let Some(text) = self.texts.borrow().get(path) {
            return Some(text.clone());
        }
        if Self::of_a_build(path) { None } else { self.disk.read(path) }
    }

    fn exists(&self, path: &str) -> bool {
        if Self::of_a_build(path) {
            return false;
        }
        // modpost writes one of these for each module and one for vmlinux, and no rule says so.
        let module = match path.strip_suffix(".mod.c") {
            Some(module) => Some(format!("{module}.o")),
            None => (path == ".vmlinux.export.c").then(|| "vmlinux.o".to_owned()),
        };
        let made = self.made.borrow();
        made.contains(path)
            || module.is_some_and(|m| made.contains(m.as_str()))
            || self.texts.borrow().contains_key(path)
            || self.disk.exists(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.disk.list(folder)
    }

    /// Two commands that Kbuild asks the shell for and that need none.
    fn shell(&self, command: &str) -> Option<String> {
        let words: Vec<&str> = command.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["cat", file] | ["cat", file, "2>/dev/null"] => self.read(file.trim_start_matches("./")).map(|t| t.to_string()),
            ["test", left, operator, right, "&&", "echo", "y"] => {
                let (left, right) = (left.parse::<i64>().ok()?, right.parse::<i64>().ok()?);
                let holds = match *operator {
                    "-ge" => left >= right,
                    "-gt" => left > right,
                    "-le" => left <= right,
                    "-lt" => left < right,
                    "-eq" => left == right,
                    _ => return None,
                };
                Some(if holds { "y".to_owned() } else { String::new() })
            }
            _ => None,
        }
    }

    fn folder(&self) -> String {
        self.disk.folder()
    }

    fn place(&self, path: &str) -> Option<PathBuf> {
        if Self::of_a_build(path) || self.texts.borrow().contains_key(path) { None } else { self.disk.place(path) }
    }

    fn makefile(&self, library: &Library, path: &str) -> Option<Arc<Makefile>> {
        if let Some(known) = self.read.borrow().get(path) {
            return Some(known.clone());
        }
        let makefile = match self.place(path) {
            Some(place) => library.kept(place, path, || self.read(path)),
            None => self.read(path).map(|text| library.makefile(path, &text)),
        }?;
        self.read.borrow_mut().insert(path.to_owned(), makefile.clone());
        Some(makefile)
    }
}
