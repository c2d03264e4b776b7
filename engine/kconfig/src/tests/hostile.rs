//! Input that nobody means well: no panic, no endless loop, no boundless memory.

use super::{tree, tree_in};
use crate::{Severity, Solver};
use proptest::prelude::*;

#[test]
fn deep_nesting_is_read_and_evaluated() {
    let deep = 200_000;
    let text = format!("config A\n\tbool \"a\"\n\tdepends on {}y{}\n", "(".repeat(deep), ")".repeat(deep));
    let chain: String = (0..50_000).map(|i| format!("config B{}\n\tbool\n\tdefault B{i}\n", i + 1)).collect();
    let not = format!("config N\n\tbool\n\tdefault {}A\n", "!".repeat(100_001));
    let and = format!("config M\n\tbool\n\tdefault {}A\n", "A && ".repeat(100_000));
    let conditions = format!(
        "config D\n\tbool \"d\"\n\tdepends on {}A\n\tdepends on {}A{}\n",
        "A && ".repeat(200_000),
        "A && (D || ".repeat(50_000),
        ")".repeat(50_000)
    );
    let t = tree(&[("Kconfig", &(text + &chain + &not + &and + &conditions))]);
    let mut s = Solver::new(t);
    s.evaluate_all();
    assert!(s.dot_config().contains("# CONFIG_A is not set"));
}

#[test]
fn menus_in_menus_a_hundred_thousand_deep() {
    let deep = 100_000;
    let t = tree(&[("Kconfig", &("menu \"m\"\n".repeat(deep) + "config A\n\tdef_bool y\n" + &"endmenu\n".repeat(deep)))]);
    assert!(!t.has_errors());
    assert!(Solver::new(t).dot_config().contains("CONFIG_A=y"));
}

#[test]
fn a_file_that_reads_itself_is_named() {
    let t = tree(&[("Kconfig", "source \"a\"\n"), ("a", "config A\n\tbool\nsource \"b\"\n"), ("b", "source \"a\"\n")]);
    let fatal: Vec<_> = t.diagnostics.iter().filter(|d| d.severity == Severity::Fatal).collect();
    assert!(fatal[0].message.contains("included from: b:1"), "{fatal:?}");
}

#[test]
fn macros_that_call_themselves_end() {
    for text in [
        "A = $(A)\nconfig $(A)\n",
        "f = $(f,$(1)x)\nconfig $(f,y)\n",
        "d = $(1)$(1)\nconfig $(d,$(d,$(d,$(d,xxxxxxxxxxxxxxxx))))\n\tbool\n",
        "config $(shell\n",
    ] {
        tree(&[("Kconfig", text)]);
    }
    let doubling: String = (0..64).map(|i| format!("v{} = $(v{i})$(v{i})\n", i + 1)).collect();
    let t = tree(&[("Kconfig", &(format!("v0 = x\n{doubling}") + "config $(v64)\n\tbool\n"))]);
    assert!(t.has_errors());
    let t = tree(&[("Kconfig", &(format!("v0 =\n{doubling}") + "config $(v64)\n\tbool\n"))]);
    assert!(t.diagnostics.iter().any(|d| d.message == "too many expansions"), "{:?}", t.diagnostics);
}

#[test]
fn a_line_of_ten_million_letters_is_a_line() {
    let long = "x".repeat(10_000_000);
    let t = tree(&[("Kconfig", &format!("config A\n\tbool \"{long}\"\n# {long}\n{long}\n"))]);
    assert!(t.has_errors());
    assert!(t.find("A").is_some());
}

#[test]
fn what_hangs_on_itself_is_named_and_still_evaluated() {
    let t = tree(&[(
        "Kconfig",
        "config A\n\tbool \"a\"\n\tdepends on B\nconfig B\n\tbool \"b\"\n\tdepends on A\nconfig C\n\tint\n\tdefault C\n",
    )]);
    assert_eq!(t.diagnostics.iter().filter(|d| d.severity == Severity::Fatal).count(), 2, "{:?}", t.diagnostics);
    let mut s = Solver::new(t);
    s.evaluate_all();
    s.dot_config();
}

/// Pieces of the language in any order.
fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "config ",
        "menuconfig ",
        "choice",
        "endchoice",
        "menu ",
        "endmenu",
        "if ",
        "endif",
        "source ",
        "comment ",
        "mainmenu ",
        "\tbool",
        "\ttristate ",
        "\tint ",
        "\thex ",
        "\tstring ",
        "\tdefault ",
        "\tdef_bool ",
        "\tdepends on ",
        "\tselect ",
        "\timply ",
        "\trange ",
        "\tprompt ",
        "\thelp\n",
        "\tmodules",
        "\tvisible if ",
        "A",
        "B",
        "C1",
        "\"t x\"",
        "y",
        "n",
        "m",
        "1",
        "0x1f",
        " && ",
        " || ",
        "!",
        "=",
        "!=",
        "<",
        ">=",
        "(",
        ")",
        "$(A)",
        "$(shell,",
        "$(info,x)",
        "$(",
        ",",
        "= ",
        ":= ",
        "+= ",
        "\n",
        "\n\t",
        "\n",
        "\\\n",
        "#",
        "'",
        "\u{e9}",
        "\t\t  text\n",
    ]);
    prop::collection::vec(words, 0..120).prop_map(|w| w.concat().replace("$(shell,", "$(warning-if,"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_reader_or_the_solver(text in pieces(), config in "(CONFIG_[ABC1]{1,2}=[ynm\"\\\\0-9x]{0,4}\n|# CONFIG_A is not set\n|.{0,20}\n){0,12}", top in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), &text).unwrap();
        let mut s = Solver::new(tree_in(folder.path(), "Kconfig"));
        s.warn = true;
        s.read_answers("f", &config, top);
        s.forget();
        s.dot_config();
        s.defconfig();
        let order = s.tree.table_order();
        s.settle(&order);
        s.evaluate_all();
        for symbol in s.tree.symbol_ids() {
            s.why(symbol);
            for value in ["y", "n", "m", "7"] {
                s.why_not(symbol, value);
                if let Ok((_, step)) = s.set(symbol, value) {
                    let followed: Vec<_> = s.tree.symbol_ids().map(|x| s.shown(x)).collect();
                    s.undo(step);
                    prop_assert_eq!(followed.len(), s.tree.symbols.len());
                }
            }
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), bytes).unwrap();
        tree_in(folder.path(), "Kconfig");
    }

    /// What is followed from one answer is what a full evaluation finds.
    #[test]
    fn following_finds_what_evaluating_all_finds(text in sound_tree(), picks in prop::collection::vec((0usize..12, 0usize..3), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Kconfig"), &text).unwrap();
        let tree = tree_in(folder.path(), "Kconfig");
        prop_assume!(!tree.has_errors());
        let mut s = Solver::new(tree);
        for (symbol, value) in picks {
            let Some(symbol) = s.tree.find(&format!("S{symbol}")) else { continue };
            if s.set(symbol, ["n", "m", "y"][value]).is_ok() {
                let followed: Vec<_> = s.tree.symbol_ids().map(|x| s.shown(x)).collect();
                s.forget();
                s.evaluate_all();
                let all: Vec<_> = s.tree.symbol_ids().map(|x| s.shown(x)).collect();
                prop_assert_eq!(followed, all, "{}", text);
            }
        }
    }
}

/// Twelve symbols, each hanging on earlier ones only; some in choices.
fn sound_tree() -> impl Strategy<Value = String> {
    let one = (0usize..5, prop::collection::vec((0usize..12, 0usize..6), 0..3), any::<bool>(), 0usize..6);
    prop::collection::vec(one, 12).prop_map(|symbols| {
        let mut text = String::from("config MODULES\n\tbool \"modules\"\n\tdefault y\n\tmodules\n");
        let (mut in_choice, mut first) = (0, 0);
        for (i, (kind, uses, prompt, choice)) in symbols.into_iter().enumerate() {
            if in_choice == 0 && choice == 0 {
                text.push_str("choice\n\tprompt \"one of\"\n");
                (in_choice, first) = (3, i);
            }
            let member = in_choice > 0;
            let word = if kind < 2 || member { "bool" } else { "tristate" };
            text.push_str(&format!("config S{i}\n\t{word}{}\n", if prompt || member { format!(" \"s{i}\"") } else { String::new() }));
            // A member that hangs on another of its choice is none of it any more, and its value a matter of order.
            let earlier = if member { first } else { i };
            for (other, how) in uses.into_iter().filter(|(o, _)| *o < earlier) {
                let line = match how {
                    0 | 1 => format!("\tdepends on S{other}\n"),
                    2 => format!("\tdepends on !S{other} || S{other} = m\n"),
                    3 if !member => format!("\tdefault y if S{other}\n"),
                    4 if !member => format!("\tdefault S{other}\n"),
                    _ => String::new(),
                };
                text.push_str(&line);
            }
            if member {
                in_choice -= 1;
                if in_choice == 0 {
                    text.push_str("endchoice\n");
                }
            }
        }
        if in_choice > 0 {
            text.push_str("endchoice\n");
        }
        text
    })
}
