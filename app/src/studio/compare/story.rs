//! The story about two layouts: one step at a time, with what was looked at on this machine for it.

use super::measured::mood;
use crate::comparison::Compared;
use crate::comparison::measured::{Group, Value};
use crate::studio::state::State;
use crate::studio::state::compare::CompareAction;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{named_button, section};
use bootwright_model::{Lesson, LessonStep, Side};
use egui::{Align, Button, Layout, RichText, ScrollArea, Ui, Vec2};

/// Below the text, for the buttons.
const FOOT: f32 = 44.0;
/// The size of its type.
const STORY: f32 = 15.0;

pub fn show(ui: &mut Ui, state: &State, compared: &Compared, actions: &mut Vec<CompareAction>) {
    let Some(lesson) = state.lesson() else { return no_story(ui, state, actions) };
    let at = state.compare.step.min(lesson.steps.len().saturating_sub(1));
    let Some(step) = lesson.steps.get(at) else { return };
    ScrollArea::vertical().id_salt(("story", at)).max_height(ui.available_height() - FOOT).auto_shrink(false).show(ui, |ui| {
        ui.label(theme::small(&lesson.title).weak());
        ui.label(theme::strong(&step.title).size(theme::text::HEADING));
        ui.add_space(space::S);
        // Larger than the rest of the window: it is read aloud, or by a class from behind.
        ui.add(egui::Label::new(RichText::new(&step.text).size(STORY)).wrap().selectable(true));
        looked_at(ui, compared, step);
        ui.add_space(space::M);
    });
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        ui.add_space(space::S);
        walk(ui, lesson, at, actions);
    });
}

/// What the checks found on the side that the step speaks of.
fn looked_at(ui: &mut Ui, compared: &Compared, step: &LessonStep) {
    if step.checks.is_empty() {
        return;
    }
    let t = Tokens::of(ui.ctx());
    section(ui, "LOOKED AT HERE");
    let Some(measured) = &compared.measured else {
        ui.label(RichText::new("This machine is being looked at.").weak());
        return;
    };
    let rows = measured.rows.iter().filter(|r| r.group == Group::Look && r.check.as_ref().is_some_and(|c| step.checks.contains(c)));
    let mut unknown = false;
    for row in rows {
        ui.add_space(space::S);
        ui.add(egui::Label::new(theme::strong(&row.what).size(theme::text::SMALL)).wrap());
        match row.side(step.show) {
            Some(value) => finding(ui, value, &t),
            None => {
                unknown = true;
                ui.label(RichText::new("— not known yet").weak());
            }
        }
    }
    if unknown {
        for todo in &measured.sides[step.show as usize].todo {
            ui.add(egui::Label::new(theme::small(todo).weak()).wrap());
        }
    }
}

fn finding(ui: &mut Ui, value: &Value, t: &Tokens) {
    let (icon, colour) = mood(value.mood, t);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        ui.label(RichText::new(icon).color(colour));
        ui.add(egui::Label::new(theme::small(&value.from).color(t.text)).wrap());
    });
    for line in value.found.iter().take(4) {
        ui.add(egui::Label::new(theme::small(line).weak()).truncate()).on_hover_text(value.found.join("\n"));
    }
}

fn walk(ui: &mut Ui, lesson: &Lesson, at: usize, actions: &mut Vec<CompareAction>) {
    let t = Tokens::of(ui.ctx());
    ui.horizontal(|ui| {
        let last = lesson.steps.len() - 1;
        let back = Button::new(format!("{} Back", icon::ARROW_LEFT)).min_size(Vec2::new(72.0, 28.0));
        if named_button(ui, back, at > 0, "Step before", "The step before (F7)").clicked() {
            actions.push(CompareAction::Step(at - 1));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (words, name, to) = if at < last { ("Next", "Next step", at + 1) } else { ("Again", "From the beginning", 0) };
            let text = RichText::new(format!("{words} {}", icon::ARROW_RIGHT)).color(t.on_accent);
            let next = Button::new(text).fill(t.accent).min_size(Vec2::new(84.0, 28.0));
            if named_button(ui, next, true, name, if at < last { "The next step (F8)" } else { name }).clicked() {
                actions.push(CompareAction::Step(to));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = space::XS;
                dots(ui, lesson, at, actions);
                ui.add(egui::Label::new(theme::small(format!(" {} of {}", at + 1, lesson.steps.len())).weak()).extend());
            });
        });
    });
}

/// One dot a step: hollow where it tells of before, filled of after.
fn dots(ui: &mut Ui, lesson: &Lesson, at: usize, actions: &mut Vec<CompareAction>) {
    let t = Tokens::of(ui.ctx());
    for (i, step) in lesson.steps.iter().enumerate() {
        let (rect, r) = ui.allocate_exact_size(Vec2::new(13.0, 22.0), egui::Sense::click());
        let name = format!("Step {}: {}", i + 1, step.title);
        r.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::RadioButton, true, i == at, &name));
        let colour = if i == at { t.accent } else { t.line_strong };
        let radius = if i == at { 4.5 } else { 3.2 };
        match step.show {
            Side::Before => ui.painter().circle_stroke(rect.center(), radius, egui::Stroke::new(1.5, colour)),
            Side::After => ui.painter().circle_filled(rect.center(), radius, colour),
        };
        if r.on_hover_text(&name).clicked() {
            actions.push(CompareAction::Step(i));
        }
    }
}

fn no_story(ui: &mut Ui, state: &State, actions: &mut Vec<CompareAction>) {
    ui.label(RichText::new("Nobody has written a story about these two. There is one about:").weak());
    for (i, lesson) in state.library.lessons().iter().enumerate() {
        ui.add_space(space::S);
        let button = Button::new(format!("{} {}", icon::BOOKS, lesson.title)).wrap();
        if named_button(ui, button, true, &format!("Story {}", lesson.title), &lesson.explain).clicked() {
            actions.push(CompareAction::Tell(i));
        }
    }
}
