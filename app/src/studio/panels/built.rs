//! What the pages about a built tree share: which tree it is, and what keeps them from showing it.

use crate::studio::action::Action;
use crate::studio::state::built::{BuiltAction, BuiltPage, Seen};
use crate::studio::theme::{self, Tokens, icon};
use crate::studio::widgets::{choice_button, named_button, tool};
use egui::{RichText, Ui};

/// The trees to choose from, and what was read of the one that is chosen: of it, one part. None: there is nothing to show, and
/// why is said.
pub fn head<'a, T>(
    ui: &mut Ui,
    page: &'a BuiltPage,
    part: impl Fn(&'a Seen) -> &'a Result<T, String>,
    actions: &mut Vec<Action>,
) -> Option<&'a T> {
    if !trees(ui, page, actions) {
        return None;
    }
    match part(page.seen.as_ref()?) {
        Ok(read) => Some(read),
        Err(why) => {
            let t = Tokens::of(ui.ctx());
            ui.add(egui::Label::new(RichText::new(why).color(t.muted)).wrap());
            None
        }
    }
}

/// False: they were not looked at yet.
fn trees(ui: &mut Ui, page: &BuiltPage, actions: &mut Vec<Action>) -> bool {
    let mut wish = |action| actions.push(Action::Built(action));
    let Some(seen) = &page.seen else {
        if page.waiting {
            ui.label(RichText::new("Reading the trees of the work folder …").weak());
        } else {
            wish(BuiltAction::Look(None));
        }
        return false;
    };
    ui.horizontal(|ui| {
        ui.label(theme::small("Tree").weak());
        for (i, tree) in seen.trees.iter().enumerate() {
            let chosen = seen.chosen == Some(i);
            let button = choice_button(ui, chosen, tree.name.as_str(), &format!("Tree: {}", tree.name));
            if button.on_hover_text(tree.path.display().to_string()).clicked() && !chosen {
                wish(BuiltAction::Look(Some(tree.path.clone())));
            }
        }
        if named_button(ui, tool(icon::ARROW_CLOCKWISE), !page.waiting, "Read the tree again", "Read the tree again").clicked() {
            wish(BuiltAction::Look(None));
        }
        if page.waiting {
            ui.spinner();
        }
    });
    true
}
