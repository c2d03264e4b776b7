//! scripts/basic/fixdep: turns the compiler's depfile into the list of a `.cmd` file, with the options that the files name.
//!
//! `fixdep DEPFILE TARGET COMMAND` prints. What it prints, and when it stops, was found by running the C programs of Linux 6.12,
//! Linux 6.1 and BusyBox 1.35; tests/kbuild.rs compares each byte for all objects of a built tree. [`Scanner`] remembers what
//! it found in each file, so that many objects cost little more than their headers once.

mod depfile;
mod options;
mod tree;

pub use depfile::{Depfile, Piece};
pub use options::{Scanner, options};
pub use tree::{Checked, check_tree};

use std::io::Write;
use std::path::Path;

/// Whose fixdep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Since Linux 6.3: `savedcmd_`, each file named once, no look into Rust's libraries.
    #[default]
    Linux,
    /// Linux 5.14 to 6.2: `cmd_`.
    Linux6_1,
    /// The 2.6 era: no `source_`, options as `include/config/foo/bar.h`, and `ENABLE_`, `IF_` and `IF_NOT_` count too.
    BusyBox,
}

impl Dialect {
    /// A dialect by name: linux, linux-6.12, linux-6.1, busybox.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "linux" | "linux-6.12" | "linux-6.18" => Self::Linux,
            "linux-6.1" => Self::Linux6_1,
            "busybox" => Self::BusyBox,
            _ => return None,
        })
    }

    /// That of a source folder, by what its scripts call the saved command. None where it has no such scripts.
    pub fn of_source(source: &Path) -> Option<Self> {
        let text = std::fs::read(source.join("scripts/Kbuild.include")).ok()?;
        Some(match memchr::memmem::find(&text, b"savedcmd_") {
            Some(_) => Self::Linux,
            None if source.join("scripts/gen_build_files.sh").exists() => Self::BusyBox,
            None => Self::Linux6_1,
        })
    }

    /// That of a tree.
    pub fn of_tree(tree: &crate::Tree) -> Self {
        match tree.kind {
            crate::Kind::BusyBox => Self::BusyBox,
            _ => Self::of_source(&tree.source).unwrap_or(Self::Linux6_1),
        }
    }
}

/// Why it stopped. What was printed before stays printed, as by the C program.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its exit code.
    pub code: u8,
    /// Without `fixdep: `.
    pub words: String,
}

impl Failure {
    fn new(code: u8, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}

/// What to print for a target.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    pub dialect: Dialect,
    /// The depfile's bytes.
    pub depfile: &'a [u8],
    pub target: &'a [u8],
    /// As it is to stand in the file, with what make needs escaped.
    pub command: &'a [u8],
}

/// Prints the `.cmd` file to `out`.
pub fn fixdep(job: Job<'_>, scanner: &mut Scanner, out: &mut Vec<u8>) -> Result<(), Failure> {
    let Job { dialect, target, command, .. } = job;
    // A depfile ends where C's strings do.
    let depfile = job.depfile.split(|b| *b == 0).next().unwrap_or_default();
    scanner.begin();
    put(out, if dialect == Dialect::Linux { &[b"savedcmd_"] } else { &[b"cmd_"] });
    put(out, &[target, b" := ", command, b"\n\n"]);
    let mut source_seen = false;
    let heading = |out: &mut Vec<u8>, source: Option<&[u8]>| {
        if let Some(source) = source {
            put(out, &[b"source_", target, b" := ", source, b"\n\n"]);
        }
        put(out, &[b"deps_", target, b" := \\\n"]);
    };
    match dialect {
        Dialect::BusyBox => {
            if depfile.is_empty() {
                // The C program says so and calls it success.
                return Err(Failure::new(0, "the depfile is empty"));
            }
            heading(out, None);
            let list = depfile::busybox(depfile).ok_or_else(|| {
                // Without a colon it prints no list.
                out.truncate(out.len() - b"deps_".len() - target.len() - b" := \\\n".len());
                Failure::new(1, "parse error")
            })?;
            for name in list {
                put(out, &[b"  ", name, b" \\\n"]);
                scanner.print(dialect, name, out)?;
            }
        }
        Dialect::Linux => {
            for piece in Depfile::new(depfile) {
                match piece {
                    Piece::Source(name) if !source_seen => {
                        source_seen = true;
                        heading(out, Some(&name));
                        scanner.print(dialect, &name, out)?;
                        scanner.once(&name);
                    }
                    Piece::Source(_) => {}
                    Piece::File(name) => {
                        if is_generated(&name, &[b"include/generated/autoconf.h"]) || !scanner.once(&name) {
                            continue;
                        }
                        put(out, &[b"  ", &name, b" \\\n"]);
                        // Nothing but code is in these, and they are large.
                        if ![b".rlib".as_slice(), b".rmeta", b".so"].iter().any(|end| name.ends_with(end)) {
                            scanner.print(dialect, &name, out)?;
                        }
                    }
                }
            }
        }
        Dialect::Linux6_1 => {
            let mut first = false;
            for word in depfile::words_6_1(depfile) {
                if word.ends_with(b":") {
                    first = true;
                    continue;
                }
                if is_generated(word, &[b"include/generated/autoconf.h", b"include/generated/autoksyms.h"]) {
                    continue;
                }
                match (first, source_seen) {
                    (true, false) => heading(out, Some(word)),
                    (true, true) => {}
                    (false, _) => put(out, &[b"  ", word, b" \\\n"]),
                }
                source_seen |= first;
                first = false;
                scanner.print(dialect, word, out)?;
            }
        }
    }
    if dialect != Dialect::BusyBox && !source_seen {
        return Err(Failure::new(1, "parse error; no targets found"));
    }
    put(out, &[b"\n", target, b": $(deps_", target, b")\n\n$(deps_", target, b"):\n"]);
    Ok(())
}

/// What the program is when it is called so: its arguments without its own name, and its exit code.
pub fn run(dialect: Dialect, arguments: &[Vec<u8>], out: &mut impl Write, err: &mut impl Write) -> u8 {
    let [depfile, target, command] = arguments else {
        let _ = err.write_all(b"Usage: fixdep <depfile> <target> <cmdline>\n");
        return 1;
    };
    let mut text = Vec::new();
    let result = options::read(depfile).map_err(|why| {
        let start = if dialect == Dialect::Linux { b"savedcmd_".as_slice() } else { b"cmd_" };
        put(&mut text, &[start, target, b" := ", command, b"\n\n"]);
        options::open_failure(dialect, depfile, &why)
    });
    let result = result.and_then(|depfile| fixdep(Job { dialect, depfile: &depfile, target, command }, &mut Scanner::default(), &mut text));
    let written = out.write_all(&text).and_then(|()| out.flush());
    if written.is_err() {
        let _ = err.write_all(b"fixdep: not all data was written to the output\n");
        return 1;
    }
    match result {
        Ok(()) => 0,
        Err(failure) => {
            let _ = writeln!(err, "fixdep: {}", failure.words);
            failure.code
        }
    }
}

/// Files that all others include and that change with each option; include/config/ stands for them.
fn is_generated(name: &[u8], ends: &[&[u8]]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|p| out.extend_from_slice(p));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Runs on files named by absolute paths in a scratch folder; `@/` in the depfile and in the result is that folder.
    fn run_in(dialect: Dialect, depfile: &str, files: &[(&str, &str)]) -> (u8, String, String) {
        let folder = tempfile::tempdir().unwrap();
        let place = format!("{}/", folder.path().display());
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let d = folder.path().join(".d");
        fs::write(&d, depfile.replace("@/", &place)).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = [d.display().to_string().into_bytes(), b"T".to_vec(), b"CMD".to_vec()];
        let code = run(dialect, &arguments, &mut out, &mut err);
        let text = |b: Vec<u8>| String::from_utf8_lossy(&b).replace(&place, "@/");
        (code, text(out), text(err))
    }

    const FILES: [(&str, &str); 6] = [
        ("p.h", "CONFIG_AA"),
        ("q.h", "CONFIG_BB CONFIG_AA\n"),
        ("r.h", "CONFIG_CC"),
        ("e#f.h", "CONFIG_HASH"),
        ("x.rlib", "CONFIG_R"),
        ("include/generated/autoconf.h", "CONFIG_GEN"),
    ];

    #[test]
    fn each_dialect_prints_its_form() {
        let depfile = "T.o: @/p.h @/include/generated/autoconf.h \\\n @/q.h @/x.rlib @/q.h\n";
        let option = |name: &str| format!("    $(wildcard include/config/{name}) \\\n");
        let (a, b, r) = (option("AA"), option("BB"), option("R"));
        let (code, out, err) = run_in(Dialect::Linux, depfile, &FILES);
        let end = "\nT: $(deps_T)\n\n$(deps_T):\n";
        let expected = format!("savedcmd_T := CMD\n\nsource_T := @/p.h\n\ndeps_T := \\\n{a}  @/q.h \\\n{b}  @/x.rlib \\\n{end}");
        assert_eq!((code, out, err.as_str()), (0, expected, ""));
        let (_, out, _) = run_in(Dialect::Linux6_1, depfile, &FILES);
        let expected = format!("cmd_T := CMD\n\nsource_T := @/p.h\n\ndeps_T := \\\n{a}  @/q.h \\\n{b}  @/x.rlib \\\n{r}  @/q.h \\\n{end}");
        assert_eq!(out, expected);
        let (_, out, _) = run_in(Dialect::BusyBox, "T.o: @/p.h \\\n @/q.h\n", &FILES);
        let (a, b) = (option("aa.h"), option("bb.h"));
        assert_eq!(out, format!("cmd_T := CMD\n\ndeps_T := \\\n  @/p.h \\\n{a}  @/q.h \\\n{b}{end}"));
    }

    #[test]
    fn depfiles_of_several_rules_comments_and_escapes_are_read_as_make_does() {
        let files = |dialect, depfile: &str| {
            let (code, out, err) = run_in(dialect, depfile, &FILES);
            let names = out.lines().filter_map(|l| l.strip_prefix("  @/")?.strip_suffix(" \\").map(str::to_owned));
            (code, names.collect::<Vec<_>>().join(" "), err)
        };
        let fine = |names: &str| (0, names.to_owned(), String::new());
        // The first file of each rule is its source, and only that of the first rule counts.
        assert_eq!(files(Dialect::Linux, "T.o: @/p.h\nU.o: @/q.h @/r.h\n"), fine("r.h"));
        assert_eq!(files(Dialect::Linux6_1, "T.o: @/p.h\nU.o: @/q.h @/r.h\n"), fine("r.h"));
        assert_eq!(files(Dialect::Linux, "T.o U.o:@/p.h @/q.h # @/r.h \\\n @/r.h\n@/r.h:\n"), fine("q.h"));
        assert_eq!(files(Dialect::Linux, "T.o: @/p.h @/e\\#f.h\n"), fine("e#f.h"));
        assert_eq!(files(Dialect::Linux, "T.o: @/p.h \\\n\n@/q.h: @/r.h\n"), fine(""));
        let (code, _, err) = files(Dialect::Linux, "T.o:\n");
        assert_eq!((code, err.as_str()), (1, "fixdep: parse error; no targets found\n"));
        let (code, names, err) = files(Dialect::Linux, "T.o: @/p.h @/none.h @/q.h\n");
        let message = "fixdep: error opening file: @/none.h: No such file or directory\n";
        assert_eq!((code, names.as_str(), err.as_str()), (2, "none.h", message));
    }

    #[test]
    fn names_of_options_are_found_as_the_c_program_finds_them() {
        let options = |dialect, text: &str| {
            let (_, out, _) = run_in(dialect, "T.o: @/a.c @/b.h\n", &[("a.c", text), ("b.h", "")]);
            let of = |l: &str| l.trim().strip_prefix("$(wildcard include/config/")?.strip_suffix(") \\").map(str::to_owned);
            out.lines().filter_map(of).collect::<Vec<_>>().join(" ")
        };
        let text = "CONFIG_FOO; xCONFIG_NO 1CONFIG_NO _CONFIG_NO CONFIG_BAR_MODULE CONFIG_ CONFIG__MODULE CONFIG_A_MODULE_MODULE \
            CONFIG_low CONFIG_FOO -CONFIG_DASH CONFIG_CONFIG_X CONFIGCONFIG_Y é_CONFIG_N éCONFIG_E CONFIG_END\0CONFIG_AFTER";
        for dialect in [Dialect::Linux, Dialect::Linux6_1] {
            assert_eq!(options(dialect, text), "FOO BAR A_MODULE low DASH CONFIG_X E END");
        }
        let text = "ENABLE_E1 IF_I1(x) IF_NOT_N1(x) CONFIG_C1 SKIP_S xCONFIG_X _IF_X CONFIG_M_MODULE CONFIG_ IF_NOT_ CONFIG_A__B \
            IF_ENABLE_Z ENABLE_m_MODULE IF_NOT_NOT_R ENABLE_R1ENABLE_R2 CONFIG_C1 CONFIG_END\0CONFIG_AFTER";
        let found = "e1.h i1.h n1.h c1.h m/module.h a//b.h enable/z.h m/module.h not/r.h r1enable/r2.h end.h after.h";
        assert_eq!(options(Dialect::BusyBox, text), found);
    }

    proptest::proptest! {
        #[test]
        fn no_depfile_and_no_text_makes_it_stumble(depfile in "[ab.:#\\\\ \t\n$\0]{0,60}", text: Vec<u8>) {
            let folder = tempfile::tempdir().unwrap();
            let a = folder.path().join("a");
            std::fs::write(&a, &text).unwrap();
            let depfile = depfile.replace('a', &a.display().to_string());
            for dialect in [Dialect::Linux, Dialect::Linux6_1, Dialect::BusyBox] {
                let job = Job { dialect, depfile: depfile.as_bytes(), target: b"T", command: b"" };
                let mut out = Vec::new();
                let made = fixdep(job, &mut Scanner::default(), &mut out);
                // What it prints can be read again. That of 6.1 prints a file before the source where no target comes first.
                if made.is_ok() && dialect != Dialect::BusyBox {
                    let read = crate::cmd::parse(&out, |body| crate::cmd::lines(body, |_| ()));
                    proptest::prop_assert!(read.is_ok_and(|c| c.has_list && (c.trouble.is_none() || dialect == Dialect::Linux6_1)));
                }
            }
        }
    }
}
