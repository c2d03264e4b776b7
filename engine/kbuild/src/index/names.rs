//! Names as numbers: each byte string once, in one text.

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

#[derive(Clone, Debug, Default)]
pub struct Names {
    text: Vec<u8>,
    /// Where each name ends.
    ends: Vec<u32>,
    table: HashTable<u32>,
}

fn hash(name: &[u8]) -> u64 {
    FxBuildHasher.hash_one(name)
}

fn slice<'a>(text: &'a [u8], ends: &[u32], id: u32) -> &'a [u8] {
    let id = id as usize;
    let start = id.checked_sub(1).map_or(Some(0), |before| ends.get(before).copied());
    let range = start.zip(ends.get(id).copied()).map(|(start, end)| start as usize..end as usize);
    range.and_then(|r| text.get(r)).unwrap_or_default()
}

impl Names {
    /// A table of this text, cut at `ends`; None where they do not fit it.
    pub fn of(text: Vec<u8>, ends: Vec<u32>) -> Option<Self> {
        let ordered = ends.windows(2).all(|w| w.first() <= w.last());
        if !ordered || ends.last().copied().unwrap_or(0) as usize != text.len() {
            return None;
        }
        let mut table = HashTable::with_capacity(ends.len());
        for id in 0..ends.len() as u32 {
            table.insert_unique(hash(slice(&text, &ends, id)), id, |other| hash(slice(&text, &ends, *other)));
        }
        Some(Self { text, ends, table })
    }

    pub fn parts(&self) -> (&[u8], &[u32]) {
        (&self.text, &self.ends)
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Empty for a number that nothing has.
    pub fn name(&self, id: u32) -> &[u8] {
        slice(&self.text, &self.ends, id)
    }

    pub fn find(&self, name: &[u8]) -> Option<u32> {
        self.table.find(hash(name), |id| self.name(*id) == name).copied()
    }

    pub fn number(&mut self, name: &[u8]) -> u32 {
        let Self { text, ends, table } = self;
        let hashed = hash(name);
        if let Some(id) = table.find(hashed, |id| slice(text, ends, *id) == name) {
            return *id;
        }
        let id = ends.len() as u32;
        text.extend_from_slice(name);
        ends.push(text.len() as u32);
        table.insert_unique(hashed, id, |other| hash(slice(text, ends, *other)));
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = Names::default();
        let words: Vec<Vec<u8>> = (0..999_u32).map(|i| format!("name {i}").into_bytes()).chain([Vec::new()]).collect();
        let ids: Vec<u32> = words.iter().map(|w| names.number(w)).collect();
        assert_eq!(ids, (0..1000).collect::<Vec<_>>());
        let (text, ends) = names.parts();
        let again = Names::of(text.to_vec(), ends.to_vec()).unwrap();
        for (word, id) in words.iter().zip(ids) {
            assert_eq!((again.name(id), again.find(word), names.number(word)), (word.as_slice(), Some(id), id));
        }
        assert_eq!((names.find(b"none"), names.name(7777)), (None, b"".as_slice()));
        assert!(Names::of(b"abc".to_vec(), vec![2, 1]).is_none() && Names::of(b"abc".to_vec(), vec![2]).is_none());
    }
}
