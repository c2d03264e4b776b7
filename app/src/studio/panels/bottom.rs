//! The pages at the bottom and the row of names to choose one.

use super::{artifacts, boot, log, plan, problems, timeline};
use crate::studio::action::{Action, Tab};
use crate::studio::state::State;
use crate::studio::theme::space;
use crate::studio::widgets::choice_button;
use crate::studio::widgets::log_view::LogView;
use egui::Ui;

pub fn show(ui: &mut Ui, state: &State, view: &mut LogView) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.horizontal(|ui| {
        for tab in [Tab::Log, Tab::Plan, Tab::Timeline, Tab::Artifacts, Tab::Problems, Tab::Boot] {
            let (name, count) = match tab {
                Tab::Log => ("Log", state.log.len()),
                Tab::Plan => ("Plan", state.run.steps.len() as u64),
                Tab::Timeline => ("Timeline", 0),
                Tab::Problems => ("Problems", state.list_problems().len() as u64),
                Tab::Artifacts => ("Artifacts", state.run.artifacts.len() as u64),
                Tab::Boot => ("Boot", state.boot.checks.len() as u64),
            };
            let label = if count == 0 { name.to_owned() } else { format!("{name}  {}", grouped(count)) };
            if choice_button(ui, state.tab == tab, label, &format!("Page {name}")).clicked() {
                actions.push(Action::ShowTab(tab));
            }
        }
    });
    ui.add_space(space::XS);
    // The panel keeps its height, whatever is on the page.
    ui.set_min_size(ui.available_size());
    match state.tab {
        Tab::Log => actions.extend(log::show(ui, state, view)),
        Tab::Plan => actions.extend(plan::show(ui, state)),
        Tab::Timeline => actions.extend(timeline::show(ui, state)),
        Tab::Problems => actions.extend(problems::show(ui, state)),
        Tab::Artifacts => actions.extend(artifacts::show(ui, state)),
        Tab::Boot => boot::show(ui, state),
    }
    actions
}

/// `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
