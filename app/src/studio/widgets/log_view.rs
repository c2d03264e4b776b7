//! A scrolling view of the log that paints only the rows in sight, whatever their number.
//!
//! egui's own scroll areas measure in f32, which gets rough past two million rows; here the position is a row number.

use super::log_line::{Look, job};
use super::well::Well;
use crate::studio::state::diagnostic;
use crate::studio::state::log::{Line, Log};
use crate::studio::state::log_page::{LogAction, LogPage};
use crate::studio::theme::{Tokens, text};
use egui::{Align2, FontId, Id, Key, Pos2, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType, pos2};

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
    /// The last of the page's wishes that was granted.
    wishes: u64,
}

impl Default for LogView {
    fn default() -> Self {
        Self { top: 0.0, anchor: 0, follow: true, left: 0.0, widest: 0.0, marked: None, wishes: 0 }
    }
}

impl LogView {
    /// Starts over, for other rows.
    pub fn reset(&mut self) {
        *self = Self { follow: self.follow, wishes: self.wishes, ..Self::default() };
    }

    /// The line that was marked last.
    pub fn line(&self) -> Option<u64> {
        self.marked.map(|(_, to)| to)
    }

    pub fn marked(&self) -> bool {
        self.marked.is_some()
    }

    pub fn show(&mut self, ui: &mut Ui, log: &Log, page: &LogPage) -> Vec<LogAction> {
        let mut actions = Vec::new();
        let t = Tokens::of(ui.ctx());
        let well = Well::fill(ui, &t, 1.0, BAR);
        let (inner, Vec2 { x: char_width, y: row_height }) = (well.inner, well.cell);
        let rows = log.rows();
        let in_sight = f64::from((inner.height() / row_height).max(1.0));
        let last_top = (rows as f64 - in_sight).max(0.0);

        let response = ui.interact(inner, Id::new("log lines"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Log, {rows} lines")));
        self.stay(log);
        self.grant(log, page, in_sight);
        self.scroll(ui, &response, well.rect, f64::from(row_height), in_sight);
        self.bar(ui, &well, rows, in_sight, last_top, &t);
        if self.follow {
            self.top = last_top;
        }
        self.top = self.top.clamp(0.0, last_top);

        let first = self.top.floor() as u64;
        let shift = (self.top.fract() as f32) * row_height;
        // Where one step only is shown, its name on every line says nothing.
        let named = log.query().step.is_none() && page.old.is_none();
        let step_width = if named { LONGEST_STEP as f32 * char_width * 0.8 } else { 0.0 };
        let painter = well.painter.with_clip_rect(inner);
        let body = Rect::from_min_max(pos2(inner.left() + step_width, inner.top()), inner.max);
        let body_painter = painter.with_clip_rect(body);
        let needle = log.query().needle();
        let pointer = ui.ctx().pointer_hover_pos().filter(|p| response.hovered() && body.contains(*p));
        let look = Look { t: &t, font: &well.font, needle: &needle };
        self.widest = 0.0;
        for i in 0..=(in_sight.ceil() as u64) {
            let Some(line) = log.row(first + i) else { break };
            let y = inner.top() + i as f32 * row_height - shift;
            let whole = Rect::from_min_size(pos2(inner.left(), y), Vec2::new(inner.width(), row_height));
            if self.marked.is_some_and(|(a, b)| (a.min(b)..=a.max(b)).contains(&line.number)) {
                painter.rect_filled(whole, 0.0, t.accent_soft);
            }
            if named {
                let step = shorten(line.step);
                painter.text(pos2(inner.left(), y), Align2::LEFT_TOP, step, FontId::monospace(text::MONO * 0.8), t.muted);
            }
            // The lines are painted, so a screen reader would not know of them.
            let read = ui.interact(whole, Id::new(("log line", i)), Sense::hover());
            read.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}: {}", line.step, line.text)));
            // Only what can be in sight is laid out: a line may hold thousands of characters.
            let skip = (self.left / char_width).floor() as usize;
            let fits = (body.width() / char_width).ceil() as usize + 1;
            let hovered = pointer.filter(|p| whole.contains(*p)).map(|p| ((p.x - body.left() + self.left) / char_width) as usize);
            let place = hovered.and_then(|column| place_at(&line, column));
            let galley = ui.painter().layout_job(job(&look, log, &line, skip, fits, place));
            body_painter.galley(pos2(body.left() - self.left % char_width, y), galley, t.text);
            self.widest = self.widest.max(line.text.len() as f32 * char_width);
            if let Some((file, number)) = place {
                ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
                response.clone().on_hover_text_at_pointer(format!("Open {file} at line {number} in your editor"));
                if response.clicked() {
                    actions.push(LogAction::Open(line.number));
                }
            }
        }
        self.mark(ui, &response, log, inner, row_height, first, shift);
        if (response.has_focus() || response.hovered()) && !ui.ctx().egui_wants_keyboard_input() {
            ui.input(|i| {
                if i.key_pressed(Key::N) || i.key_pressed(Key::F3) {
                    actions.push(if i.modifiers.shift { LogAction::Previous } else { LogAction::Next });
                }
            });
        }
        actions
    }

    /// Goes where the page wants to, once for each wish.
    fn grant(&mut self, log: &Log, page: &LogPage, in_sight: f64) {
        if self.wishes == page.wishes {
            return;
        }
        self.wishes = page.wishes;
        if let Some(line) = page.at {
            self.top = (log.row_of(line) as f64 - in_sight / 2.0).floor().max(0.0);
            (self.follow, self.marked) = (false, Some((line, line)));
        }
    }

    /// When old lines were dropped, the same lines are at other rows.
    fn stay(&mut self, log: &Log) {
        let first = log.first_number();
        if log.rows() == log.len() && first > self.anchor {
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

    fn bar(&mut self, ui: &Ui, well: &Well, rows: u64, in_sight: f64, last_top: f64, t: &Tokens) {
        if last_top <= 0.0 {
            return;
        }
        let at = if self.follow { 1.0 } else { (self.top / last_top) as f32 };
        if let Some(to) = well.bar(ui, Id::new("log bar"), (in_sight / rows as f64) as f32, at, t) {
            self.top = f64::from(to) * last_top;
            self.follow = to >= 1.0;
        }
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

    /// What `Copy` takes: the marked lines, else all that is shown, up to a million.
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
            None => (rows.saturating_sub(1_000_000)..rows).filter_map(|r| log.row(r)).for_each(add),
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

/// The place under a column of a line, where there is one: file and line.
fn place_at<'a>(line: &Line<'a>, column: usize) -> Option<(&'a str, u32)> {
    let place = diagnostic::place(line.text)?;
    let from = line.text[..place.start].chars().count();
    let to = from + line.text[place.start..place.end].chars().count();
    (from..to).contains(&column).then_some((place.file, place.line))
}
