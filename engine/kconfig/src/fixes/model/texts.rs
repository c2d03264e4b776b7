//! Ints, hexes and strings: the few texts that conditions compare them with, each with a literal.

use super::{Kind, Knob, Model, Texts};
use crate::expr::{Expr, ExprId, stack};
use crate::number::{is_valid, lenient};
use crate::tree::{PropKind, SymId, SymbolKind};
use batsat::Lit;

/// More values than this are not told apart.
const MOST_TEXTS: usize = 64;
/// More ways for a range to make texts of texts are not followed.
const MOST_OUTCOMES: usize = 2_000;

impl Model<'_> {
    /// The values of any symbol as text.
    pub(super) fn texts(&mut self, s: SymId) -> Texts {
        let yes = self.cnf.yes;
        let kind = self.solver.tree.symbol(s).kind;
        if s.constant().is_some() || kind == SymbolKind::Unknown {
            return vec![(yes, self.solver.value_text(s).into())];
        }
        if kind.is_logical() {
            let bits = self.symbol(s);
            let mut out = vec![(!bits.some, "n".into()), (bits.y, "y".into())];
            if bits.y != bits.some {
                out.push((self.cnf.and(bits.some, !bits.y), "m".into()));
            }
            return out;
        }
        if let Some(known) = self.texts.get(&s) {
            return known.clone();
        }
        // Whoever asks for it on the way here gets what it is now.
        self.solver.value(s);
        let now: Texts = vec![(yes, self.solver.value_text(s).into())];
        self.texts.insert(s, now.clone());
        let all = stack(|| self.texts_of(s));
        if all.len() > MOST_TEXTS || self.is_rough(s) {
            self.rough.insert(s);
        }
        let texts = if all.len() > MOST_TEXTS { now } else { all };
        self.texts.insert(s, texts.clone());
        texts
    }

    /// Whether it may hold texts that are not thought of: another answer than the few that are tried, or a bound that does.
    pub(super) fn is_rough(&self, s: SymId) -> bool {
        let tree = &self.solver.tree;
        let known = |s: &SymId| tree.symbol(*s).kind == SymbolKind::Unknown || s.constant().is_some();
        let prompt = self.has_prompt(s);
        let rough = |e| matches!(tree.exprs.get(e), Expr::Symbol(source) if self.rough.contains(&source));
        self.rough.contains(&s)
            || self.ranges(s).iter().any(|(low, high, _)| self.rough.contains(low) || self.rough.contains(high))
            || tree.props_of(s).any(|(_, p)| p.kind == PropKind::Default && rough(p.value))
            || prompt && (tree.symbol(s).kind == SymbolKind::String || self.rivals.get(&s).is_some_and(|r| !r.iter().all(known)))
    }

    /// The bounds that a number may have, each pair with its condition.
    fn ranges(&self, s: SymId) -> Vec<(SymId, SymId, ExprId)> {
        let ranges = self.solver.tree.props_of(s).filter_map(|(_, p)| match p.kind {
            PropKind::Range(low, high) => Some((low, high, p.condition)),
            _ => None,
        });
        ranges.collect()
    }

    /// Texts as the range makes them that holds then.
    fn within_ranges(&mut self, s: SymId, texts: Texts) -> Texts {
        let kind = self.solver.tree.symbol(s).kind;
        let ranges = self.ranges(s);
        let sides: Vec<(Texts, Texts)> = ranges.iter().map(|(low, high, _)| (self.texts(*low), self.texts(*high))).collect();
        if sides.iter().map(|(low, high)| low.len() * high.len()).sum::<usize>() * texts.len() > MOST_OUTCOMES {
            self.rough.insert(s);
            let mut clamp = |text: Box<str>| self.solver.clamped(s, &text).map_or(text, Into::into);
            return texts.into_iter().map(|(when, text)| (when, clamp(text))).collect();
        }
        let (mut out, mut rest): (Texts, Lit) = (Vec::new(), self.cnf.yes);
        for ((low, high, when), (lows, highs)) in ranges.into_iter().zip(sides) {
            let when = self.expr(when).some;
            let here = self.cnf.and(rest, when);
            rest = self.cnf.and(rest, !when);
            let (low, high) = (self.solver.bound_kind(low, kind), self.solver.bound_kind(high, kind));
            for (l, least) in &lows {
                for (h, most) in &highs {
                    let bounds = self.cnf.and(*l, *h);
                    let both = self.cnf.and(bounds, here);
                    for (t, text) in &texts {
                        let text = match lenient(text, kind) {
                            value if value < lenient(least, low) => least,
                            value if value > lenient(most, high) => most,
                            _ => text,
                        };
                        out.push((self.cnf.and(both, *t), text.clone()));
                    }
                }
            }
        }
        for (t, text) in texts {
            out.push((self.cnf.and(rest, t), text));
        }
        out
    }

    fn texts_of(&mut self, s: SymId) -> Texts {
        let kind = self.solver.tree.symbol(s).kind;
        let mut out: Texts = Vec::new();
        let mut rest = self.cnf.yes;
        if self.has_prompt(s) {
            let visible = self.visible(s).some;
            let new = self.new_texts(s);
            let keep = if new.is_empty() { self.cnf.yes } else { self.cnf.variable(true) };
            if let Some(user) = self.solver.state(s).user {
                let counts = self.cnf.and(visible, keep);
                out.push((counts, self.solver.text_of(user.text).into()));
                rest = !counts;
            }
            let (mut turns, mut turned): (Texts, Lit) = (Vec::new(), self.cnf.constant(false));
            for text in new {
                let turn = self.cnf.variable(false);
                self.cnf.require(&[!turn, !keep]);
                self.cnf.require(&[!turn, visible]);
                self.cnf.require(&[!turn, !turned]);
                turned = self.cnf.or(turned, turn);
                rest = self.cnf.and(rest, !turn);
                turns.push((turn, text));
            }
            if !turns.is_empty() {
                let any: Vec<Lit> = turns.iter().map(|t| t.0).chain([keep]).collect();
                self.cnf.require(&any);
                out.extend(turns.iter().cloned());
                self.knobs.push(Knob { keep, kind: Kind::Text(s, turns) });
            }
        }
        for (value, condition) in self.defaults(s) {
            let condition = self.expr(condition).some;
            let hit = self.cnf.and(rest, condition);
            if let Expr::Symbol(source) = self.solver.tree.exprs.get(value) {
                for (when, text) in self.texts(source) {
                    let both = self.cnf.and(hit, when);
                    out.push((both, text));
                }
            } else {
                out.push((hit, self.solver.blank(kind).into()));
            }
            rest = self.cnf.and(rest, !condition);
        }
        out.push((rest, self.solver.blank(kind).into()));
        if matches!(kind, SymbolKind::Int | SymbolKind::Hex) {
            out = self.within_ranges(s, out);
        }
        let mut merged: Texts = Vec::new();
        for (when, text) in out {
            if merged.len() > MOST_TEXTS {
                break;
            }
            match merged.iter_mut().find(|m| m.1 == text) {
                Some(m) => m.0 = self.cnf.or(m.0, when),
                None => merged.push((when, text)),
            }
        }
        merged.retain(|m| m.0 != !self.cnf.yes);
        merged
    }

    /// Other answers that would change the outcome of a comparison: its constants, and the numbers beside them or, for a string,
    /// one that is none of them, for the user to write something better.
    pub(super) fn new_texts(&mut self, s: SymId) -> Vec<Box<str>> {
        let kind = self.solver.tree.symbol(s).kind;
        let mut out: Vec<Box<str>> = Vec::new();
        for rival in self.rivals.get(&s).cloned().unwrap_or_default() {
            self.solver.value(rival);
            let text = self.solver.value_text(rival).to_owned();
            if kind == SymbolKind::String {
                out.push(text.into());
                continue;
            }
            let number = lenient(&text, kind);
            for n in [Some(number), number.checked_sub(1), number.checked_add(1)].into_iter().flatten() {
                out.push(if kind == SymbolKind::Hex { format!("{n:#x}") } else { n.to_string() }.into());
            }
        }
        if kind == SymbolKind::String && !out.is_empty() {
            let mut other = String::from("text");
            while out.iter().any(|t| **t == *other) {
                other.push('_');
            }
            out.push(other.into());
        }
        let now = self.solver.value_text(s).to_owned();
        out.sort_unstable();
        out.dedup();
        out.retain(|t| **t != *now && is_valid(t, kind));
        out.truncate(MOST_TEXTS / 2);
        out
    }
}
