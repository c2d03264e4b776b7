//! The page of the log: which log is shown, what is searched in it, and where its view should go.

use super::State;
use super::diagnostic;
use super::log::Log;
use super::log_query::Query;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_build::StepId;
use std::path::PathBuf;

/// What the page may ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum LogAction {
    Query(Query),
    /// To the next line that holds what is searched for; without a search, to the next error.
    Next,
    Previous,
    FirstError,
    /// To a line by its number, in the live log.
    Go(u64),
    /// Opens the place that a line names in the user's editor.
    Open(u64),
    /// Writes what is shown to a file; none: the desktop's dialog asks for it.
    Save(Option<String>),
    /// Shows the log file that a step left in a run's folder.
    LoadOld {
        folder: PathBuf,
        step: StepId,
    },
    /// Back from an old log.
    Live,
    SetEditor(String),
}

/// A log file of an earlier run.
#[derive(Debug)]
pub struct OldLog {
    pub title: String,
    pub log: Log,
}

#[derive(Default)]
pub struct LogPage {
    pub old: Option<OldLog>,
    /// The line that the view should show, and the how-manieth wish of this kind it is.
    pub at: Option<u64>,
    pub wishes: u64,
    /// As the user set it; empty: what the environment says.
    pub editor: String,
    /// What was done last outside the window, or how it failed.
    pub note: Option<String>,
}

impl State {
    pub fn shown_log(&self) -> &Log {
        self.log_page.old.as_ref().map_or(&self.log, |o| &o.log)
    }

    fn shown_log_mut(&mut self) -> &mut Log {
        self.log_page.old.as_mut().map_or(&mut self.log, |o| &mut o.log)
    }

    fn go(&mut self, line: u64) {
        self.log_page.at = Some(line);
        self.log_page.wishes += 1;
    }

    pub fn log_action(&mut self, action: LogAction, link: &dyn EngineLink) {
        match action {
            LogAction::Query(query) => {
                let text = query.text != self.shown_log().query().text;
                self.shown_log_mut().set_query(query);
                if text {
                    self.log_page.at = None;
                }
            }
            LogAction::Next | LogAction::Previous => {
                if let Some(line) = self.beside(action == LogAction::Next) {
                    self.go(line);
                }
            }
            LogAction::FirstError => {
                let run = self.run_starts_at.min(self.shown_log().error_from(0).unwrap_or(0));
                let from = if self.log_page.old.is_some() { 0 } else { self.run_starts_at };
                match self.shown_log().error_from(from).or(self.shown_log().error_from(run)) {
                    Some(line) => {
                        // A filter that hides the error would lead nowhere.
                        let mut query = self.shown_log().query().clone();
                        query.only = false;
                        self.shown_log_mut().set_query(query);
                        self.go(line);
                    }
                    None => self.log_page.note = Some("no error in sight".into()),
                }
            }
            LogAction::Go(line) => {
                self.log_page.old = None;
                self.log.set_query(Query::default());
                self.front = Some(crate::studio::action::Tab::Log);
                self.go(line);
            }
            LogAction::Open(line) => self.open_place(line, link),
            LogAction::Save(path) => {
                self.log_page.note = path.as_ref().map(|p| format!("writing {p}"));
                self.ask(Ask::SaveLog { path: path.map(Into::into), snapshot: self.shown_log().snapshot() }, link);
            }
            LogAction::LoadOld { folder, step } => {
                self.front = Some(crate::studio::action::Tab::Log);
                self.log_page.note = Some(format!("reading the log of {step}"));
                self.ask(Ask::LoadLog { folder, step }, link);
            }
            LogAction::Live => (self.log_page.old, self.log_page.at) = (None, None),
            LogAction::SetEditor(editor) => self.log_page.editor = editor,
        }
    }

    /// The match, or the error, after or before the line that was gone to last; round at the end.
    fn beside(&self, after: bool) -> Option<u64> {
        let log = self.shown_log();
        let matches = log.matches();
        if log.query().needle().is_empty() {
            let from = self.log_page.at.map_or(0, |l| l + 1);
            return if after { log.error_from(from).or(log.error_from(0)) } else { log.error_before(self.log_page.at) };
        }
        let i = match (self.log_page.at, after) {
            (None, _) => 0,
            (Some(at), true) => matches.partition_point(|n| *n <= at) % matches.len().max(1),
            (Some(at), false) => matches.partition_point(|n| *n < at).checked_sub(1).unwrap_or(matches.len().saturating_sub(1)),
        };
        matches.get(i).copied()
    }

    fn open_place(&mut self, number: u64, link: &dyn EngineLink) {
        let log = self.shown_log();
        let Some(line) = log.line(number) else { return };
        let Some(place) = diagnostic::place(line.text) else { return };
        let folders = log.folders(line.step);
        let editor = Some(self.log_page.editor.trim().to_owned()).filter(|e| !e.is_empty());
        let ask = Ask::Open { editor, file: place.file.into(), folders, line: place.line, column: place.column };
        self.ask(ask, link);
    }
}
