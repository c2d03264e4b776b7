//! What a user can change about a project: each change by its name, applied whole or refused with the reason.

use crate::wiring::{fits, title};
use crate::{Component, ComponentId, Library, Place, Port, Position, Project, Recipe, Wire};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// An option of a component; the recipe's default is not written down.
    SetOption { component: ComponentId, option: String, value: String },
    /// Configuration lines of a component, in the place of those the project has. Empty: none.
    Configure { component: ComponentId, lines: String },
    /// A wire from an output to a need. What fed the need before does no longer: this is how a wire is moved.
    Connect { from: Port, to: Port },
    /// A new component.
    Add {
        recipe: String,
        /// None: the recipe's name, with a number where that is taken.
        name: Option<String>,
        position: Option<Position>,
    },
    /// Each of them once more, with its options and configuration, fed as the first one is; wires between them are
    /// doubled too. Where each copy stands; none: the automatic layout decides.
    Duplicate { copies: BTreeMap<ComponentId, Option<Position>> },
    /// Another name; its wires, its configuration and the target follow.
    Rename { component: ComponentId, name: String },
    /// Components with all their wires, and wires by both ends.
    Remove { components: BTreeSet<ComponentId>, wires: BTreeSet<(Port, Port)> },
    /// What `build` makes.
    SetTarget { component: ComponentId },
    /// Where boxes stand; `moved` are those the user meant, since the first one that is moved pins the others.
    Place { how: Placing, moved: BTreeSet<ComponentId>, boxes: BTreeMap<ComponentId, Position> },
    /// Every box stands where the automatic layout puts it.
    ClearPositions,
}

/// What was done to boxes; the words of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placing {
    Move,
    Align,
    Distribute,
}

/// Why an edit is not made. The project is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    pub reason: String,
    /// Where it would close a circle: the components on it, each needing the one before it, the first one again at the end.
    pub circle: Vec<ComponentId>,
}

impl Refusal {
    pub(crate) fn new(reason: String) -> Self {
        Self { reason, circle: Vec::new() }
    }
}

impl Edit {
    /// The project with this change.
    ///
    /// # Errors
    /// If it names what is not there, or if what it makes could not be.
    pub fn apply(&self, project: &Project, library: &Library) -> Result<Project, Refusal> {
        let mut p = project.clone();
        match self {
            Self::SetOption { component, option, value } => set_option(&mut p, library, component, option, value)?,
            Self::Configure { component, lines } => configure(&mut p, library, component, lines)?,
            Self::Connect { from, to } => connect(&mut p, library, from, to)?,
            Self::Add { recipe, name, position } => add(&mut p, library, recipe, name.as_deref(), *position)?,
            Self::Duplicate { copies } => duplicate(&mut p, copies)?,
            Self::Rename { component, name } => rename(&mut p, component, name)?,
            Self::Remove { components, wires } => remove(&mut p, library, components, wires)?,
            Self::SetTarget { component } => {
                let c = present(&p, component)?;
                if library.recipe(&c.recipe).is_some_and(|r| r.place == Place::Host) {
                    return Err(Refusal::new(format!("{} is a part of the host, which is not built", title(&p, library, component))));
                }
                p.layout.target = component.clone();
            }
            Self::Place { how: _, moved: _, boxes } => {
                for (id, at) in boxes {
                    if !(at.x.is_finite() && at.y.is_finite()) {
                        return Err(Refusal::new(format!("`{id}` cannot stand at {}, {}", at.x, at.y)));
                    }
                    find(&mut p, id)?.position = Some(*at);
                }
            }
            Self::ClearPositions => p.layout.components.iter_mut().for_each(|c| c.position = None),
        }
        Ok(p)
    }

    /// As the history of changes shows it: `Move wire: BusyBox ← Kernel headers`.
    pub fn title(&self, before: &Project, library: &Library) -> String {
        let name = |id: &ComponentId| title(before, library, id);
        let one_or = |n: usize, first: Option<&ComponentId>, what: &str| match first {
            Some(only) if n == 1 => name(only),
            _ => format!("{n} {what}"),
        };
        let several = |ids: &BTreeSet<ComponentId>, what: &str| one_or(ids.len(), ids.first(), what);
        match self {
            Self::SetOption { component, option, value } => format!("Set {}: {option} = {value}", name(component)),
            Self::Configure { component, lines } => {
                let before = before.fragments.get(component).map_or("", String::as_str);
                format!("Configure {}{}", name(component), difference(before, lines))
            }
            Self::Connect { from, to } => {
                let what = if before.layout.provider(&to.component, &to.name).is_some() { "Move wire" } else { "Draw wire" };
                format!("{what}: {} ← {}", name(&to.component), name(&from.component))
            }
            Self::Add { recipe, .. } => format!("Add {}", library.recipe(recipe).map_or(recipe.as_str(), |r| &r.title)),
            Self::Duplicate { copies } => format!("Duplicate {}", one_or(copies.len(), copies.keys().next(), "components")),
            Self::Rename { component, name: new } => format!("Rename {component} to {new}"),
            Self::Remove { components, wires } => match (components.len(), wires.first()) {
                (0, Some((from, to))) if wires.len() == 1 => {
                    format!("Delete wire: {} ← {}", name(&to.component), name(&from.component))
                }
                (0, _) => format!("Delete {} wires", wires.len()),
                (_, None) => format!("Remove {}", several(components, "components")),
                (_, Some(_)) => format!("Remove {} and {} wire(s)", several(components, "components"), wires.len()),
            },
            Self::SetTarget { component } => format!("Make {} the target", name(component)),
            Self::Place { how: Placing::Move, moved, .. } => format!("Move {}", several(moved, "boxes")),
            Self::Place { how: Placing::Align, moved, .. } => format!("Align {}", several(moved, "boxes")),
            Self::Place { how: Placing::Distribute, moved, .. } => format!("Distribute {}", several(moved, "boxes")),
            Self::ClearPositions => "Arrange the diagram".into(),
        }
    }
}

/// What is new in configuration lines, or else what is gone, where that is one line.
fn difference(old: &str, new: &str) -> String {
    let only = |a: &str, b: &str| -> Vec<String> {
        let there: BTreeSet<&str> = b.lines().map(str::trim).collect();
        a.lines().map(str::trim).filter(|l| !l.is_empty() && !there.contains(l)).map(str::to_owned).collect()
    };
    let (came, went) = (only(new, old), only(old, new));
    match (came.as_slice(), went.as_slice()) {
        ([], []) => String::new(),
        ([one], _) => format!(": {}", one.trim_start_matches("# ")),
        ([], [one]) => format!(": without {}", one.trim_start_matches("# ")),
        _ => format!(": {} lines", came.len() + went.len()),
    }
}

fn present<'a>(p: &'a Project, id: &ComponentId) -> Result<&'a Component, Refusal> {
    p.layout.component(id).ok_or_else(|| Refusal::new(format!("there is no component `{id}`")))
}

fn find<'a>(p: &'a mut Project, id: &ComponentId) -> Result<&'a mut Component, Refusal> {
    let found = p.layout.components.iter_mut().find(|c| c.id == *id);
    found.ok_or_else(|| Refusal::new(format!("there is no component `{id}`")))
}

fn set_option(p: &mut Project, library: &Library, id: &ComponentId, option: &str, value: &str) -> Result<(), Refusal> {
    let c = find(p, id)?;
    let def = library.recipe(&c.recipe).and_then(|r| r.option(option));
    let def = def.ok_or_else(|| Refusal::new(format!("`{id}` has no option `{option}`")))?;
    if !def.choices.iter().any(|x| x.id == *value) {
        return Err(Refusal::new(format!("the option `{option}` of `{id}` cannot be `{value}`")));
    }
    if def.default == *value {
        c.options.remove(option);
    } else {
        c.options.insert(option.into(), value.into());
    }
    Ok(())
}

fn configure(p: &mut Project, library: &Library, id: &ComponentId, lines: &str) -> Result<(), Refusal> {
    let c = present(p, id)?;
    if !library.recipe(&c.recipe).is_some_and(Recipe::configurable) {
        return Err(Refusal::new(format!("{} takes no configuration lines", title(p, library, id))));
    }
    if lines.trim().is_empty() {
        p.fragments.remove(id);
    } else {
        p.fragments.insert(id.clone(), format!("{}\n", lines.trim_end()));
    }
    Ok(())
}

fn connect(p: &mut Project, library: &Library, from: &Port, to: &Port) -> Result<(), Refusal> {
    fits(p, library, from, to)?;
    let first = p.layout.wires.iter().position(|w| w.to == *to);
    match first.and_then(|i| p.layout.wires.get_mut(i)) {
        Some(w) => {
            if w.from != *from {
                // What was said of the old provider does not hold for the new one.
                *w = Wire { from: from.clone(), to: to.clone(), explain: String::new() };
            }
        }
        None => p.layout.wires.push(Wire { from: from.clone(), to: to.clone(), explain: String::new() }),
    }
    // A file may come with two wires at one need; after this there is one.
    let mut seen = false;
    p.layout.wires.retain(|w| w.to != *to || !std::mem::replace(&mut seen, true));
    Ok(())
}

fn taken(p: &Project, name: &ComponentId) -> bool {
    p.layout.component(name).is_some()
}

/// `name`, or `name-2` and so on where that is taken.
fn free_name(p: &Project, name: &str) -> Result<ComponentId, Refusal> {
    let room = |more: usize| name.get(..name.len().min(64 - more)).unwrap_or(name);
    let numbered = (2..=p.layout.components.len() + 2).map(|n| format!("-{n}"));
    for end in std::iter::once(String::new()).chain(numbered) {
        let id = valid(&format!("{}{end}", room(end.len())))?;
        if !taken(p, &id) {
            return Ok(id);
        }
    }
    Err(Refusal::new(format!("there is no name left beside `{name}`")))
}

fn valid(name: &str) -> Result<ComponentId, Refusal> {
    ComponentId::try_from(name).map_err(Refusal::new)
}

fn add(p: &mut Project, library: &Library, recipe: &str, name: Option<&str>, position: Option<Position>) -> Result<(), Refusal> {
    if library.recipe(recipe).is_none() {
        return Err(Refusal::new(format!("there is no recipe `{recipe}`")));
    }
    let id = match name {
        None => free_name(p, recipe)?,
        Some(name) => unused(p, name)?,
    };
    p.layout.components.push(Component { id, recipe: recipe.into(), options: BTreeMap::new(), position });
    Ok(())
}

fn unused(p: &Project, name: &str) -> Result<ComponentId, Refusal> {
    let id = valid(name)?;
    if taken(p, &id) {
        return Err(Refusal::new(format!("there is a component `{id}` already; choose another name")));
    }
    Ok(id)
}

fn duplicate(p: &mut Project, copies: &BTreeMap<ComponentId, Option<Position>>) -> Result<(), Refusal> {
    let mut twin: BTreeMap<ComponentId, ComponentId> = BTreeMap::new();
    for (id, place) in copies {
        let mut copy = present(p, id)?.clone();
        // `glibc-2` is doubled as `glibc-3`.
        let stem = id.as_str().rsplit_once('-').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(id.as_str(), |(stem, _)| stem);
        copy.id = free_name(p, stem)?;
        copy.position = *place;
        if let Some(fragment) = p.fragments.get(id).cloned() {
            p.fragments.insert(copy.id.clone(), fragment);
        }
        twin.insert(id.clone(), copy.id.clone());
        p.layout.components.push(copy);
    }
    let doubled: Vec<Wire> = p
        .layout
        .wires
        .iter()
        .filter_map(|w| {
            let to = Port { component: twin.get(&w.to.component)?.clone(), name: w.to.name.clone() };
            let from = Port { component: twin.get(&w.from.component).unwrap_or(&w.from.component).clone(), name: w.from.name.clone() };
            Some(Wire { from, to, explain: w.explain.clone() })
        })
        .collect();
    p.layout.wires.extend(doubled);
    Ok(())
}

fn rename(p: &mut Project, component: &ComponentId, name: &str) -> Result<(), Refusal> {
    present(p, component)?;
    if component.as_str() == name {
        return Ok(());
    }
    let id = unused(p, name)?;
    find(p, component)?.id = id.clone();
    for w in &mut p.layout.wires {
        for end in [&mut w.from, &mut w.to] {
            if end.component == *component {
                end.component = id.clone();
            }
        }
    }
    if let Some(fragment) = p.fragments.remove(component) {
        p.fragments.insert(id.clone(), fragment);
    }
    if p.layout.target == *component {
        p.layout.target = id;
    }
    Ok(())
}

fn remove(p: &mut Project, library: &Library, components: &BTreeSet<ComponentId>, wires: &BTreeSet<(Port, Port)>) -> Result<(), Refusal> {
    for id in components {
        present(p, id)?;
        if p.layout.target == *id {
            return Err(Refusal::new(format!(
                "{} is the target, what is built in the end; make another component the target first",
                title(p, library, id)
            )));
        }
    }
    for (from, to) in wires {
        if !p.layout.wires.iter().any(|w| w.from == *from && w.to == *to) {
            return Err(Refusal::new(format!("there is no wire from `{from}` to `{to}`")));
        }
    }
    p.layout.components.retain(|c| !components.contains(&c.id));
    p.layout.wires.retain(|w| {
        let ends = components.contains(&w.from.component) || components.contains(&w.to.component);
        !ends && !wires.contains(&(w.from.clone(), w.to.clone()))
    });
    p.fragments.retain(|id, _| !components.contains(id));
    Ok(())
}
