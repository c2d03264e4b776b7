//! After reading: conditions of menus reach what is in them, and entries that hang on the one before become its submenu.
//!
//! The result shows in three places outside: which questions are asked under which, the order of a message's terms, and
//! `# end of` lines. So the order of the work is the order in which the C tools do it.

use crate::expr::{Comparison, Expr, ExprId, stack};
use crate::tree::{Diagnostic, KindsOf, NodeId, NodeKind, PropId, PropKind, Severity, SymId, SymbolKind, Tree};
use rustc_hash::FxHashMap;

/// What is said about one tree.
pub(crate) const MOST_DIAGNOSTICS: usize = 1000;

/// Completes a tree that was just read.
pub fn finish(tree: &mut Tree) {
    let room = || FxHashMap::with_capacity_and_hasher(tree.props.len() / 3, Default::default());
    let mut f = Finish { simple: room(), rewritten: room(), tested: FxHashMap::default(), tree };
    f.node(NodeId::ROOT);
    checks(tree);
    check_transitional(tree);
    crate::loops::check(tree);
}

struct Finish<'t> {
    tree: &'t mut Tree,
    /// Conditions repeat: what they become is remembered.
    simple: FxHashMap<ExprId, ExprId>,
    rewritten: FxHashMap<ExprId, ExprId>,
    /// What is to be said of a condition each time it stands somewhere.
    tested: FxHashMap<ExprId, Vec<String>>,
}

impl Finish<'_> {
    fn rewritten(&mut self, e: ExprId) -> ExprId {
        if e.is_none() {
            return e;
        }
        if let Some(known) = self.rewritten.get(&e).copied() {
            self.say_tests(e);
            return known;
        }
        let with_modules = self.tree.exprs.rewrite_m(e, self.tree.modules);
        let done = self.tree.exprs.transform(with_modules, &KindsOf(&self.tree.symbols));
        self.rewritten.insert(e, done);
        if self.tree.exprs.tests_for_m {
            self.note_tests(e);
            self.say_tests(e);
        }
        done
    }

    /// The bools that a condition compares with m, which they never are.
    fn note_tests(&mut self, e: ExprId) {
        let mut found = Vec::new();
        self.tree.exprs.for_each_comparison(e, &mut |op, s, constant| {
            let forced = match op {
                Comparison::Equal => 'n',
                Comparison::Unequal => 'y',
                _ => return,
            };
            if constant == SymId::MOD && self.tree.symbol(s).kind == SymbolKind::Bool {
                found.push(format!("boolean symbol {} tested for 'm'? test forced to '{forced}'", self.tree.name(s)));
            }
        });
        if !found.is_empty() {
            self.tested.insert(e, found);
        }
    }

    fn say_tests(&mut self, e: ExprId) {
        let Some(found) = self.tested.get(&e).filter(|_| self.tree.diagnostics.len() < MOST_DIAGNOSTICS) else { return };
        let say =
            |message: &String| Diagnostic { severity: Severity::Info, file: String::new(), line: 0, column: 0, message: message.clone() };
        self.tree.diagnostics.extend(found.iter().map(say));
    }

    fn simple(&mut self, e: ExprId) -> ExprId {
        if e.is_none() {
            return e;
        }
        if let Some(known) = self.simple.get(&e) {
            return *known;
        }
        let done = self.tree.exprs.simplify(e, &KindsOf(&self.tree.symbols));
        self.simple.insert(e, done);
        done
    }

    /// `above && own`, simplified.
    fn under(&mut self, above: ExprId, own: ExprId) -> ExprId {
        let own = self.rewritten(own);
        let both = self.tree.exprs.both_of(above, own);
        self.simple(both)
    }

    fn node(&mut self, id: NodeId) {
        stack(|| {
            let symbol = self.tree.node(id).symbol;
            if !self.tree.node(id).list.is_none() {
                self.pass_down(id);
                let mut child = self.tree.node(id).list;
                while !child.is_none() {
                    self.node(child);
                    child = self.tree.node(child).next;
                }
            } else if !symbol.is_none() {
                self.gather(id, symbol);
            }
            if !symbol.is_none() {
                let dep = self.tree.node(id).dep;
                let s = self.tree.symbol(symbol).dir_dep;
                let dir_dep = self.tree.exprs.or(s, dep);
                self.tree.symbols[symbol.index()].dir_dep = dir_dep;
            }
            self.flatten(id);
            if self.tree.node(id).kind == NodeKind::Choice && !self.tree.dialect.simple_choices {
                self.complete_choice(id, symbol);
            }
        });
    }

    /// The conditions of a node reach its children and their properties.
    fn pass_down(&mut self, id: NodeId) {
        let n = self.tree.node(id);
        let (symbol, dep) = (n.symbol, n.dep);
        let mut above = dep;
        if n.kind == NodeKind::Choice {
            self.type_choice(id, symbol);
            if !self.tree.dialect.simple_choices {
                // Members hang on the choice's own value, which may be m.
                above = self.tree.exprs.symbol(symbol);
            }
        }
        let mut child = self.tree.node(id).list;
        while !child.is_none() {
            let dep = self.under(above, self.tree.node(child).dep);
            self.tree.nodes[child.index()].dep = dep;
            self.properties(child, dep);
            child = self.tree.node(child).next;
        }
    }

    fn properties(&mut self, node: NodeId, dep: ExprId) {
        let symbol = self.tree.node(node).symbol;
        let mut at = if symbol.is_none() { self.tree.node(node).prompt } else { self.tree.node(node).first_prop };
        while let Some(id) = at.some().filter(|p| self.tree.prop(*p).node == node) {
            at = if symbol.is_none() { PropId::NONE } else { self.tree.prop(id).next };
            let condition = self.under(dep, self.tree.prop(id).condition);
            self.tree.props[id.index()].condition = condition;
            let target = match self.tree.prop(id).kind {
                PropKind::Select(t) | PropKind::Imply(t) => t,
                _ => continue,
            };
            let own = self.tree.exprs.symbol(symbol);
            let term = self.tree.exprs.and(own, condition);
            let select = matches!(self.tree.prop(id).kind, PropKind::Select(_));
            let t = &self.tree.symbols[target.index()];
            let old = if select { t.rev_dep } else { t.implied };
            let new = self.tree.exprs.or(old, term);
            let t = &mut self.tree.symbols[target.index()];
            if select {
                t.rev_dep = new;
            } else {
                t.implied = new;
            }
        }
    }

    /// A choice without a type has its first member's; members without one have the choice's.
    fn type_choice(&mut self, id: NodeId, symbol: SymId) {
        let members = self.tree.choice_members.get(&id).cloned().unwrap_or_default();
        if self.tree.symbol(symbol).kind == SymbolKind::Unknown {
            // Not those inside an `if`.
            let direct = self.tree.children(id).filter_map(|n| self.tree.node(n).symbol.some());
            let first = direct.map(|m| self.tree.symbol(m).kind).find(|k| *k != SymbolKind::Unknown);
            self.tree.symbols[symbol.index()].kind = first.unwrap_or(SymbolKind::Unknown);
        }
        let kind = self.tree.symbol(symbol).kind;
        for m in members {
            if self.tree.symbol(m).kind == SymbolKind::Unknown {
                self.tree.symbols[m.index()].kind = kind;
            }
        }
    }

    /// A choice with a value: at least m where it is asked, and a bool among tristates needs it to be y.
    fn complete_choice(&mut self, id: NodeId, symbol: SymId) {
        let prompt = self.tree.node(id).prompt;
        if !self.tree.symbol(symbol).optional
            && let Some(prompt) = prompt.some()
        {
            let module = self.tree.exprs.symbol(SymId::MOD);
            let least = self.tree.exprs.and(self.tree.prop(prompt).condition, module);
            let old = self.tree.symbol(symbol).rev_dep;
            self.tree.symbols[symbol.index()].rev_dep = self.tree.exprs.or(old, least);
        }
        let members: Vec<NodeId> = self.tree.children(id).collect();
        for node in &members {
            self.check_member(*node);
        }
        if self.tree.symbol(symbol).kind != SymbolKind::Tristate {
            return;
        }
        let whole = self.tree.exprs.add(Expr::Compare(Comparison::Equal, symbol, SymId::YES));
        for node in members {
            let member = self.tree.node(node).symbol;
            if member.is_none() || self.tree.symbol(member).kind == SymbolKind::Tristate {
                continue;
            }
            let dep = self.tree.node(node).dep;
            self.tree.nodes[node.index()].dep = self.tree.exprs.and(whole, dep);
            let mut at = self.tree.node(node).first_prop;
            while let Some(p) = at.some().filter(|p| self.tree.prop(*p).node == node) {
                at = self.tree.prop(p).next;
                let condition = self.tree.prop(p).condition;
                self.tree.props[p.index()].condition = self.tree.exprs.and(whole, condition);
            }
        }
    }

    fn check_member(&mut self, node: NodeId) {
        let n = self.tree.node(node);
        if n.symbol.is_none() {
            return;
        }
        let mut found = Vec::new();
        if n.prompt.is_none() {
            found.push((n.place, "choice value must have a prompt"));
        }
        let mut at = self.tree.node(node).first_prop;
        while let Some(p) = at.some().map(|p| self.tree.prop(p)).filter(|p| p.node == node) {
            at = p.next;
            if p.kind == PropKind::Default {
                found.push((p.place, "defaults for choice values not supported"));
            }
        }
        for (place, message) in found {
            let file = self.tree.file_name(place).to_owned();
            let message = message.to_owned();
            self.tree.diagnostics.push(Diagnostic { severity: Severity::Warning, file, line: place.line, column: 0, message });
        }
    }

    /// Entries right after `id` that hang on its symbol become its children.
    fn gather(&mut self, id: NodeId, symbol: SymId) {
        let prompt = self.tree.node(id).prompt;
        let base = prompt.some().map_or(ExprId::NONE, |p| self.tree.prop(p).condition);
        let base = self.without_no(base);
        let mut last = NodeId::NONE;
        let mut at = self.tree.node(id).next;
        while !at.is_none() {
            let n = self.tree.node(at);
            let dep = n.prompt.some().map_or(n.dep, |p| self.tree.prop(p).condition);
            if !self.tree.exprs.contains(dep, symbol) {
                break;
            }
            if !self.tree.exprs.depends_on(dep, symbol) {
                if self.tree.dialect.negation_ends_menu && self.tree.exprs.contains_negated(dep, symbol) {
                    break;
                }
                // Something like `(id || other) && base` belongs there too.
                let dep = self.without_no(dep);
                let (_, rest) = self.tree.exprs.without_common(dep, base);
                if !self.tree.exprs.is_yes(rest) {
                    break;
                }
            }
            self.node(at);
            self.tree.nodes[at.index()].parent = id;
            last = at;
            at = self.tree.node(at).next;
        }
        if !last.is_none() {
            let rest = self.tree.node(last).next;
            self.tree.nodes[id.index()].list = self.tree.node(id).next;
            self.tree.nodes[id.index()].next = rest;
            self.tree.nodes[last.index()].next = NodeId::NONE;
        }
    }

    fn without_no(&mut self, e: ExprId) -> ExprId {
        let compared = self.tree.exprs.not_no(e);
        let transformed = self.tree.exprs.transform(compared, &KindsOf(&self.tree.symbols));
        self.simple(transformed)
    }

    /// Children of an `if` stand in its place.
    fn flatten(&mut self, id: NodeId) {
        let mut at = self.tree.node(id).list;
        while let Some(node) = at.some() {
            let n = self.tree.node(node);
            let (list, next, titled) = (n.list, n.next, !n.prompt.is_none());
            if !list.is_none() && !titled {
                let mut last = list;
                loop {
                    self.tree.nodes[last.index()].parent = id;
                    match self.tree.node(last).next.some() {
                        Some(n) => last = n,
                        None => break,
                    }
                }
                self.tree.nodes[last.index()].next = next;
                self.tree.nodes[node.index()].next = list;
                self.tree.nodes[node.index()].list = NodeId::NONE;
            }
            at = self.tree.node(node).next;
        }
    }
}

/// What is wrong with symbols, each said once.
fn checks(tree: &mut Tree) {
    let mut found = Vec::new();
    for s in tree.symbol_ids() {
        let symbol = tree.symbol(s);
        let Some(node) = symbol.first_node.some() else { continue };
        let place = tree.node(node).place;
        let mut say = |place, message: String| {
            found.push(Diagnostic {
                severity: Severity::Warning,
                file: tree.file_name(place).to_owned(),
                line: place.line,
                column: 0,
                message,
            })
        };
        if symbol.kind == SymbolKind::Unknown {
            say(place, "config symbol defined without type".into());
        }
        // One that hangs on another of its choice has gone below that.
        let is_member = |m| tree.nodes_of(s).any(|n| n == tree.choice_around(m));
        for (_, p) in tree.props_of(s) {
            match p.kind {
                PropKind::Default if symbol.choice => {
                    if let Expr::Symbol(m) = tree.exprs.get(p.value)
                        && !is_member(m)
                    {
                        say(p.place, format!("choice default symbol '{}' is not contained in the choice", tree.name(m)));
                    }
                }
                PropKind::Select(t) | PropKind::Imply(t) => {
                    let word = if matches!(p.kind, PropKind::Select(_)) { "select" } else { "imply" };
                    if !symbol.kind.is_logical() {
                        say(p.place, format!("config symbol '{}' uses {word}, but is not bool or tristate", tree.name(s)));
                    } else if !matches!(tree.symbol(t).kind, SymbolKind::Unknown | SymbolKind::Bool | SymbolKind::Tristate) {
                        say(
                            p.place,
                            format!("'{}' has wrong type. '{word}' only accept arguments of bool and tristate type", tree.name(t)),
                        );
                    }
                }
                PropKind::Range(..) if !matches!(symbol.kind, SymbolKind::Int | SymbolKind::Hex) => {
                    say(p.place, "range is only allowed for int or hex symbols".into());
                }
                PropKind::Range(low, high) if !is_number(tree, symbol.kind, low) || !is_number(tree, symbol.kind, high) => {
                    say(p.place, "range is invalid".into());
                }
                PropKind::Default if matches!(symbol.kind, SymbolKind::Int | SymbolKind::Hex) => {
                    let number = matches!(tree.exprs.get(p.value), Expr::Symbol(v) if is_number(tree, symbol.kind, v));
                    if !number {
                        say(p.place, format!("'{}': number is invalid", tree.name(s)));
                    }
                }
                _ => {}
            }
        }
    }
    found.truncate(MOST_DIAGNOSTICS);
    tree.diagnostics.extend(found);
}

/// A transitional symbol hands its answer on, and has nothing of its own.
fn check_transitional(tree: &mut Tree) {
    if !tree.symbols.iter().any(|s| s.transitional) {
        return;
    }
    let mut found = Vec::new();
    for node in tree.descendants(NodeId::ROOT) {
        let n = tree.node(node);
        let Some(symbol) = n.symbol.some().map(|s| tree.symbol(s)).filter(|s| s.transitional) else { continue };
        let place = match symbol.first_prop.some() {
            _ if !n.dep.is_none() => n.place,
            Some(own) => tree.prop(own).place,
            None => continue,
        };
        let message = "error: transitional symbols can only have help sections".to_owned();
        found.push(Diagnostic { severity: Severity::Error, file: tree.file_name(place).to_owned(), line: place.line, column: 0, message });
    }
    found.truncate(MOST_DIAGNOSTICS);
    tree.diagnostics.extend(found);
}

/// Whether a symbol can stand for a number: it is one, or an int or hex.
fn is_number(tree: &Tree, kind: SymbolKind, s: SymId) -> bool {
    match tree.symbol(s).kind {
        SymbolKind::Int | SymbolKind::Hex => true,
        SymbolKind::Unknown => crate::number::is_valid(tree.name(s), kind),
        _ => false,
    }
}
