//! Two projects side by side: what differs in their wires, what that meant, and what was measured of both. The window's
//! page, the command line and the pictures are made of this.

pub mod lines;
pub mod measured;
pub mod picture;
pub mod scene;

use bootwright_model::{Comparison, Library, Project, Side, compare};
use lines::LineChange;
use measured::Measured;
use serde::Serialize;
use std::sync::Arc;

#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    #[serde(skip)]
    pub projects: [Arc<Project>; 2],
    #[serde(flatten)]
    pub comparison: Comparison,
    /// The projects' own configuration lines.
    pub configuration: Vec<LineChange>,
    /// None: it was not looked at yet.
    pub measured: Option<Measured>,
}

impl Compared {
    pub fn of(old: Arc<Project>, new: Arc<Project>, library: &Library) -> Self {
        let comparison = compare(&old.layout, &new.layout, library);
        let configuration = lines::changed(&old, &new);
        Self { projects: [old, new], comparison, configuration, measured: None }
    }

    /// Nothing differs that is drawn or written as a line.
    pub fn is_empty(&self) -> bool {
        self.comparison.is_empty() && self.configuration.is_empty()
    }

    pub fn project(&self, side: Side) -> &Project {
        &self.projects[side as usize]
    }
}

/// How a project is named on the command line.
pub fn named(project: &Project) -> String {
    project.path.as_ref().map_or_else(|| project.name().to_owned(), |p| p.display().to_string())
}

/// `10:13:34`, the time of that day.
pub fn clock(at: u64) -> String {
    format!("{:02}:{:02}:{:02}", at / 3600 % 24, at / 60 % 60, at % 60)
}

/// `22-Nov-2026`, the day in UTC of a time in seconds since 1970; the days of the proleptic Gregorian calendar.
pub fn day(at: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let (mut days, mut year) = (at / 86_400, 1970);
    while days >= 365 + u64::from(leap(year)) && year < 9999 {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    for (i, name) in MONTHS.iter().enumerate() {
        let length = match i {
            1 => 28 + u64::from(leap(year)),
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        if days < length {
            return format!("{:02}-{name}-{year}", days + 1);
        }
        days -= length;
    }
    format!("{year}")
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (at, said) in [
            (0, "01-Jan-1970"),
            (951_782_400, "29-Feb-2000"),
            (1_459_641_600, "03-Apr-2016"),
            (1_704_067_199, "31-Dec-2023"),
            (1_795_274_935, "21-Nov-2026"),
        ] {
            assert_eq!(day(at), said);
        }
    }
}
