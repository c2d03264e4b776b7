//! Everything there is to say about a symbol, as the C tools put it.

use crate::dialect::Help;
use crate::expr::ExprId;
use crate::parse::prompt_text;
use crate::solve::Solver;
use crate::tree::{NodeId, PropId, PropKind, SymId, SymbolKind, Tristate};
use std::fmt::Write;

/// How many menus a location names.
const LEVELS: usize = 8;

impl Solver {
    /// The help of a node, and what is known of its symbol.
    pub fn help(&mut self, node: NodeId) -> String {
        let mut out = String::new();
        let symbol = self.tree.node(node).symbol;
        match self.tree.help(node) {
            Some(help) => {
                if !symbol.is_none() && !self.tree.symbol(symbol).name.is_none() {
                    let _ = write!(out, "{}{}:\n\n", self.tree.dialect.prefix, self.tree.name(symbol));
                }
                out.push_str(&help);
            }
            None => out.push_str("There is no help available for this option."),
        }
        out.push('\n');
        if !symbol.is_none() {
            self.about(symbol, &mut out);
        }
        out
    }

    fn about(&mut self, s: SymId, out: &mut String) {
        let symbol = self.tree.symbol(s);
        let kind = symbol.kind;
        if !symbol.name.is_none() {
            let _ = writeln!(out, "Symbol: {} [={}]", self.tree.name(s), self.value_text(s));
            let _ = writeln!(out, "Type  : {}", kind.word());
            if matches!(kind, SymbolKind::Int | SymbolKind::Hex)
                && let Some((low, high)) = self.range(s)
            {
                let mut text = String::from("Range : [");
                self.write_value_operand(low, &mut text);
                text.push(' ');
                self.write_value_operand(high, &mut text);
                text.push_str("]\n");
                out.push_str(&text);
            }
        }
        let (asked, unasked): (Vec<NodeId>, Vec<NodeId>) = self.tree.nodes_of(s).partition(|n| !self.tree.node(*n).prompt.is_none());
        let indent = if self.tree.dialect.help == Help::Prompts {
            for node in asked {
                let _ = writeln!(out, "Prompt: {}", prompt_text(&self.tree, node).unwrap_or(""));
                self.about_location(node, out);
            }
            if let Some(first) = self.tree.nodes_of(s).next() {
                self.about_place(first, "  ", out);
            }
            "  "
        } else {
            for node in asked.into_iter().chain(unasked) {
                match self.tree.node(node).prompt.some() {
                    Some(prompt) => self.about_prompt(node, prompt, out),
                    None => self.about_place(node, "", out),
                }
            }
            ""
        };
        self.targets(s, true, &format!("{indent}Selects: "), out);
        let (rev, implied) = (self.tree.symbol(s).rev_dep, self.tree.symbol(s).implied);
        self.sources(rev, &format!("{indent}Selected by"), out);
        self.targets(s, false, &format!("{indent}Implies: "), out);
        self.sources(implied, &format!("{indent}Implied by"), out);
        out.push_str("\n\n");
    }

    fn about_place(&self, node: NodeId, indent: &str, out: &mut String) {
        let _ = writeln!(out, "{indent}Defined at {}", self.tree.place_text(self.tree.node(node).place));
        self.condition(self.tree.node(node).dep, "  Depends on: ", out);
    }

    fn write_value_operand(&self, s: SymId, out: &mut String) {
        self.tree.write_operand(s, out);
        if self.tree.symbol(s).kind != SymbolKind::Unknown {
            let _ = write!(out, " [={}]", self.value_text(s));
        }
    }

    fn condition(&self, e: ExprId, before: &str, out: &mut String) {
        if !self.tree.exprs.is_yes(e) {
            let _ = writeln!(out, "{before}{}", self.annotated(e));
        }
    }

    fn about_prompt(&mut self, node: NodeId, prompt: PropId, out: &mut String) {
        let _ = writeln!(out, "Defined at {}", self.tree.place_text(self.tree.node(node).place));
        let _ = writeln!(out, "  Prompt: {}", prompt_text(&self.tree, node).unwrap_or(""));
        let (dep, visible) = (self.tree.node(node).dep, self.tree.prop(prompt).condition);
        self.condition(dep, "  Depends on: ", out);
        let same = dep == visible || !dep.is_none() && !visible.is_none() && self.tree.exprs.same(dep, visible);
        if !same {
            self.condition(visible, "  Visible if: ", out);
        }
        self.about_location(node, out);
    }

    fn about_location(&self, node: NodeId, out: &mut String) {
        let mut path = Vec::new();
        let mut at = if self.tree.dialect.help == Help::Whole { node } else { self.tree.node(node).parent };
        while !at.is_none() && at != NodeId::ROOT && path.len() < LEVELS {
            path.push(at);
            at = self.tree.node(at).parent;
        }
        if !path.is_empty() {
            out.push_str("  Location:\n");
        }
        for (depth, node) in path.iter().rev().enumerate() {
            let _ = write!(out, "{:>1$}-> {2}", ' ', 4 + 2 * depth, prompt_text(&self.tree, *node).unwrap_or(""));
            if let Some(s) = self.tree.node(*node).symbol.some() {
                let name = if self.tree.symbol(s).name.is_none() { "<choice>" } else { self.tree.name(s) };
                let _ = write!(out, " ({name} [={}])", self.value_text(s));
            }
            out.push('\n');
        }
    }

    fn targets(&self, s: SymId, select: bool, title: &str, out: &mut String) {
        let mut terms = Vec::new();
        for (_, p) in self.tree.props_of(s) {
            match p.kind {
                PropKind::Select(t) if select => terms.push(t),
                PropKind::Imply(t) if !select => terms.push(t),
                _ => {}
            }
        }
        if terms.is_empty() {
            return;
        }
        out.push_str(title);
        for (i, t) in terms.iter().enumerate() {
            if i > 0 {
                out.push_str(" && ");
            }
            self.write_value_operand(*t, out);
        }
        out.push('\n');
    }

    fn sources(&mut self, e: ExprId, title: &str, out: &mut String) {
        let mut terms = Vec::new();
        self.terms(e, &mut terms);
        for value in [Tristate::Yes, Tristate::Mod, Tristate::No] {
            let mut begun = false;
            for term in &terms {
                if self.eval(*term) == value {
                    if !std::mem::replace(&mut begun, true) {
                        let _ = writeln!(out, "{title} [{}]:", value.letter());
                    }
                    let _ = writeln!(out, "  - {}", self.annotated(*term));
                }
            }
        }
    }
}
