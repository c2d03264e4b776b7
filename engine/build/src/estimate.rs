//! How long what is left will take, from what earlier runs took.

use crate::event::{PlannedStep, Status, StepId};
use std::collections::BTreeMap;

/// Seconds until the end, an estimate: the longest path through the steps that are left, each with the time it took the
/// last time. None where any of them never ran. `running` holds seconds since the start of steps that run, `done` those
/// that ended.
pub fn seconds_left(steps: &[PlannedStep], running: &BTreeMap<StepId, f64>, done: &dyn Fn(&StepId) -> bool) -> Option<f64> {
    let mut end: BTreeMap<&StepId, f64> = BTreeMap::new();
    for step in steps {
        let begin = step.after.iter().filter_map(|a| end.get(a)).fold(0.0, |a: f64, b| a.max(*b));
        let own = match &step.status {
            _ if done(&step.id) => 0.0,
            Status::UpToDate | Status::NotNeeded => 0.0,
            Status::WillRun(_) | Status::Waits(_) => (step.seconds_before? - running.get(&step.id).unwrap_or(&0.0)).max(0.0),
        };
        end.insert(&step.id, begin + own);
    }
    Some(end.into_values().fold(0.0, f64::max))
}
