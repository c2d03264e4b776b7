//! All that the window knows. Panels read it; `apply` changes it.

pub mod ansi;
pub mod apply;
pub mod artifacts;
pub mod boot;
pub mod built;
pub mod compare;
pub mod component;
pub mod config;
pub mod desk;
pub mod diagnostic;
pub mod document;
pub mod estimate;
pub mod folder;
pub mod history;
pub mod inside;
pub mod kbuild;
pub mod log;
pub mod log_page;
pub mod log_query;
pub mod problems;
pub mod progress;
pub mod reasons;
pub mod sizes;
pub mod terminal;
pub mod timeline;
pub mod toasts;

use super::action::{Dialog, Selection, Tab};
use super::link::recovery::Kept;
use super::settings::Settings;
use crate::trust::Trust;
use boot::Boot;
use bootwright_build::Script;
use bootwright_model::{Component, ComponentId, Library, Place, Problem, Project, Recipe, Refusal, Wire};
use document::Document;
use history::History;
use log::Log;
use progress::Run;
use std::path::PathBuf;
use std::sync::Arc;
use toasts::Toasts;

/// A line above the diagram that stays until it is dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub id: u64,
    /// What was attempted.
    pub title: String,
    /// All that is known, for copying.
    pub text: String,
}

/// Beside the field for a file's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathNote {
    /// Chosen in the desktop's dialog; the field takes it over.
    pub chosen: Option<PathBuf>,
    pub trouble: String,
}

/// Whether the window is about to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quit {
    No,
    /// Something runs or is not saved, and the user is asked.
    Asking,
    /// As soon as the project is saved.
    WhenSaved,
    /// Nothing holds the window open any more.
    Leaving,
}

pub struct State {
    pub library: Arc<Library>,
    pub work: PathBuf,
    pub project: Arc<Project>,
    /// The preset that the project began as.
    pub preset: Option<String>,
    pub history: History,
    /// What is wrong with the project; worked out when it changes.
    pub problems: Vec<Problem>,
    pub run: Run,
    pub boot: Boot,
    pub log: Log,
    pub log_page: log_page::LogPage,
    /// The number of the log's first line of the latest run.
    pub run_starts_at: u64,
    pub timeline: timeline::TimelinePage,
    pub artifacts_page: artifacts::ArtifactsPage,
    pub inside: inside::InsidePage,
    pub kbuild: kbuild::KbuildPage,
    pub built: built::BuiltPage,
    pub problems_page: problems::ProblemsPage,
    pub compare: compare::ComparePage,
    pub config_page: config::ConfigPage,
    pub selection: Option<Selection>,
    /// The last edit that was refused: the diagram draws its circle.
    pub refused: Option<Refusal>,
    /// A page to bring to the front in the next frame.
    pub front: Option<Tab>,
    /// The panels are to go back to where a new user finds them.
    pub reset_panels: bool,
    pub dialog: Option<Dialog>,
    pub document: Document,
    /// What would be typed to build the project by hand; none: not asked for, or it is being written.
    pub script: Option<Result<Arc<Script>, String>>,
    pub trust: Trust,
    /// What other sessions left when they ended badly.
    pub recovered: Vec<Kept>,
    /// What the dialog for a file's name says beside it: the path that was chosen on the desktop, or why saving was refused.
    pub path_note: PathNote,
    pub messages: Vec<Message>,
    next_message: u64,
    pub toasts: Toasts,
    pub settings: Settings,
    pub quit: Quit,
    /// The studio is to go on in this folder.
    pub to_work: Option<PathBuf>,
    /// Counts changes of the project and of the selection.
    pub revision: u64,
}

impl State {
    /// Nothing where there is neither a project nor a preset to show in its place.
    pub fn new(library: Arc<Library>, project: Option<Project>, load_error: Option<String>, work: PathBuf) -> Option<Self> {
        let front = (project.is_none() && load_error.is_none()).then_some(Tab::Start);
        let first = || library.layouts().iter().find(|l| l.name == "mll-2016").or(library.layouts().first()).map(Project::from_layout);
        let project = project.or_else(first)?;
        let mut state = Self {
            preset: preset_of(&library, &project),
            problems: project.problems(&library),
            library,
            work,
            project: Arc::new(project),
            history: History::default(),
            run: Run::default(),
            boot: Boot::default(),
            log: Log::default(),
            log_page: Default::default(),
            run_starts_at: 0,
            timeline: Default::default(),
            artifacts_page: Default::default(),
            inside: Default::default(),
            kbuild: Default::default(),
            built: Default::default(),
            problems_page: Default::default(),
            compare: Default::default(),
            config_page: Default::default(),
            selection: None,
            refused: None,
            front,
            reset_panels: false,
            dialog: None,
            document: Document::default(),
            script: None,
            trust: Trust::default(),
            recovered: Vec::new(),
            path_note: PathNote::default(),
            messages: Vec::new(),
            next_message: 0,
            toasts: Toasts::default(),
            settings: Settings::default(),
            quit: Quit::No,
            to_work: None,
            revision: 0,
        };
        match state.project.path.clone() {
            Some(path) => state.file_says(&path, state.project.clone()),
            None => state.compare_with_file(),
        }
        if let Some(error) = load_error {
            state.say("The project was not opened; this is a preset instead", error);
        }
        Some(state)
    }

    pub fn say(&mut self, title: &str, text: impl Into<String>) {
        let text = text.into();
        // Saying it twice does not help.
        if self.messages.iter().any(|m| m.title == title && m.text == text) {
            return;
        }
        self.messages.push(Message { id: self.next_message, title: title.into(), text });
        self.next_message += 1;
    }

    pub fn recipe(&self, component: &Component) -> Option<&Recipe> {
        self.library.recipe(&component.recipe)
    }

    pub fn component(&self, id: &ComponentId) -> Option<(&Component, Option<&Recipe>)> {
        let component = self.project.layout.component(id)?;
        Some((component, self.recipe(component)))
    }

    /// The recipe's title, or the name where there is no such recipe.
    pub fn title_of<'a>(&'a self, id: &'a ComponentId) -> &'a str {
        self.component(id).and_then(|(_, r)| r).map_or(id.as_str(), |r| r.title.as_str())
    }

    pub fn place_of(&self, id: &ComponentId) -> Place {
        self.component(id).and_then(|(_, r)| r).map_or(Place::Built, |r| r.place)
    }

    /// The kind of what a wire carries, in words.
    pub fn kind_of(&self, wire: &Wire) -> &'static str {
        let need = self.component(&wire.to.component).and_then(|(_, r)| r).and_then(|r| r.need(&wire.to.name));
        let output = || self.component(&wire.from.component).and_then(|(_, r)| r).and_then(|r| r.output(&wire.from.name)).map(|o| o.kind);
        need.map(|n| n.kind).or_else(output).map_or("unknown", |k| k.title())
    }

    pub fn summary(&self, id: &ComponentId) -> component::Summary {
        component::summary(&self.run, id, self.place_of(id))
    }

    /// Whether something goes on that closing the window would end.
    pub fn busy(&self) -> bool {
        self.run.busy() || self.boot.busy() || self.problems_page.installing()
    }

    /// Before a frame: goes on with what is worked out in slices. True where there is more to do.
    pub fn work(&mut self, budget: std::time::Duration) -> bool {
        self.timeline.settle();
        let old = self.log_page.old.as_mut().is_some_and(|o| o.log.work(budget));
        let details = self.config_page.work();
        self.log.work(budget) || old || details
    }

    /// Since when each running step runs.
    pub fn steps_running(&self) -> impl Iterator<Item = std::time::Instant> {
        self.run.steps.iter().filter_map(|s| match s.state {
            progress::StepState::Running { since } => Some(since),
            _ => None,
        })
    }

    /// Why the project cannot be built now; none: it can.
    pub fn build_blocked(&self) -> Option<String> {
        if self.run.busy() {
            return Some("A build is going on.".into());
        }
        if self.boot.busy() {
            return Some("The image is booted right now; end the machine first.".into());
        }
        let first = self.problems.first()?;
        let more = match self.problems.len() - 1 {
            0 => String::new(),
            n => format!(" ({n} more)"),
        };
        Some(format!("The project does not hold together. {first}{more}"))
    }

    pub fn stop_blocked(&self) -> Option<String> {
        match self.run.phase {
            progress::Phase::Building { .. } => None,
            progress::Phase::Stopping { .. } => Some("The build is being stopped.".into()),
            _ => Some("No build is going on.".into()),
        }
    }
}

fn preset_of(library: &Library, project: &Project) -> Option<String> {
    library.layout(&project.layout.name).map(|l| l.name.clone())
}
