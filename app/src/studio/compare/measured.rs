//! What was measured of both. What was not shows as an em dash, with what to do about it above.

use crate::comparison::Compared;
use crate::comparison::measured::{Group, Mood, Row, Standpoint, Value};
use crate::studio::action::{Action, Tab};
use crate::studio::state::State;
use crate::studio::state::compare::Choice;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{link, section};
use bootwright_model::Side;
use egui::{Color32, Grid, Label, RichText, ScrollArea, Ui, WidgetInfo, WidgetType};

/// Of a value's column.
const VALUE: f32 = 82.0;

pub fn show(ui: &mut Ui, state: &State, compared: &Compared) -> Vec<Action> {
    let mut actions = Vec::new();
    let t = Tokens::of(ui.ctx());
    let Some(measured) = &compared.measured else {
        ui.label(RichText::new("The store and the journals are being read.").weak());
        return actions;
    };
    ScrollArea::vertical().id_salt("measured").auto_shrink(false).show(ui, |ui| {
        for (side, standpoint) in Side::BOTH.into_iter().zip(&measured.sides) {
            missing(ui, state, side, standpoint, &t, &mut actions);
        }
        let what = (ui.available_width() - 2.0 * (VALUE + space::M)).max(90.0);
        for group in Group::ALL {
            let rows: Vec<&Row> = measured.rows.iter().filter(|r| r.group == group).collect();
            if rows.is_empty() {
                continue;
            }
            section(ui, &group.title().to_uppercase());
            let grid = Grid::new(("measured", group.title())).num_columns(3).spacing([space::M, space::S]).striped(true);
            grid.min_col_width(VALUE).show(ui, |ui| {
                ui.label("");
                ui.label(theme::small("Before").weak().strong());
                ui.label(theme::small("After").weak().strong());
                ui.end_row();
                for row in rows {
                    ui.scope(|ui| {
                        ui.set_width(what);
                        ui.add(Label::new(theme::small(&row.what).color(t.text)).wrap());
                    });
                    for side in Side::BOTH {
                        value(ui, row, side, &t);
                    }
                    ui.end_row();
                }
            });
        }
        ui.add_space(space::M);
    });
    actions
}

/// Why one of the two has no values, and the way to them.
fn missing(ui: &mut Ui, state: &State, side: Side, standpoint: &Standpoint, t: &Tokens, actions: &mut Vec<Action>) {
    if standpoint.todo.is_empty() {
        return;
    }
    let frame = egui::Frame::new().fill(t.well).corner_radius(5).inner_margin(space::M);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(icon::INFO).color(t.accent));
            ui.vertical(|ui| {
                ui.add(Label::new(theme::strong(&standpoint.title).size(theme::text::SMALL)).wrap());
                for todo in &standpoint.todo {
                    ui.add(Label::new(theme::small(todo).color(t.muted)).wrap().selectable(true));
                }
                let open = match state.compare.choice(side) {
                    Choice::Preset(name) => {
                        let there = state.preset.as_ref() == Some(name);
                        (!there).then(|| ("Open it here", Action::OpenPreset(name.clone())))
                    }
                    Choice::Open => None,
                    Choice::File(path) => Some(("Open it here", Action::OpenFile(path.clone()))),
                };
                let (words, action) = open.unwrap_or(("Show its diagram", Action::ShowTab(Tab::Diagram)));
                if link(ui, words).on_hover_text("Then Build and Boot are in the bar above").clicked() {
                    actions.push(action);
                }
            });
        });
    });
    ui.add_space(space::S);
}

fn value(ui: &mut Ui, row: &Row, side: Side, t: &Tokens) {
    let word = if side == Side::Before { "before" } else { "after" };
    let Some(v) = row.side(side) else {
        let r = ui.label(RichText::new("—").color(t.muted)).on_hover_text("Not measured");
        r.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}, {word}: not measured", row.what)));
        return;
    };
    let text = match v.mood {
        Mood::Plain => RichText::new(&v.text).color(t.text),
        _ => {
            let (icon, colour) = mood(v.mood, t);
            RichText::new(format!("{icon} {}", v.text)).color(colour)
        }
    };
    let r = ui.label(text).on_hover_ui(|ui| tip(ui, v));
    r.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}, {word}: {}", row.what, v.text)));
}

fn tip(ui: &mut Ui, v: &Value) {
    ui.set_max_width(420.0);
    for line in v.found.iter().take(14) {
        ui.add(Label::new(theme::small(line)).wrap());
    }
    ui.add(Label::new(theme::small(&v.from).weak()).wrap());
}

/// Icon and colour; the word beside it says it too.
pub fn mood(mood: Mood, t: &Tokens) -> (&'static str, Color32) {
    match mood {
        Mood::Plain => (icon::INFO, t.muted),
        Mood::Good => (icon::CHECK_CIRCLE, t.good),
        Mood::Doubtful => (icon::WARNING, t.warn),
        Mood::Bad => (icon::X_CIRCLE, t.bad),
    }
}
