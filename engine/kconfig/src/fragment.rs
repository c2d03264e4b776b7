//! A configuration as what has to be added to another one: the changes that a project keeps.

use crate::answers::Shown;
use crate::fixes::trial::Snapshot;
use crate::solve::{Solver, Value};
use crate::tree::{NodeId, SymId, Tristate};

/// What to add to a base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Lines as in `.config`, in the order of the menus; none can be left out.
    pub lines: Vec<String>,
    /// What differs all the same: no answer gives these symbols the value that they have now.
    pub missed: Vec<SymId>,
}

/// Passes over what differs; an answer can make another one count.
const PASSES: usize = 8;

impl Solver {
    /// The least that, read after the lines of `base`, gives the configuration of now. The solver stays as it is.
    pub fn fragment(&mut self, base: &str) -> Difference {
        self.evaluate_all();
        let now = Snapshot::of(self);
        let wanted: Vec<Shown> = self.tree.symbol_ids().map(|s| self.shown(s)).collect();
        self.read_answers("base", base, false);
        self.forget();
        let mut given = self.approach(&wanted);
        self.leave_out(&wanted, &mut given);
        let missed = self.tree.symbol_ids().filter(|s| self.differs(*s, &wanted)).collect();
        now.restore(self);
        let mut lines = Vec::with_capacity(given.len());
        for (s, _) in given {
            let mut line = String::new();
            self.dot_config_line(s, &mut line);
            lines.push(line.trim_end().to_owned());
        }
        Difference { lines, missed }
    }

    fn differs(&self, s: SymId, wanted: &[Shown]) -> bool {
        let now = self.shown(s);
        !self.tree.symbol(s).name.is_none() && now.value != wanted[s.index()].value
    }

    /// Answers what differs, in the order of the menus: the symbols, and what the base answers them.
    fn approach(&mut self, wanted: &[Shown]) -> Vec<(SymId, Option<Value>)> {
        let mut given: Vec<(SymId, Option<Value>)> = Vec::new();
        let nodes: Vec<NodeId> = self.tree.descendants(NodeId::ROOT).collect();
        for _ in 0..PASSES {
            // An answer of the base can come to be seen by one that was added, and be none that counts.
            self.forget_out_of_range();
            self.evaluate_all();
            let mut more = false;
            for node in &nodes {
                let Some(s) = self.tree.node(*node).symbol.some().filter(|s| self.differs(*s, wanted)) else { continue };
                let is_answer = wanted[s.index()].visible != Tristate::No && !given.iter().any(|(g, _)| *g == s);
                // Of a choice the one that is taken says all.
                let value = wanted[s.index()].value;
                if is_answer && (self.choice_of(s).is_none() || value.tri != Tristate::No) {
                    given.push((s, self.answer(s)));
                    self.give(vec![(s, Some(value))]);
                    more = true;
                }
            }
            if !more {
                break;
            }
        }
        given.sort_by_key(|(s, _)| nodes.iter().position(|n| self.tree.node(*n).symbol == *s));
        given
    }

    /// Takes back every answer without which nothing changes.
    fn leave_out(&mut self, wanted: &[Shown], given: &mut Vec<(SymId, Option<Value>)>) {
        for i in (0..given.len()).rev() {
            let (s, old) = given[i];
            let (changes, step) = self.give(vec![(s, old)]);
            if changes.iter().any(|c| self.differs(c.symbol, wanted)) {
                self.undo(step);
            } else {
                given.remove(i);
            }
        }
    }
}
