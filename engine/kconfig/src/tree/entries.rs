//! What a tree consists of: symbols, their properties, entries of the menus, files, and what was wrong with them.

use crate::expr::ExprId;

/// n, m or y, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tristate {
    #[default]
    No,
    Mod,
    Yes,
}

impl Tristate {
    pub fn letter(self) -> char {
        match self {
            Self::No => 'n',
            Self::Mod => 'm',
            Self::Yes => 'y',
        }
    }

    pub fn of_letter(text: &str) -> Option<Self> {
        match text {
            "n" => Some(Self::No),
            "m" => Some(Self::Mod),
            "y" => Some(Self::Yes),
            _ => None,
        }
    }
}

impl std::ops::Not for Tristate {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Mod => Self::Mod,
            Self::Yes => Self::No,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    #[default]
    Unknown,
    Bool,
    Tristate,
    Int,
    Hex,
    String,
}

impl SymbolKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Bool => "bool",
            Self::Tristate => "tristate",
            Self::Int => "integer",
            Self::Hex => "hex",
            Self::String => "string",
        }
    }

    pub fn is_logical(self) -> bool {
        matches!(self, Self::Bool | Self::Tristate)
    }
}

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);

        impl $name {
            pub const NONE: $name = $name(u32::MAX);

            pub fn is_none(self) -> bool {
                self == Self::NONE
            }

            pub fn some(self) -> Option<Self> {
                (!self.is_none()).then_some(self)
            }

            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// A symbol; the first three are the constants n, m and y.
    SymId
);
index!(
    /// A property of a symbol or a menu.
    PropId
);
index!(
    /// An entry of the menu tree; 0 is the root.
    NodeId
);
index!(
    /// A piece of text: a name, a prompt.
    TextId
);

impl SymId {
    pub const NO: SymId = SymId(0);
    pub const MOD: SymId = SymId(1);
    pub const YES: SymId = SymId(2);

    pub fn of(t: Tristate) -> Self {
        SymId(t as u32)
    }

    pub fn constant(self) -> Option<Tristate> {
        match self {
            Self::NO => Some(Tristate::No),
            Self::MOD => Some(Tristate::Mod),
            Self::YES => Some(Tristate::Yes),
            _ => None,
        }
    }

    pub fn is_tristate_constant(self) -> bool {
        self.0 < 3
    }
}

impl NodeId {
    pub const ROOT: NodeId = NodeId(0);
}

/// A place in a file of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: u32,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Symbol {
    pub name: TextId,
    pub kind: SymbolKind,
    /// Written in quotes, or n, m, y: its value is its name.
    pub constant: bool,
    /// The nameless symbol of a choice (or one of the old named choices).
    pub choice: bool,
    /// Chosen by `option allnoconfig_y`.
    pub all_no_yes: bool,
    /// Its old value is read for the defaults of others, and it is never written.
    pub transitional: bool,
    /// It has a value, which no file shows.
    pub unwritten: bool,
    /// An `optional` choice of the older dialects.
    pub optional: bool,
    pub first_prop: PropId,
    pub(super) last_prop: PropId,
    pub first_node: NodeId,
    pub(super) last_node: NodeId,
    pub dir_dep: ExprId,
    pub rev_dep: ExprId,
    pub implied: ExprId,
    /// The variable of `option env=`.
    pub env: TextId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropKind {
    Prompt(TextId),
    /// `menu`, `menuconfig`
    Menu(TextId),
    Comment(TextId),
    /// The value is `Property::value`.
    Default,
    Select(SymId),
    Imply(SymId),
    Range(SymId, SymId),
}

#[derive(Clone, Debug)]
pub struct Property {
    pub kind: PropKind,
    /// Of a default: what it is.
    pub value: ExprId,
    /// Under which condition it holds.
    pub condition: ExprId,
    pub node: NodeId,
    pub place: Place,
    /// The next one of the same symbol.
    pub next: PropId,
}

impl Property {
    pub fn text(&self) -> Option<TextId> {
        match self.kind {
            PropKind::Prompt(t) | PropKind::Menu(t) | PropKind::Comment(t) => Some(t),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Root,
    Config,
    Choice,
    Menu,
    If,
    Comment,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub kind: NodeKind,
    pub symbol: SymId,
    pub prompt: PropId,
    pub dep: ExprId,
    /// `visible if`
    pub visibility: ExprId,
    pub parent: NodeId,
    /// The first child.
    pub list: NodeId,
    pub next: NodeId,
    pub place: Place,
    /// Where the help text lies: bytes of the file.
    pub help: Option<(u32, u32)>,
    /// The next node of the same symbol.
    pub next_of_symbol: NodeId,
    /// It stands right in a choice, with no `if` between.
    pub(crate) directly_in_choice: bool,
    /// The first property of the symbol that stands here; those behind it in the symbol's list stand here too, up to the first
    /// of another node.
    pub(crate) first_prop: PropId,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// As the tree's `source` statements name it.
    pub name: String,
    /// Shared, so that a tree can be read on one thread and used on another.
    pub text: std::sync::Arc<str>,
    /// The file and line whose `source` read it first.
    pub from: Option<Place>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `$(info)`
    Info,
    /// `$(warning-if)`
    Remark,
    Warning,
    Error,
    /// An error that ends the reading; without a file its message names more than one place.
    Fatal,
}

/// Something to say about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub file: String,
    /// From 1; 0: the file as a whole.
    pub line: u32,
    /// From 1, in bytes; 0: not known.
    pub column: u32,
    pub message: String,
}
