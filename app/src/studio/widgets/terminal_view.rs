//! Draws the guest's terminal, takes its keys, and marks text in it. It repaints when something changed, and never by itself.

use super::keys::{Modes, Pressed, pressed};
use super::log_line::colour;
use super::well::Well;
use crate::studio::state::ansi::Colour;
use crate::studio::state::boot::BootAction;
use crate::studio::state::terminal::{Spot, Terminal};
use crate::studio::theme::Tokens;
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, CornerRadius, EventFilter, Key, Modifiers, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, WidgetType, pos2,
};

const BAR: f32 = 8.0;

#[derive(Default)]
pub struct TerminalView {
    focused: bool,
    /// From where to where text is marked.
    marked: Option<(Spot, Spot)>,
    /// The part of a line that the wheel has turned.
    turned: f32,
}

impl TerminalView {
    /// Whether keys are the guest's, and not the window's.
    pub fn takes_keys(&self) -> bool {
        self.focused
    }

    /// `listens`: there is a guest that takes what is typed.
    pub fn show(&mut self, ui: &mut Ui, terminal: &Terminal, listens: bool) -> Vec<BootAction> {
        let mut actions = Vec::new();
        let t = Tokens::of(ui.ctx());
        let well = Well::fill(ui, &t, 0.0, BAR);
        let (inner, cell) = (well.inner, well.cell);
        let size = ((inner.height() / cell.y) as u16, (inner.width() / cell.x) as u16);
        // A page that is being laid out has no size yet.
        if size.0 >= 4 && size.1 >= 20 && size != terminal.size() {
            actions.push(BootAction::Size(size.0, size.1));
        }
        let response = ui.interact(inner, ui.id().with("console"), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "Console of the guest"));
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        self.mark(ui, &response, &well, terminal);
        self.scroll(ui, &well, terminal, &mut actions);
        self.focused = response.has_focus();
        if self.focused {
            let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
            ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
            self.keys(ui, &response, terminal, listens, &mut actions);
        }
        if response.hovered() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Text);
        }
        self.paint(ui, &well.painter.with_clip_rect(inner), &well, terminal, listens, &t);
        bar(ui, &well, terminal, &t, &mut actions);
        if self.focused {
            well.painter.rect_stroke(well.rect, CornerRadius::same(4), Stroke::new(1.0, t.accent), StrokeKind::Inside);
        }
        actions
    }

    fn mark(&mut self, ui: &Ui, response: &egui::Response, well: &Well, terminal: &Terminal) {
        let spot = |p: Pos2| {
            let at = (p - well.inner.min) / well.cell;
            let (rows, columns) = terminal.size();
            let row = (at.y.max(0.0) as u16).min(rows.saturating_sub(1));
            (terminal.top() + u64::from(row), (at.x.max(0.0) as u16).min(columns.saturating_sub(1)))
        };
        if response.clicked() {
            self.marked = None;
        }
        let Some(p) = response.interact_pointer_pos().filter(|_| response.dragged()) else { return };
        self.marked = match self.marked.filter(|_| !response.drag_started()) {
            Some((from, _)) => Some((from, spot(p))),
            // Where the button went down, not where it was first seen as dragging.
            None => Some((spot(ui.input(|i| i.pointer.press_origin()).unwrap_or(p)), spot(p))),
        };
    }

    fn scroll(&mut self, ui: &Ui, well: &Well, terminal: &Terminal, actions: &mut Vec<BootAction>) {
        if !ui.rect_contains_pointer(well.rect) {
            return;
        }
        self.turned += ui.input(|i| i.smooth_scroll_delta()).y / well.cell.y;
        let lines = self.turned.trunc();
        if lines != 0.0 {
            self.turned -= lines;
            let back = terminal.looks_back() as i64 + lines as i64;
            actions.push(BootAction::LookBack(back.clamp(0, terminal.history() as i64) as usize));
        }
    }

    fn keys(&mut self, ui: &Ui, response: &egui::Response, terminal: &Terminal, listens: bool, actions: &mut Vec<BootAction>) {
        let screen = terminal.screen();
        let modes = Modes { application_cursor: screen.application_cursor(), bracketed_paste: screen.bracketed_paste() };
        let all: Vec<Pressed> = ui.input(|i| i.events.iter().filter_map(|e| pressed(e, i.modifiers, modes)).collect());
        let mut typed = Vec::new();
        for one in all {
            match one {
                Pressed::Send(bytes) => typed.extend(bytes),
                Pressed::Copy => {
                    if let Some((a, b)) = self.marked {
                        ui.ctx().copy_text(terminal.between(a, b));
                    }
                }
                Pressed::Scroll(screens) => {
                    let page = i64::from(terminal.size().0.saturating_sub(1));
                    let back = terminal.looks_back() as i64 - i64::from(screens) * page;
                    actions.push(BootAction::LookBack(back.clamp(0, terminal.history() as i64) as usize));
                }
                Pressed::Leave => {
                    response.surrender_focus();
                    self.focused = false;
                }
            }
        }
        if !typed.is_empty() && listens {
            actions.push(BootAction::Type(typed));
        }
        // Nothing else in the window is to take them, too.
        ui.input_mut(|i| {
            i.consume_key(Modifiers::NONE, Key::Tab);
        });
    }

    fn paint(&self, ui: &Ui, painter: &egui::Painter, well: &Well, terminal: &Terminal, listens: bool, t: &Tokens) {
        let (rows, columns) = terminal.size();
        let screen = terminal.screen();
        let (from, to) = self.marked.map_or(((1, 0), (0, 0)), |(a, b)| (a.min(b), a.max(b)));
        for row in 0..rows {
            let y = well.inner.top() + f32::from(row) * well.cell.y;
            let spot = |column| (terminal.top() + u64::from(row), column);
            let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
            let (mut words, mut run) = (String::new(), String::new());
            let mut look = (t.text, Color32::TRANSPARENT, false);
            let mut flush = |run: &mut String, (color, background, underline): (Color32, Color32, bool)| {
                if !run.is_empty() {
                    let line = if underline { Stroke::new(1.0, color) } else { Stroke::NONE };
                    job.append(
                        run,
                        0.0,
                        TextFormat { font_id: well.font.clone(), color, background, underline: line, ..Default::default() },
                    );
                    run.clear();
                }
            };
            for column in 0..columns {
                let Some(cell) = screen.cell(row, column).filter(|c| !c.is_wide_continuation()) else { continue };
                let marked = (from..=to).contains(&spot(column));
                let now = cell_look(cell, marked, t);
                if now != look {
                    flush(&mut run, look);
                    look = now;
                }
                let shown = if cell.has_contents() { cell.contents() } else { " " };
                run.push_str(shown);
                words.push_str(shown);
            }
            flush(&mut run, look);
            if !words.trim_end().is_empty() || job.sections.iter().any(|s| s.format.background != Color32::TRANSPARENT) {
                let galley = painter.layout_job(job);
                painter.galley(pos2(well.inner.left(), y), galley, t.text);
            }
            // The lines are painted, so a screen reader would not know of them.
            let line = Rect::from_min_size(pos2(well.inner.left(), y), Vec2::new(well.inner.width(), well.cell.y));
            if !words.trim_end().is_empty() {
                let read = ui.interact(line, ui.id().with(("console line", row)), Sense::hover());
                read.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words.trim_end()));
            }
        }
        if !screen.hide_cursor() && terminal.looks_back() == 0 && listens {
            let (row, column) = screen.cursor_position();
            let at = well.inner.min + Vec2::new(f32::from(column) * well.cell.x, f32::from(row) * well.cell.y);
            let block = Rect::from_min_size(at, well.cell);
            if self.focused {
                painter.rect_filled(block, 0.0, t.accent.gamma_multiply(0.6));
            } else {
                painter.rect_stroke(block, 0.0, Stroke::new(1.0, t.muted), StrokeKind::Inside);
            }
        }
    }
}

/// Colour, background, and whether it is underlined.
fn cell_look(cell: &vt100::Cell, marked: bool, t: &Tokens) -> (Color32, Color32, bool) {
    let plain = if cell.dim() { t.muted } else { t.text };
    let mut front = of(cell.fgcolor(), t).unwrap_or(plain);
    // Black behind the text is what a terminal is: our ground.
    let back = if cell.bgcolor() == vt100::Color::Idx(0) { None } else { of(cell.bgcolor(), t) };
    let mut ground = back.unwrap_or(Color32::TRANSPARENT);
    if cell.inverse() {
        (front, ground) = (back.unwrap_or(t.well), front);
    } else if back.is_some() {
        // Our sixteen colours are made to be read on the well.
        front = t.well;
    }
    if marked {
        (front, ground) = (t.text, t.accent_soft);
    }
    (front, ground, cell.underline())
}

fn of(shown: vt100::Color, t: &Tokens) -> Option<Color32> {
    match shown {
        vt100::Color::Default => None,
        vt100::Color::Idx(n @ 0..16) => Some(colour(Colour::Named(n), t)),
        // A cube of six steps, then greys (xterm's 256 colours).
        vt100::Color::Idx(n @ 16..232) => {
            let step = |by: u8| match (n - 16) / by % 6 {
                0 => 0,
                level => 55 + 40 * level,
            };
            Some(colour(Colour::Rgb(step(36), step(6), step(1)), t))
        }
        vt100::Color::Idx(n) => {
            let grey = 8 + 10 * (n - 232);
            Some(colour(Colour::Rgb(grey, grey, grey), t))
        }
        vt100::Color::Rgb(r, g, b) => Some(colour(Colour::Rgb(r, g, b), t)),
    }
}

fn bar(ui: &Ui, well: &Well, terminal: &Terminal, t: &Tokens, actions: &mut Vec<BootAction>) {
    let (rows, history) = (f32::from(terminal.size().0), terminal.history());
    if history == 0 {
        return;
    }
    let at = 1.0 - terminal.looks_back() as f32 / history as f32;
    if let Some(to) = well.bar(ui, ui.id().with("console bar"), rows / (rows + history as f32), at, t) {
        actions.push(BootAction::LookBack(((1.0 - to) * history as f32).round() as usize));
    }
}
