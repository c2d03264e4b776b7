//! Files that are written whole: beside the old one and then in its place, so that a reader sees one or the other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes a file in place, making its folders.
pub fn write_plain(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    make_parent(path)?;
    fs::write(path, crate::bytes::raw(bytes.as_ref()))
}

/// Writes under another name and renames.
pub fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let scratch = with_suffix(path, &format!(".{}.tmp", std::process::id()));
    write_plain(&scratch, bytes)?;
    fs::rename(&scratch, path).inspect_err(|_| drop(fs::remove_file(&scratch)))
}

/// The same; what was there is kept as `.old`.
pub fn replace_keeping(path: &Path, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    if path.exists() {
        fs::rename(path, with_suffix(path, ".old"))?;
    }
    replace(path, bytes)
}

pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn make_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::create_dir_all(parent),
        _ => Ok(()),
    }
}
