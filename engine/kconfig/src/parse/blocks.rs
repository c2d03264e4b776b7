//! What holds other entries: menus, choices and `if`, from their first line to their last.

use super::{Entry, Parser, Read};
use crate::expr::ExprId;
use crate::lex::{Cursor, Token};
use crate::tree::{NodeId, NodeKind, Place, Severity, SymId, SymbolKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    Menu,
    Choice,
    If,
}

impl BlockKind {
    pub(super) fn end_word(self) -> &'static str {
        match self {
            Self::Menu => "endmenu",
            Self::Choice => "endchoice",
            Self::If => "endif",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub kind: BlockKind,
    pub node: NodeId,
    pub place: Place,
    /// The innermost choice that it is or lies in.
    pub choice: Option<NodeId>,
}

impl Parser<'_, '_> {
    fn open(&mut self, kind: BlockKind, node: NodeId, place: Place) {
        let choice = if kind == BlockKind::Choice { Some(node) } else { self.choice_around() };
        self.blocks.push(Block { kind, node, place, choice });
        self.parent = node;
    }

    /// The innermost choice that is open here.
    pub(super) fn choice_around(&self) -> Option<NodeId> {
        self.blocks.last()?.choice
    }

    pub(super) fn choice(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
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

    pub(super) fn menu(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let text = self.quoted(cur)?;
        self.end_of_statement(cur)?;
        let node = self.add_node(NodeKind::Menu, SymId::NONE, place);
        self.prompt(node, &text, ExprId::NONE, place, true);
        self.open(BlockKind::Menu, node, place);
        self.entry = Some(Entry { node, menuconfig: false });
        Ok(())
    }

    pub(super) fn if_block(&mut self, cur: &mut Cursor<'_>, place: Place) -> Read<()> {
        let condition = self.expression(cur)?;
        self.end_of_statement(cur)?;
        let node = self.add_node(NodeKind::If, SymId::NONE, place);
        self.tree.nodes[node.index()].dep = condition;
        self.open(BlockKind::If, node, place);
        self.entry = None;
        Ok(())
    }

    pub(super) fn end(&mut self, cur: &mut Cursor<'_>, place: Place, kind: BlockKind) -> Read<()> {
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
}
