//! `bootwright kbuild TREE tree`: the folders that make descends into, and what their archives collect.

use super::super::{End, print_json};
use super::predict;
use bootwright_kbuild::Tree;
use bootwright_kbuild::recursion::{Folder, MakefileKind, Recursion};
use std::io::Write;

pub fn run(tree: &Tree, goals: &[String], depth: Option<usize>, as_json: bool) -> anyhow::Result<End> {
    let objects = predict(tree, goals)?;
    let recursion = Recursion::of(&objects, Some(&tree.object));
    if as_json {
        print_json(&recursion)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    show(&recursion, 0, 0, depth.unwrap_or(usize::MAX), &mut out)?;
    Ok(End::Done)
}

fn show(recursion: &Recursion, at: usize, level: usize, depth: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let Some(folder) = recursion.folders.get(at) else { return Ok(()) };
    writeln!(out, "{:indent$}{}", "", line(folder), indent = 2 * level)?;
    if level >= depth {
        return Ok(());
    }
    folder.into.iter().try_for_each(|&next| show(recursion, next, level + 1, depth, out))
}

fn line(folder: &Folder) -> String {
    let name = if folder.path.is_empty() { "." } else { &folder.path };
    let own: Vec<&str> = folder.makefiles.iter().filter(|m| m.kind != MakefileKind::Common).map(|m| &*m.path).collect();
    let mut text = format!("{name}  objects {}", folder.objects);
    if folder.below != folder.objects {
        text.push_str(&format!(", with those below {}", folder.below));
    }
    for archive in &folder.archives {
        let short = archive.path.rsplit('/').next().unwrap_or(&archive.path);
        let built = archive.built.as_ref().map(|b| format!(", as built it holds {}", b.len())).unwrap_or_default();
        text.push_str(&format!("; {short} takes {}{built}", archive.predicted.len()));
    }
    let mut options: Vec<&str> =
        folder.why.first().map_or(Vec::new(), |s| s.lines.iter().flat_map(|l| l.options.iter().map(|o| &**o)).collect());
    options.dedup();
    if !options.is_empty() {
        text.push_str(&format!("; by {}", options.join(" ")));
    }
    text.push_str(&format!("  ({})", own.join(", ")));
    text
}
