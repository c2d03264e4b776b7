//! `bootwright kbuild TREE reach`: the options and headers that reach most targets.

use crate::cli::args::Common;
use crate::cli::{End, human_time, print_json, work};
use crate::kbuild::Journals;
use bootwright_kbuild::impact::Impacts;
use bootwright_kbuild::{Index, Tree, reach};
use std::io::Write;

pub fn run(tree: &Tree, index: &Index, common: &Common, most: usize, as_json: bool) -> anyhow::Result<End> {
    let journals = Journals::of(&work(common)?, tree);
    let mut found = reach::reach(tree, index, &Impacts::new(tree, index), &|target| journals.seconds(target));
    found.options.truncate(most);
    found.files.truncate(most);
    if as_json {
        print_json(&found)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    let time = |seconds: Option<f64>| seconds.map_or("—".into(), human_time);
    writeln!(out, "options that reach targets of {} with a list, those for nothing first, with the time these take one job:", found.of)?;
    for o in &found.options {
        let place = o.comment_in.as_ref().map(|f| format!(", in a comment of {f}")).unwrap_or_default();
        let asked = if o.asked { "" } else { " (not in .config)" };
        writeln!(out, "  {:>6} {:>6} for nothing {:>9}  {}{asked}{place}", o.targets, o.in_comments, time(o.seconds_in_comments), o.name)?;
    }
    writeln!(out, "files that reach most targets:")?;
    for f in &found.files {
        writeln!(out, "  {:>6} {:>9}  {}, {} options", f.targets, time(f.seconds), f.file, f.options)?;
    }
    Ok(End::Done)
}
