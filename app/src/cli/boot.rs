//! `bootwright boot`: the guest in this terminal, or its checks as a table.

use super::args::{Boot, Common};
use super::{End, open, print_json, work};
use crate::guest::{self, Order};
use bootwright_boot::{CheckEvent, CheckStatus, Machine, interactive};
use bootwright_model::Library;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn run(args: &Boot, library: &Library, common: &Common) -> anyhow::Result<End> {
    let project = open(&args.project, library, &args.set, None)?;
    let work = work(common)?;
    let built = guest::built(&project, library, &work, &advice(args, common))?;
    let cancel = cancel_on_signal()?;
    let machine = guest::machine(&built.iso, args.memory, None, &work, &cancel)?;
    if !args.check {
        eprintln!("booting {}; Ctrl-A x ends it", built.iso.display());
        let ended = Machine::start(&machine, &cancel).and_then(|mut machine| interactive(&mut machine, &cancel));
        bootwright_boot::interactive::restore_terminal();
        if !cancel.load(Ordering::Relaxed) {
            ended?;
        }
        return Ok(if cancel.load(Ordering::Relaxed) { End::Cancelled } else { End::Done });
    }
    let order = Order { machine, checks: project.layout.boot_checks.clone(), expectation: built.expectation };
    eprintln!("booting {} and running {} checks", built.iso.display(), order.checks.len());
    let say = |event: CheckEvent| {
        if let CheckEvent::CheckStarted(check) = event {
            eprintln!("  {} …", check.title());
        }
    };
    let Some(report) = guest::check(&order, &say, &cancel)? else { return Ok(End::Cancelled) };
    if args.json {
        print_json(&report)?;
    } else {
        print_table(&report)?;
    }
    Ok(if report.passed() { End::Done } else { End::Failed })
}

/// The second run of this program, in a network of its own.
pub fn serve() -> anyhow::Result<End> {
    guest::serve(&*cancel_on_signal()?)?;
    Ok(End::Done)
}

/// The command that builds what this one boots.
fn advice(args: &Boot, common: &Common) -> String {
    let set: String = args.set.iter().map(|s| format!(" --set {s}")).collect();
    let work = common.work.as_ref().map(|w| format!(" --work {}", w.display())).unwrap_or_default();
    format!("run `bootwright build {}{set}{work}` first", args.project)
}

/// Becomes true on Ctrl-C and on SIGTERM.
fn cancel_on_signal() -> anyhow::Result<Arc<AtomicBool>> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = cancel.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    Ok(cancel)
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
