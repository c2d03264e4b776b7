//! The page with the virtual machine: which image is booted, its buttons, its console, its checks and its screen.

use crate::studio::action::Action;
use crate::studio::link::{CheckStatus, Knob, Picture};
use crate::studio::state::State;
use crate::studio::state::artifacts::ago;
use crate::studio::state::boot::{Boot, BootAction, BootPhase, Check, Purpose};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::save::save_button;
use crate::studio::widgets::terminal_view::TerminalView;
use crate::studio::widgets::{copy_button, cut, icon_button, named_button, section};
use egui::{Align, Button, ComboBox, Layout, RichText, TextureHandle, Ui, Vec2, WidgetInfo, WidgetType};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The column of the checks and of the guest's screen.
const SIDE: f32 = 340.0;

/// What of the page is not the project's.
#[derive(Default)]
pub struct Console {
    view: TerminalView,
    /// The guest's screen, and its copy for drawing.
    picture: Option<(Arc<Picture>, TextureHandle)>,
}

impl Console {
    pub fn takes_keys(&self) -> bool {
        self.view.takes_keys()
    }

    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let mut wishes = Vec::new();
        let mut actions = Vec::new();
        let boot = &state.boot;
        let t = Tokens::of(ui.ctx());
        ui.horizontal(|ui| {
            choose(ui, state, &mut wishes);
            start(ui, state, &t, &mut wishes);
        });
        if boot.phase == BootPhase::Off {
            ui.add_space(space::S);
            ui.add(
                egui::Label::new(
                    RichText::new("Boot starts an image in a virtual machine, with its serial console here to type into. Boot checks starts one that tries by itself whether the image is what was built.").weak(),
                )
                .wrap(),
            );
            actions.extend(wishes.into_iter().map(Action::Machine));
            return actions;
        }
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                knobs(ui, state, &mut wishes, &mut actions);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| phase(ui, boot, &t));
            });
        });
        let area = ui.available_rect_before_wrap();
        let side = !boot.checks.is_empty() || boot.picture.is_some();
        let width = if side { SIDE.min(area.width() * 0.42) } else { 0.0 };
        let (left, right) = area.split_left_right_at_x(area.right() - width);
        let left = if side { left.with_max_x(left.right() - space::M) } else { left };
        let mut console = ui.new_child(egui::UiBuilder::new().id_salt("console").max_rect(left));
        wishes.extend(self.view.show(&mut console, &boot.terminal, boot.listens()));
        if side {
            let mut column = ui.new_child(egui::UiBuilder::new().id_salt("side").max_rect(right));
            egui::ScrollArea::vertical().auto_shrink(false).show(&mut column, |ui| {
                for check in &boot.checks {
                    one(ui, check, &t);
                }
                self.screen(ui, boot, &mut wishes);
            });
        }
        ui.advance_cursor_after_rect(area);
        actions.extend(wishes.into_iter().map(Action::Machine));
        actions
    }

    fn screen(&mut self, ui: &mut Ui, boot: &Boot, wishes: &mut Vec<BootAction>) {
        let Some(picture) = &boot.picture else {
            self.picture = None;
            return;
        };
        if self.picture.as_ref().is_none_or(|(of, _)| !Arc::ptr_eq(of, picture)) {
            let image = egui::ColorImage::from_rgba_unmultiplied(picture.size, &picture.rgba);
            let texture = ui.ctx().load_texture("guest screen", image, egui::TextureOptions::LINEAR);
            self.picture = Some((picture.clone(), texture));
        }
        ui.horizontal(|ui| {
            section(ui, "Screen of the guest");
            if let Some(path) = save_button(ui, "Save the screenshot", "guest.png") {
                wishes.push(BootAction::SavePicture(path));
            }
            if icon_button(ui, icon::X, "Close the screenshot").clicked() {
                wishes.push(BootAction::ClosePicture);
            }
        });
        if let Some((picture, texture)) = &self.picture {
            let [width, height] = picture.size;
            let scale = (ui.available_width() / width as f32).min(1.0);
            let image = ui.add(egui::Image::new(texture).fit_to_exact_size(Vec2::new(width as f32, height as f32) * scale));
            image.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, format!("Screen of the guest, {width} by {height}")));
        }
    }
}

/// Which image: the project's own, or another finished one of the work folder.
fn choose(ui: &mut Ui, state: &State, wishes: &mut Vec<BootAction>) {
    let boot = &state.boot;
    let own = format!("This project: {}", state.project.layout.title);
    let shown = boot.image().map_or(own.as_str(), |i| i.title.as_str());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    ui.add_enabled_ui(!boot.busy(), |ui| {
        let combo = ComboBox::from_id_salt("image").selected_text(shown).width(280.0).height(300.0).truncate();
        let response = combo.show_ui(ui, |ui| {
            if ui.selectable_label(boot.chosen.is_none(), &own).clicked() {
                wishes.push(BootAction::Choose(None));
            }
            for image in &boot.images {
                let when = image.made.map_or_else(String::new, |at| format!(", {}", ago(at, now)));
                let words = format!("{}{when}", image.title);
                let chosen = boot.chosen.as_ref() == Some(&image.path);
                if ui.selectable_label(chosen, words).on_hover_text(image.path.display().to_string()).clicked() {
                    wishes.push(BootAction::Choose(Some(image.path.clone())));
                }
            }
        });
        response.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, !boot.busy(), "Image to boot"));
    });
}

fn start(ui: &mut Ui, state: &State, t: &Tokens, wishes: &mut Vec<BootAction>) {
    for (purpose, icon, word, name, tip) in [
        (Purpose::Console, icon::POWER, "Boot", "Boot this image", "Start it, with its console to type into"),
        (Purpose::Checks, icon::LIST_CHECKS, "Boot checks", "Check this image", "Start it and try whether it is what was built"),
    ] {
        let blocked = state.start_blocked(purpose);
        let words = RichText::new(format!("{icon} {word}"));
        let can = blocked.is_none();
        let button =
            if can && purpose == Purpose::Console { Button::new(words.color(t.on_accent)).fill(t.accent) } else { Button::new(words) };
        if named_button(ui, button, can, name, blocked.as_deref().unwrap_or(tip)).clicked() {
            wishes.push(BootAction::Start(purpose));
        }
    }
}

/// At the right: what can be done with the machine that runs.
fn knobs(ui: &mut Ui, state: &State, wishes: &mut Vec<BootAction>, actions: &mut Vec<Action>) {
    let boot = &state.boot;
    if boot.phase == BootPhase::Off {
        return;
    }
    copy_button(ui, "Copy the console", || boot.text().to_owned());
    let blocked = state.knob_blocked();
    let can = blocked.is_none();
    let tip = |words: &str| blocked.clone().unwrap_or_else(|| words.to_owned());
    let end = Button::new(format!("{} End", icon::STOP));
    if named_button(ui, end, boot.busy(), "Cut the power", "End the machine at once, as if its power were cut").clicked() {
        actions.push(Action::StopBoot);
    }
    let power = Button::new(format!("{} Power button", icon::POWER));
    let words = if boot.pressed {
        "It was pressed; a guest that listens to ACPI shuts down. If it does not, end the machine."
    } else {
        "Press it: a guest that listens to ACPI shuts down"
    };
    if named_button(ui, power, can, "Power button", &tip(words)).clicked() {
        wishes.push(BootAction::Turn(Knob::Power));
    }
    let reset = Button::new(format!("{} Reset", icon::ARROW_CLOCKWISE));
    if named_button(ui, reset, can, "Reset the machine", &tip("Start over, as its reset button does")).clicked() {
        wishes.push(BootAction::Turn(Knob::Reset));
    }
    let screen = Button::new(format!("{} Screenshot", icon::DESKTOP));
    if named_button(ui, screen, can, "Screenshot of the guest", &tip("Show what is on the guest's screen now")).clicked() {
        wishes.push(BootAction::Turn(Knob::Screenshot));
    }
    let (rows, columns) = boot.terminal.size();
    let size = Button::new(format!("{columns} × {rows}"));
    let words = format!("Type `stty rows {rows} cols {columns}` at the guest's shell: a serial line cannot tell how large its terminal is");
    if named_button(ui, size, can, "Tell the guest the size", &tip(&words)).clicked() {
        wishes.push(BootAction::TellSize);
    }
}

fn phase(ui: &mut Ui, boot: &Boot, t: &Tokens) {
    let (words, colour) = match (&boot.phase, boot.purpose) {
        (BootPhase::Off, _) => ("off".to_owned(), t.muted),
        (BootPhase::Starting, _) => ("the machine is being started".into(), t.busy),
        (BootPhase::Running, _) if boot.pressed => {
            ("the power button was pressed; the guest may take its time, or not listen".into(), t.busy)
        }
        (BootPhase::Running, Purpose::Console) => ("runs; click into the console and type, Shift+Esc leaves it".into(), t.busy),
        (BootPhase::Running, Purpose::Checks) => ("the checks type at its console".into(), t.busy),
        (BootPhase::Ended(how), _) => (how.clone(), t.text),
    };
    let label = ui.add(egui::Label::new(theme::small(format!("{}: {words}", boot.title)).color(colour)).truncate());
    label.on_hover_text(words);
}

fn one(ui: &mut Ui, check: &Check, t: &Tokens) {
    let (icon, word, colour) = match check.status {
        CheckStatus::Waiting => (icon::CIRCLE, "waiting", t.muted),
        CheckStatus::Running => (icon::SPINNER_GAP, "running", t.busy),
        CheckStatus::Passed => (icon::CHECK_CIRCLE, "passed", t.good),
        CheckStatus::Failed => (icon::X_CIRCLE, "failed", t.bad),
        CheckStatus::Skipped => (icon::MINUS_CIRCLE, "skipped", t.muted),
    };
    ui.horizontal(|ui| {
        let mark = ui.label(RichText::new(icon).color(colour));
        mark.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}: {word}", check.title)));
        cut(ui, &check.title).on_hover_text(&check.title);
        ui.label(theme::small(word).color(colour));
    });
    let tip = format!("expected:\n{}\n\nfound:\n{}", check.expected, check.found);
    for (name, value, shown) in [("expected", &check.expected, check.status == CheckStatus::Failed), ("found", &check.found, true)] {
        if shown && !value.is_empty() {
            ui.indent(("check", name, &check.title), |ui| {
                cut(ui, theme::small(value.lines().next().unwrap_or_default()).monospace().weak()).on_hover_text(&tip);
            });
        }
    }
}
