//! Small helpers for files that are written whole or not at all.

use crate::BuildError;
use crate::error::At;
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::path::Path;

/// Records, slots and lock files stay far below this.
const LIMIT: u64 = 32 << 20;

/// As RON.
pub fn save<T: Serialize>(path: &Path, value: &T) -> Result<(), BuildError> {
    let pretty = ron::ser::PrettyConfig::new();
    let text = ron::ser::to_string_pretty(value, pretty).map_err(|e| BuildError::Damaged { path: path.into(), reason: e.to_string() })?;
    write_whole(path, text.as_bytes())
}

/// Makes the folder where it is missing.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).at("make the folder", parent)?;
    }
    bootwright_model::write_whole(path, |f| f.write_all(bytes)).at("write", path)
}

/// None where the file is not there.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, BuildError> {
    let damaged = |reason: String| BuildError::Damaged { path: path.into(), reason };
    match fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e).at("read", path),
        Ok(m) if m.len() > LIMIT => return Err(damaged("it is too large".into())),
        Ok(_) => {}
    }
    let text = fs::read_to_string(path).at("read", path)?;
    ron::Options::default().with_recursion_limit(64).from_str(&text).map(Some).map_err(|e| damaged(e.to_string()))
}

/// Removes a file or a tree, read-only folders too. What is not there is fine.
pub fn remove(path: &Path) -> Result<(), BuildError> {
    match fs::symlink_metadata(path) {
        Err(_) => return Ok(()),
        Ok(m) if !m.is_dir() => return fs::remove_file(path).at("remove", path),
        Ok(_) => {}
    }
    if fs::remove_dir_all(path).is_err() {
        // Without root, the entries of a read-only folder cannot be removed before it is made writable.
        for entry in walkdir::WalkDir::new(path).into_iter().flatten().filter(|e| e.file_type().is_dir()) {
            set_mode(entry.path(), 0o755)?;
        }
        fs::remove_dir_all(path).at("remove", path)?;
    }
    Ok(())
}

pub fn set_mode(path: &Path, mode: u32) -> Result<(), BuildError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).at("set the mode of", path)
}

/// Copies a file, a link or a tree. Modes are kept, made writable for the owner; times are kept, so that `make` sees
/// no newer file where none is. A tree is merged into a folder that is there.
pub fn copy(from: &Path, to: &Path) -> Result<(), BuildError> {
    let meta = fs::symlink_metadata(from).at("read", from)?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).at("make the folder", parent)?;
    }
    if !meta.is_dir() {
        // The source itself may be a link where a single file is asked for: what it points to is meant.
        return copy_file(from, to);
    }
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.map_err(|e| BuildError::Action(format!("cannot copy {}: {e}", from.display())))?;
        let rest = entry.path().strip_prefix(from).unwrap_or(Path::new(""));
        let target = to.join(rest);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).at("make the folder", &target)?;
        } else if entry.file_type().is_symlink() {
            let points = fs::read_link(entry.path()).at("read the link", entry.path())?;
            if target.symlink_metadata().is_ok() {
                remove(&target)?;
            }
            std::os::unix::fs::symlink(&points, &target).at("make the link", &target)?;
        } else if entry.file_type().is_file() {
            copy_file(entry.path(), &target)?;
        } else {
            return Err(BuildError::Action(format!("cannot copy {}: it is a device, pipe or socket", entry.path().display())));
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), BuildError> {
    use std::os::unix::fs::PermissionsExt;
    if to.symlink_metadata().is_ok() {
        remove(to)?;
    }
    fs::copy(from, to).at("copy", from)?;
    let meta = fs::metadata(from).at("read", from)?;
    set_mode(to, meta.permissions().mode() & 0o777 | 0o200)?;
    let times = fs::FileTimes::new().set_modified(meta.modified().at("read", from)?);
    fs::File::options().write(true).open(to).and_then(|f| f.set_times(times)).at("set the time of", to)
}
