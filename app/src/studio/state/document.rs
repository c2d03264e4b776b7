//! The project as a document: which file it is, whether that file says the same, and which files were open before.

use super::State;
use bootwright_model::Project;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many files the start page remembers.
const RECENT: usize = 12;
/// Unsaved changes are kept for after a crash when nothing changed for so long.
const REST: Duration = Duration::from_millis(800);

#[derive(Default)]
pub struct Document {
    /// What each file said when it was read or written last.
    files: BTreeMap<PathBuf, Arc<Project>>,
    /// The latest first.
    pub recent: Vec<PathBuf>,
    /// What was kept last; none: nothing is.
    kept: Option<Arc<Project>>,
    changed: Option<Instant>,
    /// Worked out when the project or what a file says changes: the window asks in each frame.
    dirty: bool,
}

/// What to do about unsaved changes now.
#[derive(Debug, PartialEq)]
pub enum Keeping {
    Nothing,
    /// Look again after this time.
    Later(Duration),
    Keep(Arc<Project>),
    Forget,
}

impl Document {
    fn same(&mut self, path: &Path, project: Arc<Project>) {
        self.recent.retain(|p| p != path);
        self.recent.insert(0, path.to_path_buf());
        self.recent.truncate(RECENT);
        self.files.insert(path.to_path_buf(), project);
    }

    /// Those of earlier sessions go behind those of this one.
    pub fn add_recent(&mut self, paths: Vec<PathBuf>) {
        for path in paths {
            if !self.recent.contains(&path) && self.recent.len() < RECENT {
                self.recent.push(path);
            }
        }
    }

    pub fn touched(&mut self, now: Instant) {
        self.changed = Some(now);
    }
}

impl State {
    /// Whether something would be lost if the window closed: no file, and no preset, says the same.
    pub fn dirty(&self) -> bool {
        self.document.dirty
    }

    /// After the project changed.
    pub(super) fn compare_with_file(&mut self) {
        self.document.dirty = match &self.project.path {
            Some(path) => self.document.files.get(path).is_none_or(|saved| *saved != self.project),
            None => self.library.layout(&self.project.layout.name).is_none_or(|l| Project::from_layout(l) != *self.project),
        };
    }

    /// A file says the same as this project.
    pub(super) fn file_says(&mut self, path: &Path, project: Arc<Project>) {
        self.document.same(path, project);
        self.compare_with_file();
    }

    /// Called in each frame.
    pub fn keeping(&mut self, now: Instant) -> Keeping {
        let Some(changed) = self.document.changed else { return Keeping::Nothing };
        let rested = now - changed;
        if rested < REST {
            return Keeping::Later(REST - rested);
        }
        self.document.changed = None;
        match (self.dirty(), &self.document.kept) {
            (true, Some(kept)) if *kept == self.project => Keeping::Nothing,
            (true, _) => {
                self.document.kept = Some(self.project.clone());
                Keeping::Keep(self.project.clone())
            }
            (false, Some(_)) => {
                self.document.kept = None;
                Keeping::Forget
            }
            (false, None) => Keeping::Nothing,
        }
    }

    /// Where `Save as` begins: beside the file it has, else in the home folder.
    pub fn suggested_path(&self) -> PathBuf {
        let home = || std::env::home_dir().unwrap_or_else(|| PathBuf::from("/tmp"));
        self.project.path.clone().unwrap_or_else(|| home().join(format!("my-{}.ron", self.project.name())))
    }
}
