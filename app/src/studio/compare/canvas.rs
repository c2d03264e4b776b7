//! The canvas with both layouts: drawn as the diagram draws its boxes and wires, each as much of it as the slider says.

use super::CompareView;
use crate::comparison::scene::{Presence, SceneBox, SceneWire, Stage};
use crate::studio::diagram::graph::{BoxView, Emphasis, Live, Mark, PortView, WireView, symbol};
use crate::studio::diagram::names::named;
use crate::studio::diagram::ports::PortFace;
use crate::studio::diagram::{boxes, canvas, route, wires};
use crate::studio::state::State;
use crate::studio::state::compare::{CompareAction, Focus};
use crate::studio::state::component::BoxState;
use crate::studio::theme::{self, Tokens, icon};
use bootwright_model::{ComponentId, Port, Side};
use egui::{Id, Rect, Response, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use std::collections::BTreeSet;

/// What is not spoken of steps back to this.
const ASIDE: f32 = 0.38;

/// Between the drawing and the slider.
const BELOW: f32 = 6.0;

/// What the story or a click speaks of; none: all alike.
struct Spoken {
    boxes: BTreeSet<ComponentId>,
    needs: BTreeSet<Port>,
}

impl Spoken {
    fn of(state: &State, stage: &Stage) -> Option<Self> {
        let mut spoken = Self { boxes: BTreeSet::new(), needs: BTreeSet::new() };
        match &state.compare.focus {
            Some(Focus::Box(id)) => {
                spoken.boxes.insert(id.clone());
                spoken.needs.extend(stage.scene.wires.iter().filter(|w| w.need.component == *id).map(|w| w.need.clone()));
            }
            Some(Focus::Need(need)) => {
                spoken.boxes.insert(need.component.clone());
                spoken.needs.insert(need.clone());
            }
            None => {
                let step = state.lesson_step()?;
                spoken.boxes.extend(step.boxes.iter().cloned());
                spoken.needs.extend(step.needs.iter().cloned());
            }
        }
        Some(spoken)
    }

    /// A box, or one that a wire that is spoken of comes from or goes to.
    fn has_box(&self, stage: &Stage, i: usize) -> bool {
        let Some(b) = stage.scene.boxes.get(i) else { return false };
        let by_wire = |w: &&SceneWire| {
            let from = |e: &Option<crate::comparison::scene::End>| e.as_ref().is_some_and(|e| e.from == b.title);
            self.needs.contains(&w.need) && (w.need.component == b.id || from(&w.old) || from(&w.new))
        };
        self.boxes.contains(&b.id) || stage.scene.wires.iter().any(|w| by_wire(&w))
    }
}

impl CompareView {
    pub(super) fn canvas(&mut self, ui: &mut Ui, rect: Rect, state: &State, t: &Tokens, actions: &mut Vec<CompareAction>) {
        ui.painter().rect_filled(rect, 0.0, t.canvas);
        let Some(stage) = &self.stage else {
            let words = if state.compare.trouble.is_some() { "There is nothing to draw" } else { "Working out where the boxes go" };
            let font = egui::FontId::proportional(theme::text::BODY);
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, words, font, t.muted);
            return;
        };
        let back = ui.interact(rect, Id::new("comparison"), Sense::click_and_drag());
        let titles = state.compare.compared.as_ref().map(|c| [c.projects[0].layout.title.clone(), c.projects[1].layout.title.clone()]);
        let [old, new] = titles.unwrap_or_default();
        back.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Comparison of {old} with {new}")));
        if self.size != rect.size() && self.view.fitted {
            self.view.fit_above(BELOW, stage.placement.bounds, rect.size());
        }
        self.size = rect.size();
        if back.dragged() {
            self.view.pan_by(back.drag_delta());
        }
        if let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|_| back.contains_pointer()) {
            let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
            let factor = pinch * (scroll.y * 0.0018).exp();
            if (factor - 1.0).abs() > 1e-4 {
                self.view.zoom_by(factor, pointer - rect.min);
            }
        }
        self.view.keep_in_sight(stage.placement.bounds, rect.size());
        if back.double_clicked() {
            self.view.fit_above(BELOW, stage.placement.bounds, rect.size());
        } else if back.clicked() && state.compare.focus.is_some() {
            actions.push(CompareAction::Focus(None));
        }
        self.draw(ui, rect, state, stage, t);
        self.names(ui, rect, state, stage, &back, actions);
    }

    fn draw(&self, ui: &Ui, rect: Rect, state: &State, stage: &Stage, t: &Tokens) {
        let meta = canvas::meta(self.view.zoom, self.view.pan + rect.min.to_vec2());
        let painter = ui.painter_at(rect);
        for (frame, host) in [(stage.placement.built, false), (stage.placement.host, true)] {
            if let Some(frame) = frame {
                painter.extend(canvas::frame(frame, host, &meta, t, &painter));
            }
        }
        let spoken = Spoken::of(state, stage);
        let faded = |opacity: f32| {
            let mut p = painter.clone();
            p.set_opacity(opacity);
            p
        };
        let wired = stage.wired(if self.at < 0.5 { Side::Before } else { Side::After });
        let mut labels = Vec::new();
        for (i, w) in stage.scene.wires.iter().enumerate() {
            let Some(drawn) = stage.wire(i, self.at).filter(|d| d.opacity > 0.0) else { continue };
            let chosen = spoken.as_ref().is_some_and(|s| s.needs.contains(&w.need));
            let aside = spoken.is_some() && !chosen;
            let emphasis = match w.presence {
                _ if chosen => Emphasis::Selected,
                Presence::Both if aside => Emphasis::Faded,
                Presence::Both => Emphasis::Plain,
                _ => Emphasis::Raised,
            };
            let view = wire_view(w, drawn.route, drawn.from_host, emphasis);
            let seen = drawn.opacity * if aside { ASIDE } else { 1.0 };
            faded(seen).extend(wires::shapes(&view, &meta, &painter, t));
            // A label beside a wire that is on its way would run along with it.
            if view.raised() && !aside && drawn.opacity >= 1.0 && (!self.moving() || chosen) {
                labels.push(view);
            }
        }
        for i in 0..stage.scene.boxes.len() {
            let opacity = stage.box_opacity(i, self.at);
            if opacity > 0.0 {
                let chosen = spoken.as_ref().map(|s| s.has_box(stage, i));
                let view = box_view(stage, i, &wired, state, chosen == Some(true), t);
                faded(opacity * if chosen == Some(false) { ASIDE } else { 1.0 }).extend(boxes::shapes(&view, &meta, &painter, t));
            }
        }
        // The ports have the same names; a label on top of them would hide more than it says.
        labels.retain(|v: &WireView| {
            let room = Rect::from_center_size(v.route.label, Vec2::new(v.kind.len() as f32 * 6.0 + 8.0, 14.0) / self.view.zoom.min(1.0));
            !stage.placement.boxes.iter().enumerate().any(|(i, r)| r.intersects(room) && stage.box_opacity(i, self.at) > 0.0)
        });
        painter.extend(canvas::labels_of(labels.iter(), meta.zoom, &meta, &painter, t));
    }

    /// A widget for each box and wire of both layouts, also for what the slider does not show now.
    fn names(&self, ui: &Ui, rect: Rect, state: &State, stage: &Stage, back: &Response, actions: &mut Vec<CompareAction>) {
        let mut clicked = None;
        for (i, w) in stage.scene.wires.iter().enumerate() {
            let Some(drawn) = stage.wire(i, self.at) else { continue };
            let area = Rect::from_center_size(self.view.to_screen(rect, drawn.route.label), Vec2::new(30.0, 12.0)).intersect(rect);
            let focus = Focus::Need(w.need.clone());
            let chosen = state.compare.focus.as_ref() == Some(&focus);
            let sense = if drawn.opacity > 0.5 { Sense::CLICK } else { Sense::empty() };
            let info = || WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, w.label());
            if named(ui, area, Id::new(("compared wire", i)), sense, info).clicked() {
                clicked = Some(focus);
            }
        }
        for (i, (b, r)) in stage.scene.boxes.iter().zip(&stage.placement.boxes).enumerate() {
            let area = self.view.rect_to_screen(rect, *r).intersect(rect);
            let focus = Focus::Box(b.id.clone());
            let chosen = state.compare.focus.as_ref() == Some(&focus);
            let seen = stage.box_opacity(i, self.at) > 0.5;
            let info = || WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, b.label());
            let r = named(ui, area, Id::new(("compared box", &b.id)), if seen { Sense::click() } else { Sense::empty() }, info);
            if r.clicked() {
                clicked = Some(focus);
            }
            if r.has_focus() {
                ui.painter_at(rect).rect_stroke(area, 4, egui::Stroke::new(1.5, Tokens::of(ui.ctx()).accent), egui::StrokeKind::Outside);
            }
            if seen && let Some(recipe) = state.library.recipe(&b.recipe) {
                r.on_hover_text(format!("{}: {}. {}", b.title, b.presence.word(), recipe.explain));
            }
        }
        // A wire is more than its label's place.
        if clicked.is_none()
            && let Some(p) = back.interact_pointer_pos().filter(|_| back.clicked())
        {
            let at = self.view.to_canvas(rect, p);
            let near = |i: usize| Some((i, route::distance(&stage.wire(i, self.at).filter(|d| d.opacity > 0.5)?.route.corners, at)));
            let found = (0..stage.scene.wires.len()).filter_map(near).min_by(|a, b| a.1.total_cmp(&b.1));
            clicked =
                found.filter(|(_, d)| *d <= wires::REACH / self.view.zoom).map(|(i, _)| Focus::Need(stage.scene.wires[i].need.clone()));
        }
        if let Some(focus) = clicked {
            let same = state.compare.focus.as_ref() == Some(&focus);
            actions.push(CompareAction::Focus((!same).then_some(focus)));
        }
    }

    pub(super) fn fit(&mut self) {
        if let Some(stage) = &self.stage {
            self.view.fit_above(BELOW, stage.placement.bounds, self.size);
        }
    }
}

fn wire_view(w: &SceneWire, route: std::sync::Arc<route::Route>, from_host: bool, emphasis: Emphasis) -> WireView {
    let from = w.new.as_ref().or(w.old.as_ref()).map_or_else(String::new, |e| e.from.clone());
    WireView { kind: w.kind, from, to: w.to.clone(), route, from_host, emphasis }
}

fn box_view(stage: &Stage, i: usize, wired: &BTreeSet<(usize, bool, usize)>, state: &State, chosen: bool, t: &Tokens) -> BoxView {
    let b: &SceneBox = &stage.scene.boxes[i];
    let ports = |ports: &[PortFace], output: bool| {
        let port = |(k, p): (usize, &PortFace)| {
            let wired = wired.contains(&(i, output, k));
            PortView { kind: p.kind, name: p.name.clone(), wired, missing: false, label: String::new() }
        };
        ports.iter().enumerate().map(port).collect()
    };
    let (icon, colour) = sign(b.presence, t);
    BoxView {
        id: b.id.clone(),
        rect: stage.placement.boxes[i],
        icon: state.library.recipe(&b.recipe).map_or(icon::CUBE, symbol),
        title: b.title.clone(),
        host: b.host,
        target: false,
        live: Live {
            state: BoxState::Unknown,
            version: None,
            detail: String::new(),
            time: String::new(),
            size: String::new(),
            share: None,
        },
        mark: Some(Mark { icon, words: b.presence.word(), colour }),
        emphasis: if chosen { Emphasis::Selected } else { Emphasis::Plain },
        needs: ports(&b.face.needs, false),
        outputs: ports(&b.face.outputs, true),
    }
}

/// Icon and colour of where something is; the word beside it says it too.
pub(super) fn sign(presence: Presence, t: &Tokens) -> (&'static str, egui::Color32) {
    match presence {
        Presence::Both => (icon::EQUALS, t.muted),
        Presence::Before => (icon::MINUS_CIRCLE, t.warn),
        Presence::After => (icon::PLUS, t.good),
        Presence::Moved => (icon::COMPARE, t.accent),
    }
}
