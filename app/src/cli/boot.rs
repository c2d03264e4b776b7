//! `bootwright boot`: the guest in this terminal, or its checks as a table.

use super::args::{Boot, Common};
use super::{End, open, print_json, work};
use crate::guest;
use bootwright_boot::{CheckEvent, CheckStatus, Machine, interactive, need_namespace, reexec_in_namespace, run_checks};
use bootwright_model::Library;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn run(args: &Boot, library: &Library, common: &Common) -> anyhow::Result<End> {
    let project = open(&args.project, library, &args.set, None)?;
    let checks = &project.layout.boot_checks;
    if args.check && need_namespace(checks) {
        // Port 53 wants root, or a network of one's own, which is what the program is started again in.
        let status = reexec_in_namespace(std::env::args_os().skip(1))?;
        return Ok(match status.code() {
            Some(0) => End::Done,
            Some(130) => End::Cancelled,
            Some(2) => End::Usage,
            _ => End::Failed,
        });
    }
    let work = work(common)?;
    let built = guest::built(&project, library, &work)?;
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = cancel.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    let spec = guest::machine(&built.iso, args.memory, &work, &cancel)?;
    if !args.check {
        eprintln!("booting {}; Ctrl-A x ends it", built.iso.display());
        let mut machine = Machine::start(&spec, &cancel)?;
        let ended = interactive(&mut machine, &cancel);
        bootwright_boot::interactive::restore_terminal();
        ended?;
        return Ok(if cancel.load(Ordering::Relaxed) { End::Cancelled } else { End::Done });
    }
    eprintln!("booting {} and running {} checks", built.iso.display(), checks.len());
    let say = |event: CheckEvent| {
        if let CheckEvent::CheckStarted(check) = event {
            eprintln!("  {} …", check.title());
        }
    };
    let report = match run_checks(&spec, checks, &built.expectation, &say, &cancel) {
        Err(_) if cancel.load(Ordering::Relaxed) => return Ok(End::Cancelled),
        other => other?,
    };
    if args.json {
        print_json(&report)?;
    } else {
        print_table(&report)?;
    }
    Ok(if report.passed() { End::Done } else { End::Failed })
}

fn print_table(report: &bootwright_boot::Report) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for r in &report.results {
        let word = match r.status {
            CheckStatus::Passed => "passed ",
            CheckStatus::Failed => "FAILED ",
            CheckStatus::NotRun => "not run",
        };
        writeln!(out, "{word}  {:48} {:5.1} s", r.title, r.seconds)?;
        if r.status != CheckStatus::Passed {
            writeln!(out, "         expected: {}", r.expected)?;
        }
        for (i, line) in r.found.lines().enumerate() {
            writeln!(out, "         {} {line}", if i == 0 { "found:   " } else { "         " })?;
        }
    }
    if let Some(seconds) = report.boot_seconds {
        writeln!(out, "a shell after {seconds:.1} s")?;
    }
    let passed = report.results.iter().filter(|r| r.status == CheckStatus::Passed).count();
    writeln!(out, "{passed} of {} checks passed", report.results.len())?;
    Ok(())
}
