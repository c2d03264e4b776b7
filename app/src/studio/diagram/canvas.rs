//! Paints the graph through egui_graphs, and paints it again from memory while nothing changed.
//!
//! egui_graphs asks for another frame each time it is shown, so a window that shows it never rests. Here it is shown
//! only when something that it draws has changed; else what it painted the last time is added again: text as it was, and
//! everything between as triangles, so that an unchanged diagram of thousands of boxes costs next to nothing.

use super::graph::{Canvas, WireView};
use super::place::Placement;
use super::{boxes, wires};
use crate::studio::theme::{Tokens, diagram};
use egui::{CornerRadius, FontId, Rect, Shape, Stroke, Ui, UiBuilder, Vec2, pos2};
use egui_graphs::{
    DisplayEdge, DisplayNode, Graph, GraphView, Layout, LayoutState, MetadataFrame, SettingsInteraction, SettingsNavigation,
};
use petgraph::EdgeType;
use petgraph::stable_graph::IndexType;
use std::sync::Arc;

const NAME: &str = "bootwright";

/// Everything that the picture depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub state: (u64, u64, u64),
    /// Counts placements.
    pub placement: u64,
    pub rect: Rect,
    pub zoom: f32,
    pub pan: Vec2,
    pub look: Look,
}

/// Theme, scale and the font atlas, which painted text points into.
#[derive(Clone, Debug)]
pub struct Look {
    tokens: Tokens,
    scale: f32,
    /// Text that is asked for in every frame. It is the same one as long as egui remembers it, and egui forgets all text
    /// when it lays the atlas out anew: when that is full, and when the theme changes. Neither its size nor how full it
    /// is tells: both may be the same again.
    witness: Arc<egui::Galley>,
}

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        self.tokens == other.tokens && self.scale == other.scale && Arc::ptr_eq(&self.witness, &other.witness)
    }
}

pub fn look(ui: &Ui, tokens: &Tokens) -> Look {
    let witness = ui.fonts_mut(|f| f.layout_no_wrap("diagram".into(), FontId::proportional(diagram::TITLE), tokens.text));
    Look { tokens: *tokens, scale: ui.ctx().pixels_per_point(), witness }
}

/// The transform as egui_graphs knows it.
pub fn meta(zoom: f32, pan: Vec2) -> MetadataFrame {
    let mut meta = MetadataFrame::new(Some(NAME.into()));
    meta.zoom = zoom;
    meta.pan = pan;
    meta
}

#[derive(Default)]
pub struct Kept {
    last: Option<(Key, Vec<Shape>)>,
    /// `last` is made of triangles by now.
    settled: bool,
    /// Where the panel stood when egui_graphs was shown last: it moves the picture along with its panel, as we do too.
    corner: Option<egui::Pos2>,
    /// What the payloads of the canvas were worked out for: panning and zooming changes none of it.
    pub content: Option<((u64, u64, u64), u64)>,
    /// How often the graph was really drawn.
    pub drawn: u64,
}

impl Kept {
    /// Paints what was painted before. False where it has to be drawn.
    pub fn replay(&mut self, ui: &Ui, key: &Key) -> bool {
        match &mut self.last {
            Some((last, shapes)) if last == key => {
                if !std::mem::replace(&mut self.settled, true) {
                    *shapes = triangles(std::mem::take(shapes), ui.ctx());
                }
                ui.painter_at(key.rect).extend(shapes.iter().cloned());
                true
            }
            _ => false,
        }
    }

    pub fn draw(&mut self, ui: &mut Ui, key: Key, canvas: &mut Canvas, placement: &Placement, tokens: &Tokens) {
        self.drawn += 1;
        let rect = key.rect;
        let painter = ui.painter_at(rect);
        let on_screen = meta(key.zoom, key.pan + rect.min.to_vec2());
        let from = ui.ctx().graphics_mut(|g| g.entry(painter.layer_id()).next_idx());
        if let Some(built) = placement.built {
            painter.extend(frame(built, false, &on_screen, tokens, &painter));
        }
        if let Some(host) = placement.host {
            painter.extend(frame(host, true, &on_screen, tokens, &painter));
        }
        let first = self.corner.is_none();
        let moved = rect.min - self.corner.unwrap_or(rect.min);
        self.corner = Some(rect.min);
        meta(key.zoom, key.pan - moved).save(ui);
        let builder = UiBuilder::new().id(egui::Id::new("diagram canvas")).max_rect(rect).sense(egui::Sense::hover());
        let mut child = ui.new_child(builder);
        child.set_clip_rect(rect);
        let hands_off = SettingsInteraction::new().with_dragging_enabled(false).with_hover_enabled(false);
        let still = SettingsNavigation::new().with_fit_to_screen_enabled(false).with_zoom_and_pan_enabled(false);
        let view = GraphView::<Placed, Placed>::new().with_interactions(&hands_off).with_navigations(&still).with_id(Some(NAME.into()));
        if first {
            // It fits the graph by itself the first time, whatever it is told; nobody needs to see that.
            child.set_invisible();
        }
        view.show(&mut child, canvas);
        painter.extend(labels(canvas, key.zoom, &on_screen, &painter, tokens));
        if first {
            return;
        }
        let shapes = ui.ctx().graphics_mut(|g| g.entry(painter.layer_id()).all_entries().skip(from.0).map(|c| c.shape.clone()).collect());
        self.last = Some((key, shapes));
        self.settled = false;
    }
}

/// Runs of shapes without text become one mesh each. Text stays: where its letters are in the font atlas may change.
fn triangles(shapes: Vec<Shape>, ctx: &egui::Context) -> Vec<Shape> {
    let options = ctx.tessellation_options(|o| *o);
    let mut tessellator = egui::epaint::Tessellator::new(ctx.pixels_per_point(), options, [1, 1], Vec::new());
    let mut done: Vec<Shape> = Vec::new();
    let mut mesh = egui::Mesh::default();
    for shape in shapes {
        match shape {
            Shape::Text(_) | Shape::Callback(_) => {
                if !mesh.is_empty() {
                    done.push(Shape::mesh(std::mem::take(&mut mesh)));
                }
                done.push(shape);
            }
            Shape::Noop => {}
            other => tessellator.tessellate_shape(other, &mut mesh),
        }
    }
    if !mesh.is_empty() {
        done.push(Shape::mesh(mesh));
    }
    done
}

/// What is selected is labelled; of labels that would lie on each other only the first.
fn labels(canvas: &Canvas, zoom: f32, meta: &MetadataFrame, painter: &egui::Painter, t: &Tokens) -> Vec<Shape> {
    let raised = canvas.g().edge_weights().map(|e| &**e.payload()).filter(|v| v.raised());
    labels_of(raised, zoom, meta, painter, t)
}

/// The labels of these wires.
pub fn labels_of<'a>(
    views: impl Iterator<Item = &'a WireView>,
    zoom: f32,
    meta: &MetadataFrame,
    painter: &egui::Painter,
    t: &Tokens,
) -> Vec<Shape> {
    let (mut shapes, mut taken) = (Vec::new(), Vec::<Rect>::new());
    if zoom < diagram::ZOOM_TITLES {
        return shapes;
    }
    for view in views.filter(|v| !v.route.points.is_empty()) {
        let text = wires::label_text(view, zoom, painter, t);
        let rect = wires::label_rect(view, meta, &text);
        if !taken.iter().any(|r| r.intersects(rect)) {
            taken.push(rect);
            wires::label_shapes(rect, text, t, &mut shapes);
        }
    }
    shapes
}

/// Dashed for the host, as its boxes are; an even line for what is built.
pub fn frame(around: Rect, host: bool, meta: &MetadataFrame, t: &Tokens, painter: &egui::Painter) -> Vec<Shape> {
    let rect = Rect::from_min_max(meta.canvas_to_screen_pos(around.min), meta.canvas_to_screen_pos(around.max));
    let zoom = meta.zoom;
    let (line, words) = if host { (t.host_line, "Host") } else { (t.line_strong, "Built here") };
    let radius = if host { CornerRadius::ZERO } else { CornerRadius::same((diagram::RADIUS * 1.5 * zoom).min(14.0) as u8) };
    let mut shapes = vec![Shape::rect_filled(rect, radius, if host { t.host_fill } else { t.panel })];
    if host {
        let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
        shapes.extend(Shape::dashed_line(&corners, Stroke::new(1.0, line), 7.0, 5.0));
    } else {
        shapes.push(Shape::rect_stroke(rect, radius, Stroke::new(1.0, t.line), egui::StrokeKind::Inside));
    }
    if zoom >= diagram::ZOOM_TITLES {
        let font = FontId::proportional(boxes::size(diagram::DETAIL, zoom).max(diagram::LEAST));
        let colour = if host { t.host_line } else { t.muted };
        let text = boxes::line(painter, words, font, colour, rect.width());
        shapes.push(Shape::galley(pos2(rect.left() + 14.0 * zoom, rect.top() + 15.0 * zoom - text.size().y / 2.0), text, colour));
    }
    shapes
}

/// The positions come from elsewhere, so there is nothing to lay out.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Placed;

impl LayoutState for Placed {}

impl Layout<Placed> for Placed {
    fn from_state(_: Placed) -> impl Layout<Placed> {
        Placed
    }

    fn next<N, E, Ty, Ix, Dn, De>(&mut self, _: &mut Graph<N, E, Ty, Ix, Dn, De>, _: &Ui)
    where
        N: Clone,
        E: Clone,
        Ty: EdgeType,
        Ix: IndexType,
        Dn: DisplayNode<N, E, Ty, Ix>,
        De: DisplayEdge<N, E, Ty, Ix, Dn>,
    {
    }

    fn state(&self) -> Placed {
        Placed
    }
}
