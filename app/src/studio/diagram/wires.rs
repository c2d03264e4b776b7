//! Draws one wire: its path, the arrow at the consumer, and what it carries.

use super::boxes::{BoxDisplay, line, size};
use super::graph::{BoxView, Emphasis, WireView};
use super::route;
use crate::studio::theme::{Tokens, diagram};
use egui::{Color32, CornerRadius, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Vec2};
use egui_graphs::{DisplayEdge, DrawContext, EdgeProps, MetadataFrame, Node};
use petgraph::Directed;
use petgraph::stable_graph::DefaultIx;
use std::sync::Arc;

/// How near a click must be, in points of the window.
pub const REACH: f32 = 6.0;

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
        route::distance(&self.view.route.corners, pos) <= REACH
    }

    fn extra_bounds(&self, _: &End, _: &End) -> Option<(Pos2, Pos2)> {
        self.view.route.bounds.map(|b| (b.min, b.max))
    }

    fn shapes(&mut self, _: &End, _: &End, ctx: &DrawContext) -> Vec<Shape> {
        shapes(&self.view, ctx.meta, ctx.painter, &Tokens::of(ctx.ctx))
    }
}

/// All of a wire but its label, as far as it is in sight.
pub fn shapes(view: &WireView, meta: &MetadataFrame, painter: &Painter, t: &Tokens) -> Vec<Shape> {
    let Some(bounds) = view.route.bounds else { return Vec::new() };
    let bounds = Rect::from_min_max(meta.canvas_to_screen_pos(bounds.min), meta.canvas_to_screen_pos(bounds.max));
    if !bounds.expand(10.0).intersects(painter.clip_rect()) {
        return Vec::new();
    }
    let (colour, width) = match view.emphasis {
        Emphasis::Faded => (t.line_strong.gamma_multiply(0.55), 1.2),
        Emphasis::Plain => (if view.from_host { t.host_line } else { t.wire }, 1.4),
        Emphasis::Raised => (t.accent, 2.0),
        Emphasis::Selected => (t.accent, 3.0),
        Emphasis::Refused => (t.bad, 3.0),
    };
    let to_screen = |p: &Pos2| meta.canvas_to_screen_pos(*p);
    if meta.zoom < diagram::ZOOM_TITLES {
        return vec![thin(view.route.corners.iter().map(to_screen), width * 0.6, colour)];
    }
    // What comes from the host is dashed, as the host's boxes are.
    drawn(view.route.points.iter().map(to_screen).collect(), Stroke::new(width, colour), view.from_host, meta.zoom)
}

/// Straight pieces without smooth edges: from far away there are thousands of them.
fn thin(points: impl Iterator<Item = Pos2>, width: f32, colour: Color32) -> Shape {
    let mut mesh = egui::Mesh::default();
    let half = Vec2::splat(width / 2.0);
    let mut last: Option<Pos2> = None;
    for p in points {
        if let Some(l) = last {
            mesh.add_colored_rect(Rect::from_two_pos(l, p).expand2(half), colour);
        }
        last = Some(p);
    }
    Shape::mesh(mesh)
}

/// A line with an arrow at its end, in points of the window.
pub fn drawn(mut points: Vec<Pos2>, stroke: Stroke, dashed: bool, zoom: f32) -> Vec<Shape> {
    let [.., before, tip] = *points.as_slice() else { return Vec::new() };
    // The arrow ends before the port's shape.
    let tip = tip - (tip - before).normalized() * 5.0 * zoom;
    let head = (7.0 * zoom.clamp(0.6, 1.5) + stroke.width).min(12.0 * zoom);
    let dir = (tip - before).normalized();
    if let Some(last) = points.last_mut() {
        *last = tip - dir * (head * 0.8);
    }
    let mut shapes = if dashed { Shape::dashed_line(&points, stroke, 5.0, 3.5) } else { vec![Shape::line(points, stroke)] };
    let side = dir.rot90() * (head * 0.45);
    shapes.push(Shape::convex_polygon(vec![tip, tip - dir * head + side, tip - dir * head - side], stroke.color, Stroke::NONE));
    shapes
}

pub fn label_text(view: &WireView, zoom: f32, painter: &Painter, t: &Tokens) -> Arc<Galley> {
    let colour = match view.emphasis {
        Emphasis::Refused => t.bad,
        _ => t.accent,
    };
    line(painter, view.kind, FontId::proportional(size(diagram::WIRE_LABEL, zoom.clamp(0.95, 1.5))), colour, f32::INFINITY)
}

pub fn label_rect(view: &WireView, meta: &MetadataFrame, text: &Galley) -> Rect {
    Rect::from_center_size(meta.canvas_to_screen_pos(view.route.label), text.size()).expand2(Vec2::new(4.0, 1.0))
}

/// Labels are drawn after all boxes and wires, so that nothing runs through them.
pub fn label_shapes(rect: Rect, text: Arc<Galley>, t: &Tokens, shapes: &mut Vec<Shape>) {
    shapes.push(Shape::rect_filled(rect, CornerRadius::same(3), t.canvas));
    shapes.push(Shape::rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, t.accent), egui::StrokeKind::Inside));
    shapes.push(Shape::galley(rect.center() - text.size() / 2.0, text, t.muted));
}
