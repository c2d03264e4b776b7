//! Reads the files of a tree. What cannot be read is named and left out; the rest is kept.

mod faults;

use crate::dialect::Dialect;
use crate::expr::{Comparison, Expr, ExprId, stack};
use crate::finish::MOST_DIAGNOSTICS;
use crate::lex::{Cursor, Expander, Op, Token};
use crate::macros::{Assignment, At, Host, Macros};
use crate::tree::{Diagnostic, File, NodeId, NodeKind, Place, PropId, PropKind, Severity, SymId, SymbolKind, Tree};
use faults::{Faults, LATE_TITLE};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A configuration tree of a thousand times the kernel's is no configuration tree.
const MOST_FILES: usize = 200_000;
/// The kernel's largest has 100 kB.
const LONGEST_FILE: u64 = 64 << 20;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlockKind {
    Menu,
    Choice,
    If,
}

impl BlockKind {
    fn end_word(self) -> &'static str {
        match self {
            Self::Menu => "endmenu",
            Self::Choice => "endchoice",
            Self::If => "endif",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Block {
    kind: BlockKind,
    node: NodeId,
    place: Place,
}

/// Which of the `source` statements it is.
#[derive(Clone, Copy, Debug)]
struct Sourcing {
    /// From the folder of the file that says it.
    relative: bool,
    /// That there is none is no error.
    optional: bool,
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

    /// Reads a file and what it sources.
    fn source(&mut self, name: &str, from: Option<Place>) {
        let fail = |p: &mut Self, message: String| match from {
            Some(place) => p.say(Severity::Error, place, 0, message),
            None => p.tree.diagnostics.push(Diagnostic { severity: Severity::Error, file: name.to_owned(), line: 0, column: 0, message }),
        };
        if let Some(known) = self.names.get(name)
            && self.open_files.iter().any(|(f, _)| f == known)
        {
            let message = self.inclusion_trace(*known, from);
            self.tree.diagnostics.push(Diagnostic { severity: Severity::Fatal, file: String::new(), line: 0, column: 0, message });
            self.faults.over = true;
            return;
        }
        let text = match self.load(name) {
            Ok(text) => text,
            Err(_) if self.reading.as_conf && from.is_some() => {
                let place = from.unwrap_or(Place { file: 0, line: 0 });
                self.faults.over = true;
                return self.say(Severity::Fatal, place, 0, format!("can't open file \"{name}\""));
            }
            Err(why) => return fail(self, format!("can't open source file \"{name}\": {why}")),
        };
        let Some(index) = self.file_index(name, &text, from) else { return fail(self, format!("more than {MOST_FILES} files")) };
        let outer = std::mem::replace(&mut self.outside.file, name.to_owned());
        let blocks = self.blocks.len();
        self.open_files.push((index, from.map_or(0, |p| p.line)));
        let mut cursor = Cursor::new(&text, self.reading.dialect.path_words);
        stack(|| self.statements(&mut cursor, index));
        let last = self.entry.take().or(self.left.take());
        if from.is_some() {
            self.left = last;
        } else {
            self.entry = last;
            let file = if self.reading.dialect.end_has_no_file { u32::MAX } else { index };
            self.end_entry(Place { file, line: cursor.line });
        }
        self.open_files.pop();
        if self.reading.as_conf {
            if from.is_none() {
                self.end_as_conf(Place { file: index, line: cursor.line });
            }
            self.outside.file = outer;
            return;
        }
        while self.blocks.len() > blocks {
            if let Some(block) = self.blocks.pop() {
                self.say(Severity::Error, block.place, 0, format!("missing {} statement for this entry", block.kind.end_word()));
                self.parent = self.tree.node(block.node).parent;
            }
        }
        self.outside.file = outer;
    }

    fn file_index(&mut self, name: &str, text: &Arc<str>, from: Option<Place>) -> Option<u32> {
        if let Some(known) = self.names.get(name) {
            return Some(*known);
        }
        let index = self.tree.files.len();
        if index >= MOST_FILES {
            return None;
        }
        self.names.insert(name.to_owned(), index as u32);
        self.tree.files.push(File { name: name.to_owned(), text: text.clone(), from });
        Some(index as u32)
    }

    fn inclusion_trace(&self, file: u32, from: Option<Place>) -> String {
        let mut out = String::from("Recursive inclusion detected.\nInclusion path:\n  current file : ");
        out.push_str(&self.tree.files[file as usize].name);
        let mut line = from.map_or(0, |p| p.line);
        for (open, opened_at) in self.open_files.iter().rev() {
            out.push_str(&format!("\n  included from: {}:{line}", self.tree.files[*open as usize].name));
            if *open == file {
                break;
            }
            line = *opened_at;
        }
        out
    }

    fn load(&self, name: &str) -> Result<Arc<str>, String> {
        let path = Path::new(name);
        let here = self.reading.folder.join(path);
        let mut tried = read_file(&here);
        if let (Err(_), Some(tree), false) = (&tried, &self.reading.source_tree, path.is_absolute()) {
            tried = read_file(&tree.join(path));
        }
        tried
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
        if refused && self.inside_choice() {
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
        if kind == NodeKind::Config && self.inside_choice() {
            self.refuse_defaults(entry.node, symbol);
        }
        let is_member = kind == NodeKind::Config && self.inside_choice();
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
        match self.tails[parent.index()].some() {
            Some(tail) => self.tree.nodes[tail.index()].next = id,
            None => self.tree.nodes[parent.index()].list = id,
        }
        self.tails[parent.index()] = id;
        id
    }

    fn inside_choice(&self) -> bool {
        self.blocks.iter().any(|b| b.kind == BlockKind::Choice)
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
        if let Some(choice) = self.blocks.iter().rev().find(|b| b.kind == BlockKind::Choice) {
            // One with two entries is one member.
            if before.is_none_or(|b| b < choice.node) {
                self.tree.choice_members.entry(choice.node).or_default().push(symbol);
            }
        }
        Ok(())
    }

    fn choice(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let symbol = match cur.token(&mut self.outside)? {
            Token::End => self.tree.nameless(),
            Token::Word(name) if !self.reading.dialect.simple_choices => {
                self.end_of_statement(cur)?;
                self.tree.intern(&name, false)
            }
            _ => return Err("invalid statement".into()),
        };
        let node = self.add_node(NodeKind::Choice, symbol, place);
        let s = &mut self.tree.symbols[symbol.index()];
        s.choice = true;
        if self.reading.dialect.simple_choices {
            s.kind = SymbolKind::Bool;
        }
        self.tree.choice_members.entry(node).or_default();
        self.open(BlockKind::Choice, node, place);
        self.entry = Some(Entry { node, menuconfig: false });
        Ok(())
    }

    fn open(&mut self, kind: BlockKind, node: NodeId, place: Place) {
        self.blocks.push(Block { kind, node, place });
        self.parent = node;
    }

    fn menu(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let text = self.quoted(cur)?;
        self.end_of_statement(cur)?;
        let node = self.add_node(NodeKind::Menu, SymId::NONE, place);
        self.prompt(node, &text, ExprId::NONE, place, true);
        self.open(BlockKind::Menu, node, place);
        self.entry = Some(Entry { node, menuconfig: false });
        Ok(())
    }

    fn if_block(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let condition = self.expression(cur)?;
        self.end_of_statement(cur)?;
        let node = self.add_node(NodeKind::If, SymId::NONE, place);
        self.tree.nodes[node.index()].dep = condition;
        self.open(BlockKind::If, node, place);
        self.entry = None;
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

    fn source_statement(&mut self, cur: &mut Cursor<'_>, place: Place, how: Sourcing) -> Read<()> {
        let dialect = &self.reading.dialect;
        let name = if dialect.busybox {
            unquoted_path(cur)
        } else {
            let name = self.quoted(cur)?;
            self.end_of_statement(cur)?;
            name
        };
        self.entry = None;
        let mut name = if dialect.symbols_in_text { self.with_symbols(&name) } else { name };
        if how.relative {
            let here = Path::new(self.tree.file_name(place)).parent().unwrap_or(Path::new(""));
            name = here.join(name).to_string_lossy().into_owned();
        }
        if !dialect.globs && !dialect.more_sources {
            self.source(&name, Some(place));
            return Ok(());
        }
        let names = crate::glob::matches(&name, &self.reading.folder, self.reading.source_tree.as_deref(), MOST_FILES);
        if names.is_empty() && !dialect.globs && !how.optional {
            return Err(format!("no file is called \"{name}\""));
        }
        // What a pattern matches is listed before what those files read, and the last first.
        for name in names.iter().rev() {
            let _ = self.load(name).map(|text| self.file_index(name, &text, Some(place))); // `source` says what fails
        }
        for name in names {
            self.source(&name, Some(place));
        }
        Ok(())
    }

    /// `$X` replaced by what the symbol X stands for: the variable of its `option env=`, or its first default.
    fn with_symbols(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut pieces = text.split('$');
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_').unwrap_or(piece.len());
            out.push_str(self.tree.find(&piece[..end]).and_then(|s| self.first_text(s)).unwrap_or_default());
            out.push_str(&piece[end..]);
        }
        out
    }

    fn first_text(&self, s: SymId) -> Option<&str> {
        let (_, default) = self.tree.props_of(s).find(|(_, p)| p.kind == PropKind::Default)?;
        match self.tree.exprs.get(default.value) {
            Expr::Symbol(value) => Some(self.tree.name(value)),
            _ => None,
        }
    }

    fn end(&mut self, cur: &mut Cursor<'_>, place: Place, kind: BlockKind) -> Read<()> {
        self.end_of_statement(cur)?;
        self.entry = None;
        let unfinished = cur.at_end() && self.reading.as_conf;
        if unfinished && self.open_files.len() == 1 && !self.reading.dialect.end_has_no_file {
            return Ok(());
        }
        if self.reading.as_conf
            && let Some(b) = self.blocks.last().copied()
        {
            // As the C programs have it, whatever ends here ends the last block.
            self.blocks.pop();
            self.parent = self.tree.node(b.node).parent;
            let (what, inner) = (&kind.end_word()[3..], &b.kind.end_word()[3..]);
            if b.kind != kind {
                self.say(Severity::Error, place, 0, format!("unexpected '{what}' within {inner} block"));
            } else if unfinished || b.place.file != place.file {
                if unfinished {
                    self.warn(place, "no new line at end of file".into());
                    self.faults.cut = true;
                }
                // A line that the file's end cuts is seen when the file has been left.
                let left = unfinished && !self.reading.dialect.end_has_no_file;
                let from = self.open_files.len().checked_sub(2).and_then(|i| self.open_files.get(i)).filter(|_| left);
                let place = Place { file: from.map_or(place.file, |f| f.0), ..place };
                self.say(Severity::Error, place, 0, format!("'{what}' in different file than '{inner}'"));
                self.say(Severity::Error, b.place, 0, format!("location of the '{inner}'"));
            }
            return Ok(());
        }
        match self.blocks.last().copied() {
            Some(b) if b.kind == kind && b.place.file == place.file => {
                self.blocks.pop();
                self.parent = self.tree.node(b.node).parent;
                Ok(())
            }
            Some(b) if b.kind == kind => {
                let there = self.tree.place_text(b.place);
                Err(format!("'{}' in different file than '{}' ({there})", kind.end_word(), &kind.end_word()[3..]))
            }
            _ => Err(format!("unexpected '{}'", kind.end_word())),
        }
    }

    /// A line that says something about the entry above it.
    fn option<'t>(&mut self, cur: &mut Cursor<'t>, word: &str, entry: Entry, place: Place, start: &Cursor<'t>) -> Read<()> {
        let node = entry.node;
        let kind = self.tree.node(node).kind;
        let is_config = kind == NodeKind::Config;
        let has_type = is_config || kind == NodeKind::Choice;
        match word {
            "help" | "---help---"
                if (word == "help" || self.reading.dialect.dashed_help) && kind != NodeKind::Comment && kind != NodeKind::Menu =>
            {
                self.end_of_statement(cur)?;
                let cut = cur.at_end() && self.reading.as_conf;
                cur.skip_line();
                let bytes = cur.help();
                let place = Place { line: cur.line, ..place };
                let old = self.tree.nodes[node.index()].help.replace(bytes);
                if old.is_some() {
                    self.warn(
                        place,
                        format!("'{}' defined with more than one help text -- only the last one will be used", self.name_of(node)),
                    );
                }
                let no_file = self.reading.dialect.end_has_no_file;
                let place = if cut && no_file { Place { file: u32::MAX, ..place } } else { place };
                if cur.text[bytes.0 as usize..bytes.1 as usize].trim().is_empty() && (no_file || !cut) {
                    self.warn(place, format!("'{}' defined with blank help text", self.name_of(node)));
                }
                Ok(())
            }
            "depends" | "requires" => {
                if word == "depends" {
                    let mut ahead = cur.clone();
                    ahead.skip_blanks();
                    if ahead.plain_word() == Some("on") {
                        *cur = ahead;
                    } else if self.reading.dialect.macros {
                        return Err("'depends' without 'on'".into());
                    }
                }
                let e = self.expression(cur)?;
                self.end_of_statement(cur)?;
                let dep = self.tree.nodes[node.index()].dep;
                self.tree.nodes[node.index()].dep = self.tree.exprs.and(dep, e);
                Ok(())
            }
            "visible" if kind == NodeKind::Menu => {
                let e = self.condition(cur)?;
                self.end_of_statement(cur)?;
                let old = self.tree.nodes[node.index()].visibility;
                self.tree.nodes[node.index()].visibility = self.tree.exprs.and(old, e);
                Ok(())
            }
            "bool" | "boolean" if has_type => self.typed(cur, entry, SymbolKind::Bool, place),
            "tristate" if has_type && (is_config || !self.reading.dialect.simple_choices) => {
                self.typed(cur, entry, SymbolKind::Tristate, place)
            }
            "int" if is_config => self.typed(cur, entry, SymbolKind::Int, place),
            "hex" if is_config => self.typed(cur, entry, SymbolKind::Hex, place),
            "string" if is_config => self.typed(cur, entry, SymbolKind::String, place),
            "prompt" if has_type => {
                let text = self.quoted(cur)?;
                let condition = self.condition(cur)?;
                self.end_of_statement(cur)?;
                self.entry_prompt(entry, &text, condition, place);
                Ok(())
            }
            "default" | "def_bool" | "def_tristate" | "def_int" | "def_hex" | "def_string"
                if has_type && (self.reading.dialect.typed_defaults || !matches!(word, "def_int" | "def_hex" | "def_string")) =>
            {
                let kind = match word {
                    "def_bool" => SymbolKind::Bool,
                    "def_tristate" => SymbolKind::Tristate,
                    "def_int" => SymbolKind::Int,
                    "def_hex" => SymbolKind::Hex,
                    "def_string" => SymbolKind::String,
                    _ => SymbolKind::Unknown,
                };
                let value = self.expression(cur)?;
                if !is_config && !matches!(self.tree.exprs.get(value), Expr::Symbol(_)) {
                    return Err("the default of a choice is one of its symbols".into());
                }
                let condition = self.condition(cur)?;
                self.end_of_statement(cur)?;
                if kind != SymbolKind::Unknown {
                    self.set_kind(node, kind);
                }
                self.tree.add_prop(node, PropKind::Default, value, condition, place);
                Ok(())
            }
            "select" | "enable" | "imply" if is_config => {
                let target = self.named_symbol(cur)?;
                let condition = self.condition(cur)?;
                self.end_of_statement(cur)?;
                let prop = if word == "imply" { PropKind::Imply(target) } else { PropKind::Select(target) };
                self.tree.add_prop(node, prop, ExprId::NONE, condition, place);
                Ok(())
            }
            "range" if is_config => {
                let (low, high) = (self.symbol(cur)?, self.symbol(cur)?);
                let condition = self.condition(cur)?;
                self.end_of_statement(cur)?;
                self.tree.add_prop(node, PropKind::Range(low, high), ExprId::NONE, condition, place);
                Ok(())
            }
            "modules" if is_config => {
                self.end_of_statement(cur)?;
                self.set_modules(node, place);
                Ok(())
            }
            "optional" if kind == NodeKind::Choice && !self.reading.dialect.simple_choices => {
                self.end_of_statement(cur)?;
                let s = self.tree.node(node).symbol;
                self.tree.symbols[s.index()].optional = true;
                Ok(())
            }
            "transitional" if is_config && self.reading.dialect.transitional => {
                self.end_of_statement(cur)?;
                let s = self.tree.node(node).symbol;
                self.tree.symbols[s.index()].transitional = true;
                Ok(())
            }
            "option" if is_config && self.reading.dialect.options => self.old_option(cur, node, place),
            _ => {
                *cur = start.clone();
                cur.plain_word();
                Err(format!("unknown statement \"{word}\""))
            }
        }
    }

    /// `option env="X"`, `option modules`, `option defconfig_list`, `option allnoconfig_y`: before Linux 5.14.
    fn old_option(&mut self, cur: &mut Cursor<'_>, node: NodeId, place: Place) -> Read<()> {
        let symbol = self.tree.node(node).symbol;
        let Token::Word(word) = cur.token(&mut self.outside)? else { return Err("invalid statement".into()) };
        match &*word {
            "modules" => self.set_modules(node, place),
            "allnoconfig_y" => self.tree.symbols[symbol.index()].all_no_yes = true,
            "defconfig_list" => {
                self.tree.defconfig_list = symbol;
                self.tree.symbols[symbol.index()].unwritten |= self.reading.dialect.list_unwritten;
            }
            "env" if !self.reading.dialect.option_env => {
                self.warn(place, "ignoring unknown option env".into());
                cur.skip_rest();
            }
            "env" => {
                if cur.token(&mut self.outside)? != Token::Op(Op::Equal) {
                    return Err("option env needs the variable's name".into());
                }
                let name = self.quoted(cur)?;
                let Some(value) = self.outside.environment_variable(&name) else {
                    self.warn(place, format!("environment variable {name} undefined"));
                    return self.end_of_statement(cur);
                };
                let constant = self.tree.intern(&value, true);
                let e = self.tree.exprs.symbol(constant);
                let text = self.tree.add_text(&name);
                self.tree.symbols[symbol.index()].env = text;
                self.tree.symbols[symbol.index()].unwritten = true;
                self.tree.add_prop(node, PropKind::Default, e, ExprId::NONE, place);
            }
            _ => return Err(format!("unknown option \"{word}\"")),
        }
        self.end_of_statement(cur)
    }

    fn set_modules(&mut self, node: NodeId, place: Place) {
        let s = self.tree.node(node).symbol;
        if self.tree.modules != SymId::NO && self.tree.modules != s {
            let (old, new) = (self.tree.name(self.tree.modules).to_owned(), self.tree.name(s).to_owned());
            self.warn(place, format!("symbol '{new}' redefines option 'modules' already defined by symbol '{old}'"));
            return;
        }
        self.tree.modules = s;
    }

    fn name_of(&self, node: NodeId) -> String {
        let s = self.tree.node(node).symbol;
        match s.some().filter(|s| !self.tree.symbol(*s).name.is_none()) {
            Some(s) => self.tree.name(s).to_owned(),
            None => "<choice>".into(),
        }
    }

    fn typed(&mut self, cur: &mut Cursor<'_>, entry: Entry, kind: SymbolKind, place: Place) -> Read<()> {
        let text = match cur.token(&mut self.outside)? {
            Token::End => None,
            Token::Quoted(text) => Some(text.into_owned()),
            Token::Word(text) if self.reading.dialect.path_words && text != "if" => Some(text.into_owned()),
            _ => return Err("invalid option".into()),
        };
        let condition = match text {
            Some(_) => self.condition(cur)?,
            None => ExprId::NONE,
        };
        self.end_of_statement(cur)?;
        self.set_kind(entry.node, kind);
        if let Some(text) = text {
            self.entry_prompt(entry, &text, condition, place);
        }
        Ok(())
    }

    fn set_kind(&mut self, node: NodeId, kind: SymbolKind) {
        let (s, place) = (self.tree.node(node).symbol, self.tree.node(node).place);
        let old = self.tree.symbol(s).kind;
        if old == SymbolKind::Unknown {
            self.tree.symbols[s.index()].kind = kind;
        } else if old != kind {
            let name = self.name_of(node);
            self.warn(place, format!("ignoring type redefinition of '{name}' from '{}' to '{}'", old.word(), kind.word()));
        }
    }

    fn entry_prompt(&mut self, entry: Entry, text: &str, condition: ExprId, place: Place) {
        self.prompt(entry.node, text, condition, place, entry.menuconfig);
    }

    fn without_blanks<'t>(&mut self, text: &'t str, place: Place) -> &'t str {
        if text.starts_with([' ', '\t']) {
            self.warn(place, "leading whitespace ignored".into());
        }
        text.trim_start_matches([' ', '\t'])
    }

    fn prompt(&mut self, node: NodeId, text: &str, condition: ExprId, place: Place, menu: bool) {
        let text = self.without_blanks(text, place);
        if !self.tree.node(node).prompt.is_none() {
            self.warn(place, "prompt redefined".into());
        }
        let id = self.tree.add_text(text);
        let kind = if menu { PropKind::Menu(id) } else { PropKind::Prompt(id) };
        // The `visible if` of all menus above holds for prompts, and for nothing else.
        let mut condition = condition;
        if self.tree.node(node).kind != NodeKind::Menu {
            let mut at = self.tree.node(node).parent;
            while !at.is_none() {
                let visibility = self.tree.node(at).visibility;
                condition = self.tree.exprs.and(condition, visibility);
                at = self.tree.node(at).parent;
            }
        }
        let prop = self.tree.add_prop(node, kind, ExprId::NONE, condition, place);
        self.tree.nodes[node.index()].prompt = prop;
    }

    fn end_of_statement(&mut self, cur: &mut Cursor<'_>) -> Read<()> {
        match cur.token(&mut self.outside)? {
            Token::End => Ok(()),
            other => Err(format!("unexpected {} at the end of the statement", shown(&other))),
        }
    }

    fn quoted(&mut self, cur: &mut Cursor<'_>) -> Read<String> {
        match cur.token(&mut self.outside)? {
            Token::Quoted(text) => Ok(text.into_owned()),
            Token::Word(text) if self.reading.dialect.path_words => Ok(text.into_owned()),
            other => Err(format!("a text in quotes was expected, not {}", shown(&other))),
        }
    }

    fn named_symbol(&mut self, cur: &mut Cursor<'_>) -> Read<SymId> {
        match cur.token(&mut self.outside)? {
            Token::Word(name) => Ok(self.tree.intern(&name, false)),
            other => Err(format!("a symbol's name was expected, not {}", shown(&other))),
        }
    }

    fn symbol(&mut self, cur: &mut Cursor<'_>) -> Read<SymId> {
        match cur.token(&mut self.outside)? {
            Token::Word(name) => Ok(self.tree.intern(&name, false)),
            Token::Quoted(text) => Ok(self.tree.intern(&text, true)),
            other => Err(format!("a symbol or a value was expected, not {}", shown(&other))),
        }
    }

    /// `if …`, where there is one.
    fn condition(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
        let mut ahead = cur.clone();
        match ahead.token(&mut self.outside)? {
            Token::Word(word) if word == "if" => {
                *cur = ahead;
                self.expression(cur)
            }
            Token::End => {
                *cur = ahead;
                Ok(ExprId::NONE)
            }
            other => Err(format!("`if` or the end of the line was expected, not {}", shown(&other))),
        }
    }

    fn expression(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
        let mut left = self.conjunction(cur)?;
        while self.operator(cur, Op::Or)? {
            let right = self.conjunction(cur)?;
            left = self.tree.exprs.add(Expr::Or(left, right));
        }
        Ok(left)
    }

    fn conjunction(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
        let mut left = self.operand(cur)?;
        while self.operator(cur, Op::And)? {
            let right = self.operand(cur)?;
            left = self.tree.exprs.add(Expr::And(left, right));
        }
        Ok(left)
    }

    /// Takes the operator if it comes next.
    fn operator(&mut self, cur: &mut Cursor<'_>, op: Op) -> Read<bool> {
        cur.skip_blanks();
        let sign = if op == Op::And { "&&" } else { "||" };
        let here = cur.text[cur.at..].starts_with(sign);
        if here {
            cur.at += 2;
        }
        Ok(here)
    }

    fn operand(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
        stack(|| {
            let token = cur.token(&mut self.outside)?;
            let left = match token {
                Token::Op(Op::Not) => {
                    let e = self.operand(cur)?;
                    return Ok(self.tree.exprs.not(e));
                }
                Token::Op(Op::Open) => {
                    let e = self.expression(cur)?;
                    return match cur.token(&mut self.outside)? {
                        Token::Op(Op::Close) => Ok(e),
                        other => Err(format!("`)` was expected, not {}", shown(&other))),
                    };
                }
                Token::Word(name) => self.tree.intern(&name, false),
                Token::Quoted(text) => self.tree.intern(&text, true),
                other => return Err(format!("an expression was expected, not {}", shown(&other))),
            };
            cur.skip_blanks();
            let op = match &cur.text.as_bytes()[cur.at..] {
                [b'!', b'=', ..] => (Comparison::Unequal, 2),
                [b'<', b'=', ..] => (Comparison::LessEqual, 2),
                [b'>', b'=', ..] => (Comparison::GreaterEqual, 2),
                [b'=', ..] => (Comparison::Equal, 1),
                [b'<', ..] => (Comparison::Less, 1),
                [b'>', ..] => (Comparison::Greater, 1),
                _ => return Ok(self.tree.exprs.symbol(left)),
            };
            cur.at += op.1;
            let right = self.symbol(cur)?;
            Ok(self.tree.exprs.add(Expr::Compare(op.0, left, right)))
        })
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

const END_OF_LINE: &str = "the end of the line";

fn unquoted_path(cur: &mut Cursor<'_>) -> String {
    let line = cur.raw_value();
    let name = line.split('#').next().unwrap_or("").trim();
    name.trim_matches(['"', '\'']).to_owned()
}

fn shown(token: &Token<'_>) -> String {
    match token {
        Token::Word(w) => format!("`{w}`"),
        Token::Quoted(q) => format!("\"{q}\""),
        Token::Op(op) => format!("the operator {op:?}").to_lowercase(),
        Token::End => END_OF_LINE.into(),
    }
}

fn read_file(path: &Path) -> Result<Arc<str>, String> {
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let length = file.metadata().map_err(|e| e.to_string())?.len();
    let mut bytes = Vec::with_capacity(length.min(LONGEST_FILE) as usize + 1);
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(format!("it has more than {LONGEST_FILE} bytes"));
    }
    Ok(crate::bytes::text(bytes).into())
}

/// The prompt of a node as text.
pub(crate) fn prompt_text(tree: &Tree, node: NodeId) -> Option<&str> {
    let prompt: PropId = tree.node(node).prompt;
    Some(tree.text(tree.prop(prompt.some()?).text()?))
}
