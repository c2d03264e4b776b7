//! Errors above the diagram: what was attempted, the full text, and a way to copy it.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{copy_button, icon_button};
use egui::{Align, Layout, RichText, Stroke, Ui};

/// Taller texts scroll.
const TALLEST: f32 = 64.0;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let t = Tokens::of(ui.ctx());
    let mut actions = Vec::new();
    // The newest first; the others wait their turn, so that the diagram stays in sight.
    let Some(message) = state.messages.last() else { return actions };
    egui::Frame::new().fill(t.bad_soft).stroke(Stroke::new(1.0, t.bad)).corner_radius(6).inner_margin(space::M).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(icon::WARNING).size(theme::text::HEADING).color(t.bad));
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                if icon_button(ui, icon::X, "Dismiss").clicked() {
                    actions.push(Action::DismissMessage(message.id));
                }
                copy_button(ui, "Copy the message", || format!("{}\n{}\n", message.title, message.text));
                ui.vertical(|ui| {
                    let more = match state.messages.len() - 1 {
                        0 => String::new(),
                        n => format!("  ({n} more)"),
                    };
                    ui.label(theme::strong(format!("{}{more}", message.title)).color(t.bad));
                    egui::ScrollArea::vertical().max_height(TALLEST).auto_shrink([false, true]).show(ui, |ui| {
                        let multi = message.text.contains('\n');
                        let text = if multi { RichText::new(&message.text).monospace() } else { RichText::new(&message.text) };
                        ui.add(egui::Label::new(text).wrap().selectable(true));
                    });
                });
            });
        });
    });
    actions
}
