//! `bootwright setup`: installs missing host packages, after showing the exact commands.

use super::{End, ask};
use crate::packages::{self, Asking};
use anyhow::Context;
use bootwright_build::host::Missing;
use bootwright_model::{Library, Project};
use std::process::Command;

pub fn run(project: Option<&str>, library: &Library, yes: bool, dry_run: bool) -> anyhow::Result<End> {
    let projects: Vec<Project> = match project {
        Some(name) => vec![super::open(name, library, &[], None)?],
        None => library.layouts().iter().map(Project::from_layout).collect(),
    };
    let mut all = Vec::new();
    for p in &projects {
        all.extend(packages::missing(p, library)?);
    }
    all.sort();
    all.dedup();
    install(&all, yes, dry_run)
}

pub fn install(missing: &[Missing], yes: bool, dry_run: bool) -> anyhow::Result<End> {
    if missing.is_empty() {
        eprintln!("nothing is missing on this host");
        return Ok(End::Done);
    }
    for m in missing {
        eprintln!("missing: {} for {}{}", m.what, m.component, m.package.as_ref().map(|p| format!(" (package {p})")).unwrap_or_default());
    }
    let commands = packages::commands(missing, Asking::OnTheTerminal).map_err(anyhow::Error::msg)?;
    for c in &commands {
        eprintln!("  {}", bootwright_build::shown(c));
    }
    if dry_run {
        return Ok(End::Done);
    }
    // Without a terminal nobody can say no; who wrote `setup` meant it.
    if !yes && !ask("Run this?", true)?.unwrap_or(true) {
        eprintln!("nothing was installed");
        return Ok(End::Cancelled);
    }
    for c in &commands {
        // Its output is for the user, and it may ask for a password: it gets the terminal as it is.
        let mut command = Command::new(&c[0]);
        command.args(&c[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        let status = command.stdout(std::io::stderr()).status().with_context(|| format!("cannot start {}", c[0]))?;
        anyhow::ensure!(status.success(), "`{}` failed ({status}); what it printed stands above", bootwright_build::shown(c));
    }
    Ok(End::Done)
}
