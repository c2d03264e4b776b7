//! `bootwright kbuild TREE objects`: what make will build, and which lines and options bring it in.

use super::super::{End, print_json};
use super::predict;
use bootwright_kbuild::Tree;
use bootwright_kbuild::objects::built::Comparison;
use bootwright_kbuild::objects::{Config, Kind, Line, Object, Objects, Step, full, why_not};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

pub fn run(tree: &Tree, option: Option<&str>, file: Option<&str>, goals: &[String], check: bool, as_json: bool) -> anyhow::Result<End> {
    let objects = predict(tree, goals)?;
    match (option, file) {
        (Some(option), _) => of_option(&objects, option, as_json),
        (None, Some(file)) => of_file(tree, &objects, file, as_json),
        (None, None) if check => compare(tree, &objects, as_json),
        (None, None) => all(&objects, as_json),
    }
}

fn all(objects: &Objects, as_json: bool) -> anyhow::Result<End> {
    if as_json {
        let list: Vec<Value> = objects.all.iter().filter(|o| o.is_object()).map(|o| whole(objects, o)).collect();
        print_json(&json!({"objects": list, "missing": objects.missing, "problems": objects.problems, "elsewhere": objects.elsewhere}))?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for object in objects.objects() {
        let options = objects.options_of(object);
        let options: Vec<&str> = options.iter().map(|o| o.trim_start_matches("CONFIG_")).collect();
        writeln!(out, "{:<12} {}{}", word(object.kind), object.path, brackets(&options))?;
        *counts.entry(object.kind).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{} {count}", word(*kind))).collect();
    writeln!(out, "{total} in all: {}", counts.join(", "))?;
    Ok(End::Done)
}

/// Which files does this option build.
fn of_option(objects: &Objects, option: &str, as_json: bool) -> anyhow::Result<End> {
    let found = objects.of_option(option);
    let off = objects.off_by(option);
    if as_json {
        let list: Vec<Value> = found.iter().map(|o| whole(objects, o)).collect();
        let off: Vec<Value> = off.iter().map(|(name, line)| json!({"name": name, "line": line})).collect();
        print_json(&json!({"option": option, "objects": list, "off": off}))?;
    } else {
        let mut out = std::io::stdout().lock();
        for object in &found {
            writeln!(out, "{:<12} {}", word(object.kind), object.path)?;
        }
        for (name, line) in &off {
            writeln!(out, "off          {name}  {}:{}", line.file, line.line)?;
        }
        let named = full(option);
        match (found.len(), off.len()) {
            (0, 0) => writeln!(out, "no makefile that is read asks for {named} in naming an object")?,
            (0, _) => writeln!(out, "{named} is off; the lines above would bring in what they name")?,
            (1, _) => writeln!(out, "one object hangs on {named}")?,
            (count, _) => writeln!(out, "{count} objects hang on {named}")?,
        }
    }
    Ok(if found.is_empty() && off.is_empty() { End::Failed } else { End::Done })
}

/// Which option builds this file.
fn of_file(tree: &Tree, objects: &Objects, file: &str, as_json: bool) -> anyhow::Result<End> {
    let found: Vec<&Object> = objects.of_file(file).collect();
    let kept_out = if found.is_empty() {
        why_not(&std::sync::Arc::default(), &tree.source, tree.arch_or_host(), &Config::of_tree(tree)?, file)
    } else {
        Vec::new()
    };
    if as_json {
        let list: Vec<Value> = found.iter().map(|o| whole(objects, o)).collect();
        print_json(&json!({"file": file, "objects": list, "kept_out": kept_out}))?;
        return Ok(if found.is_empty() { End::Failed } else { End::Done });
    }
    let mut out = std::io::stdout().lock();
    if found.is_empty() {
        let named = kept_out.first().is_some_and(|s| !s.lines.is_empty());
        let word = if named { "; what names it:" } else { ", and no makefile that was read names it" };
        writeln!(out, "{file} is not built with this configuration{word}")?;
        if named {
            kept_out.iter().try_for_each(|step| steps(step, &mut out))?;
        }
        return Ok(End::Failed);
    }
    for object in found {
        let from = object.source.as_ref().map(|s| format!(" from {s}")).unwrap_or_default();
        writeln!(out, "{}{from}: {}", object.path, word(object.kind))?;
        if !object.into.is_empty() {
            writeln!(out, "  goes into {}", object.into.join(", "))?;
        }
        for step in objects.why(object) {
            steps(&step, &mut out)?;
        }
    }
    Ok(End::Done)
}

/// The prediction against what a build left.
fn compare(tree: &Tree, objects: &Objects, as_json: bool) -> anyhow::Result<End> {
    let all = Comparison::of(objects, &tree.object);
    let target = Comparison::of_target(objects, &tree.object);
    anyhow::ensure!(all.built > 0, "nothing is built in {} yet", tree.object.display());
    if as_json {
        let measure =
            |c: &Comparison| json!({"built": c.built, "predicted": c.predicted, "recall": c.recall(), "precision": c.precision()});
        print_json(&json!({"all": measure(&all), "target": measure(&target), "missed": all.missed, "invented": all.invented}))?;
    } else {
        let mut out = std::io::stdout().lock();
        all.missed.iter().try_for_each(|p| writeln!(out, "built, not predicted: {p}"))?;
        all.invented.iter().try_for_each(|p| writeln!(out, "predicted, not built: {p}"))?;
        for (name, c) in [("all objects", &all), ("of the target", &target)] {
            let (recall, precision) = (c.recall() * 100.0, c.precision() * 100.0);
            writeln!(out, "{name}: {} built, {} predicted, recall {recall:.2} %, precision {precision:.2} %", c.built, c.predicted)?;
        }
    }
    Ok(if all.missed.is_empty() && all.invented.is_empty() { End::Done } else { End::Failed })
}

fn whole(objects: &Objects, object: &Object) -> Value {
    json!({
        "path": object.path, "kind": object.kind, "source": object.source, "into": object.into, "command": object.command,
        "rule": {"file": object.rule.0, "line": object.rule.1}, "options": objects.options_of(object), "why": objects.why(object),
    })
}

/// One step of an answer to why something is built.
pub fn steps(step: &Step, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "  {}", step.what)?;
    step.lines.iter().try_for_each(|line| writeln!(out, "    {}", text(line)))
}

fn text(line: &Line) -> String {
    let mut text = format!("{}:{}", line.file, line.line);
    if !line.variable.is_empty() {
        text.push_str(&format!(" {}", line.variable));
    }
    if !line.options.is_empty() {
        text.push_str(&format!(" by {}", line.options.join(" and ")));
    }
    for given in &line.conditions {
        let word = if given.otherwise { "otherwise of" } else { "if" };
        text.push_str(&format!(", {word} {} (line {})", given.options.join(" and "), given.line));
    }
    text
}

fn brackets(options: &[&str]) -> String {
    if options.is_empty() { String::new() } else { format!("  [{}]", options.join(" ")) }
}

/// The kind in a word.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::BuiltIn => "built-in",
        Kind::Library => "library",
        Kind::ModulePart => "module part",
        Kind::Module => "module",
        Kind::ModuleInfo => "module info",
        Kind::ModuleFile => "module file",
        Kind::Archive => "archive",
        Kind::Image => "image",
        Kind::Link => "link",
        Kind::Helper => "helper",
        Kind::Host => "host",
        Kind::Other => "other",
    }
}
