//! The libraries a set of programs needs, transitively, found in given folders and nowhere else.
//!
//! The loader of the image will search by its own rules (`DT_RPATH`, `DT_RUNPATH`, its cache, its built-in folders); this
//! searches only the folders named, so that a library of the building host never slips in. [`Elf::rpath`] and
//! [`Elf::runpath`] of each file are there for a caller who wants to compare.

use crate::elf::{self, Elf, Target};
use crate::{Error, Missing};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// How a library was first asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// As the interpreter of a program: the kernel starts it.
    Interpreter,
    /// By a `DT_NEEDED` entry: the loader maps it.
    Needed,
    /// By libc at run time, through its name service switch; see [`crate::nss`].
    NameService,
}

/// A library of the closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Its file name, which is the soname asked for or the last part of the interpreter's path.
    pub name: String,
    /// Where it was found: a search folder joined with `name`.
    pub found: PathBuf,
    /// The file behind it, links followed. An absolute link in an unpacked tree leads out of that tree; a caller who
    /// must not take the host's files checks that this path lies below its own folders.
    pub file: PathBuf,
    /// What the file says of itself.
    pub elf: Elf,
    /// The file that needed it first: a root as given, or another library's `found`.
    pub needed_by: PathBuf,
    /// How that file asked for it.
    pub asked: Asked,
    /// The paths at which programs name it as their interpreter; the image must have it at each of them. Sorted.
    pub interpreter_paths: Vec<String>,
}

/// Programs and every library they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// The roots as given, in order, with what each says of itself.
    pub roots: Vec<(PathBuf, Elf)>,
    /// The libraries in the order they are first needed: breadth first, of each file its interpreter, then its needed list.
    pub libraries: Vec<Library>,
}

impl Closure {
    /// Adds libraries found otherwise (such as [`crate::nss::NameResolution::libraries`]), leaving out those that are
    /// already there.
    pub fn add(&mut self, libraries: &[Library]) {
        for library in libraries {
            match self.libraries.iter_mut().find(|known| known.found == library.found) {
                None => self.libraries.push(library.clone()),
                Some(known) => {
                    known.interpreter_paths.extend_from_slice(&library.interpreter_paths);
                    known.interpreter_paths.sort();
                    known.interpreter_paths.dedup();
                }
            }
        }
    }
}

/// Finds everything that `roots` need in the folders `search`, which are tried in order.
///
/// Only libraries of the same class, byte order and machine as the file that needs them match; others of the same name are
/// passed over, as the loader does. A needed name that contains a slash is looked up by its last part. The result depends
/// on the arguments and the files only, not on the order in which folders list them. Static programs and object files need
/// nothing.
///
/// # Errors
/// [`Error::Unresolved`] names every library that was not found, by whom it is needed and where it was searched. A root that
/// cannot be read as ELF gives the error of [`elf::inspect`].
pub fn closure(roots: &[PathBuf], search: &[PathBuf]) -> Result<Closure, Error> {
    let mut walk = Walk::new(search);
    let mut inspected = Vec::new();
    for root in roots {
        let elf = elf::inspect(root)?;
        if let Some(interpreter) = &elf.interpreter {
            walk.ask(interpreter, elf.target, root, Asked::Interpreter);
        }
        walk.ask_needed(&elf, root);
        inspected.push((root.clone(), elf));
    }
    Ok(Closure { roots: inspected, libraries: walk.finish()? })
}

/// A search in progress; [`crate::nss`] starts it from names instead of files.
pub(crate) struct Walk<'search> {
    search: &'search [PathBuf],
    queue: VecDeque<Request>,
    found: Vec<Library>,
    /// Requests already answered, by file name and target: the index into `found`, or none when it is missing.
    answered: BTreeMap<(String, Target), Option<usize>>,
    missing: Vec<Missing>,
}

struct Request {
    name: String,
    target: Target,
    by: PathBuf,
    asked: Asked,
}

impl<'search> Walk<'search> {
    pub(crate) fn new(search: &'search [PathBuf]) -> Self {
        Walk { search, queue: VecDeque::new(), found: Vec::new(), answered: BTreeMap::new(), missing: Vec::new() }
    }

    pub(crate) fn ask(&mut self, name: &str, target: Target, by: &Path, asked: Asked) {
        self.queue.push_back(Request { name: name.to_owned(), target, by: by.to_owned(), asked });
    }

    fn ask_needed(&mut self, elf: &Elf, by: &Path) {
        for name in &elf.needed {
            self.ask(name, elf.target, by, Asked::Needed);
        }
    }

    pub(crate) fn finish(mut self) -> Result<Vec<Library>, Error> {
        while let Some(request) = self.queue.pop_front() {
            self.answer(request);
        }
        for library in &mut self.found {
            library.interpreter_paths.sort();
            library.interpreter_paths.dedup();
        }
        if self.missing.is_empty() {
            return Ok(self.found);
        }
        Err(Error::Unresolved { missing: self.missing, searched: self.search.to_vec() })
    }

    fn answer(&mut self, request: Request) {
        // By the file name only: `../x` in a hostile file must not lead out of the search folders.
        let file_name = Path::new(&request.name).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let key = (file_name, request.target);
        let index = match self.answered.get(&key) {
            Some(index) => *index,
            None => {
                let index = self.look_up(&key.0, &request);
                self.answered.insert(key, index);
                index
            }
        };
        if request.asked == Asked::Interpreter
            && let Some(library) = index.and_then(|index| self.found.get_mut(index))
        {
            library.interpreter_paths.push(request.name);
        }
    }

    /// Looks in each folder, adds what is found and asks for its needs in turn.
    fn look_up(&mut self, file_name: &str, request: &Request) -> Option<usize> {
        let mut refused = Vec::new();
        let folders = if file_name.is_empty() { &[] } else { self.search };
        for folder in folders {
            let path = folder.join(file_name);
            if !path.is_file() {
                continue;
            }
            let tried = elf::inspect(&path).and_then(|elf| {
                let file = path.canonicalize().map_err(Error::io("follow the links of", &path))?;
                Ok((elf, file))
            });
            match tried {
                Ok((elf, _)) if elf.target != request.target => refused.push((path, format!("it is {}", elf.target))),
                Ok((elf, file)) => {
                    self.ask_needed(&elf, &path);
                    self.found.push(Library {
                        name: file_name.to_owned(),
                        found: path,
                        file,
                        elf,
                        needed_by: request.by.clone(),
                        asked: request.asked,
                        interpreter_paths: Vec::new(),
                    });
                    return Some(self.found.len() - 1);
                }
                // Not the error of the whole: a text file such as the linker script libc.so may stand before the library.
                Err(error) => refused.push((path, error.to_string())),
            }
        }
        self.missing.push(Missing {
            name: request.name.clone(),
            needed_by: request.by.clone(),
            target: request.target.to_string(),
            refused,
        });
        None
    }
}
