//! The host: where its programs and files are, which version they have, and which package would bring a missing one.

use crate::{BuildError, Work, files};
use bootwright_model::{Part, Tool};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The folders in which programs are looked for, and the PATH of every command. It is fixed, so that what a user's shell
/// adds (a private python, a compiler cache) does not get into a build unseen.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Something the build needs of the host and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Missing {
    /// The program or file, as it was looked for.
    pub what: String,
    /// The component that wants it.
    pub component: String,
    /// The package of this host's package manager; none where the recipe names none for it.
    pub package: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PackageManager {
    Apt,
    Dnf,
    Zypper,
    Pacman,
}

impl PackageManager {
    /// The first one that is there.
    pub fn find() -> Option<Self> {
        [Self::Apt, Self::Dnf, Self::Zypper, Self::Pacman].into_iter().find(|m| program(m.program()).is_some())
    }

    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Pacman => "pacman",
        }
    }

    /// The name recipes use.
    pub fn id(self) -> &'static str {
        match self {
            Self::Apt => "apt",
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Pacman => "pacman",
        }
    }

    /// The commands that install packages, each an argument vector.
    pub fn install(self, packages: &[String]) -> Vec<Vec<String>> {
        let command = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let with = |words: &[&str]| [command(words), packages.to_vec()].concat();
        match self {
            Self::Apt => vec![
                command(&["apt-get", "-o", "DPkg::Lock::Timeout=300", "update"]),
                with(&["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends"]),
            ],
            Self::Dnf => vec![with(&["dnf", "install", "-y"])],
            Self::Zypper => vec![with(&["zypper", "--non-interactive", "install"])],
            Self::Pacman => vec![with(&["pacman", "-S", "--needed", "--noconfirm"])],
        }
    }
}

/// Looks a program up in [`PATH`].
pub fn program(name: &str) -> Option<PathBuf> {
    PATH.split(':')
        .map(|d| Path::new(d).join(name))
        .find(|p| p.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0))
}

/// An absolute path that is there, or a program.
pub fn locate(candidate: &str) -> Option<PathBuf> {
    if candidate.starts_with('/') { Some(PathBuf::from(candidate)).filter(|p| p.exists()) } else { program(candidate) }
}

pub fn locate_part(part: &Part) -> Option<PathBuf> {
    part.candidates.iter().find_map(|c| locate(c))
}

pub fn missing_part(part: &Part, component: &str, manager: Option<PackageManager>) -> Option<Missing> {
    let first = part.candidates.first()?;
    locate_part(part).is_none().then(|| missing(first, &part.packages, component, manager))
}

pub fn missing_tool(tool: &Tool, component: &str, manager: Option<PackageManager>) -> Option<Missing> {
    locate(&tool.program).is_none().then(|| missing(&tool.program, &tool.packages, component, manager))
}

fn missing(what: &str, packages: &BTreeMap<String, String>, component: &str, manager: Option<PackageManager>) -> Missing {
    Missing { what: what.to_owned(), component: component.to_owned(), package: manager.and_then(|m| packages.get(m.id()).cloned()) }
}

/// Packages of what is missing, each once.
pub fn packages(missing: &[Missing]) -> Vec<String> {
    missing.iter().filter_map(|m| m.package.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Identities of programs. A version costs a process, so it is kept under path, size and time.
#[derive(Debug)]
pub struct Tools {
    file: PathBuf,
    versions: Mutex<(Versions, bool)>,
}

type Versions = BTreeMap<String, String>;

#[derive(Default, Serialize, Deserialize)]
struct Cache {
    versions: Versions,
}

impl Tools {
    pub fn open(work: &Work) -> Self {
        let file = work.root().join("tools.ron");
        // A cache that cannot be read is made again.
        let cache: Cache = files::load(&file).ok().flatten().unwrap_or_default();
        Self { file, versions: Mutex::new((cache.versions, false)) }
    }

    /// Path, size, time and version of a program; for other files all but the version.
    pub fn identity(&self, path: &Path) -> String {
        let stat = stat_line(path);
        let is_program = path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
        if !is_program {
            return stat;
        }
        let mut guard = self.versions.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(version) = guard.0.get(&stat) {
            return format!("{stat}, {version}");
        }
        let version = ask_version(path);
        guard.0.insert(stat.clone(), version.clone());
        guard.1 = true;
        format!("{stat}, {version}")
    }

    /// The first line of `--version`, where it was asked before.
    pub fn version(&self, path: &Path) -> String {
        self.identity(path).split_once(", ").map(|(_, v)| v.to_owned()).unwrap_or_default()
    }

    /// Keeps new versions for the next start.
    pub fn save(&self) -> Result<(), BuildError> {
        let mut guard = self.versions.lock().unwrap_or_else(|e| e.into_inner());
        if !guard.1 {
            return Ok(());
        }
        guard.1 = false;
        files::save(&self.file, &Cache { versions: guard.0.clone() })
    }
}

fn ask_version(path: &Path) -> String {
    let asked = duct::cmd(path, ["--version"])
        .stdin_null()
        .stderr_to_stdout()
        .unchecked()
        .stdout_capture()
        .full_env([("PATH", PATH), ("LC_ALL", "C")])
        .run();
    let text = asked.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("no version").chars().take(100).collect()
}

fn stat_line(path: &Path) -> String {
    match path.metadata() {
        Ok(m) => format!("{} {} bytes {}.{:09}", path.display(), m.size(), m.mtime(), m.mtime_nsec()),
        Err(_) => format!("{} absent", path.display()),
    }
}

/// Identity of a host part: of a program or file itself; of a folder, the names, sizes and times of the content named.
pub fn part_identity(part: &Part, path: &Path, tools: &Tools) -> String {
    if part.content.is_empty() {
        return tools.identity(path);
    }
    let mut hash = Sha256::new();
    let mut count = 0;
    for name in &part.content {
        for entry in walkdir::WalkDir::new(path.join(name)).follow_links(true).sort_by_file_name().into_iter().flatten() {
            if let Ok(m) = entry.metadata()
                && m.is_file()
            {
                count += 1;
                hash.update(entry.path().as_os_str().as_encoded_bytes());
                hash.update(format!("\0{}\0{}\0{}\0", m.size(), m.mtime(), m.mtime_nsec()));
            }
        }
    }
    format!("{}: {count} files, {}", path.display(), &crate::keys::hex(&hash.finalize())[..16])
}
