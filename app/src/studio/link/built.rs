//! Reads built trees for the window, on the desk's threads.

use super::sizes;
use crate::studio::state::built::{BuiltTree, Seen};
use bootwright_build::Work;
use bootwright_kbuild::anatomy::Anatomy;
use bootwright_kbuild::{Kind, Tree};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// Letters of a key that tell trees of one component apart.
const KEY: usize = 6;

pub fn look(work: &Path, path: Option<PathBuf>) -> Seen {
    let trees = trees(work);
    let chosen = trees.iter().position(|t| Some(&t.path) == path.as_ref()).or(if trees.is_empty() { None } else { Some(0) });
    let none = || "Nothing that Kbuild builds is in the work folder yet: build the kernel or BusyBox first.".to_owned();
    let opened = match chosen.and_then(|c| trees.get(c)) {
        Some(tree) => Tree::open(&tree.path).map_err(|e| e.to_string()),
        None => Err(none()),
    };
    let anatomy = opened.as_ref().map_err(Clone::clone).and_then(|t| Anatomy::read(t).map(Arc::new).map_err(|e| e.to_string()));
    let sizes = opened.and_then(|t| sizes::read(&t).map(Arc::new));
    Seen { trees, chosen, anatomy, sizes, kept: sizes::kept(work) }
}

/// Kernels first, the newest of each component before the older ones.
fn trees(work: &Path) -> Vec<BuiltTree> {
    let mut found: Vec<(bool, String, std::cmp::Reverse<SystemTime>, String, PathBuf)> = Vec::new();
    let Ok(work) = Work::new(work) else { return Vec::new() };
    for entry in fs::read_dir(work.trees()).into_iter().flatten().flatten() {
        let Some((component, key)) = work.owner_of(&entry.path()) else { continue };
        let path = entry.path().join("tree");
        let linked = ["vmlinux", "busybox_unstripped"].into_iter().map(|name| path.join(name));
        let Some(written) = linked.filter_map(|f| fs::metadata(f).ok()?.modified().ok()).next() else { continue };
        let Ok(tree) = Tree::open(&path) else { continue };
        let short = key.get(..KEY.min(key.len())).unwrap_or(&key).to_owned();
        found.push((tree.kind != Kind::Linux, component.to_string(), std::cmp::Reverse(written), short, path));
    }
    found.sort();
    let several = |component: &str| found.iter().filter(|f| f.1 == component).count() > 1;
    let name = |component: &str, key: &str| if several(component) { format!("{component} {key}") } else { component.to_owned() };
    found.iter().map(|(_, component, _, key, path)| BuiltTree { name: name(component, key), path: path.clone() }).collect()
}
