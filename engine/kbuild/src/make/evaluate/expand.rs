//! The expansion of texts: references, substitutions and the variables that a rule has of itself.

use super::super::expr::{Expr, Part};
use super::super::names::NameId;
use super::super::words::{dir, notdir, patsubst, push_word, suffix_subst, words};
use super::{Evaluator, short};
use std::sync::Arc;

/// References nested deeper than this are a variable that refers to itself.
const DEEPEST: usize = 500;
/// Parts expanded plus bytes written by one make. The largest makefile of the kernel needs some 2 million.
pub(super) const MOST_WORK: u64 = 400_000_000;

impl Evaluator<'_> {
    /// Expands a text that was read.
    pub fn expand(&mut self, expr: &Expr) -> String {
        if let Some(text) = expr.literal() {
            return text.to_owned();
        }
        let mut out = String::new();
        self.expand_into(expr, &mut out);
        out
    }

    /// Reads and expands a text.
    pub fn expand_text(&mut self, text: &str) -> String {
        let expr = self.library.expr(text);
        self.expand(&expr)
    }

    /// The value of a variable, expanded; empty when it is not defined.
    pub fn value(&mut self, name: &str) -> String {
        let mut out = String::new();
        self.variable(self.library.name(name), &mut out);
        out
    }

    pub(in crate::make) fn expand_into(&mut self, expr: &Expr, out: &mut String) {
        for part in &expr.parts {
            let before = out.len();
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable(name) => self.variable(*name, out),
                Part::Argument(number, name) => match self.frames.last() {
                    Some(frame) => out.push_str(frame.get(*number).map_or("", |a| a)),
                    None => self.variable(*name, out),
                },
                Part::Computed(inside) => {
                    let name = self.expand(inside);
                    self.computed(&name, out);
                }
                Part::Substitution { name, from, to } => {
                    let name = self.expand(name);
                    let (from, to) = (self.expand(from), self.expand(to));
                    let value = self.named(&name);
                    substitute(&from, &to, &value, out);
                }
                Part::Function(function, arguments) => self.deeper(|this| this.function(*function, arguments, out)),
                Part::Open(text) => self.error(&format!("a reference that does not end: $({}", short(text))),
            }
            if !self.spend(1 + (out.len() - before.min(out.len())) as u64) {
                return;
            }
        }
    }

    /// A name that was only known when it was expanded; it may turn out to hold a substitution.
    fn computed(&mut self, name: &str, out: &mut String) {
        if let Some((name, change)) = name.split_once(':')
            && let Some((from, to)) = change.split_once('=')
        {
            let value = self.named(name);
            substitute(from, to, &value, out);
            return;
        }
        let value = self.named(name);
        out.push_str(&value);
    }

    /// The value of a variable, or of an argument of the call under way.
    fn named(&mut self, name: &str) -> String {
        if let (Some(frame), Ok(number)) = (self.frames.last(), name.parse::<usize>()) {
            return frame.get(number).cloned().unwrap_or_default();
        }
        self.value(name)
    }

    /// Appends the value of a variable.
    pub fn variable(&mut self, name: NameId, out: &mut String) {
        if let Some((_, value)) = self.locals.iter().rev().find(|(n, _)| *n == name) {
            out.push_str(value);
            return;
        }
        let Some(variable) = self.scope.get(name) else {
            self.automatic(name, out);
            return;
        };
        if !variable.recursive {
            out.push_str(&variable.text);
            return;
        }
        let expr = match &variable.expr {
            Some(expr) => expr.clone(),
            None => {
                let expr = Arc::new(self.library.expr(&variable.text));
                if let Some(own) = self.scope.own.get_mut(&name) {
                    own.expr = Some(expr.clone());
                }
                expr
            }
        };
        self.deeper(|this| this.expand_into(&expr, out));
    }

    /// `$(@D)` and `$(@F)`: the folders and file names of an automatic variable.
    fn automatic(&mut self, name: NameId, out: &mut String) {
        if self.locals.is_empty() {
            return;
        }
        let text = self.library.text(name);
        let Some((base, part)) = text.split_at_checked(text.len().saturating_sub(1)) else { return };
        if !matches!((base, part), ("@" | "<" | "^" | "?" | "*" | "+" | "%", "D" | "F")) {
            return;
        }
        let value = self.value(base);
        let mut first = true;
        for word in words(&value) {
            let word = match part {
                "D" => dir(word).trim_end_matches('/'),
                _ => notdir(word),
            };
            push_word(out, &mut first, word);
        }
    }

    /// Expands with variables that hold only meanwhile.
    pub fn with_locals<T>(&mut self, locals: Vec<(NameId, String)>, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.locals.len();
        self.locals.extend(locals);
        let answer = work(self);
        self.locals.truncate(before);
        answer
    }

    /// Goes one level down, as far as that is sensible.
    fn deeper(&mut self, work: impl FnOnce(&mut Self)) {
        if self.depth >= DEEPEST {
            self.fatal("references nested without end: a variable that refers to itself");
            return;
        }
        self.depth += 1;
        stacker::maybe_grow(128 << 10, 2 << 20, || work(self));
        self.depth -= 1;
    }

    /// False when this make has done more than any real makefile asks for.
    pub(super) fn spend(&mut self, work: u64) -> bool {
        if self.stopped {
            return false;
        }
        match self.work.checked_sub(work) {
            Some(left) => {
                self.work = left;
                true
            }
            None => {
                self.fatal("this makefile asks for more work than any makefile should");
                false
            }
        }
    }
}

/// `$(name:from=to)`.
fn substitute(from: &str, to: &str, value: &str, out: &mut String) {
    if from.contains('%') { patsubst(from, to, value, out) } else { suffix_subst(from, to, value, out) }
}
