//! The output of all steps: many lines in few allocations, with a query that is worked out in slices.

use super::ansi::{self, Styled};
use super::diagnostic::{self, Level};
use super::log_query::{Query, Rows};
use bootwright_build::StepId;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Lines in one chunk; chunks are dropped whole.
pub const CHUNK: usize = 8192;
/// What is kept: with lines of 80 bytes this is about 160 MB.
const KEPT_LINES: u64 = 2_000_000;
const KEPT_BYTES: usize = 256 << 20;
/// A longer line is cut; the step's log file has all of it.
const LONGEST: usize = 4096;
/// Folders that a step's output names, to find relative paths in.
const MOST_FOLDERS: usize = 512;
/// Errors by number; the first of them are what people look for.
const MOST_ERRORS: usize = 100_000;

#[derive(Clone, Debug, Default)]
pub struct Chunk {
    pub(super) text: String,
    /// Where each line ends in `text`.
    pub(super) ends: Vec<u32>,
    /// Which step said it, as an index into `Log::steps`.
    pub(super) steps: Vec<u16>,
    pub(super) levels: Vec<Level>,
    /// Styled parts with the line they are in, in order; most lines have none.
    styles: Vec<(u32, Styled)>,
}

impl Chunk {
    pub(super) fn line(&self, i: usize) -> Option<&str> {
        let start = if i == 0 { 0 } else { *self.ends.get(i - 1)? as usize };
        self.text.get(start..*self.ends.get(i)? as usize)
    }
}

/// One line as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line<'a> {
    /// Its number since the window was opened.
    pub number: u64,
    pub step: &'a str,
    pub text: &'a str,
    pub level: Level,
}

/// What a step complained about since it started last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub warnings: u64,
    pub errors: u64,
    /// The first line of each kind, by number.
    pub first_warning: Option<u64>,
    pub first_error: Option<u64>,
}

#[derive(Debug, Default)]
struct Step {
    name: String,
    lines: u64,
    /// Its first and last line since it started, by number.
    since: Option<(u64, u64)>,
    tally: Tally,
    folders: Vec<String>,
}

#[derive(Default)]
pub struct Log {
    pub(super) chunks: VecDeque<Arc<Chunk>>,
    /// The number of the first line that is still here.
    pub(super) first: u64,
    pub(super) next: u64,
    bytes: usize,
    steps: Vec<Step>,
    step_index: HashMap<StepId, u16>,
    /// Lines that the engine did not send; the step's log file has them.
    left_out: u64,
    errors: VecDeque<u64>,
    reader: diagnostic::Reader,
    pub(super) rows: Rows,
}

impl Log {
    /// Lines that can be shown without a filter.
    pub fn len(&self) -> u64 {
        self.next - self.first
    }

    pub fn left_out(&self) -> u64 {
        self.left_out + self.first
    }

    pub fn push(&mut self, step: &StepId, lines: &[String], left_out: u64) {
        self.left_out += left_out;
        let index = self.step(step);
        for line in lines {
            self.push_line(index, line.trim_end_matches(['\n', '\r']));
        }
        while (self.len() > KEPT_LINES || self.bytes > KEPT_BYTES) && self.chunks.len() > 1 {
            if let Some(old) = self.chunks.pop_front() {
                self.first += old.ends.len() as u64;
                self.bytes -= old.text.len();
            }
        }
        while self.errors.front().is_some_and(|n| *n < self.first) {
            self.errors.pop_front();
        }
        self.rows.forget_before(self.first);
    }

    fn push_line(&mut self, step: u16, line: &str) {
        let (plain, styles);
        let line = if ansi::has_escapes(line) {
            (plain, styles) = ansi::parse(cut(line));
            plain.as_str()
        } else {
            styles = Vec::new();
            cut(line)
        };
        let level = self.reader.level(line);
        if self.chunks.back().is_none_or(|c| c.ends.len() >= CHUNK) {
            self.chunks.push_back(Arc::default());
        }
        if let Some(chunk) = self.chunks.back_mut() {
            // Copied only while someone saves what was there.
            let chunk = Arc::make_mut(chunk);
            chunk.text.push_str(line);
            chunk.styles.extend(styles.into_iter().map(|s| (chunk.ends.len() as u32, s)));
            // At most CHUNK lines of LONGEST bytes, which is 32 MB.
            chunk.ends.push(chunk.text.len() as u32);
            chunk.steps.push(step);
            chunk.levels.push(level);
        }
        if let Some(s) = self.steps.get_mut(usize::from(step)) {
            s.lines += 1;
            s.since = Some((s.since.map_or(self.next, |(first, _)| first), self.next));
            s.tally.add(level, self.next);
            if line.starts_with(['m', '$'])
                && let Some(folder) = diagnostic::folder(line)
                && s.folders.len() < MOST_FOLDERS
                && !s.folders.iter().any(|f| f == folder)
            {
                s.folders.push(folder.to_owned());
            }
        }
        if level == Level::Error && self.errors.len() < MOST_ERRORS {
            self.errors.push_back(self.next);
        }
        self.next += 1;
        self.bytes += line.len();
    }

    fn step(&mut self, step: &StepId) -> u16 {
        if let Some(i) = self.step_index.get(step) {
            return *i;
        }
        let i = u16::try_from(self.steps.len()).unwrap_or(u16::MAX);
        if i < u16::MAX {
            self.steps.push(Step { name: step.to_string(), ..Step::default() });
            self.step_index.insert(step.clone(), i);
        }
        i
    }

    /// A step begins anew: what it said before is no complaint of this run.
    pub fn step_started(&mut self, step: &StepId) {
        let i = usize::from(self.step(step));
        if let Some(s) = self.steps.get_mut(i) {
            (s.tally, s.since) = (Tally::default(), None);
        }
    }

    fn since(&self, step: &StepId) -> Option<(u64, u64)> {
        self.step_index.get(step).and_then(|i| self.steps.get(usize::from(*i)))?.since
    }

    /// The number of a step's first line since it started.
    pub fn first_of(&self, step: &StepId) -> Option<u64> {
        self.since(step).map(|(first, _)| first)
    }

    /// What a step said last.
    pub fn last_of(&self, step: &StepId) -> Option<&str> {
        self.since(step).and_then(|(_, last)| self.line(last)).map(|l| l.text)
    }

    pub fn tally(&self, step: &StepId) -> Tally {
        let step = self.step_index.get(step).and_then(|i| self.steps.get(usize::from(*i)));
        step.map(|s| s.tally).unwrap_or_default()
    }

    /// The line by which a step said first what is wrong, as far as it is still here.
    pub fn first_error(&self, step: &StepId) -> Option<Line<'_>> {
        self.tally(step).first_error.and_then(|n| self.line(n))
    }

    /// The steps that said something, with how many lines.
    pub fn steps(&self) -> impl Iterator<Item = (&str, u64)> {
        self.steps.iter().filter(|s| s.lines > 0).map(|s| (s.name.as_str(), s.lines))
    }

    pub(super) fn step_number(&self, name: &str) -> Option<u16> {
        self.steps.iter().position(|s| s.name == name).map(|i| i as u16)
    }

    /// Folders that a relative path in this step's output may start in, the latest first.
    pub fn folders(&self, step: &str) -> Vec<std::path::PathBuf> {
        let step = self.steps.iter().find(|s| s.name == step);
        step.map(|s| s.folders.iter().rev().map(Into::into).collect()).unwrap_or_default()
    }

    pub fn line(&self, number: u64) -> Option<Line<'_>> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let (chunk, i) = (self.chunks.get(at / CHUNK)?, at % CHUNK);
        let step = self.steps.get(usize::from(*chunk.steps.get(i)?)).map_or("", |s| s.name.as_str());
        Some(Line { number, step, text: chunk.line(i)?, level: *chunk.levels.get(i)? })
    }

    /// The styled parts of a line.
    pub fn styles(&self, number: u64) -> impl Iterator<Item = Styled> + '_ {
        let at = number.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        let found = at.and_then(|at| Some((self.chunks.get(at / CHUNK)?, (at % CHUNK) as u32)));
        found.into_iter().flat_map(|(chunk, i)| {
            let from = chunk.styles.partition_point(|(line, _)| *line < i);
            chunk.styles[from..].iter().take_while(move |(line, _)| *line == i).map(|(_, s)| *s)
        })
    }

    pub fn query(&self) -> &Query {
        self.rows.query()
    }

    pub fn set_query(&mut self, query: Query) {
        if query != *self.rows.query() {
            let step = query.step.as_ref().map(|name| self.step_number(name).unwrap_or(u16::MAX));
            self.rows = Rows::new(query, step, self.first);
        }
    }

    /// Looks on for lines that fit, for no longer than `budget`. True where there is more to look at.
    pub fn work(&mut self, budget: Duration) -> bool {
        if self.rows.wants_step()
            && let Some(name) = self.rows.query().step.clone()
            && let Some(i) = self.step_number(&name)
        {
            self.rows.step_appeared(i);
        }
        let mut rows = std::mem::take(&mut self.rows);
        let more = rows.work(self, budget);
        self.rows = rows;
        more
    }

    /// Rows to show: lines that fit the query.
    pub fn rows(&self) -> u64 {
        self.rows.hits().map_or(self.len(), |hits| hits.len() as u64)
    }

    pub fn row(&self, row: u64) -> Option<Line<'_>> {
        match self.rows.hits() {
            Some(hits) => self.line(*hits.get(usize::try_from(row).ok()?)?),
            None => self.line(self.first + row),
        }
    }

    /// The row of a line, or of the first one after it.
    pub fn row_of(&self, number: u64) -> u64 {
        match self.rows.hits() {
            Some(hits) => hits.partition_point(|n| *n < number) as u64,
            None => number.saturating_sub(self.first),
        }
    }

    /// Lines in sight that contain what is searched for.
    pub fn matches(&self) -> &VecDeque<u64> {
        self.rows.matches()
    }

    /// The first error at or after a line, among what the query shows.
    pub fn error_from(&self, number: u64) -> Option<u64> {
        let from = self.errors.partition_point(|n| *n < number);
        let step = self.query().step.clone();
        self.errors.iter().skip(from).copied().find(|n| step.is_none() || self.line(*n).map(|l| l.step) == step.as_deref())
    }

    /// The error before a line, or the last one.
    pub fn error_before(&self, number: Option<u64>) -> Option<u64> {
        let until = number.map_or(self.errors.len(), |n| self.errors.partition_point(|e| *e < n));
        let step = self.query().step.clone();
        let fits = |n: &u64| step.is_none() || self.line(*n).map(|l| l.step) == step.as_deref();
        let before = self.errors.iter().take(until).rev().copied().find(fits);
        before.or_else(|| self.errors.iter().rev().copied().find(fits))
    }

    /// The number that the next line will have.
    pub fn end(&self) -> u64 {
        self.next
    }

    /// The number of the line in the first row, so that the view can stay where it is when old lines go.
    pub fn first_number(&self) -> u64 {
        self.row(0).map_or(self.next, |l| l.number)
    }

    /// What is shown now, to be written by another thread while the log goes on. Chunks are shared, not copied.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { chunks: self.chunks.iter().cloned().collect(), first: self.first, hits: self.rows.hits().cloned() }
    }
}

impl Tally {
    fn add(&mut self, level: Level, number: u64) {
        match level {
            Level::None => {}
            Level::Warning => {
                self.warnings += 1;
                self.first_warning.get_or_insert(number);
            }
            Level::Error => {
                self.errors += 1;
                self.first_error.get_or_insert(number);
            }
        }
    }
}

/// Lines of a log as they were.
#[derive(Clone, Debug)]
pub struct Snapshot {
    chunks: Vec<Arc<Chunk>>,
    first: u64,
    hits: Option<VecDeque<u64>>,
}

impl Snapshot {
    /// Gives how many lines were written.
    pub fn write(&self, out: &mut dyn std::io::Write) -> std::io::Result<u64> {
        let mut lines = 0;
        let mut put = |chunk: &Chunk, i: usize| {
            lines += 1;
            out.write_all(chunk.line(i).unwrap_or_default().as_bytes()).and_then(|()| out.write_all(b"\n"))
        };
        match &self.hits {
            Some(hits) => {
                for at in hits.iter().filter_map(|n| usize::try_from(n.checked_sub(self.first)?).ok()) {
                    if let Some(chunk) = self.chunks.get(at / CHUNK) {
                        put(chunk, at % CHUNK)?;
                    }
                }
            }
            None => {
                for chunk in &self.chunks {
                    for i in 0..chunk.ends.len() {
                        put(chunk, i)?;
                    }
                }
            }
        }
        Ok(lines)
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log of {} lines", self.len())
    }
}

fn cut(line: &str) -> &str {
    if line.len() <= LONGEST {
        return line;
    }
    let mut end = LONGEST;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
