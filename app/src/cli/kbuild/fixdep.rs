//! `bootwright kbuild TREE fixdep`: the lists that are there, held against what fixdep would write today.

use crate::cli::{End, human_time, print_json};
use bootwright_kbuild::Tree;
use bootwright_kbuild::fixdep::{Dialect, check_tree};
use std::io::Write;

pub fn run(tree: &Tree, dialect: Option<&str>, as_json: bool) -> anyhow::Result<End> {
    let dialect = dialect.and_then(Dialect::named).unwrap_or_else(|| Dialect::of_tree(tree));
    let start = std::time::Instant::now();
    let checked = check_tree(tree, dialect);
    let end = if checked.different.is_empty() { End::Done } else { End::Failed };
    if as_json {
        print_json(&checked)?;
        return Ok(end);
    }
    let mut out = std::io::stdout().lock();
    for target in &checked.different {
        writeln!(out, "{target}: its list is another today")?;
    }
    let took = human_time(start.elapsed().as_secs_f64());
    writeln!(
        out,
        "{} of {} lists are what fixdep would write today ({took}); {} targets have none",
        checked.same, checked.targets, checked.without_list
    )?;
    Ok(end)
}
