//! What can go wrong with a Kbuild tree as a whole.

use std::path::{Path, PathBuf};

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{} is no tree of Kbuild: it has neither a top Makefile with VERSION nor one that leads to such a source folder", .0.display())]
    NotATree(PathBuf),
    /// The object folder names its source folder by an absolute path, and there is nothing there.
    #[error("{} was built from {}, which is not there; the tree was moved or built elsewhere, or its source was removed", object.display(), source_folder.display())]
    SourceGone { object: PathBuf, source_folder: PathBuf },
    /// make would work in the other folder, not in this one.
    #[error("{} says that it is {}; it was moved or copied, and make would work there", object.display(), says.display())]
    Moved { object: PathBuf, says: PathBuf },
    #[error("{} has no configuration yet: there is no .config in it", .0.display())]
    NotConfigured(PathBuf),
    #[error("{}: {why}", path.display())]
    Io { path: PathBuf, why: std::io::Error },
    /// For what a module alone can say.
    #[error("{0}")]
    Other(String),
}

impl Error {
    pub fn io(path: impl AsRef<Path>, why: std::io::Error) -> Self {
        Self::Io { path: path.as_ref().to_path_buf(), why }
    }
}
