//! The page that looks inside an artifact: the way that led to what it shows, and the bytes of it that were read.

use super::State;
use crate::artifacts::Need;
use crate::studio::action::Tab;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_image::iso::Names;
use bootwright_image::look::{Format, Inside, Look};
use bootwright_image::source::Source;
use bootwright_image::tree::{Entry, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of a hex view that are read at once.
pub const BLOCK: u64 = 1 << 16;
/// Blocks kept; what is farther away is read again.
const KEPT: usize = 64;

/// Where the lines of a text begin, so that any of them is found by reading a little.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Offset and number of the first line of a part.
    pub parts: Vec<(u64, u64)>,
    pub count: u64,
    pub end: u64,
}

impl Lines {
    /// The part that has a line.
    pub fn part(&self, line: u64) -> usize {
        self.parts.partition_point(|(_, first)| *first <= line).saturating_sub(1)
    }

    /// Where a part is: offset and length.
    pub fn place(&self, part: usize) -> Option<(u64, u64)> {
        let (from, _) = *self.parts.get(part)?;
        let to = self.parts.get(part + 1).map_or(self.end, |(to, _)| *to);
        Some((from, to - from))
    }
}

/// Something that was looked into.
#[derive(Debug)]
pub struct Level {
    /// Within the level before: `rootfs.gz`, `bin/busybox`.
    pub name: String,
    pub look: Look,
    pub needs: Vec<Need>,
    /// Of a text.
    pub lines: Option<Lines>,
}

impl Level {
    pub fn tree(&self, names: Option<Names>) -> Option<&Tree> {
        match (&self.look.inside, names) {
            (Inside::Iso(image), Some(names)) => image.tree(names).or(self.look.tree()),
            _ => self.look.tree(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// What it says of itself, and its files.
    #[default]
    Facts,
    Text,
    Hex,
}

/// What to look into.
#[derive(Clone, Debug)]
pub enum From {
    Path(PathBuf),
    /// An entry of what is shown, of the tree with these names.
    Entry {
        level: Arc<Level>,
        names: Option<Names>,
        index: usize,
    },
}

/// A part of the bytes that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// By number, of [`BLOCK`] bytes.
    Block(u64),
    /// Of [`Lines`].
    Lines(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub enum InsideAction {
    /// An artifact, by its name in wires and where it lies.
    Open {
        name: String,
        path: PathBuf,
    },
    /// The entry of the tree that is shown.
    Enter(usize),
    /// Back to this level of the way.
    Back(usize),
    Show(View),
    Names(Names),
    Filter(String),
    /// A folder of the tree is opened or closed.
    Fold(String),
    /// The view needs these bytes.
    Read(Part),
    /// A copy of what is shown; none: the desktop's dialog asks where.
    Save(Option<String>),
}

#[derive(Default)]
pub struct InsidePage {
    pub way: Vec<Arc<Level>>,
    pub view: View,
    pub names: Option<Names>,
    pub filter: String,
    folded: BTreeSet<String>,
    /// What is being opened.
    pub waiting: Option<String>,
    /// Why it could not be opened.
    pub trouble: Option<String>,
    /// None: asked for and not here yet.
    parts: BTreeMap<Part, Option<Arc<[u8]>>>,
    /// Counts what was asked for, so that a late answer is not taken for the newest one.
    pub asked: u64,
    /// Counts what was shown; views begin at the top of another.
    pub shown: u64,
}

impl InsidePage {
    pub fn level(&self) -> Option<&Arc<Level>> {
        self.way.last()
    }

    /// Bytes that are there; none while they are read.
    pub fn bytes(&self, part: Part) -> Option<&Arc<[u8]>> {
        self.parts.get(&part)?.as_ref()
    }

    /// Whether nobody asked for them yet.
    pub fn lacks(&self, part: Part) -> bool {
        !self.parts.contains_key(&part)
    }

    pub fn folded(&self, folder: &str) -> bool {
        self.folded.contains(folder)
    }

    pub fn views(&self) -> Vec<View> {
        let Some(level) = self.level() else { return Vec::new() };
        let mut views = vec![View::Facts];
        if level.lines.is_some() {
            views.push(View::Text);
        }
        if level.look.source().is_some() {
            views.push(View::Hex);
        }
        views
    }

    /// The entries in sight: by the filter, else without those in folded folders.
    pub fn rows<'a>(&self, tree: &'a Tree) -> Vec<(usize, &'a Entry)> {
        let needle = self.filter.trim().to_lowercase();
        let all = tree.entries().iter().enumerate();
        if !needle.is_empty() {
            return all.filter(|(_, e)| e.path.to_lowercase().contains(&needle)).collect();
        }
        let mut rows = Vec::new();
        let mut under: Option<String> = None;
        for (index, entry) in all {
            if under.as_ref().is_some_and(|folder| entry.path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))) {
                continue;
            }
            under = (entry.is_folder() && self.folded(&entry.path)).then(|| entry.path.clone());
            rows.push((index, entry));
        }
        rows
    }

    fn show(&mut self) {
        self.parts.clear();
        self.filter.clear();
        self.folded.clear();
        self.names = None;
        self.trouble = None;
        self.shown += 1;
        self.view = match self.level().map(|l| l.look.format) {
            Some(Format::Text | Format::Script) => View::Text,
            Some(Format::Bytes) => View::Hex,
            _ => View::Facts,
        };
        // A long list begins with its first folders.
        if let Some(tree) = self.level().and_then(|l| l.tree(None)).filter(|t| t.entries().len() > 60) {
            self.folded = tree.entries().iter().filter(|e| e.is_folder()).map(|e| e.path.clone()).collect();
        }
    }

    /// What was asked for is here.
    pub fn looked(&mut self, asked: u64, keep: usize, result: Result<Arc<Level>, String>) {
        if asked != self.asked {
            return;
        }
        self.waiting = None;
        match result {
            Ok(level) => {
                self.way.truncate(keep);
                self.way.push(level);
                self.show();
            }
            Err(why) => self.trouble = Some(why),
        }
    }

    pub fn read(&mut self, shown: u64, part: Part, result: Result<Vec<u8>, String>) {
        if shown != self.shown {
            return;
        }
        match result {
            Ok(bytes) => {
                self.parts.insert(part, Some(bytes.into()));
            }
            Err(why) => self.trouble = Some(why),
        }
        // What is farthest from what is looked at now goes first.
        while self.parts.len() > KEPT {
            let (first, last) = (self.parts.keys().next().copied(), self.parts.keys().next_back().copied());
            let far = if first.is_some_and(|f| part_number(part) - part_number(f) > part_number(last.unwrap_or(part)) - part_number(part)) {
                first
            } else {
                last
            };
            match far {
                Some(far) => self.parts.remove(&far),
                None => break,
            };
        }
    }
}

fn part_number(part: Part) -> i64 {
    match part {
        Part::Block(n) => n as i64,
        Part::Lines(n) => n as i64,
    }
}

impl State {
    pub fn inside_action(&mut self, action: InsideAction, link: &dyn EngineLink) {
        match action {
            InsideAction::Open { name, path } => {
                self.front = Some(Tab::Inside);
                self.look_into(name, From::Path(path), 0, link);
            }
            InsideAction::Enter(index) => {
                let page = &self.inside;
                let Some(level) = page.level().cloned() else { return };
                let Some(entry) = level.tree(page.names).and_then(|t| t.entries().get(index)) else { return };
                let from = From::Entry { level: level.clone(), names: page.names, index };
                self.look_into(entry.path.clone(), from, page.way.len(), link);
            }
            InsideAction::Back(level) => {
                if level + 1 < self.inside.way.len() {
                    self.inside.way.truncate(level + 1);
                    // What was on its way would lead away again.
                    self.inside.asked += 1;
                    self.inside.waiting = None;
                    self.inside.show();
                }
            }
            InsideAction::Show(view) => {
                self.inside.view = view;
            }
            InsideAction::Names(names) => self.inside.names = Some(names),
            InsideAction::Filter(text) => self.inside.filter = text,
            InsideAction::Fold(folder) => {
                if !self.inside.folded.remove(&folder) {
                    self.inside.folded.insert(folder);
                }
            }
            InsideAction::Read(part) => {
                let page = &mut self.inside;
                let Some((source, lines)) = page.level().and_then(|l| Some((l.look.source()?.clone(), l.lines.clone()))) else { return };
                let place = match part {
                    Part::Block(number) => Some((number * BLOCK, BLOCK)),
                    // A line without end is shown as far as anybody would scroll.
                    Part::Lines(number) => lines.and_then(|l| l.place(number)).map(|(at, len)| (at, len.min(1 << 20))),
                };
                if let Some((offset, len)) = place.filter(|_| page.lacks(part)) {
                    page.parts.insert(part, None);
                    let shown = page.shown;
                    self.ask(Ask::ReadBytes { source, offset, len, part, shown }, link);
                }
            }
            InsideAction::Save(path) => {
                let Some(source) = self.inside.level().and_then(|l| l.look.source().cloned()) else { return };
                let name = self.inside.file_name();
                self.ask(Ask::SaveCopy { source, name, path: path.map(Into::into) }, link);
            }
        }
    }

    fn look_into(&mut self, name: String, from: From, keep: usize, link: &dyn EngineLink) {
        self.inside.asked += 1;
        self.inside.waiting = Some(name.clone());
        self.inside.trouble = None;
        let others = self.run.artifacts.iter().map(|a| (format!("{}.{}", a.step.component, a.output), a.path.clone())).collect();
        self.ask(Ask::LookInside { from, name, others, asked: self.inside.asked, keep }, link);
    }
}

impl InsidePage {
    /// What a copy is called.
    pub fn file_name(&self) -> String {
        let of = |source: &Source| source.name().file_name().map(|n| n.to_string_lossy().into_owned());
        self.level().and_then(|l| l.look.source()).and_then(of).unwrap_or_else(|| "copy".into())
    }
}
