//! Setting variables, and remembering which line and which option put which words into them.

use super::evaluate::Evaluator;
use super::expr::Expr;
use super::library::Place;
use super::names::NameId;
use super::parse::{Assign, Operator};
use super::scope::{Origin, Text, Variable};
use std::sync::Arc;

/// One assignment that took place: where, and what it added.
#[derive(Debug, Clone)]
pub struct Contribution {
    /// The variable's name after expansion: `obj-y` for `obj-$(CONFIG_X)` where that is `y`.
    pub variable: NameId,
    pub place: Place,
    /// The `CONFIG_` variables that its name and value ask for.
    pub options: Vec<NameId>,
    /// The innermost condition around it, in [`Evaluator::guards`].
    pub guard: Option<u32>,
    /// What it added; for a recursive variable as it stood at the end.
    pub value: String,
    /// The value as it is written.
    pub written: Arc<Expr>,
    /// Whether `value` is not expanded yet.
    pub recursive: bool,
}

/// A branch of a conditional that was taken and asked for options.
#[derive(Debug, Clone)]
pub struct Guard {
    /// The condition around this one.
    pub outer: Option<u32>,
    pub place: Place,
    /// The options that the conditions up to this branch ask for.
    pub options: Vec<NameId>,
    /// Whether it is a branch taken because those before it did not hold.
    pub otherwise: bool,
}

impl Evaluator<'_> {
    /// Carries out an assignment.
    pub(super) fn assign(&mut self, assign: &Assign, place: Place) {
        let id = match assign.id {
            Some(id) => id,
            None => {
                let name = self.expand(&assign.name);
                let name = name.trim_ascii();
                if name.is_empty() {
                    self.error("empty variable name");
                    return;
                }
                self.library.name(name)
            }
        };
        if assign.export {
            self.scope.exports.insert(id, true);
        }
        let origin = if assign.overriding { Origin::Override } else { Origin::File };
        let existing = self.scope.get(id);
        if existing.is_some_and(|v| matches!(v.origin, Origin::CommandLine | Origin::Override) && origin < v.origin) {
            return;
        }
        // For `+=` the variable's own kind decides; what was never set becomes recursive.
        let (known, recursive) = (existing.is_some(), existing.is_some_and(|v| v.recursive));
        let log = |this: &mut Self, value: &str, recursive: bool| {
            if this.logging {
                this.note(id, assign, place, value, recursive);
            }
        };
        match assign.operator {
            Operator::Conditional if known => {}
            Operator::Recursive | Operator::Conditional => {
                self.set_recursive(id, assign, origin);
                log(self, &assign.text, true);
            }
            Operator::Append if !known => {
                self.set_recursive(id, assign, origin);
                log(self, &assign.text, true);
            }
            // As GNU make has it, this leaves not even a blank.
            Operator::Append if assign.text.is_empty() => {}
            Operator::Append if recursive => {
                if let Some(variable) = self.scope.get_mut(id) {
                    variable.text.join(&assign.text);
                    variable.expr = None;
                    variable.origin = variable.origin.max(origin);
                }
                log(self, &assign.text, true);
            }
            Operator::Append => {
                let value = self.expand(&assign.value);
                if value.is_empty() {
                    return;
                }
                log(self, &value, false);
                if let Some(variable) = self.scope.get_mut(id) {
                    variable.text.join(&value);
                    variable.origin = variable.origin.max(origin);
                }
            }
            Operator::Simple => {
                let value = self.expand(&assign.value);
                log(self, &value, false);
                self.set(id, Variable::simple(value, origin));
            }
            Operator::Immediate => {
                let value = self.expand(&assign.value).replace('$', "$$");
                log(self, &value, true);
                self.set(id, Variable { text: Text::Own(value), expr: None, recursive: true, origin });
            }
            Operator::Shell => {
                let command = self.expand(&assign.value);
                let value = self.shell(&command);
                log(self, &value, false);
                self.set(id, Variable { text: Text::Own(value), expr: None, recursive: true, origin });
            }
        }
    }

    fn set_recursive(&mut self, id: NameId, assign: &Assign, origin: Origin) {
        let variable = Variable { text: Text::Written(assign.text.clone()), expr: Some(assign.value.clone()), recursive: true, origin };
        self.set(id, variable);
    }

    pub(super) fn set(&mut self, id: NameId, variable: Variable) {
        self.scope.own.insert(id, variable);
    }

    fn note(&mut self, variable: NameId, assign: &Assign, place: Place, value: &str, recursive: bool) {
        let mut options = Vec::new();
        self.options_in(&assign.name, &mut options);
        self.options_in(&assign.value, &mut options);
        self.log.push(Contribution {
            variable,
            place,
            options,
            guard: self.guard,
            value: value.to_owned(),
            written: assign.value.clone(),
            recursive,
        });
    }

    /// The `CONFIG_` variables that a text names, each once.
    pub(super) fn options_in(&self, expr: &Expr, out: &mut Vec<NameId>) {
        expr.each_name(&mut |name| {
            if !out.contains(&name) && self.library.is_option(name) {
                out.push(name);
            }
        });
    }

    /// `undefine`.
    pub(super) fn undefine(&mut self, name: &str, overriding: bool) {
        let id = self.library.name(name.trim_ascii());
        let origin = if overriding { Origin::Override } else { Origin::File };
        if self.scope.get(id).is_some_and(|v| v.origin <= origin) {
            // What lies below must not show again.
            if self.scope.base.contains_key(&id) || self.scope.config.as_ref().is_some_and(|c| c.contains_key(&id)) {
                self.set(id, Variable::simple("", Origin::File));
            } else {
                self.scope.own.remove(&id);
            }
        }
    }
}
