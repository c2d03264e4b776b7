//! `bootwright kbuild TREE sizes`: whose each byte of vmlinux is, and what another build has more or less.

use crate::cli::args::ByArg;
use crate::cli::{End, print_json};
use crate::kbuild::kept::Kept;
use bootwright_kbuild::Tree;
use bootwright_kbuild::sizes::Evidence;
use bootwright_kbuild::sizes::difference::{Change, Difference, compare};
use bootwright_kbuild::sizes::elf::Use;
use bootwright_kbuild::sizes::view::{By, Node, tree as view};
use serde::Serialize;
use std::io::Write;
use std::path::Path;

pub fn run(tree: &Tree, by: ByArg, against: Option<&Path>, keep: Option<&Path>, most: usize, json: bool) -> anyhow::Result<End> {
    let ByArg(by) = by;
    let kept = said(Kept::of(tree)?);
    let sizes = &kept.sizes;
    let option = |name: &str| kept.option(name);
    if let Some(file) = keep {
        kept.write(file)?;
        eprintln!("bootwright: the sizes are kept in {}", file.display());
    }
    if let Some(other) = against {
        let before = said(Kept::open(other)?);
        let found = compare(&before.sizes, sizes, by, [&|name: &str| before.option(name), &option]);
        if json {
            print_json(&found)?;
        } else {
            difference(&found, most, &mut std::io::stdout().lock())?;
        }
        return Ok(End::Done);
    }
    let whole = view(sizes, by, &option);
    if json {
        #[derive(Serialize)]
        struct Json<'a> {
            file: &'a str,
            evidence: Evidence,
            #[serde(skip_serializing_if = "Option::is_none")]
            remark: Option<&'a str>,
            /// The order of `uses`.
            uses: Vec<&'static str>,
            tree: &'a Node,
        }
        let uses = Use::ALL.into_iter().map(Use::title).collect();
        print_json(&Json { file: &sizes.file, evidence: sizes.evidence, remark: sizes.remark.as_deref(), uses, tree: &whole })?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {} bytes of memory, told by {}", sizes.file, whole.bytes, evidence(sizes.evidence))?;
    if let Some(remark) = &sizes.remark {
        writeln!(out, "{remark}")?;
    }
    write!(out, "{:>10} ", "bytes")?;
    Use::ALL.iter().try_for_each(|u| write!(out, " {:>9}", u.title()))?;
    writeln!(out)?;
    rows(&whole, by, 0, most, &mut out)?;
    Ok(End::Done)
}

/// With a word on what is not known of it.
fn said(kept: Kept) -> Kept {
    if let Some(remark) = &kept.remark {
        eprintln!("bootwright: {remark}");
    }
    kept
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Map => "the linker's map",
        Evidence::Symbols => "symbols and the tables of the objects",
    }
}

/// Levels that are shown: directories two deep, lists without what is in them.
fn rows(node: &Node, by: By, depth: usize, most: usize, out: &mut dyn Write) -> std::io::Result<()> {
    for child in node.children.iter().take(most) {
        write!(out, "{:>10} ", child.bytes)?;
        for bytes in child.uses {
            write!(out, " {:>9}", if bytes == 0 { "—".into() } else { bytes.to_string() })?;
        }
        let option = child.option.as_ref().filter(|_| by != By::Option).map(|o| format!("  CONFIG_{o}")).unwrap_or_default();
        writeln!(out, "  {:indent$}{}{option}", "", child.name, indent = depth * 2)?;
        if depth == 0 && matches!(by, By::Directory | By::Option) {
            rows(child, by, 1, most.min(8), out)?;
        }
    }
    if let Some(left) = node.children.len().checked_sub(most).filter(|n| *n > 0) {
        let bytes: u64 = node.children.iter().skip(most).map(|c| c.bytes).sum();
        writeln!(out, "{bytes:>10} {:51}{:indent$}{left} more", "", "", indent = depth * 2)?;
    }
    Ok(())
}

fn difference(found: &Difference, most: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let delta = |before: u64, after: u64| format!("{:+}", i128::from(after) - i128::from(before));
    writeln!(out, "sections: {} to {} bytes ({})", found.before, found.after, delta(found.before, found.after))?;
    changes(&found.changes, most, out)?;
    let s = found.sums;
    writeln!(out, "\nsymbols: {} to {} bytes ({})", s.before, s.after, delta(s.before, s.after))?;
    writeln!(out, "added {}, removed {}, grown {}, shrunk {}; up {}, down {} bytes", s.added, s.removed, s.grown, s.shrunk, s.up, s.down)?;
    changes(&found.symbols, most, out)
}

/// Growth from the top, shrinkage at the bottom, as far as there is room for both.
fn changes(list: &[Change], most: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let text = |bytes: Option<u64>| bytes.map_or("—".into(), |b| b.to_string());
    let left = list.len().saturating_sub(most);
    for (i, change) in list.iter().enumerate() {
        let from = most.div_ceil(2);
        if left > 0 && i >= from && i < from + left {
            if i == from {
                writeln!(out, "{:>10}  {left} more", "…")?;
            }
            continue;
        }
        let option = change.option.as_ref().filter(|o| **o != change.name).map(|o| format!("  CONFIG_{o}")).unwrap_or_default();
        writeln!(out, "{:>+10}  {:>10} {:>10}  {}{option}", change.delta(), text(change.before), text(change.after), change.name)?;
    }
    Ok(())
}
