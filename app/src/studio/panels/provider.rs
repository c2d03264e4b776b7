//! The choice of what feeds a need: moving a wire without the mouse.

use crate::studio::action::Action;
use crate::studio::state::State;
use bootwright_model::{Edit, Need, Port, providers};
use egui::Ui;
use std::collections::BTreeSet;

/// A list of the outputs that fit, with the one that feeds it now chosen.
pub fn choice(ui: &mut Ui, state: &State, to: &Port, need: &Need, actions: &mut Vec<Action>) {
    let now = state.project.layout.provider(&to.component, &to.name);
    let name = |p: &Port| {
        let title = state.title_of(&p.component);
        let outputs =
            state.component(&p.component).and_then(|(_, r)| r).map_or(0, |r| r.outputs.iter().filter(|o| o.kind == need.kind).count());
        let twins = state.component(&p.component).map(|(c, _)| &c.recipe);
        let alike = state.project.layout.components.iter().filter(|c| Some(&c.recipe) == twins).count() > 1;
        match (alike, outputs > 1) {
            (false, false) => title.to_owned(),
            (true, false) => format!("{title} ({})", p.component),
            _ => format!("{title} ({p})"),
        }
    };
    let shown = now.map_or_else(|| "nothing".to_owned(), name);
    let label = format!("Provider of {} for {}", need.kind.title(), state.title_of(&to.component));
    let combo = egui::ComboBox::from_id_salt(("provider", &to.component, &to.name)).selected_text(shown.as_str()).width(200.0);
    ui.add_enabled_ui(!state.run.busy(), |ui| {
        let r = combo.show_ui(ui, |ui| {
            let fit = providers(&state.project, &state.library, to);
            for from in &fit {
                if ui.selectable_label(now == Some(from), name(from)).clicked() && now != Some(from) {
                    actions.push(Action::Edit(Edit::Connect { from: from.clone(), to: to.clone() }));
                }
            }
            if let Some(from) = now {
                // What is wired stays in the list even where it should not be.
                if !fit.contains(from) {
                    let _ = ui.selectable_label(true, name(from));
                }
                if ui.selectable_label(false, "nothing").on_hover_text("Delete the wire").clicked() {
                    let wires = BTreeSet::from([(from.clone(), to.clone())]);
                    actions.push(Action::Edit(Edit::Remove { components: BTreeSet::new(), wires }));
                }
            } else if fit.is_empty() {
                ui.label("Nothing here provides it; add a component that does.");
            }
        });
        let (enabled, value) = (!state.run.busy(), shown.clone());
        r.response.widget_info(|| {
            let mut info = egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, enabled, &label);
            info.current_text_value = Some(value.clone());
            info
        });
        r.response.on_disabled_hover_text("Stop the build to change wires.");
    });
}
