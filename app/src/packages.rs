//! Host packages: what a project wants and this host lacks, and the commands that bring it.

use bootwright_build::host::{Missing, PackageManager, missing_tool, packages, program};
use bootwright_build::{BuildError, Graph};
use bootwright_model::{Library, Project, Tool};

/// How a password can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    OnTheTerminal,
    InAWindow,
}

/// What building and booting a project wants and this host lacks.
pub fn missing(project: &Project, library: &Library) -> Result<Vec<Missing>, BuildError> {
    let mut all = Graph::new(project, library, &project.layout.target)?.missing;
    let names = [("apt", "qemu-system-x86"), ("dnf", "qemu-system-x86-core"), ("zypper", "qemu-x86"), ("pacman", "qemu-system-x86")];
    let packages = names.iter().map(|(m, p)| ((*m).to_owned(), (*p).to_owned())).collect();
    all.extend(missing_tool(&Tool { program: "qemu-system-x86_64".into(), packages }, "booting", PackageManager::find()));
    Ok(all)
}

/// The commands that install what is missing, as whoever runs this; the error says why there are none.
pub fn commands(missing: &[Missing], asking: Asking) -> Result<Vec<Vec<String>>, String> {
    let manager = PackageManager::find()
        .ok_or("this host has no package manager that this program knows (apt, dnf, zypper, pacman); install what is missing by hand")?;
    let unknown: Vec<&str> = missing.iter().filter(|m| m.package.is_none()).map(|m| m.what.as_str()).collect();
    if !unknown.is_empty() {
        return Err(format!("no package of {} is known for {}; install it by hand", manager.id(), unknown.join(", ")));
    }
    let prefix = prefix(asking, rustix::process::geteuid().is_root(), &|name| program(name).is_some())?;
    Ok(manager.install(&packages(missing)).into_iter().map(|c| [prefix.clone(), c].concat()).collect())
}

/// What goes before a command that only root may run. pkexec asks in a window of its own; beside a window, sudo may only be
/// used where it need not ask.
fn prefix(asking: Asking, root: bool, have: &dyn Fn(&str) -> bool) -> Result<Vec<String>, String> {
    let ways: [&[&str]; 2] = match asking {
        Asking::OnTheTerminal => [&["sudo"], &["pkexec"]],
        Asking::InAWindow => [&["pkexec"], &["sudo", "-n"]],
    };
    if root {
        return Ok(Vec::new());
    }
    let way = ways.into_iter().find(|words| have(words[0]));
    let way = way.ok_or("packages are installed by root, and neither sudo nor pkexec is on this host; run `bootwright setup` as root")?;
    Ok(way.iter().map(|w| (*w).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_needs_no_prefix_and_sudo_beside_a_window_must_not_ask() {
        let words = |w: &[&str]| Ok(w.iter().map(|w| (*w).to_owned()).collect());
        for asking in [Asking::OnTheTerminal, Asking::InAWindow] {
            assert_eq!(prefix(asking, true, &|_| true), Ok(vec![]));
            assert!(prefix(asking, false, &|_| false).unwrap_err().contains("as root"));
            assert_eq!(prefix(asking, false, &|p| p == "pkexec"), words(&["pkexec"]));
        }
        assert_eq!(prefix(Asking::OnTheTerminal, false, &|_| true), words(&["sudo"]));
        assert_eq!(prefix(Asking::InAWindow, false, &|_| true), words(&["pkexec"]));
        assert_eq!(prefix(Asking::InAWindow, false, &|p| p == "sudo"), words(&["sudo", "-n"]));
    }
}
