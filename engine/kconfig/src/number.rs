//! Values as numbers: how they are compared, which texts are values, and bounds.

use crate::expr::Comparison;
use crate::tree::{SymbolKind, Tristate};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug)]
enum Number {
    Signed(i64),
    Unsigned(u64),
}

impl Number {
    fn bits(self) -> u64 {
        match self {
            Self::Signed(s) => s as u64,
            Self::Unsigned(u) => u,
        }
    }
}

/// Whether a comparison of two values, as they are written, holds.
pub(crate) fn holds(op: Comparison, (tl, kl): (&str, SymbolKind), (tr, kr): (&str, SymbolKind)) -> bool {
    let strings = kl == SymbolKind::String && kr == SymbolKind::String;
    let numbers = if strings { None } else { number(tl, kl).zip(number(tr, kr)) };
    let order = match numbers {
        Some((Number::Signed(a), Number::Signed(b))) => a.cmp(&b),
        Some((a, b)) => a.bits().cmp(&b.bits()),
        None => tl.as_bytes().cmp(tr.as_bytes()),
    };
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::Unequal => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterEqual => order.is_ge(),
    }
}

/// The number that a value stands for in a comparison; none: it is text.
fn number(text: &str, kind: SymbolKind) -> Option<Number> {
    match kind {
        SymbolKind::Bool | SymbolKind::Tristate => Some(Number::Signed(Tristate::of_letter(text).map_or(-1, |t| t as i64))),
        SymbolKind::Int => parse_signed(text, 10).map(Number::Signed),
        SymbolKind::Hex => parse_unsigned(text, 16).map(Number::Unsigned),
        _ => parse_signed(text, 0).map(Number::Signed),
    }
}

/// A hex value with `0x` before it.
pub(crate) fn with_0x(text: &str) -> Cow<'_, str> {
    if text.starts_with("0x") || text.starts_with("0X") { text.into() } else { format!("0x{text}").into() }
}

/// Whether there is a minus, and what follows the sign.
fn sign(text: &str) -> (bool, &str) {
    let t = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    match t.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, t.strip_prefix('+').unwrap_or(t)),
    }
}

/// strtoll(3): blanks, a sign, a prefix by the base; the whole of the text must be used.
fn parse_signed(text: &str, base: u32) -> Option<i64> {
    let (negative, t) = sign(text);
    let (digits, base) = digits(t, base);
    let value = i128::from_str_radix(digits, base).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    i64::try_from(if negative { -value } else { value }).ok()
}

fn parse_unsigned(text: &str, base: u32) -> Option<u64> {
    let (negative, t) = sign(text);
    let (digits, base) = digits(t, base);
    let value = u64::from_str_radix(digits, base).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some(if negative { value.wrapping_neg() } else { value })
}

fn digits(t: &str, base: u32) -> (&str, u32) {
    let hex = t.strip_prefix("0x").or_else(|| t.strip_prefix("0X"));
    match (base, hex) {
        (16 | 0, Some(rest)) if rest.bytes().next().is_some_and(|b| b.is_ascii_hexdigit()) => (rest, 16),
        (0, _) if t.len() > 1 && t.starts_with('0') => (&t[1..], 8),
        (0, _) => (t, 10),
        _ => (t, base),
    }
}

/// As much of a number as there is at the start of the text.
pub(crate) fn lenient(text: &str, kind: SymbolKind) -> i64 {
    let base = if kind == SymbolKind::Hex { 16 } else { 10 };
    let (negative, t) = sign(text);
    let (t, base) = digits(t, base);
    let mut value: i128 = 0;
    for d in t.chars().map_while(|c| c.to_digit(base)) {
        value = (value * i128::from(base) + i128::from(d)).min(i128::from(i64::MAX) + 1);
    }
    let value = if negative { -value } else { value };
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// Whether a text is a value of the kind, as the C tools read it.
pub fn is_valid(text: &str, kind: SymbolKind) -> bool {
    match kind {
        SymbolKind::String => true,
        SymbolKind::Int => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'))
        }
        SymbolKind::Hex => {
            let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
        }
        SymbolKind::Bool | SymbolKind::Tristate => Tristate::of_letter(text).is_some(),
        SymbolKind::Unknown => false,
    }
}
