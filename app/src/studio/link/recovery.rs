//! What is not saved yet, kept in a file of this session, and found by the next one where this one ends badly.
//!
//! Whose session has ended is told by a lock that the system lets go with the process (flock(2)), not by process numbers,
//! which are used again.

use bootwright_model::{Project, write_whole};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// As it is on disk.
#[derive(Serialize, Deserialize)]
struct Sheet {
    /// The file that the project was opened from or saved to.
    path: Option<PathBuf>,
    project: Project,
}

/// Changes that another session left.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The file it was found in, for `Drop`.
    pub file: PathBuf,
    pub when: SystemTime,
    pub project: Arc<Project>,
}

pub struct Keeper {
    folder: PathBuf,
    mine: Option<(File, PathBuf)>,
}

impl Keeper {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, mine: None }
    }

    /// In the user's data folder (XDG Base Directory specification), where eframe keeps the window's state too.
    pub fn default_folder() -> PathBuf {
        eframe::storage_dir("bootwright").unwrap_or_else(std::env::temp_dir).join("recovery")
    }

    /// Puts the project in the place of what was kept before.
    pub fn keep(&mut self, project: &Project) -> Result<(), String> {
        let path = self.claim().map_err(|e| format!("cannot keep unsaved changes in {}: {e}", self.folder.display()))?;
        let sheet = Sheet { path: project.path.clone(), project: project.clone() };
        let text = ron::ser::to_string_pretty(&sheet, ron::ser::PrettyConfig::default()).map_err(|e| e.to_string())?;
        write_whole(&path, |f| f.write_all(text.as_bytes())).map_err(|e| format!("cannot keep unsaved changes in {}: {e}", path.display()))
    }

    /// A file name of this session's own, behind a lock.
    fn claim(&mut self) -> std::io::Result<PathBuf> {
        if let Some((_, path)) = &self.mine {
            return Ok(path.clone());
        }
        fs::create_dir_all(&self.folder)?;
        for n in 0..1000 {
            let lock = self.folder.join(format!("{n}.lock"));
            let path = lock.with_extension("ron");
            let file = File::options().create(true).truncate(false).write(true).open(&lock)?;
            // A file that is there was left by a session that ended badly: it is not ours to replace.
            if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() && !path.exists() {
                self.mine = Some((file, path.clone()));
                return Ok(path);
            }
        }
        Err(std::io::Error::other("a thousand sessions have left something there; remove what nobody needs"))
    }

    pub fn forget(&mut self) {
        if let Some((_, path)) = &self.mine {
            let _ = fs::remove_file(path); // at worst it is offered once more
        }
    }

    /// What ended sessions left, the newest first. What cannot be read stays where it is, and is not offered.
    pub fn left(&self) -> Vec<Kept> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "ron"));
        let mut left: Vec<Kept> = files.filter(|p| self.ended(p)).filter_map(|p| read(&p)).collect();
        left.sort_by_key(|k| std::cmp::Reverse(k.when));
        left
    }

    fn ended(&self, path: &Path) -> bool {
        if self.mine.as_ref().is_some_and(|(_, mine)| mine == path) {
            return false;
        }
        let Ok(lock) = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock")) else { return false };
        flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()
    }

    pub fn remove(&self, file: &Path) {
        // Only what `left` may have offered.
        if file.parent() == Some(&self.folder) && self.ended(file) {
            let _ = fs::remove_file(file); // at worst it is offered once more
        }
    }
}

/// None where it is no such file, or says no more than the project's own file.
fn read(file: &Path) -> Option<Kept> {
    let meta = file.metadata().ok().filter(|m| m.len() < 16 << 20)?;
    let Sheet { path, mut project } = ron::from_str(&fs::read_to_string(file).ok()?).ok()?;
    project.path.clone_from(&path);
    if path.is_some_and(|p| Project::load(&p).is_ok_and(|saved| saved == project)) {
        return None;
    }
    Some(Kept { file: file.to_path_buf(), when: meta.modified().ok()?, project: Arc::new(project) })
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.mine
            && !path.exists()
        {
            let _ = fs::remove_file(path.with_extension("lock")); // an empty file that is left harms nobody
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bootwright_model::Library;

    fn project() -> Project {
        Project::from_layout(Library::embedded().unwrap().layout("musl").unwrap())
    }

    /// The lock goes, the file stays. Closing the lock is not enough here: a test beside this one may be about to start a
    /// process, which holds what was open until its program begins.
    fn crash(keeper: &mut Keeper) -> PathBuf {
        let (lock, path) = keeper.mine.take().unwrap();
        flock(&lock, FlockOperation::Unlock).unwrap();
        path
    }

    #[test]
    fn what_a_session_that_ended_badly_left_is_found_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("recovery");
        let mut first = Keeper::new(folder.clone());
        first.keep(&project()).unwrap();
        let second = Keeper::new(folder.clone());
        assert_eq!(second.left(), [], "the first is alive");
        let file = crash(&mut first);
        let left = second.left();
        assert_eq!(left.len(), 1);
        assert_eq!((*left[0].project).clone(), project());
        let mut third = Keeper::new(folder.clone());
        third.keep(&project()).unwrap();
        assert_ne!(third.mine.as_ref().unwrap().1, file, "it is not written over");
        second.remove(&file);
        assert_eq!(second.left(), []);
        third.forget();
        drop(third);
        assert_eq!(Keeper::new(folder).left(), []);
    }

    #[test]
    fn what_was_saved_meanwhile_is_not_offered() {
        let dir = tempfile::tempdir().unwrap();
        let saved = dir.path().join("p.ron");
        let mut project = project();
        project.save(&saved).unwrap();
        project.path = Some(saved);
        let mut keeper = Keeper::new(dir.path().join("recovery"));
        keeper.keep(&project).unwrap();
        crash(&mut keeper);
        assert_eq!(keeper.left(), []);
        project.jobs = Some(3);
        keeper.keep(&project).unwrap();
        crash(&mut keeper);
        assert_eq!(keeper.left().len(), 1);
        std::fs::write(dir.path().join("recovery/noise.ron"), b"\xff(((").unwrap();
        assert_eq!(keeper.left().len(), 1);
    }
}
