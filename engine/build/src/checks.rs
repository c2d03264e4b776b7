//! The architectural risks of a layout, as checks that look at this machine and at what was built.
//!
//! The recipes name the checks. Each reports what it found (versions read from headers, symbols and warnings read from
//! files), and what that means for this layout. What was not built yet is `Unknown`, never assumed.

mod headers;
mod iso;
mod libc;

use crate::{BuildError, Planner, Reason, Request, Status, Work, plan};
use bootwright_model::{ComponentId, Library, Project};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Looked at, and nothing is wrong.
    Fine,
    /// It works here, and may not elsewhere or later.
    Risk,
    /// It does not work here.
    Fault,
    /// What it looks at is not there yet.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    pub id: String,
    pub component: ComponentId,
    pub title: String,
    pub verdict: Verdict,
    /// What was seen, with the file it was seen in.
    pub found: Vec<String>,
    pub meaning: String,
}

/// What a check looks at: the project's wires, and artifacts where they are built.
pub(crate) struct Look<'a> {
    pub project: &'a Project,
    pub component: &'a ComponentId,
    /// None where the project cannot be planned on this host.
    pub planner: Option<&'a Planner>,
    pub library: &'a Library,
    pub work: &'a Work,
}

impl Look<'_> {
    /// Why nothing can be looked at: never built, or not as the project stands now.
    fn absent(&self, component: &ComponentId) -> &'static str {
        let stale = |status: &Status| match status {
            Status::WillRun(reasons) => !reasons.contains(&Reason::NeverBuilt),
            Status::Waits(_) => true,
            Status::UpToDate | Status::NotNeeded => false,
        };
        match self.planner {
            None => "not known, since there is no plan",
            Some(p) if p.steps().iter().any(|s| s.id.component == *component && stale(&s.status)) => "out of date; build it again",
            Some(_) => "not built yet",
        }
    }
}

type Check = (&'static str, &'static str, fn(&Look) -> (Verdict, Vec<String>, &'static str));

const CHECKS: &[Check] = &[
    ("headers-match-kernel", "Kernel headers belong to the kernel that is built", headers::match_kernel),
    ("old-busybox-new-headers", "BusyBox and the kernel headers fit each other", headers::old_busybox),
    ("static-name-service", "Host names resolve with this C library", libc::name_service),
    ("host-files-linked", "The program is linked against this layout's C library only", libc::host_files),
    ("needed-closure", "Every shared object the programs need is in the root file system", libc::closure),
    ("isoimage-target", "The kernel's isoimage target finds what it needs on this host", iso::isoimage),
];

/// Every check that the project's recipes name, in the order of the components.
pub fn run_all(project: &Project, library: &Library, work: &Work) -> Result<Vec<Finding>, BuildError> {
    // Without a plan (a host tool is missing) the checks of the host still say what they can.
    let planner = plan(&Request { project, library, target: None, means: None, work }).ok();
    let mut findings = Vec::new();
    for c in &project.layout.components {
        for name in library.recipe(&c.recipe).map(|r| r.checks.as_slice()).unwrap_or_default() {
            let Some((id, title, check)) = CHECKS.iter().find(|(id, ..)| id == name) else {
                return Err(BuildError::Project { place: format!("recipe {}", c.recipe), reason: format!("there is no check `{name}`") });
            };
            let (verdict, found, meaning) = check(&Look { project, component: &c.id, planner: planner.as_ref(), library, work });
            findings.push(Finding {
                id: (*id).into(),
                component: c.id.clone(),
                title: (*title).into(),
                verdict,
                found,
                meaning: meaning.into(),
            });
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written about layouts names its checks; a name that nobody answers to would show nothing.
    #[test]
    fn explanations_name_checks_that_there_are() {
        let library = Library::embedded().unwrap();
        let of_changes = library.changes().iter().flat_map(|c| &c.checks);
        let of_lessons = library.lessons().iter().flat_map(|l| &l.steps).flat_map(|s| &s.checks);
        for name in of_changes.chain(of_lessons) {
            assert!(CHECKS.iter().any(|(id, ..)| id == name), "there is no check `{name}`");
            assert!(library.recipes().any(|r| r.checks.contains(name)), "no recipe asks for `{name}`");
        }
    }
}
