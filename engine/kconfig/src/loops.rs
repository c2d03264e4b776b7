//! Symbols that hang on themselves have no value: each such ring is named once
//! (Documentation/kbuild/kconfig-language.rst, "Kconfig recursive dependency limitations").

use crate::expr::{Expr, ExprId, stack};
use crate::tree::{Diagnostic, NodeId, NodeKind, PropKind, Severity, SymId, Tree};

/// How one symbol hangs on the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Condition,
    Select,
    Imply,
    Default,
    /// A member's choice, or a choice's member.
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
    exprs: Vec<bool>,
    path: Vec<(SymId, By)>,
    /// Each symbol's choice, by its first place with a prompt.
    choices: Vec<NodeId>,
    found: Vec<String>,
}

/// Notes every ring as an error.
pub(crate) fn check(tree: &mut Tree) {
    let mut search = Search {
        tree,
        marks: vec![Mark::New; tree.symbols.len()],
        exprs: vec![false; tree.exprs.len()],
        path: Vec::new(),
        choices: tree.symbol_ids().map(|s| tree.choice_around(s)).collect(),
        found: Vec::new(),
    };
    let nodes: Vec<NodeId> = tree.descendants(NodeId::ROOT).collect();
    for node in nodes {
        if let Some(s) = tree.node(node).symbol.some() {
            search.symbol(s);
            search.path.clear();
        }
    }
    let found = search.found;
    for message in found {
        tree.diagnostics.push(Diagnostic { severity: Severity::Fatal, file: String::new(), line: 0, column: 0, message });
    }
}

impl Search<'_> {
    /// The symbol at which a ring closed, while the way back to it goes on.
    fn symbol(&mut self, s: SymId) -> Option<SymId> {
        match self.marks[s.index()] {
            Mark::Open => {
                self.report(s);
                return Some(s);
            }
            Mark::Done => return None,
            Mark::New => {}
        }
        let choice = if self.tree.symbol(s).choice {
            self.tree.nodes_of(s).find(|n| self.tree.node(*n).kind == NodeKind::Choice)
        } else {
            self.choices[s.index()].some()
        };
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
        let members: Vec<SymId> = self.tree.descendants(choice).filter_map(|n| self.tree.node(n).symbol.some()).collect();
        for s in members.iter().chain([&owner]) {
            self.marks[s.index()] = Mark::Open;
        }
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
        for s in members.iter().chain([&owner]) {
            self.marks[s.index()] = Mark::Done;
        }
        ring
    }

    fn conditions(&mut self, s: SymId) -> Option<SymId> {
        let symbol = self.tree.symbol(s);
        let (dir, rev, implied, is_choice) = (symbol.dir_dep, symbol.rev_dep, symbol.implied, symbol.choice);
        let mut ring = self.expr(s, By::Condition, dir);
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
            ring = self.expr(s, By::Condition, condition);
            if ring.is_none() && p.kind == PropKind::Default && !is_choice {
                ring = self.expr(s, By::Default, value);
            }
        }
        ring
    }

    fn expr(&mut self, s: SymId, by: By, e: ExprId) -> Option<SymId> {
        if e.is_none() || self.exprs[e.index()] {
            return None;
        }
        self.path.push((s, by));
        let ring = self.inside(e);
        self.path.pop();
        ring
    }

    fn inside(&mut self, e: ExprId) -> Option<SymId> {
        if self.exprs[e.index()] {
            return None;
        }
        let ring = stack(|| match self.tree.exprs.get(e) {
            Expr::Symbol(s) => self.symbol(s),
            Expr::Not(a) => self.inside(a),
            Expr::And(a, b) | Expr::Or(a, b) => self.inside(a).or_else(|| self.inside(b)),
            Expr::Compare(_, l, r) => self.symbol(l).or_else(|| self.symbol(r)),
        });
        // What was gone through without a ring need not be gone through again.
        self.exprs[e.index()] |= ring.is_none();
        ring
    }

    fn report(&mut self, last: SymId) {
        let group = self.group(last);
        let Some(begin) = self.path.iter().position(|(s, _)| *s == last || group.is_some() && self.group(*s) == group) else { return };
        let mut ring: Vec<(SymId, By)> = self.path[begin..].to_vec();
        // A ring through a choice may leave it by another member than it came in by.
        if let Some(choice) = group
            && ring[0].0 != last
        {
            let owner = self.tree.node(choice).symbol;
            ring.insert(0, (last, By::Choice));
            if owner != last && ring[1].0 != owner {
                ring.insert(1, (owner, By::Choice));
            }
        }
        let mut out = String::from("error: recursive dependency detected!\n");
        for (i, (s, by)) in ring.iter().enumerate() {
            let next = ring.get(i + 1).map_or(last, |n| n.0);
            let name = self.name(*s);
            let line = match by {
                By::Choice if !self.tree.symbol(*s).choice => {
                    let place = group.map(|c| self.tree.place_text(self.tree.node(c).place)).unwrap_or_default();
                    format!("symbol {name} is part of choice block at {place}")
                }
                By::Choice => format!("{name} contains symbol {}", self.name(next)),
                By::Condition => format!("symbol {name} depends on {}", self.name(next)),
                By::Select => format!("symbol {name} is selected by {}", self.name(next)),
                By::Imply => format!("symbol {name} is implied by {}", self.name(next)),
                By::Default => format!("symbol {name} default value contains {}", self.name(next)),
            };
            out.push('\t');
            out.push_str(&line);
            out.push('\n');
        }
        out.push_str("For a resolution refer to Documentation/kbuild/kconfig-language.rst\nsubsection \"Kconfig recursive dependency limitations\"\n");
        self.found.push(out);
    }

    fn group(&self, s: SymId) -> Option<NodeId> {
        if self.tree.symbol(s).choice {
            return self.tree.nodes_of(s).find(|n| self.tree.node(*n).kind == NodeKind::Choice);
        }
        self.choices[s.index()].some()
    }

    fn name(&self, s: SymId) -> &str {
        if self.tree.symbol(s).name.is_none() { "<choice>" } else { self.tree.name(s) }
    }
}
