//! `bootwright kbuild`: a tree of Kbuild seen from inside.

mod fixdep;
mod image;
mod impact;
mod objects;
mod reach;
mod sizes;
mod stale;
mod tree;
mod why;

use super::args::{Common, Kbuild, KbuildCommand};
use super::{End, work};
use bootwright_kbuild::impact::Asking;
use bootwright_kbuild::objects::Objects;
use bootwright_kbuild::stale::Item;
use bootwright_kbuild::{Index, Tree};
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;

pub fn run(args: &Kbuild, common: &Common) -> anyhow::Result<End> {
    let tree = Tree::open(&args.tree)?;
    let index = || index(&tree, common);
    match &args.command {
        KbuildCommand::Objects { option, file, goals, check } => {
            objects::run(&tree, option.as_deref(), file.as_deref(), goals, *check, args.json)
        }
        KbuildCommand::Tree { goals, depth } => tree::run(&tree, goals, *depth, args.json),
        KbuildCommand::Stale => stale::run(&tree, &index()?, common, args.json),
        KbuildCommand::Why { object } => why::run(&tree, &index()?, common, object, args.json),
        KbuildCommand::Impact { options, file, quick } => impact::run(&tree, &index()?, common, options, file, *quick, args.json),
        KbuildCommand::Reach { most } => reach::run(&tree, &index()?, common, *most, args.json),
        KbuildCommand::Image => image::run(&tree, args.json),
        KbuildCommand::Sizes { by, against, keep, most } => sizes::run(&tree, *by, against.as_deref(), keep.as_deref(), *most, args.json),
        KbuildCommand::Fixdep { dialect } => fixdep::run(&tree, dialect.as_deref(), args.json),
    }
}

/// The index of a tree, which is kept in the work folder.
fn index(tree: &Tree, common: &Common) -> anyhow::Result<Index> {
    let (index, update) = Index::open(tree, &Index::cache_file(&folder(common)?, tree))?;
    if let Some(why) = update.unsaved {
        eprintln!("bootwright: the index is not kept: {why}");
    }
    Ok(index)
}

/// Where indexes are kept.
fn folder(common: &Common) -> anyhow::Result<PathBuf> {
    Ok(work(common)?.kbuild())
}

/// How Kconfig is asked, with the answers of the shell in the work folder.
fn asking(common: &Common) -> anyhow::Result<Asking> {
    Ok(Asking::here(folder(common)?.join("probes")))
}

/// What make will build, with what is wrong in the makefiles said.
fn predict(tree: &Tree, goals: &[String]) -> anyhow::Result<Objects> {
    let goals: Vec<&str> = goals.iter().map(String::as_str).collect();
    let objects = Objects::of_tree(tree, &goals)?;
    for problem in objects.problems.iter().filter(|p| p.fatal) {
        eprintln!("{}:{}: {}", problem.file, problem.line, problem.text);
    }
    Ok(objects)
}

/// `TARGET: REASON; REASON`
fn items<W: Display>(out: &mut impl Write, mark: &str, items: &[Item<W>]) -> anyhow::Result<()> {
    for item in items {
        let why: Vec<String> = item.why.iter().take(3).map(ToString::to_string).collect();
        let more = item.why.len().saturating_sub(3) + item.more;
        let more = if more > 0 { format!("; {more} more reasons") } else { String::new() };
        writeln!(out, "{mark}{}: {}{more}", item.target, why.join("; "))?;
    }
    Ok(())
}
