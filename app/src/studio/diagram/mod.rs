//! The diagram: boxes and wires of the project on a canvas that can be moved, zoomed and edited.

pub mod boxes;
pub mod canvas;
mod command;
mod corner;
mod gesture;
pub mod graph;
mod hit;
mod keys;
mod layers;
pub mod names;
mod over;
pub mod place;
mod popup;
pub mod ports;
pub mod route;
pub mod view;
pub mod wires;

pub use command::Command;

use super::action::Action;
use super::state::State;
use super::theme::{self, Tokens};
use bootwright_model::{ComponentId, Project};
use canvas::{Kept, Key};
use egui::{Id, MouseWheelUnit, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use gesture::Gesture;
use graph::{Canvas, canvas, refresh, update, views};
use hit::Hit;
use place::{Placement, Placer, Wanted, quickly};
use popup::Popup;
use ports::Face;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;
use view::View;

/// A panel that is lower than this, and wide, has room for few rows of boxes; in points.
const LOW: f32 = 260.0;

pub struct Diagram {
    placer: Placer,
    /// The project that `wanted` was worked out for.
    project: Option<Arc<Project>>,
    wanted: Option<Arc<Wanted>>,
    /// Where boxes stand of which the project says nothing: an edit must not make the others jump.
    settled: HashMap<ComponentId, Pos2>,
    name: String,
    shown: Option<Shown>,
    /// For this one something is shown that was not worked out with care.
    interim: Option<Arc<Wanted>>,
    /// The boxes in reading order.
    order: Vec<usize>,
    /// Counts what is placed otherwise than before.
    serial: u64,
    view: View,
    /// The panel, as it was last.
    rect: Rect,
    size: Vec2,
    hovered: Option<Hit>,
    gesture: Gesture,
    /// While boxes are dragged: how far, and the placement with them there.
    dragged: Option<(Vec2, Arc<Placement>)>,
    popup: Option<Popup>,
    /// It, or something in it, has the keyboard.
    focused: bool,
    /// The widget that was given the focus by us, and not by Tab.
    asked_focus: Option<Id>,
    /// The last step along a wire led away from a box by its outputs.
    walked_out: bool,
    /// To be moved into sight.
    reveal: Option<Rect>,
    kept: Kept,
    /// The last turn of a wheel was on a touchpad.
    on_pad: bool,
}

struct Shown {
    placement: Arc<Placement>,
    canvas: Canvas,
    faces: Vec<Face>,
}

fn back_id() -> Id {
    Id::new("diagram")
}

impl Default for Diagram {
    fn default() -> Self {
        Self {
            placer: Placer::default(),
            project: None,
            wanted: None,
            settled: HashMap::new(),
            name: String::new(),
            shown: None,
            interim: None,
            order: Vec::new(),
            serial: 0,
            view: View::default(),
            rect: Rect::ZERO,
            size: Vec2::ZERO,
            hovered: None,
            gesture: Gesture::Rest,
            dragged: None,
            popup: None,
            focused: false,
            asked_focus: None,
            walked_out: false,
            reveal: None,
            kept: Kept::default(),
            on_pad: false,
        }
    }
}

impl Diagram {
    #[cfg(test)]
    pub fn drawn(&self) -> u64 {
        self.kept.drawn
    }

    /// The layout that was asked for is there.
    pub fn ready(&self) -> bool {
        self.shown.as_ref().zip(self.wanted.as_ref()).is_some_and(|(s, w)| s.placement.wanted == **w)
    }

    pub fn ready_for(&self, state: &State) -> bool {
        self.ready() && self.project.as_ref().is_some_and(|p| Arc::ptr_eq(p, &state.project))
    }

    pub fn pan(&mut self, by: Vec2) {
        self.view.pan_by(by);
    }

    /// Whether keys such as Escape are its own now.
    pub fn takes_keys(&self) -> bool {
        self.popup.is_some() || !matches!(self.gesture, Gesture::Rest)
    }

    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let tokens = Tokens::of(ui.ctx());
        let rect = ui.available_rect_before_wrap();
        ui.painter().rect_filled(rect, 0.0, tokens.canvas);
        self.place(ui, state);
        if self.shown.is_none() {
            ui.painter().text(
                rect.center(),
                egui::Align2::CENTER_CENTER,
                "Working out where the boxes go",
                egui::FontId::proportional(theme::text::BODY),
                tokens.muted,
            );
            return Vec::new();
        }
        let resized = self.size != rect.size();
        self.rect = rect;
        self.size = rect.size();
        if self.view.fitted && resized {
            self.fit();
        }
        let mut actions = Vec::new();
        let back = ui.interact(rect, back_id(), Sense::click_and_drag());
        back.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Diagram of {}", state.project.layout.title)));
        if ui.input(|i| i.key_pressed(egui::Key::Escape)) && self.popup.is_none() {
            self.gesture = Gesture::Rest;
            self.dragged = None;
        }
        actions.extend(self.mouse(ui, &back, rect, state));
        self.wheel(ui, &back, rect);
        self.hover(&back, rect);
        if let Some(what) = self.reveal.take() {
            self.view.reveal(what, rect.size());
        }
        self.draw(ui, rect, state, &tokens);
        actions.extend(self.names(ui, rect, state));
        self.paint_over(ui, rect, state, &tokens);
        self.map(ui, rect, &tokens);
        actions.extend(self.bar(ui, rect, state, &tokens));
        actions.extend(self.keys(ui, rect, state));
        actions.extend(self.popup(ui, rect, state));
        actions
    }

    fn draw(&mut self, ui: &mut Ui, rect: Rect, state: &State, tokens: &Tokens) {
        let now = Instant::now();
        let Some(shown) = &mut self.shown else { return };
        // Once a second the running times change; everything else counts its own changes.
        let tick = state.steps_running().map(|since| (now - since).as_secs()).max().unwrap_or(0);
        let key = Key {
            state: (state.revision, state.run.revision, tick),
            placement: self.serial,
            rect,
            zoom: self.view.zoom,
            pan: self.view.pan,
            look: canvas::look(ui, tokens),
        };
        if !self.kept.replay(ui, &key) {
            let placement = self.dragged.as_ref().map_or(&shown.placement, |(_, p)| p);
            let content = (key.state, key.placement);
            if self.kept.content != Some(content) {
                // The run alone has moved on: boxes keep their ports, and wires stay as they are.
                if self.kept.content.is_some_and(|((project, ..), at)| (project, at) == (state.revision, self.serial)) {
                    refresh(&mut shown.canvas, state, now);
                } else {
                    let (boxes, wires) = views(state, placement, now);
                    update(&mut shown.canvas, boxes, wires);
                }
                self.kept.content = Some(content);
            }
            self.kept.draw(ui, key, &mut shown.canvas, placement, tokens);
        }
    }

    /// Sees to it that `shown` is the layout of the state.
    fn place(&mut self, ui: &Ui, state: &State) {
        let layout = &state.project.layout;
        if self.name != layout.name {
            self.name.clone_from(&layout.name);
            self.settled.clear();
            self.shown = None;
            self.project = None;
        }
        if self.project.as_ref().is_none_or(|p| !Arc::ptr_eq(p, &state.project)) {
            self.follow_rename(state);
            let mut wanted = Wanted::of(layout, &state.library, |id| self.settled.get(id).copied());
            let room = ui.available_size_before_wrap();
            // What stands somewhere stays there, whatever becomes of the window.
            wanted.flat = self.settled.is_empty() && room.y < LOW && room.x > 2.0 * room.y;
            self.wanted = Some(Arc::new(wanted));
            self.project = Some(state.project.clone());
        }
        let Some(wanted) = self.wanted.clone() else { return };
        if self.shown.as_ref().is_some_and(|s| s.placement.wanted == *wanted) {
            return;
        }
        match self.placer.get(&wanted, ui.ctx()) {
            Some(placement) => {
                let first = self.settled.is_empty();
                // Of those that the project places itself it knows better, also after an undo.
                for (c, r) in layout.components.iter().zip(&placement.boxes).filter(|(c, _)| c.position.is_none()) {
                    self.settled.insert(c.id.clone(), r.min);
                }
                self.present(state, placement);
                if first {
                    self.view.fitted = true;
                    self.size = Vec2::ZERO;
                }
            }
            // An edit is seen at once, with its new wires drawn plainly until their way is found.
            None if self.shown.is_some() && wanted.boxes.iter().any(|b| b.at.is_some()) => {
                if self.interim.as_ref().is_none_or(|i| !Arc::ptr_eq(i, &wanted)) {
                    let before = self.shown.as_ref().map(|s| s.placement.clone());
                    let mut quick = quickly(&wanted, before.as_deref());
                    // It is not what was wanted, or that would not be asked for again.
                    quick.wanted.wires.push(None);
                    self.present(state, Arc::new(quick));
                    self.interim = Some(wanted);
                }
            }
            // What is there stays until it is arranged anew, unless it is of other boxes.
            None => {
                let ids = |w: &Wanted| w.boxes.iter().map(|b| b.id.clone()).collect::<Vec<_>>();
                let same = self
                    .shown
                    .as_ref()
                    .is_some_and(|s| ids(&s.placement.wanted) == ids(&wanted) && s.placement.wires.len() == wanted.wires.len());
                if !same {
                    self.shown = None;
                }
            }
        }
    }

    fn present(&mut self, state: &State, placement: Arc<Placement>) {
        let (boxes, wires) = views(state, &placement, Instant::now());
        let canvas = canvas(boxes, wires, &placement);
        let before: HashSet<&ComponentId> = self.shown.iter().flat_map(|s| &s.placement.wanted.boxes).map(|b| &b.id).collect();
        let same = before.len() == placement.boxes.len() && placement.wanted.boxes.iter().all(|b| before.contains(&b.id));
        if !before.is_empty() {
            // What is new must be seen.
            let new = placement.wanted.boxes.iter().zip(&placement.boxes).filter(|(b, _)| !before.contains(&b.id));
            self.reveal = new.map(|(_, r)| *r).reduce(Rect::union).or(self.reveal);
        }
        let band = |i: usize| placement.boxes.get(i).map_or((0, 0), |r| ((r.top() / 64.0).round() as i32, r.left() as i32));
        self.order = (0..placement.boxes.len()).collect();
        self.order.sort_by_key(|i| (!placement.wanted.boxes[*i].host, band(*i), *i));
        self.shown = Some(Shown { placement, canvas, faces: Face::all(&state.project.layout, &state.library) });
        self.serial += 1;
        self.dragged = None;
        self.hovered = None;
        // Its boxes may be others now.
        if !same && matches!(self.gesture, Gesture::Boxes { .. } | Gesture::Wire(_)) {
            self.gesture = Gesture::Rest;
        }
    }

    /// A box under a new name stays where it is.
    fn follow_rename(&mut self, state: &State) {
        let Some(old) = &self.project else { return };
        let (before, now) = (&old.layout.components, &state.project.layout.components);
        if before.len() != now.len() {
            return;
        }
        for (b, n) in before.iter().zip(now).filter(|(b, n)| b.id != n.id) {
            if let Some(at) = self.settled.get(&b.id).copied() {
                self.settled.insert(n.id.clone(), at);
            }
        }
    }

    fn fit(&mut self) {
        if let Some(shown) = &self.shown {
            self.view.fit(shown.placement.bounds, self.size);
        }
    }

    fn wheel(&mut self, ui: &Ui, back: &Response, rect: Rect) {
        let pointer = ui.ctx().pointer_hover_pos().filter(|p| rect.contains(*p) && ui.ctx().layer_id_at(*p) == Some(back.layer_id));
        if let Some(pointer) = pointer {
            let (scroll, pinch, shift) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.shift));
            // A touchpad scrolls in points and has a pinch of its own; a wheel scrolls in lines and zooms.
            let pad = ui.input(|i| {
                i.events.iter().rev().find_map(|e| match e {
                    egui::Event::MouseWheel { unit, .. } => Some(*unit == MouseWheelUnit::Point),
                    _ => None,
                })
            });
            self.on_pad = pad.unwrap_or(self.on_pad);
            if self.on_pad || shift {
                self.view.pan_by(scroll);
                if (pinch - 1.0).abs() > 1e-4 {
                    self.view.zoom_by(pinch, pointer - rect.min);
                }
            } else {
                self.view.pan_by(Vec2::new(scroll.x, 0.0));
                let factor = pinch * (scroll.y * 0.0018).exp();
                if (factor - 1.0).abs() > 1e-4 {
                    self.view.zoom_by(factor, pointer - rect.min);
                }
            }
        }
        if let Some(shown) = &self.shown {
            self.view.keep_in_sight(shown.placement.bounds, rect.size());
        }
    }

    fn hover(&mut self, back: &Response, rect: Rect) {
        // Boxes have widgets of their own on top, so the pointer counts wherever it is within the panel's layer.
        let pointer = back.ctx.pointer_hover_pos().filter(|p| rect.contains(*p) && back.ctx.layer_id_at(*p) == Some(back.layer_id));
        self.hovered = pointer.filter(|p| p.y < rect.bottom() - view::BAR + 6.0).and_then(|p| self.hit(rect, p));
        let icon = match (&self.gesture, self.hovered) {
            (Gesture::Pan, _) => egui::CursorIcon::Grabbing,
            (Gesture::Boxes { .. }, _) => egui::CursorIcon::Move,
            (Gesture::Wire(_), _) | (_, Some(Hit::Port(_))) => egui::CursorIcon::Crosshair,
            (_, Some(_)) => egui::CursorIcon::PointingHand,
            _ => return,
        };
        back.ctx.set_cursor_icon(icon);
    }

    fn take_focus(&mut self, ui: &Ui, id: Id) {
        self.asked_focus = Some(id);
        ui.memory_mut(|m| m.request_focus(id));
    }
}
