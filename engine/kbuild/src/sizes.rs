//! Sizes of vmlinux (or of busybox): every byte of memory it takes, ascribed to the object it came from.
//!
//! The sum is exact: what an object cannot be found for is listed as padding, merged strings, made by the linker, or not told
//! apart ([`Rest`]). Which bytes are whose comes from the linker's map where the build left one (CONFIG_VMLINUX_MAP; BusyBox
//! always), otherwise from the symbols and the objects' own tables, as [`place`] describes. Nothing is run.
//!
//! | module | idea |
//! |---|---|
//! | [`elf`] | sections and symbols of an ELF file |
//! | [`archive`] | objects of a (thin) archive, in order |
//! | [`map`] | the linker's map file |
//! | [`piece`] | a part of a section, and a list that covers all of them |
//! | [`option`] | the option that brings an object in |
//! | [`view`] | the sizes as a tree: by directory, object, symbol or option |
//! | [`difference`] | two builds: what came, went, grew and shrank |
//! | [`treemap`] | rectangles with areas in proportion |

pub mod archive;
pub mod difference;
pub mod elf;
mod inputs;
pub mod map;
pub mod option;
pub mod piece;
mod place;
pub mod treemap;
pub mod view;

use crate::{Error, Result, Tree};
use elf::{Section, Tables};
use piece::{Owner, Piece, Rest};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// Largest map read, in bytes. That of an allyesconfig kernel is about 150 MB.
const MAP_LIMIT: u64 = 1 << 30;

/// Where the knowledge of which bytes are whose comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The linker's map: every byte.
    Map,
    /// Symbols and the objects' tables: what could be placed for certain.
    Symbols,
}

/// An object file of the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// From the object folder of the tree: `init/main.o`. One from outside (the C library) as the linker was told it.
    pub name: String,
    /// Whether it lies in the tree.
    pub inside: bool,
}

/// A symbol of the linked file and the bytes it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    pub name: String,
    /// Place of the piece it lies in.
    pub piece: usize,
    /// Place of its section.
    pub section: usize,
    /// In bytes, as the symbol table says.
    pub size: u64,
    /// In bytes, without those that a symbol before it has already: two names of one function are counted once.
    pub counted: u64,
    /// Whether nm shows it as code or data.
    pub plain: bool,
}

/// Sizes of a linked file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// From the object folder: `vmlinux`.
    pub file: String,
    pub evidence: Evidence,
    /// Why the map that is there was not taken.
    pub remark: Option<String>,
    /// Those that take memory.
    pub sections: Vec<Section>,
    pub objects: Vec<Object>,
    /// Covers every section exactly once, in order.
    pub pieces: Vec<Piece>,
    /// In the order of their sections and addresses.
    pub symbols: Vec<Symbol>,
}

impl Sizes {
    /// Reads those of a built tree.
    ///
    /// # Errors
    /// Where nothing was linked yet, or the linked file cannot be read.
    pub fn read(tree: &Tree) -> Result<Sizes> {
        Self::read_by(tree, None)
    }

    /// As [`Sizes::read`], by one kind of evidence only where one is named.
    ///
    /// # Errors
    /// As [`Sizes::read`], and where the evidence is not there.
    pub fn read_by(tree: &Tree, evidence: Option<Evidence>) -> Result<Sizes> {
        let link = inputs::link(tree);
        let path = tree.object.join(link.file);
        if !path.exists() {
            return Err(Error::Other(format!("{} is not there; build the tree first", path.display())));
        }
        let linked = Tables::read(&path)?;
        let mut remark = None;
        for map in link.maps.iter().filter(|_| evidence != Some(Evidence::Symbols)) {
            match from_map(tree, &linked, &path, map) {
                Ok(Some((objects, pieces))) => return Ok(Self::new(link.file, Evidence::Map, None, linked, objects, pieces)),
                Ok(None) => {}
                Err(why) => remark = Some(format!("{map} {why}")),
            }
        }
        if evidence == Some(Evidence::Map) {
            return Err(Error::Other(remark.unwrap_or_else(|| format!("{} has no map of the linker", tree.object.display()))));
        }
        let (objects, pieces) = from_symbols(tree, &linked, &path)?;
        Ok(Self::new(link.file, Evidence::Symbols, remark, linked, objects, pieces))
    }

    fn new(file: &str, evidence: Evidence, remark: Option<String>, linked: Tables, objects: Vec<Object>, pieces: Vec<Piece>) -> Sizes {
        let symbols = count(&linked, &pieces);
        Sizes { file: file.to_owned(), evidence, remark, sections: linked.sections, objects, pieces, symbols }
    }

    /// In bytes of memory: all sections.
    pub fn total(&self) -> u64 {
        self.sections.iter().map(|s| s.size).sum()
    }

    /// Bytes that no object could be found for.
    pub fn rest(&self, rest: Rest) -> u64 {
        self.pieces.iter().filter(|p| p.owner == Owner::Nobody(rest)).map(|p| p.size).sum()
    }
}

type Found = (Vec<Object>, Vec<Piece>);

/// None: there is no map. Err: why it is of no use.
fn from_map(tree: &Tree, linked: &Tables, file: &Path, name: &str) -> std::result::Result<Option<Found>, String> {
    let path = tree.object.join(name);
    let Ok(metadata) = fs::metadata(&path) else { return Ok(None) };
    if metadata.len() > MAP_LIMIT {
        return Err("is absurdly large".to_owned());
    }
    let text = fs::read(&path).map_err(|e| format!("cannot be read: {e}"))?;
    let map = map::read(&String::from_utf8_lossy(&text));
    for section in linked.sections.iter().filter(|s| s.size > 0) {
        if !map.outputs.iter().any(|(name, address, size)| (name, *address, *size) == (&section.name, section.address, section.size)) {
            return Err(format!("is of another link than {}: it has no {} of {} bytes there", file.display(), section.name, section.size));
        }
    }
    let mut objects: Vec<Object> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    let mut pieces = Vec::new();
    let mut of_the_whole = 0_u64;
    for entry in map.entries {
        let Some(section) = linked.sections.iter().position(|s| s.name == entry.output && within(s, entry.address)) else { continue };
        let Some(start) = linked.sections.get(section).and_then(|s| entry.address.checked_sub(s.address)) else { continue };
        let owner = match &entry.object {
            None if entry.input == "*fill*" => Owner::Nobody(Rest::Padding),
            None => Owner::Nobody(Rest::Linker),
            Some(_) if mergeable(&entry.input) => Owner::Nobody(Rest::Merged),
            Some(_) if linker_made(&entry.input) => Owner::Nobody(Rest::Linker),
            Some(object) => {
                if object == "vmlinux.o" {
                    of_the_whole = of_the_whole.saturating_add(entry.size);
                }
                let object = in_tree(tree, object);
                Owner::Object(*known.entry(object.name.clone()).or_insert_with(|| {
                    objects.push(object);
                    objects.len() - 1
                }))
            }
        };
        pieces.push(Piece { section, start, size: entry.size, align: 1, owner, input: entry.input });
    }
    if of_the_whole > linked.sections.iter().map(|s| s.size).sum::<u64>() / 2 {
        return Err("names vmlinux.o only, as the kernel is linked in two steps (IBT or LTO)".to_owned());
    }
    // A section that no object has a part in is the script's, though the map calls it filling: `. += 98308`.
    let mut of_objects = vec![false; linked.sections.len()];
    for piece in pieces.iter().filter(|p| matches!(p.owner, Owner::Object(_) | Owner::Nobody(Rest::Merged))) {
        if let Some(of) = of_objects.get_mut(piece.section) {
            *of = true;
        }
    }
    for piece in pieces.iter_mut().filter(|p| !of_objects.get(p.section).copied().unwrap_or(true)) {
        piece.owner = Owner::Nobody(Rest::Linker);
    }
    // What the map names nobody for, the linker has made.
    Ok(Some((objects, piece::cover(&linked.sections, pieces, |_, _, _, _| Rest::Linker))))
}

fn within(section: &Section, address: u64) -> bool {
    section.size > 0 && address.checked_sub(section.address).is_some_and(|into| into < section.size)
}

/// As compilers name sections whose equal parts may become one: `.rodata.str1.8`, `.rodata.cst16`.
fn mergeable(input: &str) -> bool {
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    input.split('.').any(|part| ["str", "cst"].iter().any(|word| part.strip_prefix(word).is_some_and(number)))
}

/// Sections that the linker makes; its map names the first object for them.
fn linker_made(input: &str) -> bool {
    const MADE: [&str; 12] =
        [".dynamic", ".dynsym", ".dynstr", ".interp", ".hash", ".gnu.", ".plt", ".got", ".rela.", ".rel.", ".eh_frame_hdr", ".note.gnu."];
    MADE.iter().any(|start| input.starts_with(start))
}

/// `libbb/lib.a(xfuncs.o)` is libbb/xfuncs.o of the tree.
fn in_tree(tree: &Tree, object: &str) -> Object {
    let own = match object.strip_suffix(')').and_then(|o| o.split_once('(')) {
        Some((archive, member)) => Path::new(archive).with_file_name(member).to_string_lossy().into_owned(),
        None => object.to_owned(),
    };
    let own = own.strip_prefix("./").map(str::to_owned).unwrap_or(own);
    if !Path::new(&own).is_absolute() && tree.object.join(&own).exists() {
        return Object { name: own, inside: true };
    }
    Object { name: object.to_owned(), inside: false }
}

fn from_symbols(tree: &Tree, linked: &Tables, file: &Path) -> Result<Found> {
    let files = inputs::files(tree);
    let mut inputs = Vec::with_capacity(files.len());
    let mut objects = Vec::with_capacity(files.len());
    for file in files {
        // An object of another kind (LLVM's bitcode) or one that went away leaves its bytes unplaced.
        let tables = Tables::read(&tree.object.join(&file.name)).unwrap_or_default();
        inputs.push(place::Input { tables, optional: file.optional });
        objects.push(Object { name: file.name, inside: true });
    }
    let (pieces, zeroed_left) = place::place(linked, &inputs);
    // Where merged sections go: those of `.rodata.str1.1` to `.rodata`.
    let merged = |section: &Section| {
        let of = |s: &&Section| s.merged && s.name.strip_prefix(section.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
        inputs.iter().flat_map(|i| i.tables.sections.iter()).filter(of).map(|s| s.size).sum::<u64>()
    };
    let merged: Vec<u64> = linked.sections.iter().map(merged).collect();
    let mut filled = vec![false; linked.sections.len()];
    for piece in &pieces {
        if let Some(filled) = filled.get_mut(piece.section) {
            *filled = true;
        }
    }
    let bytes = bootwright_image::source::Source::open(file).map_err(|e| Error::Other(e.to_string()))?;
    let fill = |place: usize, from: u64, to: u64, next: Option<&Piece>| {
        let Some(section) = linked.sections.get(place) else { return Rest::Unplaced };
        let merges = merged.get(place).is_some_and(|m| *m > 0);
        let made = !filled.get(place).copied().unwrap_or(false) && !merges;
        if made || section.name == ".notes" {
            Rest::Linker // of the notes the build's own number is the only one that no object has
        } else if section.zeroed && zeroed_left == 0 || uniform(&bytes, section, from, to) {
            Rest::Padding
        } else if merges {
            Rest::Merged
        } else if to - from < next.map_or(64, |n| n.align) {
            Rest::Padding
        } else {
            Rest::Unplaced
        }
    };
    Ok((objects, piece::cover(&linked.sections, pieces, fill)))
}

/// Whether all these bytes of the file are the same, as filling is.
fn uniform(bytes: &bootwright_image::source::Source, section: &Section, from: u64, to: u64) -> bool {
    if section.zeroed {
        return false;
    }
    let Ok(window) = bytes.window(section.offset.saturating_add(from), to - from) else { return false };
    window.len() as u64 == to - from && window.iter().all(|b| Some(b) == window.first())
}

/// The symbols, each with the bytes it has for itself.
fn count(linked: &Tables, pieces: &[Piece]) -> Vec<Symbol> {
    let places: FxHashMap<usize, usize> = linked.sections.iter().enumerate().map(|(place, s)| (s.index, place)).collect();
    let mut sorted: Vec<(usize, u64, &elf::Symbol)> = Vec::new();
    for symbol in linked.symbols.iter().filter(|s| s.size > 0) {
        let Some((place, section)) = places.get(&symbol.section).and_then(|place| Some((*place, linked.sections.get(*place)?))) else {
            continue;
        };
        let Some(start) = symbol.value.checked_sub(section.address).filter(|start| *start < section.size) else { continue };
        sorted.push((place, start, symbol));
    }
    // Of two names of one address the global and longer one counts.
    let rank = |s: &elf::Symbol| (std::cmp::Reverse(s.global), std::cmp::Reverse(s.size));
    sorted.sort_by(|a, b| (a.0, a.1, rank(a.2), &a.2.name).cmp(&(b.0, b.1, rank(b.2), &b.2.name)));
    let mut found = Vec::with_capacity(sorted.len());
    let (mut at, mut taken) = (0, (0, 0));
    for (section, start, symbol) in sorted {
        while pieces.get(at).is_some_and(|p| (p.section, p.end()) <= (section, start)) {
            at += 1;
        }
        let Some(piece) = pieces.get(at) else { break };
        // What a name stands for ends with its object: a size that goes beyond is wrong.
        let end = start.saturating_add(symbol.size).min(piece.end());
        let free = if taken.0 == section { start.max(taken.1) } else { start };
        let counted = end.saturating_sub(free);
        if counted > 0 {
            taken = (section, end);
        }
        found.push(Symbol { name: symbol.name.clone(), piece: at, section, size: symbol.size, counted, plain: symbol.plain });
    }
    found
}
