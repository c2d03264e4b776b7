//! Which other answers to change, so that a symbol can have a value that it cannot have now.
//!
//! The tree is a formula for a SAT solver ([`model`]), the smallest sets of changes are searched in it ([`search`]), and
//! each is tried on the real [`Solver`] before it is offered ([`trial`]).

mod cnf;
mod model;
mod search;
pub(crate) mod trial;

use crate::expr::{Expr, ExprId};
use crate::solve::Solver;
use crate::tree::{SymId, SymbolKind, Tristate};
use model::Model;
use search::Search;
use std::time::{Duration, Instant};
use trial::{Snapshot, Trial};

/// An answer of the user's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    Logical(Tristate),
    Text(String),
}

/// One answer to change. A member of a choice that becomes y is picked: the others of the choice become n by that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    pub symbol: SymId,
    /// The value it has now.
    pub from: Answer,
    pub to: Answer,
}

/// Changes that together do it, none of which can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub changes: Vec<Change>,
    /// How many of the changes are not answers of the wanted symbols themselves.
    pub others: usize,
    /// How many further symbols get another value by them.
    pub effects: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub fixes: usize,
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fixes: 5, time: Duration::from_millis(250) }
    }
}

/// Why the list of fixes ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// There are no others (but larger ones that contain one of these).
    All,
    /// As many as were asked for.
    Enough,
    OutOfTime,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// All wishes are true already.
    Already,
    /// It is no bool or tristate, or a bool that should be m.
    NoSuchValue(SymId),
    /// It has no prompt, and nothing selects, implies or defaults it.
    NotSettable(SymId),
    /// No answers whatsoever do it. The terms, of what the symbols depend on, that can never hold; none where each can
    /// hold but not all at once.
    Impossible(Vec<ExprId>),
    /// Nothing was found, and it is not proven that there is nothing. The terms that would need a text that only the user
    /// knows (`INITRAMFS_SOURCE != ""`), where that is the reason.
    Unknown(Vec<ExprId>),
}

#[derive(Clone, Debug)]
pub struct Fixes {
    /// The smallest first.
    pub fixes: Vec<Fix>,
    pub end: End,
    /// Where there are none.
    pub why: Option<Why>,
}

impl Fixes {
    fn none(why: Why) -> Self {
        Self { fixes: Vec::new(), end: End::All, why: Some(why) }
    }
}

impl Solver {
    /// The smallest sets of changed answers that give all `wants`. Nothing is changed by asking.
    pub fn fixes(&mut self, wants: &[(SymId, Tristate)], limits: Limits) -> Fixes {
        let before = Snapshot::of(self);
        let found = self.find_fixes(wants, limits);
        before.restore(self);
        found
    }

    fn find_fixes(&mut self, wants: &[(SymId, Tristate)], limits: Limits) -> Fixes {
        let until = Instant::now() + limits.time;
        for (s, t) in wants {
            let kind = self.tree.symbol(*s).kind;
            if !kind.is_logical() || kind == SymbolKind::Bool && *t == Tristate::Mod || s.constant().is_some_and(|c| c != *t) {
                return Fixes::none(Why::NoSuchValue(*s));
            }
        }
        let trial = Trial::new(self, wants);
        if wants.iter().all(|(s, t)| self.value(*s).tri == *t) {
            return Fixes::none(Why::Already);
        }
        for (s, t) in wants {
            let symbol = self.tree.symbol(*s);
            let settable = self.tree.props_of(*s).next().is_some() || !symbol.rev_dep.is_none() || !symbol.implied.is_none();
            if *t != Tristate::No && !settable {
                return Fixes::none(Why::NotSettable(*s));
            }
        }
        let mut search = Search::new(Model::new(self, until), trial, limits, until);
        let end = search.run();
        let mut fixes = std::mem::take(&mut search.fixes);
        let why = match end {
            _ if !fixes.is_empty() => None,
            End::All if !search.inexact => Some(Why::Impossible(blockers(&mut search.model, wants, None))),
            End::All => {
                let exact = search.model.exact;
                Some(Why::Unknown(blockers(&mut search.model, wants, Some(exact))))
            }
            _ => Some(Why::Unknown(Vec::new())),
        };
        fixes.sort_by_key(|f| (f.others, f.effects));
        fixes.truncate(limits.fixes);
        Fixes { fixes, end, why }
    }
}

/// Of what the wanted symbols depend on, the terms that can never be, given an assumption.
fn blockers(model: &mut Model<'_>, wants: &[(SymId, Tristate)], given: Option<batsat::Lit>) -> Vec<ExprId> {
    let mut out = Vec::new();
    for (s, t) in wants.iter().filter(|w| w.1 != Tristate::No) {
        let mut open = vec![model.solver.tree.symbol(*s).dir_dep];
        while let Some(e) = open.pop().filter(|e| !e.is_none()) {
            if let Expr::And(a, b) = model.solver.tree.exprs.get(e) {
                open.extend([b, a]);
                continue;
            }
            let bits = model.expr(e);
            let enough = if *t == Tristate::Yes && model.solver.tree.symbol(*s).kind == SymbolKind::Tristate { bits.y } else { bits.some };
            if matches!(model.cnf.solve(&[given.unwrap_or(enough), enough]), cnf::Found::Core(_)) {
                out.push(e);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
