//! What came to the language with Linux 6.18 and 7, as the C programs of Linux 7.2 and 7.3 have it.

use super::messages::{left, said};
use super::{conf, sym, tree_of, value};
use crate::{Dialect, Solver, files};

/// Runs a mode on a `.config`; the standard output and error, and `.config`.
fn after(dialect: &str, tree: &str, config: &str, variable: (&str, &str), mode: &str, input: &[u8]) -> (String, String, String) {
    let folder = tempfile::tempdir().unwrap();
    files::write_plain(&folder.path().join("Kconfig"), tree).unwrap();
    files::write_plain(&folder.path().join(".config"), config).unwrap();
    let (_, out, err) = conf(folder.path(), &[("KCONFIG_DIALECT", dialect), variable], &[mode, "Kconfig"], input);
    (out, err, std::fs::read_to_string(folder.path().join(".config")).unwrap())
}

const NOTHING: (&str, &str) = ("NOTHING", "");

const CONDITIONAL: &str = "config MODULES\n\tbool \"mods\"\n\tmodules\n\tdefault y\nconfig X\n\ttristate \"x\"\nconfig Y\n\ttristate \"y\"\n\
config A\n\ttristate \"a\"\n\tdepends on X if Y\n";

#[test]
fn a_dependency_with_a_condition_asks_for_nothing_where_that_is_no() {
    for (x, y, a) in [
        ("n", "n", "CONFIG_A=y"),
        ("n", "m", ""),
        ("n", "y", ""),
        ("m", "n", "CONFIG_A=y"),
        ("m", "m", "CONFIG_A=m"),
        ("m", "y", "CONFIG_A=m"),
        ("y", "m", "CONFIG_A=y"),
    ] {
        let config = format!("CONFIG_X={x}\nCONFIG_Y={y}\nCONFIG_A=y\n");
        let (_, _, written) = after("linux-7.2", CONDITIONAL, &config, NOTHING, "--olddefconfig", &[]);
        let line = written.lines().find(|l| l.contains("CONFIG_A")).unwrap_or_default();
        assert_eq!(line, a, "X={x} Y={y}");
    }
    assert!(said("linux-6.18", CONDITIONAL, &["--alldefconfig"]).starts_with("Kconfig:11: syntax error"));
}

#[test]
fn a_dependency_with_a_condition_is_told_as_what_it_means() {
    for (condition, told) in [
        ("Y", "X [=m] || Y [=n]=n [=n]"),
        ("!Y", "X [=m] || Y [=n]!=n [=n]"),
        ("X = m || Y && X", "X [=m] || X [=m]!=m [=m] && (Y [=n]=n [=n] || X [=m]=n [=n])"),
    ] {
        let tree = CONDITIONAL.replace("if Y", &format!("if {condition}"));
        let (out, _, _) =
            after("linux-7.2", &tree, "CONFIG_MODULES=y\nCONFIG_X=m\n# CONFIG_Y is not set\n", NOTHING, "--oldconfig", b"?\n\n");
        assert!(out.contains(&format!("  Depends on: {told}\n")), "{condition}: {out}");
    }
}

#[test]
fn a_file_is_sourced_once() {
    let files = [("Kconfig", "source \"one\"\nsource \"two\"\n"), ("one", "\nsource \"two\"\n"), ("two", "config A\n\tbool \"a\"\n")];
    let (_, err, config) = left("linux-7.2", &files, &["--alldefconfig"]);
    assert_eq!(err, "Kconfig:2: error: repeated inclusion of two\none:2: note: location of first inclusion of two\n");
    assert_eq!(config, "");
    assert!(left("linux-6.18", &files, &["--alldefconfig"]).2.ends_with("# CONFIG_A is not set\n"));
    // Where the rest is asked for too, it is read on.
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().map(|(n, t)| (n, format!("{t}config IN_{}\n\tbool \"in\"\n", n.to_uppercase()))) {
        files::write_plain(&folder.path().join(name), &text).unwrap();
    }
    let tree = tree_of(folder.path(), "Kconfig", Dialect::named("linux-7.2").unwrap());
    assert!(tree.has_errors());
    assert!(["IN_KCONFIG", "IN_ONE", "IN_TWO", "A"].iter().all(|name| tree.find(name).is_some()));
}

#[test]
fn a_recursive_inclusion_is_told_up_to_the_top_since_6_12() {
    let files = [("Kconfig", "\nsource \"one\"\n"), ("one", "source \"two\"\n"), ("two", "source \"one\"\n")];
    let path = "Recursive inclusion detected.\nInclusion path:\n  current file : one\n  included from: two:1\n  included from: one:1\n";
    assert_eq!(left("linux-6.1", &files, &["--alldefconfig"]).1, path);
    assert_eq!(left("linux-6.12", &files, &["--alldefconfig"]).1, format!("{path}  included from: Kconfig:2\n"));
}

#[test]
fn what_hangs_on_an_option_being_off_is_not_below_it_since_7_3() {
    let indented = |dialect: &str, condition: &str| {
        let tree = format!("config A\n\ttristate \"a\"\nconfig X\n\tbool \"x\"\n\tdepends on {condition}\nconfig B\n\tdef_bool y\n");
        let (out, _, _) = after(dialect, &tree, "# CONFIG_A is not set\n", NOTHING, "--oldaskconfig", &[]);
        out.contains("\n  x (X)")
    };
    for condition in ["!A", "A = n", "A != y", "!A || B", "B && A != m"] {
        assert!(indented("linux-7.2", condition) && !indented("linux-7.3", condition), "{condition}");
    }
    for condition in ["A || B", "A < y", "A != B"] {
        assert!(indented("linux-7.2", condition) && indented("linux-7.3", condition), "{condition}");
    }
}

/// Documentation/kbuild/kconfig-language.rst, "transitional attribute".
#[test]
fn a_transitional_symbol_is_read_for_others_and_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = "config NEW\n\tbool \"new\"\n\tdefault OLD\nconfig OLD\n\tbool\n\ttransitional\n";
    files::write_plain(&folder.path().join("Kconfig"), text).unwrap();
    let dialect = Dialect::named("linux-6.18").unwrap();
    let mut s = Solver::new(tree_of(folder.path(), "Kconfig", dialect));
    s.read_answers("", "CONFIG_OLD=y\n", false);
    let order = s.tree.table_order();
    s.settle(&order);
    let written = s.dot_config();
    assert!(written.contains("CONFIG_NEW=y\n") && !written.contains("OLD"), "{written}");
}

/// COND is asked last, when what is above it has been worked out.
const HANDED: &str = "config NEW\n\tbool \"new\"\n\tdefault OLD if COND\n\tdefault y\nconfig NUMBER\n\tint \"number\"\n\trange 10 20 if COND\n\t\
default OLD_NUMBER\nconfig OTHER\n\tbool \"other\"\n\tdefault OLD && COND\nconfig COND\n\tbool \"cond\"\n\tdefault y\n\
config OLD\n\tbool\n\ttransitional\nconfig OLD_NUMBER\n\tint\n\ttransitional\n";

#[test]
fn an_answer_to_a_transitional_symbol_is_an_answer_to_what_has_it_as_default() {
    let config = "# CONFIG_OLD is not set\nCONFIG_OLD_NUMBER=9\n";
    let (out, _, written) = after("linux-6.18", HANDED, config, NOTHING, "--oldconfig", b"\nn\n");
    // It is not asked again, and stays when the default goes; an expression hands nothing down.
    assert!(
        out.contains("new (NEW) [N/y/?] n\nnumber (NUMBER) [10] 10\nother (OTHER) [N/y/?] (NEW) \ncond (COND) [Y/n/?] (NEW) "),
        "{out}"
    );
    // The number is kept as it was given.
    assert!(
        written.ends_with("# CONFIG_NEW is not set\nCONFIG_NUMBER=9\n# CONFIG_OTHER is not set\n# CONFIG_COND is not set\n"),
        "{written}"
    );
    let (out, _, _) = after("linux-6.18", HANDED, config, NOTHING, "--listnewconfig", &[]);
    assert_eq!(out, "CONFIG_OTHER=n\nCONFIG_COND=y\n");
    // Without an answer there is nothing to hand down.
    let (out, _, _) = after("linux-6.18", HANDED, "", NOTHING, "--listnewconfig", &[]);
    assert!(out.starts_with("CONFIG_NEW=n\n"), "{out}");
}

#[test]
fn an_answer_is_handed_down_when_it_is_read_and_not_while_one_edits() {
    let folder = tempfile::tempdir().unwrap();
    files::write_plain(&folder.path().join("Kconfig"), HANDED).unwrap();
    let mut s = Solver::new(tree_of(folder.path(), "Kconfig", Dialect::named("linux-6.18").unwrap()));
    s.read_answers("", "CONFIG_OLD=y\n", false);
    let order = s.tree.table_order();
    s.settle(&order);
    let (new, cond) = (sym(&s, "NEW"), sym(&s, "COND"));
    assert!(s.answer(new).is_some());
    s.unset(new);
    let (_, step) = s.set(cond, "n").unwrap();
    s.undo(step);
    assert_eq!(value(&mut s, "NEW"), "y");
    assert!(s.answer(new).is_none());
}

#[test]
fn a_transitional_symbol_has_nothing_but_a_type_and_a_help_text() {
    let tree = "config D\n\tbool\n\ttransitional\n\tselect O\n\tdefault y\nconfig P\n\tbool \"p\"\n\ttransitional\nif O\nconfig I\n\tbool\n\t\
transitional\nendif\nconfig T\n\ttransitional\nconfig H\n\tbool\n\ttransitional\n\thelp\n\t  h\nconfig O\n\tbool \"o\"\n\tselect H\n";
    let fault = |line| format!("Kconfig:{line}: error: transitional symbols can only have help sections\n");
    let expected = format!("Kconfig:14:warning: config symbol defined without type\n{}{}{}", fault(4), fault(7), fault(10));
    assert_eq!(said("linux-6.18", tree, &["--alldefconfig"]), expected);
}

#[test]
fn what_became_of_the_answers_is_told_where_it_is_asked_for() {
    let tree = "config DEP\n\tbool \"dep\"\nconfig A\n\tbool \"a\"\n\tdepends on DEP\nconfig A\n\tbool\n\tdepends on DEP\n\
config N\n\tint \"n\"\n\trange 10 20\nconfig S\n\tstring \"s\"\n\tdepends on DEP\nconfig FINE\n\tbool \"fine\"\n";
    let config = "CONFIG_S=\"a b\"\nCONFIG_A=y\nCONFIG_N=30\nCONFIG_FINE=y\n";
    let told = "warning: user-provided values changed by Kconfig:\n  CONFIG_A: y -> n\n  CONFIG_N: 30 -> 20\n  CONFIG_S: a b -> \n";
    for mode in ["--olddefconfig", "--savedefconfig=small", "--syncconfig"] {
        let run = |value| after("linux-7.2", tree, config, ("KCONFIG_WARN_CHANGED_INPUT", value), mode, &[]).1;
        assert!(run("1").ends_with(told), "{mode}: {}", run("1"));
        assert!(!run("").contains("user-provided"), "{mode}");
    }
}
