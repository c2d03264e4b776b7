//! What can be wrong with a file of the model.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("cannot read {what} {path}: {source}")]
    Read { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot write {path}: {source}; the file that was there is unchanged")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{path}:{line}:{column}: this is no {what} that can be read: {reason}")]
    Parse { what: &'static str, path: PathBuf, line: usize, column: usize, reason: String },
    #[error("{path} has format {found}, and this program reads up to {known}: it was made by a newer version; use that one")]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("{path} is larger than {limit} bytes, which no {what} is; nothing was read")]
    TooLarge { what: &'static str, path: PathBuf, limit: u64 },
    #[error("`{name}` is neither a preset ({known}) nor a project file; write a path such as ./{name}.ron, or a preset's name")]
    NoSuchPreset { name: String, known: String },
    #[error("cannot turn {what} into text: {reason}")]
    Serialize { what: &'static str, reason: String },
}
