//! The rows of the artifacts page: what the steps left, what made it, and who uses it; sorted and filtered.

use super::State;
use super::progress::ArtifactRow;
use crate::studio::link::desk::Made;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    #[default]
    Component,
    Output,
    Size,
    Files,
    Hash,
    MadeBy,
    When,
    UsedBy,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ArtifactAction {
    /// By this column; by the same one again: the other way round.
    Sort(Column),
    Filter(String),
}

#[derive(Default)]
pub struct ArtifactsPage {
    pub sort: Column,
    pub descending: bool,
    pub filter: String,
    pub records: Vec<Made>,
}

impl ArtifactsPage {
    pub fn apply(&mut self, action: ArtifactAction) {
        match action {
            ArtifactAction::Sort(column) => {
                self.descending = self.sort == column && !self.descending;
                self.sort = column;
            }
            ArtifactAction::Filter(text) => self.filter = text,
        }
    }
}

/// A row as it is shown.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub row: &'a ArtifactRow,
    pub title: &'a str,
    /// What the step took that made it, and when it ended; where the store says so.
    pub seconds: Option<f64>,
    pub at: Option<u64>,
    /// Consumer and need, by title.
    pub used_by: Vec<String>,
}

impl State {
    pub fn artifact_rows(&self) -> Vec<Row<'_>> {
        let page = &self.artifacts_page;
        let needle = page.filter.trim().to_lowercase();
        let mut rows: Vec<Row> = self.run.artifacts.iter().map(|row| self.artifact_row(row)).collect();
        rows.retain(|r| {
            let texts = [r.title, r.row.step.component.as_str(), &r.row.output, &r.row.step.step, &r.row.artifact.hash];
            needle.is_empty()
                || texts.iter().any(|t| t.to_lowercase().contains(&needle))
                || r.used_by.iter().any(|u| u.to_lowercase().contains(&needle))
        });
        match page.sort {
            Column::Component => rows.sort_by(|a, b| a.title.cmp(b.title)),
            Column::Output => rows.sort_by(|a, b| a.row.output.cmp(&b.row.output)),
            Column::Size => rows.sort_by_key(|r| r.row.artifact.size),
            Column::Files => rows.sort_by_key(|r| r.row.artifact.files),
            Column::Hash => rows.sort_by(|a, b| a.row.artifact.hash.cmp(&b.row.artifact.hash)),
            Column::MadeBy => rows.sort_by(|a, b| a.seconds.unwrap_or(-1.0).total_cmp(&b.seconds.unwrap_or(-1.0))),
            Column::When => rows.sort_by_key(|r| r.at),
            Column::UsedBy => rows.sort_by(|a, b| a.used_by.cmp(&b.used_by)),
        }
        if page.descending {
            rows.reverse();
        }
        rows
    }

    fn artifact_row<'a>(&'a self, row: &'a ArtifactRow) -> Row<'a> {
        let id = &row.step.component;
        let fits = |m: &&Made| {
            let r = &m.record;
            r.component == id.as_str() && r.step == row.step.step && r.outputs.get(&row.output) == Some(&row.artifact)
        };
        // The same bytes may have been made more than once; the last time is what people ask for.
        let made = self.artifacts_page.records.iter().filter(fits).max_by_key(|m| m.at);
        let wires = self.project.layout.wires.iter().filter(|w| w.from.component == *id && w.from.name == row.output);
        Row {
            row,
            title: self.title_of(id),
            seconds: made.map(|m| m.record.seconds),
            at: made.and_then(|m| m.at),
            used_by: wires.map(|w| format!("{}: {}", self.title_of(&w.to.component), self.kind_of(w))).collect(),
        }
    }
}

/// How long ago, in words; a clock and a calendar of the user's place are not at hand.
pub fn ago(at: u64, now: u64) -> String {
    let s = now.saturating_sub(at);
    let count = |n: u64, what: &str| format!("{n} {what}{} ago", if n == 1 { "" } else { "s" });
    match s {
        0..60 => "just now".into(),
        60..3600 => count(s / 60, "minute"),
        3600..86_400 => count(s / 3600, "hour"),
        _ => count(s / 86_400, "day"),
    }
}
