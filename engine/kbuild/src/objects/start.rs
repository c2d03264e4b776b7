//! How the first make of a build is started, and what is there before it.

use super::config::Config;
use super::walk::{Start, Walk};
use super::world::Sources;
use crate::make::{Layer, Library, Origin, Variable, World};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// BusyBox's Kbuild is that of Linux 2.6, with makefiles put together from the sources.
pub fn is_older(source: &Path) -> bool {
    source.join("scripts/gen_build_files.sh").is_file()
}

/// Follows `make ARCH=… goals` in the source folder, and the make that brings the configuration up to date.
pub fn follow<'w>(library: &'w Library, sources: &'w Sources, source: &Path, arch: &str, config: &Config, goals: &[&str]) -> Walk<'w> {
    let layer: Layer = config.iter().map(|(name, value)| (library.name(name), Variable::simple(value, Origin::File))).collect();
    let older = is_older(source);
    if older {
        generate(sources, source, "");
    }
    // What Kconfig read, to know when to read it again: make asks for it, and the configuration at hand is the latest.
    sources.write("include/config/auto.conf.cmd", "");
    let mut walk = Walk::new(library, sources, Arc::new(layer));
    // Not on the command line: there it would hold against what the makefiles say of it.
    let environment: Arc<Layer> = Arc::new([(library.name("ARCH"), Variable::environment(arch))].into_iter().collect());
    let first = |goals: Vec<String>| Start {
        makefile: "Makefile".to_owned(),
        goals,
        command_line: Rc::default(),
        environment: environment.clone(),
        outer: None,
        called: None,
    };
    walk.start(first(goals.iter().map(ToString::to_string).collect()));
    if !older {
        // make makes the makefiles that it includes first; include/config/auto.conf is one of them.
        walk.start(first(vec!["syncconfig".to_owned()]));
    }
    walk
}

/// The Kbuild of every folder that has a Kbuild.src: at its line INSERT stands what the sources say after `//kbuild:`.
fn generate(sources: &Sources, source: &Path, folder: &str) {
    let place = if folder.is_empty() { source.to_owned() } else { source.join(folder) };
    let Ok(entries) = std::fs::read_dir(&place) else { return };
    let mut names: Vec<(String, bool)> = entries
        .flatten()
        .filter_map(|e| Some((e.file_name().into_string().ok()?, e.file_type().ok()?.is_dir())))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    names.sort();
    let below = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if let Some(template) = sources.read(&below("Kbuild.src")) {
        let mut inserted = String::new();
        for (name, _) in names.iter().filter(|(name, is_folder)| !is_folder && name.ends_with(".c")) {
            let Some(text) = sources.read(&below(name)) else { continue };
            for line in text.lines().filter_map(|l| l.strip_prefix("//kbuild:")) {
                inserted.push_str(line);
                inserted.push('\n');
            }
        }
        let mut text = String::from("# DO NOT EDIT. This file is generated from Kbuild.src\n");
        for line in template.split_inclusive('\n') {
            if line.trim_end_matches('\n') == "INSERT" { text.push_str(&inserted) } else { text.push_str(line) }
        }
        sources.write(&below("Kbuild"), text);
    }
    // Folders nest three deep; a link could lead round in circles, and is none of them.
    if folder.matches('/').count() < 6 {
        for (name, _) in names.iter().filter(|(_, is_folder)| *is_folder) {
            generate(sources, source, &below(name));
        }
    }
}
