//! The question before a window closes while something runs.

use crate::studio::action::Action;
use crate::studio::state::{Quit, State};
use crate::studio::theme::{self, Tokens, space};
use egui::{Button, RichText, Ui};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    if state.quit != Quit::Asking {
        return actions;
    }
    let t = Tokens::of(ui.ctx());
    let modal = egui::Modal::new(egui::Id::new("quit")).frame(egui::Frame::window(&ui.ctx().global_style()).inner_margin(16)).show(
        ui.ctx(),
        |ui| {
            ui.set_width(360.0);
            let what = match () {
                () if state.run.busy() => "A build is going on",
                () if state.problems_page.installing() => "Packages are being installed",
                () => "A virtual machine is running",
            };
            ui.label(theme::strong(what).size(theme::text::HEADING));
            ui.add_space(space::S);
            let text = if state.run.busy() {
                "Quitting stops it. Steps that are finished stay in the store; the one that runs starts over next time."
            } else if state.problems_page.installing() {
                "Quitting asks the package manager to stop, which may leave packages half configured."
            } else {
                "Quitting ends it at once, as if its power were cut."
            };
            ui.label(text);
            ui.add_space(space::L);
            ui.horizontal(|ui| {
                if ui.add(Button::new(RichText::new("Keep working").color(t.on_accent)).fill(t.accent)).clicked() {
                    actions.push(Action::KeepWorking);
                }
                if ui.button("Stop and quit").clicked() {
                    actions.push(Action::QuitAnyway);
                }
            });
        },
    );
    if modal.should_close() {
        actions.push(Action::KeepWorking);
    }
    actions
}
