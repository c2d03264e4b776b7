//! The one place where the state changes: by an action of the user, or by what the engine says.

use super::boot::{BootPhase, Purpose};
use super::document::Keeping;
use super::progress::{Phase, StepState};
use super::{PathNote, Quit, State, preset_of};
use crate::studio::action::{Action, Dialog, Selection, Tab};
use crate::studio::link::desk::Ask;
use crate::studio::link::files::{FileEvent, FileRequest, NotSaved};
use crate::studio::link::{BootEvent, EngineLink, Incoming, Request};
use crate::studio::settings::SCALES;
use bootwright_build::{Event, Means, RunOutcome};
use bootwright_model::{Project, same};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const REFUSED: &str = "The change was not made";

impl State {
    pub fn apply(&mut self, action: Action, link: &dyn EngineLink) {
        match action {
            Action::OpenPreset(name) => {
                if let Some(layout) = self.library.layout(&name) {
                    let project = Project::from_layout(layout);
                    if self.change(format!("New from {}", layout.title), project, false, link) {
                        self.front = Some(Tab::Diagram);
                    }
                }
            }
            Action::Edit(edit) => match edit.apply(&self.project, &self.library) {
                Ok(project) => {
                    self.change(edit.title(&self.project, &self.library), project, true, link);
                }
                Err(refusal) => {
                    self.say(REFUSED, &refusal.reason);
                    self.refused = Some(refusal);
                    self.revision += 1;
                }
            },
            Action::Undo if !self.run.busy() => {
                let name = self.history.next_undo().map(str::to_owned);
                if let Some(project) = self.history.undo(self.project.clone()) {
                    self.toasts.add(format!("Undone: {}", name.unwrap_or_default()));
                    self.set_project(project, link);
                }
            }
            Action::Redo if !self.run.busy() => {
                let name = self.history.next_redo().map(str::to_owned);
                if let Some(project) = self.history.redo(self.project.clone()) {
                    self.toasts.add(format!("Made again: {}", name.unwrap_or_default()));
                    self.set_project(project, link);
                }
            }
            Action::Undo | Action::Redo => {}
            Action::Build => {
                if self.build_blocked().is_none() && !self.trust.covers(&self.project) {
                    self.dialog = Some(Dialog::Trust);
                } else if self.build_blocked().is_none() {
                    let project = Box::new(Project::clone(&self.project));
                    let means = Means { jobs: project.jobs.or(self.settings.jobs), mirrors: self.settings.mirrors.clone() };
                    let target = project.layout.target.clone();
                    let request = Request::Build { project, target, means };
                    self.run.phase = Phase::Building { since: Instant::now() };
                    self.run.last = None;
                    // What the run before said does not hold any more.
                    self.messages.clear();
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
                self.boot_project(Purpose::Console, link);
            }
            Action::BootChecks => self.boot_project(Purpose::Checks, link),
            Action::Machine(action) => self.boot_action(action, link),
            Action::StopBoot => self.send(Request::StopBoot, link),
            Action::Select(selection) => {
                if self.selection != selection || self.refused.is_some() {
                    self.refused = None;
                    self.selection = selection;
                    self.revision += 1;
                }
            }
            Action::Diagram(_) => self.front = Some(Tab::Diagram),
            Action::ShowTab(tab) => {
                self.front = Some(tab);
                // What fills the window would cover the page.
                self.compare.fill &= tab == Tab::Compare;
                if let (Tab::Configuration, Some(component)) = (tab, self.config_component()) {
                    self.config_action(super::config::ConfigAction::Show(component), link);
                }
            }
            Action::ResetPanels => self.reset_panels = true,
            Action::Ask(dialog) => {
                self.path_note = PathNote::default();
                if dialog == Dialog::Script {
                    self.script = None;
                    self.ask(Ask::Script { project: self.project.clone() }, link);
                }
                self.dialog = Some(dialog);
            }
            Action::CloseDialog => {
                self.dialog = None;
                if self.quit == Quit::WhenSaved {
                    self.quit = Quit::No;
                }
            }
            Action::OpenFile(path) => self.send(Request::File(FileRequest::Open(path)), link),
            Action::Save => match self.project.path.clone() {
                Some(path) => self.save(path, link),
                None => self.apply(Action::Ask(Dialog::SaveAs), link),
            },
            Action::SaveAs(path) => self.save(path, link),
            Action::Browse { save } => self.send(Request::File(FileRequest::Browse { save }), link),
            Action::TakeChosen => self.path_note.chosen = None,
            Action::Recover(i) => {
                if i < self.recovered.len() {
                    let kept = self.recovered.remove(i);
                    let name = format!("Recover {}", kept.project.layout.title);
                    if self.change(name, Project::clone(&kept.project), false, link) {
                        self.send(Request::File(FileRequest::Drop(kept.file)), link);
                    }
                }
                self.dialog = None;
            }
            Action::DropRecovered(i) => {
                if i < self.recovered.len() {
                    let kept = self.recovered.remove(i);
                    self.send(Request::File(FileRequest::Drop(kept.file)), link);
                }
                if self.recovered.is_empty() {
                    self.dialog = None;
                }
            }
            Action::TrustAndBuild => {
                self.dialog = None;
                if let Err(why) = self.trust.add(&self.project) {
                    self.say("The project is trusted for this session only", why);
                }
                self.apply(Action::Build, link);
            }
            Action::Set(settings) => self.settings = *settings,
            Action::UseWork => match self.work_held() {
                Some(why) => self.say("The work folder stays as it is", why),
                None => self.to_work = Some(self.settings.work()).filter(|work| *work != self.work),
            },
            Action::Scale(by) => {
                let scale = self.settings.scale.saturating_add_signed(by);
                self.settings.scale = scale.clamp(*SCALES.start(), *SCALES.end());
            }
            Action::Replan => self.plan(link),
            Action::Log(action) => self.log_action(action, link),
            Action::Timeline(action) => self.timeline_action(action, link),
            Action::Artifacts(action) => self.artifacts_page.apply(action),
            Action::Kbuild(action) => self.kbuild_action(action, link),
            Action::Inside(action) => self.inside_action(action, link),
            Action::Built(action) => self.built_action(action, link),
            Action::Config(action) => self.config_action(action, link),
            Action::Problems(action) => self.problem_action(action, link),
            Action::Compare(action) => self.compare_action(action, link),
            Action::SetTheme(theme) => self.settings.theme = theme,
            Action::DismissMessage(id) => self.messages.retain(|m| m.id != id),
            Action::Quit => {
                if self.busy() || self.dirty() {
                    self.quit = Quit::Asking;
                } else {
                    // What was kept for after a crash may be older than the file that was saved just now.
                    self.send(Request::File(FileRequest::Forget), link);
                    self.quit = Quit::Leaving;
                }
            }
            Action::SaveAndQuit => {
                self.quit = Quit::WhenSaved;
                self.apply(Action::Save, link);
            }
            Action::QuitAnyway => {
                if self.run.busy() {
                    self.send(Request::Cancel, link);
                }
                self.problem_action(super::problems::ProblemAction::StopInstall, link);
                if self.boot.busy() {
                    self.send(Request::StopBoot, link);
                }
                // What is not saved is meant to be lost.
                self.send(Request::File(FileRequest::Forget), link);
                self.quit = Quit::Leaving;
            }
            Action::KeepWorking => self.quit = Quit::No,
        }
    }

    fn save(&mut self, path: PathBuf, link: &dyn EngineLink) {
        // A name that was typed may begin at the folder the program was started in; the file must be found again.
        let path = std::path::absolute(&path).unwrap_or(path);
        let mut project = Project::clone(&self.project);
        let before = project.path.replace(path.clone());
        self.send(Request::File(FileRequest::Save { project: Arc::new(project), path, before }), link);
    }

    /// Another project, with the one at hand kept for undo. False where it cannot be now.
    fn change(&mut self, name: String, project: Project, same_document: bool, link: &dyn EngineLink) -> bool {
        // The engine works on the project it was given; the boxes would show another one.
        if self.run.busy() && !same(&self.project, &project, &self.library) {
            self.say("The project cannot change while it is built", "Stop the build first, then change the project.");
            return false;
        }
        if project == *self.project {
            return true;
        }
        if same_document && self.trust.covers(&self.project) && !self.trust.covers(&project) {
            // The user's own work needs no question; where it cannot be noted, the next session asks.
            let _ = self.trust.add(&project);
        }
        self.history.record(name, self.project.clone(), same_document);
        self.set_project(Arc::new(project), link);
        true
    }

    fn set_project(&mut self, project: Arc<Project>, link: &dyn EngineLink) {
        let another = project.layout.name != self.project.layout.name;
        // Where a box stands changes nothing of what is built: the plan stays.
        let rebuilt = another || !same(&self.project, &project, &self.library);
        let before = std::mem::replace(&mut self.project, project.clone());
        self.compare_with_file();
        self.problems = project.problems(&self.library);
        self.preset = preset_of(&self.library, &project);
        self.refused = None;
        // What was refused before is of no interest once something was done.
        self.messages.retain(|m| m.title != REFUSED);
        if another {
            self.kbuild = Default::default();
            self.selection = None;
            self.run.artifacts.clear();
            if !self.boot.busy() {
                // What another image did says nothing of this one.
                self.boot.forget();
            }
        }
        self.selection = self.selection.take().and_then(|s| follow(&s, &before, &self.project));
        self.revision += 1;
        self.document.touched(Instant::now());
        self.compare_open_project(link);
        if rebuilt {
            self.run.forget_plan();
            self.plan(link);
            self.follow_config(link);
        }
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

    /// Asks what sessions left that ended badly.
    pub fn look_for_recovered(&mut self, link: &dyn EngineLink) {
        self.send(Request::File(FileRequest::Look), link);
    }

    /// Keeps what is not saved. Returns when to look again.
    pub fn keep(&mut self, now: Instant, link: &dyn EngineLink) -> Option<Duration> {
        let request = match self.keeping(now) {
            Keeping::Nothing => return None,
            Keeping::Later(left) => return Some(left),
            Keeping::Keep(project) => FileRequest::Keep(project),
            Keeping::Forget => FileRequest::Forget,
        };
        self.send(Request::File(request), link);
        None
    }

    pub(super) fn send(&mut self, request: Request, link: &dyn EngineLink) {
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
                self.kbuild_event(&event);
                self.kbuild_after(&event, link);
                let now = Instant::now();
                self.timeline.take(&event, self.run.busy(), now);
                if self.run.take(event, now) {
                    self.run_ended();
                    if let Some(last) = &self.run.last {
                        let folder = last.folder.clone();
                        self.read_finished_run(&folder, link);
                        self.config_after_run(link);
                    }
                    self.compare_again(link);
                }
            }
            Incoming::Boot(event) => {
                if let BootEvent::Trouble(why) = &event {
                    self.say("The machine did not do it", why);
                }
                let answers = self.boot.take(event);
                if !answers.is_empty() && self.boot.listens() {
                    self.send(Request::Type(answers), link);
                }
                if !self.boot.busy() {
                    self.compare_again(link);
                }
            }
            Incoming::File(event) => self.take_file(event, link),
            Incoming::Desk(news) => self.take_news(news, link),
            Incoming::Failed(why) => {
                self.run.phase = Phase::Idle;
                self.run.plan_error = Some(why.clone());
                self.say("The engine cannot work", why);
            }
        }
    }

    fn take_file(&mut self, event: FileEvent, link: &dyn EngineLink) {
        match event {
            FileEvent::Opened { path, result: Ok(project) } => {
                self.file_says(&path, project.clone());
                if self.change(format!("Open {}", path.display()), Project::clone(&project), false, link) {
                    self.front = Some(Tab::Diagram);
                    self.dialog = None;
                }
            }
            FileEvent::Opened { result: Err(why), .. } => {
                // Where the question is still on screen, the answer belongs beside it.
                if self.dialog == Some(Dialog::Open) {
                    self.path_note.trouble = why;
                } else {
                    self.say("The project was not opened", why);
                }
            }
            FileEvent::Saved { project, path, result: Ok(()) } => {
                // It may have been changed while it was written.
                let mut now = Project::clone(&self.project);
                now.path = Some(path.clone());
                let same = now == *project;
                self.project = if same { project.clone() } else { Arc::new(now) };
                self.file_says(&path, project);
                self.revision += 1;
                self.document.touched(Instant::now());
                self.toasts.add(format!("Saved to {}", path.display()));
                self.dialog = None;
                if self.quit == Quit::WhenSaved && same {
                    self.apply(Action::Quit, link);
                }
            }
            FileEvent::Saved { result: Err(why), path, .. } => {
                let (NotSaved::WouldReplace(why) | NotSaved::Failed(why)) = why;
                if self.quit == Quit::WhenSaved {
                    self.quit = Quit::No;
                }
                if self.dialog == Some(Dialog::SaveAs) {
                    self.path_note.trouble = why;
                } else {
                    self.say(&format!("{} was not saved", path.display()), why);
                }
            }
            FileEvent::Left(left) => {
                self.recovered = left;
                self.dialog.get_or_insert(Dialog::Recovery);
            }
            FileEvent::Chosen { path } => self.path_note.chosen = path,
            FileEvent::NotKept(why) => self.say("Unsaved changes are not kept for after a crash", why),
        }
    }

    fn run_ended(&mut self) {
        let failed: Vec<(String, String)> = self
            .run
            .steps
            .iter()
            .filter_map(|s| match &s.state {
                StepState::Failed(why) => {
                    let first = self.log.first_error(&s.id).map_or(String::new(), |l| format!("{}\n\n", l.text));
                    Some((format!("{}: the step {} failed", self.title_of(&s.id.component), s.id.step), format!("{first}{why}")))
                }
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

/// What was selected, as far as it is still there; a wire is the same one where it feeds the same need.
fn follow(selection: &Selection, before: &Project, now: &Project) -> Option<Selection> {
    let (components, wires) = selection.parts();
    let components = components.into_iter().filter(|id| now.layout.component(id).is_some()).collect();
    let again = |i: usize| {
        let to = &before.layout.wires.get(i)?.to;
        now.layout.wires.iter().position(|w| w.to == *to)
    };
    Selection::of(components, wires.into_iter().filter_map(again).collect())
}
