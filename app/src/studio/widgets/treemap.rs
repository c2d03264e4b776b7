//! Parts of something as areas in proportion, with their own parts inside, coloured by what most of their bytes are for.

use crate::studio::theme::{self, Tokens};
use crate::studio::widgets::grouped;
use bootwright_kbuild::sizes::elf::Use;
use bootwright_kbuild::sizes::treemap::{self, Rect as Area};
use bootwright_kbuild::sizes::view::{Kind, Node};
use egui::{Align2, Color32, CornerRadius, FontId, Painter, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Height of the strip with a part's name.
const STRIP: f32 = 17.0;
/// What is smaller is painted, but cannot be pointed at; in points.
const LEAST: f32 = 5.0;

/// Draws the parts of a node. Some: the place of the one that was clicked and has parts itself.
pub fn show(ui: &mut Ui, node: &Node) -> Option<usize> {
    let t = Tokens::of(ui.ctx());
    let rect = ui.available_rect_before_wrap();
    ui.allocate_rect(rect, Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(4), t.well);
    let mut clicked = None;
    for (place, (child, rect)) in node.children.iter().zip(areas(node, rect.shrink(1.0))).enumerate() {
        if rect.width() < 1.0 || rect.height() < 1.0 {
            continue;
        }
        let inside = paint(&painter, child, rect, &t);
        if rect.width() < LEAST || rect.height() < LEAST {
            continue;
        }
        let leads = !child.children.is_empty();
        let response = ui.interact(rect, ui.id().with(("part", place)), if leads { Sense::click() } else { Sense::hover() });
        let kind = if leads { WidgetType::Button } else { WidgetType::Label };
        response.widget_info(|| WidgetInfo::labeled(kind, true, title(child)));
        if response.hovered() || response.has_focus() {
            painter.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(2.0, t.accent), StrokeKind::Inside);
        }
        if response.clicked() {
            clicked = Some(place);
        }
        let pointer = ui.ctx().pointer_hover_pos();
        response.on_hover_ui_at_pointer(|ui| {
            tip(ui, child, false);
            // What is pointed at within it.
            if let Some(part) =
                inside.iter().find(|(_, r)| pointer.is_some_and(|p| r.contains(p))).and_then(|(i, _)| child.children.get(*i))
            {
                ui.separator();
                tip(ui, part, true);
            }
        });
    }
    clicked
}

/// `drivers, 1,355,440 bytes`
pub fn title(node: &Node) -> String {
    format!("{}, {} bytes", node.name, grouped(node.bytes))
}

fn tip(ui: &mut Ui, node: &Node, inner: bool) {
    ui.label(if inner { egui::RichText::new(&node.name) } else { theme::strong(&node.name) });
    let what = match node.kind {
        Kind::Whole => "all of it",
        Kind::Directory => "directory",
        Kind::Archive => "archive from outside the tree",
        Kind::Object => "object",
        Kind::Symbol => "symbol",
        Kind::Unnamed => "section of the object, as far as no symbol stands for its bytes",
        Kind::Option => "option",
        Kind::Rest(_) => "no object's",
    };
    ui.label(format!("{} bytes, {what}", grouped(node.bytes)));
    if let Some(option) = &node.option {
        ui.label(format!("by CONFIG_{option}"));
    }
    if !inner {
        for (usage, bytes) in Use::ALL.into_iter().zip(node.uses).filter(|(_, b)| *b > 0) {
            ui.label(theme::small(format!("{}: {}", usage.title(), grouped(bytes))).weak());
        }
    }
}

fn areas(node: &Node, rect: Rect) -> Vec<Rect> {
    let sizes: Vec<u64> = node.children.iter().map(|c| c.bytes).collect();
    let area = Area::new(rect.left().into(), rect.top().into(), rect.width().max(0.0).into(), rect.height().max(0.0).into());
    let place = |a: Area| Rect::from_min_size(pos2(a.x as f32, a.y as f32), vec2(a.width as f32, a.height as f32));
    treemap::layout(&sizes, area).into_iter().map(place).collect()
}

fn colour(node: &Node, t: &Tokens) -> Color32 {
    match node.kind {
        Kind::Rest(_) => t.track,
        _ => t.usage(node.usage()),
    }
}

/// Paints a part, and what is in it; gives the areas of that.
fn paint(painter: &Painter, node: &Node, rect: Rect, t: &Tokens) -> Vec<(usize, Rect)> {
    let line = Stroke::new(1.0, t.panel);
    painter.rect(rect, CornerRadius::ZERO, colour(node, t), line, StrokeKind::Inside);
    let named = name(painter, node, rect, t);
    let room = Rect::from_min_max(rect.min + vec2(2.0, if named { STRIP } else { 2.0 }), rect.max - vec2(2.0, 2.0));
    if node.children.is_empty() || room.width() < 24.0 || room.height() < 16.0 {
        return Vec::new();
    }
    let mut inside = Vec::new();
    for (place, (child, rect)) in node.children.iter().zip(areas(node, room)).enumerate() {
        if rect.width() < 2.0 || rect.height() < 2.0 {
            continue;
        }
        painter.rect(rect, CornerRadius::ZERO, colour(child, t), Stroke::new(0.5, t.line_strong), StrokeKind::Inside);
        name(painter, child, rect, t);
        inside.push((place, rect));
    }
    inside
}

/// The name, where it fits in full; with its bytes, where these fit too.
fn name(painter: &Painter, node: &Node, rect: Rect, t: &Tokens) -> bool {
    if rect.height() < STRIP - 3.0 || rect.width() < 22.0 {
        return false;
    }
    let font = FontId::proportional(theme::text::SMALL);
    let room = rect.width() - 8.0;
    for text in [format!("{}  {}", node.name, grouped(node.bytes)), node.name.clone()] {
        let galley = painter.layout_no_wrap(text, font.clone(), t.text);
        if galley.size().x <= room {
            let at = Align2::LEFT_TOP.anchor_size(rect.left_top() + vec2(4.0, 1.0), galley.size()).min;
            painter.galley(at, galley, t.text);
            return true;
        }
    }
    false
}
