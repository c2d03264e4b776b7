//! What a fetch needs from its caller: the downloads folder, a listener, the cancel flag, the patience.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::FetchError;

/// How often a wait looks at the cancel flag.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// The surroundings of a fetch. Build it with [`Context::new`] and change what differs.
pub struct Context<'a> {
    /// Where fetched files, their part files and apt's private lists are kept. Made when missing.
    pub downloads: PathBuf,
    /// Called on the thread that called [`crate::fetch`], so it needs no lock of its own.
    pub progress: &'a dyn Fn(Progress),
    pub cancel: &'a AtomicBool,
    /// No network: only files that are here already, and the files a user names.
    pub offline: bool,
    pub timeouts: Timeouts,
    /// No download may be larger than this, whatever the recipe says.
    pub max_bytes: u64,
    /// How many times in a row a mirror may cut the connection without sending at least a MiB between.
    pub retries: u32,
    /// Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY count.
    pub proxy_from_env: bool,
    /// The apt-get to run; a name is looked up in PATH.
    pub apt_get: PathBuf,
    /// Where apt keeps its source lists.
    pub apt_etc: PathBuf,
}

/// How long to wait for a provider before it is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name lookup, and then connecting, each.
    pub connect: Duration,
    /// Between two pieces of a transfer; also until the answer's first line.
    pub stall: Duration,
    /// Between asking a child process to end and killing it.
    pub kill: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(4), stall: Duration::from_secs(15), kill: Duration::from_secs(2) }
    }
}

/// What a fetch or an unpack tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Bytes done in this phase, of a total where it is known. At most about ten a second.
    Bytes { phase: Phase, done: u64, total: Option<u64> },
    /// A line for people: a provider passed over, a wait for another process.
    Note(String),
}

/// The part of the work that bytes are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Bytes come over the network.
    Download,
    /// A file that is here already is hashed.
    Verify,
    /// A file is taken out of a package; counted in bytes of the package.
    Extract,
    /// An archive becomes a tree; counted in compressed bytes of the archive.
    Unpack,
}

impl<'a> Context<'a> {
    pub fn new(downloads: impl Into<PathBuf>, progress: &'a dyn Fn(Progress), cancel: &'a AtomicBool) -> Self {
        Self {
            downloads: downloads.into(),
            progress,
            cancel,
            offline: false,
            timeouts: Timeouts::default(),
            max_bytes: 4 << 30,
            retries: 3,
            proxy_from_env: true,
            apt_get: "apt-get".into(),
            apt_etc: "/etc/apt".into(),
        }
    }

    pub(crate) fn note(&self, line: impl Into<String>) {
        (self.progress)(Progress::Note(line.into()));
    }

    pub(crate) fn check(&self) -> Result<(), FetchError> {
        if self.cancel.load(Ordering::Relaxed) { Err(FetchError::Cancelled) } else { Ok(()) }
    }

    /// Sleeps unless cancelled.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), FetchError> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(TICK));
        }
    }

    pub(crate) fn meter(&self, phase: Phase, total: Option<u64>) -> Meter<'a> {
        Meter { tell: self.progress, phase, total, last: None }
    }
}

/// Thins progress out: a listener gets the first, the last, and about ten reports a second between.
pub(crate) struct Meter<'a> {
    tell: &'a dyn Fn(Progress),
    phase: Phase,
    total: Option<u64>,
    last: Option<Instant>,
}

impl<'a> Meter<'a> {
    pub fn new(tell: &'a dyn Fn(Progress), phase: Phase, total: Option<u64>) -> Self {
        Self { tell, phase, total, last: None }
    }

    pub fn set_total(&mut self, total: Option<u64>) {
        self.total = total;
    }

    pub fn at(&mut self, done: u64) {
        if self.last.is_none_or(|t| t.elapsed() >= Duration::from_millis(100)) {
            self.end(done);
        }
    }

    /// Reports without thinning, for the last word of a phase.
    pub fn end(&mut self, done: u64) {
        self.last = Some(Instant::now());
        (self.tell)(Progress::Bytes { phase: self.phase, done, total: self.total });
    }
}
