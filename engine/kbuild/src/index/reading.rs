//! Many `.cmd` files into rows, on all cores.
//!
//! A tree's lists say the same few thousand lines over and over, mostly in the same order. So the line that followed this one
//! last time is compared with what stands there before anything is searched or hashed; that is what makes the first index quick.

use super::names::Names;
use super::{Deps, NONE, OPTIONAL, Row, Stamp, canonical};
use crate::cmd::{self, Dependency, Form, Trouble};
use crate::walk::{as_path, cmd_file, threads, time};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What was read; numbers are those of its own tables.
#[derive(Default)]
pub struct Read1 {
    pub files: Names,
    pub words: Names,
    pub rows: Vec<Row>,
    pub deps: Vec<u32>,
    pub word_list: Vec<u32>,
}

/// Reads the `.cmd` files of these targets; one that vanished meanwhile is left out.
pub fn read(object: &Path, source: &Path, targets: &[Vec<u8>]) -> Vec<Read1> {
    let share = targets.len().div_ceil(threads()).max(32);
    std::thread::scope(|scope| {
        let parts: Vec<_> = targets.chunks(share).map(|part| scope.spawn(move || Reader::default().all(object, source, part))).collect();
        parts.into_iter().filter_map(|t| t.join().ok()).collect()
    })
}

#[derive(Default)]
struct Reader {
    found: Read1,
    lines: Lines,
    text: Vec<u8>,
}

/// Lines of lists with what they mean.
struct Lines {
    names: Names,
    /// For each line, the one that followed it last; line 0 is the beginning of a list.
    next: Vec<u32>,
    /// The number of its file, with [`OPTIONAL`]; [`NONE`] for a line without one.
    means: Vec<u32>,
}

impl Default for Lines {
    fn default() -> Self {
        let mut names = Names::default();
        names.number(b"");
        Self { names, next: vec![0], means: vec![NONE] }
    }
}

impl Lines {
    /// Walks a list as [`cmd::lines`] does.
    fn list(&mut self, body: &[u8], files: &mut Names, deps: &mut Vec<u32>) -> usize {
        let (mut at, mut before) = (0, 0_u32);
        while let Some(rest) = body.get(at..).filter(|r| !r.is_empty()) {
            let guess = self.next.get(before as usize).copied().unwrap_or(0);
            let line = self.names.name(guess);
            let id = if guess != 0 && rest.starts_with(line) {
                at += line.len();
                guess
            } else {
                let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                let line = rest.get(..end).unwrap_or_default();
                if line == b"\n" {
                    break;
                }
                at += end;
                let id = self.number(line, files);
                if let Some(next) = self.next.get_mut(before as usize) {
                    *next = id;
                }
                id
            };
            let means = self.means.get(id as usize).copied().unwrap_or(NONE);
            if means != NONE {
                deps.push(means);
            }
            if !self.names.name(id).ends_with(b"\\\n") {
                break;
            }
            before = id;
        }
        at
    }

    fn number(&mut self, line: &[u8], files: &mut Names) -> u32 {
        let id = self.names.number(line);
        if id as usize == self.means.len() {
            let means = Dependency::of_line(line).map(|d| files.number(d.name) | if d.optional { OPTIONAL } else { 0 });
            self.means.push(means.unwrap_or(NONE));
            self.next.push(0);
        }
        id
    }
}

impl Reader {
    fn all(mut self, object: &Path, source: &Path, targets: &[Vec<u8>]) -> Read1 {
        for target in targets {
            self.one(object, source, target);
        }
        self.found
    }

    fn one(&mut self, object: &Path, source: &Path, target: &[u8]) {
        let path = object.join(as_path(&cmd_file(target)));
        let Self { found, lines, text } = self;
        let (first_dep, first_word) = (found.deps.len(), found.word_list.len());
        text.clear();
        let read = File::open(&path).and_then(|mut file| {
            let meta = file.metadata()?;
            file.read_to_end(text)?;
            Ok(Stamp { time: time(&meta), size: meta.len() })
        });
        let mut row = Row { target: found.files.number(target), ..Row::default() };
        let parsed = match read {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
            Err(_) => Err(Trouble::Unreadable),
            Ok(stamp) => {
                row.stamp = stamp;
                cmd::parse(text, |body| lines.list(body, &mut found.files, &mut found.deps))
            }
        };
        match parsed {
            Err(trouble) => row.trouble = Some(trouble),
            Ok(cmd) => {
                row.saved = cmd.form == Form::Saved;
                row.listed = cmd.has_list;
                row.trouble = cmd.trouble;
                let prefix = [object.as_os_str().as_encoded_bytes(), b"/"].concat();
                if canonical(cmd.target, &prefix).as_ref() != target {
                    row.trouble = Some(Trouble::Foreign);
                }
                if let Some(source) = cmd.source.filter(|s| !s.is_empty()) {
                    row.source = found.files.number(source);
                }
                if cmd.target.starts_with(b"/")
                    && row.trouble.is_none()
                    && !elsewhere(object, source, target, found, first_dep, &mut row.source)
                {
                    row.trouble = Some(Trouble::Elsewhere);
                }
                found.word_list.extend(cmd.command.split(|b| *b == b' ').map(|w| found.words.number(w)));
            }
        }
        row.deps = Deps::new(first_dep, found.deps.len());
        row.words = Deps::new(first_word, found.word_list.len());
        found.rows.push(row);
    }
}

/// Puts the files of a list where they are, which make in tools/ wrote (tools/build): it works in the folder of the tool's
/// source, so its relative names start there. Says whether all were found.
fn elsewhere(object: &Path, source: &Path, target: &[u8], found: &mut Read1, first: usize, from: &mut u32) -> bool {
    let mut folders: Vec<PathBuf> = as_path(target).ancestors().skip(1).map(|f| source.join(f)).collect();
    // The programs of tools/build are made for each tool.
    folders.push(source.join("tools/build"));
    // tools/objtool/libsubcmd/ is made in tools/lib/subcmd.
    let parts = as_path(target).components().filter_map(|c| c.as_os_str().to_str()?.strip_prefix("lib"));
    folders.extend(parts.map(|library| source.join("tools/lib").join(library)));
    // Before 6.3 in the tool's own folder: then in the library that has such a source.
    let own = as_path(found.files.name(*from)).to_path_buf();
    if *from != NONE && own.is_relative() && !folders.iter().any(|f| f.join(&own).exists()) {
        let libraries = std::fs::read_dir(source.join("tools/lib")).into_iter().flatten().flatten().map(|e| e.path());
        folders.extend(libraries.filter(|library| library.join(&own).is_file()).min());
    }
    let mut all = true;
    let Read1 { files, deps, .. } = found;
    for dep in deps.get_mut(first..).unwrap_or_default().iter_mut().chain((*from != NONE).then_some(from)) {
        let name = files.name(*dep & !OPTIONAL);
        if name.starts_with(b"/") || object.join(as_path(name)).exists() {
            continue;
        }
        let name = as_path(name).to_path_buf();
        match folders.iter().map(|f| f.join(&name)).find(|f| f.exists()) {
            Some(file) => *dep = files.number(file.as_os_str().as_encoded_bytes()) | *dep & OPTIONAL,
            None => all = false,
        }
    }
    all
}
