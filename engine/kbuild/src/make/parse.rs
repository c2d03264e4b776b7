//! A makefile as statements (GNU make manual 3.8: what is expanded when). Reading never fails: a line that is none of the
//! known kinds is kept as text, since it may come to mean something when it is expanded, or stand in a branch never taken.

use super::expr::Expr;
use super::lines::{Lines, Logical, collapse, outside, uncomment};
use super::names::{NameId, Names};
use std::sync::Arc;

/// A statement and the line on which it begins.
#[derive(Debug, Clone)]
pub struct Line {
    pub number: u32,
    pub statement: Statement,
}

/// What a line, or a block, asks for.
#[derive(Debug, Clone)]
pub enum Statement {
    /// `name = value` in all its forms, `define` too.
    Assign(Assign),
    Undefine {
        name: Expr,
        overriding: bool,
    },
    /// The first branch whose condition holds; the last may have none.
    If(Vec<(Condition, Vec<Line>)>),
    Include {
        files: Expr,
        optional: bool,
    },
    /// `export` or `unexport`, of some names or of all.
    Export {
        names: Option<Expr>,
        yes: bool,
    },
    /// `targets: rest`, with what follows a `;`.
    Rule {
        targets: Expr,
        rest: Expr,
        double: bool,
        recipe: Option<Arc<str>>,
    },
    /// `targets: name = value`.
    TargetAssign {
        targets: Expr,
        assign: Assign,
    },
    /// A line of the recipe of the rule before it, without its tab.
    Recipe(Arc<str>),
    /// A line that shows what it is only when it is expanded.
    Text(Expr),
    /// `vpath` and `load`, which Kbuild does not use.
    Other,
}

/// An assignment.
#[derive(Debug, Clone)]
pub struct Assign {
    pub name: Expr,
    /// The name's number, where it is written outright.
    pub id: Option<NameId>,
    pub operator: Operator,
    pub value: Arc<Expr>,
    /// The value as it is written.
    pub text: Arc<str>,
    pub overriding: bool,
    pub export: bool,
    /// For one target alone, not for what it needs.
    pub private: bool,
    /// It was written with `define`: its value may have more than one line.
    pub define: bool,
}

/// How a value is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Recursive,
    /// `:=` and `::=`
    Simple,
    /// `:::=`: expanded at once, but a variable of the recursive kind.
    Immediate,
    /// `?=`
    Conditional,
    /// `+=`
    Append,
    /// `!=`: the output of a command.
    Shell,
}

/// What `ifeq` and its like ask.
#[derive(Debug, Clone)]
pub enum Condition {
    Equal {
        left: Expr,
        right: Expr,
        negated: bool,
    },
    Defined {
        name: Expr,
        id: Option<NameId>,
        negated: bool,
    },
    /// `else` with nothing behind it.
    Always,
    /// A condition that could not be read.
    Unreadable,
}

/// Blocks nested deeper than this are not read.
const DEEPEST: usize = 200;

pub(super) fn parse(text: &str, names: &mut Names) -> Vec<Line> {
    let mut parser = Parser { lines: Lines::new(text), names, in_rule: false };
    let mut out = Vec::new();
    // Stray `else` and `endif` end a block too early; what follows them is read all the same.
    while parser.block(&mut out, 0).is_some() {}
    out
}

/// How a block of lines ended.
enum End {
    Else(Condition),
    Endif,
}

struct Parser<'t, 'n> {
    lines: Lines<'t>,
    names: &'n mut Names,
    /// Whether a line that begins with a tab belongs to a recipe.
    in_rule: bool,
}

impl Parser<'_, '_> {
    fn expr(&mut self, text: &str) -> Expr {
        Expr::read(text, self.names)
    }

    /// Lines up to the end of a conditional's branch; None at the end of the text.
    fn block(&mut self, out: &mut Vec<Line>, depth: usize) -> Option<End> {
        while let Some(logical) = self.lines.next() {
            if let Some(recipe) = logical.text.strip_prefix('\t').filter(|_| self.in_rule) {
                let text = recipe.replace("\\\n\t", "\\\n");
                out.push(Line { number: logical.number, statement: Statement::Recipe(text.into()) });
                continue;
            }
            let collapsed = collapse(logical.text);
            let line = uncomment(&collapsed);
            let line = line.trim_ascii_start();
            let (word, rest) = first_word(line);
            match word {
                "" => {}
                "ifeq" | "ifneq" | "ifdef" | "ifndef" if depth < DEEPEST => {
                    let statement = self.conditional(word, rest, depth);
                    out.push(Line { number: logical.number, statement });
                }
                "else" => {
                    let (word, rest) = first_word(rest);
                    let condition = if word.is_empty() { Condition::Always } else { self.condition(word, rest) };
                    return Some(End::Else(condition));
                }
                "endif" => return Some(End::Endif),
                _ => {
                    let statement = self.statement(logical, line);
                    out.push(Line { number: logical.number, statement });
                }
            }
        }
        None
    }

    fn conditional(&mut self, word: &str, rest: &str, depth: usize) -> Statement {
        let mut branches = Vec::new();
        let mut condition = self.condition(word, rest);
        loop {
            let mut lines = Vec::new();
            let end = self.block(&mut lines, depth + 1);
            branches.push((condition, lines));
            match end {
                Some(End::Else(next)) => condition = next,
                Some(End::Endif) | None => return Statement::If(branches),
            }
        }
    }

    fn condition(&mut self, word: &str, rest: &str) -> Condition {
        let rest = rest.trim_ascii();
        match word {
            "ifdef" | "ifndef" => {
                let name = self.expr(rest);
                let id = name.literal().map(str::trim_ascii).map(|n| self.names.id(n));
                Condition::Defined { name, id, negated: word == "ifndef" }
            }
            "ifeq" | "ifneq" => match sides(rest) {
                Some((left, right)) => Condition::Equal { left: self.expr(left), right: self.expr(right), negated: word == "ifneq" },
                None => Condition::Unreadable,
            },
            _ => Condition::Unreadable,
        }
    }

    fn statement(&mut self, logical: Logical<'_>, line: &str) -> Statement {
        if let Some(statement) = self.assignment(line) {
            self.in_rule = false;
            return statement;
        }
        let (word, rest) = first_word(line);
        let statement = match word {
            "include" | "-include" | "sinclude" => Statement::Include { files: self.expr(rest), optional: word != "include" },
            "export" | "unexport" => {
                let names = rest.trim_ascii();
                let names = (!names.is_empty()).then(|| self.expr(names));
                Statement::Export { names, yes: word == "export" }
            }
            "vpath" | "load" | "-load" => Statement::Other,
            _ => {
                self.in_rule = true;
                return self.rule(logical, line);
            }
        };
        self.in_rule = false;
        statement
    }

    /// An assignment with the words before it, `define` and `undefine`.
    fn assignment(&mut self, line: &str) -> Option<Statement> {
        let mut rest = line;
        let (mut overriding, mut export, mut private) = (false, false, false);
        loop {
            // `export = x` sets a variable of that name.
            if let Some((name, operator, value)) = split_assignment(rest) {
                let assign = self.assign(name, operator, value, false);
                return Some(Statement::Assign(Assign { overriding, export, private, ..assign }));
            }
            let (word, after) = first_word(rest);
            match word {
                "override" => overriding = true,
                "export" => export = true,
                "private" => private = true,
                "undefine" => {
                    let name = self.expr(after.trim_ascii());
                    return Some(Statement::Undefine { name, overriding });
                }
                "define" => {
                    let (name, operator) = match split_assignment(after) {
                        Some((name, operator, _)) => (name, operator),
                        None => (after.trim_ascii(), Operator::Recursive),
                    };
                    let body = self.body();
                    let assign = self.assign(name, operator, &body, true);
                    return Some(Statement::Assign(Assign { overriding, export, private, ..assign }));
                }
                _ => return None,
            }
            rest = after;
        }
    }

    fn assign(&mut self, name: &str, operator: Operator, value: &str, define: bool) -> Assign {
        let expr = self.expr(name);
        let id = expr.literal().map(str::trim_ascii).filter(|n| !n.is_empty()).map(|n| self.names.id(n));
        Assign {
            name: expr,
            id,
            operator,
            value: Arc::new(self.expr(value)),
            text: value.into(),
            overriding: false,
            export: false,
            private: false,
            define,
        }
    }

    /// The lines up to the `endef` that belongs to this `define`.
    fn body(&mut self) -> String {
        let mut out = String::new();
        let mut depth = 1usize;
        let mut first = true;
        for logical in self.lines.by_ref() {
            let line = collapse(logical.text);
            if !line.starts_with('\t') {
                match first_word(uncomment(&line).trim_ascii_start()).0 {
                    "define" => depth += 1,
                    "endef" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            if !std::mem::take(&mut first) {
                out.push('\n');
            }
            out.push_str(&line);
        }
        out
    }

    fn rule(&mut self, logical: Logical<'_>, line: &str) -> Statement {
        let Some(colon) = outside(line, |byte, _| byte == b':') else {
            return Statement::Text(self.expr(line.trim_ascii_end()));
        };
        let targets = line[..colon].trim_ascii_end();
        // `a b &: c` makes all its targets in one go.
        let targets = targets.strip_suffix('&').unwrap_or(targets);
        let targets = self.expr(targets);
        let (double, after) = match line[colon + 1..].strip_prefix(':') {
            Some(after) => (true, after),
            None => (false, &line[colon + 1..]),
        };
        if let Some(assign) = self.target_assignment(after) {
            return Statement::TargetAssign { targets, assign };
        }
        match outside(after, |byte, _| byte == b';') {
            Some(at) => {
                // The recipe behind a semicolon is a recipe: its number signs are no comments.
                let whole = collapse(logical.text);
                let recipe = outside(&whole, |byte, _| byte == b';').map_or("", |at| &whole[at + 1..]);
                let recipe: Arc<str> = recipe.trim_ascii_start().into();
                Statement::Rule { targets, rest: self.expr(&after[..at]), double, recipe: Some(recipe) }
            }
            None => Statement::Rule { targets, rest: self.expr(after.trim_ascii_end()), double, recipe: None },
        }
    }

    fn target_assignment(&mut self, after: &str) -> Option<Assign> {
        let mut rest = after.trim_ascii_start();
        let (mut overriding, mut export, mut private) = (false, false, false);
        loop {
            if let Some((name, operator, value)) = split_assignment(rest) {
                let assign = self.assign(name, operator, value, false);
                return Some(Assign { overriding, export, private, ..assign });
            }
            let (word, after) = first_word(rest);
            match word {
                "override" => overriding = true,
                "export" => export = true,
                "private" => private = true,
                _ => return None,
            }
            rest = after;
        }
    }
}

/// The first word, and what follows it without the blanks between.
fn first_word(line: &str) -> (&str, &str) {
    let line = line.trim_ascii_start();
    match line.find([' ', '\t']) {
        Some(at) => (&line[..at], line[at..].trim_ascii_start()),
        // `ifeq"a" "b"` and `ifeq(a,b)` are no conditionals to GNU make either.
        None => (line, ""),
    }
}

/// Name, operator and value of an assignment; None when the line is something else.
pub(super) fn split_assignment(line: &str) -> Option<(&str, Operator, &str)> {
    let line = line.trim_ascii_start();
    // The name is one word, blanks inside of references not counted.
    let end = outside(line, |byte, _| matches!(byte, b' ' | b'\t' | b'=' | b':' | b'?' | b'+' | b'!' | b'#')).filter(|&e| e > 0);
    let mut end = end?;
    loop {
        let tail = line[end..].trim_ascii_start();
        for (sign, operator) in [
            (":::=", Operator::Immediate),
            ("::=", Operator::Simple),
            (":=", Operator::Simple),
            ("?=", Operator::Conditional),
            ("+=", Operator::Append),
            ("!=", Operator::Shell),
            ("=", Operator::Recursive),
        ] {
            if let Some(value) = tail.strip_prefix(sign) {
                return Some((&line[..end], operator, value.trim_ascii_start()));
            }
        }
        // `a+b = c`: these three are part of a name unless a `=` follows.
        if !matches!(line.as_bytes().get(end), Some(b'?' | b'+' | b'!')) {
            return None;
        }
        let next = outside(&line[end + 1..], |byte, _| matches!(byte, b' ' | b'\t' | b'=' | b':' | b'?' | b'+' | b'!' | b'#'))?;
        end += 1 + next;
    }
}

/// The two sides of `ifeq (a,b)` or `ifeq "a" "b"`.
fn sides(text: &str) -> Option<(&str, &str)> {
    match text.as_bytes().first()? {
        b'(' => {
            let inside = &text[1..];
            let mut depth = 0usize;
            let mut comma = None;
            for (at, byte) in inside.bytes().enumerate() {
                match byte {
                    b'(' => depth += 1,
                    b')' if depth == 0 => {
                        let comma: usize = comma?;
                        return Some((
                            inside[..comma].trim_end_matches([' ', '\t']),
                            inside[comma + 1..at].trim_start_matches([' ', '\t']),
                        ));
                    }
                    b')' => depth -= 1,
                    b',' if depth == 0 && comma.is_none() => comma = Some(at),
                    _ => {}
                }
            }
            None
        }
        b'"' | b'\'' => {
            let (left, rest) = quoted(text)?;
            let (right, _) = quoted(rest.trim_ascii_start())?;
            Some((left, right))
        }
        _ => None,
    }
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let mark = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inside = &text[1..];
    let end = inside.find(mark)?;
    Some((&inside[..end], &inside[end + 1..]))
}
