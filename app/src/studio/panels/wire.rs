//! What the inspector says of a wire.

use super::{provider, several};
use crate::studio::action::{Action, Selection};
use crate::studio::diagram::Command;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{badge, link, section};
use bootwright_model::{ComponentId, FactSource, Place, Wire};
use egui::{RichText, Ui};

pub fn show(ui: &mut Ui, state: &State, wire: &Wire, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    let kind = state.kind_of(wire);
    ui.label(theme::strong(format!("Wire: {kind}")).size(theme::text::HEADING));
    ui.horizontal_wrapped(|ui| match state.place_of(&wire.from.component) {
        Place::Host => badge(ui, "provided by the host", t.host_line),
        Place::Built => badge(ui, "provided by a component", t.accent),
    });
    ui.add_space(space::S);
    end(ui, state, "From", &wire.from.component, &wire.from.name, actions);
    end(ui, state, "To", &wire.to.component, &wire.to.name, actions);
    ui.add_space(space::S);
    several::buttons(ui, state, &[(icon::TRASH, Command::Remove)], actions);
    if !wire.explain.is_empty() {
        section(ui, "IN THIS LAYOUT");
        ui.label(&wire.explain);
    }
    let need = state.component(&wire.to.component).and_then(|(_, r)| r).and_then(|r| r.need(&wire.to.name));
    if let Some(need) = need {
        section(ui, "PROVIDED BY");
        provider::choice(ui, state, &wire.to, need, actions);
        section(ui, "THE NEED");
        ui.label(&need.explain);
        if need.optional {
            ui.label(theme::small("It is optional: the component can be built without it.").weak());
        }
    }
    let output = state.component(&wire.from.component).and_then(|(_, r)| r).and_then(|r| r.output(&wire.from.name));
    if let Some(output) = output {
        section(ui, "WHAT IT CARRIES");
        ui.label(&output.explain);
        for part in &output.parts {
            ui.label(RichText::new(part.candidates.join("  or  ")).monospace());
        }
        for fact in &output.facts {
            let value = match &fact.from {
                FactSource::Text(text) => text.clone(),
                FactSource::LinuxVersionHeader(_) | FactSource::GlibcFeaturesHeader(_) => "read from its headers".into(),
                FactSource::KernelMakefile(_) => "read from its makefile".into(),
                FactSource::Line(_) => "read from a file of it".into(),
            };
            ui.label(theme::small(format!("{}: {value}", fact.id)).weak());
        }
    }
}

fn end(ui: &mut Ui, state: &State, which: &str, id: &ComponentId, port: &str, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.add_sized([34.0, 18.0], egui::Label::new(theme::small(which).weak()));
        if link(ui, state.title_of(id)).clicked() {
            actions.push(Action::Select(Some(Selection::Component(id.clone()))));
        }
        ui.label(RichText::new(format!(".{port}")).monospace().weak());
    });
}
