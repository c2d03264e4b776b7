//! The panel at the right: explains what is selected, or the layout as a whole.

use super::plan::{step_state, time, why};
use super::{provider, several, wire};
use crate::studio::action::{Action, Selection};
use crate::studio::diagram::Command;
use crate::studio::state::State;
use crate::studio::state::config::ConfigAction;
use crate::studio::state::log_page::LogAction;
use crate::studio::state::progress::{StepState, StepView};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{badge, copy_button, link, section, state_text};
use bootwright_model::{Component, Edit, Place, Port, Provider, Recipe};
use egui::{RichText, Ui, WidgetInfo, WidgetType};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    // A new selection starts at its top.
    let salt = format!("inspector {:?}", state.selection);
    egui::ScrollArea::vertical().id_salt(salt).auto_shrink(false).show(ui, |ui| {
        ui.add_space(space::S);
        match &state.selection {
            Some(Selection::Component(id)) => match state.component(id) {
                Some((component, Some(recipe))) => show_component(ui, state, component, recipe, &mut actions),
                Some((component, None)) => {
                    ui.label(theme::strong(component.id.as_str()).size(theme::text::HEADING));
                    ui.label(format!("There is no recipe `{}`.", component.recipe));
                }
                None => {}
            },
            Some(Selection::Wire(i)) => {
                if let Some(w) = state.project.layout.wires.get(*i) {
                    wire::show(ui, state, w, &mut actions);
                }
            }
            Some(Selection::Several { components, wires }) => several::show(ui, state, components, wires, &mut actions),
            None => show_layout(ui, state),
        }
        ui.add_space(space::L);
    });
    actions
}

fn show_layout(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui.ctx());
    let layout = &state.project.layout;
    ui.label(theme::strong(&layout.title).size(theme::text::HEADING));
    ui.add_space(space::S);
    ui.label(&layout.explain);
    if !state.problems.is_empty() {
        section(ui, "PROBLEMS");
        for problem in &state.problems {
            ui.horizontal_top(|ui| {
                ui.label(RichText::new(icon::WARNING).color(t.bad));
                ui.add(egui::Label::new(problem.to_string()).wrap());
            });
        }
    }
    ui.add_space(space::L);
    ui.label(theme::small("Select a box or a wire to see what it is and why it is there. Drag from port to port to draw a wire, drag a wire to move it to another provider. The wheel zooms, the right button or the space bar moves the diagram.").weak());
}

fn show_component(ui: &mut Ui, state: &State, component: &Component, recipe: &Recipe, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    let sum = state.summary(&component.id);
    ui.label(theme::strong(&recipe.title).size(theme::text::HEADING));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(component.id.as_str()).monospace().weak());
        match recipe.place {
            Place::Host => badge(ui, "of the host", t.host_line),
            Place::Built => {
                badge(ui, "built here", t.accent);
                ui.label(state_text(sum.state, &t));
            }
        }
    });
    ui.add_space(space::S);
    ui.label(&recipe.explain);
    for step in state.run.steps_of(&component.id) {
        if let StepState::Failed(message) = &step.state {
            failure(ui, state, step, message, actions);
        }
    }
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        let all = [
            (icon::PLUGS, Command::Connect),
            (icon::PENCIL_SIMPLE, Command::Rename),
            (icon::COPY, Command::Duplicate),
            (icon::TRASH, Command::Remove),
        ];
        several::buttons(ui, state, &all, actions);
    });
    options(ui, state, component, recipe, actions);
    if recipe.configurable() {
        configuration(ui, state, component, actions);
    }
    needs(ui, state, component, recipe, actions);
    outputs(ui, state, component, recipe, actions);
    let steps: Vec<&StepView> = state.run.steps_of(&component.id).collect();
    if recipe.place == Place::Built {
        section(ui, "STEPS");
        if steps.is_empty() {
            ui.label(theme::small("There is no plan yet.").weak());
        }
        for step in steps {
            show_step(ui, step, &t);
        }
    }
    sources(ui, recipe);
}

/// In short: the line of the log that says why, where there is one. The whole stands above the diagram and in the log.
fn failure(ui: &mut Ui, state: &State, step: &StepView, message: &str, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    let first = state.log.first_error(&step.id);
    ui.add_space(space::S);
    egui::Frame::new().fill(t.bad_soft).corner_radius(5).inner_margin(space::M).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(theme::strong(format!("{} {} failed", icon::X_CIRCLE, step.id.step)).color(t.bad));
            copy_button(ui, "Copy the error", || message.to_owned());
        });
        egui::ScrollArea::vertical().id_salt(("failure", &step.id.step)).max_height(96.0).show(ui, |ui| {
            ui.add(egui::Label::new(RichText::new(first.map_or(message, |l| l.text)).monospace()).wrap().selectable(true));
        });
        if let Some(line) = first
            && link(ui, "Show it in the log").clicked()
        {
            actions.push(Action::Log(LogAction::Go(line.number)));
        }
    });
}

fn options(ui: &mut Ui, state: &State, component: &Component, recipe: &Recipe, actions: &mut Vec<Action>) {
    if recipe.options.is_empty() {
        return;
    }
    section(ui, "OPTIONS");
    for def in &recipe.options {
        let value = state.project.option(&component.id, &def.id, &state.library).unwrap_or(&def.default).to_owned();
        ui.horizontal(|ui| {
            let label = ui.label(theme::strong(&def.id)).on_hover_text(&def.explain);
            let combo = egui::ComboBox::from_id_salt((&component.id, &def.id)).selected_text(&value).width(150.0);
            ui.add_enabled_ui(!state.run.busy(), |ui| {
                let shown = combo.show_ui(ui, |ui| {
                    for choice in &def.choices {
                        let mut row = ui.selectable_label(choice.id == value, &choice.id);
                        row = row.on_hover_text(&choice.explain);
                        if row.clicked() && choice.id != value {
                            actions.push(Action::Edit(Edit::SetOption {
                                component: component.id.clone(),
                                option: def.id.clone(),
                                value: choice.id.clone(),
                            }));
                        }
                    }
                });
                shown.response.labelled_by(label.id).on_disabled_hover_text("Stop the build to change options.");
            });
        });
        let chosen = def.choices.iter().find(|c| c.id == value).map_or("", |c| c.explain.as_str());
        ui.label(theme::small(format!("{} {chosen}", def.explain)).weak());
    }
}

/// Configuration lines of the project's own. What is typed counts when the field is left; until then it is kept beside the
/// project, so that looking at another box does not lose it.
fn configuration(ui: &mut Ui, state: &State, component: &Component, actions: &mut Vec<Action>) {
    section(ui, "CONFIGURATION");
    if link(ui, "All options…").on_hover_text("The menus of this component, with their values and why they have them").clicked() {
        actions.push(Action::Config(ConfigAction::Show(component.id.clone())));
    }
    let own = state.project.fragments.get(&component.id).map_or("", String::as_str);
    let id = egui::Id::new(("configuration", &component.id));
    let mut draft = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| own.to_owned());
    let field = id.with("field");
    // Before the field sees it: there it would be a new line.
    let enter = ui.memory(|m| m.has_focus(field)) && ui.input_mut(|i| i.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
    let field = egui::TextEdit::multiline(&mut draft)
        .id(field)
        .font(egui::TextStyle::Monospace)
        .desired_rows(2)
        .desired_width(f32::INFINITY)
        .hint_text("CONFIG_X=y");
    let field = ui.add_enabled(!state.run.busy(), field).on_disabled_hover_text("Stop the build to change the configuration.");
    field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Configuration lines"));
    // A build that starts takes the field's focus too, and no change; the draft waits for its end.
    let done = (field.lost_focus() || enter) && !state.run.busy();
    let differs = draft != own;
    if differs && done {
        actions.push(Action::Edit(Edit::Configure { component: component.id.clone(), lines: draft.clone() }));
    }
    let words = match differs && !done {
        true => "Counts when you leave the field (or Ctrl+Enter).",
        false => "One option a line, as in a .config; they go after the recipe's own.",
    };
    ui.label(theme::small(words).weak());
    ui.data_mut(|d| match differs && !done {
        true => drop(d.insert_temp(id, draft)),
        false => drop(d.remove_temp::<String>(id)),
    });
}

fn needs(ui: &mut Ui, state: &State, component: &Component, recipe: &Recipe, actions: &mut Vec<Action>) {
    if recipe.needs.is_empty() {
        return;
    }
    section(ui, "NEEDS");
    let wires = &state.project.layout.wires;
    for need in &recipe.needs {
        let wire = wires.iter().position(|w| w.to.component == component.id && w.to.name == need.id);
        ui.horizontal(|ui| {
            match wire {
                Some(i) => {
                    if link(ui, need.kind.title()).on_hover_text("Show the wire").clicked() {
                        actions.push(Action::Select(Some(Selection::Wire(i))));
                    }
                    let from = &wires[i].from.component;
                    if link(ui, "from").on_hover_text(format!("Show {}", state.title_of(from))).clicked() {
                        actions.push(Action::Select(Some(Selection::Component(from.clone()))));
                    }
                }
                None => {
                    ui.label(need.kind.title());
                    ui.label(RichText::new(if need.optional { "optional" } else { "missing" }).weak());
                }
            };
        });
        let to = Port { component: component.id.clone(), name: need.id.clone() };
        provider::choice(ui, state, &to, need, actions);
        ui.label(theme::small(&need.explain).weak());
        if let Some(own) = wire.map(|i| &wires[i].explain).filter(|e| !e.is_empty()) {
            ui.label(theme::small(own).weak());
        }
        ui.add_space(space::XS);
    }
}

fn outputs(ui: &mut Ui, state: &State, component: &Component, recipe: &Recipe, actions: &mut Vec<Action>) {
    section(ui, "OUTPUTS");
    for output in &recipe.outputs {
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("{} ({})", output.id, output.kind.title()));
            for (i, w) in state.project.layout.wires.iter().enumerate() {
                if w.from.component == component.id && w.from.name == output.id {
                    let name = format!("to {}", state.title_of(&w.to.component));
                    if link(ui, &name).on_hover_text("Show the wire").clicked() {
                        actions.push(Action::Select(Some(Selection::Wire(i))));
                    }
                }
            }
        });
        ui.label(theme::small(&output.explain).weak());
        for part in &output.parts {
            ui.label(RichText::new(part.candidates.join("  or  ")).monospace().size(theme::text::SMALL));
        }
        ui.add_space(space::XS);
    }
}

fn show_step(ui: &mut Ui, step: &StepView, t: &Tokens) {
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::strong(&step.id.step));
        ui.label(step_state(step, t));
        ui.label(theme::small(time(step)).weak());
    });
    ui.label(theme::small(&step.explain).weak());
    let why = why(step);
    if !why.is_empty() {
        ui.label(theme::small(format!("Why: {why}")));
    }
    for note in &step.notes {
        ui.label(theme::small(format!("{} {note}", icon::INFO)).weak());
    }
    if !step.commands.is_empty() {
        egui::CollapsingHeader::new(theme::small(format!("{} command(s)", step.commands.len())))
            .id_salt(("commands", &step.id.component, &step.id.step))
            .show(ui, |ui| {
                for argv in &step.commands {
                    ui.add(
                        egui::Label::new(RichText::new(bootwright_build::shown(argv)).monospace().size(theme::text::SMALL))
                            .wrap()
                            .selectable(true),
                    );
                }
            });
    }
    ui.add_space(space::S);
}

fn sources(ui: &mut Ui, recipe: &Recipe) {
    let Some(source) = &recipe.source else { return };
    section(ui, "SOURCE");
    ui.label(theme::small("In this order:").weak());
    for provider in &source.providers {
        let (words, more) = match provider {
            Provider::File { path } => (format!("the file {path}"), String::new()),
            Provider::Url { urls, sha256 } => (urls.first().cloned().unwrap_or_default(), format!("SHA-256 {sha256}")),
            Provider::AptBinary { package, member } => (format!("{member} of the package {package}"), "through apt".into()),
            Provider::AptSource { package, .. } => (format!("the source package {package}"), "through apt".into()),
        };
        ui.add(egui::Label::new(theme::small(words)).wrap()).on_hover_text(more);
    }
}
