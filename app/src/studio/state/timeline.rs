//! The runs that the timeline page shows: the one going on, an earlier one, and one to compare with.

use super::State;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_build::timeline::{RunInfo, Timeline};
use bootwright_build::{Event, StepId};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Runs kept in memory beside the live one.
const KEPT: usize = 4;

#[derive(Clone, Debug, PartialEq)]
pub enum TimelineAction {
    /// Lists the runs of the work folder anew.
    Refresh,
    /// The run to show, by its name; none: the latest of this window.
    Show(Option<String>),
    Compare(Option<String>),
    /// Writes the run that is shown as Chrome trace JSON; none: the desktop's dialog asks where.
    Export(Option<String>),
}

#[derive(Default)]
pub struct TimelinePage {
    /// As the engine tells it. Its times are those of arrival here, which is up to a frame late; when the run has ended the
    /// journal's take their place.
    live: Timeline,
    start: Option<Instant>,
    dirty: bool,
    live_name: Option<String>,
    pub runs: Vec<RunInfo>,
    loaded: Vec<Arc<Timeline>>,
    pub show: Option<String>,
    pub compare: Option<String>,
}

impl TimelinePage {
    pub fn take(&mut self, event: &Event, building: bool, now: Instant) {
        if let Event::PlanReady { .. } = event {
            // A plan alone is no run.
            if !building {
                return;
            }
            (self.start, self.live_name, self.live) = (Some(now), None, Timeline::default());
            self.show = None;
        }
        let Some(start) = self.start else { return };
        if self.live_name.is_some() {
            return;
        }
        self.live.take((now - start).as_millis() as u64, event);
        self.dirty = true;
        if let Event::RunFinished { folder, .. } = event {
            self.live_name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
        }
    }

    /// Before a frame.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.dirty) {
            self.live.settle();
        }
    }

    fn find(&self, name: &str) -> Option<&Timeline> {
        self.loaded.iter().find(|t| t.name == name).map(Arc::as_ref)
    }

    /// What to show; none while it is read, or where nothing ran.
    pub fn shown(&self) -> Option<&Timeline> {
        match &self.show {
            Some(name) => self.find(name),
            None => match self.live_name.as_deref().and_then(|name| self.find(name)) {
                Some(exact) => Some(exact),
                None => Some(&self.live).filter(|t| !t.steps.is_empty()),
            },
        }
    }

    /// Whether what is shown still grows.
    pub fn is_live(&self) -> bool {
        self.show.is_none() && self.start.is_some() && self.live_name.is_none()
    }

    /// Milliseconds since the run began, while it goes on.
    pub fn now_ms(&self, now: Instant) -> Option<u64> {
        self.start.filter(|_| self.is_live()).map(|s| (now - s).as_millis() as u64)
    }

    pub fn compared(&self) -> Option<&Timeline> {
        self.compare.as_deref().and_then(|name| self.find(name))
    }

    pub fn loaded(&mut self, timeline: Arc<Timeline>) {
        self.loaded.retain(|t| t.name != timeline.name);
        self.loaded.push(timeline);
        let wanted = [self.show.clone(), self.compare.clone(), self.live_name.clone()];
        while self.loaded.len() > KEPT {
            let unwanted = self.loaded.iter().position(|t| !wanted.iter().flatten().any(|w| *w == t.name));
            self.loaded.remove(unwanted.unwrap_or(0));
        }
    }

    /// The newest run that wrote a log of this step. It may have been another project's; the log says what ran.
    pub fn folder_with_log(&self, step: &StepId) -> Option<PathBuf> {
        let name = format!("{}.{}", step.component, step.step);
        self.runs.iter().find(|r| r.logs.contains(&name)).map(|r| r.folder.clone())
    }

    /// The folder of a run in the list.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.runs.iter().find(|r| r.name == name).map(|r| r.folder.clone())
    }
}

impl State {
    pub fn timeline_action(&mut self, action: TimelineAction, link: &dyn EngineLink) {
        match action {
            TimelineAction::Refresh => self.ask(Ask::Runs, link),
            TimelineAction::Show(name) => {
                self.load_run(name.as_deref(), link);
                self.timeline.show = name;
            }
            TimelineAction::Compare(name) => {
                self.load_run(name.as_deref(), link);
                self.timeline.compare = name;
            }
            TimelineAction::Export(path) => {
                if let Some(shown) = self.timeline.shown() {
                    let timeline = Arc::new(shown.clone());
                    self.log_page.note = path.as_ref().map(|p| format!("writing {p}"));
                    self.ask(Ask::SaveTrace { path: path.map(Into::into), timeline }, link);
                }
            }
        }
    }

    /// Where this window has not built anything yet, the latest run of the project is shown, or of any.
    pub fn list_runs(&mut self, runs: Vec<RunInfo>, link: &dyn EngineLink) {
        let page = &mut self.timeline;
        page.runs = runs;
        if page.start.is_none() && page.show.is_none() {
            let ran = || page.runs.iter().filter(|r| !r.logs.is_empty());
            let latest = ran().find(|r| r.project == self.project.name()).or_else(|| ran().next());
            let latest = latest.map(|r| r.name.clone());
            self.timeline_action(TimelineAction::Show(latest), link);
        }
    }

    fn load_run(&mut self, name: Option<&str>, link: &dyn EngineLink) {
        if let Some(name) = name.filter(|n| self.timeline.find(n).is_none())
            && let Some(folder) = self.timeline.folder(name)
        {
            self.ask(Ask::LoadRun { folder }, link);
        }
    }
}
