//! A configuration in two layers: a base that comes from elsewhere, and lines above it that come and go. This is what an
//! editor works on that keeps only the user's own changes.

use crate::answers::{Change, Shown};
use crate::number::with_0x;
use crate::solve::{Solver, Value};
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};
use rustc_hash::FxHashMap;

/// The answers of a base, and what they come to.
#[derive(Clone, Debug)]
pub struct Base {
    answers: Vec<Option<Value>>,
    priority: FxHashMap<NodeId, Vec<SymId>>,
    shown: Vec<Shown>,
}

impl Base {
    pub fn shown(&self, s: SymId) -> Option<Shown> {
        self.shown.get(s.index()).copied()
    }

    /// Whether the base answers a bool or tristate with y.
    pub fn picks(&self, s: SymId) -> bool {
        self.answers.get(s.index()).copied().flatten().is_some_and(|a| a.tri == Tristate::Yes)
    }
}

impl Solver {
    /// Answers every bool and tristate that has no answer, as allnoconfig and its like do; none: with its default.
    pub fn answer_rest(&mut self, with: Option<Tristate>) {
        self.answer_all(with.map_or(crate::conf::Fill::Defaults, crate::conf::Fill::All));
    }

    /// Forgets answers outside their range, which the older dialects take for none. To be called once answers were read.
    pub fn forget_out_of_range(&mut self) {
        if !self.tree.dialect.clamp_ranges {
            self.evaluate_all();
            for s in self.tree.symbol_ids().skip(3) {
                self.reset_out_of_range(s);
            }
            self.forget();
        }
    }

    /// The answers of now as a base for lines.
    pub fn base(&mut self) -> Base {
        self.ready();
        let ids = || self.tree.symbol_ids();
        Base {
            answers: ids().map(|s| self.answer(s)).collect(),
            priority: self.priority.clone(),
            shown: ids().map(|s| self.shown(s)).collect(),
        }
    }

    /// Puts other lines above the base than there were: `touched` are the symbols for which lines came, went or changed.
    /// Each line is a symbol and its value as `.config` writes it. What changed by it.
    ///
    /// Only where choices have no value of their own (`Dialect::simple_choices`): else answers leave traces beside themselves.
    pub fn put_above(&mut self, base: &Base, lines: &[(SymId, &str)], mut touched: Vec<SymId>) -> Vec<Change> {
        let mut choices: Vec<NodeId> = touched.iter().filter_map(|s| self.choice_of(*s)).collect();
        choices.sort_unstable();
        choices.dedup();
        for choice in &choices {
            touched.extend(self.tree.choice_members.get(choice).into_iter().flatten());
        }
        touched.sort_unstable();
        touched.dedup();
        let members = touched.clone();
        let (changes, _) = self.edit(touched, |solver| {
            for s in &members {
                solver.states[s.index()].user = base.answers.get(s.index()).copied().flatten();
            }
            for choice in choices {
                if let Some(order) = base.priority.get(&choice) {
                    solver.priority.insert(choice, order.clone());
                }
            }
            for (s, text) in lines.iter().filter(|(s, _)| members.binary_search(s).is_ok()) {
                // What is no value for it is passed over, as when a file is read.
                if let Ok(Some(answer)) = solver.answer_of(*s, text) {
                    solver.states[s.index()].user = Some(answer);
                    solver.note_answer(*s);
                }
            }
        });
        changes
    }

    /// The line of `.config` that gives a symbol a value as it is typed: `y`, `12`, any text.
    pub fn line_of(&self, s: SymId, typed: &str) -> String {
        let (prefix, name) = (&self.tree.dialect.prefix, self.tree.name(s));
        match self.tree.symbol(s).kind {
            SymbolKind::Bool | SymbolKind::Tristate if typed == "n" => format!("# {prefix}{name} is not set"),
            SymbolKind::Hex => format!("{prefix}{name}={}", with_0x(typed)),
            SymbolKind::String => {
                let mut text = String::new();
                match self.tree.dialect.escapes {
                    true => crate::write::escaped(typed, &mut text),
                    false => text.push_str(typed),
                }
                format!("{prefix}{name}=\"{text}\"")
            }
            _ => format!("{prefix}{name}={typed}"),
        }
    }
}
