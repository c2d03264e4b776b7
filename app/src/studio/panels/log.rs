//! The page with the output of all steps.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon};
use crate::studio::widgets::log_view::LogView;
use crate::studio::widgets::{copy_button, grouped};
use egui::{Align2, FontId, Ui};

/// The filter and the switches, laid out from the right.
pub fn tools(ui: &mut Ui, state: &State, view: &mut LogView) -> Vec<Action> {
    let mut actions = Vec::new();
    copy_button(ui, "Copy the marked lines, or the last thousand", || view.text(&state.log));
    ui.checkbox(&mut view.follow, "Follow").on_hover_text("Keep the newest line in sight");
    let mut text = state.log.filter().to_owned();
    let label = ui.label(icon::MAGNIFYING_GLASS);
    let edit = egui::TextEdit::singleline(&mut text).hint_text("Filter: text or step").desired_width(180.0);
    let response = ui.add(edit).labelled_by(label.id);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::TextEdit, true, "Log filter"));
    if response.changed() {
        view.reset();
        actions.push(Action::FilterLog(text));
    }
    let mut words = Vec::new();
    if !state.log.filter().is_empty() {
        words.push(format!("{} of {} lines", grouped(state.log.rows()), grouped(state.log.len())));
    }
    if state.log.left_out() > 0 {
        words.push(format!("{} lines left out, see the log files", grouped(state.log.left_out())));
    }
    if !words.is_empty() {
        let label = ui.add(egui::Label::new(theme::small(words.join(" · ")).weak()).truncate());
        if let Some(last) = &state.run.last {
            label.on_hover_text(format!("The log files are in {}", last.folder.display()));
        }
    }
    actions
}

pub fn show(ui: &mut Ui, state: &State, view: &mut LogView) {
    let rect = ui.available_rect_before_wrap();
    view.show(ui, &state.log);
    let words = match (state.log.len(), state.log.rows()) {
        (0, _) => "What the commands print appears here when a build runs.",
        (_, 0) => "No line fits the filter.",
        _ => return,
    };
    let t = Tokens::of(ui.ctx());
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, FontId::proportional(theme::text::BODY), t.muted);
}
