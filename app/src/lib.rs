//! The program: a window and a command line over the same engine.

mod artifacts;
pub mod cli;
mod comparison;
mod drawing;
mod guest;
mod kbuild;
mod packages;
mod studio;
mod trust;

/// For benchmarks and rendered pictures only.
#[doc(hidden)]
pub use studio::{bench, scene};
