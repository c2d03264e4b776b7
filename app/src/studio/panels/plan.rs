//! The page with all steps: what will run and why, what ran and how long.

use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::component::{BoxState, about, duration};
use crate::studio::state::estimate::step_left;
use crate::studio::state::progress::{StepState, StepView};
use crate::studio::state::reasons::words;
use crate::studio::theme::{self, Tokens};
use crate::studio::widgets::{cut, link, table};
use bootwright_build::{Reason, Status};
use egui::{RichText, Ui};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    if state.run.steps.is_empty() {
        let words = match (&state.run.plan_error, state.problems.is_empty()) {
            (Some(why), _) => format!("There is no plan: {why}"),
            (None, false) => "There is no plan: the project does not hold together (see the right panel).".into(),
            (None, true) => "The plan is being worked out.".into(),
        };
        ui.label(RichText::new(words).weak());
        return actions;
    }
    let t = Tokens::of(ui.ctx());
    let columns = [("Component", 150.0, 90.0), ("Step", 88.0, 60.0), ("State", 104.0, 80.0), ("Time", 96.0, 50.0), ("Why", 0.0, 120.0)];
    table(ui, "plan", &columns).body(|body| {
        body.rows(20.0, state.run.steps.len(), |mut row| {
            let step = &state.run.steps[row.index()];
            row.col(|ui| {
                if link(ui, state.title_of(&step.id.component)).clicked() {
                    actions.push(Action::Select(Some(Selection::Component(step.id.component.clone()))));
                }
            });
            row.col(|ui| {
                cut(ui, &step.id.step).on_hover_text(&step.explain);
            });
            row.col(|ui| {
                ui.label(step_state(step, &t));
            });
            row.col(|ui| {
                let tip = "What it took; in brackets what it took the last time; of one that runs, how long it may still take";
                ui.label(theme::small(time_or_left(state, step)).weak()).on_hover_text(tip);
            });
            row.col(|ui| {
                let all = whys_of(step);
                let label = cut(ui, theme::small(why(step)));
                if !all.is_empty() {
                    label.on_hover_text(all);
                }
            });
        });
    });
    actions
}

/// Icon and word of a step's state.
pub fn step_state(step: &StepView, t: &Tokens) -> RichText {
    let (state, word) = match (&step.state, &step.status) {
        (StepState::Running { .. }, _) => (BoxState::Running, "running"),
        (StepState::Done, _) => (BoxState::Done, "done"),
        (StepState::UpToDate, _) | (StepState::Planned, Status::UpToDate) => (BoxState::UpToDate, "up to date"),
        (StepState::Failed(_), _) => (BoxState::Failed, "failed"),
        (StepState::Cancelled, _) => (BoxState::Cancelled, "cancelled"),
        (StepState::Planned, Status::NotNeeded) => (BoxState::NotNeeded, "not needed"),
        (StepState::Planned, Status::WillRun(_)) => (BoxState::Queued, "will run"),
        (StepState::Planned, Status::Waits(_)) => (BoxState::Queued, "depends"),
    };
    RichText::new(format!("{} {word}", theme::state_icon(state))).color(t.state(state))
}

pub fn time(step: &StepView) -> String {
    match (step.seconds, step.seconds_before) {
        (Some(s), _) => duration(s),
        (None, Some(before)) => format!("({})", duration(before)),
        (None, None) => "—".into(),
    }
}

/// The same, and for a step that runs what is left of it.
fn time_or_left(state: &State, step: &StepView) -> String {
    match step_left(step, std::time::Instant::now()) {
        Some(left) => format!("{} left", about(left)),
        None if matches!(step.state, StepState::Running { .. }) => "first time".into(),
        None => time(step),
    }
    .replace("about ", if state.run.busy() { "~" } else { "about " })
}

/// Every reason on a line of its own.
fn whys_of(step: &StepView) -> String {
    let reasons = match &step.status {
        _ if !step.reasons.is_empty() => &step.reasons,
        Status::WillRun(reasons) => reasons,
        _ => return String::new(),
    };
    reasons.iter().take(40).map(words).collect::<Vec<_>>().join("\n")
}

/// Why it runs, or does not, in one line.
pub fn why(step: &StepView) -> String {
    if let StepState::Failed(message) = &step.state {
        return message.lines().next().unwrap_or_default().to_owned();
    }
    if !step.reasons.is_empty() {
        return reasons(&step.reasons);
    }
    match &step.status {
        Status::UpToDate => "its result is in the store".into(),
        Status::WillRun(r) if r.is_empty() => String::new(),
        Status::WillRun(r) => reasons(r),
        Status::Waits(id) => format!("known when {id} is done: what it leaves may be the same as before"),
        Status::NotNeeded => "nothing that has to run needs it".into(),
    }
}

fn reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
