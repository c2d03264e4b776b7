//! A work tree: where a component is built, and which of its steps have left their mark in it.

use crate::{BuildError, Work, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct Tree {
    folder: PathBuf,
    first_step: String,
    /// Its first step works upon what is there; otherwise that step starts from an empty folder.
    keeps: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Stamps {
    /// Where the tree was when it was built: compilers and makefiles write absolute paths.
    at: PathBuf,
    keys: BTreeMap<String, String>,
    /// A digest of the commands, with their environment, by which a step was finished here last; empty where one was begun.
    #[serde(default)]
    commands: BTreeMap<String, String>,
}

impl Tree {
    pub fn new(work: &Work, name: &str, first_step: String, keeps: bool) -> Self {
        Self { folder: work.trees().join(name), first_step, keeps }
    }

    /// `${tree}`.
    pub fn path(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// An empty home folder for commands.
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn stamps(&self) -> Stamps {
        let stamps: Option<Stamps> = files::load(&self.folder.join("stamps.ron")).ok().flatten();
        stamps.filter(|s| s.at == self.folder).unwrap_or_default()
    }

    pub fn has(&self, step: &str, key: &str) -> bool {
        self.stamps().keys.get(step).is_some_and(|k| k == key)
    }

    /// Whether these commands finished the step here, and nothing was begun since.
    pub fn finished_by(&self, step: &str, commands: &str) -> bool {
        self.stamps().commands.get(step).is_some_and(|c| c == commands)
    }

    /// Before a step: what later steps left no longer holds. Gives whether nothing was built in it yet.
    pub fn begin(&self, step: &str, later: &[String]) -> Result<bool, BuildError> {
        let mut stamps = self.stamps();
        let emptied = step == self.first_step && !self.keeps;
        // Configuring anew takes the key away, but leaves what was built.
        let fresh = emptied || !stamps.keys.contains_key(step) && !stamps.commands.contains_key(step);
        stamps.keys.retain(|name, _| name != step && !later.contains(name));
        stamps.at.clone_from(&self.folder);
        if emptied {
            stamps.commands.clear();
            files::remove(&self.path())?;
        }
        // Begun, and not finished by any commands.
        stamps.commands.insert(step.to_owned(), String::new());
        for folder in [self.path(), self.home()] {
            fs::create_dir_all(&folder).map_err(|source| BuildError::Io { what: "make the folder", path: folder, source })?;
        }
        self.save(&stamps)?;
        Ok(fresh)
    }

    pub fn end(&self, step: &str, key: &str, commands: &str) -> Result<(), BuildError> {
        let mut stamps = self.stamps();
        stamps.at.clone_from(&self.folder);
        stamps.keys.insert(step.to_owned(), key.to_owned());
        stamps.commands.insert(step.to_owned(), commands.to_owned());
        self.save(&stamps)
    }

    fn save(&self, stamps: &Stamps) -> Result<(), BuildError> {
        files::save(&self.folder.join("stamps.ron"), stamps)
    }
}

/// The keys of all steps that left their mark in a work tree's folder.
pub fn keys_in(folder: &std::path::Path) -> Vec<String> {
    let stamps: Option<Stamps> = files::load(&folder.join("stamps.ron")).ok().flatten();
    stamps.map(|s| s.keys.into_values().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StepId;
    use crate::store::{Slot, Store};

    #[test]
    fn a_tree_is_of_the_component_in_its_name_and_of_the_projects_that_built_in_it_last() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::new(folder.path()).unwrap();
        let store = Store::open(&work).unwrap();
        let tree = Tree::new(&work, "kernel-headers-1234567890abcdef", "configure".into(), true);
        assert!(tree.begin("configure", &["compile".into()]).unwrap() && tree.begin("compile", &[]).unwrap(), "nothing was built yet");
        tree.end("compile", "now", "commands").unwrap();
        assert!(tree.has("compile", "now") && tree.finished_by("compile", "commands") && !tree.finished_by("compile", "others"));
        let (component, key) = work.owner_of(&tree.path()).unwrap();
        assert_eq!((component.as_str(), key.as_str()), ("kernel-headers", "1234567890abcdef"));
        assert_eq!(work.owner_of(folder.path()), None);
        let id = StepId { component: component.clone(), step: "compile".into() };
        for (project, key) in [("mine", "now"), ("other", "before")] {
            store.put_slot(project, &id, &Slot { key: key.into(), parts: Default::default() }).unwrap();
        }
        assert_eq!(store.projects_of(&work.trees().join("kernel-headers-1234567890abcdef"), &component), ["mine"]);
        tree.begin("configure", &["compile".into()]).unwrap();
        assert!(!tree.begin("compile", &[]).unwrap(), "what was built is there, though it is configured anew");
        assert!(!tree.finished_by("compile", "commands"), "begun and not ended");
    }
}
