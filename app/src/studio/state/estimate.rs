//! How far the run is, and how long it may still take, from what the same steps took the last time.

use super::component::about;
use super::progress::{Run, StepState, StepView};
use bootwright_build::{StepId, seconds_left};
use std::collections::BTreeMap;
use std::time::Instant;

/// What the top bar shows of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Overall {
    /// Steps that are finished, of those that have to run.
    pub done: usize,
    pub total: usize,
    /// 0 to 1.
    pub share: f32,
    /// Seconds left, where every step that is left has run before.
    pub left: Option<f64>,
}

impl Overall {
    /// The estimate with where it comes from.
    pub fn words(&self) -> String {
        match self.left {
            Some(left) => format!("{} left, estimated from the last run", about(left)),
            None => "first run: no estimate".into(),
        }
    }
}

/// Without a plan, or where nothing has to run, there is nothing to say.
pub fn overall(run: &Run, now: Instant) -> Option<Overall> {
    let steps: Vec<&StepView> = run.steps.iter().filter(|s| s.has_to_run()).collect();
    if steps.is_empty() {
        return None;
    }
    let finished = |s: &StepView| matches!(s.state, StepState::Done | StepState::Failed(_) | StepState::Cancelled);
    // A step counts as what it took the last time; where that is not known, as the mean of those that are.
    let known: Vec<f64> = steps.iter().filter_map(|s| s.seconds_before).collect();
    let mean = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let (mut all, mut behind) = (0.0, 0.0);
    for s in &steps {
        let weight = s.seconds_before.unwrap_or(mean).max(0.01);
        all += weight;
        behind += weight * if finished(s) { 1.0 } else { f64::from(part_done(s, now)) };
    }
    Some(Overall {
        done: steps.iter().filter(|s| finished(s)).count(),
        total: steps.len(),
        share: (behind / all) as f32,
        left: left(run, now),
    })
}

/// How much of a running step is done: what it counts, else the time against the last time's.
fn part_done(step: &StepView, now: Instant) -> f32 {
    let StepState::Running { since } = step.state else { return 0.0 };
    if let Some(share) = step.progress.and_then(|p| p.share()) {
        return share;
    }
    match step.seconds_before {
        // Never more than nearly done: the last time may have been quicker.
        Some(before) if before > 0.0 => ((now - since).as_secs_f64() / before).min(0.95) as f32,
        _ => 0.0,
    }
}

/// The engine's own estimate, with what the objects that were counted say about running steps.
fn left(run: &Run, now: Instant) -> Option<f64> {
    let behind = |s: &StepView| match s.state {
        StepState::Running { .. } => Some((s.id.clone(), s.seconds_before? * f64::from(part_done(s, now)))),
        _ => None,
    };
    let running: BTreeMap<StepId, f64> = run.steps.iter().filter_map(behind).collect();
    let over = |id: &StepId| run.step(id).is_some_and(|s| !matches!(s.state, StepState::Planned | StepState::Running { .. }));
    seconds_left(&run.planned, &running, &over)
}
