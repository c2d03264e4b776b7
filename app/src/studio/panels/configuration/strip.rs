//! Below the options: what the last change did, and what it would rebuild.

use crate::studio::action::Tab;
use crate::studio::state::State;
use crate::studio::state::component::{BoxState, duration};
use crate::studio::state::config::{ConfigAction, Sheet};
use crate::studio::state::progress::Phase;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::link;
use egui::{Label, RichText, Ui};

/// Effects that are named; the others are counted.
const NAMED: usize = 4;

pub fn show(ui: &mut Ui, state: &State, sheet: &Sheet, said: &mut Vec<ConfigAction>) {
    let t = Tokens::of(ui.ctx());
    ui.add_space(space::S);
    if let Some(why) = &sheet.refused {
        ui.add(Label::new(RichText::new(format!("{} {why}", icon::WARNING)).color(t.warn)).wrap());
        return;
    }
    if state.run.busy() {
        ui.label(theme::small("The options cannot be changed while a build goes on.").weak());
        return;
    }
    if sheet.effects.is_empty() {
        ui.label(
            theme::small("y, m and n set an option, space goes on to the next value, arrows move and fold, / searches, Esc leaves.").weak(),
        );
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(theme::small("The last change:").weak());
        for e in sheet.effects.iter().take(NAMED) {
            if link(ui, &e.name).on_hover_text("Show this option").clicked() {
                said.push(ConfigAction::Go(e.name.clone()));
            }
            let short =
                |v: &str| if v.chars().count() > 24 { format!("{}…", v.chars().take(24).collect::<String>()) } else { v.to_owned() };
            ui.label(theme::small(format!("{} became {}", short(&e.old), short(&e.new))));
        }
        if sheet.effects.len() > NAMED {
            let rest: Vec<String> =
                sheet.effects.iter().skip(NAMED).take(40).map(|e| format!("{}: {} became {}", e.name, e.old, e.new)).collect();
            ui.label(theme::small(format!("and {} more", sheet.effects.len() - NAMED))).on_hover_text(rest.join("\n"));
        }
    });
}

/// The components that would be built anew, from the plan.
pub fn plan(ui: &mut Ui, state: &State) -> Option<Tab> {
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if state.run.phase == Phase::Planning {
            ui.label(theme::small("The plan is being made.").weak());
            return;
        }
        let stale = |id: &&bootwright_model::ComponentId| matches!(state.summary(id).state, BoxState::OutOfDate | BoxState::NotBuilt);
        let titles: Vec<&str> = state.project.layout.components.iter().map(|c| &c.id).filter(stale).map(|id| state.title_of(id)).collect();
        let words = match titles.len() {
            0 => "A build would change nothing.".to_owned(),
            _ => format!("A build would make: {}.", titles.join(", ")),
        };
        ui.label(theme::small(words).weak());
        if link(ui, "Plan").on_hover_text("Which steps, and why").clicked() {
            clicked = Some(Tab::Plan);
        }
    });
    clicked.or(foreseen(ui, state))
}

/// What the options would build again in the component's own tree.
fn foreseen(ui: &mut Ui, state: &State) -> Option<Tab> {
    let mut clicked = None;
    let component = state.config_component()?;
    // Its tree may be of another configuration; where the store has the result for this one, nothing is built in it.
    if matches!(state.summary(&component).state, BoxState::UpToDate | BoxState::Done) {
        return None;
    }
    let grove = state.kbuild.groves.get(&component)?;
    // A component that was never built has no tree, and its first build makes everything.
    let foreseen = match &grove.foreseen.as_ref()?.1 {
        Ok(foreseen) => foreseen.as_ref()?,
        Err(why) => {
            ui.add(Label::new(theme::small(format!("What that builds again in its tree is not known: {why}")).weak()).wrap());
            return None;
        }
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let words = foreseen.words(duration);
        let i = &foreseen.impact;
        let first: Vec<String> = i
            .rebuild
            .iter()
            .take(20)
            .map(|r| format!("{}: {}", r.target, r.why.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")))
            .collect();
        let label = ui.label(theme::small(format!("In its tree: {words}")).weak());
        if !first.is_empty() {
            label.on_hover_text(first.join("\n"));
        }
        if link(ui, "Kbuild").on_hover_text("The tree, and what each object hangs on").clicked() {
            clicked = Some(Tab::Kbuild);
        }
    });
    clicked
}
