//! Configurations put together from parts, and what did not come out as asked.

use crate::config::{Line, line};
use crate::query::Obstacle;
use crate::solve::Solver;
use crate::tree::{SymId, SymbolKind, Tristate};

/// A file with answers.
#[derive(Clone, Debug)]
pub struct Fragment<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// Something asked for that is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    pub name: String,
    /// The file, and the line from 1.
    pub file: String,
    pub line: usize,
    pub wanted: String,
    /// None: there is no such symbol.
    pub got: Option<String>,
    pub obstacles: Vec<Obstacle>,
}

/// A part that says something else than one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    pub name: String,
    pub file: String,
    pub old: String,
    pub new: String,
}

#[derive(Debug, Default)]
pub struct MergeReport {
    pub missed: Vec<Missed>,
    pub overridden: Vec<Overridden>,
    /// Lines that are no answers.
    pub warnings: Vec<String>,
}

struct Asked<'a> {
    name: &'a str,
    value: &'a str,
    file: &'a str,
    line: usize,
}

impl Solver {
    /// Takes the answers of all parts, the later ones before the earlier; what nobody answers comes to its default.
    pub fn merge(&mut self, fragments: &[Fragment<'_>]) -> MergeReport {
        let prefix = self.tree.dialect.prefix.clone();
        let mut report = MergeReport::default();
        let mut asked: Vec<Asked<'_>> = Vec::new();
        let mut at = rustc_hash::FxHashMap::default();
        let mut all = String::new();
        for f in fragments {
            for (i, text) in f.text.lines().enumerate() {
                let (name, value) = match line(text, &prefix) {
                    Line::Set { name, value } => (name, value),
                    Line::Other(text) => {
                        report.warnings.push(format!("{}:{}: no answer: {text}", f.name, i + 1));
                        continue;
                    }
                    Line::Comment => continue,
                };
                all.push_str(text);
                all.push('\n');
                let new = Asked { name, value, file: f.name, line: i + 1 };
                match at.get(name).copied() {
                    Some(old) => {
                        let old: &mut Asked<'_> = &mut asked[old];
                        if old.value != value {
                            let (old, new) = (old.value.to_owned(), value.to_owned());
                            report.overridden.push(Overridden { name: name.into(), file: f.name.into(), old, new });
                        }
                        *old = new;
                    }
                    None => {
                        at.insert(name, asked.len());
                        asked.push(new);
                    }
                }
            }
        }
        self.read_answers("", &all, false);
        self.forget();
        self.evaluate_all();
        for a in asked {
            report.missed.extend(self.missed(&a));
        }
        report
    }

    fn missed(&mut self, asked: &Asked<'_>) -> Option<Missed> {
        let symbol: Option<SymId> = self.tree.find(asked.name);
        let wanted = asked.value.trim_matches('"').to_owned();
        let got = symbol.map(|s| self.value_text(s).to_owned());
        if got.as_deref() == Some(wanted.as_str()) {
            return None;
        }
        // What is not there is as good as n.
        if symbol.is_none_or(|s| self.tree.symbol(s).kind == SymbolKind::Unknown) && wanted == "n" {
            return None;
        }
        let obstacles = symbol.map(|s| self.why_not(s, &wanted)).unwrap_or_default();
        Some(Missed { name: asked.name.into(), file: asked.file.into(), line: asked.line, wanted, got, obstacles })
    }
}

/// What a list of loaded modules leaves of a configuration.
#[derive(Debug, Default)]
pub struct LocalReport {
    /// Modules that no makefile of the tree makes.
    pub unknown: Vec<String>,
    /// How many answers m became n, and y.
    pub off: usize,
    pub built_in: usize,
}

impl Solver {
    /// Switches off every module that is neither loaded nor needed by one that is; `built_in` makes those that stay part of
    /// the kernel (localmodconfig, localyesconfig).
    ///
    /// `makers` says which symbols make a module, see [`crate::makefiles`].
    pub fn keep_loaded(&mut self, loaded: &[String], makers: &crate::makefiles::Makers, built_in: bool) -> LocalReport {
        self.evaluate_all();
        let mut report = LocalReport::default();
        let mut needed: Vec<SymId> = Vec::new();
        for module in loaded {
            let symbols: Vec<SymId> = makers.of(module).iter().filter_map(|name| self.tree.find(name)).collect();
            if symbols.is_empty() {
                report.unknown.push(module.clone());
            }
            needed.extend(symbols);
        }
        let mut keep = vec![false; self.tree.symbols.len()];
        while let Some(s) = needed.pop() {
            if std::mem::replace(&mut keep[s.index()], true) || self.value(s).tri == Tristate::No {
                continue;
            }
            // What it hangs on must stay, and one of those that select it where it has no prompt of its own.
            needed.extend(self.depends_on(s));
            if self.state(s).visible == Tristate::No {
                needed.extend(self.selected_by(s).into_iter().filter(|b| b.now != Tristate::No).map(|b| b.symbol));
            }
        }
        for s in self.tree.symbol_ids() {
            let state = &mut self.states[s.index()];
            if state.value.tri != Tristate::Mod || state.user.is_none_or(|u| u.tri != Tristate::Mod) {
                continue;
            }
            let tri = match (keep[s.index()], built_in) {
                (false, _) => Tristate::No,
                (true, true) => Tristate::Yes,
                (true, false) => continue,
            };
            report.off += usize::from(tri == Tristate::No);
            report.built_in += usize::from(tri == Tristate::Yes);
            state.user = Some(crate::Value { tri, ..crate::Value::NO });
        }
        self.forget();
        report
    }
}
