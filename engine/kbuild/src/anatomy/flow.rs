//! The way from objects to the image, found by following the noted commands back from the image.
//!
//! A word of a command that is a file of the object folder is an input. Where a script makes files that its command does not
//! name (the passes over the symbol names, the relocations), the folder is looked at.

use super::explain::explain;
use super::saved;
use super::stage::{Input, Stage, Step};
use crate::sizes::archive;
use crate::{Kind, Tree};
use std::collections::BTreeSet;
use std::fs;
use std::time::UNIX_EPOCH;

/// Deepest way back from the image; that of x86 is eleven files long.
const DEPTH: usize = 64;

/// The stages, each behind those it is made from.
pub fn stages(tree: &Tree, last: &[String]) -> Vec<Stage> {
    let mut flow = Flow { tree, seen: BTreeSet::new(), stages: Vec::new(), passes: passes(tree) };
    for target in last {
        flow.follow(target, 0);
    }
    flow.stages
}

/// A pass of the link over the symbol names: its number, the file it links, the object made of that.
struct Pass {
    number: u32,
    linked: Option<String>,
    names: Option<String>,
}

struct Flow<'a> {
    tree: &'a Tree,
    seen: BTreeSet<String>,
    stages: Vec<Stage>,
    passes: Vec<Pass>,
}

impl Flow<'_> {
    fn there(&self, name: &str) -> bool {
        self.tree.object.join(name).is_file()
    }

    /// Adds the stage of a file after those of its inputs. A file without a note is no stage, unless it is asked for.
    fn follow(&mut self, target: &str, depth: usize) {
        if depth > DEPTH || !self.there(target) || !self.seen.insert(target.to_owned()) {
            return;
        }
        let command = saved::command(self.tree, target);
        let words = command.as_deref().map(saved::words).unwrap_or_default();
        let own = self.passes.iter().find_map(|p| {
            if p.linked.as_deref() == Some(target) {
                Some((Step::Pass, self.linked_in_pass(p)))
            } else if p.names.as_deref() == Some(target) {
                Some((Step::Names, p.linked.iter().cloned().collect()))
            } else {
                None
            }
        });
        let (step, names) = match own {
            Some(own) => own,
            None if command.is_some() => {
                let step = Step::of(target, &words);
                (step, self.inputs(target, step, &words))
            }
            None => match target.rsplit('/').next() {
                Some(name) if name.ends_with(".relocs") => (Step::Relocations, vec!["vmlinux".to_owned()]),
                Some("busybox") => (Step::Strip, vec!["busybox_unstripped".to_owned()]),
                _ => (Step::Unknown, Vec::new()),
            },
        };
        let made_by = match (command.is_some(), step) {
            (true, _) => None,
            (false, Step::Pass | Step::Names) => Some("scripts/link-vmlinux.sh, which the link of the kernel runs".to_owned()),
            (false, Step::Relocations) => Some("the command of vmlinux, which runs the relocs program after the link".to_owned()),
            (false, Step::Strip) => Some("the top makefile, which runs strip and notes no command".to_owned()),
            (false, _) => Some("a rule that notes no command".to_owned()),
        };
        let inputs = self.grouped(step, target, names, depth);
        let written = self.written(target);
        // The relocations are taken out of vmlinux after they were read, which writes it again.
        let later = |i: &&Input| i.stage && step != Step::Relocations && self.written(&i.name) > written;
        let older_than = inputs.iter().find(later).map(|i| i.name.clone());
        let size = self.size(target);
        let explain = explain(target, step);
        self.stages.push(Stage { name: target.to_owned(), step, explain, inputs, size, written, command, made_by, older_than });
    }

    fn size(&self, name: &str) -> u64 {
        fs::metadata(self.tree.object.join(name)).map_or(0, |m| m.len())
    }

    fn written(&self, name: &str) -> Option<f64> {
        let modified = fs::metadata(self.tree.object.join(name)).ok()?.modified().ok()?;
        Some(modified.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
    }

    /// The files that a command reads.
    fn inputs(&self, target: &str, step: Step, words: &[String]) -> Vec<String> {
        if words.iter().any(|w| w.ends_with("/link-vmlinux.sh")) {
            return self.linked();
        }
        let programs = saved::programs(words);
        // `printf "init/%s " main.o version.o | xargs ar …` names the files without their folder.
        let folder = words.iter().zip(words.iter().skip(1)).find(|(w, _)| *w == "printf").and_then(|(_, f)| f.strip_suffix("%s"));
        let mut found: Vec<String> = Vec::new();
        let mut behind = "";
        for word in words {
            let option = std::mem::replace(&mut behind, word);
            let word = word.strip_prefix("if=").unwrap_or(word);
            let path = match folder {
                Some(folder) if step == Step::Archive && !self.there(word) => format!("{folder}{word}"),
                _ => word.to_owned(),
            };
            let path = path.strip_prefix("./").unwrap_or(&path);
            let no_input = path == target
                || path.starts_with(['-', '/'])
                || matches!(option, "-o" | "-T" | "-include" | "-I" | "-MF" | ">")
                || programs.contains(&word)
                || [".sh", ".lds", ".awk", ".pl", ".py"].iter().any(|end| path.ends_with(end));
            if !no_input && !found.iter().any(|f| f == path) && self.there(path) {
                found.push(path.to_owned());
            }
        }
        found
    }

    /// What the script link-vmlinux.sh links: it looks at the configuration.
    fn linked(&self) -> Vec<String> {
        let mut found = self.objects();
        let last = self.passes.iter().rev().find_map(|p| p.names.clone());
        found.extend(last);
        found
    }

    fn linked_in_pass(&self, pass: &Pass) -> Vec<String> {
        let mut found = self.objects();
        let before = self.passes.iter().rev().find(|p| p.number < pass.number);
        found.extend(before.and_then(|p| p.names.clone()));
        found
    }

    fn objects(&self) -> Vec<String> {
        let configuration = fs::read(self.tree.object.join("include/config/auto.conf")).unwrap_or_default();
        let on = |name: &str| configuration.split(|b| *b == b'\n').any(|l| l.strip_suffix(b"=y") == Some(name.as_bytes()));
        let mut found = if on("CONFIG_LTO_CLANG") || on("CONFIG_X86_KERNEL_IBT") || !self.there("vmlinux.a") {
            vec!["vmlinux.o".to_owned()]
        } else {
            let words = saved::command(self.tree, "vmlinux.o").map(|c| saved::words(&c)).unwrap_or_default();
            let libraries = words.into_iter().filter(|w| w.ends_with("lib.a"));
            std::iter::once("vmlinux.a".to_owned()).chain(libraries).collect()
        };
        found.extend([".vmlinux.export.o", "init/version-timestamp.o"].map(str::to_owned));
        found.retain(|f| self.there(f));
        found
    }

    /// Inputs as they are shown: those on the way in full, crowds of objects as a number.
    fn grouped(&mut self, step: Step, target: &str, names: Vec<String>, depth: usize) -> Vec<Input> {
        let mut found = Vec::new();
        if step == Step::Archive {
            let members = archive::members(&self.tree.object, target).unwrap_or_default();
            found.extend(self.crowd("objects", members.into_iter().map(|m| m.name).collect()));
        }
        let (mut objects, mut archives) = (Vec::new(), Vec::new());
        let way: Vec<bool> = names.iter().map(|n| self.is_on_the_way(n, step)).collect();
        // The largest first: the kernel before the small parts that are put to it.
        let mut first: Vec<&String> = names.iter().zip(&way).filter(|(_, on)| **on).map(|(n, _)| n).collect();
        first.sort_by_key(|n| std::cmp::Reverse(self.size(n)));
        for name in first {
            self.follow(name, depth + 1);
        }
        for (name, on_the_way) in names.into_iter().zip(way) {
            if on_the_way || !name.ends_with(".o") && !name.ends_with(".a") {
                let stage = self.stages.iter().any(|s| s.name == name);
                found.push(Input { count: 1, bytes: self.size(&name), stage, missing: 0, name });
            } else if name.ends_with(".o") {
                objects.push(name);
            } else {
                archives.push(name);
            }
        }
        if step != Step::Archive {
            found.extend(self.crowd("objects", objects));
        }
        found.extend(self.crowd("archives of directories", archives));
        found
    }

    /// Whether an input is worth a stage of its own.
    fn is_on_the_way(&self, name: &str, step: Step) -> bool {
        match name.rsplit('.').next() {
            Some("o") => name == "vmlinux.o" || self.passes.iter().any(|p| p.names.as_deref() == Some(name)) || self.is_of_generated(name),
            Some("a") => !name.contains('/') || step != Step::Archive && name.ends_with("lib.a") && self.tree.kind != Kind::BusyBox,
            _ => {
                let noted = self.there(&saved::note(name)) || name.ends_with(".relocs") || name.starts_with("busybox");
                noted || self.passes.iter().any(|p| p.linked.as_deref() == Some(name))
            }
        }
    }

    fn crowd(&self, title: &str, mut names: Vec<String>) -> Option<Input> {
        if names.len() == 1 {
            let name = names.pop().unwrap_or_default();
            return Some(Input { count: 1, bytes: self.size(&name), stage: false, missing: usize::from(!self.there(&name)), name });
        }
        let missing = names.iter().filter(|n| !self.there(n)).count();
        let bytes = names.iter().map(|n| self.size(n)).sum();
        (!names.is_empty()).then(|| Input { name: format!("{} {title}", names.len()), count: names.len(), bytes, stage: false, missing })
    }

    /// Whether an object is compiled from a file that the build made: piggy.o from piggy.S.
    fn is_of_generated(&self, object: &str) -> bool {
        let words = saved::command(self.tree, object).map(|c| saved::words(&c)).unwrap_or_default();
        words.iter().any(|w| (w.ends_with(".S") || w.ends_with(".c")) && !w.starts_with('/') && self.there(&saved::note(w)))
    }
}

/// The files of the passes, by number: `.tmp_vmlinux1` and `.tmp_vmlinux1.kallsyms.o` since 6.10, before
/// `.tmp_vmlinux.kallsyms1` and `.tmp_vmlinux.kallsyms1.o`.
fn passes(tree: &Tree) -> Vec<Pass> {
    let names = fs::read_dir(&tree.object).into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok());
    let mut found: Vec<Pass> = Vec::new();
    for name in names {
        let Some(rest) = name.strip_prefix(".tmp_vmlinux") else { continue };
        let rest = rest.strip_prefix(".kallsyms").unwrap_or(rest);
        let letters = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let Ok(number) = rest.get(..rest.len() - letters.len()).unwrap_or_default().parse::<u32>() else { continue };
        let linked = letters.is_empty();
        if !linked && !matches!(letters, ".kallsyms.o" | ".o") {
            continue;
        }
        let place = match found.iter().position(|p| p.number == number) {
            Some(place) => place,
            None => {
                found.push(Pass { number, linked: None, names: None });
                found.len() - 1
            }
        };
        if let Some(pass) = found.get_mut(place) {
            *(if linked { &mut pass.linked } else { &mut pass.names }) = Some(name);
        }
    }
    found.sort_by_key(|p| p.number);
    found
}
