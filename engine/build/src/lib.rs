//! Plan, keys, store, processes and the engine thread: a project's wires become steps, and the steps become artifacts.

mod action;
pub mod checks;
pub mod config;
mod engine;
mod error;
mod estimate;
mod event;
mod expand;
mod facts;
mod files;
mod foretell;
mod graph;
mod guard;
pub mod host;
pub mod journal;
mod keys;
mod make;
mod objects;
mod plan;
mod process;
pub mod results;
mod run;
mod script;
mod sources;
mod step;
pub mod store;
pub mod timeline;
pub mod trace;
mod tree;
mod usage;
mod work;

pub use engine::{Command, Engine, Waker};
pub use error::BuildError;
pub use estimate::seconds_left;
pub use event::{Event, ObjectTime, Outcome, PlannedStep, Reason, RunOutcome, Status, StepId, Stored, Unit, Usage};
pub use facts::release_line;
pub use graph::{Graph, Input, WorkKind};
pub use plan::{Known, Planner};
pub use process::shown;
pub use run::{Means, Request, plan};
pub use script::{Script, script};
pub use sources::carry_lock;
pub use work::{Work, WorkLock};

#[cfg(test)]
mod engine_tests;
