//! The window: shows a project as a diagram, builds and boots it through the engine, and explains what happens.
//!
//! `state` is all that the window knows, `panels`, `widgets` and `diagram` read it and return [`Action`]s, `state::apply`
//! is the one place that carries them out, and `link` is the only way to the engine.

mod action;
mod app;
pub(crate) mod diagram;
mod link;
mod panels;
mod run;
mod state;
mod theme;
mod widgets;

#[cfg(test)]
mod tests;

pub use action::{Action, Selection, Tab};
pub use app::Studio;
pub use link::engine::EngineThread;
pub use link::{BootEvent, CheckStatus, EngineLink, Far, Incoming, Request, Wake, channel};
pub use run::{StudioError, StudioOptions, run, run_with};
pub use state::State;
pub use theme::{Theme, install as install_theme};
