//! Choices: which member is y, as the answers to all of them have it.

use super::{Kind, Knob, Model};
use crate::expr::Expr;
use crate::fixes::cnf::Cnf;
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};
use batsat::Lit;
use rustc_hash::FxHashMap;

impl Model<'_> {
    /// A choice of the older kind that may be m, or n: none or several of its members are y or m then.
    pub(super) fn may_have_several(&self, choice: NodeId) -> bool {
        let tree = &self.solver.tree;
        let owner = tree.node(choice).symbol;
        let bool = |s: &SymId| tree.symbol(*s).kind == SymbolKind::Bool;
        let one = bool(&owner)
            && !tree.symbol(owner).optional
            && tree.nodes_of(owner).count() == 1
            && self.solver.members(owner).iter().all(bool);
        !tree.dialect.simple_choices && !one
    }

    /// Opens a whole choice: which member is y, by the answers as they are or by a new pick.
    pub(super) fn open_choice(&mut self, choice: NodeId) {
        if !self.choices.insert(choice) {
            return;
        }
        let shown: Vec<SymId> =
            self.solver.members_in_menu(choice).into_iter().filter(|m| self.solver.choice_of(*m) == Some(choice)).collect();
        let order = self.solver.priority.get(&choice).cloned().unwrap_or_default();
        let mut members: Vec<SymId> = order.clone();
        members.extend(shown.iter().filter(|m| !order.contains(m)));
        let keep = self.cnf.variable(true);
        let simple = self.solver.tree.dialect.simple_choices;
        // The older choices have a value of their own, and no member without it.
        let owner = self.solver.tree.symbol(self.solver.tree.node(choice).symbol).rev_dep;
        let there = if simple { self.cnf.yes } else { self.expr(owner).some };
        let (mut visible, mut picks, mut picked) = (FxHashMap::default(), Vec::new(), self.cnf.constant(false));
        for m in &members {
            let seen = self.visible(*m).some;
            let seen = self.cnf.and(seen, there);
            visible.insert(*m, seen);
            let pick = self.cnf.variable(false);
            self.cnf.require(&[!pick, seen]);
            self.cnf.require(&[!pick, !keep]);
            self.cnf.require(&[!pick, !picked]);
            picked = self.cnf.or(picked, pick);
            picks.push((*m, pick));
        }
        let mut any: Vec<Lit> = picks.iter().map(|p| p.1).collect();
        any.push(keep);
        self.cnf.require(&any);
        let kept = self.kept_member(choice, &shown, &order, &visible);
        for (m, pick) in &picks {
            let by_old = kept.get(m).copied().unwrap_or(!self.cnf.yes);
            let by_old = self.cnf.and(by_old, keep);
            let value = self.cnf.or(*pick, by_old);
            let bits = self.symbol(*m);
            self.closed.remove(m);
            self.cnf.same(bits.y, value);
            self.cnf.same(bits.some, value);
        }
        self.knobs.push(Knob { keep, kind: Kind::Choice(picks) });
    }

    /// When each member is y, by the answers as they are: `Solver::choose` as a formula, or `Solver::chosen_member`.
    pub(super) fn kept_member(
        &mut self,
        choice: NodeId,
        shown: &[SymId],
        order: &[SymId],
        visible: &FxHashMap<SymId, Lit>,
    ) -> FxHashMap<SymId, Lit> {
        let mut found: FxHashMap<SymId, Lit> = FxHashMap::default();
        let seen = |m: &SymId, cnf: &Cnf| visible.get(m).copied().unwrap_or(!cnf.yes);
        let user: FxHashMap<SymId, Option<Tristate>> = visible.keys().map(|m| (*m, self.solver.state(*m).user.map(|u| u.tri))).collect();
        let answer = |m: &SymId| user.get(m).copied().flatten();
        let mut rest = self.cnf.yes;
        let take = |cnf: &mut Cnf, found: &mut FxHashMap<SymId, Lit>, m: SymId, hit: Lit| {
            let old = found.get(&m).copied().unwrap_or(!cnf.yes);
            let new = cnf.or(old, hit);
            found.insert(m, new);
        };
        let owner = self.solver.tree.node(choice).symbol;
        let simple = self.solver.tree.dialect.simple_choices;
        let answered: Vec<SymId> = match simple {
            true => order.iter().copied().filter(|m| answer(m) == Some(Tristate::Yes)).collect(),
            false => self.solver.state(owner).user_chosen.some().into_iter().collect(),
        };
        for m in answered {
            let hit = self.cnf.and(rest, seen(&m, &self.cnf));
            take(&mut self.cnf, &mut found, m, hit);
            rest = self.cnf.and(rest, !hit);
        }
        // The first default, or the first member; an answer of n leads on.
        let mut onward = !self.cnf.yes;
        let mut candidates = Vec::new();
        for (value, condition) in self.defaults(owner) {
            if let Expr::Symbol(m) = self.solver.tree.exprs.get(value) {
                candidates.push((m, self.expr(condition).some));
            }
        }
        candidates.extend(shown.iter().map(|m| (*m, self.cnf.yes)));
        for (m, condition) in candidates {
            let possible = self.cnf.and(condition, seen(&m, &self.cnf));
            let hit = self.cnf.and(rest, possible);
            if simple && answer(&m) == Some(Tristate::No) {
                onward = self.cnf.or(onward, hit);
            } else {
                take(&mut self.cnf, &mut found, m, hit);
            }
            rest = self.cnf.and(rest, !hit);
        }
        let mut rest = self.cnf.or(onward, rest);
        let unanswered = shown.iter().filter(|m| answer(m).is_none());
        for m in unanswered.chain(order.iter().rev()) {
            let hit = self.cnf.and(rest, seen(m, &self.cnf));
            take(&mut self.cnf, &mut found, *m, hit);
            rest = self.cnf.and(rest, !hit);
        }
        found
    }
}
