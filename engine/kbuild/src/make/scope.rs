//! Variables: their values, where each came from, and what a makefile sees of those given from outside.

use super::expr::Expr;
use super::names::NameId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Where a variable's value came from, as `$(origin)` names it, in the order of which may replace which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Default,
    Environment,
    File,
    CommandLine,
    Override,
    Automatic,
}

impl Origin {
    /// As `$(origin)` says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Environment => "environment",
            Self::File => "file",
            Self::CommandLine => "command line",
            Self::Override => "override",
            Self::Automatic => "automatic",
        }
    }
}

/// A variable's text: that of the makefile until something is added to it.
#[derive(Debug, Clone)]
pub enum Text {
    Written(Arc<str>),
    Own(String),
}

impl Text {
    /// Adds to the text with a blank between, unless there was nothing.
    pub fn join(&mut self, more: &str) {
        let mut text = match std::mem::replace(self, Self::Own(String::new())) {
            Self::Written(text) => String::from(&*text),
            Self::Own(text) => text,
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
        *self = Self::Own(text);
    }
}

impl std::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Written(text) => text,
            Self::Own(text) => text,
        }
    }
}

/// One variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The value: expanded already for a simple variable, as written for a recursive one.
    pub text: Text,
    /// For a recursive variable, the value read; none when it was not needed yet.
    pub expr: Option<Arc<Expr>>,
    pub recursive: bool,
    pub origin: Origin,
}

impl Variable {
    /// A value that needs no expansion.
    pub fn simple(text: impl Into<String>, origin: Origin) -> Self {
        Self { text: Text::Own(text.into()), expr: None, recursive: false, origin }
    }

    /// A value as the environment has it: expanded when it is used.
    pub fn environment(text: impl Into<String>) -> Self {
        Self { text: Text::Own(text.into()), expr: None, recursive: true, origin: Origin::Environment }
    }
}

/// Variables that many makefiles share and none changes.
pub type Layer = FxHashMap<NameId, Variable>;

/// What one make knows.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// What this make set itself, and its command line.
    pub own: Layer,
    /// The configuration, once a makefile included it.
    pub config: Option<Arc<Layer>>,
    /// What came from the make above.
    pub base: Arc<Layer>,
    /// What `export` (true) and `unexport` named.
    pub exports: FxHashMap<NameId, bool>,
    /// `export` without names.
    pub export_all: bool,
}

impl Scope {
    /// The variable of a name; undefined ones have none.
    pub fn get(&self, name: NameId) -> Option<&Variable> {
        let shared = || self.config.as_ref().and_then(|c| c.get(&name)).or_else(|| self.base.get(&name));
        self.own.get(&name).or_else(shared)
    }

    /// The variable, to change it; one of the shared ones is taken over first.
    pub fn get_mut(&mut self, name: NameId) -> Option<&mut Variable> {
        if !self.own.contains_key(&name) {
            let shared = self.config.as_ref().and_then(|c| c.get(&name)).or_else(|| self.base.get(&name));
            let taken = shared?.clone();
            self.own.insert(name, taken);
        }
        self.own.get_mut(&name)
    }
}
