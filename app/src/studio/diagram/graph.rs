//! What the diagram is made of, in the shape that egui_graphs stores and draws.

use super::boxes::BoxDisplay;
use super::place::Placement;
use super::ports::Face;
use super::route::Route;
use super::wires::WireDisplay;
use crate::studio::state::State;
use crate::studio::state::component::{BoxState, Summary, bytes, duration, elapsed, progress_words, summary_of};
use crate::studio::state::progress::StepView;
use crate::studio::theme::icon;
use bootwright_model::{ComponentId, Kind, Place, Port, Recipe};
use egui::{Color32, Rect};
use petgraph::Directed;
use petgraph::stable_graph::{DefaultIx, EdgeIndex, NodeIndex};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

/// Payloads are shared: egui_graphs clones both ends of every wire in every frame.
pub type Canvas = egui_graphs::Graph<Arc<BoxView>, Arc<WireView>, Directed, DefaultIx, BoxDisplay, WireDisplay>;

/// How much attention something asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emphasis {
    /// Something else is selected that it has nothing to do with.
    Faded,
    Plain,
    /// It belongs to what is selected.
    Raised,
    Selected,
    /// On the circle of an edit that was refused.
    Refused,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PortView {
    pub kind: Kind,
    pub name: String,
    pub wired: bool,
    /// Nothing feeds it and something must.
    pub missing: bool,
    pub label: String,
}

/// What steps and artifacts say of a box.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub state: BoxState,
    pub version: Option<String>,
    /// `compile, 312/640 objects`, or what a failed step is called.
    pub detail: String,
    pub time: String,
    pub size: String,
    /// 0 to 1 while it runs and is counted.
    pub share: Option<f32>,
}

/// What a comparison says of a box, in the place of its state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    pub icon: &'static str,
    pub words: &'static str,
    pub colour: Color32,
}

/// A box as it is drawn and read aloud.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxView {
    pub id: ComponentId,
    pub rect: Rect,
    pub icon: &'static str,
    pub title: String,
    pub host: bool,
    pub target: bool,
    pub live: Live,
    pub mark: Option<Mark>,
    pub emphasis: Emphasis,
    pub needs: Vec<PortView>,
    pub outputs: Vec<PortView>,
}

impl BoxView {
    /// What a screen reader says and a test looks for.
    pub fn label(&self) -> String {
        let place = if self.host { "Host part" } else { "Component" };
        let mut label = format!("{place} {}: {}", self.title, self.live.state.word());
        for more in [&self.live.detail, &self.live.time, &self.live.size] {
            if !more.is_empty() {
                label.push_str(", ");
                label.push_str(more);
            }
        }
        label
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct WireView {
    pub kind: &'static str,
    pub from: String,
    pub to: String,
    /// Shared with the placement: there are thousands of them.
    pub route: Arc<Route>,
    /// What it carries comes from the host.
    pub from_host: bool,
    pub emphasis: Emphasis,
}

impl WireView {
    /// Something draws attention to it.
    pub fn raised(&self) -> bool {
        matches!(self.emphasis, Emphasis::Raised | Emphasis::Selected | Emphasis::Refused)
    }

    pub fn label(&self) -> String {
        format!("Wire {} from {} to {}", self.kind, self.from, self.to)
    }
}

/// The boxes and wires of the state, where the placement puts them.
pub fn views(state: &State, placement: &Placement, now: Instant) -> (Vec<BoxView>, Vec<WireView>) {
    let layout = &state.project.layout;
    let titles = titles(state);
    let title = |id: &ComponentId| titles.get(id).cloned().unwrap_or_else(|| id.to_string());
    let host: HashSet<&ComponentId> = placement.wanted.boxes.iter().filter(|b| b.host).map(|b| &b.id).collect();
    let circle: &[ComponentId] = state.refused.as_ref().map_or(&[], |r| &r.circle);
    let selection = state.selection.as_ref();
    let near = |i: usize| {
        let w = &layout.wires[i];
        selection.is_some_and(|s| s.has_wire(i) || s.has_component(&w.from.component) || s.has_component(&w.to.component))
    };
    let faces = Face::all(layout, &state.library);
    let kind = |i: usize| {
        let need = placement.wanted.wires.get(i).copied().flatten().and_then(|w| faces.get(w.to)?.needs.get(w.need));
        need.map_or_else(|| state.kind_of(&layout.wires[i]), |n| n.kind.title())
    };
    let wires: Vec<WireView> = (0..layout.wires.len().min(placement.wires.len()))
        .map(|i| {
            let w = &layout.wires[i];
            let refused = circle.windows(2).any(|c| c[0] == w.from.component && c[1] == w.to.component);
            let emphasis = match () {
                () if refused => Emphasis::Refused,
                () if selection.is_some_and(|s| s.has_wire(i)) => Emphasis::Selected,
                () if near(i) => Emphasis::Raised,
                () if selection.is_some() || !circle.is_empty() => Emphasis::Faded,
                () => Emphasis::Plain,
            };
            WireView {
                kind: kind(i),
                from: title(&w.from.component),
                to: title(&w.to.component),
                route: placement.wires[i].clone(),
                from_host: host.contains(&w.from.component),
                emphasis,
            }
        })
        .collect();
    let mut joined: HashSet<&ComponentId> = HashSet::new();
    let mut feeds: HashMap<&Port, &Port> = HashMap::new();
    let mut fed: HashMap<&Port, usize> = HashMap::new();
    for (i, w) in layout.wires.iter().enumerate() {
        if near(i) {
            joined.extend([&w.from.component, &w.to.component]);
        }
        feeds.entry(&w.to).or_insert(&w.from);
        *fed.entry(&w.from).or_default() += 1;
    }
    let news = News::of(state, now);
    let boxes = layout
        .components
        .iter()
        .zip(&placement.boxes)
        .zip(&faces)
        .map(|((c, rect), face)| {
            let recipe = state.recipe(c);
            let host = host.contains(&c.id);
            let emphasis = match () {
                () if circle.contains(&c.id) => Emphasis::Refused,
                () if selection.is_some_and(|s| s.has_component(&c.id)) => Emphasis::Selected,
                () if joined.contains(&c.id) => Emphasis::Raised,
                () => Emphasis::Plain,
            };
            let name = title(&c.id);
            let port = |name: &str| Port { component: c.id.clone(), name: name.to_owned() };
            let needs = face.needs.iter().map(|n| {
                let from = feeds.get(&port(&n.name));
                let by = match from {
                    Some(from) => format!("fed by {}", title(&from.component)),
                    None if n.optional => "fed by nothing, optional".into(),
                    None => "fed by nothing".into(),
                };
                let label = format!("Need {} of {name}, {by}", n.kind.title());
                PortView { kind: n.kind, name: n.name.clone(), wired: from.is_some(), missing: from.is_none() && !n.optional, label }
            });
            let outputs = face.outputs.iter().map(|o| {
                let n = fed.get(&port(&o.name)).copied().unwrap_or(0);
                let feeds = if n == 0 { "feeds nothing".to_owned() } else { format!("feeds {n}") };
                let label = format!("Output {} {} of {name}, {feeds}", o.kind.title(), o.name);
                PortView { kind: o.kind, name: o.name.clone(), wired: n > 0, missing: false, label }
            });
            let outputs: Vec<PortView> = outputs.collect();
            let live = news.live(&c.id, host, &outputs);
            BoxView {
                rect: *rect,
                icon: recipe.map_or(icon::CUBE, symbol),
                host,
                target: layout.target == c.id,
                live,
                mark: None,
                emphasis,
                needs: needs.collect(),
                outputs,
                id: c.id.clone(),
                title: name,
            }
        })
        .collect();
    (boxes, wires)
}

/// What steps and artifacts say of each component, found once for all boxes.
struct News<'a> {
    steps: HashMap<&'a ComponentId, Vec<&'a StepView>>,
    sizes: HashMap<&'a ComponentId, Vec<(&'a str, u64)>>,
    busy: bool,
    now: Instant,
}

impl<'a> News<'a> {
    fn of(state: &'a State, now: Instant) -> Self {
        let mut steps: HashMap<&ComponentId, Vec<&StepView>> = HashMap::new();
        for s in &state.run.steps {
            steps.entry(&s.id.component).or_default().push(s);
        }
        let mut sizes: HashMap<&ComponentId, Vec<(&str, u64)>> = HashMap::new();
        for a in &state.run.artifacts {
            sizes.entry(&a.step.component).or_default().push((&a.output, a.artifact.size));
        }
        Self { steps, sizes, busy: state.run.busy(), now }
    }

    fn live(&self, id: &ComponentId, host: bool, outputs: &[PortView]) -> Live {
        let steps = || self.steps.get(id).into_iter().flatten().copied();
        let sum = summary_of(steps(), self.busy, if host { Place::Host } else { Place::Built });
        // What no port hands on (a log, a map) is not the component's size.
        let handed_on = |name: &str| outputs.iter().any(|o| o.name == name);
        let made = self.sizes.get(id).into_iter().flatten().filter(|(o, _)| handed_on(o)).map(|(_, n)| n).sum::<u64>();
        Live {
            state: sum.state,
            version: steps().find_map(|s| s.version.clone()),
            detail: detail(&sum),
            time: time(&sum, self.now),
            size: if made > 0 && matches!(sum.state, BoxState::Done | BoxState::UpToDate) { bytes(made) } else { String::new() },
            share: sum.progress.and_then(|p| p.share()).filter(|_| sum.state == BoxState::Running),
        }
    }
}

/// While a build goes on, nothing else on the boxes changes, and the wires do not at all.
pub fn refresh(canvas: &mut Canvas, state: &State, now: Instant) {
    let news = News::of(state, now);
    for i in 0..canvas.node_count() {
        let Some(node) = canvas.node_mut(NodeIndex::new(i)) else { continue };
        let view = node.payload();
        let live = news.live(&view.id, view.host, &view.outputs);
        if live != view.live {
            let view = BoxView { live, ..BoxView::clone(view) };
            *node.payload_mut() = Arc::new(view);
        }
    }
}

/// The recipe's title, with the component's name where two are made by one recipe.
pub fn titles(state: &State) -> HashMap<ComponentId, String> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for c in &state.project.layout.components {
        *count.entry(&c.recipe).or_default() += 1;
    }
    let title = |c: &bootwright_model::Component| match state.recipe(c) {
        Some(r) if count.get(c.recipe.as_str()).copied().unwrap_or(0) < 2 => r.title.clone(),
        Some(r) => format!("{} ({})", r.title, c.id),
        None => c.id.to_string(),
    };
    state.project.layout.components.iter().map(|c| (c.id.clone(), title(c))).collect()
}

/// What the box is at a glance, by what it makes.
pub fn symbol(recipe: &Recipe) -> &'static str {
    let made = |kind| recipe.outputs.iter().any(|o| o.kind == kind);
    let all = [
        (Kind::IsoImage, icon::DISC),
        (Kind::KernelImage, icon::CPU),
        (Kind::KernelHeaders, icon::FILE_CODE),
        (Kind::CLibrary, icon::BOOKS),
        (Kind::Userland, icon::TERMINAL_WINDOW),
        (Kind::RootFileSystem, icon::FOLDERS),
        (Kind::Initramfs, icon::PACKAGE),
        (Kind::BootLoader, icon::ROCKET_LAUNCH),
        (Kind::IsoTool, icon::GEAR),
        (Kind::Toolchain, icon::WRENCH),
        (Kind::KernelSource, icon::CODE),
    ];
    all.into_iter().find(|(kind, _)| made(*kind)).map_or(icon::CUBE, |(_, icon)| icon)
}

fn detail(sum: &Summary) -> String {
    match (sum.state, &sum.step, sum.progress) {
        (BoxState::Running, Some(_), Some(p)) => progress_words(&p),
        (BoxState::Running | BoxState::Failed, Some(step), _) => step.clone(),
        _ => String::new(),
    }
}

fn time(sum: &Summary, now: Instant) -> String {
    match sum.state {
        // Whole seconds: it is drawn once a second.
        BoxState::Running => sum.since.map(|s| elapsed((now - s).as_secs())).unwrap_or_default(),
        BoxState::Done | BoxState::Failed => sum.took.map(duration).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The graph for egui_graphs, built anew when the layout changes.
pub fn canvas(boxes: Vec<BoxView>, wires: Vec<WireView>, placement: &Placement) -> Canvas {
    let mut canvas = Canvas::new();
    let nodes: Vec<NodeIndex> = boxes
        .into_iter()
        .map(|b| {
            let at = b.rect.center();
            canvas.add_node_custom(Arc::new(b), |n| n.set_location(at))
        })
        .collect();
    for (wire, ends) in wires.into_iter().zip(&placement.wanted.wires) {
        // A wire that ends nowhere keeps its place in the list, from a box to itself, so that indices stay those of the layout.
        let (from, to) = ends.map_or((0, 0), |e| (e.from, e.to));
        if let (Some(from), Some(to)) = (nodes.get(from), nodes.get(to)) {
            canvas.add_edge_custom(*from, *to, Arc::new(wire), |_| {});
        }
    }
    canvas
}

/// Brings the payloads up to date; indices are those of the layout, since nothing is ever removed from a canvas.
pub fn update(canvas: &mut Canvas, boxes: Vec<BoxView>, wires: Vec<WireView>) {
    for (i, view) in boxes.into_iter().enumerate() {
        if let Some(node) = canvas.node_mut(NodeIndex::new(i)) {
            node.set_selected(view.emphasis == Emphasis::Selected);
            if **node.payload() != view {
                *node.payload_mut() = Arc::new(view);
            }
        }
    }
    for (i, view) in wires.into_iter().enumerate() {
        if let Some(edge) = canvas.edge_mut(EdgeIndex::new(i))
            && **edge.payload() != view
        {
            *edge.payload_mut() = Arc::new(view);
        }
    }
}
