//! What is in an expression, and how it is written.

use super::{Comparison, Expr, ExprId, Exprs, stack};
use crate::tree::SymId;

impl Exprs {
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

    /// Whether a term of `e` asks for `s` not to be on.
    pub fn contains_negated(&self, e: ExprId, s: SymId) -> bool {
        if e.is_none() {
            return false;
        }
        stack(|| match self.get(e) {
            Expr::Symbol(_) => false,
            Expr::Not(a) => self.contains(a, s),
            Expr::And(a, b) | Expr::Or(a, b) => self.contains_negated(a, s) || self.contains_negated(b, s),
            Expr::Compare(Comparison::Equal, l, r) => l == s && r == SymId::NO,
            Expr::Compare(Comparison::Unequal, l, r) => l == s && matches!(r, SymId::YES | SymId::MOD),
            Expr::Compare(..) => false,
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
