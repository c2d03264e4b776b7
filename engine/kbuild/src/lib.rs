//! A Kbuild tree seen from inside: which objects its makefiles name, what each depends on, what the next make would build
//! and why, and how vmlinux becomes bzImage.
//!
//! Kbuild is described in the kernel's Documentation/kbuild/makefiles.rst; what that leaves out was found by running make.

pub mod error;
pub mod make;
pub mod objects;
pub mod recursion;
pub mod tree;

pub use error::{Error, Result};
pub use tree::{Kind, Tree, Version};
