//! What is wrong in Kconfig files and in `.config`, said in the words of the C programs of Linux 6.12 and 6.1 and at their
//! lines, with the files that they leave; every text here is theirs. The library itself says more of the same faults (`reading`).
//!
//! What is not the same, and why:
//! - `config y` (and `m`, `n`) is an error: the C programs give the constant a type, and nothing more comes of it.
//! - A line that begins with an expansion to nothing has its first word read as a name, not as a keyword.
//! - `help` cut by the end of a file that another one reads takes what follows in that one for its text in the C programs.
//! - A string that ends in a backslash is warned of once, at its line.
//! - `bool == m` and its like print `Oops! How to check` with a random number in 6.12; and oldconfig of both versions asks for ever
//!   at the end of the input where a question has no valid answer. Neither is copied.

use super::conf;
use super::messages::{left, said};
use crate::bytes;

const BOTH: [&str; 2] = ["linux-6.12", "linux-6.1"];

/// What both versions say; the second counts the line of a syntax error from the line that follows it.
fn both(tree: &str, at_6_12: &str, at_6_1: &str) {
    assert_eq!(said(BOTH[0], tree, &["--alldefconfig"]), at_6_12, "6.12: {tree}");
    assert_eq!(said(BOTH[1], tree, &["--alldefconfig"]), at_6_1, "6.1: {tree}");
}

#[test]
fn an_entry_ends_with_its_first_fault() {
    both(
        "config A\n\tfoo\n\tbool \"a\"\n",
        "Kconfig:2: syntax error\nKconfig:2: unknown statement \"foo\"\nKconfig:3: invalid statement\n",
        "Kconfig:3: syntax error\nKconfig:2: unknown statement \"foo\"\nKconfig:3: invalid statement\n",
    );
    both(
        "config A\n\tdefault\n\thelp\n\t  x\n\n\t  y. z\nconfig B\n\tbool\n",
        "Kconfig:2: syntax error\nKconfig:2: invalid statement\nKconfig:3: invalid statement\nKconfig:4: unknown statement \"x\"\n\
Kconfig:6:warning: ignoring unsupported character '.'\nKconfig:6: unknown statement \"y\"\n",
        "Kconfig:3: syntax error\nKconfig:2: invalid statement\nKconfig:3: invalid statement\nKconfig:4: unknown statement \"x\"\n\
Kconfig:6:warning: ignoring unsupported character '.'\nKconfig:6: unknown statement \"y\"\n",
    );
}

#[test]
fn a_fault_after_a_fault_is_one_only_where_more_was_understood() {
    both(
        "config A B\nconfig C D\nmenu M\ncomment\nfoo\nconfig\n",
        "Kconfig:1: syntax error\nKconfig:1: invalid statement\nKconfig:2: syntax error\nKconfig:2: invalid statement\n\
Kconfig:3: invalid statement\nKconfig:4: invalid statement\nKconfig:5: unknown statement \"foo\"\nKconfig:6: invalid statement\n",
        "Kconfig:2: syntax error\nKconfig:1: invalid statement\nKconfig:3: syntax error\nKconfig:2: invalid statement\n\
Kconfig:3: invalid statement\nKconfig:4: invalid statement\nKconfig:5: unknown statement \"foo\"\nKconfig:6: invalid statement\n",
    );
}

#[test]
fn ends_that_do_not_fit_end_what_is_open() {
    let same = |tree: &str, expected: &str| both(tree, expected, expected);
    same(
        "menu \"m\"\nif A\nendmenu\nendif\n",
        "Kconfig:3: unexpected 'menu' within if block\nKconfig:4: unexpected 'if' within menu block\n",
    );
    both(
        "if A\nmenu \"m\"\n",
        "Kconfig:3: syntax error\nKconfig:2: missing end statement for this entry\nKconfig:1: missing end statement for this entry\n",
        "<none>:4: syntax error\nKconfig:2: missing end statement for this entry\nKconfig:1: missing end statement for this entry\n",
    );
    let texts = [("Kconfig", "source \"sub\"\nendmenu\n"), ("sub", "menu \"m\"\n")];
    for dialect in BOTH {
        let (_, err, _) = left(dialect, &texts, &["--alldefconfig"]);
        assert_eq!(err, "Kconfig:2: 'menu' in different file than 'menu'\nsub:1: location of the 'menu'\n");
    }
}

#[test]
fn a_choice_has_entries_and_nothing_else() {
    both(
        "choice\n\tprompt \"c\"\nsource \"sub\"\nendchoice\n",
        "Kconfig:3: syntax error\nKconfig:3: invalid statement\n",
        "Kconfig:4: syntax error\nKconfig:3: invalid statement\n",
    );
    both(
        "choice\n\tprompt \"c\"\nmenuconfig A\n\tbool \"a\"\nendchoice\n",
        "Kconfig:3: syntax error\nKconfig:3: invalid statement\nKconfig:4: invalid statement\n",
        "Kconfig:4: syntax error\nKconfig:3: invalid statement\nKconfig:4: invalid statement\n",
    );
    // U-Boot and coreboot have files there.
    let texts = [("Kconfig", "choice\n\tprompt \"c\"\nsource \"sub\"\nendchoice\n"), ("sub", "config A\n\tbool \"a\"\n")];
    for dialect in ["u-boot", "coreboot"] {
        let (_, err, config) = left(dialect, &texts, &["--alldefconfig"]);
        assert!(err.is_empty() && config.contains("CONFIG_A=y"), "{dialect}: {err}{config}");
    }
}

#[test]
fn what_an_expansion_ends_with_is_the_end() {
    let same = |tree: &str, expected: &str| both(tree, expected, expected);
    same("$(error-if,y,stop it)\nfoo\n$(error-if,y,not this)\n", "Kconfig:1: stop it\n");
    same(
        "A := $(lineno)\n$(warning-if,y,$(A))\nB := $(warning-if,y,late)$(error-if,y,bad)\nfoo\n",
        "Kconfig:2: 2\nKconfig:4: late\nKconfig:4: bad\n",
    );
    same("config A\n\tbool $(x y\n\tdefault y\n", "Kconfig:2: unterminated reference to 'x y': missing ')'\n");
    same("source \"nowhere\"\nfoo\n", "Kconfig:1: can't open file \"nowhere\"\n");
}

#[test]
fn the_last_line_of_the_first_file_needs_an_end() {
    let cut = "Kconfig:2:warning: no new line at end of file\n";
    both("config A\n\tbool \"a\"", &format!("{cut}Kconfig:2: syntax error\n"), cut);
    for tree in ["config A\n# comment", "config A\n\thelp\n\t  text"] {
        assert!(!said(BOTH[0], tree, &["--alldefconfig"]).contains("syntax error"), "{tree}");
    }
    both(
        "menu \"m\"\nendmenu",
        &format!("{cut}Kconfig:2: syntax error\nKconfig:1: missing end statement for this entry\n"),
        &format!("{cut}Kconfig:2: 'menu' in different file than 'menu'\nKconfig:1: location of the 'menu'\n"),
    );
}

#[test]
fn carriage_returns_are_no_blanks() {
    let expected = "Kconfig:1:warning: ignoring unsupported character '\r'\nKconfig:2:warning: ignoring unsupported character '\r'\n";
    both("config A\r\n\tbool \"a\"\r\n", expected, expected);
}

const ANSWERS: &str = "config A\n\tbool \"a\"\nconfig S\n\tstring \"s\"\n";

fn answered(dialect: &str, config: &str) -> (String, String) {
    let (_, err, written) = left(dialect, &[("Kconfig", ANSWERS), (".config", config)], &["--olddefconfig"]);
    (err, written.lines().skip(4).map(|l| format!("{l}\n")).collect())
}

#[test]
fn lines_of_answers_are_read_more_strictly_since_6_12() {
    for line in ["CONFIG_", "CONFIG_A", "CONFIG_A is not set"] {
        assert_eq!(answered(BOTH[0], &format!("{line}\n")).0, format!(".config:1:warning: unexpected data: {line}\n"));
        assert_eq!(answered(BOTH[1], &format!("{line}\n")).0, "");
    }
    let more = "# CONFIG_A is not set, or is it\nCONFIG_A=y\n";
    assert_eq!(answered(BOTH[0], more).0, "");
    assert_eq!(answered(BOTH[1], more).0, ".config:2:warning: override: reassigning to symbol A\n");
    assert_eq!(answered(BOTH[0], "garbage\r").0, ".config:1:warning: unexpected data: garbage\r\n");
    assert_eq!(answered(BOTH[1], "garbage\r").0, ".config:1:warning: unexpected data: garbage\n");
    for dialect in BOTH {
        // What is behind a zero byte is not seen, and the constants are no unknown symbols.
        assert_eq!(answered(dialect, "CONFIG_S=\"a\0b\"\nCONFIG_y=n\n").0, ".config:1:warning: invalid string found\n");
    }
}

#[test]
fn bytes_of_other_encodings_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let tree = b"mainmenu \"t\xe9\"\nconfig S\n\tstring \"s\xe9\"\n\tdefault \"\xff\"\ncomment \"\xfe\"\n\xe9\n";
    std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
    let (code, _, err) = conf(folder.path(), &[], &["--alldefconfig", "Kconfig"], &[]);
    let expected = bytes::text(b"Kconfig:6:warning: ignoring unsupported character '\xe9'\n".to_vec());
    assert_eq!((code, err), (0, expected));
    let config = std::fs::read(folder.path().join(".config")).unwrap();
    assert_eq!(config, b"#\n# Automatically generated file; DO NOT EDIT.\n# t\xe9\n#\nCONFIG_S=\"\xff\"\n\n#\n# \xfe\n#\n");
}

#[test]
fn an_answer_that_is_not_written_is_a_change() {
    let tree = "config E\n\tbool \"e\"\nconfig T\n\tbool \"t\" if E\nconfig P\n\tbool \"p\" if E\n\tdefault y\n";
    let full = "# CONFIG_E is not set\nCONFIG_P=y\n";
    let more = format!("{full}# CONFIG_T is not set\n");
    for (dialect, config, changed) in [(BOTH[0], full, false), (BOTH[1], full, false), (BOTH[0], &more, true), (BOTH[1], &more, true)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
        std::fs::write(folder.path().join(".config"), config).unwrap();
        let variables = [("KCONFIG_DIALECT", dialect), ("KCONFIG_NOSILENTUPDATE", "1")];
        let (code, ..) = conf(folder.path(), &variables, &["--syncconfig", "Kconfig"], &[]);
        assert_eq!(code == 1, changed, "{dialect} {config}");
    }
}

#[test]
fn files_of_symbols_lie_beside_auto_conf() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), "config A\n\tbool \"a\"\n\tdefault y\n").unwrap();
    let (code, ..) = conf(folder.path(), &[("KCONFIG_AUTOCONFIG", "x/auto")], &["--syncconfig", "Kconfig"], &[]);
    assert!(code == 0 && folder.path().join("x/A").exists() && !folder.path().join("include/config").exists());
}

/// Before 6.12 the answer that was forgotten, because nobody was asked, counts again once its menu was shown; in 6.12 it was not
/// forgotten.
#[test]
fn what_is_shown_for_what_is_below_it_counts_as_answered_before_6_12() {
    let tree = "menuconfig N\n\tbool \"n\" if E\n\tdefault !E\nconfig BELOW\n\tbool \"below\"\n\tdepends on N\nconfig E\n\tbool \"e\"\n";
    let config = "CONFIG_N=y\n# CONFIG_BELOW is not set\n# CONFIG_E is not set\n";
    for dialect in BOTH {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
        std::fs::write(folder.path().join(".config"), config).unwrap();
        let (_, out, _) = conf(folder.path(), &[("KCONFIG_DIALECT", dialect)], &["--oldaskconfig", "Kconfig"], b"\ny\n");
        let expected = "*\n* Main menu\n*\n*\n* n\n*\nn (N) [Y/?] y\n  below (BELOW) [N/y/?] \ne (E) [N/y/?] y\n\
#\n# configuration written to .config\n#\n";
        assert_eq!(out, expected, "{dialect}");
    }
}

#[test]
fn a_number_is_asked_for_as_long_as_there_are_lines() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), "config J\n\tint \"j\"\n").unwrap();
    let words = ["--oldaskconfig", "Kconfig"];
    let (code, out, _) = conf(folder.path(), &[("KCONFIG_DIALECT", BOTH[1])], &words, b"\n\nx\n5\n");
    assert_eq!((code, out.matches("j (J) [] (NEW) ").count()), (0, 4), "{out}");
    // The C program would ask for ever.
    let (code, out, _) = conf(folder.path(), &[("KCONFIG_DIALECT", BOTH[1]), ("KCONFIG_CONFIG", "none")], &words, b"\n");
    assert_eq!((code, out.matches("j (J) [] (NEW) ").count()), (1, 3), "{out}");
}
