//! The page "Sizes": whose the bytes of vmlinux are, as areas.

use super::built;
use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::built::BuiltAction;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::treemap::{self, title};
use crate::studio::widgets::{grouped, link, named_button};
use bootwright_kbuild::sizes::Evidence;
use bootwright_kbuild::sizes::elf::Use;
use egui::{Button, CornerRadius, RichText, Sense, Ui, vec2};

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some(sizes) = built::head(ui, &state.built, |s| &s.sizes, &mut actions) else { return actions };
    let t = Tokens::of(ui.ctx());
    let zoom = &state.built.zoom;
    let way = state.built.way(&sizes.tree);
    let Some(shown) = way.last() else { return actions };
    ui.horizontal_wrapped(|ui| {
        let up = zoom.len().checked_sub(1).and_then(|n| zoom.get(..n)).map(<[usize]>::to_vec);
        let button = Button::new(RichText::new(icon::ARROW_U_UP_LEFT)).frame(false);
        if named_button(ui, button, up.is_some(), "Up to what it is in", "Up to what it is in").clicked()
            && let Some(up) = up
        {
            actions.push(Action::Built(BuiltAction::Zoom(up)));
        }
        for (i, node) in way.iter().enumerate() {
            if i + 1 == way.len() {
                ui.label(theme::strong(&node.name));
            } else {
                if link(ui, &node.name).clicked() {
                    actions.push(Action::Built(BuiltAction::Zoom(zoom.get(..i).unwrap_or_default().to_vec())));
                }
                ui.label(RichText::new(icon::CARET_RIGHT).weak());
            }
        }
        ui.label(format!("{} bytes of memory", grouped(shown.bytes)));
        if let Some(option) = &shown.option {
            ui.label(theme::small(format!("by CONFIG_{option}")).weak());
        }
        ui.add_space(space::L);
        for usage in Use::ALL {
            let (mark, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
            ui.painter().rect_filled(mark, CornerRadius::same(2), t.usage(usage));
            ui.label(theme::small(usage.title()).weak());
        }
    });
    let told = match sizes.evidence {
        Evidence::Map => "Whose they are, the linker's map says: every byte.",
        Evidence::Symbols => "Whose they are, the symbols and the tables of the objects say; what they cannot tell is named so.",
    };
    ui.label(theme::small(told).weak());
    ui.add_space(space::S);
    if let Some(place) = treemap::show(ui, shown) {
        let mut zoom = zoom.clone();
        zoom.push(place);
        actions.push(Action::Built(BuiltAction::Zoom(zoom)));
    }
    if shown.children.is_empty() {
        ui.label(title(shown));
    }
    actions
}
