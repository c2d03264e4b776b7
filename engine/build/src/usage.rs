//! What the build takes of the machine, sampled: busy processors and memory of its processes.
//!
//! Source: `/proc/PID/stat` (proc_pid_stat(5)) of the process groups that the steps started and of all that descends from
//! them, and of this program's own step threads (unpacking and packing run in those). A cgroup would count exactly, but
//! making one needs rights that a user's session often lacks.

use crate::event::Usage;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Between two samples; longer where a sample takes long, so that measuring takes at most four thousandths of one processor.
const EVERY: Duration = Duration::from_millis(500);
const SHARE: u32 = 250;
/// USER_HZ: what times in /proc are counted in.
const TICKS: f64 = 100.0;

/// The process groups that run, and what those that ended took.
#[derive(Debug, Default)]
pub struct Meter(Mutex<(BTreeSet<i32>, f64)>);

impl Meter {
    pub fn watch(&self, group: i32) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).0.insert(group);
    }

    /// `cpu_seconds`: what it and its children took.
    pub fn release(&self, group: i32, cpu_seconds: f64) {
        let mut inner = self.0.lock().unwrap_or_else(|e| e.into_inner());
        inner.0.remove(&group);
        inner.1 += cpu_seconds;
    }
}

/// Samples until `over`, giving each to `say`.
pub fn watch(meter: &Meter, over: &dyn Fn() -> bool, say: &dyn Fn(Usage)) {
    let mut sampler = Sampler { page: page_size(), ..Sampler::default() };
    let mut last = Instant::now();
    let mut wait = EVERY;
    while !over() {
        // Short naps, so that the end of a run does not wait for the next sample.
        std::thread::park_timeout(Duration::from_millis(50));
        if last.elapsed() < wait {
            continue;
        }
        let (begin, since) = (Instant::now(), last.elapsed().as_secs_f64());
        last = begin;
        let usage = sampler.sample(meter, since);
        wait = EVERY.max(begin.elapsed() * SHARE);
        say(usage);
    }
}

#[derive(Default)]
struct Sampler {
    page: u64,
    /// Seconds of all processes at the sample before.
    before: f64,
    /// For how many samples the sum was lower than that.
    lower: u32,
    threads: HashMap<u32, f64>,
}

/// What is needed of one line of /proc/PID/stat.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    parent: i32,
    group: i32,
    /// Its own time.
    own: f64,
    /// Of children it waited for.
    children: f64,
    pages: u64,
}

fn stat(text: &str) -> Option<Stat> {
    // The name in field 2 may hold spaces and parentheses; the last `)` ends it. Field 3 comes next.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<i64>().ok();
    let seconds = |a, b| Some((number(a)?.saturating_add(number(b)?)).max(0) as f64 / TICKS);
    Some(Stat {
        parent: number(4)? as i32,
        group: number(5)? as i32,
        own: seconds(14, 15)?,
        children: seconds(16, 17)?,
        pages: number(24)?.max(0) as u64,
    })
}

impl Sampler {
    fn sample(&mut self, meter: &Meter, since: f64) -> Usage {
        let (groups, ended) = {
            let inner = meter.0.lock().unwrap_or_else(|e| e.into_inner());
            (inner.0.clone(), inner.1)
        };
        let mut all = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else { continue };
            if let Some(s) = fs::read_to_string(entry.path().join("stat")).ok().as_deref().and_then(stat) {
                all.insert(pid, s);
            }
        }
        let (mut seconds, mut pages, mut processes) = (ended, 0, 0);
        for s in family(&all, &groups).iter().filter_map(|pid| all.get(pid)) {
            seconds += s.own + s.children;
            pages += s.pages;
            processes += 1;
        }
        let threads = self.threads();
        // A process that was reaped between two reads is missing once and must not count twice after that; one that nobody
        // waited for is missing for good.
        let spent = (seconds - self.before).max(0.0) + threads;
        self.lower = if seconds < self.before { self.lower + 1 } else { 0 };
        if self.lower == 0 || self.lower > 10 {
            self.before = seconds;
        }
        Usage { cores: spent / since.max(1e-3), memory: pages * self.page, processes }
    }

    /// Seconds that this program's own step threads took since the last time.
    fn threads(&mut self) -> f64 {
        let mut now = HashMap::new();
        for entry in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
            let text = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            if text.contains("(step ")
                && let Some(s) = stat(&text)
            {
                now.insert(id, s.own);
            }
        }
        let spent = now.iter().map(|(id, t)| (t - self.threads.get(id).unwrap_or(&0.0)).max(0.0)).sum();
        self.threads = now;
        spent
    }
}

/// The processes of the groups, and all that descend from them.
fn family(all: &BTreeMap<i32, Stat>, groups: &BTreeSet<i32>) -> BTreeSet<i32> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (pid, s) in all {
        children.entry(s.parent).or_default().push(*pid);
    }
    let mut open: Vec<i32> = all.iter().filter(|(_, s)| groups.contains(&s.group)).map(|(pid, _)| *pid).collect();
    let mut found = BTreeSet::new();
    while let Some(pid) = open.pop() {
        if found.insert(pid) {
            open.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

/// From the auxiliary vector (getauxval(3)): pairs of words, AT_PAGESZ is 6.
fn page_size() -> u64 {
    let bytes = fs::read("/proc/self/auxv").unwrap_or_default();
    let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|w| u64::from_ne_bytes(*w)).collect();
    words.chunks(2).find(|pair| pair[0] == 6).and_then(|pair| pair.get(1).copied()).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_read_whatever_the_name_holds() {
        let line = "17 (a) b (c) R 4 9 9 0 -1 4194560 1 2 0 0 150 50 300 100 20 0 1 0 77 1000000 321 18446744073709551615 1";
        assert_eq!(stat(line), Some(Stat { parent: 4, group: 9, own: 2.0, children: 4.0, pages: 321 }));
        assert_eq!(stat("17 (x) R 4"), None);
        assert_eq!(stat(""), None);
    }

    #[test]
    fn a_family_is_the_groups_and_what_left_them() {
        let of = |parent, group| Stat { parent, group, own: 0.0, children: 0.0, pages: 0 };
        let all = BTreeMap::from([(1, of(0, 1)), (10, of(1, 10)), (11, of(10, 10)), (12, of(11, 12)), (20, of(1, 20))]);
        assert_eq!(family(&all, &BTreeSet::from([10])), BTreeSet::from([10, 11, 12]));
    }

    #[test]
    fn the_time_and_memory_of_a_child_are_seen() {
        use std::os::unix::process::CommandExt;
        let mut child = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).process_group(0).spawn().unwrap();
        let meter = Meter::default();
        meter.watch(child.id() as i32);
        let mut sampler = Sampler { page: page_size(), ..Sampler::default() };
        sampler.sample(&meter, 1.0);
        let mut busy = 0.0;
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(25));
            let usage = sampler.sample(&meter, 1.0);
            assert!(usage.processes == 1 && usage.memory > 0);
            busy += usage.cores;
            if busy > 0.0 {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(busy > 0.0, "five seconds of a busy loop left no trace");
        meter.release(child.id() as i32, 0.0);
        assert_eq!(sampler.sample(&meter, 1.0).processes, 0);
    }
}
