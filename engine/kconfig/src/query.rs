//! Reasons: why a symbol has its value, why it has not another, and who hangs on whom.
//!
//! Each reason names the file and line that it stands in, and holds the expression with the values of the moment.

use crate::expr::{Expr, ExprId, stack};
use crate::parse::prompt_text;
use crate::solve::Solver;
use crate::tree::{NodeId, Place, PropKind, SymId, SymbolKind, Tristate};

/// What gave a symbol its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The user's answer.
    Answer,
    /// The first default whose condition holds.
    Default { value: ExprId, condition: ExprId, place: Place },
    /// Others select it; the answer, if any, counts only above that.
    Selected { by: Vec<Source> },
    /// Others imply it, and nothing is answered.
    Implied { by: Vec<Source> },
    /// It is a member of a choice: of which, and why this or another member is taken.
    Choice { choice: NodeId, picked: Picked },
    /// The number was outside its range.
    Range { low: SymId, high: SymId },
    /// It is a constant, or nothing but its own name.
    Constant,
    /// Nothing gives it a value.
    Nothing,
}

/// How a choice came to its member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    ByAnswer,
    ByDefault,
    /// The first one that is left.
    AsFirst,
    /// Another member is taken.
    NotThis(SymId),
    /// No member can be seen.
    None,
}

/// One `select` or `imply`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub symbol: SymId,
    pub condition: ExprId,
    pub place: Place,
    /// How far it holds now.
    pub now: Tristate,
}

/// What keeps a symbol from a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It has no prompt anywhere; only defaults and selects give it a value.
    NoPrompt,
    /// One of its prompts is not visible that far: the clauses that do not hold.
    Prompt {
        place: Place,
        condition: ExprId,
        clauses: Vec<Clause>,
    },
    /// Others select it, so that it cannot be less.
    Selected {
        by: Vec<Source>,
    },
    /// A bool has no m; without modules nothing has.
    NoModules,
    /// Its choice has another member.
    Choice {
        choice: NodeId,
        instead: SymId,
    },
    Range {
        low: SymId,
        high: SymId,
    },
    /// The text is no value of this type.
    Type(SymbolKind),
}

/// A part of an expression that does not hold far enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    pub expr: ExprId,
    pub now: Tristate,
}

impl Solver {
    /// Why the symbol has the value that it has.
    pub fn why(&mut self, s: SymId) -> Cause {
        let value = self.value(s);
        let kind = self.tree.symbol(s).kind;
        if s.is_tristate_constant() || kind == SymbolKind::Unknown {
            return Cause::Constant;
        }
        if let Some(choice) = self.choice_of(s) {
            return Cause::Choice { choice, picked: self.picked(choice, s) };
        }
        let state = *self.state(s);
        let answered = state.user.filter(|_| state.visible != Tristate::No);
        if !kind.is_logical() {
            if let Some((low, high)) = self.range(s)
                && answered.is_none_or(|a| a.text != value.text)
                && self.default_text_now(s).as_deref() != Some(self.value_text(s))
            {
                return Cause::Range { low, high };
            }
            return if answered.is_some() { Cause::Answer } else { self.default_cause(s).unwrap_or(Cause::Nothing) };
        }
        if let Some(a) = answered
            && a.tri.min(state.visible) >= state.rev_dep
        {
            return Cause::Answer;
        }
        if state.rev_dep != Tristate::No && state.rev_dep == value.tri {
            let by = self.selected_by(s).into_iter().filter(|b| b.now != Tristate::No).collect();
            return Cause::Selected { by };
        }
        let default = self.default_cause(s);
        if state.implied != Tristate::No && value.tri != Tristate::No && default.is_none() {
            let by = self.implied_by(s).into_iter().filter(|b| b.now != Tristate::No).collect();
            return Cause::Implied { by };
        }
        default.unwrap_or(Cause::Nothing)
    }

    fn default_cause(&mut self, s: SymId) -> Option<Cause> {
        let (id, _) = self.default_prop(s)?;
        let p = self.tree.prop(id);
        Some(Cause::Default { value: p.value, condition: p.condition, place: p.place })
    }

    fn default_text_now(&mut self, s: SymId) -> Option<String> {
        let (value, _) = self.default(s)?;
        match self.tree.exprs.get(value) {
            Expr::Symbol(source) => {
                self.value(source);
                Some(self.value_text(source).to_owned())
            }
            _ => None,
        }
    }

    fn picked(&mut self, choice: NodeId, s: SymId) -> Picked {
        let members = self.members_in_menu(choice);
        let Some(taken) = members.iter().copied().find(|m| self.value(*m).tri == Tristate::Yes) else { return Picked::None };
        if taken != s {
            return Picked::NotThis(taken);
        }
        if self.state(s).user.is_some_and(|u| u.tri == Tristate::Yes) {
            return Picked::ByAnswer;
        }
        if self.choice_default(choice) == Some(s) { Picked::ByDefault } else { Picked::AsFirst }
    }

    /// Every `select` of the symbol.
    pub fn selected_by(&mut self, s: SymId) -> Vec<Source> {
        self.sources_of(s, |kind| matches!(kind, PropKind::Select(t) if *t == s))
    }

    pub fn implied_by(&mut self, s: SymId) -> Vec<Source> {
        self.sources_of(s, |kind| matches!(kind, PropKind::Imply(t) if *t == s))
    }

    fn sources_of(&mut self, s: SymId, is_it: impl Fn(&PropKind) -> bool) -> Vec<Source> {
        let symbol = self.tree.symbol(s);
        if symbol.rev_dep.is_none() && symbol.implied.is_none() {
            return Vec::new();
        }
        let found: Vec<_> =
            self.tree.props.iter().filter(|p| is_it(&p.kind)).map(|p| (self.tree.node(p.node).symbol, p.condition, p.place)).collect();
        let mut sources = Vec::with_capacity(found.len());
        for (symbol, condition, place) in found {
            let now = self.value(symbol).tri.min(self.eval(condition));
            sources.push(Source { symbol, condition, place, now });
        }
        sources
    }

    /// The symbols that the conditions of `s` name, each once.
    pub fn depends_on(&self, s: SymId) -> Vec<SymId> {
        let mut found = Vec::new();
        self.tree.exprs.for_each_symbol(self.tree.symbol(s).dir_dep, &mut |x| found.push(x));
        found.retain(|x| !self.tree.symbol(*x).constant);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The symbols whose conditions name `s`.
    pub fn depended_on_by(&self, s: SymId) -> Vec<SymId> {
        self.tree.symbol_ids().filter(|x| self.tree.exprs.contains(self.tree.symbol(*x).dir_dep, s)).collect()
    }

    /// The menus from the root to the symbol's first entry with a prompt, and that entry.
    pub fn location(&self, s: SymId) -> Vec<NodeId> {
        let with_prompt = self.tree.nodes_of(s).find(|n| prompt_text(&self.tree, *n).is_some());
        let Some(node) = with_prompt.or_else(|| self.tree.nodes_of(s).next()) else { return Vec::new() };
        let mut path = Vec::new();
        let mut at = node;
        while !at.is_none() {
            path.push(at);
            at = self.tree.node(at).parent;
        }
        path.reverse();
        path
    }

    /// What keeps the symbol from a value, as it is typed. Nothing: it can be set.
    pub fn why_not(&mut self, s: SymId, text: &str) -> Vec<Obstacle> {
        self.value(s);
        let kind = self.tree.symbol(s).kind;
        if !crate::number::is_valid(text, kind) {
            return vec![Obstacle::Type(kind)];
        }
        let wanted = Tristate::of_letter(text).filter(|_| kind.is_logical());
        let state = *self.state(s);
        if wanted.is_some_and(|w| state.value.tri == w) || wanted.is_none() && self.value_text(s) == text {
            return Vec::new();
        }
        let mut found = Vec::new();
        if wanted == Some(Tristate::Mod) && self.kind(s) == SymbolKind::Bool {
            found.push(Obstacle::NoModules);
        }
        if let Some(wanted) = wanted
            && wanted < state.rev_dep
        {
            let by = self.selected_by(s).into_iter().filter(|b| b.now > wanted).collect();
            found.push(Obstacle::Selected { by });
        }
        // To be n takes no more than that there is a question.
        let level = wanted.unwrap_or(Tristate::Yes).max(Tristate::Mod);
        let level = if self.kind(s) == SymbolKind::Tristate { level } else { Tristate::Mod };
        if state.visible < level {
            found.extend(self.hidden(s, level));
        }
        if wanted == Some(Tristate::No)
            && let Some(choice) = self.choice_of(s)
            && self.visible_members(choice) == 1
        {
            found.push(Obstacle::Choice { choice, instead: s });
        }
        if wanted.is_none()
            && let Some((low, high)) = self.range(s)
        {
            let value = crate::number::lenient(text, kind);
            if value < self.bound(low, kind) || value > self.bound(high, kind) {
                found.push(Obstacle::Range { low, high });
            }
        }
        found
    }

    fn visible_members(&self, choice: NodeId) -> usize {
        self.members_in_menu(choice).iter().filter(|m| self.state(**m).visible != Tristate::No).count()
    }

    fn hidden(&mut self, s: SymId, level: Tristate) -> Vec<Obstacle> {
        let mut prompts = Vec::new();
        let mut at = self.tree.symbol(s).first_prop;
        while let Some(id) = at.some() {
            let p = self.tree.prop(id).clone();
            at = p.next;
            if p.text().is_some() {
                let mut clauses = Vec::new();
                self.failing(p.condition, level, &mut clauses);
                prompts.push(Obstacle::Prompt { place: p.place, condition: p.condition, clauses });
            }
        }
        if prompts.is_empty() { vec![Obstacle::NoPrompt] } else { prompts }
    }

    /// The smallest parts of `e` that keep it below `level`.
    fn failing(&mut self, e: ExprId, level: Tristate, out: &mut Vec<Clause>) {
        let now = self.eval(e);
        if now >= level {
            return;
        }
        match self.tree.exprs.get(e) {
            Expr::And(a, b) => {
                stack(|| self.failing(a, level, out));
                stack(|| self.failing(b, level, out));
            }
            // Any side would do: the whole is what does not hold.
            _ => {
                let clause = Clause { expr: e, now };
                if !out.contains(&clause) {
                    out.push(clause);
                }
            }
        }
    }

    /// What the written values of two configurations differ in, by name: (name, here, there). None: not written.
    pub fn differences(&mut self, other: &mut Solver) -> Vec<(String, Option<String>, Option<String>)> {
        self.evaluate_all();
        other.evaluate_all();
        let mut names: Vec<&str> = Vec::new();
        for solver in [&*self, &*other] {
            names.extend(solver.tree.symbol_ids().filter(|s| solver.state(*s).write).map(|s| solver.tree.name(s)));
        }
        names.sort_unstable();
        names.dedup();
        let written = |solver: &Solver, name: &str| {
            let s = solver.tree.find(name).filter(|s| solver.state(*s).write)?;
            Some(solver.value_text(s).to_owned())
        };
        let mut found = Vec::new();
        for name in names {
            let (here, there) = (written(self, name), written(other, name));
            // Not to be seen and n mean the same to whoever reads the configuration.
            let meaning = |v: &Option<String>| v.clone().filter(|v| v != "n");
            if meaning(&here) != meaning(&there) {
                found.push((name.to_owned(), here, there));
            }
        }
        found
    }
}

impl Solver {
    fn sources_text(&self, by: &[Source]) -> String {
        let each = by.iter().map(|b| format!("{} [={}] at {}", self.tree.name(b.symbol), b.now.letter(), self.tree.place_text(b.place)));
        each.collect::<Vec<_>>().join(", ")
    }

    /// An obstacle as a sentence.
    pub fn describe(&self, o: &Obstacle) -> String {
        match o {
            Obstacle::NoPrompt => "it has no prompt: only defaults and selects give it a value".into(),
            Obstacle::Prompt { place, clauses, .. } => {
                let clauses: Vec<String> = clauses.iter().map(|c| self.annotated(c.expr)).collect();
                format!("its prompt at {} needs {}", self.tree.place_text(*place), clauses.join(" and "))
            }
            Obstacle::Selected { by } => format!("it is selected by {}", self.sources_text(by)),
            Obstacle::NoModules => "there is no m for it: it is a bool, or modules are off".into(),
            Obstacle::Choice { instead, .. } => format!("its choice has {} only", self.tree.name(*instead)),
            Obstacle::Range { low, high } => format!("it must be from {} to {}", self.value_text(*low), self.value_text(*high)),
            Obstacle::Type(kind) => format!("this is no {} value", kind.word()),
        }
    }

    /// A cause as a sentence.
    pub fn describe_cause(&self, cause: &Cause) -> String {
        match cause {
            Cause::Answer => "it was answered so".into(),
            Cause::Default { value, condition, place } => {
                let condition =
                    if self.tree.exprs.is_yes(*condition) { String::new() } else { format!(" if {}", self.annotated(*condition)) };
                format!("default {}{condition} at {}", self.annotated(*value), self.tree.place_text(*place))
            }
            Cause::Selected { by } => format!("selected by {}", self.sources_text(by)),
            Cause::Implied { by } => format!("implied by {}", self.sources_text(by)),
            Cause::Choice { choice, picked } => {
                let title = prompt_text(&self.tree, *choice).unwrap_or("");
                match picked {
                    Picked::ByAnswer => format!("it was picked in the choice \"{title}\""),
                    Picked::ByDefault => format!("it is the default of the choice \"{title}\""),
                    Picked::AsFirst => format!("it is the first that is left of the choice \"{title}\""),
                    Picked::NotThis(other) => format!("the choice \"{title}\" is {}", self.tree.name(*other)),
                    Picked::None => format!("the choice \"{title}\" cannot be seen"),
                }
            }
            Cause::Range { low, high } => format!("its range is from {} to {}", self.value_text(*low), self.value_text(*high)),
            Cause::Constant => "it is a constant".into(),
            Cause::Nothing => "nothing gives it a value".into(),
        }
    }
}
