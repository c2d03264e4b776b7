//! Whether a layout holds together: every problem with its place and its reason.

use crate::{Component, ComponentId, FORMAT, Layout, Library, Place, Project, Recipe};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `component busybox`, `wire glibc.libc -> busybox.libc`.
    pub place: String,
    pub kind: ProblemKind,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A wire or the target names a component that is not there.
    UnknownComponent,
    /// A component names a recipe that is not there.
    UnknownRecipe,
    /// A wire names an output or a need that the recipe has not.
    UnknownPort,
    /// The two ends of a wire have different kinds.
    TypeMismatch,
    /// A need that must be fed is not.
    UnfedNeed,
    /// Two wires end at one need.
    TwoProviders,
    /// Components need each other in a circle.
    Cycle,
    /// Two components of one name.
    DuplicateComponent,
    /// An option the recipe has not, or a value it does not offer.
    BadOption,
    /// A setting of the project that means nothing.
    BadSetting,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl Project {
    /// All that is wrong with it, in the order of the file. An empty list means it can be planned.
    pub fn problems(&self, library: &Library) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut say = |place: String, kind, reason: String| found.push(Problem { place, kind, reason });
        let layout = &self.layout;
        if self.format != FORMAT || layout.format != FORMAT {
            say(
                "format".into(),
                ProblemKind::BadSetting,
                format!("format {} and {} (layout): this program writes {FORMAT}", self.format, layout.format),
            );
        }
        if ComponentId::try_from(layout.name.as_str()).is_err() {
            say(
                "name".into(),
                ProblemKind::BadSetting,
                format!("`{}` cannot name a layout: use letters, digits, `-` and `_`", layout.name),
            );
        }
        let mut seen: BTreeMap<&ComponentId, &Component> = BTreeMap::new();
        for c in &layout.components {
            let place = || format!("component {}", c.id);
            if seen.insert(&c.id, c).is_some() {
                say(place(), ProblemKind::DuplicateComponent, "there are two of this name; rename one".into());
            }
            let Some(recipe) = library.recipe(&c.recipe) else {
                let known = library.recipes().map(|r| r.id.as_str()).collect::<Vec<_>>().join(", ");
                say(place(), ProblemKind::UnknownRecipe, format!("there is no recipe `{}`; there are: {known}", c.recipe));
                continue;
            };
            for (name, value) in &c.options {
                match recipe.option(name) {
                    None => say(place(), ProblemKind::BadOption, format!("recipe {} has no option `{name}`", recipe.id)),
                    Some(def) if !def.choices.iter().any(|x| x.id == *value) => {
                        let offered = def.choices.iter().map(|x| x.id.as_str()).collect::<Vec<_>>().join(", ");
                        say(place(), ProblemKind::BadOption, format!("option `{name}` cannot be `{value}`; it can be: {offered}"));
                    }
                    Some(_) => {}
                }
            }
        }
        let recipe_of = |id: &ComponentId| seen.get(id).and_then(|c| library.recipe(&c.recipe));
        let mut fed: BTreeSet<(&ComponentId, &str)> = BTreeSet::new();
        for w in &layout.wires {
            let place = || format!("wire {} -> {}", w.from, w.to);
            for end in [&w.from, &w.to] {
                if !seen.contains_key(&end.component) {
                    say(place(), ProblemKind::UnknownComponent, format!("there is no component `{}`", end.component));
                }
            }
            if !fed.insert((&w.to.component, &w.to.name)) {
                say(place(), ProblemKind::TwoProviders, format!("`{}` is fed by another wire already; a need has one provider", w.to));
            }
            let (Some(from), Some(to)) = (recipe_of(&w.from.component), recipe_of(&w.to.component)) else { continue };
            let output = from.output(&w.from.name);
            let need = to.need(&w.to.name);
            if output.is_none() {
                let has = from.outputs.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
                say(place(), ProblemKind::UnknownPort, format!("{} has no output `{}`; it has: {has}", from.title, w.from.name));
            }
            if need.is_none() {
                let has = to.needs.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
                say(place(), ProblemKind::UnknownPort, format!("{} has no need `{}`; it has: {has}", to.title, w.to.name));
            }
            if let (Some(output), Some(need)) = (output, need)
                && output.kind != need.kind
            {
                say(
                    place(),
                    ProblemKind::TypeMismatch,
                    format!("it carries a {} to a need for a {}", output.kind.title(), need.kind.title()),
                );
            }
        }
        for c in &layout.components {
            for need in library.recipe(&c.recipe).map(|r| r.needs.as_slice()).unwrap_or_default() {
                if !need.optional && !fed.contains(&(&c.id, need.id.as_str())) {
                    say(
                        format!("need {}.{}", c.id, need.id),
                        ProblemKind::UnfedNeed,
                        format!("nothing provides its {}; draw a wire to it from {}", need.kind.title(), offers(need.kind, library)),
                    );
                }
            }
        }
        match seen.get(&layout.target) {
            None => say("target".into(), ProblemKind::UnknownComponent, format!("there is no component `{}`", layout.target)),
            Some(c) => {
                if library.recipe(&c.recipe).is_some_and(|r| r.place == Place::Host) {
                    say("target".into(), ProblemKind::BadSetting, format!("`{}` is a part of the host, which is not built", c.id));
                }
            }
        }
        for id in self.fragments.keys().filter(|id| !seen.contains_key(id)) {
            say("fragments".into(), ProblemKind::UnknownComponent, format!("there is no component `{id}`"));
        }
        if self.jobs == Some(0) || self.jobs.is_some_and(|j| j > 1024) {
            say("jobs".into(), ProblemKind::BadSetting, "jobs must be 1 to 1024".into());
        }
        if let Err(path) = order(layout) {
            let path = path.iter().map(ComponentId::as_str).collect::<Vec<_>>().join(" -> ");
            say("wires".into(), ProblemKind::Cycle, format!("these need each other in a circle: {path}"));
        }
        found
    }
}

fn offers(kind: crate::Kind, library: &Library) -> String {
    let fits = |r: &&Recipe| r.outputs.iter().any(|o| o.kind == kind);
    let names = library.recipes().filter(fits).map(|r| r.title.as_str()).collect::<Vec<_>>();
    if names.is_empty() { "a component that makes one".into() } else { names.join(" or ") }
}

/// The components, providers before consumers, in the order of the file where the wires leave it open.
/// The error is a cycle: its components in the direction of the wires, the first one again at the end.
pub fn order(layout: &Layout) -> Result<Vec<ComponentId>, Vec<ComponentId>> {
    let at: BTreeMap<&ComponentId, usize> = layout.components.iter().enumerate().rev().map(|(i, c)| (&c.id, i)).collect();
    let mut waits: BTreeMap<&ComponentId, BTreeSet<&ComponentId>> = at.keys().map(|id| (*id, BTreeSet::new())).collect();
    let mut feeds: BTreeMap<&ComponentId, BTreeSet<&ComponentId>> = BTreeMap::new();
    for w in &layout.wires {
        if at.contains_key(&w.from.component)
            && let Some(set) = waits.get_mut(&w.to.component)
        {
            set.insert(&w.from.component);
            feeds.entry(&w.from.component).or_default().insert(&w.to.component);
        }
    }
    let mut ready: BTreeSet<(usize, &ComponentId)> =
        waits.iter().filter(|(_, set)| set.is_empty()).filter_map(|(id, _)| Some((*at.get(id)?, *id))).collect();
    let mut done = Vec::new();
    while let Some((_, next)) = ready.pop_first() {
        waits.remove(next);
        for to in feeds.get(next).into_iter().flatten() {
            if let (Some(set), Some(place)) = (waits.get_mut(to), at.get(to))
                && set.remove(next)
                && set.is_empty()
            {
                ready.insert((*place, to));
            }
        }
        done.push(next.clone());
    }
    if waits.is_empty() { Ok(done) } else { Err(cycle(&waits)) }
}

/// Every component left waits for another one left, so walking from any leads into a circle.
fn cycle(waits: &BTreeMap<&ComponentId, BTreeSet<&ComponentId>>) -> Vec<ComponentId> {
    let mut path: Vec<&ComponentId> = Vec::new();
    let mut at = waits.keys().next().copied();
    while let Some(id) = at {
        if let Some(start) = path.iter().position(|p| *p == id) {
            let mut circle: Vec<ComponentId> = path[start..].iter().rev().map(|c| (*c).clone()).collect();
            circle.extend(circle.first().cloned());
            return circle;
        }
        path.push(id);
        at = waits.get(id).and_then(|set| set.first()).copied();
    }
    Vec::new()
}
