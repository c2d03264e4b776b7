//! What a change that has not happened yet would make make build again.
//!
//! [`Impacts::of`] answers from the index alone, in a few milliseconds: which targets have the option or file in their lists,
//! and what is made from those. What comes and goes, and which commands become others, is in the makefiles:
//! [`Impacts::settle`] reads them with both configurations and puts that right.

mod options;
mod predicted;
#[cfg(test)]
mod tests;

pub use options::{Asking, Followed, follow};
pub(crate) use predicted::Difference;
pub use predicted::{Predicted, after};

use crate::index::{FileId, Index, NONE, RowId, canonical};
use crate::stale::{Change, Doubt, Graph, Item, Reason, Verdict};
use crate::tree::Tree;
use crate::walk::as_path;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::path::Path;

/// What somebody thinks of doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Options with their values before and after, all that follow from one another.
    pub options: Vec<Change>,
    /// Files that would be written: paths, or names below the source or object folder.
    pub files: Vec<String>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Impact {
    /// Targets that would be built again for a reason of their own.
    pub rebuild: Vec<Item<Reason>>,
    /// Targets that would be built again only because something in them would.
    pub tail: Vec<String>,
    /// Targets that may be built again.
    pub unknown: Vec<Item<Doubt>>,
    /// Targets that would come, and targets that would go; None where the makefiles were not asked.
    pub come: Option<Vec<String>>,
    pub go: Option<Vec<String>>,
    /// Of how many targets.
    pub of: usize,
    /// Files that no target depends on, as they were named.
    pub unused: Vec<String>,
    /// Seconds of one job that the last build took for what would be built again, where that was measured.
    pub seconds: Option<f64>,
    /// Targets among them that were not measured.
    pub unmeasured: usize,
}

impl Impact {
    /// How many targets would be built again for certain.
    pub fn count(&self) -> usize {
        self.rebuild.len() + self.tail.len()
    }

    /// Adds up what the last build took. `seconds` gives that of a target by its name.
    pub fn estimate(&mut self, seconds: impl Fn(&str) -> Option<f64>) {
        let mut sum = None;
        self.unmeasured = 0;
        let names = self.rebuild.iter().map(|i| &i.target).chain(&self.tail).chain(self.come.iter().flatten());
        for name in names {
            match seconds(name) {
                Some(s) => *sum.get_or_insert(0.0) += s,
                None => self.unmeasured += 1,
            }
        }
        self.seconds = sum;
    }
}

/// Who uses which file: made once of an index, for as many questions as there are.
pub struct Impacts<'i> {
    tree: &'i Tree,
    index: &'i Index,
    graph: Graph,
    /// For each file, where its users begin in [`Self::users`].
    starts: Vec<u32>,
    users: Vec<u32>,
    options: FxHashMap<String, FileId>,
}

impl<'i> Impacts<'i> {
    pub fn new(tree: &'i Tree, index: &'i Index) -> Self {
        let graph = Graph::new(tree, index);
        let count = index.file_count();
        let mut starts = vec![0_u32; count + 1];
        let files = |id: RowId| {
            let row = index.row(id).filter(|_| graph.used(id));
            let listed = row.into_iter().flat_map(|r| index.dependencies(r).map(|d| d.file));
            let source = row.map(|r| r.source).filter(|s| *s != NONE);
            listed.chain(source).chain(graph.unwritten(id).iter().copied())
        };
        for id in 0..index.rows().len() {
            for file in files(id) {
                if let Some(start) = starts.get_mut(file as usize + 1) {
                    *start += 1;
                }
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut users = vec![0_u32; sum as usize];
        let mut next = starts.clone();
        for id in 0..index.rows().len() {
            for file in files(id) {
                if let Some(at) = next.get_mut(file as usize) {
                    if let Some(user) = users.get_mut(*at as usize) {
                        *user = id as u32;
                    }
                    *at += 1;
                }
            }
        }
        let options = (0..count as u32).filter_map(|f| Some((index.option(f)?, f))).collect();
        Self { tree, index, graph, starts, users, options }
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The targets that have a file in their lists.
    pub fn users(&self, file: FileId) -> &[u32] {
        let at = |i: usize| self.starts.get(i).copied().unwrap_or(0) as usize;
        self.users.get(at(file as usize)..at(file as usize + 1)).unwrap_or_default()
    }

    /// The options that targets depend on, with the files that stand for them.
    pub fn options(&self) -> impl Iterator<Item = (&str, FileId)> {
        self.options.iter().map(|(name, file)| (name.as_str(), *file))
    }

    /// The numbers of a file that somebody names: as the makefiles do, or by a path below the object or source folder, or from
    /// the current folder.
    pub fn files(&self, name: &str) -> Vec<FileId> {
        let object = [self.tree.object.as_os_str().as_encoded_bytes(), b"/"].concat();
        let absolute = std::env::current_dir().map(|here| here.join(name)).unwrap_or_default();
        let real = std::fs::canonicalize(&absolute).unwrap_or(absolute);
        let named = as_path(name.as_bytes());
        let candidates = [named.to_path_buf(), real, self.tree.source.join(named), self.tree.object.join(named)];
        let wanted: FxHashSet<Vec<u8>> = (candidates.iter())
            .flat_map(|c| [c.clone(), c.strip_prefix(&self.tree.source).unwrap_or(Path::new("")).to_path_buf()])
            .filter(|c| !c.as_os_str().is_empty())
            .map(|c| canonical(c.as_os_str().as_encoded_bytes(), &object).into_owned())
            .collect();
        // Few names have `..` in them; those have to be looked at one by one.
        let mut found: Vec<FileId> = wanted.iter().filter_map(|w| self.index.find_file(w)).collect();
        for id in 0..self.index.file_count() as u32 {
            let file = self.index.file(id);
            let plain = canonical(file, &object);
            if plain.as_ref() != file && wanted.contains(plain.as_ref()) {
                found.push(id);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What would be built again, as far as the lists say.
    pub fn of(&self, question: &Question) -> Impact {
        let mut verdicts = FxHashMap::default();
        let unused = self.touch(question, &mut verdicts);
        self.graph.spread(self.index, &mut verdicts);
        let mut impact = self.tell(verdicts);
        impact.unused = unused;
        impact
    }

    fn touch(&self, question: &Question, verdicts: &mut FxHashMap<RowId, Verdict>) -> Vec<String> {
        for change in &question.options {
            let Some(file) = self.options.get(&change.name) else { continue };
            verdicts.reserve(self.users(*file).len());
            for user in self.users(*file) {
                verdicts.entry(*user as RowId).or_default().add_new(|| Reason::PendingOption(change.name.clone()));
            }
        }
        let mut unused = Vec::new();
        for name in &question.files {
            let files = self.files(name);
            for file in &files {
                let text = String::from_utf8_lossy(self.index.file(*file)).into_owned();
                for user in self.users(*file) {
                    verdicts.entry(*user as RowId).or_default().add(Reason::NewerFile(text.clone()));
                }
            }
            if files.iter().all(|f| self.users(*f).is_empty()) {
                unused.push(name.clone());
            }
        }
        unused
    }

    fn tell(&self, verdicts: FxHashMap<RowId, Verdict>) -> Impact {
        let mut impact = Impact { of: (0..self.index.rows().len()).filter(|id| self.graph.used(*id)).count(), ..Impact::default() };
        let mut rows: Vec<(RowId, Verdict)> = verdicts.into_iter().collect();
        rows.sort_by_key(|(id, _)| *id);
        for (id, mut verdict) in rows {
            let Some(row) = self.index.row(id) else { continue };
            let target = String::from_utf8_lossy(self.index.name(row)).into_owned();
            verdict.reasons.sort();
            if verdict.reasons.is_empty() {
                if !verdict.doubts.is_empty() {
                    impact.unknown.push(Item { target, why: verdict.doubts, more: 0 });
                }
            } else if verdict.reasons.iter().all(|r| matches!(r, Reason::Rebuilt(_))) {
                impact.tail.push(target);
            } else {
                impact.rebuild.push(Item { target, why: verdict.reasons, more: verdict.more });
            }
        }
        impact
    }

    /// The whole answer: with what comes and goes, and the commands that become others, from both predictions.
    pub fn settle(&self, question: &Question, before: &Predicted, after: &Predicted) -> Impact {
        let mut verdicts = FxHashMap::default();
        let unused = self.touch(question, &mut verdicts);
        let change = before.to(after);
        let names = |id: RowId| self.index.row(id).map(|r| String::from_utf8_lossy(self.index.name(r)).into_owned()).unwrap_or_default();
        for id in (0..self.index.rows().len()).filter(|id| self.graph.used(*id)) {
            let name = names(id);
            if let Some(reason) = change.reasons.get(&name) {
                verdicts.entry(id).or_default().add(reason.clone());
            }
        }
        let gone: FxHashSet<RowId> = change.go.iter().filter_map(|n| self.index.find(n.as_bytes())).collect();
        verdicts.retain(|id, _| !gone.contains(id));
        self.graph.spread_without(self.index, &mut verdicts, &gone);
        let mut impact = self.tell(verdicts);
        impact.come = Some(change.come);
        impact.go = Some(change.go);
        impact.unused = unused;
        impact
    }
}
