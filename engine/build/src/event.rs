//! What the engine says while it works; the window, the command line and the journal listen.

use crate::store::Artifact;
use bootwright_model::{ComponentId, StepKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// One step of one component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepId {
    pub component: ComponentId,
    pub step: String,
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.component, self.step)
    }
}

/// Whether a step will run. Worked out before a run, and again for each step when what it waits for is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// Its result is in the store under the key it has now.
    UpToDate,
    /// It has to run.
    WillRun(Vec<Reason>),
    /// Its key depends on what this other step leaves, so nobody can know yet.
    Waits(StepId),
    /// Nothing that has to run needs it: a source of which the result is there.
    NotNeeded,
}

impl Status {
    /// How much of a whole build the step has to do, from 0 to 1.
    pub fn share(&self) -> f64 {
        let Self::WillRun(reasons) = self else { return 1.0 };
        let found =
            reasons.iter().find_map(|r| if let Reason::Make { again, unknown, of } = r { Some((again + unknown, of)) } else { None });
        found.map_or(1.0, |(again, of)| again as f64 / (*of).max(1) as f64)
    }
}

/// Why a step runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// There is no result of it on this work folder.
    NeverBuilt,
    /// An input, a tool, a symbol, an option or a word of a command differs from the last time.
    Changed { what: String, old: Option<String>, new: Option<String> },
    /// A source that is not on this machine, or not unpacked.
    NotHere,
    /// Its result is in the store, but a step that must run works in the folder it leaves, which is not there any more.
    FolderGone,
    /// The result was in the store and is missing or damaged.
    ResultGone,
    /// Its tree is here, and this is what make would find to do in it.
    Make { again: usize, unknown: usize, of: usize },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverBuilt => write!(f, "never built here"),
            Self::Changed { what, old: Some(old), new: Some(new) } => write!(f, "{what}: {old} became {new}"),
            Self::Changed { what, old: None, new: Some(new) } => write!(f, "{what} is new: {new}"),
            Self::Changed { what, old: Some(old), new: None } => write!(f, "{what} is gone (was {old})"),
            Self::Changed { what, .. } => write!(f, "{what} changed"),
            Self::NotHere => write!(f, "not here yet"),
            Self::FolderGone => write!(f, "the work folder it leaves is gone, and a later step needs it"),
            Self::ResultGone => write!(f, "its result is missing from the store"),
            Self::Make { again: 0, unknown: 0, of } => {
                write!(f, "make need not be started: all {of} targets of its tree are up to date")
            }
            Self::Make { again, unknown, of } => {
                write!(f, "make would build {again} of {of} targets of its tree again")?;
                if *unknown > 0 { write!(f, ", and {unknown} perhaps") } else { Ok(()) }
            }
        }
    }
}

/// A step as the plan shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    pub id: StepId,
    pub kind: StepKind,
    pub explain: String,
    /// Steps that must be finished before it.
    pub after: Vec<StepId>,
    pub status: Status,
    /// What it took the last time on this work folder, in seconds, or the part of it that make has to do again; none: not known.
    pub seconds_before: Option<f64>,
    /// Of a step that fetches a source: which version the lock file names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What an up-to-date step left in the store, by the output's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Stored>,
}

/// An artifact and where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    pub artifact: Artifact,
    pub path: PathBuf,
}

/// One thing that a build inside a step made: its name as the build printed it, and from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectTime {
    pub name: String,
    /// Milliseconds since the start of the run.
    pub start_ms: u64,
    pub end_ms: u64,
    /// Why it was made, in Kbuild's words (its V=2): `target missing`, `command line change`, names of files that were newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Processors that were busy with it, on average since the sample before.
    pub cores: f64,
    /// Resident bytes of all its processes; a page that several share counts in each.
    pub memory: u64,
    pub processes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    Objects,
    Bytes,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It ran and left its results.
    Done,
    /// There was nothing to do.
    UpToDate,
    /// It ran and failed. The message names the command and holds the last lines of its log.
    Failed(String),
    /// It was stopped.
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RunOutcome {
    Done,
    Failed(String),
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    PlanReady {
        project: String,
        target: ComponentId,
        steps: Vec<PlannedStep>,
    },
    /// The project cannot be planned: what is wrong with it or with the host.
    PlanFailed {
        project: String,
        reason: String,
    },
    StepStarted {
        step: StepId,
        reasons: Vec<Reason>,
        /// The commands, for people to read, with every placeholder filled in.
        commands: Vec<Vec<String>>,
    },
    Progress {
        step: StepId,
        done: u64,
        /// How many in all; for objects this is what an earlier run counted, or for a first run what the makefiles say.
        total: Option<u64>,
        unit: Unit,
    },
    /// What was made inside a step, measured; the times are those of the journal. See `objects` for how.
    Objects {
        step: StepId,
        objects: Vec<ObjectTime>,
    },
    /// What the processes of the build take at this moment. See `usage` for how it is measured.
    Usage(Usage),
    /// A batch of output lines. `left_out` lines before them did not fit through the channel; the step's log file has them.
    Log {
        step: StepId,
        lines: Vec<String>,
        left_out: u64,
    },
    /// A word on what is going on that is no output of a command, such as a source that could not be reached.
    Note {
        step: StepId,
        text: String,
    },
    ArtifactReady {
        step: StepId,
        output: String,
        artifact: Artifact,
        path: PathBuf,
    },
    /// Seconds are none where nothing ran.
    StepFinished {
        step: StepId,
        outcome: Outcome,
        seconds: Option<f64>,
        cpu_seconds: Option<f64>,
    },
    RunFinished {
        outcome: RunOutcome,
        seconds: f64,
        /// The folder with the journal and the logs.
        folder: PathBuf,
    },
}
