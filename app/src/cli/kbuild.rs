//! `bootwright kbuild`: a tree of Kbuild seen from inside.

mod fixdep;
mod impact;
mod objects;
mod reach;
mod stale;
mod tree;
mod why;

use super::args::{Common, Kbuild, KbuildCommand};
use super::{End, work};
use anyhow::Context;
use bootwright_kbuild::impact::Asking;
use bootwright_kbuild::objects::{Config, Objects};
use bootwright_kbuild::stale::Item;
use bootwright_kbuild::{Index, Kind, Tree};
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
        KbuildCommand::Reach { most } => reach::run(&tree, &index()?, *most, args.json),
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
    Ok(work(common)?.root().join("kbuild"))
}

/// How Kconfig is asked, with the answers of the shell in the work folder.
fn asking(common: &Common) -> anyhow::Result<Asking> {
    Ok(Asking::here(folder(common)?.join("probes")))
}

/// The configuration that a tree has, and its ARCH.
fn configuration(tree: &Tree) -> anyhow::Result<(Config, String)> {
    let read = |name: &str| std::fs::read_to_string(tree.object.join(name));
    let auto = read("include/config/auto.conf").ok().filter(|_| tree.kind != Kind::BusyBox);
    let config = match auto {
        Some(text) => Config::from_auto_conf(&text),
        None => {
            let text = read(".config").with_context(|| format!("{} has no configuration yet: no .config", tree.object.display()))?;
            Config::from_dot_config(&text, tree.kind != Kind::BusyBox && tree.version.at_least(5, 17))
        }
    };
    // BusyBox knows no ARCH unless it is given one.
    let arch = tree.arch.clone().unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    Ok((config, arch))
}

/// What make will build in a tree with the configuration that it has.
fn predict(tree: &Tree, goals: &[String]) -> anyhow::Result<Objects> {
    let (config, arch) = configuration(tree)?;
    let goals: Vec<&str> = goals.iter().map(String::as_str).collect();
    let objects = Objects::predict_with(&std::sync::Arc::default(), &tree.source, &arch, &config, &goals)?;
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
