//! The tree of menus as an editor shows it: one row a node, with what the user may do there.

use crate::parse::prompt_text;
use crate::solve::Solver;
use crate::tree::{NodeId, NodeKind, SymId, SymbolKind, Tristate};

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// A menu, or an `if` or the like without a text of its own.
    Menu,
    Comment,
    /// A bool or tristate, and which of n, m and y it may take now; its own value is among them.
    Check {
        now: Tristate,
        allowed: [bool; 3],
    },
    /// One member of a choice, of which one is taken.
    Radio {
        taken: bool,
        allowed: bool,
    },
    /// The heading of a choice, and its member that is taken.
    Choice {
        taken: Option<SymId>,
    },
    /// An int, hex or string, with its range where it has one, as text.
    Field {
        kind: SymbolKind,
        value: String,
        range: Option<(String, String)>,
        editable: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub node: NodeId,
    /// None for menus and comments; for a choice its own, which may have no name.
    pub symbol: Option<SymId>,
    /// None: nothing is asked here.
    pub prompt: Option<String>,
    pub control: Control,
    /// Whether the user's menu shows it.
    pub visible: bool,
    /// Whether the user answered it.
    pub answered: bool,
    pub has_children: bool,
}

impl Solver {
    /// One node. Its children are those of [`crate::Tree::children`], each a row of its own.
    pub fn row(&mut self, node: NodeId) -> Row {
        let n = self.tree.node(node);
        let (kind, symbol, has_children) = (n.kind, n.symbol.some(), !n.list.is_none());
        let visible = self.node_visible(node);
        let control = match (kind, symbol) {
            (NodeKind::Comment, _) => Control::Comment,
            (NodeKind::Choice, _) => {
                let taken = self.members_in_menu(node).into_iter().find(|m| self.value(*m).tri == Tristate::Yes);
                Control::Choice { taken }
            }
            (NodeKind::Config, Some(s)) => self.control(s),
            _ => Control::Menu,
        };
        let answered = symbol.is_some_and(|s| self.answer(s).is_some());
        let prompt = prompt_text(&self.tree, node).map(str::to_owned);
        Row { node, symbol, prompt, control, visible, answered, has_children }
    }

    fn control(&mut self, s: SymId) -> Control {
        let now = self.value(s).tri;
        let declared = self.tree.symbol(s).kind;
        if !declared.is_logical() {
            let range = self.range(s).map(|(low, high)| {
                self.value(low);
                self.value(high);
                (self.value_text(low).to_owned(), self.value_text(high).to_owned())
            });
            let editable = self.state(s).visible != Tristate::No;
            return Control::Field { kind: declared, value: self.value_text(s).to_owned(), range, editable };
        }
        if self.choice_of(s).is_some() && self.kind(s) == SymbolKind::Bool {
            return Control::Radio { taken: now == Tristate::Yes, allowed: self.allows(s, Tristate::Yes) };
        }
        let allowed = [Tristate::No, Tristate::Mod, Tristate::Yes].map(|t| t == now || self.allows(s, t));
        Control::Check { now, allowed }
    }

    /// Whether a symbol differs from what it comes to without an answer.
    pub fn is_changed(&mut self, s: SymId) -> bool {
        self.value(s);
        let default = self.default_text(s);
        self.state(s).write && self.is_changeable(s) && self.value_text(s) != default
    }
}
