//! What may be wired to what: the question an edit asks, and the window while a wire is drawn.

use crate::{ComponentId, Kind, Layout, Library, Need, Output, Port, Project, Recipe, Refusal};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Whether a wire may run from an output to a need. What feeds the need now does not count: the wire would take its place.
///
/// # Errors
/// The reason, and the circle that the wire would close.
pub fn fits(project: &Project, library: &Library, from: &Port, to: &Port) -> Result<(), Refusal> {
    let output = output(project, library, from)?;
    let need = need(project, library, to)?;
    let (provider, consumer) = (title(project, library, &from.component), title(project, library, &to.component));
    if output.kind != need.kind {
        return Err(Refusal::new(format!(
            "{provider} provides {}, and this need of {consumer} is for {}",
            with_article(output.kind),
            with_article(need.kind)
        )));
    }
    let Some(mut circle) = path(&project.layout, &to.component, &from.component, to) else { return Ok(()) };
    circle.push(to.component.clone());
    let reason = match circle.len() {
        2 => format!("{provider} cannot be made from itself"),
        _ => {
            let names: Vec<_> = circle.iter().map(|id| title(project, library, id)).collect();
            format!("these would need each other in a circle: {}", names.join(" → "))
        }
    };
    Err(Refusal { reason, circle })
}

/// `a C library`, `an initramfs`, `kernel headers`.
fn with_article(kind: Kind) -> String {
    let title = kind.title();
    match kind {
        Kind::KernelHeaders | Kind::KernelSource | Kind::Userland => title.to_owned(),
        Kind::Initramfs | Kind::IsoTool | Kind::IsoImage => format!("an {title}"),
        _ => format!("a {title}"),
    }
}

/// The outputs that fit a need, in the order of the project, each with its component.
pub fn providers(project: &Project, library: &Library, to: &Port) -> Vec<Port> {
    let Ok(need) = need(project, library, to) else { return Vec::new() };
    let made = of_kind(project, library, need.kind);
    // Asking once which components come after the need's own is quicker than looking for a circle from each output.
    let after = consumers(&project.layout, &to.component);
    made.into_iter().filter(|p| !after.contains(&p.component)).collect()
}

fn of_kind(project: &Project, library: &Library, kind: Kind) -> Vec<Port> {
    let outputs = project.layout.components.iter().filter_map(|c| Some((&c.id, library.recipe(&c.recipe)?)));
    outputs
        .flat_map(|(id, r)| r.outputs.iter().filter(|o| o.kind == kind).map(|o| Port { component: id.clone(), name: o.id.clone() }))
        .collect()
}

/// A component and all that is made with it.
fn consumers(layout: &Layout, of: &ComponentId) -> BTreeSet<ComponentId> {
    let next = neighbours(layout, None);
    let mut found = BTreeSet::from([of.clone()]);
    let mut queue = VecDeque::from([of]);
    while let Some(at) = queue.pop_front() {
        for to in next.get(at).into_iter().flatten() {
            if found.insert((*to).clone()) {
                queue.push_back(to);
            }
        }
    }
    found
}

/// The shortest way along the wires, without those that end at `but`: both ends are in it.
fn path(layout: &Layout, from: &ComponentId, to: &ComponentId, but: &Port) -> Option<Vec<ComponentId>> {
    let next = neighbours(layout, Some(but));
    let mut came: BTreeMap<&ComponentId, &ComponentId> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        if at == to {
            let mut way = vec![at.clone()];
            let mut back = at;
            while back != from {
                back = came.get(back)?;
                way.push(back.clone());
            }
            way.reverse();
            return Some(way);
        }
        for n in next.get(at).into_iter().flatten() {
            if *n != from && !came.contains_key(n) {
                came.insert(n, at);
                queue.push_back(n);
            }
        }
    }
    None
}

fn neighbours<'a>(layout: &'a Layout, but: Option<&Port>) -> BTreeMap<&'a ComponentId, Vec<&'a ComponentId>> {
    let mut next: BTreeMap<&ComponentId, Vec<&ComponentId>> = BTreeMap::new();
    for w in layout.wires.iter().filter(|w| Some(&w.to) != but) {
        next.entry(&w.from.component).or_default().push(&w.to.component);
    }
    next
}

fn recipe<'a>(project: &Project, library: &'a Library, id: &ComponentId) -> Result<&'a Recipe, Refusal> {
    let Some(c) = project.layout.component(id) else { return Err(Refusal::new(format!("there is no component `{id}`"))) };
    library.recipe(&c.recipe).ok_or_else(|| Refusal::new(format!("there is no recipe `{}`, so nothing is known of `{id}`", c.recipe)))
}

fn output<'a>(project: &Project, library: &'a Library, port: &Port) -> Result<&'a Output, Refusal> {
    let recipe = recipe(project, library, &port.component)?;
    recipe.output(&port.name).ok_or_else(|| Refusal::new(format!("{} has no output `{}`", recipe.title, port.name)))
}

fn need<'a>(project: &Project, library: &'a Library, port: &Port) -> Result<&'a Need, Refusal> {
    let recipe = recipe(project, library, &port.component)?;
    recipe.need(&port.name).ok_or_else(|| Refusal::new(format!("{} has no need `{}`", recipe.title, port.name)))
}

/// What people call a component: its recipe's title, with its name where another one has the same title.
pub(crate) fn title(project: &Project, library: &Library, id: &ComponentId) -> String {
    let Some(c) = project.layout.component(id) else { return id.to_string() };
    let Some(recipe) = library.recipe(&c.recipe) else { return id.to_string() };
    match project.layout.components.iter().filter(|other| other.recipe == c.recipe).count() {
        0 | 1 => recipe.title.clone(),
        _ => format!("{} ({id})", recipe.title),
    }
}
