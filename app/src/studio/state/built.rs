//! The pages about a built tree, "Kernel image" and "Sizes": which tree they show, and what was read of it.

use super::State;
use super::sizes::{SizesAction, SizesPage, SizesRead};
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_kbuild::anatomy::Anatomy;
use bootwright_kbuild::sizes::view::Node;
use std::path::PathBuf;
use std::sync::Arc;

/// A tree of the work folder that Kbuild built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltTree {
    /// The component: `kernel`; with the beginning of its key where a component has several.
    pub name: String,
    pub path: PathBuf,
}

/// What was read of a tree.
#[derive(Debug)]
pub struct Seen {
    pub trees: Vec<BuiltTree>,
    /// The one that was read; None: there is none.
    pub chosen: Option<usize>,
    pub anatomy: Result<Arc<Anatomy>, String>,
    pub sizes: Result<Arc<SizesRead>, String>,
    /// Sizes that were written down.
    pub kept: Vec<BuiltTree>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum BuiltAction {
    /// Reads the trees of the work folder, and this one of them; none: the one that was shown, else the newest kernel.
    Look(Option<PathBuf>),
    /// Shows a stage, by its place.
    Stage(usize),
    /// Shows a part of the sizes: the places of the children on the way to it.
    Zoom(Vec<usize>),
    Sizes(SizesAction),
}

#[derive(Default)]
pub struct BuiltPage {
    pub seen: Option<Seen>,
    pub waiting: bool,
    /// Counts what was asked for, so that a late answer is not taken for the newest one.
    pub asked: u64,
    pub stage: Option<usize>,
    pub zoom: Vec<usize>,
    pub sizes: SizesPage,
}

impl BuiltPage {
    pub fn tree(&self) -> Option<&BuiltTree> {
        let seen = self.seen.as_ref()?;
        seen.trees.get(seen.chosen?)
    }

    /// The stage that is shown: the chosen one, else the image, which all others lead to.
    pub fn stage(&self, anatomy: &Anatomy) -> usize {
        let image = anatomy.image.as_ref().and_then(|i| anatomy.stages.iter().position(|s| s.name == i.name));
        let last = anatomy.linked.as_ref().and_then(|l| anatomy.stages.iter().position(|s| s.name == *l));
        self.stage.filter(|s| *s < anatomy.stages.len()).or(image).or(last).unwrap_or(0)
    }

    /// The nodes from the whole to the part that is shown.
    pub fn way<'a>(&self, whole: &'a Node) -> Vec<&'a Node> {
        let mut way = vec![whole];
        for place in &self.zoom {
            match way.last().and_then(|n| n.children.get(*place)) {
                Some(child) => way.push(child),
                None => break,
            }
        }
        way
    }

    /// False: it is not the newest answer.
    fn looked(&mut self, asked: u64, seen: Seen) -> bool {
        if asked != self.asked {
            return false;
        }
        self.waiting = false;
        let before = self.tree().map(|t| t.path.clone());
        self.seen = Some(seen);
        if self.tree().map(|t| &t.path) != before.as_ref() {
            self.stage = None;
            self.zoom.clear();
        }
        true
    }
}

impl State {
    pub fn built_action(&mut self, action: BuiltAction, link: &dyn EngineLink) {
        match action {
            BuiltAction::Look(path) => {
                self.built.asked += 1;
                self.built.waiting = true;
                let path = path.or_else(|| self.built.tree().map(|t| t.path.clone()));
                self.ask(Ask::LookAtTree { path, asked: self.built.asked }, link);
            }
            BuiltAction::Stage(stage) => self.built.stage = Some(stage),
            BuiltAction::Zoom(zoom) => self.built.zoom = zoom,
            BuiltAction::Sizes(action) => self.sizes_action(action, link),
        }
    }

    pub fn tree_seen(&mut self, asked: u64, seen: Seen, link: &dyn EngineLink) {
        if self.built.looked(asked, seen) && self.built.sizes.against.is_some() {
            // The tree may have been built anew.
            self.hold_against(link);
        }
    }
}
