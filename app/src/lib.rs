//! The program: a window and a command line over the same engine.

pub mod cli;
mod drawing;
mod guest;
mod studio;

#[doc(hidden)]
pub use studio::bench_live;
