//! The configuration that a tree was built with, and what `.config` says now.
//!
//! make compares times: where `.config` or a Kconfig file is newer than auto.conf it runs syncconfig first, which touches
//! `include/config/NAME` for every option whose value differs. The same comparison is made here on the text of both files.

use super::Times;
use crate::index::{Index, stat_all};
use crate::tree::{Kind, Tree};
use crate::walk::{Time, time};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// An option with two values; None is "not set".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub name: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// Where the configuration stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What the tree was built with last, or is about to be.
    pub values: BTreeMap<String, String>,
    /// What the next make takes over from `.config`.
    pub changes: Vec<Change>,
    /// Whether make asks Kconfig first.
    pub pending: bool,
    pub notes: Vec<String>,
    /// When auto.conf was written.
    pub synced: Time,
}

impl Settings {
    pub fn read(tree: &Tree) -> Self {
        let old_form = tree.kind == Kind::BusyBox;
        let auto = tree.object.join(if old_form { "include/autoconf.h" } else { "include/config/auto.conf" });
        let written = |path: &Path| fs::metadata(path).ok().map(|m| time(&m));
        let (config_time, auto_time) = (written(&tree.dot_config()), written(&auto));
        let mut settings = Self { synced: auto_time.unwrap_or(0), ..Self::default() };
        let (Some(config_time), Some(auto_time)) = (config_time, auto_time) else {
            let words = match (config_time, auto_time) {
                (None, _) => "there is no .config: make stops until one is made",
                _ => "the configuration was not taken over yet (there is no auto.conf), so every option counts as changed",
            };
            settings.notes.push(words.into());
            return settings;
        };
        let text = |path: &Path| fs::read(path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        settings.values = if old_form { header_values(&text(&auto)) } else { values(&text(&auto)) };
        if config_time > auto_time {
            let new = values(&text(&tree.dot_config()));
            settings.changes = changes(&settings.values, &new);
            settings.pending = !old_form;
        }
        if !old_form {
            settings.look_at_release(tree);
            settings.look_at_kconfig(tree, &text(&tree.object.join("include/config/auto.conf.cmd")));
        }
        settings
    }

    /// Whether the kernel's release may come out differently (scripts/setlocalversion): make works it out each time.
    fn look_at_release(&mut self, tree: &Tree) {
        let Ok(written) = fs::metadata(tree.object.join("include/config/kernel.release")).map(|m| time(&m)) else { return };
        let mut files: Vec<std::path::PathBuf> = Vec::new();
        for folder in [&tree.source, &tree.object] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            files.extend(entries.filter(|e| e.file_name().as_encoded_bytes().starts_with(b"localversion")).map(|e| e.path()));
        }
        if self.values.get("LOCALVERSION_AUTO").is_some_and(|v| v == "y") {
            files.extend(["HEAD", "index", "logs/HEAD"].map(|f| tree.source.join(".git").join(f)));
        }
        let newer = files.iter().find(|f| fs::metadata(f).is_ok_and(|m| time(&m) > written));
        if let Some(file) = newer {
            self.notes.push(format!(
                "{} is newer than the release that was worked out last; where it comes out differently, what names it is made again",
                file.display()
            ));
        }
    }

    /// Whether make would ask Kconfig again for another reason than `.config`: its files, or the tools it asked for.
    fn look_at_kconfig(&mut self, tree: &Tree, noted: &str) {
        let files = noted.lines().skip_while(|l| !l.starts_with("deps_config")).skip(1);
        let names: Vec<&[u8]> = files
            .take_while(|l| !l.trim().is_empty())
            .map(|l| l.trim().trim_end_matches('\\').trim_end().as_bytes())
            .filter(|n| !n.is_empty())
            .collect();
        // Relative names are the source's.
        let newer = names.iter().zip(stat_all(&tree.source, &names)).find(|(_, s)| s.is_none_or(|s| s.time > self.synced));
        if let Some((name, _)) = newer {
            let name = String::from_utf8_lossy(name);
            self.notes.push(format!(
                "{name} changed after the configuration was taken over: make asks Kconfig again, and what it says then is not known"
            ));
        }
        let variable = |name: &str| {
            let before = format!("ifneq \"$({name})\" \"");
            noted.lines().find_map(|l| l.strip_prefix(&before)?.strip_suffix('"')).map(str::to_owned)
        };
        if let (Some(compiler), Some(then)) = (variable("CC"), variable("CC_VERSION_TEXT")) {
            let Some(mut command) = asked_for_version(&compiler, tree) else {
                self.notes.push(format!(
                    "the tree's compiler is `{compiler}`, which is not started here; whether it is another one now is not known"
                ));
                return;
            };
            let now = version(&mut command);
            if now.as_deref() != Some(then.as_str()) {
                let now = now.unwrap_or_else(|| "nothing".into());
                self.notes
                    .push(format!("{compiler} was `{then}` and says `{now}` now: make asks Kconfig again and compiles everything anew"));
            }
        }
    }

    /// Options with a new value and when they got it: those of the files in include/config that are newer than some target.
    pub fn touched(&self, tree: &Tree, index: &Index, times: &Times) -> Vec<(String, Time)> {
        let mut found: Vec<(String, Time)> = self.changes.iter().map(|c| (c.name.clone(), super::MISSING - 1)).collect();
        let oldest = index.rows().iter().map(|r| times.of(r.target)).min().unwrap_or(0);
        if self.synced <= oldest || tree.kind == Kind::BusyBox {
            return found;
        }
        let names: Vec<Vec<u8>> = (fs::read_dir(tree.object.join("include/config")).into_iter().flatten().flatten())
            .map(|e| [b"include/config/", e.file_name().as_encoded_bytes()].concat())
            .collect();
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        // A change that is still to come is later than all that was.
        let pending: FxHashSet<&str> = self.changes.iter().map(|c| c.name.as_str()).collect();
        for (name, stamp) in names.iter().zip(stat_all(&tree.object, &names)) {
            let option = crate::index::option_of(name).filter(|o| !pending.contains(o.as_str()));
            found.extend(option.zip(stamp.map(|s| s.time).filter(|time| *time > oldest)));
        }
        found
    }
}

/// `CC --version`, where CC is nothing but a compiler: the tree's own files say what it is, and whose tree it is nobody knows. One
/// in the tree itself is not taken, nor are arguments (gcc's `-wrapper` starts any program).
fn asked_for_version(compiler: &str, tree: &Tree) -> Option<std::process::Command> {
    let words: Vec<&str> = compiler.split_whitespace().collect();
    let program = match words.as_slice() {
        [program] | ["ccache" | "distcc" | "sccache", program] => Path::new(program),
        _ => return None,
    };
    let name = program.file_name()?.to_str()?;
    // gcc-12, x86_64-linux-gnu-gcc, musl-gcc, clang-15, cc
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    let known = base.rsplit('-').next().is_some_and(|last| matches!(last, "cc" | "gcc" | "clang" | "tcc" | "icx"));
    let bare = program.as_os_str() == name;
    let elsewhere = program.is_absolute() && ![&tree.object, &tree.source].into_iter().any(|folder| program.starts_with(folder));
    if !known || !(bare || elsewhere) {
        return None;
    }
    let mut command = std::process::Command::new(program);
    command.arg("--version").env("LC_ALL", "C").stdin(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    Some(command)
}

/// The first line of what it says, as the top makefile takes it.
fn version(command: &mut std::process::Command) -> Option<String> {
    let output = command.output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

/// `CONFIG_X=value` of `.config` or auto.conf; strings without their quotes, as newer versions of auto.conf have them.
pub fn values(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("CONFIG_")?.split_once('=')?;
        Some((name.to_owned(), unquoted(value)))
    };
    text.lines().filter_map(pair).collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) else { return value.to_owned() };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// `#define CONFIG_X value` of BusyBox's autoconf.h, in the words of `.config`.
fn header_values(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("#define CONFIG_")?.split_once(' ')?;
        let value = if value == "1" { "y".to_owned() } else { unquoted(value) };
        Some((name.to_owned(), value))
    };
    text.lines().filter_map(pair).collect()
}

/// What differs; a number that says the same in hexadecimal with and without `0x` does not.
pub fn changes(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<Change> {
    let mut found = Vec::new();
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let same = |a: &str, b: &str| {
        a == b || a.strip_prefix("0x").unwrap_or(a) == b.strip_prefix("0x").unwrap_or(b) || (a, b) == ("1", "y") || (a, b) == ("y", "1")
    };
    for name in names {
        let (a, b) = (old.get(name), new.get(name));
        let differs = match (a, b) {
            (Some(a), Some(b)) => !same(a, b),
            // An empty string and none are the same to the header.
            (Some(v), None) | (None, Some(v)) => v != "n",
            (None, None) => false,
        };
        if differs {
            found.push(Change { name: name.clone(), old: a.cloned(), new: b.cloned() });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_that_names_another_program_for_its_compiler_does_not_start_it() {
        let tree = Tree {
            object: "/tree".into(),
            source: "/source".into(),
            kind: Kind::Linux,
            version: Default::default(),
            arch: None,
            source_arch: None,
        };
        let asked = |cc: &str| asked_for_version(cc, &tree).is_some();
        for cc in ["gcc", "cc", "gcc-12", "clang-15", "x86_64-linux-gnu-gcc", "x86_64-linux-gnu-gcc-12", "ccache gcc", "/usr/bin/gcc"] {
            assert!(asked(cc), "{cc}");
        }
        for cc in ["", "sh -c evil", "gcc -wrapper sh,-c,evil", "/tree/gcc", "/source/scripts/gcc", "./gcc", "evil", "ccache", "sh"] {
            assert!(!asked(cc), "{cc}");
        }
    }
}
