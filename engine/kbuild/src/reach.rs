//! Which options and headers reach most of a tree, and which options reach targets for nothing.
//!
//! fixdep reads bytes: an option that stands in a comment of a header makes every target depend on it that includes the header.
//! `FOO` and `BOOGER`, from comments of include/linux/kconfig.h, are in nearly every list of a kernel.

use crate::fixdep::{self, Dialect};
use crate::impact::Impacts;
use crate::index::{FileId, Index, NONE};
use crate::tree::Tree;
use crate::walk::{as_path, threads};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// How far an option reaches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionReach {
    pub name: String,
    /// Targets that are built again when it changes.
    pub targets: usize,
    /// Those of them in whose files it stands in comments only.
    pub in_comments: usize,
    /// Whether the tree's `.config` has it, set or not. Others never change, or cannot be asked for here.
    pub asked: bool,
    /// A file that names it in a comment only, where there is one; from the source folder or the object folder.
    pub comment_in: Option<String>,
    /// Seconds of one job for all its targets, and for those that depend on it for nothing, where all were measured.
    pub seconds: Option<f64>,
    pub seconds_in_comments: Option<f64>,
}

/// How far a file reaches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileReach {
    /// From the source folder or the object folder, as far as it lies there.
    pub file: String,
    pub targets: usize,
    pub seconds: Option<f64>,
    /// Options that it names in code.
    pub options: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reach {
    /// Those that reach targets for nothing first, by what that costs.
    pub options: Vec<OptionReach>,
    /// Files by how many targets they reach.
    pub files: Vec<FileReach>,
    /// Targets with a list.
    pub of: usize,
}

/// What one file says of options.
#[derive(Clone, Debug, Default)]
struct Said {
    in_code: Vec<u32>,
    anywhere: Vec<u32>,
}

/// Looks at all files of an index. `seconds` gives what a target took in the last build; a sum is given where every target of
/// it was measured.
pub fn reach(tree: &Tree, index: &Index, impacts: &Impacts<'_>, seconds: &(dyn Fn(&str) -> Option<f64> + Sync)) -> Reach {
    let mut options: Vec<(&str, FileId)> = impacts.options().collect();
    options.sort_unstable();
    let numbers: FxHashMap<&str, u32> = options.iter().enumerate().map(|(at, (name, _))| (*name, at as u32)).collect();
    let said = all_said(tree, index, &numbers);
    let config = std::fs::read(tree.dot_config()).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let asked: FxHashSet<&str> = config.lines().filter_map(named).collect();
    let times: Vec<Option<f64>> = index.rows().iter().map(|r| seconds(&String::from_utf8_lossy(index.name(r)))).collect();
    let sum = |rows: &[u32]| rows.iter().map(|r| times.get(*r as usize).copied().flatten()).sum::<Option<f64>>();
    let mut idle: Vec<Vec<u32>> = vec![Vec::new(); options.len()];
    let mut of = 0;
    let mut in_code = vec![0_u32; options.len()];
    for (id, row) in index.rows().iter().enumerate().filter(|(id, r)| r.listed && impacts.graph().used(*id)) {
        of += 1;
        // What the target's files say in code; marked with the target's number, so that nothing is cleared in between.
        let files = index.dependencies(row).map(|d| d.file).chain((row.source != NONE).then_some(row.source));
        for option in files.filter_map(|f| said.get(f as usize)).flat_map(|s| &s.in_code) {
            if let Some(mark) = in_code.get_mut(*option as usize) {
                *mark = id as u32 + 1;
            }
        }
        for dependency in index.dependencies(row).filter(|d| d.optional) {
            let Some(number) = index.option(dependency.file).and_then(|o| numbers.get(o.as_str()).copied()) else { continue };
            if in_code.get(number as usize).is_some_and(|mark| *mark != id as u32 + 1) {
                idle.get_mut(number as usize).into_iter().for_each(|list| list.push(id as u32));
            }
        }
    }
    let mut comments: FxHashMap<u32, FileId> = FxHashMap::default();
    for (file, said) in said.iter().enumerate() {
        for option in said.anywhere.iter().filter(|o| !said.in_code.contains(o)) {
            // The one that reaches most.
            let best = comments.entry(*option).or_insert(file as FileId);
            if impacts.users(file as FileId).len() > impacts.users(*best).len() {
                *best = file as FileId;
            }
        }
    }
    // A tree that is built apart names its sources by their whole paths.
    let folders = [&tree.object, &tree.source].map(|f| format!("{}/", f.display()));
    let text = |file: FileId| {
        let name = String::from_utf8_lossy(index.file(file));
        folders.iter().find_map(|f| name.strip_prefix(f)).unwrap_or(&name).to_owned()
    };
    let mut found: Vec<OptionReach> = Vec::with_capacity(options.len());
    for (number, (name, file)) in options.iter().enumerate() {
        let users = impacts.users(*file);
        let idle = idle.get(number).map(Vec::as_slice).unwrap_or_default();
        found.push(OptionReach {
            name: (*name).to_owned(),
            targets: users.len(),
            in_comments: idle.len(),
            asked: asked.contains(name),
            comment_in: comments.get(&(number as u32)).filter(|_| !idle.is_empty()).map(|f| text(*f)),
            seconds: sum(users),
            seconds_in_comments: sum(idle),
        });
    }
    found.sort_by(|a, b| (b.asked, b.in_comments, b.targets).cmp(&(a.asked, a.in_comments, a.targets)).then_with(|| a.name.cmp(&b.name)));
    let mut files: Vec<FileReach> = (0..index.file_count() as FileId)
        .filter(|f| index.option(*f).is_none() && impacts.users(*f).len() > 1)
        .map(|f| FileReach {
            file: text(f),
            targets: impacts.users(f).len(),
            seconds: sum(impacts.users(f)),
            options: said.get(f as usize).map_or(0, |s| s.in_code.len()),
        })
        .collect();
    files.sort_by(|a, b| b.targets.cmp(&a.targets).then_with(|| a.file.cmp(&b.file)));
    Reach { options: found, files, of }
}

/// `CONFIG_X=…` or `# CONFIG_X is not set`
fn named(line: &str) -> Option<&str> {
    let set = line.strip_prefix("CONFIG_").and_then(|l| l.split_once('=')).map(|(name, _)| name);
    set.or_else(|| line.strip_prefix("# CONFIG_")?.strip_suffix(" is not set"))
}

fn all_said(tree: &Tree, index: &Index, numbers: &FxHashMap<&str, u32>) -> Vec<Said> {
    let dialect = Dialect::of_tree(tree);
    let count = index.file_count();
    let share = count.div_ceil(threads()).max(64);
    std::thread::scope(|scope| {
        let one = move |file: usize| {
            let name = index.file(file as FileId);
            let is_option = name.starts_with(b"include/config/");
            let is_code = [b".h".as_slice(), b".c", b".S", b".lds"].iter().any(|e| name.ends_with(e));
            // It names the compiler's version in a comment on purpose: so a new compiler compiles everything.
            let on_purpose = name.ends_with(b"include/linux/compiler-version.h");
            if on_purpose {
                let text = std::fs::read(tree.path_of(as_path(name))).unwrap_or_default();
                let named = options(dialect, &text, numbers);
                return Said { in_code: named.clone(), anywhere: named };
            }
            if is_option || !is_code {
                Said::default()
            } else {
                say(dialect, &std::fs::read(tree.path_of(as_path(name))).unwrap_or_default(), numbers)
            }
        };
        let parts = (0..count).step_by(share);
        let parts: Vec<_> = parts.map(|at| scope.spawn(move || (at..count.min(at + share)).map(one).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|t| t.join().unwrap_or_default()).collect()
    })
}

fn say(dialect: Dialect, text: &[u8], numbers: &FxHashMap<&str, u32>) -> Said {
    let anywhere = options(dialect, text, numbers);
    if anywhere.is_empty() {
        return Said::default();
    }
    Said { in_code: options(dialect, &without_comments(text), numbers), anywhere }
}

/// As the tree's fixdep finds them: BusyBox's code says `ENABLE_X` and `IF_X` where the kernel's says `CONFIG_X`.
fn options(dialect: Dialect, text: &[u8], numbers: &FxHashMap<&str, u32>) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    fixdep::options(dialect, text, |name| found.extend(std::str::from_utf8(name).ok().and_then(|n| numbers.get(n))));
    found.sort_unstable();
    found.dedup();
    found
}

/// C without `/* */` and `//`; what stands in quotes is kept.
fn without_comments(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'/', Some(b'*')) => {
                let end = memchr::memmem::find(after, b"*/").map_or(after.len(), |end| end + 2);
                rest = after.get(end..).unwrap_or_default();
                out.push(b' ');
            }
            (b'/', Some(b'/')) => {
                let end = memchr::memchr(b'\n', after).unwrap_or(after.len());
                rest = after.get(end..).unwrap_or_default();
            }
            // 'x', '\\', '\x41'; an apostrophe of a text has no partner so near.
            (b'\'', _) => {
                let near = after.get(..after.len().min(6)).unwrap_or_default();
                let end = near.iter().skip(1).position(|b| *b == b'\'').map_or(0, |end| end + 2);
                let end = if near.starts_with(b"\\'") { end.max(3).min(near.len()) } else { end };
                out.push(byte);
                out.extend_from_slice(near.get(..end).unwrap_or_default());
                rest = after.get(end..).unwrap_or_default();
            }
            (b'"', _) => {
                let mut escaped = false;
                let end = after.iter().position(|b| {
                    let ends = !escaped && *b == b'"' || *b == b'\n';
                    escaped = !escaped && *b == b'\\';
                    ends
                });
                let (inside, next) = after.split_at(end.map_or(after.len(), |end| end + 1));
                out.push(byte);
                out.extend_from_slice(inside);
                rest = next;
            }
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_in_a_comment_is_not_in_the_code() {
        let numbers: FxHashMap<&str, u32> = [("FOO", 0), ("BAR", 1), ("BAZ", 2)].into_iter().collect();
        let say = |text: &[u8]| say(Dialect::Linux, text, &numbers);
        let said = say(b"/* CONFIG_FOO and\n CONFIG_BAZ */ #ifdef CONFIG_BAR_MODULE // CONFIG_BAZ\n x = '\"'; // CONFIG_FOO");
        assert_eq!((said.in_code, said.anywhere), (vec![1], vec![0, 1, 2]));
        let said = say(b"it's /* CONFIG_FOO */\nchar *s = \"/* CONFIG_BAR */\"; IS_ENABLED(CONFIG_BAZ)");
        assert_eq!(said.in_code, vec![1, 2], "an apostrophe begins no text");
        let said = super::say(Dialect::BusyBox, b"if (ENABLE_FOO) IF_NOT_BAR(x) /* ENABLE_BAZ */", &numbers);
        assert_eq!((said.in_code, said.anywhere), (vec![0, 1], vec![0, 1, 2]), "BusyBox has words of its own for it");
    }

    proptest::proptest! {
        #[test]
        fn comments_are_taken_out_of_any_bytes(text in "[/*\"'\\\\\na-z]{0,40}") {
            assert!(without_comments(text.as_bytes()).len() <= text.len() + 1);
        }
    }
}
