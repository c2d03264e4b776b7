//! The index in a file.
//!
//! All numbers little-endian: the magic, a checksum of what follows it (8 bytes), then one after the other, each with its
//! length before it: object and source folder, texts and ends of files and words, rows, lists, folders. A file that does not fit in any
//! way is no index: it is made anew.

use super::names::Names;
use super::{Deps, Index, NONE, OPTIONAL, Row, Stamp};
use crate::cmd::Trouble;
use crate::tree::Tree;
use crate::walk::Folder;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Changes with the format.
const MAGIC: &[u8; 16] = b"bootwright-kb 3\n";
const ROW: usize = 4 * 6 + 8 + 8 + 4;

/// Keeps it; a reader sees the old or the new file.
pub fn save(index: &Index, file: &Path) -> io::Result<()> {
    let mut body = Vec::with_capacity(index.deps.len() * 4 + (1 << 20));
    bytes(&mut body, index.object.as_os_str().as_bytes());
    bytes(&mut body, index.source.as_os_str().as_bytes());
    body.extend_from_slice(&index.made.to_le_bytes());
    for names in [&index.files, &index.words] {
        let (text, ends) = names.parts();
        bytes(&mut body, text);
        numbers(&mut body, ends);
    }
    body.extend_from_slice(&(index.rows.len() as u32).to_le_bytes());
    for row in &index.rows {
        for number in [row.target, row.source, row.deps.start, row.deps.end, row.words.start, row.words.end] {
            body.extend_from_slice(&number.to_le_bytes());
        }
        body.extend_from_slice(&row.stamp.time.to_le_bytes());
        body.extend_from_slice(&row.stamp.size.to_le_bytes());
        let trouble = row.trouble.and_then(|t| Trouble::ALL.iter().position(|a| *a == t)).map_or(0, |at| at as u8 + 1);
        body.extend_from_slice(&[u8::from(row.saved), u8::from(row.listed), trouble, u8::from(row.guessed)]);
    }
    numbers(&mut body, &index.deps);
    numbers(&mut body, &index.word_list);
    body.extend_from_slice(&(index.folders.len() as u32).to_le_bytes());
    for folder in &index.folders {
        bytes(&mut body, &folder.path);
        body.extend_from_slice(&folder.time.to_le_bytes());
    }
    let mut whole = MAGIC.to_vec();
    whole.extend_from_slice(&checksum(&body).to_le_bytes());
    whole.append(&mut body);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut scratch = file.as_os_str().to_owned();
    scratch.push(format!(".{}.tmp", std::process::id()));
    fs::write(&scratch, whole).and_then(|()| fs::rename(&scratch, file)).inspect_err(|_| {
        let _ = fs::remove_file(&scratch);
    })
}

/// The index in this file; None where there is none of this tree.
pub fn load(file: &Path, tree: &Tree) -> Option<Index> {
    let whole = fs::read(file).ok()?;
    let (sum, body) = whole.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*sum) != checksum(body) {
        return None;
    }
    let mut rest = Rest(body);
    if rest.bytes()? != tree.object.as_os_str().as_bytes() || rest.bytes()? != tree.source.as_os_str().as_bytes() {
        return None;
    }
    let made = i64::from_le_bytes(rest.chunk()?);
    let (files, words) = (rest.names()?, rest.names()?);
    let count = rest.number()?;
    let rows: Vec<Row> = rest.take(count.checked_mul(ROW)?)?.chunks_exact(ROW).map(row).collect::<Option<_>>()?;
    let (deps, word_list) = (rest.numbers()?, rest.numbers()?);
    let mut folders = Vec::new();
    for _ in 0..rest.number()? {
        folders.push(Folder { path: rest.bytes()?.to_vec(), time: i64::from_le_bytes(rest.chunk()?) });
    }
    let index = Index { object: tree.object.clone(), source: tree.source.clone(), files, words, rows, deps, word_list, folders, made };
    (rest.0.is_empty() && fits(&index)).then_some(index)
}

/// Whether every number leads somewhere, and the rows are in order.
fn fits(index: &Index) -> bool {
    let file = |id: u32| (id as usize) < index.files.len();
    let part = |p: Deps, list: &[u32]| p.start <= p.end && p.end as usize <= list.len();
    let row =
        |r: &Row| file(r.target) && (r.source == NONE || file(r.source)) && part(r.deps, &index.deps) && part(r.words, &index.word_list);
    let highest = index.deps.iter().map(|d| d & !OPTIONAL).max();
    let highest_word = index.word_list.iter().max();
    index.rows.iter().all(row)
        && highest.is_none_or(file)
        && highest_word.is_none_or(|w| (*w as usize) < index.words.len())
        && index.rows.windows(2).all(|w| matches!(w, [a, b] if index.name(a) < index.name(b)))
}

fn row(bytes: &[u8]) -> Option<Row> {
    let mut rest = Rest(bytes);
    let [target, source, d0, d1, w0, w1] = [(); 6].map(|()| rest.number().map(|n| n as u32));
    let (deps, words) = (Deps { start: d0?, end: d1? }, Deps { start: w0?, end: w1? });
    let stamp = Stamp { time: i64::from_le_bytes(rest.chunk()?), size: u64::from_le_bytes(rest.chunk()?) };
    let [saved, listed, trouble, guessed] = rest.chunk::<4>()?;
    let trouble = match trouble {
        0 => None,
        at => Some(*Trouble::ALL.get(at as usize - 1)?),
    };
    Some(Row {
        target: target?,
        source: source?,
        saved: saved == 1,
        listed: listed == 1,
        trouble,
        guessed: guessed == 1,
        stamp,
        deps,
        words,
    })
}

fn bytes(body: &mut Vec<u8>, text: &[u8]) {
    body.extend_from_slice(&(text.len() as u32).to_le_bytes());
    body.extend_from_slice(text);
}

fn numbers(body: &mut Vec<u8>, list: &[u32]) {
    body.extend_from_slice(&(list.len() as u32).to_le_bytes());
    body.extend(list.iter().flat_map(|n| n.to_le_bytes()));
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<usize> {
        self.chunk().map(|c| u32::from_le_bytes(c) as usize)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.number()?;
        self.take(count)
    }

    fn numbers(&mut self) -> Option<Vec<u32>> {
        let count = self.number()?;
        let bytes = self.take(count.checked_mul(4)?)?;
        Some(bytes.chunks_exact(4).map(|c| u32::from_le_bytes(c.try_into().unwrap_or_default())).collect())
    }

    fn names(&mut self) -> Option<Names> {
        let text = self.bytes()?.to_vec();
        Names::of(text, self.numbers()?)
    }
}

/// Notices damage, not malice: four lanes of multiply and rotate over 8 bytes each, as fast as memory.
fn checksum(body: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |sum: u64, word: u64| (sum ^ word).wrapping_mul(MULTIPLIER).rotate_left(29);
    let word = |bytes: &[u8]| {
        let mut whole = [0; 8];
        whole.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(whole)
    };
    let mut lanes = [1_u64, 2, 3, 4];
    let mut blocks = body.chunks_exact(32);
    for block in &mut blocks {
        for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            *lane = step(*lane, u64::from_le_bytes(bytes.try_into().unwrap_or_default()));
        }
    }
    let tail = blocks.remainder().chunks(8).fold(body.len() as u64, |sum, bytes| step(sum, word(bytes)));
    lanes.into_iter().fold(tail, step)
}
