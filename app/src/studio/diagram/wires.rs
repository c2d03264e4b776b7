//! Draws one wire: its path, the arrow at the consumer, and what it carries.

use super::boxes::{BoxDisplay, line, size};
use super::graph::{BoxView, Emphasis, WireView};
use super::route;
use crate::studio::theme::{Tokens, diagram};
use egui::{CornerRadius, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2};
use egui_graphs::{DisplayEdge, DrawContext, EdgeProps, MetadataFrame, Node};
use petgraph::Directed;
use petgraph::stable_graph::DefaultIx;
use std::sync::Arc;

/// How near a click must be, in points of the unscaled diagram.
const REACH: f32 = 6.0;

#[derive(Clone, Debug)]
pub struct WireDisplay {
    view: Arc<WireView>,
}

impl From<EdgeProps<Arc<WireView>>> for WireDisplay {
    fn from(props: EdgeProps<Arc<WireView>>) -> Self {
        Self { view: props.payload }
    }
}

type End = Node<Arc<BoxView>, Arc<WireView>, Directed, DefaultIx, BoxDisplay>;

impl DisplayEdge<Arc<BoxView>, Arc<WireView>, Directed, DefaultIx, BoxDisplay> for WireDisplay {
    fn update(&mut self, state: &EdgeProps<Arc<WireView>>) {
        self.view = state.payload.clone();
    }

    fn is_inside(&self, _: &End, _: &End, pos: Pos2) -> bool {
        route::distance(&self.view.route.points, pos) <= REACH
    }

    fn extra_bounds(&self, _: &End, _: &End) -> Option<(Pos2, Pos2)> {
        let bounds = Rect::from_points(&self.view.route.points);
        bounds.is_finite().then_some((bounds.min, bounds.max))
    }

    fn shapes(&mut self, _: &End, _: &End, ctx: &DrawContext) -> Vec<Shape> {
        let mut shapes = Vec::new();
        let t = Tokens::of(ctx.ctx);
        let points: Vec<Pos2> = self.view.route.points.iter().map(|p| ctx.meta.canvas_to_screen_pos(*p)).collect();
        let [.., before, tip] = points.as_slice() else { return shapes };
        if !Rect::from_points(&points).expand(20.0).intersects(ctx.painter.clip_rect()) {
            return shapes;
        }
        let (colour, width) = match self.view.emphasis {
            Emphasis::Faded => (t.line_strong.gamma_multiply(0.55), 1.2),
            Emphasis::Plain => (if self.view.from_host { t.host_line } else { t.wire }, 1.4),
            Emphasis::Raised => (t.accent, 2.0),
            Emphasis::Selected => (t.accent, 3.0),
        };
        let stroke = Stroke::new(width, colour);
        let zoom = ctx.meta.zoom;
        let head = 7.0 * zoom.clamp(0.7, 1.5) + width;
        let dir = (*tip - *before).normalized();
        let mut body = points.clone();
        if let Some(last) = body.last_mut() {
            *last = *tip - dir * (head * 0.8);
        }
        // What comes from the host is dashed, as the host's boxes are.
        if self.view.from_host {
            shapes.extend(Shape::dashed_line(&body, stroke, 5.0, 3.5));
        } else {
            shapes.push(Shape::line(body, stroke));
        }
        let side = dir.rot90() * (head * 0.42);
        shapes.push(Shape::convex_polygon(vec![*tip, *tip - dir * head + side, *tip - dir * head - side], colour, Stroke::NONE));
        shapes
    }
}

/// Whether its label is drawn: always when there is room, else for what is looked at.
pub fn labelled(view: &WireView, zoom: f32) -> bool {
    !view.route.points.is_empty() && (zoom >= diagram::ZOOM_LABELS || view.raised())
}

pub fn label_text(view: &WireView, zoom: f32, painter: &Painter, t: &Tokens) -> Arc<Galley> {
    let colour = if view.raised() { t.accent } else { t.muted };
    line(painter, view.kind, FontId::proportional(size(diagram::WIRE_LABEL, zoom.max(0.95))), colour, f32::INFINITY)
}

pub fn label_rect(view: &WireView, meta: &MetadataFrame, text: &Galley) -> Rect {
    Rect::from_center_size(meta.canvas_to_screen_pos(view.route.label), text.size()).expand2(Vec2::new(4.0, 1.0))
}

/// Labels are drawn after all boxes and wires, so that nothing runs through them.
pub fn label_shapes(view: &WireView, rect: Rect, text: Arc<Galley>, t: &Tokens, shapes: &mut Vec<Shape>) {
    shapes.push(Shape::rect_filled(rect, CornerRadius::same(3), t.canvas));
    if view.raised() {
        shapes.push(Shape::rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, t.accent), egui::StrokeKind::Inside));
    }
    shapes.push(Shape::galley(rect.center() - text.size() / 2.0, text, t.muted));
}
