//! The page "Sizes": how the bytes are put together, and what a build has more or less than another one.

use super::State;
use super::built::BuiltTree;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_kbuild::sizes::Evidence;
use bootwright_kbuild::sizes::difference::Difference;
use bootwright_kbuild::sizes::view::{By, Node};
use std::path::PathBuf;
use std::sync::Arc;

/// Sizes as the page shows them.
#[derive(Debug)]
pub struct SizesRead {
    pub evidence: Evidence,
    /// Without symbols: there are too many for one area.
    pub areas: Vec<(By, Node)>,
}

impl SizesRead {
    pub fn areas(&self, by: By) -> Option<&Node> {
        self.areas.iter().find(|(b, _)| *b == by).or(self.areas.first()).map(|(_, node)| node)
    }
}

/// A build held against an older one.
#[derive(Debug)]
pub struct Compared {
    /// By each of [`LISTS`].
    pub lists: Vec<(By, Difference)>,
    /// What is not known.
    pub remarks: Vec<String>,
}

impl Compared {
    pub fn list(&self, by: By) -> Option<&Difference> {
        self.lists.iter().find(|(b, _)| *b == by).or(self.lists.first()).map(|(_, d)| d)
    }
}

/// How a difference is put together; symbols are in each of them.
pub const LISTS: [By; 3] = [By::Option, By::Directory, By::Object];

#[derive(Clone, Debug, PartialEq)]
pub enum SizesAction {
    By(By),
    /// Holds the tree against an older build: another tree, or one that was kept. None: no more.
    Against(Option<PathBuf>),
    /// Writes down the sizes of the tree as it is built now.
    Keep,
    /// Removes what was kept.
    Forget(PathBuf),
}

pub struct SizesPage {
    pub by: By,
    pub against: Option<PathBuf>,
    /// None: it is being worked out.
    pub compared: Option<Result<Arc<Compared>, String>>,
    /// Counts what was asked for, so that a late answer is not taken for the newest one.
    asked: u64,
}

impl Default for SizesPage {
    fn default() -> Self {
        Self { by: By::Directory, against: None, compared: None, asked: 0 }
    }
}

impl SizesPage {
    pub fn took(&mut self, asked: u64, result: Result<Arc<Compared>, String>) {
        if asked == self.asked {
            self.compared = Some(result);
        }
    }
}

impl State {
    pub fn sizes_action(&mut self, action: SizesAction, link: &dyn EngineLink) {
        match action {
            SizesAction::By(by) => {
                self.built.sizes.by = by;
                self.built.zoom.clear();
            }
            SizesAction::Against(path) => {
                let page = &mut self.built.sizes;
                // What most people want to know of two builds; symbols have no areas.
                page.by = match (&path, page.by) {
                    (Some(_), By::Directory) if page.against.is_none() => By::Option,
                    (None, By::Symbol) => By::Directory,
                    (_, by) => by,
                };
                page.against = path;
                self.built.zoom.clear();
                self.hold_against(link);
            }
            SizesAction::Keep => {
                let Some(BuiltTree { path, name }) = self.built.tree().cloned() else { return };
                self.built.asked += 1;
                self.built.waiting = true;
                self.ask(Ask::KeepSizes { path, name, asked: self.built.asked }, link);
            }
            SizesAction::Forget(path) => {
                if self.built.sizes.against.as_ref() == Some(&path) {
                    self.sizes_action(SizesAction::Against(None), link);
                }
                let shown = self.built.tree().map(|t| t.path.clone());
                self.built.asked += 1;
                self.built.waiting = true;
                self.ask(Ask::ForgetSizes { path, shown, asked: self.built.asked }, link);
            }
        }
    }

    /// Asks for the difference to what was chosen.
    pub fn hold_against(&mut self, link: &dyn EngineLink) {
        let after = self.built.tree().map(|t| t.path.clone());
        let page = &mut self.built.sizes;
        page.compared = None;
        page.asked += 1;
        let asked = page.asked;
        if let (Some(before), Some(after)) = (page.against.clone(), after) {
            self.ask(Ask::CompareSizes { before, after, asked }, link);
        }
    }
}
