//! The window: shows a project as a diagram, builds and boots it through the engine, and explains what happens.
//!
//! `state` is all that the window knows, `panels`, `widgets` and `diagram` read it and return [`action::Action`]s, `state::apply`
//! is the one place that carries them out, and `link` is the only way to the engine.

mod action;
mod app;
pub mod bench;
mod command;
mod compare;
pub(crate) mod diagram;
mod dock;
mod link;
mod panels;
mod run;
pub mod scene;
mod selection;
mod settings;
mod state;
mod theme;
mod widgets;

#[cfg(test)]
mod tests;

pub use run::{StudioError, StudioOptions, run};
