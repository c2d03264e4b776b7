//! Questions, line by line: what is asked, how an answer is read, and what is shown in between.

use super::args::Mode;
use super::{Ended, Run};
use crate::expr::stack;
use crate::parse::prompt_text;
use crate::rand::Rand;
use crate::tree::{NodeId, NodeKind, PropKind, SymId, SymbolKind, Tristate};
use std::io::BufRead;

/// A line longer than this is no answer.
const LONGEST: usize = 1 << 20;

/// What a session remembers.
#[derive(Debug)]
pub(super) struct Session {
    /// New symbols are only listed, in this way.
    listing: Option<Mode>,
    /// Every menu is gone into, not only those with something new.
    pub whole: bool,
    /// What has an answer is shown, and not asked.
    pub settled: bool,
    /// Where nobody can be asked, it ends.
    pub needs_terminal: bool,
    /// Nobody is asked at all.
    pub auto: Option<Auto>,
    /// Questions asked since the last look through the tree.
    asked: usize,
    /// The input is at its end.
    ended: bool,
    indent: usize,
    /// The menu that is shown as a whole.
    top: NodeId,
}

/// How questions answer themselves.
#[derive(Debug)]
pub(super) enum Auto {
    Default,
    All(Tristate),
    Random(Rand),
}

impl Session {
    pub(super) fn new() -> Self {
        Self {
            listing: None,
            whole: true,
            settled: false,
            needs_terminal: false,
            auto: None,
            asked: 0,
            ended: false,
            indent: 1,
            top: NodeId::ROOT,
        }
    }
}

impl Run<'_, '_> {
    pub(super) fn ask(&mut self, mode: &Mode) -> Ended<()> {
        self.solver.marks_shown = self.solver.tree.dialect.shown_is_answered;
        let mut s = Session::new();
        if *mode == Mode::OldAskConfig {
            self.whole_menu(&mut s)?;
        }
        (s.whole, s.settled) = (false, true);
        s.listing = Some(mode.clone()).filter(|m| matches!(m, Mode::ListNewConfig | Mode::HelpNewConfig));
        self.ask_new(&mut s)
    }

    pub(super) fn whole_menu(&mut self, s: &mut Session) -> Ended<()> {
        s.top = NodeId::ROOT;
        self.menu(NodeId::ROOT, s)
    }

    pub(super) fn ask_new(&mut self, s: &mut Session) -> Ended<()> {
        // An answer can make new questions.
        loop {
            s.asked = 0;
            self.look(NodeId::ROOT, s)?;
            if s.asked == 0 {
                return Ok(());
            }
        }
    }

    /// Goes through what is visible, and stops at what has no answer.
    fn look(&mut self, node: NodeId, s: &mut Session) -> Ended<()> {
        if !self.solver.node_visible(node) {
            return Ok(());
        }
        self.flush();
        if self.is_new(node) {
            match s.listing {
                Some(Mode::ListNewConfig) => {
                    let symbol = self.solver.tree.node(node).symbol;
                    if !self.solver.tree.symbol(symbol).name.is_none() {
                        let mut out = String::new();
                        self.solver.list_line(symbol, &mut out);
                        self.conf.say(format_args!("{out}"));
                    }
                }
                Some(_) => {
                    let help = self.solver.help(node);
                    self.conf.say(format_args!("-----\n\n{help}\n-----\n"));
                }
                None => {
                    if s.asked == 0 {
                        self.conf.say(format_args!("*\n* Restart config...\n*\n"));
                    }
                    s.asked += 1;
                    s.top = self.menu_around(node);
                    self.menu(s.top, s)?;
                }
            }
        }
        let children: Vec<NodeId> = self.solver.tree.children(node).collect();
        for child in children {
            stack(|| self.look(child, s))?;
        }
        Ok(())
    }

    fn is_new(&mut self, node: NodeId) -> bool {
        let Some(s) = self.solver.tree.node(node).symbol.some() else { return false };
        let symbol = self.solver.tree.symbol(s);
        let whole = symbol.choice && !self.solver.tree.dialect.simple_choices && self.solver.value(s).tri == Tristate::Yes;
        self.solver.state(s).user.is_none() && (whole || self.solver.is_changeable(s))
    }

    fn menu_around(&self, node: NodeId) -> NodeId {
        let mut at = node;
        while let Some(n) = at.some() {
            if self.solver.is_menu(n) {
                return n;
            }
            at = self.solver.tree.node(n).parent;
        }
        NodeId::ROOT
    }

    /// Asks everything that is visible in a menu.
    fn menu(&mut self, node: NodeId, s: &mut Session) -> Ended<()> {
        if !self.solver.node_visible(node) {
            return Ok(());
        }
        self.flush();
        let n = self.solver.tree.node(node);
        let (symbol, kind) = (n.symbol, n.kind);
        let title = n.prompt.some().map(|p| self.solver.tree.prop(p).kind);
        match title {
            // Only menus with something new are gone into, but for a whole new configuration.
            Some(PropKind::Menu(_)) if !s.whole && s.top != node => return stack(|| self.look(node, s)),
            Some(PropKind::Menu(text) | PropKind::Comment(text)) => {
                let (text, i) = (self.solver.tree.text(text).to_owned(), s.indent);
                self.conf.say(format_args!("{0:>i$}\n{0:>i$} {text}\n{0:>i$}\n", '*'));
            }
            _ => {}
        }
        if !symbol.is_none() {
            if kind == NodeKind::Choice {
                self.choice(node, s)?;
            } else if self.solver.tree.symbol(symbol).kind.is_logical() {
                self.logical(node, symbol, s)?;
            } else {
                self.text(node, symbol, s)?;
            }
        }
        // The members of a choice that is m are asked one by one.
        if kind == NodeKind::Choice && (self.solver.tree.dialect.simple_choices || self.solver.value(symbol).tri != Tristate::Mod) {
            return Ok(());
        }
        let deeper = if symbol.is_none() { 0 } else { 2 };
        s.indent += deeper;
        let children: Vec<NodeId> = self.solver.tree.children(node).collect();
        for child in children {
            stack(|| self.menu(child, s))?;
        }
        s.indent -= deeper;
        Ok(())
    }

    /// A line of input without its end; None where there is nothing to ask. The caller has shown the question.
    fn answer(&mut self, symbol: SymId, shown: &str, s: &mut Session) -> Ended<Option<String>> {
        let state = self.solver.state(symbol);
        if state.user.is_none() {
            self.conf.say(format_args!("(NEW) "));
        }
        if !self.solver.is_changeable(symbol) || s.settled && self.solver.state(symbol).user.is_some() {
            self.conf.say(format_args!("{shown}\n"));
            if self.solver.tree.dialect.busybox {
                let value = self.solver.value(symbol);
                self.solver.states[symbol.index()].user.get_or_insert(value);
            }
            return Ok(None);
        }
        let Some(auto) = &mut s.auto else { return self.typed("\n", s).map(Some) };
        let picked = match auto {
            Auto::Default => None,
            Auto::All(tri) => {
                let order: &[Tristate] = match tri {
                    Tristate::No => &[Tristate::No],
                    Tristate::Mod if self.solver.kind(symbol) == SymbolKind::Tristate => &[Tristate::Mod, Tristate::No],
                    _ => &[Tristate::Yes, Tristate::Mod, Tristate::No],
                };
                order.iter().copied().find(|t| self.solver.allows(symbol, *t))
            }
            Auto::Random(rand) => {
                let all = [Tristate::No, Tristate::Mod, Tristate::Yes];
                let allowed: Vec<Tristate> = all.into_iter().filter(|t| self.solver.allows(symbol, *t)).collect();
                allowed.get(rand.next() as usize % allowed.len().max(1)).copied()
            }
        };
        let Some(tri) = picked.filter(|_| self.solver.kind(symbol).is_logical()) else {
            self.conf.say(format_args!("{shown}\n"));
            return Ok(Some(String::new()));
        };
        self.conf.say(format_args!("{}\n", tri.letter()));
        Ok(Some(tri.letter().to_string()))
    }

    fn typed(&mut self, end: &str, s: &mut Session) -> Ended<String> {
        if s.needs_terminal && !self.terminal {
            self.conf
                .say(format_args!("aborted!\n\nConsole input/output is redirected. Run 'make oldconfig' to update configuration.\n\n"));
            return Err(1);
        }
        self.line(end, s)
    }

    /// At the end of the input: an empty line, as often as it is asked, and `end` is shown for it.
    fn line(&mut self, end: &str, s: &mut Session) -> Ended<String> {
        self.flush();
        let _ = self.conf.io.out.flush();
        let mut bytes = Vec::new();
        let input = std::io::Read::take(&mut *self.conf.io.input, LONGEST as u64);
        let read = std::io::BufReader::with_capacity(1, input).read_until(b'\n', &mut bytes);
        let old = self.solver.tree.dialect.busybox;
        if !matches!(read, Ok(n) if n > 0) {
            s.ended = true;
            if old {
                return Err(1);
            }
            self.conf.complain(format_args!("\nError in reading or end of file.\n"));
        }
        let text = crate::bytes::text(bytes);
        if !self.terminal && !old {
            self.conf.say(format_args!("{}", if text.is_empty() { end } else { &text }));
        }
        Ok(text.trim_end_matches('\n').to_owned())
    }

    fn text(&mut self, node: NodeId, symbol: SymId, s: &mut Session) -> Ended<()> {
        let mut ends = 0;
        loop {
            let value = self.solver.value_text(symbol).to_owned();
            let (prompt, name) = (prompt_text(&self.solver.tree, node).unwrap_or(""), self.solver.tree.name(symbol));
            let question = format!("{:1$}{prompt} ({name}) [{value}] ", "", s.indent - 1);
            self.conf.say(format_args!("{question}"));
            let Some(line) = self.answer(symbol, &value, s)? else { return Ok(()) };
            let new = match line.as_str() {
                "" => value,
                "?" => {
                    self.show_help(node);
                    continue;
                }
                _ => line.clone(),
            };
            if self.solver.set_text(symbol, &new) {
                return Ok(());
            }
            // Nobody is there to say anything else.
            ends += usize::from(s.ended);
            if ends > 1 {
                return Err(1);
            }
        }
    }

    fn logical(&mut self, node: NodeId, symbol: SymId, s: &mut Session) -> Ended<()> {
        loop {
            let old = self.solver.value(symbol).tri;
            let (prompt, name) = (prompt_text(&self.solver.tree, node).unwrap_or(""), self.solver.tree.name(symbol));
            let mut question = format!("{:1$}{prompt} ", "", s.indent - 1);
            if !name.is_empty() {
                question.push_str(&format!("({name}) "));
            }
            question.push('[');
            question.push(old.letter().to_ascii_uppercase());
            for tri in [Tristate::No, Tristate::Mod, Tristate::Yes] {
                if tri != old && self.solver.allows(symbol, tri) {
                    question.push('/');
                    question.push(tri.letter());
                }
            }
            let help = if self.offers_help(symbol) { "/?" } else { "" };
            self.conf.say(format_args!("{question}{help}] "));
            let shown = self.solver.value_text(symbol).to_owned();
            let Some(line) = self.answer(symbol, &shown, s)? else { return Ok(()) };
            let new = match line.trim() {
                "" => old,
                "n" | "N" | "no" | "No" => Tristate::No,
                "m" | "M" => Tristate::Mod,
                "y" | "Y" | "yes" | "Yes" => Tristate::Yes,
                text if text.starts_with('?') => {
                    self.show_help(node);
                    continue;
                }
                _ => continue,
            };
            if self.solver.set_tristate(symbol, new) {
                return Ok(());
            }
            self.show_help(node);
        }
    }

    /// Asks about the choice's own value, where it has one. False where none of its members is to be picked.
    fn choice_value(&mut self, node: NodeId, s: &mut Session) -> Ended<bool> {
        if self.solver.tree.dialect.simple_choices {
            return Ok(true);
        }
        let symbol = self.solver.tree.node(node).symbol;
        self.solver.value(symbol);
        let changeable = self.solver.is_changeable(symbol);
        if changeable {
            self.logical(node, symbol, s)?;
        }
        let tri = self.solver.value(symbol).tri;
        if tri == Tristate::Mod && !changeable {
            let prompt = prompt_text(&self.solver.tree, node).unwrap_or("");
            self.conf.say(format_args!("{:1$}{prompt}\n", "", s.indent - 1));
        }
        Ok(tri == Tristate::Yes)
    }

    fn choice(&mut self, node: NodeId, s: &mut Session) -> Ended<()> {
        let owner = self.solver.tree.node(node).symbol;
        let simple = self.solver.tree.dialect.simple_choices;
        let open = !simple && self.solver.state(owner).user.is_none();
        if !self.choice_value(node, s)? {
            return Ok(());
        }
        loop {
            let (prompt, i) = (prompt_text(&self.solver.tree, node).unwrap_or("").to_owned(), s.indent);
            self.conf.say(format_args!("{:1$}{prompt}\n", "", i - 1));
            let chosen = if simple {
                self.solver.choose(node)
            } else {
                self.solver.value(owner);
                self.solver.state(owner).chosen.some()
            };
            let children: Vec<NodeId> = self.solver.tree.children(node).collect();
            let (mut members, mut current, mut new) = (Vec::new(), 0, open);
            for child in children {
                if !self.solver.node_visible(child) {
                    continue;
                }
                let text = prompt_text(&self.solver.tree, child).unwrap_or("").to_owned();
                let Some(m) = self.solver.tree.node(child).symbol.some() else {
                    self.conf.say(format_args!("{:>i$} {text}\n", '*'));
                    continue;
                };
                members.push((child, m));
                let mark = if Some(m) == chosen { '>' } else { ' ' };
                if mark == '>' {
                    current = members.len();
                }
                let is_new = self.solver.state(m).user.is_none();
                new |= simple && is_new;
                let (name, note) = (self.solver.tree.name(m), if is_new { " (NEW)" } else { "" });
                let line = format!("{mark:>i$} {}. {text} ({name}){note}\n", members.len());
                self.conf.say(format_args!("{line}"));
            }
            self.conf.say(format_args!("{:1$}choice", "", i - 1));
            let mut help = false;
            let number = if members.len() == 1 {
                self.conf.say(format_args!("[1]: 1\n"));
                1
            } else {
                let mark = if self.offers_help(owner) { "?" } else { "" };
                self.conf.say(format_args!("[1-{}{mark}]: ", members.len()));
                if let Some(Auto::Random(rand)) = &mut s.auto {
                    current = rand.next() as usize % members.len().max(1) + 1;
                }
                if s.auto.is_some() || s.settled && !new {
                    self.conf.say(format_args!("{current}\n"));
                    current
                } else {
                    let line = self.typed("", s)?;
                    let line = line.trim();
                    if line.starts_with('?') {
                        self.show_help(node);
                        continue;
                    }
                    help = line.ends_with('?');
                    let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
                    match (line.is_empty(), digits.parse::<usize>()) {
                        (true, _) => current,
                        (_, Ok(n)) => n,
                        _ => continue,
                    }
                }
            };
            let Some((child, m)) = number.checked_sub(1).and_then(|n| members.get(n)).copied() else {
                if members.is_empty() {
                    return Ok(());
                }
                continue;
            };
            if help {
                self.show_help(child);
                continue;
            }
            if simple {
                self.solver.choose_member(node, m);
                return Ok(());
            }
            self.solver.set_tristate(m, Tristate::Yes);
            s.indent += 2;
            let below: Vec<NodeId> = self.solver.tree.children(child).collect();
            for child in below {
                stack(|| self.menu(child, s))?;
            }
            s.indent -= 2;
            return Ok(());
        }
    }

    fn offers_help(&self, s: SymId) -> bool {
        !self.solver.tree.dialect.busybox || self.solver.symbol_help(s).is_some()
    }

    fn show_help(&mut self, node: NodeId) {
        if self.solver.tree.dialect.busybox {
            let help = self.solver.symbol_help(self.solver.tree.node(node).symbol);
            let help = help.as_deref().unwrap_or("Sorry, no help available for this option yet.\n");
            self.conf.say(format_args!("\n{help}\n"));
            return;
        }
        let help = self.solver.help(node);
        self.conf.say(format_args!("\n{help}\n"));
    }
}

impl crate::Solver {
    /// Whether a node opens a menu that is asked as a whole.
    fn is_menu(&self, node: NodeId) -> bool {
        self.tree.node(node).prompt.some().is_some_and(|p| matches!(self.tree.prop(p).kind, PropKind::Menu(_)))
    }
}
