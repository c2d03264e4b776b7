//! What was removed together with the notes of how it was made: nothing in the tree names it any more, and the makefiles are asked.

use super::{Item, Reason, Settings, Stale};
use crate::impact::after;
use crate::index::Index;
use crate::objects::{Config, Kind, Objects};
use crate::tree::Tree;
use std::sync::Arc;

/// Adds what folders held whose archive is gone, its own note included.
pub(super) fn add(tree: &Tree, index: &Index, settings: &Settings, answer: &mut Stale) {
    let gone = |i: &&Item<Reason>| i.why == [Reason::Missing] && i.target.ends_with(".a") && index.find(i.target.as_bytes()).is_none();
    let folder = |i: &Item<Reason>| i.target.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
    let folders: Vec<String> = answer.stale.iter().filter(gone).filter_map(folder).collect();
    if folders.is_empty() {
        return;
    }
    let config = Config::of_values(&after(&settings.values, &settings.changes));
    let objects = match Objects::predict_with(&Arc::default(), &tree.source, tree.arch_or_host(), &config, &[]) {
        Ok(objects) => objects,
        Err(why) => {
            answer.notes.push(format!("what was in {} is not known: {why}", folders.join(", ")));
            return;
        }
    };
    let of_the_link = |kind| matches!(kind, Kind::BuiltIn | Kind::Library | Kind::Archive);
    for object in objects.all.iter().filter(|o| of_the_link(o.kind) && folders.iter().any(|f| o.path.starts_with(f.as_str()))) {
        let known = index.find(object.path.as_bytes()).is_some() || tree.object.join(&*object.path).exists();
        if !known && !answer.stale.iter().any(|i| i.target == *object.path) && !answer.come.iter().any(|c| **c == *object.path) {
            answer.stale.push(Item { target: object.path.to_string(), why: vec![Reason::Missing], more: 0 });
        }
    }
    answer.stale.sort_by(|a, b| a.target.cmp(&b.target));
}
