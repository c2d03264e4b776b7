//! What the engine said about the plan and the run, step by step; the panels read it.

use bootwright_build::store::Artifact;
use bootwright_build::{Event, Outcome, PlannedStep, Reason, RunOutcome, Status, StepId, Stored, Unit};
use bootwright_model::{ComponentId, StepKind};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Instant;

/// What the engine is busy with, as far as the window knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Nothing was asked, or all was answered.
    Idle,
    /// A plan was asked for and is not here yet.
    Planning,
    /// A build was asked for and has not said that it ended.
    Building { since: Instant },
    /// The build was told to stop and still ends its processes.
    Stopping { since: Instant },
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// No run has come to it since the plan was made; the plan says what will become of it.
    Planned,
    Running {
        since: Instant,
    },
    Done,
    UpToDate,
    /// The whole message.
    Failed(String),
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    pub done: u64,
    pub total: Option<u64>,
    pub unit: Unit,
}

impl Progress {
    /// 0 to 1, where the total is known.
    pub fn share(&self) -> Option<f32> {
        let total = self.total.filter(|t| *t > 0)?;
        Some((self.done as f32 / total as f32).clamp(0.0, 1.0))
    }
}

#[derive(Clone, Debug)]
pub struct StepView {
    pub id: StepId,
    pub explain: String,
    pub status: Status,
    pub seconds_before: Option<f64>,
    /// Of a step that fetches a source: which version is locked.
    pub version: Option<String>,
    pub state: StepState,
    /// What it took in this run.
    pub seconds: Option<f64>,
    pub cpu_seconds: Option<f64>,
    pub progress: Option<Progress>,
    /// Filled in when it starts.
    pub reasons: Vec<Reason>,
    pub commands: Vec<Vec<String>>,
    pub notes: Vec<String>,
}

impl StepView {
    fn new(step: PlannedStep) -> Self {
        let PlannedStep { id, explain, status, seconds_before, version, kind: _, after: _, outputs: _ } = step;
        Self {
            id,
            explain,
            status,
            seconds_before,
            version,
            state: StepState::Planned,
            seconds: None,
            cpu_seconds: None,
            progress: None,
            reasons: Vec::new(),
            commands: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether the run has work to do here, as far as is known now.
    pub fn has_to_run(&self) -> bool {
        match self.state {
            StepState::Planned => matches!(self.status, Status::WillRun(_) | Status::Waits(_)),
            StepState::Done | StepState::Running { .. } | StepState::Failed(_) | StepState::Cancelled => true,
            StepState::UpToDate => false,
        }
    }
}

#[derive(Clone, Debug)]
pub struct ArtifactRow {
    pub step: StepId,
    pub output: String,
    pub artifact: Artifact,
    pub path: PathBuf,
}

fn stored(step: &PlannedStep) -> impl Iterator<Item = ArtifactRow> {
    let row = |(output, s): (&String, &Stored)| ArtifactRow {
        step: step.id.clone(),
        output: output.clone(),
        artifact: s.artifact.clone(),
        path: s.path.clone(),
    };
    step.outputs.iter().map(row)
}

/// How the last run ended.
#[derive(Clone, Debug, PartialEq)]
pub struct LastRun {
    pub outcome: RunOutcome,
    pub seconds: f64,
    pub folder: PathBuf,
}

#[derive(Debug)]
pub struct Run {
    pub phase: Phase,
    /// As the engine planned them.
    pub planned: Vec<PlannedStep>,
    /// What became of them; a step that the plan did not name comes after the others.
    pub steps: Vec<StepView>,
    index: HashMap<StepId, usize>,
    pub artifacts: Vec<ArtifactRow>,
    pub last: Option<LastRun>,
    /// There is no plan; why.
    pub plan_error: Option<String>,
    /// Counts what changes the look of the diagram or of the plan.
    pub revision: u64,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            planned: Vec::new(),
            steps: Vec::new(),
            index: HashMap::new(),
            artifacts: Vec::new(),
            last: None,
            plan_error: None,
            revision: 0,
        }
    }
}

impl Run {
    pub fn busy(&self) -> bool {
        matches!(self.phase, Phase::Building { .. } | Phase::Stopping { .. })
    }

    pub fn step(&self, id: &StepId) -> Option<&StepView> {
        self.index.get(id).map(|i| &self.steps[*i])
    }

    /// The steps of a component, in the order of the plan.
    pub fn steps_of<'a>(&'a self, component: &'a ComponentId) -> impl Iterator<Item = &'a StepView> {
        self.steps.iter().filter(move |s| s.id.component == *component)
    }

    fn step_mut(&mut self, id: &StepId) -> &mut StepView {
        // A step the plan did not name still shows what it does: the window must not know better than the engine.
        let next = self.steps.len();
        let i = *self.index.entry(id.clone()).or_insert(next);
        if i == next {
            self.steps.push(StepView::new(PlannedStep {
                id: id.clone(),
                kind: StepKind::Assemble,
                explain: String::new(),
                after: Vec::new(),
                status: Status::WillRun(Vec::new()),
                seconds_before: None,
                version: None,
                outputs: BTreeMap::new(),
            }));
        }
        &mut self.steps[i]
    }

    /// Takes in everything but log lines. True where the run has just ended.
    pub fn take(&mut self, event: Event, now: Instant) -> bool {
        self.revision += 1;
        match event {
            Event::PlanReady { steps, .. } => {
                self.plan_error = None;
                self.artifacts = steps.iter().flat_map(stored).collect();
                self.steps = steps.iter().cloned().map(StepView::new).collect();
                self.planned = steps;
                self.index = self.steps.iter().enumerate().map(|(i, s)| (s.id.clone(), i)).collect();
                if self.phase == Phase::Planning {
                    self.phase = Phase::Idle;
                }
            }
            Event::PlanFailed { reason, .. } => {
                self.plan_error = Some(reason);
                if self.phase == Phase::Planning {
                    self.phase = Phase::Idle;
                }
            }
            Event::StepStarted { step, reasons, commands } => {
                let view = self.step_mut(&step);
                view.state = StepState::Running { since: now };
                view.reasons = reasons;
                view.commands = commands;
                view.progress = None;
            }
            Event::Progress { step, done, total, unit } => {
                self.step_mut(&step).progress = Some(Progress { done, total, unit });
            }
            Event::Log { .. } | Event::Objects { .. } | Event::Usage(_) => {}
            Event::Note { step, text } => self.step_mut(&step).notes.push(text),
            Event::ArtifactReady { step, output, artifact, path } => {
                let row = ArtifactRow { step, output, artifact, path };
                match self.artifacts.iter_mut().find(|a| a.step == row.step && a.output == row.output) {
                    Some(old) => *old = row,
                    None => self.artifacts.push(row),
                }
            }
            Event::StepFinished { step, outcome, seconds, cpu_seconds } => {
                let view = self.step_mut(&step);
                view.state = match outcome {
                    Outcome::Done => StepState::Done,
                    Outcome::UpToDate => StepState::UpToDate,
                    Outcome::Failed(message) => StepState::Failed(message),
                    Outcome::Cancelled => StepState::Cancelled,
                };
                view.seconds = seconds;
                view.cpu_seconds = cpu_seconds;
            }
            Event::RunFinished { outcome, seconds, folder } => {
                // What still ran when the run ended did not end by itself.
                for step in self.steps.iter_mut().filter(|s| matches!(s.state, StepState::Running { .. })) {
                    step.state = StepState::Cancelled;
                }
                self.last = Some(LastRun { outcome, seconds, folder });
                self.phase = Phase::Idle;
                return true;
            }
        }
        false
    }

    /// Forgets the plan, because the project is another one now.
    pub fn forget_plan(&mut self) {
        self.planned.clear();
        self.steps.clear();
        self.index.clear();
        self.plan_error = None;
        self.last = None;
        self.revision += 1;
    }
}
