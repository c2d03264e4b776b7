//! One run: steps that can run do, side by side, until the target is there or something fails.

use crate::engine::Waker;
use crate::event::{Event, Outcome, Reason, RunOutcome, Status, Stored, Unit};
use crate::graph::{Graph, NodeIndex, WorkKind};
use crate::guard::Guard;
use crate::journal::Sink;
use crate::plan::{Known, Planner};
use crate::sources::{self, Source};
use crate::step::{Job, Shared};
use crate::{BuildError, Work};
use bootwright_model::{ComponentId, Library, Project, StepKind};
use crossbeam_channel::Sender;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// How this user and this machine build, whatever the project is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Means {
    /// Jobs of all compilers together; none: the project's, or one a processor.
    pub jobs: Option<u32>,
    /// Addresses of folders that are asked for an archive by its name, before the recipe's own address. They need no trust: the
    /// hash is pinned.
    pub mirrors: Vec<String>,
}

/// What is asked for.
pub struct Request<'a> {
    pub project: &'a Project,
    pub library: &'a Library,
    pub target: Option<&'a ComponentId>,
    /// None: those of `Means::default`.
    pub means: Option<&'a Means>,
    pub work: &'a Work,
}

/// What came back from a step's thread.
struct Finished {
    node: NodeIndex,
    result: Result<Known, BuildError>,
    seconds: f64,
    cpu_seconds: Option<f64>,
    log: (std::path::PathBuf, Vec<String>),
}

/// A plan without a run.
pub fn plan(request: &Request) -> Result<Planner, BuildError> {
    let lock = sources::load_lock(request.project.path.as_deref(), request.work)?;
    let mut planner = Planner::new(request.project, request.library, request.target, request.work, lock)?;
    check_host(&planner.graph)?;
    planner.walk()?;
    planner.tools.save()?;
    Ok(planner)
}

fn check_host(graph: &Graph) -> Result<(), BuildError> {
    if graph.missing.is_empty() {
        return Ok(());
    }
    let name = |m: &crate::host::Missing| match &m.package {
        Some(p) => format!("{} (package {p}, for {})", m.what, m.component),
        None => format!("{} (for {})", m.what, m.component),
    };
    Err(BuildError::MissingTools(graph.missing.iter().map(name).collect()))
}

/// Runs until done. `started` is given what is shared as soon as it can be cancelled. Every outcome is an event too.
pub fn run(request: &Request, channel: &Sender<Event>, waker: Option<Waker>, started: &dyn Fn(Arc<Shared>)) -> RunOutcome {
    let start = Instant::now();
    let folder = request.work.runs().join(run_name());
    let fail = |e: BuildError| {
        let outcome = RunOutcome::Failed(e.to_string());
        let _ =
            channel.send(Event::RunFinished { outcome: outcome.clone(), seconds: start.elapsed().as_secs_f64(), folder: folder.clone() });
        if let Some(waker) = &waker {
            waker();
        }
        outcome
    };
    let _lock = match request.work.lock() {
        Ok(lock) => lock,
        Err(e) => return fail(e),
    };
    let planner = match plan(request) {
        Ok(p) => p,
        Err(e) => return fail(e),
    };
    let shared = match share(request, &folder, channel, waker.clone(), &planner) {
        Ok(s) => Arc::new(s),
        Err(e) => return fail(e),
    };
    started(shared.clone());
    let over = std::sync::atomic::AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        let meter = scope.spawn(|| {
            crate::usage::watch(&shared.meter, &|| over.load(Ordering::Relaxed), &|usage| shared.sink.say(Event::Usage(usage)));
        });
        let outcome = Run { request, planner, shared: shared.clone(), running: BTreeSet::new(), announced: BTreeSet::new() }.go();
        over.store(true, Ordering::Relaxed);
        meter.thread().unpark();
        outcome
    });
    // Something may have left its group and still hold files open.
    if outcome != RunOutcome::Done {
        crate::process::sweep(&shared.run);
    }
    shared.sink.say(Event::RunFinished { outcome: outcome.clone(), seconds: start.elapsed().as_secs_f64(), folder });
    shared.sink.finish();
    outcome
}

fn share(
    request: &Request,
    folder: &std::path::Path,
    channel: &Sender<Event>,
    waker: Option<Waker>,
    planner: &Planner,
) -> Result<Shared, BuildError> {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let jobs = request.means.and_then(|m| m.jobs).or(request.project.jobs).map_or(cores, |j| j as usize).clamp(1, 1024);
    let jobs = jobserver::Client::new(jobs).map_err(|e| BuildError::Action(format!("cannot make the pipe that shares job slots: {e}")))?;
    Ok(Shared {
        run: format!("{}-{}", std::process::id(), folder.file_name().unwrap_or_default().to_string_lossy()),
        sink: Sink::new(folder, channel.clone(), waker)?,
        jobs,
        guard: Guard::start()?,
        meter: crate::usage::Meter::default(),
        cancel: false.into(),
        store: planner.store.clone(),
        kbuild: planner.work.kbuild(),
    })
}

/// Sorts by time: seconds since 1970, nanoseconds.
fn run_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{:09}", now.as_secs(), now.subsec_nanos())
}

struct Run<'a> {
    request: &'a Request<'a>,
    planner: Planner,
    shared: Arc<Shared>,
    running: BTreeSet<NodeIndex>,
    announced: BTreeSet<NodeIndex>,
}

impl Run<'_> {
    fn go(mut self) -> RunOutcome {
        let sink = &self.shared.sink;
        sink.say(Event::PlanReady {
            project: self.planner.project.clone(),
            target: self.planner.target.clone(),
            steps: self.planner.steps(),
        });
        let (done, finished) = crossbeam_channel::unbounded();
        let mut failure: Option<RunOutcome> = None;
        loop {
            if failure.is_none() {
                match self.start_ready(&done) {
                    Ok(()) => {}
                    Err(e) => failure = Some(self.stop(e.to_string())),
                }
            }
            if self.running.is_empty() {
                break;
            }
            let Ok(f) = finished.recv() else { break };
            self.running.remove(&f.node);
            if let Some(outcome) = self.take(f) {
                failure.get_or_insert(outcome);
            }
        }
        if let Err(e) = self.planner.save_slots().and_then(|()| self.link_results(failure.is_none())) {
            failure.get_or_insert(RunOutcome::Failed(e.to_string()));
        }
        match failure {
            Some(outcome) => outcome,
            None if self.shared.cancel.load(Ordering::Relaxed) => RunOutcome::Cancelled,
            None => RunOutcome::Done,
        }
    }

    /// Ends what else runs.
    fn stop(&self, why: String) -> RunOutcome {
        self.shared.cancel.store(true, Ordering::Relaxed);
        // Steps that wait for a job slot get one, so that they notice.
        for _ in 0..self.running.len() {
            let _ = self.shared.jobs.release_raw();
        }
        RunOutcome::Failed(why)
    }

    fn start_ready(&mut self, done: &Sender<Finished>) -> Result<(), BuildError> {
        let ready = self.planner.walk()?;
        self.announce();
        if self.shared.cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        for node in ready {
            if self.running.insert(node) {
                self.start(node, done)?;
            }
        }
        Ok(())
    }

    /// Steps found to be up to date are said once, with what they left.
    fn announce(&mut self) {
        for node in 0..self.planner.graph.nodes.len() {
            if self.planner.status(node) == Status::UpToDate && self.announced.insert(node) {
                let step = self.planner.graph.nodes[node].id.clone();
                if let Some(known) = self.planner.known(node).cloned() {
                    self.say_artifacts(node, &known);
                }
                self.shared.sink.say(Event::StepFinished { step, outcome: Outcome::UpToDate, seconds: None, cpu_seconds: None });
            }
        }
    }

    fn say_artifacts(&self, node: NodeIndex, known: &Known) {
        let step = &self.planner.graph.nodes[node].id;
        for (output, Stored { artifact, path }) in self.planner.stored(known) {
            self.shared.sink.say(Event::ArtifactReady { step: step.clone(), output, artifact, path });
        }
    }

    fn start(&mut self, node: NodeIndex, done: &Sender<Finished>) -> Result<(), BuildError> {
        let step = self.planner.graph.nodes[node].id.clone();
        let reasons = match self.planner.status(node) {
            Status::WillRun(reasons) => reasons,
            _ => vec![Reason::NeverBuilt],
        };
        let task = self.task(node)?;
        let compiles = self.planner.graph.nodes[node].kind == StepKind::Compile;
        let commands = if let Task::Make(job, _) = &task { job.commands() } else { Vec::new() };
        let (shared, done) = (self.shared.clone(), done.clone());
        let name = format!("step {step}");
        let work = move || {
            // A job slot for each step that compiles; make's children take theirs from the same pool. The others are
            // short, and what waits for them should not wait for a kernel that gives back no slot for minutes.
            let slot = if compiles { shared.jobs.acquire().ok() } else { None };
            let begin = Instant::now();
            shared.sink.say(Event::StepStarted { step: step.clone(), reasons, commands });
            let mut finished =
                Finished { node, result: Err(BuildError::Cancelled), seconds: 0.0, cpu_seconds: None, log: Default::default() };
            match shared.sink.log(&step) {
                Err(e) => finished.result = Err(e),
                Ok(mut log) => {
                    let before = thread_cpu();
                    match task.perform(&shared, &step, &mut log) {
                        Ok((known, others)) => {
                            (finished.result, finished.cpu_seconds) = (Ok(known), Some(others + thread_cpu() - before));
                        }
                        Err(e) => finished.result = Err(e),
                    }
                    finished.log = log.tail();
                }
            }
            finished.seconds = begin.elapsed().as_secs_f64();
            drop(slot);
            let _ = done.send(finished);
        };
        std::thread::Builder::new().name(name).spawn(work).map(drop).map_err(|e| BuildError::Action(format!("cannot start a thread: {e}")))
    }

    fn task(&self, node: NodeIndex) -> Result<Task, BuildError> {
        let n = &self.planner.graph.nodes[node];
        Ok(match &n.work {
            WorkKind::Fetch(source) => Task::Fetch(Source::new(source, self.request, &self.planner.lock)?),
            WorkKind::Unpack { source, fetch } => {
                let hash = self.planner.known(*fetch).map(|k| k.key.clone()).unwrap_or_default();
                Task::Unpack(Source::new(source, self.request, &self.planner.lock)?, hash)
            }
            WorkKind::Make(make) => {
                let (job, parts) = Job::of(&self.planner, node, make)?;
                Task::Make(Box::new(job), parts)
            }
        })
    }

    /// Takes in what a step left. Some where the run ends by it.
    fn take(&mut self, f: Finished) -> Option<RunOutcome> {
        let step = self.planner.graph.nodes[f.node].id.clone();
        let (outcome, ends) = match f.result {
            Ok(known) => {
                if let WorkKind::Fetch(source) = &self.planner.graph.nodes[f.node].work
                    && let Ok(lock) = sources::load_lock(self.request.project.path.as_deref(), self.request.work)
                {
                    debug_assert!(lock.entries.contains_key(&source.id));
                    self.planner.lock = lock;
                }
                self.say_artifacts(f.node, &known);
                self.planner.finished(f.node, known);
                self.announced.insert(f.node);
                (Outcome::Done, None)
            }
            Err(_) if self.shared.cancel.load(Ordering::Relaxed) => (Outcome::Cancelled, Some(RunOutcome::Cancelled)),
            Err(e) => {
                let (path, lines) = f.log;
                let mut text = format!("{step} failed: {e}");
                if !lines.is_empty() {
                    text += &format!("\nThe last lines of its log, {}:\n  {}", path.display(), lines.join("\n  "));
                }
                (Outcome::Failed(text.clone()), Some(self.stop(text)))
            }
        };
        let seconds = Some(f.seconds).filter(|_| outcome == Outcome::Done);
        self.shared.sink.say(Event::StepFinished { step, outcome, seconds, cpu_seconds: f.cpu_seconds });
        ends
    }

    /// `out/<project>/` holds links to what the target left.
    fn link_results(&self, done: bool) -> Result<(), BuildError> {
        if !done || self.shared.cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        let folder = self.request.work.out(&self.planner.project);
        for (node, n) in self.planner.graph.nodes.iter().enumerate().filter(|(_, n)| n.id.component == self.planner.target) {
            let WorkKind::Make(make) = &n.work else { continue };
            for output in make.outputs.iter().filter(|o| !o.live) {
                let Some(path) = self.planner.output_path(node, &output.id) else { continue };
                let link = folder.join(path.file_name().unwrap_or_default());
                if std::fs::read_link(&link).ok().as_ref() != Some(&path) {
                    let at = |e| BuildError::Io { what: "make the link", path: link.clone(), source: e };
                    std::fs::create_dir_all(&folder).map_err(at)?;
                    crate::files::remove(&link)?;
                    std::os::unix::fs::symlink(&path, &link).map_err(at)?;
                }
            }
        }
        Ok(())
    }
}

enum Task {
    Fetch(Source),
    Unpack(Source, String),
    Make(Box<Job>, crate::keys::Parts),
}

impl Task {
    /// Gives what is known of it now, and the processor time of children and other threads.
    fn perform(&self, shared: &Shared, step: &crate::StepId, log: &mut crate::journal::Log) -> Result<(Known, f64), BuildError> {
        if shared.cancel.load(Ordering::Relaxed) {
            return Err(BuildError::Cancelled);
        }
        let progress = |done, total| shared.sink.say(Event::Progress { step: step.clone(), done, total, unit: Unit::Bytes });
        let note = |text: String| shared.sink.say(Event::Note { step: step.clone(), text });
        let known = |key| Known { key, parts: Default::default(), outputs: Default::default() };
        match self {
            Self::Fetch(source) => Ok((known(source.fetch(&shared.cancel, &progress, &note)?), 0.0)),
            Self::Unpack(source, hash) => {
                let decompressing = source.unpack(hash, &shared.cancel, &progress)?;
                Ok((known(hash.clone()), decompressing.as_secs_f64()))
            }
            Self::Make(job, parts) => {
                let result = job.run(shared, log)?;
                Ok((Known { key: job.key.clone(), parts: parts.clone(), outputs: result.outputs }, result.cpu_seconds))
            }
        }
    }
}

/// CPU seconds of this thread.
pub(crate) fn thread_cpu() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}
