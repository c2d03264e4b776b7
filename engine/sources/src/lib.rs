//! Getting sources: providers tried in order, hashes checked while bytes stream, a lock file, and archives unpacked safely.
//!
//! [`fetch`] asks the providers of a [`Request`] one after the other and leaves a verified file in the downloads folder;
//! [`unpack`] makes a source tree of it. Both block, report through a callback on the calling thread, and stop within
//! about 100 ms once the cancel flag is set. Nothing here knows a recipe: the caller turns recipes into requests.

mod apt;
mod apt_binary;
mod apt_lists;
mod apt_source;
mod child;
mod context;
mod copy;
mod deb;
mod decompress;
mod digest;
mod error;
mod fetch;
mod local;
mod lock;
mod member;
mod provider;
mod scratch;
mod shelf;
mod transfer;
mod tree;
mod unpack;
mod url;
mod write;

pub use context::{Context, Phase, Progress, Timeouts};
pub use digest::{hash_file, is_sha256};
pub use error::{Attempt, FetchError, LockMismatch, UnpackError};
pub use fetch::{Fetched, Request, fetch};
pub use lock::{LockEntry, LockError, LockFile};
pub use provider::{Provider, ProviderKind};
pub use unpack::{Limits, Unpacked, unpack};
