//! What a system is made of: recipes, layouts and projects, how they are checked and compared.
//!
//! Pure data. Nothing here runs a command, looks at the host or writes outside the file it was asked to save.

mod check;
mod compare;
mod edit;
mod error;
mod file;
mod id;
mod layout;
mod lesson;
mod library;
mod project;
mod recipe;
mod wiring;

pub use check::{Problem, ProblemKind, order};
pub use compare::{Comparison, Move, OptionChange, compare, same};
pub use edit::{Edit, Placing, Refusal};
pub use error::ModelError;
pub use file::write_whole;
pub use id::{ComponentId, Port};
pub use layout::{BootCheck, Component, Layout, Position, Wire};
pub use lesson::{Change, Changes, Lesson, LessonStep, Side};
pub use library::Library;
pub use project::Project;
pub use recipe::{
    Action, Choice, Condition, Counter, Device, Fact, FactSource, Kind, Need, OptionDef, Output, Part, Place, Provider, Recipe, Source,
    Step, StepKind, Tool,
};
pub use wiring::{fits, providers};

/// Version of the recipe, layout and project files that this program reads and writes.
pub const FORMAT: u32 = 1;

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod tests;
