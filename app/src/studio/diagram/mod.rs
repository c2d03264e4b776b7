//! The diagram: boxes and wires of the project on a canvas that can be moved and zoomed.

mod boxes;
mod canvas;
mod graph;
pub mod place;
pub mod route;
mod wires;

use super::action::{Action, Selection};
use super::state::State;
use super::state::component::BoxState;
use super::theme::{self, Tokens, diagram, icon, space};
use super::widgets::icon_button;
use canvas::{Kept, Key};
use egui::{Id, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use graph::{BoxView, Canvas, WireView, canvas, update, views};
use petgraph::stable_graph::{EdgeIndex, NodeIndex};
use place::{Placement, Placer, Wanted, box_rect};
use std::sync::Arc;
use std::time::Instant;

/// Room between the diagram and the edge of its panel, in points.
const MARGIN: f32 = 14.0;

#[derive(Default)]
pub struct Diagram {
    placer: Placer,
    /// What is wanted, and the state's revision that it was worked out for.
    wanted: Option<(u64, Arc<Wanted>)>,
    shown: Option<Shown>,
    /// Points of the window = points of the diagram × zoom + pan + the panel's corner.
    zoom: f32,
    pan: Vec2,
    /// The user has not moved or zoomed it, so it follows the size of the panel.
    fitted: bool,
    size: Vec2,
    hovered: Option<Selection>,
    kept: Kept,
}

struct Shown {
    placement: Arc<Placement>,
    canvas: Canvas,
}

impl Diagram {
    #[cfg(test)]
    pub fn drawn(&self) -> u64 {
        self.kept.drawn
    }

    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let tokens = Tokens::of(ui.ctx());
        let rect = ui.available_rect_before_wrap();
        ui.painter().rect_filled(rect, 0.0, tokens.canvas);
        let mut actions = Vec::new();
        self.place(ui, state);
        let Some(shown) = &self.shown else {
            ui.painter().text(
                rect.center(),
                egui::Align2::CENTER_CENTER,
                "Working out where the boxes go",
                egui::FontId::proportional(theme::text::BODY),
                tokens.muted,
            );
            return actions;
        };
        if self.fitted && self.size != rect.size() {
            let bounds = shown.placement.bounds;
            self.fit(bounds, rect.size());
        }
        self.size = rect.size();

        let back = ui.interact(rect, Id::new("diagram"), Sense::click_and_drag());
        back.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Diagram of {}", state.project.layout.title)));
        self.navigate(ui, &back, rect);
        self.hover(&back, rect);

        let now = Instant::now();
        let Some(shown) = &mut self.shown else { return actions };
        // Once a second the running times change; everything else counts its own changes.
        let tick = state.steps_running().map(|since| (now - since).as_secs()).max().unwrap_or(0);
        let key = Key {
            state: (state.revision, state.run.revision, tick),
            placement: Arc::as_ptr(&shown.placement) as usize,
            rect,
            zoom: self.zoom,
            pan: self.pan,
            hovered: self.hovered.clone(),
            look: canvas::look(ui, &tokens),
        };
        if !self.kept.replay(ui, &key) {
            let (boxes, wires) = views(state, &shown.placement, self.hovered.as_ref(), now);
            update(&mut shown.canvas, boxes, wires);
            self.kept.draw(ui, key, &mut shown.canvas, &shown.placement, &tokens);
        }
        let clicked = self.nodes(ui, rect, state);
        if back.clicked() {
            actions.push(Action::Select(self.hovered.clone()));
        }
        actions.extend(clicked.map(|s| Action::Select(Some(s))));
        self.buttons(ui, rect);
        self.legend(ui, rect, &tokens);
        actions
    }

    /// Sees to it that `shown` is the layout of the state.
    fn place(&mut self, ui: &Ui, state: &State) {
        let revision = state.revision;
        if self.wanted.as_ref().is_none_or(|(r, _)| *r != revision) {
            let layout = &state.project.layout;
            let wanted = Wanted::of(layout, &state.library, |i| state.kind_of(&layout.wires[i]).len());
            self.wanted = Some((revision, Arc::new(wanted)));
        }
        let Some((_, wanted)) = &self.wanted else { return };
        if self.shown.as_ref().is_some_and(|s| s.placement.wanted == **wanted) {
            return;
        }
        // Until the new one is there, the old one must not show boxes of another layout under new names.
        self.shown = self.placer.get(wanted, ui.ctx()).map(|placement| {
            let (boxes, wires) = views(state, &placement, None, Instant::now());
            let canvas = canvas(boxes, wires, &placement.wanted.wires);
            Shown { placement, canvas }
        });
        self.fitted = true;
        self.size = Vec2::ZERO;
        self.hovered = None;
    }

    fn fit(&mut self, bounds: Rect, size: Vec2) {
        let room = (size - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(50.0));
        let whole = (room.x / bounds.width()).min(room.y / bounds.height());
        self.zoom = whole.clamp(diagram::ZOOM_FIT_MIN, diagram::ZOOM_FIT_MAX);
        self.pan = size / 2.0 - bounds.center().to_vec2() * self.zoom;
        // Where it does not fit at a readable size, it starts at its top and at its left.
        if bounds.height() * self.zoom > room.y {
            self.pan.y = MARGIN - bounds.top() * self.zoom;
        }
        if bounds.width() * self.zoom > room.x {
            self.pan.x = MARGIN - bounds.left() * self.zoom;
        }
        self.fitted = true;
    }

    fn zoom_by(&mut self, factor: f32, about: Vec2) {
        let zoom = (self.zoom * factor).clamp(diagram::ZOOM_MIN, diagram::ZOOM_MAX);
        self.pan = about - (about - self.pan) * (zoom / self.zoom);
        self.zoom = zoom;
        self.fitted = false;
    }

    fn navigate(&mut self, ui: &Ui, back: &Response, rect: Rect) {
        if back.dragged() && back.drag_delta() != Vec2::ZERO {
            self.pan += back.drag_delta();
            self.fitted = false;
        }
        let pointer = ui.ctx().pointer_hover_pos().filter(|p| rect.contains(*p) && (back.contains_pointer() || self.hovered.is_some()));
        if let Some(pointer) = pointer {
            let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
            let factor = pinch * (wheel * 0.0018).exp();
            if (factor - 1.0).abs() > 1e-4 {
                self.zoom_by(factor, pointer - rect.min);
            }
        }
        // At least a corner of the diagram stays in sight.
        if let Some(shown) = &self.shown {
            let b = shown.placement.bounds;
            let (min, max) = (b.min.to_vec2() * self.zoom, b.max.to_vec2() * self.zoom);
            let keep = Vec2::splat(60.0);
            self.pan = self.pan.clamp(keep - max, rect.size() - keep - min);
        }
    }

    fn to_screen(&self, rect: Rect, p: Pos2) -> Pos2 {
        (p.to_vec2() * self.zoom + self.pan + rect.min.to_vec2()).to_pos2()
    }

    fn hover(&mut self, back: &Response, rect: Rect) {
        let Some(shown) = &self.shown else { return };
        // Boxes have widgets of their own on top, so the pointer counts wherever it is within the panel's layer.
        let pointer = back.ctx.pointer_hover_pos().filter(|p| rect.contains(*p) && back.ctx.layer_id_at(*p) == Some(back.layer_id));
        let meta = canvas::meta(self.zoom, self.pan + rect.min.to_vec2());
        self.hovered = pointer.and_then(|p| {
            let layout = &shown.placement.wanted;
            let node = shown.canvas.node_by_screen_pos(&meta, p).map(|n| Selection::Component(layout.boxes[n.index()].0.clone()));
            node.or_else(|| shown.canvas.edge_by_screen_pos(&meta, p).map(|e| Selection::Wire(e.index())))
        });
        if self.hovered.is_some() {
            back.ctx.set_cursor_icon(egui::CursorIcon::PointingHand);
        }
    }

    /// A widget for each box and wire: names for screen readers and tests, tips, and clicks on labels.
    fn nodes(&self, ui: &Ui, rect: Rect, state: &State) -> Option<Selection> {
        let shown = self.shown.as_ref()?;
        let mut clicked = None;
        for i in 0..shown.canvas.edge_count() {
            let Some(view) = shown.canvas.edge(EdgeIndex::new(i)).map(|e| e.payload().clone()) else { continue };
            let size = Vec2::new(view.kind.len() as f32 * 5.6 + 10.0, 16.0) * self.zoom;
            let area = Rect::from_center_size(self.to_screen(rect, view.route.label), size).intersect(rect);
            let this = Selection::Wire(i);
            if self.named(ui, area, &this, state, || wire_info(&view, state.selection == Some(Selection::Wire(i)))) {
                clicked = Some(this);
            }
        }
        for i in 0..shown.canvas.node_count() {
            let Some(view) = shown.canvas.node(NodeIndex::new(i)).map(|n| n.payload().clone()) else { continue };
            let at = box_rect(view.middle, view.host);
            let area = Rect::from_min_max(self.to_screen(rect, at.min), self.to_screen(rect, at.max)).intersect(rect);
            let this = Selection::Component(view.id.clone());
            if self.named(ui, area, &this, state, || box_info(&view, state.selection == Some(Selection::Component(view.id.clone())))) {
                clicked = Some(this);
            }
        }
        clicked
    }

    fn named(&self, ui: &Ui, area: Rect, this: &Selection, state: &State, info: impl Fn() -> WidgetInfo) -> bool {
        let id = match this {
            Selection::Component(c) => Id::new(("box", c.as_str())),
            Selection::Wire(i) => Id::new(("wire", *i)),
        };
        // Out of sight it still has its name, but no place.
        let area = if area.is_positive() { area } else { Rect::from_min_size(ui.max_rect().min, Vec2::ZERO) };
        let response = ui.interact(area, id, Sense::click());
        response.widget_info(info);
        let clicked = response.clicked();
        if let Selection::Component(component) = this {
            response.on_hover_ui_at_pointer(|ui| {
                ui.label(state.box_tip(component));
            });
        }
        clicked
    }

    fn buttons(&mut self, ui: &mut Ui, rect: Rect) {
        let Some(bounds) = self.shown.as_ref().map(|s| s.placement.bounds) else { return };
        let size = Vec2::new(96.0, 28.0);
        let area = Rect::from_min_size(rect.right_bottom() - size - Vec2::splat(space::M), size);
        let mut corner = ui.new_child(
            egui::UiBuilder::new().id_salt("diagram buttons").max_rect(area).layout(egui::Layout::right_to_left(egui::Align::Min)),
        );
        corner.spacing_mut().item_spacing.x = space::S;
        let middle = rect.size() / 2.0;
        if icon_button(&mut corner, icon::FIT, "Fit the diagram to the window").clicked() {
            self.fit(bounds, rect.size());
        }
        if icon_button(&mut corner, icon::PLUS, "Zoom in").clicked() {
            self.zoom_by(1.25, middle);
        }
        if icon_button(&mut corner, icon::MINUS, "Zoom out").clicked() {
            self.zoom_by(0.8, middle);
        }
    }

    /// What the two kinds of boxes and wires mean.
    fn legend(&self, ui: &Ui, rect: Rect, t: &Tokens) {
        if rect.height() < 200.0 {
            return;
        }
        let painter = ui.painter_at(rect);
        let at = rect.left_bottom() + Vec2::new(MARGIN, -MARGIN);
        let font = egui::FontId::proportional(theme::text::SMALL);
        for (i, (words, host)) in [("built here", false), ("from the host", true)].into_iter().enumerate() {
            let y = at.y - 6.0 - 16.0 * i as f32;
            let ends = [egui::pos2(at.x, y), egui::pos2(at.x + 24.0, y)];
            let stroke = egui::Stroke::new(1.4, if host { t.host_line } else { t.wire });
            if host {
                painter.extend(egui::Shape::dashed_line(&ends, stroke, 5.0, 3.5));
            } else {
                painter.line_segment(ends, stroke);
            }
            painter.text(egui::pos2(at.x + 30.0, y), egui::Align2::LEFT_CENTER, words, font.clone(), t.muted);
        }
    }
}

fn box_info(view: &BoxView, selected: bool) -> WidgetInfo {
    let mut info = WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, view.label());
    info.value = view.share.filter(|_| view.state == BoxState::Running).map(f64::from);
    info
}

fn wire_info(view: &WireView, selected: bool) -> WidgetInfo {
    WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, view.label())
}
