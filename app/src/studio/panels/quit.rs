//! The question before a window closes while something runs, or is not saved.

use crate::studio::action::Action;
use crate::studio::state::{Quit, State};
use crate::studio::theme::{self, Tokens, space};
use egui::{Button, RichText};

pub fn show(ctx: &egui::Context, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    if state.quit != Quit::Asking {
        return actions;
    }
    let t = Tokens::of(ctx);
    let busy = state.busy();
    let modal = egui::Modal::new(egui::Id::new("quit")).frame(egui::Frame::window(&ctx.global_style()).inner_margin(16)).show(ctx, |ui| {
        ui.set_width(400.0);
        let (what, text) = if state.run.busy() {
            (
                "A build is going on",
                "Quitting stops it. Steps that are finished stay in the store; the one that runs starts over next time.",
            )
        } else if state.problems_page.installing() {
            ("Packages are being installed", "Quitting asks the package manager to stop, which may leave packages half configured.")
        } else if state.boot.busy() {
            ("A virtual machine is running", "Quitting ends it at once, as if its power were cut.")
        } else {
            ("The project is not saved", "Its changes are lost when you quit without saving them.")
        };
        ui.label(theme::strong(what).size(theme::text::HEADING));
        ui.add_space(space::S);
        ui.label(text);
        if busy && state.dirty() {
            ui.label("The project has changes that are not saved.");
        }
        ui.add_space(space::L);
        ui.horizontal(|ui| {
            let main = |words: &str| Button::new(RichText::new(words).color(t.on_accent)).fill(t.accent);
            if busy {
                if ui.add(main("Keep working")).clicked() {
                    actions.push(Action::KeepWorking);
                }
            } else if ui.add(main("Save and quit")).clicked() {
                actions.push(Action::SaveAndQuit);
            }
            let leave = match (busy, state.dirty()) {
                (true, false) => "Stop and quit",
                (true, true) => "Stop, lose the changes and quit",
                (false, _) => "Quit without saving",
            };
            if ui.button(leave).clicked() {
                actions.push(Action::QuitAnyway);
            }
            if !busy && ui.button("Keep working").clicked() {
                actions.push(Action::KeepWorking);
            }
        });
    });
    if modal.should_close() {
        actions.push(Action::KeepWorking);
    }
    actions
}
