//! The page "Sizes": whose the bytes of vmlinux are, as areas, and what another build has more or less.

mod difference;

use super::built;
use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::built::{BuiltAction, BuiltPage, Seen};
use crate::studio::state::sizes::{SizesAction, SizesRead};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::treemap::{self, Did, title};
use crate::studio::widgets::{choice_button, form, grouped, link, named_button, tool};
use bootwright_kbuild::sizes::Evidence;
use bootwright_kbuild::sizes::elf::Use;
use bootwright_kbuild::sizes::view::By;
use egui::{Button, CornerRadius, Label, RichText, Sense, TextEdit, Ui, WidgetInfo, WidgetType, vec2};
use std::path::PathBuf;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let page = &state.built;
    let Some(sizes) = built::head(ui, page, |s| &s.sizes, &mut actions) else { return actions };
    let Some(seen) = &page.seen else { return actions };
    let mut said = Vec::new();
    ui.horizontal_wrapped(|ui| {
        ways(ui, page, &mut said);
        ui.separator();
        others(ui, page, seen, &mut said);
    });
    actions.extend(said.into_iter().map(|s| Action::Built(BuiltAction::Sizes(s))));
    match (&page.sizes.against, &page.sizes.compared) {
        (None, _) => areas(ui, page, sizes, &mut actions),
        (Some(_), None) => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("The two builds are being compared.");
            });
        }
        (Some(_), Some(Err(why))) => drop(ui.add(Label::new(RichText::new(why).weak()).wrap())),
        (Some(_), Some(Ok(compared))) => difference::show(ui, compared, page.sizes.by),
    }
    actions
}

/// How the bytes are put together.
fn ways(ui: &mut Ui, page: &BuiltPage, said: &mut Vec<SizesAction>) {
    ui.label(theme::small("By").weak());
    let all = [(By::Directory, "Directory"), (By::Object, "Object"), (By::Option, "Option"), (By::Symbol, "Symbol")];
    // There are too many symbols for areas; they are seen inside of their objects.
    for (by, word) in all.into_iter().filter(|(by, _)| page.sizes.against.is_some() || *by != By::Symbol) {
        if choice_button(ui, page.sizes.by == by, word, &format!("Sizes by {}", word.to_lowercase())).clicked() {
            said.push(SizesAction::By(by));
        }
    }
}

/// The builds that this one can be held against.
fn others(ui: &mut Ui, page: &BuiltPage, seen: &Seen, said: &mut Vec<SizesAction>) {
    let against = page.sizes.against.as_ref();
    let chosen = page.tree().map(|t| &t.path);
    let mut others: Vec<_> = seen.trees.iter().filter(|t| Some(&t.path) != chosen).chain(&seen.kept).collect();
    // Those of the same component first.
    let component = |name: &str| name.split(' ').next().map(str::to_owned);
    let own = page.tree().and_then(|t| component(&t.name));
    others.sort_by_key(|t| component(&t.name) != own);
    let known = others.iter().find(|t| Some(&t.path) == against);
    let words = match (against, known) {
        (None, _) => "Compare with …".to_owned(),
        (_, Some(tree)) => format!("Compared with {}", tree.name),
        (Some(path), None) => format!("Compared with {}", path.file_name().unwrap_or_default().to_string_lossy()),
    };
    let tip = "What this build has more or less than an older one";
    let button = named_button(ui, Button::new(format!("{words} {}", icon::CARET_DOWN)), true, "Compare with another build", tip);
    let id = button.id.with("path");
    form(&button, 320.0, |ui| {
        ui.label(theme::small("The older build").weak());
        for tree in &others {
            ui.horizontal(|ui| {
                let name = format!("Compare with {}", tree.name);
                if choice_button(ui, Some(&tree.path) == against, &tree.name, &name)
                    .on_hover_text(tree.path.display().to_string())
                    .clicked()
                {
                    said.push(SizesAction::Against(Some(tree.path.clone())));
                    ui.close();
                }
                if seen.kept.contains(tree) {
                    ui.label(theme::small("kept").weak());
                    let name = format!("Forget {}", tree.name);
                    if named_button(ui, Button::new(icon::TRASH).small().frame(false), true, &name, "Removes what was kept").clicked() {
                        said.push(SizesAction::Forget(tree.path.clone()));
                    }
                }
            });
        }
        if others.is_empty() {
            let words = "There is no other tree in the work folder, and nothing was kept. Keep the sizes of this build, change options, \
                build again, and compare.";
            ui.add(Label::new(words).wrap());
        }
        ui.add_space(space::S);
        let mut path: String = ui.data_mut(|d| d.get_temp(id)).unwrap_or_default();
        let edit = ui.add(TextEdit::singleline(&mut path).hint_text("/home/you/linux").desired_width(f32::INFINITY));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Folder of another tree"));
        let typed = Some(path.trim()).filter(|p| !p.is_empty()).map(PathBuf::from);
        let tip = "Any tree that Kbuild built";
        if named_button(ui, Button::new("Compare with this folder"), typed.is_some(), "Compare with this folder", tip).clicked() {
            said.push(SizesAction::Against(typed));
            ui.close();
        }
        ui.data_mut(|d| d.insert_temp(id, path));
    });
    if against.is_some() && named_button(ui, tool(icon::X), true, "Stop comparing", "Back to the areas of this build").clicked() {
        said.push(SizesAction::Against(None));
    }
    let tip = "Writes the sizes down as they are now: when this tree was built again, it can be compared with what it was";
    if named_button(ui, Button::new(format!("{} Keep", icon::SAVE)), !page.waiting, "Keep these sizes", tip).clicked() {
        said.push(SizesAction::Keep);
    }
}

fn areas(ui: &mut Ui, page: &BuiltPage, sizes: &SizesRead, actions: &mut Vec<Action>) {
    let Some(whole) = sizes.areas(page.sizes.by) else { return };
    let zoom = &page.zoom;
    let way = page.way(whole);
    let Some(shown) = way.last() else { return };
    let mut go = |zoom: &[usize]| actions.push(Action::Built(BuiltAction::Zoom(zoom.to_vec())));
    let up = zoom.len().checked_sub(1).and_then(|n| zoom.get(..n));
    ui.horizontal_wrapped(|ui| {
        let button = Button::new(RichText::new(icon::ARROW_U_UP_LEFT)).frame(false);
        let tip = "Up to what it is in (Backspace)";
        if named_button(ui, button, up.is_some(), "Up to what it is in", tip).clicked()
            && let Some(up) = up
        {
            go(up);
        }
        for (i, node) in way.iter().enumerate() {
            if i + 1 == way.len() {
                ui.label(theme::strong(&node.name));
            } else {
                if link(ui, &node.name).clicked() {
                    go(zoom.get(..i).unwrap_or_default());
                }
                ui.label(RichText::new(icon::CARET_RIGHT).weak());
            }
        }
        ui.label(format!("{} bytes of memory", grouped(shown.bytes)));
        if let Some(option) = &shown.option {
            ui.label(theme::small(format!("by CONFIG_{option}")).weak());
        }
    });
    legend(ui, sizes.evidence);
    ui.add_space(space::S);
    match treemap::show(ui, shown, zoom) {
        Some(Did::Opened(place)) => go(&[zoom.as_slice(), &[place]].concat()),
        Some(Did::Up) => up.into_iter().for_each(go),
        None => {}
    }
    if shown.children.is_empty() {
        ui.label(title(shown));
    }
}

/// What the colours mean, and who says it.
fn legend(ui: &mut Ui, evidence: Evidence) {
    let t = Tokens::of(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        for usage in Use::ALL {
            let (mark, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
            ui.painter().rect_filled(mark, CornerRadius::same(2), t.usage(usage));
            ui.label(theme::small(usage.title()).weak());
        }
        ui.add_space(space::M);
        let told = match evidence {
            Evidence::Map => "Whose they are, the linker's map says: every byte.",
            Evidence::Symbols => "Whose they are, the symbols and the tables of the objects say; what they cannot tell is named so.",
        };
        ui.label(theme::small(told).weak());
    });
}

/// Whether Escape means something here.
pub fn takes_escape(ctx: &egui::Context) -> bool {
    treemap::has_focus(ctx)
}
