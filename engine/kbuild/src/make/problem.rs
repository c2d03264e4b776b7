//! What an evaluation has to say: the makefile's own `$(warning)`s, and what could not be followed.

use super::Place;

/// How much a [`Problem`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// `$(info …)`: the makefile says something.
    Info,
    /// `$(warning …)`, or something that GNU make would pass over as well.
    Warning,
    /// Something that could not be read; the answer may lack what it would have brought.
    Error,
    /// `$(error …)`, or a bound was reached: the evaluation ended there.
    Fatal,
}

/// One remark, with the line that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub weight: Weight,
    pub place: Place,
    pub text: String,
}
