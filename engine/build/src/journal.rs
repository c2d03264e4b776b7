//! Where events go: the journal on disk, the steps' logs, and the channel to whoever listens.
//!
//! Log lines must neither stop the build nor be lost: the file gets every line. The channel is bounded; while it is full,
//! lines are kept back up to a limit and counted beyond it (`left_out`). Every other event waits for its place.

use crate::error::At;
use crate::event::{Event, StepId};
use crate::{BuildError, engine::Waker};
use crossbeam_channel::{Sender, TrySendError};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// A batch is sent when it has this many lines or this age.
const BATCH_LINES: usize = 4096;
const BATCH_AGE: Duration = Duration::from_millis(16);
/// Lines kept back while the channel is full.
const KEPT_LINES: usize = 65_536;
const WAKE_EVERY: Duration = Duration::from_millis(10);

/// One line of `journal.ron`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the start of the run.
    pub at_ms: u64,
    pub event: Event,
}

pub struct Sink {
    start: Instant,
    /// The same moment on the clock that files carry.
    wall: SystemTime,
    folder: PathBuf,
    journal: Mutex<BufWriter<File>>,
    channel: Sender<Event>,
    waker: Option<Waker>,
    woken: Mutex<Option<Instant>>,
}

impl Sink {
    pub fn new(folder: &Path, channel: Sender<Event>, waker: Option<Waker>) -> Result<Self, BuildError> {
        fs::create_dir_all(folder).at("make the folder", folder)?;
        let path = folder.join("journal.ron");
        let journal = Mutex::new(BufWriter::new(File::create(&path).at("write", &path)?));
        Ok(Self {
            start: Instant::now(),
            wall: SystemTime::now(),
            folder: folder.to_path_buf(),
            journal,
            channel,
            waker,
            woken: Mutex::new(None),
        })
    }

    /// Milliseconds since the start of the run, as the journal counts.
    pub fn now_ms(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// A file's time on the journal's scale; none where it is from before the run.
    pub fn at_ms(&self, time: SystemTime) -> Option<u64> {
        time.duration_since(self.wall).ok().map(|d| d.as_millis() as u64)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Journals and sends. Waits while the channel is full.
    pub fn say(&self, event: Event) {
        self.write(&event);
        // Nobody listening is no reason to stop building.
        let _ = self.channel.send(event);
        self.wake();
    }

    fn write(&self, event: &Event) {
        let entry = Entry { at_ms: self.now_ms(), event: event.clone() };
        let mut journal = self.journal.lock().unwrap_or_else(|e| e.into_inner());
        if let Ok(text) = ron::to_string(&entry) {
            // The journal is for looking back; a disk that is full shows where results are written, with an error.
            let _ = writeln!(journal, "{text}").and_then(|()| journal.flush());
        }
    }

    fn wake(&self) {
        let Some(waker) = &self.waker else { return };
        let mut woken = self.woken.lock().unwrap_or_else(|e| e.into_inner());
        if woken.is_none_or(|t| t.elapsed() >= WAKE_EVERY) {
            *woken = Some(Instant::now());
            waker();
        }
    }

    /// After the last event: the wake-up must not fall to the rate limit.
    pub fn finish(&self) {
        if let Some(waker) = &self.waker {
            waker();
        }
    }

    pub fn log(&self, step: &StepId) -> Result<Log<'_>, BuildError> {
        let path = self.folder.join(format!("{}.{}.log", step.component, step.step));
        let file = BufWriter::new(File::create(&path).at("write", &path)?);
        Ok(Log {
            sink: self,
            step: step.clone(),
            path,
            file,
            lines: Vec::new(),
            left_out: 0,
            sent: Instant::now(),
            last: Default::default(),
        })
    }
}

/// The log of one step.
pub struct Log<'a> {
    sink: &'a Sink,
    step: StepId,
    path: PathBuf,
    file: BufWriter<File>,
    lines: Vec<String>,
    left_out: u64,
    sent: Instant,
    /// The last lines, for the message of a failure.
    last: std::collections::VecDeque<String>,
}

impl Log<'_> {
    pub fn line(&mut self, line: String) {
        let _ = writeln!(self.file, "{line}"); // as for the journal
        if self.last.len() == 12 {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
        if self.lines.len() < KEPT_LINES {
            self.lines.push(line);
        } else {
            self.left_out += 1;
        }
        if self.lines.len().is_multiple_of(BATCH_LINES) || self.sent.elapsed() >= BATCH_AGE {
            self.pass_on();
        }
    }

    /// Sends what is there, unless the channel is full.
    pub fn pass_on(&mut self) {
        self.sent = Instant::now();
        if self.lines.is_empty() && self.left_out == 0 {
            return;
        }
        let event = Event::Log { step: self.step.clone(), lines: std::mem::take(&mut self.lines), left_out: self.left_out };
        match self.sink.channel.try_send(event) {
            Ok(()) => {
                self.left_out = 0;
                self.sink.wake();
            }
            Err(TrySendError::Full(Event::Log { lines, .. })) => self.lines = lines,
            Err(_) => {}
        }
    }

    /// Path and last lines.
    pub fn tail(&mut self) -> (PathBuf, Vec<String>) {
        let _ = self.file.flush();
        (self.path.clone(), self.last.iter().cloned().collect())
    }
}

impl Drop for Log<'_> {
    fn drop(&mut self) {
        let _ = self.file.flush();
        if !self.lines.is_empty() || self.left_out > 0 {
            // The end of a log is what people look for, so it waits for its place.
            let lines = std::mem::take(&mut self.lines);
            let _ = self.sink.channel.send(Event::Log { step: self.step.clone(), lines, left_out: self.left_out });
            self.sink.wake();
        }
    }
}

/// The entries of a journal. A last line that a kill cut short is left out.
pub fn read(path: &Path) -> Result<Vec<Entry>, BuildError> {
    let file = File::open(path).at("read", path)?;
    let mut entries = Vec::new();
    let mut lines = BufReader::new(file).lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let line = line.at("read", path)?;
        match ron::Options::default().with_recursion_limit(64).from_str(&line) {
            Ok(entry) => entries.push(entry),
            Err(_) if lines.peek().is_none() => break,
            Err(e) => return Err(BuildError::Damaged { path: path.into(), reason: format!("line {}: {e}", number + 1) }),
        }
    }
    Ok(entries)
}

/// A longer line is no event: the largest, a plan of hundreds of steps, stays below a tenth of it.
const LONGEST_LINE: u64 = 8 << 20;
/// Entries of a journal that are looked at; a kernel with all its drivers leaves some 60,000.
const MOST_ENTRIES: usize = 2_000_000;

/// What was wrong with a journal that could be read all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Lines that say nothing this version understands: cut short by a kill, from a later version, or damaged.
    pub skipped: u64,
    /// It is longer than anything is read.
    pub too_long: bool,
}

/// Gives each entry of a journal to `take`, whatever else the file holds. The error is that it cannot be read at all.
pub fn read_what_is_there(path: &Path, take: &mut dyn FnMut(Entry)) -> Result<Faults, BuildError> {
    let mut reader = BufReader::new(File::open(path).at("read", path)?);
    let mut faults = Faults::default();
    let mut line = Vec::new();
    for _ in 0..MOST_ENTRIES {
        line.clear();
        if std::io::Read::take(&mut reader, LONGEST_LINE).read_until(b'\n', &mut line).at("read", path)? == 0 {
            return Ok(faults);
        }
        let text = std::str::from_utf8(&line).ok().filter(|_| line.ends_with(b"\n") || line.len() < LONGEST_LINE as usize);
        match text.and_then(|t| ron::Options::default().with_recursion_limit(64).from_str(t.trim_end()).ok()) {
            Some(entry) => take(entry),
            None => faults.skipped += 1,
        }
    }
    faults.too_long = true;
    Ok(faults)
}
