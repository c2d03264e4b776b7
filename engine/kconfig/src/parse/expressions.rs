//! The smaller pieces of a statement: conditions, expressions, symbols, texts, and its end.

use super::{Parser, Read};
use crate::expr::{Comparison, Expr, ExprId, stack};
use crate::lex::{Cursor, Op, Token};
use crate::tree::SymId;

impl Parser<'_, '_> {
    pub(super) fn end_of_statement(&mut self, cur: &mut Cursor<'_>) -> Read<()> {
        match cur.token(&mut self.outside)? {
            Token::End => Ok(()),
            other => Err(format!("unexpected {} at the end of the statement", shown(&other))),
        }
    }

    pub(super) fn quoted(&mut self, cur: &mut Cursor<'_>) -> Read<String> {
        match cur.token(&mut self.outside)? {
            Token::Quoted(text) => Ok(text.into_owned()),
            Token::Word(text) if self.reading.dialect.path_words => Ok(text.into_owned()),
            other => Err(format!("a text in quotes was expected, not {}", shown(&other))),
        }
    }

    pub(super) fn named_symbol(&mut self, cur: &mut Cursor<'_>) -> Read<SymId> {
        match cur.token(&mut self.outside)? {
            Token::Word(name) => Ok(self.tree.intern(&name, false)),
            other => Err(format!("a symbol's name was expected, not {}", shown(&other))),
        }
    }

    pub(super) fn symbol(&mut self, cur: &mut Cursor<'_>) -> Read<SymId> {
        match cur.token(&mut self.outside)? {
            Token::Word(name) => Ok(self.tree.intern(&name, false)),
            Token::Quoted(text) => Ok(self.tree.intern(&text, true)),
            other => Err(format!("a symbol or a value was expected, not {}", shown(&other))),
        }
    }

    /// `if …`, where there is one.
    pub(super) fn condition(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
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

    pub(super) fn expression(&mut self, cur: &mut Cursor<'_>) -> Read<ExprId> {
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

/// As messages name it.
pub(super) const END_OF_LINE: &str = "the end of the line";

pub(super) fn shown(token: &Token<'_>) -> String {
    match token {
        Token::Word(w) => format!("`{w}`"),
        Token::Quoted(q) => format!("\"{q}\""),
        Token::Op(op) => format!("the operator {op:?}").to_lowercase(),
        Token::End => END_OF_LINE.into(),
    }
}
