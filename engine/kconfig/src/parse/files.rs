//! Files and the statements that read them: `source` and its kin, each file looked for here and then in the source tree.

use super::{Parser, Read};
use crate::expr::{Expr, stack};
use crate::lex::Cursor;
use crate::tree::{Diagnostic, File, Place, PropKind, Severity, SymId};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

/// A configuration tree of a thousand times the kernel's is no configuration tree.
const MOST_FILES: usize = 200_000;
/// The kernel's largest has 100 kB.
const LONGEST_FILE: u64 = 64 << 20;

/// Which of the `source` statements it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sourcing {
    /// From the folder of the file that says it.
    pub relative: bool,
    /// That there is none is no error.
    pub optional: bool,
}

impl Parser<'_, '_> {
    /// Reads a file and what it sources.
    pub(super) fn source(&mut self, name: &str, from: Option<Place>) {
        let fail = |p: &mut Self, message: String| match from {
            Some(place) => p.say(Severity::Error, place, 0, message),
            None => p.tree.diagnostics.push(Diagnostic { severity: Severity::Error, file: name.to_owned(), line: 0, column: 0, message }),
        };
        if let Some(known) = self.names.get(name)
            && self.open_files.iter().any(|(f, _)| f == known)
        {
            let message = self.inclusion_trace(*known, from);
            self.tree.diagnostics.push(Diagnostic { severity: Severity::Fatal, file: String::new(), line: 0, column: 0, message });
            self.faults.over = true;
            return;
        }
        if let (Some(place), true) = (from, self.reading.dialect.sourced_once)
            && let Some(known) = self.names.get(name)
        {
            let first = self.tree.files[*known as usize].from;
            self.say(Severity::Fatal, place, 0, format!("error: repeated inclusion of {name}"));
            if let Some(first) = first {
                self.say(Severity::Remark, first, 0, format!("note: location of first inclusion of {name}"));
            }
            self.faults.over = self.reading.as_conf;
            return;
        }
        let text = match self.load(name) {
            Ok(text) => text,
            Err(_) if self.reading.as_conf && from.is_some() => {
                let place = from.unwrap_or(Place { file: 0, line: 0 });
                self.faults.over = true;
                return self.say(Severity::Fatal, place, 0, format!("can't open file \"{name}\""));
            }
            Err(why) => return fail(self, format!("can't open source file \"{name}\": {why}")),
        };
        let Some(index) = self.file_index(name, &text, from) else { return fail(self, format!("more than {MOST_FILES} files")) };
        let outer = std::mem::replace(&mut self.outside.file, name.to_owned());
        let blocks = self.blocks.len();
        self.open_files.push((index, from.map_or(0, |p| p.line)));
        let mut cursor = Cursor::new(&text, self.reading.dialect.path_words);
        stack(|| self.statements(&mut cursor, index));
        let last = self.entry.take().or(self.left.take());
        if from.is_some() {
            self.left = last;
        } else {
            self.entry = last;
            let file = if self.reading.dialect.end_has_no_file { u32::MAX } else { index };
            self.end_entry(Place { file, line: cursor.line });
        }
        self.open_files.pop();
        if self.reading.as_conf {
            if from.is_none() {
                self.end_as_conf(Place { file: index, line: cursor.line });
            }
            self.outside.file = outer;
            return;
        }
        while self.blocks.len() > blocks {
            if let Some(block) = self.blocks.pop() {
                self.say(Severity::Error, block.place, 0, format!("missing {} statement for this entry", block.kind.end_word()));
                self.parent = self.tree.node(block.node).parent;
            }
        }
        self.outside.file = outer;
    }

    fn file_index(&mut self, name: &str, text: &Arc<str>, from: Option<Place>) -> Option<u32> {
        if let Some(known) = self.names.get(name) {
            return Some(*known);
        }
        let index = self.tree.files.len();
        if index >= MOST_FILES {
            return None;
        }
        self.names.insert(name.to_owned(), index as u32);
        self.tree.files.push(File { name: name.to_owned(), text: text.clone(), from });
        Some(index as u32)
    }

    fn inclusion_trace(&self, file: u32, from: Option<Place>) -> String {
        let mut out = String::from("Recursive inclusion detected.\nInclusion path:\n  current file : ");
        out.push_str(&self.tree.files[file as usize].name);
        let mut line = from.map_or(0, |p| p.line);
        for (open, opened_at) in self.open_files.iter().rev() {
            out.push_str(&format!("\n  included from: {}:{line}", self.tree.files[*open as usize].name));
            if *open == file && !self.reading.dialect.whole_inclusion_path {
                break;
            }
            line = *opened_at;
        }
        out
    }

    fn load(&self, name: &str) -> Result<Arc<str>, String> {
        let path = Path::new(name);
        let here = self.reading.folder.join(path);
        let mut tried = read_file(&here);
        if let (Err(_), Some(tree), false) = (&tried, &self.reading.source_tree, path.is_absolute()) {
            tried = read_file(&tree.join(path));
        }
        tried
    }

    pub(super) fn source_statement(&mut self, cur: &mut Cursor<'_>, place: Place, how: Sourcing) -> Read<()> {
        let dialect = &self.reading.dialect;
        let name = if dialect.busybox {
            unquoted_path(cur)
        } else {
            let name = self.quoted(cur)?;
            self.end_of_statement(cur)?;
            name
        };
        self.entry = None;
        let mut name = if dialect.symbols_in_text { self.with_symbols(&name) } else { name };
        if how.relative {
            let here = Path::new(self.tree.file_name(place)).parent().unwrap_or(Path::new(""));
            name = here.join(name).to_string_lossy().into_owned();
        }
        if !dialect.globs && !dialect.more_sources {
            self.source(&name, Some(place));
            return Ok(());
        }
        let names = crate::glob::matches(&name, &self.reading.folder, self.reading.source_tree.as_deref(), MOST_FILES);
        if names.is_empty() && !dialect.globs && !how.optional {
            return Err(format!("no file is called \"{name}\""));
        }
        // What a pattern matches is listed before what those files read, and the last first.
        for name in names.iter().rev() {
            let _ = self.load(name).map(|text| self.file_index(name, &text, Some(place))); // `source` says what fails
        }
        for name in names {
            self.source(&name, Some(place));
        }
        Ok(())
    }

    /// `$X` replaced by what the symbol X stands for: the variable of its `option env=`, or its first default.
    pub(super) fn with_symbols(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut pieces = text.split('$');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_').unwrap_or(piece.len());
            out.push_str(self.tree.find(&piece[..end]).and_then(|s| self.first_text(s)).unwrap_or_default());
            out.push_str(&piece[end..]);
        }
        out
    }

    fn first_text(&self, s: SymId) -> Option<&str> {
        let (_, default) = self.tree.props_of(s).find(|(_, p)| p.kind == PropKind::Default)?;
        match self.tree.exprs.get(default.value) {
            Expr::Symbol(value) => Some(self.tree.name(value)),
            _ => None,
        }
    }
}

fn read_file(path: &Path) -> Result<Arc<str>, String> {
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut bytes = Vec::with_capacity(length.min(LONGEST_FILE) as usize + 1);
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(format!("it has more than {LONGEST_FILE} bytes"));
    }
    Ok(crate::bytes::text(bytes).into())
}

fn unquoted_path(cur: &mut Cursor<'_>) -> String {
    let line = cur.raw_value();
    let name = line.split('#').next().unwrap_or("").trim();
    name.trim_matches(['"', '\'']).to_owned()
}
