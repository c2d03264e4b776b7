//! What a build left in its object folder, to hold a prediction against.

use super::{Kind, Objects};
use std::collections::BTreeSet;
use std::path::Path;

/// A prediction held against a built tree.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Comparison {
    /// Objects and archives that were built.
    pub built: usize,
    /// Objects and archives that were predicted.
    pub predicted: usize,
    /// Built, and not predicted; sorted.
    pub missed: Vec<String>,
    /// Predicted, and not built; sorted.
    pub invented: Vec<String>,
}

impl Comparison {
    /// How much of what was built was predicted, from 0 to 1.
    pub fn recall(&self) -> f64 {
        share(self.built - self.missed.len(), self.built)
    }

    /// How much of what was predicted was built, from 0 to 1.
    pub fn precision(&self) -> f64 {
        share(self.predicted - self.invented.len(), self.predicted)
    }

    /// Holds a prediction against the objects and archives below `folder`. The build's own programs count, too; folders
    /// with a build system of their own (tools/) do not.
    pub fn of(objects: &Objects, folder: &Path) -> Self {
        let mut built = BTreeSet::new();
        collect(folder, "", &objects.elsewhere, &mut built);
        let predicted: BTreeSet<String> = objects.all.iter().filter(|o| o.is_object()).map(|o| o.path.to_string()).collect();
        Self {
            built: built.len(),
            predicted: predicted.len(),
            missed: built.difference(&predicted).cloned().collect(),
            invented: predicted.difference(&built).cloned().collect(),
        }
    }

    /// The same for what goes into the target alone.
    pub fn of_target(objects: &Objects, folder: &Path) -> Self {
        let mut all = Self::of(objects, folder);
        let host = |path: &String| objects.get(path).is_some_and(|o| o.kind == Kind::Host);
        let count = objects.all.iter().filter(|o| o.is_object() && o.kind == Kind::Host).count();
        let absent = all.invented.iter().filter(|p| host(p)).count();
        all.invented.retain(|p| !host(p));
        all.predicted -= count;
        all.built -= count - absent;
        all
    }
}

#[allow(clippy::cast_precision_loss)] // no tree has that many objects
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn collect(root: &Path, folder: &str, elsewhere: &[String], out: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return };
    let entries: Vec<_> = entries.flatten().collect();
    // Kbuild leaves the command of what it made; a folder without one came from elsewhere, such as a copied sysroot.
    let kbuild = entries.iter().any(|e| e.file_name().to_str().is_some_and(|n| n.starts_with('.') && n.ends_with(".cmd")));
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if kind.is_dir() {
            if !elsewhere.contains(&path) {
                collect(root, &path, elsewhere, out);
            }
        } else if kbuild && kind.is_file() && (name.ends_with(".o") || name.ends_with(".a")) {
            out.insert(path);
        }
    }
}
