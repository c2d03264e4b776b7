//! The parts of the window; each reads the state and returns actions.

pub mod artifacts;
pub mod boot;
mod built;
pub mod configuration;
pub mod dialogs;
pub mod inside;
pub mod inspector;
pub mod kbuild;
pub mod kernel_image;
pub mod log;
pub mod messages;
pub mod palette;
pub mod plan;
pub mod problems;
pub mod project;
pub mod provider;
pub mod quit;
pub mod several;
pub mod sizes;
pub mod start;
pub mod timeline;
pub mod toasts;
pub mod top;
mod wire;
