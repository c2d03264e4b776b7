//! The one option that stands for an object where bytes are summed by option.

use crate::objects::{Object, Objects};
use crate::{Result, Tree};
use std::collections::HashMap;

/// The option nearest to the object: of the makefile line that names it, else of a condition around that line, else of what
/// it is part of, up to the folders it lies in. Without `CONFIG_`; None: it is built whatever the configuration says.
pub fn nearest(objects: &Objects, object: &Object) -> Option<String> {
    for step in objects.why(object) {
        let named = step.lines.iter().flat_map(|l| &l.options);
        let asked = step.lines.iter().flat_map(|l| &l.conditions).filter(|c| !c.otherwise).flat_map(|c| &c.options);
        if let Some(option) = named.chain(asked).next() {
            return Some(option.strip_prefix("CONFIG_").unwrap_or(option).to_owned());
        }
    }
    None
}

/// The nearest option of every object of a tree that has one, by the object's path.
///
/// # Errors
/// Where the sources or the configuration cannot be read.
pub fn of_tree(tree: &Tree) -> Result<HashMap<String, String>> {
    let objects = Objects::of_tree(tree, &[])?;
    let found = objects.objects().filter_map(|o| Some((o.path.to_string(), nearest(&objects, o)?)));
    Ok(found.collect())
}
