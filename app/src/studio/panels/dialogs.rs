//! The questions over the window. What is typed into them lives here until it is confirmed.

use super::palette::Palette;
use super::quit;
use crate::studio::action::{Action, Dialog};
use crate::studio::command::{COMMANDS, Menu};
use crate::studio::link::files::no_dialog;
use crate::studio::settings::{SCALES, Settings};
use crate::studio::state::State;
use crate::studio::theme::Theme;
use crate::studio::theme::{self, Tokens, icon, space, text};
use crate::studio::widgets::{choice_button, copy_button, named_button};
use bootwright_boot::Accel;
use egui::{Button, Key, RichText, Ui, WidgetInfo, WidgetType};
use std::path::PathBuf;

#[derive(Default)]
pub struct Dialogs {
    /// Which dialog the drafts below belong to.
    of: Option<Dialog>,
    path: String,
    palette: Palette,
    /// The part of the script that is shown: its beginning, or a step.
    step: usize,
}

impl Dialogs {
    pub fn show(&mut self, ctx: &egui::Context, state: &State) -> Vec<Action> {
        let mut actions = quit::show(ctx, state);
        let Some(dialog) = state.dialog.filter(|_| actions.is_empty()) else {
            self.of = None;
            return actions;
        };
        let fresh = self.of != Some(dialog);
        if fresh {
            self.of = Some(dialog);
            self.palette.clear();
            self.step = 1;
            self.path = if dialog == Dialog::SaveAs { state.suggested_path().display().to_string() } else { String::new() };
        }
        if let Some(chosen) = &state.path_note.chosen {
            self.path = chosen.display().to_string();
            // Choosing on the desktop is the confirmation, but for a file that would be replaced, which the answer asks about.
            actions.push(if dialog == Dialog::SaveAs { Action::SaveAs(chosen.clone()) } else { Action::OpenFile(chosen.clone()) });
            actions.push(Action::TakeChosen);
        }
        let width: f32 = match dialog {
            Dialog::Script => 860.0,
            Dialog::Palette | Dialog::Open | Dialog::SaveAs | Dialog::Trust => 560.0,
            Dialog::Keys => 420.0,
            Dialog::Settings | Dialog::Recovery | Dialog::About => 460.0,
        };
        let frame = egui::Frame::window(&ctx.global_style()).inner_margin(16);
        let modal = egui::Modal::new(egui::Id::new(("dialog", dialog as u8))).frame(frame).show(ctx, |ui| {
            ui.set_width(width.min(ctx.content_rect().width() - 64.0));
            match dialog {
                Dialog::Palette => actions.extend(self.palette.show(ui, state)),
                Dialog::Open => self.path(ui, state, false, fresh, &mut actions),
                Dialog::SaveAs => self.path(ui, state, true, fresh, &mut actions),
                Dialog::Settings => settings(ui, state, &mut actions),
                Dialog::Keys => keys(ui),
                Dialog::About => about(ui),
                Dialog::Script => self.script(ui, state),
                Dialog::Trust => trust(ui, state, &mut actions),
                Dialog::Recovery => recovery(ui, state, &mut actions),
            }
            if !matches!(dialog, Dialog::Palette | Dialog::Open | Dialog::SaveAs | Dialog::Trust) {
                ui.add_space(space::L);
                if ui.button(if dialog == Dialog::Recovery { "Decide later" } else { "Close" }).clicked() {
                    actions.push(Action::CloseDialog);
                }
            }
        });
        if modal.should_close() {
            actions.push(Action::CloseDialog);
        }
        actions
    }

    /// Step by step, since nobody reads a whole script; the whole for copying.
    fn script(&mut self, ui: &mut Ui, state: &State) {
        let t = Tokens::of(ui.ctx());
        title(ui, "What would I type?");
        let script = match &state.script {
            None => return drop(ui.label("The script is being written.")),
            Some(Err(why)) => return drop(ui.add(egui::Label::new(RichText::new(why).color(t.bad)).wrap())),
            Some(Ok(script)) => script,
        };
        ui.label("These commands build the project by hand, outside the studio. The whole is a bash script that runs: it works below $W, which is built-by-hand in the folder where you start it.");
        ui.horizontal(|ui| {
            copy_button(ui, "Copy the script", || script.to_string());
            ui.label(theme::small(format!("On a terminal: bootwright export {} --format script -o FILE", named(state))).monospace().weak());
        });
        ui.add_space(space::S);
        let height = (ui.ctx().content_rect().height() - 260.0).max(120.0);
        ui.horizontal_top(|ui| {
            // Else it grows over many frames, and moves while it does.
            ui.set_min_height(height);
            let list = egui::ScrollArea::vertical().id_salt("steps").max_height(height).min_scrolled_height(height).max_width(190.0);
            list.show(ui, |ui| {
                ui.vertical(|ui| {
                    ui.set_width(180.0);
                    for i in 0..=script.steps.len() {
                        let name = if i == 0 { "beginning".to_owned() } else { script.steps[i - 1].0.to_string() };
                        let row = ui.add_sized([176.0, 20.0], Button::selectable(self.step == i, name.clone()));
                        row.widget_info(|| {
                            WidgetInfo::selected(WidgetType::SelectableLabel, true, self.step == i, format!("Commands of {name}"))
                        });
                        if row.clicked() {
                            self.step = i;
                        }
                    }
                })
            });
            let text = self.step.checked_sub(1).and_then(|i| script.steps.get(i)).map_or(&script.head, |s| &s.1);
            egui::Frame::new().fill(t.well).corner_radius(4).inner_margin(space::M).show(ui, |ui| {
                egui::ScrollArea::both().id_salt(("commands", self.step)).max_height(height).auto_shrink(false).show(ui, |ui| {
                    ui.add(egui::Label::new(RichText::new(text).monospace()).extend().selectable(true));
                });
            });
        });
    }

    fn path(&mut self, ui: &mut Ui, state: &State, save: bool, fresh: bool, actions: &mut Vec<Action>) {
        let t = Tokens::of(ui.ctx());
        title(ui, if save { "Save the project as" } else { "Open a project" });
        let mut go = false;
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let none = no_dialog();
                let browse = Button::new(format!("{} Browse…", icon::FOLDER_OPEN));
                if named_button(ui, browse, none.is_none(), "Browse", none.unwrap_or("Choose it in the desktop's dialog")).clicked() {
                    actions.push(Action::Browse { save: save.then(|| state.suggested_path()) });
                }
                let field =
                    ui.add(egui::TextEdit::singleline(&mut self.path).hint_text("/home/you/project.ron").desired_width(f32::INFINITY));
                field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Path of the project file"));
                if fresh {
                    field.request_focus();
                }
                go = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            });
        });
        if !state.path_note.trouble.is_empty() {
            ui.add(egui::Label::new(RichText::new(&state.path_note.trouble).color(t.bad)).wrap());
        }
        if !save {
            for path in state.document.recent.iter().take(6) {
                let name = path.display().to_string();
                if ui.add(egui::Link::new(theme::small(&name))).clicked() {
                    actions.push(Action::OpenFile(path.clone()));
                }
            }
        }
        ui.add_space(space::L);
        ui.horizontal(|ui| {
            let word = if save { "Save" } else { "Open" };
            let can = !self.path.trim().is_empty();
            let button = Button::new(RichText::new(word).color(t.on_accent)).fill(t.accent);
            let name = if save { "Save the file" } else { "Open the file" };
            if (named_button(ui, button, can, name, name).clicked() || go) && can {
                let path = full_path(self.path.trim());
                actions.push(if save { Action::SaveAs(path) } else { Action::OpenFile(path) });
            }
            if ui.button("Cancel").clicked() {
                actions.push(Action::CloseDialog);
            }
        });
    }
}

/// `~/` is what people type; a shell would have replaced it.
fn full_path(typed: &str) -> PathBuf {
    match (typed.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

/// How the command line names the project.
fn named(state: &State) -> String {
    state.project.path.as_ref().map_or_else(|| state.project.name().to_owned(), |p| p.display().to_string())
}

fn title(ui: &mut Ui, words: &str) {
    ui.label(theme::strong(words).size(text::HEADING));
    ui.add_space(space::M);
}

fn settings(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    title(ui, "Settings");
    let mut new: Settings = state.settings.clone();
    egui::Grid::new("settings").num_columns(2).spacing([space::L, space::M]).show(ui, |ui| {
        ui.label("Theme");
        ui.horizontal(|ui| {
            for theme in [Theme::Light, Theme::Dark, Theme::System] {
                let words = format!("{} {}", theme.icon(), theme.title());
                if choice_button(ui, new.theme == theme, words, &format!("Theme: {}", theme.title())).clicked() {
                    new.theme = theme;
                }
            }
        });
        ui.end_row();
        let label = ui.label("Size of type");
        ui.add(egui::Slider::new(&mut new.scale, SCALES).step_by(10.0).suffix(" %").update_while_editing(false)).labelled_by(label.id);
        ui.end_row();
        let label = ui.label("Jobs");
        ui.horizontal(|ui| {
            let mut own = new.jobs.is_some();
            ui.checkbox(&mut own, "a number of my own");
            let all = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
            let mut jobs = new.jobs.unwrap_or(all);
            ui.add_enabled(own, egui::DragValue::new(&mut jobs).range(1..=1024))
                .labelled_by(label.id)
                .on_hover_text("Compilers that run at once");
            new.jobs = own.then_some(jobs);
        });
        ui.end_row();
        let label = ui.label("Mirrors");
        ui.vertical(|ui| {
            let mut typed = new.mirrors.join("\n");
            let field = egui::TextEdit::multiline(&mut typed).desired_rows(2).desired_width(280.0).hint_text("https://mirror/archives");
            if ui.add(field).labelled_by(label.id).changed() {
                new.mirrors = typed.split('\n').map(str::to_owned).collect();
            }
            ui.label(theme::small("One address a line; asked for source archives before upstream.").weak());
        });
        ui.end_row();
        ui.label("Virtual machine");
        ui.horizontal(|ui| {
            for (accel, words, tip) in [
                (None, "Quickest", "A short probe finds out whether KVM works here, and is quicker"),
                (Some(Accel::Kvm), "KVM", "The processor runs the guest directly"),
                (Some(Accel::Tcg), "TCG", "QEMU translates the guest's code; works everywhere"),
            ] {
                if choice_button(ui, new.accel == accel, words, &format!("Virtual machine: {words}")).on_hover_text(tip).clicked() {
                    new.accel = accel;
                }
            }
        });
        ui.end_row();
        let label = ui.label("Work folder");
        ui.vertical(|ui| {
            let mut typed = new.work.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
            let field =
                ui.add(egui::TextEdit::singleline(&mut typed).hint_text("the cache folder").desired_width(280.0)).labelled_by(label.id);
            if field.changed() {
                new.work = (!typed.trim().is_empty()).then(|| full_path(typed.trim()));
            }
            work_in_use(ui, state, actions);
        });
        ui.end_row();
    });
    if new != state.settings {
        actions.push(Action::Set(Box::new(new)));
    }
}

/// Where the settings name another work folder than the one in use, the way to it.
fn work_in_use(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let small = |words: String| egui::Label::new(theme::small(words).weak()).wrap();
    ui.add(small(format!("In use now: {}", state.work.display())));
    let wanted = state.settings.work();
    if wanted == state.work {
        return;
    }
    ui.horizontal(|ui| {
        let held = state.work_held();
        let tip = held.unwrap_or("The engine starts again in this folder; the project and its history stay as they are");
        if named_button(ui, egui::Button::new("Use it now"), held.is_none(), "Use the work folder now", tip).clicked() {
            actions.push(Action::UseWork);
        }
        ui.add(small(held.map_or_else(|| format!("{} is used from the next start, or now.", wanted.display()), str::to_owned)));
    });
}

fn keys(ui: &mut Ui) {
    title(ui, "Keyboard shortcuts");
    egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        egui::Grid::new("keys").num_columns(2).spacing([space::L, space::S]).striped(true).show(ui, |ui| {
            for menu in Menu::ALL {
                for c in COMMANDS.iter().filter(|c| c.menu == menu) {
                    let keys = c.keys_text(ui.ctx());
                    if keys.is_empty() {
                        continue;
                    }
                    ui.label(RichText::new(keys).monospace());
                    ui.label(c.title);
                    ui.end_row();
                }
            }
        });
    });
}

fn about(ui: &mut Ui) {
    title(ui, "Bootwright");
    ui.label(concat!("Version ", env!("CARGO_PKG_VERSION"), ". MIT or Apache-2.0, as you like."));
    ui.label("Builds a small bootable Linux from source, and shows how it is put together. The two historical layouts are those of Minimal Linux Live before and since 03-Apr-2016.");
}

fn trust(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    title(ui, "Do you trust this project?");
    ui.label("Its file brings along what no built-in recipe has. Building runs it, with all that you may do on this machine:");
    ui.add_space(space::S);
    egui::Frame::new().fill(t.well).corner_radius(4).inner_margin(space::M).show(ui, |ui| {
        egui::ScrollArea::vertical().max_height(240.0).auto_shrink([false, true]).show(ui, |ui| {
            for line in crate::trust::additions(&state.project) {
                ui.add(egui::Label::new(line).wrap());
            }
        });
    });
    ui.add_space(space::L);
    ui.horizontal(|ui| {
        let button = Button::new("Trust and build");
        if named_button(ui, button, true, "Trust and build", "It is not asked again unless these parts change").clicked() {
            actions.push(Action::TrustAndBuild);
        }
        if ui.add(Button::new(RichText::new("Do not build").color(t.on_accent)).fill(t.accent)).clicked() {
            actions.push(Action::CloseDialog);
        }
    });
}

fn recovery(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    title(ui, "Changes that were not saved");
    ui.label("An earlier session ended before these were saved.");
    ui.add_space(space::M);
    for (i, kept) in state.recovered.iter().enumerate() {
        egui::Frame::new().fill(t.well).corner_radius(6).inner_margin(space::M).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(theme::strong(&kept.project.layout.title));
            let whose = kept.project.path.as_ref().map_or("never saved".to_owned(), |p| p.display().to_string());
            let minutes = kept.when.elapsed().unwrap_or_default().as_secs_f64();
            ui.label(theme::small(format!("{whose}; changed {} ago", crate::studio::state::component::duration(minutes))).weak());
            ui.horizontal(|ui| {
                let button = Button::new(RichText::new("Open them").color(t.on_accent)).fill(t.accent);
                if named_button(
                    ui,
                    button,
                    !state.run.busy(),
                    &format!("Recover {}", kept.project.layout.title),
                    "What is open now can be had back with Undo",
                )
                .clicked()
                {
                    actions.push(Action::Recover(i));
                }
                if ui.button("Throw away").clicked() {
                    actions.push(Action::DropRecovered(i));
                }
            });
        });
    }
}
