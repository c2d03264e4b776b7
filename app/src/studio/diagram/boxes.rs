//! Draws one box: icon, title, version, state, progress, time, size and ports; less of it from far away.

use super::graph::{BoxView, Emphasis, PortView, WireView};
use super::ports::{HEAD, outline, port_pos};
use crate::studio::state::component::BoxState;
use crate::studio::theme::{self, Tokens, diagram};
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CornerRadius, FontFamily, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2};
use egui_graphs::{DisplayNode, DrawContext, MetadataFrame, NodeProps};
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
        let rect = self.view.rect;
        let d = if dir == Vec2::ZERO { Vec2::Y } else { dir };
        let scale = (rect.width() / 2.0 / d.x.abs().max(1e-6)).min(rect.height() / 2.0 / d.y.abs().max(1e-6));
        rect.center() + d * scale
    }

    fn update(&mut self, state: &NodeProps<Arc<BoxView>>) {
        self.view = state.payload.clone();
    }

    fn is_inside(&self, pos: Pos2) -> bool {
        self.view.rect.contains(pos)
    }

    fn shapes(&mut self, ctx: &DrawContext) -> Vec<Shape> {
        shapes(&self.view, ctx.meta, ctx.painter, &Tokens::of(ctx.ctx))
    }
}

/// All of a box, as far as it is in sight; `meta` is the way from the diagram to the window.
pub fn shapes(view: &BoxView, meta: &MetadataFrame, painter: &Painter, t: &Tokens) -> Vec<Shape> {
    let at = view.rect;
    let rect = Rect::from_min_max(meta.canvas_to_screen_pos(at.min), meta.canvas_to_screen_pos(at.max));
    if !painter.clip_rect().intersects(rect.expand(6.0)) {
        return Vec::new();
    }
    let zoom = meta.zoom;
    let mut shapes = Vec::with_capacity(if zoom < diagram::ZOOM_TITLES { 2 } else { 24 });
    if zoom < diagram::ZOOM_TITLES {
        let bar = block(&mut shapes, view, rect, t);
        tag(&mut shapes, view, rect, bar, t, painter);
        return shapes;
    }
    card(&mut shapes, view, rect, zoom, t);
    if zoom < diagram::ZOOM_DETAIL {
        headline(&mut shapes, view, rect, zoom, t, painter);
        return shapes;
    }
    head(&mut shapes, view, rect, zoom, t, painter);
    for (output, ports) in [(false, &view.needs), (true, &view.outputs)] {
        for (i, port) in ports.iter().enumerate() {
            let p = meta.canvas_to_screen_pos(port_pos(at, output, i));
            label(&mut shapes, port, output, p, rect.width() * 0.52, zoom, t, painter);
            port_shape(&mut shapes, port, p, zoom, view.host, t);
        }
    }
    shapes
}

/// From far away: its colour says the state, its edge whose it is. Gives the width of the bar with the state.
fn block(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, t: &Tokens) -> f32 {
    let (fill, edge) = match (view.emphasis, view.host) {
        (Emphasis::Selected | Emphasis::Raised, _) => (t.accent_soft, t.accent),
        (Emphasis::Refused, _) => (t.bad_soft, t.bad),
        (_, true) => (t.host_card, t.host_line),
        _ => (t.card, t.line_strong),
    };
    let mut mesh = egui::Mesh::default();
    mesh.add_colored_rect(rect, edge);
    mesh.add_colored_rect(rect.shrink(1.0), fill);
    let mut bar = rect.shrink(1.0);
    bar.set_width(if view.host { 0.0 } else { (bar.width() * 0.22).min(5.0) });
    if !view.host {
        mesh.add_colored_rect(bar, sign(view, t).1);
    }
    shapes.push(Shape::mesh(mesh));
    bar.width()
}

/// The name in a block that has room for some letters of it, never smaller than can be read.
fn tag(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, bar: f32, t: &Tokens, painter: &Painter) {
    let room = Rect::from_min_max(pos2(rect.left() + bar + 3.0, rect.top()), pos2(rect.right() - 1.0, rect.bottom()));
    let rows = (room.height() / (diagram::LEAST * 1.1)).floor();
    if room.width() < diagram::LEAST_TAG || rows < 1.0 {
        return;
    }
    let mut job = LayoutJob::simple(view.title.clone(), FontId::proportional(diagram::LEAST), t.text, room.width());
    job.wrap.max_rows = (rows as usize).min(2);
    job.wrap.break_anywhere = rows < 2.0;
    let text = painter.layout_job(job);
    shapes.push(Shape::galley(pos2(room.left(), rect.center().y - text.size().y / 2.0), text, t.text));
}

/// Host parts have square corners and a dashed edge, built ones round corners: the difference must not be colour alone.
fn card(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, zoom: f32, t: &Tokens) {
    let radius = CornerRadius::same(if view.host { 0 } else { (diagram::RADIUS * zoom).round() as u8 });
    let fill = if view.host { t.host_card } else { t.card };
    let edge = match (view.emphasis, view.live.state) {
        (Emphasis::Refused, _) => Stroke::new(3.0, t.bad),
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

/// The icon of its state, or of what a comparison says of it.
fn sign(view: &BoxView, t: &Tokens) -> (&'static str, Color32) {
    match &view.mark {
        Some(mark) => (mark.icon, mark.colour),
        None => (theme::state_icon(view.live.state), t.state(view.live.state)),
    }
}

/// The title as large as it can be read, in as many lines as there is room for, and the state.
fn headline(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, zoom: f32, t: &Tokens, painter: &Painter) {
    let inner = rect.shrink(3.0);
    let font = FontId::proportional(size(diagram::TITLE * 1.3, zoom).max(diagram::LEAST));
    let (icon, colour) = sign(view, t);
    let icon = line(painter, icon, font.clone(), colour, f32::INFINITY);
    let mut job = LayoutJob::simple(view.title.clone(), font.clone(), t.text, (inner.width() - icon.size().x - 3.0).max(10.0));
    let rows = ((inner.height() + 2.0) / (font.size * 1.15)).floor().max(1.0) as usize;
    job.wrap.max_rows = rows.min(3);
    let text = painter.layout_job(job);
    let at = pos2(inner.left() + icon.size().x + 3.0, rect.center().y - text.size().y / 2.0);
    shapes.push(Shape::galley(pos2(inner.left(), rect.center().y - icon.size().y / 2.0), icon, t.text));
    shapes.push(Shape::galley(at, text, t.text));
}

fn head(shapes: &mut Vec<Shape>, view: &BoxView, rect: Rect, zoom: f32, t: &Tokens, painter: &Painter) {
    let inner =
        Rect::from_min_max(rect.min + Vec2::new(9.0, 5.0) * zoom, pos2(rect.right() - 9.0 * zoom, rect.top() + (HEAD - 1.0) * zoom));
    let (title_size, detail_size) = (size(diagram::TITLE, zoom), size(diagram::DETAIL, zoom));
    let icon = line(painter, view.icon, FontId::proportional(size(diagram::TITLE * 1.12, zoom)), t.muted, f32::INFINITY);
    let left = inner.left() + icon.size().x + 5.0 * zoom;
    let icon_height = icon.size().y;
    let mut room = inner.right() - left;
    let title = line(painter, &view.title, FontId::proportional(title_size), t.text, f32::INFINITY);
    let height = title.size().y;
    shapes.push(Shape::galley(pos2(inner.left(), inner.top() + (height - icon_height) / 2.0), icon, t.muted));
    let running = view.live.state == BoxState::Running;
    let aside = if running { Some(view.live.time.as_str()) } else { view.live.version.as_deref() };
    let target = view.target.then(|| line(painter, theme::icon::TARGET, FontId::proportional(title_size), t.accent, f32::INFINITY));
    if let Some(g) = target {
        room -= g.size().x + 4.0 * zoom;
        shapes.push(Shape::galley(pos2(inner.right() - g.size().x, inner.top()), g, t.accent));
    }
    if let Some(aside) = aside {
        let g = line(painter, aside, FontId::new(size(diagram::DETAIL - 1.0, zoom), FontFamily::Monospace), t.muted, room * 0.6);
        // The title is more important than the version.
        if title.size().x + g.size().x + 6.0 * zoom <= room {
            shapes.push(Shape::galley(pos2(left + room - g.size().x, inner.top() + (height - g.size().y) * 0.7), g.clone(), t.muted));
            room -= g.size().x + 6.0 * zoom;
        }
    }
    let title = if title.size().x > room { line(painter, &view.title, FontId::proportional(title_size), t.text, room) } else { title };
    shapes.push(Shape::galley(pos2(left, inner.top()), title, t.text));
    state(shapes, view, inner, detail_size, zoom, t, painter);
    if let Some(share) = view.live.share {
        let y = rect.bottom() - 6.0 * zoom;
        let track = Rect::from_min_max(pos2(rect.left() + 9.0 * zoom, y), pos2(rect.right() - 9.0 * zoom, y + 3.5 * zoom));
        shapes.push(Shape::rect_filled(track, CornerRadius::ZERO, t.track));
        let mut bar = track;
        bar.set_width(track.width() * share);
        shapes.push(Shape::rect_filled(bar, CornerRadius::ZERO, t.busy));
    }
}

/// The second line: state with icon and word, what it counts, time and size.
fn state(shapes: &mut Vec<Shape>, view: &BoxView, inner: Rect, font_size: f32, zoom: f32, t: &Tokens, painter: &Painter) {
    let (icon, colour) = sign(view, t);
    let running = view.live.state == BoxState::Running;
    let font = FontId::proportional(font_size);
    let base = inner.bottom();
    let icon = line(painter, icon, FontId::proportional(font_size * 1.15), colour, f32::INFINITY);
    let left = inner.left() + icon.size().x + 5.0 * zoom;
    shapes.push(Shape::galley(pos2(inner.left(), base - icon.size().y), icon, colour));
    let words = match view.live.detail.as_str() {
        _ if view.mark.is_some() => view.mark.as_ref().map_or_else(String::new, |m| m.words.to_owned()),
        "" => view.live.state.word().to_owned(),
        // The icon and the frame say `running` too, and objects say more.
        detail if running => format!("running, {detail}"),
        detail => format!("{}: {detail}", view.live.state.word()),
    };
    let mut text = line(painter, &words, font.clone(), colour, f32::INFINITY);
    let time = if running { "" } else { view.live.time.as_str() };
    let mut right = inner.right();
    for aside in [view.live.size.as_str(), time].into_iter().filter(|a| !a.is_empty()) {
        let g = line(painter, aside, font.clone(), t.muted, f32::INFINITY);
        if left + text.size().x + g.size().x + 8.0 * zoom <= right {
            right -= g.size().x;
            shapes.push(Shape::galley(pos2(right, base - g.size().y), g, t.muted));
            right -= 7.0 * zoom;
        }
    }
    if text.size().x > right - left {
        text = line(painter, if running { &view.live.detail } else { &words }, font, colour, right - left);
    }
    shapes.push(Shape::galley(pos2(left, base - text.size().y), text, colour));
}

#[allow(clippy::too_many_arguments)] // one text with its surroundings
fn label(shapes: &mut Vec<Shape>, port: &PortView, output: bool, p: Pos2, room: f32, zoom: f32, t: &Tokens, painter: &Painter) {
    let colour = if port.missing { t.bad } else { t.muted };
    let g = line(painter, port.kind.title(), FontId::proportional(size(diagram::PORT, zoom)), colour, room);
    let x = if output { p.x - 9.0 * zoom - g.size().x } else { p.x + 9.0 * zoom };
    shapes.push(Shape::galley(pos2(x, p.y - g.size().y / 2.0), g, colour));
}

/// Filled where a wire is, hollow where none is.
fn port_shape(shapes: &mut Vec<Shape>, port: &PortView, p: Pos2, zoom: f32, host: bool, t: &Tokens) {
    let line = match () {
        () if port.missing => t.bad,
        () if host => t.host_line,
        () => t.wire,
    };
    let fill = if port.wired { line } else { t.card };
    shapes.push(port_at(port.kind, p, 5.0 * zoom, fill, Stroke::new(1.2 * zoom.min(1.5), line)));
}

pub fn port_at(kind: bootwright_model::Kind, p: Pos2, radius: f32, fill: Color32, line: Stroke) -> Shape {
    Shape::convex_polygon(outline(kind).into_iter().map(|v| p + v * radius).collect(), fill, line)
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
