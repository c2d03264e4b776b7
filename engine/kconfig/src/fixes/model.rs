//! The tree as a formula, written down as far as a question needs it.
//!
//! A symbol begins as a *leaf*: its value is a variable and assumed to be what it is now. Where an assumption stands in
//! the way, the symbol is opened: its value then follows from its conditions, whose symbols are leaves in turn.
//!
//! What the user may change is a *knob*: a bool, a tristate, a number that others are compared with, or a whole choice.
//! Each knob has a literal that says the answer is kept.

mod choices;
mod texts;

use super::Answer;
use super::cnf::Cnf;
use crate::expr::{Expr, ExprId, stack};
use crate::number::holds;
use crate::solve::Solver;
use crate::tree::{NodeId, PropKind, SymId, SymbolKind, Tristate};
use batsat::Lit;
use rustc_hash::{FxHashMap, FxHashSet};
use std::time::Instant;

/// A value of n, m or y: whether it is y, and whether it is not n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    pub y: Lit,
    pub some: Lit,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// The new answer.
    Logical(SymId, Bits),
    /// Which member is picked.
    Choice(Vec<(SymId, Lit)>),
    /// Which text it becomes.
    Text(SymId, Vec<(Lit, Box<str>)>),
}

#[derive(Debug)]
pub(super) struct Knob {
    pub keep: Lit,
    pub kind: Kind,
}

/// What a model turns a knob to.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub knob: usize,
    pub symbol: SymId,
    pub to: Answer,
    /// That it is not turned; of a choice: that this member is not picked.
    pub undone: Lit,
    /// One of these holds where it is not turned in just this way.
    pub otherwise: Vec<Lit>,
}

/// The values that a symbol may have as text, and when.
type Texts = Vec<(Lit, Box<str>)>;

pub(super) struct Model<'s> {
    pub solver: &'s mut Solver,
    pub cnf: Cnf,
    pub knobs: Vec<Knob>,
    /// Symbols that are not opened, in the order in which they were met.
    leaves: Vec<SymId>,
    closed: FxHashSet<SymId>,
    symbols: FxHashMap<SymId, Bits>,
    exprs: FxHashMap<ExprId, Bits>,
    texts: FxHashMap<SymId, Texts>,
    choices: FxHashSet<NodeId>,
    /// That what is only roughly known of texts and of the older choices is so. A proof that leans on it is none.
    pub exact: Lit,
    /// Symbols whose texts are only roughly known.
    rough: FxHashSet<SymId>,
    /// What a text or number is compared with.
    rivals: FxHashMap<SymId, Vec<SymId>>,
}

impl<'s> Model<'s> {
    pub fn new(solver: &'s mut Solver, until: Instant) -> Self {
        let mut rivals: FxHashMap<SymId, Vec<SymId>> = FxHashMap::default();
        for e in 0..solver.tree.exprs.len() as u32 {
            if let Expr::Compare(_, l, r) = solver.tree.exprs.get(ExprId(e)) {
                for (s, other) in [(l, r), (r, l)] {
                    let kind = solver.tree.symbol(s).kind;
                    if !kind.is_logical() && kind != SymbolKind::Unknown {
                        rivals.entry(s).or_default().push(other);
                    }
                }
            }
        }
        let mut cnf = Cnf::new(until);
        let exact = cnf.variable(true);
        Self {
            solver,
            cnf,
            exact,
            rough: FxHashSet::default(),
            knobs: Vec::new(),
            leaves: Vec::new(),
            closed: FxHashSet::default(),
            symbols: FxHashMap::default(),
            exprs: FxHashMap::default(),
            texts: FxHashMap::default(),
            choices: FxHashSet::default(),
            rivals,
        }
    }

    pub fn constant(&self, t: Tristate) -> Bits {
        Bits { y: self.cnf.constant(t == Tristate::Yes), some: self.cnf.constant(t != Tristate::No) }
    }

    fn both(&mut self, a: Bits, b: Bits) -> Bits {
        Bits { y: self.cnf.and(a.y, b.y), some: self.cnf.and(a.some, b.some) }
    }

    fn either(&mut self, a: Bits, b: Bits) -> Bits {
        Bits { y: self.cnf.or(a.y, b.y), some: self.cnf.or(a.some, b.some) }
    }

    /// A value that nothing is said about yet; a bool is never m.
    fn unknown(&mut self, now: Tristate, tristate: bool) -> Bits {
        let some = self.cnf.variable(now != Tristate::No);
        if !tristate {
            return Bits { y: some, some };
        }
        let y = self.cnf.variable(now == Tristate::Yes);
        self.cnf.require(&[!y, some]);
        Bits { y, some }
    }

    /// The value of a symbol; a leaf if it was never met.
    pub fn symbol(&mut self, s: SymId) -> Bits {
        if let Some(t) = s.constant() {
            return self.constant(t);
        }
        if let Some(known) = self.symbols.get(&s) {
            return *known;
        }
        let kind = self.solver.tree.symbol(s).kind;
        let now = self.solver.value(s).tri;
        let symbol = self.solver.tree.symbol(s);
        let (choice, rev) = (symbol.choice, symbol.rev_dep);
        let older = choice && !self.solver.tree.dialect.simple_choices;
        let bits = if older && self.solver.tree.nodes_of(s).any(|n| !self.may_have_several(n)) {
            // It is y where it is asked for.
            let asked = self.expr(rev).some;
            Bits { y: asked, some: asked }
        } else if !kind.is_logical() || choice {
            self.constant(now)
        } else if self.solver.choice_of(s).is_some_and(|choice| self.may_have_several(choice)) {
            // Its members are taken to stay as they are.
            let bits = self.unknown(now, kind == SymbolKind::Tristate);
            self.cnf.require(&[!self.exact, bits.y.apply_sign(now == Tristate::Yes)]);
            self.cnf.require(&[!self.exact, bits.some.apply_sign(now != Tristate::No)]);
            bits
        } else {
            self.leaves.push(s);
            self.closed.insert(s);
            self.unknown(now, kind == SymbolKind::Tristate)
        };
        self.symbols.insert(s, bits);
        bits
    }

    /// The symbols that are not opened, each with the assumptions that hold it where it is.
    pub fn held(&mut self) -> Vec<(SymId, Lit)> {
        let closed = &self.closed;
        self.leaves.retain(|s| closed.contains(s));
        let mut out = Vec::with_capacity(self.leaves.len());
        for s in &self.leaves {
            let Some(bits) = self.symbols.get(s) else { continue };
            match self.solver.state(*s).value.tri {
                Tristate::No => out.push((*s, !bits.some)),
                Tristate::Yes => out.push((*s, bits.y)),
                Tristate::Mod => out.extend([(*s, bits.some), (*s, !bits.y)]),
            }
        }
        out
    }

    pub fn is_closed(&self, s: SymId) -> bool {
        self.closed.contains(&s)
    }

    pub fn expr(&mut self, e: ExprId) -> Bits {
        if e.is_none() {
            return self.constant(Tristate::Yes);
        }
        if let Some(known) = self.exprs.get(&e) {
            return *known;
        }
        let bits = stack(|| match self.solver.tree.exprs.get(e) {
            Expr::Symbol(s) => self.symbol(s),
            Expr::Not(a) => {
                let a = self.expr(a);
                Bits { y: !a.some, some: !a.y }
            }
            Expr::And(a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.both(a, b)
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.expr(a), self.expr(b));
                self.either(a, b)
            }
            Expr::Compare(op, l, r) => {
                let (left, right) = (self.texts(l), self.texts(r));
                let (kl, kr) = (self.solver.tree.symbol(l).kind, self.solver.tree.symbol(r).kind);
                let mut any = self.cnf.constant(false);
                for (a, ta) in &left {
                    for (b, tb) in &right {
                        if holds(op, (ta, kl), (tb, kr)) {
                            let both = self.cnf.and(*a, *b);
                            any = self.cnf.or(any, both);
                        }
                    }
                }
                if self.rough.contains(&l) || self.rough.contains(&r) {
                    let other = self.cnf.variable(false);
                    any = self.cnf.pick(self.exact, any, other);
                }
                Bits { y: any, some: any }
            }
        });
        self.exprs.insert(e, bits);
        bits
    }

    /// Whether there are modules.
    fn modules(&mut self) -> Lit {
        let modules = self.solver.tree.modules;
        self.symbol(modules).some
    }

    /// m becomes y where there is no m.
    fn rounded(&mut self, s: SymId, bits: Bits) -> Bits {
        if self.solver.tree.symbol(s).kind != SymbolKind::Tristate {
            return Bits { y: bits.some, some: bits.some };
        }
        if bits.y == bits.some {
            return bits;
        }
        let modules = self.modules();
        let whole = self.cnf.and(bits.some, !modules);
        Bits { y: self.cnf.or(bits.y, whole), some: bits.some }
    }

    fn visible(&mut self, s: SymId) -> Bits {
        let conditions: Vec<ExprId> = self.solver.tree.props_of(s).filter(|(_, p)| p.text().is_some()).map(|(_, p)| p.condition).collect();
        let mut visible = self.constant(Tristate::No);
        for c in conditions {
            let c = self.expr(c);
            visible = self.either(visible, c);
        }
        self.rounded(s, visible)
    }

    fn has_prompt(&self, s: SymId) -> bool {
        self.solver.tree.props_of(s).any(|(_, p)| p.text().is_some())
    }

    /// Writes down where the value of a leaf comes from.
    pub fn open(&mut self, s: SymId) {
        let bits = self.symbol(s);
        if !self.closed.remove(&s) {
            return;
        }
        if let Some(choice) = self.solver.choice_of(s) {
            self.open_choice(choice);
            return;
        }
        let value = self.logical(s);
        self.cnf.same(bits.y, value.y);
        self.cnf.same(bits.some, value.some);
    }

    fn logical(&mut self, s: SymId) -> Bits {
        let symbol = self.solver.tree.symbol(s);
        let (dir, rev, implied) = (symbol.dir_dep, symbol.rev_dep, symbol.implied);
        let mut value = self.unanswered(s, dir, implied);
        let rev = if rev.is_none() { self.constant(Tristate::No) } else { self.expr(rev) };
        let rev = self.rounded(s, rev);
        if self.has_prompt(s) {
            value = self.answered(s, value, rev);
        }
        let unmet = self.solver.state(s).dir_dep < self.solver.state(s).rev_dep;
        if !unmet && rev != self.constant(Tristate::No) {
            // No select may break dependencies that it does not break already.
            let dir = self.expr(dir);
            let dir = self.rounded(s, dir);
            self.cnf.require(&[!rev.y, dir.y]);
            self.cnf.require(&[!rev.some, dir.some]);
        }
        value = self.either(value, rev);
        self.rounded(s, value)
    }

    /// The value by defaults and implies.
    fn unanswered(&mut self, s: SymId, dir: ExprId, implied: ExprId) -> Bits {
        let defaults: Vec<(ExprId, ExprId)> = self.defaults(s);
        let (mut rest, mut value) = (self.cnf.yes, self.constant(Tristate::No));
        for (e, condition) in defaults {
            let (condition, e) = (self.expr(condition), self.expr(e));
            let this = self.both(condition, e);
            let this = self.both(this, Bits { y: rest, some: rest });
            value = self.either(value, this);
            rest = self.cnf.and(rest, !condition.some);
        }
        if !implied.is_none() {
            let implied = self.expr(implied);
            let implied = self.rounded(s, implied);
            let dir = self.expr(dir);
            let dir = self.rounded(s, dir);
            let more = self.either(value, implied);
            let more = self.both(more, dir);
            value = Bits { y: self.cnf.pick(implied.some, more.y, value.y), some: self.cnf.pick(implied.some, more.some, value.some) };
        }
        value
    }

    fn defaults(&self, s: SymId) -> Vec<(ExprId, ExprId)> {
        self.solver.tree.props_of(s).filter(|(_, p)| p.kind == PropKind::Default).map(|(_, p)| (p.value, p.condition)).collect()
    }

    /// The value by the answer where one counts, else `value`.
    fn answered(&mut self, s: SymId, value: Bits, rev: Bits) -> Bits {
        let visible = self.visible(s);
        let user = self.solver.state(s).user.map(|u| u.tri);
        let tristate = self.solver.tree.symbol(s).kind == SymbolKind::Tristate;
        let now = self.solver.value(s).tri;
        let answer = self.unknown(user.unwrap_or(now), tristate);
        let keep = self.cnf.variable(true);
        let mut counts = visible.some;
        match user {
            Some(user) => {
                let user = if user == Tristate::Mod && !tristate { Tristate::Yes } else { user };
                self.cnf.require(&[!keep, answer.y.apply_sign(user == Tristate::Yes)]);
                self.cnf.require(&[!keep, answer.some.apply_sign(user != Tristate::No)]);
            }
            None => counts = self.cnf.and(counts, !keep),
        }
        // A new answer is one that the user could give.
        self.cnf.require(&[keep, visible.some]);
        self.cnf.require(&[keep, !answer.y, visible.y]);
        self.cnf.require(&[keep, !rev.y]);
        self.cnf.require(&[keep, !rev.some, answer.some]);
        if tristate {
            let modules = self.modules();
            self.cnf.require(&[keep, answer.y, !answer.some, modules]);
        }
        self.knobs.push(Knob { keep, kind: Kind::Logical(s, answer) });
        let least = self.both(answer, visible);
        Bits { y: self.cnf.pick(counts, least.y, value.y), some: self.cnf.pick(counts, least.some, value.some) }
    }

    /// What the last model turns.
    pub fn turns(&self) -> Vec<Turn> {
        let against = |l: Lit| if self.cnf.holds(l) { !l } else { l };
        let mut out = Vec::new();
        for (i, knob) in self.knobs.iter().enumerate().filter(|(_, k)| !self.cnf.holds(k.keep)) {
            let of = |symbol, to, undone, otherwise| Turn { knob: i, symbol, to, undone, otherwise };
            out.extend(match &knob.kind {
                Kind::Logical(s, bits) => {
                    let otherwise = vec![knob.keep, against(bits.y), against(bits.some)];
                    Some(of(*s, Answer::Logical(self.value_of(*bits)), knob.keep, otherwise))
                }
                Kind::Choice(picks) => {
                    let picked = picks.iter().find(|p| self.cnf.holds(p.1));
                    picked.map(|p| of(p.0, Answer::Logical(Tristate::Yes), !p.1, vec![!p.1]))
                }
                Kind::Text(s, texts) => {
                    let new = texts.iter().find(|t| self.cnf.holds(t.0));
                    new.map(|t| of(*s, Answer::Text(t.1.to_string()), knob.keep, vec![!t.0]))
                }
            });
        }
        out
    }

    fn value_of(&self, bits: Bits) -> Tristate {
        match (self.cnf.holds(bits.y), self.cnf.holds(bits.some)) {
            (true, _) => Tristate::Yes,
            (_, true) => Tristate::Mod,
            _ => Tristate::No,
        }
    }
}
