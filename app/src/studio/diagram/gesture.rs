//! The mouse: selecting, moving boxes, drawing and moving wires, marquee and panning.
//!
//! As in other node editors: a drag on the background selects, the middle or right button or the space bar pans, the
//! wheel zooms. A drag from a port, or of a wire, looks for the port at the other end.

use super::hit::{Hit, hit};
use super::place::{moved, snap};
use super::ports::PortAt;
use super::{Diagram, Popup};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use bootwright_model::{ComponentId, Edit, Placing, Port, Position, Refusal, fits, providers};
use egui::{Key, PointerButton, Pos2, Rect, Response, Ui, Vec2};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Debug, Default)]
pub enum Gesture {
    #[default]
    Rest,
    Pan,
    /// From here, in points of the diagram; what was selected before stays where Shift is held.
    Marquee {
        from: Pos2,
        keep: Option<Selection>,
    },
    Boxes {
        which: Vec<usize>,
        from: Pos2,
    },
    Wire(Draw),
}

/// A wire that is being drawn: one end holds, the other follows the pointer.
#[derive(Debug)]
pub struct Draw {
    pub fixed: PortAt,
    /// The ports at which it may end.
    pub fitting: BTreeSet<PortAt>,
}

impl Diagram {
    pub(super) fn port(&self, state: &State, p: PortAt) -> Option<Port> {
        let component = state.project.layout.components.get(p.at)?.id.clone();
        let face = self.shown.as_ref()?.faces.get(p.at)?;
        let ports = if p.output { &face.outputs } else { &face.needs };
        Some(Port { component, name: ports.get(p.index)?.name.clone() })
    }

    fn port_at(&self, state: &State, port: &Port, output: bool) -> Option<PortAt> {
        let at = state.project.layout.components.iter().position(|c| c.id == port.component)?;
        let face = self.shown.as_ref()?.faces.get(at)?;
        let index = if output { face.output(&port.name) } else { face.need(&port.name) }?;
        Some(PortAt { at, output, index })
    }

    /// Every port at which a wire from `fixed` may end.
    pub(super) fn fitting(&self, state: &State, fixed: PortAt) -> BTreeSet<PortAt> {
        let (Some(port), Some(shown)) = (self.port(state, fixed), &self.shown) else { return BTreeSet::new() };
        if !fixed.output {
            let outputs = providers(&state.project, &state.library, &port);
            return outputs.iter().filter_map(|p| self.port_at(state, p, true)).collect();
        }
        let Some(kind) = shown.faces.get(fixed.at).and_then(|f| f.outputs.get(fixed.index)).map(|o| o.kind) else { return BTreeSet::new() };
        let mut found = BTreeSet::new();
        for (at, face) in shown.faces.iter().enumerate() {
            for (index, _) in face.needs.iter().enumerate().filter(|(_, n)| n.kind == kind) {
                let to = PortAt { at, output: false, index };
                if self.port(state, to).is_some_and(|need| fits(&state.project, &state.library, &port, &need).is_ok()) {
                    found.insert(to);
                }
            }
        }
        found
    }

    /// The wire between two ports, whichever was taken first.
    pub(super) fn joined(&self, state: &State, a: PortAt, b: PortAt) -> Option<(Port, Port)> {
        let (a_port, b_port) = (self.port(state, a)?, self.port(state, b)?);
        match (a.output, b.output) {
            (true, false) => Some((a_port, b_port)),
            (false, true) => Some((b_port, a_port)),
            _ => None,
        }
    }

    /// Where a wire would end if the button were let go at `hit`, or why it cannot.
    pub(super) fn landing(&self, state: &State, draw: &Draw, over: Option<Hit>) -> Option<Result<PortAt, Refusal>> {
        let plain = |reason: &str| Some(Err(Refusal { reason: reason.into(), circle: Vec::new() }));
        match over? {
            Hit::Port(p) if p == draw.fixed => None,
            Hit::Port(p) if p.output == draw.fixed.output => plain(if p.output {
                "A wire ends at a need, at the left of a box"
            } else {
                "A wire starts at an output, at the right of a box"
            }),
            Hit::Port(p) if draw.fitting.contains(&p) => Some(Ok(p)),
            Hit::Port(p) => {
                let (from, to) = self.joined(state, draw.fixed, p)?;
                Some(fits(&state.project, &state.library, &from, &to).map(|()| p))
            }
            // Anywhere on a box is near enough where only one of its ports fits.
            Hit::Box(i) if i == draw.fixed.at => None,
            Hit::Box(i) => {
                let here: Vec<&PortAt> = draw.fitting.iter().filter(|p| p.at == i).collect();
                match here.as_slice() {
                    [only] => Some(Ok(**only)),
                    [] => Some(Err(self.why_not(state, draw, i))),
                    _ => plain("Several ports of this box fit: choose one"),
                }
            }
            Hit::Wire(_) => None,
        }
    }

    /// The most telling reason of a box's ports: a circle before a wrong kind.
    fn why_not(&self, state: &State, draw: &Draw, i: usize) -> Refusal {
        let face = self.shown.as_ref().and_then(|s| s.faces.get(i));
        let n = face.map_or(0, |f| if draw.fixed.output { f.needs.len() } else { f.outputs.len() });
        let ports = (0..n).map(|index| PortAt { at: i, output: !draw.fixed.output, index });
        let reasons = ports.filter_map(|p| {
            let (from, to) = self.joined(state, draw.fixed, p)?;
            fits(&state.project, &state.library, &from, &to).err()
        });
        let all: Vec<Refusal> = reasons.collect();
        let circle = all.iter().find(|r| !r.circle.is_empty()).or(all.first()).cloned();
        let what = if draw.fixed.output { "need" } else { "output" };
        match circle {
            Some(r) if all.len() == 1 || !r.circle.is_empty() => r,
            Some(_) => Refusal { reason: format!("It has no {what} of this kind"), circle: Vec::new() },
            None => Refusal { reason: format!("It has no {what}"), circle: Vec::new() },
        }
    }

    pub(super) fn mouse(&mut self, ui: &Ui, back: &Response, rect: Rect, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        let pointer = back.ctx.pointer_latest_pos();
        let (shift, space) = ui.input(|i| (i.modifiers.shift || i.modifiers.command, i.key_down(Key::Space)));
        if back.drag_started() {
            let pressed = ui.input(|i| i.pointer.press_origin()).or(pointer).unwrap_or(rect.center());
            let left = ui.input(|i| i.pointer.button_down(PointerButton::Primary));
            self.gesture = if left && !space { self.start(state, rect, pressed, shift, &mut actions) } else { Gesture::Pan };
            if let (Gesture::Pan, Some(p)) = (&self.gesture, pointer) {
                // What was moved before it counted as a drag.
                self.view.pan_by(p - pressed - back.drag_delta());
            }
            if self.popup.is_none() {
                self.take_focus(ui, back.id);
            }
        }
        if back.dragged() {
            if matches!(self.gesture, Gesture::Pan) {
                self.view.pan_by(back.drag_delta());
            }
            self.follow(rect, pointer);
        }
        if back.drag_stopped() {
            let done = std::mem::take(&mut self.gesture);
            if let Some(p) = pointer {
                actions.extend(self.finish(done, state, rect, p));
            }
            self.dragged = None;
        }
        if back.double_clicked() && self.hovered.is_none() {
            let at = back.interact_pointer_pos().or(pointer).unwrap_or(rect.center());
            self.popup = Some(Popup::palette(at, Some(self.view.to_canvas(rect, at))));
        } else if back.clicked() {
            let at = back.interact_pointer_pos().or(pointer).unwrap_or(rect.center());
            let over = self.hit(rect, at);
            actions.extend(self.pick(over, shift, state));
            self.take_focus(ui, back.id);
        }
        if back.secondary_clicked() {
            let at = back.interact_pointer_pos().or(pointer).unwrap_or(rect.center());
            let over = self.hit(rect, at);
            actions.extend(self.menu_at(over, at, rect, state));
        }
        actions
    }

    pub(super) fn hit(&self, rect: Rect, p: Pos2) -> Option<Hit> {
        let shown = self.shown.as_ref()?;
        hit(&shown.placement, &shown.faces, &self.view, rect, p)
    }

    /// What a hit means for the selection.
    pub(super) fn item(&self, over: Option<Hit>, state: &State) -> Option<Selection> {
        match over? {
            Hit::Port(PortAt { at, .. }) | Hit::Box(at) => Some(Selection::Component(state.project.layout.components.get(at)?.id.clone())),
            Hit::Wire(i) => Some(Selection::Wire(i)),
        }
    }

    fn pick(&self, over: Option<Hit>, shift: bool, state: &State) -> Option<Action> {
        match (self.item(over, state), shift) {
            (Some(item), true) => Some(Action::Select(Selection::toggled(state.selection.as_ref(), &item))),
            (None, true) => None,
            (item, false) => Some(Action::Select(item)),
        }
    }

    fn start(&mut self, state: &State, rect: Rect, pressed: Pos2, shift: bool, actions: &mut Vec<Action>) -> Gesture {
        let at = self.view.to_canvas(rect, pressed);
        match self.hit(rect, pressed) {
            Some(Hit::Port(fixed)) => Gesture::Wire(Draw { fixed, fitting: self.fitting(state, fixed) }),
            // The consumer keeps its end: the need looks for another provider.
            Some(Hit::Wire(i)) => {
                let spec = self.shown.as_ref().and_then(|s| s.placement.wanted.wires.get(i).copied().flatten());
                let Some(spec) = spec else { return Gesture::Rest };
                let fixed = PortAt { at: spec.to, output: false, index: spec.need };
                Gesture::Wire(Draw { fixed, fitting: self.fitting(state, fixed) })
            }
            Some(Hit::Box(i)) => {
                let Some(c) = state.project.layout.components.get(i) else { return Gesture::Rest };
                let mut which = vec![i];
                if state.selection.as_ref().is_some_and(|s| s.has_component(&c.id)) {
                    let selected = |c: &bootwright_model::Component| state.selection.as_ref().is_some_and(|s| s.has_component(&c.id));
                    which = state.project.layout.components.iter().enumerate().filter(|(_, c)| selected(c)).map(|(i, _)| i).collect();
                } else {
                    let this = Selection::Component(c.id.clone());
                    let chosen = if shift { Selection::joined(state.selection.as_ref(), Some(&this)) } else { Some(this) };
                    actions.push(Action::Select(chosen));
                }
                Gesture::Boxes { which, from: at }
            }
            None => Gesture::Marquee { from: at, keep: state.selection.clone().filter(|_| shift) },
        }
    }

    /// Boxes that are dragged are shown where they would stand.
    fn follow(&mut self, rect: Rect, pointer: Option<Pos2>) {
        let (Gesture::Boxes { which, from }, Some(p), Some(shown)) = (&self.gesture, pointer, &self.shown) else { return };
        let by = snap((self.view.to_canvas(rect, p) - *from).to_pos2()).to_vec2();
        if self.dragged.as_ref().is_none_or(|(last, _)| *last != by) {
            self.dragged = Some((by, Arc::new(moved(&shown.placement, which, by))));
            self.serial += 1;
        }
    }

    fn finish(&mut self, gesture: Gesture, state: &State, rect: Rect, p: Pos2) -> Vec<Action> {
        match gesture {
            Gesture::Rest | Gesture::Pan => Vec::new(),
            Gesture::Marquee { from, keep } => {
                let inside = self.inside(state, Rect::from_two_pos(from, self.view.to_canvas(rect, p)));
                vec![Action::Select(Selection::joined(keep.as_ref(), inside.as_ref()))]
            }
            Gesture::Boxes { which, from } => {
                let by = snap((self.view.to_canvas(rect, p) - from).to_pos2()).to_vec2();
                if by == Vec2::ZERO {
                    return Vec::new();
                }
                self.move_boxes(state, &which, |r| r.translate(by), Placing::Move)
            }
            Gesture::Wire(draw) => match self.landing(state, &draw, self.hit(rect, p)) {
                Some(Ok(end)) => {
                    let wire = self.joined(state, draw.fixed, end);
                    wire.map(|(from, to)| Action::Edit(Edit::Connect { from, to })).into_iter().collect()
                }
                // The edit itself says why, and its circle stays in sight.
                Some(Err(_)) => match self.hit(rect, p) {
                    Some(Hit::Port(end)) => {
                        let wire = self.joined(state, draw.fixed, end);
                        wire.map(|(from, to)| Action::Edit(Edit::Connect { from, to })).into_iter().collect()
                    }
                    _ => Vec::new(),
                },
                None => Vec::new(),
            },
        }
    }

    /// The boxes that a marquee touches, and the wires that lie in it.
    pub(super) fn inside(&self, state: &State, area: Rect) -> Option<Selection> {
        let shown = self.shown.as_ref()?;
        let layout = &state.project.layout;
        let boxes = layout.components.iter().zip(&shown.placement.boxes).filter(|(_, r)| area.intersects(**r));
        let components: BTreeSet<ComponentId> = boxes.map(|(c, _)| c.id.clone()).collect();
        let wires = shown.placement.wires.iter().enumerate().filter(|(_, r)| r.bounds.is_some_and(|b| area.contains_rect(b)));
        Selection::of(components, wires.map(|(i, _)| i).collect())
    }

    /// The first box that is moved by hand settles all of them: from then on the file says where each stands.
    pub(super) fn move_boxes(&mut self, state: &State, which: &[usize], to: impl Fn(Rect) -> Rect, how: Placing) -> Vec<Action> {
        let Some(shown) = &mut self.shown else { return Vec::new() };
        let components = &state.project.layout.components;
        let mut placement = (*shown.placement).clone();
        for i in which {
            if let Some(r) = placement.boxes.get_mut(*i) {
                let there = to(*r);
                *r = there.translate(snap(there.min) - there.min);
            }
        }
        let middle = |r: &Rect| Position { x: r.center().x, y: r.center().y };
        let boxes: BTreeMap<ComponentId, Position> =
            components.iter().zip(&placement.boxes).map(|(c, r)| (c.id.clone(), middle(r))).collect();
        let moved = which.iter().filter_map(|i| Some(components.get(*i)?.id.clone())).collect();
        vec![Action::Edit(Edit::Place { how, moved, boxes })]
    }
}
