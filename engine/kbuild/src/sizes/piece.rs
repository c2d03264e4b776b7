//! A part of a linked section, and whose it is.

use super::elf::Section;

/// Whose bytes they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Owner {
    /// The object with this place in the list.
    Object(usize),
    /// No object's.
    Nobody(Rest),
}

/// Bytes that cannot be ascribed to an object, by what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rest {
    /// Filling up to the next alignment, and room that the linker script reserves between sections.
    Padding,
    /// Strings and constants that several objects share: the linker keeps one of each.
    Merged,
    /// Made while linking: tables of the linker and of its script, tables that objtool adds to the whole.
    Linker,
    /// In an object, but in which one cannot be told without the linker's map.
    Unplaced,
}

impl Rest {
    pub const ALL: [Rest; 4] = [Rest::Merged, Rest::Linker, Rest::Padding, Rest::Unplaced];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Rest::Padding => "padding",
            Rest::Merged => "merged strings and constants",
            Rest::Linker => "made while linking",
            Rest::Unplaced => "not told apart",
        }
    }
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Piece {
    /// Place of the section in the list of those that take memory.
    pub section: usize,
    /// In bytes from the section's start.
    pub start: u64,
    /// In bytes, never 0.
    pub size: u64,
    /// What its start must be a multiple of, in bytes; 1 where that is not known.
    pub align: u64,
    pub owner: Owner,
    /// The section of the object, where it is an object's.
    pub input: String,
}

impl Piece {
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.size)
    }
}

/// Makes of pieces that may overlap, lie outside or leave gaps a list that covers every section exactly once, in order.
/// Where two overlap the first in the order of places keeps its bytes, and the other what is left behind it. `fill` says
/// whose a gap is, from its section's place, start and end.
pub(super) fn cover(
    sections: &[Section],
    mut pieces: Vec<Piece>,
    mut fill: impl FnMut(usize, u64, u64, Option<&Piece>) -> Rest,
) -> Vec<Piece> {
    pieces.sort_by_key(|p| (p.section, p.start, std::cmp::Reverse(p.size)));
    let mut whole: Vec<Piece> = Vec::with_capacity(pieces.len() * 2);
    let mut pieces = pieces.into_iter().peekable();
    for (place, section) in sections.iter().enumerate() {
        let mut at = 0;
        let mut gap = |from: u64, to: u64, next: Option<&Piece>, whole: &mut Vec<Piece>| {
            if from < to {
                let owner = Owner::Nobody(fill(place, from, to, next));
                whole.push(Piece { section: place, start: from, size: to - from, align: 1, owner, input: String::new() });
            }
        };
        while let Some(mut piece) = pieces.next_if(|p| p.section == place) {
            let end = piece.end().min(section.size);
            let start = piece.start.max(at);
            if end <= start {
                continue;
            }
            gap(at, start, Some(&piece), &mut whole);
            (piece.start, piece.size) = (start, end - start);
            at = end;
            whole.push(piece);
        }
        gap(at, section.size, None, &mut whole);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::super::elf::Use;
    use super::*;
    use proptest::prelude::*;

    fn section(size: u64) -> Section {
        Section { index: 1, name: ".text".into(), address: 0, offset: 0, size, align: 1, usage: Use::Code, merged: false, zeroed: false }
    }

    fn piece(section: usize, start: u64, size: u64) -> Piece {
        Piece { section, start, size, align: 1, owner: Owner::Object(0), input: ".text".into() }
    }

    #[test]
    fn gaps_are_named_and_what_lies_outside_is_cut() {
        let covered =
            cover(&[section(10), section(4)], vec![piece(0, 2, 3), piece(0, 4, 4), piece(1, 3, 9), piece(2, 0, 1)], |_, _, _, _| {
                Rest::Padding
            });
        let rows: Vec<_> = covered.iter().map(|p| (p.section, p.start, p.size, p.owner == Owner::Object(0))).collect();
        assert_eq!(rows, [(0, 0, 2, false), (0, 2, 3, true), (0, 5, 3, true), (0, 8, 2, false), (1, 0, 3, false), (1, 3, 1, true)]);
    }

    proptest! {
        #[test]
        fn every_byte_is_counted_once(sizes in prop::collection::vec(0..50_u64, 1..4), places in prop::collection::vec((0..5_usize, 0..60_u64, 1..u64::MAX), 0..20)) {
            let sections: Vec<Section> = sizes.iter().map(|s| section(*s)).collect();
            let pieces = places.into_iter().map(|(s, start, size)| piece(s, start, size)).collect();
            let covered = cover(&sections, pieces, |_, _, _, _| Rest::Linker);
            prop_assert_eq!(covered.iter().map(|p| p.size).sum::<u64>(), sizes.iter().sum::<u64>());
            for two in covered.windows(2) {
                prop_assert!(two[0].section < two[1].section || two[0].end() == two[1].start);
            }
        }
    }
}
