//! Two builds: what came, went, grew and shrank, by symbol, object, directory and option.
//!
//! Symbols are compared as the kernel's scripts/bloat-o-meter does it, so that the sums are the same: by name, the numbers
//! that the compiler puts behind names (`.isra.0`) left out, names that the build makes up left out, sizes of one name added.

use super::Sizes;
use super::view::{self, By, Kind, Node, OptionOf};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// One thing in both builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub name: String,
    /// In bytes; None: not there.
    pub before: Option<u64>,
    pub after: Option<u64>,
    /// The option that brings it in, in the build that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
}

impl Change {
    /// In bytes; negative where it shrank or went.
    pub fn delta(&self) -> i64 {
        let bytes = |b: Option<u64>| i64::try_from(b.unwrap_or(0)).unwrap_or(i64::MAX);
        bytes(self.after).saturating_sub(bytes(self.before))
    }
}

/// Counts and sums over symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    pub added: u64,
    pub removed: u64,
    pub grown: u64,
    pub shrunk: u64,
    /// In bytes.
    pub up: u64,
    pub down: u64,
    /// In bytes: all symbols of each build.
    pub before: u64,
    pub after: u64,
}

/// What changed, largest growth first; what stayed as it was is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// In bytes: the sections of each build.
    pub before: u64,
    pub after: u64,
    /// Objects, directories or options, and what no object has; their changes add up to that of the sections.
    pub changes: Vec<Change>,
    pub symbols: Vec<Change>,
    pub sums: Sums,
}

/// Compares two builds, put together in the same way. `options` say for each what brings an object in.
pub fn compare(before: &Sizes, after: &Sizes, by: By, options: [&OptionOf; 2]) -> Difference {
    let rows = |sizes: &Sizes, option: &OptionOf| {
        let mut rows: FxHashMap<String, (u64, Option<String>)> = FxHashMap::default();
        collect(&view::tree(sizes, by, option), by, "", &mut rows);
        rows
    };
    let [old, new] = options;
    let changes = pair(rows(before, old), rows(after, new));
    let symbols = pair(named(before), named(after));
    let mut sums = Sums { before: total(before), after: total(after), ..Sums::default() };
    for change in &symbols {
        match (change.before, change.after) {
            (None, Some(bytes)) => (sums.added, sums.up) = (sums.added + 1, sums.up + bytes),
            (Some(bytes), None) => (sums.removed, sums.down) = (sums.removed + 1, sums.down + bytes),
            (Some(old), Some(new)) if new > old => (sums.grown, sums.up) = (sums.grown + 1, sums.up + new - old),
            (Some(old), Some(new)) => (sums.shrunk, sums.down) = (sums.shrunk + 1, sums.down + old - new),
            (None, None) => {}
        }
    }
    Difference { before: before.total(), after: after.total(), changes, symbols, sums }
}

/// The leaves of a view that are compared: objects, or directories that hold objects, or options, or symbols.
fn collect(node: &Node, by: By, path: &str, rows: &mut FxHashMap<String, (u64, Option<String>)>) {
    for child in &node.children {
        let name = match (by, path) {
            (By::Directory, path) if !path.is_empty() => format!("{path}/{}", child.name),
            _ => child.name.clone(),
        };
        match (by, child.kind) {
            (By::Directory, Kind::Directory | Kind::Archive) => collect(child, by, &name, rows),
            (By::Directory, Kind::Object) => {
                let folder = if path.is_empty() { "(top)" } else { path };
                rows.entry(folder.to_owned()).or_default().0 += child.bytes;
            }
            _ => {
                let row = rows.entry(name).or_default();
                row.0 += child.bytes;
                row.1 = row.1.take().or_else(|| child.option.clone());
            }
        }
    }
}

type Rows = FxHashMap<String, (u64, Option<String>)>;

fn pair(old: Rows, mut new: Rows) -> Vec<Change> {
    let mut found = Vec::new();
    for (name, (before, option)) in old {
        let now = new.remove(&name);
        if now.as_ref().is_none_or(|(after, _)| *after != before) {
            let (after, now) = now.map_or((None, None), |(after, option)| (Some(after), option));
            found.push(Change { name, before: Some(before), after, option: now.or(option) });
        }
    }
    for (name, (after, option)) in new {
        found.push(Change { name, before: None, after: Some(after), option });
    }
    found.sort_by(|a, b| b.delta().cmp(&a.delta()).then_with(|| a.name.cmp(&b.name)));
    found
}

fn named(sizes: &Sizes) -> Rows {
    let mut rows = Rows::default();
    for symbol in sizes.symbols.iter().filter(|s| s.plain && !made_up(&s.name)) {
        rows.entry(without_numbers(&symbol.name)).or_default().0 += symbol.size;
    }
    rows
}

fn total(sizes: &Sizes) -> u64 {
    sizes.symbols.iter().filter(|s| s.plain && !made_up(&s.name)).map(|s| s.size).sum()
}

/// Names that the build makes up, or whose content is new with every build.
fn made_up(name: &str) -> bool {
    ["__mod_", "__se_sys", "__se_compat_sys", "__addressable_"].iter().any(|start| name.starts_with(start))
        || matches!(name, "linux_banner" | "vermagic")
}

/// `foo.isra.0.cold` as `foo.isra.cold`.
fn without_numbers(name: &str) -> String {
    let mut parts = name.split('.');
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let letters = part.trim_start_matches(|c: char| c.is_ascii_digit());
        // A dot goes with its digits; what stands behind them stays.
        if letters.len() == part.len() {
            found.push('.');
        }
        found.push_str(letters);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_compiler_are_left_out() {
        for (name, plain) in
            [("foo", "foo"), ("foo.0", "foo"), ("foo.isra.0.cold", "foo.isra.cold"), ("a.1b.2", "ab"), ("x.", "x."), (".5", "")]
        {
            assert_eq!(without_numbers(name), plain, "{name}");
        }
    }
}
