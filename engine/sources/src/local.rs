//! A file the user names: hashed where it stands.

use std::fs;
use std::path::Path;

use crate::context::Context;
use crate::digest;
use crate::error::{FetchError, io_at};
use crate::fetch::Fetched;
use crate::provider::ProviderKind;

pub(crate) fn fetch(path: &Path, ctx: &Context) -> Result<Fetched, FetchError> {
    let found = fs::metadata(path).map_err(io_at("read", path))?;
    // opening a pipe would wait for a writer that never comes
    if !found.is_file() {
        let source = std::io::Error::other("it is not a regular file");
        return Err(FetchError::Io { action: "read", path: path.into(), source });
    }
    let (sha256, size) = digest::hash_file(path, ctx)?;
    let origin = path.display().to_string();
    Ok(Fetched { file: path.into(), sha256, size, provider: ProviderKind::File, version: None, origin })
}
