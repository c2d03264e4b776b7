//! When, why and how long each object of a tree was made last, as the journals of earlier runs have it.

use crate::comparison::{clock, day};
use bootwright_build::{Work, timeline};
use bootwright_kbuild::Tree;
use serde::Serialize;
use std::collections::HashMap;

/// Runs that are looked through, and those that worked on the component whose journals are read, the newest first.
const RUNS: usize = 100;
const READ: usize = 5;

/// When an object was made last, as the journals have it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// Seconds since 1970.
    pub at: Option<u64>,
    pub seconds: f64,
    /// In Kbuild's words; not known of BusyBox's older Kbuild, unless it was the first time.
    pub why: Option<String>,
}

impl Made {
    /// `made last on 22-Nov-2026, 10:13:34 UTC in 0.31 s: option SMP was changed`
    pub fn words(&self) -> String {
        let when = self.at.map(|at| format!(" on {}, {} UTC", day(at), clock(at))).unwrap_or_default();
        let why = self.reason().map(|why| format!(": {why}")).unwrap_or_default();
        format!("made last{when} in {:.2} s{why}", self.seconds)
    }

    /// `option SMP was changed, a.h was newer`
    fn reason(&self) -> Option<String> {
        let why = self.why.as_deref()?;
        Some(match why {
            "target missing" => "it was not there".into(),
            "command line change" => "its command was another".into(),
            "missing .cmd file" => "its .cmd file was gone".into(),
            "target is PHONY" => "it is made each time".into(),
            files if files.contains(" not in ") => format!("the makefile does not list it ({files})"),
            files => {
                let word = |f: &str| match f.strip_prefix("include/config/") {
                    Some(option) => format!("option {option} was changed"),
                    None => format!("{f} was newer"),
                };
                files.split_whitespace().map(word).collect::<Vec<_>>().join(", ")
            }
        })
    }
}

/// The objects of a tree, by their paths.
#[derive(Debug, Default)]
pub struct Journals {
    made: HashMap<String, Made>,
}

impl Journals {
    /// Only a tree of the work folder has any.
    pub fn of(work: &Work, tree: &Tree) -> Self {
        let mut made = HashMap::new();
        let Some((component, _)) = work.owner_of(&tree.object) else { return Self::default() };
        let logs = format!("{component}.");
        let runs = timeline::runs(work, RUNS).unwrap_or_default();
        for run in runs.iter().filter(|r| r.logs.iter().any(|l| l.starts_with(&logs))).take(READ) {
            let Ok(timeline) = timeline::load(&run.folder) else { continue };
            for object in timeline.steps.iter().filter(|s| s.id.component == component).flat_map(|s| &s.objects) {
                let time = &object.time;
                let name = time.name.rsplit(' ').next().unwrap_or_default();
                let seconds = time.end_ms.saturating_sub(time.start_ms) as f64 / 1e3;
                let at = run.started.map(|s| s + time.end_ms / 1000);
                made.entry(name.to_owned()).or_insert_with(|| Made { at, seconds, why: time.why.clone() });
            }
        }
        Self { made }
    }

    pub fn get(&self, object: &str) -> Option<&Made> {
        self.made.get(object)
    }

    /// How long it took.
    pub fn seconds(&self, object: &str) -> Option<f64> {
        self.get(object).map(|made| made.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kbuilds_reasons_are_put_in_words() {
        let words = |why: &str| Made { at: None, seconds: 1.0, why: Some(why.into()) }.reason().unwrap();
        assert_eq!(words("target missing"), "it was not there");
        assert_eq!(words("include/config/SMP kernel/fork.c"), "option SMP was changed, kernel/fork.c was newer");
        assert_eq!(words("x.o not in $(targets)"), "the makefile does not list it (x.o not in $(targets))");
    }
}
