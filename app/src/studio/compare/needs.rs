//! Need by need: who met it before, who does after, and what that meant.

use super::canvas::sign;
use crate::comparison::Compared;
use crate::comparison::scene::{Presence, Scene, SceneWire};
use crate::studio::state::State;
use crate::studio::state::compare::{CompareAction, Focus};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{cut, section};
use bootwright_model::Move;
use egui::{CollapsingHeader, Frame, Label, RichText, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, WidgetType};

pub fn show(ui: &mut Ui, state: &State, compared: &Compared, scene: Option<&Scene>, actions: &mut Vec<CompareAction>) {
    let Some(scene) = scene else { return };
    let c = &compared.comparison;
    ScrollArea::vertical().id_salt("needs compared").auto_shrink(false).show(ui, |ui| {
        if compared.is_empty() {
            ui.label(format!("{} and {} are wired and configured alike.", c.old, c.new));
        }
        for (title, moves) in
            [("ANOTHER PROVIDER", &c.moved), ("NEEDS OF WHAT CAME IN", &c.wires_added), ("NEEDS OF WHAT WENT AWAY", &c.wires_removed)]
        {
            if moves.is_empty() {
                continue;
            }
            section(ui, title);
            for m in moves {
                if let Some(w) = scene.wire(&m.need).and_then(|i| scene.wires.get(i)) {
                    need(ui, state, w, Some(m), actions);
                }
            }
        }
        if !c.options.is_empty() {
            section(ui, "OPTIONS");
            for o in &c.options {
                let text = |v: &Option<String>| v.clone().unwrap_or_else(|| "default".into());
                let words = format!("{}, {}: {} became {}", o.component, o.option, text(&o.old), text(&o.new));
                ui.add(Label::new(words).wrap());
            }
        }
        if !compared.configuration.is_empty() {
            section(ui, "CONFIGURATION LINES");
            for l in &compared.configuration {
                ui.add(Label::new(l.words()).wrap());
            }
        }
        let same: Vec<&SceneWire> = scene.wires.iter().filter(|w| w.presence == Presence::Both).collect();
        if !same.is_empty() {
            ui.add_space(space::M);
            let title = theme::small(format!("{} needs with the same provider in both", same.len()));
            CollapsingHeader::new(title).id_salt("the same in both").show(ui, |ui| {
                for w in same {
                    need(ui, state, w, None, actions);
                }
            });
        }
    });
}

fn need(ui: &mut Ui, state: &State, w: &SceneWire, change: Option<&Move>, actions: &mut Vec<CompareAction>) {
    let t = Tokens::of(ui.ctx());
    let focus = Focus::Need(w.need.clone());
    let chosen = state.compare.focus.as_ref() == Some(&focus);
    let of = |end: &Option<crate::comparison::scene::End>| end.as_ref().map_or("nothing", |e| e.from.as_str()).to_owned();
    let (old, new) = (of(&w.old), of(&w.new));
    let label = match change {
        Some(_) => format!("Need {} of {}: {old} became {new}", w.kind, w.to),
        None => format!("Need {} of {}: {new} in both", w.kind, w.to),
    };
    let builder = UiBuilder::new().id_salt(("need compared", &w.need)).sense(Sense::click());
    let row = ui.scope_builder(builder, |ui| {
        let hot = ui.response().hovered() || ui.response().has_focus();
        let line = if chosen || hot { t.accent } else { t.line };
        let frame = Frame::new().fill(t.well).stroke(Stroke::new(1.0, line)).corner_radius(5).inner_margin(space::M);
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.style_mut().interaction.selectable_labels = false;
            ui.spacing_mut().item_spacing.y = space::S;
            let (icon, colour) = sign(w.presence, &t);
            ui.horizontal(|ui| {
                ui.label(RichText::new(icon).color(colour));
                cut(ui, theme::strong(format!("{} of {}", w.kind, w.to)));
            });
            if change.is_some() {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = space::S;
                    ui.label(end(&old, w.old.as_ref().is_some_and(|e| e.from_host), &t));
                    ui.label(RichText::new(icon::ARROW_RIGHT).color(t.muted));
                    ui.label(end(&new, w.new.as_ref().is_some_and(|e| e.from_host), &t));
                });
            } else {
                ui.label(end(&new, w.new.as_ref().is_some_and(|e| e.from_host), &t));
            }
            if let Some(m) = change.filter(|m| !m.meaning.is_empty()) {
                ui.add(Label::new(theme::small(&m.meaning).color(t.muted)).wrap());
            }
        });
    });
    let response = row.response;
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, &label));
    if response.clicked() {
        actions.push(CompareAction::Focus((!chosen).then_some(focus)));
    }
    ui.add_space(space::S);
}

/// The host's parts in their own colour, and with a word: the difference must not be colour alone.
fn end(name: &str, host: bool, t: &Tokens) -> RichText {
    match host {
        true => RichText::new(format!("{} {name}", icon::HOST)).color(t.host_line),
        false if name == "nothing" => RichText::new("nothing").color(t.muted),
        false => RichText::new(format!("{} {name}", icon::CUBE)).color(t.text),
    }
}
