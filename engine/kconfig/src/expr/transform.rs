//! Other shapes of one expression: without negations of chains, without comparisons of bools, without constants.

use super::{Comparison, Expr, ExprId, Exprs, Join, Kinds, USUAL, stack};
use crate::tree::{SymId, SymbolKind};

impl Exprs {
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

    /// Joins two sides; in the dialects that do so, a constant among them decides, or is left out.
    pub(super) fn folded(&mut self, j: Join, a: ExprId, b: ExprId) -> ExprId {
        if self.folds { self.without_constant(j, a, b) } else { self.join(j, a, b) }
    }

    /// Joins two sides; a constant among them decides, or is left out.
    fn without_constant(&mut self, j: Join, a: ExprId, b: ExprId) -> ExprId {
        let (neutral, deciding) = match j {
            Join::And => (SymId::YES, SymId::NO),
            Join::Or => (SymId::NO, SymId::YES),
        };
        if self.is(a, deciding) || self.is(b, neutral) {
            a
        } else if self.is(b, deciding) || self.is(a, neutral) {
            b
        } else {
            self.join(j, a, b)
        }
    }

    /// `y && a` is `a`, and so on.
    pub fn without_constants(&mut self, e: ExprId) -> ExprId {
        if e.is_none() {
            return e;
        }
        let Some(j) = self.join_of(e) else { return e };
        let Some((a, b)) = self.sides(e, j) else { return e };
        stack(|| {
            let (a, b) = (self.without_constants(a), self.without_constants(b));
            self.without_constant(j, a, b)
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

    /// `e` as an expression that is yes where `e` is n, and never m.
    pub fn is_no(&mut self, e: ExprId) -> ExprId {
        self.compared_with_no(e, true)
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
}
