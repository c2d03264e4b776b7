//! The inspector where several things are selected: what they are, and what can be done with all of them.

use crate::studio::action::{Action, Selection};
use crate::studio::diagram::Command;
use crate::studio::state::State;
use crate::studio::state::component::count;
use crate::studio::theme::{self, icon, space};
use crate::studio::widgets::{link, named_button, section};
use bootwright_model::ComponentId;
use egui::{Button, RichText, Ui};
use std::collections::BTreeSet;

pub fn show(ui: &mut Ui, state: &State, components: &BTreeSet<ComponentId>, wires: &BTreeSet<usize>, actions: &mut Vec<Action>) {
    let mut words = Vec::new();
    if !components.is_empty() {
        words.push(count(components.len(), "component"));
    }
    if !wires.is_empty() {
        words.push(count(wires.len(), "wire"));
    }
    ui.label(theme::strong(words.join(", ")).size(theme::text::HEADING));
    if components.len() > 1 {
        section(ui, "ARRANGE");
        ui.horizontal_wrapped(|ui| {
            buttons(
                ui,
                state,
                &[
                    (icon::ALIGN_LEFT, Command::AlignLeft),
                    (icon::ALIGN_TOP, Command::AlignTop),
                    (icon::ARROWS_HORIZONTAL, Command::SpreadAcross),
                    (icon::ARROWS_VERTICAL, Command::SpreadDown),
                ],
                actions,
            );
        });
    }
    section(ui, "ALL OF THEM");
    ui.horizontal_wrapped(|ui| buttons(ui, state, &[(icon::COPY, Command::Duplicate), (icon::TRASH, Command::Remove)], actions));
    section(ui, "SELECTED");
    for id in components {
        ui.horizontal(|ui| {
            if link(ui, state.title_of(id)).clicked() {
                actions.push(Action::Select(Some(Selection::Component(id.clone()))));
            }
            ui.label(RichText::new(id.as_str()).monospace().weak());
        });
    }
    for (i, w) in wires.iter().filter_map(|i| Some((*i, state.project.layout.wires.get(*i)?))) {
        let words = format!("{} ← {}", state.title_of(&w.to.component), state.title_of(&w.from.component));
        if link(ui, &words).clicked() {
            actions.push(Action::Select(Some(Selection::Wire(i))));
        }
    }
    ui.add_space(space::M);
}

/// Commands of the diagram as buttons with icon and words.
pub fn buttons(ui: &mut Ui, state: &State, commands: &[(&str, Command)], actions: &mut Vec<Action>) {
    for (icon, command) in commands {
        let name = command.title().trim_end_matches('…');
        let tip = if command.keys().is_empty() { name.to_owned() } else { format!("{name} ({} in the diagram)", command.keys()) };
        let button = Button::new(RichText::new(format!("{icon} {name}")).size(theme::text::SMALL)).small();
        if named_button(ui, button, command.applies(state) && !state.run.busy(), name, &tip).clicked() {
            actions.push(Action::Diagram(*command));
        }
    }
}
