//! Reads built trees for the window, on the desk's threads.

use super::sizes;
use crate::studio::state::built::{BuiltTree, Seen};
use bootwright_build::Work;
use bootwright_build::store::Store;
use bootwright_kbuild::anatomy::Anatomy;
use bootwright_kbuild::{Kind, Tree};
use bootwright_model::ComponentId;
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
    struct Found {
        component: ComponentId,
        key: String,
        linux: bool,
        written: SystemTime,
        path: PathBuf,
    }
    let mut found: Vec<Found> = Vec::new();
    let Ok(work) = Work::new(work) else { return Vec::new() };
    for entry in fs::read_dir(work.trees()).into_iter().flatten().flatten() {
        let Some((component, key)) = work.owner_of(&entry.path()) else { continue };
        let path = entry.path().join("tree");
        let linked = ["vmlinux", "busybox_unstripped"].into_iter().map(|name| path.join(name));
        let Some(written) = linked.filter_map(|f| fs::metadata(f).ok()?.modified().ok()).next() else { continue };
        let Ok(tree) = Tree::open(&path) else { continue };
        found.push(Found { component, key, linux: tree.kind == Kind::Linux, written, path });
    }
    let order = |f: &Found| (!f.linux, f.component.clone(), std::cmp::Reverse(f.written));
    found.sort_by_key(order);
    let store = Store::open(&work).ok();
    let name = |f: &Found| {
        if found.iter().filter(|other| other.component == f.component).count() == 1 {
            return f.component.to_string();
        }
        let projects = f.path.parent().zip(store.as_ref()).map(|(folder, store)| store.projects_of(folder, &f.component));
        match projects.filter(|p| !p.is_empty()) {
            Some(projects) => format!("{} of {}", f.component, projects.join(", ")),
            // Of a project that was changed since.
            None => format!("{} {}", f.component, f.key.get(..KEY).unwrap_or(&f.key)),
        }
    };
    found.iter().map(|f| BuiltTree { name: name(f), path: f.path.clone() }).collect()
}
