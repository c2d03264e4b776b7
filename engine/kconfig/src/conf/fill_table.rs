//! Answers for all symbols at once where choices have values: in the order of the table, members and choices too.

use super::fill::Fill;
use crate::rand::Rand;
use crate::solve::{Solver, Value};
use crate::tree::{SymId, Tristate};

impl Solver {
    pub(super) fn answer_table(&mut self, mut fill: Fill<'_>) {
        let order = self.tree.table_order();
        loop {
            let mut changed = false;
            for s in &order {
                changed |= self.fill_one(*s, &mut fill);
            }
            if !matches!(fill, Fill::Random(..)) && !self.tree.dialect.busybox {
                self.answer_open_choices(&order);
            }
            self.forget();
            // Drawn until there is nothing left to draw: a choice that became y may ask for more.
            let Fill::Random(rand, _) = &mut fill else { return };
            for s in &order {
                if self.tree.symbol(*s).choice && self.state(*s).user.is_none() {
                    let drawn = self.draw_member(*s, rand);
                    changed = drawn || changed && !self.tree.dialect.last_choice_decides;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// A choice that is not answered, or not any more, is answered as it was last, and its open members are n.
    fn answer_open_choices(&mut self, order: &[SymId]) {
        for s in order {
            if !self.tree.symbol(*s).choice || self.state(*s).user.is_some() {
                continue;
            }
            for m in self.members(*s) {
                self.states[m.index()].user.get_or_insert(Value::NO);
            }
            let state = &mut self.states[s.index()];
            state.user = Some(Value { tri: state.noted, ..Value::NO });
        }
    }

    /// Whether there was anything to answer.
    fn fill_one(&mut self, s: SymId, fill: &mut Fill<'_>) -> bool {
        let symbol = self.tree.symbol(s);
        let (kind, choice) = (symbol.kind, symbol.choice);
        if self.state(s).user.is_some() || !kind.is_logical() || self.state(s).valid {
            return false;
        }
        let tri = match fill {
            Fill::Defaults => return false,
            Fill::All(Tristate::No) if symbol.all_no_yes => Tristate::Yes,
            Fill::All(tri) => *tri,
            Fill::Random(rand, odds) => {
                let tri = odds.roll(kind, rand);
                // A choice is left to its members, but a number was drawn.
                if choice {
                    self.states[s.index()].noted = tri;
                    return true;
                }
                tri
            }
        };
        let state = &mut self.states[s.index()];
        state.user = Some(Value { tri, ..Value::NO });
        state.noted = tri;
        true
    }

    /// One member of a choice that is y becomes y, whether it is visible or not.
    fn draw_member(&mut self, choice: SymId, rand: &mut Rand) -> bool {
        if self.value(choice).tri != Tristate::Yes {
            return false;
        }
        let members = self.members(choice);
        if members.is_empty() {
            return false;
        }
        let chosen = members[rand.next() as usize % members.len()];
        for m in members {
            let tri = if m == chosen { Tristate::Yes } else { Tristate::No };
            let state = &mut self.states[m.index()];
            state.user = Some(Value { tri, ..Value::NO });
            state.valid = false;
        }
        self.mark_chosen(choice, chosen);
        self.states[choice.index()].valid = false;
        self.forget_expressions();
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::conf::fill::{Fill, Odds};
    use crate::rand::Rand;
    use crate::tree::Tristate;
    use crate::{Dialect, Solver};

    fn filled(fill: Fill<'_>) -> String {
        let folder = tempfile::tempdir().unwrap();
        let tree = "config MODULES\n\tbool \"mods\"\n\tmodules\n\
choice\n\tprompt \"tri\"\nconfig A\n\ttristate \"a\"\nconfig B\n\ttristate \"b\"\nendchoice\n\
choice\n\tprompt \"bool\"\n\tdefault D\nconfig C\n\tbool \"c\"\nconfig D\n\tbool \"d\"\nendchoice\n";
        std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
        let mut s = Solver::new(crate::tests::tree_of(folder.path(), "Kconfig", Dialect::linux_6_1()));
        s.answer_all(fill);
        let value = |s: &mut Solver, name: &str| {
            let symbol = s.tree.find(name).unwrap();
            s.value(symbol);
            s.value_text(symbol).to_owned()
        };
        ["MODULES", "A", "B", "C", "D"].map(|n| value(&mut s, n)).concat()
    }

    #[test]
    fn a_choice_takes_the_answer_of_all() {
        assert_eq!(filled(Fill::All(Tristate::Mod)), "ymmny");
        assert_eq!(filled(Fill::All(Tristate::Yes)), "yynny");
        // Without modules a choice that may not be n is y.
        assert_eq!(filled(Fill::All(Tristate::No)), "nynny");
    }

    #[test]
    fn by_chance_one_member_of_a_choice_is_y() {
        let odds = Odds { bool_yes: 0, yes: 0, module: 0 };
        for seed in 1..20 {
            let values = filled(Fill::Random(&mut Rand::new(seed), odds));
            assert_eq!(values.matches('y').count(), 2, "{values}");
        }
    }
}
