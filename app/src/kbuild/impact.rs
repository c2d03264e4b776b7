//! What a configuration would build again in a tree that was built with another one.

use super::Journals;
use bootwright_build::Work;
use bootwright_kbuild::impact::{Impact, Impacts, Predicted, Question, after};
use bootwright_kbuild::stale::{Change, Settings, changes, values};
use bootwright_kbuild::{Index, Tree};
use serde::Serialize;
use std::collections::BTreeMap;

/// An answer for the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Foreseen {
    /// Options with their values in the tree and in the configuration.
    pub options: Vec<Change>,
    #[serde(flatten)]
    pub impact: Impact,
}

impl Foreseen {
    /// `config` is the text of a `.config`; the journals of the work folder say what objects took when they were built last.
    ///
    /// # Errors
    /// The makefiles cannot be read, or the tree was never configured.
    pub fn of(tree: &Tree, index: &Index, config: &str, work: &Work) -> Result<Self, String> {
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
        let journals = Journals::of(work, tree);
        impact.estimate(|target| journals.seconds(target));
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
