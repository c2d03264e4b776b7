//! A make that a recipe starts in a tree of Kbuild: what it is asked for, and what it would find to do there.

use bootwright_kbuild::stale::stale;
use bootwright_kbuild::{Index, Tree};
use std::path::{Path, PathBuf};

/// What a make is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    pub folder: PathBuf,
    pub arch: Option<String>,
    pub goals: Vec<String>,
}

impl Asked {
    /// None: it is no make, or one that configures, installs or cleans.
    pub fn of(argv: &[String], cwd: &Path) -> Option<Self> {
        let (program, words) = argv.split_first()?;
        if Path::new(program).file_name()? != "make" {
            return None;
        }
        let (mut inside, mut output, mut arch, mut goals) = (cwd.to_path_buf(), None, None, Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.split_once('=') {
                _ if word == "-C" => inside = inside.join(words.next()?),
                Some(("O" | "KBUILD_OUTPUT", folder)) => output = Some(folder.to_owned()),
                Some(("ARCH", value)) => arch = Some(value.to_owned()),
                Some(_) => {}
                None if word.starts_with('-') => {}
                None => goals.push(word.clone()),
            }
        }
        // Configuring and installing compile next to nothing.
        let other = |g: &String| g.ends_with("config") || g.contains("install") || g.ends_with("clean") || g == "mrproper";
        if goals.iter().any(other) {
            return None;
        }
        let folder = output.map_or(inside.clone(), |folder| inside.join(folder));
        Some(Self { folder, arch, goals })
    }
}

/// What the next make would find to do in a tree that was built before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToDo {
    /// Targets that it would build.
    pub again: usize,
    /// Targets that it may build.
    pub unknown: usize,
    pub of: usize,
    /// Nothing speaks against what the numbers say.
    pub certain: bool,
}

impl ToDo {
    /// Looks at the tree in `folder`; its index is kept in `kept`. None: it is no tree of Kbuild, or nothing was built in it.
    pub fn of(folder: &Path, kept: &Path) -> Option<Self> {
        let tree = Tree::open(folder).ok()?;
        let (index, _) = Index::open(&tree, &Index::cache_file(kept, &tree)).ok()?;
        // Kconfig is not asked here: where .config waits to be taken over, make does it.
        let found = stale(&tree, &index, None);
        let again = found.stale.len() + found.come.len();
        let of = again + found.unknown.len() + found.current;
        (of > 0).then_some(Self { again, unknown: found.unknown.len(), of, certain: found.notes.is_empty() })
    }

    /// make would leave everything as it is.
    pub fn is_nothing(&self) -> bool {
        self.certain && self.again == 0 && self.unknown == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Option<(String, Option<String>, Vec<String>)> {
        let argv: Vec<String> = words.iter().map(ToString::to_string).collect();
        Asked::of(&argv, Path::new("/w")).map(|a| (a.folder.display().to_string(), a.arch, a.goals))
    }

    #[test]
    fn a_make_says_where_and_what_it_builds() {
        let kernel = asked(&["make", "-C", "/src", "O=/tree", "ARCH=x86_64", "bzImage"]);
        assert_eq!(kernel, Some(("/tree".into(), Some("x86_64".into()), vec!["bzImage".into()])));
        assert_eq!(asked(&["make", "-C", "t", "CC=/x/gcc"]), Some(("/w/t".into(), None, Vec::new())));
        assert_eq!(asked(&["make", "-C", "/src", "O=/tree", "allnoconfig"]), None);
        assert_eq!(asked(&["make", "install"]), None);
        assert_eq!(asked(&["cp", "a", "b"]), None);
    }

    #[test]
    fn where_nothing_was_built_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ToDo::of(folder.path(), folder.path()), None);
    }
}
