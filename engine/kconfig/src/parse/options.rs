//! The lines below an entry, which say what it is: its type, prompt, defaults, dependencies, help.

use super::{Entry, Parser, Read};
use crate::expr::{Expr, ExprId};
use crate::lex::{Cursor, Op, Token};
use crate::tree::{NodeId, NodeKind, Place, PropKind, SymId, SymbolKind};

impl Parser<'_, '_> {
    /// A line that says something about the entry above it.
    pub(super) fn option<'t>(&mut self, cur: &mut Cursor<'t>, word: &str, entry: Entry, place: Place, start: &Cursor<'t>) -> Read<()> {
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
                let mut e = self.expression(cur)?;
                if self.reading.dialect.conditional_depends
                    && let condition = self.condition(cur)?
                    && !condition.is_none()
                {
                    // Where the condition is n, the dependency asks for nothing.
                    let otherwise = self.tree.exprs.is_no(condition);
                    e = self.tree.exprs.or(e, otherwise);
                }
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

    pub(super) fn without_blanks<'t>(&mut self, text: &'t str, place: Place) -> &'t str {
        if text.starts_with([' ', '\t']) {
            self.warn(place, "leading whitespace ignored".into());
        }
        text.trim_start_matches([' ', '\t'])
    }

    pub(super) fn prompt(&mut self, node: NodeId, text: &str, condition: ExprId, place: Place, menu: bool) {
        let text = self.without_blanks(text, place);
        if !self.tree.node(node).prompt.is_none() {
            self.warn(place, "prompt redefined".into());
        }
        let id = self.tree.add_text(text);
        let kind = if menu { PropKind::Menu(id) } else { PropKind::Prompt(id) };
        // The `visible if` of all menus above holds for prompts, and for nothing else.
        let mut condition = condition;
        if self.tree.node(node).kind != NodeKind::Menu {
            let mut above = self.veiled_by[node.index()];
            while let Some(menu) = above.some() {
                let visibility = self.tree.node(menu).visibility;
                condition = self.tree.exprs.and(condition, visibility);
                above = self.veiled_by[menu.index()];
            }
        }
        let prop = self.tree.add_prop(node, kind, ExprId::NONE, condition, place);
        self.tree.nodes[node.index()].prompt = prop;
    }
}
