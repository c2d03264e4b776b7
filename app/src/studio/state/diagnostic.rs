//! What a line of a build's output complains about, and where: gcc and clang, as, ld, make, Kconfig.
//!
//! GNU's form is `file:line[:column]: [level:] message` (GNU coding standards, 4.4); the linker and make have their own.

/// How bad a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    #[default]
    None,
    Warning,
    Error,
}

/// A place in a file that a line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub file: &'a str,
    pub line: u32,
    pub column: Option<u32>,
    /// Where in the text the place stands, for underlining.
    pub start: usize,
    pub end: usize,
}

/// Words without which no line is a complaint; finding them is much quicker than reading the line.
const HINTS: [&[u8]; 8] =
    [b"rror", b"arning", b"ARNING", b"RROR", b"***", b"undefined reference", b"multiple definition", b"cannot find -l"];

pub struct Reader {
    hints: Vec<memchr::memmem::Finder<'static>>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { hints: HINTS.iter().map(|h| memchr::memmem::Finder::new(*h)).collect() }
    }
}

impl Reader {
    pub fn level(&self, line: &str) -> Level {
        if self.hints.iter().any(|h| h.find(line.as_bytes()).is_some()) { level(line) } else { Level::None }
    }
}

fn level(line: &str) -> Level {
    // What stands before the message: a place, or the names of programs (`/usr/bin/ld: x.o: `).
    let mut rest = line;
    loop {
        let said = rest.trim_start();
        let says = |words: &[&str]| words.iter().any(|w| said.get(..w.len()).is_some_and(|s| s.eq_ignore_ascii_case(w)));
        if says(&["error:", "fatal error:", "fatal:", "internal compiler error:"]) {
            return Level::Error;
        }
        if says(&["warning:"]) {
            return Level::Warning;
        }
        if said.starts_with("*** ") {
            // make goes on after a `-` before a command.
            return if line.ends_with("(ignored)") { Level::Warning } else { Level::Error };
        }
        if says(&["undefined reference to ", "multiple definition of ", "cannot find -l"]) {
            return Level::Error;
        }
        // The next part after a colon; a command line has no `word: word` before its options.
        match rest.split_once(':') {
            Some((_, next)) if rest.len() - next.len() < 400 => rest = next,
            _ => break,
        }
    }
    // `make: [Makefile:3: all] Error 1 (ignored)`
    if line.starts_with("make") && line.ends_with("(ignored)") { Level::Warning } else { Level::None }
}

/// The place that a line names, if it names one that could be a file.
pub fn place(line: &str) -> Option<Place<'_>> {
    // `make[2]: *** [scripts/Makefile.build:229: init/main.o] Error 1`
    if line.starts_with("make") {
        let start = line.find('[').map(|_| line.find(" [").map(|i| i + 2))??;
        return at(line, start);
    }
    for prefix in ["In file included from ", "                 from ", "                from "] {
        if line.starts_with(prefix) {
            return at(line, prefix.len());
        }
    }
    let direct = at(line, 0);
    if direct.is_some() {
        return direct;
    }
    // `/usr/bin/ld: main.c:12: undefined reference to `x'`; `ERROR: modpost: …` has none.
    let (program, _) = line.split_once(": ")?;
    program.ends_with("ld").then(|| at(line, program.len() + 2)).flatten()
}

fn at(line: &str, start: usize) -> Option<Place<'_>> {
    let text = line.get(start..)?;
    let mut colons = text.match_indices(':').map(|(i, _)| i);
    let colon = colons.find(|i| text[i + 1..].starts_with(|c: char| c.is_ascii_digit()))?;
    let file = &text[..colon];
    let likely = !file.is_empty() && file.len() < 1024 && !file.starts_with([' ', '\t', '-', '$']) && !file.contains(['\'', '"', '=']);
    // `12:34:56` is a time, and `sh: 1: x` a shell; a source has a dot, a folder, or one of make's and Kconfig's names.
    let named = file.contains(['.', '/']) || file.ends_with("akefile") || file.starts_with("Kconfig");
    if !likely || !named || file.contains(": ") {
        return None;
    }
    let (line_number, after) = number(&text[colon + 1..])?;
    let mut end = colon + 1 + after;
    let column = text[end..].strip_prefix(':').and_then(number);
    if let Some((_, length)) = column {
        end += 1 + length;
    }
    // Something follows that sets the place off from what is said.
    let closes = text[end..].is_empty() || text[end..].starts_with([':', ',', ')', ']']);
    (closes && line_number > 0).then_some(Place { file, line: line_number, column: column.map(|c| c.0), start, end: start + end })
}

/// Digits at the start, and how many.
fn number(text: &str) -> Option<(u32, usize)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text[..length].parse().ok()?, length))
}

/// The folder that `make` says it enters, or that a command starts in.
pub fn folder(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("$ cd ") {
        return Some(rest.trim_matches('\''));
    }
    line.strip_prefix("make")?.split_once(": Entering directory '")?.1.strip_suffix('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, level: Level, found: Option<(&str, u32, Option<u32>)>) {
        assert_eq!(Reader::default().level(line), level, "{line}");
        assert_eq!(place(line).map(|p| (p.file, p.line, p.column)), found, "{line}");
    }

    #[test]
    fn gcc_and_clang() {
        check("networking/tc.c:236:28: error: 'TCA_CBQ_MAX' undeclared", Level::Error, Some(("networking/tc.c", 236, Some(28))));
        check("../init/main.c:9:1: warning: unused [-Wunused]", Level::Warning, Some(("../init/main.c", 9, Some(1))));
        check("a.c:1:10: fatal error: x.h: No such file or directory", Level::Error, Some(("a.c", 1, Some(10))));
        check("/my dir/a.c:7: warning: old", Level::Warning, Some(("/my dir/a.c", 7, None)));
        check("a.c:3:5: note: declared here", Level::None, Some(("a.c", 3, Some(5))));
        check("In file included from include/x.h:5:2,", Level::None, Some(("include/x.h", 5, Some(2))));
        check("                 from a.c:2:", Level::None, Some(("a.c", 2, None)));
        check("cc1: error: unrecognized option", Level::Error, None);
        check("cc1: warning: command-line option", Level::Warning, None);
        check("a.c: In function 'main':", Level::None, None);
        check("gcc: fatal error: no input files", Level::Error, None);
    }

    #[test]
    fn the_assembler() {
        check("x.s:12: Error: no such instruction: `foo'", Level::Error, Some(("x.s", 12, None)));
        check("/tmp/cc1.s:3: Warning: x", Level::Warning, Some(("/tmp/cc1.s", 3, None)));
        check("x.s: Assembler messages:", Level::None, None);
    }

    #[test]
    fn the_linker() {
        check("/usr/bin/ld: main.c:12: undefined reference to `x'", Level::Error, Some(("main.c", 12, None)));
        check("main.c:(.text+0x5): undefined reference to `x'", Level::Error, None);
        check("/usr/bin/ld: cannot find -lfoo: No such file or directory", Level::Error, None);
        check("/usr/bin/ld: warning: a.o: missing .note.GNU-stack", Level::Warning, None);
        check("ld: b.o:(.bss+0x0): multiple definition of `v'; a.o:(.bss+0x0): first defined here", Level::Error, None);
        check("collect2: error: ld returned 1 exit status", Level::Error, None);
    }

    #[test]
    fn make() {
        check("make[2]: *** [scripts/Makefile.build:229: init/main.o] Error 1", Level::Error, Some(("scripts/Makefile.build", 229, None)));
        check("Makefile:12: *** missing separator.  Stop.", Level::Error, Some(("Makefile", 12, None)));
        check("make: *** No rule to make target 'x'.  Stop.", Level::Error, None);
        check("make: [Makefile:3: all] Error 1 (ignored)", Level::Warning, Some(("Makefile", 3, None)));
        check("Makefile:5: warning: overriding recipe for target 'x'", Level::Warning, Some(("Makefile", 5, None)));
        check("make[1]: Entering directory '/w/a'", Level::None, None);
    }

    #[test]
    fn kconfig_and_modpost() {
        check(".config:12:warning: override: X changes choice state", Level::Warning, Some((".config", 12, None)));
        check("Kconfig:8: error: recursive dependency detected!", Level::Error, Some(("Kconfig", 8, None)));
        check("ERROR: modpost: \"x\" undefined!", Level::Error, None);
        check("WARNING: modpost: missing MODULE_LICENSE()", Level::Warning, None);
    }

    #[test]
    fn what_only_looks_like_it() {
        check("  CC      lib/error.o", Level::None, None);
        check("gcc -Werror -Wno-error=x -c -o error.o src/error/strerror.c", Level::None, None);
        check("12:34:56 all is well", Level::None, None);
        check("sh: 1: x: not found", Level::None, None);
        check("  AR      lib/warning.a", Level::None, None);
        check("checking for error_at_line... yes", Level::None, None);
        check("a.c:99999999999999999999:1: error: x", Level::Error, None);
        check("http://example.org:80/x", Level::None, None);
        check("", Level::None, None);
        check(&":".repeat(5000), Level::None, None);
    }

    #[test]
    fn folders() {
        assert_eq!(folder("make[1]: Entering directory '/w/a b'"), Some("/w/a b"));
        assert_eq!(folder("$ cd '/w/a b'"), Some("/w/a b"));
        assert_eq!(folder("cd /x"), None);
    }
}
