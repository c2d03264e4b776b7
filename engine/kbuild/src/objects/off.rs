//! Why a file is not built: the lines that name it, and the folders on the way to it, with options that are off.
//!
//! The makefiles of folders that make does not enter are read by themselves for this, with the configuration as it is.

use super::config::Config;
use super::walk::is_the_trees_own;
use super::why::{Given, Line, Step};
use super::world::Sources;
use crate::make::{Contribution, Evaluator, Layer, Library, Origin, Scope, Variable, World};
use std::path::Path;
use std::sync::Arc;

/// Folders nest no deeper.
const DEEPEST: usize = 40;

/// The steps from a source file or object up to the top: each with the lines that name it. A step without lines is one that
/// no makefile names as things are (a condition around the line may not hold).
pub fn why_not(library: &Arc<Library>, source: &Path, arch: &str, config: &Config, file: &str) -> Vec<Step> {
    let sources = Sources::new(library, source);
    let layer: Layer = config.iter().map(|(name, value)| (library.name(name), Variable::simple(value, Origin::File))).collect();
    let mut looker = Looker { library, sources: &sources, arch, config: Arc::new(layer) };
    let file = file.trim_start_matches("./");
    let mut steps = Vec::new();
    let mut what = match file.rsplit_once('.') {
        Some((stem, "c" | "S" | "rs" | "y" | "l" | "o")) => format!("{stem}.o"),
        _ => file.to_owned(),
    };
    while steps.len() < DEEPEST {
        let Some((folder, lines, part_of)) = looker.naming(&what) else { break };
        steps.push(Step { what: what.clone(), lines });
        match part_of {
            Some(next) if next != what => what = next,
            _ if folder.is_empty() => break,
            _ => what = format!("{folder}/"),
        }
    }
    steps
}

struct Looker<'l> {
    library: &'l Library,
    sources: &'l Sources,
    arch: &'l str,
    config: Arc<Layer>,
}

impl Looker<'_> {
    /// The folder whose makefile should name a path, the lines that do, and the composite object that it is part of.
    fn naming(&mut self, path: &str) -> Option<(String, Vec<Line>, Option<String>)> {
        let inside = path.trim_end_matches('/');
        let mut folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
        // `obj-y += vdso32/note.o`: the makefile may be further up.
        loop {
            let name = path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'));
            let makefile = self.makefile(folder);
            if let Some(makefile) = makefile {
                let (lines, part_of) = self.look(&makefile, folder, name);
                if !lines.is_empty() || folder.is_empty() {
                    let part_of = part_of.map(|p| if folder.is_empty() { p } else { format!("{folder}/{p}") });
                    return Some((folder.to_owned(), lines, part_of));
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    fn makefile(&self, folder: &str) -> Option<String> {
        let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        [at("Kbuild"), at("Makefile")].into_iter().find(|path| self.sources.exists(path))
    }

    fn look(&mut self, makefile: &str, folder: &str, name: &str) -> (Vec<Line>, Option<String>) {
        let mut scope = Scope::default();
        let here = self.sources.folder();
        let folder = if folder.is_empty() { "." } else { folder };
        let source_arch = if matches!(self.arch, "x86_64" | "i386") { "x86" } else { self.arch };
        for (variable, value) in [
            ("obj", folder),
            ("src", folder),
            ("srctree", "."),
            ("objtree", "."),
            ("CURDIR", &here),
            ("ARCH", self.arch),
            ("SRCARCH", source_arch),
            ("sub_make_done", "1"),
            ("MAKEFLAGS", "rR --no-print-directory"),
        ] {
            scope.own.insert(self.library.name(variable), Variable::simple(value, Origin::File));
        }
        // Kbuild empties these before it reads a folder's makefile, which makes `+=` expand at once.
        for list in ["obj-y", "obj-m", "lib-y", "lib-m", "always-y", "extra-y", "subdir-y", "subdir-m", "targets"] {
            scope.own.insert(self.library.name(list), Variable::simple("", Origin::File));
        }
        scope.config = Some(self.config.clone());
        let mut make = Evaluator::new(self.library, self.sources, scope);
        make.config = Some(self.config.clone());
        make.config_paths = &["include/config/auto.conf", ".config"];
        make.keeps = is_the_trees_own;
        make.read(makefile);
        make.finish_log();
        let full = if folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
        let bare = name.trim_end_matches('/');
        let names = |entry: &&Contribution| {
            let subdir = self.library.text(entry.variable).starts_with("subdir-");
            entry.value.split_ascii_whitespace().any(|w| w == name || w == full || subdir && w == bare)
        };
        let mut lines = Vec::new();
        let mut part_of = None;
        for entry in make.log.iter().filter(names) {
            let variable = self.library.text(entry.variable);
            if matches!(&*variable, "targets" | "PHONY") {
                continue;
            }
            if let Some((stem, _)) = variable.rsplit_once('-')
                && !matches!(stem, "obj" | "lib" | "subdir" | "core" | "drivers" | "libs" | "always" | "extra")
                && make.log.iter().any(|e| e.value.split_ascii_whitespace().any(|w| w.strip_suffix(".o") == Some(stem)))
            {
                part_of = Some(format!("{stem}.o"));
            }
            let text = |options: &[crate::make::NameId]| options.iter().map(|&o| self.library.text(o)).collect();
            let mut conditions = Vec::new();
            let mut next = entry.guard;
            while let Some(guard) = next.and_then(|at| make.guards.get(at as usize)) {
                conditions.push(Given {
                    file: self.library.path(guard.place.file),
                    line: guard.place.line,
                    options: text(&guard.options),
                    otherwise: guard.otherwise,
                });
                next = guard.outer;
            }
            let file = self.library.path(entry.place.file);
            lines.push(Line { file, line: entry.place.line, variable, options: text(&entry.options), conditions });
        }
        (lines, part_of)
    }
}
