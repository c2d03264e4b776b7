//! The page with what the steps left in the store.

use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::component::bytes;
use crate::studio::widgets::{copy_button, cut, link, table};
use egui::{RichText, Ui};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let rows = &state.run.artifacts;
    if rows.is_empty() {
        ui.label(RichText::new("What the steps leave appears here with its size and hash.").weak());
        return actions;
    }
    let columns = [
        ("Component", 150.0, 90.0),
        ("Output", 90.0, 60.0),
        ("Size", 84.0, 60.0),
        ("Files", 56.0, 40.0),
        ("SHA-256", 130.0, 100.0),
        ("Path", 0.0, 120.0),
    ];
    table(ui, "artifacts", &columns).body(|body| {
        body.rows(20.0, rows.len(), |mut row| {
            let a = &rows[row.index()];
            row.col(|ui| {
                if link(ui, state.title_of(&a.step.component)).clicked() {
                    actions.push(Action::Select(Some(Selection::Component(a.step.component.clone()))));
                }
            });
            row.col(|ui| {
                cut(ui, &a.output);
            });
            row.col(|ui| {
                ui.label(bytes(a.artifact.size)).on_hover_text(format!("{} bytes", a.artifact.size));
            });
            row.col(|ui| {
                ui.label(a.artifact.files.to_string());
            });
            row.col(|ui| {
                let short = a.artifact.hash.get(..12).unwrap_or(&a.artifact.hash);
                ui.label(RichText::new(short).monospace()).on_hover_text(&a.artifact.hash);
                copy_button(ui, "Copy the hash", || a.artifact.hash.clone());
            });
            row.col(|ui| {
                copy_button(ui, "Copy the path", || a.path.display().to_string());
                cut(ui, RichText::new(a.path.display().to_string()).monospace());
            });
        });
    });
    actions
}
