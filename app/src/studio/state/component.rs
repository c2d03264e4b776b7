//! The state of a box, worked out from the states of its steps.

use super::progress::{Progress, Run, StepState, StepView};
use bootwright_build::{Reason, Status, Unit};
use bootwright_model::{ComponentId, Place};
use std::time::Instant;

/// In the order in which one of them speaks for the whole component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoxState {
    /// A part of the host: there is nothing to build.
    Host,
    /// There is no plan (yet), so nothing is known.
    Unknown,
    /// The target needs none of its steps.
    NotNeeded,
    /// All its results are in the store.
    UpToDate,
    /// A step of it ran in this run and none is left to do.
    Done,
    /// It was built before, and something it depends on has changed since.
    OutOfDate,
    NotBuilt,
    /// A run is going on and has yet to come to it, or to its next step.
    Queued,
    Running,
    Cancelled,
    Failed,
}

impl BoxState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "from the host",
            Self::Unknown => "no plan yet",
            Self::NotNeeded => "not needed",
            Self::UpToDate => "up to date",
            Self::Done => "done",
            Self::OutOfDate => "out of date",
            Self::NotBuilt => "not built",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// What a box says about its component.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub state: BoxState,
    /// The step that runs, or that failed.
    pub step: Option<String>,
    pub progress: Option<Progress>,
    /// Since when its running step runs.
    pub since: Option<Instant>,
    /// Seconds that its finished steps took in this run.
    pub took: Option<f64>,
}

pub fn summary(run: &Run, id: &ComponentId, place: Place) -> Summary {
    summary_of(run.steps_of(id), run.busy(), place)
}

/// The same for who has the component's steps at hand.
pub fn summary_of<'a>(steps: impl Iterator<Item = &'a StepView>, busy: bool, place: Place) -> Summary {
    let mut sum = Summary { state: BoxState::Unknown, step: None, progress: None, since: None, took: None };
    if place == Place::Host {
        sum.state = BoxState::Host;
        return sum;
    }
    let mut any_left = false;
    let (mut ever_built, mut any_never) = (false, false);
    for step in steps {
        let state = match &step.state {
            StepState::Failed(_) => BoxState::Failed,
            StepState::Cancelled => BoxState::Cancelled,
            StepState::Running { since } => {
                sum.since = Some(*since);
                sum.progress = step.progress;
                BoxState::Running
            }
            StepState::Done => BoxState::Done,
            StepState::UpToDate => BoxState::UpToDate,
            StepState::Planned => match &step.status {
                Status::UpToDate => BoxState::UpToDate,
                Status::NotNeeded => BoxState::NotNeeded,
                Status::WillRun(reasons) => {
                    any_left = true;
                    any_never |= reasons.contains(&Reason::NeverBuilt);
                    ever_built |= !reasons.contains(&Reason::NeverBuilt);
                    BoxState::OutOfDate
                }
                Status::Waits(_) => {
                    any_left = true;
                    BoxState::OutOfDate
                }
            },
        };
        if let Some(seconds) = step.seconds {
            sum.took = Some(sum.took.unwrap_or(0.0) + seconds);
        }
        if matches!(state, BoxState::Running | BoxState::Failed) && state >= sum.state {
            sum.step = Some(step.id.step.clone());
        }
        sum.state = sum.state.max(state);
    }
    if any_left && sum.state < BoxState::Running {
        let stopped = sum.state == BoxState::Cancelled;
        sum.state = match (busy, stopped) {
            (true, _) => BoxState::Queued,
            (false, true) => BoxState::Cancelled,
            // Steps that wait only know that something before them runs; one that was never built decides.
            (false, false) if any_never || !ever_built => BoxState::NotBuilt,
            (false, false) => BoxState::OutOfDate,
        };
    }
    sum
}

/// `312/640 objects`, `1.2/130 MB`.
pub fn progress_words(p: &Progress) -> String {
    match p.unit {
        Unit::Objects => match p.total {
            Some(total) => format!("{}/{total} objects", p.done),
            None => format!("{} objects", p.done),
        },
        Unit::Bytes => match p.total {
            Some(total) => format!("{} of {}", bytes(p.done), bytes(total)),
            None => bytes(p.done),
        },
    }
}

/// Bytes for people, in decimal units as file managers and `ls --si` show them.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}

/// `1 step`, `7 steps`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `0.4 s`, `43 s`, `5:18 min`, `1:02:40 h`.
pub fn duration(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    elapsed(seconds.round() as u64)
}

/// The same in whole seconds, for clocks that run.
pub fn elapsed(s: u64) -> String {
    match s {
        0..60 => format!("{s} s"),
        60..3600 => format!("{}:{:02} min", s / 60, s % 60),
        _ => format!("{}:{:02}:{:02} h", s / 3600, s / 60 % 60, s % 60),
    }
}

/// A rounded time for an estimate: `about 6 min`.
pub fn about(seconds: f64) -> String {
    match seconds {
        s if s < 5.0 => "a few seconds".into(),
        s if s < 55.0 => format!("about {} s", (s / 5.0).round() as u64 * 5),
        s if s < 5400.0 => format!("about {} min", (s / 60.0).round().max(1.0) as u64),
        s => format!("about {:.1} h", s / 3600.0),
    }
}
