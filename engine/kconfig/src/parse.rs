//! Reads the files of a tree. What cannot be read is named and left out; the rest is kept.

mod blocks;
mod expressions;
mod faults;
mod files;
mod options;

use crate::dialect::Dialect;
use crate::expr::ExprId;
use crate::finish::MOST_DIAGNOSTICS;
use crate::lex::{Cursor, Expander, Op, Token};
use crate::macros::{Assignment, At, Host, Macros};
use crate::tree::{Diagnostic, NodeId, NodeKind, Place, PropId, PropKind, Severity, SymId, SymbolKind, Tree};
use blocks::{Block, BlockKind};
use faults::{Faults, LATE_TITLE};
use files::Sourcing;
use std::path::PathBuf;

/// The words that end the options of an entry, by beginning another one.
const STATEMENTS: [&str; 14] = [
    "config",
    "menuconfig",
    "choice",
    "menu",
    "if",
    "comment",
    "source",
    "rsource",
    "osource",
    "orsource",
    "endmenu",
    "endchoice",
    "endif",
    "mainmenu",
];

/// What to read, and where.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The first file, as a `source` statement would name it.
    pub top: String,
    /// Where relative names begin.
    pub folder: PathBuf,
    /// Where a file is looked for that is not there: `$srctree`.
    pub source_tree: Option<PathBuf>,
    pub dialect: Dialect,
    /// Faults are said and passed over as the C programs do it: an entry ends with its first fault, and what they end with ends
    /// the reading. Without it, all that can be understood is kept.
    pub as_conf: bool,
}

impl Reading {
    /// Of all that can be understood.
    pub fn new(top: impl Into<String>, folder: impl Into<PathBuf>, source_tree: Option<PathBuf>, dialect: Dialect) -> Self {
        Self { top: top.into(), folder: folder.into(), source_tree, dialect, as_conf: false }
    }
}

/// Reads a tree. Its [`Tree::diagnostics`] say what was wrong with it.
pub fn read(reading: &Reading, host: &mut dyn Host) -> Tree {
    let mut parser = Parser {
        tree: Tree::new(reading.dialect.clone()),
        reading,
        outside: Outside {
            macros: Macros::default(),
            host,
            file: String::new(),
            warnings: Vec::new(),
            said_at: 0,
            fatal: None,
            enabled: reading.dialect.macros,
        },
        tails: vec![NodeId::NONE],
        veiled_by: vec![NodeId::NONE],
        blocks: Vec::new(),
        entry: None,
        left: None,
        parent: NodeId::ROOT,
        open_files: Vec::new(),
        names: rustc_hash::FxHashMap::default(),
        begun: false,
        faults: Faults::default(),
    };
    parser.tree.add_node(NodeKind::Root, SymId::NONE, NodeId::NONE, Place { file: 0, line: 0 });
    let title = parser.tree.add_text(if reading.dialect.busybox { "Busybox Configuration" } else { "Main menu" });
    let place = Place { file: 0, line: 0 };
    let prompt = parser.tree.add_prop(NodeId::ROOT, PropKind::Menu(title), ExprId::NONE, ExprId::NONE, place);
    parser.tree.nodes[0].prompt = prompt;
    parser.source(&reading.top, None);
    if reading.dialect.symbols_in_text
        && let Some(title) = parser.tree.props[0].text()
    {
        let title = parser.with_symbols(parser.tree.text(title));
        parser.tree.props[0].kind = PropKind::Menu(parser.tree.add_text(&title));
    }
    parser.tree.environment = std::mem::take(&mut parser.outside.macros.environment);
    let mut tree = parser.tree;
    if tree.modules == SymId::NO
        && tree.dialect.modules_by_name
        && let Some(s) = tree.find("MODULES")
    {
        tree.modules = s;
    }
    tree
}

/// The macros and what they reach, apart from the tree so that a statement can hold both.
struct Outside<'h> {
    macros: Macros,
    host: &'h mut dyn Host,
    file: String,
    warnings: Vec<(u32, String)>,
    /// The line of the last expansion.
    said_at: u32,
    /// The line of an expansion that cannot be done: the C programs end there.
    fatal: Option<u32>,
    enabled: bool,
}

impl Expander for Outside<'_> {
    fn expand(&mut self, rest: &str, line: u32) -> Result<(String, usize), String> {
        self.said_at = line;
        let result = self.macros.reference(rest, &[], &At { file: &self.file, line }, self.host);
        if result.is_err() {
            self.fatal = Some(line);
        }
        result
    }

    fn warn(&mut self, line: u32, message: String) {
        self.warnings.push((line, message));
    }

    fn macros(&self) -> bool {
        self.enabled
    }
}

/// The entry that options belong to.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: NodeId,
    menuconfig: bool,
}

struct Parser<'a, 'h> {
    tree: Tree,
    reading: &'a Reading,
    outside: Outside<'h>,
    /// The last child of each node.
    tails: Vec<NodeId>,
    /// The nearest menu above each node that has a `visible if`.
    veiled_by: Vec<NodeId>,
    blocks: Vec<Block>,
    entry: Option<Entry>,
    /// The last entry of a file that was left: the C tools see its end where the next statement begins.
    left: Option<Entry>,
    parent: NodeId,
    open_files: Vec<(u32, u32)>,
    names: rustc_hash::FxHashMap<String, u32>,
    /// A statement was read; a main menu comes too late.
    begun: bool,
    faults: Faults,
}

/// A statement that cannot be read: why.
type Read<T> = Result<T, String>;

impl Parser<'_, '_> {
    fn say(&mut self, severity: Severity, place: Place, column: u32, message: String) {
        if self.tree.diagnostics.len() < MOST_DIAGNOSTICS {
            let file = self.tree.file_name(place).to_owned();
            self.tree.diagnostics.push(Diagnostic { severity, file, line: place.line, column, message });
        }
    }

    fn warn(&mut self, place: Place, message: String) {
        self.say(Severity::Warning, place, 0, message);
    }

    fn statements(&mut self, cur: &mut Cursor<'_>, file: u32) {
        let mut place = Place { file, line: 0 };
        let mut last = "";
        while cur.next_statement() {
            if self.faults.over && self.reading.as_conf {
                return;
            }
            place.line = cur.line;
            if let Some(left) = self.left.take() {
                self.entry = Some(left);
                self.end_entry(place);
            }
            let start = cur.clone();
            let result = self.statement(cur, place);
            self.drain_said(place);
            last = &start.text[start.at..cur.at];
            if let Err(why) = result.as_ref().map_err(String::as_str)
                && self.reading.as_conf
            {
                self.fault_as_conf(&start, cur, place, why);
                continue;
            }
            self.faults.recovering = false;
            if let Err(why) = result {
                self.say(Severity::Error, place, cur.column(), why);
                if start.line == cur.line {
                    cur.skip_line();
                }
            }
        }
        if place.line == cur.line && !cur.text.ends_with('\n') {
            if !std::mem::take(&mut self.faults.cut) {
                self.warn(place, "no new line at end of file".into());
            }
            let cut = !last.contains('\n') || last.trim_end() == "help";
            if self.reading.as_conf && cut && self.open_files.len() == 1 && !self.reading.dialect.end_has_no_file && !self.faults.over {
                // It waits for the end of the line.
                self.say(Severity::Error, place, 0, "syntax error".into());
                self.faults.over = true;
            }
        }
    }

    fn drain_said(&mut self, place: Place) {
        for (line, message) in std::mem::take(&mut self.outside.warnings) {
            self.say(Severity::Warning, Place { line, ..place }, 0, message);
        }
        if !self.outside.macros.said.info.is_empty() || !self.outside.macros.said.warnings.is_empty() {
            let said = std::mem::take(&mut self.outside.macros.said);
            for message in said.info {
                self.say(Severity::Info, place, 0, message);
            }
            let place = Place { line: self.outside.said_at, ..place };
            for message in said.warnings {
                self.say(Severity::Remark, place, 0, message);
            }
        }
    }

    fn statement(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let start = cur.clone();
        let Some(word) = cur.plain_word() else {
            return match cur.token(&mut self.outside)? {
                Token::Word(name) => self.assignment_or_unknown(cur, &name, place),
                // All of it expanded to nothing.
                Token::End => Ok(()),
                _ => Err("invalid statement".into()),
            };
        };
        if self.reading.dialect.macros && self.is_assignment(cur) {
            return self.assignment_or_unknown(cur, word, place);
        }
        if word != "mainmenu" {
            self.begun = true;
        }
        if STATEMENTS.contains(&word) {
            self.end_entry(place);
        }
        let refused = matches!(word, "menu" | "menuconfig" | "choice" | "source" | "mainmenu") && self.reading.dialect.plain_choices;
        if refused && self.choice_around().is_some() {
            return Err(format!("there is no \"{word}\" in a choice"));
        }
        match word {
            "config" => self.config(cur, place, false),
            "menuconfig" => self.config(cur, place, true),
            "choice" => self.choice(cur, place),
            "menu" => self.menu(cur, place),
            "if" => self.if_block(cur, place),
            "comment" => self.comment(cur, place),
            "source" => self.source_statement(cur, place, Sourcing { relative: false, optional: false }),
            "rsource" | "osource" | "orsource" if self.reading.dialect.more_sources => {
                let how = Sourcing { relative: word != "osource", optional: word != "rsource" };
                self.source_statement(cur, place, how)
            }
            "endmenu" => self.end(cur, place, BlockKind::Menu),
            "endchoice" => self.end(cur, place, BlockKind::Choice),
            "endif" => self.end(cur, place, BlockKind::If),
            "mainmenu" => self.main_menu(cur, place),
            _ => match self.entry {
                Some(entry) => self.option(cur, word, entry, place, &start),
                None => Err(format!("unknown statement \"{word}\"")),
            },
        }
    }

    /// Looks at an entry whose options all were read; `next` is where that was seen.
    fn end_entry(&mut self, next: Place) {
        let Some(entry) = self.entry.take() else { return };
        let n = self.tree.node(entry.node);
        let (kind, place, symbol, unasked) = (n.kind, n.place, n.symbol, n.prompt.is_none());
        if entry.menuconfig && unasked {
            self.warn(next, "menuconfig statement without prompt".into());
        }
        if !self.reading.dialect.simple_choices {
            if kind == NodeKind::Choice && unasked {
                self.warn(place, "choice must have a prompt".into());
            }
            return;
        }
        if kind == NodeKind::Config && self.choice_around().is_some() {
            self.refuse_defaults(entry.node, symbol);
        }
        let is_member = kind == NodeKind::Config && self.choice_around().is_some();
        let fault = match () {
            _ if kind == NodeKind::Choice && unasked => "choice must have a prompt",
            _ if is_member && self.tree.symbol(symbol).kind != SymbolKind::Bool => "choice member must be bool",
            _ if is_member && unasked => "choice member must have a prompt",
            _ => return,
        };
        self.say(Severity::Error, place, 0, format!("error: {fault}"));
    }

    fn refuse_defaults(&mut self, node: NodeId, symbol: SymId) {
        let defaults = self.tree.props_of(symbol).filter(|(_, p)| p.kind == PropKind::Default && p.node == node);
        let places: Vec<Place> = defaults.map(|(_, p)| p.place).collect();
        for place in places {
            self.say(Severity::Error, place, 0, "error: defaults for choice values not supported".into());
        }
    }

    fn is_assignment(&self, cur: &Cursor<'_>) -> bool {
        let mut ahead = cur.clone();
        ahead.skip_blanks();
        let rest = &ahead.text.as_bytes()[ahead.at..];
        matches!(rest, [b'=', ..] | [b':' | b'+', b'=', ..])
    }

    fn assignment_or_unknown(&mut self, cur: &mut Cursor<'_>, name: &str, place: Place) -> Read<()> {
        let how = match cur.token(&mut self.outside)? {
            Token::Op(Op::Equal) => Assignment::Recursive,
            Token::Op(Op::Immediate) => Assignment::Immediate,
            Token::Op(Op::Append) => Assignment::Append,
            _ => return Err(format!("unknown statement \"{name}\"")),
        };
        self.entry = None;
        let value = cur.raw_value();
        self.outside.said_at = place.line + 1; // what is expanded at once is expanded at the end of the line
        let at = At { file: &self.outside.file, line: place.line + 1 };
        let result = self.outside.macros.assign(name, value, how, &at, self.outside.host);
        if result.is_err() {
            self.outside.fatal = Some(place.line + 1);
        }
        result
    }

    fn add_node(&mut self, kind: NodeKind, symbol: SymId, place: Place) -> NodeId {
        let parent = self.parent;
        let id = self.tree.add_node(kind, symbol, parent, place);
        self.tails.push(NodeId::NONE);
        let veiled = !self.tree.node(parent).visibility.is_none();
        self.veiled_by.push(if veiled { parent } else { self.veiled_by[parent.index()] });
        match self.tails[parent.index()].some() {
            Some(tail) => self.tree.nodes[tail.index()].next = id,
            None => self.tree.nodes[parent.index()].list = id,
        }
        self.tails[parent.index()] = id;
        id
    }

    fn config(&mut self, cur: &mut Cursor<'_>, place: Place, menuconfig: bool) -> Read<()> {
        let symbol = self.named_symbol(cur)?;
        self.end_of_statement(cur)?;
        if symbol.is_tristate_constant() {
            return Err("a constant cannot be a config symbol".into());
        }
        let before = self.tree.last_node(symbol);
        let node = self.add_node(NodeKind::Config, symbol, place);
        self.entry = Some(Entry { node, menuconfig });
        if let Some(choice) = self.choice_around()
            // One with two entries is one member.
            && before.is_none_or(|b| b < choice)
        {
            self.tree.choice_members.entry(choice).or_default().push(symbol);
        }
        Ok(())
    }

    fn comment(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let text = self.quoted(cur)?;
        self.end_of_statement(cur)?;
        let node = self.add_node(NodeKind::Comment, SymId::NONE, place);
        let text = self.without_blanks(&text, place);
        let id = self.tree.add_text(text);
        let prompt = self.tree.add_prop(node, PropKind::Comment(id), ExprId::NONE, ExprId::NONE, place);
        self.tree.nodes[node.index()].prompt = prompt;
        self.entry = Some(Entry { node, menuconfig: false });
        Ok(())
    }

    fn main_menu(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let text = self.quoted(cur)?;
        self.end_of_statement(cur)?;
        if std::mem::replace(&mut self.begun, true) && self.reading.dialect.macros {
            return Err(LATE_TITLE.into());
        }
        self.entry = None;
        // BusyBox has a title of its own, whatever the files say.
        if self.reading.dialect.busybox {
            return Ok(());
        }
        let id = self.tree.add_text(&text);
        self.tree.props[0].kind = PropKind::Menu(id);
        self.tree.props[0].place = place;
        Ok(())
    }
}

impl Outside<'_> {
    fn environment_variable(&mut self, name: &str) -> Option<String> {
        let value = self.host.variable(name)?;
        if !self.macros.environment.iter().any(|(n, _)| n == name) {
            self.macros.environment.push((name.to_owned(), value.clone()));
        }
        Some(value)
    }
}

/// The prompt of a node as text.
pub(crate) fn prompt_text(tree: &Tree, node: NodeId) -> Option<&str> {
    let prompt: PropId = tree.node(node).prompt;
    Some(tree.text(tree.prop(prompt.some()?).text()?))
}
