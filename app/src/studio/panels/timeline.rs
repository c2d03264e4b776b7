//! The page with a run over time: which run, what it is compared with, and the chart.

use crate::studio::action::{Action, Selection, Tab};
use crate::studio::state::State;
use crate::studio::state::artifacts::ago;
use crate::studio::state::component::duration;
use crate::studio::state::log_page::LogAction;
use crate::studio::state::log_query::Query;
use crate::studio::state::timeline::TimelineAction;
use crate::studio::theme::{self, icon, space};
use crate::studio::widgets::save::save_button;
use crate::studio::widgets::time_chart::{self, Chart, Clicked, Zoom};
use crate::studio::widgets::{named_button, tool};
use bootwright_build::timeline::RunInfo;
use bootwright_build::{RunOutcome, StepId};
use egui::{ComboBox, RichText, Ui, WidgetInfo, WidgetType};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let page = &state.timeline;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(theme::small("Run").weak());
        if let Some(name) = pick(ui, "Run to show", "This window's latest", &page.runs, page.show.as_deref()) {
            actions.push(TimelineAction::Show(name));
        }
        ui.label(theme::small("beside").weak());
        if let Some(name) = pick(ui, "Run to compare with", "no other", &page.runs, page.compare.as_deref()) {
            actions.push(TimelineAction::Compare(name));
        }
        let again = tool(icon::ARROW_CLOCKWISE);
        if named_button(ui, again, true, "List the runs again", "List the runs again").clicked() {
            actions.push(TimelineAction::Refresh);
        }
        let shown = page.shown();
        for (icon, name, zoom) in [
            (icon::MINUS, "Zoom out of the timeline", Zoom::Out),
            (icon::PLUS, "Zoom into the timeline", Zoom::In),
            (icon::FIT, "Show the whole run", Zoom::Fit),
        ] {
            let button = tool(icon);
            if named_button(ui, button, shown.is_some(), name, &format!("{name} (Ctrl and the wheel; drag to move)")).clicked()
                && let Some(shown) = shown
            {
                time_chart::zoom(ui.ctx(), zoom, shown);
            }
        }
        if shown.is_some()
            && let Some(path) = save_button(ui, "Export as Chrome trace JSON", "bootwright-trace.json")
        {
            actions.push(TimelineAction::Export(path));
        }
        if let Some(shown) = shown {
            let mut words = format!("{}: {} steps ran in {}", shown.project, shown.ran().len(), duration(shown.end_ms as f64 / 1e3));
            if shown.faults.skipped > 0 {
                words += &format!(" · {} entries of its journal could not be used", shown.faults.skipped);
            }
            if let Some(note) = &state.log_page.note {
                words = format!("{note} · {words}");
            }
            ui.add(egui::Label::new(theme::small(words).weak()).truncate());
        }
    });
    ui.add_space(space::XS);
    let mut actions: Vec<Action> = actions.into_iter().map(Action::Timeline).collect();
    let Some(timeline) = page.shown().filter(|t| !t.ran().is_empty()) else {
        let words = match (&page.show, page.is_live()) {
            (Some(_), _) if page.shown().is_none() => "The run is being read.",
            (Some(_), _) => "Nothing had to run in that run.",
            (None, true) => "No step has started yet.",
            (None, false) => "A run appears here when you build. Earlier runs of this work folder can be chosen above.",
        };
        ui.label(RichText::new(words).weak());
        return actions;
    };
    let title = |id: &StepId| format!("{} {}", state.title_of(&id.component), id.step);
    let chart = Chart { timeline, before: page.compared(), now_ms: page.now_ms(Instant::now()), title: &title };
    match time_chart::show(ui, &chart) {
        Some(Clicked::Step(id)) => actions.push(Action::Select(Some(Selection::Component(id.component)))),
        Some(Clicked::Log(id)) => {
            let query = Query { step: Some(id.to_string()), ..Query::default() };
            actions.extend([Action::Log(LogAction::Live), Action::Log(LogAction::Query(query)), Action::ShowTab(Tab::Log)]);
        }
        None => {}
    }
    actions
}

/// A list of the runs. Some where one was chosen; within it none for the entry that stands for no run.
fn pick(ui: &mut Ui, label: &str, none: &str, runs: &[RunInfo], chosen: Option<&str>) -> Option<Option<String>> {
    let mut picked = None;
    let shown = chosen.and_then(|name| runs.iter().find(|r| r.name == name)).map_or(none.to_owned(), words);
    let combo = ComboBox::from_id_salt(label).selected_text(shown).width(190.0).height(260.0).truncate();
    let response = combo.show_ui(ui, |ui| {
        if ui.selectable_label(chosen.is_none(), none).clicked() {
            picked = Some(None);
        }
        for run in runs {
            if ui.selectable_label(chosen == Some(run.name.as_str()), words(run)).on_hover_text(run.folder.display().to_string()).clicked()
            {
                picked = Some(Some(run.name.clone()));
            }
        }
    });
    response.response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, label));
    picked
}

/// `musl, 4:13 min, 2 hours ago`.
fn words(run: &RunInfo) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let when = run.started.map_or("—".into(), |at| ago(at, now));
    let took = match (&run.outcome, run.seconds) {
        (Some(RunOutcome::Done), Some(s)) => duration(s),
        (Some(RunOutcome::Failed(_)), Some(s)) => format!("failed after {}", duration(s)),
        (Some(RunOutcome::Cancelled), Some(s)) => format!("stopped after {}", duration(s)),
        _ => "did not end".into(),
    };
    format!("{}, {took}, {when}", run.project)
}
