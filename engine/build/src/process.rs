//! One child process: its own group, both outputs as lines, ended as a whole.

use crate::guard::Guard;
use crate::{BuildError, host};
use rustix::process::{Pid, Signal};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Every process of a build carries it, with the run's name, so that one that left its process group is found too.
const MARK: &str = "BOOTWRIGHT_RUN";

/// Between SIGTERM and SIGKILL. `make` uses it to remove half-written targets.
const GRACE: Duration = Duration::from_millis(400);

pub struct Child<'a> {
    pub argv: &'a [String],
    pub cwd: &'a Path,
    pub env: &'a BTreeMap<String, String>,
    /// The home folder: an empty one, so that no dot file of the user's gets into a build.
    pub home: &'a Path,
    pub run: &'a str,
    pub jobs: Option<&'a jobserver::Client>,
    pub guard: &'a Guard,
    pub meter: &'a crate::usage::Meter,
    pub cancel: &'a AtomicBool,
}

pub struct Ended {
    /// User and system time of the child and all descendants it waited for, in seconds.
    pub cpu_seconds: f64,
}

impl Child<'_> {
    /// Runs it to its end and gives every line to `line` (without the line end; what is not UTF-8 is replaced).
    pub fn run(&self, line: &mut dyn FnMut(String)) -> Result<Ended, BuildError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(BuildError::Cancelled);
        }
        let spawn_error = |e: std::io::Error| BuildError::Spawn { command: shown(self.argv), reason: e.to_string() };
        let Some((program, rest)) = self.argv.split_first() else {
            return Err(BuildError::Action("a command has no words".into()));
        };
        let program = if program.contains('/') { PathBuf::from(program) } else { host::program(program).unwrap_or_else(|| program.into()) };
        let (reader, writer) = std::io::pipe().map_err(spawn_error)?;
        let jobs = self.jobs.cloned();
        let expression = duct::cmd(program, rest)
            .dir(self.cwd)
            .full_env(self.environment())
            .stdin_null()
            .stderr_to_stdout()
            .stdout_file(writer)
            .unchecked()
            .before_spawn(move |c| {
                use std::os::unix::process::CommandExt;
                c.process_group(0);
                if let Some(jobs) = &jobs {
                    jobs.configure_make(c);
                }
                Ok(())
            });
        let handle = expression.start().map_err(spawn_error)?;
        drop(expression); // it holds our end of the pipe open
        let group = handle.pids().first().map_or(0, |p| *p as i32);
        self.guard.watch(group);
        self.meter.watch(group);
        let done = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            let killer = scope.spawn(|| self.end_when_cancelled(group, &done));
            read_lines(reader, line);
            wait_until_zombie(group);
            let cpu_seconds = cpu_seconds(group);
            self.meter.release(group, cpu_seconds);
            let status = handle.wait().map(|o| o.status);
            done.store(true, Ordering::Relaxed);
            killer.thread().unpark();
            let _ = killer.join();
            (cpu_seconds, status.map_err(spawn_error))
        });
        self.guard.release(group);
        let (cpu_seconds, status) = result;
        let status = status?;
        if self.cancel.load(Ordering::Relaxed) {
            return Err(BuildError::Cancelled);
        }
        if !status.success() {
            return Err(BuildError::Command { command: shown(self.argv), ended: ended(status) });
        }
        Ok(Ended { cpu_seconds })
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let mut env = self.env.clone();
        for (name, value) in base_environment() {
            env.entry(name.to_owned()).or_insert(value.to_owned());
        }
        env.insert("HOME".into(), self.home.display().to_string());
        env.insert(MARK.into(), self.run.into());
        env
    }

    fn end_when_cancelled(&self, group: i32, done: &AtomicBool) {
        while !done.load(Ordering::Relaxed) {
            if self.cancel.load(Ordering::Relaxed) {
                end_group(group, self.run, done);
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

/// What every command finds in its environment. Dates and names that kernels carry are fixed, so that the same inputs give
/// the same bytes.
pub fn base_environment() -> [(&'static str, &'static str); 8] {
    [
        ("PATH", host::PATH),
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("SOURCE_DATE_EPOCH", "1459684800"),
        ("KBUILD_BUILD_TIMESTAMP", "Sun Apr  3 12:00:00 UTC 2016"),
        ("KBUILD_BUILD_USER", "bootwright"),
        ("KBUILD_BUILD_HOST", "bootwright"),
        ("KBUILD_BUILD_VERSION", "1"),
    ]
}

fn read_lines(reader: std::io::PipeReader, line: &mut dyn FnMut(String)) {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // A line without end is cut, so that memory stays bounded.
        match std::io::Read::take(&mut reader, 64 << 10).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        while bytes.last().is_some_and(|b| *b == b'\n' || *b == b'\r') {
            bytes.pop();
        }
        line(String::from_utf8_lossy(&bytes).into_owned());
    }
}

/// Its outputs are closed, but it may go on; its CPU time is whole only when it has ended, and gone when it is reaped.
fn wait_until_zombie(pid: i32) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    }
}

/// proc_pid_stat(5): utime, stime, cutime and cstime are fields 14 to 17, counted in 1/100 s (USER_HZ).
fn cpu_seconds(pid: i32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in field 2 may hold spaces and parentheses; the last `)` ends it.
    let fields = text.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(4)).into_iter().flatten();
    fields.filter_map(|f| f.parse::<u64>().ok()).sum::<u64>() as f64 / 100.0
}

pub fn signal_group(group: i32, signal: Signal) -> bool {
    Pid::from_raw(group).is_some_and(|p| rustix::process::kill_process_group(p, signal).is_ok())
}

/// TERM, a moment, KILL; then everything of this run that left the group.
fn end_group(group: i32, run: &str, done: &AtomicBool) {
    signal_group(group, Signal::TERM);
    let end = Instant::now() + GRACE;
    while Instant::now() < end && !done.load(Ordering::Relaxed) {
        std::thread::park_timeout(Duration::from_millis(20));
    }
    signal_group(group, Signal::KILL);
    sweep(run);
}

/// Ends every process that carries this run's mark. A child that called setsid is in no group we know.
pub fn sweep(run: &str) {
    let mark = format!("{MARK}={run}");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else { continue };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if environment.split(|b| *b == 0).any(|v| v == mark.as_bytes())
            && let Some(pid) = Pid::from_raw(pid)
        {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }
}

fn ended(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with status {code}"),
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        _ => "ended".into(),
    }
}

/// A command as one line for a shell: words that need it are quoted.
pub fn shown(argv: &[String]) -> String {
    argv.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(" ")
}

/// A word as a POSIX shell reads it (POSIX.1-2017, Shell Command Language, 2.2): plain where it can be, else in single quotes.
pub fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=./:,+@%".contains(&b));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
