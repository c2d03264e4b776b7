//! What was changed, by name, and the way back: one history for the diagram, the options and the configuration.
//!
//! A change keeps the whole project before it. Projects are small and shared, and nothing has to know its own inverse.

use bootwright_model::Project;
use std::sync::Arc;

/// More than anybody goes back; the memory is bounded.
const DEPTH: usize = 500;

#[derive(Default)]
pub struct History {
    past: Vec<Change>,
    future: Vec<Change>,
}

struct Change {
    name: String,
    /// The project on the other side of it.
    project: Arc<Project>,
    /// It is the same document there. Its file's name is not a part of what was changed: it may have been saved since.
    same_document: bool,
}

impl History {
    /// A change of that name is about to be made to `before`.
    pub fn record(&mut self, name: String, before: Arc<Project>, same_document: bool) {
        if self.past.len() == DEPTH {
            self.past.remove(0);
        }
        self.past.push(Change { name, project: before, same_document });
        self.future.clear();
    }

    /// The project before the last change.
    pub fn undo(&mut self, now: Arc<Project>) -> Option<Arc<Project>> {
        Self::step(&mut self.past, &mut self.future, now)
    }

    /// The project after the last change that was undone.
    pub fn redo(&mut self, now: Arc<Project>) -> Option<Arc<Project>> {
        Self::step(&mut self.future, &mut self.past, now)
    }

    fn step(from: &mut Vec<Change>, to: &mut Vec<Change>, now: Arc<Project>) -> Option<Arc<Project>> {
        let Change { name, mut project, same_document } = from.pop()?;
        if same_document && project.path != now.path {
            Arc::make_mut(&mut project).path.clone_from(&now.path);
        }
        to.push(Change { name, project: now, same_document });
        Some(project)
    }

    /// The name of what `undo` takes back.
    pub fn next_undo(&self) -> Option<&str> {
        self.past.last().map(|c| c.name.as_str())
    }

    /// The name of what `redo` makes again.
    pub fn next_redo(&self) -> Option<&str> {
        self.future.last().map(|c| c.name.as_str())
    }
}
