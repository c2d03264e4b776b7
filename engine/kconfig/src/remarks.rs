//! What is to be said of the lines of a `.config` or a fragment, each with its number: nothing that a file says is passed
//! over in silence.

use crate::config::{Line, line};
use crate::solve::Solver;
use crate::tree::SymbolKind;
use rustc_hash::FxHashMap;

/// One line, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// From 1.
    pub line: usize,
    pub text: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is neither an answer nor a remark, or it holds bytes that are no text.
    Noise,
    /// No Kconfig file of the tree mentions the symbol.
    Unknown { name: String },
    /// This is no value for the symbol; why.
    Invalid { name: String, why: String },
    /// The symbol has an answer in a line before; the last one counts.
    Again { name: String, before: usize },
    /// The symbol has another value; why.
    NotSo { name: String, got: String, why: String },
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Noise => f.write_str("this is no line of a configuration"),
            Self::Unknown { name } => write!(f, "there is no symbol {name} in this tree"),
            Self::Invalid { name, why } => write!(f, "{name}: {why}"),
            Self::Again { name, before } => write!(f, "{name} stands in line {before} too; the last one counts"),
            Self::NotSo { name, got, why } => write!(f, "{name} is {got} all the same: {why}"),
        }
    }
}

/// Longer texts are cut in remarks.
const LONGEST: usize = 200;

impl Solver {
    /// Looks through the lines. `in_force`: they are in force, so that it can be said which of them did not come out as asked.
    pub fn remarks(&mut self, text: &str, in_force: bool) -> Vec<Remark> {
        let prefix = self.tree.dialect.prefix.clone();
        let mut found = Vec::new();
        // The last line of each symbol: number, text and value.
        let mut last: FxHashMap<&str, (usize, &str, &str)> = FxHashMap::default();
        for (i, text) in text.split('\n').enumerate() {
            let text = text.strip_suffix('\r').unwrap_or(text);
            let mut say = |what| found.push(Remark { line: i + 1, text: shortened(text), what });
            if text.contains(|c: char| c == char::REPLACEMENT_CHARACTER || c.is_control() && c != '\t') {
                say(What::Noise);
                continue;
            }
            let (name, value) = match line(text, &prefix) {
                Line::Set { name, value } => (name, value),
                Line::Other(text) if !text.trim().is_empty() => {
                    say(What::Noise);
                    continue;
                }
                _ => continue,
            };
            let symbol = self.tree.find(name).filter(|s| self.tree.symbol(*s).kind != SymbolKind::Unknown);
            let Some(s) = symbol else {
                say(What::Unknown { name: name.into() });
                continue;
            };
            let kind = self.tree.symbol(s).kind;
            match self.answer_of(s, value) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    say(What::Invalid { name: name.into(), why: "a text stands in quotes".into() });
                    continue;
                }
                Err(_) => {
                    say(What::Invalid { name: name.into(), why: format!("`{}` is no {} value", shortened(value), kind.word()) });
                    continue;
                }
            }
            if let Some((before, ..)) = last.insert(name, (i + 1, text, value)) {
                say(What::Again { name: name.into(), before });
            }
        }
        if in_force {
            for (name, (number, text, value)) in last {
                let Some(s) = self.tree.find(name) else { continue };
                let Ok(Some(wanted)) = self.answer_of(s, value) else { continue };
                let got = self.value(s);
                let logical = self.tree.symbol(s).kind.is_logical();
                if if logical { got.tri == wanted.tri } else { got.text == wanted.text } {
                    continue;
                }
                let typed = if logical { wanted.tri.letter().to_string() } else { self.text_of(wanted.text).to_owned() };
                let obstacles = self.why_not(s, &typed);
                let mut why: Vec<String> = obstacles.iter().map(|o| self.describe(o)).collect();
                if why.is_empty() {
                    let cause = self.why(s);
                    why.push(self.describe_cause(&cause));
                }
                let what = What::NotSo { name: name.into(), got: self.value_text(s).to_owned(), why: why.join("; ") };
                found.push(Remark { line: number, text: shortened(text), what });
            }
        }
        found.sort_by_key(|r| r.line);
        found
    }
}

fn shortened(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(LONGEST).map(clean).collect()
}
