//! Parts of something as areas in proportion, with their own parts inside, coloured by what most of their bytes are for.

use crate::studio::theme::{self, Tokens};
use crate::studio::widgets::grouped;
use bootwright_kbuild::sizes::elf::Use;
use bootwright_kbuild::sizes::treemap::{self, Rect as Area};
use bootwright_kbuild::sizes::view::{Kind, Node};
use egui::{
    Align2, Color32, Context, CornerRadius, EventFilter, FontId, Id, Key, Modifiers, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, Ui,
    Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

/// Height of the strip with a part's name.
const STRIP: f32 = 17.0;
/// What is smaller is painted, but cannot be pointed at; in points.
const LEAST: f32 = 5.0;

/// What the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// To a part that has parts itself, by its place.
    Opened(usize),
    /// Back to what the node is in.
    Up,
}

/// Where the keyboard is, from frame to frame.
#[derive(Clone, Default)]
struct Keys {
    /// The part that has it.
    focus: Option<Id>,
    /// The part that is to have it: a way and a place.
    wanted: Option<(Vec<usize>, usize)>,
}

const KEYS: &str = "treemap keys";

/// Whether the keyboard is on one of the parts.
pub fn has_focus(ctx: &Context) -> bool {
    let keys: Keys = ctx.data(|d| d.get_temp(Id::new(KEYS))).unwrap_or_default();
    keys.focus.is_some_and(|id| ctx.memory(|m| m.has_focus(id)))
}

/// Draws the parts of a node, which `way` leads to from the whole.
pub fn show(ui: &mut Ui, node: &Node, way: &[usize]) -> Option<Did> {
    let t = Tokens::of(ui.ctx());
    let rect = ui.available_rect_before_wrap();
    ui.allocate_rect(rect, Sense::hover());
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(4), t.well);
    let mut keys: Keys = ui.data(|d| d.get_temp(Id::new(KEYS))).unwrap_or_default();
    let mut did = None;
    let mut shown: Vec<(usize, Id, Rect)> = Vec::new();
    let mut focused = None;
    for (place, (child, rect)) in node.children.iter().zip(areas(node, rect.shrink(1.0))).enumerate() {
        if rect.width() < 1.0 || rect.height() < 1.0 {
            continue;
        }
        let inside = paint(&painter, child, rect, &t);
        if rect.width() < LEAST || rect.height() < LEAST {
            continue;
        }
        let leads = !child.children.is_empty();
        let id = Id::new(("treemap part", way, place));
        let response = ui.interact(rect, id, Sense::click());
        let kind = if leads { WidgetType::Button } else { WidgetType::Label };
        response.widget_info(|| WidgetInfo::labeled(kind, true, title(child)));
        shown.push((place, id, rect));
        if keys.wanted.as_ref().is_some_and(|(w, p)| w == way && *p == place) {
            keys.wanted = None;
            response.request_focus();
        }
        if response.hovered() || response.has_focus() {
            painter.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(2.0, t.accent), StrokeKind::Inside);
        }
        if response.has_focus() {
            focused = Some((place, id, rect));
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, tab: false };
            ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        }
        if response.clicked() && leads {
            did = Some(Did::Opened(place));
            // Who came with the keyboard goes on with it.
            keys.wanted = response.has_focus().then(|| ([way, &[place]].concat(), 0));
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
    if let Some((place, id, rect)) = focused {
        if let Some(child) = node.children.get(place) {
            below(ui, rect, child);
        }
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        for (key, to) in [(Key::ArrowLeft, -Vec2::X), (Key::ArrowRight, Vec2::X), (Key::ArrowUp, -Vec2::Y), (Key::ArrowDown, Vec2::Y)] {
            if pressed(key)
                && let Some(next) = nearest(&shown, id, rect, to)
            {
                ui.memory_mut(|m| m.request_focus(next));
            }
        }
        if pressed(Key::Backspace) || pressed(Key::Escape) {
            match way.split_last() {
                Some((last, above)) => {
                    did = Some(Did::Up);
                    keys.wanted = Some((above.to_vec(), *last));
                }
                None => ui.memory_mut(|m| m.surrender_focus(id)),
            }
        }
    }
    keys.focus = focused.map(|(_, id, _)| id);
    ui.data_mut(|d| d.insert_temp(Id::new(KEYS), keys));
    did
}

/// The next part in a direction: one that lies beyond the edge, the nearest, of these the one most in line.
fn nearest(shown: &[(usize, Id, Rect)], from: Id, rect: Rect, to: Vec2) -> Option<Id> {
    let along = |p: Pos2| p.x * to.x + p.y * to.y;
    let edge = along(rect.center() + rect.size() / 2.0 * to);
    let far = |r: &Rect| along(r.center() - r.size() / 2.0 * to) - edge;
    // How far aside it lies; parts that face each other do not.
    let aside = |r: &Rect| {
        let (a, b) = if to.x == 0.0 { (rect.x_range(), r.x_range()) } else { (rect.y_range(), r.y_range()) };
        (b.min - a.max).max(a.min - b.max).max(0.0)
    };
    let middle = |r: &Rect| if to.x == 0.0 { (r.center().x - rect.center().x).abs() } else { (r.center().y - rect.center().y).abs() };
    let beyond = shown.iter().filter(|(_, id, r)| *id != from && far(r) > -2.0);
    let cost = |r: &Rect| (far(r).max(0.0) + 3.0 * aside(r), middle(r));
    let best = beyond.min_by(|(_, _, a), (_, _, b)| cost(a).partial_cmp(&cost(b)).unwrap_or(std::cmp::Ordering::Equal));
    best.map(|(_, id, _)| *id)
}

/// What a pointer would be told, for who comes with the keyboard.
fn below(ui: &Ui, rect: Rect, node: &Node) {
    let area = ui.ctx().content_rect();
    let pivot = if rect.bottom() + 130.0 > area.bottom() { Align2::LEFT_BOTTOM } else { Align2::LEFT_TOP };
    let at = if pivot == Align2::LEFT_TOP { rect.left_bottom() + vec2(4.0, 4.0) } else { rect.left_bottom() + vec2(4.0, -4.0) };
    egui::Area::new(Id::new("treemap tip")).order(egui::Order::Tooltip).pivot(pivot).fixed_pos(at).interactable(false).show(
        ui.ctx(),
        |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| tip(ui, node, false));
        },
    );
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

/// The name, cut where it does not fit in full; with its bytes, where these fit too.
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
    if room < 24.0 {
        return false;
    }
    let mut job = egui::text::LayoutJob::simple_singleline(node.name.clone(), font, t.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    painter.galley(rect.left_top() + vec2(4.0, 1.0), painter.layout_job(job), t.text);
    true
}
