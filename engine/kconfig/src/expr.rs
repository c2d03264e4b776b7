//! Expressions: shared, immutable nodes in one arena, so that equal expressions have equal ids.
//!
//! The dialect of Linux 6.12 shares its expressions too, and its menus and messages show the shapes that its
//! simplifications leave; [`Exprs::simplify`] and its helpers leave the same ones.

mod simplify;
mod transform;
mod visit;

use crate::tree::{SymId, SymbolKind};
use hashbrown::HashTable;
use rustc_hash::FxHasher;
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
}

/// Nesting is as deep as the input says: the stack grows with it.
pub(crate) fn stack<R>(f: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, f)
}
