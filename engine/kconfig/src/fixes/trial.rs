//! Changed answers tried on the real solver, which afterwards is as it was.

use super::{Answer, Change};
use crate::solve::{Solver, State, Value};
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};
use rustc_hash::FxHashMap;

/// Everything of a solver that a trial may touch.
pub(crate) struct Snapshot {
    states: Vec<State>,
    /// With the states, so that what is followed later finds both as they belong together.
    memo: Vec<u8>,
    priority: FxHashMap<NodeId, Vec<SymId>>,
    modules: Tristate,
    changed: bool,
    warn: bool,
    warnings: usize,
}

impl Snapshot {
    pub fn of(solver: &Solver) -> Self {
        Self {
            states: solver.states.clone(),
            memo: solver.memo.clone(),
            priority: solver.priority.clone(),
            modules: solver.modules,
            changed: solver.changed,
            warn: solver.warn,
            warnings: solver.warnings.len(),
        }
    }

    pub fn restore(&self, solver: &mut Solver) {
        solver.states.copy_from_slice(&self.states);
        solver.memo.copy_from_slice(&self.memo);
        solver.priority.clone_from(&self.priority);
        solver.modules = self.modules;
        solver.changed = self.changed;
        solver.warn = self.warn;
        solver.warnings.truncate(self.warnings);
    }
}

/// What became of a trial.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// All wishes came true, and no select breaks what it did not break before.
    pub works: bool,
    /// Symbols whose value became another.
    pub moved: Vec<SymId>,
    /// Symbols that are now selected against their dependencies.
    pub unmet: Vec<SymId>,
}

/// The solver as it was, with every value known.
pub(super) struct Trial {
    before: Snapshot,
    pub wants: Vec<(SymId, Tristate)>,
}

fn is_unmet(state: &State) -> bool {
    state.dir_dep < state.rev_dep
}

impl Trial {
    pub fn new(solver: &mut Solver, wants: &[(SymId, Tristate)]) -> Self {
        solver.warn = false;
        solver.evaluate_all();
        Self { before: Snapshot::of(solver), wants: wants.to_vec() }
    }

    /// `whole`: also where the wishes do not come true, what moved is wanted.
    pub fn run(&self, solver: &mut Solver, changes: &[Change], whole: bool) -> Outcome {
        for change in changes {
            solver.take(change.symbol, &change.to);
        }
        solver.forget();
        let works = self.wants.iter().all(|(s, t)| solver.value(*s).tri == *t);
        let mut outcome = Outcome { works, ..Outcome::default() };
        if !works && !whole {
            self.before.restore(solver);
            return outcome;
        }
        for s in solver.tree.symbol_ids().filter(|s| s.constant().is_none()) {
            let new = solver.value(s);
            let (Some(old), Some(now)) = (self.before.states.get(s.index()), solver.states.get(s.index())) else { continue };
            if new != old.value {
                outcome.moved.push(s);
            }
            if is_unmet(now) && !is_unmet(old) {
                outcome.unmet.push(s);
            }
        }
        outcome.works &= outcome.unmet.is_empty();
        self.before.restore(solver);
        outcome
    }
}

impl Solver {
    /// Takes an answer without asking whether it counts. A member of a choice that is y is picked.
    pub(crate) fn take(&mut self, s: SymId, answer: &Answer) {
        let value = match answer {
            Answer::Logical(tri) => Value { tri: *tri, ..Value::NO },
            Answer::Text(text) => Value { text: self.string(text), ..Value::NO },
        };
        if let Some(choice) = self.choice_of(s)
            && value.tri == Tristate::Yes
        {
            for m in self.priority.get(&choice).cloned().unwrap_or_default() {
                if self.state(m).user.is_some_and(|u| u.tri != Tristate::No) {
                    self.states[m.index()].user = Some(Value::NO);
                }
            }
            self.note_answer(s);
            if let Some(owner) = self.choice_symbol(s) {
                let state = &mut self.states[owner.index()];
                (state.user, state.user_chosen, state.noted) = (Some(value), s, Tristate::Yes);
            }
        }
        self.states[s.index()].user = Some(value);
    }

    /// The user's answers after a fix, as the text of a `.config`. The solver stays as it is.
    pub fn answers_with(&mut self, changes: &[Change]) -> String {
        let before = Snapshot::of(self);
        for change in changes {
            self.take(change.symbol, &change.to);
        }
        // Of a choice the last line counts most.
        let mut symbols: Vec<SymId> = self.tree.symbol_ids().filter(|s| self.choice_of(*s).is_none()).collect();
        let mut choices: Vec<&Vec<SymId>> = self.priority.values().collect();
        choices.sort_unstable();
        symbols.extend(choices.into_iter().flat_map(|members| members.iter().rev()));
        let mut out = String::new();
        for s in symbols {
            if self.tree.symbol(s).name.is_none() || self.tree.symbol(s).kind == SymbolKind::Unknown {
                continue;
            }
            if let Some(user) = self.state(s).user {
                self.states[s.index()].value = user;
                self.dot_config_line(s, &mut out);
            }
        }
        before.restore(self);
        out
    }
}
