//! What a configuration would build again in a tree that was built with another one.

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

/// How long each object of a component took when it was compiled last, by its path, from the journals of earlier runs.
pub fn seconds_of(work: &Work, component: &ComponentId) -> HashMap<String, f64> {
    let mut seconds = HashMap::new();
    let logs = format!("{component}.");
    let runs = timeline::runs(work, RUNS).unwrap_or_default();
    for run in runs.iter().filter(|r| r.logs.iter().any(|l| l.starts_with(&logs))).take(READ) {
        let Ok(timeline) = timeline::load(&run.folder) else { continue };
        for object in timeline.steps.iter().filter(|s| s.id.component == *component).flat_map(|s| &s.objects) {
            let name = object.time.name.rsplit(' ').next().unwrap_or_default();
            let took = object.time.end_ms.saturating_sub(object.time.start_ms) as f64 / 1e3;
            seconds.entry(name.to_owned()).or_insert(took);
        }
    }
    seconds
}
