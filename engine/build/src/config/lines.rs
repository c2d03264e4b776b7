//! The configuration lines of a project: kept as they are written, in their order, with one line an option.

use bootwright_kconfig::config::{Line, line};
use std::collections::{BTreeMap, HashSet};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    prefix: String,
    lines: Vec<String>,
}

impl Lines {
    /// `prefix` is what names begin with, such as `CONFIG_`.
    pub fn parse(text: &str, prefix: &str) -> Self {
        Self { prefix: prefix.into(), lines: text.lines().map(str::to_owned).collect() }
    }

    /// As the project keeps it: empty, or with a line end at its end.
    pub fn text(&self) -> String {
        let text = self.lines.join("\n");
        if text.trim().is_empty() { String::new() } else { format!("{}\n", text.trim_end()) }
    }

    fn name<'a>(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        match line(text, &self.prefix) {
            Line::Set { name, value } => Some((name, value)),
            _ => None,
        }
    }

    /// Names and values, the last word of each name, in the order of the lines.
    pub fn values(&self) -> Vec<(&str, &str)> {
        let all: Vec<(&str, &str)> = self.lines.iter().filter_map(|l| self.name(l)).collect();
        let last: BTreeMap<&str, usize> = all.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
        all.iter().enumerate().filter(|(i, (name, _))| last.get(name) == Some(i)).map(|(_, pair)| *pair).collect()
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.lines.iter().rev().filter_map(|l| self.name(l)).find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The line takes the place of the one that the option has, or comes last.
    pub fn put(&mut self, name: &str, text: String) {
        let at = self.lines.iter().rposition(|l| self.name(l).is_some_and(|(n, _)| n == name));
        match at {
            Some(at) => {
                self.lines[at] = text;
                let before = std::mem::take(&mut self.lines);
                let keep = |(i, l): &(usize, String)| *i == at || self.name(l).is_none_or(|(n, _)| n != name);
                self.lines = before.into_iter().enumerate().filter(keep).map(|(_, l)| l).collect();
            }
            None => self.lines.push(text),
        }
    }

    /// The lines of all of these.
    pub fn remove_all(&mut self, names: &HashSet<&str>) {
        let lines = std::mem::take(&mut self.lines);
        self.lines = lines.into_iter().filter(|l| self.name(l).is_none_or(|(n, _)| !names.contains(n))).collect();
    }

    /// True where there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.lines.len();
        let lines = std::mem::take(&mut self.lines);
        self.lines = lines.into_iter().filter(|l| self.name(l).is_none_or(|(n, _)| n != name)).collect();
        self.lines.len() != before
    }

    /// How many options have a line.
    pub fn len(&self) -> usize {
        self.values().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a line has blanks around it, which not everybody takes in the same way.
    pub(super) fn has_loose_ends(&self) -> bool {
        self.lines.iter().any(|l| l.trim() != l)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_remarks_are_kept() {
        let mut lines = Lines::parse("# why\nCONFIG_A=y\nCONFIG_B=1\nCONFIG_A=m\n", "CONFIG_");
        assert_eq!(lines.values(), [("B", "1"), ("A", "m")]);
        lines.put("A", "# CONFIG_A is not set".into());
        lines.put("C", "CONFIG_C=\"x\"".into());
        assert_eq!(lines.text(), "# why\nCONFIG_B=1\n# CONFIG_A is not set\nCONFIG_C=\"x\"\n");
        assert_eq!((lines.value("A"), lines.len()), (Some("n"), 3));
        let mut fewer = lines.clone();
        fewer.remove_all(&["A", "C"].into());
        assert_eq!(fewer.text(), "# why\nCONFIG_B=1\n");
        assert!(lines.remove("A") && !lines.remove("A") && lines.remove("B") && lines.remove("C"));
        assert_eq!(lines.text(), "# why\n");
        assert_eq!(Lines::parse("\n \n", "CONFIG_").text(), "");
    }
}
