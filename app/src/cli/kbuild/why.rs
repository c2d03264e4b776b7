//! `bootwright kbuild TREE why OBJECT`: the three kinds of dependency of an object, and what is made from it.

use super::asking;
use crate::cli::args::Common;
use crate::cli::{End, print_json, work};
use crate::kbuild::Journals;
use anyhow::Context;
use bootwright_kbuild::impact::Impacts;
use bootwright_kbuild::index::{NONE, RowId};
use bootwright_kbuild::stale::stale;
use bootwright_kbuild::{Index, Tree};
use serde_json::json;
use std::io::Write;

pub fn run(tree: &Tree, index: &Index, common: &Common, object: &str, as_json: bool) -> anyhow::Result<End> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let impacts = Impacts::new(tree, index);
    let named = impacts.files(object);
    let id: RowId = (index.find(object.as_bytes()).or_else(|| named.iter().find_map(|f| impacts.graph().maker(*f))))
        .with_context(|| format!("{object} has no .cmd file in {}; it was not built by Kbuild", tree.object.display()))?;
    let row = index.row(id).context("a target without a row")?;
    let files: Vec<String> = index.dependencies(row).filter(|d| index.option(d.file).is_none()).map(|d| text(index.file(d.file))).collect();
    let mut options: Vec<String> = index.dependencies(row).filter_map(|d| index.option(d.file)).collect();
    options.sort();
    let source = (row.source != NONE).then(|| text(index.file(row.source)));
    let mut used_by: Vec<String> = named
        .iter()
        .chain([&row.target])
        .flat_map(|f| impacts.users(*f))
        .filter_map(|u| index.row(*u as RowId))
        .map(|r| text(index.name(r)))
        .collect();
    used_by.sort();
    used_by.dedup();
    let now = stale(tree, index, Some(&asking(common)?));
    let target = text(index.name(row));
    let again = now.stale.iter().find(|i| i.target == target);
    let perhaps = now.unknown.iter().find(|i| i.target == target);
    let journals = Journals::of(&work(common)?, tree);
    let made = journals.get(&target);
    let command = text(&index.command(row));
    if as_json {
        print_json(&json!({
            "target": target, "source": source, "command": command, "files": files, "options": options, "used_by": used_by,
            "recorded": row.listed, "trouble": row.trouble.map(|t| t.words()),
            "made": made, "stale": again.map(|i| &i.why), "unknown": perhaps.map(|i| &i.why),
        }))?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{target}{}", source.map(|s| format!(", from {s}")).unwrap_or_default())?;
    match (again, perhaps) {
        (Some(i), _) => i.why.iter().try_for_each(|w| writeln!(out, "  would be built again: {w}"))?,
        (None, Some(i)) => i.why.iter().try_for_each(|w| writeln!(out, "  may be built again: {w}"))?,
        (None, None) => writeln!(out, "  up to date")?,
    }
    if let Some(made) = made {
        writeln!(out, "  {}", made.words())?;
    }
    if let Some(trouble) = row.trouble {
        writeln!(out, "  its .cmd file {}", trouble.words())?;
    }
    writeln!(out, "  command: {command}")?;
    writeln!(out, "  goes into: {}", if used_by.is_empty() { "nothing that has a .cmd file".into() } else { used_by.join(" ") })?;
    writeln!(out, "  {} options: {}", options.len(), options.join(" "))?;
    writeln!(out, "  {} files{}:", files.len(), if row.listed { "" } else { ", as its command names them" })?;
    for file in files {
        writeln!(out, "    {file}")?;
    }
    Ok(End::Done)
}
