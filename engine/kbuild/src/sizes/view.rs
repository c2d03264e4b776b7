//! The sizes as a tree: by directory, by object, by symbol or by option.

use super::Sizes;
use super::elf::Use;
use super::piece::{Owner, Rest};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// How the bytes are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Directories within directories, down to objects and their symbols.
    Directory,
    /// A list of objects with their symbols.
    Object,
    /// A list of symbols.
    Symbol,
    /// Options with the objects that each brings in.
    Option,
}

/// What brings an object of the tree in, by its name: an option without `CONFIG_`; None where it is always built, or unknown.
pub type OptionOf<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a node of the tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Whole,
    Directory,
    /// An archive from outside the tree, such as the C library.
    Archive,
    Object,
    Symbol,
    /// Bytes of an object that no symbol stands for, by their section in the object: tables, jump tables, padding.
    Unnamed,
    Option,
    /// What no object has.
    Rest(Rest),
}

/// A part of the file with its parts, largest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Within its parent: `sched`, `core.o`, `schedule`.
    pub name: String,
    pub kind: Kind,
    /// In bytes of memory; the sum over the children where there are any.
    pub bytes: u64,
    /// The same by use, in the order of [`Use::ALL`].
    pub uses: [u64; 5],
    /// The option that brings an object in: `CONFIG_SMP` without its prefix. None: always built, or not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

impl Node {
    fn new(name: &str, kind: Kind) -> Node {
        Node { name: name.to_owned(), kind, bytes: 0, uses: [0; 5], option: None, children: Vec::new() }
    }

    fn add(&mut self, usage: Use, bytes: u64) {
        self.bytes += bytes;
        if let Some(sum) = Use::ALL.iter().position(|u| *u == usage).and_then(|i| self.uses.get_mut(i)) {
            *sum += bytes;
        }
    }

    fn adopt(&mut self, child: Node) {
        self.bytes += child.bytes;
        self.uses.iter_mut().zip(child.uses).for_each(|(a, b)| *a += b);
        self.children.push(child);
    }

    /// Largest first, then by name, all the way down.
    fn sort(&mut self) {
        self.children.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        self.children.iter_mut().for_each(Node::sort);
    }

    /// What takes the most of it.
    pub fn usage(&self) -> Use {
        let most = self.uses.iter().enumerate().max_by_key(|(i, bytes)| (**bytes, std::cmp::Reverse(*i)));
        most.and_then(|(i, _)| Use::ALL.get(i).copied()).unwrap_or(Use::Code)
    }
}

/// An object's bytes by use, and its symbols.
fn objects(sizes: &Sizes, option: &OptionOf) -> (Vec<Node>, Vec<Node>) {
    let usage = |section: usize| sizes.sections.get(section).map_or(Use::Code, |s| s.usage);
    let mut found: Vec<Node> = sizes.objects.iter().map(|o| Node::new(&o.name, Kind::Object)).collect();
    let mut rests: Vec<Node> = Rest::ALL.into_iter().map(|r| Node::new(r.title(), Kind::Rest(r))).collect();
    // Bytes of each piece that no symbol has.
    let mut unnamed: Vec<u64> = sizes.pieces.iter().map(|p| p.size).collect();
    for symbol in sizes.symbols.iter().filter(|s| s.counted > 0) {
        let Some(Owner::Object(object)) = sizes.pieces.get(symbol.piece).map(|p| p.owner) else { continue };
        let mut node = Node::new(&symbol.name, Kind::Symbol);
        node.add(usage(symbol.section), symbol.counted);
        if let Some(left) = unnamed.get_mut(symbol.piece) {
            *left = left.saturating_sub(symbol.counted);
        }
        if let Some(parent) = found.get_mut(object) {
            parent.adopt(node);
        }
    }
    // They are told by the section that the object has them in.
    let mut sections: FxHashMap<(usize, &str), Node> = FxHashMap::default();
    for (piece, left) in sizes.pieces.iter().zip(unnamed) {
        match piece.owner {
            Owner::Object(_) if left == 0 => {}
            Owner::Object(object) => {
                let node = sections.entry((object, &piece.input)).or_insert_with(|| Node::new(&piece.input, Kind::Unnamed));
                node.add(usage(piece.section), left);
            }
            Owner::Nobody(rest) => {
                if let Some(node) = rests.iter_mut().find(|n| n.kind == Kind::Rest(rest)) {
                    node.add(usage(piece.section), piece.size);
                }
            }
        }
    }
    for ((object, _), node) in sections {
        if let Some(parent) = found.get_mut(object) {
            parent.adopt(node);
        }
    }
    for (node, object) in found.iter_mut().zip(&sizes.objects) {
        node.option = if object.inside { option(&object.name) } else { None };
    }
    found.retain(|n| n.bytes > 0);
    rests.retain(|n| n.bytes > 0);
    (found, rests)
}

/// The sizes as a tree whose bytes are the file's total. `option` says what brings an object of the tree in.
pub fn tree(sizes: &Sizes, by: By, option: &OptionOf) -> Node {
    let mut whole = Node::new(&sizes.file, Kind::Whole);
    let (found, rests) = objects(sizes, option);
    match by {
        By::Object => found.into_iter().for_each(|n| whole.adopt(n)),
        By::Directory => {
            let mut top = Folder::default();
            for node in found {
                let name = node.name.clone();
                let (path, kind) = match name.split_once('(') {
                    // A member of an archive from outside: the archive's own name is enough of a folder.
                    Some((archive, member)) => (vec![archive, member.trim_end_matches(')')], Kind::Archive),
                    None if name.starts_with('/') => (vec![name.as_str()], Kind::Directory),
                    None => (name.split('/').collect(), Kind::Directory),
                };
                top.put(&path, kind, node);
            }
            top.close(&mut whole);
        }
        By::Symbol => {
            let mut unnamed: FxHashMap<String, Node> = FxHashMap::default();
            for object in found {
                for mut child in object.children {
                    if child.kind == Kind::Unnamed {
                        let sum = unnamed.entry(child.name.clone()).or_insert_with(|| Node::new(&child.name, Kind::Unnamed));
                        sum.bytes += child.bytes;
                        sum.uses.iter_mut().zip(child.uses).for_each(|(a, b)| *a += b);
                    } else {
                        child.option.clone_from(&object.option);
                        whole.adopt(child);
                    }
                }
            }
            unnamed.into_values().for_each(|n| whole.adopt(n));
        }
        By::Option => {
            let mut options: FxHashMap<Option<String>, Node> = FxHashMap::default();
            for object in found {
                let title = object.option.clone().unwrap_or_else(|| "no option (always built, or not known)".to_owned());
                options.entry(object.option.clone()).or_insert_with(|| Node::new(&title, Kind::Option)).adopt(object);
            }
            for (option, mut node) in options {
                node.option = option;
                whole.adopt(node);
            }
        }
    }
    rests.into_iter().for_each(|n| whole.adopt(n));
    whole.sort();
    whole
}

/// Directories while they are filled.
#[derive(Default)]
struct Folder {
    folders: FxHashMap<String, (Kind, Folder)>,
    objects: Vec<Node>,
}

impl Folder {
    fn put(&mut self, path: &[&str], kind: Kind, mut node: Node) {
        match path {
            [] => {}
            [own] => {
                (*own).clone_into(&mut node.name);
                self.objects.push(node);
            }
            [first, rest @ ..] => {
                self.folders.entry((*first).to_owned()).or_insert_with(|| (kind, Folder::default())).1.put(rest, kind, node)
            }
        }
    }

    fn close(self, into: &mut Node) {
        for (name, (kind, folder)) in self.folders {
            let mut node = Node::new(&name, kind);
            folder.close(&mut node);
            into.adopt(node);
        }
        self.objects.into_iter().for_each(|n| into.adopt(n));
    }
}
