//! Words of a list, patterns with `%`, and the functions on file names.

/// Words are separated by blanks, tabs and line ends, as GNU make has it.
pub fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split_ascii_whitespace()
}

/// Appends `word` to a list whose words are separated by one blank; `first` says whether it is the first.
pub fn push_word(out: &mut String, first: &mut bool, word: &str) {
    if *first {
        *first = false;
    } else {
        out.push(' ');
    }
    out.push_str(word);
}

/// A pattern's text before and after its first `%` that is not escaped, with `\%` made `%`. None: it has no `%`.
fn halves(pattern: &str) -> Option<(std::borrow::Cow<'_, str>, &str)> {
    if !pattern.contains('\\') {
        return pattern.split_once('%').map(|(before, after)| (before.into(), after));
    }
    let bytes = pattern.as_bytes();
    let mut before = String::new();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte != b'%' {
            continue;
        }
        let slashes = bytes[start..at].iter().rev().take_while(|&&b| b == b'\\').count();
        before.push_str(&pattern[start..at - slashes]);
        before.extend(std::iter::repeat_n('\\', slashes / 2));
        if slashes % 2 == 0 {
            return Some((before.into(), &pattern[at + 1..]));
        }
        before.push('%');
        start = at + 1;
    }
    None
}

/// What `%` stands for when `word` matches `pattern`; a pattern without `%` matches itself, with an empty stem.
pub fn pattern_match<'w>(pattern: &str, word: &'w str) -> Option<&'w str> {
    match halves(pattern) {
        Some((before, after)) => {
            let middle = word.strip_prefix(before.as_ref())?;
            middle.strip_suffix(after)
        }
        None => (literal(pattern) == word).then_some(""),
    }
}

/// A pattern that has no `%` but may have `\%`.
fn literal(pattern: &str) -> std::borrow::Cow<'_, str> {
    if pattern.contains("\\%") { pattern.replace("\\%", "%").into() } else { pattern.into() }
}

/// `replacement` with its first `%` made `stem`.
pub fn pattern_fill(replacement: &str, stem: &str) -> String {
    match halves(replacement) {
        Some((before, after)) => [before.as_ref(), stem, after].concat(),
        None => replacement.to_owned(),
    }
}

/// `$(patsubst pattern,replacement,text)`. Without `%` in the pattern, whole words are replaced.
pub fn patsubst(pattern: &str, replacement: &str, text: &str, out: &mut String) {
    let from = halves(pattern);
    let to = halves(replacement);
    let mut first = true;
    for word in words(text) {
        let stem = match &from {
            Some((before, after)) => word.strip_prefix(before.as_ref()).and_then(|w| w.strip_suffix(after)),
            None => (literal(pattern) == word).then_some(""),
        };
        match stem {
            None => push_word(out, &mut first, word),
            Some(stem) => {
                push_word(out, &mut first, "");
                match (&to, from.is_some()) {
                    (Some((before, after)), true) => {
                        out.push_str(before);
                        out.push_str(stem);
                        out.push_str(after);
                    }
                    _ => out.push_str(replacement),
                }
            }
        }
    }
}

/// `$(var:from=to)` without `%`: the ends of words.
pub fn suffix_subst(from: &str, to: &str, text: &str, out: &mut String) {
    let mut first = true;
    for word in words(text) {
        push_word(out, &mut first, word);
        if let Some(stem) = word.strip_suffix(from) {
            out.truncate(out.len() - (word.len() - stem.len()));
            out.push_str(to);
        }
    }
}

/// The directory of a file name, with its slash; `./` when there is none.
pub fn dir(word: &str) -> &str {
    word.rfind('/').map_or("./", |at| &word[..=at])
}

/// The file name without its directory.
pub fn notdir(word: &str) -> &str {
    word.rfind('/').map_or(word, |at| &word[at + 1..])
}

/// From the last dot of the file name on, if it has one.
pub fn suffix(word: &str) -> Option<&str> {
    let name = notdir(word);
    name.rfind('.').map(|at| &name[at..])
}

/// Up to the last dot of the file name.
pub fn basename(word: &str) -> &str {
    suffix(word).map_or(word, |s| &word[..word.len() - s.len()])
}

/// A path with `.`, `..` and double slashes taken out by text alone, made absolute from `here`.
pub fn abspath(here: &str, word: &str) -> String {
    let whole = if word.starts_with('/') { word.to_owned() } else { format!("{here}/{word}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A file name against a pattern of `*`, `?` and `[…]`, one component of a path; a leading dot must be said.
pub fn wildcard_match(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // The last star and what it took: going back to it is all that is ever needed.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(p + 1),
            Some('[') => match set(&pattern[p..], name[n]) {
                Some((true, length)) => Some(p + length),
                Some((false, _)) => None,
                None => (name[n] == '[').then_some(p + 1),
            },
            Some('\\') if pattern.get(p + 1) == Some(&name[n]) => Some(p + 2),
            Some(&c) if c == name[n] => Some(p + 1),
            _ => None,
        };
        match (step, star) {
            (Some(next), _) => {
                p = next;
                n += 1;
            }
            (None, Some((at, taken))) => {
                p = at + 1;
                n = taken + 1;
                star = Some((at, taken + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// A set in brackets at the start of `pattern`: whether `c` is in it, and how long it is. None: it does not end.
fn set(pattern: &[char], c: char) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let first = if negated { 2 } else { 1 };
    let mut at = first;
    let mut inside = false;
    loop {
        match pattern.get(at)? {
            ']' if at > first => return Some((inside != negated, at + 1)),
            &low => {
                let high = match (pattern.get(at + 1), pattern.get(at + 2)) {
                    (Some('-'), Some(&high)) if high != ']' => {
                        at += 2;
                        high
                    }
                    _ => low,
                };
                inside |= (low..=high).contains(&c);
                at += 1;
            }
        }
    }
}

/// A path as seen from the folder `here`: without `./`, double slashes and what `..` takes back; `.` for the folder itself.
/// Paths elsewhere stay absolute.
pub fn local(here: &str, path: &str) -> String {
    let plain = !path.starts_with(['/', '.']) && !path.contains("//") && !path.contains("/.") && !path.ends_with('/');
    if plain && !path.is_empty() {
        return path.to_owned();
    }
    let whole = abspath(here, path);
    match whole.strip_prefix(here) {
        Some("") => ".".to_owned(),
        Some(rest) if rest.starts_with('/') => rest[1..].to_owned(),
        _ => whole,
    }
}
