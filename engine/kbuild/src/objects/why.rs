//! Which lines of which makefiles, and which options, bring an object in: from the object up to the top makefile.

use super::{Make, Object, Objects};
use crate::make::{Contribution, Place};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A line that names something.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Line {
    pub file: Arc<str>,
    pub line: u32,
    /// The variable after expansion: `obj-y`.
    pub variable: Arc<str>,
    /// The options that the line asks for, with `CONFIG_`.
    pub options: Vec<Arc<str>>,
    /// The conditions around it that ask for options, the innermost first.
    pub conditions: Vec<Given>,
}

/// A condition around a line.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Given {
    pub file: Arc<str>,
    pub line: u32,
    pub options: Vec<Arc<str>>,
    /// It is the other branch, or asks whether something is not so.
    pub otherwise: bool,
}

/// One step on the way up: the object, the composite object it is part of, each folder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    /// The path of what is named.
    pub what: String,
    /// The lines that name it; with more than one, each would do.
    pub lines: Vec<Line>,
}

/// For each make, the words that its makefiles assign, and by which assignments.
#[derive(Debug, Default)]
pub struct Words {
    makes: Vec<FxHashMap<String, Vec<u32>>>,
}

impl Words {
    pub(super) fn read(makes: &[Make]) -> Self {
        let one = |make: &Make| {
            let mut words: FxHashMap<String, Vec<u32>> = FxHashMap::default();
            for (at, entry) in make.log.iter().enumerate() {
                for word in entry.value.split_ascii_whitespace().filter(|w| names_something(w)) {
                    words.entry(word.to_owned()).or_default().push(u32::try_from(at).unwrap_or(u32::MAX));
                }
            }
            words
        };
        Self { makes: makes.iter().map(one).collect() }
    }
}

/// Objects, archives and folders; flags and prose are not looked for.
fn names_something(word: &str) -> bool {
    !word.starts_with('-')
        && (word.ends_with('/') || word.contains('.') || word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/')))
}

impl Objects {
    /// Why an object is built: each step from itself up to the top makefile.
    pub fn why(&self, object: &Object) -> Vec<Step> {
        let mut steps = Vec::new();
        let folder = self.makes.get(object.make).map_or("", |m| &m.folder);
        // No line names a folder's archives: they are there since the folder is.
        if object.kind == super::Kind::Archive {
            self.folders(object.make, &mut steps);
            return steps;
        }
        // A module's own files are there since the module is.
        let module = object.path.strip_suffix(".mod.o").or_else(|| object.path.strip_suffix(".ko"));
        if let Some(module) = module.and_then(|stem| self.get(&format!("{stem}.o"))) {
            return self.why(module);
        }
        let mut name = relative(folder, &object.path).to_owned();
        let mut seen = Vec::new();
        // The object, then what it is part of: `ext4.o` for what `ext4-y` names.
        loop {
            let found = self.naming(object.make, &name, &object.path);
            let part_of = found.iter().find_map(|entry| self.composite(object.make, entry));
            steps.push(Step { what: join(folder, &name), lines: self.lines(object.make, &found) });
            seen.push(name);
            match part_of.filter(|p| !seen.contains(p)) {
                Some(next) if seen.len() < 8 => name = next,
                _ => break,
            }
        }
        if let Some(first) = steps.first_mut().filter(|s| s.lines.is_empty()) {
            let (file, line) = object.rule.clone();
            first.lines.push(Line { file, line, variable: "".into(), options: Vec::new(), conditions: Vec::new() });
        }
        self.folders(object.make, &mut steps);
        steps
    }

    /// Why a make is started: the steps from its folder up.
    pub fn why_make(&self, make: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        self.folders(make, &mut steps);
        steps
    }

    fn folders(&self, make: usize, steps: &mut Vec<Step>) {
        let mut at = make;
        let mut count = 0;
        while let Some(outer) = self.makes.get(at).and_then(|m| m.outer) {
            let folder = &self.makes[at].folder;
            count += 1;
            if count > 100 {
                return;
            }
            if !matches!(&**folder, "" | ".") && self.makes[outer].folder != *folder {
                let mut lines = Vec::new();
                let mut above = Some(outer);
                // The folder's name may have come from a makefile further up, in a variable.
                while let Some(make) = above {
                    let own = &self.makes[make].folder;
                    let name = format!("{}/", relative(own, folder));
                    let found = self.naming(make, &name, &format!("{folder}/"));
                    let found = if found.is_empty() { self.naming(make, name.trim_end_matches('/'), folder) } else { found };
                    lines.extend(self.lines(make, &found));
                    if found.iter().any(|entry| entry.written.says(&name)) {
                        break;
                    }
                    above = self.makes[make].outer;
                }
                if lines.is_empty()
                    && let Some(place) = self.makes[at].called
                    && !matches!(&*self.library.path(place.file), "scripts/Makefile.build")
                {
                    lines.push(self.at(place));
                }
                steps.push(Step { what: format!("{folder}/"), lines });
            }
            at = outer;
        }
    }

    /// The assignments of a make that put a name into a variable that counts.
    fn naming(&self, make: usize, name: &str, path: &str) -> Vec<&Contribution> {
        let (Some(words), Some(known)) = (self.words.makes.get(make), self.makes.get(make)) else { return Vec::new() };
        let find = |word: &str| words.get(word).map_or(&[][..], |list| list);
        let mut at: Vec<u32> = find(name).to_vec();
        at.extend(find(path));
        let mut entries = self.counting(known, &at);
        if !entries.iter().any(|e| e.written.says(name) || e.written.says(path))
            && let Some(other) = before_renaming(name)
        {
            entries.extend(self.counting(known, find(&other)));
        }
        // What only passes a list on is of no interest beside the line that names the object, unless it asks for an option.
        let named = |e: &&Contribution| e.written.says(name) || e.written.says(path);
        if entries.iter().any(&named) {
            entries.retain(|e| named(e) || !e.options.is_empty());
        }
        let lists = |e: &&Contribution| !matches!(&*self.library.text(e.variable), "targets" | "PHONY" | "clean-files");
        if entries.iter().any(&lists) {
            entries.retain(|e| lists(e));
        }
        entries
    }

    fn counting<'m>(&self, make: &'m Make, at: &[u32]) -> Vec<&'m Contribution> {
        let mut entries: Vec<&Contribution> = at.iter().filter_map(|&at| make.log.get(at as usize)).collect();
        entries.retain(|entry| {
            let variable = self.library.text(entry.variable);
            // `obj-$(CONFIG_X)` with X off
            !(variable.ends_with('-') || variable.ends_with("-n"))
        });
        entries
    }

    /// `ext4.o` for an assignment to `ext4-y`, if something names that.
    fn composite(&self, make: usize, entry: &Contribution) -> Option<String> {
        let variable = self.library.text(entry.variable);
        let stem = ["-y", "-objs", "-m"].iter().find_map(|end| variable.strip_suffix(end))?;
        let name = format!("{stem}.o");
        let known = self.words.makes.get(make)?.contains_key(&name);
        (known && !matches!(stem, "obj" | "lib")).then_some(name)
    }

    fn lines(&self, make: usize, entries: &[&Contribution]) -> Vec<Line> {
        let mut out: Vec<Line> = Vec::new();
        for entry in entries {
            let line = Line {
                variable: self.library.text(entry.variable),
                options: entry.options.iter().map(|&o| self.library.text(o)).collect(),
                conditions: self.conditions(make, entry),
                ..self.at(entry.place)
            };
            if !out.contains(&line) {
                out.push(line);
            }
        }
        out
    }

    fn at(&self, place: Place) -> Line {
        Line { file: self.library.path(place.file), line: place.line, variable: "".into(), options: Vec::new(), conditions: Vec::new() }
    }

    fn conditions(&self, make: usize, entry: &Contribution) -> Vec<Given> {
        let mut out = Vec::new();
        let mut next = entry.guard;
        while let Some(guard) = next.and_then(|at| self.makes.get(make)?.guards.get(at as usize)) {
            out.push(Given {
                file: self.library.path(guard.place.file),
                line: guard.place.line,
                options: guard.options.iter().map(|&o| self.library.text(o)).collect(),
                otherwise: guard.otherwise,
            });
            next = guard.outer;
        }
        out
    }

    /// The options that an object hangs on, in the order of the steps; conditions count, too.
    pub fn options_of(&self, object: &Object) -> Vec<Arc<str>> {
        let mut out: Vec<Arc<str>> = Vec::new();
        for step in self.why(object) {
            for line in step.lines {
                let given = line.conditions.into_iter().flat_map(|g| g.options);
                for option in line.options.into_iter().chain(given) {
                    if !out.contains(&option) {
                        out.push(option);
                    }
                }
            }
        }
        out
    }

    /// The objects that hang on an option, given with or without `CONFIG_`.
    pub fn of_option(&self, option: &str) -> Vec<&Object> {
        let option = super::full(option);
        // An option is asked for by few makes; the objects below them are the only ones to look at.
        self.objects().filter(|object| self.options_of(object).iter().any(|o| **o == *option)).collect()
    }

    /// Names on lines that ask for an option and now lead nowhere, since it is off: folder, name, line.
    pub fn off_by(&self, option: &str) -> Vec<(String, Line)> {
        let option = super::full(option);
        let mut out = Vec::new();
        for (at, make) in self.makes.iter().enumerate() {
            for entry in &make.log {
                let asks = entry.options.iter().any(|&o| *self.library.text(o) == *option);
                let variable = self.library.text(entry.variable);
                if asks && (variable.ends_with('-') || variable.ends_with("-n")) {
                    let line = self.lines(at, &[entry]);
                    for word in entry.value.split_ascii_whitespace().filter(|w| names_something(w)) {
                        out.extend(line.iter().map(|l| (join(&make.folder, word), l.clone())));
                    }
                }
            }
        }
        out.sort_by(|a, b| (&a.0, a.1.line).cmp(&(&b.0, b.1.line)));
        out.dedup();
        out
    }
}

/// A path as seen from a folder.
fn relative<'p>(folder: &str, path: &'p str) -> &'p str {
    match path.strip_prefix(folder) {
        Some(rest) if !folder.is_empty() => rest.strip_prefix('/').unwrap_or(path),
        _ => path,
    }
}

fn join(folder: &str, name: &str) -> String {
    match folder {
        "" | "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// `x.o` for `x.stub.o`: makefiles rename objects that get other treatment than the rest.
fn before_renaming(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".o")?;
    let (stem, ending) = stem.rsplit_once('.')?;
    (!ending.contains('/')).then(|| format!("{stem}.o"))
}
