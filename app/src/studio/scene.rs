//! A window whose engine says what it is told to say: for the benchmarks and the rendered pictures.

use super::action::{Action, Tab};
use super::app::Studio;
use super::link::desk::{Ask, News};
use super::link::{Far, Incoming, channel};
use super::settings::Settings;
use super::state::State;
use super::state::compare::CompareAction;
use super::theme::{self, Theme};
use crate::comparison::Compared;
use bootwright_build::Event;
use bootwright_model::{Library, Project};
use egui::Ui;
use std::sync::Arc;

pub struct Scene {
    pub(super) studio: Studio,
    pub(super) far: Far,
    installed: bool,
}

impl Scene {
    /// On a preset.
    ///
    /// # Errors
    /// If there is no such preset.
    pub fn open(preset: &str) -> Result<Self, String> {
        let library = Arc::new(Library::embedded().map_err(|e| e.to_string())?);
        let project = Project::open(preset, &library).map_err(|e| e.to_string())?;
        let state = State::new(library, Some(project), None, "/work".into()).ok_or("no preset")?;
        let (link, far) = channel();
        Ok(Self { studio: Studio::new(state, Box::new(link)), far, installed: false })
    }

    /// One theme, and not the system's.
    pub fn light(&mut self, light: bool) {
        let theme = if light { Theme::Light } else { Theme::Dark };
        let settings = &mut self.studio.state.settings;
        *settings = Settings { theme, ..settings.clone() };
    }

    pub fn say(&self, event: Event) {
        // The studio lives as long as the scene.
        let _ = self.far.incoming.send(Incoming::Engine(event));
    }

    /// Two presets on the page Compare, of which nothing was measured.
    ///
    /// # Errors
    /// If there is no such preset.
    pub fn compare(&mut self, presets: [&str; 2]) -> Result<(), String> {
        self.studio.act(Action::ShowTab(Tab::Compare));
        self.studio.act(Action::Compare(CompareAction::Load));
        let library = &self.studio.state.library;
        let open = |name: &str| Project::open(name, library).map(Arc::new).map_err(|e| e.to_string());
        let compared = Arc::new(Compared::of(open(presets[0])?, open(presets[1])?, library));
        let asked = self.far.asks.try_iter().find_map(|a| if let Ask::Compare { asked, .. } = a { Some(asked) } else { None });
        let news = News::Compared { asked: asked.ok_or("nothing was asked")?, result: Ok(compared) };
        self.far.incoming.send(Incoming::Desk(news)).map_err(|e| e.to_string())
    }

    pub fn frame(&mut self, ui: &mut Ui) {
        if !std::mem::replace(&mut self.installed, true) {
            theme::install(ui.ctx());
        }
        self.studio.logic(ui.ctx());
        self.studio.ui(ui);
    }

    /// Whether the diagram is laid out, which a thread of its own does.
    pub fn ready(&self) -> bool {
        self.studio.diagram_ready()
    }
}
