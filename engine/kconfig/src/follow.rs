//! From one changed answer to everything it reaches, and no further: a value that comes out as before ends the way there.
//!
//! Symbols are looked at in the order in which a full evaluation finished them, so that each is looked at once, after
//! what it hangs on.

use crate::answers::{Change, Shown};
use crate::expr::{Expr, ExprId};
use crate::solve::{Solver, UNKNOWN};
use crate::tree::{PropKind, SymId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Lists of lists in two arrays: the items of list `i` are `items[starts[i]..starts[i + 1]]`.
#[derive(Debug, Default)]
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn of(count: usize, pairs: &mut Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; count + 1];
        for (list, _) in pairs.iter() {
            starts[*list as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        Self { starts, items: pairs.iter().map(|(_, item)| *item).collect() }
    }

    fn get(&self, list: u32) -> &[u32] {
        let (from, to) = (self.starts[list as usize] as usize, self.starts[list as usize + 1] as usize);
        &self.items[from..to]
    }
}

/// Who hangs on whom.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Symbol → expressions that name it.
    named_in: Lists,
    /// Expression → expressions that it is a part of.
    part_of: Lists,
    /// Expression → symbols that look at it.
    looked_at_by: Lists,
    /// Symbol → symbols that look at its value or, in a choice, at its visibility.
    reaches: Lists,
    /// When a full evaluation finished each symbol.
    rank: Vec<u32>,
}

/// Hostile trees can chase their own tails; then all is worked out anew.
const MOST_LOOKS: usize = 8;

impl Solver {
    /// Makes sure that every value is known, and who hangs on whom.
    pub(crate) fn ready(&mut self) {
        let first = self.links.is_none();
        self.looks_at_all = true;
        if first || self.states.iter().skip(3).any(|s| !s.valid) {
            self.evaluate_all();
        }
        if first {
            self.links = Some(Box::new(self.link()));
        }
    }

    /// Works out every value that is not known.
    pub fn evaluate_all(&mut self) {
        let warn = std::mem::replace(&mut self.warn, false);
        self.value(self.tree.modules);
        for s in self.tree.symbol_ids().skip(3) {
            self.value(s);
        }
        self.warn = warn;
    }

    fn link(&mut self) -> Links {
        let (symbols, exprs) = (self.tree.symbols.len(), self.tree.exprs.len());
        let (mut named, mut parts, mut looked, mut reaches) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (i, e) in self.tree.exprs.iter().enumerate() {
            let i = i as u32;
            match e {
                Expr::Symbol(s) => named.push((s.0, i)),
                Expr::Not(a) => parts.push((a.0, i)),
                Expr::And(a, b) | Expr::Or(a, b) => parts.extend([(a.0, i), (b.0, i)]),
                Expr::Compare(_, l, r) => named.extend([(l.0, i), (r.0, i)]),
            }
        }
        for s in self.tree.symbol_ids() {
            let symbol = self.tree.symbol(s);
            let mut look = |e: ExprId| {
                if !e.is_none() {
                    looked.push((e.0, s.0));
                }
            };
            look(symbol.dir_dep);
            look(symbol.rev_dep);
            look(symbol.implied);
            for (_, p) in self.tree.props_of(s) {
                look(p.condition);
                look(p.value);
                if let PropKind::Range(low, high) = p.kind {
                    reaches.extend([(low.0, s.0), (high.0, s.0)]);
                }
                // What a number or a text takes over is no n, m or y that an expression comes to.
                if p.kind == PropKind::Default
                    && !symbol.kind.is_logical()
                    && let Expr::Symbol(source) = self.tree.exprs.get(p.value)
                {
                    reaches.push((source.0, s.0));
                }
            }
            if let Some(choice) = self.choice_of(s) {
                let owner = self.tree.node(choice).symbol;
                // Its choice's defaults pick among the members, while the choice's own value stays the same.
                for (_, p) in self.tree.props_of(owner) {
                    looked.extend([p.condition, p.value].into_iter().filter(|e| !e.is_none()).map(|e| (e.0, s.0)));
                }
                reaches.extend([(owner.0, s.0), (s.0, owner.0)]);
                reaches.extend(self.members_in_menu(choice).iter().filter(|m| **m != s).map(|m| (s.0, m.0)));
            }
        }
        Links {
            named_in: Lists::of(symbols, &mut named),
            part_of: Lists::of(exprs, &mut parts),
            looked_at_by: Lists::of(exprs, &mut looked),
            reaches: Lists::of(symbols, &mut reaches),
            rank: self.ranks(),
        }
    }

    /// A full evaluation in a scratch order: each symbol after what it asked for.
    fn ranks(&mut self) -> Vec<u32> {
        self.finished = Some(Vec::with_capacity(self.states.len()));
        self.invalidate();
        self.evaluate_all();
        let mut rank = vec![0; self.states.len()];
        for (i, s) in self.finished.take().unwrap_or_default().into_iter().enumerate() {
            rank[s.index()] = i as u32;
        }
        rank
    }

    /// Looks at `begin` again, and at whatever hangs on what changes. Everything that is seen to have changed.
    pub(crate) fn follow(&mut self, begin: &[SymId]) -> Vec<Change> {
        let Some(links) = self.links.take() else { return Vec::new() };
        let mut walk = Walk {
            heap: BinaryHeap::new(),
            queued: vec![false; self.states.len()],
            before: Vec::new(),
            seen: vec![u32::MAX; self.states.len()],
        };
        for s in begin {
            walk.push(*s, &links);
        }
        let warn = std::mem::replace(&mut self.warn, false);
        let mut looks = 0;
        while let Some(Reverse((_, s))) = walk.heap.pop() {
            walk.queued[s as usize] = false;
            let s = SymId(s);
            looks += 1;
            if looks > MOST_LOOKS * self.states.len() {
                self.start_over(&mut walk);
                break;
            }
            if self.look_again(s, &mut walk, &links) {
                self.start_over(&mut walk);
                break;
            }
        }
        self.warn = warn;
        self.links = Some(links);
        let mut changes: Vec<Change> = Vec::new();
        for (s, old) in walk.before {
            let new = self.shown(s);
            if new != old {
                changes.push(Change { symbol: s, old, new });
            }
        }
        changes.sort_unstable_by_key(|c| c.symbol);
        changes
    }

    /// Works out everything, and compares.
    fn start_over(&mut self, walk: &mut Walk) {
        for s in self.tree.symbol_ids().skip(3) {
            walk.note(s, self.shown(s));
        }
        self.forget();
        self.evaluate_all();
    }

    /// Works one symbol out again. True where all must be: there are modules now, or none any more.
    fn look_again(&mut self, s: SymId, walk: &mut Walk, links: &Links) -> bool {
        if s.is_tristate_constant() {
            return false;
        }
        let members = match self.choice_of(s) {
            // What a choice with a value of its own comes to hangs on more than values.
            Some(_) if !self.tree.dialect.simple_choices => return true,
            None if !self.tree.dialect.simple_choices && self.tree.symbol(s).choice => return true,
            Some(choice) => self.members_in_menu(choice),
            None => vec![s],
        };
        let before: Vec<Shown> = members.iter().map(|m| self.shown(*m)).collect();
        let modules = self.modules;
        for m in &members {
            self.states[m.index()].valid = false;
        }
        for m in &members {
            self.value(*m);
        }
        if self.modules != modules {
            for (m, old) in members.iter().zip(before) {
                walk.note(*m, old);
            }
            return true;
        }
        for (m, old) in members.iter().zip(before) {
            let new = self.shown(*m);
            if new == old {
                continue;
            }
            walk.note(*m, old);
            if new.value != old.value {
                for e in links.named_in.get(m.0) {
                    self.refresh(ExprId(*e), walk, links);
                }
            }
            // A choice's members were all looked at just now.
            for other in links.reaches.get(m.0).iter().filter(|o| !members.contains(&SymId(**o))) {
                walk.push(SymId(*other), links);
            }
        }
        false
    }

    /// Evaluates an expression again, and what it is a part of as long as something changes.
    fn refresh(&mut self, e: ExprId, walk: &mut Walk, links: &Links) {
        let mut open = vec![e];
        while let Some(e) = open.pop() {
            let old = self.memo[e.index()];
            if old == UNKNOWN {
                continue;
            }
            self.memo[e.index()] = UNKNOWN;
            if self.eval(e) as u8 == old {
                continue;
            }
            open.extend(links.part_of.get(e.0).iter().map(|p| ExprId(*p)));
            for s in links.looked_at_by.get(e.0) {
                walk.push(SymId(*s), links);
            }
        }
    }
}

struct Walk {
    heap: BinaryHeap<Reverse<(u32, u32)>>,
    queued: Vec<bool>,
    /// Each symbol that was touched, as it was first.
    before: Vec<(SymId, Shown)>,
    seen: Vec<u32>,
}

impl Walk {
    fn push(&mut self, s: SymId, links: &Links) {
        if !std::mem::replace(&mut self.queued[s.index()], true) {
            self.heap.push(Reverse((links.rank[s.index()], s.0)));
        }
    }

    fn note(&mut self, s: SymId, old: Shown) {
        if self.seen[s.index()] == u32::MAX {
            self.seen[s.index()] = self.before.len() as u32;
            self.before.push((s, old));
        }
    }
}
