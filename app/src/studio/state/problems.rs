//! Everything that is wrong, or may go wrong: in the project, on this machine, in what was built, and in the last run.

use super::State;
use super::progress::StepState;
use crate::studio::action::Selection;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::{Ask, Checked};
use bootwright_build::StepId;
use bootwright_build::checks::Verdict;
use std::time::Instant;

#[derive(Clone, Debug, PartialEq)]
pub enum ProblemAction {
    /// Looks at the project and at this machine again.
    LookAgain,
    /// Shows the commands that would install what is missing.
    AskInstall,
    /// Runs them.
    Install,
    StopInstall,
    /// Away with the question, or with how it ended.
    CloseInstall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not work.
    Fault,
    /// It works here, and may not elsewhere or later.
    Risk,
    /// A tool said so.
    Warning,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub severity: Severity,
    pub title: String,
    pub text: String,
    pub place: Option<Selection>,
    /// The line of the live log that says it.
    pub line: Option<u64>,
    pub step: Option<StepId>,
}

/// Where the installation of host packages stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Setup {
    #[default]
    Rest,
    /// The commands are shown, and nothing runs yet.
    Asking,
    Running {
        since: Instant,
        stopping: bool,
    },
    Ended(Result<(), String>),
}

#[derive(Default)]
pub struct ProblemsPage {
    pub checked: Option<Checked>,
    /// A look was asked for and its answer is not here yet.
    pub looking: bool,
    pub setup: Setup,
}

impl ProblemsPage {
    pub fn installing(&self) -> bool {
        matches!(self.setup, Setup::Running { .. })
    }

    /// The commands that would install what is missing; the error says why there are none.
    pub fn install_commands(&self) -> Result<&[Vec<String>], &str> {
        match self.checked.as_ref().map(|c| &c.install) {
            Some(Ok(commands)) => Ok(commands),
            Some(Err(why)) => Err(why),
            None => Ok(&[]),
        }
    }
}

/// The step under which the output of an installation stands in the log.
pub fn setup_step() -> Option<StepId> {
    bootwright_model::ComponentId::try_from("host").ok().map(|component| StepId { component, step: "setup".into() })
}

impl State {
    /// The worst first, and in the order of the diagram.
    pub fn list_problems(&self) -> Vec<Problem> {
        let plain = |severity, title: String, text: String| Problem { severity, title, text, place: None, line: None, step: None };
        let mut all: Vec<Problem> =
            self.problems.iter().map(|p| plain(Severity::Fault, "The project does not hold together".into(), p.to_string())).collect();
        self.add_checks(&mut all);
        self.add_steps(&mut all);
        if let Some(why) = &self.run.plan_error
            && self.problems_page.checked.as_ref().is_none_or(|c| c.missing.is_empty())
        {
            all.push(plain(Severity::Fault, "There is no plan".into(), why.clone()));
        }
        all.sort_by_key(|p| p.severity);
        all
    }

    fn add_checks(&self, all: &mut Vec<Problem>) {
        let Some(checked) = self.problems_page.checked.as_ref().filter(|c| c.project.name() == self.project.name()) else { return };
        for m in &checked.missing {
            let package = m.package.as_ref().map_or(String::new(), |p| format!("; the package {p} brings it"));
            all.push(Problem {
                severity: Severity::Fault,
                title: format!("This host lacks {}", m.what),
                text: format!("{} needs it{package}", m.component),
                place: None,
                line: None,
                step: None,
            });
        }
        let findings = match &checked.findings {
            Ok(findings) => findings.as_slice(),
            Err(why) => {
                let title = "The checks could not be made".into();
                all.push(Problem { severity: Severity::Fault, title, text: why.clone(), place: None, line: None, step: None });
                &[]
            }
        };
        for f in findings {
            let severity = match f.verdict {
                Verdict::Fault => Severity::Fault,
                Verdict::Risk => Severity::Risk,
                Verdict::Fine | Verdict::Unknown => continue,
            };
            let text = [f.found.join("\n"), f.meaning.clone()].join("\n");
            let title = format!("{}: not so for {}", f.title, self.title_of(&f.component));
            all.push(Problem { severity, title, text, place: Some(Selection::Component(f.component.clone())), line: None, step: None });
        }
    }

    fn add_steps(&self, all: &mut Vec<Problem>) {
        for step in &self.run.steps {
            let tally = self.log.tally(&step.id);
            let place = Some(Selection::Component(step.id.component.clone()));
            let name = format!("{}, {}", self.title_of(&step.id.component), step.id.step);
            if let StepState::Failed(message) = &step.state {
                let first = self.log.first_error(&step.id);
                let text = first.map_or_else(|| message.lines().next().unwrap_or_default(), |l| l.text).to_owned();
                all.push(Problem {
                    severity: Severity::Fault,
                    title: format!("{name}: failed"),
                    text,
                    place: place.clone(),
                    line: first.map(|l| l.number),
                    step: Some(step.id.clone()),
                });
            }
            if tally.warnings > 0 {
                let s = if tally.warnings == 1 { "" } else { "s" };
                all.push(Problem {
                    severity: Severity::Warning,
                    title: format!("{name}: {} warning{s}", tally.warnings),
                    text: tally.first_warning.and_then(|n| self.log.line(n)).map_or(String::new(), |l| l.text.to_owned()),
                    place,
                    line: tally.first_warning,
                    step: Some(step.id.clone()),
                });
            }
        }
    }

    /// Looks at the project and at this machine, on another thread.
    pub fn look(&mut self, link: &dyn EngineLink) {
        if self.problems.is_empty() {
            self.problems_page.looking = true;
            self.ask(Ask::Check { project: self.project.clone() }, link);
        } else {
            self.problems_page.checked = None;
        }
    }

    pub fn problem_action(&mut self, action: ProblemAction, link: &dyn EngineLink) {
        let page = &mut self.problems_page;
        match action {
            ProblemAction::LookAgain => self.look(link),
            ProblemAction::AskInstall if !page.installing() => page.setup = Setup::Asking,
            ProblemAction::Install if page.setup == Setup::Asking => {
                if let Ok(commands) = page.install_commands() {
                    let commands = commands.to_vec();
                    page.setup = Setup::Running { since: Instant::now(), stopping: false };
                    if let Some(step) = setup_step() {
                        self.log.step_started(&step);
                    }
                    self.ask(Ask::Install { commands }, link);
                }
            }
            ProblemAction::StopInstall => {
                if let Setup::Running { stopping, .. } = &mut page.setup {
                    *stopping = true;
                    self.ask(Ask::StopInstall, link);
                }
            }
            ProblemAction::CloseInstall if !page.installing() => page.setup = Setup::Rest,
            ProblemAction::AskInstall | ProblemAction::Install | ProblemAction::CloseInstall => {}
        }
    }
}
