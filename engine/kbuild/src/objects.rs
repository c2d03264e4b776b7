//! What make will build, from sources and a configuration alone: every object and archive, what collects it, and which
//! makefile line and which option brings it in. make is not run.
//!
//! The tree's own makefiles say it all, scripts/Makefile.build included: they are read with [`crate::make`], and the build
//! is followed from its goals through every make that a recipe starts (Documentation/kbuild/makefiles.rst says what
//! they are to mean). So what holds for a version of Kbuild is what that version's makefiles say.
//!
//! - [`config`]: the options; - [`world`]: the files that make would find; - [`start`]: how the first make is started;
//! - [`walk`]: following goals; [`search`]: pattern rules; [`command`]: recipes; [`link_script`]: what no makefile says;
//! - [`kind`]: what each object is for; [`why`]: which lines and options bring it in, [`off`]: or keep it out;
//! - [`change`]: two configurations;
//! - [`built`]: what a build left behind, to hold a prediction against.

pub mod built;
pub mod change;
mod command;
mod config;
mod kind;
mod link_script;
mod off;
mod search;
mod start;
#[cfg(test)]
mod tests;
mod walk;
pub mod why;
mod world;

use crate::error::{Error, Result};
use crate::make::{Library, Weight};
use crate::tree::Tree;
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

pub use change::Change;
pub use config::{Config, full};
pub use off::why_not;
pub use walk::Make;
pub use why::{Given, Line, Step};

/// What an object is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Collected by a built-in.a on the way to vmlinux (or to the BusyBox program).
    BuiltIn,
    /// Collected by a lib.a: linked only where something asks for it.
    Library,
    /// A part of a module that is made of several objects.
    ModulePart,
    /// A module before its final link.
    Module,
    /// `.mod.o`: what modpost has to say about a module.
    ModuleInfo,
    /// `.ko`
    ModuleFile,
    /// An archive, or an object that takes its place as built-in.o does in BusyBox.
    Archive,
    /// Linked into another image than vmlinux: the boot loader part, a vDSO, the real mode code.
    Image,
    /// Made while vmlinux is linked.
    Link,
    /// Compiled for what can be learnt from it (asm-offsets), or linked into nothing that is known.
    Helper,
    /// A program of the build itself, and its objects.
    Host,
    /// Anything else that a recipe makes: headers, linker scripts, images.
    Other,
}

/// A file that the build makes.
#[derive(Debug, Clone)]
pub struct Object {
    /// Relative to the object folder.
    pub path: Arc<str>,
    pub kind: Kind,
    /// The source it is made from, or the first thing that it needs.
    pub source: Option<Arc<str>>,
    /// What collects it: archives, composite objects, programs.
    pub into: Vec<Arc<str>>,
    /// Kbuild's name for the command: `cc_o_c`.
    pub command: Arc<str>,
    /// The makefile line of the rule's recipe.
    pub rule: (Arc<str>, u32),
    /// The make that makes it, in [`Objects::makes`].
    pub make: usize,
    /// What its command comes to, hashed: two predictions of one tree with the same number run the same command.
    pub print: u64,
}

impl Object {
    /// Whether it is an object file or an archive.
    pub fn is_object(&self) -> bool {
        self.path.ends_with(".o") || self.path.ends_with(".a")
    }
}

/// What a build of a configuration makes.
#[derive(Debug)]
pub struct Objects {
    /// Every file that a recipe makes, in the order in which make comes to it.
    pub all: Vec<Object>,
    /// The makes of the build; the first is the top one.
    pub makes: Vec<Make>,
    /// Files that something needs, which are not there and which no rule makes, with what needs them.
    pub missing: Vec<(Arc<str>, Arc<str>)>,
    /// What the makefiles warn of, and what could not be read.
    pub problems: Vec<Remark>,
    /// Commands that makefiles ask the shell, and that were not run; their output was taken as empty.
    pub unanswered: Vec<Remark>,
    /// Folders with a build system of their own, which the build enters: tools/.
    pub elsewhere: Vec<String>,
    /// Whether the tree is one of BusyBox's older Kbuild.
    pub older: bool,
    by_path: FxHashMap<Arc<str>, usize>,
    library: Arc<Library>,
    words: why::Words,
}

/// A remark about a line of a makefile.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Remark {
    pub file: Arc<str>,
    pub line: u32,
    pub text: String,
    /// The build would end there.
    pub fatal: bool,
}

impl Objects {
    /// What make builds for some goals (none: what it builds without one) in a tree with the configuration that it has.
    ///
    /// # Errors
    /// The tree has no configuration, or no top makefile that can be read.
    pub fn of_tree(tree: &Tree, goals: &[&str]) -> Result<Self> {
        Self::predict_with(&Arc::default(), &tree.source, tree.arch_or_host(), &Config::of_tree(tree)?, goals)
    }

    /// What `make` without goals builds in `source`, with `arch` (as `ARCH=` has it) and a configuration.
    ///
    /// # Errors
    /// `source` has no top makefile that can be read.
    pub fn predict(source: &Path, arch: &str, config: &Config) -> Result<Self> {
        Self::predict_with(&Arc::default(), source, arch, config, &[])
    }

    /// The same for goals (`bzImage`), with makefiles that were read before.
    ///
    /// # Errors
    /// `source` has no top makefile that can be read.
    pub fn predict_with(library: &Arc<Library>, source: &Path, arch: &str, config: &Config, goals: &[&str]) -> Result<Self> {
        if !source.join("Makefile").is_file() || !source.join("scripts").is_dir() {
            return Err(Error::NotATree(source.to_owned()));
        }
        let sources = world::Sources::new(library, source);
        let older = start::is_older(source);
        let walk = start::follow(library, &sources, source, arch, config, goals);
        let place = |place: crate::make::Place| (library.path(place.file), place.line);
        let remark = |at: crate::make::Place, text: &str, fatal| {
            let (file, line) = place(at);
            Remark { file, line, text: text.to_owned(), fatal }
        };
        let problems = walk.problems.iter().map(|p| remark(p.place, &p.text, p.weight == Weight::Fatal)).collect();
        let unanswered = walk.unanswered.iter().map(|(at, command)| remark(*at, command, false)).collect();
        let mut all: Vec<Object> = Vec::with_capacity(walk.made.len());
        let collectors = kind::collectors(&walk.made);
        for made in &walk.made {
            let into = collectors.get(&made.path).cloned().unwrap_or_default();
            all.push(Object {
                path: made.path.clone(),
                kind: Kind::Other,
                source: made.needs.first().filter(|_| made.by_pattern || made.needs.len() == 1).cloned(),
                into,
                command: made.command.clone(),
                rule: place(made.place),
                make: made.by,
                print: made.print,
            });
        }
        kind::sort_out(&mut all, &walk.by_path, older);
        let words = why::Words::read(&walk.makes);
        Ok(Self {
            all,
            makes: walk.makes,
            missing: walk.missing,
            problems,
            unanswered,
            elsewhere: walk.elsewhere,
            older,
            by_path: walk.by_path,
            library: library.clone(),
            words,
        })
    }

    /// A file by its path relative to the object folder.
    pub fn get(&self, path: &str) -> Option<&Object> {
        self.by_path.get(path).and_then(|&at| self.all.get(at))
    }

    /// Object files and archives, those of the build's own programs left out.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.all.iter().filter(|o| o.is_object() && o.kind != Kind::Host)
    }

    /// The objects that come from a source file, and those that it is the name of.
    pub fn of_file<'o>(&'o self, file: &'o str) -> impl Iterator<Item = &'o Object> {
        let file = file.trim_start_matches("./");
        self.all.iter().filter(move |o| &*o.path == file || o.source.as_deref() == Some(file))
    }
}
