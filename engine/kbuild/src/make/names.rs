//! Names of variables as small numbers, so that looking one up hashes four bytes.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A variable's name in one [`Library`](super::Library).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(u32);

/// The table behind [`NameId`].
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: FxHashMap<Arc<str>, NameId>,
    texts: Vec<Arc<str>>,
}

impl Names {
    pub fn id(&mut self, name: &str) -> NameId {
        if let Some(&id) = self.ids.get(name) {
            return id;
        }
        let text: Arc<str> = name.into();
        let id = NameId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(text.clone());
        self.ids.insert(text, id);
        id
    }

    pub fn with<T>(&self, id: NameId, look: impl FnOnce(&str) -> T) -> T {
        look(self.texts.get(id.0 as usize).map_or("", |t| t))
    }

    pub fn text(&self, id: NameId) -> Arc<str> {
        self.texts.get(id.0 as usize).cloned().unwrap_or_else(|| "".into())
    }
}
