//! `bootwright build`: runs the engine and shows its events.

use super::args::{Build, Common};
use super::progress::Progress;
use super::{End, human_size, open, setup, trusted, work};
use crate::packages;
use bootwright_build::{Command, Engine, Event, Means, RunOutcome};
use bootwright_model::Library;
use std::io::Write;
use std::sync::Arc;

pub fn run(args: &Build, library: &Library, common: &Common) -> anyhow::Result<End> {
    let project = open(&args.project, library, &args.set, args.provider.as_deref())?;
    if !trusted(&project, args.trust)? {
        return Ok(End::Failed);
    }
    if args.setup {
        match setup::install(&packages::missing(&project, library)?, args.yes, false)? {
            End::Done => {}
            end => return Ok(end),
        }
    }
    let work = work(common)?;
    let engine = Arc::new(Engine::start(work.root(), None)?);
    let canceller = Arc::downgrade(&engine);
    ctrlc::set_handler(move || {
        if let Some(engine) = canceller.upgrade() {
            engine.send(Command::Cancel);
        }
    })?;
    let means = Means { jobs: args.jobs, mirrors: args.mirror.clone() };
    let target = args.target.as_ref().map(|t| t.0.clone());
    engine.send(Command::Build { project: Box::new(project.clone()), target, means });
    let mut progress = Progress::new();
    let mut results = Vec::new();
    let events = engine.events().clone();
    let mut target = project.layout.target.clone();
    let outcome = loop {
        // The bars move on (times, ETA) while no event comes.
        let event = match events.recv_timeout(std::time::Duration::from_millis(200)) {
            Ok(e) => e,
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {
                progress.tick();
                continue;
            }
            Err(e) => anyhow::bail!("the engine ended without a word: {e}"),
        };
        if args.events {
            let mut out = std::io::stdout().lock();
            serde_json::to_writer(&mut out, &event).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        progress.take(&event);
        match event {
            Event::PlanReady { target: t, .. } => target = t,
            Event::ArtifactReady { step, output, artifact, path } if step.component == target => results.push((output, artifact, path)),
            Event::RunFinished { outcome, seconds, folder } => {
                progress.finish(&outcome, seconds, &folder);
                break outcome;
            }
            _ => {}
        }
    };
    match outcome {
        RunOutcome::Done => {
            if !args.events {
                let mut out = std::io::stdout().lock();
                for (output, artifact, path) in results.iter().filter(|(o, ..)| o != "config") {
                    writeln!(out, "{target} {output}: {} ({}, sha256 {})", path.display(), human_size(artifact.size), artifact.hash)?;
                }
            }
            Ok(End::Done)
        }
        RunOutcome::Cancelled => Ok(End::Cancelled),
        RunOutcome::Failed(_) => Ok(End::Failed),
    }
}
