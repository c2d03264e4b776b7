//! Opens and saves project files, asks the desktop for a file, and keeps what is not saved yet for after a crash.
//! On a thread of its own: a disk or a dialog may take its time.

use super::recovery::{Keeper, Kept};
use super::{Incoming, Wake};
use bootwright_build::{Work, carry_lock};
use bootwright_model::{Library, Project};
use crossbeam_channel::{Receiver, Sender};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum FileRequest {
    /// Answered with `Opened`.
    Open(PathBuf),
    /// Answered with `Saved`.
    Save {
        project: Arc<Project>,
        path: PathBuf,
        /// The file it had until now.
        before: Option<PathBuf>,
    },
    /// Keeps what is not saved; no answer where it works.
    Keep(Arc<Project>),
    /// Everything is saved, or meant to be lost.
    Forget,
    /// What sessions left that did not end well; answered with `Left`.
    Look,
    /// The user has decided about it.
    Drop(PathBuf),
    /// The desktop's file dialog; answered with `Chosen`.
    Browse { save: Option<PathBuf> },
}

#[derive(Clone, Debug)]
pub enum FileEvent {
    Opened {
        path: PathBuf,
        result: Result<Arc<Project>, String>,
    },
    Saved {
        project: Arc<Project>,
        path: PathBuf,
        result: Result<(), NotSaved>,
    },
    Left(Vec<Kept>),
    /// None: the dialog was closed without a choice.
    Chosen {
        path: Option<PathBuf>,
    },
    /// What is not saved cannot be kept either.
    NotKept(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// Something is there that this studio has neither read nor written; saving again replaces it.
    WouldReplace(String),
    Failed(String),
}

pub struct FileThread {
    pub work: PathBuf,
    pub library: Arc<Library>,
    pub keeper: Keeper,
    pub incoming: Sender<Incoming>,
    pub wake: Wake,
}

impl FileThread {
    /// Until the window is gone.
    pub fn serve(mut self, requests: &Receiver<FileRequest>) {
        // What each file held when it was read or written last here.
        let mut seen: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        while let Ok(request) = requests.recv() {
            match request {
                FileRequest::Open(path) => {
                    let result = Project::load(&path).map(Arc::new).map_err(|e| e.to_string());
                    if let (Ok(_), Ok(bytes)) = (&result, std::fs::read(&path)) {
                        seen.insert(path.clone(), bytes);
                    }
                    self.say(FileEvent::Opened { path, result });
                }
                FileRequest::Save { project, path, before } => {
                    let result = save(&project, &path, &mut seen).and_then(|()| self.carry_lock(&project, before.as_deref()));
                    self.say(FileEvent::Saved { project, path, result });
                }
                FileRequest::Keep(project) => {
                    if let Err(why) = self.keeper.keep(&project) {
                        self.say(FileEvent::NotKept(why));
                    }
                }
                FileRequest::Forget => self.keeper.forget(),
                FileRequest::Look => {
                    let left = self.keeper.left();
                    if !left.is_empty() {
                        self.say(FileEvent::Left(left));
                    }
                }
                FileRequest::Drop(file) => self.keeper.remove(&file),
                FileRequest::Browse { save } => {
                    let chosen = browse(save.as_deref());
                    self.say(FileEvent::Chosen { path: chosen });
                }
            }
        }
    }

    /// Its versions go with it.
    fn carry_lock(&self, project: &Project, before: Option<&Path>) -> Result<(), NotSaved> {
        let carried = Work::new(&self.work).and_then(|work| carry_lock(project, &self.library, before, &work));
        carried.map_err(|e| NotSaved::Failed(format!("The project is saved, but not which versions it was built from: {e}")))
    }

    fn say(&self, event: FileEvent) {
        // A window that is gone needs no news.
        if self.incoming.send(Incoming::File(event)).is_ok() {
            (self.wake)();
        }
    }
}

fn save(project: &Project, path: &Path, seen: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<(), NotSaved> {
    if let Ok(there) = std::fs::read(path)
        && seen.get(path).is_none_or(|s| *s != there)
    {
        let known = seen.insert(path.to_path_buf(), there).is_some();
        let what = if known { "was changed by another program" } else { "is there already" };
        return Err(NotSaved::WouldReplace(format!("{} {what}. Save again to replace it, or choose another name.", path.display())));
    }
    project.save(path).map_err(|e| NotSaved::Failed(e.to_string()))?;
    if let Ok(bytes) = std::fs::read(path) {
        seen.insert(path.to_path_buf(), bytes);
    }
    Ok(())
}

fn browse(save: Option<&Path>) -> Option<PathBuf> {
    let dialog = rfd::FileDialog::new().add_filter("Bootwright project", &["ron"]);
    let Some(path) = save else { return dialog.set_title("Open a project").pick_file() };
    let dialog = dialog.set_title("Save the project");
    let dialog = path.parent().filter(|p| p.is_dir()).map_or(dialog.clone(), |folder| dialog.set_directory(folder));
    dialog.set_file_name(path.file_name().unwrap_or_default().to_string_lossy()).save_file()
}

/// Why the desktop has no file dialog, where it has none: rfd gives the same answer to that as to `Cancel`.
pub fn no_dialog() -> Option<&'static str> {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let bus = set("DBUS_SESSION_BUS_ADDRESS")
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| Path::new(&folder).join("bus").exists());
    let zenity = std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|p| p.join("zenity").is_file()));
    (!bus && !zenity).then_some("This desktop offers no file dialog (no session bus and no zenity). Type the path.")
}
