//! The page with the output of the steps: what is searched in it, and what to do with a line.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::diagnostic::{self, Level};
use crate::studio::state::log::Log;
use crate::studio::state::log_page::LogAction;
use crate::studio::state::log_query::Query;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::log_view::LogView;
use crate::studio::widgets::save::save_button;
use crate::studio::widgets::{copy_button, form, grouped, named_button, tool};
use egui::{Align2, Button, ComboBox, FontId, Key, RichText, TextEdit, Ui, WidgetInfo, WidgetType};

pub fn show(ui: &mut Ui, state: &State, view: &mut LogView) -> Vec<Action> {
    let mut actions = Vec::new();
    let log = state.shown_log();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        choose(ui, state, log, view, &mut actions);
        search(ui, state, log, view, &mut actions);
        act(ui, state, log, view, &mut actions);
    });
    status(ui, state, log, &mut actions);
    ui.add_space(space::XS);
    let rect = ui.available_rect_before_wrap();
    actions.extend(view.show(ui, log, &state.log_page));
    let words = match (log.len(), log.rows()) {
        (0, _) => "What the commands print appears here when a build runs.",
        (_, 0) => "No line fits the filter.",
        _ => return actions.into_iter().map(Action::Log).collect(),
    };
    let t = Tokens::of(ui.ctx());
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, FontId::proportional(theme::text::BODY), t.muted);
    actions.into_iter().map(Action::Log).collect()
}

/// Which step, and how bad.
fn choose(ui: &mut Ui, state: &State, log: &Log, view: &mut LogView, actions: &mut Vec<LogAction>) {
    let query = log.query();
    let mut ask = |query: Query| {
        view.reset();
        actions.push(LogAction::Query(query));
    };
    let shown = query.step.clone().unwrap_or_else(|| "All steps".into());
    let mut load = None;
    let combo = ComboBox::from_id_salt("log step").selected_text(shown).width(150.0).height(300.0);
    let response = combo.show_ui(ui, |ui| {
        if ui.selectable_label(query.step.is_none(), "All steps").clicked() {
            ask(Query { step: None, ..query.clone() });
        }
        for (name, lines) in log.steps() {
            let chosen = query.step.as_deref() == Some(name);
            if ui.selectable_label(chosen, format!("{name}  {}", grouped(lines))).clicked() {
                ask(Query { step: Some(name.to_owned()), ..query.clone() });
            }
        }
        // Steps that said nothing in this window left a log when they ran last.
        for step in state.run.steps.iter().filter(|s| !state.log.steps().any(|(name, _)| name == s.id.to_string())) {
            if let Some(folder) = state.timeline.folder_with_log(&step.id)
                && ui.selectable_label(false, format!("{}  earlier", step.id)).on_hover_text("Its log of an earlier run").clicked()
            {
                load = Some((folder, step.id.clone()));
            }
        }
    });
    response.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, "Step of the log"));
    if let Some((folder, step)) = load {
        view.reset();
        actions.push(LogAction::LoadOld { folder, step });
    }
    let words = |l| match l {
        Level::None => "All lines",
        Level::Warning => "Warnings and errors",
        Level::Error => "Errors",
    };
    let combo = ComboBox::from_id_salt("log level").selected_text(words(query.level)).width(136.0);
    let mut chosen = None;
    let response = combo.show_ui(ui, |ui| {
        for level in [Level::None, Level::Warning, Level::Error] {
            if ui.selectable_label(query.level == level, words(level)).clicked() {
                chosen = Some(Query { level, ..query.clone() });
            }
        }
    });
    response.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, "Kind of lines"));
    if let Some(query) = chosen {
        view.reset();
        actions.push(LogAction::Query(query));
    }
}

fn search(ui: &mut Ui, state: &State, log: &Log, view: &mut LogView, actions: &mut Vec<LogAction>) {
    let query = log.query();
    let mut text = query.text.clone();
    let edit = TextEdit::singleline(&mut text).hint_text("Search").desired_width(150.0);
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Search the log"));
    if response.changed() {
        actions.push(LogAction::Query(Query { text, ..query.clone() }));
    }
    if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
        actions.push(if ui.input(|i| i.modifiers.shift) { LogAction::Previous } else { LogAction::Next });
        response.request_focus();
    }
    let what = if query.needle().is_empty() { "error" } else { "match" };
    for (icon, word, action) in [(icon::CARET_UP, "Previous", LogAction::Previous), (icon::CARET_DOWN, "Next", LogAction::Next)] {
        let tip = format!("{word} {what} ({})", if word == "Next" { "N" } else { "Shift+N" });
        let button = tool(icon);
        if named_button(ui, button, true, &format!("{word} match"), &tip).clicked() {
            actions.push(action);
        }
    }
    if !query.needle().is_empty() {
        let all = log.matches().len() as u64;
        let at = state.log_page.at.and_then(|line| log.matches().binary_search(&line).ok());
        let words = match at {
            Some(i) => format!("{} of {}", grouped(i as u64 + 1), grouped(all)),
            None => format!("{} found", grouped(all)),
        };
        ui.label(theme::small(words).weak());
    }
    let only = ui.add(Button::selectable(query.only, icon::ONLY));
    only.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, query.only, "Only matching lines"));
    if only.on_hover_text("Show only the lines that match the search").clicked() {
        view.reset();
        actions.push(LogAction::Query(Query { only: !query.only, ..query.clone() }));
    }
}

/// What can be done with the log and with a line of it.
fn act(ui: &mut Ui, state: &State, log: &Log, view: &mut LogView, actions: &mut Vec<LogAction>) {
    let tip = "Jump to the first error of the latest run";
    let first = Button::new(RichText::new(format!("{} First error", icon::X_CIRCLE)));
    if named_button(ui, first, log.error_from(0).is_some(), "First error", tip).clicked() {
        actions.push(LogAction::FirstError);
    }
    ui.checkbox(&mut view.follow, "Follow").on_hover_text("Keep the newest line in sight");
    let line = view.line().filter(|n| log.line(*n).is_some_and(|l| diagnostic::place(l.text).is_some()));
    let tip = match line {
        Some(_) => "Open the file and line that the marked line names in your editor",
        None => "Mark a line that names a file and a line, such as `a.c:3: error`, to open it in your editor",
    };
    if named_button(ui, tool(icon::EDIT), line.is_some(), "Open in editor", tip).clicked() {
        actions.extend(line.map(LogAction::Open));
    }
    let what = if view.marked() { "Copy the marked lines" } else { "Copy all lines shown" };
    copy_button(ui, what, || view.text(log));
    if let Some(path) = save_button(ui, "Save the lines shown", "bootwright.log") {
        actions.push(LogAction::Save(path));
    }
    let settings = named_button(ui, tool(icon::SETTINGS), true, "Editor command", "How files are opened");
    form(&settings, 320.0, |ui| {
        ui.label(theme::strong("Editor"));
        let mut editor = state.log_page.editor.clone();
        let env = ["VISUAL", "EDITOR"].iter().find_map(|n| std::env::var(n).ok().filter(|v| !v.is_empty()));
        let hint = env.unwrap_or_else(|| "code -g {file}:{line}".into());
        let edit = ui.add(TextEdit::singleline(&mut editor).hint_text(hint).desired_width(f32::INFINITY));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Command that opens a file"));
        if edit.changed() {
            actions.push(LogAction::SetEditor(editor));
        }
        ui.label(theme::small("{file}, {line} and {column} stand for the place. Empty: $VISUAL, else $EDITOR.").weak());
    });
}

/// What is not seen at a glance: an old log, counts, and what was done last.
fn status(ui: &mut Ui, state: &State, log: &Log, actions: &mut Vec<LogAction>) {
    let mut words = Vec::new();
    if log.rows() != log.len() {
        words.push(format!("{} of {} lines", grouped(log.rows()), grouped(log.len())));
    }
    if log.left_out() > 0 {
        words.push(format!("{} lines left out, see the log files", grouped(log.left_out())));
    }
    words.extend(state.log_page.note.clone());
    if words.is_empty() && state.log_page.old.is_none() {
        return;
    }
    ui.horizontal(|ui| {
        if let Some(old) = &state.log_page.old {
            if ui.button("Back to the live log").clicked() {
                actions.push(LogAction::Live);
            }
            ui.label(theme::strong(&old.title));
        }
        let label = ui.add(egui::Label::new(theme::small(words.join(" · ")).weak()).truncate());
        if let Some(last) = &state.run.last {
            label.on_hover_text(format!("The log files are in {}", last.folder.display()));
        }
    });
}
