//! Expressions: shared, immutable nodes in one arena, so that equal expressions have equal ids.
//!
//! The dialect of Linux 6.12 shares its expressions too, and its menus and messages show the shapes that its
//! simplifications leave; [`Exprs::simplify`] and its helpers leave the same ones.

use crate::tree::{SymId, SymbolKind, Tristate};
use hashbrown::HashTable;
use rustc_hash::{FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};

/// An expression. `ExprId::NONE` stands for "nothing was said", which as a condition is yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub(crate) u32);

impl ExprId {
    pub const NONE: ExprId = ExprId(u32::MAX);

    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparison {
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Symbol(SymId),
    Not(ExprId),
    And(ExprId, ExprId),
    Or(ExprId, ExprId),
    Compare(Comparison, SymId, SymId),
}

/// What the simplifications need to know of symbols.
pub trait Kinds {
    fn kind(&self, symbol: SymId) -> SymbolKind;
}

#[derive(Default, Debug)]
pub struct Exprs {
    nodes: Vec<Expr>,
    ids: HashTable<ExprId>,
    /// Equal for expressions that differ in the order of their terms only.
    sums: Vec<u64>,
    transformed: Vec<ExprId>,
    /// Whether [`Exprs::transform`] leaves out the constants of a chain (Linux 6.12).
    pub(crate) folds: bool,
    /// [`Exprs::transform`] came upon a bool that is compared with m.
    pub(crate) tests_for_m: bool,
}

/// Room for the kernel's.
const USUAL: usize = 1 << 17;
/// Every term of a chain meets every other: of one that is longer (the kernel's longest has some hundred) only repetitions are left
/// out.
const MOST_TERMS: usize = 10_000;

fn hash_of(e: &Expr) -> u64 {
    let mut h = FxHasher::default();
    e.hash(&mut h);
    h.finish()
}

/// Which operator a chain of terms is joined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

impl Exprs {
    pub fn get(&self, id: ExprId) -> Expr {
        self.nodes[id.index()]
    }

    pub fn iter(&self) -> impl Iterator<Item = Expr> {
        self.nodes.iter().copied()
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn add(&mut self, e: Expr) -> ExprId {
        let hash = hash_of(&e);
        if let Some(id) = self.ids.find(hash, |id| self.nodes[id.index()] == e) {
            return *id;
        }
        if self.nodes.is_empty() {
            self.nodes.reserve(USUAL);
            self.sums.reserve(USUAL);
            self.ids.reserve(USUAL, |_| 0);
        }
        let id = ExprId(self.nodes.len() as u32);
        self.nodes.push(e);
        self.sums.push(self.sum_of(e, hash));
        let nodes = &self.nodes;
        self.ids.insert_unique(hash, id, |id| hash_of(&nodes[id.index()]));
        id
    }

    fn sum_of(&self, e: Expr, hash: u64) -> u64 {
        let mixed = |id: ExprId, seed: u64| (self.sums[id.index()] ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // A chain's sum is that of its terms, however it is nested.
        let term = |id: ExprId, join: Join| if self.join_of(id) == Some(join) { self.sums[id.index()] } else { mixed(id, join as u64 + 1) };
        match e {
            Expr::And(a, b) => term(a, Join::And).wrapping_add(term(b, Join::And)),
            Expr::Or(a, b) => term(a, Join::Or).wrapping_add(term(b, Join::Or)),
            Expr::Not(a) => mixed(a, 3),
            Expr::Symbol(_) | Expr::Compare(..) => hash.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ hash >> 29,
        }
    }

    pub fn symbol(&mut self, s: SymId) -> ExprId {
        self.add(Expr::Symbol(s))
    }

    pub fn yes(&mut self) -> ExprId {
        self.symbol(SymId::YES)
    }

    pub fn no(&mut self) -> ExprId {
        self.symbol(SymId::NO)
    }

    pub fn not(&mut self, e: ExprId) -> ExprId {
        self.add(Expr::Not(e))
    }

    /// Nothing joined with something is that something.
    pub fn and(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (a.is_none(), b.is_none()) {
            (true, _) => b,
            (_, true) => a,
            _ => self.add(Expr::And(a, b)),
        }
    }

    pub fn or(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (a.is_none(), b.is_none()) {
            (true, _) => b,
            (_, true) => a,
            _ => self.add(Expr::Or(a, b)),
        }
    }

    fn join(&mut self, j: Join, a: ExprId, b: ExprId) -> ExprId {
        match j {
            Join::And => self.and(a, b),
            Join::Or => self.or(a, b),
        }
    }

    /// `above && own`: the condition of something, and what it stands in.
    pub fn both_of(&mut self, above: ExprId, own: ExprId) -> ExprId {
        if above.is_none() || own.is_none() { self.and(above, own) } else { self.folded(Join::And, above, own) }
    }

    /// Joins two sides; a constant among them decides, or is left out.
    fn folded(&mut self, j: Join, a: ExprId, b: ExprId) -> ExprId {
        let (neutral, deciding) = match j {
            Join::And => (SymId::YES, SymId::NO),
            Join::Or => (SymId::NO, SymId::YES),
        };
        if !self.folds {
            self.join(j, a, b)
        } else if self.is(a, deciding) || self.is(b, neutral) {
            a
        } else if self.is(b, deciding) || self.is(a, neutral) {
            b
        } else {
            self.join(j, a, b)
        }
    }

    /// The two sides, where `e` is such a chain.
    fn sides(&self, e: ExprId, j: Join) -> Option<(ExprId, ExprId)> {
        match (self.get(e), j) {
            (Expr::And(a, b), Join::And) | (Expr::Or(a, b), Join::Or) => Some((a, b)),
            _ => None,
        }
    }

    fn join_of(&self, e: ExprId) -> Option<Join> {
        match self.get(e) {
            Expr::And(..) => Some(Join::And),
            Expr::Or(..) => Some(Join::Or),
            _ => None,
        }
    }

    pub fn is_yes(&self, e: ExprId) -> bool {
        e.is_none() || self.get(e) == Expr::Symbol(SymId::YES)
    }

    fn is(&self, e: ExprId, s: SymId) -> bool {
        self.get(e) == Expr::Symbol(s)
    }

    /// `m` stands for "m, where modules are on".
    pub fn rewrite_m(&mut self, e: ExprId, modules: SymId) -> ExprId {
        if e.is_none() {
            return e;
        }
        stack(|| match self.get(e) {
            Expr::Symbol(SymId::MOD) => {
                let modules = self.symbol(modules);
                self.and(e, modules)
            }
            Expr::Not(a) => {
                let a = self.rewrite_m(a, modules);
                self.not(a)
            }
            Expr::And(a, b) => {
                let (a, b) = (self.rewrite_m(a, modules), self.rewrite_m(b, modules));
                self.and(a, b)
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.rewrite_m(a, modules), self.rewrite_m(b, modules));
                self.or(a, b)
            }
            _ => e,
        })
    }

    /// Comparisons of a bool with a constant become the bool; negations move inwards.
    pub fn transform(&mut self, e: ExprId, kinds: &dyn Kinds) -> ExprId {
        if e.is_none() {
            return e;
        }
        if let Some(known) = self.transformed.get(e.index()).filter(|k| !k.is_none()) {
            return *known;
        }
        let done = self.transform_anew(e, kinds);
        if self.transformed.len() <= e.index() {
            self.transformed.resize(self.nodes.len().max(USUAL), ExprId::NONE);
        }
        self.transformed[e.index()] = done;
        done
    }

    fn transform_anew(&mut self, e: ExprId, kinds: &dyn Kinds) -> ExprId {
        stack(|| match self.get(e) {
            Expr::Symbol(_) => e,
            Expr::Compare(op @ (Comparison::Equal | Comparison::Unequal), s, constant) if kinds.kind(s) == SymbolKind::Bool => {
                let equal = op == Comparison::Equal;
                match (constant, equal) {
                    (SymId::YES, true) | (SymId::NO, false) => self.symbol(s),
                    (SymId::NO, true) | (SymId::YES, false) => {
                        let a = self.symbol(s);
                        self.not(a)
                    }
                    // A bool is never m.
                    (SymId::MOD, _) => {
                        self.tests_for_m = true;
                        if equal { self.no() } else { self.yes() }
                    }
                    _ => e,
                }
            }
            Expr::Compare(..) => e,
            Expr::And(a, b) => {
                let (a, b) = (self.transform(a, kinds), self.transform(b, kinds));
                self.folded(Join::And, a, b)
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.transform(a, kinds), self.transform(b, kinds));
                self.folded(Join::Or, a, b)
            }
            Expr::Not(a) => {
                let a = self.transform(a, kinds);
                match self.get(a) {
                    Expr::Not(inner) => inner,
                    Expr::Compare(op, l, r) => self.add(Expr::Compare(op.negated(), l, r)),
                    Expr::Or(l, r) => {
                        let (l, r) = (self.not(l), self.not(r));
                        let both = self.and(l, r);
                        self.transform(both, kinds)
                    }
                    Expr::And(l, r) => {
                        let (l, r) = (self.not(l), self.not(r));
                        let either = self.or(l, r);
                        self.transform(either, kinds)
                    }
                    Expr::Symbol(SymId::YES) => self.no(),
                    Expr::Symbol(SymId::NO) => self.yes(),
                    Expr::Symbol(SymId::MOD) => self.symbol(SymId::MOD),
                    Expr::Symbol(_) => self.not(a),
                }
            }
        })
    }

    /// Repeated terms of a chain are left out but for the last, and pairs that say one thing are joined.
    pub fn simplify(&mut self, mut e: ExprId, kinds: &dyn Kinds) -> ExprId {
        if e.is_none() || self.is_simple(e) {
            return e;
        }
        if let Some(j) = self.join_of(e) {
            e = self.shorter(e, j);
            if self.chain(e, j).len() > MOST_TERMS || self.is_simple(e) {
                return e;
            }
        }
        while let Some(j) = self.join_of(e) {
            let mut changed = false;
            let (a, _) = self.meet(j, e, e, kinds, &mut changed);
            e = a;
            if !changed {
                break;
            }
            e = self.without_constants(e);
        }
        e
    }

    /// Whether no two terms of any chain in it can possibly be said as one.
    fn is_simple(&self, e: ExprId) -> bool {
        let Some(j) = self.join_of(e) else { return true };
        let mut terms = [ExprId::NONE; 24];
        let Some(count) = self.flat(e, j, &mut terms, 0) else { return self.is_simple_chain(&self.chain(e, j)) };
        let terms = &terms[..count];
        for (i, a) in terms.iter().enumerate() {
            if self.join_of(*a).is_some() && !stack(|| self.is_simple(*a)) {
                return false;
            }
            let subject = self.subject(*a);
            for b in &terms[..i] {
                if self.sums[a.index()] == self.sums[b.index()] || subject.is_some() && subject == self.subject(*b) {
                    return false;
                }
            }
        }
        true
    }

    /// The same of a long one.
    fn is_simple_chain(&self, terms: &[ExprId]) -> bool {
        let (mut sums, mut subjects) = (FxHashSet::default(), FxHashSet::default());
        terms.iter().all(|t| {
            sums.insert(self.sums[t.index()])
                && self.subject(*t).is_none_or(|s| subjects.insert(s))
                && (self.join_of(*t).is_none() || stack(|| self.is_simple(*t)))
        })
    }

    /// The terms of a chain of any length, from left to right.
    fn chain(&self, e: ExprId, j: Join) -> Vec<ExprId> {
        let (mut terms, mut open) = (Vec::new(), vec![e]);
        while let Some(e) = open.pop() {
            match self.sides(e, j) {
                Some((a, b)) => open.extend([b, a]),
                None => terms.push(e),
            }
        }
        terms
    }

    /// A long chain without the terms that are repeated later in it.
    fn shorter(&mut self, e: ExprId, j: Join) -> ExprId {
        let terms = self.chain(e, j);
        if terms.len() <= MOST_TERMS {
            return e;
        }
        let mut seen = FxHashSet::default();
        let mut left: Vec<ExprId> = terms.into_iter().rev().filter(|t| seen.insert(*t)).collect();
        let first = left.pop().unwrap_or(e);
        left.into_iter().rev().fold(first, |all, t| self.join(j, all, t))
    }

    /// The terms of a chain; none where there is no room for them.
    fn flat(&self, e: ExprId, j: Join, terms: &mut [ExprId; 24], count: usize) -> Option<usize> {
        match self.sides(e, j) {
            Some((a, b)) => {
                let count = stack(|| self.flat(a, j, terms, count))?;
                stack(|| self.flat(b, j, terms, count))
            }
            None => {
                *terms.get_mut(count)? = e;
                Some(count + 1)
            }
        }
    }

    /// Every term of one chain against every term of the other; with both the same chain, against the later ones.
    fn meet(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        stack(|| {
            if a == b {
                let Some((l, r)) = self.sides(a, j) else {
                    // One term: its own inside may have repetitions.
                    let inside = self.simplify_inside(a, kinds, changed);
                    return (inside, inside);
                };
                // Left with itself, left with right, right with itself.
                let (l, _) = self.meet(j, l, l, kinds, changed);
                let (l, r) = if l == r { self.pair(j, l, r, kinds, changed) } else { self.meet(j, l, r, kinds, changed) };
                let (r, _) = self.meet(j, r, r, kinds, changed);
                let whole = self.join(j, l, r);
                return (whole, whole);
            }
            if let Some((l, r)) = self.sides(a, j) {
                let (l, b) = self.meet_apart(j, l, b, kinds, changed);
                let (r, b) = self.meet_apart(j, r, b, kinds, changed);
                return (self.join(j, l, r), b);
            }
            if let Some((l, r)) = self.sides(b, j) {
                let (a, l) = self.meet_apart(j, a, l, kinds, changed);
                let (a, r) = self.meet_apart(j, a, r, kinds, changed);
                return (a, self.join(j, l, r));
            }
            self.pair(j, a, b, kinds, changed)
        })
    }

    /// Like `meet`, where both stand at different places of the chain even if they are equal.
    fn meet_apart(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        if a != b {
            return self.meet(j, a, b, kinds, changed);
        }
        match self.sides(a, j) {
            // The same chain twice: all of the first is repeated in the second.
            Some(_) => {
                *changed = true;
                (self.neutral(j), b)
            }
            None => self.pair(j, a, b, kinds, changed),
        }
    }

    fn simplify_inside(&mut self, e: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> ExprId {
        match self.join_of(e) {
            Some(inner) => self.meet(inner, e, e, kinds, changed).0,
            None => e,
        }
    }

    fn neutral(&mut self, j: Join) -> ExprId {
        match j {
            Join::And => self.yes(),
            Join::Or => self.no(),
        }
    }

    /// Two terms at different places of one chain: where they can be said as one, the second becomes that.
    fn pair(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        let joined = match j {
            Join::And => self.both(a, b, kinds),
            Join::Or => self.either(a, b, kinds),
        };
        match joined {
            Some(e) => {
                // A chain's neutral element beside another changes nothing that goes on.
                let neutral = self.neutral(j);
                *changed = true;
                (neutral, e)
            }
            None => (a, b),
        }
    }

    /// The symbol a simple term is about.
    fn subject(&self, e: ExprId) -> Option<SymId> {
        match self.get(e) {
            Expr::Symbol(s) => Some(s),
            Expr::Compare(Comparison::Equal | Comparison::Unequal, s, _) => Some(s),
            Expr::Not(a) => match self.get(a) {
                Expr::Symbol(s) => Some(s),
                _ => None,
            },
            _ => None,
        }
    }

    /// `a || b` as one term.
    fn either(&mut self, a: ExprId, b: ExprId, kinds: &dyn Kinds) -> Option<ExprId> {
        if self.same(a, b) {
            return Some(a);
        }
        let s = self.subject(a).filter(|s| self.subject(b) == Some(*s))?;
        match kinds.kind(s) {
            SymbolKind::Tristate => match (self.get(a), self.get(b)) {
                (Expr::Compare(Comparison::Equal, _, x), Expr::Compare(Comparison::Equal, _, y)) => {
                    let third = third(x, y)?;
                    Some(self.add(Expr::Compare(Comparison::Unequal, s, third)))
                }
                _ => None,
            },
            SymbolKind::Bool => match (self.get(a), self.get(b)) {
                (Expr::Symbol(_), Expr::Not(_)) | (Expr::Not(_), Expr::Symbol(_)) => Some(self.yes()),
                _ => None,
            },
            _ => None,
        }
    }

    /// `a && b` as one term.
    fn both(&mut self, a: ExprId, b: ExprId, kinds: &dyn Kinds) -> Option<ExprId> {
        use Comparison::{Equal, Unequal};
        if self.same(a, b) {
            return Some(a);
        }
        let s = self.subject(a).filter(|s| self.subject(b) == Some(*s))?;
        let kind = kinds.kind(s);
        if !matches!(kind, SymbolKind::Bool | SymbolKind::Tristate) {
            return None;
        }
        let (x, y) = (self.get(a), self.get(b));
        let with_symbol = match (x, y) {
            (Expr::Symbol(_), Expr::Compare(op, _, c)) | (Expr::Compare(op, _, c), Expr::Symbol(_)) => Some((op, c)),
            _ => None,
        };
        match with_symbol {
            Some((Equal, SymId::YES)) => return Some(self.add(Expr::Compare(Equal, s, SymId::YES))),
            Some((Unequal, SymId::NO)) => return Some(self.symbol(s)),
            Some((Unequal, SymId::MOD)) => return Some(self.add(Expr::Compare(Equal, s, SymId::YES))),
            _ => {}
        }
        if kind != SymbolKind::Tristate {
            return None;
        }
        match (x, y) {
            (Expr::Compare(Equal, _, p), Expr::Compare(Unequal, _, q)) | (Expr::Compare(Unequal, _, q), Expr::Compare(Equal, _, p))
                if p.is_tristate_constant() && q.is_tristate_constant() =>
            {
                Some(if p == q { self.no() } else { self.add(Expr::Compare(Equal, s, p)) })
            }
            (Expr::Compare(Unequal, _, p), Expr::Compare(Unequal, _, q)) => {
                let third = third(p, q)?;
                Some(self.add(Expr::Compare(Equal, s, third)))
            }
            _ => None,
        }
    }

    /// Whether both say the same, whatever the order of their terms.
    pub fn same(&mut self, a: ExprId, b: ExprId) -> bool {
        if a == b {
            return true;
        }
        if self.sums[a.index()] != self.sums[b.index()] {
            return false;
        }
        match (self.get(a), self.get(b)) {
            (Expr::Not(x), Expr::Not(y)) => stack(|| self.same(x, y)),
            (Expr::And(..), Expr::And(..)) | (Expr::Or(..), Expr::Or(..)) => {
                let (a, b) = self.without_common(a, b);
                self.is(a, SymId::YES) && self.is(b, SymId::YES) || self.is(a, SymId::NO) && self.is(b, SymId::NO)
            }
            _ => false,
        }
    }

    /// Takes the terms out of both that both have.
    pub fn without_common(&mut self, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        if a.is_none() || b.is_none() {
            return (a, b);
        }
        let (mut a, mut b) = (a, b);
        if let Some(j) = self.join_of(a) {
            (a, b) = self.cancel(j, a, b);
        }
        if let Some(j) = self.join_of(b)
            && self.join_of(a) != Some(j)
        {
            (a, b) = self.cancel(j, a, b);
        }
        (self.without_constants(a), self.without_constants(b))
    }

    fn cancel(&mut self, j: Join, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        stack(|| {
            if let Some((l, r)) = self.sides(a, j) {
                let (l, b) = self.cancel(j, l, b);
                let (r, b) = self.cancel(j, r, b);
                return (self.join(j, l, r), b);
            }
            if let Some((l, r)) = self.sides(b, j) {
                let (a, l) = self.cancel(j, a, l);
                let (a, r) = self.cancel(j, a, r);
                return (a, self.join(j, l, r));
            }
            let constant = a == b && (self.is(a, SymId::YES) || self.is(a, SymId::NO));
            if constant || !self.same(a, b) {
                return (a, b);
            }
            let neutral = self.neutral(j);
            (neutral, neutral)
        })
    }

    /// `y && a` is `a`, and so on.
    pub fn without_constants(&mut self, e: ExprId) -> ExprId {
        if e.is_none() {
            return e;
        }
        stack(|| match self.get(e) {
            Expr::And(a, b) => {
                let (a, b) = (self.without_constants(a), self.without_constants(b));
                if self.is(a, SymId::NO) || self.is(b, SymId::NO) {
                    self.no()
                } else if self.is(a, SymId::YES) {
                    b
                } else if self.is(b, SymId::YES) {
                    a
                } else {
                    self.and(a, b)
                }
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.without_constants(a), self.without_constants(b));
                if self.is(a, SymId::YES) || self.is(b, SymId::YES) {
                    self.yes()
                } else if self.is(a, SymId::NO) {
                    b
                } else if self.is(b, SymId::NO) {
                    a
                } else {
                    self.or(a, b)
                }
            }
            _ => e,
        })
    }

    /// `e` as an expression that is yes where `e` is not n.
    pub fn not_no(&mut self, e: ExprId) -> ExprId {
        if e.is_none() {
            let yes = self.yes();
            return yes;
        }
        self.compared_with_no(e, false)
    }

    /// `e = n`, or `e != n`, with the comparison moved to the terms.
    fn compared_with_no(&mut self, e: ExprId, equal: bool) -> ExprId {
        stack(|| match self.get(e) {
            Expr::And(a, b) => {
                let (a, b) = (self.compared_with_no(a, true), self.compared_with_no(b, true));
                let e = self.or(a, b);
                if equal { e } else { self.not(e) }
            }
            Expr::Or(a, b) => {
                let (a, b) = (self.compared_with_no(a, true), self.compared_with_no(b, true));
                let e = self.and(a, b);
                if equal { e } else { self.not(e) }
            }
            Expr::Not(a) => self.compared_with_no(a, !equal),
            Expr::Compare(..) if equal => self.not(e),
            Expr::Compare(..) => e,
            Expr::Symbol(s) => self.add(Expr::Compare(if equal { Comparison::Equal } else { Comparison::Unequal }, s, SymId::NO)),
        })
    }

    pub fn contains(&self, e: ExprId, s: SymId) -> bool {
        if e.is_none() {
            return false;
        }
        stack(|| match self.get(e) {
            Expr::Symbol(x) => x == s,
            Expr::Not(a) => self.contains(a, s),
            Expr::And(a, b) | Expr::Or(a, b) => self.contains(a, s) || self.contains(b, s),
            Expr::Compare(_, l, r) => l == s || r == s,
        })
    }

    /// Whether `e` is n as long as `s` is, by one of its terms.
    pub fn depends_on(&self, e: ExprId, s: SymId) -> bool {
        if e.is_none() {
            return false;
        }
        stack(|| match self.get(e) {
            Expr::Symbol(x) => x == s,
            Expr::And(a, b) => self.depends_on(a, s) || self.depends_on(b, s),
            Expr::Compare(Comparison::Equal, l, r) => l == s && matches!(r, SymId::YES | SymId::MOD),
            Expr::Compare(Comparison::Unequal, l, r) => l == s && r == SymId::NO,
            _ => false,
        })
    }

    /// Calls `f` for every symbol in `e`, in the order of writing, as often as it stands there.
    pub fn for_each_symbol(&self, e: ExprId, f: &mut dyn FnMut(SymId)) {
        if e.is_none() {
            return;
        }
        stack(|| match self.get(e) {
            Expr::Symbol(s) => f(s),
            Expr::Not(a) => self.for_each_symbol(a, f),
            Expr::And(a, b) | Expr::Or(a, b) => {
                self.for_each_symbol(a, f);
                self.for_each_symbol(b, f);
            }
            Expr::Compare(_, l, r) => {
                f(l);
                f(r);
            }
        })
    }

    /// Every comparison in `e`, in the order of writing, as often as it stands there.
    pub(crate) fn for_each_comparison(&self, e: ExprId, f: &mut dyn FnMut(Comparison, SymId, SymId)) {
        stack(|| match self.get(e) {
            Expr::Symbol(_) => {}
            Expr::Not(a) => self.for_each_comparison(a, f),
            Expr::And(a, b) | Expr::Or(a, b) => {
                self.for_each_comparison(a, f);
                self.for_each_comparison(b, f);
            }
            Expr::Compare(op, l, r) => f(op, l, r),
        })
    }

    /// Writes it with the fewest parentheses; `name` writes a symbol.
    pub fn write(&self, e: ExprId, out: &mut String, name: &mut dyn FnMut(SymId, &mut String)) {
        if e.is_none() {
            out.push('y');
            return;
        }
        self.write_within(e, 0, out, name);
    }

    fn write_within(&self, e: ExprId, outer: u8, out: &mut String, name: &mut dyn FnMut(SymId, &mut String)) {
        let node = self.get(e);
        let own = match node {
            Expr::Or(..) => 1,
            Expr::And(..) => 2,
            Expr::Not(_) => 3,
            Expr::Compare(..) => 4,
            Expr::Symbol(_) => 5,
        };
        let parentheses = outer > own;
        if parentheses {
            out.push('(');
        }
        stack(|| match node {
            Expr::Symbol(s) => name(s, out),
            Expr::Not(a) => {
                out.push('!');
                self.write_within(a, own, out, name);
            }
            Expr::And(a, b) | Expr::Or(a, b) => {
                self.write_within(a, own, out, name);
                out.push_str(if own == 1 { " || " } else { " && " });
                self.write_within(b, own, out, name);
            }
            Expr::Compare(op, l, r) => {
                name(l, out);
                out.push_str(op.sign());
                name(r, out);
            }
        });
        if parentheses {
            out.push(')');
        }
    }
}

/// Of n, m and y the one that is neither.
fn third(a: SymId, b: SymId) -> Option<SymId> {
    let (a, b) = (a.constant()?, b.constant()?);
    if a == b {
        return None;
    }
    let left = 3 - a as u8 - b as u8;
    Some(SymId::of(match left {
        0 => Tristate::No,
        1 => Tristate::Mod,
        _ => Tristate::Yes,
    }))
}

/// Nesting is as deep as the input says: the stack grows with it.
pub(crate) fn stack<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, f)
}
