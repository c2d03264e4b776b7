//! What is painted over the diagram while the mouse does something: it changes with every movement, the picture below
//! does not.

use super::boxes::port_at;
use super::gesture::{Draw, Gesture};
use super::hit::Hit;
use super::ports::port_pos;
use super::route::{Ends, plain};
use super::{Diagram, wires};
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, space};
use bootwright_model::{ComponentId, Refusal};
use egui::{Align2, CornerRadius, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, Vec2};

impl Diagram {
    pub(super) fn paint_over(&self, ui: &Ui, rect: Rect, state: &State, t: &Tokens) {
        let painter = ui.painter_at(rect);
        let pointer = ui.ctx().pointer_latest_pos();
        match (&self.gesture, pointer) {
            (Gesture::Rest | Gesture::Pan | Gesture::Boxes { .. }, _) => self.hover_mark(&painter, rect, t),
            (Gesture::Marquee { from, .. }, Some(p)) => {
                let area = Rect::from_two_pos(self.view.to_screen(rect, *from), p);
                painter.rect(area, CornerRadius::ZERO, t.accent.gamma_multiply(0.12), Stroke::new(1.0, t.accent), StrokeKind::Inside);
            }
            (Gesture::Wire(draw), Some(p)) => self.wire_in_hand(&painter, rect, state, t, draw, p),
            _ => {}
        }
    }

    fn hover_mark(&self, painter: &Painter, rect: Rect, t: &Tokens) {
        let Some(shown) = self.shown.as_ref().filter(|_| self.dragged.is_none()) else { return };
        let zoom = self.view.zoom;
        match self.hovered {
            Some(Hit::Box(i)) => {
                if let Some(r) = shown.placement.boxes.get(i) {
                    let radius =
                        if shown.placement.wanted.boxes.get(i).is_some_and(|b| b.host) { 0.0 } else { theme::diagram::RADIUS * zoom };
                    let r = self.view.rect_to_screen(rect, *r);
                    painter.rect_stroke(r, CornerRadius::same(radius as u8), Stroke::new(1.5, t.accent), StrokeKind::Inside);
                }
            }
            Some(Hit::Port(p)) => {
                let kind = shown.faces.get(p.at).and_then(|f| if p.output { f.outputs.get(p.index) } else { f.needs.get(p.index) });
                if let (Some(r), Some(port)) = (shown.placement.boxes.get(p.at), kind) {
                    let at = self.view.to_screen(rect, port_pos(*r, p.output, p.index));
                    painter.add(port_at(port.kind, at, 7.5 * zoom.max(0.7), t.accent_soft, Stroke::new(1.8, t.accent)));
                }
            }
            Some(Hit::Wire(i)) => {
                if let Some(route) = shown.placement.wires.get(i) {
                    let points = route.points.iter().map(|p| self.view.to_screen(rect, *p)).collect();
                    painter.extend(wires::drawn(points, Stroke::new(2.2, t.accent), false, zoom));
                }
            }
            None => {}
        }
    }

    fn wire_in_hand(&self, painter: &Painter, rect: Rect, state: &State, t: &Tokens, draw: &Draw, p: Pos2) {
        let Some(shown) = &self.shown else { return };
        let zoom = self.view.zoom;
        let landing = self.landing(state, draw, self.hit(rect, p));
        // Boxes without a port that fits step back.
        for (i, r) in shown.placement.boxes.iter().enumerate() {
            if i != draw.fixed.at && !draw.fitting.iter().any(|f| f.at == i) {
                painter.rect_filled(self.view.rect_to_screen(rect, *r), CornerRadius::ZERO, t.canvas.gamma_multiply(0.6));
            }
        }
        for f in &draw.fitting {
            let face = shown.faces.get(f.at).and_then(|face| if f.output { face.outputs.get(f.index) } else { face.needs.get(f.index) });
            if let (Some(r), Some(port)) = (shown.placement.boxes.get(f.at), face) {
                let at = self.view.to_screen(rect, port_pos(*r, f.output, f.index));
                let chosen = landing.as_ref().is_some_and(|l| l.as_ref() == Ok(f));
                let radius = (if chosen { 10.0 } else { 7.5 }) * zoom.max(0.7);
                painter.add(port_at(port.kind, at, radius, if chosen { t.accent } else { t.accent_soft }, Stroke::new(2.0, t.accent)));
            }
        }
        let Some(from) = shown.placement.boxes.get(draw.fixed.at) else { return };
        let hold = port_pos(*from, draw.fixed.output, draw.fixed.index);
        let free = match &landing {
            Some(Ok(end)) => shown.placement.boxes.get(end.at).map(|r| port_pos(*r, end.output, end.index)),
            _ => None,
        };
        let free = free.unwrap_or(self.view.to_canvas(rect, p));
        let (start, end) = if draw.fixed.output { (hold, free) } else { (free, hold) };
        let route = plain(&Ends { start, end, net: (0, 0) });
        let points = route.points.iter().map(|p| self.view.to_screen(rect, *p)).collect();
        let refused = matches!(landing, Some(Err(_)));
        painter.extend(wires::drawn(points, Stroke::new(2.4, if refused { t.bad } else { t.accent }), false, zoom));
        match landing {
            Some(Err(r)) => {
                self.circle(painter, rect, state, t, &r);
                tip(painter, rect, p, &r.reason, t.bad, t);
            }
            Some(Ok(end)) => {
                if let Some((from, to)) = self.joined(state, draw.fixed, end) {
                    let names = format!("{} ← {}", state.title_of(&to.component), state.title_of(&from.component));
                    tip(painter, rect, p, &names, t.accent, t);
                }
            }
            None if draw.fitting.is_empty() => tip(painter, rect, p, "Nothing here fits this port; add a component that does", t.warn, t),
            None => {}
        }
    }

    /// The boxes of a circle and the wires between them.
    fn circle(&self, painter: &Painter, rect: Rect, state: &State, t: &Tokens, refusal: &Refusal) {
        let Some(shown) = &self.shown else { return };
        let layout = &state.project.layout;
        let at = |id: &ComponentId| layout.components.iter().position(|c| c.id == *id).and_then(|i| shown.placement.boxes.get(i));
        for id in &refusal.circle {
            if let Some(r) = at(id) {
                let r = self.view.rect_to_screen(rect, *r).expand(2.0);
                painter.rect_stroke(r, CornerRadius::same(4), Stroke::new(2.5, t.bad), StrokeKind::Outside);
            }
        }
        for (w, route) in layout.wires.iter().zip(&shown.placement.wires) {
            if refusal.circle.windows(2).any(|c| c[0] == w.from.component && c[1] == w.to.component) {
                let points = route.points.iter().map(|p| self.view.to_screen(rect, *p)).collect();
                painter.extend(wires::drawn(points, Stroke::new(3.0, t.bad), false, self.view.zoom));
            }
        }
    }
}

/// Words near the pointer, kept within the panel.
fn tip(painter: &Painter, rect: Rect, p: Pos2, words: &str, line: egui::Color32, t: &Tokens) {
    let text = painter.layout(words.to_owned(), FontId::proportional(theme::text::SMALL), t.text, 260.0_f32.min(rect.width() - 40.0));
    let size = text.size() + Vec2::new(2.0 * space::M, space::M);
    let mut area = Rect::from_min_size(p + Vec2::new(16.0, 18.0), size);
    let over = (area.max - rect.max + Vec2::splat(4.0)).max(Vec2::ZERO);
    area = area.translate(-over);
    let area = area.translate((rect.min - area.min + Vec2::splat(4.0)).max(Vec2::ZERO));
    painter.rect(area, CornerRadius::same(5), t.panel, Stroke::new(1.2, line), StrokeKind::Inside);
    painter.add(Shape::galley(Align2::CENTER_CENTER.align_size_within_rect(text.size(), area).min, text, t.text));
}
