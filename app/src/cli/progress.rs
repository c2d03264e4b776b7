//! Progress on the terminal: a line a running step and one for all; plain lines where stderr is no terminal.

use super::human_time;
use bootwright_build::{Event, Outcome, PlannedStep, RunOutcome, Status, StepId, Unit, seconds_left};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

pub struct Progress {
    bars: Option<MultiProgress>,
    total: ProgressBar,
    running: BTreeMap<StepId, (Instant, ProgressBar)>,
    steps: Vec<PlannedStep>,
    done: BTreeSet<StepId>,
}

impl Progress {
    pub fn new() -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        let total = bars.as_ref().map_or_else(ProgressBar::hidden, |b| b.add(ProgressBar::new(0)));
        total.set_style(style("{wide_bar} {pos}/{len} steps  {msg}"));
        Self { bars, total, running: BTreeMap::new(), steps: Vec::new(), done: BTreeSet::new() }
    }

    /// A line above the bars, or a plain one.
    fn say(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.println(text); // a terminal that went away is no reason to stop
            }
            None => eprintln!("{text}"),
        }
    }

    pub fn take(&mut self, event: &Event) {
        match event {
            Event::PlanReady { project, steps, .. } => {
                let run = steps.iter().filter(|s| matches!(s.status, Status::WillRun(_) | Status::Waits(_))).count();
                self.steps.clone_from(steps);
                self.total.set_length(steps.len() as u64);
                self.done = steps.iter().filter(|s| matches!(s.status, Status::NotNeeded)).map(|s| s.id.clone()).collect();
                let left = match seconds_left(steps, &BTreeMap::new(), &|_| false) {
                    Some(s) if run > 0 => format!("; about {}, from earlier runs", human_time(s)),
                    None => "; no estimate: some were never run here".into(),
                    _ => String::new(),
                };
                self.say(&format!("{project}: {} steps, {run} of them may have to run{left}", steps.len()));
            }
            Event::PlanFailed { project, reason } => self.say(&format!("{project}: {reason}")),
            Event::StepStarted { step, reasons, .. } => {
                let why = reasons.first().map(ToString::to_string).unwrap_or_default();
                let more = if reasons.len() > 1 { format!(" (and {} more)", reasons.len() - 1) } else { String::new() };
                self.say(&format!("  start  {step}: {why}{more}"));
                let bar = match &self.bars {
                    Some(b) => b.insert_before(&self.total, ProgressBar::new_spinner()),
                    None => ProgressBar::hidden(),
                };
                bar.set_style(style("  {spinner} {prefix} {msg} {elapsed}"));
                bar.set_prefix(step.to_string());
                self.running.insert(step.clone(), (Instant::now(), bar));
            }
            Event::Progress { step, done, total, unit } => {
                if let Some((_, bar)) = self.running.get(step) {
                    let word = if *unit == Unit::Bytes { "{bytes}/{total_bytes}" } else { "{pos}/{len} objects" };
                    match total {
                        Some(total) => {
                            bar.set_style(style(&format!("  {{spinner}} {{prefix}} {{bar:24}} {word} {{elapsed}}")));
                            bar.set_length(*total);
                        }
                        None => {
                            let word = if *unit == Unit::Bytes { "{bytes}" } else { "{pos} objects" };
                            bar.set_style(style(&format!("  {{spinner}} {{prefix}} {word} {{elapsed}}")));
                        }
                    }
                    bar.set_position(*done);
                }
            }
            Event::Note { step, text } => self.say(&format!("         {step}: {text}")),
            Event::StepFinished { step, outcome, seconds, .. } => {
                if let Some((_, bar)) = self.running.remove(step) {
                    bar.finish_and_clear();
                }
                self.done.insert(step.clone());
                match outcome {
                    Outcome::Done => self.say(&format!("  done   {step} in {}", human_time(seconds.unwrap_or_default()))),
                    Outcome::UpToDate => {}
                    Outcome::Failed(_) => self.say(&format!("  FAILED {step}")),
                    Outcome::Cancelled => self.say(&format!("  stopped {step}")),
                }
            }
            Event::Log { .. } | Event::Objects { .. } | Event::Usage(_) | Event::ArtifactReady { .. } | Event::RunFinished { .. } => {}
        }
        self.tick();
    }

    /// Brings times and the estimate up to date.
    pub fn tick(&self) {
        if self.bars.is_none() {
            return;
        }
        for (_, bar) in self.running.values() {
            bar.tick();
        }
        self.total.set_position(self.done.len() as u64);
        let running = self.running.iter().map(|(id, (start, _))| (id.clone(), start.elapsed().as_secs_f64())).collect();
        let left = seconds_left(&self.steps, &running, &|id| self.done.contains(id));
        self.total.set_message(match left {
            Some(s) => format!("about {} left", human_time(s)),
            None => "first run: no estimate".into(),
        });
    }

    pub fn finish(&self, outcome: &RunOutcome, seconds: f64, folder: &Path) {
        self.total.finish_and_clear();
        match outcome {
            RunOutcome::Done => self.say(&format!("done in {}; the journal is in {}", human_time(seconds), folder.display())),
            RunOutcome::Cancelled => self.say("stopped; what was finished is kept"),
            RunOutcome::Failed(why) => self.say(&format!("bootwright: {why}")),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
