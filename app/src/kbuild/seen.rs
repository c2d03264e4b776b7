//! The folders and objects of a tree, with how each stands, as plain data for a view.

use super::Opened;
use bootwright_kbuild::objects::{Kind as ObjectKind, Object};
use bootwright_kbuild::recursion::{MakefileKind, Recursion};
use bootwright_kbuild::stale::stale;
use bootwright_kbuild::{Kind, objects::Step};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

/// Whether the next make would build it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// It is there, and make would leave it as it is.
    UpToDate,
    /// Make would build it again.
    Stale,
    /// Nobody knows without make.
    Unknown,
    /// The makefiles name it, and it is not there.
    NotBuilt,
}

impl Standing {
    pub fn words(self) -> &'static str {
        match self {
            Self::UpToDate => "up to date",
            Self::Stale => "would be built again",
            Self::Unknown => "may be built again",
            Self::NotBuilt => "not built",
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct ObjectSeen {
    /// Below the object folder.
    pub path: String,
    pub kind: ObjectKind,
    /// The folder's number in [`Seen::folders`].
    pub folder: usize,
    /// The options that bring it in, with `CONFIG_`.
    pub options: Vec<String>,
    pub standing: Standing,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct FolderSeen {
    /// Empty for the top.
    pub path: String,
    pub from: Option<usize>,
    pub into: Vec<usize>,
    /// Its own objects, numbers in [`Seen::objects`].
    pub objects: Vec<usize>,
    /// How many there are with those of the folders below.
    pub below: usize,
    /// How many of those make would build or may build.
    pub stale: usize,
    /// Its own makefiles, those that hold for all left out.
    pub makefiles: Vec<String>,
    /// Archives, with how many parts the makefiles give each, and how many objects lie in it as built.
    pub archives: Vec<(String, usize, Option<usize>)>,
    /// Which lines lead here.
    pub why: Vec<Step>,
}

/// A tree as it is on disk at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// `Linux 6.12.117, x86_64`.
    pub title: String,
    pub object: PathBuf,
    pub source: PathBuf,
    /// The top first.
    pub folders: Vec<FolderSeen>,
    pub objects: Vec<ObjectSeen>,
    /// Objects and other targets that make would build again, by name, with why.
    pub stale: BTreeMap<String, Vec<String>>,
    /// The same where nobody knows without make.
    pub unknown: BTreeMap<String, Vec<String>>,
    /// What is not known of the tree as a whole.
    pub notes: Vec<String>,
    #[serde(skip)]
    by_path: HashMap<String, usize>,
}

impl Seen {
    /// Looks at all of a tree. Runs no make; where `.config` changed since, Kconfig is asked what that comes to.
    pub fn of(opened: &Opened) -> Self {
        let tree = &opened.tree;
        let name = match tree.kind {
            Kind::Linux => "Linux",
            Kind::BusyBox => "BusyBox",
            Kind::Other => "Kbuild tree",
        };
        let arch = tree.arch.as_ref().map(|a| format!(", {a}")).unwrap_or_default();
        let now = stale(tree, &opened.index, Some(&opened.asking));
        let mut seen = Self {
            title: format!("{name} {}{arch}", tree.version),
            object: tree.object.clone(),
            source: tree.source.clone(),
            folders: Vec::new(),
            objects: Vec::new(),
            stale: now.stale.iter().map(|i| (i.target.clone(), i.why.iter().map(ToString::to_string).collect())).collect(),
            unknown: now.unknown.iter().map(|i| (i.target.clone(), i.why.iter().map(ToString::to_string).collect())).collect(),
            notes: now.notes,
            by_path: HashMap::new(),
        };
        match &opened.objects {
            Ok(objects) => seen.fill(opened, objects),
            Err(why) => seen.notes.push(format!("the makefiles could not be read: {why}")),
        }
        seen
    }

    /// The number of an object in [`Self::objects`].
    pub fn find(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// A folder and those above it, the top last.
    pub fn up(&self, folder: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(folder), |f| self.folders.get(*f).and_then(|f| f.from))
    }

    fn fill(&mut self, opened: &Opened, objects: &bootwright_kbuild::objects::Objects) {
        let recursion = Recursion::of(objects, Some(&opened.tree.object));
        let numbers: HashMap<&str, usize> = recursion.folders.iter().enumerate().map(|(i, f)| (&*f.path, i)).collect();
        self.folders = recursion
            .folders
            .iter()
            .map(|f| FolderSeen {
                path: f.path.to_string(),
                from: f.from,
                into: f.into.clone(),
                makefiles: f.makefiles.iter().filter(|m| m.kind != MakefileKind::Common).map(|m| m.path.to_string()).collect(),
                archives: f.archives.iter().map(|a| (a.path.to_string(), a.predicted.len(), a.built.as_ref().map(Vec::len))).collect(),
                why: f.why.clone(),
                ..FolderSeen::default()
            })
            .collect();
        let of_make = |o: &Object| {
            let folder = objects.makes.get(o.make).map_or("", |m| &*m.folder);
            numbers.get(if folder == "." { "" } else { folder }).copied().unwrap_or(0)
        };
        let mut named = BTreeSet::new();
        for o in objects.objects().filter(|o| o.kind != ObjectKind::Archive) {
            if !named.insert(o.path.clone()) {
                continue;
            }
            let path = o.path.to_string();
            let standing = match () {
                () if self.stale.contains_key(&path) => Standing::Stale,
                () if self.unknown.contains_key(&path) => Standing::Unknown,
                () if opened.index.find(path.as_bytes()).is_some() => Standing::UpToDate,
                () if opened.tree.path_of(&path).exists() => Standing::Unknown,
                () => Standing::NotBuilt,
            };
            let number = self.objects.len();
            let folder = of_make(o);
            let options = objects.options_of(o).iter().map(|o| o.to_string()).collect();
            self.by_path.insert(path.clone(), number);
            self.objects.push(ObjectSeen { path, kind: o.kind, folder, options, standing });
            for up in std::iter::successors(Some(folder), |f| self.folders.get(*f).and_then(|f| f.from)).collect::<Vec<_>>() {
                if let Some(f) = self.folders.get_mut(up) {
                    f.below += 1;
                    f.stale += usize::from(standing != Standing::UpToDate);
                }
            }
            if let Some(f) = self.folders.get_mut(folder) {
                f.objects.push(number);
            }
        }
        for f in &mut self.folders {
            f.objects.sort_by(|a, b| self.objects[*a].path.cmp(&self.objects[*b].path));
        }
    }
}
