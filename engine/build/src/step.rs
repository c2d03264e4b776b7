//! Running one step, from its empty output folder to its record in the store.

use crate::action::{Stage, perform};
use crate::event::{Event, StepId, Unit};
use crate::expand::expand;
use crate::foretell::Foretold;
use crate::graph::{Input, Make, NodeIndex};
use crate::guard::Guard;
use crate::journal::{Log, Sink};
use crate::keys::Parts;
use crate::make::{Asked, ToDo};
use crate::objects::Objects;
use crate::plan::Planner;
use crate::process::Child;
use crate::run::thread_cpu;
use crate::store::{Artifact, RECORD_FORMAT, Record, Store};
use crate::tree::Tree;
use crate::{BuildError, files};
use bootwright_model::Counter;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// What all steps of a run share.
pub struct Shared {
    pub run: String,
    pub sink: Sink,
    pub jobs: jobserver::Client,
    pub guard: Guard,
    pub meter: crate::usage::Meter,
    pub cancel: AtomicBool,
    pub store: Store,
    /// Where indexes of Kbuild's trees are kept.
    pub kbuild: PathBuf,
}

/// A recipe's step, ready to run: every path it may name is resolved.
pub struct Job {
    pub id: StepId,
    pub recipe: String,
    pub make: Make,
    pub key: String,
    pub tree: Tree,
    /// Steps of the same tree that come after it.
    pub later: Vec<String>,
    /// `need.N` and `need.N.P`, `src`.
    pub paths: BTreeMap<String, String>,
    pub objects_before: Option<u64>,
}

pub struct JobResult {
    pub outputs: BTreeMap<String, Artifact>,
    /// The children's.
    pub cpu_seconds: f64,
}

impl Job {
    /// Of a step whose inputs are all known, with everything that its key is made of.
    pub fn of(planner: &Planner, node: NodeIndex, make: &Make) -> Result<(Self, Parts), BuildError> {
        let n = &planner.graph.nodes[node];
        let parts = planner.make_parts(node)?;
        let mut paths = BTreeMap::new();
        let mut put = |name: String, path: &Path| drop(paths.insert(name, path.display().to_string()));
        if let Some(source) = make.source.and_then(|s| planner.output_path(s, "")) {
            put("src".to_owned(), &source);
        }
        for (need, input) in &make.inputs {
            match input {
                Input::Built { node, output, .. } => {
                    if let Some(path) = planner.output_path(*node, output) {
                        put(format!("need.{need}"), &path);
                    }
                }
                Input::Host { parts, .. } => {
                    for (i, (part, path)) in parts.iter().enumerate() {
                        if i == 0 {
                            put(format!("need.{need}"), path);
                        }
                        put(format!("need.{need}.{}", part.id), path);
                    }
                }
            }
        }
        let later = planner.graph.nodes.iter().skip(node + 1).filter(|o| o.id.component == n.id.component);
        let job = Self {
            id: n.id.clone(),
            recipe: n.recipe.clone(),
            make: make.clone(),
            key: crate::keys::key(&parts),
            tree: planner.tree(node)?,
            later: later.map(|o| o.id.step.clone()).collect(),
            paths,
            objects_before: planner.store.history(&n.recipe, &n.id.step, &make.options).map(|r| r.objects),
        };
        Ok((job, parts))
    }

    pub fn commands(&self) -> Vec<Vec<String>> {
        let out = PathBuf::from("${out}");
        let runs = self.make.actions.iter().filter_map(|a| match a {
            bootwright_model::Action::Run { argv, .. } => Some(argv),
            _ => None,
        });
        runs.map(|argv| argv.iter().map(|w| self.fill(w, &out).unwrap_or_else(|_| w.clone())).collect()).collect()
    }

    /// A digest of what is run, and with which environment.
    fn commands_key(&self) -> String {
        let commands = self.commands().into_iter().enumerate().map(|(i, argv)| (format!("command {i}"), argv.join("\0")));
        let base = crate::process::base_environment().map(|(name, value)| (format!("environment {name}"), value.to_owned()));
        let own = self.make.env.iter().map(|(name, value)| (format!("environment {name}"), value.clone()));
        crate::keys::key(&base.into_iter().chain(own).chain(commands).collect())
    }

    /// What make would find to do in the tree, where the same commands came to their end in it before.
    pub fn to_do(&self, kbuild: &Path) -> Option<ToDo> {
        let known = self.make.counter == Counter::Kbuild && self.tree.finished_by(&self.id.step, &self.commands_key());
        known.then(|| ToDo::of(&self.tree.path(), kbuild)).flatten()
    }

    fn fill(&self, text: &str, out: &Path) -> Result<String, BuildError> {
        let value = |name: &str| match name {
            "tree" => Some(self.tree.path().display().to_string()),
            "out" => Some(out.display().to_string()),
            "fragment" => Some(self.make.fragment.clone()),
            _ => self.paths.get(name).cloned().or_else(|| self.make.options.get(name.strip_prefix("option.")?).cloned()),
        };
        expand(text, &value)
            .map_err(|e| BuildError::Action(format!("the recipe {} of {} names something that is not there: {e}", self.recipe, self.id)))
    }

    pub fn run(&self, shared: &Shared, log: &mut Log) -> Result<JobResult, BuildError> {
        let (start, own) = (Instant::now(), thread_cpu());
        let to_do = self.to_do(&shared.kbuild);
        let fresh = self.tree.begin(&self.id.step, &self.later)?;
        let out = shared.store.output_folder(&self.id)?;
        let mut stage = JobStage {
            job: self,
            shared,
            log,
            out: out.clone(),
            cpu_seconds: 0.0,
            objects: 0,
            total: self.objects_before.filter(|n| fresh && *n > 0),
            fresh,
            idle: to_do.filter(ToDo::is_nothing),
            foretold: Foretold::default(),
            told: Instant::now(),
            shown_cwd: None,
        };
        for action in &self.make.actions {
            if shared.cancel.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(BuildError::Cancelled);
            }
            perform(action, &mut stage)?;
        }
        stage.tell();
        let (cpu_seconds, objects) = (stage.cpu_seconds, stage.objects);
        let mut outputs = BTreeMap::new();
        for output in &self.make.outputs {
            let Some(path) = &output.path else { continue };
            let path = PathBuf::from(self.fill(path, &out)?);
            let artifact = if output.live {
                Artifact { hash: self.key.clone(), size: 0, files: 0 }
            } else if path.starts_with(&out) {
                shared.store.publish(&path)?
            } else {
                let copy = out.join(format!("{}.{}", self.id.component, output.id));
                files::copy(&path, &copy)?;
                shared.store.publish(&copy)?
            };
            outputs.insert(output.id.clone(), artifact);
        }
        files::remove(&out)?;
        self.tree.end(&self.id.step, &self.key, &self.commands_key())?;
        let seconds = start.elapsed().as_secs_f64();
        let record = Record {
            format: RECORD_FORMAT,
            component: self.id.component.to_string(),
            recipe: self.recipe.clone(),
            step: self.id.step.clone(),
            outputs: outputs.clone(),
            seconds,
            cpu_seconds: Some(cpu_seconds + thread_cpu() - own),
            objects,
        };
        shared.store.put_record(&self.key, &record)?;
        if fresh {
            shared.store.put_history(&record, &self.make.options)?;
        }
        Ok(JobResult { outputs, cpu_seconds })
    }
}

struct JobStage<'a, 'l> {
    job: &'a Job,
    shared: &'a Shared,
    log: &'a mut Log<'l>,
    out: PathBuf,
    cpu_seconds: f64,
    objects: u64,
    /// What an earlier run counted.
    total: Option<u64>,
    /// The tree is new: all that Kbuild's makefiles name will be compiled.
    fresh: bool,
    /// make would find nothing to do.
    idle: Option<ToDo>,
    foretold: Foretold,
    told: Instant,
    /// The folder that the log named last.
    shown_cwd: Option<PathBuf>,
}

impl JobStage<'_, '_> {
    fn tell(&mut self) {
        if self.job.make.counter != Counter::None && self.objects > 0 {
            self.told = Instant::now();
            let total = self.total.or_else(|| self.foretold.total()).map(|t| t.max(self.objects));
            self.shared.sink.say(Event::Progress { step: self.job.id.clone(), done: self.objects, total, unit: Unit::Objects });
        }
    }
}

impl Stage for JobStage<'_, '_> {
    fn expand(&self, text: &str) -> Result<String, BuildError> {
        self.job.fill(text, &self.out)
    }

    fn run(&mut self, argv: &[String], cwd: &Path) -> Result<(), BuildError> {
        // Relative paths in what follows start here; most programs do not say so themselves.
        if self.shown_cwd.as_deref() != Some(cwd) {
            self.log.line(format!("$ cd {}", crate::process::shown(&[cwd.display().to_string()])));
            self.shown_cwd = Some(cwd.to_path_buf());
        }
        self.log.line(format!("$ {}", crate::process::shown(argv)));
        if let (Some(found), Some(asked)) = (&self.idle, Asked::of(argv, cwd))
            && asked.folder == self.job.tree.path()
        {
            self.log.line(format!("make is not started: all {} targets in {} are up to date", found.of, asked.folder.display()));
            return Ok(());
        }
        self.log.pass_on();
        let home = self.job.tree.home();
        let shared = self.shared;
        let counter = self.job.make.counter;
        let mut env = self.job.make.env.clone();
        if counter == Counter::Kbuild && !self.fresh {
            // Kbuild then says why it makes each target. Of no concern to the result, so it is not in the key.
            env.entry("KBUILD_VERBOSE".into()).or_insert_with(|| "2".into());
        }
        let child = Child {
            argv,
            cwd,
            env: &env,
            home: &home,
            run: &shared.run,
            jobs: Some(&shared.jobs),
            guard: &shared.guard,
            meter: &shared.meter,
            cancel: &shared.cancel,
        };
        if counter == Counter::Kbuild && self.fresh && self.total.is_none() {
            self.foretold = Foretold::start(argv, cwd);
        }
        let mut objects = Objects::new(counter, self.fresh, vec![self.job.tree.path(), cwd.to_path_buf()]);
        let at_ms = |time| shared.sink.at_ms(time);
        let tell = |objects: Vec<crate::event::ObjectTime>| {
            if !objects.is_empty() {
                shared.sink.say(Event::Objects { step: self.job.id.clone(), objects });
            }
        };
        let ended = child.run(&mut |line| {
            objects.line(&line, shared.sink.now_ms());
            tell(objects.finished(&at_ms));
            if counts(counter, &line) {
                self.objects += 1;
                if self.told.elapsed() > Duration::from_millis(100) {
                    self.tell();
                }
            }
            self.log.line(line);
        });
        // Of a build that failed, what it made until then.
        tell(objects.rest(&at_ms));
        let ended = ended?;
        self.cpu_seconds += ended.cpu_seconds;
        Ok(())
    }

    fn say(&mut self, line: String) {
        self.log.line(line);
    }

    fn home(&self) -> PathBuf {
        self.job.tree.path()
    }
}

/// Whether a line of a build says that an object is being made.
fn counts(counter: Counter, line: &str) -> bool {
    match counter {
        Counter::None => false,
        // Kbuild's quiet form: two spaces, a word in capitals, the target.
        Counter::Kbuild => crate::objects::reason(counter, line)
            .0
            .strip_prefix("  ")
            .and_then(|l| l.split_once(' '))
            .is_some_and(|(word, target)| matches!(word, "CC" | "AS" | "HOSTCC") && target.trim_end().ends_with(".o")),
        Counter::Compiler => line.contains(" -c ") && line.contains(" -o "),
    }
}

impl Store {
    /// An empty folder for a step's outputs, always of the same name: some installs write it into files.
    pub fn output_folder(&self, step: &StepId) -> Result<PathBuf, BuildError> {
        let path = self.tmp().join(format!("{}.{}", step.component, step.step));
        files::remove(&path)?;
        fs::create_dir_all(&path).map_err(|source| BuildError::Io { what: "make the folder", path: path.clone(), source })?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_counted_and_other_lines_are_not() {
        assert!(counts(Counter::Kbuild, "  CC      init/main.o"));
        assert!(counts(Counter::Kbuild, "  CC      init/main.o - due to: include/config/SMP"));
        assert!(!counts(Counter::Kbuild, "  LD      vmlinux"));
        assert!(!counts(Counter::Kbuild, "init/main.c: warning: CC x.o"));
        assert!(counts(Counter::Compiler, "gcc -O2 a.c -c -std=gnu11 -o /x/a.o"));
        assert!(!counts(Counter::Compiler, "gcc -o /x/a a.o"));
    }
}
