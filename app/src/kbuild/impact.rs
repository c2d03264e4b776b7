//! What a configuration would build again in a tree that was built with another one.

use crate::comparison::{clock, day};
use bootwright_build::{Work, timeline};
use bootwright_kbuild::impact::{Impact, Impacts, Predicted, Question, after};
use bootwright_kbuild::stale::{Change, Settings, changes, values};
use bootwright_kbuild::{Index, Tree};
use bootwright_model::ComponentId;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Runs that are looked through, and those that worked on the component whose journals are read, the newest first.
const RUNS: usize = 100;
const READ: usize = 5;

/// An answer for the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Foreseen {
    /// Options with their values in the tree and in the configuration.
    pub options: Vec<Change>,
    #[serde(flatten)]
    pub impact: Impact,
}

impl Foreseen {
    /// `config` is the text of a `.config`; `seconds` what objects took when they were built last.
    ///
    /// # Errors
    /// The makefiles cannot be read, or the tree was never configured.
    pub fn of(tree: &Tree, index: &Index, config: &str, seconds: &HashMap<String, f64>) -> Result<Self, String> {
        let before = Settings::read(tree).values;
        if before.is_empty() {
            return Err("the tree was never configured".into());
        }
        let options = changes(&before, &values(config));
        if options.is_empty() {
            return Ok(Self::default());
        }
        let question = Question { options, files: Vec::new() };
        let library = std::sync::Arc::default();
        let predicted = |values: &BTreeMap<String, String>| Predicted::new(tree, &library, values).map_err(|e| e.to_string());
        let (old, new) = (predicted(&before)?, predicted(&after(&before, &question.options))?);
        let mut impact = Impacts::new(tree, index).settle(&question, &old, &new);
        impact.estimate(|target| seconds.get(target).copied());
        Ok(Self { options: question.options, impact })
    }

    /// `would build 402 of 1,233 objects again, 3 would come, about 3 min of one job`.
    pub fn words(&self, time: impl Fn(f64) -> String) -> String {
        let i = &self.impact;
        if self.options.is_empty() {
            return "The tree was built with these options.".into();
        }
        let mut words = format!("would build {} of {} targets again", i.count(), i.of);
        for (word, list) in [("come", &i.come), ("go", &i.go)] {
            if let Some(list) = list.as_ref().filter(|l| !l.is_empty()) {
                words.push_str(&format!(", {} would {word}", list.len()));
            }
        }
        if !i.unknown.is_empty() {
            words.push_str(&format!(", {} may be built again", i.unknown.len()));
        }
        if let Some(seconds) = i.seconds {
            words.push_str(&format!(", about {} of one job", time(seconds)));
        }
        words
    }
}

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

/// When and why each object of a component was made last, by its path, from the journals of earlier runs.
fn made(work: &Work, component: &ComponentId) -> HashMap<String, Made> {
    let mut made = HashMap::new();
    let logs = format!("{component}.");
    let runs = timeline::runs(work, RUNS).unwrap_or_default();
    for run in runs.iter().filter(|r| r.logs.iter().any(|l| l.starts_with(&logs))).take(READ) {
        let Ok(timeline) = timeline::load(&run.folder) else { continue };
        for object in timeline.steps.iter().filter(|s| s.id.component == *component).flat_map(|s| &s.objects) {
            let time = &object.time;
            let name = time.name.rsplit(' ').next().unwrap_or_default();
            let seconds = time.end_ms.saturating_sub(time.start_ms) as f64 / 1e3;
            let at = run.started.map(|s| s + time.end_ms / 1000);
            made.entry(name.to_owned()).or_insert_with(|| Made { at, seconds, why: time.why.clone() });
        }
    }
    made
}

/// The same of a tree: only one of the work folder has journals.
pub fn made_in(work: &Work, tree: &Tree) -> HashMap<String, Made> {
    work.owner_of(&tree.object).map(|(component, _)| made(work, &component)).unwrap_or_default()
}

/// How long each of them took.
pub fn seconds_of(work: &Work, component: &ComponentId) -> HashMap<String, f64> {
    made(work, component).into_iter().map(|(name, made)| (name, made.seconds)).collect()
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
