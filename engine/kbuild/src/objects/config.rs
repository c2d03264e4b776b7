//! The configuration as the makefiles see it: what include/config/auto.conf holds, or .config for BusyBox.

use crate::tree::{Kind, Tree, read};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Options with their values: `y`, `m`, a number or a text. An option that is off is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    values: BTreeMap<String, String>,
}

impl Config {
    /// Reads include/config/auto.conf, whose values stand as make sees them.
    pub fn from_auto_conf(text: &str) -> Self {
        let values = text.lines().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let known = name.starts_with("CONFIG_") && value != "n";
            known.then(|| (name.to_owned(), value.to_owned()))
        });
        Self { values: values.collect() }
    }

    /// Of values by the options' names, without the prefix.
    pub fn of_values(values: &BTreeMap<String, String>) -> Self {
        let mut config = Self::default();
        for (name, value) in values {
            config.set(name, value);
        }
        config
    }

    /// What a tree is configured with: its auto.conf, or its .config where there is none yet and in BusyBox, which has none.
    ///
    /// # Errors
    /// The tree has no configuration.
    pub fn of_tree(tree: &Tree) -> Result<Self> {
        if tree.kind != Kind::BusyBox
            && let Some(text) = read(&tree.path_of("include/config/auto.conf"))?
        {
            return Ok(Self::from_auto_conf(&text));
        }
        Self::of_dot_config(tree)
    }

    /// What a tree's .config comes to: what the next make takes over.
    ///
    /// # Errors
    /// The tree has no configuration.
    pub fn of_dot_config(tree: &Tree) -> Result<Self> {
        let text = read(&tree.dot_config())?.ok_or_else(|| Error::NotConfigured(tree.object.clone()))?;
        Ok(Self::from_dot_config(&text, tree.kind != Kind::BusyBox && tree.version.at_least(5, 17)))
    }

    /// Reads a .config. `unquoted`: texts lose their quotes on the way to auto.conf, as since Linux 5.17.
    pub fn from_dot_config(text: &str, unquoted: bool) -> Self {
        let mut config = Self::from_auto_conf(text);
        if unquoted {
            for value in config.values.values_mut() {
                if let Some(inside) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
                    *value = unescape(inside);
                }
            }
        }
        config
    }

    /// The value of an option, given with or without `CONFIG_`.
    pub fn get(&self, option: &str) -> Option<&str> {
        self.values.get(full(option).as_ref()).map(String::as_str)
    }

    /// Sets an option; `n` and nothing take it away.
    pub fn set(&mut self, option: &str, value: &str) {
        let name = full(option).into_owned();
        if value.is_empty() || value == "n" {
            self.values.remove(&name);
        } else {
            self.values.insert(name, value.to_owned());
        }
    }

    /// The options with their full names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// An option's name with `CONFIG_` before it.
pub fn full(option: &str) -> std::borrow::Cow<'_, str> {
    if option.starts_with("CONFIG_") { option.into() } else { format!("CONFIG_{option}").into() }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_config_is_read_as_auto_conf_will_have_it() {
        let text = "# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=\"a \\\"b\\\"\"\nCONFIG_D=n\n\nCONFIG_E=0x10\nnonsense\n";
        let config = Config::from_dot_config(text, true);
        let all: Vec<_> = config.iter().collect();
        assert_eq!(all, [("CONFIG_B", "y"), ("CONFIG_C", "a \"b\""), ("CONFIG_E", "0x10")]);
        assert_eq!(Config::from_dot_config(text, false).get("C"), Some("\"a \\\"b\\\"\""));
    }
}
