//! What would run, and why: each step's key against what the store has.
//!
//! The plan is pulled from the target. A step whose key is in the store is up to date, and nothing it was made from is
//! needed; a step that must run needs its inputs for real: its source tree unpacked, its work tree as the step before
//! left it. Keys of later steps hold the hashes of what earlier ones left, so they are known only then, and a step that
//! comes out the same as before stops the wave there.

use crate::event::{PlannedStep, Reason, Status, StepId, Stored};
use crate::graph::{Graph, Input, Make, NodeIndex, WorkKind};
use crate::host::{self, Tools};
use crate::keys::{self, Parts};
use crate::step::Job;
use crate::store::{Artifact, Slot, Store};
use crate::tree::Tree;
use crate::{BuildError, Work};
use bootwright_model::{Action, ComponentId, Counter, Kind, Library, Output, Project};
use bootwright_sources::{LockEntry, LockFile};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The result of a step, as far as keys of others need it.
#[derive(Clone, Debug)]
pub struct Known {
    pub key: String,
    pub parts: Parts,
    pub outputs: BTreeMap<String, Artifact>,
}

/// A step's key, and its result where the store has it.
struct Looked {
    key: String,
    parts: Parts,
    outputs: Option<BTreeMap<String, Artifact>>,
    /// The record is there, but an object is not.
    lost: bool,
}

pub struct Planner {
    pub graph: Graph,
    pub work: Work,
    pub store: Store,
    pub project: String,
    pub target: ComponentId,
    pub lock: LockFile,
    pub tools: Tools,
    /// Steps that ran in this run.
    done: BTreeMap<NodeIndex, Known>,
    /// Steps that were up to date before those.
    settled: BTreeMap<NodeIndex, Known>,
    /// Results found in the store since the last change.
    known: BTreeMap<NodeIndex, Known>,
    host: BTreeMap<PathBuf, String>,
    status: BTreeMap<NodeIndex, Status>,
}

impl Planner {
    pub fn new(
        project: &Project,
        library: &Library,
        target: Option<&ComponentId>,
        work: &Work,
        lock: LockFile,
    ) -> Result<Self, BuildError> {
        let target = target.unwrap_or(&project.layout.target).clone();
        let graph = Graph::new(project, library, &target)?;
        if !graph.last.contains_key(&target) {
            return Err(BuildError::Project {
                place: format!("target {target}"),
                reason: "it is a part of the host, which is not built".into(),
            });
        }
        Ok(Self {
            graph,
            store: Store::open(work)?,
            tools: Tools::open(work),
            work: work.clone(),
            project: project.name().to_owned(),
            target,
            lock,
            done: BTreeMap::new(),
            settled: BTreeMap::new(),
            known: BTreeMap::new(),
            host: BTreeMap::new(),
            status: BTreeMap::new(),
        })
    }

    /// Works out every status. Gives the steps that can run now.
    pub fn walk(&mut self) -> Result<BTreeSet<NodeIndex>, BuildError> {
        self.status.clear();
        self.known = self.settled.clone();
        self.known.extend(self.done.iter().map(|(n, k)| (*n, k.clone())));
        let mut ready = BTreeSet::new();
        if let Some(last) = self.graph.last.get(&self.target).copied() {
            // Every step of the target that leaves something, not the last alone.
            for node in 0..self.graph.nodes.len() {
                let WorkKind::Make(m) = &self.graph.nodes[node].work else { continue };
                if node == last || (self.graph.nodes[node].id.component == self.target && !m.outputs.is_empty()) {
                    self.visit(node, false, &mut ready)?;
                }
            }
        }
        Ok(ready)
    }

    pub fn finished(&mut self, node: NodeIndex, known: Known) {
        // Keys of later steps look past this one at what was up to date before it; the walk stops here from now on.
        let mut open = self.graph.waits_for(node);
        while let Some(n) = open.pop() {
            if let Some(k) = self.known.get(&n).filter(|_| !self.settled.contains_key(&n)) {
                self.settled.insert(n, k.clone());
                open.extend(self.graph.waits_for(n));
            }
        }
        self.done.insert(node, known);
    }

    pub fn status(&self, node: NodeIndex) -> Status {
        if self.done.contains_key(&node) {
            return Status::UpToDate;
        }
        self.status.get(&node).cloned().unwrap_or(Status::NotNeeded)
    }

    pub fn known(&self, node: NodeIndex) -> Option<&Known> {
        self.known.get(&node)
    }

    pub fn steps(&self) -> Vec<PlannedStep> {
        let step = |(i, n): (usize, &crate::graph::Node)| {
            let status = self.foreseen(i);
            PlannedStep {
                id: n.id.clone(),
                kind: n.kind,
                explain: n.explain.clone(),
                after: self.graph.waits_for(i).iter().map(|w| self.graph.nodes[*w].id.clone()).collect(),
                seconds_before: self.seconds_before(n).map(|s| s * status.share()),
                status,
                version: if let WorkKind::Fetch(s) = &n.work { self.lock.entries.get(&s.id).and_then(locked_version) } else { None },
                outputs: self.known.get(&i).filter(|_| self.status(i) == Status::UpToDate).map(|k| self.stored(k)).unwrap_or_default(),
            }
        };
        self.graph.nodes.iter().enumerate().map(step).collect()
    }

    /// A step's status, with what make would find to do where Kbuild has built before.
    fn foreseen(&self, node: NodeIndex) -> Status {
        let mut status = self.status(node);
        if let (Status::WillRun(reasons), WorkKind::Make(make)) = (&mut status, &self.graph.nodes[node].work)
            && make.counter == Counter::Kbuild
            // What configures the tree has nothing to do either.
            && make.before.is_none_or(|before| self.status(before) == Status::UpToDate)
            && let Some(found) = Job::of(self, node, make).ok().and_then(|(job, _)| job.to_do(&self.work.kbuild()))
            && found.certain
        {
            reasons.push(Reason::Make { again: found.again, unknown: found.unknown, of: found.of });
        }
        status
    }

    fn seconds_before(&self, n: &crate::graph::Node) -> Option<f64> {
        let none = BTreeMap::new();
        let options = if let WorkKind::Make(m) = &n.work { &m.options } else { &none };
        self.store.history(&n.recipe, &n.id.step, options).map(|r| r.seconds)
    }

    /// What a step left in the store.
    pub fn stored(&self, known: &Known) -> BTreeMap<String, Stored> {
        let outputs = known.outputs.iter().filter(|(_, a)| a.files > 0);
        outputs.filter_map(|(id, a)| Some((id.clone(), Stored { artifact: a.clone(), path: self.store.path(&a.hash)? }))).collect()
    }

    /// True where the result is known. `here`: its folder is needed too, not the result alone.
    fn visit(&mut self, node: NodeIndex, here: bool, ready: &mut BTreeSet<NodeIndex>) -> Result<bool, BuildError> {
        if self.done.contains_key(&node) {
            return Ok(true);
        }
        let mut blocked = None;
        for wait in self.graph.waits_for(node) {
            if !self.visit(wait, false, ready)? && blocked.is_none() {
                blocked = Some(wait);
            }
        }
        if let Some(on) = blocked {
            let on = self.graph.nodes[on].id.clone();
            self.status.insert(node, Status::Waits(on));
            return Ok(false);
        }
        let looked = self.look(node)?;
        let present = self.is_here(node, &looked.key)?;
        if let Some(outputs) = looked.outputs.clone()
            && (!here || present)
        {
            let source = !matches!(self.graph.nodes[node].work, WorkKind::Make(_));
            let status = if source && !present { Status::NotNeeded } else { Status::UpToDate };
            self.status.entry(node).or_insert(status);
            self.known.insert(node, Known { key: looked.key, parts: looked.parts, outputs });
            return Ok(true);
        }
        let reasons = self.reasons(node, &looked);
        self.status.insert(node, Status::WillRun(reasons));
        let mut all = true;
        for need in self.needs_here(node) {
            all &= self.visit(need, true, ready)?;
        }
        if all {
            ready.insert(node);
        }
        Ok(false)
    }

    /// Steps whose folders a running step reads or works in.
    fn needs_here(&self, node: NodeIndex) -> Vec<NodeIndex> {
        match &self.graph.nodes[node].work {
            WorkKind::Fetch(_) => Vec::new(),
            WorkKind::Unpack { fetch, .. } => vec![*fetch],
            WorkKind::Make(m) => {
                let folders = m.inputs.values().filter_map(|i| match i {
                    Input::Built { node, live, source, .. } if *live || *source => Some(*node),
                    _ => None,
                });
                m.before.into_iter().chain(m.source).chain(folders).collect()
            }
        }
    }

    fn look(&mut self, node: NodeIndex) -> Result<Looked, BuildError> {
        let locked = |lock: &LockFile, id: &str| lock.entries.get(id).map(|e| e.sha256.clone());
        match &self.graph.nodes[node].work {
            WorkKind::Fetch(s) => {
                let hash = locked(&self.lock, &s.id);
                Ok(Looked {
                    key: hash.clone().unwrap_or_default(),
                    parts: Parts::new(),
                    outputs: hash.map(|_| BTreeMap::new()),
                    lost: false,
                })
            }
            WorkKind::Unpack { fetch, .. } => {
                let key = self.known.get(fetch).map(|k| k.key.clone()).unwrap_or_default();
                Ok(Looked { key, parts: Parts::new(), outputs: Some(BTreeMap::new()), lost: false })
            }
            WorkKind::Make(_) => {
                let parts = self.parts(node)?;
                let key = keys::key(&parts);
                let record = self.store.record(&key)?;
                let made: &[bootwright_model::Output] = match &self.graph.nodes[node].work {
                    WorkKind::Make(m) => &m.outputs,
                    _ => &[],
                };
                let whole = |outputs: &BTreeMap<String, Artifact>| {
                    made.iter().filter(|o| !o.live).all(|o| outputs.get(&o.id).is_some_and(|a| self.store.path(&a.hash).is_some()))
                };
                let lost = record.as_ref().is_some_and(|r| !whole(&r.outputs));
                Ok(Looked { key, parts, outputs: record.map(|r| r.outputs).filter(|_| !lost), lost })
            }
        }
    }

    /// Whether the folder a step leaves is as it left it under this key.
    fn is_here(&self, node: NodeIndex, key: &str) -> Result<bool, BuildError> {
        Ok(match &self.graph.nodes[node].work {
            WorkKind::Fetch(_) => false, // asking again is cheap where the file is there
            WorkKind::Unpack { .. } => self.work.sources().join(key).is_dir(),
            WorkKind::Make(_) => self.tree(node)?.has(&self.graph.nodes[node].id.step, key),
        })
    }

    fn reasons(&self, node: NodeIndex, looked: &Looked) -> Vec<Reason> {
        if looked.lost {
            return vec![Reason::ResultGone];
        }
        if !matches!(self.graph.nodes[node].work, WorkKind::Make(_)) {
            return vec![Reason::NotHere];
        }
        if looked.outputs.is_some() {
            return vec![Reason::FolderGone];
        }
        match self.store.slot(&self.project, &self.graph.nodes[node].id) {
            Some(slot) if slot.key != looked.key => keys::differences(&slot.parts, &looked.parts),
            Some(_) => vec![Reason::ResultGone],
            None => vec![Reason::NeverBuilt],
        }
    }

    /// The work tree of a step. Its name holds what the tree cannot be reused across: source, inputs, tools and commands, but
    /// not the configuration, since Kbuild follows a change of that by itself.
    pub fn tree(&self, node: NodeIndex) -> Result<Tree, BuildError> {
        let mut first = node;
        while let WorkKind::Make(Make { before: Some(before), .. }) = &self.graph.nodes[first].work {
            first = *before;
        }
        let mut parts = match self.known.get(&first) {
            Some(known) => known.parts.clone(),
            None => self.parts_with(first, &mut self.host.clone())?,
        };
        let keeps = matches!(&self.graph.nodes[first].work, WorkKind::Make(m) if m.configures());
        if keeps {
            parts.retain(|name, _| !name.starts_with("answer "));
        }
        let name = format!("{}-{}", self.graph.nodes[node].id.component, &keys::key(&parts)[..16]);
        Ok(Tree::new(&self.work, &name, self.graph.nodes[first].id.step.clone(), keeps))
    }

    /// The parts of a step whose inputs are all known.
    pub fn make_parts(&self, node: NodeIndex) -> Result<Parts, BuildError> {
        self.parts_with(node, &mut self.host.clone())
    }

    fn parts(&mut self, node: NodeIndex) -> Result<Parts, BuildError> {
        let mut host = std::mem::take(&mut self.host);
        let parts = self.parts_with(node, &mut host);
        self.host = host;
        parts
    }

    /// Everything the result depends on. `host` keeps identities that were looked up.
    fn parts_with(&self, node: NodeIndex, host: &mut BTreeMap<PathBuf, String>) -> Result<Parts, BuildError> {
        let mut parts = Parts::new();
        let WorkKind::Make(make) = &self.graph.nodes[node].work else { return Ok(parts) };
        parts.insert("recipe format".into(), "1".into());
        let mut uses_fragment = false;
        for (i, action) in make.actions.iter().enumerate() {
            let text = match action {
                Action::Run { argv, cwd } => {
                    let cwd = cwd.as_ref().map(|c| format!("cd {c}; ")).unwrap_or_default();
                    format!("{cwd}{}", argv.join(" "))
                }
                other => ron::to_string(other).unwrap_or_default(),
            };
            uses_fragment |= text.contains("${fragment}");
            // Options are put in, everything else has a part of its own.
            let text = crate::expand::expand(&text, &|name| {
                Some(name.strip_prefix("option.").and_then(|o| make.options.get(o).cloned()).unwrap_or_else(|| format!("${{{name}}}")))
            });
            parts.insert(format!("command {}", i + 1), text.map_err(BuildError::Action)?);
        }
        if uses_fragment {
            parts.extend(keys::config_values(&make.fragment, "\0").into_iter().map(|(n, v)| (n.replacen("option", "answer", 1), v)));
        }
        if make.actions.iter().any(|a| matches!(a, Action::Run { .. })) {
            for (name, value) in crate::process::base_environment() {
                parts.insert(format!("environment {name}"), value.into());
            }
        }
        for (name, value) in &make.env {
            parts.insert(format!("environment {name}"), value.clone());
        }
        for (name, path) in &make.tools {
            parts.insert(format!("tool {name}"), self.identity(path, host));
        }
        if let Some(source) = make.source.and_then(|s| self.known.get(&s)) {
            parts.insert("source".into(), source.key.clone());
        }
        for (need, input) in &make.inputs {
            self.input_parts(need, input, &mut parts, host);
        }
        let mut before = make.before;
        while let Some(b) = before {
            let Some(known) = self.known.get(&b) else { break };
            let WorkKind::Make(m) = &self.graph.nodes[b].work else { break };
            if !m.configures() {
                parts.insert(format!("step {}", self.graph.nodes[b].id.step), known.key.clone());
                break;
            }
            // The values count, not how they came about.
            parts.extend(self.config_parts(b, m, known)?);
            before = m.before;
        }
        Ok(parts)
    }

    fn config_parts(&self, node: NodeIndex, make: &Make, known: &Known) -> Result<Parts, BuildError> {
        let output = make.outputs.iter().find(|o| o.path.as_deref() == Some("${tree}/.config"));
        let path = output.and_then(|o| known.outputs.get(&o.id)).and_then(|a| self.store.path(&a.hash));
        let text = path.and_then(|p| std::fs::read_to_string(p).ok()).unwrap_or_default();
        Ok(keys::config_values(&text, &self.tree(node)?.path().display().to_string()))
    }

    fn input_parts(&self, need: &str, input: &Input, parts: &mut Parts, host: &mut BTreeMap<PathBuf, String>) {
        match input {
            Input::Host { port, parts: found } => {
                for (part, path) in found {
                    let identity = if part.content.is_empty() {
                        self.identity(path, host)
                    } else {
                        let id = PathBuf::from(format!("{port}/{}", part.id));
                        host.entry(id).or_insert_with(|| host::part_identity(part, path, &self.tools)).clone()
                    };
                    parts.insert(format!("host {port}, {}", part.id), identity);
                }
            }
            Input::Built { node, port, output, live, source } => {
                let Some(known) = self.known.get(node) else { return };
                let value = if *live || *source { Some(known.key.clone()) } else { known.outputs.get(output).map(|a| a.hash.clone()) };
                parts.insert(format!("input {need} ({port})"), value.unwrap_or_default());
                if *live && let WorkKind::Make(m) = &self.graph.nodes[*node].work {
                    // What runs in that tree finds the host's programs by itself.
                    for (name, input) in m.inputs.iter().filter(|(_, i)| matches!(i, Input::Host { .. })) {
                        self.input_parts(name, input, parts, host);
                    }
                }
            }
        }
    }

    fn identity(&self, path: &std::path::Path, host: &mut BTreeMap<PathBuf, String>) -> String {
        host.entry(path.to_path_buf()).or_insert_with(|| self.tools.identity(path)).clone()
    }

    /// Remembers what the up-to-date and finished steps were made from.
    pub fn save_slots(&self) -> Result<(), BuildError> {
        for (node, known) in self.known.iter().filter(|(n, _)| matches!(self.graph.nodes[**n].work, WorkKind::Make(_))) {
            let slot = Slot { key: known.key.clone(), parts: known.parts.clone() };
            self.store.put_slot(&self.project, &self.graph.nodes[*node].id, &slot)?;
        }
        Ok(())
    }

    /// Where an output of a known step lies.
    pub fn output_path(&self, node: NodeIndex, output: &str) -> Option<PathBuf> {
        let known = self.known.get(&node)?;
        match &self.graph.nodes[node].work {
            WorkKind::Fetch(_) => None,
            WorkKind::Unpack { .. } => Some(self.work.sources().join(&known.key)),
            WorkKind::Make(m) if m.outputs.iter().any(|o| o.id == output && o.live) => self.tree(node).ok().map(|t| t.path()),
            WorkKind::Make(_) => self.store.path(&known.outputs.get(output)?.hash),
        }
    }

    pub fn node(&self, id: &StepId) -> Option<NodeIndex> {
        self.graph.nodes.iter().position(|n| n.id == *id)
    }

    /// Outputs of a kind whose steps are known: the step, and where the output lies.
    pub fn found(&self, kind: Kind) -> impl Iterator<Item = (NodeIndex, PathBuf)> {
        self.outputs().filter(move |(_, o)| o.kind == kind).filter_map(|(node, o)| Some((node, self.output_path(node, &o.id)?)))
    }

    /// A fact of the first output of a kind that has it.
    pub fn fact(&self, kind: Kind, fact: &str) -> Option<String> {
        self.outputs().filter(|(_, o)| o.kind == kind).find_map(|(node, o)| {
            let source = &o.facts.iter().find(|f| f.id == fact)?.from;
            crate::facts::look(source, &self.output_path(node, &o.id)?)
        })
    }

    fn outputs(&self) -> impl Iterator<Item = (NodeIndex, &Output)> {
        self.graph.nodes.iter().enumerate().flat_map(|(i, n)| {
            let outputs = if let WorkKind::Make(m) = &n.work { m.outputs.as_slice() } else { &[] };
            outputs.iter().map(move |o| (i, o))
        })
    }
}
/// The upstream version: a package's without epoch and revision (deb-version(7)), else what the archive's name says.
fn locked_version(entry: &LockEntry) -> Option<String> {
    if let Some(package) = &entry.version {
        let upstream = package.split_once(':').map_or(package.as_str(), |(_, v)| v);
        return Some(upstream.rsplit_once('-').map_or(upstream, |(v, _)| v).to_owned());
    }
    let name = entry.origin.rsplit('/').next()?;
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let end = name.find(".tar").unwrap_or(name.len());
    name.get(start..end).map(str::to_owned)
}
