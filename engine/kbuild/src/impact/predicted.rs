//! What the makefiles say of a configuration, as far as two of them are compared.

use crate::error::Result;
use crate::make::Library;
use crate::objects::{Config, Objects};
use crate::stale::{Change, Reason};
use crate::tree::Tree;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Targets by name, with what their commands come to.
pub struct Predicted {
    targets: BTreeMap<Arc<str>, (u64, bool)>,
}

/// From one to the other.
#[derive(Default)]
pub(crate) struct Difference {
    /// Objects that are new.
    pub come: Vec<String>,
    /// Targets that are no more.
    pub go: Vec<String>,
    /// Why targets of both are made again.
    pub reasons: FxHashMap<String, Reason>,
}

impl Difference {
    /// What a change of options makes of a tree's makefiles.
    pub fn of(tree: &Tree, values: &BTreeMap<String, String>, changes: &[Change]) -> Result<Self> {
        let library = Arc::default();
        let (before, after) = (Predicted::new(tree, &library, values)?, Predicted::new(tree, &library, &after(values, changes))?);
        Ok(before.to(&after))
    }
}

impl Predicted {
    /// Reads the makefiles with the options of `values`, as auto.conf has them, for what make builds without a goal.
    pub fn new(tree: &Tree, library: &Arc<Library>, values: &BTreeMap<String, String>) -> Result<Self> {
        let config = Config::of_values(values);
        Ok(Self::of(&Objects::predict_with(library, &tree.source, tree.arch_or_host(), &config, &[])?))
    }

    pub fn of(objects: &Objects) -> Self {
        let targets = objects.all.iter().map(|o| (o.path.clone(), (o.print, o.is_object()))).collect();
        Self { targets }
    }

    pub(crate) fn to(&self, after: &Self) -> Difference {
        let text = |name: &Arc<str>| name.to_string();
        let missing = |from: &Self, to: &Self, all: bool| {
            let only = from.targets.iter().filter(|(name, (_, object))| (all || *object) && !to.targets.contains_key(*name));
            only.map(|(name, _)| text(name)).collect()
        };
        let changed = |(name, (print, _)): (&Arc<str>, &(u64, bool))| {
            let other = after.targets.get(name)?;
            (other.0 != *print).then(|| (name.to_string(), Reason::Command))
        };
        Difference {
            come: missing(after, self, false),
            go: missing(self, after, true),
            reasons: self.targets.iter().filter_map(changed).collect(),
        }
    }
}

/// Values after some changes.
pub fn after(values: &BTreeMap<String, String>, changes: &[Change]) -> BTreeMap<String, String> {
    let mut values = values.clone();
    for change in changes {
        match change.new.as_deref() {
            None | Some("n") => values.remove(&change.name),
            Some(value) => values.insert(change.name.clone(), value.to_owned()),
        };
    }
    values
}
