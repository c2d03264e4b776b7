//! What comes and what goes between two configurations.

use super::Objects;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The difference of two predictions.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Made by the second build only; sorted.
    pub come: Vec<Arc<str>>,
    /// Made by the first build only; sorted.
    pub go: Vec<Arc<str>>,
}

impl Change {
    /// From one prediction to another, over object files and archives that are no part of the build's own programs.
    pub fn between(before: &Objects, after: &Objects) -> Self {
        let paths = |objects: &Objects| -> BTreeSet<Arc<str>> { objects.objects().map(|o| o.path.clone()).collect() };
        let (before, after) = (paths(before), paths(after));
        Self { come: after.difference(&before).cloned().collect(), go: before.difference(&after).cloned().collect() }
    }
}
