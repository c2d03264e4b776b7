//! The page with everything that is wrong or may go wrong, and the installation of what this host lacks.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::component::elapsed;
use crate::studio::state::log_page::LogAction;
use crate::studio::state::problems::{Problem, ProblemAction, Setup, Severity, setup_step};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::grouped;
use crate::studio::widgets::{copy_button, link, named_button};
use egui::{Button, Frame, Label, RichText, ScrollArea, Stroke, Ui};
use std::time::Instant;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let t = Tokens::of(ui.ctx());
    let mut actions = Vec::new();
    let problems = state.list_problems();
    let page = &state.problems_page;
    ui.horizontal_wrapped(|ui| {
        let words = if page.looking { "Looking…" } else { "Look again" };
        let button = Button::new(format!("{} {words}", icon::ARROW_CLOCKWISE));
        if named_button(ui, button, !page.looking, "Look again", "Check the project, what was built, and this host again").clicked() {
            actions.push(Action::Problems(ProblemAction::LookAgain));
        }
        let missing = page.checked.as_ref().map_or(0, |c| c.missing.len());
        if missing > 0 && page.setup == Setup::Rest {
            let button = Button::new(RichText::new("Install what is missing…").color(t.on_accent)).fill(t.accent);
            let tip = "Shows the commands first; nothing runs before you say so";
            if named_button(ui, button, true, "Install what is missing", tip).clicked() {
                actions.push(Action::Problems(ProblemAction::AskInstall));
            }
        }
        let count = |s: Severity| problems.iter().filter(|p| p.severity == s).count() as u64;
        let mut words = Vec::new();
        for (severity, one, many) in [
            (Severity::Fault, "fault", "faults"),
            (Severity::Risk, "risk", "risks"),
            (Severity::Warning, "step with warnings", "steps with warnings"),
        ] {
            match count(severity) {
                0 => {}
                1 => words.push(format!("1 {one}")),
                n => words.push(format!("{} {many}", grouped(n))),
            }
        }
        ui.label(theme::small(words.join(" · ")).weak());
    });
    ScrollArea::vertical().id_salt("problems").auto_shrink(false).show(ui, |ui| {
        install(ui, state, &t, &mut actions);
        if problems.is_empty() {
            let words = match (&page.checked, page.looking) {
                (_, true) => "The project and this host are being looked at.",
                (Some(_), false) => "No problem was found.",
                (None, false) => "Nothing was looked at yet.",
            };
            ui.label(RichText::new(words).weak());
        }
        for problem in &problems {
            row(ui, problem, &t, &mut actions);
        }
    });
    actions
}

fn row(ui: &mut Ui, problem: &Problem, t: &Tokens, actions: &mut Vec<Action>) {
    let (mark, word, colour) = match problem.severity {
        Severity::Fault => (icon::X_CIRCLE, "Fault", t.bad),
        Severity::Risk => (icon::WARNING, "Risk", t.warn),
        Severity::Warning => (icon::INFO, "Warning", t.muted),
    };
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(mark).color(colour)).on_hover_text(word);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::strong(format!("{word}: {}", problem.title)));
                if let Some(place) = &problem.place
                    && link(ui, "show").on_hover_text("Show the component").clicked()
                {
                    actions.push(Action::Select(Some(place.clone())));
                }
                if let Some(line) = problem.line
                    && link(ui, "in the log").on_hover_text("Go to the first line that says it").clicked()
                {
                    actions.push(Action::Log(LogAction::Go(line)));
                }
                copy_button(ui, "Copy the problem", || format!("{}\n{}\n", problem.title, problem.text));
            });
            ui.add(Label::new(theme::small(&problem.text).color(t.muted)).wrap().selectable(true));
        });
    });
    ui.add_space(space::S);
}

/// The question with the exact commands, and how it goes on.
fn install(ui: &mut Ui, state: &State, t: &Tokens, actions: &mut Vec<Action>) {
    let page = &state.problems_page;
    let mut say = |action| actions.push(Action::Problems(action));
    let mut to_log = false;
    if page.setup == Setup::Rest {
        return;
    }
    Frame::new().fill(t.panel).stroke(Stroke::new(1.0, t.accent)).corner_radius(6).inner_margin(space::M).show(ui, |ui| {
        ui.set_width(ui.available_width());
        match &page.setup {
            Setup::Rest => {}
            Setup::Asking => match page.install_commands() {
                Err(why) => {
                    ui.label(theme::strong("Nothing can be installed from here"));
                    ui.add(Label::new(why).wrap());
                    if ui.button("Close").clicked() {
                        say(ProblemAction::CloseInstall);
                    }
                }
                Ok(commands) => {
                    ui.label(theme::strong("These commands will run, one after the other:"));
                    for argv in commands {
                        let text = RichText::new(bootwright_build::shown(argv)).monospace();
                        ui.add(Label::new(text).wrap().selectable(true));
                    }
                    ui.horizontal(|ui| {
                        let button = Button::new(RichText::new("Run them").color(t.on_accent)).fill(t.accent);
                        if named_button(ui, button, true, "Run these commands", "Their output appears in the log").clicked() {
                            say(ProblemAction::Install);
                        }
                        if named_button(ui, Button::new("Do not"), true, "Do not install", "Nothing is changed").clicked() {
                            say(ProblemAction::CloseInstall);
                        }
                        let all = || commands.iter().map(|c| bootwright_build::shown(c) + "\n").collect();
                        copy_button(ui, "Copy the commands", all);
                    });
                }
            },
            Setup::Running { since, stopping } => {
                ui.horizontal(|ui| {
                    ui.spinner();
                    let time = elapsed((Instant::now() - *since).as_secs());
                    ui.label(if *stopping { "Stopping…".to_owned() } else { format!("Installing, {time}") });
                    let tip = "Asks the package manager to stop; what runs as root through pkexec may go on to its end";
                    if named_button(ui, Button::new("Stop"), !stopping, "Stop installing", tip).clicked() {
                        say(ProblemAction::StopInstall);
                    }
                });
                if let Some(last) = setup_step().and_then(|s| state.log.last_of(&s)) {
                    ui.add(Label::new(RichText::new(last).monospace().size(theme::text::SMALL)).truncate());
                }
            }
            Setup::Ended(how) => {
                ui.horizontal_wrapped(|ui| {
                    match how {
                        Ok(()) => ui.label(RichText::new(format!("{} Installed.", icon::CHECK_CIRCLE)).color(t.good)),
                        Err(why) => ui.label(RichText::new(format!("{} Not installed: {why}", icon::X_CIRCLE)).color(t.bad)),
                    };
                    to_log = link(ui, "its output").clicked();
                    if named_button(ui, Button::new("Close"), true, "Close the installation", "Away with this").clicked() {
                        say(ProblemAction::CloseInstall);
                    }
                });
            }
        }
    });
    ui.add_space(space::S);
    if to_log && let Some(line) = setup_step().and_then(|s| state.log.first_of(&s)) {
        actions.push(Action::Log(LogAction::Go(line)));
    }
}
