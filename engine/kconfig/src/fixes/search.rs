//! The smallest sets of changed answers: soft clauses with cores, on a formula that grows where it stands in the way.
//!
//! "This answer is kept" is assumed of every knob. A core of such assumptions says that one of them must go; the others
//! of the core may then go too, but each further one costs again (Narodytska and Bacchus, PMRES). Leaves in a core are
//! opened first, so that what is learnt of answers does not hang on them. The first model under what is left then has the
//! fewest changes of all. It is tried on the real solver, and blocked together with all larger sets.

use super::cnf::Found;
use super::model::{Kind, Model, Turn};
use super::trial::Trial;
use super::{Answer, Change, End, Fix, Limits};
use crate::tree::{SymId, Tristate};
use batsat::Lit;
use rustc_hash::FxHashSet;
use std::time::Instant;

pub(super) struct Search<'s> {
    pub model: Model<'s>,
    trial: Trial,
    limits: Limits,
    until: Instant,
    wants: Vec<Lit>,
    /// What costs nothing to give up: the answers of the wanted symbols themselves.
    own: FxHashSet<usize>,
    soft: Vec<Lit>,
    /// So many knobs have come into `soft` or `own`.
    taken: usize,
    /// A model did not come true, for a reason that the formula does not know.
    pub inexact: bool,
    pub fixes: Vec<Fix>,
}

impl<'s> Search<'s> {
    pub fn new(mut model: Model<'s>, trial: Trial, limits: Limits, until: Instant) -> Self {
        let mut wants = Vec::new();
        for (s, t) in &trial.wants {
            let bits = model.symbol(*s);
            wants.push(bits.y.apply_sign(*t == Tristate::Yes));
            wants.push(bits.some.apply_sign(*t != Tristate::No));
        }
        let opened: Vec<SymId> = trial.wants.iter().map(|w| w.0).collect();
        let mut search = Self {
            model,
            trial,
            limits,
            until,
            wants,
            own: FxHashSet::default(),
            soft: Vec::new(),
            taken: 0,
            inexact: false,
            fixes: Vec::new(),
        };
        search.open(&opened);
        search
    }

    pub fn run(&mut self) -> End {
        loop {
            if Instant::now() >= self.until {
                return self.late();
            }
            let held = self.model.held();
            let mut assumptions = self.wants.clone();
            assumptions.push(self.model.exact);
            assumptions.extend(held.iter().map(|h| h.1));
            assumptions.extend(&self.soft);
            match self.model.cnf.solve(&assumptions) {
                Found::OutOfTime => return self.late(),
                Found::Model => {
                    let turns = self.nearest(assumptions);
                    if !self.candidate(&turns) {
                        return End::All;
                    }
                    if self.has_enough() {
                        return End::Enough;
                    }
                }
                Found::Core(core) => {
                    let core: FxHashSet<Lit> = self.trimmed(core).into_iter().collect();
                    let leaves: Vec<SymId> = held.iter().filter(|h| core.contains(&h.1)).map(|h| h.0).collect();
                    let answers: Vec<Lit> = self.soft.iter().copied().filter(|s| core.contains(s)).collect();
                    if !leaves.is_empty() {
                        self.open(&leaves);
                    } else if !answers.is_empty() {
                        self.relax(&answers);
                    } else {
                        self.inexact |= core.contains(&self.model.exact);
                        return End::All;
                    }
                }
            }
        }
    }

    /// Of the models with as few changes, one that keeps the answers that showed up late: what a symbol depends on shows up
    /// before what else could select that. Only a little time is for this.
    fn nearest(&mut self, mut assumptions: Vec<Lit>) -> Vec<Turn> {
        let mut best = self.model.turns();
        self.model.cnf.until.set(self.until.min(Instant::now() + self.limits.time / 64));
        for i in (0..self.model.knobs.len()).rev() {
            let Some(keep) = self.model.knobs.get(i).map(|k| k.keep).filter(|_| !self.own.contains(&i)) else { continue };
            assumptions.push(keep);
            if best.iter().all(|t| t.knob != i) {
                continue;
            }
            match self.model.cnf.solve(&assumptions) {
                Found::Model => best = self.model.turns(),
                Found::OutOfTime => break,
                Found::Core(_) => {
                    assumptions.pop();
                    assumptions.push(!keep);
                }
            }
        }
        self.model.cnf.until.set(self.until);
        best
    }

    /// A few more of the same size may have fewer effects; a third of the time is for those.
    fn has_enough(&self) -> bool {
        let (limit, found) = (self.limits.fixes, self.fixes.len());
        let same_size = || self.fixes.get(limit.saturating_sub(1)).map(|f| f.others) == self.fixes.last().map(|f| f.others);
        let late = || Instant::now() + self.limits.time * 2 / 3 >= self.until;
        found >= limit && (found >= limit.saturating_mul(2) || !same_size() || late())
    }

    fn late(&self) -> End {
        if self.fixes.len() >= self.limits.fixes { End::Enough } else { End::OutOfTime }
    }

    /// A smaller core inside a core, where that is quickly found.
    fn trimmed(&mut self, mut core: Vec<Lit>) -> Vec<Lit> {
        for _ in 0..3 {
            match self.model.cnf.solve(&core) {
                Found::Core(smaller) if smaller.len() < core.len() => core = smaller,
                _ => break,
            }
        }
        core
    }

    /// One of these answers changes; each further one costs once more.
    fn relax(&mut self, answers: &[Lit]) {
        let gone: FxHashSet<Lit> = answers.iter().copied().collect();
        self.soft.retain(|s| !gone.contains(s));
        let Some((last, others)) = answers.split_last() else { return };
        let mut later = !*last;
        for kept in others.iter().rev() {
            let again = self.model.cnf.and(!*kept, later);
            self.soft.push(!again);
            later = self.model.cnf.or(!*kept, later);
        }
    }

    /// Opens leaves, and assumes that the answers which show up by that are kept.
    fn open(&mut self, leaves: &[SymId]) {
        for s in leaves {
            self.model.open(*s);
        }
        for i in self.taken..self.model.knobs.len() {
            let Some(knob) = self.model.knobs.get(i) else { continue };
            let wanted = |s: &SymId| self.trial.wants.iter().any(|w| w.0 == *s);
            let own = match &knob.kind {
                Kind::Logical(s, _) | Kind::Text(s, _) => wanted(s),
                Kind::Choice(picks) => picks.iter().any(|p| wanted(&p.0)),
            };
            if own {
                self.own.insert(i);
            } else {
                self.soft.push(knob.keep);
            }
        }
        self.taken = self.model.knobs.len();
    }

    fn change(&self, symbol: SymId, to: Answer) -> Change {
        let from = match &to {
            Answer::Logical(_) => Answer::Logical(self.model.solver.state(symbol).value.tri),
            Answer::Text(_) => Answer::Text(self.model.solver.value_text(symbol).to_owned()),
        };
        Change { symbol, from, to }
    }

    /// Tries what the model says. False where there is no use in going on.
    fn candidate(&mut self, turns: &[Turn]) -> bool {
        let mut changes: Vec<Change> = turns.iter().map(|t| self.change(t.symbol, t.to.clone())).collect();
        let mut knobs: Vec<&Turn> = turns.iter().collect();
        let mut outcome = self.trial.run(self.model.solver, &changes, true);
        if !outcome.works {
            for s in &outcome.unmet {
                self.model.symbol(*s);
            }
            let wrong: Vec<SymId> = outcome.moved.iter().chain(&outcome.unmet).copied().filter(|s| self.model.is_closed(*s)).collect();
            if !wrong.is_empty() {
                self.open(&wrong);
                return true;
            }
            self.inexact = true;
            let otherwise: Vec<Lit> = turns.iter().flat_map(|t| t.otherwise.iter().copied()).collect();
            self.model.cnf.require(&otherwise);
            return !otherwise.is_empty();
        }
        // The wanted symbols' own answers cost nothing: those that do nothing are still in it.
        for i in (0..changes.len()).rev() {
            if !self.own.contains(&knobs[i].knob) {
                continue;
            }
            let (knob, change) = (knobs.remove(i), changes.remove(i));
            let without = self.trial.run(self.model.solver, &changes, false);
            if without.works {
                outcome = without;
            } else {
                knobs.insert(i, knob);
                changes.insert(i, change);
            }
        }
        let block: Vec<Lit> = knobs.iter().filter(|t| !self.own.contains(&t.knob)).map(|t| t.undone).collect();
        self.model.cnf.require(&block);
        let changed = |s: &SymId| changes.iter().any(|c| c.symbol == *s) || self.trial.wants.iter().any(|w| w.0 == *s);
        let effects = outcome.moved.iter().filter(|s| !changed(s)).count();
        let fix = Fix { others: block.len(), changes, effects };
        if !self.fixes.contains(&fix) {
            self.fixes.push(fix);
        }
        true
    }
}
