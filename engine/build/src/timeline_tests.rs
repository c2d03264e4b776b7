//! Timelines of runs as they are, as they were before, cut short, and made to harm; and their traces.

use super::*;
use crate::{Status, trace};
use bootwright_model::{ComponentId, StepKind};
use std::fmt::Write as _;

fn id(name: &str) -> StepId {
    StepId { component: ComponentId::try_from(name).unwrap(), step: "compile".into() }
}

fn planned(name: &str, after: &[&str]) -> PlannedStep {
    PlannedStep {
        id: id(name),
        kind: StepKind::Compile,
        explain: String::new(),
        after: after.iter().map(|a| id(a)).collect(),
        status: Status::WillRun(vec![]),
        seconds_before: None,
        version: None,
        outputs: BTreeMap::new(),
    }
}

fn started(name: &str) -> Event {
    Event::StepStarted { step: id(name), reasons: vec![Reason::NeverBuilt], commands: vec![] }
}

fn finished(name: &str, outcome: Outcome) -> Event {
    Event::StepFinished { step: id(name), outcome, seconds: None, cpu_seconds: Some(1.5) }
}

fn object(name: &str, start_ms: u64, end_ms: u64) -> ObjectTime {
    ObjectTime { name: name.into(), start_ms, end_ms, why: None }
}

/// kernel and libc side by side, busybox after libc and an up-to-date step, the image after all.
fn example() -> Vec<(u64, Event)> {
    let steps = vec![
        planned("libc", &[]),
        planned("kernel", &[]),
        planned("links", &["libc"]),
        planned("busybox", &["links"]),
        planned("iso", &["kernel", "busybox"]),
    ];
    let objects = vec![object("CC a.o", 10, 400), object("CC b.o", 20, 300), object("CC c.o", 300, 500), object("LD x", 500, 510)];
    vec![
        (0, Event::PlanReady { project: "p".into(), target: id("iso").component, steps }),
        (1, finished("links", Outcome::UpToDate)),
        (5, started("kernel")),
        (6, started("libc")),
        (400, Event::Usage(Usage { cores: 1.9, memory: 5 << 20, processes: 4 })),
        (520, Event::Objects { step: id("kernel"), objects }),
        (700, finished("libc", Outcome::Done)),
        (701, started("busybox")),
        (800, finished("kernel", Outcome::Done)),
        (900, finished("busybox", Outcome::Done)),
        (901, started("iso")),
        (1000, finished("iso", Outcome::Done)),
        (1001, Event::RunFinished { outcome: RunOutcome::Done, seconds: 1.0, folder: "/w/runs/1".into() }),
    ]
}

fn timeline(events: &[(u64, Event)]) -> Timeline {
    let mut t = Timeline::default();
    for (at, event) in events {
        t.take(*at, event);
    }
    t.settle();
    t
}

#[test]
fn the_critical_path_is_what_held_the_end_up() {
    let t = timeline(&example());
    let critical: Vec<&str> = t.steps.iter().filter(|s| s.critical).map(|s| s.id.component.as_str()).collect();
    assert_eq!(critical, ["libc", "busybox", "iso"], "through a step that was up to date, and past the kernel, which ended before");
    assert_eq!((t.step(&id("kernel")).unwrap().lane, t.step(&id("libc")).unwrap().lane), (0, 1));
    assert_eq!(t.ran().len(), 4);
    assert_eq!(t.end_ms, 1001);
}

#[test]
fn objects_share_no_lane_at_one_time() {
    let t = timeline(&example());
    let kernel = t.step(&id("kernel")).unwrap();
    let lanes: Vec<(&str, usize)> = kernel.objects.iter().map(|o| (o.time.name.as_str(), o.lane)).collect();
    assert_eq!(lanes, [("CC a.o", 0), ("CC b.o", 1), ("CC c.o", 1), ("LD x", 0)]);
    assert_eq!(kernel.lanes, 2);
}

/// Every event of a thread lies within another, or beside it.
fn nests(trace: &serde_json::Value) -> usize {
    let mut threads: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    for e in trace["traceEvents"].as_array().unwrap() {
        if e["ph"] == "X" {
            let n = |k: &str| e[k].as_u64().unwrap_or_else(|| panic!("{k} of {e}"));
            threads.entry((n("pid"), n("tid"))).or_default().push((n("ts"), n("ts") + n("dur")));
        }
    }
    for spans in threads.values_mut() {
        spans.sort_by_key(|(a, b)| (*a, std::cmp::Reverse(*b)));
        let mut open: Vec<u64> = Vec::new();
        for (start, end) in spans {
            open.retain(|until| *until > *start);
            assert!(open.last().is_none_or(|until| until >= end), "{start}..{end} runs out of what it is in");
            open.push(*end);
        }
    }
    threads.values().map(Vec::len).sum()
}

fn traced(t: &Timeline) -> serde_json::Value {
    let mut text = Vec::new();
    trace::write(t, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn a_trace_is_valid_and_its_events_nest() {
    let trace = traced(&timeline(&example()));
    assert_eq!(nests(&trace), 4 + 4, "steps and objects");
    let events = trace["traceEvents"].as_array().unwrap();
    let kernel = events.iter().find(|e| e["ph"] == "X" && e["name"] == "kernel/compile").unwrap();
    assert_eq!((&kernel["ts"], &kernel["dur"], &kernel["args"]["outcome"]), (&5000.into(), &795_000.into(), &"done".into()));
    assert_eq!(events.iter().filter(|e| e["ph"] == "C").count(), 2);
    for e in events {
        assert!(e["pid"].is_u64() && e["tid"].is_u64() && e["name"].is_string(), "{e}");
    }
}

#[test]
fn the_trace_of_nothing_is_valid() {
    assert_eq!(nests(&traced(&Timeline::default())), 0);
}

fn journal_of(events: &[(u64, Event)]) -> String {
    let mut text = String::new();
    for (at_ms, event) in events {
        writeln!(text, "{}", ron::to_string(&journal::Entry { at_ms: *at_ms, event: event.clone() }).unwrap()).unwrap();
    }
    text
}

fn load_text(text: &[u8]) -> Timeline {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("1795274935-000000001");
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("journal.ron"), text).unwrap();
    super::load(&run).unwrap()
}

#[test]
fn a_journal_cut_anywhere_still_gives_a_timeline() {
    let text = journal_of(&example());
    let whole = load_text(text.as_bytes());
    assert_eq!((whole.started, whole.faults), (Some(1_795_274_935), Faults::default()));
    assert_eq!(whole.outcome, Some(RunOutcome::Done));
    for cut in (0..text.len()).step_by(7) {
        let t = load_text(&text.as_bytes()[..cut]);
        assert!(t.faults.skipped <= 1 && t.end_ms <= whole.end_ms);
        nests(&traced(&t));
    }
}

#[test]
fn a_journal_from_before_objects_and_usage_is_read() {
    let old = r#"(at_ms:1,event:PlanReady(project:"musl",target:"iso",steps:[(id:(component:"kernel",step:"fetch"),kind:Fetch,explain:"x",after:[],status:WillRun([NeverBuilt]),seconds_before:None)]))
(at_ms:3,event:StepStarted(step:(component:"kernel",step:"fetch"),reasons:[NeverBuilt],commands:[]))
(at_ms:9,event:SomethingOfALaterVersion(step:"x"))
(at_ms:50,event:StepFinished(step:(component:"kernel",step:"fetch"),outcome:Done,seconds:Some(0.04),cpu_seconds:None))
"#;
    let t = load_text(old.as_bytes());
    assert_eq!((t.steps.len(), t.steps[0].seconds(t.end_ms), t.faults.skipped), (1, Some(0.047), 1));
}

#[test]
fn a_hostile_journal_does_no_harm() {
    let evil = vec![
        (
            0,
            Event::PlanReady {
                project: "\u{1b}[31m\"\\".into(),
                target: id("a").component,
                steps: vec![planned("a", &["b", "a"]), planned("b", &["a"])],
            },
        ),
        (9, started("a")),
        (8, started("b")),
        (3, finished("a", Outcome::Done)),
        (2, finished("b", Outcome::Done)),
        (u64::MAX, started("late")),
        (7, Event::Objects { step: id("a"), objects: vec![object("x", 9, 3), object("y", 0, u64::MAX), object("\"\n", 1, 2)] }),
        (7, Event::Usage(Usage { cores: f64::NAN, memory: u64::MAX, processes: 0 })),
        (6, Event::Usage(Usage { cores: 1.0, memory: u64::MAX, processes: 0 })),
        (7, Event::StepFinished { step: id("a"), outcome: Outcome::Done, seconds: Some(f64::INFINITY), cpu_seconds: Some(f64::NAN) }),
    ];
    let mut text = journal_of(&evil).into_bytes();
    text.extend_from_slice(b"\xff\xfe(at_ms:1\n");
    text.extend_from_slice("(at_ms:1,event:".repeat(1000).as_bytes());
    text.extend_from_slice(&[b'('; 100_000]);
    text.push(b'\n');
    let t = load_text(&text);
    assert_eq!(t.faults.skipped, 5, "late, x, y, bad bytes, brackets");
    assert!(t.step(&id("late")).is_none() && t.steps[0].objects.len() == 1 && t.samples.len() == 1);
    nests(&traced(&t));
}

#[test]
fn thousands_of_objects_at_once_are_bounded() {
    let objects = (0..3000).map(|i| object("CC x.o", 0, 1000 + i)).collect();
    let t = timeline(&[(0, started("a")), (1, Event::Objects { step: id("a"), objects })]);
    assert_eq!((t.steps[0].lanes, t.steps[0].objects.len(), t.faults.skipped), (MOST_LANES, MOST_LANES, 3000 - MOST_LANES as u64));
    nests(&traced(&t));
}

#[test]
fn two_runs_are_compared_step_by_step() {
    let mut slower = example();
    slower[8].0 = 2000; // the kernel's end
    let d = differences(&timeline(&slower), &timeline(&example()));
    assert_eq!((d[&id("kernel")] * 1e3).round(), 1200.0);
    assert_eq!(d.len(), 4);
}

#[test]
fn the_runs_of_a_work_folder_are_listed_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let work = Work::new(folder.path()).unwrap();
    assert!(runs(&work, 10).unwrap().is_empty());
    let text = journal_of(&example());
    for (name, text) in
        [("10-000000000", text.as_str()), ("20-000000000", &text[..text.len() - 90]), ("30-000000000", "nonsense"), ("other", "")]
    {
        std::fs::create_dir_all(work.runs().join(name)).unwrap();
        std::fs::write(work.runs().join(name).join("journal.ron"), text).unwrap();
    }
    let found: Vec<(String, bool)> = runs(&work, 10).unwrap().into_iter().map(|r| (r.name, r.outcome.is_some())).collect();
    assert_eq!(found, [("20-000000000".into(), false), ("10-000000000".into(), true)]);
}
