//! The page Configuration: the options of a component, what each is for, and why it has its value.

mod details;
mod files;
mod strip;

use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::config::{ConfigAction, Phase, Sheet};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::config_view::ConfigView;
use crate::studio::widgets::{choice_button, grouped, named_button, tool};
use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Button, Key, Label, Panel, RichText, TextEdit, Ui, WidgetInfo, WidgetType};

pub fn show(ui: &mut Ui, state: &State, view: &mut ConfigView) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some(component) = state.config_component() else {
        ui.label(RichText::new("No component of this project is configured by Kconfig.").weak());
        return Vec::new();
    };
    let page = &state.config_page;
    let mut said = Vec::new();
    if page.component.as_ref() != Some(&component) || page.phase().is_none() {
        said.push(ConfigAction::Show(component.clone()));
    }
    ui.horizontal(|ui| {
        for id in state.configurable() {
            if choice_button(ui, *id == component, state.title_of(id), &format!("Configure {}", state.title_of(id))).clicked() {
                said.push(ConfigAction::Show(id.clone()));
                actions.push(Action::Select(Some(Selection::Component(id.clone()))));
            }
        }
        if let Some(sheet) = page.sheet() {
            ui.separator();
            tools(ui, state, sheet, view, &mut said);
        }
    });
    ui.add_space(space::S);
    match (page.phase(), page.sheet()) {
        (Some(Phase::Open | Phase::Loading), Some(sheet)) => {
            let enabled = !sheet.stale && !state.run.busy();
            files::imported(ui, sheet, &mut said);
            faults(ui, sheet, &mut said);
            Panel::bottom("config strip").resizable(false).frame(egui::Frame::new()).show(ui, |ui| {
                strip::show(ui, state, sheet, &mut said);
                if let Some(tab) = strip::plan(ui, state) {
                    actions.push(Action::ShowTab(tab));
                }
                // A panel has the height of the frame before, and a window at rest draws no other.
                if ui.min_rect().bottom() > ui.clip_rect().bottom() + 0.5 {
                    ui.ctx().request_discard("a line came into the strip");
                }
            });
            let width = (ui.available_width() * 0.4).clamp(240.0, 420.0);
            let frame = egui::Frame::new().inner_margin(egui::Margin { left: space::M as i8, ..Default::default() });
            Panel::right("config details").resizable(true).default_size(width).frame(frame).show(ui, |ui| {
                details::show(ui, sheet, enabled, &mut said);
            });
            said.extend(view.show(ui, sheet, page.wishes, enabled));
        }
        (phase, _) => waiting(ui, state, phase, &mut said),
    }
    actions.extend(said.into_iter().map(Action::Config));
    actions
}

/// Where there is nothing to show yet: why, and what helps.
fn waiting(ui: &mut Ui, state: &State, phase: Option<&Phase>, said: &mut Vec<ConfigAction>) {
    let t = Tokens::of(ui.ctx());
    ui.add_space(space::L);
    match phase {
        None | Some(Phase::Open | Phase::Loading) => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("The options are being read from the source.");
            });
        }
        Some(Phase::Untrusted) => {
            ui.label(theme::strong("This project brings along what no built-in recipe has."));
            ui.label("Reading the options runs the compiler and scripts of its sources, with all that you may do on this machine:");
            for line in crate::trust::additions(&state.project) {
                ui.add(Label::new(theme::small(line)).wrap());
            }
            ui.add_space(space::M);
            let tip = "It is not asked again unless these parts change";
            if named_button(ui, Button::new("Trust this project"), true, "Trust this project", tip).clicked() {
                said.push(ConfigAction::Trust);
            }
        }
        Some(Phase::NotUnpacked) => {
            ui.label("The options stand in the source of this component, which is not in the work folder yet.");
            ui.add_space(space::M);
            let button = Button::new(RichText::new(format!("{} Fetch and unpack it", icon::PACKAGE)).color(t.on_accent)).fill(t.accent);
            let busy = state.run.busy();
            let tip = if busy { "The build that is going on brings it" } else { "As the build would; it is not fetched again then" };
            if named_button(ui, button, !busy, "Fetch and unpack the source", tip).clicked() {
                said.push(ConfigAction::Fetch);
            }
        }
        Some(Phase::Fetching(words)) => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(format!("The source is fetched: {words}"));
                if ui.button("Stop").clicked() {
                    said.push(ConfigAction::StopFetching);
                }
            });
        }
        Some(Phase::Failed(why)) => {
            ui.label(theme::strong(format!("{} The options could not be read", icon::X_CIRCLE)).color(t.bad));
            ui.add(Label::new(why).wrap().selectable(true));
            if ui.button("Try again").clicked() {
                said.push(ConfigAction::Reload);
            }
        }
    }
}

fn tools(ui: &mut Ui, state: &State, sheet: &Sheet, view: &mut ConfigView, said: &mut Vec<ConfigAction>) {
    ui.spacing_mut().item_spacing.x = space::S;
    let mut text = sheet.search.clone();
    let id = egui::Id::new("config search");
    let edit = TextEdit::singleline(&mut text).id(id).hint_text(format!("{} Search: name, question or help ( / )", icon::MAGNIFYING_GLASS));
    let field = ui.add(edit.desired_width(250.0));
    field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Search the options"));
    if view.wants_search() {
        field.request_focus();
        // What is typed next takes the place of what was searched before.
        let mut typing = TextEditState::load(ui.ctx(), id).unwrap_or_default();
        let all = CCursorRange::two(CCursor::new(0), CCursor::new(sheet.search.chars().count()));
        typing.cursor.set_char_range(Some(all));
        typing.store(ui.ctx(), id);
    }
    if field.changed() {
        said.push(ConfigAction::Search(text));
    }
    if field.has_focus() && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, Key::ArrowDown)) {
        view.leave_search();
    }
    if field.lost_focus() {
        let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
        if escape {
            said.push(ConfigAction::Search(String::new()));
        }
        if enter || escape {
            view.leave_search();
        }
    }
    if !sheet.search.trim().is_empty() {
        let found = sheet.items.len();
        ui.label(theme::small(if found == 500 { "the first 500".into() } else { format!("{} found", grouped(found as u64)) }).weak());
    }
    let lines = sheet.editor.borrow().lines().len();
    let words = if lines == 0 { "Changed".into() } else { format!("Changed {lines}") };
    let only = ui.add(Button::selectable(sheet.view.only_changed, words));
    only.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, sheet.view.only_changed, "Only what differs"));
    if only.on_hover_text("Only what differs from the configuration without the project's own lines").clicked() {
        said.push(ConfigAction::OnlyChanged(!sheet.view.only_changed));
    }
    let hidden = ui.add(Button::selectable(sheet.view.show_invisible, "Invisible"));
    hidden.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, sheet.view.show_invisible, "Also what is invisible"));
    if hidden.on_hover_text("Also what the menus do not show now, because its conditions do not hold or nothing is asked").clicked() {
        said.push(ConfigAction::ShowInvisible(!sheet.view.show_invisible));
    }
    let (glyph, word) = if sheet.view.all { (icon::CARET_UP, "Fold all menus") } else { (icon::CARET_DOWN, "Unfold all menus") };
    if named_button(ui, tool(glyph), true, word, word).clicked() {
        said.push(ConfigAction::UnfoldAll(!sheet.view.all));
    }
    files::buttons(ui, said);
    if let Some(note) = &state.config_page.note {
        ui.add(Label::new(theme::small(note).weak()).truncate());
    }
}

/// What is wrong with the Kconfig files, and with the project's own lines.
fn faults(ui: &mut Ui, sheet: &Sheet, said: &mut Vec<ConfigAction>) {
    let t = Tokens::of(ui.ctx());
    let editor = sheet.editor.borrow();
    if editor.has_errors() {
        egui::Frame::new().fill(t.bad_soft).corner_radius(5).inner_margin(space::M).show(ui, |ui| {
            ui.label(theme::strong(format!("{} The Kconfig files have errors: this is what could be read.", icon::X_CIRCLE)).color(t.bad));
            let errors = editor.diagnostics().filter(|d| d.severity >= bootwright_kconfig::Severity::Error);
            for d in errors.take(4) {
                let words = if d.line == 0 { d.message.clone() } else { format!("{}:{}: {}", d.file, d.line, d.message) };
                if ui.add(egui::Link::new(theme::small(words))).on_hover_text("Open it in your editor").clicked() {
                    said.push(ConfigAction::Open { file: d.file.clone(), line: d.line.max(1) });
                }
            }
        });
        ui.add_space(space::S);
    }
    if !editor.remarks.is_empty() {
        let n = editor.remarks.len();
        let words = format!("{} {n} of the project's lines {} not come out as written", icon::WARNING, if n == 1 { "does" } else { "do" });
        egui::CollapsingHeader::new(theme::small(words).color(t.warn)).id_salt("config remarks").show(ui, |ui| {
            egui::ScrollArea::vertical().id_salt("config remarks").max_height(110.0).show(ui, |ui| {
                for r in &editor.remarks {
                    ui.add(Label::new(theme::small(format!("line {}: {}", r.line, r.what))).wrap());
                }
            });
        });
    }
}
