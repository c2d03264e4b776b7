//! The smallest sets of changed answers: soft clauses with cores, on a formula that grows where it stands in the way.
//!
//! "This answer is kept" is assumed of every knob. A core of such assumptions says that one of them must go; the others
//! of the core may then go too, but each further one costs again (Narodytska and Bacchus, PMRES). The first model under
//! what is left has the fewest changes. It is tried on the real solver, and blocked together with all larger sets.

use super::cnf::Found;
use super::model::{Kind, Model};
use super::trial::{Outcome, Trial};
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
    /// Knobs whose answers are in `soft`, or were.
    taken: usize,
    /// Leaves that cores of answers lean on: what follows from those holds only as long as they are closed.
    leaned_on: FxHashSet<SymId>,
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
            leaned_on: FxHashSet::default(),
            inexact: false,
            fixes: Vec::new(),
        };
        search.open(opened);
        search
    }

    pub fn run(&mut self) -> End {
        loop {
            if Instant::now() >= self.until {
                return End::OutOfTime;
            }
            let held = self.model.held();
            let mut assumptions = self.wants.clone();
            assumptions.extend(held.iter().map(|h| h.1));
            assumptions.extend(&self.soft);
            match self.model.cnf.solve(&assumptions) {
                Found::OutOfTime => return End::OutOfTime,
                Found::Model => {
                    if !self.candidate() {
                        return End::All;
                    }
                    if self.fixes.len() >= self.limits.fixes {
                        return End::Enough;
                    }
                }
                Found::Core(core) => {
                    let core = self.trimmed(core);
                    let soft: FxHashSet<Lit> = self.soft.iter().copied().collect();
                    let (answers, others): (Vec<Lit>, Vec<Lit>) = core.into_iter().partition(|l| soft.contains(l));
                    let others: FxHashSet<Lit> = others.into_iter().collect();
                    let leaves: Vec<SymId> = held.iter().filter(|h| others.contains(&h.1)).map(|h| h.0).collect();
                    if !answers.is_empty() {
                        self.leaned_on.extend(leaves);
                        self.relax(&answers);
                    } else if !leaves.is_empty() {
                        self.open(leaves);
                    } else {
                        return End::All;
                    }
                }
            }
        }
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

    /// Opens leaves. What was learnt of answers while one of them was closed is not true any more: that begins anew.
    fn open(&mut self, leaves: Vec<SymId>) {
        let mut anew = false;
        for s in leaves {
            anew |= self.leaned_on.contains(&s);
            self.model.open(s);
        }
        if anew {
            self.leaned_on.clear();
            self.soft.clear();
            self.taken = 0;
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

    fn try_out(&mut self, changes: &[Change]) -> Outcome {
        self.trial.run(self.model.solver, changes)
    }

    /// Tries what the model says. False where there is no use in going on.
    fn candidate(&mut self) -> bool {
        let turns = self.model.turns();
        let otherwise: Vec<Lit> = turns.iter().flat_map(|t| self.model.otherwise(t.0)).collect();
        let (mut knobs, mut changes) = (Vec::new(), Vec::new());
        for (knob, symbol, to) in turns {
            knobs.push(knob);
            changes.push(self.change(symbol, to));
        }
        let mut outcome = self.try_out(&changes);
        if !outcome.works {
            let wrong: Vec<SymId> = outcome.moved.iter().chain(&outcome.unmet).copied().filter(|s| self.model.is_closed(*s)).collect();
            if !wrong.is_empty() {
                self.open(wrong);
                return true;
            }
            self.inexact = true;
            self.model.cnf.require(&otherwise);
            return !otherwise.is_empty();
        }
        // While leaves are closed a change may be there for nothing.
        let mut i = 0;
        while i < changes.len() {
            let (knob, change) = (knobs.remove(i), changes.remove(i));
            let without = self.try_out(&changes);
            if without.works {
                outcome = without;
            } else {
                knobs.insert(i, knob);
                changes.insert(i, change);
                i += 1;
            }
        }
        let others: Vec<usize> = knobs.iter().copied().filter(|k| !self.own.contains(k)).collect();
        let block: Vec<Lit> = others.iter().filter_map(|k| self.model.knobs.get(*k)).map(|k| k.keep).collect();
        self.model.cnf.require(&block);
        let changed = |s: &SymId| changes.iter().any(|c| c.symbol == *s) || self.trial.wants.iter().any(|w| w.0 == *s);
        let effects = outcome.moved.iter().filter(|s| !changed(s)).count();
        let fix = Fix { others: others.len(), changes, effects };
        if !self.fixes.contains(&fix) {
            self.fixes.push(fix);
        }
        true
    }
}
