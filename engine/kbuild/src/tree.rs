//! A tree of Kbuild on disk: which folder holds the objects, which the sources, and what it is a tree of.

use crate::error::{Error, Result};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// What a tree is built into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Linux,
    /// The Kbuild of the 2.6 era.
    BusyBox,
    /// Something else with Kbuild's makefiles (U-Boot, Barebox, Xen…).
    Other,
}

/// The version as the top Makefile has it, `6.12.117-rc1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    pub version: u32,
    pub patchlevel: u32,
    pub sublevel: u32,
    pub extra: String,
}

impl Version {
    /// Whether it is this one or a later one; `at_least(6, 12)`.
    pub fn at_least(&self, version: u32, patchlevel: u32) -> bool {
        (self.version, self.patchlevel) >= (version, patchlevel)
    }

    fn read(makefile: &str) -> Option<Self> {
        let value = |name: &str| {
            // Only the first lines have them; later ones use the names in recipes.
            let line = makefile.lines().take(40).find_map(|l| l.strip_prefix(name)?.trim_start().strip_prefix('='));
            line.map(str::trim)
        };
        let number = |name: &str| value(name).and_then(|v| v.parse().ok());
        let (version, patchlevel) = (number("VERSION")?, number("PATCHLEVEL").unwrap_or(0));
        let extra = value("EXTRAVERSION").unwrap_or_default().to_owned();
        Some(Self { version, patchlevel, sublevel: number("SUBLEVEL").unwrap_or(0), extra })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}{}", self.version, self.patchlevel, self.sublevel, self.extra)
    }
}

/// A tree, as [`Tree::open`] finds it. Whether anything in it is configured or built is another question.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Where make works and objects lie; absolute, without symbolic links.
    pub object: PathBuf,
    /// Where the sources are; the same as `object` in a tree that is built in place.
    pub source: PathBuf,
    pub kind: Kind,
    pub version: Version,
    /// ARCH as the configuration was made (`x86_64`, `i386`); None where there is none yet.
    pub arch: Option<String>,
    /// SRCARCH, the folder in arch/ (`x86`).
    pub source_arch: Option<String>,
}

impl Tree {
    /// Finds the tree that `path` is the object folder or the source folder of.
    pub fn open(path: &Path) -> Result<Self> {
        let object = fs::canonicalize(path).map_err(|e| Error::io(path, e))?;
        let makefile = read(&object.join("Makefile"))?.ok_or_else(|| Error::NotATree(path.to_path_buf()))?;
        let named = source_of(&object, &makefile);
        let source = match named {
            None => object.clone(),
            Some(named) => {
                let found = fs::canonicalize(object.join(&named));
                found.map_err(|_| Error::SourceGone { object: object.clone(), source_folder: named })?
            }
        };
        if let Some(says) = assigned(&makefile, "KERNELOUTPUT").filter(|_| source != object) {
            let says = PathBuf::from(says);
            if fs::canonicalize(&says).ok().as_ref() != Some(&object) {
                return Err(Error::Moved { object, says });
            }
        }
        let top = if source == object { Some(makefile) } else { read(&source.join("Makefile"))? };
        let version = top.as_deref().and_then(Version::read).ok_or_else(|| Error::NotATree(path.to_path_buf()))?;
        let kind = kind(&source).ok_or_else(|| Error::NotATree(path.to_path_buf()))?;
        let (arch, source_arch) = architecture(&object)?;
        Ok(Self { object, source, kind, version, arch, source_arch })
    }

    /// ARCH as make takes it where nobody names one: the configuration's, else this machine's.
    pub fn arch_or_host(&self) -> &str {
        self.arch.as_deref().unwrap_or(std::env::consts::ARCH)
    }

    /// Whether objects and sources share a folder.
    pub fn in_place(&self) -> bool {
        self.object == self.source
    }

    /// Where a make that is started in the object folder builds, if that is not there: since Linux 6.13 the Makefile in it names
    /// the folder, and a tree that was moved or copied keeps the old name.
    pub fn builds_elsewhere(&self) -> Option<PathBuf> {
        if self.in_place() {
            return None;
        }
        let makefile = read(&self.object.join("Makefile")).ok().flatten()?;
        let says = makefile.lines().find_map(|l| l.strip_prefix("export KBUILD_OUTPUT = "))?.trim();
        let says = self.object.join(says);
        (fs::canonicalize(&says).ok().as_ref() != Some(&self.object)).then_some(says)
    }

    /// The file `.config` of the object folder; it need not be there.
    pub fn dot_config(&self) -> PathBuf {
        self.object.join(".config")
    }

    /// Where a name in a `.cmd` file or makefile leads: make works in the object folder.
    pub fn path_of(&self, name: impl AsRef<Path>) -> PathBuf {
        self.object.join(name)
    }
}

/// A file's text, None where there is no such file. Bytes that are no UTF-8 are replaced: what is looked for is ASCII.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(Error::io(path, e)),
    }
}

/// The source folder that an object folder's generated Makefile or its link `source` names; None in a source folder.
fn source_of(object: &Path, makefile: &str) -> Option<PathBuf> {
    if !makefile.starts_with("# Automatically generated by ") {
        return None;
    }
    if let Some(folder) = assigned(makefile, "KERNELSRC") {
        return Some(folder.into());
    }
    let included = makefile.lines().find_map(|l| l.strip_prefix("include ")).map(|file| Path::new(file.trim()));
    let folder = included.and_then(Path::parent).map(Path::to_path_buf);
    folder.or_else(|| fs::read_link(object.join("source")).ok())
}

/// What a plain line `NAME := value` gives.
fn assigned<'a>(makefile: &'a str, name: &str) -> Option<&'a str> {
    makefile.lines().find_map(|l| l.strip_prefix(name)?.trim_start().strip_prefix(":=")).map(str::trim)
}

fn kind(source: &Path) -> Option<Kind> {
    let has = |name: &str| source.join(name).exists();
    if !has("scripts/Kbuild.include") && !has("scripts/Makefile.build") {
        return None;
    }
    Some(if has("scripts/gen_build_files.sh") && has("libbb") {
        Kind::BusyBox
    } else if has("init/Kconfig") && has("include/linux/kconfig.h") {
        Kind::Linux
    } else {
        Kind::Other
    })
}

/// ARCH and SRCARCH of the last configuration: what syncconfig noted in auto.conf.cmd, or the title of `.config`.
fn architecture(object: &Path) -> Result<(Option<String>, Option<String>)> {
    if let Some(noted) = read(&object.join("include/config/auto.conf.cmd"))? {
        let value = |name: &str| {
            let before = format!("ifneq \"$({name})\" \"");
            noted.lines().find_map(|l| l.strip_prefix(&before)?.strip_suffix('"')).map(str::to_owned)
        };
        let arch = value("ARCH");
        if arch.is_some() {
            let folder = value("SRCARCH").or_else(|| arch.as_deref().map(folder_of));
            return Ok((arch, folder));
        }
    }
    let Some(config) = read(&object.join(".config"))? else { return Ok((None, None)) };
    let title = config.lines().take(5).find_map(|l| l.strip_prefix("# Linux/"));
    let arch = title.and_then(|t| t.split_whitespace().next()).map(str::to_owned);
    let folder = arch.as_deref().map(folder_of);
    Ok((arch, folder))
}

/// The folder of an architecture, as the top Makefile maps those that share one.
fn folder_of(arch: &str) -> String {
    match arch {
        "x86_64" | "i386" => "x86",
        "sparc32" | "sparc64" => "sparc",
        "parisc64" => "parisc",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn linux(folder: &Path) {
        put(
            folder,
            "Makefile",
            "# SPDX-License-Identifier: GPL-2.0\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION = -rc1\nNAME = X\n",
        );
        for name in ["scripts/Kbuild.include", "init/Kconfig", "include/linux/kconfig.h"] {
            put(folder, name, "");
        }
    }

    #[test]
    fn a_tree_built_in_place_is_its_own_source() {
        let folder = tempfile::tempdir().unwrap();
        linux(folder.path());
        put(folder.path(), ".config", "#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86_64 6.12.7 Kernel Configuration\n#\n");
        let tree = Tree::open(folder.path()).unwrap();
        assert!(tree.in_place() && tree.kind == Kind::Linux);
        assert_eq!(tree.version.to_string(), "6.12.7-rc1");
        assert!(tree.version.at_least(6, 12) && !tree.version.at_least(6, 13) && tree.version.at_least(5, 20));
        assert_eq!((tree.arch.as_deref(), tree.source_arch.as_deref()), (Some("x86_64"), Some("x86")));
    }

    #[test]
    fn an_object_folder_leads_to_its_source_until_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (source, object) = (folder.path().join("source code"), folder.path().join("out"));
        linux(&source);
        let makefile = source.join("Makefile").display().to_string();
        put(&object, "Makefile", &format!("# Automatically generated by {makefile}: don't edit\ninclude {makefile}\n"));
        put(
            &object,
            "include/config/auto.conf.cmd",
            "ifneq \"$(ARCH)\" \"um\"\n$(autoconfig): FORCE\nendif\nifneq \"$(SRCARCH)\" \"um\"\n",
        );
        let tree = Tree::open(&object).unwrap();
        assert_eq!(tree.source, fs::canonicalize(&source).unwrap());
        assert_eq!((tree.arch.as_deref(), tree.source_arch.as_deref()), (Some("um"), Some("um")));
        assert_eq!(tree.builds_elsewhere(), None);
        for (says, elsewhere) in [(object.clone(), None), (folder.path().join("before"), Some(folder.path().join("before")))] {
            put(
                &object,
                "Makefile",
                &format!("# Automatically generated by x\nexport KBUILD_OUTPUT = {}\ninclude {makefile}\n", says.display()),
            );
            assert_eq!(tree.builds_elsewhere(), elsewhere);
        }
        fs::rename(&source, folder.path().join("elsewhere")).unwrap();
        let e = Tree::open(&object).unwrap_err();
        assert!(matches!(e, Error::SourceGone { .. }) && e.to_string().contains("moved"), "{e}");
    }

    #[test]
    fn busybox_names_both_folders_and_a_copy_of_its_object_folder_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (source, object) = (folder.path().join("src"), folder.path().join("out"));
        put(&source, "Makefile", "VERSION = 1\nPATCHLEVEL = 35\nSUBLEVEL = 0\nEXTRAVERSION =\n");
        put(&source, "scripts/Kbuild.include", "");
        put(&source, "scripts/gen_build_files.sh", "");
        put(&source, "libbb/Kbuild.src", "");
        let (s, o) = (source.display(), object.display());
        let makefile = format!(
            "# Automatically generated by {s}/scripts/mkmakefile: don't edit\n\nVERSION = 1\nPATCHLEVEL = 35\n\nKERNELSRC    := {s}\nKERNELOUTPUT := {o}\n"
        );
        put(&object, "Makefile", &makefile);
        let tree = Tree::open(&object).unwrap();
        assert_eq!((tree.kind, tree.in_place(), tree.version.to_string().as_str()), (Kind::BusyBox, false, "1.35.0"));
        put(&folder.path().join("copy"), "Makefile", &makefile);
        assert!(matches!(Tree::open(&folder.path().join("copy")), Err(Error::Moved { .. })));
    }

    #[test]
    fn what_is_no_tree_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Tree::open(folder.path()), Err(Error::NotATree(_))));
        assert!(matches!(Tree::open(&folder.path().join("nothing")), Err(Error::Io { .. })));
        put(folder.path(), "Makefile", "all:\n\techo VERSION = 7\n");
        assert!(matches!(Tree::open(folder.path()), Err(Error::NotATree(_))));
    }
}
