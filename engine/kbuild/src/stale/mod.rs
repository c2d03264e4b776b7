//! What the next make would build again, and why, without running make.
//!
//! make builds a target whose file is missing, or older than a file it depends on, or whose saved command differs from the one
//! of today's makefiles. The first two are read off times here, exactly. The third would need all makefiles evaluated; where
//! nothing that commands come from changed since, commands are the same, and where something did, the targets it may reach are
//! named as unknown, never as up to date.

mod graph;
mod makefiles;
mod settings;
#[cfg(test)]
mod tests;
mod vanished;

pub use graph::Graph;
pub use makefiles::Makefiles;
pub use settings::{Change, Settings, changes, values};

use crate::impact::{Asking, Difference, follow};
use crate::index::{FileId, Index, NONE, RowId, stat_all};
use crate::tree::{Kind, Tree};
use crate::walk::{Time, threads};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// No such file.
pub(crate) const MISSING: Time = Time::MAX;

/// Why make builds a target again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "of")]
pub enum Reason {
    /// The target is not there.
    Missing,
    /// This file was written after the target.
    NewerFile(String),
    /// A file that it depends on is not there.
    GoneFile(String),
    /// This option was changed after the target was made.
    Option(String),
    /// This option has another value in `.config` than in what the tree was built with.
    PendingOption(String),
    /// This file is itself made again.
    Rebuilt(String),
    /// Its command is another.
    Command,
    /// Nothing is noted of how it was made.
    NoCmdFile,
}

/// Why nobody knows without make.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "doubt", content = "of")]
pub enum Doubt {
    /// What is wrong with its `.cmd` file.
    CmdFile(String),
    /// The makefile that its command comes from was written after it.
    Makefile(String),
    /// An option that this makefile uses was changed: `NAME in FILE`.
    OptionInMakefile(String, String),
    /// The program that makes it was written after it.
    Tool(String),
    /// This file is generated anew, and written only if it comes out differently.
    Generated(String),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => write!(f, "it is not there"),
            Self::NewerFile(file) => write!(f, "{file} is newer"),
            Self::GoneFile(file) => write!(f, "{file} is gone"),
            Self::Option(name) => write!(f, "option {name} was changed"),
            Self::PendingOption(name) => write!(f, "option {name} is another in .config"),
            Self::Rebuilt(file) => write!(f, "{file} is made again"),
            Self::Command => write!(f, "its command is another"),
            Self::NoCmdFile => write!(f, "its .cmd file is gone"),
        }
    }
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CmdFile(words) => write!(f, "its .cmd file {words}"),
            Self::Makefile(file) => write!(f, "{file} is newer, so its command may be another"),
            Self::OptionInMakefile(name, file) => write!(f, "option {name} was changed, and {file} may make another command of it"),
            Self::Tool(program) => write!(f, "{program} is newer"),
            Self::Generated(file) => write!(f, "{file} is generated anew and may come out differently"),
        }
    }
}

/// A target and all that speaks against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item<W> {
    pub target: String,
    /// At most [`MOST_REASONS`].
    pub why: Vec<W>,
    /// How many more there are.
    pub more: usize,
}

/// Reasons that are kept of one target; a changed header of all may have thousands.
pub const MOST_REASONS: usize = 16;

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// What make builds again, sorted by name.
    pub stale: Vec<Item<Reason>>,
    /// What it may build again.
    pub unknown: Vec<Item<Doubt>>,
    /// What it builds that was not there before.
    pub come: Vec<String>,
    /// How many it leaves alone.
    pub current: usize,
    /// Targets of an earlier configuration, which nothing of the last build or of the next uses; make does not look at them.
    pub left_over: usize,
    /// What is not known of the tree as a whole.
    pub notes: Vec<String>,
}

impl Stale {
    /// Whether make would build nothing, as far as can be known without it.
    pub fn is_current(&self) -> bool {
        self.stale.is_empty() && self.unknown.is_empty() && self.come.is_empty() && self.notes.is_empty()
    }
}

/// Asks for a tree as it is on disk now.
///
/// Where `.config` is newer than what the tree was built with, Kconfig and the makefiles are asked what that changes, which takes
/// half a second and, as make would, runs the commands of the Kconfig files. Without `asking` the text of `.config` is taken as it stands.
pub fn stale(tree: &Tree, index: &Index, asking: Option<&Asking>) -> Stale {
    let started = crate::index::now();
    let (mut settings, times, graph) = std::thread::scope(|scope| {
        // It waits for the compiler to say its version.
        let settings = scope.spawn(|| Settings::read(tree));
        let times = Times::read(index);
        let graph = Graph::new(tree, index);
        (settings.join().unwrap_or_default(), times, graph)
    });
    let mut difference = None;
    if settings.pending {
        match asking.map(|asking| follow(tree, &[], asking)) {
            Some(Ok(followed)) => settings.changes = followed.changes,
            Some(Err(why)) => settings.notes.push(format!("Kconfig could not be asked what .config comes to: {why}")),
            None => settings.notes.push("Kconfig was not asked what .config comes to; it is taken as it stands".into()),
        }
    }
    if !settings.changes.is_empty() {
        match Difference::of(tree, &settings.values, &settings.changes) {
            Ok(found) => difference = Some(found),
            Err(why) => settings.notes.push(format!("the makefiles could not be read with the new options: {why}")),
        }
    }
    let mut stale = judge(tree, index, &times, &settings, &graph, difference);
    vanished::add(tree, index, &settings, &mut stale);
    let newest = index.rows().iter().map(|r| times.of(r.target)).filter(|t| *t != MISSING).max().unwrap_or(0);
    if newest > started - 2_000_000_000 {
        stale.notes.push("a target was written within the last two seconds: a build seems to be running, and its end is not known".into());
    }
    stale
}

/// When each file of an index was written.
pub struct Times {
    times: Vec<Time>,
}

impl Times {
    pub fn read(index: &Index) -> Self {
        let names: Vec<&[u8]> = (0..index.file_count() as u32).map(|id| index.file(id)).collect();
        let stamps = stat_all(index.object(), &names);
        let time = |(name, stamp): (&&[u8], Option<crate::index::Stamp>)| match stamp {
            Some(stamp) => stamp.time,
            // An option that was never set has no file, and counts for nothing.
            None if name.starts_with(b"include/config/") => Time::MIN,
            None => MISSING,
        };
        Self { times: names.iter().zip(stamps).map(time).collect() }
    }

    pub fn of(&self, file: FileId) -> Time {
        self.times.get(file as usize).copied().unwrap_or(MISSING)
    }

    /// As if this file had just been written.
    pub fn touch(&mut self, file: FileId) {
        if let Some(time) = self.times.get_mut(file as usize) {
            *time = MISSING - 1;
        }
    }
}

/// What is found of one target.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    pub reasons: Vec<Reason>,
    pub doubts: Vec<Doubt>,
    pub more: usize,
}

impl Verdict {
    pub fn add(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.add_new(|| reason);
        }
    }

    /// One that is not among them yet; it is only worked out where it is kept.
    pub fn add_new(&mut self, reason: impl FnOnce() -> Reason) {
        if self.reasons.len() < MOST_REASONS { self.reasons.push(reason()) } else { self.more += 1 }
    }

    pub fn doubt(&mut self, doubt: Doubt) {
        if self.doubts.len() < MOST_REASONS && !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }
}

fn judge(tree: &Tree, index: &Index, times: &Times, settings: &Settings, graph: &Graph, difference: Option<Difference>) -> Stale {
    let mut verdicts: FxHashMap<RowId, Verdict> = FxHashMap::default();
    let pending: FxHashSet<&str> = settings.changes.iter().map(|c| c.name.as_str()).collect();
    let pending_files: Vec<FileId> = if pending.is_empty() {
        Vec::new()
    } else {
        (0..index.file_count() as u32).filter(|f| index.option(*f).is_some_and(|o| pending.contains(o.as_str()))).collect()
    };
    for (row, verdict) in by_times(index, times, graph, &pending_files) {
        verdicts.insert(row, verdict);
    }
    let notes = settings.notes.clone();
    let makefiles = Makefiles::read(tree, index, graph);
    let mut touched = settings.touched(tree, index, times);
    if difference.is_some() {
        // The makefiles were asked about these.
        touched.retain(|(name, _)| !pending.contains(name.as_str()));
    }
    makefiles.doubts(index, graph, times, &touched, |row, doubt| verdicts.entry(row).or_default().doubt(doubt));
    for (id, row) in index.rows().iter().enumerate() {
        if let Some(trouble) = row.trouble.filter(|_| graph.used(id)) {
            verdicts.entry(id).or_default().doubt(Doubt::CmdFile(trouble.words().into()));
        }
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let difference = difference.unwrap_or_default();
    for (id, row) in index.rows().iter().enumerate().filter(|(id, _)| !difference.reasons.is_empty() && graph.used(*id)) {
        if let Some(reason) = difference.reasons.get(&text(index.name(row))) {
            verdicts.entry(id).or_default().add(reason.clone());
        }
    }
    let gone: FxHashSet<RowId> = difference.go.iter().filter_map(|n| index.find(n.as_bytes())).collect();
    verdicts.retain(|id, _| !gone.contains(id));
    graph.spread_without(index, &mut verdicts, &gone);
    let mut answer = Stale { notes, come: difference.come, ..Stale::default() };
    for (id, row) in index.rows().iter().enumerate() {
        if !graph.used(id) || gone.contains(&id) {
            answer.left_over += 1;
            continue;
        }
        let target = text(index.name(row));
        match verdicts.remove(&id) {
            Some(mut v) if !v.reasons.is_empty() => {
                v.reasons.sort();
                answer.stale.push(Item { target, why: v.reasons, more: v.more });
            }
            Some(v) if !v.doubts.is_empty() => answer.unknown.push(Item { target, why: v.doubts, more: 0 }),
            _ => answer.current += 1,
        }
    }
    // What is collected and has no .cmd file of its own is in no list of targets.
    let mut unnoted: Vec<FileId> = Vec::new();
    for (_, row) in index.rows().iter().enumerate().filter(|(id, row)| !row.listed && graph.used(*id) && !gone.contains(id)) {
        unnoted.extend(index.dependencies(row).filter(|d| !d.optional && graph.maker(d.file).is_none()).map(|d| d.file));
    }
    unnoted.sort_unstable();
    unnoted.dedup();
    for file in unnoted {
        let why = vec![if times.of(file) == MISSING { Reason::Missing } else { Reason::NoCmdFile }];
        answer.stale.push(Item { target: text(index.file(file)), why, more: 0 });
    }
    answer.stale.sort_by(|a, b| a.target.cmp(&b.target));
    let last = match tree.kind {
        Kind::BusyBox => Some("busybox_unstripped"),
        Kind::Linux => Some("vmlinux"),
        Kind::Other => None,
    };
    if let Some(last) = last.filter(|last| !index.rows().is_empty() && index.find(last.as_bytes()).is_none()) {
        answer.notes.push(format!(
            "{last} was never linked here, so the build did not come to its end, and what is still to be made is not in the .cmd files"
        ));
    }
    if let Some(other) = tree.builds_elsewhere() {
        answer.notes.push(format!(
            "this tree was moved or copied: make started in it works in {}, which its Makefile names; start it in the sources, with O={}",
            other.display(),
            tree.object.display()
        ));
    }
    if index.rows().is_empty() {
        answer.notes.push("nothing is built here: there are no .cmd files, so what make would build is not in them".into());
    }
    if tree.kind == Kind::Other {
        answer.notes.push("this is neither Linux nor BusyBox; rules of its own that leave no .cmd file are not known".into());
    }
    answer
}

/// What times alone say.
fn by_times(index: &Index, times: &Times, graph: &Graph, pending: &[FileId]) -> Vec<(RowId, Verdict)> {
    let rows = index.rows();
    let share = rows.len().div_ceil(threads()).max(64);
    let pending: FxHashSet<FileId> = pending.iter().copied().collect();
    let pending = &pending;
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..rows.len())
            .step_by(share)
            .map(|start| {
                scope.spawn(move || {
                    let ids = (start..rows.len().min(start + share)).filter(|id| graph.used(*id));
                    ids.filter_map(|id| one(index, times, graph, pending, id).map(|v| (id, v))).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|t| t.join().unwrap_or_default()).collect()
    })
}

fn one(index: &Index, times: &Times, graph: &Graph, pending: &FxHashSet<FileId>, id: RowId) -> Option<Verdict> {
    let row = index.row(id)?;
    let made = times.of(row.target);
    let mut verdict = Verdict::default();
    let text = |file: FileId| String::from_utf8_lossy(index.file(file)).into_owned();
    if made == MISSING {
        verdict.add(Reason::Missing);
        return Some(verdict);
    }
    let mut check = |file: FileId, optional: bool| {
        let time = times.of(file);
        // A command may write a second file beside its target, and name it: written before the command was noted.
        let made = if !row.listed && graph.maker(file).is_none() && folder(index.file(file)) == folder(index.name(row)) {
            made.max(index.noted(row))
        } else {
            made
        };
        let is_pending = !pending.is_empty() && pending.contains(&file);
        if time <= made && !is_pending {
            return;
        }
        let option = index.option(file);
        match option {
            Some(name) if is_pending => verdict.add(Reason::PendingOption(name)),
            Some(name) => verdict.add(Reason::Option(name)),
            None if time != MISSING => verdict.add(Reason::NewerFile(text(file))),
            // The last name of a list that was cut is no name.
            None if !optional && row.trouble.is_none() && graph.maker(file).is_none() => verdict.add(Reason::GoneFile(text(file))),
            None => {}
        }
    };
    if row.source != NONE {
        check(row.source, false);
    }
    for d in index.dependencies(row) {
        check(d.file, d.optional);
    }
    for file in graph.unwritten(id) {
        check(*file, true);
    }
    (!verdict.reasons.is_empty()).then_some(verdict)
}

fn folder(name: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', name).map_or(b"", |at| name.get(..at).unwrap_or_default())
}
