//! Finds the QEMU system emulator on PATH and asks its version.

use crate::ask::ask;
use crate::error::BootError;
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsStr,
    fmt,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

pub const PROGRAM: &str = "qemu-system-x86_64";
pub const PACKAGE: &str = "qemu-system-x86";

/// How the guest's instructions are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accel {
    /// The host's own CPU runs the guest, through /dev/kvm. A device node is no promise: see [`crate::probe`].
    Kvm,
    /// QEMU translates the guest's code. Works everywhere.
    Tcg,
}

impl Accel {
    /// The word that QEMU's `-accel` takes.
    pub fn name(self) -> &'static str {
        match self {
            Accel::Kvm => "kvm",
            Accel::Tcg => "tcg",
        }
    }
}

impl fmt::Display for Accel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An emulator that was found and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Qemu {
    pub path: PathBuf,
    /// As QEMU prints it, for example `7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`.
    pub version: String,
}

impl Qemu {
    /// Looks through PATH.
    ///
    /// # Errors
    /// `NoQemu`, which names the package; `Tool` if it is there and does not answer within 20 seconds.
    pub fn find() -> Result<Qemu, BootError> {
        Qemu::find_in(std::env::var_os("PATH").as_deref().unwrap_or_default())
    }

    fn find_in(path: &OsStr) -> Result<Qemu, BootError> {
        let path = std::env::split_paths(path)
            .map(|folder| folder.join(PROGRAM))
            .find(|file| executable(file))
            .ok_or(BootError::NoQemu { program: PROGRAM, package: PACKAGE })?;
        let failed = |why: String| BootError::Tool { program: path.display().to_string(), why };
        let text = ask(&path, ["--version"]).map_err(|why| failed(format!("`--version`: {why}")))?;
        let version = parse_version(&text).ok_or_else(|| failed(format!("`--version` says {text:?}, which is no QEMU")))?;
        Ok(Qemu { path, version })
    }
}

fn executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn parse_version(text: &str) -> Option<String> {
    let (_, version) = text.lines().next()?.split_once(" version ")?;
    Some(version.trim().to_owned()).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder in which the emulator's name leads to another program.
    fn fake(program: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(program, folder.path().join(PROGRAM)).unwrap();
        folder
    }

    #[test]
    fn version_is_what_stands_after_the_word() {
        assert_eq!(parse_version("QEMU emulator version 7.2.22 (Debian 1:7)\nCopyright").as_deref(), Some("7.2.22 (Debian 1:7)"));
        assert_eq!(parse_version("QEMU emulator version "), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn a_missing_emulator_names_the_package() {
        let empty = tempfile::tempdir().unwrap();
        let error = Qemu::find_in(empty.path().as_os_str()).unwrap_err();
        assert!(error.to_string().contains("qemu-system-x86"), "{error}");
    }

    #[test]
    fn a_file_that_may_not_be_executed_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(PROGRAM), "").unwrap();
        assert!(matches!(Qemu::find_in(folder.path().as_os_str()), Err(BootError::NoQemu { .. })));
    }

    #[test]
    fn an_emulator_that_fails_is_reported_with_its_words() {
        let folder = fake("/bin/sh"); // dash and bash take no such option, or name themselves
        let error = Qemu::find_in(folder.path().as_os_str()).unwrap_err();
        assert!(error.to_string().contains(PROGRAM), "{error}");
        let folder = fake("/bin/true");
        assert!(Qemu::find_in(folder.path().as_os_str()).is_err());
        let folder = fake("/bin/cat");
        assert!(Qemu::find_in(folder.path().as_os_str()).unwrap_err().to_string().contains("no QEMU"));
    }
}
