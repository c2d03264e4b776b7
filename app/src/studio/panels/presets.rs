//! The panel at the left: the presets to choose from, and what the project at hand consists of.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{fact, named_button, section};
use bootwright_model::Place;
use egui::{Button, RichText, Sense, Stroke, Ui, WidgetInfo, WidgetType};

/// Room for the mark of the current preset.
const MARK: f32 = 22.0;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let t = Tokens::of(ui.ctx());
    let mut actions = Vec::new();
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        section(ui, "PRESETS");
        for layout in state.library.layouts() {
            let current = state.preset.as_deref() == Some(&layout.name);
            if card(ui, &layout.title, first_sentence(&layout.explain), current, &t) {
                actions.push(Action::OpenPreset(layout.name.clone()));
            }
        }
        section(ui, "PROJECT");
        undo(ui, state, &mut actions);
        ui.scope(|ui| {
            // Rows of text, not of buttons.
            ui.spacing_mut().interact_size.y = 16.0;
            facts(ui, state);
        });
    });
    actions
}

/// Only there when there is something to undo or to redo.
fn undo(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let (undo, redo) = (state.history.next_undo(), state.history.next_redo());
    if undo.is_none() && redo.is_none() {
        return;
    }
    let blocked = state.run.busy();
    ui.horizontal(|ui| {
        for (icon, name, change, keys, action) in [
            (icon::ARROW_U_UP_LEFT, "Undo", undo, "Ctrl+Z", Action::Undo),
            (icon::ARROW_U_UP_RIGHT, "Redo", redo, "Ctrl+Shift+Z", Action::Redo),
        ] {
            let button = Button::new(RichText::new(format!("{icon} {name}"))).small();
            let tip = match change {
                _ if blocked => "Stop the build to change the project.".to_owned(),
                Some(change) => format!("{name}: {change} ({keys})"),
                None => format!("There is nothing to {}", name.to_lowercase()),
            };
            if named_button(ui, button, change.is_some() && !blocked, name, &tip).clicked() {
                actions.push(action);
            }
        }
    });
}

fn card(ui: &mut Ui, title: &str, line: &str, current: bool, t: &Tokens) -> bool {
    let frame = egui::Frame::new()
        .inner_margin(8)
        .corner_radius(6)
        .fill(if current { t.accent_soft } else { t.well })
        .stroke(Stroke::new(1.0, if current { t.accent } else { t.line }));
    let shown = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.horizontal_top(|ui| {
            let room = ui.available_width() - MARK;
            ui.vertical(|ui| {
                ui.set_max_width(room);
                ui.add(egui::Label::new(theme::strong(title)).wrap());
            });
            if current {
                ui.label(RichText::new(icon::CHECK).color(t.accent));
            }
        });
        ui.label(theme::small(line).color(if current { t.text } else { t.muted }));
    });
    let response = shown.response.interact(Sense::click());
    let name = format!("Preset {title}");
    response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, current, &name));
    if response.hovered() && !current {
        ui.painter().rect_stroke(response.rect, 6, Stroke::new(1.0, t.accent), egui::StrokeKind::Inside);
    }
    response.clicked()
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

fn facts(ui: &mut Ui, state: &State) {
    let p = &state.project;
    let layout = &p.layout;
    let host = layout.components.iter().filter(|c| state.place_of(&c.id) == Place::Host).count();
    let from_host = layout.wires.iter().filter(|w| state.place_of(&w.from.component) == Place::Host).count();
    egui::Grid::new("facts").num_columns(2).min_col_width(70.0).spacing([space::M, space::S]).show(ui, |ui| {
        let file = p.path.as_ref().map_or("not saved (a preset)".to_owned(), |p| p.display().to_string());
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
