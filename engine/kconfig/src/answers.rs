//! Answering: what a symbol may be set to, setting it, and taking it back, with the list of all that changes.

use crate::number::{is_valid, lenient, with_0x};
use crate::solve::{Solver, StrId, Value};
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};

/// One symbol before and after, as it would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub symbol: SymId,
    pub old: Shown,
    pub new: Shown,
}

/// What is seen of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub value: Value,
    /// Whether the user may answer, and how far.
    pub visible: Tristate,
    /// Whether `.config` names it.
    pub written: bool,
}

/// Why an answer was not taken; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{name} has no prompt, or none that is visible now")]
    NotVisible { name: String },
    #[error("{name} is selected by others and cannot be less than {least}")]
    Selected { name: String, least: char },
    #[error("{name} can be {most} at most, because what it depends on is")]
    Limited { name: String, most: char },
    #[error("`{text}` is no {kind} value for {name}")]
    Invalid { name: String, text: String, kind: &'static str },
    #[error("{name} must be from {low} to {high}")]
    OutOfRange { name: String, low: String, high: String },
}

/// The answers that one step changed, as they were before.
#[derive(Clone, Debug)]
pub struct Step {
    answers: Vec<(SymId, Answered)>,
    /// Each choice's members, the most recently answered first.
    priority: Vec<(NodeId, Vec<SymId>)>,
}

/// All that answering says of a symbol; the last two of a choice with a value.
#[derive(Clone, Copy, Debug)]
struct Answered {
    user: Option<Value>,
    user_chosen: SymId,
    noted: Tristate,
}

impl Solver {
    pub fn shown(&self, s: SymId) -> Shown {
        let state = self.state(s);
        Shown { value: state.value, visible: state.visible, written: state.write }
    }

    /// The user's own answer, if there is one.
    pub fn answer(&self, s: SymId) -> Option<Value> {
        self.state(s).user
    }

    /// Whether a bool or tristate may take a value.
    pub fn allows(&mut self, s: SymId, tri: Tristate) -> bool {
        self.refusal(s, tri).is_none()
    }

    fn refusal(&mut self, s: SymId, tri: Tristate) -> Option<Refused> {
        self.value(s);
        let state = *self.state(s);
        let kind = self.kind(s);
        let name = || self.tree.name(s).to_owned();
        if !kind.is_logical() || kind == SymbolKind::Bool && tri == Tristate::Mod {
            let kind = self.tree.symbol(s).kind.word();
            return Some(Refused::Invalid { name: name(), text: tri.letter().into(), kind });
        }
        if state.visible == Tristate::No {
            return Some(Refused::NotVisible { name: name() });
        }
        if tri < state.rev_dep || state.visible <= state.rev_dep {
            return Some(Refused::Selected { name: name(), least: state.rev_dep.letter() });
        }
        if tri != Tristate::Yes && self.only_yes(s) {
            return Some(Refused::Selected { name: name(), least: 'y' });
        }
        (tri > state.visible).then(|| Refused::Limited { name: name(), most: state.visible.letter() })
    }

    /// Answers a symbol with a text as it is typed: `y`, `12`, `0x1f`, any string. What changed by it, and what takes it back.
    pub fn set(&mut self, s: SymId, text: &str) -> Result<(Vec<Change>, Step), Refused> {
        let kind = self.tree.symbol(s).kind;
        let name = self.tree.name(s).to_owned();
        let invalid = || Refused::Invalid { name: name.clone(), text: text.to_owned(), kind: kind.word() };
        if kind.is_logical() {
            let tri = Tristate::of_letter(text).ok_or_else(invalid)?;
            if self.value(s).tri != tri
                && let Some(refused) = self.refusal(s, tri)
            {
                return Err(refused);
            }
            let answers = self.logical_answers(s, tri);
            return Ok(self.give(answers));
        }
        self.value(s);
        if self.state(s).visible == Tristate::No {
            return Err(Refused::NotVisible { name });
        }
        if !is_valid(text, kind) {
            return Err(invalid());
        }
        if !self.in_range(s, text)
            && let Some((low, high)) = self.range(s)
        {
            let (low, high) = (self.value_text(low).to_owned(), self.value_text(high).to_owned());
            return Err(Refused::OutOfRange { name, low, high });
        }
        let text = self.typed(text, kind);
        Ok(self.give(vec![(s, Some(Value { text, ..Value::NO }))]))
    }

    /// Takes an answer away: the symbol comes to its default again.
    pub fn unset(&mut self, s: SymId) -> (Vec<Change>, Step) {
        self.give(vec![(s, None)])
    }

    /// Takes all changes of a fix, or of any other set of answers, as one step.
    pub fn apply(&mut self, changes: &[crate::fixes::Change]) -> (Vec<Change>, Step) {
        let touched = changes.iter().map(|c| c.symbol).collect();
        self.edit(touched, |solver| {
            for change in changes {
                solver.take(change.symbol, &change.to);
            }
        })
    }

    /// Takes a step back. What changed, and the step that does it again.
    pub fn undo(&mut self, step: Step) -> (Vec<Change>, Step) {
        let touched = step.answers.iter().map(|(s, _)| *s).collect();
        self.edit(touched, |solver| {
            for (s, old) in step.answers {
                let state = &mut solver.states[s.index()];
                (state.user, state.user_chosen, state.noted) = (old.user, old.user_chosen, old.noted);
            }
            solver.priority.extend(step.priority);
        })
    }

    /// The answers that setting a bool or tristate gives: of a choice, all its visible members'.
    fn logical_answers(&mut self, s: SymId, tri: Tristate) -> Vec<(SymId, Option<Value>)> {
        let value = |tri| Some(Value { tri, ..Value::NO });
        match self.choice_of(s) {
            Some(choice) if tri == Tristate::Yes && self.tree.dialect.simple_choices => {
                let mut answers = Vec::new();
                for m in self.members_in_menu(choice) {
                    if self.state(m).visible != Tristate::No {
                        answers.push((m, value(if m == s { Tristate::Yes } else { Tristate::No })));
                    }
                }
                answers
            }
            _ => vec![(s, value(tri))],
        }
    }

    pub(crate) fn give(&mut self, answers: Vec<(SymId, Option<Value>)>) -> (Vec<Change>, Step) {
        let touched = answers.iter().map(|(s, _)| *s).collect();
        self.edit(touched, |solver| {
            for (s, value) in answers {
                solver.states[s.index()].user = value;
                solver.note_answer(s);
                if let (Some(choice), Some(Tristate::Yes)) = (solver.choice_symbol(s), value.map(|v| v.tri)) {
                    solver.pick(choice, s);
                }
            }
        })
    }

    /// Changes answers of `touched` symbols, and of what shares a choice with them, and follows what hangs on them.
    pub(crate) fn edit(&mut self, mut touched: Vec<SymId>, change: impl FnOnce(&mut Self)) -> (Vec<Change>, Step) {
        self.ready();
        let mut choices: Vec<NodeId> = touched.iter().filter_map(|s| self.choice_of(*s)).collect();
        choices.sort_unstable();
        choices.dedup();
        for choice in &choices {
            touched.extend(self.tree.choice_members.get(choice).into_iter().flatten());
            touched.push(self.tree.node(*choice).symbol);
        }
        touched.sort_unstable();
        touched.dedup();
        let answered = |s: &SymId| {
            let state = self.state(*s);
            (*s, Answered { user: state.user, user_chosen: state.user_chosen, noted: state.noted })
        };
        let mut answers: Vec<_> = touched.iter().map(answered).collect();
        if !self.tree.dialect.simple_choices {
            // A choice with a value of its own forgets answers where a new member comes to be seen.
            let others = self.tree.symbol_ids().filter(|s| self.tree.symbol(*s).choice && touched.binary_search(s).is_err());
            answers.extend(others.map(|s| answered(&s)));
        }
        let priority = choices.iter().filter_map(|c| Some((*c, self.priority.get(c)?.clone()))).collect();
        change(self);
        self.changed = true;
        (self.follow(&touched), Step { answers, priority })
    }

    fn typed(&mut self, text: &str, kind: SymbolKind) -> StrId {
        if kind == SymbolKind::Hex { self.string(&with_0x(text)) } else { self.string(text) }
    }

    pub(crate) fn in_range(&mut self, s: SymId, text: &str) -> bool {
        let kind = self.tree.symbol(s).kind;
        if !matches!(kind, SymbolKind::Int | SymbolKind::Hex) {
            return true;
        }
        let Some((low, high)) = self.range(s) else { return true };
        let value = lenient(text, kind);
        self.bound(low, kind) <= value && value <= self.bound(high, kind)
    }

    /// Answers a bool or tristate as the line-oriented tool does. False where it cannot take the value.
    pub(crate) fn set_tristate(&mut self, s: SymId, tri: Tristate) -> bool {
        let old = self.value(s).tri;
        if old != tri && !self.allows(s, tri) {
            return false;
        }
        let answered = self.states[s.index()].user.is_some();
        if let (Some(choice), Tristate::Yes) = (self.choice_symbol(s), tri) {
            self.pick(choice, s);
        } else if let Some(choice) = self.choice_of(s)
            && tri == Tristate::Yes
        {
            self.choose_member(choice, s);
        } else {
            let state = &mut self.states[s.index()];
            state.user = Some(Value { tri, ..Value::NO });
            state.noted = tri;
        }
        if old != tri {
            self.forget();
        }
        self.changed |= !answered;
        true
    }

    /// Answers an int, hex or string as the line-oriented tool does. False where the text is no value for it.
    pub(crate) fn set_text(&mut self, s: SymId, text: &str) -> bool {
        let kind = self.tree.symbol(s).kind;
        if kind.is_logical() {
            return Tristate::of_letter(text).is_some_and(|t| self.set_tristate(s, t));
        }
        if !is_valid(text, kind) || !self.in_range(s, text) {
            return false;
        }
        let text = self.typed(text, kind);
        let old = self.states[s.index()].user.replace(Value { text, ..Value::NO });
        if old.is_none_or(|o| o.text != text) {
            self.forget();
        }
        true
    }

    /// The user picks a member: the others are answered n.
    pub(crate) fn choose_member(&mut self, choice: NodeId, member: SymId) {
        let mut changed = false;
        for m in self.members_in_menu(choice) {
            let tri = if m == member { Tristate::Yes } else { Tristate::No };
            let state = &mut self.states[m.index()];
            if state.visible == Tristate::No {
                continue;
            }
            changed |= state.value.tri != tri;
            state.user = Some(Value { tri, ..Value::NO });
            self.note_answer(m);
        }
        if changed {
            self.forget();
        }
    }
}
