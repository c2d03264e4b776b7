//! Reads, keeps and compares the sizes of built trees, on the desk's threads.

use crate::kbuild::kept::{Kept, kept_files, new_file};
use crate::studio::state::built::BuiltTree;
use crate::studio::state::sizes::{Compared, LISTS, SizesRead};
use bootwright_build::Work;
use bootwright_kbuild::Tree;
use bootwright_kbuild::sizes::difference::compare as difference;
use bootwright_kbuild::sizes::view::{By, tree as view};
use std::path::{Path, PathBuf};

pub fn read(tree: &Tree) -> Result<SizesRead, String> {
    let kept = Kept::of(tree).map_err(|e| format!("{e:#}"))?;
    let areas = [By::Directory, By::Object, By::Option].map(|by| (by, view(&kept.sizes, by, &|name| kept.option(name))));
    Ok(SizesRead { evidence: kept.sizes.evidence, areas: areas.into() })
}

/// What was kept in the work folder.
pub fn kept(work: &Path) -> Vec<BuiltTree> {
    let Ok(work) = Work::new(work) else { return Vec::new() };
    kept_files(&work).into_iter().map(|(name, path)| BuiltTree { name, path }).collect()
}

/// The sentence says what it is called.
pub fn keep(work: &Path, tree: &Path, name: &str) -> Result<String, String> {
    let write = || -> anyhow::Result<PathBuf> {
        let file = new_file(&Work::new(work)?, name);
        Kept::open(tree)?.write(&file)?;
        Ok(file)
    };
    let file = write().map_err(|e| format!("{e:#}"))?;
    Ok(format!("The sizes are kept as {}", file.file_stem().unwrap_or_default().to_string_lossy()))
}

/// Removes what was kept, and nothing else.
pub fn forget(work: &Path, file: &Path) -> Result<(), String> {
    match kept(work).iter().any(|k| k.path == file) {
        true => std::fs::remove_file(file).map_err(|e| format!("{}: {e}", file.display())),
        false => Err(format!("{} is not among what was kept", file.display())),
    }
}

pub fn compare(before: &Path, after: &Path) -> Result<Compared, String> {
    let open = |path: &Path| Kept::open(path).map_err(|e| format!("{e:#}"));
    let (before, after) = (open(before)?, open(after)?);
    let one = |by: By| {
        let mut found = difference(&before.sizes, &after.sizes, by, [&|name| before.option(name), &|name| after.option(name)]);
        // What changed most stands first, whether it grew or shrank.
        for list in [&mut found.changes, &mut found.symbols] {
            list.sort_by_key(|c| std::cmp::Reverse(c.delta().unsigned_abs()));
        }
        (by, found)
    };
    let remarks = [&before, &after].into_iter().filter_map(|k| k.remark.clone()).collect();
    Ok(Compared { lists: LISTS.map(one).into(), remarks })
}
