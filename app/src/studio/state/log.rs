//! The merged output of all steps: many lines in few allocations, with a filter that is worked out in slices.

use bootwright_build::StepId;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Lines in one chunk; chunks are dropped whole.
const CHUNK: usize = 8192;
/// What is kept: with lines of 80 bytes this is about 160 MB.
const KEPT_LINES: u64 = 2_000_000;
const KEPT_BYTES: usize = 256 << 20;
/// A longer line is cut; the step's log file has all of it.
const LONGEST: usize = 4096;

#[derive(Debug, Default)]
struct Chunk {
    text: String,
    /// Where each line ends in `text`.
    ends: Vec<u32>,
    /// Which step said it, as an index into `Log::steps`.
    steps: Vec<u16>,
}

/// One line as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line<'a> {
    /// Its number since the window was opened.
    pub number: u64,
    pub step: &'a str,
    pub text: &'a str,
}

#[derive(Debug, Default)]
pub struct Log {
    chunks: VecDeque<Chunk>,
    /// The number of the first line that is still here.
    first: u64,
    next: u64,
    bytes: usize,
    steps: Vec<String>,
    step_index: HashMap<StepId, u16>,
    /// Lines that the engine did not send, by step; its log file has them.
    left_out: u64,
    filter: Filter,
}

/// Which lines contain the wanted text; worked out a slice a frame, so that a million lines hold nothing up.
#[derive(Debug, Default)]
struct Filter {
    text: String,
    needle: Vec<u8>,
    /// Steps whose name contains the text: all their lines fit.
    steps: Vec<bool>,
    hits: VecDeque<u64>,
    /// Lines before this number have been looked at.
    seen: u64,
}

impl Log {
    /// Lines that can be shown without a filter.
    pub fn len(&self) -> u64 {
        self.next - self.first
    }

    pub fn left_out(&self) -> u64 {
        self.left_out + self.first
    }

    pub fn push(&mut self, step: &StepId, lines: &[String], left_out: u64) {
        self.left_out += left_out;
        let index = self.step(step);
        for line in lines {
            let line = cut(line.trim_end_matches(['\n', '\r']));
            if self.chunks.back().is_none_or(|c| c.ends.len() >= CHUNK) {
                self.chunks.push_back(Chunk::default());
            }
            if let Some(chunk) = self.chunks.back_mut() {
                chunk.text.push_str(line);
                // At most CHUNK lines of LONGEST bytes, which is 32 MB.
                chunk.ends.push(chunk.text.len() as u32);
                chunk.steps.push(index);
            }
            self.next += 1;
            self.bytes += line.len();
        }
        while (self.len() > KEPT_LINES || self.bytes > KEPT_BYTES) && self.chunks.len() > 1 {
            if let Some(old) = self.chunks.pop_front() {
                self.first += old.ends.len() as u64;
                self.bytes -= old.text.len();
            }
        }
        while self.filter.hits.front().is_some_and(|n| *n < self.first) {
            self.filter.hits.pop_front();
        }
    }

    fn step(&mut self, step: &StepId) -> u16 {
        if let Some(i) = self.step_index.get(step) {
            return *i;
        }
        let i = u16::try_from(self.steps.len()).unwrap_or(u16::MAX);
        if i < u16::MAX {
            self.steps.push(step.to_string());
            self.filter.steps.push(fits(step.to_string().as_bytes(), &self.filter.needle));
            self.step_index.insert(step.clone(), i);
        }
        i
    }

    fn line(&self, number: u64) -> Option<Line<'_>> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let chunk = self.chunks.get(at / CHUNK)?;
        let i = at % CHUNK;
        let end = *chunk.ends.get(i)? as usize;
        let start = if i == 0 { 0 } else { chunk.ends[i - 1] as usize };
        let step = self.steps.get(usize::from(chunk.steps[i])).map_or("", String::as_str);
        Some(Line { number, step, text: &chunk.text[start..end] })
    }

    pub fn filter(&self) -> &str {
        &self.filter.text
    }

    pub fn set_filter(&mut self, text: String) {
        if text == self.filter.text {
            return;
        }
        let needle = text.trim().to_ascii_lowercase().into_bytes();
        let steps = self.steps.iter().map(|s| fits(s.as_bytes(), &needle)).collect();
        self.filter = Filter { text, needle, steps, hits: VecDeque::new(), seen: self.first };
    }

    /// Looks on for lines that fit, for no longer than `budget`. True where there is more to look at.
    pub fn work(&mut self, budget: Duration) -> bool {
        if self.filter.needle.is_empty() {
            return false;
        }
        let start = Instant::now();
        let mut filter = std::mem::take(&mut self.filter);
        filter.seen = filter.seen.max(self.first);
        while filter.seen < self.next {
            // The clock is read every so many lines only.
            for number in filter.seen..self.next.min(filter.seen + 512) {
                let at = (number - self.first) as usize;
                let step = self.chunks.get(at / CHUNK).map_or(0, |c| usize::from(c.steps[at % CHUNK]));
                let by_step = filter.steps.get(step).copied().unwrap_or(false);
                if by_step || self.line(number).is_some_and(|l| fits(l.text.as_bytes(), &filter.needle)) {
                    filter.hits.push_back(number);
                }
            }
            filter.seen = self.next.min(filter.seen + 512);
            if start.elapsed() >= budget {
                break;
            }
        }
        let more = filter.seen < self.next;
        self.filter = filter;
        more
    }

    fn filtered(&self) -> bool {
        !self.filter.needle.is_empty()
    }

    /// Rows to show: lines that fit the filter.
    pub fn rows(&self) -> u64 {
        if self.filtered() { self.filter.hits.len() as u64 } else { self.len() }
    }

    pub fn row(&self, row: u64) -> Option<Line<'_>> {
        if self.filtered() { self.line(*self.filter.hits.get(usize::try_from(row).ok()?)?) } else { self.line(self.first + row) }
    }

    /// The number of the line in the first row, so that the view can stay where it is when old lines go.
    pub fn first_number(&self) -> u64 {
        self.row(0).map_or(self.next, |l| l.number)
    }
}

fn cut(line: &str) -> &str {
    if line.len() <= LONGEST {
        return line;
    }
    let mut end = LONGEST;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Whether the text holds the needle, which is in lower case; only ASCII letters are folded.
fn fits(text: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let Some(last) = text.len().checked_sub(needle.len()) else { return false };
    let upper = first.to_ascii_uppercase();
    (0..=last).any(|i| (text[i] == *first || text[i] == upper) && text[i + 1..=i + rest.len()].eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bootwright_model::ComponentId;

    fn step(name: &str) -> StepId {
        StepId { component: ComponentId::try_from(name).unwrap(), step: "compile".into() }
    }

    #[test]
    fn rows_keep_their_step_and_the_filter_finds_text_and_step() {
        let mut log = Log::default();
        log.push(&step("kernel"), &["  CC init/main.o".into(), "warning: odd".into()], 0);
        log.push(&step("glibc"), &["gcc -c x.c".into()], 7);
        assert_eq!((log.rows(), log.left_out()), (3, 7));
        assert_eq!(log.row(2), Some(Line { number: 2, step: "glibc/compile", text: "gcc -c x.c" }));
        log.set_filter("WARN".into());
        assert!(!log.work(Duration::from_secs(1)));
        assert_eq!((log.rows(), log.row(0).unwrap().text), (1, "warning: odd"));
        log.set_filter("kernel/".into());
        log.work(Duration::from_secs(1));
        assert_eq!(log.rows(), 2);
        log.push(&step("kernel"), &["more".into()], 0);
        log.work(Duration::from_secs(1));
        assert_eq!(log.rows(), 3);
        log.set_filter(String::new());
        assert_eq!(log.rows(), 4);
    }

    #[test]
    fn old_lines_go_in_whole_chunks_and_are_counted() {
        let mut log = Log::default();
        let batch: Vec<String> = (0..4096).map(|i| format!("line {i}")).collect();
        log.set_filter("line 7".into());
        for _ in 0..500 {
            log.push(&step("kernel"), &batch, 0);
        }
        log.work(Duration::from_secs(60));
        assert!(log.len() <= KEPT_LINES && log.len() + log.left_out() == 500 * 4096, "{} {}", log.len(), log.left_out());
        assert!(log.first_number() >= log.left_out());
        log.set_filter(String::new());
        assert_eq!(log.row(0).unwrap().number, log.left_out());
        assert!(log.row(log.len()).is_none());
    }

    #[test]
    fn a_filter_over_a_million_lines_works_in_slices() {
        let mut log = Log::default();
        let batch: Vec<String> = (0..4096).map(|i| format!("  CC      drivers/net/ethernet/intel/e1000/part_{i}.o")).collect();
        for _ in 0..250 {
            log.push(&step("kernel"), &batch, 0);
        }
        log.set_filter("part_4000.o".into());
        let start = Instant::now();
        assert!(log.work(Duration::from_millis(1)));
        assert!(start.elapsed() < Duration::from_millis(50), "a slice must end in time: {:?}", start.elapsed());
        while log.work(Duration::from_millis(2)) {}
        assert_eq!(log.rows(), 250);
    }
}
