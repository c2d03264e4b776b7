//! Choices before Linux 6.12: a choice is a symbol with a value of its own, and remembers which member is chosen.
//!
//! In a choice that is y one visible member is y; in one that is m the members are tristates of their own, at most m. What
//! is here was found by running the C tools of Linux 6.1 and BusyBox.

use crate::solve::{Solver, Value};
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};

impl Solver {
    /// The members of a choice, in the order of the files. A named choice may stand at several places.
    pub(crate) fn members(&self, choice: SymId) -> Vec<SymId> {
        let mut all = Vec::new();
        for node in self.tree.nodes_of(choice) {
            let here = self.tree.choice_members.get(&node).map_or(&[][..], |m| m);
            for m in here {
                if self.choice_of(*m) == Some(node) && !all.contains(m) {
                    all.push(*m);
                }
            }
        }
        all
    }

    /// The symbol of the choice that `s` is a member of, where choices have values.
    pub(crate) fn choice_symbol(&self, s: SymId) -> Option<SymId> {
        if self.tree.dialect.simple_choices {
            return None;
        }
        Some(self.tree.node(self.choice_of(s)?).symbol)
    }

    /// Which member of a choice that is y is y. With a visible member that is not answered, the choice is not either.
    pub(crate) fn chosen_member(&mut self, choice: SymId) -> Option<SymId> {
        for m in self.members(choice) {
            self.visibility(m);
            let state = &self.states[m.index()];
            if state.visible != Tristate::No && state.user.is_none() {
                self.states[choice.index()].user = None;
            }
        }
        let user = self.states[choice.index()].user_chosen.some();
        if let Some(m) = user.filter(|m| self.states[m.index()].visible != Tristate::No) {
            return Some(m);
        }
        self.default_member(choice)
    }

    /// The first visible default of a choice, or its first visible member.
    pub(crate) fn default_member(&mut self, choice: SymId) -> Option<SymId> {
        let visible = |solver: &Self, m: SymId| solver.states[m.index()].visible != Tristate::No;
        match self.default_where(choice, visible) {
            Some(m) => Some(m),
            None => self.members(choice).into_iter().find(|m| visible(self, *m)),
        }
    }

    /// Forgets the choices' own answers before a file is read. They count as answered until [`Solver::chosen_member`].
    pub(crate) fn reset_choices(&mut self) {
        for s in self.tree.symbol_ids() {
            if self.tree.symbol(s).choice {
                self.states[s.index()].user = Some(Value::NO);
            }
        }
    }

    /// What a member's answer, read from a file, says about its choice. Warnings, where answers do not go together.
    pub(crate) fn note_member(&mut self, member: SymId) -> Option<String> {
        let choice = self.choice_symbol(member)?;
        let answer = self.states[member.index()].user?.tri;
        let mut warning = None;
        let (name, strict) = (self.tree.name(member), self.tree.dialect.busybox);
        let state = &mut self.states[choice.index()];
        match answer {
            Tristate::No => {}
            Tristate::Mod => {
                if state.noted == Tristate::Yes {
                    warning = Some(format!("{name} creates inconsistent choice state"));
                    state.user = None;
                }
            }
            Tristate::Yes => {
                if strict && state.noted != Tristate::No {
                    warning = Some(format!("{name} creates inconsistent choice state"));
                    state.user = None;
                } else if state.noted != Tristate::No {
                    warning = Some(format!("override: {name} changes choice state"));
                }
                state.user_chosen = member;
            }
        }
        state.noted = state.noted.max(answer);
        if let Some(user) = &mut state.user {
            user.tri = state.noted;
        }
        warning
    }

    /// The user makes a member y: the other visible ones count as answered.
    pub(crate) fn pick(&mut self, choice: SymId, member: SymId) {
        self.mark_chosen(choice, member);
        for m in self.members(choice) {
            let state = &mut self.states[m.index()];
            if state.visible != Tristate::No {
                state.user.get_or_insert(Value::NO);
            }
        }
        self.states[member.index()].user = Some(Value { tri: Tristate::Yes, ..Value::NO });
    }

    /// The choice is answered again, as it was.
    pub(crate) fn mark_chosen(&mut self, choice: SymId, member: SymId) {
        let state = &mut self.states[choice.index()];
        state.user_chosen = member;
        state.user.get_or_insert(Value { tri: state.noted, ..Value::NO });
    }

    /// A member whose choice decides alone: what it may become.
    pub(crate) fn only_yes(&self, s: SymId) -> bool {
        self.choice_symbol(s).is_some() && self.state(s).visible == Tristate::Yes
    }

    /// A member of a y choice that stands there anyway need not be in a defconfig.
    pub(crate) fn is_chosen_anyway(&mut self, s: SymId, choice: NodeId) -> bool {
        if self.state(s).value.tri != Tristate::Yes {
            return false;
        }
        if self.tree.dialect.simple_choices {
            return self.choice_default(choice) == Some(s);
        }
        let owner = self.tree.node(choice).symbol;
        let symbol = self.tree.symbol(owner);
        !symbol.optional && self.tree.symbol(s).kind == SymbolKind::Bool && self.default_member(owner) == Some(s)
    }
}

#[cfg(test)]
mod tests {
    use crate::tree::Tristate;
    use crate::{Dialect, Solver};

    const TREE: &str = "config MODULES\n\tbool \"mods\"\n\tmodules\n\tdefault y\n\
choice\n\tprompt \"three\"\n\tdefault B\nconfig A\n\ttristate \"a\"\nconfig B\n\ttristate \"b\"\nconfig C\n\tbool \"c\"\nendchoice\n\
choice\n\tprompt \"two\"\n\toptional\nconfig D\n\tbool \"d\"\nconfig E\n\tbool \"e\"\n\tdepends on A\nendchoice\n\
config R\n\tint \"r\"\n\trange 1 5\n\tdefault 3\n";

    fn solver(tree: &str) -> Solver {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
        let tree = crate::tests::tree_of(folder.path(), "Kconfig", Dialect::linux_6_1());
        assert!(tree.diagnostics.is_empty(), "{:?}", tree.diagnostics);
        Solver::new(tree)
    }

    /// What a `.config` comes to, and the warnings.
    fn settled(config: &str) -> (Solver, Vec<String>) {
        let mut s = solver(TREE);
        let warnings = s.read_answers(".config", config, false).warnings;
        let order = s.tree.table_order();
        s.settle(&order);
        (s, warnings)
    }

    fn values(s: &mut Solver, names: &str) -> String {
        let mut out = String::new();
        for name in names.split(' ') {
            let symbol = s.tree.find(name).unwrap();
            s.value(symbol);
            out.push_str(s.value_text(symbol));
        }
        out
    }

    #[test]
    fn without_answers_a_tristate_choice_is_m_and_an_optional_one_n() {
        let mut s = solver(TREE);
        s.forget();
        assert_eq!(values(&mut s, "A B C D E R"), "nnnnn3");
        let text = s.dot_config();
        assert!(!text.contains("CONFIG_C") && !text.contains("CONFIG_D") && text.contains("# CONFIG_A is not set"), "{text}");
    }

    #[test]
    fn the_last_y_is_chosen() {
        let (mut s, warnings) = settled("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=y\nCONFIG_D=y\n");
        assert_eq!(values(&mut s, "A B C D"), "nnyy");
        assert_eq!(
            warnings,
            [".config:2:warning: override: B changes choice state", ".config:3:warning: override: C changes choice state"]
        );
    }

    #[test]
    fn an_m_after_a_y_takes_the_answer_back() {
        let (mut s, warnings) = settled("CONFIG_B=y\nCONFIG_A=m\n");
        assert_eq!(values(&mut s, "A B"), "mm");
        assert_eq!(warnings, [".config:2:warning: A creates inconsistent choice state"]);
    }

    #[test]
    fn a_choice_with_an_open_member_is_open() {
        let choice = |s: &Solver| s.choice_symbol(s.tree.find("A").unwrap()).unwrap();
        let (s, _) = settled("CONFIG_B=y\n");
        assert!(s.state(choice(&s)).user.is_none());
        let (s, _) = settled("CONFIG_B=y\n# CONFIG_A is not set\n# CONFIG_C is not set\n");
        assert_eq!(s.state(choice(&s)).user.unwrap().tri, Tristate::Yes);
    }

    #[test]
    fn a_number_out_of_its_range_is_no_answer() {
        assert_eq!(values(&mut settled("CONFIG_R=77\n").0, "R"), "3");
        assert_eq!(values(&mut settled("CONFIG_R=4\n").0, "R"), "4");
    }

    #[test]
    fn a_defconfig_leaves_out_a_bool_member_that_is_chosen_anyway() {
        let tree = "choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\n";
        for (config, expected) in [("CONFIG_A=y\n", ""), ("CONFIG_B=y\n", "CONFIG_B=y\n")] {
            let mut s = solver(tree);
            s.read_answers(".config", config, false);
            assert_eq!(s.defconfig(), expected);
        }
    }

    #[test]
    fn a_choice_without_visible_members_is_n() {
        let mut s = solver("choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\n\tdepends on X\nendchoice\nconfig X\n\tbool \"x\"\n");
        s.forget();
        let choice = s.choice_symbol(s.tree.find("A").unwrap()).unwrap();
        assert_eq!(s.value(choice).tri, Tristate::No);
    }
}
