//! Timeline, problems and artifacts: what a build shows while it goes on and after.

use super::*;
use crate::studio::link::desk::{Checked, Made};
use bootwright_build::checks::{Finding, Verdict};
use bootwright_build::host::Missing;
use bootwright_build::store::Record;
use bootwright_build::timeline::{RunInfo, Timeline};
use bootwright_build::{ObjectTime, Usage};

fn built() -> Window {
    let mut window = Window::open("mll-2016");
    window.plan(vec![planned("kernel", "compile", will_run(), None), planned("iso", "assemble", will_run(), None)]);
    window.click("Build");
    window.plan(vec![planned("kernel", "compile", will_run(), None), planned("iso", "assemble", will_run(), None)]);
    window.say(Event::StepStarted { step: step("kernel", "compile"), reasons: vec![], commands: vec![] });
    let objects = vec![ObjectTime { name: "CC init/main.o".into(), start_ms: 1, end_ms: 2, why: None }];
    window.say(Event::Objects { step: step("kernel", "compile"), objects });
    window.say(Event::Usage(Usage { cores: 1.5, memory: 300_000_000, processes: 7 }));
    window
}

fn run(name: &str) -> RunInfo {
    RunInfo {
        name: name.into(),
        folder: format!("/w/runs/{name}").into(),
        started: None,
        project: "musl".into(),
        outcome: Some(RunOutcome::Done),
        seconds: Some(61.0),
        logs: vec![],
    }
}

fn old_run(name: &str, seconds: u64) -> News {
    let mut t = Timeline::default();
    t.name = name.into();
    t.take(0, &Event::StepStarted { step: step("kernel", "compile"), reasons: vec![], commands: vec![] });
    t.take(
        seconds * 1000,
        &Event::StepFinished { step: step("kernel", "compile"), outcome: Outcome::Done, seconds: None, cpu_seconds: None },
    );
    t.settle();
    News::Run(Arc::new(t))
}

#[test]
fn the_timeline_shows_steps_objects_and_usage_as_they_come() {
    let mut window = built();
    window.click("Page Timeline");
    assert!(window.sees("Linux kernel compile: started at") && window.sees("runs for") && window.sees("1 objects in 1 jobs"));
    assert!(window.sees("CPU and memory: 1.5 processors busy on average, 300.0 MB of memory at most"));
    assert!(window.sees("on the critical path"));
    window.finished("kernel", "compile", Outcome::Failed("x".into()));
    assert!(window.sees("failed after"));
}

#[test]
fn a_bar_leads_to_its_component() {
    let mut window = built();
    window.click("Page Timeline");
    window.harness.get_by_label_contains("Linux kernel compile: started").click();
    window.steps();
    let kernel = crate::studio::action::Selection::Component(component("kernel"));
    assert_eq!(window.harness.state().state.selection, Some(kernel));
}

#[test]
fn an_ended_run_is_read_from_its_journal() {
    let mut window = built();
    window.asks();
    window.run_finished(RunOutcome::Done);
    assert!(window.asks().iter().any(|a| matches!(a, Ask::LoadRun { folder } if folder.ends_with("1"))));
    window.news(old_run("1", 90));
    window.click("Page Timeline");
    assert!(window.sees("Linux kernel compile: started at 0.0 s, took 1:30 min"));
}

#[test]
fn an_earlier_run_is_chosen_compared_and_exported() {
    let mut window = built();
    window.news(News::Runs(vec![run("20-0"), run("10-0")]));
    window.click("Page Timeline");
    window.asks();
    for (combo, at) in [("Run to show", 0), ("Run to compare with", 1)] {
        window.harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, combo).click();
        window.steps();
        window.harness.query_all_by_label_contains("musl, 1:01 min").nth(at).unwrap().click();
        window.steps();
    }
    let asked: Vec<_> = window.asks();
    assert!(matches!(asked.as_slice(), [Ask::LoadRun { .. }, Ask::LoadRun { .. }]), "{asked:?}");
    window.news(old_run("20-0", 90));
    window.news(old_run("10-0", 60));
    assert!(window.sees("took 1:30 min") && window.sees("the other run took 1:00 min, this one 30 s more"));
    window.click("Export as Chrome trace JSON");
    window.click("Save");
    assert!(matches!(window.asks().as_slice(), [Ask::SaveTrace { path: Some(_), timeline }] if timeline.name == "20-0"));
}

#[test]
fn the_timeline_zooms_by_button() {
    let mut window = built();
    window.news(News::Runs(vec![]));
    window.run_finished(RunOutcome::Done);
    window.news(old_run("1", 90));
    window.click("Page Timeline");
    let wide = |w: &Window| w.harness.get_by_label_contains("Linux kernel compile: started").rect().width();
    let before = wide(&window);
    window.click("Zoom into the timeline");
    window.click("Show the whole run");
    assert_eq!(wide(&window), before, "the row is as wide as the page");
    assert!(window.enabled("Zoom out of the timeline"));
}

fn checked(window: &Window, missing: Vec<Missing>) -> News {
    let install =
        Ok(if missing.is_empty() { vec![] } else { vec![vec!["apt-get".into(), "install".into(), "-y".into(), "xorriso".into()]] });
    let findings = vec![
        Finding {
            id: "a".into(),
            component: component("busybox"),
            title: "Host names resolve".into(),
            verdict: Verdict::Risk,
            found: vec!["glibc 2.41".into()],
            meaning: "It may not elsewhere.".into(),
        },
        Finding {
            id: "b".into(),
            component: component("kernel"),
            title: "Fine one".into(),
            verdict: Verdict::Fine,
            found: vec![],
            meaning: String::new(),
        },
    ];
    News::Checked(Box::new(Checked { project: window.harness.state().state.project.clone(), findings: Ok(findings), missing, install }))
}

fn lacks() -> Missing {
    Missing { what: "xorriso".into(), component: "iso".into(), package: Some("xorriso".into()) }
}

#[test]
fn problems_are_counted_and_listed_the_worst_first() {
    let mut window = built();
    assert!(window.asks().iter().any(|a| matches!(a, Ask::Check { .. })), "looked at without being asked");
    let news = checked(&window, vec![]);
    window.news(news);
    let lines = vec!["a.c:1:1: warning: odd".into(), "a.c:3:1: error: 'X' undeclared".into()];
    window.say(Event::Log { step: step("kernel", "compile"), lines, left_out: 0 });
    window.finished("kernel", "compile", Outcome::Failed("make ended with status 2".into()));
    assert_eq!(window.harness.state().state.list_problems().len(), 3);
    window.click("Page Problems");
    assert!(window.sees("1 fault · 1 risk · 1 step with warnings"));
    assert!(
        window.sees("Fault: Linux kernel, compile: failed") && window.sees("a.c:3:1: error: 'X' undeclared"),
        "the first error, not make's last word"
    );
    assert!(window.sees("Risk: Host names resolve") && window.sees("It may not elsewhere."));
    assert!(!window.sees("Fine one"));
    window.harness.query_all_by_label("in the log").next().unwrap().click();
    window.steps();
    assert_eq!(window.harness.state().state.log_page.at, Some(1));
    assert!(window.sees("Search the log"), "the page came to the front");
}

#[test]
fn missing_tools_are_installed_after_the_commands_were_shown() {
    let mut window = Window::open("mll-2016");
    let news = checked(&window, vec![lacks()]);
    window.news(news);
    window.asks();
    window.click("Page Problems");
    assert!(window.sees("This host lacks xorriso"));
    window.click("Install what is missing");
    assert!(window.sees("apt-get install -y xorriso") && window.asks().is_empty(), "nothing runs yet");
    window.click("Run these commands");
    assert!(matches!(window.asks().as_slice(), [Ask::Install { commands }] if commands[0][3] == "xorriso"));
    window.news(News::InstallLines(vec!["$ apt-get install".into(), "Unpacking xorriso".into()]));
    assert!(window.sees("Unpacking xorriso") && window.sees("Installing, 0 s"));
    window.click("Stop installing");
    assert!(matches!(window.asks().as_slice(), [Ask::StopInstall]));
    window.requests();
    window.news(News::Installed(Err("stopped".into())));
    assert!(window.sees("Not installed: stopped"));
    assert!(matches!(window.requests().as_slice(), [Request::Plan { .. }]), "what was missing may be there now");
    assert!(window.asks().iter().any(|a| matches!(a, Ask::Check { .. })));
    window.click("Close the installation");
    assert!(window.enabled("Install what is missing"));
}

#[test]
fn quitting_while_packages_are_installed_asks() {
    let mut window = Window::open("mll-2016");
    let news = checked(&window, vec![lacks()]);
    window.news(news);
    window.click("Page Problems");
    window.click("Install what is missing");
    window.click("Run these commands");
    assert!(window.harness.state().state.busy());
}

#[test]
fn artifacts_say_what_made_them_and_who_uses_them_sorted_and_filtered() {
    let mut window = Window::open("mll-2016");
    let small = Artifact { hash: "ff".repeat(32), size: 500, files: 3 };
    for (c, s, o, a) in [("kernel", "compile", "image", artifact()), ("busybox", "install", "root", small.clone())] {
        window.say(Event::ArtifactReady { step: step(c, s), output: o.into(), artifact: a, path: "/w/store/x".into() });
    }
    let record = Record {
        format: 1,
        component: "kernel".into(),
        recipe: "kernel".into(),
        step: "compile".into(),
        outputs: [("image".to_owned(), artifact())].into(),
        seconds: 318.0,
        cpu_seconds: None,
        objects: 0,
    };
    window.news(News::Records(vec![Made { record, at: Some(1) }]));
    window.click("Page Artifacts");
    assert!(window.sees("compile, 5:18 min") && window.sees("days ago") && window.sees("install, —"));
    let sizes = |w: &Window| w.harness.state().state.artifact_rows().iter().map(|r| r.row.artifact.size).collect::<Vec<_>>();
    window.click("Sort by Size");
    assert_eq!(sizes(&window), [500, 2_176_000]);
    window.click("Sort by Size");
    assert_eq!(sizes(&window), [2_176_000, 500]);
    assert!(window.harness.state().state.artifact_rows()[0].used_by.iter().any(|u| u.contains("ISO image")), "the wire's end and need");
    window.type_into("Filter the artifacts", "busybox");
    assert_eq!(sizes(&window), [500]);
}

#[test]
fn a_box_says_why_in_plain_words() {
    let mut window = Window::open("mll-2016");
    let changed = Reason::Changed { what: "option CONFIG_SMP".into(), old: Some("n".into()), new: Some("y".into()) };
    window.plan(vec![
        planned("kernel", "compile", Status::WillRun(vec![changed]), None),
        planned("iso", "assemble", Status::Waits(step("kernel", "compile")), None),
    ]);
    let state = &window.harness.state().state;
    let kernel = state.box_tip(&component("kernel"));
    assert!(
        kernel.contains("out of date") && kernel.contains("has changed since") && kernel.contains("compile: the option SMP was n, now y"),
        "{kernel}"
    );
    let iso = state.box_tip(&component("iso"));
    assert!(iso.contains("waits for kernel/compile: should that come out as it was before"), "{iso}");
}

#[test]
fn the_start_page_says_what_this_computer_lacks_and_leads_to_the_commands() {
    let mut window = Window::open("musl");
    window.menu("Pages", "Start page");
    assert!(window.sees("It is being looked at."));
    let news = checked(&window, vec![]);
    window.news(news);
    assert!(window.sees("It has every tool that Minimal Linux with musl, static needs."));
    let news = checked(&window, vec![lacks()]);
    window.news(news);
    assert!(window.sees("it lacks xorriso."));
    window.click("Install what is missing");
    assert!(window.sees("These commands will run"));
}

#[test]
fn a_window_that_has_built_nothing_shows_the_latest_run_until_it_builds() {
    let mut window = Window::open("musl");
    let run = |name: &str, project: &str, logs: &[&str]| RunInfo {
        project: project.into(),
        logs: logs.iter().map(|l| (*l).to_owned()).collect(),
        ..run(name)
    };
    window.asks();
    let runs = vec![run("4", "musl", &[]), run("3", "mll-2016", &["a.b"]), run("2", "musl", &["a.b"])];
    window.news(News::Runs(runs));
    assert!(matches!(window.asks().as_slice(), [Ask::LoadRun { folder }] if folder.ends_with("2")), "one of this project that ran steps");
    window.plan(vec![planned("busybox", "compile", will_run(), None)]);
    window.click("Build");
    window.plan(vec![planned("busybox", "compile", will_run(), None)]);
    assert_eq!(window.harness.state().state.timeline.show, None);
}
