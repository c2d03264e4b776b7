//! What is selected: a component, a wire, or several of both.

use bootwright_model::ComponentId;
use std::collections::BTreeSet;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    Component(ComponentId),
    /// The index of a wire in the layout.
    Wire(usize),
    /// Two or more; made by `of`, which sees to that.
    Several {
        components: BTreeSet<ComponentId>,
        wires: BTreeSet<usize>,
    },
}

impl Selection {
    pub fn of(components: BTreeSet<ComponentId>, wires: BTreeSet<usize>) -> Option<Self> {
        match (components.len(), wires.len()) {
            (0, 0) => None,
            (1, 0) => components.into_iter().next().map(Self::Component),
            (0, 1) => wires.into_iter().next().map(Self::Wire),
            _ => Some(Self::Several { components, wires }),
        }
    }

    pub fn parts(&self) -> (BTreeSet<ComponentId>, BTreeSet<usize>) {
        match self {
            Self::Component(id) => (BTreeSet::from([id.clone()]), BTreeSet::new()),
            Self::Wire(i) => (BTreeSet::new(), BTreeSet::from([*i])),
            Self::Several { components, wires } => (components.clone(), wires.clone()),
        }
    }

    pub fn has_component(&self, id: &ComponentId) -> bool {
        match self {
            Self::Component(c) => c == id,
            Self::Wire(_) => false,
            Self::Several { components, .. } => components.contains(id),
        }
    }

    pub fn has_wire(&self, i: usize) -> bool {
        match self {
            Self::Component(_) => false,
            Self::Wire(w) => *w == i,
            Self::Several { wires, .. } => wires.contains(&i),
        }
    }

    /// With `item`, or without it where it was in: a click with Shift.
    pub fn toggled(now: Option<&Self>, item: &Self) -> Option<Self> {
        let (mut components, mut wires) = now.map(Self::parts).unwrap_or_default();
        let (c, w) = item.parts();
        for id in c {
            if !components.remove(&id) {
                components.insert(id);
            }
        }
        for i in w {
            if !wires.remove(&i) {
                wires.insert(i);
            }
        }
        Self::of(components, wires)
    }

    /// With everything of `more` too.
    pub fn joined(now: Option<&Self>, more: Option<&Self>) -> Option<Self> {
        let (mut components, mut wires) = now.map(Self::parts).unwrap_or_default();
        let (c, w) = more.map(Self::parts).unwrap_or_default();
        components.extend(c);
        wires.extend(w);
        Self::of(components, wires)
    }
}
