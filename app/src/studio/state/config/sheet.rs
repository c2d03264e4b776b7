//! One open configuration: the editor, what of it is in sight, and what is known of the option under the cursor.

use super::bare;
use bootwright_build::config::{Details, Editor, Effect, Fixes, Import, Item, View};
use bootwright_kconfig::{NodeId, SymId};
use bootwright_model::Project;
use std::cell::RefCell;
use std::path::PathBuf;

/// Hits that are shown.
const MOST_HITS: usize = 500;

/// A value that the user would like, and how it could be had.
#[derive(Clone, Debug, PartialEq)]
pub struct Wished {
    pub name: String,
    pub value: String,
    /// The project's lines that it was asked for.
    pub lines: String,
    /// None: it is being worked out.
    pub found: Option<Fixes>,
}

pub struct Sheet {
    /// Values of rows are worked out when they are drawn.
    pub editor: RefCell<Editor>,
    /// What it was opened for.
    pub(super) of: Project,
    /// It is being read again.
    pub stale: bool,
    pub view: View,
    pub search: String,
    /// The rows that are shown: the tree's, or what was found.
    pub items: Vec<Item>,
    /// The editor's revision that the rows are of.
    pub(super) listed: u64,
    pub cursor: Option<NodeId>,
    pub details: Option<Details>,
    /// Frames until the details follow the cursor: a search shows what it found first.
    late: u8,
    pub wished: Option<Wished>,
    /// What the last change did, and why one was refused.
    pub effects: Vec<Effect>,
    pub refused: Option<String>,
    /// A file that was looked at, and is not taken over yet.
    pub import: Option<(PathBuf, Import)>,
    /// Files that were written here, or that are to be replaced, by what they hold.
    pub(super) exported: Vec<(PathBuf, u64)>,
}

impl Sheet {
    pub(super) fn new(editor: Editor, project: &Project) -> Self {
        Self {
            editor: RefCell::new(editor),
            of: bare(project),
            stale: false,
            view: View::default(),
            search: String::new(),
            items: Vec::new(),
            listed: 0,
            cursor: None,
            details: None,
            late: 0,
            wished: None,
            effects: Vec::new(),
            refused: None,
            import: None,
            exported: Vec::new(),
        }
    }

    /// The same page over a tree that was read again.
    pub(super) fn renew(&mut self, editor: Editor, project: &Project) {
        let name = self.details.as_ref().map(|d| d.name.clone());
        let old = std::mem::replace(self, Self::new(editor, project));
        self.view = View { toggled: Default::default(), ..old.view };
        (self.search, self.exported) = (old.search, old.exported);
        if let Some(name) = name {
            self.go(&name);
        }
    }

    pub fn symbol(&self, node: NodeId) -> Option<SymId> {
        self.editor.borrow().solver.tree.node(node).symbol.some()
    }

    /// The rows anew: after a change of values, of the search or of the filters.
    pub(super) fn refresh(&mut self) {
        let editor = self.editor.get_mut();
        self.listed = editor.revision;
        if self.search.trim().is_empty() {
            self.items = editor.outline(&self.view);
        } else {
            let hits = editor.search(&self.search, MOST_HITS);
            let mut items = Vec::with_capacity(hits.len());
            for hit in hits {
                let Some(node) = editor.node_of(hit.symbol) else { continue };
                // An option that is blocked is often the one that is looked for: it is found whatever the filters say.
                if !self.view.only_changed || editor.is_changed(hit.symbol) {
                    items.push(Item { node, depth: 0, parent: false, open: false });
                }
            }
            self.items = items;
        }
    }

    /// The details come a frame after the rows: all that is to be laid out of an option that hundreds select takes longer
    /// than the search.
    pub(super) fn look_later(&mut self) {
        self.late = 2;
    }

    /// Before each frame. True where there is more to do.
    pub(super) fn work(&mut self) -> bool {
        if self.late == 1 {
            self.look();
        }
        self.late = self.late.saturating_sub(1);
        self.late > 0
    }

    /// What is known of the option under the cursor.
    pub(super) fn look(&mut self) {
        self.late = 0;
        let symbol = self.cursor.and_then(|n| self.symbol(n));
        let editor = self.editor.get_mut();
        self.details = symbol.filter(|s| !editor.solver.tree.name(*s).is_empty()).map(|s| editor.details(s));
    }

    /// The cursor to an option, whose menus are unfolded.
    pub(super) fn go(&mut self, name: &str) {
        let editor = self.editor.get_mut();
        let Some(node) = editor.find(name).and_then(|s| editor.node_of(s)) else { return };
        for above in editor.above(node) {
            editor.fold(&mut self.view, above, true);
        }
        let shown = editor.solver.node_visible(node);
        self.view.show_invisible |= !shown;
        self.view.only_changed = false;
        self.search.clear();
        self.cursor = Some(node);
        self.refresh();
        self.look();
    }

    pub fn position(&self, node: NodeId) -> Option<usize> {
        self.items.iter().position(|i| i.node == node)
    }
}
