//! Which bytes of a linked file came from which section of which object, told without the linker's map.
//!
//! Two things are known: the objects in the order they were linked in, and the linked file's symbols. A section with symbols
//! in it lies where they lie: each of them votes for a place, and the place that most agree on is taken. A section without
//! any lies between its neighbours of the same name, as the linker puts sections of one name down in the order of the
//! objects, each at the next multiple of its alignment; that is taken only where it comes out even with what is known.
//! Strings that the linker merged lie nowhere of their own.

use super::elf::{Section, Symbol, Tables};
use super::piece::{Owner, Piece};
use rustc_hash::FxHashMap;

/// Symbols of one name that are looked at; the rest of a larger crowd (`__func__`) tells nothing.
const CROWD: usize = 256;

/// An object of the link.
pub(super) struct Input {
    pub tables: Tables,
    /// Whether it is linked only if something needs it (a member of a lib.a).
    pub optional: bool,
}

/// Where a section of an object lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    /// Place of the linked section in its list.
    section: usize,
    start: u64,
}

/// A section of an object: the object's place, the section's place in its list.
type At = (usize, usize);

/// The pieces that were found, in no order, and the bytes of zeroed sections that were not.
pub(super) fn place(linked: &Tables, inputs: &[Input]) -> (Vec<Piece>, u64) {
    let mut work = Work::new(linked, inputs);
    work.by_symbols();
    work.drop_overlaps();
    work.order();
    for _ in 0..2 {
        work.between_neighbours();
    }
    work.whole_sections();
    work.drop_overlaps();
    (work.pieces(), work.zeroed_left())
}

struct Work<'a> {
    linked: &'a Tables,
    inputs: &'a [Input],
    /// From a section's place in the file's table to that in the list.
    places: FxHashMap<usize, usize>,
    found: FxHashMap<At, (Spot, usize)>,
    /// Places that are equally likely.
    unsure: FxHashMap<At, Vec<Spot>>,
    /// Objects that were linked, in the order of the link.
    order: Vec<usize>,
}

/// How much a symbol says about where its section lies: one with a name of its own and a size the most.
fn weight(symbol: &Symbol, alone: bool) -> usize {
    let weight = match (alone, symbol.size > 0) {
        (true, true) => 64,
        (true, false) => 16,
        (false, true) => 8,
        (false, false) => 4,
    };
    // Another one may have taken the place of a weak one.
    if symbol.weak { weight / 4 } else { weight }
}

impl<'a> Work<'a> {
    fn new(linked: &'a Tables, inputs: &'a [Input]) -> Self {
        let places = linked.sections.iter().enumerate().map(|(place, s)| (s.index, place)).collect();
        Work { linked, inputs, places, found: FxHashMap::default(), unsure: FxHashMap::default(), order: Vec::new() }
    }

    fn section(&self, at: At) -> Option<&'a Section> {
        self.inputs.get(at.0)?.tables.sections.get(at.1)
    }

    fn by_symbols(&mut self) {
        let mut named: FxHashMap<&str, Vec<&Symbol>> = FxHashMap::default();
        for symbol in &self.linked.symbols {
            named.entry(&symbol.name).or_default().push(symbol);
        }
        for (object, input) in self.inputs.iter().enumerate() {
            let own: FxHashMap<usize, usize> = input.tables.sections.iter().enumerate().map(|(place, s)| (s.index, place)).collect();
            let mut votes: FxHashMap<(usize, usize, u64), usize> = FxHashMap::default();
            for symbol in &input.tables.symbols {
                let Some(place) = own.get(&symbol.section).copied() else { continue };
                let Some(section) = input.tables.sections.get(place).filter(|s| s.size > 0 && !s.merged) else { continue };
                let crowd = named.get(symbol.name.as_str()).map(Vec::as_slice).unwrap_or_default();
                for same in crowd.iter().take(CROWD) {
                    // A hidden symbol becomes a local one when it is linked, never the other way round.
                    if same.size != symbol.size || same.global && !symbol.global {
                        continue;
                    }
                    if let Some(spot) = self.spot(section, symbol.value, same) {
                        *votes.entry((place, spot.section, spot.start)).or_default() += weight(symbol, crowd.len() == 1);
                    }
                }
            }
            let mut best: FxHashMap<usize, (usize, Vec<Spot>)> = FxHashMap::default();
            for ((place, section, start), count) in votes {
                let (most, spots) = best.entry(place).or_default();
                if count > *most {
                    *most = count;
                    spots.clear();
                }
                if count == *most {
                    spots.push(Spot { section, start });
                }
            }
            for (place, (count, mut spots)) in best {
                spots.sort_by_key(|s| (s.section, s.start));
                match spots.as_slice() {
                    [one] => {
                        self.found.insert((object, place), (*one, count));
                    }
                    _ => {
                        self.unsure.insert((object, place), spots);
                    }
                }
            }
        }
    }

    /// Where the section begins if its symbol at `value` is this one of the linked file.
    fn spot(&self, section: &Section, value: u64, same: &Symbol) -> Option<Spot> {
        let place = *self.places.get(&same.section)?;
        let linked = self.linked.sections.get(place)?;
        let start = same.value.checked_sub(linked.address)?.checked_sub(value)?;
        let fits = start.checked_add(section.size)? <= linked.size && linked.address.wrapping_add(start).is_multiple_of(section.align);
        fits.then_some(Spot { section: place, start })
    }

    /// Of two that claim the same bytes, the one with more votes keeps them: the other is of an object that was not linked.
    fn drop_overlaps(&mut self) {
        let mut claims: Vec<(usize, u64, u64, usize, At)> = Vec::with_capacity(self.found.len());
        for (at, (spot, votes)) in &self.found {
            let size = self.section(*at).map_or(0, |s| s.size);
            claims.push((spot.section, spot.start, spot.start.saturating_add(size), *votes, *at));
        }
        claims.sort_unstable();
        let mut last: Option<(usize, u64, usize, At)> = None;
        for (section, start, end, votes, at) in claims {
            match last {
                Some((s, e, v, other)) if s == section && start < e => {
                    let loser = if votes > v { other } else { at };
                    self.found.remove(&loser);
                    if loser == other {
                        last = Some((section, end, votes, at));
                    }
                }
                _ => last = Some((section, end, votes, at)),
            }
        }
    }

    /// Objects of a lib.a are linked in the order they are needed in, and only if they are: where their code lies tells, or
    /// what they have instead. All others are linked as they are listed.
    fn order(&mut self) {
        let mut first: FxHashMap<usize, (bool, usize, u64)> = FxHashMap::default();
        for (at, (spot, _)) in &self.found {
            // Sections of another name (`.text.unlikely`) lie elsewhere, in the same order.
            let spot = (self.section(*at).is_none_or(|s| s.name != ".text"), spot.section, spot.start);
            first.entry(at.0).and_modify(|f| *f = spot.min(*f)).or_insert(spot);
        }
        let (listed, needed): (Vec<usize>, Vec<usize>) =
            (0..self.inputs.len()).partition(|i| self.inputs.get(*i).is_some_and(|o| !o.optional));
        let mut needed: Vec<usize> = needed.into_iter().filter(|i| first.contains_key(i)).collect();
        needed.sort_by_key(|i| first.get(i).copied());
        self.order = listed.into_iter().chain(needed).collect();
    }

    /// The sections of each name, in link order, of objects that are linked for certain.
    fn runs(&self) -> Vec<(&'a str, Vec<At>)> {
        let mut runs: FxHashMap<&str, Vec<At>> = FxHashMap::default();
        for object in &self.order {
            let Some(input) = self.inputs.get(*object) else { continue };
            for (place, section) in input.tables.sections.iter().enumerate() {
                if section.size > 0 && !section.merged {
                    runs.entry(&section.name).or_default().push((*object, place));
                }
            }
        }
        let mut runs: Vec<_> = runs.into_iter().collect();
        runs.sort_unstable();
        runs
    }

    fn between_neighbours(&mut self) {
        for (_, run) in self.runs() {
            let mut before: Option<(Spot, u64)> = None;
            let mut waiting: Vec<At> = Vec::new();
            for at in run {
                let Some((spot, _)) = self.found.get(&at).copied() else {
                    waiting.push(at);
                    continue;
                };
                if let Some((left, end)) = before.filter(|(left, _)| left.section == spot.section && !waiting.is_empty()) {
                    self.fit(&waiting, left.section, end, Some(spot.start));
                }
                waiting.clear();
                let end = spot.start.saturating_add(self.section(at).map_or(0, |s| s.size));
                before = Some((spot, end));
            }
        }
        self.settle();
    }

    /// Puts sections down one behind the other; takes them if that ends where it should (at an alignment before `to`).
    fn fit(&mut self, run: &[At], section: usize, from: u64, to: Option<u64>) -> bool {
        let Some(linked) = self.linked.sections.get(section) else { return false };
        let mut spots = Vec::with_capacity(run.len());
        let mut at = from;
        for one in run {
            let Some(own) = self.section(*one) else { return false };
            let Some(start) = up(linked.address.wrapping_add(at), own.align).and_then(|a| a.checked_sub(linked.address)) else {
                return false;
            };
            spots.push(Spot { section, start });
            let Some(end) = start.checked_add(own.size).filter(|end| *end <= to.unwrap_or(linked.size)) else { return false };
            at = end;
        }
        // What follows is aligned too; more room than an alignment takes means that something else lies there.
        let end = to.unwrap_or(linked.size);
        if end - at >= 64 {
            return false;
        }
        for (one, spot) in run.iter().zip(spots) {
            self.unsure.remove(one);
            self.found.insert(*one, (spot, 0));
        }
        true
    }

    /// Takes of equally likely places the only one that nobody else has.
    fn settle(&mut self) {
        let mut taken: Vec<(usize, u64, u64)> = Vec::with_capacity(self.found.len());
        for (at, (spot, _)) in &self.found {
            taken.push((spot.section, spot.start, spot.start.saturating_add(self.section(*at).map_or(0, |s| s.size))));
        }
        taken.sort_unstable();
        let free = |spot: &Spot, size: u64| {
            let next = taken.partition_point(|(s, start, _)| (*s, *start) < (spot.section, spot.start.saturating_add(size)));
            !next.checked_sub(1).and_then(|i| taken.get(i)).is_some_and(|(s, _, end)| *s == spot.section && *end > spot.start)
        };
        let mut settled = Vec::new();
        for (at, spots) in &self.unsure {
            let size = self.section(*at).map_or(0, |s| s.size);
            let mut left = spots.iter().filter(|spot| free(spot, size));
            if let (Some(one), None) = (left.next(), left.next()) {
                settled.push((*at, *one));
            }
        }
        settled.sort_unstable_by_key(|(at, _)| *at);
        for (at, spot) in settled {
            self.unsure.remove(&at);
            self.found.insert(at, (spot, 1));
        }
    }

    /// Tables of entries without names (`__ex_table`, `.altinstructions`) are linked sections of their own, or several to
    /// one (`.pci_fixup_early`, `.pci_fixup_final`).
    fn whole_sections(&mut self) {
        let runs = self.runs();
        for (place, section) in self.linked.sections.iter().enumerate() {
            let other = |name: &str| name != section.name && self.linked.sections.iter().any(|s| s.name == name);
            let named = |name: &str| {
                !other(name) && name.strip_prefix(section.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']))
            };
            // The order of their names need not be that of the script; whose the bytes are comes out right all the same.
            let whole: Vec<At> = runs.iter().filter(|(name, _)| named(name)).flat_map(|(_, run)| run.iter().copied()).collect();
            if !whole.is_empty() && !whole.iter().any(|at| self.found.contains_key(at)) {
                self.fit(&whole, place, 0, None);
            }
        }
    }

    fn zeroed_left(&self) -> u64 {
        let left = self.runs().into_iter().flat_map(|(_, run)| run).filter(|at| !self.found.contains_key(at));
        left.filter_map(|at| self.section(at)).filter(|s| s.zeroed).map(|s| s.size).fold(0, u64::saturating_add)
    }

    fn pieces(&self) -> Vec<Piece> {
        let piece = |(at, (spot, _)): (&At, &(Spot, usize))| {
            let own = self.section(*at)?;
            Some(Piece {
                section: spot.section,
                start: spot.start,
                size: own.size,
                align: own.align,
                owner: Owner::Object(at.0),
                input: own.name.clone(),
            })
        };
        self.found.iter().filter_map(piece).collect()
    }
}

/// The next multiple, where that is a number.
fn up(value: u64, align: u64) -> Option<u64> {
    value.checked_next_multiple_of(align.max(1))
}
