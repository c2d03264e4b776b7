//! Above the canvas which two are compared and how to take the picture along; below it the slider between them.

use super::{CompareView, NEAR};
use crate::comparison::picture::Moment;
use crate::studio::link::desk::picture_name;
use crate::studio::link::files::no_dialog;
use crate::studio::state::State;
use crate::studio::state::compare::{Choice, CompareAction};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::save::save_button_with;
use crate::studio::widgets::{choice_button, named_button, tool};
use bootwright_model::Side;
use egui::{Align, Button, ComboBox, Key, Layout, Modifiers, RichText, Slider, Ui, WidgetInfo, WidgetType};
use std::path::PathBuf;

/// Below the canvas.
pub const HEIGHT: f32 = 62.0;
/// What a list to choose from takes beside its text.
const COMBO: f32 = 16.0;
/// One press of an arrow.
const ARROW: f32 = 0.1;

impl CompareView {
    pub(super) fn top(&mut self, ui: &mut Ui, state: &State, actions: &mut Vec<CompareAction>) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            ui.set_min_height(28.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let fill = state.compare.fill;
                let (icon, name) =
                    if fill { (icon::CORNERS_IN, "Back to the panels") } else { (icon::CORNERS_OUT, "Use the whole window") };
                if named_button(ui, tool(icon), true, name, &format!("{name}{}", if fill { "" } else { " (F11)" })).clicked() {
                    actions.push(CompareAction::Fill(!fill));
                }
                self.export(ui, state, actions);
                if named_button(ui, tool(icon::ARROW_CLOCKWISE), !state.compare.looking, "Look at both again", "Look at both again")
                    .clicked()
                {
                    actions.push(CompareAction::Load);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let room = ((ui.available_width() - 76.0) / 2.0 - COMBO).clamp(60.0, 330.0);
                    self.choose(ui, state, Side::Before, room, actions);
                    if named_button(ui, tool(icon::COMPARE), true, "Swap the two", "The other way round").clicked() {
                        actions.push(CompareAction::Swap);
                    }
                    self.choose(ui, state, Side::After, room, actions);
                });
            });
        });
    }

    fn choose(&mut self, ui: &mut Ui, state: &State, side: Side, width: f32, actions: &mut Vec<CompareAction>) {
        let now = state.compare.choice(side);
        let title = state.choice_title(now);
        let name = if side == Side::Before { "Compare from" } else { "Compare to" };
        let combo = ComboBox::from_id_salt(("compared", side)).width(width).truncate().selected_text(title.clone());
        let typed = &mut self.typed[side as usize];
        let popup = combo.close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).height(420.0);
        let shown = popup.show_ui(ui, |ui| {
            ui.set_min_width(300.0);
            let mut chosen = None;
            let mut row = |ui: &mut Ui, choice: Choice| {
                if ui.selectable_label(*now == choice, state.choice_title(&choice)).clicked() {
                    chosen = Some(choice);
                }
            };
            for layout in state.library.layouts() {
                row(ui, Choice::Preset(layout.name.clone()));
            }
            row(ui, Choice::Open);
            for path in state.document.recent.iter().take(8) {
                row(ui, Choice::File(path.clone()));
            }
            ui.separator();
            ui.label(theme::small("A project file").weak());
            ui.horizontal(|ui| {
                let none = no_dialog();
                let browse = Button::new("Browse…");
                if named_button(ui, browse, none.is_none(), "Browse", none.unwrap_or("Choose it in the desktop's dialog")).clicked() {
                    actions.push(CompareAction::Browse(side));
                    ui.close();
                }
                let field = ui.add(egui::TextEdit::singleline(typed).hint_text("/home/you/project.ron").desired_width(f32::INFINITY));
                field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Path of a project to compare"));
                if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !typed.trim().is_empty() {
                    chosen = Some(Choice::File(PathBuf::from(typed.trim())));
                }
            });
            if chosen.is_some() {
                ui.close();
            }
            chosen
        });
        let response = shown.response;
        response.widget_info(|| WidgetInfo::labeled(WidgetType::ComboBox, true, format!("{name}: {title}")));
        response.on_hover_text(&title);
        if let Some(choice) = shown.inner.flatten() {
            actions.push(CompareAction::Choose(side, choice));
        }
    }

    fn export(&mut self, ui: &mut Ui, state: &State, actions: &mut Vec<CompareAction>) {
        let Some(compared) = state.compare.compared.as_ref().filter(|_| self.stage.is_some()) else { return };
        let stands = &mut self.as_it_stands;
        let answer = save_button_with(ui, "Save a picture", &picture_name(compared), |ui| {
            ui.horizontal(|ui| {
                for (value, words) in [(false, "Before and after"), (true, "As the slider stands")] {
                    if choice_button(ui, *stands == value, words, &format!("Picture: {words}")).clicked() {
                        *stands = value;
                    }
                }
            });
            ui.label(theme::small("The name's ending says which kind: .svg or .png").weak());
        });
        if let Some(path) = answer {
            let moment = if self.as_it_stands { Moment::At(self.at) } else { Moment::Pair };
            actions.push(CompareAction::Export { path: path.map(PathBuf::from), moment });
        }
    }

    pub(super) fn slider(&mut self, ui: &mut Ui, state: &State, t: &Tokens, actions: &mut Vec<CompareAction>) {
        self.keys(ui);
        let ready = self.stage.is_some();
        ui.spacing_mut().item_spacing.x = space::M;
        ui.horizontal(|ui| {
            let playing = self.moving();
            let (icon, name) = if playing { (icon::PAUSE, "Pause") } else { (icon::PLAY, "Play from before to after") };
            let button = Button::new(RichText::new(icon).size(theme::text::HEADING)).min_size(egui::Vec2::splat(28.0));
            if named_button(ui, button, ready, name, name).clicked() {
                match playing {
                    true => self.goal = self.at,
                    false => {
                        self.at = if self.at >= 1.0 { 0.0 } else { self.at };
                        self.goal = 1.0;
                        ui.ctx().request_repaint();
                    }
                }
            }
            let end =
                |ui: &mut Ui, words: &str, name: &str, there: bool| choice_button(ui, there, words, name).on_hover_text(name).clicked();
            if end(ui, "Before", "Show the layout before", self.at <= 0.0) {
                actions.push(CompareAction::Go(0.0));
            }
            ui.spacing_mut().slider_width = (ui.available_width() - 130.0).clamp(60.0, 520.0);
            let mut percent = self.at * 100.0;
            let slider = ui.add_enabled(ready, Slider::new(&mut percent, 0.0..=100.0).show_value(false).trailing_fill(true));
            slider.widget_info(|| {
                let mut info = WidgetInfo::slider(ready, f64::from(percent), "Slider from before to after");
                info.value = Some(f64::from(percent).round());
                info
            });
            self.slider = Some(slider.id);
            if slider.is_pointer_button_down_on() && !slider.has_focus() {
                // So that the arrows go on from where the mouse left it.
                slider.request_focus();
            }
            if slider.changed() {
                (self.at, self.goal) = (percent / 100.0, percent / 100.0);
            }
            if slider.drag_stopped() || (slider.clicked() && !slider.dragged()) {
                self.goal = match self.at {
                    a if a < NEAR => 0.0,
                    a if a > 1.0 - NEAR => 1.0,
                    a => a,
                };
                ui.ctx().request_repaint();
            }
            slider.on_hover_text("Drag it, or use the arrow keys, Home, End and the space bar");
            if end(ui, "After", "Show the layout after", self.at >= 1.0) {
                actions.push(CompareAction::Go(1.0));
            }
            if named_button(ui, tool(icon::FIT), ready, "Show all of both", "Show all of both").clicked() {
                self.fit();
            }
        });
        let title = match (&state.compare.compared, self.at) {
            (Some(c), at) if at <= 0.0 => c.projects[0].layout.title.clone(),
            (Some(c), at) if at >= 1.0 => c.projects[1].layout.title.clone(),
            (Some(_), at) => format!("on the way, {:.0} %", at * 100.0),
            (None, _) => String::new(),
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            legend(ui, t);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(theme::strong(title).size(theme::text::SMALL)).truncate());
            });
        });
    }

    /// The slider's keys, before egui's own slider takes them.
    fn keys(&mut self, ui: &mut Ui) {
        let focused = ui.memory(egui::Memory::focused);
        if self.slider.is_none() || focused != self.slider {
            return;
        }
        let (mut by, mut to) = (0.0, None);
        let pressed = |i: &mut egui::InputState, key| i.consume_key(Modifiers::NONE, key);
        ui.input_mut(|i| {
            by += f32::from(u8::from(pressed(i, Key::ArrowRight))) - f32::from(u8::from(pressed(i, Key::ArrowLeft)));
            if pressed(i, Key::Home) {
                to = Some(0.0);
            }
            if pressed(i, Key::End) {
                to = Some(1.0);
            }
            if pressed(i, Key::Space) {
                to = Some(if self.goal < 0.5 { 1.0 } else { 0.0 });
            }
        });
        if by != 0.0 {
            // From one tenth to the next, so that the ends are met.
            let tenth = ((self.goal + by * ARROW) / ARROW).round() * ARROW;
            to = Some(tenth.clamp(0.0, 1.0));
        }
        if let Some(to) = to {
            self.goal = to;
            ui.ctx().request_repaint();
        }
    }
}

/// What the lines mean.
fn legend(ui: &mut Ui, t: &Tokens) {
    for (words, colour, width) in [("moved, or in one only", t.accent, 2.0), ("in both", t.wire, 1.4)] {
        ui.label(theme::small(words).color(t.muted));
        let (r, _) = ui.allocate_exact_size(egui::Vec2::new(22.0, 10.0), egui::Sense::hover());
        ui.painter().hline(r.x_range(), r.center().y, egui::Stroke::new(width, colour));
    }
}
