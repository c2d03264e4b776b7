//! `bootwright replay`: an earlier run, from its journal.

use super::args::{Common, Replay};
use super::{End, human_size, human_time, print_json, work};
use anyhow::Context;
use bootwright_build::timeline::{Timeline, load, runs};
use bootwright_build::{Outcome, RunOutcome, trace};
use std::io::Write;
use std::path::{Path, PathBuf};

pub fn run(args: &Replay, common: &Common) -> anyhow::Result<End> {
    let timeline = load(&find(args.journal.as_deref(), common)?)?;
    if let Some(path) = &args.trace {
        let write = || -> std::io::Result<()> {
            let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
            trace::write(&timeline, &mut out)?;
            out.flush()
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("the trace is in {}; https://ui.perfetto.dev opens it", path.display());
    }
    if args.json {
        print_json(&timeline)?;
    } else {
        table(&timeline, &mut std::io::stdout().lock())?;
    }
    Ok(End::Done)
}

/// A file, a run's folder, or the name of a run in the work folder; none: the newest run that did something.
fn find(journal: Option<&str>, common: &Common) -> anyhow::Result<PathBuf> {
    if let Some(given) = journal {
        let path = Path::new(given);
        if path.exists() {
            return Ok(path.to_path_buf());
        }
    }
    let work = work(common)?;
    match journal {
        Some(name) => {
            let folder = work.runs().join(name);
            anyhow::ensure!(!name.contains('/') && folder.is_dir(), "there is neither a file {name} nor a run {}", folder.display());
            Ok(folder)
        }
        None => {
            let newest = runs(&work, 1)?.into_iter().next();
            newest.map(|r| r.folder).with_context(|| format!("no run was made in {} yet", work.root().display()))
        }
    }
}

fn table(t: &Timeline, out: &mut dyn Write) -> anyhow::Result<()> {
    let how = match &t.outcome {
        Some(RunOutcome::Done) => "done",
        Some(RunOutcome::Failed(_)) => "failed",
        Some(RunOutcome::Cancelled) => "stopped",
        None => "the journal ends before the run did",
    };
    writeln!(
        out,
        "run {}: {}, target {}, {} steps, {how} after {}",
        t.name,
        t.project,
        t.target,
        t.steps.len(),
        human_time(t.end_ms as f64 / 1e3)
    )?;
    writeln!(out, "  {:>9} {:>10} {:>10} {:>7}  step", "start", "took", "CPU", "objects")?;
    for s in t.ran() {
        let objects = if s.objects.is_empty() { "—".to_owned() } else { s.objects.len().to_string() };
        writeln!(
            out,
            "{} {:>9} {:>10} {:>10} {objects:>7}  {}{}",
            if s.critical { '*' } else { ' ' },
            s.start_ms.map_or("—".into(), |m| human_time(m as f64 / 1e3)),
            s.seconds(t.end_ms).map_or("—".into(), human_time),
            s.cpu_seconds.map_or("—".into(), human_time),
            s.id,
            match &s.outcome {
                Some(Outcome::Done | Outcome::UpToDate) => String::new(),
                Some(Outcome::Failed(why)) => format!(": FAILED: {}", why.lines().next().unwrap_or_default()),
                Some(Outcome::Cancelled) => ": stopped".into(),
                None => ": did not end".into(),
            }
        )?;
    }
    let idle = t.steps.iter().filter(|s| s.start_ms.is_none()).count();
    writeln!(out, "* on the critical path; {idle} steps were up to date or not come to")?;
    if let Some(peak) = t.samples.iter().map(|s| s.usage.memory).max() {
        let mean = t.samples.iter().map(|s| s.usage.cores).sum::<f64>() / t.samples.len() as f64;
        writeln!(out, "{mean:.1} processors busy on average, {} of memory at most", human_size(peak))?;
    }
    if t.faults.skipped > 0 {
        writeln!(out, "{} entries of the journal could not be used", t.faults.skipped)?;
    }
    Ok(())
}
