//! Keys: a digest over everything a step's result depends on, kept as named parts so that a change can be named.

use crate::event::Reason;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Name and value of each thing a step depends on: `input libc`, `tool cc`, `option CONFIG_SMP`, `command 1`.
pub type Parts = BTreeMap<String, String>;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The key of a set of parts. Lengths go in too, so that no two sets run together into the same bytes.
pub fn key(parts: &Parts) -> String {
    let mut hash = Sha256::new();
    for (name, value) in parts {
        for text in [name, value] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
    }
    hex(&hash.finalize())
}

/// What differs between the last time and now, for people.
pub fn differences(old: &Parts, new: &Parts) -> Vec<Reason> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differs = names.into_iter().filter(|n| old.get(*n) != new.get(*n));
    differs
        .map(|name| {
            let (o, n) = (old.get(name), new.get(name));
            let (o, n) = match (o, n) {
                (Some(o), Some(n)) if name.starts_with("command") => words(o, n),
                (o, n) => (o.map(|v| short(v)), n.map(|v| short(v))),
            };
            Reason::Changed { what: name.clone(), old: o, new: n }
        })
        .collect()
}

/// The words in which two commands differ: from the first that is not the same to the last.
fn words(old: &str, new: &str) -> (Option<String>, Option<String>) {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let room = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(room).take_while(|(x, y)| x == y).count();
    let text = |w: &[&str]| Some(short(&w[start..w.len() - end].join(" "))).filter(|t| !t.is_empty());
    (text(&a), text(&b))
}

fn short(value: &str) -> String {
    if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return value[..12].to_owned();
    }
    match value.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// The values of a Kconfig file, for keys: the bytes of `.config` (order, comments, headings) do not count. An option that
/// is not set has the value `n`. `tree` is taken out of strings, so that a moved work folder changes no key.
pub fn config_values(text: &str, tree: &str) -> Parts {
    let mut values = Parts::new();
    for line in text.lines() {
        if let Some((name, value)) = line.split_once('=').filter(|(n, _)| n.starts_with("CONFIG_")) {
            values.insert(format!("option {name}"), value.replace(tree, "${tree}"));
        } else if let Some(name) = line.strip_prefix("# CONFIG_").and_then(|l| l.strip_suffix(" is not set")) {
            values.insert(format!("option CONFIG_{name}"), "n".into());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_with_old_and_new() {
        let old = Parts::from([("command 1".into(), "make -C ${src} a b".into()), ("tool cc".into(), "gcc 12".into())]);
        let new = Parts::from([("command 1".into(), "make -C ${src} x b".into()), ("tool ld".into(), "ld 2".into())]);
        let said: Vec<String> = differences(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(said, ["command 1: a became x", "tool cc is gone (was gcc 12)", "tool ld is new: ld 2"]);
    }

    #[test]
    fn parts_do_not_run_together() {
        let a = Parts::from([("ab".into(), "c".into())]);
        let b = Parts::from([("a".into(), "bc".into())]);
        assert_ne!(key(&a), key(&b));
    }

    #[test]
    fn the_text_around_options_does_not_count() {
        let a = config_values("# heading\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"/w/t/sysroot\"\n", "/w/t");
        let b = config_values("CONFIG_S=\"/x/t/sysroot\"\n# CONFIG_B is not set\nCONFIG_A=y\n", "/x/t");
        assert_eq!(a, b);
        assert_eq!(a["option CONFIG_B"], "n");
    }
}
