//! The folders that make descends into, as a tree: with which makefiles it reads each, why it goes there, and what the
//! archives of each collect.

mod archive;
#[cfg(test)]
mod tests;

use crate::objects::{Kind, Objects, Step};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

pub use archive::members;

/// What a makefile is there for (Documentation/kbuild/makefiles.rst, "Overview").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MakefileKind {
    /// The top Makefile.
    Top,
    /// arch/*/Makefile: what is particular to the architecture.
    Arch,
    /// scripts/Makefile.* and their like: rules that hold for all.
    Common,
    /// The Kbuild or Makefile of a folder: which objects.
    Folder,
}

/// A makefile that is read on the way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Makefile {
    pub path: Arc<str>,
    pub kind: MakefileKind,
}

/// An archive of a folder, and what it collects.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Archive {
    pub path: Arc<str>,
    /// What the makefiles put into it: objects, and the archives of folders below.
    pub predicted: Vec<Arc<str>>,
    /// The objects in it as it was built, paths relative to the object folder; None when it is not there.
    pub built: Option<Vec<String>>,
}

/// A folder that make descends into.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Folder {
    /// Relative to the source folder; empty for the top.
    pub path: Arc<str>,
    /// The folder that make comes from, in [`Recursion::folders`].
    pub from: Option<usize>,
    /// The folders that make goes to from here, in its order.
    pub into: Vec<usize>,
    pub makefiles: Vec<Makefile>,
    /// The lines that lead here, and the options that they ask for.
    pub why: Vec<Step>,
    pub archives: Vec<Archive>,
    /// Objects that are made here, archives not counted.
    pub objects: usize,
    /// The same with the folders below.
    pub below: usize,
}

/// The folders, the top first.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Recursion {
    pub folders: Vec<Folder>,
}

impl Recursion {
    /// The tree of a prediction. With `built`, the object folder, the archives there are read as well.
    pub fn of(objects: &Objects, built: Option<&Path>) -> Self {
        let mut folders: Vec<Folder> = Vec::new();
        let mut at_path: FxHashMap<Arc<str>, usize> = FxHashMap::default();
        // Several makes may be about one folder: `prepare` comes before the real one.
        let mut of_make: Vec<usize> = Vec::with_capacity(objects.makes.len());
        for (number, make) in objects.makes.iter().enumerate() {
            let path: Arc<str> = if &*make.folder == "." { "".into() } else { make.folder.clone() };
            let folder = *at_path.entry(path.clone()).or_insert_with(|| {
                let from = make.outer.and_then(|outer| of_make.get(outer).copied());
                let at = folders.len();
                if let Some(from) = from.and_then(|f| folders.get_mut(f)) {
                    from.into.push(at);
                }
                folders.push(Folder {
                    path,
                    from,
                    into: Vec::new(),
                    makefiles: Vec::new(),
                    why: objects.why_make(number),
                    archives: Vec::new(),
                    objects: 0,
                    below: 0,
                });
                at
            });
            of_make.push(folder);
            if let Some(folder) = folders.get_mut(folder) {
                for file in &make.files {
                    if !folder.makefiles.iter().any(|m| m.path == *file) {
                        folder.makefiles.push(Makefile { path: file.clone(), kind: kind(file) });
                    }
                }
            }
        }
        collect(objects, &of_make, &mut folders, built);
        // Folders below come later in the list than those they are entered from.
        for at in (0..folders.len()).rev() {
            let sum = folders[at].into.iter().filter_map(|&f| folders.get(f)).map(|f| f.below).sum::<usize>();
            folders[at].below = folders[at].objects + sum;
        }
        Self { folders }
    }
}

fn collect(objects: &Objects, of_make: &[usize], folders: &mut [Folder], built: Option<&Path>) {
    let mut into: FxHashMap<&str, Vec<Arc<str>>> = FxHashMap::default();
    for object in objects.all.iter().filter(|o| o.is_object()) {
        for archive in &object.into {
            into.entry(archive).or_default().push(object.path.clone());
        }
    }
    for object in objects.all.iter().filter(|o| o.is_object() && o.kind != Kind::Host) {
        let Some(folder) = of_make.get(object.make).and_then(|&at| folders.get_mut(at)) else { continue };
        if object.kind == Kind::Archive {
            let predicted = into.remove(&*object.path).unwrap_or_default();
            let built = built.and_then(|root| members(root, &object.path));
            folder.archives.push(Archive { path: object.path.clone(), predicted, built });
        } else {
            folder.objects += 1;
        }
    }
}

fn kind(path: &str) -> MakefileKind {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if path == "Makefile" {
        MakefileKind::Top
    } else if folder == "scripts" && !matches!(path, "scripts/Makefile" | "scripts/Kbuild") {
        MakefileKind::Common
    } else if path.strip_prefix("arch/").is_some_and(|rest| rest.matches('/').count() == 1 && rest.contains("/Makefile")) {
        MakefileKind::Arch
    } else {
        MakefileKind::Folder
    }
}
