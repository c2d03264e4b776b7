//! Reads `.config`, fragments, defconfigs and auto.conf.

use crate::expr::Expr;
use crate::macros::Host;
use crate::number::is_valid;
use crate::solve::{Solver, Value};
use crate::tree::{PropKind, SymId, SymbolKind, Tristate};
use std::path::{Path, PathBuf};

/// One line that says something about a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// `CONFIG_X=value`, and `# CONFIG_X is not set` as n.
    Set {
        name: &'a str,
        value: &'a str,
    },
    Other(&'a str),
    Comment,
}

/// The lines of a file without their ends; what is behind a zero byte in one is not seen.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').map(|line| {
        let line = line.strip_suffix('\n').map_or(line, |l| l.strip_suffix('\r').unwrap_or(l));
        memchr::memchr(0, line.as_bytes()).map_or(line, |end| &line[..end])
    })
}

/// What a line says, with names that begin with `prefix`.
pub fn line<'a>(text: &'a str, prefix: &str) -> Line<'a> {
    if text.is_empty() {
        return Line::Comment;
    }
    if let Some(comment) = text.strip_prefix('#') {
        let unset = comment.strip_prefix(' ').and_then(|c| c.strip_prefix(prefix)).and_then(|c| c.split_once(' '));
        return match unset {
            Some((name, "is not set")) => Line::Set { name, value: "n" },
            _ => Line::Comment,
        };
    }
    match text.strip_prefix(prefix).and_then(|t| t.split_once('=')) {
        Some((name, value)) => Line::Set { name, value },
        None => Line::Other(text),
    }
}

/// What was found while a file was read.
#[derive(Debug, Default)]
pub struct ReadReport {
    /// `file:line:warning: …`
    pub warnings: Vec<String>,
    /// How many of them are notices, which are no fault.
    pub notices: usize,
    /// Names that no Kconfig file mentions.
    pub unknown: Vec<String>,
}

impl Solver {
    /// Takes the answers from a text; those that were there are forgotten.
    pub fn read_answers(&mut self, file: &str, text: &str, warn_unknown: bool) -> ReadReport {
        let mut report = ReadReport::default();
        for s in self.tree.symbol_ids() {
            let state = &mut self.states[s.index()];
            state.user = None;
            state.user_chosen = SymId::NONE;
            state.noted = Tristate::No;
        }
        if !self.tree.dialect.simple_choices {
            self.reset_choices();
        }
        self.invalidate();
        let prefix = self.tree.dialect.prefix.clone();
        let old = self.tree.dialect.busybox;
        let (loose, notices) = (self.tree.dialect.loose_lines, self.tree.dialect.override_notices);
        for (i, text) in lines(text).enumerate() {
            let mut warn = |message: String| {
                let notice = notices && message.starts_with("override: ");
                report.notices += usize::from(notice);
                report.warnings.push(format!("{file}:{}:{}: {message}", i + 1, if notice { "notice" } else { "warning" }));
            };
            let (name, value) = match line(text, &prefix) {
                Line::Set { name, value } => (name, value),
                // It names a symbol, and says nothing of it.
                Line::Other(text) if loose && (text.starts_with(&prefix) || text.starts_with('\r')) => continue,
                Line::Other(_) if old => {
                    warn("unexpected data".into());
                    continue;
                }
                Line::Other(text) => {
                    let end = text.find('\r').filter(|_| loose).unwrap_or(text.len());
                    warn(format!("unexpected data: {}", &text[..end]));
                    continue;
                }
                Line::Comment => match unset_and_more(text, &prefix).filter(|_| loose) {
                    Some(name) => (name, "n"),
                    None => continue,
                },
            };
            if matches!(name, "n" | "m" | "y") && !old {
                continue;
            }
            let Some(s) = self.tree.find(name) else {
                if old {
                    warn(format!("trying to assign nonexistent symbol {name}"));
                } else if warn_unknown {
                    warn(format!("unknown symbol: {name}"));
                }
                report.unknown.push(name.to_owned());
                self.changed = true;
                continue;
            };
            if old && self.state(s).user.is_some() {
                warn(format!("trying to reassign symbol {name}"));
                continue;
            }
            if self.state(s).user.is_some() {
                warn(format!("override: reassigning to symbol {name}"));
            }
            match self.answer_of(s, value) {
                Ok(Some(answer)) => {
                    let state = &mut self.states[s.index()];
                    (state.user, state.noted) = (Some(answer), answer.tri);
                }
                Ok(None) => {}
                Err(message) => {
                    warn(message);
                    continue;
                }
            }
            if let Some(message) = self.note_member(s) {
                warn(message);
            }
            self.note_answer(s);
        }
        report
    }

    /// The most recent answer of a choice counts.
    pub(crate) fn note_answer(&mut self, s: SymId) {
        let Some(choice) = self.choice_of(s) else { return };
        if let Some(members) = self.priority.get_mut(&choice)
            && let Some(at) = members.iter().position(|m| *m == s)
        {
            let m = members.remove(at);
            members.insert(0, m);
        }
    }

    fn unquoted(&self, text: &str) -> Option<String> {
        if self.tree.dialect.escapes {
            return unquote(text);
        }
        text.rsplit_once('"').map(|(value, _)| value.to_owned())
    }

    /// A value as `.config` writes it.
    pub(crate) fn answer_of(&mut self, s: SymId, text: &str) -> Result<Option<Value>, String> {
        let name = self.tree.name(s).to_owned();
        let invalid = |text: &str| Err(format!("symbol value '{text}' invalid for {name}"));
        let tri = |tri| Ok(Some(Value { tri, ..Value::NO }));
        match (self.tree.symbol(s).kind, text.as_bytes().first()) {
            (SymbolKind::Tristate, Some(b'm')) => tri(Tristate::Mod),
            (SymbolKind::Tristate | SymbolKind::Bool, Some(b'y')) => tri(Tristate::Yes),
            (SymbolKind::Tristate | SymbolKind::Bool, Some(b'n')) => tri(Tristate::No),
            (SymbolKind::Tristate | SymbolKind::Bool, _) => invalid(text),
            (SymbolKind::String, Some(b'"')) => match self.unquoted(&text[1..]) {
                Some(value) => Ok(Some(Value { text: self.string(&value), ..Value::NO })),
                None => Err("invalid string found".into()),
            },
            (SymbolKind::String | SymbolKind::Unknown, _) => Ok(None),
            (kind, _) if is_valid(text, kind) => Ok(Some(Value { text: self.string(text), ..Value::NO })),
            _ => invalid(text),
        }
    }

    /// The names that `option defconfig_list` gives, as far as they hold.
    pub(crate) fn defconfig_list(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = self.tree.symbol(self.tree.defconfig_list).first_prop;
        while let Some(id) = at.some() {
            let p = self.tree.prop(id).clone();
            at = p.next;
            if p.kind == PropKind::Default
                && self.eval(p.condition) != Tristate::No
                && let Expr::Symbol(source) = self.tree.exprs.get(p.value)
            {
                self.value(source);
                names.push(self.value_text(source).to_owned());
            }
        }
        names
    }

    /// After an answer file was read: works everything out, and forgets answers to what is not asked any more.
    pub fn settle(&mut self, order: &[SymId]) {
        self.value(self.tree.modules);
        let mut unsaved = false;
        for s in order {
            self.value(*s);
            let state = *self.state(*s);
            let symbol = self.tree.symbol(*s);
            if symbol.choice {
                continue;
            }
            match state.user {
                // An answer that is not written disagrees with the file, whatever it is.
                Some(user) if state.write && symbol.kind.is_logical() && user.tri == state.value.tri => continue,
                Some(user) if state.write && !symbol.kind.is_logical() && user.text == state.value.text => continue,
                None if !state.write => continue,
                _ => unsaved = true,
            }
        }
        self.changed |= unsaved;
        let forgets = self.tree.dialect.forgets_unseen && !unsaved;
        for s in order {
            if forgets && self.state(*s).visible == Tristate::No && self.choice_of(*s).is_none() {
                self.states[s.index()].user = None;
            }
            if !self.tree.dialect.clamp_ranges {
                self.reset_out_of_range(*s);
            }
        }
    }

    /// An answer outside its range is none.
    pub(crate) fn reset_out_of_range(&mut self, s: SymId) {
        let Some(user) = self.state(s).user.filter(|_| !self.tree.symbol(s).kind.is_logical()) else { return };
        let text = self.text_of(user.text).to_owned();
        if !self.in_range(s, &text) {
            self.states[s.index()].user = None;
            self.states[s.index()].valid = false;
        }
    }
}

/// The symbol of a line that goes on behind `is not set`.
fn unset_and_more<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (name, rest) = text.strip_prefix("# ")?.strip_prefix(prefix)?.split_once(' ')?;
    rest.starts_with("is not set").then_some(name)
}

/// The inside of a quoted value; none where the closing quote is missing.
fn unquote(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
}

/// A file as the C tools look for it: here, then below `$srctree`.
pub fn open(name: &str, host: &dyn Host, folder: &Path) -> Option<(String, PathBuf)> {
    let read = |path: PathBuf| Some((crate::bytes::text(std::fs::read(&path).ok()?), path));
    read(folder.join(name)).or_else(|| {
        let tree = host.variable("srctree").filter(|_| !Path::new(name).is_absolute())?;
        read(folder.join(tree).join(name))
    })
}
