//! Apt's source lists rewritten: every place that offers packages also offers their sources.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// The two forms that apt reads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceLists {
    /// One-line form, for a `.list` file.
    pub lines: String,
    /// deb822 form, for a `.sources` file.
    pub stanzas: String,
}

/// Reads `sources.list` and `sources.list.d`, and turns binary entries into source entries.
pub(crate) fn collect(etc: &Path) -> io::Result<SourceLists> {
    let mut files = vec![etc.join("sources.list")];
    if let Ok(parts) = fs::read_dir(etc.join("sources.list.d")) {
        let mut parts: Vec<_> = parts.flatten().map(|e| e.path()).collect();
        parts.sort();
        files.extend(parts);
    }
    let mut found = SourceLists::default();
    let mut known = BTreeSet::new();
    for file in files {
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", file.display()))),
        };
        // apt ignores other endings, such as .disabled or .save
        match file.extension().and_then(|e| e.to_str()) {
            Some("list") => {
                for line in text.lines().filter_map(source_line) {
                    if known.insert(line.clone()) {
                        found.lines += &line;
                        found.lines.push('\n');
                    }
                }
            }
            Some("sources") => {
                for stanza in stanzas(&text).filter_map(|s| source_stanza(&s)) {
                    found.stanzas += &stanza;
                    found.stanzas.push('\n');
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// `deb [signed-by=…] URI suite component` → the same with `deb-src`. Comments and other lines give nothing.
fn source_line(line: &str) -> Option<String> {
    let line = line.trim();
    let (kind, rest) = line.split_once(char::is_whitespace)?;
    matches!(kind, "deb" | "deb-src").then(|| format!("deb-src {}", rest.trim()))
}

/// Stanzas are parted by empty lines; comment lines inside one belong to it.
fn stanzas(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut all = vec![Vec::new()];
    for line in text.lines() {
        match (line.trim().is_empty(), all.last_mut()) {
            (true, _) => all.push(Vec::new()),
            (false, Some(last)) => last.push(line),
            (false, None) => {}
        }
    }
    all.into_iter().filter(|s| !s.is_empty())
}

/// The stanza with its `Types` changed; None when it is switched off or names no packages.
fn source_stanza(lines: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut offers = false;
    for line in lines {
        let field = line.split_once(':').filter(|_| !line.starts_with([' ', '\t', '#']));
        match field {
            Some((name, value)) if name.eq_ignore_ascii_case("Types") => {
                offers = value.split_whitespace().any(|t| t == "deb" || t == "deb-src");
                text += "Types: deb-src\n";
            }
            Some((name, value)) if name.eq_ignore_ascii_case("Enabled") => {
                if matches!(value.trim().to_ascii_lowercase().as_str(), "no" | "false" | "without" | "off" | "disable") {
                    return None;
                }
            }
            _ => {
                text += line;
                text.push('\n');
            }
        }
    }
    offers.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_become_sources_and_keep_their_keys() {
        let etc = tempfile::tempdir().unwrap();
        fs::create_dir(etc.path().join("sources.list.d")).unwrap();
        let put = |name: &str, text: &str| fs::write(etc.path().join(name), text).unwrap();
        put("sources.list", "# deb cdrom:x\ndeb [signed-by=/k.gpg] http://a/ s main\ndeb-src [signed-by=/k.gpg] http://a/ s main\n");
        put("sources.list.d/off.sources.disabled", "Types: deb\nURIs: http://off/\n");
        put(
            "sources.list.d/d.sources",
            "Types: deb deb-src\n# a comment\nURIs: http://b/\nSuites: s\nSigned-By:\n -----BEGIN\n .\n Types: x\n\nTypes: deb\nEnabled: no\nURIs: http://c/\n\n\nenabled: yes\ntypes: deb\nURIs: http://d/\n",
        );
        let found = collect(etc.path()).unwrap();
        assert_eq!(found.lines, "deb-src [signed-by=/k.gpg] http://a/ s main\n");
        assert_eq!(
            found.stanzas,
            "Types: deb-src\n# a comment\nURIs: http://b/\nSuites: s\nSigned-By:\n -----BEGIN\n .\n Types: x\n\nTypes: deb-src\nURIs: http://d/\n\n"
        );
    }

    #[test]
    fn no_lists_at_all_are_empty_lists() {
        assert_eq!(collect(Path::new("/nonexistent")).unwrap(), SourceLists::default());
    }
}
