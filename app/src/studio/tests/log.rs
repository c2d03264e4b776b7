//! The log's page: searched, narrowed, walked through, copied, saved, and its places opened.

use super::*;
use crate::studio::state::log::Log;
use crate::studio::state::log_page::OldLog;

fn say(window: &mut Window, component: &str, lines: &[&str], left_out: u64) {
    let lines = lines.iter().map(|l| (*l).to_owned()).collect();
    window.say(Event::Log { step: step(component, "compile"), lines, left_out });
}

fn example() -> Window {
    let mut window = Window::open("mll-2016");
    window.click("Page Log");
    window.asks();
    let lines = [
        "$ cd /w/kernel",
        "  CC      init/main.o",
        "init/main.c:9:1: warning: odd",
        "make[1]: Entering directory '/w/kernel/lib'",
        "lib/x.c:236:28: \u{1b}[31merror:\u{1b}[0m 'Y' undeclared",
        "make: *** [Makefile:3: all] Error 1",
    ];
    say(&mut window, "kernel", &lines, 0);
    say(&mut window, "glibc", &["gcc -c x.c"], 1200);
    window
}

fn choose(window: &mut Window, combo: &str, entry: &str) {
    window.harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, combo).click();
    window.steps();
    window.harness.get_by_role_and_label(egui::accesskit::Role::Button, entry).click();
    window.steps();
}

#[test]
fn it_counts_filters_and_says_what_is_left_out() {
    let mut window = example();
    assert!(window.sees("Log, 7 lines") && window.sees("1,200 lines left out"));
    window.type_into("Search the log", "WARNING");
    assert!(window.sees("1 found") && window.sees("Log, 7 lines"), "a search hides nothing");
    window.click("Only matching lines");
    assert!(window.sees("1 of 7 lines") && window.sees("Log, 1 lines"));
    say(&mut window, "kernel", &["c.c: warning: odder"], 0);
    assert!(window.sees("2 of 8 lines"), "new lines are filtered too");
}

#[test]
fn it_narrows_to_a_step_and_to_complaints() {
    let mut window = example();
    choose(&mut window, "Step of the log", "glibc/compile  1");
    assert!(window.sees("Log, 1 lines"));
    choose(&mut window, "Step of the log", "All steps");
    choose(&mut window, "Kind of lines", "Warnings and errors");
    assert!(window.sees("Log, 3 lines") && window.sees("3 of 7 lines"));
    choose(&mut window, "Kind of lines", "Errors");
    assert!(window.sees("Log, 2 lines"));
}

#[test]
fn matches_are_walked_through_and_round() {
    let mut window = example();
    window.type_into("Search the log", "main");
    let at = |w: &Window| w.harness.state().state.log_page.at;
    window.click("Next match");
    assert_eq!(at(&window), Some(1));
    assert!(window.sees("1 of 2"));
    window.click("Next match");
    assert_eq!(at(&window), Some(2));
    window.click("Next match");
    assert_eq!(at(&window), Some(1), "round at the end");
    window.click("Previous match");
    assert_eq!(at(&window), Some(2), "and at the start");
}

#[test]
fn the_first_error_is_jumped_to_and_opened_in_the_editor() {
    let mut window = example();
    assert!(!window.enabled("Open in editor"));
    window.click("First error");
    assert_eq!(window.harness.state().state.log_page.at, Some(4));
    assert!(window.enabled("Open in editor"), "the line names a place, though its colours were in between");
    window.click("Open in editor");
    let asks = window.asks();
    let [Ask::Open { editor: None, file, folders, line: 236, column: Some(28) }] = asks.as_slice() else { panic!("{asks:?}") };
    assert_eq!((file.as_str(), folders.len(), folders[0].as_path()), ("lib/x.c", 2, "/w/kernel/lib".as_ref()));
    window.news(News::Note("runs code -g /w/kernel/lib/x.c:236:28".into()));
    assert!(window.sees("runs code -g"));
    window.news(News::Failed { title: "The editor was not opened".into(), text: "`code` could not be started".into() });
    assert!(window.sees("The editor was not opened") && window.sees("could not be started"));
}

#[test]
fn the_editor_command_is_set_and_used() {
    let mut window = example();
    window.click("Editor command");
    window.type_into("Command that opens a file", "my-editor {file}:{line}");
    window.harness.key_press(egui::Key::Escape);
    window.steps();
    window.click("First error");
    window.click("Open in editor");
    assert!(matches!(window.asks().as_slice(), [Ask::Open { editor: Some(e), .. }] if e == "my-editor {file}:{line}"));
}

#[test]
fn what_is_shown_is_copied_and_saved() {
    let mut window = example();
    window.type_into("Search the log", "main.o");
    window.click("Only matching lines");
    window.harness.get_by_label("Copy all lines shown").click();
    window.harness.step();
    let commands = &window.harness.output().platform_output.commands;
    let copied = commands.iter().find_map(|c| match c {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("  CC      init/main.o\n"));
    window.steps();
    window.click("Save the lines shown");
    window.click("Save");
    let asks = window.asks();
    let [Ask::SaveLog { path: Some(path), snapshot }] = asks.as_slice() else { panic!("{asks:?}") };
    let mut text = Vec::new();
    assert_eq!(snapshot.write(&mut text).unwrap(), 1);
    assert!(path.ends_with("bootwright.log") && text == b"  CC      init/main.o\n");
}

#[test]
fn the_log_of_an_earlier_run_is_shown_and_left() {
    let mut window = example();
    let run = bootwright_build::timeline::RunInfo {
        name: "7-0".into(),
        folder: "/w/runs/7-0".into(),
        started: Some(7),
        project: "mll-2016".into(),
        outcome: None,
        seconds: None,
        logs: vec!["busybox.compile".into()],
    };
    window.plan(vec![planned("busybox", "compile", Status::UpToDate, None)]);
    window.news(News::Runs(vec![run]));
    window.asks();
    choose(&mut window, "Step of the log", "busybox/compile  earlier");
    assert!(
        matches!(window.asks().as_slice(), [Ask::LoadLog { folder, step: s }] if folder.ends_with("7-0") && *s == step("busybox", "compile"))
    );
    let mut log = Log::default();
    log.push(&step("busybox", "compile"), &["old one".into(), "old two".into()], 0);
    window.news(News::OldLog(Box::new(OldLog { title: "busybox/compile, run 7-0".into(), log })));
    assert!(window.sees("busybox/compile, run 7-0") && window.sees("Log, 2 lines"));
    window.click("Back to the live log");
    assert!(window.sees("Log, 7 lines"));
}
