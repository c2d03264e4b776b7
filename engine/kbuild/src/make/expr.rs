//! Text with references, read once: what is literal, which variables and functions it asks for (GNU make manual 6.1, 8.1).

use super::lines::{closing, outside};
use super::names::{NameId, Names};
use std::sync::Arc;

/// Text with references in it.
#[derive(Debug, Clone, Default)]
pub struct Expr {
    pub parts: Box<[Part]>,
}

/// A stretch of an [`Expr`].
#[derive(Debug, Clone)]
pub enum Part {
    /// As it stands.
    Text(Arc<str>),
    /// `$(name)` with a name that has no reference in it.
    Variable(NameId),
    /// `$1`: an argument of the `$(call)` that is under way, else the variable of that name.
    Argument(usize, NameId),
    /// `$(…$(…)…)`: the name is only known when the inside was expanded.
    Computed(Expr),
    /// `$(name:from=to)`.
    Substitution { name: Expr, from: Expr, to: Expr },
    /// A function with its arguments, not yet expanded.
    Function(Function, Box<[Expr]>),
    /// `$(` that never ends; the text is what followed.
    Open(Arc<str>),
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal,)*) => {
        /// The functions of the make language (GNU make manual 8, and the list in Appendix A).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function { $($variant,)* }
        impl Function {
            /// The function of a name, if there is one.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// How many arguments it needs at least, and takes at most; 0 at most means any number.
            pub fn arguments(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

functions! {
    Abspath "abspath" 0 1,
    Addprefix "addprefix" 2 2,
    Addsuffix "addsuffix" 2 2,
    And "and" 1 0,
    Basename "basename" 0 1,
    Call "call" 1 0,
    Dir "dir" 0 1,
    Error "error" 0 1,
    Eval "eval" 0 1,
    File "file" 1 2,
    Filter "filter" 2 2,
    FilterOut "filter-out" 2 2,
    Findstring "findstring" 2 2,
    Firstword "firstword" 0 1,
    Flavor "flavor" 0 1,
    Foreach "foreach" 3 3,
    If "if" 2 3,
    Info "info" 0 1,
    Intcmp "intcmp" 2 5,
    Join "join" 2 2,
    Lastword "lastword" 0 1,
    Let "let" 3 3,
    Notdir "notdir" 0 1,
    Or "or" 1 0,
    Origin "origin" 0 1,
    Patsubst "patsubst" 3 3,
    Realpath "realpath" 0 1,
    Shell "shell" 0 1,
    Sort "sort" 0 1,
    Strip "strip" 0 1,
    Subst "subst" 3 3,
    Suffix "suffix" 0 1,
    Value "value" 0 1,
    Warning "warning" 0 1,
    Wildcard "wildcard" 0 1,
    Word "word" 2 2,
    Wordlist "wordlist" 3 3,
    Words "words" 0 1,
}

/// References nested deeper than this are taken as text; nobody writes them.
const DEEPEST: usize = 200;

impl Expr {
    /// Reads a text. Never fails: what does not end is a part of its own.
    pub(super) fn read(text: &str, names: &mut Names) -> Self {
        read(text, names, 0)
    }

    /// The text when there is no reference in it.
    pub fn literal(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Calls `see` for every variable that the text names outright, also inside of functions.
    pub fn each_name(&self, see: &mut impl FnMut(NameId)) {
        for part in &self.parts {
            match part {
                Part::Text(_) | Part::Open(_) | Part::Argument(..) => {}
                Part::Variable(name) => see(*name),
                Part::Computed(inside) => inside.each_name(see),
                Part::Substitution { name, from, to } => [name, from, to].into_iter().for_each(|e| e.each_name(see)),
                Part::Function(_, arguments) => arguments.iter().for_each(|e| e.each_name(see)),
            }
        }
    }

    /// Whether `word` stands in the text itself, not only in what a variable holds.
    pub fn says(&self, word: &str) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(text) => text.split_ascii_whitespace().any(|w| w == word || w.ends_with(word)),
            Part::Function(_, arguments) => arguments.iter().any(|e| e.says(word)),
            _ => false,
        })
    }
}

fn read(text: &str, names: &mut Names, depth: usize) -> Expr {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let part = match after.as_bytes().first() {
            // A dollar at the end is one, as is a double one.
            None | Some(b'$') => {
                plain.push('$');
                rest = after.get(1..).unwrap_or("");
                continue;
            }
            Some(b'(' | b'{') => match closing(after, 0) {
                Some(end) if depth < DEEPEST => {
                    rest = &after[end + 1..];
                    reference(&after[1..end], names, depth + 1)
                }
                _ => {
                    rest = "";
                    Part::Open(after.into())
                }
            },
            Some(_) => {
                let name = after.chars().next().map_or("", |c| &after[..c.len_utf8()]);
                rest = &after[name.len()..];
                variable(name, names)
            }
        };
        if !plain.is_empty() {
            parts.push(Part::Text(plain.as_str().into()));
            plain.clear();
        }
        parts.push(part);
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain.into()));
    }
    Expr { parts: parts.into() }
}

fn variable(name: &str, names: &mut Names) -> Part {
    let id = names.id(name);
    match name.parse::<usize>() {
        Ok(number) if name.bytes().all(|b| b.is_ascii_digit()) => Part::Argument(number, id),
        _ => Part::Variable(id),
    }
}

/// What stands between the brackets.
fn reference(inside: &str, names: &mut Names, depth: usize) -> Part {
    if let Some(at) = inside.find([' ', '\t', '\n'])
        && let Some(function) = Function::named(&inside[..at])
    {
        return Part::Function(function, arguments(inside[at..].trim_ascii_start(), function.arguments().1, names, depth));
    }
    if let Some(colon) = outside(inside, |byte, _| byte == b':') {
        let tail = &inside[colon + 1..];
        if let Some(equals) = outside(tail, |byte, _| byte == b'=') {
            return Part::Substitution {
                name: read(&inside[..colon], names, depth),
                from: read(&tail[..equals], names, depth),
                to: read(&tail[equals + 1..], names, depth),
            };
        }
    }
    if inside.contains('$') { Part::Computed(read(inside, names, depth)) } else { variable(inside, names) }
}

/// Arguments are split at commas outside of brackets of either shape; the last one that a function takes keeps its commas.
fn arguments(text: &str, most: usize, names: &mut Names, depth: usize) -> Box<[Expr]> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let last = most != 0 && out.len() + 1 == most;
        match if last { None } else { comma(rest) } {
            Some(at) => {
                out.push(read(&rest[..at], names, depth));
                rest = &rest[at + 1..];
            }
            None => {
                out.push(read(rest, names, depth));
                return out.into();
            }
        }
    }
}

/// The first comma that is in no bracket.
fn comma(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}
