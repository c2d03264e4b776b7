//! The first page: the presets as small diagrams, the projects of late, and a way to open one.

use crate::studio::action::{Action, Dialog, Tab};
use crate::studio::diagram::place::{Placement, Placer, Wanted};
use crate::studio::state::State;
use crate::studio::state::compare::CompareAction;
use crate::studio::state::problems::ProblemAction;
use crate::studio::theme::{self, Tokens, icon, space, text};
use crate::studio::widgets::{link, named_button, section};
use bootwright_model::{Layout, Lesson};
use egui::{Align2, Button, CornerRadius, FontId, Rect, RichText, Sense, Stroke, Ui, Vec2, WidgetInfo, WidgetType};
use std::sync::Arc;

const CARD: Vec2 = Vec2::new(250.0, 218.0);
const PICTURE: f32 = 112.0;

#[derive(Default)]
pub struct Start {
    placer: Placer,
}

impl Start {
    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.add_space(space::S);
            ui.label(theme::strong("Build a small Linux from source, and see how it is put together").size(text::HEADING));
            ui.label(RichText::new("A preset is a whole system to begin with. Change it as you like; the preset stays as it is.").weak());
            section(ui, "NEW FROM A PRESET");
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = Vec2::splat(space::L);
                for layout in state.library.layouts() {
                    if self.card(ui, state, layout) {
                        actions.push(Action::OpenPreset(layout.name.clone()));
                    }
                }
            });
            ui.add_space(space::S);
            for (i, lesson) in state.library.lessons().iter().enumerate() {
                if story(ui, lesson) {
                    actions.extend([CompareAction::Tell(i), CompareAction::Fill(true)].map(Action::Compare));
                }
            }
            section(ui, "PROJECTS");
            let open = Button::new(format!("{} Open…", icon::FOLDER_OPEN));
            if named_button(ui, open, !state.run.busy(), "Open a project", "Open a project file (Ctrl+O)").clicked() {
                actions.push(Action::Ask(Dialog::Open));
            }
            if state.document.recent.is_empty() {
                ui.label(theme::small("Projects that you open or save are listed here.").weak());
            }
            for path in &state.document.recent {
                ui.horizontal(|ui| {
                    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
                    if link(ui, &name).on_hover_text("Open it").clicked() {
                        actions.push(Action::OpenFile(path.clone()));
                    }
                    ui.add(egui::Label::new(theme::small(path.display().to_string()).weak()).truncate());
                });
            }
            section(ui, "THIS COMPUTER");
            computer(ui, state, &mut actions);
        });
        actions
    }

    fn card(&mut self, ui: &mut Ui, state: &State, layout: &Layout) -> bool {
        let t = Tokens::of(ui.ctx());
        let current = state.preset.as_deref() == Some(&layout.name);
        let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
        let label = format!("Preset {}", layout.title);
        response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, current, &label));
        let line = if response.hovered() || response.has_focus() || current { t.accent } else { t.line };
        ui.painter().rect(rect, 8, t.well, Stroke::new(1.0, line), egui::StrokeKind::Inside);
        let picture = Rect::from_min_size(rect.min + Vec2::splat(1.0), Vec2::new(CARD.x - 2.0, PICTURE));
        ui.painter().rect_filled(picture, CornerRadius { nw: 7, ne: 7, sw: 0, se: 0 }, t.canvas);
        match self.placer.get(&Wanted::of(layout, &state.library, |_| None), ui.ctx()) {
            Some(placement) => thumbnail(ui, picture.shrink(10.0), &placement, &t),
            None => {
                let font = FontId::proportional(text::SMALL);
                ui.painter().text(picture.center(), Align2::CENTER_CENTER, "drawing", font, t.muted);
            }
        }
        let words = Rect::from_min_max(picture.left_bottom(), rect.max).shrink2(Vec2::new(12.0, 8.0));
        let mut below =
            ui.new_child(egui::UiBuilder::new().id_salt(&layout.name).max_rect(words).layout(egui::Layout::top_down(egui::Align::Min)));
        below.set_clip_rect(words.expand(2.0));
        below.style_mut().interaction.selectable_labels = false;
        below.add(egui::Label::new(theme::strong(&layout.title)).wrap());
        below.add(egui::Label::new(theme::small(first_sentence(&layout.explain)).color(t.muted)).wrap());
        response.clicked()
    }
}

/// A comparison with a story to it.
fn story(ui: &mut Ui, lesson: &Lesson) -> bool {
    let t = Tokens::of(ui.ctx());
    let size = Vec2::new(ui.available_width().min(3.0 * CARD.x + 2.0 * space::L), 34.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = format!("Compare {} and {}: {}", lesson.old, lesson.new, lesson.title);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    let line = if response.hovered() || response.has_focus() { t.accent } else { t.line };
    ui.painter().rect(rect, 8, t.well, Stroke::new(1.0, line), egui::StrokeKind::Inside);
    let builder = egui::UiBuilder::new().id_salt(&lesson.title).max_rect(rect.shrink2(Vec2::new(12.0, 4.0)));
    let mut inside = ui.new_child(builder.layout(egui::Layout::left_to_right(egui::Align::Center)));
    inside.style_mut().interaction.selectable_labels = false;
    inside.label(RichText::new(icon::COMPARE).size(text::HEADING).color(t.accent));
    inside.label(theme::strong(&lesson.title));
    inside.add(egui::Label::new(theme::small(&lesson.explain).color(t.muted)).truncate());
    response.clicked()
}

/// Whether it has what the project at hand needs, and where results go.
fn computer(ui: &mut Ui, state: &State, actions: &mut Vec<Action>) {
    let t = Tokens::of(ui.ctx());
    let title = &state.project.layout.title;
    // What was found for the project before says nothing of this one.
    let checked = state.problems_page.checked.as_ref().filter(|c| c.project.name() == state.project.name());
    ui.horizontal_wrapped(|ui| match checked {
        Some(checked) if checked.missing.is_empty() => {
            ui.label(RichText::new(icon::CHECK_CIRCLE).color(t.good));
            ui.label(format!("It has every tool that {title} needs."));
        }
        Some(checked) => {
            let names: Vec<&str> = checked.missing.iter().map(|m| m.what.as_str()).collect();
            ui.label(RichText::new(icon::WARNING).color(t.bad));
            ui.label(format!("For {title} it lacks {}.", names.join(", ")));
            if link(ui, "Install what is missing").on_hover_text("The commands are shown first").clicked() {
                actions.extend([Action::Problems(ProblemAction::AskInstall), Action::ShowTab(Tab::Problems)]);
            }
        }
        None if state.problems_page.looking => drop(ui.label(RichText::new("It is being looked at.").weak())),
        None => drop(ui.label(RichText::new("It was not looked at: the project does not hold together.").weak())),
    });
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let s = if cores == 1 { "" } else { "s" };
    ui.label(theme::small(format!("{cores} processor{s} · results are kept in {}", state.work.display())).weak());
}

/// Boxes and wires, without words.
fn thumbnail(ui: &Ui, room: Rect, placement: &Arc<Placement>, t: &Tokens) {
    let painter = ui.painter_at(room);
    let bounds = placement.bounds;
    let zoom = (room.width() / bounds.width()).min(room.height() / bounds.height());
    let to = |p: egui::Pos2| room.center() + (p - bounds.center()) * zoom;
    let rect = |r: Rect| Rect::from_min_max(to(r.min), to(r.max));
    if let Some(host) = placement.host {
        painter.rect(rect(host), 2, t.host_fill, Stroke::new(0.8, t.host_line), egui::StrokeKind::Inside);
    }
    for (wire, spec) in placement.wires.iter().zip(&placement.wanted.wires) {
        let host = spec.as_ref().and_then(|s| placement.wanted.boxes.get(s.from)).is_some_and(|b| b.host);
        let points = wire.corners.iter().map(|p| to(*p)).collect();
        painter.line(points, Stroke::new(0.8, if host { t.host_line } else { t.wire }));
    }
    for (place, spec) in placement.boxes.iter().zip(&placement.wanted.boxes) {
        let (fill, line) = if spec.host { (t.host_card, t.host_line) } else { (t.card, t.line_strong) };
        painter.rect(rect(*place), 2, fill, Stroke::new(0.8, line), egui::StrokeKind::Inside);
    }
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
