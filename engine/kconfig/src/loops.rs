//! Symbols that hang on themselves have no value: each such ring is named once
//! (Documentation/kbuild/kconfig-language.rst, "Kconfig recursive dependency limitations").
//!
//! The order of the search and the words are the C tools', found by running them: which of several rings is named, and where
//! it begins, shows in what they print.

use crate::expr::{Expr, ExprId, stack};
use crate::tree::{Diagnostic, NodeId, Place, PropId, PropKind, Severity, SymId, Tree};

/// How one symbol hangs on the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Dependency,
    Select,
    Imply,
    /// The condition of a prompt, a default or a range.
    Condition(PropId),
    /// What a default is.
    Value(PropId),
    /// A choice's member, or a member's choice.
    Choice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

struct Search<'t> {
    tree: &'t Tree,
    marks: Vec<Mark>,
    /// Expressions that were gone through without a ring.
    sound: Vec<bool>,
    path: Vec<(SymId, By)>,
    /// The choice of each member, and of each choice's own symbol.
    choices: Vec<NodeId>,
    found: Vec<String>,
}

/// Notes every ring as an error.
pub(crate) fn check(tree: &mut Tree) {
    let mut search = Search {
        tree,
        marks: vec![Mark::New; tree.symbols.len()],
        sound: vec![false; tree.exprs.len()],
        path: Vec::new(),
        choices: choices(tree),
        found: Vec::new(),
    };
    let order: Vec<SymId> = match tree.dialect.simple_choices {
        true => tree.descendants(NodeId::ROOT).filter_map(|n| tree.node(n).symbol.some()).collect(),
        false => tree.table_order(),
    };
    for s in order {
        search.symbol(s);
        search.path.clear();
    }
    let found = search.found;
    for message in found {
        tree.diagnostics.push(Diagnostic { severity: Severity::Fatal, file: String::new(), line: 0, column: 0, message });
    }
}

/// The choice that each symbol belongs to, and that each choice's own symbol stands for.
fn choices(tree: &Tree) -> Vec<NodeId> {
    let mut choices = vec![NodeId::NONE; tree.symbols.len()];
    let mut all: Vec<(&NodeId, &Vec<SymId>)> = tree.choice_members.iter().collect();
    all.sort_unstable();
    for (choice, members) in all.into_iter().rev() {
        choices[tree.node(*choice).symbol.index()] = *choice;
        for m in members {
            choices[m.index()] = match tree.dialect.simple_choices {
                // As the files say, even if the menus put it below another member.
                true => *choice,
                false => tree.choice_around(*m),
            };
        }
    }
    choices
}

impl Search<'_> {
    /// The symbol at which a ring closed, while the way back to it goes on.
    fn symbol(&mut self, s: SymId) -> Option<SymId> {
        let choice = self.choices[s.index()].some();
        if let Some(choice) = choice.filter(|_| !self.tree.symbol(s).choice) {
            // Whoever comes to a member comes to its choice.
            if self.marks[s.index()] == Mark::Done {
                return None;
            }
            let owner = self.tree.node(choice).symbol;
            self.path.push((s, By::Choice));
            let ring = match self.marks[s.index()] {
                Mark::Open => self.report(owner),
                _ => stack(|| self.symbol(owner)),
            };
            self.path.pop();
            return ring;
        }
        match self.marks[s.index()] {
            Mark::Open => return self.report(s),
            Mark::Done => return None,
            Mark::New => {}
        }
        match choice {
            Some(choice) => stack(|| self.choice(choice)),
            None => {
                self.marks[s.index()] = Mark::Open;
                let ring = stack(|| self.conditions(s));
                self.marks[s.index()] = Mark::Done;
                ring
            }
        }
    }

    /// A choice and its members are looked at as one.
    fn choice(&mut self, choice: NodeId) -> Option<SymId> {
        let owner = self.tree.node(choice).symbol;
        let inside = self.tree.descendants(choice).filter_map(|n| self.tree.node(n).symbol.some());
        let members: Vec<SymId> = inside.filter(|s| self.tree.dialect.simple_choices || self.choices[s.index()] == choice).collect();
        for s in members.iter().chain([&owner]) {
            self.marks[s.index()] = Mark::Open;
        }
        self.path.push((owner, By::Choice));
        let mut ring = self.conditions(owner);
        if !self.tree.dialect.simple_choices {
            // Its members hang on a choice that has a value.
            self.marks[owner.index()] = Mark::Done;
        }
        for m in &members {
            if ring.is_some() {
                break;
            }
            ring = self.conditions(*m);
        }
        self.path.pop();
        for s in members.iter().chain([&owner]) {
            self.marks[s.index()] = Mark::Done;
        }
        ring
    }

    fn conditions(&mut self, s: SymId) -> Option<SymId> {
        let symbol = self.tree.symbol(s);
        let (dir, rev, implied, is_choice) = (symbol.dir_dep, symbol.rev_dep, symbol.implied, symbol.choice);
        let mut ring = if self.is_asked_by_prompt(s) { None } else { self.expr(s, By::Dependency, dir) };
        ring = ring.or_else(|| self.expr(s, By::Select, rev));
        ring = ring.or_else(|| self.expr(s, By::Imply, implied));
        let mut at = self.tree.symbol(s).first_prop;
        while let (None, Some(id)) = (ring, at.some()) {
            let p = self.tree.prop(id);
            at = p.next;
            if matches!(p.kind, PropKind::Select(_) | PropKind::Imply(_)) {
                continue;
            }
            let (condition, value) = (p.condition, p.value);
            ring = self.expr(s, By::Condition(id), condition);
            if ring.is_none() && p.kind == PropKind::Default && !is_choice {
                ring = self.expr(s, By::Value(id), value);
            }
        }
        ring
    }

    /// Of a choice of 6.12, and of what stands right in one, the prompt says all.
    fn is_asked_by_prompt(&self, s: SymId) -> bool {
        self.tree.dialect.simple_choices
            && (self.tree.symbol(s).choice || self.tree.nodes_of(s).all(|n| self.tree.node(n).directly_in_choice))
    }

    fn expr(&mut self, s: SymId, by: By, e: ExprId) -> Option<SymId> {
        if e.is_none() || self.sound[e.index()] {
            return None;
        }
        self.path.push((s, by));
        let ring = self.inside(e);
        self.path.pop();
        ring
    }

    fn inside(&mut self, e: ExprId) -> Option<SymId> {
        if self.sound[e.index()] {
            return None;
        }
        let ring = stack(|| match self.tree.exprs.get(e) {
            Expr::Symbol(s) => self.symbol(s),
            Expr::Not(a) => self.inside(a),
            Expr::And(a, b) | Expr::Or(a, b) => self.inside(a).or_else(|| self.inside(b)),
            Expr::Compare(_, l, r) => self.symbol(l).or_else(|| self.symbol(r)),
        });
        self.sound[e.index()] |= ring.is_none();
        ring
    }

    /// Names the ring that closes at `last`, and gives it back.
    fn report(&mut self, last: SymId) -> Option<SymId> {
        let begin = self.path.iter().rposition(|(s, _)| *s == last)?;
        let ring = &self.path[begin..];
        let old = !self.tree.dialect.simple_choices;
        let mut out = String::new();
        for (i, (s, by)) in ring.iter().enumerate() {
            let next = ring.get(i + 1).map_or(last, |n| n.0);
            let place = match by {
                By::Condition(p) | By::Value(p) if self.choices[s.index()].is_none() => Some(self.tree.prop(*p).place),
                _ => self.place(*s),
            };
            let place = place.filter(|_| old).map_or(String::new(), |p| self.tree.place_text(p) + ":");
            if i == 0 {
                out.push_str(&format!("{place}error: recursive dependency detected!\n"));
            }
            out.push_str(&format!("{place}\t{}\n", self.link(*s, *by, next)));
        }
        out.push_str("For a resolution refer to Documentation/kbuild/kconfig-language.rst\nsubsection \"Kconfig recursive dependency limitations\"\n");
        self.found.push(out);
        Some(last)
    }

    fn place(&self, s: SymId) -> Option<Place> {
        Some(self.tree.node(self.tree.symbol(s).first_node.some()?).place)
    }

    /// One line of a report: how `s` hangs on `next`.
    fn link(&self, s: SymId, by: By, next: SymId) -> String {
        let (name, to) = (self.name(s), self.name(next));
        let choice = self.choices[next.index()].some().filter(|_| self.tree.symbol(next).choice);
        if !self.tree.dialect.simple_choices {
            if self.tree.symbol(s).choice {
                return format!("choice {name} contains symbol {to}");
            }
            if !self.choices[s.index()].is_none() {
                return format!("symbol {name} is part of choice {to}");
            }
        } else if let Some(choice) = choice {
            return format!("symbol {name} is part of choice block at {}", self.tree.place_text(self.tree.node(choice).place));
        }
        match by {
            By::Dependency => format!("symbol {name} depends on {to}"),
            By::Select => format!("symbol {name} is selected by {to}"),
            By::Imply => format!("symbol {name} is implied by {to}"),
            By::Value(_) => format!("symbol {name} default value contains {to}"),
            By::Condition(p) => {
                let word = match self.tree.prop(p).kind {
                    PropKind::Default => "default",
                    PropKind::Range(..) => "range",
                    PropKind::Menu(_) => "menu",
                    _ => "prompt",
                };
                format!("symbol {name} {word} is visible depending on {to}")
            }
            By::Choice => format!("symbol {name} unknown is visible depending on {to}"),
        }
    }

    fn name(&self, s: SymId) -> &str {
        if self.tree.symbol(s).name.is_none() { "<choice>" } else { self.tree.name(s) }
    }
}
