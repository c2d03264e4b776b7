//! Where results go: `.config`, auto.conf and its like, and the files that stand for changed symbols.

use super::Run;
use crate::config::Line;
use crate::dialect::Negatives;
use crate::files::{replace, replace_keeping, with_suffix, write_plain};
use crate::solve::Value;
use crate::tree::{NodeId, SymId, SymbolKind, Tristate};
use rustc_hash::FxHashSet;
use std::fs;
use std::io;
use std::path::Path;

impl Run<'_, '_> {
    pub(super) fn write_config(&mut self, name: &str) -> io::Result<()> {
        let path = self.conf.folder.join(name);
        if name.is_empty() {
            self.conf.complain(format_args!("config name is empty\n"));
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if path.is_dir() {
            self.conf.complain(format_args!("{name}: Is a directory\n"));
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !self.solver.changed {
            self.solver.forget();
        }
        let text = self.solver.dot_config();
        self.flush();
        let in_place = self.conf.variable("KCONFIG_OVERWRITECONFIG").is_some_and(|v| !v.is_empty());
        let mut message = format!("configuration written to {name}");
        if in_place {
            write_plain(&path, &text)?;
        } else if self.solver.tree.dialect.keeps_same && fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            message = format!("No change to {name}");
        } else {
            replace_keeping(&path, &text)?;
        }
        if !self.silent {
            self.conf.say(format_args!("#\n# {message}\n#\n"));
        }
        self.solver.changed = false;
        self.tell_changed_input();
        Ok(())
    }

    /// The user's answers that came to something else, where KCONFIG_WARN_CHANGED_INPUT asks for them.
    pub(super) fn tell_changed_input(&mut self) {
        if self.conf.variable("KCONFIG_WARN_CHANGED_INPUT").is_none_or(|v| v.is_empty()) {
            return;
        }
        let tree = &self.solver.tree;
        let mut seen = FxHashSet::default();
        let mut text = String::new();
        for s in tree.descendants(NodeId::ROOT).filter_map(|n| tree.node(n).symbol.some()) {
            let (symbol, state) = (tree.symbol(s), self.solver.state(s));
            let Some(user) = state.user.filter(|_| !symbol.choice && seen.insert(s)) else { continue };
            let given = if symbol.kind.is_logical() { ["n", "m", "y"][user.tri as usize] } else { self.solver.text_of(user.text) };
            let now = self.solver.value_text(s);
            if given != now {
                text.push_str(&format!("  {}{}: {given} -> {now}\n", tree.dialect.prefix, tree.name(s)));
            }
        }
        if !text.is_empty() {
            self.conf.complain(format_args!("warning: user-provided values changed by Kconfig:\n{text}"));
        }
    }

    fn file(&self, variable: &str, usual: &str) -> String {
        self.conf.variable(variable).unwrap_or_else(|| usual.into())
    }

    /// auto.conf and its like. Without `always` only where there is no auto.conf yet.
    pub(super) fn write_auto(&mut self, always: bool) -> io::Result<()> {
        let auto = self.file("KCONFIG_AUTOCONFIG", "include/config/auto.conf");
        let path = self.conf.folder.join(&auto);
        if !always && (path.exists() || !self.solver.tree.dialect.writes_auto) {
            return Ok(());
        }
        let command = self.solver.auto_conf_cmd(&auto);
        let folder = self.conf.variable("KCONFIG_SPLITCONFIG").filter(|_| self.solver.tree.dialect.split_variable);
        let beside = folder.as_ref().map(|f| self.conf.folder.join(f).join("auto.conf.cmd"));
        write_plain(&beside.unwrap_or_else(|| with_suffix(&path, ".cmd")), command)?;
        // Beside auto.conf; programs that know no other place than theirs have one name for it.
        let beside = if self.solver.tree.dialect.writes_auto { path.parent() } else { None };
        let usual = beside.map_or_else(|| "include/config".into(), Path::to_path_buf);
        self.touch(&auto, &folder.map_or(usual, |f| self.conf.folder.join(f)))?;
        let order = std::mem::take(&mut self.order);
        for s in &order {
            self.solver.value(*s);
        }
        let (negatives, in_auto_conf) = match self.solver.tree.dialect.negatives {
            Negatives::Never => (false, false),
            Negatives::IfAsked => (self.conf.variable("KCONFIG_NEGATIVES").is_some(), true),
            Negatives::Always => (true, false),
        };
        let header = self.file("KCONFIG_AUTOHEADER", "include/generated/autoconf.h");
        replace(&self.conf.folder.join(header), self.solver.autoconf_h(&order, negatives))?;
        if self.solver.tree.dialect.rustc_cfg {
            let rust = self.file("KCONFIG_RUSTCCFG", "include/generated/rustc_cfg");
            replace(&self.conf.folder.join(rust), self.solver.rustc_cfg(&order))?;
        }
        if self.solver.tree.dialect.tristate_conf {
            let tristate = self.file("KCONFIG_TRISTATE", "include/config/tristate.conf");
            replace(&self.conf.folder.join(tristate), self.solver.tristate_conf(&order))?;
        }
        // Last, because make takes it for the sign that the others are there.
        let text = self.solver.auto_conf(&order, negatives && in_auto_conf);
        self.order = order;
        replace(&path, &text)
    }

    /// Touches `folder`/X for every symbol that differs from the old auto.conf.
    fn touch(&mut self, auto: &str, folder: &Path) -> io::Result<()> {
        let folder = self.conf.folder.join(folder);
        // Below $srctree too, as any file that is read.
        let found = crate::config::open(auto, self.conf.host, &self.conf.folder).map(|(text, _)| text);
        let (old, gone) = self.old_values(auto, found.as_deref().unwrap_or_default());
        let headers = self.solver.tree.dialect.touch_headers;
        for name in gone {
            touch_one(&folder, &name, headers)?;
        }
        if found.is_some() && self.solver.tree.dialect.auto_conf_forgets {
            self.solver.invalidate();
        }
        self.solver.value(self.solver.tree.modules);
        let order = std::mem::take(&mut self.order);
        let mut result = Ok(());
        for s in &order {
            self.solver.value(*s);
            let symbol = self.solver.tree.symbol(*s);
            if symbol.name.is_none() {
                continue;
            }
            let state = *self.solver.state(*s);
            let before = old[s.index()];
            let same = match (state.write, before) {
                (true, Some(before)) if symbol.kind.is_logical() => before.tri == state.value.tri,
                (true, Some(before)) => before.text == state.value.text,
                (true, None) => symbol.kind.is_logical() && state.value.tri == Tristate::No,
                (false, None) => true,
                (false, Some(_)) => false,
            };
            if !same {
                result = touch_one(&folder, self.solver.tree.name(*s), headers);
                if result.is_err() {
                    break;
                }
            }
        }
        self.order = order;
        result
    }

    /// What auto.conf said, by symbol, and the names that no Kconfig file knows any more.
    fn old_values(&mut self, auto: &str, text: &str) -> (Vec<Option<Value>>, Vec<String>) {
        let mut values = vec![None; self.solver.tree.symbols.len()];
        let mut gone = Vec::new();
        let prefix = self.solver.tree.dialect.prefix.clone();
        for (i, text) in crate::config::lines(text).enumerate() {
            let (name, value) = match crate::config::line(text, &prefix) {
                Line::Set { name, value } => (name, value),
                Line::Other(text) if !(self.solver.tree.dialect.loose_lines && text.starts_with(&prefix)) => {
                    self.conf.complain(format_args!("{auto}:{}:warning: unexpected data: {text}\n", i + 1));
                    continue;
                }
                Line::Other(_) | Line::Comment => continue,
            };
            let Some(s) = self.solver.tree.find(name) else {
                gone.push(name.to_owned());
                continue;
            };
            values[s.index()] = self.old_value(s, value).or(values[s.index()]);
        }
        (values, gone)
    }

    fn old_value(&mut self, s: SymId, text: &str) -> Option<Value> {
        if self.solver.tree.dialect.quoted_auto_conf && self.solver.tree.symbol(s).kind == SymbolKind::String {
            return self.solver.answer_of(s, text).ok().flatten();
        }
        match self.solver.tree.symbol(s).kind {
            SymbolKind::Unknown => None,
            SymbolKind::Bool | SymbolKind::Tristate => Some(Value { tri: Tristate::of_letter(text.get(..1)?)?, ..Value::NO }),
            kind if crate::number::is_valid(text, kind) => Some(Value { text: self.solver.string(text), ..Value::NO }),
            _ => None,
        }
    }
}

fn touch_one(folder: &Path, name: &str, header: bool) -> io::Result<()> {
    if header {
        return write_plain(&folder.join(name.to_ascii_lowercase().replace('_', "/") + ".h"), "");
    }
    write_plain(&folder.join(name), "")
}
