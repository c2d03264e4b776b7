//! A scrolling view of the log that paints only the rows in sight, whatever their number.
//!
//! egui's own scroll areas measure in f32, which gets rough past two million rows; here the position is a row number.

use crate::studio::state::log::Log;
use crate::studio::theme::{Tokens, space, text};
use egui::{Align2, CornerRadius, FontId, Id, Key, Pos2, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, WidgetType, pos2};

const BAR: f32 = 10.0;
const LONGEST_STEP: usize = 24;

pub struct LogView {
    /// The row at the top, with the part of it that is scrolled away.
    top: f64,
    /// The number of the first line when `top` was set: when old lines go, the view stays with what it shows.
    anchor: u64,
    pub follow: bool,
    /// Points that are scrolled away at the left.
    left: f32,
    widest: f32,
    /// First and last line number that are marked for copying.
    marked: Option<(u64, u64)>,
}

impl Default for LogView {
    fn default() -> Self {
        Self { top: 0.0, anchor: 0, follow: true, left: 0.0, widest: 0.0, marked: None }
    }
}

impl LogView {
    /// Starts over, for other rows.
    pub fn reset(&mut self) {
        *self = Self { follow: self.follow, ..Self::default() };
    }

    pub fn show(&mut self, ui: &mut Ui, log: &Log) {
        let t = Tokens::of(ui.ctx());
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, CornerRadius::same(4), t.well);
        let font = FontId::monospace(text::MONO);
        let (row_height, char_width) = ui.fonts_mut(|f| (f.row_height(&font) + 1.0, f.glyph_width(&font, 'm')));
        let rows = log.rows();
        let inner = Rect::from_min_max(rect.min + Vec2::splat(space::S), rect.max - Vec2::new(BAR + space::S, space::S));
        let in_sight = f64::from((inner.height() / row_height).max(1.0));
        let last_top = (rows as f64 - in_sight).max(0.0);

        let response = ui.interact(inner, Id::new("log lines"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Log, {rows} lines")));
        self.stay(log);
        self.scroll(ui, &response, rect, f64::from(row_height), in_sight);
        self.bar(ui, rect, rows, in_sight, last_top, &t);
        if self.follow {
            self.top = last_top;
        }
        self.top = self.top.clamp(0.0, last_top);

        let first = self.top.floor() as u64;
        let shift = (self.top.fract() as f32) * row_height;
        let step_width = LONGEST_STEP as f32 * char_width * 0.8;
        let painter = painter.with_clip_rect(inner);
        let body = Rect::from_min_max(pos2(inner.left() + step_width, inner.top()), inner.max);
        let body_painter = painter.with_clip_rect(body);
        self.widest = 0.0;
        for i in 0..=(in_sight.ceil() as u64) {
            let Some(line) = log.row(first + i) else { break };
            let y = inner.top() + i as f32 * row_height - shift;
            if self.marked.is_some_and(|(a, b)| (a.min(b)..=a.max(b)).contains(&line.number)) {
                painter.rect_filled(Rect::from_min_size(pos2(inner.left(), y), Vec2::new(inner.width(), row_height)), 0.0, t.accent_soft);
            }
            let step = shorten(line.step);
            painter.text(pos2(inner.left(), y), Align2::LEFT_TOP, step, FontId::monospace(text::MONO * 0.8), t.muted);
            // Only what can be in sight is laid out: a line may hold thousands of characters.
            let skip = (self.left / char_width).floor() as usize;
            let fits = (body.width() / char_width).ceil() as usize + 1;
            let shown: String = line.text.chars().skip(skip).take(fits).map(|c| if c == '\t' { ' ' } else { c }).collect();
            body_painter.text(pos2(body.left() - self.left % char_width, y), Align2::LEFT_TOP, shown, font.clone(), colour(line.text, &t));
            self.widest = self.widest.max(line.text.len() as f32 * char_width);
        }
        self.mark(ui, &response, log, inner, row_height, first, shift);
    }

    /// When old lines were dropped, the same lines are at other rows.
    fn stay(&mut self, log: &Log) {
        let first = log.first_number();
        if log.filter().is_empty() && first > self.anchor {
            self.top = (self.top - (first - self.anchor) as f64).max(0.0);
        }
        self.anchor = first;
    }

    fn scroll(&mut self, ui: &Ui, response: &egui::Response, rect: Rect, row_height: f64, in_sight: f64) {
        if !ui.rect_contains_pointer(rect) {
            return;
        }
        let wheel = ui.input(|i| i.smooth_scroll_delta());
        if wheel.y != 0.0 {
            self.top -= f64::from(wheel.y) / row_height;
            self.follow &= wheel.y < 0.0;
        }
        let sideways = if wheel.x != 0.0 { wheel.x } else { 0.0 };
        self.left = (self.left - sideways).clamp(0.0, (self.widest - 100.0).max(0.0));
        if response.has_focus() || response.hovered() {
            let pages = ui.input(|i| f64::from(i.key_pressed(Key::PageDown)) - f64::from(i.key_pressed(Key::PageUp)));
            if pages != 0.0 {
                self.top += pages * (in_sight - 1.0);
                self.follow = false;
            }
            if ui.input(|i| i.key_pressed(Key::End)) {
                self.follow = true;
            }
            if ui.input(|i| i.key_pressed(Key::Home)) {
                (self.top, self.follow) = (0.0, false);
            }
        }
    }

    fn bar(&mut self, ui: &Ui, rect: Rect, rows: u64, in_sight: f64, last_top: f64, t: &Tokens) {
        if last_top <= 0.0 {
            return;
        }
        let track = Rect::from_min_max(pos2(rect.right() - BAR, rect.top() + 2.0), pos2(rect.right() - 2.0, rect.bottom() - 2.0));
        let height = ((in_sight / rows as f64) as f32 * track.height()).clamp(24.0_f32.min(track.height()), track.height());
        let travel = track.height() - height;
        let response = ui.interact(track, Id::new("log bar"), Sense::click_and_drag());
        if let Some(pointer) = response.interact_pointer_pos() {
            let share = ((pointer.y - track.top() - height / 2.0) / travel.max(1.0)).clamp(0.0, 1.0);
            self.top = f64::from(share) * last_top;
            self.follow = share >= 1.0;
        }
        let share = if self.follow { 1.0 } else { (self.top / last_top).clamp(0.0, 1.0) as f32 };
        let knob = Rect::from_min_size(pos2(track.left(), track.top() + travel * share), Vec2::new(track.width(), height));
        let fill = if response.hovered() || response.dragged() { t.accent } else { t.line_strong };
        ui.painter().rect(knob, CornerRadius::same(4), fill, Stroke::NONE, egui::StrokeKind::Inside);
    }

    #[expect(clippy::too_many_arguments, reason = "the measures of one frame")]
    fn mark(&mut self, ui: &Ui, response: &egui::Response, log: &Log, inner: Rect, row_height: f32, first: u64, shift: f32) {
        if response.clicked() {
            response.request_focus();
            let at = |p: Pos2| first + ((p.y - inner.top() + shift) / row_height).max(0.0) as u64;
            let line = response.interact_pointer_pos().and_then(|p| log.row(at(p)));
            let far = ui.input(|i| i.modifiers.shift);
            self.marked = match (line, self.marked) {
                (Some(line), Some((from, _))) if far => Some((from, line.number)),
                (Some(line), _) => Some((line.number, line.number)),
                (None, _) => None,
            };
            // Marking what scrolls away under the pointer helps nobody.
            self.follow &= self.marked.is_none();
        }
        let copy = ui.input(|i| i.events.iter().any(|e| matches!(e, egui::Event::Copy)));
        if copy && response.has_focus() {
            ui.ctx().copy_text(self.text(log));
        }
    }

    /// What `Copy` takes: the marked lines, else the last thousand rows.
    pub fn text(&self, log: &Log) -> String {
        let rows = log.rows();
        let mut text = String::new();
        let mut add = |line: crate::studio::state::log::Line| {
            text.push_str(line.text);
            text.push('\n');
        };
        match self.marked {
            Some((a, b)) => {
                // Line numbers rise with the rows.
                let mut row = partition(rows, |r| log.row(r).is_some_and(|l| l.number < a.min(b)));
                while let Some(line) = log.row(row).filter(|l| l.number <= a.max(b)) {
                    add(line);
                    row += 1;
                }
            }
            None => (rows.saturating_sub(1000)..rows).filter_map(|r| log.row(r)).for_each(add),
        }
        text
    }
}

/// The first of `n` rows for which it does not hold.
fn partition(n: u64, before: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

fn shorten(step: &str) -> String {
    if step.chars().count() <= LONGEST_STEP { step.to_owned() } else { step.chars().take(LONGEST_STEP - 1).chain(['…']).collect() }
}

/// Compilers mark what matters with these words; nothing else tells.
fn colour(line: &str, t: &Tokens) -> egui::Color32 {
    match line {
        l if l.contains("error:") || l.contains("Error ") || l.contains("fatal:") => t.bad,
        l if l.contains("warning:") => t.warn,
        _ => t.text,
    }
}
