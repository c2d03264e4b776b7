//! `bootwright kbuild TREE stale`: what the next make would build again.

use super::{asking, items};
use crate::cli::args::Common;
use crate::cli::{End, print_json};
use bootwright_kbuild::stale::stale;
use bootwright_kbuild::{Index, Tree};
use std::io::Write;

pub fn run(tree: &Tree, index: &Index, common: &Common, as_json: bool) -> anyhow::Result<End> {
    let found = stale(tree, index, Some(&asking(common)?));
    let end = if found.is_current() { End::Done } else { End::Failed };
    if as_json {
        print_json(&found)?;
        return Ok(end);
    }
    let mut out = std::io::stdout().lock();
    items(&mut out, "", &found.stale)?;
    items(&mut out, "? ", &found.unknown)?;
    found.come.iter().try_for_each(|name| writeln!(out, "{name}: it is new"))?;
    for note in &found.notes {
        writeln!(out, "unknown: {note}")?;
    }
    let (stale, unknown) = (found.stale.len(), found.unknown.len());
    let come = found.come.len();
    writeln!(out, "{stale} would be built again, {come} are new, {unknown} may be built again, {} are up to date", found.current)?;
    Ok(end)
}
