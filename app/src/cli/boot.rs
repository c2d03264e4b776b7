//! `bootwright boot`: the guest in this terminal, or its checks as a table.

use super::args::{Boot, Common};
use super::{End, human_size, open, print_json, work};
use crate::guest::{self, Order};
use bootwright_boot::{CheckEvent, CheckStatus, Machine, interactive};
use bootwright_build::Work;
use bootwright_model::Library;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn run(args: &Boot, library: &Library, common: &Common) -> anyhow::Result<End> {
    let work = work(common)?;
    let Some(name) = args.project.as_deref() else { return list(library, &work, args.json) };
    if args.json && !args.check {
        anyhow::bail!("--json goes with --check or --list; a console has no other form");
    }
    // An image needs no project; but then nobody knows what its checks should find.
    if name.ends_with(".iso") {
        if args.check || !args.set.is_empty() {
            anyhow::bail!("{name} is an image; --check and --set need the project that it was made from");
        }
        return console(Path::new(name), args.memory, &work);
    }
    let project = open(name, library, &args.set, None)?;
    let built = guest::built(&project, library, &work, &advice(args, name, common))?;
    if !args.check {
        return console(&built.iso, args.memory, &work);
    }
    let cancel = cancel_on_signal()?;
    let machine = guest::machine(&built.iso, args.memory, None, &work, &cancel)?;
    let order = Order { machine, checks: project.layout.boot_checks.clone(), expectation: built.expectation.clone() };
    eprintln!("booting {} and running {} checks", built.iso.display(), order.checks.len());
    let say = |event: CheckEvent| {
        if let CheckEvent::CheckStarted(check) = event {
            eprintln!("  {} …", check.title());
        }
    };
    let Some(report) = guest::check(&order, &say, &cancel)? else { return Ok(End::Cancelled) };
    if let Err(e) = guest::keep(&built, &project, &report, &work) {
        eprintln!("bootwright: {e:#}");
    }
    if args.json {
        print_json(&report)?;
    } else {
        print_table(&report)?;
    }
    Ok(if report.passed() { End::Done } else { End::Failed })
}

fn console(iso: &Path, memory: u32, work: &Work) -> anyhow::Result<End> {
    let cancel = cancel_on_signal()?;
    let machine = guest::machine(iso, memory, None, work, &cancel)?;
    eprintln!("booting {}; Ctrl-A x ends it", iso.display());
    let ended = Machine::start(&machine, &cancel).and_then(|mut machine| interactive(&mut machine, &cancel));
    bootwright_boot::interactive::restore_terminal();
    if !cancel.load(Ordering::Relaxed) {
        ended?;
    }
    Ok(if cancel.load(Ordering::Relaxed) { End::Cancelled } else { End::Done })
}

fn list(library: &Library, work: &Work, json: bool) -> anyhow::Result<End> {
    let images = guest::images(library, work, &[])?;
    if json {
        print_json(&images)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    for i in &images {
        writeln!(out, "{:>10}  {}\n            bootwright boot {}", human_size(i.size), i.title, i.name)?;
    }
    if images.is_empty() {
        writeln!(out, "no image is built yet")?;
    }
    Ok(End::Done)
}

/// The second run of this program, in a network of its own.
pub fn serve() -> anyhow::Result<End> {
    guest::serve(&*cancel_on_signal()?)?;
    Ok(End::Done)
}

/// The command that builds what this one boots.
fn advice(args: &Boot, name: &str, common: &Common) -> String {
    let set: String = args.set.iter().map(|s| format!(" --set {s}")).collect();
    let work = common.work.as_ref().map(|w| format!(" --work {}", w.display())).unwrap_or_default();
    format!("run `bootwright build {name}{set}{work}` first")
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
