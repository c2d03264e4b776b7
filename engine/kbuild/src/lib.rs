//! A Kbuild tree seen from inside: which objects its makefiles name, what each depends on, what the next make would build
//! and why, and how vmlinux becomes bzImage.
//!
//! Kbuild is described in the kernel's Documentation/kbuild/makefiles.rst; what that leaves out was found by running make.

pub mod anatomy;
pub mod cmd;
pub mod error;
pub mod fixdep;
pub mod impact;
pub mod index;
pub mod make;
pub mod objects;
pub mod reach;
pub mod recursion;
#[cfg(test)]
mod sample;
pub mod sizes;
pub mod stale;
pub mod tree;
mod walk;

pub use error::{Error, Result};
pub use index::Index;
pub use tree::{Kind, Tree, Version};
