//! What is known of a project's results without building or booting anything: how large they are, and how long the runs
//! took that made them. Everything here was measured; what was not is left out.

use crate::event::{Outcome, Reason, Status, StepId};
use crate::graph::WorkKind;
use crate::timeline::{self, RunInfo, Timeline};
use crate::{BuildError, Planner, Request, Work, plan};
use bootwright_model::{ComponentId, Kind, Library, Project};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Runs whose journals are asked, the newest first.
const RUNS: usize = 500;
/// A file's time may be a little before the moment that a program reads from the clock, in seconds.
const SLACK: u64 = 2;
/// So many runs may begin within that time.
const RUNS_IN_SLACK: usize = 8;
/// Between a step's record on the disk and the journal's word that it ended, in seconds.
const APART: u64 = 60;

#[derive(Clone, Debug, Serialize)]
pub struct Results {
    pub standing: Standing,
    /// What lies in the store under the keys that the project has now.
    pub outputs: Vec<MadeOutput>,
    /// The steps that left it, each with the run in which it ran.
    pub times: Vec<StepTime>,
    /// Components of which a step's run is not known any more, or that are not built.
    pub untimed: Vec<ComponentId>,
}

/// Whether a project is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Standing {
    /// Every result is in the store, for the project as it is now.
    Built,
    /// It was never built here: this step is the first that would run.
    NeverBuilt(StepId),
    /// It was, and would not come out the same now.
    OutOfDate(StepId),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MadeOutput {
    pub component: ComponentId,
    pub output: String,
    pub kind: Kind,
    /// In bytes; of a folder, of all files in it.
    pub size: u64,
    pub files: u64,
    pub hash: String,
    pub path: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepTime {
    pub step: StepId,
    /// By the run's journal.
    pub seconds: f64,
    pub cpu_seconds: Option<f64>,
    /// The run's name, its project, and when it began, in seconds since 1970.
    pub run: String,
    pub project: String,
    pub started: u64,
    /// The key: two projects with the same one share the result.
    pub key: String,
}

/// Looks up what a project's results are like. Reads the store and the journals of the work folder.
///
/// # Errors
/// Where the project cannot be planned on this host, or the work folder cannot be read.
pub fn results(project: &Project, library: &Library, work: &Work) -> Result<Results, BuildError> {
    let planner = plan(&Request { project, library, target: None, means: None, work })?;
    let mut journals = Journals { runs: timeline::runs(work, RUNS)?, read: BTreeMap::new() };
    let (mut outputs, mut times, mut untimed) = (Vec::new(), Vec::new(), Vec::new());
    for (i, node) in planner.graph.nodes.iter().enumerate() {
        let WorkKind::Make(make) = &node.work else { continue };
        let component = &node.id.component;
        let Some(known) = planner.known(i).filter(|_| planner.status(i) == Status::UpToDate) else {
            untimed.push(component.clone());
            continue;
        };
        for o in make.outputs.iter().filter(|o| !o.live) {
            if let (Some(a), Some(path)) = (known.outputs.get(&o.id).filter(|a| a.files > 0), planner.output_path(i, &o.id)) {
                let (component, output) = (component.clone(), o.id.clone());
                outputs.push(MadeOutput { component, output, kind: o.kind, size: a.size, files: a.files, hash: a.hash.clone(), path });
            }
        }
        match journals.time(&node.id, &known.key, &planner) {
            Some(time) => times.push(time),
            None => untimed.push(component.clone()),
        }
    }
    untimed.sort();
    untimed.dedup();
    Ok(Results { standing: standing(&planner), outputs, times, untimed })
}

fn standing(planner: &Planner) -> Standing {
    let steps = planner.steps();
    let will = |s: &&crate::PlannedStep| matches!(s.status, Status::WillRun(_) | Status::Waits(_));
    let Some(first) = steps.iter().find(will) else { return Standing::Built };
    let before = |s: &crate::PlannedStep| match &s.status {
        Status::WillRun(reasons) => reasons.iter().any(|r| !matches!(r, Reason::NeverBuilt | Reason::NotHere)),
        _ => false,
    };
    if steps.iter().any(before) { Standing::OutOfDate(first.id.clone()) } else { Standing::NeverBuilt(first.id.clone()) }
}

/// The runs of a work folder, their journals read as far as somebody asks.
struct Journals {
    runs: Vec<RunInfo>,
    read: BTreeMap<String, Option<Timeline>>,
}

impl Journals {
    /// What a step took in the run that wrote its record: the one that was going on at that time, and says that the step
    /// was done in it.
    fn time(&mut self, step: &StepId, key: &str, planner: &Planner) -> Option<StepTime> {
        let made = planner.store.made(key)?;
        // One run at a time holds the work folder, so it is the newest that had begun by then; but a run may follow another
        // within the second.
        let begun = self.runs.iter().filter(|r| r.started.is_some_and(|start| start <= made + SLACK)).take(RUNS_IN_SLACK);
        begun.cloned().collect::<Vec<_>>().into_iter().find_map(|run| {
            let timeline = self.read.entry(run.name.clone()).or_insert_with(|| timeline::load(&run.folder).ok());
            let span = timeline.as_ref()?.step(step).filter(|s| s.outcome == Some(Outcome::Done))?;
            let started = run.started?;
            // Had it run again later, or been copied from elsewhere, the times would not meet.
            if (started + span.end_ms? / 1000).abs_diff(made) > APART {
                return None;
            }
            let seconds = span.end_ms?.checked_sub(span.start_ms?)? as f64 / 1e3;
            Some(StepTime {
                step: step.clone(),
                seconds,
                cpu_seconds: span.cpu_seconds,
                run: run.name,
                project: run.project,
                started,
                key: key.to_owned(),
            })
        })
    }
}
