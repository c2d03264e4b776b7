//! What is said, word for word as the C programs of Linux 6.1 and 6.12 say it; each was found by running them on random trees.

use crate::conf::{Conf, Io};
use crate::{Dialect, System, files};

/// Runs one mode after another; what the last one wrote to the standard error.
fn said(dialect: &str, tree: &str, modes: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    files::write_plain(&folder.path().join("Kconfig"), tree).unwrap();
    let mut last = String::new();
    for mode in modes {
        let mut host = System::default();
        host.environment.insert("KCONFIG_DIALECT".into(), dialect.into());
        let (mut input, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
        let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal: false };
        let words = ["conf", mode, "Kconfig"].map(str::to_owned);
        Conf { host: &mut host, folder: folder.path().into(), io, probe_cache: None }.run(&words);
        last = String::from_utf8(err).unwrap();
    }
    last
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
