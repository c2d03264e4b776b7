//! Explanations that go with a comparison: what it means that a need has another provider, and stories told in steps.

use crate::{ComponentId, Layout, Library, Port};
use serde::{Deserialize, Serialize};

/// A file of `presets/changes`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    pub format: u32,
    pub changes: Vec<Change>,
}

/// What it means that a need of one recipe is met by another provider. Recipes are named, not components, so that it holds
/// for a project whose boxes have names of their own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `recipe.need`.
    pub need: Port,
    /// The recipe of the provider before and after; none: nothing was wired, or the consumer was not there.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    pub meaning: String,
    /// Checks (`engine/build/src/checks`) that look at what this is about, on the machine and the results at hand.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// A story about two layouts, for somebody who has never built a system: a file of `assets/lessons`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    pub format: u32,
    pub title: String,
    /// One sentence on what it tells.
    pub explain: String,
    /// The presets it is about.
    pub old: String,
    pub new: String,
    pub steps: Vec<LessonStep>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LessonStep {
    pub title: String,
    pub text: String,
    /// The end of the slider it is told at.
    pub show: Side,
    /// The boxes it speaks of.
    #[serde(default)]
    pub boxes: Vec<ComponentId>,
    /// The needs it speaks of: the wires that feed them.
    #[serde(default)]
    pub needs: Vec<Port>,
    /// Checks whose findings on this machine belong to it.
    #[serde(default)]
    pub checks: Vec<String>,
}

/// One of the two layouts of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    Before,
    After,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Before, Self::After];
}

impl Library {
    /// What it means that this need of `old` is met as in `new`.
    pub(crate) fn change(&self, old: &Layout, new: &Layout, need: &Port) -> Option<&Change> {
        let recipe = |l: &Layout, id: &ComponentId| l.component(id).map(|c| c.recipe.clone());
        let consumer = recipe(new, &need.component).or_else(|| recipe(old, &need.component))?;
        let provider = |l: &Layout| l.provider(&need.component, &need.name).and_then(|p| recipe(l, &p.component));
        let (from, to) = (provider(old), provider(new));
        self.changes().iter().find(|c| c.need.component == *consumer && c.need.name == need.name && c.from == from && c.to == to)
    }

    /// The stories about two presets.
    pub fn lesson(&self, old: &str, new: &str) -> Option<&Lesson> {
        self.lessons().iter().find(|l| l.old == old && l.new == new)
    }
}
