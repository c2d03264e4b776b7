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

/// Seconds that a running step may still take: what is left of its objects, at the pace of the last time, or of this time
/// once enough of it is done to know that. None where it never ran before, or does not run.
pub fn step_left(step: &StepView, now: Instant) -> Option<f64> {
    let StepState::Running { since } = step.state else { return None };
    let before = step.seconds_before?;
    let done = f64::from(part_done(step, now));
    let pace = match step.progress.and_then(|p| p.share()) {
        // Other work on this machine slows it down, and has done so all the while.
        Some(share) if share > 0.15 => ((now - since).as_secs_f64() / (before * f64::from(share)).max(0.01)).clamp(0.2, 10.0),
        _ => 1.0,
    };
    Some(before * (1.0 - done) * pace)
}

/// The engine's own estimate, with what the objects that were counted say about running steps.
fn left(run: &Run, now: Instant) -> Option<f64> {
    let behind = |s: &StepView| step_left(s, now).and_then(|left| Some((s.id.clone(), s.seconds_before? - left)));
    let running: BTreeMap<StepId, f64> = run.steps.iter().filter_map(behind).collect();
    let over = |id: &StepId| run.step(id).is_some_and(|s| !matches!(s.state, StepState::Planned | StepState::Running { .. }));
    seconds_left(&run.planned, &running, &over)
}

#[cfg(test)]
mod tests {
    use super::super::progress::Progress;
    use super::*;
    use bootwright_build::{Event, PlannedStep, Status, Unit};
    use bootwright_model::{ComponentId, StepKind};
    use std::time::Duration;

    fn step(name: &str, before: Option<f64>) -> PlannedStep {
        PlannedStep {
            id: StepId { component: ComponentId::try_from(name).unwrap(), step: "compile".into() },
            kind: StepKind::Compile,
            explain: String::new(),
            after: Vec::new(),
            status: Status::WillRun(vec![]),
            seconds_before: before,
            version: None,
            outputs: Default::default(),
        }
    }

    fn running(before: Option<f64>, ran: u64, share: Option<(u64, u64)>) -> (Run, Instant) {
        let (mut run, start) = (Run::default(), Instant::now());
        let planned = step("kernel", before);
        let target = planned.id.component.clone();
        run.take(Event::PlanReady { project: "p".into(), target, steps: vec![planned.clone()] }, start);
        run.take(Event::StepStarted { step: planned.id.clone(), reasons: vec![], commands: vec![] }, start);
        if let Some((done, total)) = share {
            run.take(Event::Progress { step: planned.id, done, total: Some(total), unit: Unit::Objects }, start);
        }
        assert_eq!(run.steps[0].progress.map(|p: Progress| p.done), share.map(|s| s.0));
        (run, start + Duration::from_secs(ran))
    }

    fn left_of(before: Option<f64>, ran: u64, share: Option<(u64, u64)>) -> Option<f64> {
        let (run, now) = running(before, ran, share);
        let left = step_left(&run.steps[0], now);
        assert_eq!(overall(&run, now).unwrap().left.map(|l| l.round()), left.map(f64::round), "one step is all there is");
        left.map(f64::round)
    }

    #[test]
    fn what_is_left_follows_the_objects_and_the_pace() {
        assert_eq!(left_of(Some(100.0), 10, Some((10, 100))), Some(90.0), "too early to know the pace");
        assert_eq!(left_of(Some(100.0), 50, Some((50, 100))), Some(50.0), "as the last time");
        assert_eq!(left_of(Some(100.0), 150, Some((50, 100))), Some(150.0), "three times as slow, and likely so to the end");
        assert_eq!(left_of(Some(100.0), 40, None), Some(60.0), "nothing is counted: the clock");
        assert_eq!(left_of(Some(100.0), 4000, None), Some(5.0), "longer than ever, and not yet done");
    }

    #[test]
    fn a_first_run_has_no_estimate() {
        assert_eq!(left_of(None, 40, Some((5, 10))), None);
    }
}
