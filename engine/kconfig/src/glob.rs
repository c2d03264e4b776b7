//! File names by pattern, as glob(3): `*`, `?` and `[a-z]`, which match no `/`, and no leading dot.

use std::path::Path;

/// What matches, in the order of the bytes; names as the pattern begins. Looked for in `folder`, then in `tree`.
pub fn matches(pattern: &str, folder: &Path, tree: Option<&Path>, most: usize) -> Vec<String> {
    let mut found = below(folder, pattern, most);
    if let (true, Some(tree), false) = (found.is_empty(), tree, Path::new(pattern).is_absolute()) {
        found = below(tree, pattern, most);
    }
    found
}

fn below(folder: &Path, pattern: &str, most: usize) -> Vec<String> {
    let mut found = vec![String::new()];
    for (i, part) in pattern.split('/').enumerate() {
        let join = |before: &str, name: &str| if i == 0 { name.to_owned() } else { format!("{before}/{name}") };
        if !part.contains(['*', '?', '[']) {
            found = found.iter().map(|f| join(f, part)).collect();
            continue;
        }
        let mut next = Vec::new();
        for before in &found {
            let listed = std::fs::read_dir(folder.join(if i == 0 { "." } else { before }));
            let names = listed.into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok());
            next.extend(names.filter(|n| fits(part.as_bytes(), n.as_bytes())).map(|n| join(before, &n)));
            if next.len() > most {
                return Vec::new();
            }
        }
        found = next;
    }
    found.retain(|f| folder.join(f).is_file());
    found.sort_unstable();
    found
}

/// One part of a path. Goes back to the last `*` only, so that no pattern takes exponential time.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some(_) => {
                if let Some(length) = one(&pattern[p..], name[n]) {
                    (p, n) = (p + length, n + 1);
                    continue;
                }
            }
            None => {}
        }
        let Some((at, from)) = star else { return false };
        star = Some((at, from + 1));
        (p, n) = (at + 1, from + 1);
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

/// How many bytes of the pattern match this one.
fn one(pattern: &[u8], b: u8) -> Option<usize> {
    match pattern.first()? {
        b'?' => Some(1),
        b'[' => {
            let end = pattern.iter().skip(2).position(|c| *c == b']').map(|i| i + 2);
            let Some(end) = end else { return (b == b'[').then_some(1) };
            let (not, set) = match &pattern[1..end] {
                [b'!' | b'^', set @ ..] => (true, set),
                set => (false, set),
            };
            let mut inside = false;
            let mut i = 0;
            while i < set.len() {
                if i + 2 < set.len() && set[i + 1] == b'-' {
                    inside |= (set[i]..=set[i + 2]).contains(&b);
                    i += 3;
                } else {
                    inside |= set[i] == b;
                    i += 1;
                }
            }
            (inside != not).then_some(end + 1)
        }
        b'\\' if pattern.len() > 1 => (pattern[1] == b).then_some(2),
        c => (*c == b).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_the_shells() {
        for (pattern, name, wanted) in [
            ("*", "abc", true),
            ("*", ".abc", false),
            (".*", ".abc", true),
            ("a*c", "abbc", true),
            ("a*c", "abcd", false),
            ("*.*.x", "a.b.c.x", true),
            ("?b?", "abc", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]x", "]x", true),
            ("[x", "[x", true),
            ("***", "", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_ends() {
        let pattern = "*a".repeat(5000);
        assert!(!fits(pattern.as_bytes(), "a".repeat(4999).as_bytes()));
    }
}
