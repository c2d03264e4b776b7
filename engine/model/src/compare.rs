//! Two layouts, need by need: comparing layouts is comparing wires.

use crate::{ComponentId, Layout, Library, Port, Project};
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    pub old: String,
    pub new: String,
    pub added: Vec<ComponentId>,
    pub removed: Vec<ComponentId>,
    /// Needs of components that are in both, where the provider differs.
    pub moved: Vec<Move>,
    /// Needs of components that are in one only.
    pub wires_added: Vec<Move>,
    pub wires_removed: Vec<Move>,
    pub options: Vec<OptionChange>,
}

impl Comparison {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.moved.is_empty() && self.options.is_empty()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    pub need: Port,
    /// The kind of the need, in words.
    pub kind: String,
    pub old: Option<Port>,
    pub new: Option<Port>,
    /// What it means, in sentences. Empty where nobody wrote anything.
    pub meaning: String,
    /// The checks that look at it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionChange {
    pub component: ComponentId,
    pub option: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

/// What turns `old` into `new`. Positions and explanations do not count. Components are the same where their names are.
pub fn compare(old: &Layout, new: &Layout, library: &Library) -> Comparison {
    let ids = |l: &Layout| l.components.iter().map(|c| c.id.clone()).collect::<BTreeSet<_>>();
    let (a, b) = (ids(old), ids(new));
    let mut result = Comparison {
        old: old.name.clone(),
        new: new.name.clone(),
        added: new.components.iter().map(|c| c.id.clone()).filter(|id| !a.contains(id)).collect(),
        removed: old.components.iter().map(|c| c.id.clone()).filter(|id| !b.contains(id)).collect(),
        ..Comparison::default()
    };
    let needs: BTreeSet<&Port> = old.wires.iter().chain(&new.wires).map(|w| &w.to).collect();
    for need in needs {
        let of = |l: &Layout| l.provider(&need.component, &need.name).cloned();
        let kind = [new, old]
            .iter()
            .filter_map(|l| library.recipe(&l.component(&need.component)?.recipe)?.need(&need.name))
            .map(|n| n.kind.title().to_owned())
            .next()
            .unwrap_or_default();
        let change = library.change(old, new, need);
        let m = Move {
            need: need.clone(),
            kind,
            old: of(old),
            new: of(new),
            meaning: change.map_or_else(|| as_drawn(old, new, need), |c| c.meaning.clone()),
            checks: change.map(|c| c.checks.clone()).unwrap_or_default(),
        };
        if !a.contains(&need.component) {
            result.wires_added.push(m);
        } else if !b.contains(&need.component) {
            result.wires_removed.push(m);
        } else if m.old != m.new {
            result.moved.push(m);
        }
    }
    for c in &new.components {
        let Some(before) = old.component(&c.id) else { continue };
        let names: BTreeSet<&String> = before.options.keys().chain(c.options.keys()).collect();
        for option in names {
            let (x, y) = (before.options.get(option), c.options.get(option));
            if x != y {
                result.options.push(OptionChange { component: c.id.clone(), option: option.clone(), old: x.cloned(), new: y.cloned() });
            }
        }
        if before.recipe != c.recipe {
            result.options.push(OptionChange {
                component: c.id.clone(),
                option: "recipe".into(),
                old: Some(before.recipe.clone()),
                new: Some(c.recipe.clone()),
            });
        }
    }
    result
}

/// What the layouts themselves say of the wires, where nobody wrote about the change.
fn as_drawn(old: &Layout, new: &Layout, need: &Port) -> String {
    let said = |l: &Layout| l.wires.iter().find(|w| w.to == *need).map(|w| w.explain.clone()).filter(|e| !e.is_empty());
    match (said(old), said(new)) {
        (Some(a), Some(b)) if a == b => a,
        (Some(a), Some(b)) => format!("Before: {a} Now: {b}"),
        (Some(a), None) => format!("Before: {a}"),
        (None, Some(b)) => b,
        (None, None) => String::new(),
    }
}

/// Whether two projects build the same: no difference between their layouts, the same target, boot checks and
/// settings. Names, titles, explanations, positions and the order of the lists do not count.
pub fn same(a: &Project, b: &Project, library: &Library) -> bool {
    compare(&a.layout, &b.layout, library).is_empty()
        && a.layout.target == b.layout.target
        && a.layout.boot_checks == b.layout.boot_checks
        && a.fragments == b.fragments
        && a.files == b.files
        && a.provider == b.provider
        && a.jobs == b.jobs
}
