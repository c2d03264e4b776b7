//! Clauses and gates over one SAT solver.

use batsat::{Callbacks, Lit, Solver, SolverInterface, SolverOpts, lbool};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

/// Stops the search when the time is over.
#[derive(Debug)]
struct Until(Rc<Cell<Instant>>);

impl Callbacks for Until {
    fn stop(&self) -> bool {
        Instant::now() >= self.0.get()
    }
}

pub(super) enum Found {
    Model,
    /// These assumptions cannot all hold.
    Core(Vec<Lit>),
    OutOfTime,
}

/// A formula that grows. Gates are made once, and those with a constant are not made at all.
pub(super) struct Cnf {
    sat: Solver<Until>,
    /// When the search stops.
    pub until: Rc<Cell<Instant>>,
    pub yes: Lit,
    gates: FxHashMap<(Lit, Lit), Lit>,
    clause: Vec<Lit>,
}

impl Cnf {
    pub fn new(until: Instant) -> Self {
        let until = Rc::new(Cell::new(until));
        let mut sat = Solver::new(SolverOpts::default(), Until(until.clone()));
        let yes = Lit::new(sat.new_var_default(), true);
        let mut cnf = Self { sat, until, yes, gates: FxHashMap::default(), clause: Vec::new() };
        cnf.require(&[yes]);
        cnf
    }

    pub fn constant(&self, value: bool) -> Lit {
        self.yes.apply_sign(value)
    }

    /// A fresh variable, tried first with `likely`.
    pub fn variable(&mut self, likely: bool) -> Lit {
        Lit::new(self.sat.new_var(if likely { lbool::TRUE } else { lbool::FALSE }, true), true)
    }

    /// At least one of them holds.
    pub fn require(&mut self, any: &[Lit]) {
        self.clause.clear();
        self.clause.extend_from_slice(any);
        self.sat.add_clause_reuse(&mut self.clause);
    }

    pub fn same(&mut self, a: Lit, b: Lit) {
        if a != b {
            self.require(&[!a, b]);
            self.require(&[a, !b]);
        }
    }

    pub fn and(&mut self, a: Lit, b: Lit) -> Lit {
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        if a == b || b == self.yes {
            return a;
        }
        if a == self.yes {
            return b;
        }
        if a == !b || a == !self.yes || b == !self.yes {
            return !self.yes;
        }
        if let Some(known) = self.gates.get(&(a, b)) {
            return *known;
        }
        let gate = Lit::new(self.sat.new_var_default(), true);
        self.require(&[!gate, a]);
        self.require(&[!gate, b]);
        self.require(&[gate, !a, !b]);
        self.gates.insert((a, b), gate);
        gate
    }

    pub fn or(&mut self, a: Lit, b: Lit) -> Lit {
        !self.and(!a, !b)
    }

    /// `then` where `condition` holds, else `other`.
    pub fn pick(&mut self, condition: Lit, then: Lit, other: Lit) -> Lit {
        if then == other {
            return then;
        }
        let (yes, no) = (self.and(condition, then), self.and(!condition, other));
        self.or(yes, no)
    }

    pub fn solve(&mut self, assumptions: &[Lit]) -> Found {
        let result = self.sat.solve_limited(assumptions);
        if result == lbool::TRUE {
            return Found::Model;
        }
        if result != lbool::FALSE {
            return Found::OutOfTime;
        }
        Found::Core(assumptions.iter().copied().filter(|a| self.sat.unsat_core_contains_var(a.var())).collect())
    }

    /// In the last model.
    pub fn holds(&self, lit: Lit) -> bool {
        self.sat.value_lit(lit) == lbool::TRUE
    }
}
