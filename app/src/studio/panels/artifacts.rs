//! The page with what the steps left in the store: what made it, and who uses it.

use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::artifacts::{ArtifactAction, Column, Row, ago};
use crate::studio::state::component::{bytes, duration};
use crate::studio::state::inside::InsideAction;
use crate::studio::theme::{self, icon};
use crate::studio::widgets::{copy_button, cut, link};
use egui::{Button, RichText, TextEdit, Ui, WidgetInfo, WidgetType};
use std::time::{SystemTime, UNIX_EPOCH};

const COLUMNS: [(&str, Column, f32, f32); 8] = [
    ("Component", Column::Component, 140.0, 90.0),
    ("Output", Column::Output, 80.0, 56.0),
    ("Size", Column::Size, 76.0, 60.0),
    ("Files", Column::Files, 48.0, 44.0),
    ("SHA-256", Column::Hash, 122.0, 90.0),
    ("Made by", Column::MadeBy, 130.0, 80.0),
    ("When", Column::When, 104.0, 70.0),
    ("Used by", Column::UsedBy, 0.0, 120.0),
];

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    if state.run.artifacts.is_empty() {
        ui.label(RichText::new("What the steps leave appears here with its size and hash.").weak());
        return actions;
    }
    let rows = state.artifact_rows();
    let page = &state.artifacts_page;
    ui.horizontal(|ui| {
        let mut text = page.filter.clone();
        ui.label(icon::MAGNIFYING_GLASS);
        let edit = ui.add(TextEdit::singleline(&mut text).hint_text("Filter: name, hash or user").desired_width(200.0));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Filter the artifacts"));
        if edit.changed() {
            actions.push(Action::Artifacts(ArtifactAction::Filter(text)));
        }
        let all: u64 = rows.iter().map(|r| r.row.artifact.size).sum();
        ui.label(theme::small(format!("{} of {}, {}", rows.len(), state.run.artifacts.len(), bytes(all))).weak());
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let mut table = egui_extras::TableBuilder::new(ui)
        .id_salt("artifacts")
        .striped(true)
        .min_scrolled_height(0.0)
        .auto_shrink(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
    for (i, (_, _, width, least)) in COLUMNS.iter().enumerate() {
        table = table.column(match i + 1 == COLUMNS.len() {
            true => egui_extras::Column::remainder().at_least(*least).clip(true),
            false => egui_extras::Column::initial(*width).at_least(*least).clip(true).resizable(true),
        });
    }
    let header = table.header(20.0, |mut row| {
        for (title, column, ..) in COLUMNS {
            row.col(|ui| {
                let mark = match (page.sort == column, page.descending) {
                    (false, _) => "",
                    (true, false) => icon::CARET_UP,
                    (true, true) => icon::CARET_DOWN,
                };
                let label = RichText::new(format!("{title} {mark}")).size(theme::text::SMALL).strong();
                let button = ui.add(Button::new(label).frame(false));
                button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Sort by {title}")));
                if button.on_hover_text(format!("Sort by {title}; again: the other way round")).clicked() {
                    actions.push(Action::Artifacts(ArtifactAction::Sort(column)));
                }
            });
        }
    });
    header.body(|body| {
        body.rows(20.0, rows.len(), |mut row| {
            let r = &rows[row.index()];
            for (_, column, ..) in COLUMNS {
                row.col(|ui| cell(ui, r, column, now, &mut actions));
            }
        });
    });
    actions
}

fn cell(ui: &mut Ui, r: &Row, column: Column, now: u64, actions: &mut Vec<Action>) {
    let a = r.row;
    match column {
        Column::Component => {
            if link(ui, r.title).clicked() {
                actions.push(Action::Select(Some(Selection::Component(a.step.component.clone()))));
            }
        }
        Column::Output => {
            copy_button(ui, "Copy the path", || a.path.display().to_string());
            let name = format!("{}.{}", a.step.component, a.output);
            let open = ui.add(egui::Link::new(&a.output)).on_hover_text(format!("Look inside {}", a.path.display()));
            open.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, format!("Look inside {name}")));
            if open.clicked() {
                actions.push(Action::Inside(InsideAction::Open { name, path: a.path.clone() }));
            }
        }
        Column::Size => {
            ui.label(bytes(a.artifact.size)).on_hover_text(format!("{} bytes", a.artifact.size));
        }
        Column::Files => {
            ui.label(a.artifact.files.to_string());
        }
        Column::Hash => {
            let short = a.artifact.hash.get(..12).unwrap_or(&a.artifact.hash);
            copy_button(ui, "Copy the hash", || a.artifact.hash.clone());
            ui.label(RichText::new(short).monospace()).on_hover_text(&a.artifact.hash);
        }
        Column::MadeBy => {
            let took = r.seconds.map_or("—".into(), duration);
            cut(ui, format!("{}, {took}", a.step.step)).on_hover_text(format!("The step {} made it in {took}", a.step));
        }
        Column::When => {
            cut(ui, r.at.map_or("—".into(), |at| ago(at, now)));
        }
        Column::UsedBy => {
            let words = if r.used_by.is_empty() { "—".into() } else { r.used_by.join("; ") };
            cut(ui, words);
        }
    }
}
