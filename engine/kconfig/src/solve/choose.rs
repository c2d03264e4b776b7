//! Which member of a choice is y.

use super::Solver;
use crate::expr::Expr;
use crate::tree::{NodeId, PropKind, SymId, Tristate};

impl Solver {
    /// Which member of a choice is y (6.12): each visible member's value is set.
    pub(crate) fn choose(&mut self, choice: NodeId) -> Option<SymId> {
        let members = self.priority.get(&choice).cloned().unwrap_or_default();
        let mut result = None;
        if self.looks_at_all {
            for m in &members {
                self.visibility(*m);
            }
        }
        for m in &members {
            self.visibility(*m);
            let state = self.state(*m);
            if state.visible != Tristate::No && state.user.is_some_and(|u| u.tri == Tristate::Yes) {
                result = Some(*m);
                break;
            }
        }
        if result.is_none() {
            result = self.choice_default(choice);
            if result.is_some_and(|m| self.state(m).user.is_some_and(|u| u.tri == Tristate::No)) {
                result = None;
            }
        }
        let in_menu = self.members_in_menu(choice);
        if result.is_none() {
            result = in_menu.iter().copied().find(|m| self.state(*m).visible != Tristate::No && self.state(*m).user.is_none());
        }
        if result.is_none() {
            result = members.iter().rev().copied().find(|m| self.state(*m).visible != Tristate::No);
        }
        for m in in_menu {
            let tri = if Some(m) == result { Tristate::Yes } else { Tristate::No };
            let state = &mut self.states[m.index()];
            if state.visible == Tristate::No {
                continue;
            }
            state.value.tri = tri;
            state.valid = true;
            state.write = true;
        }
        result
    }

    pub(crate) fn members_in_menu(&self, choice: NodeId) -> Vec<SymId> {
        self.tree.descendants(choice).filter_map(|n| self.tree.node(n).symbol.some()).collect()
    }

    /// The first visible default of a choice, or its first visible member.
    pub(crate) fn choice_default(&mut self, choice: NodeId) -> Option<SymId> {
        let visible = |solver: &Self, m: SymId| solver.state(m).visible != Tristate::No;
        match self.default_where(self.tree.node(choice).symbol, visible) {
            Some(m) => Some(m),
            None => self.members_in_menu(choice).into_iter().find(|m| visible(self, *m)),
        }
    }

    /// The first default of a choice whose condition holds and whose symbol is such a one.
    pub(crate) fn default_where(&mut self, choice: SymId, fits: impl Fn(&Self, SymId) -> bool) -> Option<SymId> {
        let mut at = self.tree.symbol(choice).first_prop;
        while let Some(id) = at.some() {
            let p = self.tree.prop(id);
            at = p.next;
            if p.kind != PropKind::Default {
                continue;
            }
            let (value, condition) = (p.value, p.condition);
            // First the condition, which can bring warnings, whoever it is for.
            if self.eval(condition) == Tristate::No {
                continue;
            }
            if let Expr::Symbol(m) = self.tree.exprs.get(value)
                && fits(self, m)
            {
                return Some(m);
            }
        }
        None
    }

    /// The choice's own symbol is never written. Where it has a value, it holds which member is chosen.
    pub(super) fn after_choice(&mut self, s: SymId) {
        let asked = std::mem::take(&mut self.states[s.index()].write);
        if self.tree.dialect.simple_choices {
            return;
        }
        let whole = self.states[s.index()].value.tri == Tristate::Yes;
        let chosen = if whole { self.chosen_member(s) } else { None };
        let state = &mut self.states[s.index()];
        state.chosen = chosen.unwrap_or(SymId::NONE);
        if whole && chosen.is_none() {
            state.value.tri = Tristate::No;
        }
        // The C tools write members by the visibility that was found last, even if it was found before the last answers. It
        // stays so for the member that this choice is asked for by: the others are worked out anew.
        if asked && !self.looks_at_all {
            for m in self.members(s) {
                self.states[m.index()].write |= self.states[m.index()].visible != Tristate::No;
            }
        }
    }
}
