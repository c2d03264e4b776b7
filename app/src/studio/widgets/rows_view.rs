//! A scrolling view of any number of rows of text that asks for those in sight only.
//!
//! egui's own scroll areas measure in f32, which gets rough past two million rows; here the position is a row number.

use super::well::Well;
use crate::studio::theme::Tokens;
use egui::{Align2, Key, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2};

const BAR: f32 = 10.0;

#[derive(Default)]
pub struct RowsView {
    top: f64,
    /// Points that are scrolled away at the left.
    left: f32,
    widest: f32,
}

impl RowsView {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// `row` gives a row's text; none while it is not known.
    pub fn show(&mut self, ui: &mut Ui, name: &str, rows: u64, mut row: impl FnMut(u64) -> Option<String>) {
        let t = Tokens::of(ui.ctx());
        let well = Well::fill(ui, &t, 1.0, BAR);
        let (inner, Vec2 { x: width, y: height }) = (well.inner, well.cell);
        let in_sight = f64::from((inner.height() / height).max(1.0));
        let last_top = (rows as f64 - in_sight).max(0.0);
        let response = ui.interact(inner, ui.id().with((name, "rows")), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("{name}, {rows} rows")));
        if response.clicked() {
            response.request_focus();
        }
        if ui.rect_contains_pointer(well.rect) {
            let wheel = ui.input(|i| i.smooth_scroll_delta());
            self.top -= f64::from(wheel.y / height);
            self.left = (self.left - wheel.x).clamp(0.0, (self.widest - 100.0).max(0.0));
        }
        if (response.has_focus() || response.hovered()) && !ui.ctx().text_edit_focused() {
            ui.input(|i| {
                let key = |key| f64::from(u8::from(i.key_pressed(key)));
                self.top += (key(Key::PageDown) - key(Key::PageUp)) * (in_sight - 1.0) + key(Key::ArrowDown) - key(Key::ArrowUp);
                self.top = if i.key_pressed(Key::Home) { 0.0 } else { self.top };
                self.top = if i.key_pressed(Key::End) { last_top } else { self.top };
            });
        }
        if last_top > 0.0 {
            let share = (in_sight / rows as f64) as f32;
            if let Some(to) = well.bar(ui, ui.id().with((name, "bar")), share, (self.top / last_top) as f32, &t) {
                self.top = f64::from(to) * last_top;
            }
        }
        self.top = self.top.clamp(0.0, last_top);

        let first = self.top.floor() as u64;
        let shift = self.top.fract() as f32 * height;
        let painter = well.painter.with_clip_rect(inner);
        self.widest = 0.0;
        // Only what can be in sight is laid out: a line may hold thousands of characters.
        let (skip, fits) = ((self.left / width) as usize, (inner.width() / width).ceil() as usize + 1);
        for i in 0..=in_sight.ceil() as u64 {
            let number = first + i;
            if number >= rows {
                break;
            }
            let y = inner.top() + i as f32 * height - shift;
            let known = row(number);
            let (words, colour) = known.as_deref().map_or(("…", t.muted), |words| (words, t.text));
            let part: String = words.chars().skip(skip).take(fits).collect();
            painter.text(pos2(inner.left() - self.left % width, y), Align2::LEFT_TOP, part, well.font.clone(), colour);
            self.widest = self.widest.max(words.chars().count() as f32 * width);
            // The rows are painted, so a screen reader would not know of them.
            let whole = Rect::from_min_size(pos2(inner.left(), y), Vec2::new(inner.width(), height));
            let read = ui.interact(whole, ui.id().with((name, "row", i)), Sense::hover());
            read.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words));
        }
    }
}
