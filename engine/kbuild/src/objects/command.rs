//! What a recipe does, as far as following a build needs it: which other makes it starts, and which of Kbuild's commands
//! it runs.

use crate::make::Recipe;

/// A make that a recipe starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// After `-f`.
    pub makefile: Option<String>,
    /// After `-C`.
    pub folder: Option<String>,
    pub variables: Vec<(String, String)>,
    pub goals: Vec<String>,
}

/// What stands for `make` in an expanded recipe; no shell word is like it.
pub const MAKE: &str = "\u{1}make";

/// Whether a recipe's line starts another make.
pub fn starts_make(line: &str) -> bool {
    line.contains("$(MAKE)") || line.contains("${MAKE}")
}

/// The makes that an expanded recipe line starts.
pub fn calls(line: &str) -> Vec<Call> {
    let mut out = Vec::new();
    let line = line.replace("\\\n", " ");
    for command in line.split([';', '\n', '&', '|']) {
        let mut words = command.split_ascii_whitespace().map(unquote);
        // What stands before it may be variables for its environment, or the marks of a recipe line.
        if !words.by_ref().any(|w| w.trim_start_matches(['@', '+', '-']) == MAKE) {
            continue;
        }
        let mut call = Call::default();
        while let Some(word) = words.next() {
            if word == "-f" {
                call.makefile = words.next();
            } else if word == "-C" {
                call.folder = words.next();
            } else if let Some(file) = word.strip_prefix("-f") {
                call.makefile = Some(file.to_owned());
            } else if word == "#" || word.starts_with('>') {
                break;
            } else if word.starts_with('-') {
                // `-sC dir`, as the tools use it
                if word.ends_with('C') {
                    call.folder = words.next();
                }
            } else if let Some((name, value)) = word.split_once('=') {
                call.variables.push((name.to_owned(), value.to_owned()));
            } else {
                call.goals.push(word);
            }
        }
        out.push(call);
    }
    out
}

fn unquote(word: &str) -> String {
    word.replace(['"', '\''], "")
}

/// The name that a recipe hands to `if_changed` and its like: `cc_o_c` for `$(call if_changed_rule,cc_o_c)`.
pub fn name(recipe: &Recipe) -> Option<&str> {
    recipe.lines.iter().find_map(|line| {
        let at = ["if_changed_rule,", "if_changed_dep,", "if_changed_except,", "if_changed,", "call cmd,", "call filechk,"];
        let rest = at.iter().find_map(|word| line.split_once(word).map(|(_, rest)| rest))?;
        let end = rest.find([',', ')', ' ']).unwrap_or(rest.len());
        Some(&rest[..end])
    })
}

/// Whether a recipe does anything: `@:` and the empty one do not.
pub fn works(recipe: &Recipe) -> bool {
    recipe.lines.iter().any(|line| {
        let line = line.trim_ascii().trim_start_matches(['@', '+', '-']).trim_ascii();
        !matches!(line, "" | ":" | "true" | "/bin/true")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_makes_of_a_recipe_are_found() {
        let line = format!("@{MAKE} -f ./scripts/Makefile.build obj=fs/ext4 \\\n need-builtin=1 need-modorder= fs/ext4/x.o");
        let expected = Call {
            makefile: Some("./scripts/Makefile.build".into()),
            folder: None,
            variables: vec![("obj".into(), "fs/ext4".into()), ("need-builtin".into(), "1".into()), ("need-modorder".into(), String::new())],
            goals: vec!["fs/ext4/x.o".into()],
        };
        assert_eq!(calls(&line), [expected]);
        let line = format!("mkdir -p x && {MAKE} LDFLAGS= -C /src/tools objtool; {MAKE} -sC a");
        let folders: Vec<_> = calls(&line).into_iter().map(|c| c.folder).collect();
        assert_eq!(folders, [Some("/src/tools".into()), Some("a".into())]);
        assert!(calls("echo make").is_empty());
    }
}
