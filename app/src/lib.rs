//! The program: a window and a command line over the same engine.

pub mod cli;
mod drawing;
mod guest;
mod studio;
mod trust;

/// For the benchmark only.
#[doc(hidden)]
pub use studio::measure::{Figure, Figures, figures as diagram_figures};

#[doc(hidden)]
pub use studio::bench_live;
