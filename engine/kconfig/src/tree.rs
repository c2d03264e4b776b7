//! What the Kconfig files say: symbols, their properties, and the tree of menus.
//!
//! Everything lies in arenas and is named by an index; nothing here has a value (see `solve`).

mod entries;

pub use entries::*;

use crate::dialect::Dialect;
use crate::expr::{ExprId, Exprs, Kinds};
use hashbrown::HashTable;
use rustc_hash::FxHashMap;

/// The whole of what was read.
#[derive(Debug)]
pub struct Tree {
    pub dialect: Dialect,
    pub symbols: Vec<Symbol>,
    pub props: Vec<Property>,
    pub nodes: Vec<Node>,
    pub exprs: Exprs,
    /// Every file once, in the order of reading.
    pub files: Vec<File>,
    /// Environment variables that were asked for, in the order of asking, with what they held.
    pub environment: Vec<(String, String)>,
    pub diagnostics: Vec<Diagnostic>,
    /// The symbol that says whether there are modules; the constant n where there is none.
    pub modules: SymId,
    /// The symbol of `option defconfig_list`; the constant n where there is none.
    pub defconfig_list: SymId,
    /// The symbols of each choice, in the order of the files.
    pub choice_members: FxHashMap<NodeId, Vec<SymId>>,
    texts: Texts,
    /// With the hash of each name, which says most of what is to be known.
    names: HashTable<(u32, SymId)>,
}

/// Room for the names of a kernel.
const USUAL: usize = 28_000;

#[derive(Debug, Default)]
struct Texts {
    all: String,
    spans: Vec<(u32, u32)>,
}

impl Texts {
    fn add(&mut self, text: &str) -> TextId {
        let start = self.all.len() as u32;
        // As much as there are names for.
        if u32::try_from(self.all.len() + text.len()).is_ok() {
            self.all.push_str(text);
        }
        self.spans.push((start, self.all.len() as u32));
        TextId(self.spans.len() as u32 - 1)
    }

    fn get(&self, id: TextId) -> &str {
        match self.spans.get(id.index()) {
            Some((start, end)) => &self.all[*start as usize..*end as usize],
            None => "",
        }
    }
}

/// FNV-1a with 32 bits, over signed characters: the C tools sort what they write by it.
pub fn name_hash(name: &str) -> u32 {
    name.bytes().fold(2166136261u32, |h, b| (h ^ (b as i8 as i32 as u32)).wrapping_mul(0x0100_0193))
}

impl Tree {
    pub fn new(dialect: Dialect) -> Self {
        let mut tree = Self {
            dialect,
            symbols: Vec::new(),
            props: Vec::new(),
            nodes: Vec::new(),
            exprs: Exprs::default(),
            files: Vec::new(),
            environment: Vec::new(),
            diagnostics: Vec::new(),
            modules: SymId::NO,
            defconfig_list: SymId::NO,
            choice_members: FxHashMap::default(),
            texts: Texts::default(),
            names: HashTable::new(),
        };
        tree.exprs.folds = tree.dialect.folds_constants;
        for name in ["n", "m", "y"] {
            let name = tree.texts.add(name);
            let id = tree.add_symbol(name, true);
            tree.symbols[id.index()].kind = SymbolKind::Tristate;
        }
        tree
    }

    fn add_symbol(&mut self, name: TextId, constant: bool) -> SymId {
        self.symbols.push(Symbol {
            name,
            kind: SymbolKind::Unknown,
            constant,
            choice: false,
            all_no_yes: false,
            transitional: false,
            unwritten: false,
            optional: false,
            first_prop: PropId::NONE,
            last_prop: PropId::NONE,
            first_node: NodeId::NONE,
            last_node: NodeId::NONE,
            dir_dep: ExprId::NONE,
            rev_dep: ExprId::NONE,
            implied: ExprId::NONE,
            env: TextId::NONE,
        });
        SymId(self.symbols.len() as u32 - 1)
    }

    /// The symbol of a name, made where there is none yet. A constant and a symbol of one name are two.
    pub fn intern(&mut self, name: &str, constant: bool) -> SymId {
        if let Some(t) = Tristate::of_letter(name) {
            return SymId::of(t);
        }
        let hash = name_hash(name);
        if let Some(s) = self.named(name, hash, constant) {
            return s;
        }
        if self.names.is_empty() {
            self.names.reserve(USUAL, |_| 0);
        }
        let text = self.texts.add(name);
        let id = self.add_symbol(text, constant);
        self.names.insert_unique(spread(hash), (hash, id), |(hash, _)| spread(*hash));
        id
    }

    /// A symbol without a name.
    pub fn nameless(&mut self) -> SymId {
        self.add_symbol(TextId::NONE, false)
    }

    /// The symbol that is called so, if any file mentions it.
    pub fn find(&self, name: &str) -> Option<SymId> {
        self.named(name, name_hash(name), false)
    }

    fn named(&self, name: &str, hash: u32, constant: bool) -> Option<SymId> {
        let same = |(h, s): &(u32, SymId)| {
            let symbol = self.symbol(*s);
            *h == hash && symbol.constant == constant && self.text(symbol.name) == name
        };
        self.names.find(spread(hash), same).map(|(_, s)| *s)
    }

    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    pub fn add_text(&mut self, text: &str) -> TextId {
        self.texts.add(text)
    }

    pub fn symbol(&self, id: SymId) -> &Symbol {
        &self.symbols[id.index()]
    }

    pub fn name(&self, id: SymId) -> &str {
        self.texts.get(self.symbols[id.index()].name)
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub fn prop(&self, id: PropId) -> &Property {
        &self.props[id.index()]
    }

    pub fn place_text(&self, place: Place) -> String {
        format!("{}:{}", self.file_name(place), place.line)
    }

    pub fn file_name(&self, place: Place) -> &str {
        self.files.get(place.file as usize).map_or("<none>", |f| &f.name)
    }

    pub fn symbol_ids(&self) -> impl Iterator<Item = SymId> + use<> {
        (0..self.symbols.len() as u32).map(SymId)
    }

    /// All named symbols, and the choices', as the C tools' table holds them.
    pub fn table_order(&self) -> Vec<SymId> {
        let buckets = self.dialect.buckets.max(1);
        let bucket = |s: &SymId| {
            let name = self.symbol(*s).name;
            if name.is_none() { 0 } else { name_hash(self.text(name)) % buckets }
        };
        let mut all: Vec<(u32, std::cmp::Reverse<SymId>)> = self.symbol_ids().skip(3).map(|s| (bucket(&s), std::cmp::Reverse(s))).collect();
        all.sort_unstable();
        all.into_iter().map(|(_, s)| s.0).collect()
    }

    /// The properties of a symbol, in the order of the files.
    pub fn props_of(&self, s: SymId) -> impl Iterator<Item = (PropId, &Property)> {
        let mut at = self.symbols[s.index()].first_prop;
        std::iter::from_fn(move || {
            let id = at.some()?;
            at = self.props[id.index()].next;
            Some((id, &self.props[id.index()]))
        })
    }

    /// The places where a symbol is defined, in the order of the files.
    pub fn nodes_of(&self, s: SymId) -> impl Iterator<Item = NodeId> {
        let mut at = self.symbols[s.index()].first_node;
        std::iter::from_fn(move || {
            let id = at.some()?;
            at = self.nodes[id.index()].next_of_symbol;
            Some(id)
        })
    }

    /// The place where a symbol is defined that was read last.
    pub(crate) fn last_node(&self, s: SymId) -> Option<NodeId> {
        self.symbols[s.index()].last_node.some()
    }

    /// The children of a node as they are after [`crate::finish`].
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> {
        let mut at = self.nodes[node.index()].list;
        std::iter::from_fn(move || {
            let id = at.some()?;
            at = self.nodes[id.index()].next;
            Some(id)
        })
    }

    /// Every node below `top`, a parent before its children, in the order of the files.
    pub fn descendants(&self, top: NodeId) -> impl Iterator<Item = NodeId> {
        let mut at = self.nodes[top.index()].list;
        std::iter::from_fn(move || {
            let now = at.some()?;
            at = self.following(now, top);
            Some(now)
        })
    }

    fn following(&self, node: NodeId, top: NodeId) -> NodeId {
        if let Some(child) = self.nodes[node.index()].list.some() {
            return child;
        }
        let mut at = node;
        while at != top && !at.is_none() {
            if let Some(next) = self.nodes[at.index()].next.some() {
                return next;
            }
            at = self.nodes[at.index()].parent;
        }
        NodeId::NONE
    }

    /// The choice around the first place with a prompt; around any place where choices have values.
    pub(crate) fn choice_around(&self, s: SymId) -> NodeId {
        if !self.dialect.simple_choices {
            return self.nodes_of(s).map(|n| self.choice_of_node(n)).find(|c| !c.is_none()).unwrap_or(NodeId::NONE);
        }
        let with_prompt = self.nodes_of(s).find(|n| !self.node(*n).prompt.is_none());
        with_prompt.map_or(NodeId::NONE, |n| self.choice_of_node(n))
    }

    fn choice_of_node(&self, node: NodeId) -> NodeId {
        let mut at = self.node(node).parent;
        while let Some(node) = at.some() {
            let n = self.node(node);
            if !n.symbol.is_none() {
                return if n.kind == NodeKind::Choice { node } else { NodeId::NONE };
            }
            at = n.parent;
        }
        NodeId::NONE
    }

    pub(crate) fn add_node(&mut self, kind: NodeKind, symbol: SymId, parent: NodeId, place: Place) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let directly_in_choice = parent.some().is_some_and(|p| self.node(p).kind == NodeKind::Choice);
        self.nodes.push(Node {
            kind,
            symbol,
            prompt: PropId::NONE,
            dep: ExprId::NONE,
            visibility: ExprId::NONE,
            parent,
            list: NodeId::NONE,
            next: NodeId::NONE,
            place,
            help: None,
            next_of_symbol: NodeId::NONE,
            directly_in_choice,
            first_prop: PropId::NONE,
        });
        if let Some(s) = symbol.some() {
            match self.symbols[s.index()].last_node.some() {
                Some(last) => self.nodes[last.index()].next_of_symbol = id,
                None => self.symbols[s.index()].first_node = id,
            }
            self.symbols[s.index()].last_node = id;
        }
        id
    }

    pub(crate) fn add_prop(&mut self, node: NodeId, kind: PropKind, value: ExprId, condition: ExprId, place: Place) -> PropId {
        let id = PropId(self.props.len() as u32);
        self.props.push(Property { kind, value, condition, node, place, next: PropId::NONE });
        let first = &mut self.nodes[node.index()].first_prop;
        if first.is_none() {
            *first = id;
        }
        if let Some(s) = self.nodes[node.index()].symbol.some() {
            match self.symbols[s.index()].last_prop.some() {
                Some(last) => self.props[last.index()].next = id,
                None => self.symbols[s.index()].first_prop = id,
            }
            self.symbols[s.index()].last_prop = id;
        }
        id
    }

    /// The help text of a node as it stands in the file.
    pub(crate) fn raw_help(&self, node: NodeId) -> Option<&str> {
        let n = self.node(node);
        let (start, end) = n.help?;
        self.files.get(n.place.file as usize)?.text.get(start as usize..end as usize)
    }

    /// The help text of a node, without its indentation and without blank lines at its end.
    pub fn help(&self, node: NodeId) -> Option<String> {
        Some(crate::lex::help_text(self.raw_help(node)?))
    }

    /// An expression as text.
    pub fn write_expr(&self, e: ExprId) -> String {
        let mut out = String::new();
        self.exprs.write(e, &mut out, &mut |s, out| self.write_operand(s, out));
        out
    }

    /// A symbol as it stands in an expression: constants of the user's own in quotes.
    pub fn write_operand(&self, s: SymId, out: &mut String) {
        let symbol = self.symbol(s);
        if symbol.name.is_none() {
            out.push_str("<choice>");
        } else {
            out.push_str(self.name(s));
        }
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity >= Severity::Error)
    }
}

/// A table wants high bits that differ.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The kinds of the symbols, borrowed apart from the expressions.
pub(crate) struct KindsOf<'a>(pub &'a [Symbol]);

impl Kinds for KindsOf<'_> {
    fn kind(&self, symbol: SymId) -> SymbolKind {
        self.0[symbol.index()].kind
    }
}
