//! Finds symbols by name, prompt and help, the likeliest first.

use crate::parse::prompt_text;
use crate::tree::{SymId, Tree};

/// Where a word was found; a symbol's worst word decides, then how much of the text it makes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// The name is the word.
    Name,
    /// A part of the name, from `_` to `_`, is the word.
    NamePart,
    /// A part of the name begins with it.
    NameStart,
    /// A word of the prompt begins with it.
    Prompt,
    /// It is somewhere in the name or the prompt.
    Inside,
    /// It is in the help only.
    Help,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub symbol: SymId,
    pub kind: Match,
}

/// All texts in lower case, to be searched as one is typed.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    /// Names and prompts, one after another.
    short: String,
    help: String,
}

#[derive(Debug)]
struct Entry {
    symbol: SymId,
    name: (u32, u32),
    prompts: (u32, u32),
    help: (u32, u32),
}

impl Index {
    /// Of every symbol that is defined somewhere.
    pub fn new(tree: &Tree) -> Self {
        let mut index = Self { entries: Vec::new(), short: String::new(), help: String::new() };
        for s in tree.symbol_ids() {
            let symbol = tree.symbol(s);
            if symbol.first_node.is_none() || symbol.name.is_none() {
                continue;
            }
            let name = push(&mut index.short, tree.name(s));
            let start = index.short.len() as u32;
            let help_start = index.help.len() as u32;
            for node in tree.nodes_of(s) {
                if let Some(prompt) = prompt_text(tree, node) {
                    push(&mut index.short, prompt);
                    index.short.push('\n');
                }
                if let Some(help) = tree.raw_help(node) {
                    push(&mut index.help, help);
                }
            }
            let prompts = (start, index.short.len() as u32);
            let help = (help_start, index.help.len() as u32);
            index.entries.push(Entry { symbol: s, name, prompts, help });
        }
        index
    }

    /// The symbols in which every word is found, at most `most`, the likeliest first. `CONFIG_` before a name is no matter.
    pub fn find(&self, tree: &Tree, words: &str, most: usize) -> Vec<Hit> {
        let prefix = tree.dialect.prefix.to_lowercase();
        let words = words.to_lowercase();
        let words: Vec<&str> = words.split_whitespace().map(|w| w.strip_prefix(&prefix).filter(|w| !w.is_empty()).unwrap_or(w)).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let finders: Vec<_> = words.iter().map(|w| memchr::memmem::Finder::new(w.as_bytes())).collect();
        let mut hits: Vec<(Match, usize, SymId)> = Vec::new();
        for entry in &self.entries {
            let found = words.iter().zip(&finders).map(|(word, finder)| self.look(entry, word, finder)).collect::<Option<Vec<Match>>>();
            if let Some(worst) = found.and_then(|f| f.into_iter().max()) {
                hits.push((worst, (entry.name.1 - entry.name.0) as usize, entry.symbol));
            }
        }
        // Only the first need an order.
        if hits.len() > most && most > 0 {
            hits.select_nth_unstable(most - 1);
            hits.truncate(most);
        }
        hits.sort_unstable();
        hits.truncate(most);
        hits.into_iter().map(|(kind, _, symbol)| Hit { symbol, kind }).collect()
    }

    fn look(&self, entry: &Entry, word: &str, finder: &memchr::memmem::Finder<'_>) -> Option<Match> {
        let name = &self.short[entry.name.0 as usize..entry.name.1 as usize];
        let short = &self.short.as_bytes()[entry.name.0 as usize..entry.prompts.1 as usize];
        if finder.find(short).is_none() {
            let help = &self.help.as_bytes()[entry.help.0 as usize..entry.help.1 as usize];
            // One letter is in every help.
            return (word.len() > 2 && finder.find(help).is_some()).then_some(Match::Help);
        }
        if name == word {
            return Some(Match::Name);
        }
        let mut best = Match::Inside;
        for at in finder.find_iter(name.as_bytes()) {
            let begins = at == 0 || name.as_bytes()[at - 1] == b'_';
            let ends = matches!(name.as_bytes().get(at + word.len()), None | Some(b'_'));
            best = best.min(match (begins, ends) {
                (true, true) => Match::NamePart,
                (true, false) => Match::NameStart,
                _ => Match::Inside,
            });
        }
        let prompts = &self.short.as_bytes()[entry.prompts.0 as usize..entry.prompts.1 as usize];
        if best > Match::Prompt && finder.find_iter(prompts).any(|at| at == 0 || !prompts[at - 1].is_ascii_alphanumeric()) {
            best = Match::Prompt;
        }
        Some(best)
    }
}

fn push(all: &mut String, text: &str) -> (u32, u32) {
    let start = all.len() as u32;
    if text.is_ascii() {
        all.push_str(text);
        all[start as usize..].make_ascii_lowercase();
    } else {
        all.push_str(&text.to_lowercase());
    }
    (start, all.len() as u32)
}
