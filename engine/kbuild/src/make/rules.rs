//! The rules of one make: what each target needs, and the patterns that make targets which no rule names
//! (GNU make manual 4, 10.5).

use super::library::Place;
use super::parse::Assign;
use super::words::{pattern_fill, pattern_match, words};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A recipe in one [`Rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecipeId(usize);

/// The lines of a recipe as they are written.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub lines: Vec<Arc<str>>,
    pub place: Place,
    /// Whether there is one: `target: ;` has a recipe without lines, `target: other` has none.
    pub given: bool,
}

/// What is known of a target that a rule names.
#[derive(Debug, Clone, Default)]
pub struct Explicit {
    pub prerequisites: Vec<Arc<str>>,
    pub order_only: Vec<Arc<str>>,
    /// The rules that name it; the last with a recipe holds.
    pub recipes: Vec<(RecipeId, Arc<str>)>,
    /// The rule that first named it.
    pub place: Option<Place>,
}

/// A pattern rule.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub targets: Vec<Arc<str>>,
    pub prerequisites: Vec<Arc<str>>,
    pub order_only: Vec<Arc<str>>,
    pub recipe: RecipeId,
    /// `::`: what it needs must be there already.
    pub terminal: bool,
}

/// All rules of one make.
#[derive(Debug, Default)]
pub struct Rules {
    explicit: FxHashMap<Arc<str>, Explicit>,
    pub patterns: Vec<Pattern>,
    recipes: Vec<Recipe>,
    /// The first target that may be a default goal.
    pub default_goal: Option<Arc<str>>,
    /// Variables of targets.
    pub target_variables: Vec<(Vec<Arc<str>>, Assign)>,
    /// The recipe that lines beginning with a tab go to.
    current: Option<RecipeId>,
}

/// File names are the same with and without `./` before them.
fn plain(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("./") {
        let rest = rest.trim_start_matches('/');
        if rest.is_empty() {
            break;
        }
        name = rest;
    }
    name
}

impl Rules {
    /// Adds `targets: rest`, both expanded.
    pub fn add(&mut self, targets: &str, rest: &str, double: bool, recipe: Option<&Arc<str>>, place: Place) {
        let id = RecipeId(self.recipes.len());
        self.recipes.push(Recipe { lines: Vec::new(), place, given: recipe.is_some() });
        if let (Some(line), Some(new)) = (recipe, self.recipes.last_mut())
            && !line.is_empty()
        {
            new.lines.push(line.clone());
        }
        self.current = Some(id);
        let (pattern, rest) = match rest.split_once(':') {
            Some((pattern, rest)) => (Some(pattern.trim_ascii()), rest),
            None => (None, rest),
        };
        let (normal, order_only) = rest.split_once('|').unwrap_or((rest, ""));
        let normal: Vec<Arc<str>> = words(normal).map(|w| plain(w).into()).collect();
        let order_only: Vec<Arc<str>> = words(order_only).map(|w| plain(w).into()).collect();
        let mut patterns: Vec<Arc<str>> = Vec::new();
        for target in words(targets) {
            let target: Arc<str> = plain(target).into();
            match pattern {
                None if target.contains('%') => {
                    patterns.push(target);
                    continue;
                }
                None => self.explicit(target, &normal, &order_only, id, "".into(), place),
                Some(pattern) => {
                    let Some(stem) = pattern_match(plain(pattern), &target) else { continue };
                    let fill = |list: &[Arc<str>]| -> Vec<Arc<str>> {
                        list.iter().map(|p| if p.contains('%') { pattern_fill(p, stem).into() } else { p.clone() }).collect()
                    };
                    let (normal, order_only) = (fill(&normal), fill(&order_only));
                    let stem: Arc<str> = stem.into();
                    self.explicit(target, &normal, &order_only, id, stem, place);
                }
            }
        }
        if !patterns.is_empty() {
            self.patterns.push(Pattern { targets: patterns, prerequisites: normal, order_only, recipe: id, terminal: double });
        }
    }

    fn explicit(&mut self, target: Arc<str>, normal: &[Arc<str>], order_only: &[Arc<str>], id: RecipeId, stem: Arc<str>, place: Place) {
        if self.default_goal.is_none() && (!target.starts_with('.') || target.contains('/')) {
            self.default_goal = Some(target.clone());
        }
        let entry = self.explicit.entry(target).or_default();
        entry.place.get_or_insert(place);
        entry.prerequisites.extend_from_slice(normal);
        entry.order_only.extend_from_slice(order_only);
        entry.recipes.push((id, stem));
    }

    /// A line of the recipe of the rule added last. False: there is none.
    pub fn recipe_line(&mut self, line: &Arc<str>) -> bool {
        match self.current.and_then(|id| self.recipes.get_mut(id.0)) {
            Some(recipe) => {
                recipe.given = true;
                recipe.lines.push(line.clone());
                true
            }
            None => false,
        }
    }

    /// What follows is no recipe.
    pub fn end_recipe(&mut self) {
        self.current = None;
    }

    /// The target as rules name it.
    pub fn of(&self, target: &str) -> Option<&Explicit> {
        self.explicit.get(plain(target))
    }

    /// The recipe that holds for a target which rules name, with the stem of a static pattern.
    pub fn recipe_of(&self, explicit: &Explicit) -> Option<(RecipeId, Arc<str>)> {
        explicit.recipes.iter().rev().find(|(id, _)| self.recipe(*id).is_some_and(|r| r.given)).cloned()
    }

    /// A recipe.
    pub fn recipe(&self, id: RecipeId) -> Option<&Recipe> {
        self.recipes.get(id.0)
    }

    /// What `.PHONY` names.
    pub fn phony(&self, target: &str) -> bool {
        self.explicit.get(".PHONY").is_some_and(|p| p.prerequisites.iter().any(|name| **name == *target))
    }

    /// The targets that rules name, in no order.
    pub fn targets(&self) -> impl Iterator<Item = (&Arc<str>, &Explicit)> {
        self.explicit.iter()
    }
}
