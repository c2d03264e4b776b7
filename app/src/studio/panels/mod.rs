//! The parts of the window; each reads the state and returns actions.

pub mod artifacts;
pub mod boot;
pub mod bottom;
pub mod inspector;
pub mod log;
pub mod messages;
pub mod plan;
pub mod presets;
pub mod problems;
pub mod quit;
pub mod timeline;
pub mod top;
mod wire;
