//! Draws one box: title, state with icon and word, progress, time.

use super::graph::{BoxView, Emphasis, WireView};
use super::place::box_rect;
use crate::studio::state::component::BoxState;
use crate::studio::theme::{self, Tokens, diagram};
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CornerRadius, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2};
use egui_graphs::{DisplayNode, DrawContext, NodeProps};
use petgraph::Directed;
use petgraph::stable_graph::DefaultIx;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct BoxDisplay {
    view: Arc<BoxView>,
}

impl From<NodeProps<Arc<BoxView>>> for BoxDisplay {
    fn from(props: NodeProps<Arc<BoxView>>) -> Self {
        Self { view: props.payload }
    }
}

impl DisplayNode<Arc<BoxView>, Arc<WireView>, Directed, DefaultIx> for BoxDisplay {
    fn closest_boundary_point(&self, dir: Vec2) -> Pos2 {
        let rect = box_rect(self.view.middle, self.view.host);
        let d = if dir == Vec2::ZERO { Vec2::Y } else { dir };
        let scale = (rect.width() / 2.0 / d.x.abs().max(1e-6)).min(rect.height() / 2.0 / d.y.abs().max(1e-6));
        rect.center() + d * scale
    }

    fn update(&mut self, state: &NodeProps<Arc<BoxView>>) {
        self.view = state.payload.clone();
    }

    fn is_inside(&self, pos: Pos2) -> bool {
        box_rect(self.view.middle, self.view.host).contains(pos)
    }

    fn shapes(&mut self, ctx: &DrawContext) -> Vec<Shape> {
        let at = box_rect(self.view.middle, self.view.host);
        let rect = Rect::from_min_max(ctx.meta.canvas_to_screen_pos(at.min), ctx.meta.canvas_to_screen_pos(at.max));
        if !ctx.painter.clip_rect().intersects(rect) {
            return Vec::new();
        }
        let tokens = Tokens::of(ctx.ctx);
        let mut shapes = Vec::with_capacity(12);
        card(&mut shapes, &self.view, rect, ctx.meta.zoom, &tokens);
        contents(&mut shapes, &self.view, rect, ctx.meta.zoom, &tokens, ctx.painter);
        shapes
    }
}

/// Host parts have square corners and a dashed edge, built ones round corners: the difference must not be colour alone.
fn card(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, zoom: f32, t: &Tokens) {
    let radius = CornerRadius::same(if view.host { 0 } else { (diagram::RADIUS * zoom).round() as u8 });
    let fill = if view.host { t.host_card } else { t.card };
    let edge = match (view.emphasis, view.state) {
        (Emphasis::Selected, _) => Stroke::new(2.5, t.accent),
        (_, BoxState::Failed) => Stroke::new(2.0, t.bad),
        (_, BoxState::Running) => Stroke::new(2.0, t.busy),
        (Emphasis::Raised, _) => Stroke::new(1.5, t.accent),
        _ if view.host => Stroke::new(1.2, t.host_line),
        _ => Stroke::new(1.0, t.line_strong),
    };
    if !view.host {
        shapes.push(Shape::rect_filled(rect.translate(Vec2::new(0.0, 1.5 * zoom)), radius, t.shadow));
    }
    shapes.push(Shape::rect_filled(rect, radius, fill));
    if view.host && view.emphasis != Emphasis::Selected {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        shapes.extend(Shape::dashed_line(&corners, edge, 5.0, 3.0));
    } else {
        shapes.push(Shape::rect_stroke(rect, radius, edge, StrokeKind::Inside));
    }
}

fn contents(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, zoom: f32, t: &Tokens, painter: &Painter) {
    let pad = 10.0 * zoom;
    let inner = rect.shrink2(Vec2::new(pad, 6.0 * zoom));
    let detailed = zoom >= diagram::ZOOM_DETAIL;
    let title_size = size(diagram::TITLE, zoom);
    let detail_size = size(diagram::DETAIL, zoom);
    // While it runs the time stands at the right of the title, else the name, where there is room for both.
    let mut room = inner.width();
    let running = view.state == BoxState::Running;
    let aside = if running { Some(view.time.as_str()) } else { view.name.as_deref() };
    if let Some(aside) = aside.filter(|_| detailed) {
        let g = line(painter, aside, FontId::new(size(diagram::DETAIL - 0.5, zoom), FontFamily::Monospace), t.muted, inner.width() * 0.5);
        let title = line(painter, &view.title, FontId::proportional(title_size), t.text, f32::INFINITY);
        if g.size().x + title.size().x + 6.0 * zoom <= inner.width() {
            room -= g.size().x + 6.0 * zoom;
            shapes.push(Shape::galley(pos2(inner.right() - g.size().x, inner.top() + (title.size().y - g.size().y) * 0.7), g, t.muted));
        }
    }
    let title = line(painter, &view.title, FontId::proportional(title_size), t.text, room);
    let title_y = if detailed { inner.top() } else { rect.center().y - title.size().y / 2.0 };
    shapes.push(Shape::galley(pos2(inner.left(), title_y), title, t.text));
    if !detailed {
        return;
    }
    let colour = t.state(view.state);
    let base = inner.bottom() - if view.share.is_some() { 5.0 * zoom } else { 0.0 };
    let icon = line(painter, theme::state_icon(view.state), FontId::proportional(detail_size * 1.15), colour, f32::INFINITY);
    let icon_width = icon.size().x;
    shapes.push(Shape::galley(pos2(inner.left(), base - icon.size().y), icon, colour));
    let mut right = inner.right();
    if !view.time.is_empty() && !running {
        let g = line(painter, &view.time, FontId::proportional(detail_size), t.muted, inner.width() * 0.5);
        right -= g.size().x;
        shapes.push(Shape::galley(pos2(right, base - g.size().y), g, t.muted));
        right -= 6.0 * zoom;
    }
    let words = match view.detail.as_str() {
        "" => view.state.word().to_owned(),
        // The icon and the frame say `running` too, and objects say more.
        detail if running => format!("running, {detail}"),
        detail => format!("{}: {detail}", view.state.word()),
    };
    let left = inner.left() + icon_width + 5.0 * zoom;
    let mut g = line(painter, &words, FontId::proportional(detail_size), colour, f32::INFINITY);
    if g.size().x > right - left && running {
        g = line(painter, &view.detail, FontId::proportional(detail_size), colour, right - left);
    } else if g.size().x > right - left {
        g = line(painter, &words, FontId::proportional(detail_size), colour, right - left);
    }
    shapes.push(Shape::galley(pos2(left, base - g.size().y), g, colour));
    if let Some(share) = view.share {
        let track = Rect::from_min_max(pos2(inner.left(), rect.bottom() - 7.5 * zoom), pos2(inner.right(), rect.bottom() - 4.0 * zoom));
        let radius = CornerRadius::same(2);
        shapes.push(Shape::rect_filled(track, radius, t.track));
        let mut bar = track;
        bar.set_width(track.width() * share);
        shapes.push(Shape::rect_filled(bar, radius, t.busy));
    }
}

/// Sizes in half points: every other size is another set of glyphs in the font atlas.
pub fn size(points: f32, zoom: f32) -> f32 {
    ((points * zoom * 2.0).round() / 2.0).max(4.0)
}

/// One line, cut with an ellipsis where it is wider than `width`.
pub fn line(painter: &Painter, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<egui::Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    if width.is_finite() {
        job.wrap = TextWrapping::truncate_at_width(width.max(1.0));
    }
    painter.layout_job(job)
}
