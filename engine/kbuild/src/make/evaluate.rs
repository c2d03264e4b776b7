//! Carries out a makefile's statements and expands text, within bounds.

mod expand;

use super::assign::{Contribution, Guard};
use super::expr::Expr;
use super::library::{Library, Makefile, Place};
use super::names::NameId;
use super::parse::{Condition, Line, Statement};
use super::problem::{Problem, Weight};
use super::rules::Rules;
use super::scope::{Layer, Origin, Scope, Text, Variable};
use super::words::{local, words};
use super::world::World;
use expand::MOST_WORK;
use std::sync::Arc;

/// Makefiles that include each other.
const MOST_INCLUDES: usize = 100;
/// One make has no more to say than this.
const MOST_PROBLEMS: usize = 1000;

/// One make: its variables, its rules, and what it noticed.
pub struct Evaluator<'w> {
    pub library: &'w Library,
    pub world: &'w dyn World,
    pub scope: Scope,
    pub rules: Rules,
    pub problems: Vec<Problem>,
    /// Commands of `$(shell)` whose output was not known.
    pub unanswered: Vec<(Place, String)>,
    /// The assignments of makefiles that `keeps` wants.
    pub log: Vec<Contribution>,
    pub guards: Vec<Guard>,
    /// Whether a makefile's assignments go into the log, by its path.
    pub keeps: fn(&str) -> bool,
    /// The configuration, which one of these names stands for.
    pub config: Option<Arc<Layer>>,
    pub config_paths: &'static [&'static str],
    pub(super) logging: bool,
    pub(super) guard: Option<u32>,
    pub(super) place: Place,
    /// Variables of `$(foreach)`, and of a recipe: `$@` and its like.
    pub(super) locals: Vec<(NameId, String)>,
    /// Arguments of the `$(call)`s under way.
    pub(super) frames: Vec<Vec<String>>,
    depth: usize,
    including: usize,
    work: u64,
    stopped: bool,
    pub(super) here: String,
    list: NameId,
}

impl<'w> Evaluator<'w> {
    /// A make that begins with the variables in `scope`.
    pub fn new(library: &'w Library, world: &'w dyn World, scope: Scope) -> Self {
        let place = Place { file: library.nowhere(), line: 0 };
        Self {
            library,
            world,
            scope,
            rules: Rules::default(),
            problems: Vec::new(),
            unanswered: Vec::new(),
            log: Vec::new(),
            guards: Vec::new(),
            keeps: |_| true,
            config: None,
            config_paths: &[],
            logging: false,
            guard: None,
            place,
            locals: Vec::new(),
            frames: Vec::new(),
            depth: 0,
            including: 0,
            work: MOST_WORK,
            stopped: false,
            here: world.folder(),
            list: library.name("MAKEFILE_LIST"),
        }
    }

    /// Reads a makefile and carries it out. False: there is none of this name.
    pub fn read(&mut self, path: &str) -> bool {
        let path = path.trim_ascii();
        let near = local(&self.here, path);
        if self.config.is_some() && self.config_paths.contains(&near.as_str()) {
            self.scope.config.clone_from(&self.config);
            return true;
        }
        let Some(makefile) = self.world.makefile(self.library, &near) else { return false };
        self.listed(path);
        self.carry_out(&makefile, &near);
        true
    }

    /// `MAKEFILE_LIST`: the makefiles as they were asked for.
    fn listed(&mut self, path: &str) {
        let list = self.list;
        match self.scope.get_mut(list) {
            Some(variable) => variable.text.join(path),
            None => self.set(list, Variable::simple(format!(" {path}"), Origin::File)),
        }
    }

    fn carry_out(&mut self, makefile: &Makefile, path: &str) {
        if self.including >= MOST_INCLUDES {
            self.fatal("makefiles include each other without end");
            return;
        }
        let before = (self.place, self.logging);
        self.including += 1;
        self.logging = (self.keeps)(path);
        self.place.file = makefile.id;
        // What the including makefile made a recipe of ends here.
        self.rules.end_recipe();
        self.run(&makefile.lines, Some(makefile));
        self.rules.end_recipe();
        self.including -= 1;
        (self.place, self.logging) = before;
    }

    /// Carries out a text as if it stood in a makefile of this name.
    pub fn read_text(&mut self, path: &str, text: &str) {
        let makefile = self.library.makefile(path, text);
        self.listed(path);
        self.carry_out(&makefile, path);
    }

    /// Carries out statements; those of `$(eval)` have no makefile, and keep the place that they are called from.
    pub(super) fn run(&mut self, lines: &[Line], makefile: Option<&Makefile>) {
        for line in lines {
            if self.stopped || !self.spend(1) {
                return;
            }
            if makefile.is_some() {
                self.place.line = line.number;
            }
            self.statement(&line.statement, makefile);
        }
    }

    fn statement(&mut self, statement: &Statement, makefile: Option<&Makefile>) {
        let place = self.place;
        match statement {
            Statement::Assign(assign) => {
                self.rules.end_recipe();
                self.assign(assign, place);
            }
            Statement::Undefine { name, overriding } => {
                let name = self.expand(name);
                self.undefine(&name, *overriding);
            }
            Statement::If(branches) => self.branches(branches, makefile),
            Statement::Include { files, optional } => {
                self.rules.end_recipe();
                let files = self.expand(files);
                for file in words(&files) {
                    let found = if file.contains(['*', '?', '[']) { self.glob(file) } else { vec![file.to_owned()] };
                    for file in found {
                        if !self.read(&file) && !optional {
                            self.error(&format!("{file}: there is no such makefile"));
                        }
                        self.place = place;
                    }
                }
            }
            Statement::Export { names: None, yes } => self.scope.export_all = *yes,
            Statement::Export { names: Some(names), yes } => {
                let names = self.expand(names);
                for name in words(&names) {
                    self.scope.exports.insert(self.library.name(name), *yes);
                }
            }
            Statement::Rule { targets, rest, double, recipe } => {
                let targets = self.expand(targets);
                let rest = self.expand(rest);
                self.rules.add(&targets, &rest, *double, recipe.as_ref(), place);
            }
            Statement::TargetAssign { targets, assign } => {
                let targets = self.expand(targets);
                let targets = words(&targets).map(Into::into).collect();
                self.rules.end_recipe();
                self.rules.target_variables.push((targets, assign.clone()));
            }
            Statement::Recipe(line) => {
                if !self.rules.recipe_line(line) {
                    let lines = self.library.lines(line.trim_ascii_start());
                    if !lines.iter().any(|l| matches!(l.statement, Statement::Recipe(_))) {
                        self.run(&lines, None);
                    }
                }
            }
            Statement::Text(text) => {
                let line = self.expand(text);
                let line = line.trim_ascii();
                if line.is_empty() {
                    return;
                }
                match line.split_once(':') {
                    Some((targets, rest)) => {
                        let double = rest.starts_with(':');
                        let rest = rest.trim_start_matches(':');
                        let (rest, recipe) = match rest.split_once(';') {
                            Some((rest, recipe)) => (rest, Some(Arc::from(recipe.trim_ascii_start()))),
                            None => (rest, None),
                        };
                        self.rules.add(targets, rest, double, recipe.as_ref(), place);
                    }
                    None => self.error(&format!("neither a rule nor an assignment: {}", short(line))),
                }
            }
            Statement::Other => self.rules.end_recipe(),
        }
    }

    fn branches(&mut self, branches: &[(Condition, Vec<Line>)], makefile: Option<&Makefile>) {
        let outer = self.guard;
        let place = self.place;
        let mut options = Vec::new();
        for (at, (condition, lines)) in branches.iter().enumerate() {
            let holds = self.holds(condition);
            if self.logging {
                match condition {
                    Condition::Equal { left, right, .. } => {
                        self.options_in(left, &mut options);
                        self.options_in(right, &mut options);
                    }
                    Condition::Defined { name, id, .. } => self.defined_option(name, *id, &mut options),
                    Condition::Always | Condition::Unreadable => {}
                }
            }
            if !holds {
                continue;
            }
            if !options.is_empty() {
                let otherwise =
                    at > 0 || matches!(condition, Condition::Equal { negated: true, .. } | Condition::Defined { negated: true, .. });
                self.guard = u32::try_from(self.guards.len()).ok();
                self.guards.push(Guard { outer, place, options, otherwise });
            }
            self.run(lines, makefile);
            self.guard = outer;
            return;
        }
    }

    /// `ifdef CONFIG_X` names its option outright.
    fn defined_option(&self, name: &Expr, id: Option<NameId>, out: &mut Vec<NameId>) {
        match id {
            Some(id) => {
                if self.library.is_option(id) && !out.contains(&id) {
                    out.push(id);
                }
            }
            None => self.options_in(name, out),
        }
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        match condition {
            Condition::Equal { left, right, negated } => {
                let left = self.expand(left);
                let same = match right.literal() {
                    Some(right) => left == right,
                    None => left == self.expand(right),
                };
                same != *negated
            }
            Condition::Defined { name, id, negated } => {
                let id = id.unwrap_or_else(|| {
                    let name = self.expand(name);
                    self.library.name(name.trim_ascii())
                });
                let local = self.locals.iter().rev().find(|(n, _)| *n == id).map(|(_, v)| !v.is_empty());
                let defined = local.unwrap_or_else(|| self.scope.get(id).is_some_and(|v| !v.text.is_empty()));
                defined != *negated
            }
            Condition::Always => true,
            Condition::Unreadable => {
                self.error("a condition that cannot be read; its branch is left out");
                false
            }
        }
    }

    /// Whether the makefile was given up.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn fatal(&mut self, text: &str) {
        if !self.stopped {
            self.stopped = true;
            self.problem(Weight::Fatal, text);
        }
    }

    pub(super) fn error(&mut self, text: &str) {
        self.problem(Weight::Error, text);
    }

    pub(super) fn problem(&mut self, weight: Weight, text: &str) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem { weight, place: self.place, text: text.to_owned() });
        }
    }

    /// The variables that a make started by this one finds in its environment.
    pub fn environment(&mut self) -> Arc<Layer> {
        let mut names: Vec<NameId> = self.scope.base.keys().copied().collect();
        names.extend(self.scope.exports.iter().filter(|(_, yes)| **yes).map(|(name, _)| *name));
        if self.scope.export_all {
            let plain = |id: &NameId| self.library.text(*id).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            names.extend(self.scope.own.iter().filter(|(_, v)| v.origin == Origin::File).map(|(id, _)| *id).filter(plain));
        }
        names.sort_unstable();
        names.dedup();
        names.retain(|name| self.scope.exports.get(name) != Some(&false));
        let changed = names.iter().any(|name| self.scope.own.contains_key(name)) || names.len() != self.scope.base.len();
        if !changed {
            return self.scope.base.clone();
        }
        let mut layer = Layer::default();
        for name in names {
            if !self.scope.own.contains_key(&name) {
                if let Some(same) = self.scope.base.get(&name) {
                    layer.insert(name, same.clone());
                    continue;
                }
                if self.scope.get(name).is_none() {
                    continue;
                }
            }
            let mut value = String::new();
            self.variable(name, &mut value);
            let expr = Some(Arc::new(self.library.expr(&value)));
            layer.insert(name, Variable { text: Text::Written(value.into()), expr, recursive: true, origin: Origin::Environment });
        }
        Arc::new(layer)
    }

    /// Expands what the log holds of recursive variables, now that all is set.
    pub fn finish_log(&mut self) {
        let mut log = std::mem::take(&mut self.log);
        for entry in log.iter_mut().filter(|e| e.recursive && !e.value.is_empty()) {
            if entry.value.contains('$') {
                entry.value = self.expand(&entry.written.clone());
            }
            entry.recursive = false;
        }
        self.log = log;
    }
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("");
    match line.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
