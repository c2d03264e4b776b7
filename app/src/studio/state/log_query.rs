//! Which lines of a log are shown and which hold what is searched for; worked out a slice a frame, so that a million lines
//! hold nothing up.

use super::diagnostic::Level;
use super::log::{CHUNK, Log};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What the user asked to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Text to be marked; case counts for nothing in ASCII.
    pub text: String,
    /// Only lines with that text.
    pub only: bool,
    /// Only lines at least as bad.
    pub level: Level,
    /// Only lines of this step.
    pub step: Option<String>,
}

impl Query {
    pub fn needle(&self) -> Vec<u8> {
        self.text.trim().to_ascii_lowercase().into_bytes()
    }
}

#[derive(Debug, Default)]
pub struct Rows {
    query: Query,
    needle: Vec<u8>,
    /// The number of the query's step; `u16::MAX` where it has said nothing yet.
    step: Option<u16>,
    hits: VecDeque<u64>,
    matches: VecDeque<u64>,
    /// Lines before this number have been looked at.
    seen: u64,
}

impl Rows {
    pub fn new(query: Query, step: Option<u16>, first: u64) -> Self {
        Self { needle: query.needle(), query, step, seen: first, ..Self::default() }
    }

    pub fn query(&self) -> &Query {
        &self.query
    }

    /// None where all lines are shown.
    pub fn hits(&self) -> Option<&VecDeque<u64>> {
        let all = self.step.is_none() && self.query.level == Level::None && (!self.query.only || self.needle.is_empty());
        (!all).then_some(&self.hits)
    }

    pub fn matches(&self) -> &VecDeque<u64> {
        &self.matches
    }

    pub fn wants_step(&self) -> bool {
        self.step == Some(u16::MAX)
    }

    pub fn step_appeared(&mut self, step: u16) {
        self.step = Some(step);
    }

    pub fn forget_before(&mut self, first: u64) {
        for list in [&mut self.hits, &mut self.matches] {
            while list.front().is_some_and(|n| *n < first) {
                list.pop_front();
            }
        }
    }

    /// True where there is more to look at.
    pub fn work(&mut self, log: &Log, budget: Duration) -> bool {
        let narrows = self.hits().is_some();
        if !narrows && self.needle.is_empty() {
            return false;
        }
        let start = Instant::now();
        self.seen = self.seen.max(log.first);
        while self.seen < log.next {
            // The clock is read every so many lines only.
            let until = log.next.min(self.seen + 512);
            for number in self.seen..until {
                let at = (number - log.first) as usize;
                let Some(chunk) = log.chunks.get(at / CHUNK) else { break };
                let i = at % CHUNK;
                if self.step.is_some_and(|s| chunk.steps[i] != s) || chunk.levels[i] < self.query.level {
                    continue;
                }
                let found = !self.needle.is_empty() && chunk.line(i).is_some_and(|l| find(l.as_bytes(), &self.needle).is_some());
                if found {
                    self.matches.push_back(number);
                }
                if narrows && (found || !self.query.only || self.needle.is_empty()) {
                    self.hits.push_back(number);
                }
            }
            self.seen = until;
            if start.elapsed() >= budget {
                break;
            }
        }
        self.seen < log.next
    }
}

/// Where the needle, which is in lower case, stands first; only ASCII letters are folded.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let last = text.len().checked_sub(needle.len())?;
    let upper = first.to_ascii_uppercase();
    // The first letter is looked for by whole words; comparing starts only there.
    memchr::memchr2_iter(*first, upper, &text[..=last]).find(|i| text[i + 1..=i + rest.len()].eq_ignore_ascii_case(rest))
}
