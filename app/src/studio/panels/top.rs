//! The bar at the top: what is shown, what can be done with it, and how far the run is.

use crate::studio::action::Action;
use crate::studio::command::{COMMANDS, Menu};
use crate::studio::state::State;
use crate::studio::state::component::{count, duration, elapsed};
use crate::studio::state::estimate::overall;
use crate::studio::state::progress::Phase;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::named_button;
use bootwright_build::RunOutcome;
use egui::{Align, Button, CornerRadius, Layout, Rect, RichText, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use std::time::Instant;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let t = Tokens::of(ui.ctx());
    let mut actions = menus(ui, state);
    ui.add_space(space::XS);
    ui.horizontal(|ui| {
        ui.set_min_height(34.0);
        buttons(ui, state, &t, &mut actions);
        ui.add_space(space::M);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::M;
            progress(ui, state, &t);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| names(ui, state));
        });
    });
    actions
}

fn menus(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    egui::MenuBar::new().ui(ui, |ui| {
        for menu in Menu::ALL {
            let button = ui.menu_button(menu.title(), |ui| {
                ui.set_min_width(230.0);
                for command in COMMANDS.iter().filter(|c| c.menu == menu) {
                    if command.parted {
                        ui.separator();
                    }
                    let blocked = command.blocked(state);
                    let words = command.words(state);
                    let keys = command.keys_text(ui.ctx());
                    let button = Button::new(format!("{}  {words}", command.icon)).shortcut_text(keys);
                    let response = ui.add_enabled(blocked.is_none(), button);
                    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, blocked.is_none(), &words));
                    if response.on_disabled_hover_text(blocked.unwrap_or_default()).clicked() {
                        actions.push(command.action());
                        ui.close();
                    }
                }
            });
            let name = format!("Menu {}", menu.title());
            button.response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
        }
    });
    actions
}

fn buttons(ui: &mut Ui, state: &State, t: &Tokens, actions: &mut Vec<Action>) {
    let blocked = state.build_blocked();
    let label = |icon: &str, word: &str| RichText::new(format!("{icon} {word}"));
    let target = state.title_of(&state.project.layout.target);
    let build = label(icon::PLAY, "Build");
    let build = if blocked.is_none() { Button::new(build.color(t.on_accent)).fill(t.accent) } else { Button::new(build) };
    let tip = blocked.clone().unwrap_or_else(|| format!("Build {target} and all it needs (Ctrl+B)"));
    let size = Vec2::new(76.0, 28.0);
    if named_button(ui, build.min_size(size), blocked.is_none(), "Build", &tip).clicked() {
        actions.push(Action::Build);
    }
    let blocked = state.stop_blocked();
    let tip = blocked.clone().unwrap_or_else(|| "Stop the build; what is finished stays".into());
    if named_button(ui, Button::new(label(icon::STOP, "Stop")).min_size(size), blocked.is_none(), "Stop", &tip).clicked() {
        actions.push(Action::Stop);
    }
    if state.boot.busy() {
        let tip = "End the virtual machine";
        if named_button(ui, Button::new(label(icon::POWER, "End machine")).min_size(size), true, "End machine", tip).clicked() {
            actions.push(Action::StopBoot);
        }
    } else {
        let blocked = state.boot_blocked();
        let tip = blocked.clone().unwrap_or_else(|| format!("Start {target} in a virtual machine and try the layout's checks"));
        if named_button(ui, Button::new(label(icon::POWER, "Boot")).min_size(size), blocked.is_none(), "Boot", &tip).clicked() {
            actions.push(Action::Boot);
        }
    }
}

fn names(ui: &mut Ui, state: &State) {
    let layout = &state.project.layout;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(egui::Label::new(theme::strong(&layout.title)).truncate());
        let file = match &state.project.path {
            Some(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            None if state.dirty() => "not saved yet".into(),
            None => "a preset".into(),
        };
        let mark = if state.dirty() { " (changed)" } else { "" };
        let target = format!("{file}{mark} · target: {}", state.title_of(&layout.target));
        ui.add(egui::Label::new(theme::small(target).weak()).truncate());
    });
}

fn progress(ui: &mut Ui, state: &State, t: &Tokens) {
    let now = Instant::now();
    let (share, words) = match &state.run.phase {
        Phase::Planning => (None, ("working out the plan".to_owned(), String::new())),
        Phase::Stopping { .. } => (None, ("stopping".into(), "processes are being ended".into())),
        Phase::Building { since } => {
            let elapsed = elapsed((now - *since).as_secs());
            match overall(&state.run, now) {
                Some(o) => (Some(o.share), (format!("step {} of {} · {elapsed}", (o.done + 1).min(o.total), o.total), o.words())),
                None => (None, (format!("starting · {elapsed}"), String::new())),
            }
        }
        Phase::Idle => (None, at_rest(state, now)),
    };
    let width = 236.0;
    ui.allocate_ui_with_layout(Vec2::new(width, 32.0), Layout::top_down(Align::Max), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        if share.is_none() {
            // Without the bar in the middle the lines stand beside those of the name.
            ui.add_space(if words.1.is_empty() { 8.0 } else { 2.0 });
        }
        let colour = if share.is_some() { t.text } else { t.muted };
        ui.add(egui::Label::new(theme::small(words.0).color(colour)).truncate());
        if let Some(share) = share {
            let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 5.0), Sense::hover());
            ui.painter().rect_filled(rect, CornerRadius::same(2), t.track);
            let bar = Rect::from_min_size(rect.min, Vec2::new(rect.width() * share, rect.height()));
            ui.painter().rect_filled(bar, CornerRadius::same(2), t.busy);
            let percent = (share * 100.0).round();
            response.widget_info(|| {
                let mut info = WidgetInfo::labeled(WidgetType::ProgressIndicator, true, format!("Overall progress {percent} %"));
                info.value = Some(f64::from(share));
                info
            });
        }
        if !words.1.is_empty() {
            ui.add(egui::Label::new(theme::small(words.1).color(t.muted)).truncate());
        }
    });
}

/// What is to say while nothing runs.
fn at_rest(state: &State, now: Instant) -> (String, String) {
    if let Some(last) = &state.run.last {
        let took = duration(last.seconds);
        let words = match &last.outcome {
            RunOutcome::Done => format!("built in {took}"),
            RunOutcome::Failed(_) => format!("failed after {took}"),
            RunOutcome::Cancelled => format!("stopped after {took}"),
        };
        return (words, String::new());
    }
    if !state.problems.is_empty() {
        return ("cannot be built".into(), format!("{}, see the right panel", count(state.problems.len(), "problem")));
    }
    if let Some(why) = &state.run.plan_error {
        return ("there is no plan".into(), why.lines().next().unwrap_or_default().to_owned());
    }
    match overall(&state.run, now) {
        _ if state.run.steps.is_empty() => ("no plan yet".into(), String::new()),
        None => ("all is up to date".into(), String::new()),
        Some(o) => {
            let estimate = match o.left {
                Some(left) => format!("{}, estimated from the last run", crate::studio::state::component::about(left)),
                None => o.words(),
            };
            (format!("{} to run", count(o.total, "step")), estimate)
        }
    }
}
