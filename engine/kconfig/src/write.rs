//! What is written: `.config`, defconfig, auto.conf, autoconf.h, rustc_cfg, auto.conf.cmd.

use crate::number::with_0x;
use crate::parse::prompt_text;
use crate::solve::Solver;
use crate::tree::{NodeId, NodeKind, PropKind, SymId, SymbolKind, Tristate};
use std::borrow::Cow;

/// `"` and `\` with a `\` before them.
pub(crate) fn escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}

impl Solver {
    fn escape(&self, text: &str, out: &mut String) {
        if self.tree.dialect.escapes { escaped(text, out) } else { out.push_str(text) }
    }

    fn title(&self) -> &str {
        prompt_text(&self.tree, NodeId::ROOT).unwrap_or("")
    }

    fn heading(&self) -> String {
        format!("#\n# Automatically generated file; DO NOT EDIT.\n# {}\n#\n", self.title())
    }

    /// `CONFIG_X=value`, or `# CONFIG_X is not set`.
    pub fn dot_config_line(&self, s: SymId, out: &mut String) {
        self.assignment(s, true, true, out);
    }

    /// The same with `=n` for what is not set.
    pub fn list_line(&self, s: SymId, out: &mut String) {
        if self.tree.symbol(s).kind.is_logical() && self.state(s).value.tri == Tristate::No {
            out.push_str(&format!("{}{}=n\n", self.tree.dialect.prefix, self.tree.name(s)));
        } else {
            self.dot_config_line(s, out);
        }
    }

    fn assignment(&self, s: SymId, with_unset: bool, quoted: bool, out: &mut String) {
        let (prefix, name, value) = (&self.tree.dialect.prefix, self.tree.name(s), self.value_text(s));
        match self.tree.symbol(s).kind {
            SymbolKind::Unknown => return,
            SymbolKind::Bool | SymbolKind::Tristate if value == "n" => {
                if with_unset {
                    out.push_str("# ");
                    out.push_str(prefix);
                    out.push_str(name);
                    out.push_str(" is not set\n");
                }
                return;
            }
            SymbolKind::String if quoted => {
                out.push_str(prefix);
                out.push_str(name);
                out.push_str("=\"");
                self.escape(value, out);
                out.push_str("\"\n");
                return;
            }
            _ => {}
        }
        out.push_str(prefix);
        out.push_str(name);
        out.push('=');
        out.push_str(value);
        out.push('\n');
    }

    /// The text of `.config`.
    pub fn dot_config(&mut self) -> String {
        let mut out = self.heading();
        let mut written = vec![false; self.tree.symbols.len()];
        let mut newline = false;
        let mut at = self.tree.node(NodeId::ROOT).list;
        while let Some(node) = at.some() {
            let n = self.tree.node(node);
            let (symbol, list) = (n.symbol, n.list);
            if let Some(s) = symbol.some() {
                if !self.tree.symbol(s).choice && !written[s.index()] {
                    self.value(s);
                    if self.state(s).write {
                        if std::mem::take(&mut newline) {
                            out.push('\n');
                        }
                        written[s.index()] = true;
                        self.dot_config_line(s, &mut out);
                    }
                }
            } else if self.node_visible(node) {
                out.push_str("\n#\n# ");
                out.push_str(prompt_text(&self.tree, node).unwrap_or(""));
                out.push_str("\n#\n");
                newline = false;
            }
            at = if list.is_none() { self.leave(node, &mut out, &mut newline) } else { list };
        }
        out
    }

    /// Goes on behind a node that has no children (left), with the ends of the menus that are left.
    fn leave(&mut self, node: NodeId, out: &mut String, newline: &mut bool) -> NodeId {
        let mut at = node;
        loop {
            let n = self.tree.node(at);
            let (next, parent) = (n.next, n.parent);
            let is_menu = n.kind == NodeKind::Menu;
            if is_menu && self.tree.dialect.end_of_menu && self.node_visible(at) {
                out.push_str("# end of ");
                out.push_str(prompt_text(&self.tree, at).unwrap_or(""));
                out.push('\n');
                *newline = true;
            }
            if !next.is_none() {
                return next;
            }
            if parent.is_none() {
                return NodeId::NONE;
            }
            at = parent;
        }
    }

    /// Only what differs from the defaults: the text of a defconfig.
    pub fn defconfig(&mut self) -> String {
        self.forget();
        let mut out = String::new();
        let mut seen = vec![false; self.tree.symbols.len()];
        let nodes: Vec<NodeId> = self.tree.descendants(NodeId::ROOT).collect();
        for node in nodes {
            let Some(s) = self.tree.node(node).symbol.some() else { continue };
            if self.tree.symbol(s).choice {
                continue;
            }
            self.value(s);
            if !self.state(s).write || std::mem::replace(&mut seen[s.index()], true) || !self.is_changeable(s) {
                continue;
            }
            let default = self.default_text(s);
            if self.value_text(s) == default {
                continue;
            }
            if let Some(choice) = self.choice_of(s)
                && self.is_chosen_anyway(s, choice)
            {
                continue;
            }
            self.dot_config_line(s, &mut out);
        }
        out
    }

    /// Whether the user's answer counts.
    pub fn is_changeable(&self, s: SymId) -> bool {
        !(self.tree.dialect.simple_choices && self.tree.symbol(s).choice) && self.state(s).visible > self.state(s).rev_dep
    }

    /// What a symbol comes to without an answer, as it is written.
    pub(crate) fn default_text(&mut self, s: SymId) -> String {
        self.visibility(s);
        let (mut tri, mut text) = (Tristate::No, String::new());
        let kind = self.tree.symbol(s).kind;
        if let Some((value, condition)) = self.default(s) {
            if kind.is_logical() {
                tri = self.eval(value).min(condition);
            } else if let crate::expr::Expr::Symbol(source) = self.tree.exprs.get(value) {
                self.value(source);
                text = self.value_text(source).to_owned();
            }
        }
        tri = tri.max(self.state(s).rev_dep);
        let no_modules = self.choice_of(s).is_none() && self.modules == Tristate::No;
        if tri == Tristate::Mod && (no_modules || kind == SymbolKind::Bool) {
            tri = Tristate::Yes;
        }
        if tri == Tristate::Mod && kind == SymbolKind::Bool && !self.tree.dialect.modular_defaults {
            tri = Tristate::Yes;
        }
        tri = tri.max(self.state(s).implied);
        match kind {
            SymbolKind::Bool | SymbolKind::Tristate => tri.letter().to_string(),
            _ if text.is_empty() => self.blank(kind).into(),
            _ => text,
        }
    }

    fn written(&self, order: &[SymId]) -> impl Iterator<Item = SymId> {
        order.iter().copied().filter(|s| self.state(*s).write && !self.tree.symbol(*s).name.is_none())
    }

    /// Those that auto.conf and autoconf.h name; with `negatives` also those that have no value.
    fn named(&self, order: &[SymId], negatives: bool) -> impl Iterator<Item = SymId> {
        let named = move |s: &SymId| !self.tree.symbol(*s).name.is_none() && (negatives || self.state(*s).write);
        order.iter().copied().filter(named)
    }

    /// The makefiles' form. All values must have been worked out.
    pub fn auto_conf(&self, order: &[SymId], negatives: bool) -> String {
        let mut out = self.heading();
        for s in self.named(order, negatives) {
            self.assignment(s, negatives, self.tree.dialect.quoted_auto_conf, &mut out);
        }
        out
    }

    /// What is built in and what is a module, in capitals: Y and M.
    pub fn tristate_conf(&self, order: &[SymId]) -> String {
        let mut out = self.heading();
        for s in self.written(order).filter(|s| self.tree.symbol(*s).kind == SymbolKind::Tristate) {
            let letter = match self.state(s).value.tri {
                Tristate::No => continue,
                t => t.letter().to_ascii_uppercase(),
            };
            out.push_str(&format!("{}{}={letter}\n", self.tree.dialect.prefix, self.tree.name(s)));
        }
        out
    }

    /// The C form; with `negatives` also what is not set, as 0.
    pub fn autoconf_h(&self, order: &[SymId], negatives: bool) -> String {
        let empty = if self.tree.dialect.spaced_header { " *\n" } else { "" };
        let mut out = format!("/*\n{empty} * Automatically generated file; DO NOT EDIT.\n * {}\n{empty} */\n", self.title());
        for s in self.named(order, negatives) {
            let (prefix, name, value) = (&self.tree.dialect.prefix, self.tree.name(s), self.value_text(s));
            let (suffix, value) = match self.tree.symbol(s).kind {
                SymbolKind::Unknown => continue,
                SymbolKind::String if !self.state(s).write => continue,
                SymbolKind::Bool | SymbolKind::Tristate => match value {
                    "n" if negatives => ("", "0".into()),
                    "n" => continue,
                    "m" => ("_MODULE", "1".into()),
                    _ => ("", "1".into()),
                },
                SymbolKind::Int | SymbolKind::Hex if negatives && value.is_empty() => ("", "0".into()),
                SymbolKind::Hex => ("", with_0x(value)),
                _ => ("", value.into()),
            };
            out.push_str("#define ");
            out.push_str(prefix);
            out.push_str(name);
            out.push_str(suffix);
            out.push(' ');
            if self.tree.symbol(s).kind == SymbolKind::String {
                out.push('"');
                self.escape(&value, &mut out);
                out.push('"');
            } else {
                out.push_str(&value);
            }
            out.push('\n');
        }
        out
    }

    /// The form for rustc's command line.
    pub fn rustc_cfg(&self, order: &[SymId]) -> String {
        let mut out = String::new();
        for s in self.written(order) {
            let kind = self.tree.symbol(s).kind;
            let mut value = Cow::from(self.value_text(s));
            if kind == SymbolKind::Unknown || kind.is_logical() && value == "n" {
                continue;
            }
            let name = format!("{}{}", self.tree.dialect.prefix, self.tree.name(s));
            if kind.is_logical() {
                out.push_str(&format!("--cfg={name}\n"));
            }
            if kind == SymbolKind::Hex {
                value = with_0x(self.value_text(s));
            }
            out.push_str(&format!("--cfg={name}=\""));
            escaped(&value, &mut out);
            out.push_str("\"\n");
        }
        out
    }

    /// The makefile that says what auto.conf depends on.
    pub fn auto_conf_cmd(&self, auto_conf: &str) -> String {
        let with_name = self.tree.dialect.cmd_with_autoconfig;
        let target = if with_name { "$(autoconfig)" } else { auto_conf };
        let mut out = String::new();
        if with_name {
            out.push_str(&format!("autoconfig := {auto_conf}\n\n"));
        }
        out.push_str("deps_config :=");
        let mut names: Vec<&str> = self.tree.files.iter().map(|f| f.name.as_str()).collect();
        if !with_name {
            names.reverse();
        }
        if self.tree.dialect.spaced_cmd {
            out.push_str(&format!(" \\\n\t{}\n\n{target}: \\\n\t$(deps_config)\n", names.join(" \\\n\t")));
        } else {
            out.push_str(&format!(" \\\n\t{} \\\n\n{target}: $(deps_config)\n", names.join(" \\\n\t")));
        }
        if with_name {
            out.push_str("$(deps_config): ;\n");
        } else {
            out.push('\n');
        }
        for (name, value) in &self.tree.environment {
            if with_name {
                out.push('\n');
            }
            out.push_str(&format!("ifneq \"$({name})\" \"{value}\"\n{target}: FORCE\nendif\n"));
        }
        if !with_name {
            out.push_str("\n$(deps_config): ;\n");
        }
        out
    }

    /// All prompts of a symbol, in the order of the files.
    pub fn prompts(&self, s: SymId) -> Vec<&str> {
        let texts = self.tree.props_of(s).filter_map(|(_, p)| match p.kind {
            PropKind::Prompt(t) | PropKind::Menu(t) => Some(self.tree.text(t)),
            _ => None,
        });
        texts.collect()
    }
}
