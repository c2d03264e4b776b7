//! The command that Kbuild noted beside a target, and its words.

use crate::Tree;
use std::fs;
use std::io::Read;
use std::path::Path;

/// Longest command read, in bytes. That of a kernel's largest archive is about 20 KB.
const LIMIT: u64 = 4 << 20;

/// Where the note of a target lies: `init/main.o` has `init/.main.o.cmd`.
pub fn note(target: &str) -> String {
    let path = Path::new(target);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.cmd")).to_string_lossy().into_owned()
}

/// The command that made a target, as the shell got it; None where none was noted.
pub fn command(tree: &Tree, target: &str) -> Option<String> {
    let file = fs::File::open(tree.object.join(note(target))).ok()?;
    let mut text = Vec::new();
    file.take(LIMIT).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next()?;
    let (name, command) = line.split_once(":=")?;
    // `savedcmd_` since 6.3, `cmd_` before and in BusyBox.
    let name = name.trim_end();
    let named = name.strip_prefix("saved").unwrap_or(name).strip_prefix("cmd_")?;
    // Noted as a makefile reads it: `$$` for `$`, `$(pound)` or `\#` for `#`.
    (named == target).then(|| command.trim().replace("$(pound)", "#").replace("\\#", "#").replace("$$", "$"))
}

/// The words of a command, as far as a shell would make them, with `;`, `|`, `>`, `{` and `}` as words of their own. What
/// stands in quotes is taken apart too: scripts get lists of files in one argument.
pub fn words(command: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            found.push(std::mem::take(word));
        }
    };
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => word.extend(letters.next()),
            '"' | '\'' => {}
            letter if letter.is_whitespace() => end(&mut word),
            ';' | '|' | '>' | '<' | '{' | '}' | '(' | ')' => {
                end(&mut word);
                let mut own = letter.to_string();
                end(&mut own);
            }
            other => word.push(other),
        }
    }
    end(&mut word);
    found
}

/// The programs that a command starts, in order: the first word of each part. One that runs another (`sh`, `xargs`) counts
/// with the word behind it.
pub fn programs(words: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut first = true;
    for word in words {
        match word.as_str() {
            ";" | "|" | "{" | "}" | "(" | ")" | "&&" | "||" => first = true,
            ">" | "<" => first = false,
            word if first => {
                found.push(word);
                first = matches!(word, "sh" | "bash" | "xargs" | "if" | "then" | "else" | "env");
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_lies_beside_its_target() {
        assert_eq!((note("vmlinux").as_str(), note("init/main.o").as_str()), (".vmlinux.cmd", "init/.main.o.cmd"));
    }

    #[test]
    fn words_are_those_of_the_shell() {
        let found = words("{ cat a/b.bin | sh x.sh; printf \\160\\052; } > \"out file\" 'c d'");
        assert_eq!(programs(&found), ["cat", "sh", "x.sh", "printf"]);
        assert_eq!(found, ["{", "cat", "a/b.bin", "|", "sh", "x.sh", ";", "printf", "160052", ";", "}", ">", "out", "file", "c", "d"]);
    }
}
