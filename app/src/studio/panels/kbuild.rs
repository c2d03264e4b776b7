//! The page Kbuild: the folders that make descends into with their objects, how each stands, and what one object hangs on.

mod details;
mod reach;

use crate::kbuild::{ObjectSeen, Seen, Standing};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::kbuild::{Chosen, Grove, KbuildAction, Phase, Row, View};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{choice_button, cut, grouped, named_button, table, tool};
use egui::{Button, Label, Panel, RichText, TextEdit, Ui, UiBuilder, WidgetInfo, WidgetType};

/// Of the columns for numbers and states.
const COUNT: f32 = 80.0;
const STATE: f32 = 130.0;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut said = Vec::new();
    let Some(component) = state.kbuild_component() else {
        ui.label(RichText::new("No component of this project is built by Kbuild.").weak());
        return actions;
    };
    let grove = state.kbuild.groves.get(&component);
    if state.kbuild.component.as_ref() != Some(&component) || grove.is_none_or(|g| g.phase == Phase::Unasked) {
        said.push(KbuildAction::Show(component.clone()));
    }
    ui.horizontal(|ui| {
        for id in state.configurable() {
            if choice_button(ui, *id == component, state.title_of(id), &format!("Kbuild tree of {}", state.title_of(id))).clicked() {
                said.push(KbuildAction::Show(id.clone()));
                actions.push(Action::Select(Some(Selection::Component(id.clone()))));
            }
        }
        if grove.is_some_and(|g| g.seen.is_some()) {
            ui.separator();
            tools(ui, state, &mut said);
        }
    });
    ui.add_space(space::S);
    match grove.map(|g| (&g.phase, g)) {
        Some((Phase::Open | Phase::Loading, g)) if g.seen.is_some() && state.kbuild.view != View::Tree => {
            reach::show(ui, state, &component, g, &mut actions);
        }
        Some((Phase::Open | Phase::Loading, g)) if g.seen.is_some() => tree(ui, state, g, &mut said),
        Some((Phase::NotThere, _)) => {
            ui.label("There is no tree of this component: a build that compiles it makes one, and tidying the store removes it.");
        }
        Some((Phase::Failed(why), _)) => {
            let t = Tokens::of(ui.ctx());
            ui.add(Label::new(RichText::new(format!("{} {why}", icon::WARNING)).color(t.warn)).wrap());
            if ui.button("Try again").clicked() {
                said.push(KbuildAction::Reload);
            }
        }
        _ => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("The makefiles and what was built are being read.");
            });
        }
    }
    actions.extend(said.into_iter().map(Action::Kbuild));
    actions
}

fn tools(ui: &mut Ui, state: &State, said: &mut Vec<KbuildAction>) {
    let mut text = state.kbuild.filter.clone();
    for (view, words, tip) in [
        (View::Tree, "Tree", "The folders that make descends into, with their objects"),
        (View::Options, "Options", "Options by how many objects they reach, first those that reach objects for nothing"),
        (View::Files, "Headers", "Headers and other files by how many objects hang on them"),
    ] {
        if choice_button(ui, state.kbuild.view == view, words, &format!("Show {}", words.to_lowercase())).on_hover_text(tip).clicked() {
            said.push(KbuildAction::View(view));
        }
    }
    if state.kbuild.view != View::Tree {
        return;
    }
    ui.separator();
    ui.label(icon::MAGNIFYING_GLASS);
    let edit = ui.add(TextEdit::singleline(&mut text).hint_text("A part of a path, or an option").desired_width(220.0));
    edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Find objects by path or option"));
    if edit.changed() {
        said.push(KbuildAction::Filter(text));
    }
    if named_button(ui, tool(icon::ARROW_CLOCKWISE), true, "Look at the tree again", "Look at the tree again").clicked() {
        said.push(KbuildAction::Reload);
    }
}

fn tree(ui: &mut Ui, state: &State, grove: &Grove, said: &mut Vec<KbuildAction>) {
    let Some(seen) = &grove.seen else { return };
    Panel::bottom("kbuild strip").resizable(false).frame(egui::Frame::new()).show(ui, |ui| strip(ui, seen, grove));
    let width = (ui.available_width() * 0.4).clamp(240.0, 480.0);
    let frame = egui::Frame::new().inner_margin(egui::Margin { left: space::M as i8, ..Default::default() });
    Panel::right("kbuild details").resizable(true).default_size(width).frame(frame).show(ui, |ui| {
        details::show(ui, grove, seen, said);
    });
    let rows = grove.rows(&state.kbuild.filter);
    if rows.is_empty() {
        ui.label(RichText::new("No object has this in its path, and none hangs on an option of this name.").weak());
        return;
    }
    // The table draws its lines as far down as it may.
    let rect = ui.available_rect_before_wrap();
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rect));
        let names = (rect.width() - COUNT - STATE - 24.0).max(120.0);
        let columns = [("Folder or object", names, 120.0), ("Objects", COUNT, 50.0), ("State", 0.0, 80.0)];
        table(ui, &format!("kbuild {}", seen.object.display()), &columns).body(|body| {
            body.rows(20.0, rows.len(), |mut row| {
                let at = rows[row.index()];
                row.col(|ui| name(ui, grove, seen, at, said));
                row.col(|ui| drop(ui.label(count(grove, seen, at))));
                row.col(|ui| standing(ui, grove, seen, at));
            });
        });
    });
}

fn name(ui: &mut Ui, grove: &Grove, seen: &Seen, row: Row, said: &mut Vec<KbuildAction>) {
    match row {
        Row::Folder { folder, depth } => {
            let Some(f) = seen.folders.get(folder) else { return };
            ui.add_space(depth as f32 * 16.0);
            let open = grove.open.contains(&folder);
            let mark = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
            let fold = ui.add(Button::new(mark).frame(false));
            let place = if f.path.is_empty() { "the top" } else { &f.path };
            fold.widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, open, format!("Folder {place}")));
            if fold.clicked() {
                said.push(KbuildAction::Fold(folder));
            }
            let last = f.path.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or(". (the top folder)");
            // Where make goes elsewhere than one level down, the way is named.
            let parent = f.from.and_then(|p| seen.folders.get(p)).map_or("", |p| p.path.as_str());
            let direct = f.path.strip_prefix(parent).map(|rest| rest.trim_start_matches('/')).is_some_and(|rest| !rest.contains('/'));
            let words = if direct { last } else { f.path.as_str() };
            let chosen = grove.chosen == Some(Chosen::Folder(folder));
            if link(ui, words, chosen, &format!("About the folder {place}")) {
                said.push(KbuildAction::SelectFolder(folder));
            }
        }
        Row::Object { object, depth } => {
            let Some(o) = seen.objects.get(object) else { return };
            ui.add_space(depth as f32 * 16.0 + if depth > 0 { 18.0 } else { 0.0 });
            let words = if depth == 0 { o.path.as_str() } else { o.path.rsplit('/').next().unwrap_or(&o.path) };
            let chosen = grove.chosen == Some(Chosen::Object(o.path.clone()));
            if link(ui, words, chosen, &format!("Object {}: {}", o.path, grove.standing(object).words())) {
                said.push(KbuildAction::Select(o.path.clone()));
            }
            options(ui, o);
        }
    }
}

/// The options that bring an object in, as far as there is room.
fn options(ui: &mut Ui, o: &ObjectSeen) {
    if !o.options.is_empty() {
        let names: Vec<&str> = o.options.iter().map(|n| n.strip_prefix("CONFIG_").unwrap_or(n)).collect();
        cut(ui, theme::small(names.join(" ")).weak());
    }
}

fn link(ui: &mut Ui, words: &str, chosen: bool, name: &str) -> bool {
    let t = Tokens::of(ui.ctx());
    let text = if chosen { RichText::new(words).color(t.accent).strong() } else { RichText::new(words) };
    let button = ui.add(Button::new(text).frame(false));
    button.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, name));
    button.clicked()
}

fn count(grove: &Grove, seen: &Seen, row: Row) -> String {
    let Row::Folder { folder, .. } = row else { return String::new() };
    let below = seen.folders.get(folder).map_or(0, |f| f.below);
    match grove.made_below.get(&folder) {
        Some(made) => format!("{} of {}", grouped(*made as u64), grouped(below as u64)),
        None => grouped(below as u64),
    }
}

fn standing(ui: &mut Ui, grove: &Grove, seen: &Seen, row: Row) {
    let t = Tokens::of(ui.ctx());
    let (mark, words, colour, why) = match row {
        Row::Folder { folder, .. } => {
            let stale = seen.folders.get(folder).map_or(0, |f| f.stale);
            let left = stale.saturating_sub(grove.made_below.get(&folder).copied().unwrap_or(0));
            match left {
                0 => (icon::CHECK, "up to date".to_owned(), t.good, Vec::new()),
                n => (icon::ARROW_CLOCKWISE, format!("{} to build", grouped(n as u64)), t.warn, Vec::new()),
            }
        }
        Row::Object { object, .. } => {
            let Some(o) = seen.objects.get(object) else { return };
            let standing = grove.standing(object);
            let why = [&seen.stale, &seen.unknown].iter().find_map(|m| m.get(&o.path)).cloned().unwrap_or_default();
            let (mark, colour) = match standing {
                Standing::UpToDate => (icon::CHECK, t.good),
                Standing::Stale => (icon::ARROW_CLOCKWISE, t.warn),
                Standing::Unknown => (icon::INFO, t.muted),
                Standing::NotBuilt => (icon::CIRCLE, t.muted),
            };
            (mark, standing.words().to_owned(), colour, why)
        }
    };
    let label = cut(ui, RichText::new(format!("{mark} {words}")).color(colour));
    if !why.is_empty() {
        label.on_hover_text(why.join("\n"));
    }
}

/// Below: what the next make would do, and what is not known.
fn strip(ui: &mut Ui, seen: &Seen, grove: &Grove) {
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let n = |n: usize| grouped(n as u64);
        let words = match (seen.stale.len(), seen.unknown.len()) {
            (0, 0) => "The next make would build nothing.".to_owned(),
            (stale, 0) => format!("The next make would build {} of {} targets.", n(stale), n(seen.objects.len())),
            (stale, unknown) => format!("The next make would build {} targets, and may build {} more.", n(stale), n(unknown)),
        };
        if grove.made.is_empty() {
            ui.label(theme::small(format!(
                "{}: {} objects in {} folders. {words}",
                seen.title,
                n(seen.objects.len()),
                n(seen.folders.len())
            )));
        } else {
            ui.label(theme::small(format!(
                "{}: {} of {} objects were made by this build.",
                seen.title,
                n(grove.made.len()),
                n(seen.objects.len())
            )));
        }
    });
    for note in &seen.notes {
        ui.add(Label::new(theme::small(note).weak()).wrap());
    }
}
