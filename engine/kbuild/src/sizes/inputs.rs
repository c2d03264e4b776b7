//! What a tree links its result from: the objects, in the order of the link, found by looking.

use super::archive;
use crate::{Kind, Tree};
use std::fs;

/// The linked file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// From the object folder.
    pub file: &'static str,
    /// Where the linker's map would be.
    pub maps: &'static [&'static str],
}

pub(super) fn link(tree: &Tree) -> Link {
    match tree.kind {
        Kind::BusyBox => Link { file: "busybox_unstripped", maps: &["busybox_unstripped.map"] },
        // Since 6.16 vmlinux is vmlinux.unstripped without its relocations.
        Kind::Linux | Kind::Other => Link { file: "vmlinux", maps: &["vmlinux.map", "vmlinux.unstripped.map"] },
    }
}

/// An object file of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// From the object folder.
    pub name: String,
    /// Whether it is linked only if something needs it.
    pub optional: bool,
}

/// The objects that may be in the result, in the order of the link.
pub(super) fn files(tree: &Tree) -> Vec<File> {
    let mut found: Vec<File> = Vec::new();
    let mut add = |name: String, optional: bool| {
        if !found.iter().rev().take(4).any(|f| f.name == name) {
            found.push(File { name, optional });
        }
    };
    let archive = |name: &str| archive::members(&tree.object, name).unwrap_or_default();
    let there = |name: &str| tree.object.join(name).exists();
    match tree.kind {
        Kind::BusyBox => {
            for word in words_of(tree, "busybox_unstripped") {
                if word.ends_with("built-in.o") && there(&word) {
                    // Linked from one directory's objects with ld -r; its own command names them.
                    words_of(tree, &word).into_iter().filter(|w| w.ends_with(".o") && *w != word && there(w)).for_each(|w| add(w, false));
                } else if word.ends_with(".a") && there(&word) {
                    archive(&word).into_iter().for_each(|m| add(m.name, true));
                }
            }
        }
        Kind::Linux | Kind::Other => {
            archive("vmlinux.a").into_iter().for_each(|m| add(m.name, false));
            for name in [".vmlinux.export.o", "init/version-timestamp.o"] {
                if there(name) {
                    add(name.to_owned(), false);
                }
            }
            for word in words_of(tree, "vmlinux.o") {
                if word.ends_with(".a") && word != "vmlinux.a" {
                    archive(&word).into_iter().for_each(|m| add(m.name, true));
                }
            }
            // Of the passes over the symbol names the last one stayed.
            if let Some(name) = newest(tree, |name| name.starts_with(".tmp_vmlinux") && name.contains("kallsyms") && name.ends_with(".o")) {
                add(name, false);
            }
            if let Some(name) = newest(tree, |name| name.contains("btf") && name.ends_with(".o")) {
                add(name, false);
            }
        }
    }
    found
}

/// The words of the saved command of a target, quotes taken off.
fn words_of(tree: &Tree, target: &str) -> Vec<String> {
    crate::anatomy::saved::command(tree, target).map(|c| crate::anatomy::saved::words(&c)).unwrap_or_default()
}

fn newest(tree: &Tree, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let entries = fs::read_dir(&tree.object).ok()?.flatten();
    let named = entries.filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.file_name().into_string().ok()?)));
    named.filter(|(_, name)| wanted(name)).max().map(|(_, name)| name)
}
