//! What the diagram is made of, in the shape that egui_graphs stores and draws.

use super::boxes::BoxDisplay;
use super::place::Placement;
use super::route::Route;
use super::wires::WireDisplay;
use crate::studio::action::Selection;
use crate::studio::state::State;
use crate::studio::state::component::{BoxState, Summary, duration, elapsed, progress_words};
use bootwright_model::{ComponentId, Place};
use egui::Pos2;
use petgraph::Directed;
use petgraph::stable_graph::{DefaultIx, NodeIndex};
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
    /// It belongs to what is selected, or the pointer is over it.
    Raised,
    Selected,
}

/// A box as it is drawn and read aloud.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxView {
    pub id: ComponentId,
    pub middle: Pos2,
    pub title: String,
    /// The component's name, where the title does not give it away.
    pub name: Option<String>,
    pub host: bool,
    pub state: BoxState,
    /// `compile, 312/640 objects`, or what a failed step is called.
    pub detail: String,
    pub time: String,
    /// 0 to 1 while it runs and is counted.
    pub share: Option<f32>,
    pub emphasis: Emphasis,
}

impl BoxView {
    /// What a screen reader says and a test looks for.
    pub fn label(&self) -> String {
        let place = if self.host { "Host part" } else { "Component" };
        let mut label = format!("{place} {}: {}", self.title, self.state.word());
        for more in [&self.detail, &self.time] {
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
    pub route: Route,
    /// What it carries comes from the host.
    pub from_host: bool,
    pub emphasis: Emphasis,
}

impl WireView {
    /// Something draws attention to it.
    pub fn raised(&self) -> bool {
        matches!(self.emphasis, Emphasis::Raised | Emphasis::Selected)
    }

    pub fn label(&self) -> String {
        format!("Wire {} from {} to {}", self.kind, self.from, self.to)
    }
}

/// The boxes and wires of the state, where the placement puts them.
pub fn views(state: &State, placement: &Placement, hovered: Option<&Selection>, now: Instant) -> (Vec<BoxView>, Vec<WireView>) {
    let layout = &state.project.layout;
    let near = |i: usize| {
        let w = &layout.wires[i];
        match &state.selection {
            Some(Selection::Component(id)) => w.from.component == *id || w.to.component == *id,
            Some(Selection::Wire(s)) => *s == i,
            None => false,
        }
    };
    let wires = (0..layout.wires.len().min(placement.wires.len()))
        .map(|i| {
            let w = &layout.wires[i];
            let emphasis = match () {
                () if state.selection == Some(Selection::Wire(i)) => Emphasis::Selected,
                () if hovered == Some(&Selection::Wire(i)) || near(i) => Emphasis::Raised,
                () if state.selection.is_some() => Emphasis::Faded,
                () => Emphasis::Plain,
            };
            WireView {
                kind: state.kind_of(w),
                from: state.title_of(&w.from.component).to_owned(),
                to: state.title_of(&w.to.component).to_owned(),
                route: placement.wires[i].clone(),
                from_host: state.place_of(&w.from.component) == Place::Host,
                emphasis,
            }
        })
        .collect();
    let boxes = layout
        .components
        .iter()
        .zip(&placement.boxes)
        .map(|(c, middle)| {
            let this = Selection::Component(c.id.clone());
            let joined = (0..layout.wires.len())
                .any(|i| near(i) && (layout.wires[i].from.component == c.id || layout.wires[i].to.component == c.id));
            let emphasis = match () {
                () if state.selection.as_ref() == Some(&this) => Emphasis::Selected,
                () if hovered == Some(&this) || joined => Emphasis::Raised,
                () => Emphasis::Plain,
            };
            box_view(state, &c.id, *middle, emphasis, now)
        })
        .collect();
    (boxes, wires)
}

fn box_view(state: &State, id: &ComponentId, middle: Pos2, emphasis: Emphasis, now: Instant) -> BoxView {
    let title = state.title_of(id).to_owned();
    let sum = state.summary(id);
    let slug = |s: &str| s.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>();
    BoxView {
        name: (slug(&title) != slug(id.as_str())).then(|| id.to_string()),
        id: id.clone(),
        middle,
        title,
        host: state.place_of(id) == Place::Host,
        state: sum.state,
        detail: detail(&sum),
        time: time(&sum, now),
        share: sum.progress.and_then(|p| p.share()).filter(|_| sum.state == BoxState::Running),
        emphasis,
    }
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
pub fn canvas(boxes: Vec<BoxView>, wires: Vec<WireView>, ends: &[(usize, usize, usize)]) -> Canvas {
    let mut canvas = Canvas::new();
    let nodes: Vec<NodeIndex> = boxes
        .into_iter()
        .map(|b| {
            let at = b.middle;
            canvas.add_node_custom(Arc::new(b), |n| n.set_location(at))
        })
        .collect();
    for (wire, (from, to, _)) in wires.into_iter().zip(ends) {
        if let (Some(from), Some(to)) = (nodes.get(*from), nodes.get(*to)) {
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
        if let Some(edge) = canvas.edge_mut(petgraph::stable_graph::EdgeIndex::new(i))
            && **edge.payload() != view
        {
            *edge.payload_mut() = Arc::new(view);
        }
    }
}
