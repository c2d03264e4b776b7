//! The Kconfig language: read a tree, give every symbol its value, explain it, write it.
//!
//! [`read`] and [`finish`] make a [`Tree`]; [`Solver`] holds the answers and the values; `conf` acts as the kernel's program
//! of that name. The language is described in the kernel's Documentation/kbuild/kconfig-language.rst; what that leaves out
//! was found by running the C tools, and the tests compare with them.

mod busybox;
mod choices;
pub mod conf;
pub mod config;
pub mod dialect;
pub mod expr;
mod finish;
mod help;
mod lex;
pub mod macros;
mod parse;
pub mod probes;
pub mod rand;
pub mod solve;
pub mod tree;
mod write;

pub use dialect::Dialect;
pub use expr::{Expr, ExprId};
pub use finish::finish;
pub use macros::{Host, System};
pub use parse::{Reading, read};
pub use solve::{Solver, Value};
pub use tree::{Diagnostic, NodeId, NodeKind, PropKind, Severity, SymId, SymbolKind, Tree, Tristate};
