//! `bootwright kbuild TREE impact`: what a change that has not happened yet would build again.

use super::{asking, items};
use crate::cli::args::Common;
use crate::cli::{End, human_time, print_json, work};
use crate::kbuild::Journals;
use anyhow::Context;
use bootwright_kbuild::impact::{Impact, Impacts, Predicted, Question, follow};
use bootwright_kbuild::stale::{Change, Settings};
use bootwright_kbuild::{Index, Tree};
use serde_json::json;
use std::io::Write;

pub fn run(
    tree: &Tree,
    index: &Index,
    common: &Common,
    options: &[String],
    files: &[String],
    quick: bool,
    as_json: bool,
) -> anyhow::Result<End> {
    let mut wishes = Vec::new();
    for option in options {
        let (name, value) = option.split_once('=').with_context(|| format!("{option}: write NAME=VALUE, such as FUTEX=n"))?;
        wishes.push((name.strip_prefix("CONFIG_").unwrap_or(name).to_owned(), value.to_owned()));
    }
    let impacts = Impacts::new(tree, index);
    let mut question = Question { files: files.to_vec(), ..Question::default() };
    let mut found: Impact = match wishes.is_empty() || quick {
        false => {
            let followed = follow(tree, &wishes, &asking(common)?)?;
            for (name, value) in &followed.refused {
                eprintln!("bootwright: {name} stays {value}: what it depends on does not allow the other value");
            }
            question.options = followed.changes;
            let library = std::sync::Arc::default();
            let (before, after) = (Predicted::new(tree, &library, &followed.before)?, Predicted::new(tree, &library, &followed.after)?);
            impacts.settle(&question, &before, &after)
        }
        true => {
            let now = Settings::read(tree).values;
            let change = |(name, value): &(String, String)| Change {
                name: name.clone(),
                old: now.get(name).cloned(),
                new: (value != "n").then(|| value.clone()),
            };
            question.options = wishes.iter().map(change).filter(|c| c.old != c.new).collect();
            impacts.of(&question)
        }
    };
    let journals = Journals::of(&work(common)?, tree);
    found.estimate(|target| journals.seconds(target));
    if as_json {
        print_json(&json!({"options": question.options, "files": question.files, "impact": found}))?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    for change in &question.options {
        let word = |v: &Option<String>| v.clone().unwrap_or_else(|| "n".into());
        writeln!(out, "option {}: {} becomes {}", change.name, word(&change.old), word(&change.new))?;
    }
    items(&mut out, "", &found.rebuild)?;
    items(&mut out, "? ", &found.unknown)?;
    for (word, list) in [("comes", &found.come), ("goes", &found.go)] {
        list.iter().flatten().try_for_each(|name| writeln!(out, "{name}: {word}"))?;
    }
    for file in &found.unused {
        writeln!(out, "{file}: no target depends on it")?;
    }
    let time = found.seconds.map_or("—".into(), human_time);
    let (count, tail) = (found.count(), found.tail.len());
    writeln!(out, "would build {count} of {} targets again, {tail} of them only because something in them is; estimated {time}", found.of)?;
    if found.come.is_none() && !question.options.is_empty() {
        writeln!(out, "what comes and goes, and which commands change, was not asked")?;
    }
    Ok(End::Done)
}
