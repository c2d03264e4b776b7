//! Which pattern rule makes a target that no rule names (GNU make manual 10.8).

use crate::make::{Pattern, RecipeId, Rules, World, pattern_fill};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A pattern rule that applies.
#[derive(Debug)]
pub struct Found {
    pub recipe: RecipeId,
    /// What `$*` is.
    pub stem: String,
    pub prerequisites: Vec<Arc<str>>,
    pub order_only: Vec<Arc<str>>,
}

/// Chains of pattern rules longer than this are not tried; the longest that Kbuild uses has three.
const LONGEST_CHAIN: usize = 6;

/// Looks for pattern rules in one make.
pub struct Search<'r> {
    pub rules: &'r Rules,
    pub world: &'r dyn World,
    /// The files that rules name, as target or as what is needed: they ought to exist.
    pub mentioned: &'r FxHashSet<Arc<str>>,
}

impl Search<'_> {
    /// The rule that makes `target`.
    pub fn rule(&self, target: &str) -> Option<Found> {
        self.find(target, &mut Vec::new())
    }

    fn find(&self, target: &str, used: &mut Vec<RecipeId>) -> Option<Found> {
        let mut candidates: Vec<(&Pattern, String, &str)> = Vec::new();
        let name_at = target.rfind('/').map_or(0, |at| at + 1);
        for pattern in &self.rules.patterns {
            let applies = self.rules.recipe(pattern.recipe).is_some_and(|r| r.given) && !used.contains(&pattern.recipe);
            if !applies {
                continue;
            }
            let stem = pattern.targets.iter().find_map(|p| {
                // A pattern without a slash is about the file's name alone; the folder comes back into what is needed.
                let (folder, name) = if p.contains('/') { ("", target) } else { target.split_at(name_at) };
                crate::make::pattern_match(p, name).filter(|s| !s.is_empty()).map(|stem| (stem.to_owned(), folder))
            });
            if let Some((stem, folder)) = stem {
                candidates.push((pattern, stem, folder));
            }
        }
        // The most fitting pattern first, else the order of the makefile.
        candidates.sort_by_key(|(_, stem, _)| stem.len());
        for chained in [false, true] {
            for (pattern, stem, folder) in &candidates {
                if chained && (pattern.terminal || used.len() >= LONGEST_CHAIN) {
                    continue;
                }
                let fill = |list: &[Arc<str>]| -> Vec<Arc<str>> {
                    let one = |p: &Arc<str>| if p.contains('%') { [folder, &*pattern_fill(p, stem)].concat().into() } else { p.clone() };
                    list.iter().map(one).collect()
                };
                let prerequisites = fill(&pattern.prerequisites);
                used.push(pattern.recipe);
                let fine = prerequisites
                    .iter()
                    .all(|p| self.mentioned.contains(p) || self.world.exists(p) || (chained && self.find(p, used).is_some()));
                used.pop();
                if fine {
                    return Some(Found {
                        recipe: pattern.recipe,
                        stem: [folder, stem.as_str()].concat(),
                        prerequisites,
                        order_only: fill(&pattern.order_only),
                    });
                }
            }
        }
        None
    }
}
