//! `bootwright kbuild`: a tree of Kbuild seen from inside.

mod objects;
mod tree;

use super::End;
use super::args::{Kbuild, KbuildCommand};
use anyhow::Context;
use bootwright_kbuild::objects::{Config, Objects};
use bootwright_kbuild::{Kind, Tree};

pub fn run(args: &Kbuild) -> anyhow::Result<End> {
    let tree = Tree::open(&args.tree)?;
    match &args.command {
        KbuildCommand::Objects { option, file, goals, check } => {
            objects::run(&tree, option.as_deref(), file.as_deref(), goals, *check, args.json)
        }
        KbuildCommand::Tree { goals, depth } => tree::run(&tree, goals, *depth, args.json),
    }
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
