//! A tree of Kbuild, opened: what its makefiles name, what is out of date, what an object hangs on, and what a
//! configuration would build again. The window's page is made of this; the command line uses the same parts.

mod details;
mod impact;
mod seen;

pub use details::Details;
pub use impact::{Foreseen, seconds_of};
pub use seen::{FolderSeen, ObjectSeen, Seen, Standing};

use anyhow::Context;
use bootwright_build::Work;
use bootwright_kbuild::impact::Asking;
use bootwright_kbuild::objects::{Config, Objects};
use bootwright_kbuild::{Index, Kind, Tree};
use std::path::{Path, PathBuf};

/// The configuration that a tree has, and its ARCH.
///
/// # Errors
/// It has none.
pub fn configuration(tree: &Tree) -> anyhow::Result<(Config, String)> {
    let read = |name: &str| std::fs::read_to_string(tree.object.join(name));
    let auto = read("include/config/auto.conf").ok().filter(|_| tree.kind != Kind::BusyBox);
    let config = match auto {
        Some(text) => Config::from_auto_conf(&text),
        None => {
            let text = read(".config").with_context(|| format!("{} has no configuration yet: no .config", tree.object.display()))?;
            Config::from_dot_config(&text, tree.kind != Kind::BusyBox && tree.version.at_least(5, 17))
        }
    };
    // BusyBox knows no ARCH unless it is given one.
    let arch = tree.arch.clone().unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    Ok((config, arch))
}

/// What make will build in a tree with the configuration that it has.
///
/// # Errors
/// The tree has no configuration, or no makefiles that can be read.
pub fn predict(tree: &Tree, goals: &[String]) -> anyhow::Result<Objects> {
    let (config, arch) = configuration(tree)?;
    let goals: Vec<&str> = goals.iter().map(String::as_str).collect();
    Ok(Objects::predict_with(&std::sync::Arc::default(), &tree.source, &arch, &config, &goals)?)
}

/// Where indexes are kept, and what Kconfig files were answered.
pub fn kept(work: &Work) -> PathBuf {
    work.root().join("kbuild")
}

/// A tree with what was read of it.
pub struct Opened {
    pub tree: Tree,
    pub index: Index,
    /// What the makefiles name; a tree without a configuration has no answer.
    pub objects: Result<Objects, String>,
    asking: Asking,
}

impl Opened {
    /// # Errors
    /// There is no such tree, or it was moved since it was built.
    pub fn open(folder: &Path, work: &Work) -> anyhow::Result<Self> {
        let (tree, index) = indexed(folder, work)?;
        let objects = predict(&tree, &[]).map_err(|e| format!("{e:#}"));
        Ok(Self { tree, index, objects, asking: Asking::here(kept(work).join("probes")) })
    }
}

/// A tree with the index of what was built in it, brought up to date.
///
/// # Errors
/// There is no such tree, or it was moved since it was built.
pub fn indexed(folder: &Path, work: &Work) -> anyhow::Result<(Tree, Index)> {
    let tree = Tree::open(folder)?;
    let (index, _) = Index::open(&tree, &Index::cache_file(&kept(work), &tree))?;
    Ok((tree, index))
}
