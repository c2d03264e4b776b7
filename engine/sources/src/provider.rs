//! A provider: one place a source can come from, as a recipe states it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One place a source can come from. Recipes list several, in the order they are tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Provider {
    /// A file the user names. It is read where it stands, never copied or changed.
    File { path: PathBuf },
    /// Mirrors of one file, in order, with the hash it must have.
    Url {
        urls: Vec<String>,
        sha256: String,
        /// The file's size where the recipe knows it: a mirror that offers another size is passed over before it sends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
    },
    /// A file inside a binary package of the distribution. `member` is a path, a beginning of one
    /// (`usr/src/linux-source-`), or a pattern with `*` (`usr/src/glibc/glibc-*.tar.xz`).
    AptBinary { package: String, member: String },
    /// The upstream archive of a source package. `suffix` is how its name ends: `.orig.tar.bz2`, or `.orig.tar.*`.
    AptSource { package: String, suffix: String },
}

/// Which sort of provider; what a lock entry and a user's preference name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProviderKind {
    File,
    Url,
    AptBinary,
    AptSource,
}

impl Provider {
    pub fn kind(&self) -> ProviderKind {
        match self {
            Provider::File { .. } => ProviderKind::File,
            Provider::Url { .. } => ProviderKind::Url,
            Provider::AptBinary { .. } => ProviderKind::AptBinary,
            Provider::AptSource { .. } => ProviderKind::AptSource,
        }
    }
}

impl ProviderKind {
    /// The word people read: `upstream`, not `Url`.
    pub fn word(self) -> &'static str {
        match self {
            ProviderKind::File => "file",
            ProviderKind::Url => "upstream",
            ProviderKind::AptBinary => "apt package",
            ProviderKind::AptSource => "apt source package",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Provider::File { path } => write!(f, "file {}", path.display()),
            Provider::Url { urls, .. } => write!(f, "upstream {}", urls.first().map_or("(no address)", |u| u.as_str())),
            Provider::AptBinary { package, .. } => write!(f, "apt package {package}"),
            Provider::AptSource { package, .. } => write!(f, "apt source package {package}"),
        }
    }
}
