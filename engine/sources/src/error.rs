//! What can go wrong, said with what was attempted, on what, why, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::provider::ProviderKind;

/// One provider that was asked, and why it gave nothing.
#[derive(Debug)]
pub struct Attempt {
    pub provider: String,
    pub error: FetchError,
}

/// The lock file and what came disagree. Boxed, because it is the largest word by far and the rarest.
#[derive(Debug, thiserror::Error)]
#[error(
    "{name}: the lock file says {provider}{}, SHA-256 {expected}, but {origin} gave {got}; if the change is wanted, remove the entry “{name}” from the lock file and fetch again",
    version.as_ref().map(|v| format!(" {v}")).unwrap_or_default()
)]
pub struct LockMismatch {
    pub name: String,
    pub provider: ProviderKind,
    pub version: Option<String>,
    pub expected: String,
    pub got: String,
    pub origin: String,
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("cancelled")]
    Cancelled,
    #[error("{name}: {detail}")]
    BadRequest { name: String, detail: String },
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{url} could not be reached: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{url} answered {status}")]
    Status { url: String, status: u16 },
    #[error("{url} was cut off or stalled {tries} times, at byte {at}: {reason}")]
    Cut { url: String, at: u64, tries: u32, reason: String },
    #[error("no mirror gave it: {}", .0.iter().map(|e| e.to_string()).collect::<Vec<_>>().join("; "))]
    Mirrors(Vec<FetchError>),
    #[error("{what} has other bytes than stated: expected SHA-256 {expected}, got {got}")]
    WrongBytes { what: String, expected: String, got: String },
    #[error("{what} is larger than allowed: {size} bytes, at most {max}")]
    TooLarge { what: String, size: u64, max: u64 },
    #[error("{what} is {size} bytes, and the recipe says {expected}")]
    WrongSize { what: String, size: u64, expected: u64 },
    #[error("not in the downloads folder, and this run is offline; allow the network once, or name a file")]
    Offline,
    #[error("{program} could not be started: {source}; this provider needs a Debian-like system, so use another provider or name a file")]
    NoApt { program: String, source: io::Error },
    #[error("{command} failed: {reason}")]
    Apt { command: String, reason: String },
    #[error("{} is not a package with data in it: {reason}", path.display())]
    BadPackage { path: PathBuf, reason: String },
    #[error("package {package} holds no file that fits “{member}”")]
    NoMember { package: String, member: String },
    #[error("package {package} holds several files that fit “{member}”: {found}; name one of them")]
    ManyMembers { package: String, member: String, found: String },
    #[error(transparent)]
    LockMismatch(Box<LockMismatch>),
    #[error(
        "{name}: the lock file says it comes from {provider}, which the recipe does not offer; remove the entry “{name}” from the lock file to choose again"
    )]
    LockedProviderGone { name: String, provider: ProviderKind },
    #[error("{name} could not be fetched:{}", list(attempts))]
    AllFailed { name: String, attempts: Vec<Attempt> },
}

fn list(attempts: &[Attempt]) -> String {
    if attempts.is_empty() {
        return " the recipe names no provider".into();
    }
    attempts.iter().map(|a| format!("\n  {}: {}", a.provider, a.error)).collect()
}

impl FetchError {
    /// True when it ends the whole fetch, not only this provider.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, FetchError::Cancelled | FetchError::LockMismatch(_))
    }
}

/// Shortens `map_err` for file work.
pub(crate) fn io_at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_path_buf();
    move |source| FetchError::Io { action, path, source }
}

#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    #[error("cancelled")]
    Cancelled,
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is not an archive this program reads (tar; plain or with gzip, bzip2, xz or zstd)", archive.display())]
    NotAnArchive { archive: PathBuf },
    #[error("{} is damaged or cut short: {reason}; fetch it again", archive.display())]
    Damaged { archive: PathBuf, reason: String },
    #[error("{} is refused: “{entry}” {reason}", archive.display())]
    Refused { archive: PathBuf, entry: String, reason: String },
    #[error("{} is refused: it holds more than {limit} {what}", archive.display())]
    TooMuch { archive: PathBuf, what: &'static str, limit: u64 },
    #[error("{} is there already; remove it to unpack anew", target.display())]
    TargetExists { target: PathBuf },
}
