//! The lock file: which provider, version and hash each source of a project resolved to.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest::is_sha256;
use crate::fetch::Fetched;
use crate::provider::ProviderKind;

const FORMAT: u32 = 1;
/// A lock file names a handful of sources; anything near this size is not one.
const MAX_BYTES: u64 = 4 << 20;

/// The whole file, RON on disk. Entries are sorted by name, so that a diff of two lock files is small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    pub format: u32,
    pub entries: BTreeMap<String, LockEntry>,
}

/// What one source resolved to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockEntry {
    pub provider: ProviderKind,
    /// The package's version, where a package provided it.
    pub version: Option<String>,
    pub sha256: String,
    pub size: u64,
    /// Where the bytes came from: a URL, a path, a package.
    pub origin: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("cannot {action} the lock file {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("the lock file {} cannot be read, at {position}: {reason}; mend it, or delete it to resolve the sources anew", path.display())]
    Syntax { path: PathBuf, position: String, reason: String },
    #[error("the lock file {} has format {found}, and this program reads format {FORMAT}; use the program that wrote it, or delete the file", path.display())]
    Format { path: PathBuf, found: u32 },
    #[error("the lock file {}, entry “{entry}”: {reason}", path.display())]
    Entry { path: PathBuf, entry: String, reason: String },
}

/// Read first, so that a file of a later format says so instead of naming an unknown field.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Default for LockFile {
    fn default() -> Self {
        Self { format: FORMAT, entries: BTreeMap::new() }
    }
}

impl LockFile {
    /// Reads a lock file; a missing one is an empty one.
    pub fn load(path: &Path) -> Result<Self, LockError> {
        let file = match File::open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other.map_err(|source| LockError::Io { action: "open", path: path.into(), source })?,
        };
        let mut text = String::new();
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|source| LockError::Io { action: "read", path: path.into(), source })?;
        if text.len() as u64 > MAX_BYTES {
            return Err(LockError::Syntax {
                path: path.into(),
                position: "its end".into(),
                reason: "the file is larger than 4 MiB".into(),
            });
        }
        Self::parse(&text, path)
    }

    /// Reads the text of a lock file; the path is for messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, LockError> {
        let syntax = |e: ron::error::SpannedError| LockError::Syntax {
            path: path.into(),
            position: format!("line {}, column {}", e.span.start.line, e.span.start.col),
            reason: e.code.to_string(),
        };
        let head: Head = ron::from_str(text).map_err(syntax)?;
        if head.format != FORMAT {
            return Err(LockError::Format { path: path.into(), found: head.format });
        }
        let lock: Self = ron::from_str(text).map_err(syntax)?;
        for (name, entry) in &lock.entries {
            if !is_sha256(&entry.sha256) {
                let reason = format!("“{}” is not a SHA-256 hash (64 hexadecimal digits)", entry.sha256);
                return Err(LockError::Entry { path: path.into(), entry: name.clone(), reason });
            }
        }
        Ok(lock)
    }

    /// Writes the file whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), LockError> {
        let at = |action| move |source| LockError::Io { action, path: path.into(), source };
        let text = ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default())
            .map_err(|e| at("write")(io::Error::new(io::ErrorKind::InvalidData, e)))?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut scratch = tempfile::NamedTempFile::new_in(folder).map_err(at("make a scratch file beside"))?;
        // a lock file is shared like source code: readable as the umask would have it, not only by its owner
        let umask_like = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        scratch.as_file().set_permissions(umask_like).map_err(at("set the mode of"))?;
        scratch.write_all(text.as_bytes()).and_then(|()| scratch.write_all(b"\n")).map_err(at("write"))?;
        scratch.as_file().sync_all().map_err(at("write"))?;
        scratch.persist(path).map_err(|e| at("replace")(e.error))?;
        let _ = File::open(folder).and_then(|f| f.sync_all()); // the rename is atomic without it, only not yet lasting
        Ok(())
    }

    pub fn set(&mut self, name: &str, fetched: &Fetched) {
        self.entries.insert(name.into(), LockEntry::from(fetched));
    }
}

impl From<&Fetched> for LockEntry {
    fn from(f: &Fetched) -> Self {
        Self { provider: f.provider, version: f.version.clone(), sha256: f.sha256.clone(), size: f.size, origin: f.origin.clone() }
    }
}
