//! The objects in an archive, in its order, which is the order they are linked in.
//!
//! Kbuild's archives are thin: names of files instead of their bytes, relative to the archive's folder. `ar` flattens a thin
//! archive that is put into another, so that vmlinux.a names every object itself.

use crate::{Error, Result};
use bootwright_image::source::Source;
use object::ReadCache;
use object::read::archive::ArchiveFile;
use std::path::{Component, Path, PathBuf};

/// An object of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// From the object folder of the tree, as Kbuild names it: `init/main.o`. An archive that is not thin names no folders;
    /// Kbuild makes it beside its objects.
    pub name: String,
    /// In bytes of the file.
    pub size: u64,
}

/// Lists the members of the archive at `name`, a path from the object folder.
///
/// # Errors
/// What cannot be read, and what is no archive.
pub fn members(object_folder: &Path, name: &str) -> Result<Vec<Member>> {
    let path = object_folder.join(name);
    let source = Source::open(&path).map_err(|e| Error::Other(e.to_string()))?;
    let bad = |why: String| Error::Other(format!("{}: {why}", path.display()));
    let data = ReadCache::new(source.reader());
    let archive = ArchiveFile::parse(&data).map_err(|e| bad(e.to_string()))?;
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for member in archive.members() {
        let member = member.map_err(|e| bad(e.to_string()))?;
        let own = String::from_utf8_lossy(member.name());
        found.push(Member { name: plain(&folder.join(own.as_ref())), size: member.size() });
    }
    Ok(found)
}

/// A path without `.` and with `..` taken back: `lib/../init/./main.o` is `init/main.o`.
fn plain(path: &Path) -> String {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn run(folder: &Path, program: &str, args: &[&str]) {
        assert!(Command::new(program).args(args).current_dir(folder).status().unwrap().success(), "{program} {args:?}");
    }

    #[test]
    fn a_thin_archive_names_its_objects_from_the_top_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for (file, code) in [("init/main.c", "int a;"), ("lib/b.c", "int b;"), ("lib/aa.c", "int c;")] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, code).unwrap();
            run(folder.path(), "gcc", &["-c", file, "-o", &file.replace(".c", ".o")]);
        }
        run(folder.path(), "ar", &["cDPrST", "lib/built-in.a", "lib/b.o", "lib/aa.o"]);
        run(folder.path(), "ar", &["cDPrST", "all.a", "./init/main.o", "lib/built-in.a"]);
        run(folder.path(), "ar", &["cDr", "lib/fat.a", "lib/b.o"]);
        let names = |archive: &str| members(folder.path(), archive).unwrap().into_iter().map(|m| m.name).collect::<Vec<_>>();
        assert_eq!(names("all.a"), ["init/main.o", "lib/b.o", "lib/aa.o"]);
        assert_eq!(names("lib/built-in.a"), ["lib/b.o", "lib/aa.o"]);
        assert_eq!(names("lib/fat.a"), ["lib/b.o"]);
        assert!(members(folder.path(), "init/main.c").is_err() && members(folder.path(), "none.a").is_err());
    }
}
