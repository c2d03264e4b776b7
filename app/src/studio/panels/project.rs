//! The page on the project as a whole: what it consists of, and where it is.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::theme::{self, space};
use crate::studio::widgets::fact;
use bootwright_model::Place;
use egui::Ui;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.label(theme::strong(&state.project.layout.title).size(theme::text::HEADING));
        ui.add_space(space::S);
        // Rows of text, not of buttons.
        ui.spacing_mut().interact_size.y = 16.0;
        facts(ui, state);
    });
    Vec::new()
}

fn facts(ui: &mut Ui, state: &State) {
    let p = &state.project;
    let layout = &p.layout;
    let host = layout.components.iter().filter(|c| state.place_of(&c.id) == Place::Host).count();
    let from_host = layout.wires.iter().filter(|w| state.place_of(&w.from.component) == Place::Host).count();
    egui::Grid::new("facts").num_columns(2).min_col_width(70.0).spacing([space::M, space::S]).show(ui, |ui| {
        let file = p.path.as_ref().map_or("none yet".to_owned(), |p| p.display().to_string());
        fact(ui, "File", theme::small(file));
        fact(ui, "Target", theme::small(state.title_of(&layout.target)));
        fact(ui, "Components", theme::small(format!("{} built, {host} of the host", layout.components.len() - host)));
        fact(ui, "Wires", theme::small(format!("{}, {from_host} from the host", layout.wires.len())));
        fact(ui, "Jobs", theme::small(p.jobs.map_or("one a processor".to_owned(), |j| j.to_string())));
        fact(ui, "Sources", theme::small(p.provider.as_deref().map_or("the recipes' order".to_owned(), |p| format!("{p} first"))));
        fact(ui, "Boot checks", theme::small(layout.boot_checks.len().to_string()));
        fact(ui, "Work folder", theme::small(state.work.display().to_string()));
    });
}
