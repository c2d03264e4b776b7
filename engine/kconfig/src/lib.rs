//! The Kconfig language: read a tree, give every symbol its value, explain it, write it.
//!
//! [`read`] and [`finish`] make a [`Tree`]; [`Solver`] holds the answers and the values; `conf` acts as the kernel's program
//! of that name. The language is described in the kernel's Documentation/kbuild/kconfig-language.rst; what that leaves out
//! was found by running the C tools, and the tests compare with them.

pub mod answers;
mod busybox;
pub mod bytes;
mod choices;
pub mod conf;
pub mod config;
pub mod dialect;
pub mod expr;
mod files;
mod finish;
pub mod fixes;
mod follow;
pub mod fragment;
mod glob;
mod help;
pub mod layer;
mod lex;
mod loops;
pub mod macros;
pub mod makefiles;
pub mod menu;
pub mod merge;
mod number;
mod parse;
pub mod probes;
pub mod query;
pub mod rand;
pub mod remarks;
pub mod search;
pub mod solve;
pub mod tree;
mod write;

#[cfg(test)]
mod tests;

pub use answers::{Change, Refused, Shown, Step};
pub use busybox::Stamp;
pub use dialect::Dialect;
pub use expr::{Expr, ExprId};

pub use finish::finish;
pub use macros::{Host, System};
pub use parse::{Reading, read};
pub use solve::{Solver, Value};
pub use tree::{Diagnostic, NodeId, NodeKind, PropKind, Severity, SymId, SymbolKind, Tree, Tristate};
