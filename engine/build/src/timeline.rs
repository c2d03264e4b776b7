//! A run as bars over time: its steps, the objects inside them by job lane, the critical path, and what it took of the
//! machine. Made from events as they come, or from a journal; a journal may be old, cut short or hostile.

use crate::error::At;
use crate::event::{Event, ObjectTime, Outcome, PlannedStep, Reason, RunOutcome, StepId, Usage};
use crate::journal::{self, Faults};
use crate::{BuildError, Work};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// No run lasts longer; times beyond it are damage.
const LONGEST_MS: u64 = 90 * 24 * 3600 * 1000;
const MOST_STEPS: usize = 10_000;
const MOST_OBJECTS: usize = 500_000;
const MOST_SAMPLES: usize = 200_000;
/// Job lanes of one step; what finds none is left out.
const MOST_LANES: usize = 1024;

#[derive(Clone, Debug, Default, Serialize)]
pub struct Timeline {
    /// The run's folder name; empty while it runs.
    pub name: String,
    /// Seconds since 1970, where the name tells.
    pub started: Option<u64>,
    pub project: String,
    pub target: String,
    pub steps: Vec<Span>,
    pub samples: Vec<Sample>,
    pub outcome: Option<RunOutcome>,
    /// The end of what is known.
    pub end_ms: u64,
    pub faults: Faults,
    #[serde(skip)]
    index: HashMap<StepId, usize>,
    #[serde(skip)]
    objects: usize,
}

/// A step. One that was up to date has neither start nor end.
#[derive(Clone, Debug, Serialize)]
pub struct Span {
    pub id: StepId,
    pub start_ms: Option<u64>,
    /// None while it runs, and where the journal ends before.
    pub end_ms: Option<u64>,
    pub outcome: Option<Outcome>,
    pub cpu_seconds: Option<f64>,
    pub reasons: Vec<Reason>,
    pub after: Vec<StepId>,
    /// Had it been quicker, the run could have ended earlier.
    pub critical: bool,
    /// The row among the steps, so that bars in one row do not overlap.
    pub lane: usize,
    pub objects: Vec<Object>,
    /// How many lanes the objects need: jobs that worked on it at once.
    pub lanes: usize,
    #[serde(skip)]
    unsorted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Object {
    #[serde(flatten)]
    pub time: ObjectTime,
    pub lane: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sample {
    pub at_ms: u64,
    #[serde(flatten)]
    pub usage: Usage,
}

impl Span {
    pub fn seconds(&self, end_ms: u64) -> Option<f64> {
        Some(self.end_ms.unwrap_or(end_ms).saturating_sub(self.start_ms?) as f64 / 1e3)
    }
}

impl Timeline {
    /// What is not of interest here leaves no trace.
    pub fn take(&mut self, at_ms: u64, event: &Event) {
        if at_ms > LONGEST_MS {
            self.faults.skipped += 1;
            return;
        }
        match event {
            Event::PlanReady { project, target, steps } => {
                *self = Self { name: std::mem::take(&mut self.name), started: self.started, faults: self.faults, ..Self::default() };
                self.project.clone_from(project);
                self.target = target.to_string();
                for PlannedStep { id, after, .. } in steps {
                    if let Some(span) = self.span(id) {
                        span.after.clone_from(after);
                    }
                }
            }
            Event::StepStarted { step, reasons, .. } => {
                if let Some(span) = self.span(step) {
                    (span.start_ms, span.end_ms) = (Some(at_ms), None);
                    span.reasons.clone_from(reasons);
                }
            }
            Event::StepFinished { step, outcome, cpu_seconds, .. } => {
                if let Some(span) = self.span(step) {
                    span.end_ms = span.start_ms.map(|start| at_ms.max(start));
                    span.outcome = Some(outcome.clone());
                    span.cpu_seconds = cpu_seconds.filter(|s| s.is_finite() && *s >= 0.0);
                }
            }
            Event::Objects { step, objects } => {
                let room = MOST_OBJECTS.saturating_sub(self.objects);
                let fits = |o: &&ObjectTime| o.start_ms <= o.end_ms && o.end_ms <= LONGEST_MS;
                let new: Vec<Object> = objects.iter().filter(fits).take(room).map(|o| Object { time: o.clone(), lane: 0 }).collect();
                self.faults.skipped += (objects.len() - new.len()) as u64;
                self.objects += new.len();
                if let Some(span) = self.span(step) {
                    span.objects.extend(new);
                    span.unsorted = true;
                }
            }
            Event::Usage(usage) => {
                let sane = usage.cores.is_finite() && (0.0..1e6).contains(&usage.cores);
                if sane && self.samples.len() < MOST_SAMPLES && self.samples.last().is_none_or(|s| s.at_ms <= at_ms) {
                    self.samples.push(Sample { at_ms, usage: *usage });
                }
            }
            Event::RunFinished { outcome, .. } => self.outcome = Some(outcome.clone()),
            Event::PlanFailed { .. } | Event::Progress { .. } | Event::Log { .. } | Event::Note { .. } | Event::ArtifactReady { .. } => {}
        }
        self.end_ms = self.end_ms.max(at_ms);
    }

    fn span(&mut self, id: &StepId) -> Option<&mut Span> {
        let next = self.steps.len();
        if let Some(i) = self.index.get(id) {
            return self.steps.get_mut(*i);
        }
        if next >= MOST_STEPS {
            self.faults.skipped += 1;
            return None;
        }
        self.index.insert(id.clone(), next);
        self.steps.push(Span {
            id: id.clone(),
            start_ms: None,
            end_ms: None,
            outcome: None,
            cpu_seconds: None,
            reasons: Vec::new(),
            after: Vec::new(),
            critical: false,
            lane: 0,
            objects: Vec::new(),
            lanes: 0,
            unsorted: false,
        });
        self.steps.last_mut()
    }

    pub fn step(&self, id: &StepId) -> Option<&Span> {
        self.index.get(id).and_then(|i| self.steps.get(*i))
    }

    /// The steps that ran, in the order in which they started.
    pub fn ran(&self) -> Vec<&Span> {
        let mut ran: Vec<&Span> = self.steps.iter().filter(|s| s.start_ms.is_some()).collect();
        ran.sort_by_key(|s| (s.start_ms, s.end_ms));
        ran
    }

    /// Marks the critical path and gives each step its row, each object its lane. For when something changed and before it
    /// is shown.
    pub fn settle(&mut self) {
        let end_ms = self.end_ms;
        let times = self.steps.iter().map(|s| (s.start_ms, s.end_ms.unwrap_or(end_ms)));
        let mut order: Vec<(usize, u64, u64)> = times.enumerate().filter_map(|(i, (a, b))| Some((i, a?, b))).collect();
        order.sort_by_key(|(_, start, end)| (*start, *end));
        let mut free = Vec::new();
        for (i, start, end) in &order {
            self.steps[*i].lane = lane(&mut free, *start, *end, MOST_STEPS).unwrap_or(0);
        }
        for span in &mut self.steps {
            span.critical = false;
            if std::mem::take(&mut span.unsorted) {
                self.faults.skipped += assign_lanes(span);
            }
        }
        // Backwards from the step that ended last: what it waited for longest is what held it up.
        let mut at = order.iter().max_by_key(|(i, _, end)| (*end, *i)).map(|(i, ..)| *i);
        while let Some(i) = at {
            if std::mem::replace(&mut self.steps[i].critical, true) {
                break; // hostile: a circle
            }
            at = self.held_up_by(i);
        }
    }

    fn held_up_by(&self, step: usize) -> Option<usize> {
        let mut open: Vec<usize> = self.steps[step].after.iter().filter_map(|id| self.index.get(id).copied()).collect();
        let mut seen = vec![false; self.steps.len()];
        let mut best: Option<(u64, usize)> = None;
        while let Some(i) = open.pop() {
            if std::mem::replace(&mut seen[i], true) {
                continue;
            }
            match (self.steps[i].start_ms, self.steps[i].end_ms) {
                (Some(_), Some(end)) => best = best.max(Some((end, i))),
                (Some(_), None) => {}
                // It was up to date; what that stood on may have run all the same.
                (None, _) => open.extend(self.steps[i].after.iter().filter_map(|id| self.index.get(id).copied())),
            }
        }
        best.map(|(_, i)| i)
    }
}

/// The first lane that is free at `start`; none where `most` are in use.
fn lane(free: &mut Vec<u64>, start: u64, end: u64, most: usize) -> Option<usize> {
    let i = free.iter().position(|until| *until <= start).unwrap_or(free.len());
    if i >= most {
        return None;
    }
    if i == free.len() {
        free.push(end);
    } else {
        free[i] = end;
    }
    Some(i)
}

/// Gives how many objects found no lane and were dropped.
fn assign_lanes(span: &mut Span) -> u64 {
    span.objects.sort_by_key(|o| (o.time.start_ms, o.time.end_ms));
    let before = span.objects.len();
    let mut free = Vec::new();
    span.objects.retain_mut(|o| {
        let found = lane(&mut free, o.time.start_ms, o.time.end_ms, MOST_LANES);
        o.lane = found.unwrap_or(0);
        found.is_some()
    });
    span.lanes = free.len();
    (before - span.objects.len()) as u64
}

/// The timeline of a journal, or of the journal in a run's folder.
pub fn load(path: &Path) -> Result<Timeline, BuildError> {
    let file = if path.is_dir() { path.join("journal.ron") } else { path.to_path_buf() };
    let folder = file.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut t = Timeline { started: started(&folder), name: folder, ..Timeline::default() };
    let faults = journal::read_what_is_there(&file, &mut |entry| t.take(entry.at_ms, &entry.event))?;
    t.faults.skipped += faults.skipped;
    t.faults.too_long = faults.too_long;
    t.settle();
    Ok(t)
}

/// A run's folder is called after the second and nanosecond it began.
fn started(name: &str) -> Option<u64> {
    name.split_once('-')?.0.parse().ok()
}

/// One run of a work folder, for a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunInfo {
    pub name: String,
    pub folder: PathBuf,
    pub started: Option<u64>,
    pub project: String,
    /// None where the journal does not say how it ended: it runs, or was killed.
    pub outcome: Option<RunOutcome>,
    pub seconds: Option<f64>,
    /// Steps that left a log, as `component.step`.
    pub logs: Vec<String>,
}

/// The runs of a work folder, the newest first, at most `most`. What cannot be read is left out.
pub fn runs(work: &Work, most: usize) -> Result<Vec<RunInfo>, BuildError> {
    let folder = work.runs();
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&folder).at("read", &folder)?.flatten();
    let mut names: Vec<String> = entries.filter_map(|e| e.file_name().into_string().ok()).filter(|n| started(n).is_some()).collect();
    names.sort_by(|a, b| b.cmp(a));
    Ok(names.into_iter().filter_map(|name| run_info(&folder.join(&name), name)).take(most).collect())
}

fn run_info(folder: &Path, name: String) -> Option<RunInfo> {
    let mut file = std::fs::File::open(folder.join("journal.ron")).ok()?;
    let parse = |line: &str| ron::Options::default().with_recursion_limit(64).from_str::<journal::Entry>(line).ok();
    let mut first = String::new();
    BufReader::new((&mut file).take(4 << 20)).read_line(&mut first).ok()?;
    let project = match parse(&first)?.event {
        Event::PlanReady { project, .. } => project,
        _ => return None,
    };
    // The last line holds an error's text at most.
    let from = file.metadata().ok()?.len().saturating_sub(64 << 10);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut tail = Vec::new();
    file.take(64 << 10).read_to_end(&mut tail).ok()?;
    let tail = String::from_utf8_lossy(&tail);
    let (outcome, seconds) = match tail.lines().next_back().and_then(parse).map(|e| e.event) {
        Some(Event::RunFinished { outcome, seconds, .. }) => (Some(outcome), Some(seconds).filter(|s| s.is_finite())),
        _ => (None, None),
    };
    let names = std::fs::read_dir(folder).ok()?.flatten().filter_map(|e| e.file_name().into_string().ok());
    let mut logs: Vec<String> = names.filter_map(|n| n.strip_suffix(".log").map(str::to_owned)).collect();
    logs.sort();
    Some(RunInfo { logs, started: started(&name), name, folder: folder.to_path_buf(), project, outcome, seconds })
}

/// Of two runs: how much longer each step took in the later one, in seconds, where it ran in both.
pub fn differences(now: &Timeline, before: &Timeline) -> BTreeMap<StepId, f64> {
    let took = |t: &Timeline, id: &StepId| t.step(id).and_then(|s| s.seconds(t.end_ms));
    now.steps.iter().filter_map(|s| Some((s.id.clone(), took(now, &s.id)? - took(before, &s.id)?))).collect()
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
