//! Chains with fewer terms: what is repeated is said once, and what can be said as one is.

use super::{Comparison, Expr, ExprId, Exprs, Join, Kinds, stack};
use crate::tree::{SymId, SymbolKind, Tristate};
use rustc_hash::FxHashSet;

/// Every term of a chain meets every other: of one that is longer (the kernel's longest has some hundred) only repetitions are left
/// out.
const MOST_TERMS: usize = 10_000;

impl Exprs {
    /// Repeated terms of a chain are left out but for the last, and pairs that say one thing are joined.
    pub fn simplify(&mut self, mut e: ExprId, kinds: &dyn Kinds) -> ExprId {
        if e.is_none() || self.is_simple(e) {
            return e;
        }
        if let Some(j) = self.join_of(e)
            && let terms = self.chain(e, j)
            && terms.len() > MOST_TERMS
        {
            let left = self.without_repeated(terms);
            e = self.chain_of(j, &left);
            if left.len() > MOST_TERMS || self.is_simple(e) {
                return e;
            }
        }
        while let Some(j) = self.join_of(e) {
            let mut changed = false;
            let (a, _) = self.meet(j, e, e, kinds, &mut changed);
            e = a;
            if !changed {
                break;
            }
            e = self.without_constants(e);
        }
        e
    }

    /// Whether no two terms of any chain in it can possibly be said as one.
    fn is_simple(&self, e: ExprId) -> bool {
        let Some(j) = self.join_of(e) else { return true };
        let mut terms = [ExprId::NONE; 24];
        let Some(count) = self.flat(e, j, &mut terms, 0) else { return self.is_simple_chain(&self.chain(e, j)) };
        let terms = &terms[..count];
        for (i, a) in terms.iter().enumerate() {
            if self.join_of(*a).is_some() && !stack(|| self.is_simple(*a)) {
                return false;
            }
            let subject = self.subject(*a);
            for b in &terms[..i] {
                if self.sums[a.index()] == self.sums[b.index()] || subject.is_some() && subject == self.subject(*b) {
                    return false;
                }
            }
        }
        true
    }

    /// The same of a long one.
    fn is_simple_chain(&self, terms: &[ExprId]) -> bool {
        let (mut sums, mut subjects) = (FxHashSet::default(), FxHashSet::default());
        terms.iter().all(|t| {
            sums.insert(self.sums[t.index()])
                && self.subject(*t).is_none_or(|s| subjects.insert(s))
                && (self.join_of(*t).is_none() || stack(|| self.is_simple(*t)))
        })
    }

    /// The terms of a chain of any length, from left to right.
    fn chain(&self, e: ExprId, j: Join) -> Vec<ExprId> {
        let (mut terms, mut open) = (Vec::new(), vec![e]);
        while let Some(e) = open.pop() {
            match self.sides(e, j) {
                Some((a, b)) => open.extend([b, a]),
                None => terms.push(e),
            }
        }
        terms
    }

    /// The terms that are not repeated later.
    fn without_repeated(&self, mut terms: Vec<ExprId>) -> Vec<ExprId> {
        let mut seen = FxHashSet::default();
        terms.reverse();
        terms.retain(|t| seen.insert(*t));
        terms.reverse();
        terms
    }

    fn chain_of(&mut self, j: Join, terms: &[ExprId]) -> ExprId {
        terms.iter().fold(ExprId::NONE, |all, t| if all.is_none() { *t } else { self.join(j, all, *t) })
    }

    /// The terms of a chain; none where there is no room for them.
    fn flat(&self, e: ExprId, j: Join, terms: &mut [ExprId; 24], count: usize) -> Option<usize> {
        match self.sides(e, j) {
            Some((a, b)) => {
                let count = stack(|| self.flat(a, j, terms, count))?;
                stack(|| self.flat(b, j, terms, count))
            }
            None => {
                *terms.get_mut(count)? = e;
                Some(count + 1)
            }
        }
    }

    /// Every term of one chain against every term of the other; with both the same chain, against the later ones.
    fn meet(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        stack(|| {
            if a == b {
                let Some((l, r)) = self.sides(a, j) else {
                    // One term: its own inside may have repetitions.
                    let inside = self.simplify_inside(a, kinds, changed);
                    return (inside, inside);
                };
                // Left with itself, left with right, right with itself.
                let (l, _) = self.meet(j, l, l, kinds, changed);
                let (l, r) = if l == r { self.pair(j, l, r, kinds, changed) } else { self.meet(j, l, r, kinds, changed) };
                let (r, _) = self.meet(j, r, r, kinds, changed);
                let whole = self.join(j, l, r);
                return (whole, whole);
            }
            if let Some((l, r)) = self.sides(a, j) {
                let (l, b) = self.meet_apart(j, l, b, kinds, changed);
                let (r, b) = self.meet_apart(j, r, b, kinds, changed);
                return (self.join(j, l, r), b);
            }
            if let Some((l, r)) = self.sides(b, j) {
                let (a, l) = self.meet_apart(j, a, l, kinds, changed);
                let (a, r) = self.meet_apart(j, a, r, kinds, changed);
                return (a, self.join(j, l, r));
            }
            self.pair(j, a, b, kinds, changed)
        })
    }

    /// Like `meet`, where both stand at different places of the chain even if they are equal.
    fn meet_apart(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        if a != b {
            return self.meet(j, a, b, kinds, changed);
        }
        match self.sides(a, j) {
            // The same chain twice: all of the first is repeated in the second.
            Some(_) => {
                *changed = true;
                (self.neutral(j), b)
            }
            None => self.pair(j, a, b, kinds, changed),
        }
    }

    fn simplify_inside(&mut self, e: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> ExprId {
        match self.join_of(e) {
            Some(inner) => self.meet(inner, e, e, kinds, changed).0,
            None => e,
        }
    }

    fn neutral(&mut self, j: Join) -> ExprId {
        match j {
            Join::And => self.yes(),
            Join::Or => self.no(),
        }
    }

    /// Two terms at different places of one chain: where they can be said as one, the second becomes that.
    fn pair(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds, changed: &mut bool) -> (ExprId, ExprId) {
        match self.as_one(j, a, b, kinds) {
            Some(e) => {
                // A chain's neutral element beside another changes nothing that goes on.
                let neutral = self.neutral(j);
                *changed = true;
                (neutral, e)
            }
            None => (a, b),
        }
    }

    /// The symbol a simple term is about.
    fn subject(&self, e: ExprId) -> Option<SymId> {
        match self.get(e) {
            Expr::Symbol(s) => Some(s),
            Expr::Compare(Comparison::Equal | Comparison::Unequal, s, _) => Some(s),
            Expr::Not(a) => match self.get(a) {
                Expr::Symbol(s) => Some(s),
                _ => None,
            },
            _ => None,
        }
    }

    /// Two terms as one, where they say the same or say it of one symbol.
    fn as_one(&mut self, j: Join, a: ExprId, b: ExprId, kinds: &dyn Kinds) -> Option<ExprId> {
        if self.same(a, b) {
            return Some(a);
        }
        let s = self.subject(a).filter(|s| self.subject(b) == Some(*s))?;
        match j {
            Join::And => self.both(s, a, b, kinds.kind(s)),
            Join::Or => self.either(s, a, b, kinds.kind(s)),
        }
    }

    /// `a || b` as one term, both about `s`.
    fn either(&mut self, s: SymId, a: ExprId, b: ExprId, kind: SymbolKind) -> Option<ExprId> {
        match kind {
            SymbolKind::Tristate => match (self.get(a), self.get(b)) {
                (Expr::Compare(Comparison::Equal, _, x), Expr::Compare(Comparison::Equal, _, y)) => {
                    let third = third(x, y)?;
                    Some(self.add(Expr::Compare(Comparison::Unequal, s, third)))
                }
                _ => None,
            },
            SymbolKind::Bool => match (self.get(a), self.get(b)) {
                (Expr::Symbol(_), Expr::Not(_)) | (Expr::Not(_), Expr::Symbol(_)) => Some(self.yes()),
                _ => None,
            },
            _ => None,
        }
    }

    /// `a && b` as one term, both about `s`.
    fn both(&mut self, s: SymId, a: ExprId, b: ExprId, kind: SymbolKind) -> Option<ExprId> {
        use Comparison::{Equal, Unequal};
        if !matches!(kind, SymbolKind::Bool | SymbolKind::Tristate) {
            return None;
        }
        let (x, y) = (self.get(a), self.get(b));
        let with_symbol = match (x, y) {
            (Expr::Symbol(_), Expr::Compare(op, _, c)) | (Expr::Compare(op, _, c), Expr::Symbol(_)) => Some((op, c)),
            _ => None,
        };
        match with_symbol {
            Some((Equal, SymId::YES)) => return Some(self.add(Expr::Compare(Equal, s, SymId::YES))),
            Some((Unequal, SymId::NO)) => return Some(self.symbol(s)),
            Some((Unequal, SymId::MOD)) => return Some(self.add(Expr::Compare(Equal, s, SymId::YES))),
            _ => {}
        }
        if kind != SymbolKind::Tristate {
            return None;
        }
        match (x, y) {
            (Expr::Compare(Equal, _, p), Expr::Compare(Unequal, _, q)) | (Expr::Compare(Unequal, _, q), Expr::Compare(Equal, _, p))
                if p.is_tristate_constant() && q.is_tristate_constant() =>
            {
                Some(if p == q { self.no() } else { self.add(Expr::Compare(Equal, s, p)) })
            }
            (Expr::Compare(Unequal, _, p), Expr::Compare(Unequal, _, q)) => {
                let third = third(p, q)?;
                Some(self.add(Expr::Compare(Equal, s, third)))
            }
            _ => None,
        }
    }

    /// Whether both say the same, whatever the order of their terms.
    pub fn same(&mut self, a: ExprId, b: ExprId) -> bool {
        if a == b {
            return true;
        }
        if self.sums[a.index()] != self.sums[b.index()] {
            return false;
        }
        match (self.get(a), self.get(b)) {
            (Expr::Not(x), Expr::Not(y)) => stack(|| self.same(x, y)),
            (Expr::And(..), Expr::And(..)) | (Expr::Or(..), Expr::Or(..)) => {
                let (a, b) = self.without_common(a, b);
                self.is(a, SymId::YES) && self.is(b, SymId::YES) || self.is(a, SymId::NO) && self.is(b, SymId::NO)
            }
            _ => false,
        }
    }

    /// Takes the terms out of both that both have.
    pub fn without_common(&mut self, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        if a.is_none() || b.is_none() {
            return (a, b);
        }
        let (mut a, mut b) = (a, b);
        if let Some(j) = self.join_of(a) {
            (a, b) = self.cancel(j, a, b);
        }
        if let Some(j) = self.join_of(b)
            && self.join_of(a) != Some(j)
        {
            (a, b) = self.cancel(j, a, b);
        }
        (self.without_constants(a), self.without_constants(b))
    }

    fn cancel(&mut self, j: Join, a: ExprId, b: ExprId) -> (ExprId, ExprId) {
        stack(|| {
            if let Some((l, r)) = self.sides(a, j) {
                let (l, b) = self.cancel(j, l, b);
                let (r, b) = self.cancel(j, r, b);
                return (self.join(j, l, r), b);
            }
            if let Some((l, r)) = self.sides(b, j) {
                let (a, l) = self.cancel(j, a, l);
                let (a, r) = self.cancel(j, a, r);
                return (a, self.join(j, l, r));
            }
            let constant = a == b && (self.is(a, SymId::YES) || self.is(a, SymId::NO));
            if constant || !self.same(a, b) {
                return (a, b);
            }
            let neutral = self.neutral(j);
            (neutral, neutral)
        })
    }
}

/// Of n, m and y the one that is neither.
fn third(a: SymId, b: SymId) -> Option<SymId> {
    let (a, b) = (a.constant()?, b.constant()?);
    if a == b {
        return None;
    }
    let left = 3 - a as u8 - b as u8;
    Some(SymId::of(match left {
        0 => Tristate::No,
        1 => Tristate::Mod,
        _ => Tristate::Yes,
    }))
}
