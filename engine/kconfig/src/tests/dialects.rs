//! The forms of Kconfig beside the kernel's of today. What each makes of a tree was found by running the C programs of
//! U-Boot 2023.01, coreboot 4.15, Xen 4.17, SeaBIOS 1.16, SWUpdate 2022.12 and Linux 6.1 and 6.12.

use super::{conf, tree_of};
use crate::{Dialect, Solver, Tree};
use std::path::Path;

fn dialect(name: &str) -> Dialect {
    Dialect::named(name).unwrap()
}

fn read(name: &str, files: &[(&str, &str)]) -> Tree {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    tree_of(folder.path(), files[0].0, dialect(name))
}

/// What `.config` says, without its heading.
fn config(name: &str, files: &[(&str, &str)]) -> String {
    let tree = read(name, files);
    assert!(!tree.has_errors(), "{name}: {:?}", tree.diagnostics);
    let mut solver = Solver::new(tree);
    solver.evaluate_all();
    solver.dot_config().lines().skip(2).filter(|l| *l != "#").collect::<Vec<_>>().join("|")
}

fn fails(name: &str, files: &[(&str, &str)]) -> bool {
    read(name, files).has_errors()
}

const SUB: (&str, &str) = ("sub/Kconfig", "config SUBX\n\tbool \"subx\"\n\tdefault y\n");
const SUB2: (&str, &str) = ("sub2/Kconfig", "config SUB2X\n\tbool \"sub2x\"\n");

#[test]
fn a_path_without_quotes_is_read_where_words_hold_slashes() {
    let files = [("K", "mainmenu \"T\"\nsource sub/Kconfig\n"), SUB];
    for name in ["u-boot", "barebox", "buildroot", "busybox"] {
        assert!(config(name, &files).ends_with("SUBX=y"), "{name}");
    }
    for name in ["linux-6.12", "linux-6.1", "xen", "coreboot"] {
        assert!(fails(name, &files), "{name}");
    }
}

#[test]
fn globs_are_read_in_order_and_may_match_nothing_in_coreboot() {
    let files = [("K", "mainmenu \"T\"\nsource \"sub*/Kconfig\"\nsource \"none/*/K\"\nsource \"none\"\n"), SUB2, SUB];
    assert_eq!(config("coreboot", &files), "# T|CONFIG_SUBX=y|# CONFIG_SUB2X is not set");
    // As coreboot's own auto.conf.cmd has it: what a pattern matches, first to last, in a list that goes backwards.
    let names: Vec<String> = read("coreboot", &files).files.iter().map(|f| f.name.clone()).collect();
    assert_eq!(names, ["K", "sub2/Kconfig", "sub/Kconfig"]);
    for name in ["linux-6.12", "linux-6.1", "xen", "u-boot", "barebox"] {
        assert!(fails(name, &files), "{name}");
    }
}

#[test]
fn kconfiglibs_source_statements_are_relative_and_optional() {
    let inner = ("sub/Kconfig", "config A\n\tdef_int 7\nrsource \"deeper/K*\"\norsource \"nothing*\"\nosource \"sub2/Kconfig\"\n");
    let deeper = ("sub/deeper/Kx", "config B\n\tdef_string \"b\"\nconfig C\n\tdef_hex 0x1f\n");
    let files = [("K", "mainmenu \"T\"\nsource \"sub/Kconfig\"\n"), inner, deeper, SUB2];
    assert_eq!(config("zephyr", &files), "# T|CONFIG_A=7|CONFIG_B=\"b\"|CONFIG_C=0x1f|# CONFIG_SUB2X is not set");
    assert!(fails("zephyr", &[("K", "rsource \"nothing\"\n")]));
    assert!(fails("zephyr", &[("K", "source \"nothing*\"\n")]));
    assert!(fails("linux-6.12", &[("K", "osource \"nothing\"\n")]));
    assert!(fails("linux-6.12", &[("K", "config A\n\tdef_int 7\n")]));
}

#[test]
fn dashed_help_ends_an_entry_where_it_is_known() {
    let files = [("K", "mainmenu \"T\"\nconfig A\n\tbool \"a\"\n\t---help---\n\t  text\n")];
    for name in ["xen", "u-boot", "barebox", "busybox"] {
        let tree = read(name, &files);
        assert!(!tree.has_errors(), "{name}");
        assert_eq!(tree.help(tree.nodes_of(tree.find("A").unwrap()).next().unwrap()).as_deref(), Some("text\n"), "{name}");
    }
    for name in ["linux-6.12", "linux-6.1", "coreboot"] {
        assert!(fails(name, &files), "{name}");
    }
}

/// WHO is `us` in the tests' environment.
#[test]
fn a_symbol_of_the_environment_stands_in_titles_and_paths() {
    let text = "mainmenu \"T $W $NOT_THERE.\"\nconfig W\n\tstring\n\toption env=\"WHO\"\nsource \"$W/Kconfig\"\nconfig B\n\tstring \"b\"\n\tdefault W\n";
    let files = [("K", text), ("us/Kconfig", "config IN\n\tdef_bool y\n")];
    assert_eq!(config("barebox", &files), "# T us .|CONFIG_IN=y|CONFIG_B=\"us\"");
    assert_eq!(config("buildroot", &files), "# T us .|IN=y|B=\"us\"");
    let unset = read("barebox", &[("K", "config X\n\tstring\n\toption env=\"NOT_SET\"\n")]);
    assert_eq!(unset.diagnostics[0].message, "environment variable NOT_SET undefined");
    // U-Boot's program passes over it, and expands nothing.
    let passed = read("u-boot", &[("K", "config X\n\tstring \"x\"\n\toption env=\"WHO\"\n")]);
    assert_eq!(passed.diagnostics[0].message, "ignoring unknown option env");
    assert!(fails("linux-6.12", &[("K", "config X\n\tstring \"x\"\n\toption env=\"WHO\"\n")]));
}

#[test]
fn modules_are_named_by_an_option_or_by_their_own_name() {
    let by_option = [("K", "config M\n\tbool \"m\"\n\toption modules\n\tdefault y\nconfig T\n\ttristate \"t\"\n\tdefault m\n")];
    for name in ["xen", "u-boot", "barebox"] {
        assert_eq!(config(name, &by_option), "# Main menu|CONFIG_M=y|CONFIG_T=m", "{name}");
    }
    let by_name = [("K", "config MODULES\n\tbool \"m\"\n\tdefault y\nconfig T\n\ttristate \"t\"\n\tdefault m\n")];
    for name in ["linux-6.12", "linux-6.1", "xen", "u-boot", "coreboot"] {
        assert_eq!(config(name, &by_name), "# Main menu|CONFIG_MODULES=y|CONFIG_T=y", "{name}");
    }
    let own = Dialect { modules_by_name: true, ..Dialect::linux_4() };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("K"), by_name[0].1).unwrap();
    let tree = tree_of(folder.path(), "K", own);
    assert_eq!(Some(tree.modules), tree.find("MODULES"));
}

#[test]
fn choices_may_be_optional_named_and_tristate_before_6_12() {
    let text = "choice\n\tprompt \"ch\"\n\toptional\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\n\
                choice NAMED\n\ttristate \"named\"\nconfig D\n\ttristate \"d\"\nconfig E\n\ttristate \"e\"\nendchoice\n";
    for name in ["linux-6.1", "xen", "coreboot", "u-boot", "barebox"] {
        assert_eq!(config(name, &[("K", text)]), "# Main menu|CONFIG_D=y|# CONFIG_E is not set", "{name}");
    }
    assert!(fails("linux-6.12", &[("K", text)]));
}

#[test]
fn names_hold_digits_first_and_dashes_and_dots_where_words_do() {
    let text = "config 64B\n\tbool \"64b\"\nconfig N-AME\n\tbool \"name\"\nconfig lower\n\tbool \"lower\"\n";
    for name in ["linux-6.12", "linux-6.1", "xen", "coreboot", "u-boot", "barebox"] {
        let all = "# Main menu|# CONFIG_64B is not set|# CONFIG_N-AME is not set|# CONFIG_lower is not set";
        assert_eq!(config(name, &[("K", text)]), all, "{name}");
    }
    let dots = "config a.b\n\tbool \"dot\"\nconfig LOW/SLASH\n\tbool \"slash\"\n";
    assert_eq!(config("u-boot", &[("K", dots)]), "# Main menu|# CONFIG_a.b is not set|# CONFIG_LOW/SLASH is not set");
    assert!(fails("linux-6.12", &[("K", dots)]));
}

#[test]
fn implied_in_vain_and_defaults_of_n_are_written_by_some() {
    let text = "config A\n\tdef_bool y\n\timply B\nconfig B\n\tbool \"b\"\n\tdepends on C\nconfig C\n\tbool\n\tdefault n\n";
    for name in ["linux-6.12", "linux-6.1", "coreboot"] {
        assert_eq!(config(name, &[("K", text)]), "# Main menu|CONFIG_A=y|# CONFIG_B is not set", "{name}");
    }
    for name in ["xen", "u-boot"] {
        assert_eq!(config(name, &[("K", text)]), "# Main menu|CONFIG_A=y", "{name}");
    }
    assert_eq!(config("barebox", &[("K", text)]), "# Main menu|CONFIG_A=y|# CONFIG_C is not set");
}

fn run(folder: &Path, environment: &[(&str, &str)], words: &[&str]) -> (u8, String, String) {
    conf(folder, environment, words, &[])
}

const MIXED: &str = "mainmenu \"T\"\nconfig MODULES\n\tbool \"m\"\n\toption modules\n\tdefault y\nconfig FOO_BAR\n\ttristate \"t\"\n\tdefault m\n\
config S\n\tstring \"s\"\n\tdefault \"a\\\\n \\\"q\\\"\"\nconfig OFF\n\tbool \"off\"\n";

fn mixed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), MIXED).unwrap();
    folder
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn u_boots_files_are_as_its_program_writes_them() {
    let folder = mixed();
    let env = [("KCONFIG_DIALECT", "u-boot")];
    let at = folder.path();
    assert_eq!(run(at, &env, &["--alldefconfig", "Kconfig"]).0, 0);
    assert!(!at.join("include").exists(), "only syncconfig makes those");
    assert!(text(at, ".config").contains("CONFIG_S=\"a\\n \"q\"\"\n"), "nothing is escaped");
    assert_eq!(run(at, &env, &["--syncconfig", "Kconfig"]).0, 0);
    let head = "#\n# Automatically generated file; DO NOT EDIT.\n# T\n#\n";
    assert_eq!(text(at, "include/config/tristate.conf"), format!("{head}CONFIG_FOO_BAR=M\n"));
    assert!(text(at, "include/config/auto.conf").contains("\nCONFIG_S=\"a\\n \"q\"\"\n"));
    let header = text(at, "include/generated/autoconf.h");
    assert!(header.starts_with("/*\n *\n * Automatically generated file; DO NOT EDIT.\n * T\n *\n */\n"), "{header}");
    assert!(header.contains("#define CONFIG_FOO_BAR_MODULE 1\n") && !header.contains("OFF"));
    assert!(at.join("include/config/foo/bar.h").exists());
    assert_eq!(
        text(at, "include/config/auto.conf.cmd"),
        "deps_config := \\\n\tKconfig\n\ninclude/config/auto.conf: \\\n\t$(deps_config)\n\n\n$(deps_config): ;\n"
    );
    let seed = run(at, &[("KCONFIG_DIALECT", "u-boot"), ("KCONFIG_SEED", "5")], &["--randconfig", "Kconfig"]);
    assert!(seed.2.contains("KCONFIG_SEED=0x5") && !seed.1.contains("SEED"));
}

#[test]
fn coreboots_header_has_what_is_off_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), MIXED.replace("option modules", "modules")).unwrap();
    let env = [("KCONFIG_DIALECT", "coreboot"), ("KCONFIG_NEGATIVES", "1"), ("KCONFIG_SPLITCONFIG", "split/")];
    assert_eq!(
        run(folder.path(), &env, &["--alldefconfig", "Kconfig"]),
        (0, "#\n# configuration written to .config\n#\n".into(), "".into())
    );
    assert!(text(folder.path(), "include/generated/autoconf.h").contains("#define CONFIG_OFF 0\n"));
    assert!(text(folder.path(), "include/config/auto.conf").contains("# CONFIG_OFF is not set\n"));
    assert!(folder.path().join("split/FOO_BAR").exists() && folder.path().join("split/auto.conf.cmd").exists());
    let folder = mixed();
    std::fs::write(folder.path().join("Kconfig"), MIXED.replace("option modules", "modules")).unwrap();
    assert_eq!(run(folder.path(), &env[..1], &["--alldefconfig", "Kconfig"]).0, 0);
    assert!(!text(folder.path(), "include/generated/autoconf.h").contains("OFF"));
    assert!(folder.path().join("include/config/FOO_BAR").exists());
}

#[test]
fn the_old_targets_and_the_list_of_defaults_work_where_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let kconfig = "config DL\n\tstring\n\toption defconfig_list\n\tdefault \"nothing\"\n\tdefault \"mine\"\nconfig A\n\tbool \"a\"\n";
    std::fs::write(folder.path().join("Kconfig"), kconfig).unwrap();
    std::fs::write(folder.path().join("mine"), "CONFIG_A=y\n").unwrap();
    let env = [("KCONFIG_DIALECT", "barebox")];
    let (code, out, _) = run(folder.path(), &env, &["--oldnoconfig", "Kconfig"]);
    assert_eq!((code, out.contains("using defaults found in mine")), (0, true), "{out}");
    assert!(text(folder.path(), ".config").contains("\nCONFIG_A=y\n"));
    assert_eq!(run(folder.path(), &env, &["--silentoldconfig", "Kconfig"]).0, 0);
    assert!(folder.path().join("include/config/auto.conf").exists());
    // Linux of today knows neither.
    assert!(run(folder.path(), &[], &["--silentoldconfig", "Kconfig"]).2.contains("unrecognized option"));
}

#[test]
fn the_prefix_is_the_environments() {
    for (prefix, line) in [("", "\nFOO_BAR=m\n"), ("MY_", "\nMY_FOO_BAR=m\n")] {
        let folder = mixed();
        let env = [("KCONFIG_DIALECT", "xen"), ("CONFIG_", prefix)];
        assert_eq!(run(folder.path(), &env, &["--alldefconfig", "Kconfig"]).0, 0);
        assert!(text(folder.path(), ".config").contains(line));
        // What was written is read with the same prefix.
        std::fs::write(folder.path().join(".config"), format!("{prefix}FOO_BAR=y\n")).unwrap();
        assert_eq!(run(folder.path(), &env, &["--olddefconfig", "Kconfig"]).0, 0);
        assert!(text(folder.path(), ".config").contains(&line.replace("=m", "=y")));
    }
}

#[test]
fn option_allnoconfig_y_is_yes_in_allnoconfig() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), "config A\n\tbool \"a\"\n\toption allnoconfig_y\nconfig B\n\tbool \"b\"\n").unwrap();
    assert_eq!(run(folder.path(), &[("KCONFIG_DIALECT", "xen")], &["--allnoconfig", "Kconfig"]).0, 0);
    assert!(text(folder.path(), ".config").ends_with("CONFIG_A=y\n# CONFIG_B is not set\n"));
}

type Files = &'static [(&'static str, &'static str)];

/// The programs that trees carry, as far as the switches look at them.
#[test]
fn a_dialect_is_found_by_the_trees_own_program() {
    let cases: [(&str, Files, Dialect); 4] = [
        (
            "scripts/kconfig",
            &[
                ("preprocess.c", ""),
                ("lexer.l", "transitional"),
                ("confdata.c", "comment_style escape # end of No change to overwrite RUSTCCFG autoconfig := "),
                ("conf.c", "helpnewconfig"),
                ("expr.h", "choice_members"),
                ("symbol.c", ".type = S_TRISTATE,"),
                ("parser.y", "depends: T_DEPENDS T_ON expr if_expr T_EOL"),
                ("util.c", "error: repeated inclusion of"),
                ("expr.c", "expr_contains_symbol_negated"),
            ],
            dialect("linux-7.3"),
        ),
        (
            "util/kconfig",
            &[
                ("preprocess.c", ""),
                ("lexer.l", "#include <glob.h>"),
                ("confdata.c", "escape # end of No change to overwrite KCONFIG_NEGATIVES KCONFIG_SPLITCONFIG %s:%d:notice: "),
                ("conf.c", "helpnewconfig"),
                ("parser.y", ""),
                ("menu.c", "menu = prop->menu->parent"),
            ],
            Dialect { list_unwritten: false, ..dialect("coreboot") },
        ),
        (
            "support/kconfig",
            &[
                ("zconf.l", ""),
                ("zconf.gperf", "modules defconfig_list env"),
                ("confdata.c", "escape tolower tristate.conf sym_defconfig_list has_changed = randomize_choice_values"),
                ("menu.c", "\"  Defined at %s:%d\\n\""),
                ("conf.c", "silentoldconfig stderr, \"KCONFIG_SEED *** Configuration file not found!"),
                ("Makefile", "HOST_EXTRACFLAGS += -DCONFIG_=\\\"\\\"\n"),
            ],
            dialect("buildroot"),
        ),
        (
            "scripts/kconfig",
            &[("zconf.tab.c_shipped", ""), ("confdata.c", "Automatically generated make config: don't edit")],
            dialect("busybox"),
        ),
    ];
    for (home, files, wanted) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join(home)).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(home).join(name), text).unwrap();
        }
        assert_eq!(Dialect::detect(folder.path()), wanted, "{home}");
    }
    assert_eq!(Dialect::detect(Path::new("/nonexistent")), Dialect::linux_6_12());
    assert_eq!(Dialect::named("nothing"), None);
}

#[test]
fn what_is_told_of_a_symbol_begins_with_its_prompts_or_with_its_places() {
    let tree = "config M\n\tbool \"m\"\n\tdefault y\nmenu \"A\"\nconfig X\n\tint \"x one\"\n\tdepends on M\n\trange 1 5\nconfig X\n\tint\n\
config X\n\tint \"x two\" if M\nendmenu\nconfig Z\n\tbool \"z\"\n\tselect M if y\n";
    let told = |name: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), tree).unwrap();
        let (_, out, _) = conf(folder.path(), &[("KCONFIG_DIALECT", name)], &["--oldaskconfig", "Kconfig"], b"?\n\n?\n1\n1\n\n");
        let texts: Vec<&str> = out.split("this option.\n").skip(1).map(|t| t.split_once("\n\n\n").unwrap().0).collect();
        texts.concat()
    };
    let m = "Symbol: M [=y]\nType  : bool\n";
    let x = "Symbol: X [=1]\nType  : integer\nRange : [1 5]\n";
    let flat = format!(
        "{m}Prompt: m\n  Defined at Kconfig:1\n  Selected by [n]:\n  - Z [=n] && y{x}Prompt: x one\n  Location:\n    -> A\n\
Prompt: x two\n  Location:\n    -> A\n  Defined at Kconfig:5\n  Depends on: M [=y]"
    );
    assert_eq!(told("u-boot"), flat);
    let nested = format!(
        "{m}Defined at Kconfig:1\n  Prompt: m\nSelected by [n]:\n  - Z [=n] && y{x}Defined at Kconfig:5\n  Prompt: x one\n  Depends on: M [=y]\n  \
Location:\n    -> A\nDefined at Kconfig:11\n  Prompt: x two\n  Visible if: M [=y]\n  Location:\n    -> A\nDefined at Kconfig:9"
    );
    assert_eq!(told("coreboot"), nested);
    assert!(told("linux-6.1").contains("  Location:\n    -> A\n      -> x one (X [=1])\nDefined at"));
}

#[test]
fn an_answer_in_the_place_of_another_is_noted_by_coreboot() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), "config A\n\tbool \"a\"\n").unwrap();
    std::fs::write(folder.path().join(".config"), "CONFIG_A=y\n# CONFIG_A is not set\n").unwrap();
    for (name, word) in [("coreboot", "notice"), ("linux-6.1", "warning")] {
        let (_, _, err) = run(folder.path(), &[("KCONFIG_DIALECT", name)], &["--listnewconfig", "Kconfig"]);
        assert_eq!(err, format!(".config:2:{word}: override: reassigning to symbol A\n"));
    }
}
