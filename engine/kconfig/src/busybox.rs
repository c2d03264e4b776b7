//! What BusyBox's conf writes: `.config` with every symbol, include/autoconf.h, and the makefile `.kconfig.d`.
//!
//! All three were found by running it. autoconf.h gives each symbol four macros, so that C code need not use `#ifdef`.

use crate::parse::prompt_text;
use crate::solve::Solver;
use crate::tree::{NodeId, SymId, SymbolKind};
use std::fmt::Write;

/// When and of what version the files are; without a time the same tree gives the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    pub version: &'a str,
    /// Seconds since 1970.
    pub time: Option<u64>,
}

enum Entry {
    Symbol(SymId),
    Title(String),
}

impl Solver {
    /// The symbols, and the titles that are visible, in the order of the menus.
    fn entries(&mut self) -> Vec<Entry> {
        let nodes: Vec<NodeId> = self.tree.descendants(NodeId::ROOT).collect();
        let mut out = Vec::new();
        for node in nodes {
            let n = self.tree.node(node);
            match n.symbol.some() {
                Some(s) if self.tree.symbol(s).choice => {}
                Some(s) => {
                    self.value(s);
                    out.push(Entry::Symbol(s));
                }
                None if self.node_visible(node) => {
                    out.push(Entry::Title(prompt_text(&self.tree, node).unwrap_or("").to_owned()));
                }
                None => {}
            }
        }
        out
    }

    pub fn busybox_config(&mut self, stamp: Stamp<'_>) -> String {
        let mut out = format!("#\n# Automatically generated make config: don't edit\n# Busybox version: {}\n", stamp.version);
        if let Some(time) = stamp.time {
            let _ = writeln!(out, "# {}", Date::of(time).ctime());
        }
        out.push_str("#\n");
        for entry in self.entries() {
            match entry {
                Entry::Symbol(s) if self.is_empty_int(s) => {
                    let _ = writeln!(out, "{}{}=0", self.tree.dialect.prefix, self.tree.name(s));
                }
                Entry::Symbol(s) => self.dot_config_line(s, &mut out),
                Entry::Title(text) => {
                    let _ = write!(out, "\n#\n# {text}\n#\n");
                }
            }
        }
        out
    }

    pub fn busybox_header(&mut self, stamp: Stamp<'_>) -> String {
        let time = stamp.time.map(|t| Date::of(t).iso()).unwrap_or_default();
        let mut out = format!(
            "/*\n * Automatically generated C config: don't edit\n * Busybox version: {}\n */\n#define AUTOCONF_TIMESTAMP \"{time}\"\n\n",
            stamp.version
        );
        for entry in self.entries() {
            match entry {
                Entry::Symbol(s) => self.macros(s, &mut out),
                Entry::Title(text) => {
                    let _ = write!(out, "\n/*\n * {text}\n */\n");
                }
            }
        }
        out
    }

    fn is_empty_int(&self, s: SymId) -> bool {
        self.tree.symbol(s).kind == SymbolKind::Int && self.value_text(s).is_empty()
    }

    fn macros(&self, s: SymId, out: &mut String) {
        let (name, value) = (self.tree.name(s), self.value_text(s));
        let prefix = &self.tree.dialect.prefix;
        let value = match self.tree.symbol(s).kind {
            SymbolKind::Unknown => return,
            SymbolKind::Bool | SymbolKind::Tristate => match value {
                "n" => {
                    let _ = write!(
                        out,
                        "#undef {prefix}{name}\n#define ENABLE_{name} 0\n#define IF_{name}(...)\n#define IF_NOT_{name}(...) __VA_ARGS__\n"
                    );
                    return;
                }
                "m" => {
                    let _ = writeln!(out, "#define {prefix}{name}_MODULE 1");
                    return;
                }
                _ => "1".to_owned(),
            },
            SymbolKind::String => {
                let mut text = String::from("\"");
                crate::write::escaped(value, &mut text);
                text.push('"');
                text
            }
            SymbolKind::Int if value.is_empty() => "0".to_owned(),
            SymbolKind::Hex => crate::number::with_0x(value).into_owned(),
            _ => value.to_owned(),
        };
        let _ = write!(
            out,
            "#define {prefix}{name} {value}\n#define ENABLE_{name} 1\n#ifdef MAKE_SUID\n\
# define IF_{name}(...) __VA_ARGS__ \"{prefix}{name}\"\n#else\n# define IF_{name}(...) __VA_ARGS__\n#endif\n#define IF_NOT_{name}(...)\n"
        );
    }

    /// The makefile that says what `.config` depends on: the files, the last read first.
    pub fn busybox_files(&self) -> String {
        let names: Vec<&str> = self.tree.files.iter().rev().map(|f| f.name.as_str()).collect();
        format!(
            "deps_config := \\\n\t{}\n\n.config include/autoconf.h: $(deps_config)\n\ninclude/autoconf.h: .config\n\n$(deps_config):\n",
            names.join(" \\\n\t")
        )
    }

    /// The help of a symbol, wherever it stands.
    pub fn symbol_help(&self, s: SymId) -> Option<String> {
        self.tree.nodes_of(s).find_map(|n| self.tree.help(n)).map(|h| h.trim_end_matches('\n').to_owned())
    }
}

/// A moment in UTC.
struct Date {
    year: u64,
    month: usize,
    day: u64,
    weekday: usize,
    seconds: u64,
}

const MONTHS: [(&str, u64); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Date {
    fn of(time: u64) -> Self {
        let mut days = time / 86400;
        let weekday = (days % 7) as usize;
        let leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
        let (mut year, mut month) = (1970, 0);
        while days >= 365 + u64::from(leap(year)) {
            days -= 365 + u64::from(leap(year));
            year += 1;
        }
        for (i, (_, length)) in MONTHS.iter().enumerate() {
            let length = length + u64::from(i == 1 && leap(year));
            month = i;
            if days < length {
                break;
            }
            days -= length;
        }
        Self { year, month, day: days + 1, weekday, seconds: time % 86400 }
    }

    fn clock(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.seconds / 3600, self.seconds / 60 % 60, self.seconds % 60)
    }

    /// As ctime(3).
    fn ctime(&self) -> String {
        format!("{} {} {:2} {} {}", WEEKDAYS[self.weekday], MONTHS[self.month].0, self.day, self.clock(), self.year)
    }

    fn iso(&self) -> String {
        format!("{}-{:02}-{:02} {} UTC", self.year, self.month + 1, self.day, self.clock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_c_librarys() {
        let d = Date::of(1_795_281_999);
        assert_eq!(d.ctime(), "Sat Nov 21 17:26:39 2026");
        assert_eq!(d.iso(), "2026-11-21 17:26:39 UTC");
        assert_eq!(Date::of(951_782_400).ctime(), "Tue Feb 29 00:00:00 2000");
        assert_eq!(Date::of(0).ctime(), "Thu Jan  1 00:00:00 1970");
    }
}
