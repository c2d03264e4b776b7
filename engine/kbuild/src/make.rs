//! The expansion part of the make language as Kbuild uses it: variables, conditionals, includes, functions, and the rules
//! that come out of them. No recipe is run.
//!
//! The reference is the GNU make manual (sections 3.7, 5.1.1, 6, 7, 8, 10.5); the differential tests hold this against GNU
//! make itself on the same text. It answers as GNU make 4.4.1 does, so that `$(intcmp)` is there and no shell is needed
//! to compare versions.
//!
//! - [`names`]: names as numbers; - [`words`]: words, patterns with `%`, file name functions;
//! - [`expr`]: what stands between `$(` and `)`, read once; - [`lines`], [`parse`]: a makefile as statements;
//! - [`scope`]: variables and where each value came from; - [`rules`]: targets, prerequisites, pattern rules;
//! - [`library`]: makefiles that were read before; - [`evaluate`], [`assign`], [`functions`]: statements carried out.

mod assign;
mod evaluate;
mod expr;
mod functions;
mod library;
mod lines;
mod names;
mod parse;
mod problem;
mod rules;
mod scope;
#[cfg(test)]
mod tests;
mod words;
mod world;

pub use assign::{Contribution, Guard};
pub use evaluate::Evaluator;
pub use expr::{Expr, Function, Part};
pub use library::{FileId, Library, Makefile, Place};
pub use names::NameId;
pub use parse::{Assign, Condition, Line, Operator, Statement};
pub use problem::{Problem, Weight};
pub use rules::{Explicit, Pattern, Recipe, RecipeId, Rules};
pub use scope::{Layer, Origin, Scope, Text, Variable};
pub use words::{local, pattern_fill, pattern_match, wildcard_match};
pub use world::{Disk, World};
