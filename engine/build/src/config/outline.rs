//! The rows of the menu tree that are to be shown: which entries, how deep.

use super::Editor;
use bootwright_kconfig::{NodeId, NodeKind, PropKind, SymId};
use std::collections::HashSet;

/// What is shown of the tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Only what differs from the configuration without the project's lines, and the menus that lead to it.
    pub only_changed: bool,
    /// Also what the menus do not show now.
    pub show_invisible: bool,
    /// Entries that were folded or unfolded by hand. Menus and choices are folded by themselves, what hangs on an option is
    /// shown below it.
    pub toggled: HashSet<NodeId>,
    /// All children are shown, whatever is unfolded.
    pub all: bool,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub node: NodeId,
    pub depth: u16,
    /// It has children that are shown, or would be.
    pub parent: bool,
    pub open: bool,
}

impl Editor {
    /// The rows, top to bottom.
    pub fn outline(&mut self, view: &View) -> Vec<Item> {
        let keep = view.only_changed.then(|| self.changed_nodes());
        let mut out = Vec::new();
        self.below(NodeId::ROOT, 0, view, keep.as_ref(), &mut out);
        out
    }

    /// What differs, and all that is above it.
    fn changed_nodes(&self) -> HashSet<NodeId> {
        let changed: Vec<SymId> = self.symbols().filter(|s| self.is_changed(*s)).collect();
        let tree = &self.solver.tree;
        let mut keep = HashSet::new();
        for s in changed {
            for node in tree.nodes_of(s) {
                let mut at = node;
                while !at.is_none() && keep.insert(at) {
                    at = tree.node(at).parent;
                }
            }
        }
        keep
    }

    fn below(&mut self, node: NodeId, depth: u16, view: &View, keep: Option<&HashSet<NodeId>>, out: &mut Vec<Item>) {
        let mut at = self.solver.tree.node(node).list;
        while let Some(child) = at.some() {
            let n = self.solver.tree.node(child);
            at = n.next;
            let (kind, named, asked) = (n.kind, !n.symbol.is_none(), !n.prompt.is_none());
            if keep.is_some_and(|k| !k.contains(&child)) {
                continue;
            }
            let has_row = asked || named && kind != NodeKind::Choice;
            if !has_row {
                self.below(child, depth, view, keep, out);
                continue;
            }
            if !view.show_invisible && keep.is_none() && !self.solver.node_visible(child) {
                // A symbol without a question may have children that have one.
                if !asked {
                    self.below(child, depth, view, keep, out);
                }
                continue;
            }
            let parent = self.has_rows(child, view, keep);
            let open = parent && (view.all || view.only_changed || self.is_open(view, child));
            out.push(Item { node: child, depth, parent, open });
            if open && depth < 200 {
                self.below(child, depth + 1, view, keep, out);
            }
        }
    }

    fn has_rows(&mut self, node: NodeId, view: &View, keep: Option<&HashSet<NodeId>>) -> bool {
        let mut at = self.solver.tree.node(node).list;
        while let Some(child) = at.some() {
            let n = self.solver.tree.node(child);
            at = n.next;
            let (named, asked, list) = (!n.symbol.is_none(), !n.prompt.is_none(), n.list);
            if keep.is_some_and(|k| !k.contains(&child)) {
                continue;
            }
            if (asked || named) && (view.show_invisible || keep.is_some() || self.solver.node_visible(child)) {
                return true;
            }
            if !asked && !list.is_none() && self.has_rows(child, view, keep) {
                return true;
            }
        }
        false
    }

    fn is_open(&self, view: &View, node: NodeId) -> bool {
        self.opens_by_itself(node) != view.toggled.contains(&node)
    }

    fn opens_by_itself(&self, node: NodeId) -> bool {
        let n = self.solver.tree.node(node);
        let heading = n.prompt.some().is_some_and(|p| matches!(self.solver.tree.prop(p).kind, PropKind::Menu(_)));
        n.kind == NodeKind::Config && !heading
    }

    /// Folds or unfolds an entry.
    pub fn fold(&self, view: &mut View, node: NodeId, open: bool) {
        match self.opens_by_itself(node) == open {
            true => drop(view.toggled.remove(&node)),
            false => drop(view.toggled.insert(node)),
        }
    }

    /// The entries above it, outermost first.
    pub fn above(&self, node: NodeId) -> Vec<NodeId> {
        let mut path = Vec::new();
        let mut at = self.solver.tree.node(node).parent;
        while !at.is_none() && at != NodeId::ROOT {
            path.push(at);
            at = self.solver.tree.node(at).parent;
        }
        path.reverse();
        path
    }

    /// The entry where an option is asked for, else the first one that names it.
    pub fn node_of(&self, s: SymId) -> Option<NodeId> {
        self.solver.location(s).last().copied()
    }
}
