//! `bootwright kbuild TREE reach`: the options and headers that reach most targets.

use crate::cli::{End, print_json};
use bootwright_kbuild::impact::Impacts;
use bootwright_kbuild::{Index, Tree, reach};
use std::io::Write;

pub fn run(tree: &Tree, index: &Index, most: usize, as_json: bool) -> anyhow::Result<End> {
    let mut found = reach::reach(tree, index, &Impacts::new(tree, index), &|_| None);
    found.options.truncate(most);
    found.files.truncate(most);
    if as_json {
        print_json(&found)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "options that reach targets of {} with a list, those for nothing first:", found.of)?;
    for o in &found.options {
        let place = o.comment_in.as_ref().map(|f| format!(", in a comment of {f}")).unwrap_or_default();
        let asked = if o.asked { "" } else { " (not in .config)" };
        writeln!(out, "  {:>6} {:>6} for nothing  {}{asked}{place}", o.targets, o.in_comments, o.name)?;
    }
    writeln!(out, "files that reach most targets:")?;
    for f in &found.files {
        writeln!(out, "  {:>6}  {}, {} options", f.targets, f.file, f.options)?;
    }
    Ok(End::Done)
}
