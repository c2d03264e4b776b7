//! The configuration of a component that Kconfig configures: what its configure step makes of it, and what the project's own
//! lines change. An editor opened here shows what will be built, because it goes through the actions of that very step.

mod details;
mod editor;
mod environment;
mod fetch;
mod import;
mod lines;
mod outline;
mod site;
mod start;

pub use details::{Blocked, Cause, Details, Needs, PlaceName, Possible, Related};
pub use editor::{Choice, Editor, Effect, Fix, Fixes, Proposal};
pub use fetch::fetch_source;
pub use import::Import;
pub use lines::Lines;
pub use outline::{Item, View};
pub use site::Site;

/// Why a configuration cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} is not configured by Kconfig")]
    NotConfigurable(bootwright_model::ComponentId),
    #[error("the source {source_name} is not unpacked in the work folder yet")]
    NotUnpacked { source_name: String },
    #[error("the editor does not know what {0} does; the configuration can only be written as lines")]
    NotUnderstood(String),
    #[error(transparent)]
    Build(#[from] crate::BuildError),
}

#[cfg(test)]
mod tests;
