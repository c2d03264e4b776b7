//! What can go wrong while planning and building.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("cannot {what} {path}: {source}{}", way_out(source))]
    Io { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error(
        "the work folder {path} is in use by another Bootwright (process {holder}); wait for it, stop it, or name another folder with --work"
    )]
    Busy { path: PathBuf, holder: String },
    #[error("{place}: {reason}")]
    Project { place: String, reason: String },
    #[error("this host lacks what the build needs: {}; `bootwright setup` installs it", .0.join(", "))]
    MissingTools(Vec<String>),
    #[error("cannot read {path}: {reason}; remove the file to let it be made again")]
    Damaged { path: PathBuf, reason: String },
    #[error("`{command}` could not be started: {reason}")]
    Spawn { command: String, reason: String },
    #[error("`{command}` {ended}")]
    Command { command: String, ended: String },
    #[error("{0}")]
    Action(String),
    #[error("stopped")]
    Cancelled,
    #[error(transparent)]
    Source(#[from] bootwright_sources::FetchError),
    #[error(transparent)]
    Image(#[from] bootwright_image::Error),
    #[error(transparent)]
    Model(#[from] bootwright_model::ModelError),
}

/// What to do about it, where that is the same whatever was attempted.
fn way_out(e: &std::io::Error) -> &'static str {
    use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match e.kind() {
        PermissionDenied | ReadOnlyFilesystem => "; make it writable for you, or name another work folder with --work or $BOOTWRIGHT_WORK",
        StorageFull | QuotaExceeded => {
            "; make room there (`bootwright store gc` removes old results), or name another work folder with --work"
        }
        _ => "",
    }
}

/// Adds the place to an I/O error.
pub(crate) trait At<T> {
    fn at(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, BuildError>;
}

impl<T> At<T> for Result<T, std::io::Error> {
    fn at(self, what: &'static str, path: impl Into<PathBuf>) -> Result<T, BuildError> {
        self.map_err(|source| BuildError::Io { what, path: path.into(), source })
    }
}
