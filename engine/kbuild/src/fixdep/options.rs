//! The options that a file names, in code and comments alike: fixdep reads bytes, not C.

use super::{Dialect, Failure, put};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Finds the options of files, each file once, and prints those that a target did not have before.
#[derive(Default)]
pub struct Scanner {
    /// Where names of files start from; empty for the current folder.
    folder: PathBuf,
    /// Options by name, and by number.
    numbers: FxHashMap<Vec<u8>, u32>,
    names: Vec<Vec<u8>>,
    /// The options of each file that was read, in the order of their first mention.
    files: FxHashMap<Vec<u8>, Vec<u32>>,
    /// For each option, the last target that it was printed for.
    printed: Vec<u64>,
    run: u64,
    seen: FxHashSet<Vec<u8>>,
}

impl Scanner {
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), ..Self::default() }
    }

    /// Bytes and files that were read so far are kept; another target begins.
    pub(super) fn begin(&mut self) {
        self.run += 1;
        self.seen.clear();
    }

    /// Whether this target has not named the file before.
    pub(super) fn once(&mut self, name: &[u8]) -> bool {
        !self.seen.contains(name) && self.seen.insert(name.to_vec())
    }

    pub(super) fn print(&mut self, dialect: Dialect, name: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        if !self.files.contains_key(name) {
            let path = self.folder.join(OsStr::from_bytes(name));
            let text = read(path.as_os_str().as_bytes()).map_err(|why| open_failure(dialect, name, &why))?;
            let mut found = Vec::new();
            let numbers = &mut self.numbers;
            let names = &mut self.names;
            let printed = &mut self.printed;
            let mut local = FxHashSet::default();
            options(dialect, &text, |option| {
                let number = numbers.get(option).copied().unwrap_or_else(|| {
                    let number = names.len() as u32;
                    numbers.insert(option.to_vec(), number);
                    names.push(option.to_vec());
                    printed.push(0);
                    number
                });
                if local.insert(number) {
                    found.push(number);
                }
            });
            self.files.insert(name.to_vec(), found);
        }
        for number in self.files.get(name).into_iter().flatten() {
            let (Some(printed), Some(option)) = (self.printed.get_mut(*number as usize), self.names.get(*number as usize)) else {
                continue;
            };
            if std::mem::replace(printed, self.run) == self.run {
                continue;
            }
            put(out, &[b"    $(wildcard include/config/"]);
            if dialect == Dialect::BusyBox {
                out.extend(option.iter().map(|b| if *b == b'_' { b'/' } else { b.to_ascii_lowercase() }));
                put(out, &[b".h"]);
            } else {
                put(out, &[option]);
            }
            put(out, &[b") \\\n"]);
        }
        Ok(())
    }
}

/// Calls `found` for each mention of an option, with its name.
pub fn options(dialect: Dialect, text: &[u8], mut found: impl FnMut(&[u8])) {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let starts_word = |at: usize| at == 0 || !text.get(at - 1).is_some_and(word);
    let name_at = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.get(..rest.iter().position(|b| !word(b)).unwrap_or(rest.len())).unwrap_or_default()
    };
    if dialect == Dialect::BusyBox {
        for at in memchr::memchr_iter(b'_', text) {
            let before = text.get(..at).unwrap_or_default();
            let prefixes: [(&[u8], bool); 3] = [(b"CONFIG", false), (b"ENABLE", false), (b"IF", true)];
            let Some((prefix, negates)) = prefixes.into_iter().find(|(p, _)| before.ends_with(p)) else { continue };
            if !starts_word(at - prefix.len()) {
                continue;
            }
            let name = name_at(at + 1);
            let name = if negates { name.strip_prefix(b"NOT_").unwrap_or(name) } else { name };
            if !name.is_empty() {
                found(name);
            }
        }
        return;
    }
    // C's strings end at the first zero byte.
    let text = text.split(|b| *b == 0).next().unwrap_or_default();
    for at in memchr::memmem::find_iter(text, b"CONFIG_") {
        if !starts_word(at) {
            continue;
        }
        let name = name_at(at + b"CONFIG_".len());
        // The value m is there too, as X_MODULE.
        let name = name.strip_suffix(b"_MODULE").unwrap_or(name);
        if !name.is_empty() {
            found(name);
        }
    }
}

pub(super) fn read(name: &[u8]) -> io::Result<Vec<u8>> {
    std::fs::read(Path::new(OsStr::from_bytes(name)))
}

/// The words of the C program where a file cannot be read; all of them end it with 2.
pub(super) fn open_failure(dialect: Dialect, name: &[u8], why: &io::Error) -> Failure {
    let reason = match why.kind() {
        io::ErrorKind::NotFound => "No such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "Is a directory".to_owned(),
        // `Message (os error 5)`
        _ => why.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    };
    let name = String::from_utf8_lossy(name);
    let words = match dialect {
        Dialect::BusyBox => format!("{name}: {reason}"),
        _ if why.kind() == io::ErrorKind::IsADirectory => format!("read: {reason}"),
        _ => format!("error opening file: {name}: {reason}"),
    };
    Failure::new(2, words)
}
