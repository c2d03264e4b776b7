//! A run in the Trace Event Format ("JSON Object Format"), which Perfetto and chrome://tracing open.
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>
//!
//! Process 1 has the steps, one thread a row; each step that made objects is a process of its own, one thread a job lane, so
//! that events of one thread never overlap. CPU and memory are counters of process 1. Times are microseconds.

use crate::event::Outcome;
use crate::timeline::Timeline;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes the whole trace.
pub fn write(timeline: &Timeline, out: &mut dyn Write) -> io::Result<()> {
    let mut events = Events { out, first: true };
    events.out.write_all(b"{\"traceEvents\":[\n")?;
    events.meta(1, 0, "process_name", &format!("Steps of {}", timeline.project))?;
    let rows = timeline.steps.iter().filter(|s| s.start_ms.is_some()).map(|s| s.lane + 1).max().unwrap_or(0);
    for row in 0..rows {
        events.meta(1, row + 1, "thread_name", &format!("steps {}", row + 1))?;
    }
    for (i, step) in timeline.steps.iter().enumerate() {
        let Some(start) = step.start_ms else { continue };
        let end = step.end_ms.unwrap_or(timeline.end_ms).max(start);
        let category = if step.critical { "step,critical path" } else { "step" };
        let args = json!({
            "outcome": step.outcome.as_ref().map_or("did not end", word),
            "cpu_seconds": step.cpu_seconds,
            "critical_path": step.critical,
            "why": step.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "objects": step.objects.len(),
        });
        events.span(1, step.lane + 1, &step.id.to_string(), category, (start, end), args)?;
        if step.objects.is_empty() {
            continue;
        }
        let pid = i + 2;
        events.meta(pid, 0, "process_name", &format!("Objects of {}", step.id))?;
        for lane in 0..step.lanes {
            events.meta(pid, lane + 1, "thread_name", &format!("job {}", lane + 1))?;
        }
        for o in &step.objects {
            events.span(pid, o.lane + 1, &o.time.name, "object", (o.time.start_ms, o.time.end_ms), json!({}))?;
        }
    }
    for s in &timeline.samples {
        for (name, value) in [("busy processors", json!(s.usage.cores)), ("memory, bytes", json!(s.usage.memory))] {
            events.put(&json!({"ph": "C", "pid": 1, "tid": 0, "name": name, "ts": s.at_ms * 1000, "args": {"value": value}}))?;
        }
    }
    let about = json!({"run": timeline.name, "project": timeline.project, "target": timeline.target, "started": timeline.started});
    write!(events.out, "\n],\"displayTimeUnit\":\"ms\",\"otherData\":{about}}}\n")
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::UpToDate => "up to date",
        Outcome::Failed(_) => "failed",
        Outcome::Cancelled => "cancelled",
    }
}

struct Events<'a> {
    out: &'a mut dyn Write,
    first: bool,
}

impl Events<'_> {
    fn put(&mut self, event: &Value) -> io::Result<()> {
        if !std::mem::take(&mut self.first) {
            self.out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut self.out, event).map_err(io::Error::from)
    }

    fn meta(&mut self, pid: usize, tid: usize, what: &str, name: &str) -> io::Result<()> {
        self.put(&json!({"ph": "M", "pid": pid, "tid": tid, "name": what, "args": {"name": name}}))
    }

    /// A complete event. `times` in milliseconds.
    fn span(&mut self, pid: usize, tid: usize, name: &str, category: &str, times: (u64, u64), args: Value) -> io::Result<()> {
        let (ts, dur) = (times.0 * 1000, (times.1 - times.0) * 1000);
        self.put(&json!({"ph": "X", "pid": pid, "tid": tid, "name": name, "cat": category, "ts": ts, "dur": dur, "args": args}))
    }
}
