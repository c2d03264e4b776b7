//! One row of the menu tree: fold mark, control, question, value and the option's name, painted at a fixed height.

use crate::studio::theme::{Tokens, icon, text};
use bootwright_build::config::Item;
use bootwright_kconfig::menu::{Control, Row};
use bootwright_kconfig::{SymbolKind, Tristate};
use egui::{
    Align2, Color32, CornerRadius, FontId, Id, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2,
    vec2,
};

pub const HEIGHT: f32 = 24.0;
const INDENT: f32 = 16.0;
/// Of the fold mark, and of one letter of a tristate.
const FOLD: f32 = 18.0;
const LETTER: f32 = 19.0;
const VALUE: f32 = 150.0;
const NAME: f32 = 0.36;

/// What the user did to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Did {
    Selected,
    Folded(bool),
    Set(String),
    /// The value is to be typed.
    Edit,
}

/// What is drawn.
pub struct Drawn<'a> {
    pub item: Item,
    pub row: &'a Row,
    /// The option's name, and the one a choice has taken.
    pub name: &'a str,
    pub taken: &'a str,
    pub changed: bool,
    /// The value is being typed; its field is drawn over the place that `value_rect` gives.
    pub editing: bool,
    pub selected: bool,
    pub focused: bool,
}

/// Where the value of a field stands.
pub fn value_rect(rect: Rect) -> Rect {
    let right = rect.right() - rect.width() * NAME - 10.0;
    Rect::from_min_max(pos2(right - VALUE, rect.top() + 2.0), pos2(right, rect.bottom() - 2.0))
}

fn words(d: &Drawn) -> String {
    let prompt = d.row.prompt.as_deref().unwrap_or("no question");
    let value = match &d.row.control {
        Control::Check { now, .. } => now.letter().to_string(),
        Control::Radio { taken, .. } => if *taken { "y" } else { "n" }.into(),
        Control::Field { value, .. } => value.clone(),
        Control::Choice { .. } => d.taken.to_owned(),
        Control::Menu | Control::Comment => String::new(),
    };
    let kind = match d.row.control {
        Control::Menu => "Menu",
        Control::Comment => "Comment",
        Control::Choice { .. } => "Choice",
        _ => "Option",
    };
    let name = if d.name.is_empty() { String::new() } else { format!(" {}", d.name) };
    let value = if value.is_empty() { String::new() } else { format!(", {value}") };
    let changed = if d.changed { ", changed" } else { "" };
    format!("{kind}{name}: {prompt}{value}{changed}")
}

pub fn show(ui: &Ui, t: &Tokens, rect: Rect, d: &Drawn) -> (Response, Option<Did>) {
    let id = Id::new(("config row", d.item.node));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, d.selected, words(d)));
    let painter = ui.painter_at(rect);
    if d.selected {
        painter.rect_filled(rect, CornerRadius::same(4), if d.focused { t.accent_soft } else { t.hover });
    } else if response.hovered() {
        painter.rect_filled(rect, CornerRadius::same(4), t.hover);
    }
    let mut did = response.clicked().then_some(Did::Selected);
    let mut x = rect.left() + 4.0 + f32::from(d.item.depth) * INDENT;
    let middle = rect.center().y;
    if d.item.parent {
        let at = Rect::from_center_size(pos2(x + FOLD / 2.0, middle), vec2(FOLD, HEIGHT));
        let mark = ui.interact(at, id.with("fold"), Sense::click());
        let word = if d.item.open { "Fold" } else { "Unfold" };
        mark.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{word} {}", d.row.prompt.as_deref().unwrap_or(d.name))));
        let glyph = if d.item.open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
        painter.text(at.center(), Align2::CENTER_CENTER, glyph, FontId::proportional(text::BODY), t.muted);
        if mark.clicked() {
            did = Some(Did::Folded(!d.item.open));
        }
    }
    x += FOLD + 2.0;
    let seen = d.row.visible;
    let colour = if seen { t.text } else { t.muted };
    match &d.row.control {
        Control::Check { now, allowed } => {
            let (end, set) = check(ui, &painter, t, id, pos2(x, middle), d.name, *now, *allowed);
            x = end;
            did = set.map(Did::Set).or(did);
        }
        Control::Radio { taken, allowed } => {
            let at = Rect::from_center_size(pos2(x + 9.0, middle), Vec2::splat(18.0));
            let button = ui.interact(at, id.with("set"), Sense::click());
            let can = *allowed && !*taken;
            button.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, can, *taken, format!("Take {}", d.name)));
            let line = if can || *taken { t.line_strong } else { t.line };
            painter.circle(at.center(), 6.5, t.well, Stroke::new(1.2, line));
            if *taken {
                painter.circle_filled(at.center(), 3.5, if *allowed { t.accent } else { t.muted });
            }
            if button.clicked() && can {
                did = Some(Did::Set("y".into()));
            }
            x += 22.0;
        }
        Control::Menu | Control::Choice { .. } | Control::Comment | Control::Field { .. } => {}
    }
    let name_width = rect.width() * NAME;
    let name_left = rect.right() - name_width;
    let mut end = name_left - 8.0;
    match &d.row.control {
        Control::Field { value, editable, kind, .. } => {
            let place = value_rect(rect);
            end = place.left() - 6.0;
            if !d.editing {
                let field = ui.interact(place, id.with("value"), Sense::click());
                field.widget_info(|| WidgetInfo::labeled(WidgetType::Button, *editable, format!("Value of {}", d.name)));
                let line = if *editable { t.line_strong } else { t.line };
                painter.rect(place, CornerRadius::same(4), t.well, Stroke::new(1.0, line), StrokeKind::Inside);
                let shown = if value.is_empty() && *kind == SymbolKind::String { "empty" } else { value };
                let ink = if *editable && !value.is_empty() { t.text } else { t.muted };
                cut(
                    ui,
                    &painter.with_clip_rect(place.shrink(2.0)),
                    pos2(place.left() + 6.0, middle),
                    shown,
                    FontId::monospace(text::MONO),
                    ink,
                    place.width() - 12.0,
                );
                if field.clicked() && *editable {
                    did = Some(Did::Edit);
                } else if field.clicked() {
                    did = Some(Did::Selected);
                }
            }
        }
        Control::Choice { .. } if !d.taken.is_empty() => {
            let place = value_rect(rect);
            end = place.left() - 6.0;
            cut(ui, &painter, pos2(place.left() + 6.0, middle), d.taken, FontId::monospace(text::MONO), t.muted, place.width());
        }
        _ => {}
    }
    if d.changed {
        painter.circle_filled(pos2(x + 3.0, middle), 3.0, t.warn);
        x += 11.0;
    }
    let (words, font, ink) = match (&d.row.control, d.row.prompt.as_deref()) {
        (Control::Comment, Some(p)) => (format!("*** {p} ***"), FontId::proportional(text::SMALL), t.muted),
        (_, Some(p)) => (p.to_owned(), FontId::proportional(text::BODY), colour),
        (_, None) => ("no question".to_owned(), FontId::proportional(text::BODY), t.muted),
    };
    cut(ui, &painter, pos2(x, middle), &words, font, ink, end - x);
    let name = FontId::monospace(text::MONO);
    cut(ui, &painter, pos2(name_left, middle), d.name, name, t.muted, name_width - 8.0);
    (response, did)
}

/// A box for a bool, letters for a tristate: what is chosen, what else can be, and what cannot.
#[expect(clippy::too_many_arguments, reason = "the parts of one control")]
fn check(
    ui: &Ui,
    painter: &egui::Painter,
    t: &Tokens,
    id: Id,
    at: Pos2,
    name: &str,
    now: Tristate,
    allowed: [bool; 3],
) -> (f32, Option<String>) {
    let all = [Tristate::No, Tristate::Mod, Tristate::Yes];
    let free = allowed.iter().filter(|a| **a).count() > 1;
    // m is possible: three letters. Else a box says all.
    if !allowed[1] {
        let place = Rect::from_center_size(pos2(at.x + 9.0, at.y), Vec2::splat(15.0));
        let button = ui.interact(place.expand(2.0), id.with("set"), Sense::click());
        button.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, free, now == Tristate::Yes, format!("Set {name}")));
        let on = now == Tristate::Yes;
        let (fill, line, ink) = match (on, free) {
            (true, true) => (t.accent, t.accent, t.on_accent),
            (true, false) => (t.track, t.line, t.muted),
            (false, true) => (t.well, t.line_strong, t.text),
            (false, false) => (t.panel, t.line, t.muted),
        };
        painter.rect(place, CornerRadius::same(3), fill, Stroke::new(1.2, line), StrokeKind::Inside);
        if on {
            painter.text(place.center(), Align2::CENTER_CENTER, icon::CHECK, FontId::proportional(text::SMALL), ink);
        }
        let set = (button.clicked() && free).then(|| if on { "n" } else { "y" }.to_owned());
        return (at.x + 24.0, set);
    }
    let mut set = None;
    for (i, value) in all.into_iter().enumerate() {
        let place = Rect::from_min_size(pos2(at.x + i as f32 * LETTER, at.y - 9.0), vec2(LETTER, 18.0));
        let chosen = value == now;
        let can = allowed[i] && !chosen;
        let button = ui.interact(place, id.with(("set", i)), Sense::click());
        button.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, can, chosen, format!("Set {name} to {}", value.letter())));
        let (fill, ink) = match (chosen, allowed[i]) {
            (true, _) if free => (t.accent, t.on_accent),
            (true, _) => (t.track, t.muted),
            (false, true) => (t.well, t.text),
            (false, false) => (Color32::TRANSPARENT, t.line_strong),
        };
        painter.rect(place, CornerRadius::ZERO, fill, Stroke::new(1.0, t.line), StrokeKind::Inside);
        painter.text(place.center(), Align2::CENTER_CENTER, value.letter(), FontId::monospace(text::SMALL), ink);
        if button.clicked() && can {
            set = Some(value.letter().to_string());
        }
    }
    (at.x + 3.0 * LETTER + 6.0, set)
}

/// One line of text from a point at the left of its middle, cut where there is no room.
fn cut(ui: &Ui, painter: &egui::Painter, at: Pos2, words: &str, font: FontId, colour: Color32, width: f32) {
    if width < 8.0 || words.is_empty() {
        return;
    }
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|f| f.layout_job(job));
    painter.galley(pos2(at.x, at.y - galley.size().y / 2.0), galley, colour);
}
