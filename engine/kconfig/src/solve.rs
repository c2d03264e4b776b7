//! Values: what each symbol comes to, from the user's answers, defaults, selects and ranges.
//!
//! A value is worked out when it is asked for and then remembered. The order in which values are asked for is the C
//! tools' own, because warnings are said at the moment a value is found.

mod choose;
mod messages;
mod numbers;
mod strings;

pub use strings::StrId;
use strings::Strings;

use crate::expr::{Comparison, Expr, ExprId, stack};
use crate::number::holds;
use crate::tree::{NodeId, PropId, PropKind, SymId, SymbolKind, Tree, Tristate};
use rustc_hash::FxHashMap;

/// What a symbol holds: `tri` for bool and tristate, `text` for the others. A choice's `text` is unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    pub tri: Tristate,
    pub text: StrId,
}

impl Value {
    pub const NO: Value = Value { tri: Tristate::No, text: StrId::EMPTY };
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub valid: bool,
    /// Whether the writers name it.
    pub write: bool,
    pub value: Value,
    pub visible: Tristate,
    pub dir_dep: Tristate,
    pub rev_dep: Tristate,
    pub implied: Tristate,
    /// The user's own answer.
    pub user: Option<Value>,
    /// Of a choice with a value: the chosen member, and the one the user chose.
    pub chosen: SymId,
    pub user_chosen: SymId,
    /// Of a bool, a tristate or a choice: the last answer, even one that does not count any more.
    pub noted: Tristate,
}

impl Default for State {
    fn default() -> Self {
        Self {
            valid: false,
            write: false,
            value: Value::NO,
            visible: Tristate::No,
            dir_dep: Tristate::No,
            rev_dep: Tristate::No,
            implied: Tristate::No,
            user: None,
            chosen: SymId::NONE,
            user_chosen: SymId::NONE,
            noted: Tristate::No,
        }
    }
}

pub(crate) const UNKNOWN: u8 = 3;

/// A tree with the user's answers.
#[derive(Debug)]
pub struct Solver {
    pub tree: Tree,
    pub(crate) states: Vec<State>,
    /// The value of each expression, or `UNKNOWN`.
    pub(crate) memo: Vec<u8>,
    strings: Strings,
    /// Whether there are modules, as far as the last evaluation of that symbol said.
    pub(crate) modules: Tristate,
    /// Each choice's members, the most recently answered first (6.12).
    pub(crate) priority: FxHashMap<NodeId, Vec<SymId>>,
    /// The choice that each member belongs to.
    choice_of: Vec<NodeId>,
    /// Warnings in the order in which they came up, as the C tools print them.
    pub warnings: Vec<String>,
    /// Whether warnings are kept at all.
    pub warn: bool,
    /// Something differs from what was read.
    pub changed: bool,
    /// Who hangs on whom, once an answer was followed.
    pub(crate) links: Option<Box<crate::follow::Links>>,
    /// Whether choices look at all their members first: values must not tell which answers there were before. The C tools do
    /// not, and warn in another order for that.
    pub(crate) looks_at_all: bool,
    /// Whether what is shown for the sake of what is below it counts as answered.
    pub(crate) marks_shown: bool,
    /// The order in which symbols are finished, while that is noted.
    pub(crate) finished: Option<Vec<SymId>>,
}

impl Solver {
    /// Nothing is answered yet.
    pub fn new(tree: Tree) -> Self {
        let (symbols, exprs) = (tree.symbols.len(), tree.exprs.len());
        let priority = tree.choice_members.clone();
        let mut solver = Self {
            states: vec![State::default(); symbols],
            memo: vec![UNKNOWN; exprs],
            strings: Strings::default(),
            modules: Tristate::No,
            priority,
            choice_of: Vec::new(),
            warnings: Vec::new(),
            warn: false,
            changed: false,
            links: None,
            looks_at_all: false,
            marks_shown: false,
            finished: None,
            tree,
        };
        solver.choice_of = solver.tree.symbol_ids().map(|s| solver.tree.choice_around(s)).collect();
        solver
    }

    pub fn string(&mut self, text: &str) -> StrId {
        self.strings.add(text)
    }

    pub fn text_of(&self, id: StrId) -> &str {
        self.strings.get(id)
    }

    /// The choice that `s` is a member of.
    pub fn choice_of(&self, s: SymId) -> Option<NodeId> {
        self.choice_of[s.index()].some()
    }

    pub(crate) fn state(&self, s: SymId) -> &State {
        &self.states[s.index()]
    }

    /// Forgets all values that were worked out.
    pub(crate) fn invalidate(&mut self) {
        for s in &mut self.states {
            s.valid = false;
        }
        self.memo.fill(UNKNOWN);
    }

    /// Forgets what expressions came to, for where only some symbols are worked out anew.
    pub(crate) fn forget_expressions(&mut self) {
        self.memo.fill(UNKNOWN);
    }

    /// Forgets all values after answers have changed, and works out anew whether there are modules.
    pub fn forget(&mut self) {
        self.invalidate();
        self.changed = true;
        self.value(self.tree.modules);
    }

    /// Without modules a tristate is a bool, and so is a member whose choice decides.
    pub fn kind(&self, s: SymId) -> SymbolKind {
        match self.tree.symbol(s).kind {
            SymbolKind::Tristate if self.modules == Tristate::No || self.only_yes(s) => SymbolKind::Bool,
            kind => kind,
        }
    }

    /// The value of an expression; of none: yes.
    pub fn eval(&mut self, e: ExprId) -> Tristate {
        if e.is_none() {
            return Tristate::Yes;
        }
        match self.memo[e.index()] {
            0 => return Tristate::No,
            1 => return Tristate::Mod,
            2 => return Tristate::Yes,
            _ => {}
        }
        let value = match self.tree.exprs.get(e) {
            Expr::Symbol(s) => self.value(s).tri,
            Expr::Not(a) => !stack(|| self.eval(a)),
            Expr::And(a, b) => {
                let a = stack(|| self.eval(a));
                a.min(stack(|| self.eval(b)))
            }
            Expr::Or(a, b) => {
                let a = stack(|| self.eval(a));
                a.max(stack(|| self.eval(b)))
            }
            Expr::Compare(op, l, r) => self.compare(op, l, r),
        };
        self.memo[e.index()] = value as u8;
        value
    }

    fn compare(&mut self, op: Comparison, l: SymId, r: SymId) -> Tristate {
        self.value(l);
        self.value(r);
        let side = |s| (self.value_text(s), self.tree.symbol(s).kind);
        if holds(op, side(l), side(r)) { Tristate::Yes } else { Tristate::No }
    }

    /// The value that was worked out, as it is written: `y`, `0x10`, `text`.
    pub fn value_text(&self, s: SymId) -> &str {
        if let Some(t) = s.constant() {
            return ["n", "m", "y"][t as usize];
        }
        match self.tree.symbol(s).kind {
            SymbolKind::Bool | SymbolKind::Tristate => ["n", "m", "y"][self.state(s).value.tri as usize],
            SymbolKind::Unknown => self.tree.name(s),
            _ => self.strings.get(self.state(s).value.text),
        }
    }

    /// The value of a symbol, worked out if it is not known.
    pub fn value(&mut self, s: SymId) -> Value {
        if let Some(tri) = s.constant() {
            return Value { tri, text: StrId::EMPTY };
        }
        if self.states[s.index()].valid {
            return self.states[s.index()].value;
        }
        let value = stack(|| self.work_out(s));
        if let Some(finished) = &mut self.finished {
            finished.push(s);
        }
        value
    }

    fn work_out(&mut self, s: SymId) -> Value {
        self.states[s.index()].valid = true;
        let old = self.states[s.index()].value;
        let kind = self.tree.symbol(s).kind;
        if kind == SymbolKind::Unknown {
            self.states[s.index()].value = Value::NO;
            return Value::NO;
        }
        let mut new = Value { tri: Tristate::No, text: self.strings.add(self.blank(kind)) };
        let mut handed_down = false;
        self.states[s.index()].write = false;
        self.visibility(s);
        let state = &mut self.states[s.index()];
        // On the way here a member's choice may have said so too.
        state.write |= state.visible != Tristate::No;
        // Whoever asks for it on the way here gets this.
        state.value = new;
        match kind {
            SymbolKind::Bool | SymbolKind::Tristate => (new.tri, handed_down) = self.logical(s),
            _ => {
                let state = self.states[s.index()];
                match state.user {
                    Some(user) if state.visible != Tristate::No => new.text = user.text,
                    _ => {
                        if let Some(source) = self.default_symbol(s) {
                            self.states[s.index()].write = true;
                            self.value(source);
                            let text = self.value_text(source).to_owned();
                            new.text = self.strings.add(&text);
                            handed_down = self.hands_down(source);
                        }
                    }
                }
            }
        }
        self.states[s.index()].value = new;
        if handed_down {
            let state = &mut self.states[s.index()];
            state.noted = state.user.get_or_insert(new).tri;
        }
        if matches!(kind, SymbolKind::Int | SymbolKind::Hex) {
            let text = self.strings.get(new.text).to_owned();
            if let Some(bound) = self.clamped(s, &text) {
                self.states[s.index()].value.text = self.strings.add(&bound);
            }
        }
        let now = self.states[s.index()].value;
        if now != old && s == self.tree.modules {
            self.modules = now.tri;
        }
        if self.tree.symbol(s).choice {
            self.after_choice(s);
        }
        // A transitional one is read for the defaults of others, and then gone.
        self.states[s.index()].write &= !self.tree.symbol(s).transitional && !self.tree.symbol(s).unwritten;
        self.states[s.index()].value
    }

    /// Whether what a default takes from this symbol counts as the user's answer: the user's answer to what is now called
    /// otherwise. Where answers are given one by one, that was seen to when they were read.
    fn hands_down(&self, source: SymId) -> bool {
        self.tree.symbol(source).transitional && self.states[source.index()].user.is_some() && !self.looks_at_all
    }

    /// The value of a bool or tristate, and whether it was handed down.
    fn logical(&mut self, s: SymId) -> (Tristate, bool) {
        let (mut tri, mut handed_down) = (Tristate::No, false);
        let choice = self.choice_of[s.index()];
        let state = self.states[s.index()];
        if self.tree.dialect.simple_choices && !choice.is_none() {
            self.choose(choice);
            tri = self.states[s.index()].value.tri;
        } else if !choice.is_none() && state.visible == Tristate::Yes {
            let owner = self.tree.node(choice).symbol;
            self.value(owner);
            tri = if self.states[owner.index()].chosen == s { Tristate::Yes } else { Tristate::No };
        } else {
            match state.user {
                Some(user) if state.visible != Tristate::No => tri = user.tri.min(state.visible),
                _ => {
                    if state.rev_dep != Tristate::No {
                        self.states[s.index()].write = true;
                    }
                    if !self.tree.symbol(s).choice {
                        if let Some((value, condition)) = self.default(s) {
                            tri = self.eval(value).min(condition);
                            handed_down = matches!(self.tree.exprs.get(value), Expr::Symbol(source) if self.hands_down(source));
                            if tri != Tristate::No || self.tree.dialect.default_n_is_written {
                                self.states[s.index()].write = true;
                            }
                        }
                        let implied = self.states[s.index()].implied;
                        if implied != Tristate::No {
                            tri = tri.max(implied).min(self.states[s.index()].dir_dep);
                            self.states[s.index()].write |= self.tree.dialect.implied_is_written || tri != Tristate::No;
                        }
                    }
                }
            }
            let state = self.states[s.index()];
            if state.dir_dep < state.rev_dep {
                self.warn_unmet(s);
            }
            tri = tri.max(state.rev_dep);
        }
        if tri == Tristate::Mod && self.kind(s) == SymbolKind::Bool {
            tri = Tristate::Yes;
        }
        (tri, handed_down)
    }

    /// The first property of such a kind whose condition holds, and how far. Conditions behind it are not looked at.
    pub(crate) fn first_holding(&mut self, s: SymId, fits: impl Fn(PropKind) -> bool) -> Option<(PropId, Tristate)> {
        let mut at = self.tree.symbol(s).first_prop;
        while let Some(id) = at.some() {
            let p = self.tree.prop(id);
            at = p.next;
            if fits(p.kind) {
                let condition = p.condition;
                let holds = self.eval(condition);
                if holds != Tristate::No {
                    return Some((id, holds));
                }
            }
        }
        None
    }

    pub(crate) fn default_prop(&mut self, s: SymId) -> Option<(PropId, Tristate)> {
        self.first_holding(s, |kind| kind == PropKind::Default)
    }

    /// The first default whose condition holds: its value, and the condition's.
    pub fn default(&mut self, s: SymId) -> Option<(ExprId, Tristate)> {
        let (id, holds) = self.default_prop(s)?;
        Some((self.tree.prop(id).value, holds))
    }

    fn default_symbol(&mut self, s: SymId) -> Option<SymId> {
        let (value, _) = self.default(s)?;
        match self.tree.exprs.get(value) {
            Expr::Symbol(s) => Some(s),
            _ => None,
        }
    }

    /// Whether and how far the user may answer, and what others make of it.
    pub(crate) fn visibility(&mut self, s: SymId) {
        let mut visible = Tristate::No;
        let mut at = self.tree.symbol(s).first_prop;
        while let Some(id) = at.some() {
            let p = self.tree.prop(id);
            at = p.next;
            if p.text().is_some() {
                let condition = p.condition;
                visible = visible.max(self.eval(condition));
            }
        }
        let (kind, transitional) = (self.tree.symbol(s).kind, self.tree.symbol(s).transitional);
        if transitional {
            visible = Tristate::Yes;
        }
        if visible == Tristate::Mod && (kind != SymbolKind::Tristate || self.modules == Tristate::No) {
            visible = Tristate::Yes;
        }
        self.states[s.index()].visible = visible;
        if !self.choice_of[s.index()].is_none() {
            return;
        }
        let symbol = self.tree.symbol(s);
        let (dir, rev, implied) = (symbol.dir_dep, symbol.rev_dep, symbol.implied);
        let dir = self.eval(dir);
        self.states[s.index()].dir_dep = self.as_kind(s, dir);
        let rev = if rev.is_none() { Tristate::No } else { self.eval(rev) };
        self.states[s.index()].rev_dep = self.as_kind(s, rev);
        let implied = if implied.is_none() { Tristate::No } else { self.eval(implied) };
        self.states[s.index()].implied = self.as_kind(s, implied);
    }

    fn as_kind(&self, s: SymId, tri: Tristate) -> Tristate {
        if tri == Tristate::Mod && self.kind(s) == SymbolKind::Bool { Tristate::Yes } else { tri }
    }

    fn asked_once(&self, s: SymId) -> bool {
        self.tree.props_of(s).filter(|(_, p)| p.text().is_some()).count() == 1
    }

    /// Whether the user's menu shows the node.
    pub fn node_visible(&mut self, node: NodeId) -> bool {
        stack(|| {
            let n = self.tree.node(node);
            let Some(prompt) = n.prompt.some() else { return false };
            let (visibility, symbol, condition) = (n.visibility, n.symbol, self.tree.prop(prompt).condition);
            if !visibility.is_none() && self.eval(visibility) == Tristate::No {
                return false;
            }
            if !symbol.is_none() {
                self.value(symbol);
            }
            // A member is seen as it was when its choice was last worked out, and not always did that look at all members.
            let seen = match symbol.some() {
                Some(s) if self.tree.dialect.simple_choices && self.choice_of(s).is_some() && self.asked_once(s) => self.state(s).visible,
                _ => self.eval(condition),
            };
            if seen != Tristate::No {
                return true;
            }
            if symbol.is_none() || self.value(symbol).tri == Tristate::No {
                return false;
            }
            let mut child = self.tree.node(node).list;
            while let Some(c) = child.some() {
                if self.node_visible(c) {
                    if self.marks_shown {
                        let state = &mut self.states[symbol.index()];
                        state.user.get_or_insert(Value { tri: state.noted, ..Value::NO });
                    }
                    return true;
                }
                child = self.tree.node(c).next;
            }
            false
        })
    }
}
