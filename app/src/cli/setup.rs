//! `bootwright setup`: installs missing host packages, after showing the exact commands.

use super::End;
use anyhow::Context;
use bootwright_build::Graph;
use bootwright_build::host::{Missing, PackageManager, missing_tool, packages, program};
use bootwright_model::{Library, Project, Tool};
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::process::Command;

pub fn run(project: Option<&str>, library: &Library, yes: bool, dry_run: bool) -> anyhow::Result<End> {
    let projects: Vec<Project> = match project {
        Some(name) => vec![super::open(name, library, &[], None)?],
        None => library.layouts().iter().map(Project::from_layout).collect(),
    };
    let mut all = Vec::new();
    for p in &projects {
        all.extend(missing(p, library)?);
    }
    all.sort();
    all.dedup();
    install(&all, yes, dry_run)
}

/// What building and booting a project wants and this host lacks.
pub fn missing(project: &Project, library: &Library) -> anyhow::Result<Vec<Missing>> {
    let mut all = Graph::new(project, library, &project.layout.target)?.missing;
    let names = [("apt", "qemu-system-x86"), ("dnf", "qemu-system-x86-core"), ("zypper", "qemu-x86"), ("pacman", "qemu-system-x86")];
    let packages: BTreeMap<String, String> = names.iter().map(|(m, p)| ((*m).to_owned(), (*p).to_owned())).collect();
    all.extend(missing_tool(&Tool { program: "qemu-system-x86_64".into(), packages }, "booting", PackageManager::find()));
    Ok(all)
}

pub fn install(missing: &[Missing], yes: bool, dry_run: bool) -> anyhow::Result<End> {
    if missing.is_empty() {
        eprintln!("nothing is missing on this host");
        return Ok(End::Done);
    }
    for m in missing {
        eprintln!("missing: {} for {}{}", m.what, m.component, m.package.as_ref().map(|p| format!(" (package {p})")).unwrap_or_default());
    }
    let manager = PackageManager::find()
        .context("no package manager that this program knows (apt, dnf, zypper, pacman) is on this host; install the above by hand")?;
    let unknown: Vec<_> = missing.iter().filter(|m| m.package.is_none()).map(|m| m.what.as_str()).collect();
    anyhow::ensure!(unknown.is_empty(), "no package of {} is known for: {}; install it by hand", manager.id(), unknown.join(", "));
    let prefix = privilege()?;
    let commands: Vec<Vec<String>> = manager.install(&packages(missing)).into_iter().map(|c| [prefix.clone(), c].concat()).collect();
    for c in &commands {
        eprintln!("  {}", bootwright_build::shown(c));
    }
    if dry_run {
        return Ok(End::Done);
    }
    if !yes && std::io::stdin().is_terminal() {
        eprint!("Run this? [Y/n] ");
        std::io::stderr().flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes") {
            eprintln!("nothing was installed");
            return Ok(End::Cancelled);
        }
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

/// What goes before a command that only root may run.
fn privilege() -> anyhow::Result<Vec<String>> {
    if rustix::process::geteuid().is_root() {
        return Ok(Vec::new());
    }
    let found = ["sudo", "pkexec"].into_iter().find(|p| program(p).is_some());
    let found =
        found.context("packages are installed by root, and neither sudo nor pkexec is on this host; run `bootwright setup` as root")?;
    Ok(vec![found.to_owned()])
}
