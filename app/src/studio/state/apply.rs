//! The one place where the state changes: by an action of the user, or by what the engine says.

use super::boot::BootPhase;
use super::progress::{Phase, StepState};
use super::{Quit, State, preset_of};
use crate::studio::action::{Action, Selection, Tab};
use crate::studio::link::desk::Ask;
use crate::studio::link::{EngineLink, Incoming, Request};
use bootwright_build::{Event, RunOutcome};
use bootwright_model::Project;
use std::sync::Arc;
use std::time::{Duration, Instant};

impl State {
    pub fn apply(&mut self, action: Action, link: &dyn EngineLink) {
        match action {
            Action::OpenPreset(name) => {
                if let Some(layout) = self.library.layout(&name) {
                    let project = Project::from_layout(layout);
                    self.change(format!("Open {}", layout.title), project, link);
                }
            }
            Action::Edit(edit) => match edit.apply(&self.project, &self.library) {
                Ok(project) => self.change(edit.title(&self.project, &self.library), project, link),
                Err(refusal) => self.say("The change was not made", refusal.reason),
            },
            Action::Undo if !self.run.busy() => {
                if let Some(project) = self.history.undo(self.project.clone()) {
                    self.set_project(project, link);
                }
            }
            Action::Redo if !self.run.busy() => {
                if let Some(project) = self.history.redo(self.project.clone()) {
                    self.set_project(project, link);
                }
            }
            Action::Undo | Action::Redo => {}
            Action::Build => {
                if self.build_blocked().is_none() {
                    let request =
                        Request::Build { project: Box::new(Project::clone(&self.project)), target: self.project.layout.target.clone() };
                    self.run.phase = Phase::Building { since: Instant::now() };
                    self.run.last = None;
                    self.run_starts_at = self.log.end();
                    self.run.revision += 1;
                    self.send(request, link);
                }
            }
            Action::Stop => {
                if let Phase::Building { since } = self.run.phase {
                    self.run.phase = Phase::Stopping { since };
                    self.run.revision += 1;
                    self.send(Request::Cancel, link);
                }
            }
            Action::Boot => {
                if self.boot_blocked().is_none() {
                    self.boot.start();
                    self.tab = Tab::Boot;
                    self.send(Request::Boot { project: Box::new(Project::clone(&self.project)) }, link);
                }
            }
            Action::StopBoot => self.send(Request::StopBoot, link),
            Action::Select(selection) => {
                if self.selection != selection {
                    self.selection = selection;
                    self.revision += 1;
                }
            }
            Action::ShowTab(tab) => self.tab = tab,
            Action::Log(action) => self.log_action(action, link),
            Action::Timeline(action) => self.timeline_action(action, link),
            Action::Artifacts(action) => self.artifacts_page.apply(action),
            Action::Problems(action) => self.problem_action(action, link),
            Action::SetTheme(theme) => self.theme = theme,
            Action::DismissMessage(id) => self.messages.retain(|m| m.id != id),
            Action::Quit => self.quit = if self.busy() { Quit::Asking } else { Quit::Leaving },
            Action::QuitAnyway => {
                if self.run.busy() {
                    self.send(Request::Cancel, link);
                }
                self.problem_action(super::problems::ProblemAction::StopInstall, link);
                if self.boot.busy() {
                    self.send(Request::StopBoot, link);
                }
                self.quit = Quit::Leaving;
            }
            Action::KeepWorking => self.quit = Quit::No,
        }
    }

    /// Another project, with the one at hand kept for undo.
    fn change(&mut self, name: String, project: Project, link: &dyn EngineLink) {
        // The engine works on the project it was given; the boxes would show another one.
        if self.run.busy() {
            self.say("The project cannot change while it is built", "Stop the build first, then change the project.");
            return;
        }
        if project == *self.project {
            return;
        }
        self.history.record(name, self.project.clone());
        self.set_project(Arc::new(project), link);
    }

    fn set_project(&mut self, project: Arc<Project>, link: &dyn EngineLink) {
        let another = project.layout.name != self.project.layout.name;
        self.problems = project.problems(&self.library);
        self.preset = preset_of(&self.library, &project);
        self.project = project;
        if another {
            self.selection = None;
            self.run.artifacts.clear();
            if !self.boot.busy() {
                // What another image did says nothing of this one.
                self.boot = super::boot::Boot::default();
            }
        }
        if let Some(Selection::Component(id)) = &self.selection
            && self.project.layout.component(id).is_none()
        {
            self.selection = None;
        }
        self.revision += 1;
        self.run.forget_plan();
        self.plan(link);
    }

    /// Asks for the plan of the project at hand.
    pub fn plan(&mut self, link: &dyn EngineLink) {
        self.look_around(link);
        if self.problems.is_empty() {
            self.run.phase = Phase::Planning;
            self.send(Request::Plan { project: Box::new(Project::clone(&self.project)) }, link);
        } else {
            self.run.phase = Phase::Idle;
        }
    }

    fn send(&mut self, request: Request, link: &dyn EngineLink) {
        if let Err(why) = link.send(request) {
            self.run.phase = Phase::Idle;
            if self.boot.busy() {
                self.boot.phase = BootPhase::Ended(why.clone());
            }
            self.say("The engine could not be reached", why);
        }
    }

    /// Takes in what has come, for no longer than `budget`. True where more waits.
    pub fn drain(&mut self, link: &dyn EngineLink, budget: Duration) -> bool {
        let start = Instant::now();
        while let Some(incoming) = link.try_recv() {
            self.take(incoming, link);
            if start.elapsed() >= budget {
                return true;
            }
        }
        false
    }

    fn take(&mut self, incoming: Incoming, link: &dyn EngineLink) {
        match incoming {
            Incoming::Engine(Event::Log { step, lines, left_out }) => self.log.push(&step, &lines, left_out),
            // An answer to a question that was asked of the project before this one.
            Incoming::Engine(Event::PlanReady { project, .. } | Event::PlanFailed { project, .. }) if project != self.project.name() => {}
            Incoming::Engine(event) => {
                if let Event::PlanFailed { reason, .. } = &event {
                    self.say("There is no plan", reason);
                }
                if let Event::StepStarted { step, .. } = &event {
                    self.log.step_started(step);
                }
                if let Event::StepFinished { outcome: bootwright_build::Outcome::Done, .. } = &event {
                    self.ask(Ask::Records, link);
                }
                let now = Instant::now();
                self.timeline.take(&event, self.run.busy(), now);
                if self.run.take(event, now) {
                    self.run_ended();
                    if let Some(last) = &self.run.last {
                        let folder = last.folder.clone();
                        self.read_finished_run(&folder, link);
                    }
                }
            }
            Incoming::Boot(event) => self.boot.take(event),
            Incoming::Desk(news) => self.take_news(news, link),
            Incoming::Failed(why) => {
                self.run.phase = Phase::Idle;
                self.run.plan_error = Some(why.clone());
                self.say("The engine cannot work", why);
            }
        }
    }

    fn run_ended(&mut self) {
        let failed: Vec<(String, String)> = self
            .run
            .steps
            .iter()
            .filter_map(|s| match &s.state {
                StepState::Failed(why) => Some((format!("{}: the step {} failed", self.title_of(&s.id.component), s.id.step), why.clone())),
                _ => None,
            })
            .collect();
        match &self.run.last {
            Some(last) if failed.is_empty() => {
                if let RunOutcome::Failed(why) = &last.outcome {
                    let why = why.clone();
                    self.say("The build failed", why);
                }
            }
            _ => {
                for (title, why) in failed {
                    self.say(&title, why);
                }
            }
        }
    }
}
