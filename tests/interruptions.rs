//! Runs that are stopped: by Ctrl-C, by kill -9, by a second program on the same work folder.

use bootwright_tests::{bootwright, build, run, started};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Starts building BusyBox with musl and comes back when a step has started.
fn until_started(work: &Path, step: &str) -> Child {
    let mut child = bootwright(work, &["build", "musl", "--target", "musl"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mark = format!("start  {step}");
    assert!(lines.by_ref().map_while(Result::ok).any(|l| l.contains(&mark)), "{step} did not start");
    std::thread::spawn(move || lines.for_each(drop)); // or the program blocks on a full pipe
    child
}

/// Processes whose command line or folder names the work folder.
fn left_running(work: &Path) -> Vec<String> {
    let work = work.display().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let zombie = std::fs::read_to_string(entry.path().join("stat")).is_ok_and(|s| s.contains(") Z "));
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let cwd = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let ours = String::from_utf8_lossy(&line).contains(&work)
            || cwd.starts_with(&work)
            || String::from_utf8_lossy(&environ).contains("BOOTWRIGHT_RUN=");
        if ours && !zombie && pid != std::process::id() {
            found.push(format!("{pid}: {}", String::from_utf8_lossy(&line).replace('\0', " ")));
        }
    }
    found
}

fn nothing_is_left(work: &Path) {
    let end = Instant::now() + Duration::from_secs(10); // a guard against hanging, not a measure
    while !left_running(work).is_empty() {
        assert!(Instant::now() < end, "still running: {:#?}", left_running(work));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn a_cancelled_run_leaves_nothing_running_and_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = until_started(dir.path(), "musl/compile");
    std::thread::sleep(Duration::from_secs(2));
    signal(&child, Signal::INT);
    let asked = Instant::now();
    let status = child.wait().unwrap();
    println!("cancelled in {:?}", asked.elapsed());
    assert_eq!(status.code(), Some(130));
    nothing_is_left(dir.path());

    // kill -9 in the middle of what was resumed: the guard ends the compilers, and finished steps are kept.
    let mut child = until_started(dir.path(), "musl/compile");
    std::thread::sleep(Duration::from_secs(2));
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    nothing_is_left(dir.path());

    let ran = started(&build(dir.path(), &["musl", "--target", "musl"]));
    assert!(ran.contains(&"musl/compile".to_owned()));
    assert!(!ran.contains(&"musl/configure".to_owned()), "a finished step was lost: {ran:?}");
    assert_eq!(started(&build(dir.path(), &["musl", "--target", "musl"])), Vec::<String>::new());
}

#[test]
fn a_second_program_on_the_same_work_folder_is_told_and_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = until_started(dir.path(), "musl/compile");
    let second = run(&mut bootwright(dir.path(), &["build", "musl", "--target", "musl"]));
    assert_eq!(second.code, 1);
    assert!(second.err.contains("is in use by another Bootwright"), "{}", second.err);
    assert!(second.err.contains(&first.id().to_string()), "{}", second.err);
    assert!(!second.err.contains("start "), "{}", second.err);
    signal(&first, Signal::TERM);
    assert_eq!(first.wait().unwrap().code(), Some(130));
    nothing_is_left(dir.path());
}
