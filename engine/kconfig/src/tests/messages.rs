//! What is said, word for word as the C programs of Linux 6.1 and 6.12 say it; each was found by running them on random trees.

use super::conf;
use crate::{Dialect, files};

/// Runs one mode after another; what the last one wrote to the standard error.
pub fn said(dialect: &str, tree: &str, modes: &[&str]) -> String {
    left(dialect, &[("Kconfig", tree)], modes).1
}

/// The standard output and error of the last of these modes, and `.config`.
pub fn left(dialect: &str, texts: &[(&str, &str)], modes: &[&str]) -> (String, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in texts {
        files::write_plain(&folder.path().join(name), text).unwrap();
    }
    let mut last = Default::default();
    for mode in modes {
        last = conf(folder.path(), &[("KCONFIG_DIALECT", dialect)], &[mode, "Kconfig"], &[]);
    }
    let config = std::fs::read_to_string(folder.path().join(".config")).unwrap_or_default();
    (last.1, last.2, config)
}

#[test]
fn warnings_of_entries_stand_at_the_lines_of_the_c_program() {
    let tree = "menuconfig M\n\tbool\nconfig X\n\tbool \" x\"\n\thelp\n\n\nconfig X\n\tint\n\thelp\n\t  a\n\thelp\n\t  b\ncomment \" c\"\n";
    let expected = "Kconfig:3: warning: menuconfig statement without prompt\nKconfig:4:warning: leading whitespace ignored\n\
Kconfig:8: warning: 'X' defined with blank help text\nKconfig:8:warning: ignoring type redefinition of 'X' from 'bool' to 'integer'\n\
Kconfig:14: warning: 'X' defined with more than one help text -- only the last one will be used\n\
Kconfig:14:warning: leading whitespace ignored\n";
    for dialect in ["linux-6.12", "linux-6.1"] {
        assert_eq!(said(dialect, tree, &["--alldefconfig"]), expected, "{dialect}");
    }
}

#[test]
fn a_default_of_a_choice_is_one_of_its_members() {
    let tree =
        "config A\n\tbool \"a\"\nchoice\n\tprompt \"c\"\n\tdefault A\n\tdefault B\n\tdefault NOWHERE\nconfig B\n\tbool \"b\"\nendchoice\n";
    let expected = "Kconfig:5:warning: choice default symbol 'A' is not contained in the choice\n\
Kconfig:7:warning: choice default symbol 'NOWHERE' is not contained in the choice\n";
    for dialect in ["linux-6.12", "linux-6.1"] {
        assert_eq!(said(dialect, tree, &["--alldefconfig"]), expected, "{dialect}");
    }
}

#[test]
fn a_choice_of_6_12_has_a_prompt_and_bool_members_with_prompts() {
    let tree = "choice\nconfig A\n\ttristate \"a\"\nconfig B\n\tbool\nconfig C\n\tbool \"c\"\n\tdefault y\nendchoice\n";
    let expected = "Kconfig:1: error: choice must have a prompt\nKconfig:2: error: choice member must be bool\n\
Kconfig:4: error: choice member must have a prompt\nKconfig:8: error: defaults for choice values not supported\n";
    assert_eq!(said("linux-6.12", tree, &["--alldefconfig"]), expected);
    assert!(said("linux-6.1", tree, &["--alldefconfig"]).starts_with("Kconfig:1:warning: choice must have a prompt\n"));
}

/// X selects T, which hangs on A.
fn unmet(condition: &str) -> String {
    format!(
        "config MODULES\n\tbool \"modules\"\n\tmodules\n\tdefault y\nconfig A\n\ttristate \"a\"\n\tdefault m\n\
config Z\n\tbool \"z\"\n\tdefault y\nconfig T\n\tbool\n\tdepends on A = y\nconfig X\n\tdef_bool y\n\tselect T if {condition}\n"
    )
}

#[test]
fn conditions_stand_in_messages_as_the_simplifications_leave_them() {
    for (condition, new, old) in [
        ("A && A = m", "A [=m] && A [=m]=m [=m]", "A [=m] && A [=m]=m [=m]"),
        ("A && A != y", "A [=m] && A [=m]!=y [=y]", "A [=m] && A [=m]!=y [=y]"),
        ("A != n && A", "A [=m]", "A [=m]"),
        ("A && y", "A [=m]", "A [=m] && y [=y]"),
        ("A || Z = m", "A [=m]", "(A [=m] || n [=n])"),
        ("!(A && y)", "!A [=m]", "(!A [=m] || n [=n])"),
    ] {
        for (dialect, text) in [("linux-6.12", new), ("linux-6.1", old)] {
            let said = said(dialect, &unmet(condition), &["--alldefconfig"]);
            let line = said.lines().find(|l| l.starts_with("  - ")).unwrap_or_default();
            assert_eq!(line, format!("  - X [=y] && {text}"), "{dialect}");
        }
    }
}

#[test]
fn what_is_warned_of_again() {
    let (tree, count) = (unmet("Z"), |said: String| said.matches("WARNING: unmet").count());
    for (dialect, modes, times) in [
        // Once where everything is written for the first time.
        ("linux-6.12", &["--alldefconfig"][..], 1),
        ("linux-6.1", &["--alldefconfig"], 1),
        // Read, and written.
        ("linux-6.12", &["--alldefconfig", "--olddefconfig"], 2),
        ("linux-6.1", &["--alldefconfig", "--olddefconfig"], 2),
        // Beside an older auto.conf, before 6.12 once more.
        ("linux-6.12", &["--alldefconfig", "--syncconfig"], 2),
        ("linux-6.1", &["--alldefconfig", "--syncconfig"], 3),
    ] {
        assert_eq!(count(said(dialect, &tree, modes)), times, "{dialect} {modes:?}");
    }
}

#[test]
fn an_answer_that_changes_nothing_brings_no_warning_again() {
    let tree = unmet("Z") + "config Q\n\tbool \"q\"\nconfig R\n\tbool \"r\"\n";
    // Nobody answers Q and R: the line is empty, which takes what is there.
    assert_eq!(said("linux-6.12", &tree, &["--oldconfig"]).matches("WARNING: unmet").count(), 1);
}

#[test]
fn syncconfig_without_a_configuration_is_an_error_in_old_trees_only() {
    for (name, refused) in [("linux-6.12", false), ("linux-6.1", false), ("linux-4", true), ("u-boot", true), ("xen", false)] {
        assert_eq!(Dialect::named(name).unwrap().sync_needs_config, refused, "{name}");
    }
    assert!(!said("linux-6.12", "config A\n\tbool \"a\"\n", &["--syncconfig"]).contains("not found"));
}

/// The lines of each ring that is named, without what to read about it.
fn rings(dialect: &str, tree: &str) -> String {
    let said = said(dialect, tree, &["--alldefconfig"]);
    let lines = said.lines().filter(|l| !l.is_empty() && !l.starts_with("For a resolution") && !l.starts_with("subsection"));
    lines.map(|l| l.replace("error: recursive dependency detected!", "!") + "\n").collect()
}

#[test]
fn rings_are_named_by_what_they_are_made_of() {
    let a = "config A\n\tbool \"a\"\n";
    for (more, new, old) in [
        ("\tdepends on A\n\tselect A\n", "!\n\tsymbol A depends on A\n", "Kconfig:1:!\nKconfig:1:\tsymbol A depends on A\n"),
        ("\tselect A\n\timply A\n", "!\n\tsymbol A is selected by A\n", "Kconfig:1:!\nKconfig:1:\tsymbol A is selected by A\n"),
        ("\tdefault A\n\timply A\n", "!\n\tsymbol A is implied by A\n", "Kconfig:1:!\nKconfig:1:\tsymbol A is implied by A\n"),
        (
            "\tdefault y if A\n",
            "!\n\tsymbol A default is visible depending on A\n",
            "Kconfig:3:!\nKconfig:3:\tsymbol A default is visible depending on A\n",
        ),
        ("\tdefault A\n", "!\n\tsymbol A default value contains A\n", "Kconfig:3:!\nKconfig:3:\tsymbol A default value contains A\n"),
    ] {
        let tree = format!("{a}{more}");
        assert_eq!((rings("linux-6.12", &tree).as_str(), rings("linux-6.1", &tree).as_str()), (new, old), "{more}");
    }
    let menu = "menuconfig A\n\tbool \"a\" if A\n";
    assert_eq!(rings("linux-6.12", menu), "!\n\tsymbol A menu is visible depending on A\n");
}

#[test]
fn rings_through_choices_go_by_the_choice() {
    let tree = "config O\n\tbool \"o\"\n\tdepends on B\nchoice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\n\tdepends on O\nconfig B\n\tbool \"b\"\nendchoice\n";
    let new = "!\n\tsymbol O depends on B\n\tsymbol B is part of choice block at Kconfig:4\n\
\tsymbol <choice> unknown is visible depending on A\n\tsymbol A prompt is visible depending on O\n";
    let old = "Kconfig:4:!\nKconfig:4:\tchoice <choice> contains symbol A\nKconfig:6:\tsymbol A is part of choice O\n\
Kconfig:1:\tsymbol O depends on B\nKconfig:9:\tsymbol B is part of choice <choice>\n";
    assert_eq!((rings("linux-6.12", tree).as_str(), rings("linux-6.1", tree).as_str()), (new, old));
    // The choice's own prompt hangs on its member.
    let tree = "choice\n\tprompt \"c\"\n\tdepends on A\nconfig A\n\tbool \"a\"\nendchoice\n";
    let new = "!\n\tsymbol <choice> prompt is visible depending on A\n\tsymbol A is part of choice block at Kconfig:1\n";
    let old = "Kconfig:1:!\nKconfig:1:\tchoice <choice> contains symbol A\nKconfig:4:\tsymbol A is part of choice <choice>\n";
    assert_eq!((rings("linux-6.12", tree).as_str(), rings("linux-6.1", tree).as_str()), (new, old));
    // In an `if` a member has a dependency of its own, and what hangs on another member is none of the choice of 6.1.
    let tree = "choice\n\tprompt \"c\"\nif A\nconfig A\n\tbool \"a\"\nendif\nendchoice\n";
    assert!(rings("linux-6.12", tree).contains("\tsymbol A depends on A\n"));
    let tree = "choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\n\tdepends on A\n\tselect B\nendchoice\n";
    assert!(rings("linux-6.12", tree).ends_with("\tsymbol B is part of choice block at Kconfig:1\n"), "{}", rings("linux-6.12", tree));
    assert_eq!(rings("linux-6.1", tree), "Kconfig:5:!\nKconfig:5:\tsymbol B is selected by B\n");
}

#[test]
fn a_bool_that_is_compared_with_m_is_told_of_at_each_place() {
    let tree = "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\" if A=m\n\tdepends on A=m\n\tdefault y if X && A!=m\n\tdefault A=m\nconfig X\n\tbool \"x\"\n";
    let line = |forced: char| format!("boolean symbol A tested for 'm'? test forced to '{forced}'\n");
    for dialect in ["linux-6.12", "linux-6.1"] {
        let (out, _, _) = left(dialect, &[("Kconfig", tree)], &["--alldefconfig"]);
        assert_eq!(out.split("#\n").next().unwrap(), line('n') + &line('n') + &line('y'), "{dialect}");
    }
}

#[test]
fn the_end_of_an_entry_is_seen_where_the_next_statement_begins() {
    let top = "\nsource \"sub\"\n\n\nconfig B\n\tbool \"b\"\n";
    for dialect in ["linux-6.12", "linux-6.1"] {
        let (_, err, _) = left(dialect, &[("Kconfig", top), ("sub", "menuconfig A\n\tbool")], &["--alldefconfig"]);
        let expected = "sub:2:warning: no new line at end of file\nKconfig:5: warning: menuconfig statement without prompt\n";
        assert_eq!(err, expected, "{dialect}");
    }
    let said_at_the_end = |dialect| said(dialect, "menuconfig A\n\tbool\n", &["--alldefconfig"]);
    assert_eq!(said_at_the_end("linux-6.12"), "Kconfig:3: warning: menuconfig statement without prompt\n");
    assert_eq!(said_at_the_end("linux-6.1"), "<none>:3: warning: menuconfig statement without prompt\n");
    // Neither a help text nor a remark is a statement.
    for last in ["\thelp\n\t  text", "# remark", "  "] {
        assert_eq!(said("linux-6.12", &format!("config A\n\tbool \"a\"\n{last}"), &["--alldefconfig"]), "", "{last}");
    }
}

#[test]
fn a_member_that_an_optional_choice_of_6_1_is_left_by_is_written() {
    let tree = "config MODULES\n\tbool \"modules\"\n\tmodules\n\tdefault y\nchoice\n\tprompt \"c\"\n\ttristate\n\toptional\n\
config A\n\ttristate \"a\"\nconfig B\n\ttristate \"b\"\nendchoice\n";
    // B is not answered, so that the choice is not either, and A has been seen before.
    for mode in ["--yes2modconfig", "--mod2yesconfig", "--mod2noconfig"] {
        let (_, _, config) = left("linux-6.1", &[("Kconfig", tree), (".config", "CONFIG_MODULES=y\nCONFIG_A=y\n")], &[mode]);
        assert!(config.ends_with("CONFIG_MODULES=y\n# CONFIG_A is not set\n"), "{mode}: {config}");
    }
}

#[test]
fn a_defconfig_of_6_1_answers_a_choice_by_one_of_its_members() {
    // sdk7786_defconfig says no more of the choice of CMDLINE_OVERWRITE and CMDLINE_EXTEND.
    let tree = "choice\n\tprompt \"c\"\n\toptional\n\tdefault B\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\n\
config S\n\tstring \"s\" if A || B\n\tdefault \"x\"\n";
    let (_, _, config) = left("linux-6.1", &[("Kconfig", tree), ("given", "CONFIG_A=y\nCONFIG_S=\"y\"\n")], &["--defconfig=given"]);
    assert!(config.ends_with("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"y\"\n"), "{config}");
}

#[test]
fn what_is_shown_for_what_is_below_it_is_new_in_6_12_only() {
    let tree = "config X\n\tbool \"x\"\nmenuconfig A\n\tbool \"a\" if X\n\tdefault y\nif A\nconfig B\n\tbool \"b\"\nendif\n";
    for (dialect, line) in [("linux-6.12", "a (A) [Y/?] (NEW) y\n"), ("linux-6.1", "a (A) [Y/?] y\n")] {
        let (out, _, _) = left(dialect, &[("Kconfig", tree)], &["--oldaskconfig"]);
        assert!(out.contains(line), "{dialect}: {out}");
    }
}
