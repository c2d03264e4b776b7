//! What a state means and why it holds, in sentences for people.

use super::State;
use super::component::{BoxState, count, duration, progress_words};
use super::progress::{Run, StepState, StepView};
use bootwright_build::{Reason, Status};
use bootwright_model::ComponentId;

/// Reasons of one step that a tip shows; the plan page has all.
const SHOWN: usize = 6;

impl BoxState {
    /// What the word on the box means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Host => "It is a part of this machine, and nothing is built.",
            Self::Unknown => "The plan is not known, so neither is what would have to run.",
            Self::NotNeeded => "Nothing that has to be built needs it.",
            Self::UpToDate => "What it would make is in the store, made from the same inputs, options and commands.",
            Self::Done => "It was made in this run.",
            Self::OutOfDate => "It was built before, and something it is made from has changed since.",
            Self::NotBuilt => "It was never built in this work folder.",
            Self::Queued => "It waits for a component that it needs, or for a free job.",
            Self::Running => "It is being built.",
            Self::Cancelled => "The build was stopped before it was finished.",
            Self::Failed => "A command of it failed.",
        }
    }
}

impl State {
    /// What a box says when the pointer rests on it: its state, what that means, and why it holds.
    pub fn box_tip(&self, id: &ComponentId) -> String {
        let sum = self.summary(id);
        let mut lines = vec![format!("{}: {}", self.title_of(id), sum.state.word()), sum.state.meaning().to_owned()];
        if let Some(progress) = &sum.progress {
            lines.push(progress_words(progress));
        }
        lines.extend(whys(&self.run, id));
        if let Some(took) = sum.took {
            lines.push(format!("Its steps took {} in this run.", duration(took)));
        }
        lines.join("\n")
    }
}

/// Why the steps of a component run, wait, or failed: a line a reason, with the step it belongs to.
pub fn whys(run: &Run, id: &ComponentId) -> Vec<String> {
    run.steps_of(id).flat_map(|step| lines(step).into_iter().map(|l| format!("{}: {l}", step.id.step))).collect()
}

fn lines(step: &StepView) -> Vec<String> {
    match (&step.state, &step.status) {
        (StepState::Failed(message), _) => vec![message.lines().next().unwrap_or_default().to_owned()],
        (StepState::Cancelled, _) => vec!["stopped before its end; it starts over next time".into()],
        (StepState::UpToDate, _) => Vec::new(),
        (StepState::Planned, Status::Waits(on)) => {
            vec![format!("waits for {on}: should that come out as it was before, nothing has to be done here")]
        }
        (StepState::Planned, Status::WillRun(reasons)) => some(reasons),
        (StepState::Planned, _) => Vec::new(),
        (StepState::Running { .. } | StepState::Done, _) => some(&step.reasons),
    }
}

fn some(reasons: &[Reason]) -> Vec<String> {
    let mut lines: Vec<String> = reasons.iter().take(SHOWN).map(words).collect();
    if reasons.len() > SHOWN {
        lines.push(format!("and {}, see the plan", count(reasons.len() - SHOWN, "more reason")));
    }
    lines
}

/// A reason as a sentence: what changed, from what to what.
pub fn words(reason: &Reason) -> String {
    let Reason::Changed { what, old, new } = reason else { return reason.to_string() };
    let (kind, name) = what.split_once(' ').unwrap_or((what, ""));
    let subject = match kind {
        "input" => format!("the input {name}"),
        "option" | "answer" => format!("the option {}", name.trim_start_matches("CONFIG_")),
        "command" => format!("words of the command {name}"),
        "environment" => format!("the environment's {name}"),
        "tool" => format!("the tool {name}"),
        "host" => format!("the host's {name}"),
        "step" => format!("what the step {name} leaves"),
        "source" if name.is_empty() => "the source".into(),
        _ => what.clone(),
    };
    let verb = if kind == "command" { "were" } else { "was" };
    match (old, new) {
        (Some(old), Some(new)) => format!("{subject} {verb} {old}, now {new}"),
        (None, Some(new)) => format!("{subject}: new is {new}"),
        (Some(old), None) => format!("{subject}: gone is {old}"),
        (None, None) => format!("{subject} changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_with_old_and_new() {
        let changed = |what: &str, old: Option<&str>, new: Option<&str>| {
            words(&Reason::Changed { what: what.into(), old: old.map(Into::into), new: new.map(Into::into) })
        };
        assert_eq!(changed("option CONFIG_SMP", Some("n"), Some("y")), "the option SMP was n, now y");
        assert_eq!(changed("command 1", Some("-O2"), Some("-O3")), "words of the command 1 were -O2, now -O3");
        assert_eq!(changed("input headers (host/headers)", Some("ab"), Some("cd")), "the input headers (host/headers) was ab, now cd");
        assert_eq!(changed("tool ld", None, Some("ld 2")), "the tool ld: new is ld 2");
        assert_eq!(words(&Reason::NeverBuilt), "never built here");
    }
}
