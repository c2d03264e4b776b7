//! The window as a user and a screen reader find it, on an engine that says what the test wants it to say.

mod built;
mod compare;
mod config;
mod diagram;
mod editing;
mod flows;
mod frame;
mod guest;
mod inside;
mod kbuild;
mod live;
mod log;

use super::app::Studio;
use super::link::desk::{Ask, News};
use super::link::files::{FileEvent, FileRequest, NotSaved};
use super::link::{BootEvent, CheckStatus, Far, Incoming, Request, channel};
use super::state::State;
use super::theme::install as install_theme;
use bootwright_build::store::Artifact;
use bootwright_build::{Event, Outcome, PlannedStep, Reason, RunOutcome, Status, StepId};
use bootwright_model::{ComponentId, Library, Project, StepKind};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use std::sync::Arc;
use std::time::Duration;

pub struct Window {
    pub harness: Harness<'static, Studio>,
    pub far: Far,
}

pub fn component(name: &str) -> ComponentId {
    ComponentId::try_from(name).unwrap()
}

pub fn step(component_name: &str, step: &str) -> StepId {
    StepId { component: component(component_name), step: step.into() }
}

pub fn planned(component: &str, name: &str, status: Status, seconds_before: Option<f64>) -> PlannedStep {
    PlannedStep {
        id: step(component, name),
        kind: StepKind::Compile,
        explain: format!("explains {name}"),
        after: Vec::new(),
        status,
        seconds_before,
        version: None,
        outputs: Default::default(),
    }
}

pub fn will_run() -> Status {
    Status::WillRun(vec![Reason::NeverBuilt])
}

pub fn artifact() -> Artifact {
    Artifact { hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".into(), size: 2_176_000, files: 1 }
}

impl Window {
    /// On a preset, with its diagram laid out.
    pub fn open(preset: &str) -> Self {
        Self::open_with(Some(preset), None)
    }

    pub fn open_with(preset: Option<&str>, load_error: Option<&str>) -> Self {
        let library = Arc::new(Library::embedded().unwrap());
        let project = preset.map(|p| Project::open(p, &library).unwrap());
        let state = State::new(library, project, load_error.map(str::to_owned), "/work".into()).unwrap();
        let (link, far) = channel();
        let studio = Studio::new(state, Box::new(link));
        let mut first = true;
        let app = move |ui: &mut egui::Ui, studio: &mut Studio| {
            if std::mem::take(&mut first) {
                install_theme(ui.ctx());
            }
            studio.logic(ui.ctx());
            studio.ui(ui);
        };
        let harness = Harness::builder().with_size([1280.0, 800.0]).with_max_steps(40).build_ui_state(app, studio);
        let mut window = Self { harness, far };
        window.settle_layout();
        window
    }

    /// The diagram is laid out by a thread of its own.
    pub fn settle_layout(&mut self) {
        for _ in 0..500 {
            self.steps();
            if self.harness.state().diagram_ready() {
                // What has just come is seen in the next frames.
                return self.steps();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no diagram after five seconds");
    }

    /// With the mouse, from one place to another, past a place between.
    pub fn drag(&mut self, from: egui::Pos2, to: egui::Pos2) {
        self.drag_with(from, to, egui::PointerButton::Primary, egui::Modifiers::NONE);
    }

    pub fn drag_with(&mut self, from: egui::Pos2, to: egui::Pos2, button: egui::PointerButton, modifiers: egui::Modifiers) {
        self.press(from, button, modifiers);
        for share in [0.1, 0.5, 1.0] {
            self.harness.event(egui::Event::PointerMoved(from + (to - from) * share));
            self.harness.run_steps(1);
        }
        self.release(to, button, modifiers);
    }

    pub fn press(&mut self, at: egui::Pos2, button: egui::PointerButton, modifiers: egui::Modifiers) {
        self.harness.event(egui::Event::ModifiersChanged(modifiers));
        self.harness.event(egui::Event::PointerMoved(at));
        self.harness.run_steps(1);
        self.harness.event(egui::Event::PointerButton { pos: at, button, pressed: true, modifiers });
        self.harness.run_steps(1);
    }

    pub fn release(&mut self, at: egui::Pos2, button: egui::PointerButton, modifiers: egui::Modifiers) {
        self.harness.event(egui::Event::PointerButton { pos: at, button, pressed: false, modifiers });
        self.harness.run_steps(1);
        self.harness.event(egui::Event::ModifiersChanged(egui::Modifiers::NONE));
        self.steps();
    }

    /// The middle of what has this label.
    pub fn at(&self, label: &str) -> egui::Pos2 {
        self.harness.get_by_label_contains(label).rect().center()
    }

    pub fn key(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.steps();
    }

    pub fn project(&self) -> &Project {
        &self.harness.state().state.project
    }

    pub fn steps(&mut self) {
        self.harness.run_steps(3);
    }

    pub fn say(&mut self, event: Event) {
        self.tell(Incoming::Engine(event));
    }

    pub fn tell(&mut self, incoming: Incoming) {
        self.far.incoming.send(incoming).unwrap();
        self.steps();
    }

    pub fn plan(&mut self, steps: Vec<PlannedStep>) {
        let project = self.harness.state().state.project.clone();
        self.say(Event::PlanReady { project: project.name().into(), target: project.layout.target.clone(), steps });
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.steps();
    }

    pub fn menu(&mut self, menu: &str, item: &str) {
        self.click(&format!("Menu {menu}"));
        self.click(item);
    }

    pub fn sees(&self, part: &str) -> bool {
        self.harness.query_all_by_label_contains(part).next().is_some()
    }

    pub fn enabled(&self, label: &str) -> bool {
        !self.harness.get_by_label(label).accesskit_node().is_disabled()
    }

    pub fn type_into(&mut self, label: &str, text: &str) {
        self.harness.get_by_label(label).focus();
        self.steps();
        self.harness.get_by_label(label).type_text(text);
        self.steps();
    }

    /// What was asked of the desk since the last call.
    pub fn asks(&self) -> Vec<Ask> {
        self.far.asks.try_iter().collect()
    }

    pub fn news(&mut self, news: News) {
        self.tell(Incoming::Desk(news));
    }

    /// What was asked of the engine since the last call, files apart.
    pub fn requests(&self) -> Vec<Request> {
        self.far.requests.try_iter().filter(|r| !matches!(r, Request::File(_))).collect()
    }

    /// What was asked of the thread for files since the last call.
    pub fn file_requests(&self) -> Vec<FileRequest> {
        let file = |r| if let Request::File(r) = r { Some(r) } else { None };
        self.far.requests.try_iter().filter_map(file).collect()
    }

    pub fn finished(&mut self, component: &str, name: &str, outcome: Outcome) {
        self.say(Event::StepFinished { step: step(component, name), outcome, seconds: Some(12.0), cpu_seconds: None });
    }

    pub fn run_finished(&mut self, outcome: RunOutcome) {
        self.say(Event::RunFinished { outcome, seconds: 61.0, folder: "/work/runs/1".into() });
    }

    pub fn check(&mut self, title: &str, status: CheckStatus, found: &str) {
        let check = BootEvent::Check { title: title.into(), status, expected: "glibc 2.41".into(), found: found.into() };
        self.tell(Incoming::Boot(check));
    }
}
