//! fixdep for a whole built tree at once: what it would write today for every target whose list it wrote, and whether that is
//! what is there. No file is read twice, so a tree takes a fraction of what as many processes take.

use super::{Dialect, Job, Scanner, fixdep};
use crate::cmd;
use crate::tree::Tree;
use crate::walk::{as_path, cmd_file, threads, walk};
use std::fs;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// Targets with a list.
    pub targets: usize,
    /// Of these, those whose list is what fixdep says today.
    pub same: usize,
    /// Those whose list differs, or whose files cannot be read: the files changed since.
    pub different: Vec<String>,
    /// Targets that were made without this fixdep.
    pub without_list: usize,
}

/// Prints every list again from the files that it names.
pub fn check_tree(tree: &Tree, dialect: Dialect) -> Checked {
    let mut targets = walk(&tree.object, vec![Vec::new()]).targets;
    targets.sort();
    let share = targets.len().div_ceil(threads()).max(1);
    let parts: Vec<Checked> = std::thread::scope(|scope| {
        let parts: Vec<_> = targets.chunks(share).map(|part| scope.spawn(move || check(tree, dialect, part))).collect();
        parts.into_iter().filter_map(|t| t.join().ok()).collect()
    });
    parts.into_iter().fold(Checked::default(), |mut all, part| {
        all.targets += part.targets;
        all.same += part.same;
        all.without_list += part.without_list;
        all.different.extend(part.different);
        all
    })
}

fn check(tree: &Tree, dialect: Dialect, targets: &[Vec<u8>]) -> Checked {
    let mut scanner = Scanner::in_folder(&tree.object);
    let mut checked = Checked::default();
    let mut made = Vec::new();
    for target in targets {
        let Ok(text) = fs::read(tree.object.join(as_path(&cmd_file(target)))) else { continue };
        // Only the first list is fixdep's; objtool adds another.
        let mut names: Vec<&[u8]> = Vec::new();
        let mut first = true;
        let parsed = cmd::parse(&text, |body| {
            if !std::mem::take(&mut first) {
                return body.len();
            }
            let mut found = Vec::new();
            let size = cmd::lines(body, |d| {
                if !d.optional {
                    found.push(d.name);
                }
            });
            names = found;
            size
        });
        let Ok(parsed) = parsed else { continue };
        // tools/ has a fixdep of its own.
        if !parsed.has_list || parsed.target.starts_with(b"/") {
            checked.without_list += 1;
            continue;
        }
        checked.targets += 1;
        let mut depfile = [parsed.target, b":"].concat();
        for name in parsed.source.into_iter().chain(names) {
            depfile.push(b' ');
            for byte in name {
                if *byte == b'#' && dialect == Dialect::Linux {
                    depfile.push(b'\\');
                }
                depfile.push(*byte);
            }
        }
        depfile.push(b'\n');
        made.clear();
        let job = Job { dialect, depfile: &depfile, target: parsed.target, command: parsed.command };
        let same =
            fixdep(job, &mut scanner, &mut made).is_ok() && text.strip_prefix(made.as_slice()).is_some_and(|t| is_tail(t, parsed.target));
        if same {
            checked.same += 1;
        } else {
            checked.different.push(String::from_utf8_lossy(target).into_owned());
        }
    }
    checked
}

/// What objtool and genksyms add.
fn is_tail(tail: &[u8], target: &[u8]) -> bool {
    let added = |line: &[u8]| {
        line.is_empty() || line.starts_with(b"#SYMVER ") || line.strip_prefix(target).is_some_and(|l| l.starts_with(b": $(wildcard "))
    };
    tail.split(|b| *b == b'\n').all(added)
}
