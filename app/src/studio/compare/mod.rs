//! The page that compares two layouts: both on one canvas with a slider between them, and beside it a story about them, the
//! needs that are met otherwise, and what was measured.

mod bar;
mod canvas;
mod measured;
mod needs;
mod story;

use super::action::Action;
use super::diagram::place::Placer;
use super::diagram::view::View;
use super::state::State;
use super::state::compare::{CompareAction, Page};
use super::theme::{self, Tokens, space};
use super::widgets::choice_button;
use crate::comparison::Compared;
use crate::comparison::scene::{Scene, Stage};
use egui::{Frame, Id, Margin, Rect, RichText, Ui, UiBuilder, Vec2};
use std::sync::Arc;

/// Seconds from one end of the slider to the other.
const SECONDS: f32 = 1.8;
/// So much of a frame at most: after a pause the picture goes on from where it was.
const STEP: f32 = 0.05;
/// How near to an end the slider goes there by itself: people mean the ends.
const NEAR: f32 = 0.08;
/// The panel beside the canvas.
const SIDE: f32 = 0.37;

pub struct CompareView {
    placer: Placer,
    /// What `stage` was made for.
    of: Option<Arc<Compared>>,
    scene: Option<Scene>,
    stage: Option<Stage>,
    view: View,
    size: Vec2,
    /// How far the slider is: 0 before, 1 after.
    at: f32,
    /// Where it moves to.
    goal: f32,
    /// The last wish of the state that was followed.
    followed: u64,
    slider: Option<Id>,
    /// How pictures are saved: as the slider stands, and not as a pair.
    as_it_stands: bool,
    /// What is typed as a project file, one field a side.
    typed: [String; 2],
}

impl Default for CompareView {
    fn default() -> Self {
        Self {
            placer: Placer::default(),
            of: None,
            scene: None,
            stage: None,
            view: View::default(),
            size: Vec2::ZERO,
            at: 0.0,
            goal: 0.0,
            followed: 0,
            slider: None,
            as_it_stands: false,
            typed: Default::default(),
        }
    }
}

impl CompareView {
    /// The boxes and wires have their places.
    pub fn ready(&self) -> bool {
        self.stage.is_some()
    }

    #[cfg(test)]
    pub fn at(&self) -> f32 {
        self.at
    }

    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let t = Tokens::of(ui.ctx());
        let mut actions = Vec::new();
        let page = &state.compare;
        if page.compared.is_none() && !page.looking && page.trouble.is_none() {
            actions.push(CompareAction::Load);
        }
        self.follow(ui, state);
        let all = ui.available_rect_before_wrap();
        ui.painter().rect_filled(all, 0.0, t.panel);
        let top = Frame::new().inner_margin(Margin::symmetric(space::L as i8, space::S as i8));
        top.show(ui, |ui| self.top(ui, state, &mut actions));
        let rest = ui.available_rect_before_wrap();
        let side = (rest.width() * SIDE).clamp(260.0, 440.0).min(rest.width() * 0.6);
        let (left, right) = rest.split_left_right_at_x(rest.right() - side);
        let (upper, bar) = left.split_top_bottom_at_y(left.bottom() - bar::HEIGHT);
        self.canvas(ui, upper, state, &t, &mut actions);
        let mut below = ui.new_child(UiBuilder::new().id_salt("comparison slider").max_rect(bar.shrink2(Vec2::new(space::L, space::XS))));
        self.slider(&mut below, state, &t, &mut actions);
        let others = self.beside(ui, right, state, &t, &mut actions);
        ui.advance_cursor_after_rect(all);
        actions.into_iter().map(Action::Compare).chain(others).collect()
    }

    /// Sees to it that what is drawn is what the state has, and moves the slider on.
    fn follow(&mut self, ui: &Ui, state: &State) {
        let page = &state.compare;
        let same = |a: &Arc<Compared>, b: &Arc<Compared>| {
            a.projects.iter().zip(&b.projects).all(|(a, b)| Arc::ptr_eq(a, b) || a.layout == b.layout)
        };
        match (&page.compared, &self.of) {
            (Some(new), Some(old)) if Arc::ptr_eq(new, old) => {}
            // What was measured came in: boxes and wires stay.
            (Some(new), Some(old)) if same(new, old) => self.of = Some(new.clone()),
            (Some(new), _) => {
                self.scene = Some(Scene::of(new, &state.library));
                self.of = Some(new.clone());
                self.stage = None;
                self.view.fitted = true;
                self.size = Vec2::ZERO;
            }
            (None, _) => (self.of, self.scene, self.stage) = (None, None, None),
        }
        if self.stage.is_none()
            && let Some(scene) = &self.scene
            && let Some(placement) = self.placer.get(&scene.wanted, ui.ctx())
        {
            self.stage = Some(Stage::new(scene.clone(), placement));
        }
        if self.followed != page.wish.count {
            self.followed = page.wish.count;
            self.goal = page.wish.to;
            if page.wish.from_start {
                self.at = 1.0 - self.goal;
            }
        }
        if self.at != self.goal {
            let step = ui.input(|i| i.stable_dt).min(STEP) / SECONDS;
            self.at = if self.at < self.goal { (self.at + step).min(self.goal) } else { (self.at - step).max(self.goal) };
            ui.ctx().request_repaint();
        }
    }

    fn moving(&self) -> bool {
        self.at != self.goal
    }

    /// Gives what other parts of the window are asked for.
    fn beside(&self, ui: &mut Ui, area: Rect, state: &State, t: &Tokens, actions: &mut Vec<CompareAction>) -> Vec<Action> {
        ui.painter().vline(area.left(), area.y_range(), egui::Stroke::new(1.0, t.line));
        let mut ui = ui.new_child(UiBuilder::new().id_salt("beside").max_rect(area.shrink2(Vec2::new(space::L, space::S))));
        ui.set_clip_rect(area);
        let ui = &mut ui;
        ui.horizontal(|ui| {
            for page in Page::ALL {
                let name = format!("Comparison page {}", page.title());
                if choice_button(ui, state.compare.page == page, page.title(), &name).clicked() {
                    actions.push(CompareAction::Page(page));
                }
            }
        });
        ui.add_space(space::S);
        if let Some(why) = &state.compare.trouble {
            ui.label(theme::strong("The two cannot be compared").color(t.bad));
            ui.add(egui::Label::new(RichText::new(why)).wrap().selectable(true));
            return Vec::new();
        }
        let Some(compared) = &state.compare.compared else {
            ui.label(RichText::new("Both are being read.").weak());
            return Vec::new();
        };
        match state.compare.page {
            Page::Story => story::show(ui, state, compared, actions),
            Page::Needs => needs::show(ui, state, compared, self.scene.as_ref(), actions),
            Page::Measured => return measured::show(ui, state, compared),
        }
        Vec::new()
    }
}
