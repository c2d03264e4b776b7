//! The warning of a select whose dependencies are unmet, and expressions with the values that they had.

use super::Solver;
use crate::expr::{Expr, ExprId, stack};
use crate::tree::{SymId, SymbolKind, Tristate};

impl Solver {
    pub(super) fn warn_unmet(&mut self, s: SymId) {
        if !self.warn {
            return;
        }
        let symbol = self.tree.symbol(s);
        let (dir, rev) = (symbol.dir_dep, symbol.rev_dep);
        let mut out = format!("\nWARNING: unmet direct dependencies detected for {}\n", self.tree.name(s));
        out.push_str(&format!("  Depends on [{}]: {}\n", self.states[s.index()].dir_dep.letter(), self.annotated(dir)));
        for (value, letter) in [(Tristate::Yes, 'y'), (Tristate::Mod, 'm')] {
            let mut terms = Vec::new();
            self.terms(rev, &mut terms);
            let mut begun = false;
            for term in terms {
                if self.eval(term) == value {
                    if !begun {
                        out.push_str(&format!("  Selected by [{letter}]:\n"));
                        begun = true;
                    }
                    out.push_str(&format!("  - {}\n", self.annotated(term)));
                }
            }
        }
        self.warnings.push(out);
    }

    /// The terms of a chain of `||`.
    pub(crate) fn terms(&self, e: ExprId, out: &mut Vec<ExprId>) {
        if e.is_none() {
            return;
        }
        stack(|| match self.tree.exprs.get(e) {
            Expr::Or(a, b) => {
                self.terms(a, out);
                self.terms(b, out);
            }
            _ => out.push(e),
        });
    }

    /// An expression with each symbol's value behind it.
    pub fn annotated(&self, e: ExprId) -> String {
        let mut out = String::new();
        self.tree.exprs.write(e, &mut out, &mut |s, out| {
            self.tree.write_operand(s, out);
            if self.tree.symbol(s).kind != SymbolKind::Unknown && !self.is_bare(s) {
                out.push_str(" [=");
                out.push_str(self.value_text(s));
                out.push(']');
            }
        });
        out
    }

    /// A choice without a name stands in texts without its value, where it has one, and so do constants.
    fn is_bare(&self, s: SymId) -> bool {
        let dialect = &self.tree.dialect;
        !dialect.simple_choices && self.tree.symbol(s).name.is_none() || dialect.bare_constants && s.is_tristate_constant()
    }
}
