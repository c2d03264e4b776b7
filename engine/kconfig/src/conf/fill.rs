//! Answers for all questions at once: all n, m, y, the defaults, or by chance.

use crate::rand::Rand;
use crate::solve::{Solver, Value};
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};

pub enum Fill<'a> {
    All(Tristate),
    Defaults,
    Random(&'a mut Rand, Odds),
}

/// In percent: y for a bool, y and m for a tristate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    pub bool_yes: u32,
    pub yes: u32,
    pub module: u32,
}

/// The number that a text begins with, as C's strtol has it: 0 where there is none, and then nothing is behind it.
fn leading_number(text: &str) -> (i64, &str) {
    let number = text.trim_start_matches([' ', '\t', '\n']);
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    let end = digits.bytes().take_while(u8::is_ascii_digit).count();
    if end == 0 {
        return (0, text);
    }
    let value = digits[..end].parse().unwrap_or(i64::MAX);
    (if number.starts_with('-') { -value } else { value }, &digits[end..])
}

impl Odds {
    /// `KCONFIG_PROBABILITY`: one number, `y:m`, or `bool:y:m`.
    pub fn parse(text: Option<&str>) -> Result<Self, String> {
        let Some(text) = text else { return Ok(Self { bool_yes: 50, yes: 33, module: 33 }) };
        let mut numbers = Vec::new();
        let mut rest = text;
        while !rest.is_empty() && numbers.len() < 3 {
            let (number, behind) = leading_number(rest);
            match number {
                0..=100 => numbers.push(number as u32),
                _ => return Err("KCONFIG_PROBABILITY: Numerical result out of range\n".into()),
            }
            rest = behind.strip_prefix(':').unwrap_or(behind);
        }
        let odds = match *numbers {
            [p] => Self { bool_yes: p, yes: p - p / 2, module: p / 2 },
            [yes, module] => Self { bool_yes: yes + module, yes, module },
            [bool_yes, yes, module] => Self { bool_yes, yes, module },
            _ => Self { bool_yes: 50, yes: 33, module: 33 },
        };
        if odds.yes + odds.module > 100 {
            return Err("KCONFIG_PROBABILITY: Numerical result out of range\n".into());
        }
        Ok(odds)
    }

    pub(super) fn roll(self, kind: SymbolKind, rand: &mut Rand) -> Tristate {
        let roll = rand.next() % 100;
        match kind {
            SymbolKind::Tristate if roll < self.yes => Tristate::Yes,
            SymbolKind::Tristate if roll < self.yes + self.module => Tristate::Mod,
            SymbolKind::Bool if roll < self.bool_yes => Tristate::Yes,
            _ => Tristate::No,
        }
    }
}

/// `KCONFIG_SEED` as strtol reads it, or the time.
pub fn seed(text: Option<&str>) -> u32 {
    let parsed = text.filter(|t| !t.is_empty()).and_then(|t| {
        let (negative, digits) = t.strip_prefix('-').map_or((false, t), |d| (true, d));
        let hex = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
        let value = match hex {
            Some(hex) => i64::from_str_radix(hex, 16),
            None if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8),
            None => digits.parse(),
        };
        value.ok().map(|v| if negative { -v } else { v } as u32)
    });
    parsed.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        (now.as_secs() as u32).wrapping_add(1).wrapping_mul(now.subsec_micros().wrapping_add(1))
    })
}

impl Solver {
    /// Answers every question that has no answer yet.
    pub(crate) fn answer_all(&mut self, mut fill: Fill<'_>) {
        if !self.tree.dialect.simple_choices {
            return self.answer_table(fill);
        }
        let nodes: Vec<NodeId> = self.tree.descendants(NodeId::ROOT).collect();
        for node in nodes {
            let n = self.tree.node(node);
            let Some(s) = n.symbol.some() else { continue };
            let symbol = self.tree.symbol(s);
            if n.prompt.is_none() || self.state(s).user.is_some() || !symbol.kind.is_logical() || self.choice_of(s).is_some() {
                continue;
            }
            let (choice, kind) = (symbol.choice, symbol.kind);
            let tri = match &mut fill {
                Fill::Random(rand, _) if choice => {
                    self.shuffle(node, rand);
                    continue;
                }
                _ if choice => continue,
                Fill::All(tri) => *tri,
                Fill::Defaults => continue,
                Fill::Random(rand, odds) => odds.roll(kind, rand),
            };
            self.states[s.index()].user = Some(Value { tri, ..Value::NO });
        }
        self.forget();
    }

    /// The members of a choice without an answer become y in an order of chance, each after the ones before.
    ///
    /// A member with two entries is two of those that are drawn from, and none once it was drawn: a number can then be of
    /// nobody.
    fn shuffle(&mut self, choice: NodeId, rand: &mut Rand) {
        let mut open: Vec<SymId> = self.members_in_menu(choice).into_iter().filter(|m| self.state(*m).user.is_none()).collect();
        for left in (1..=open.len()).rev() {
            let Some(m) = open.get(rand.next() as usize % left).copied() else { continue };
            open.retain(|o| *o != m);
            self.states[m.index()].user = Some(Value { tri: Tristate::Yes, ..Value::NO });
            if let Some(members) = self.priority.get_mut(&choice)
                && let Some(at) = members.iter().position(|x| *x == m)
            {
                members.remove(at);
                members.push(m);
            }
        }
    }

    /// Answers of one kind become another, where the symbol is a tristate.
    pub(crate) fn rewrite(&mut self, from: Tristate, to: Tristate) {
        for s in self.tree.symbol_ids().skip(3) {
            if self.kind(s) != SymbolKind::Tristate {
                continue;
            }
            let state = &mut self.states[s.index()];
            if state.noted == from {
                state.noted = to;
            }
            if let Some(user) = &mut state.user
                && user.tri == from
            {
                user.tri = to;
            }
        }
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{solver, value};

    #[test]
    fn odds_are_read_as_numbers_of_c() {
        let of = |text| Odds::parse(Some(text)).map(|o| (o.bool_yes, o.yes, o.module));
        assert_eq!(of("10:"), Ok((10, 5, 5)));
        assert_eq!(of("abc"), Ok((0, 0, 0)));
        assert_eq!(of("5 "), Ok((5, 0, 0)));
        assert_eq!(of("10:20:30:40"), Ok((10, 20, 30)));
        assert_eq!(of(""), Ok((50, 33, 33)));
        for text in ["101", "-1", "50:60", "99999999999999999999"] {
            assert_eq!(of(text), Err("KCONFIG_PROBABILITY: Numerical result out of range\n".into()), "{text}");
        }
    }

    /// Found by running the C program; powerpc's POWERPC64_CPU is such a member.
    #[test]
    fn a_member_with_two_entries_is_drawn_from_twice_and_drawn_once() {
        let entry = |name: &str, more: &str| format!("config {name}\n\tbool \"{name}\"\n{more}");
        let hidden = entry("A", "\tdepends on Q\n");
        let tree = format!(
            "choice\n\tprompt \"c\"\n{hidden}{hidden}{}{}{}{}endchoice\n{}",
            entry("B", ""),
            entry("C", "\tdepends on P\n"),
            entry("D", ""),
            entry("E", ""),
            entry("P", "")
        );
        let odds = Odds { bool_yes: 50, yes: 33, module: 33 };
        let picked: String = (1..=12)
            .map(|seed| {
                let mut s = solver(&tree);
                s.answer_all(Fill::Random(&mut Rand::new(seed), odds));
                ["B", "C", "D", "E"].into_iter().find(|n| value(&mut s, n) == "y").unwrap()
            })
            .collect();
        assert_eq!(picked, "DBBEBBEDCEEB");
    }
}
