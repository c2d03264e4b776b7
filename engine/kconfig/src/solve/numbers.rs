//! Ints and hexes: what they are without a value, and the range that holds them.

use super::Solver;
use crate::number::lenient;
use crate::tree::{PropKind, SymId, SymbolKind};

impl Solver {
    /// The nearer bound, as it is written, where a number is outside the range that holds now.
    pub(crate) fn clamped(&mut self, s: SymId, text: &str) -> Option<String> {
        let kind = self.tree.symbol(s).kind;
        if !matches!(kind, SymbolKind::Int | SymbolKind::Hex) {
            return None;
        }
        let (low, high) = self.range(s)?;
        let value = lenient(text, kind);
        let (least, most) = (self.bound(low, kind), self.bound(high, kind));
        let bound = match () {
            _ if value < least => low,
            _ if value > most => high,
            _ => return None,
        };
        Some(self.value_text(bound).to_owned())
    }

    /// What an int, hex or string is that nothing gives a value.
    pub(crate) fn blank(&self, kind: SymbolKind) -> &'static str {
        match kind {
            SymbolKind::Int if self.tree.dialect.zero_numbers => "0",
            SymbolKind::Hex if self.tree.dialect.zero_numbers => "0x0",
            _ => "",
        }
    }

    /// The first range whose condition holds.
    pub fn range(&mut self, s: SymId) -> Option<(SymId, SymId)> {
        let (id, _) = self.first_holding(s, |kind| matches!(kind, PropKind::Range(..)))?;
        match self.tree.prop(id).kind {
            PropKind::Range(low, high) => Some((low, high)),
            _ => None,
        }
    }

    pub(crate) fn bound(&mut self, s: SymId, of: SymbolKind) -> i64 {
        self.value(s);
        lenient(self.value_text(s), self.bound_kind(s, of))
    }

    /// As what a bound of such a number is read.
    pub(crate) fn bound_kind(&self, s: SymId, of: SymbolKind) -> SymbolKind {
        match self.tree.symbol(s).kind {
            kind @ (SymbolKind::Int | SymbolKind::Hex) => kind,
            _ => of,
        }
    }
}
