//! How many objects a first build by Kbuild will compile: the makefiles and the configuration say it before it starts.
//! An earlier run's count is better, where there is one: it was measured, and has the objects of tools/ (objtool's 22 are 4 % of a
//! tinyconfig, 1 % of a defconfig), which no makefile of Kbuild names.

use crate::make::Asked;
use bootwright_kbuild::Tree;
use bootwright_kbuild::objects::{Config, Objects};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A count that is worked out beside the build: it takes some tenths of a second.
#[derive(Clone, Default)]
pub struct Foretold {
    count: Arc<OnceLock<u64>>,
}

impl Foretold {
    /// Begins to count for a command, if that is a make which builds a tree of Kbuild.
    pub fn start(argv: &[String], cwd: &Path) -> Self {
        let foretold = Self::default();
        if let Some(asked) = Asked::of(argv, cwd) {
            let count = foretold.count.clone();
            let counting = std::thread::Builder::new().name("foretell".to_owned()).spawn(move || {
                if let Some(found) = asked.objects() {
                    let _ = count.set(found);
                }
            });
            // Without the thread there is no count, as for any other build.
            drop(counting);
        }
        foretold
    }

    /// The objects in all, once they are counted.
    pub fn total(&self) -> Option<u64> {
        self.count.get().copied()
    }
}

impl Asked {
    /// The objects whose making Kbuild says in a line that is counted (`counts` in step.rs). None: nothing is known, or some
    /// are there already, and how many make will make again is another question.
    fn objects(&self) -> Option<u64> {
        let tree = Tree::open(&self.folder).ok()?;
        let config = Config::of_dot_config(&tree).ok()?;
        let arch = self.arch.as_deref().unwrap_or_else(|| tree.arch_or_host());
        let goals: Vec<&str> = self.goals.iter().map(String::as_str).collect();
        let objects = Objects::predict_with(&Arc::default(), &tree.source, arch, &config, &goals).ok()?;
        let mut count = 0;
        for object in objects.all.iter().filter(|o| o.path.ends_with(".o")) {
            if !matches!(&*object.command, "cc_o_c" | "as_o_S" | "host-cobjs" | "link_vmlinux") {
                continue;
            }
            // The programs of the configuration are there since it was made.
            if tree.path_of(&*object.path).exists() {
                if object.command.starts_with("host") {
                    continue;
                }
                return None;
            }
            count += 1;
        }
        (count > 0).then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_tree_of_kbuild_has_no_count() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Asked::of(&["make".to_owned()], folder.path()).unwrap().objects(), None);
    }
}
