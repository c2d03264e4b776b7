//! The page with the virtual machine: its checks at the left, what it wrote to the serial port at the right.

use crate::studio::link::CheckStatus;
use crate::studio::state::State;
use crate::studio::state::boot::{BootPhase, Check};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{copy_button, cut};
use egui::{Align, Layout, RichText, Ui};

/// What the column of the states and the gaps between the columns take.
const BESIDE: f32 = 130.0;

pub fn show(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui.ctx());
    let boot = &state.boot;
    if boot.phase == BootPhase::Off {
        ui.label(RichText::new("Boot starts the image in a virtual machine; its serial console and the checks appear here.").weak());
        return;
    }
    let area = ui.available_rect_before_wrap();
    let (left, right) = area.split_left_right_at_x(area.left() + area.width() * 0.56);
    let mut checks = ui.new_child(egui::UiBuilder::new().id_salt("checks").max_rect(left.with_max_x(left.right() - space::M)));
    phase(&mut checks, &boot.phase, &t);
    let cell = ((checks.available_width() - BESIDE) / 3.0).max(60.0);
    egui::ScrollArea::vertical().auto_shrink(false).show(&mut checks, |ui| {
        // Rows of text, not of buttons.
        ui.spacing_mut().interact_size.y = 16.0;
        egui::Grid::new("checks").num_columns(4).spacing([space::L, space::S]).striped(true).show(ui, |ui| {
            for title in ["State", "Check", "Expected", "Found"] {
                ui.label(theme::small(title).weak().strong());
            }
            ui.end_row();
            for check in &boot.checks {
                one(ui, check, cell, &t);
            }
        });
    });
    let mut console = ui.new_child(egui::UiBuilder::new().id_salt("console").max_rect(right));
    console.horizontal(|ui| {
        ui.label(theme::small("Serial console").weak().strong());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| copy_button(ui, "Copy the console", || boot.text().to_owned()));
    });
    egui::Frame::new().fill(t.well).corner_radius(4).inner_margin(space::S).show(&mut console, |ui| {
        egui::ScrollArea::both().auto_shrink(false).stick_to_bottom(true).show(ui, |ui| {
            // Laid out whole in each frame, so only the end of it; the console proper will be a terminal.
            let text = tail(boot.text(), 400);
            ui.add(egui::Label::new(RichText::new(text).monospace()).extend().selectable(true));
        });
    });
    ui.advance_cursor_after_rect(area);
}

fn phase(ui: &mut Ui, phase: &BootPhase, t: &Tokens) {
    let (words, colour) = match phase {
        BootPhase::Off => ("off".to_owned(), t.muted),
        BootPhase::Starting => ("the machine is being started".into(), t.busy),
        BootPhase::Running => ("the machine runs".into(), t.busy),
        BootPhase::Ended(how) => (how.clone(), t.text),
    };
    ui.label(RichText::new(words).color(colour));
}

fn one(ui: &mut Ui, check: &Check, cell: f32, t: &Tokens) {
    let (icon, word, colour) = match check.status {
        CheckStatus::Waiting => (icon::CIRCLE, "waiting", t.muted),
        CheckStatus::Running => (icon::SPINNER_GAP, "running", t.busy),
        CheckStatus::Passed => (icon::CHECK_CIRCLE, "passed", t.good),
        CheckStatus::Failed => (icon::X_CIRCLE, "failed", t.bad),
        CheckStatus::Skipped => (icon::MINUS_CIRCLE, "skipped", t.muted),
    };
    ui.label(RichText::new(format!("{icon} {word}")).color(colour));
    ui.scope(|ui| {
        ui.set_max_width(cell);
        cut(ui, &check.title).on_hover_text(&check.title);
    });
    for value in [&check.expected, &check.found] {
        ui.scope(|ui| {
            ui.set_max_width(cell);
            cut(ui, RichText::new(value).monospace()).on_hover_text(value);
        });
    }
    ui.end_row();
}

/// The last lines.
fn tail(text: &str, lines: usize) -> &str {
    match text.rmatch_indices('\n').nth(lines) {
        Some((at, _)) => &text[at + 1..],
        None => text,
    }
}
