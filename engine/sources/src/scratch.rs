//! Scratch folders that a crash cannot litter for ever: each is locked while it is used, and unlocked ones are swept.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder beside its goal, removed when dropped. Its lock tells other processes that someone is at work in it.
pub(crate) struct Scratch {
    path: PathBuf,
    _lock: Option<File>,
}

impl Scratch {
    /// Makes `<parent>/<prefix>XXXXXX`, after sweeping what crashed runs left under the same prefix.
    pub fn new(parent: &Path, prefix: &str) -> io::Result<Self> {
        sweep(parent, prefix);
        for _ in 0..16 {
            let path = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?.keep();
            let lock = File::open(&path);
            // A sweeper may have come between making and locking; then the folder is gone or going: make another.
            match lock.map(|f| (f.try_lock(), f)) {
                Ok((Ok(()), file)) if path.exists() => return Ok(Self { path, _lock: Some(file) }),
                Ok((Err(fs::TryLockError::Error(_)), _)) => return Ok(Self { path, _lock: None }), // no locks on this file system
                _ => continue,
            }
        }
        Err(io::Error::other("no scratch folder could be locked"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes in the background: deleting 87,000 files takes longer than a user who cancelled should wait. A process
    /// that ends first leaves the rest to the next sweep.
    pub fn discard_later(self) {
        let _ = std::thread::Builder::new().name("scratch removal".into()).spawn(move || drop(self));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path); // gone already when it was renamed into place; else the next sweep has it
    }
}

fn sweep(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|n| n.starts_with(prefix));
        if !is_ours || !entry.file_type().is_ok_and(|t| t.is_dir()) {
            continue;
        }
        if let Ok(folder) = File::open(entry.path())
            && folder.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
