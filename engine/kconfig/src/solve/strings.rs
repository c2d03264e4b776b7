//! Values that are texts, each kept once.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A value as text, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StrId(u32);

impl StrId {
    pub const EMPTY: StrId = StrId(0);
}

#[derive(Debug)]
pub(super) struct Strings {
    all: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, StrId>,
}

impl Default for Strings {
    fn default() -> Self {
        let mut s = Self { all: Vec::new(), ids: FxHashMap::default() };
        s.add("");
        s
    }
}

impl Strings {
    pub(super) fn add(&mut self, text: &str) -> StrId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = StrId(self.all.len() as u32);
        let text: Arc<str> = text.into();
        self.all.push(text.clone());
        self.ids.insert(text, id);
        id
    }

    pub(super) fn get(&self, id: StrId) -> &str {
        &self.all[id.0 as usize]
    }
}
