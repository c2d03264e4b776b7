//! The engine on a small library of recipes that run real commands: keys, early cut-off, failure, cancel, resume, logs.

use crate::*;
use bootwright_model::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// first ─► second ─► third; `first` writes its text, `second` only the length of it, `third` what `second` left.
fn recipes() -> Vec<Recipe> {
    let text = |id: &str, needs: &str, actions: &str| {
        format!(
            "Recipe(format: 1, id: \"{id}\", title: \"{id}\", place: Built, explain: \"x\", needs: [{needs}],
              outputs: [Output(id: \"o\", kind: Userland, explain: \"x\", step: Some(\"make\"), path: Some(\"${{out}}/o\"))],
              options: [OptionDef(id: \"word\", explain: \"x\", default: \"abc\", choices: [Choice(id: \"abc\", explain: \"x\"), Choice(id: \"xyz\", explain: \"x\"), Choice(id: \"long\", explain: \"x\")])],
              steps: [Step(id: \"make\", kind: Compile, explain: \"x\", actions: [{actions}])])"
        )
    };
    let need = "Need(id: \"n\", kind: Userland, explain: \"x\")";
    let sh = |script: &str| format!("([], Run(argv: [\"sh\", \"-c\", {script:?}, \"sh\", \"${{out}}/o\", \"${{need.n}}\"]))");
    [
        text("first", "", "([], WriteFile(path: \"${out}/o\", text: \"${option.word}\"))"),
        text("second", need, &sh("wc -c < \"$2\" > \"$1\"")),
        text("third", need, &sh("cat \"$2\" \"$2\" > \"$1\"")),
        text("fails", need, &sh("echo before the end; exit 7")),
        text("hangs", need, &sh("setsid sleep 1000 & sleep 1000")),
        text("talks", need, &sh("yes line | head -n 300000; echo last word; : > \"$1\"; echo x > \"$1\"")),
        text("slots", need, &sh("echo \"$MAKEFLAGS\" > \"$1\"")),
    ]
    .iter()
    .map(|t| ron::from_str(t).unwrap())
    .chain([ron::from_str(STAGED).unwrap()])
    .collect()
}

/// Three steps in one tree; only the second hangs on the option.
const STAGED: &str = r#"Recipe(format: 1, id: "staged", title: "staged", place: Built, explain: "x", needs: [],
  outputs: [
    Output(id: "config", kind: Configuration, explain: "x", step: Some("configure"), path: Some("${tree}/.config")),
    Output(id: "o", kind: Userland, explain: "x", step: Some("make"), path: Some("${out}/o")),
  ],
  options: [OptionDef(id: "word", explain: "x", default: "abc", choices: [Choice(id: "abc", explain: "x"), Choice(id: "xyz", explain: "x")])],
  steps: [
    Step(id: "prepare", kind: Assemble, explain: "x", actions: [([], WriteFile(path: "${tree}/prepared", text: "x"))]),
    Step(id: "configure", kind: Configure, explain: "x", actions: [([], WriteFile(path: "${tree}/.config", text: "CONFIG_WORD=${option.word}"))]),
    Step(id: "make", kind: Compile, explain: "x", actions: [([], Copy(from: "${tree}/.config", to: "${out}/o"))]),
  ])"#;

fn project(chain: &[&str], word: &str) -> Project {
    let component = |id: &&str| Component { id: (*id).try_into().unwrap(), recipe: (*id).into(), options: BTreeMap::new(), position: None };
    let mut components: Vec<Component> = chain.iter().map(component).collect();
    components[0].options.insert("word".into(), word.into());
    let port = |c: &str, p: &str| Port::try_from(format!("{c}.{p}")).unwrap();
    let wires = chain.windows(2).map(|w| Wire { from: port(w[0], "o"), to: port(w[1], "n"), explain: String::new() }).collect();
    let target = ComponentId::try_from(chain[chain.len() - 1]).unwrap();
    Project::from_layout(&Layout {
        format: 1,
        name: "p".into(),
        title: "p".into(),
        explain: "p".into(),
        components,
        wires,
        target,
        boot_checks: vec![],
    })
}

struct Ran {
    outcome: RunOutcome,
    started: Vec<String>,
    lines: u64,
    events: Vec<Event>,
}

fn engine(work: &Path) -> Engine {
    Engine::with_library(work, None, Library::of(recipes(), vec![])).unwrap()
}

fn drain(engine: &Engine, mut each: impl FnMut(&Event)) -> Ran {
    let mut ran = Ran { outcome: RunOutcome::Cancelled, started: vec![], lines: 0, events: vec![] };
    loop {
        let event = engine.events().recv_timeout(Duration::from_secs(60)).expect("an event");
        each(&event);
        match &event {
            Event::StepStarted { step, .. } => ran.started.push(step.component.to_string()),
            Event::Log { lines, left_out, .. } => ran.lines += lines.len() as u64 + left_out,
            Event::RunFinished { outcome, .. } => {
                ran.outcome = outcome.clone();
                return ran;
            }
            _ => {}
        }
        ran.events.push(event);
    }
}

fn build(work: &Path, project: Project) -> Ran {
    let engine = engine(work);
    engine.send(Command::Build { project: Box::new(project), target: None, means: Means { jobs: Some(2), ..Means::default() } });
    drain(&engine, |_| {})
}

const CHAIN: [&str; 3] = ["first", "second", "third"];

#[test]
fn a_second_build_runs_nothing_and_a_change_stops_where_the_output_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let first = build(dir.path(), project(&CHAIN, "abc"));
    assert_eq!((first.outcome, first.started), (RunOutcome::Done, CHAIN.map(str::to_owned).to_vec()));
    assert_eq!(build(dir.path(), project(&CHAIN, "abc")).started, Vec::<String>::new());
    // Another text of the same length: `second` comes out the same, so `third` does not run.
    assert_eq!(build(dir.path(), project(&CHAIN, "xyz")).started, ["first", "second"]);
    assert_eq!(build(dir.path(), project(&CHAIN, "long")).started, CHAIN);
    // Every key was seen before.
    assert_eq!(build(dir.path(), project(&CHAIN, "abc")).started, Vec::<String>::new());
}

/// The key of a step that ran behind one that was up to date in the same run once left the latter out, and the step ran again.
#[test]
fn what_ran_behind_an_up_to_date_step_does_not_run_again() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(build(dir.path(), project(&["staged"], "abc")).started.len(), 3);
    assert_eq!(build(dir.path(), project(&["staged"], "xyz")).started.len(), 2);
    assert_eq!(build(dir.path(), project(&["staged"], "xyz")).started.len(), 0);
}

#[test]
fn the_plan_names_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), project(&CHAIN, "abc"));
    let engine = engine(dir.path());
    engine.send(Command::Plan { project: Box::new(project(&CHAIN, "long")), target: None });
    let Event::PlanReady { steps, .. } = engine.events().recv_timeout(Duration::from_secs(30)).unwrap() else { panic!("no plan") };
    let Status::WillRun(reasons) = &steps[0].status else { panic!("{steps:?}") };
    assert!(
        reasons[0].to_string().contains("command 1") && reasons[0].to_string().contains("abc") && reasons[0].to_string().contains("long"),
        "{reasons:?}"
    );
    assert!(matches!(&steps[1].status, Status::Waits(on) if on.component == *"first"));
}

#[test]
fn a_failing_step_says_how_and_what_was_finished_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ran = build(dir.path(), project(&["first", "fails"], "abc"));
    let RunOutcome::Failed(text) = &ran.outcome else { panic!("{:?}", ran.outcome) };
    for word in ["fails/make failed", "status 7", "before the end", "fails.make.log"] {
        assert!(text.contains(word), "{text}");
    }
    assert_eq!(build(dir.path(), project(&["first", "fails"], "abc")).started, ["fails"]);
}

#[test]
fn a_cancel_ends_the_group_and_what_left_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path());
    engine.send(Command::Build { project: Box::new(project(&["first", "hangs"], "abc")), target: None, means: Means::default() });
    let mut asked = None;
    let ran = drain(&engine, |e| {
        if matches!(e, Event::StepStarted { step, .. } if step.component == *"hangs") {
            std::thread::sleep(Duration::from_millis(300));
            asked = Some(Instant::now());
            engine.send(Command::Cancel);
        }
    });
    assert_eq!(ran.outcome, RunOutcome::Cancelled);
    assert!(asked.unwrap().elapsed() < Duration::from_secs(30)); // a guard; the time itself is in the bench
    let home = dir.path().canonicalize().unwrap();
    let left = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter(|e| std::fs::read_link(e.path().join("cwd")).is_ok_and(|c| c.starts_with(&home)));
    assert_eq!(left.map(|e| e.file_name()).collect::<Vec<_>>(), Vec::<std::ffi::OsString>::new());
}

#[test]
fn every_line_is_in_the_log_and_every_line_is_accounted_for_in_the_channel() {
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path());
    engine.send(Command::Build { project: Box::new(project(&["first", "talks"], "abc")), target: None, means: Means::default() });
    // A listener that sleeps: the channel fills, and the build goes on.
    std::thread::sleep(Duration::from_millis(800));
    let ran = drain(&engine, |_| {});
    assert_eq!(ran.outcome, RunOutcome::Done);
    let run = std::fs::read_dir(dir.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    let log = std::fs::read_to_string(run.join("talks.make.log")).unwrap();
    assert!(log.ends_with("last word\n"));
    let in_log: u64 =
        ["talks.make.log", "first.make.log"].iter().map(|n| std::fs::read_to_string(run.join(n)).unwrap().lines().count() as u64).sum();
    assert_eq!(ran.lines, in_log);
    assert!(in_log > 300_000);
    // The journal tells the same story as the channel.
    let entries = journal::read(&run.join("journal.ron")).unwrap();
    let told: Vec<&Event> = ran.events.iter().filter(|e| !matches!(e, Event::Log { .. })).collect();
    let journalled: Vec<&Event> = entries.iter().map(|e| &e.event).collect();
    assert_eq!(journalled[..journalled.len() - 1], told[..]);
    assert!(matches!(journalled.last(), Some(Event::RunFinished { .. })));
}

#[test]
fn make_finds_the_shared_job_slots() {
    let dir = tempfile::tempdir().unwrap();
    let ran = build(dir.path(), project(&["first", "slots"], "abc"));
    let path = ran.events.iter().find_map(|e| match e {
        Event::ArtifactReady { step, path, .. } if step.component == *"slots" => Some(path.clone()),
        _ => None,
    });
    assert!(std::fs::read_to_string(path.unwrap()).unwrap().contains("--jobserver-"));
}

#[test]
fn a_journal_cut_short_by_a_kill_is_read_up_to_there() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), project(&CHAIN, "abc"));
    let path = std::fs::read_dir(dir.path().join("runs")).unwrap().next().unwrap().unwrap().path().join("journal.ron");
    let text = std::fs::read_to_string(&path).unwrap();
    let whole = journal::read(&path).unwrap().len();
    std::fs::write(&path, &text[..text.len() - 20]).unwrap();
    assert_eq!(journal::read(&path).unwrap().len(), whole - 1);
    std::fs::write(&path, text.replacen("event", "evnt", 1)).unwrap();
    assert!(journal::read(&path).unwrap_err().to_string().contains("line 1"));
}

#[test]
fn a_lost_result_is_noticed_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    build(dir.path(), project(&CHAIN, "abc"));
    std::fs::remove_dir_all(dir.path().join("store/objects")).unwrap();
    let ran = build(dir.path(), project(&CHAIN, "abc"));
    assert_eq!((ran.outcome, ran.started), (RunOutcome::Done, CHAIN.map(str::to_owned).to_vec()));
}

/// A comparison shows sizes and times: of what is built as the project stands, by the journal of the run that made it.
#[test]
fn results_are_measured_and_their_run_is_named() {
    use crate::results::{Standing, results};
    let dir = tempfile::tempdir().unwrap();
    let (library, work) = (Library::of(recipes(), vec![]), Work::new(dir.path()).unwrap());
    let abc = project(&CHAIN, "abc");
    let before = results(&abc, &library, &work).unwrap();
    assert!(matches!(&before.standing, Standing::NeverBuilt(step) if step.component == *"first"));
    assert!(before.outputs.is_empty() && before.times.is_empty() && before.untimed.len() == 3);

    build(dir.path(), abc.clone());
    let built = results(&abc, &library, &work).unwrap();
    assert_eq!(built.standing, Standing::Built);
    assert_eq!(
        built.outputs.iter().map(|o| (o.component.as_str(), o.size)).collect::<Vec<_>>(),
        [("first", 3), ("second", 2), ("third", 4)]
    );
    let runs = timeline::runs(&work, 10).unwrap();
    assert_eq!(
        built.times.iter().map(|t| (t.step.component.as_str(), t.run.as_str())).collect::<Vec<_>>(),
        CHAIN.map(|c| (c, runs[0].name.as_str()))
    );
    assert!(built.untimed.is_empty());

    // What a later run made is its own; what it took over is still the first run's.
    let xyz = project(&CHAIN, "xyz");
    assert!(matches!(results(&xyz, &library, &work).unwrap().standing, Standing::OutOfDate(_)));
    build(dir.path(), xyz.clone());
    let later = results(&xyz, &library, &work).unwrap();
    let run_of = |name: &str| later.times.iter().find(|t| t.step.component == *name).unwrap().run.clone();
    let names: Vec<String> = timeline::runs(&work, 10).unwrap().into_iter().map(|r| r.name).collect();
    assert_eq!([run_of("first"), run_of("third")], [names[0].clone(), names[1].clone()]);

    // Without its journal a time is not known, and nothing is put in its place.
    std::fs::remove_dir_all(work.runs().join(&names[1])).unwrap();
    let lost = results(&xyz, &library, &work).unwrap();
    assert!(lost.times.iter().all(|t| t.step.component != *"third") && lost.untimed.contains(&"third".try_into().unwrap()));
    assert_eq!(lost.outputs.len(), 3, "its size is still to be seen");
}
