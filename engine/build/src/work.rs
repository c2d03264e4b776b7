//! The work folder: what lies where in it, and the lock that keeps a second program out.

use crate::BuildError;
use crate::error::At;
use bootwright_model::ComponentId;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// | folder | what it holds |
/// |---|---|
/// | `downloads` | source archives, as they came |
/// | `sources` | one unpacked, read-only tree an archive, named by its hash |
/// | `trees` | work trees: out-of-tree builds, one a component and set of inputs |
/// | `store` | artifacts by content, and records of the steps that made them |
/// | `runs` | a folder a run: journal and logs |
/// | `boots` | what boot checks found, a file an image |
/// | `kbuild` | indexes of built trees, and what the shell answered their Kconfig files |
/// | `out` | links to the newest results, by project |
#[derive(Clone, Debug)]
pub struct Work {
    root: PathBuf,
}

/// Held while a run goes on. The kernel releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct WorkLock {
    _file: File,
}

impl Work {
    pub fn new(root: &Path) -> Result<Self, BuildError> {
        fs::create_dir_all(root).at("make the work folder", root)?;
        // Commands get these paths as arguments, and some run elsewhere.
        Ok(Self { root: fs::canonicalize(root).at("find", root)? })
    }

    /// `$BOOTWRIGHT_WORK`, else `$XDG_CACHE_HOME/bootwright`, else `~/.cache/bootwright`.
    pub fn default_root() -> PathBuf {
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        var("BOOTWRIGHT_WORK")
            .or_else(|| var("XDG_CACHE_HOME").map(|p| p.join("bootwright")))
            .or_else(|| var("HOME").map(|p| p.join(".cache/bootwright")))
            .unwrap_or_else(|| PathBuf::from("bootwright-work"))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }
    pub fn sources(&self) -> PathBuf {
        self.root.join("sources")
    }
    pub fn trees(&self) -> PathBuf {
        self.root.join("trees")
    }
    /// Whose work tree lies here, and the key in its name. None: it is none of this work folder.
    pub fn owner_of(&self, tree: &Path) -> Option<(ComponentId, String)> {
        let name = tree.strip_prefix(self.trees()).ok()?.components().next()?.as_os_str().to_str()?;
        let (component, key) = name.rsplit_once('-')?;
        Some((ComponentId::try_from(component).ok()?, key.to_owned()))
    }
    pub fn store(&self) -> PathBuf {
        self.root.join("store")
    }
    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }
    pub fn boots(&self) -> PathBuf {
        self.root.join("boots")
    }
    pub fn kbuild(&self) -> PathBuf {
        self.root.join("kbuild")
    }
    pub fn out(&self, project: &str) -> PathBuf {
        self.root.join("out").join(project)
    }

    pub fn lock(&self) -> Result<WorkLock, BuildError> {
        let path = self.root.join("lock");
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).at("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message. Who has just taken the lock writes its number a moment later.
                for _ in 0..20 {
                    let _ = Read::by_ref(&mut file).take(32).read_to_string(&mut holder);
                    if !holder.is_empty() {
                        break;
                    }
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                return Err(BuildError::Busy { path: self.root.clone(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(e)) => return Err(e).at("lock", &path),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id())).at("write", &path)?;
        Ok(WorkLock { _file: file })
    }
}
