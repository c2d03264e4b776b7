//! A tree of Kbuild, opened: what its makefiles name, what is out of date, what an object hangs on, and what a
//! configuration would build again. The window's page is made of this; the command line uses the same parts.

mod details;
mod impact;
mod journals;
pub mod kept;
mod seen;

pub use details::Details;
pub use impact::Foreseen;
pub use journals::{Journals, Made};
pub use seen::{FolderSeen, ObjectSeen, Seen, Standing};

use bootwright_build::Work;
use bootwright_kbuild::impact::Asking;
use bootwright_kbuild::objects::Objects;
use bootwright_kbuild::{Index, Tree};
use std::path::Path;

/// A tree with what was read of it.
pub struct Opened {
    pub tree: Tree,
    pub index: Index,
    /// What the makefiles name; a tree without a configuration has no answer.
    pub objects: Result<Objects, String>,
    /// When and why each object was made last.
    pub journals: Journals,
    asking: Asking,
}

impl Opened {
    /// # Errors
    /// There is no such tree, or it was moved since it was built.
    pub fn open(folder: &Path, work: &Work) -> anyhow::Result<Self> {
        let (tree, index) = indexed(folder, work)?;
        let objects = Objects::of_tree(&tree, &[]).map_err(|e| e.to_string());
        let journals = Journals::of(work, &tree);
        Ok(Self { tree, index, objects, journals, asking: Asking::here(work.kbuild().join("probes")) })
    }
}

/// A tree with the index of what was built in it, brought up to date.
///
/// # Errors
/// There is no such tree, or it was moved since it was built.
pub fn indexed(folder: &Path, work: &Work) -> anyhow::Result<(Tree, Index)> {
    let tree = Tree::open(folder)?;
    let (index, _) = Index::open(&tree, &Index::cache_file(&work.kbuild(), &tree))?;
    Ok((tree, index))
}
