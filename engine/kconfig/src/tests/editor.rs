//! What an editor asks: the rows of the menu, steps that are taken back whole, and the least that makes one configuration
//! of another.

use super::{solver, sym, tree_of, value};
use crate::fixes::{Answer, Change};
use crate::menu::{Control, Row};
use crate::rand::Rand;
use crate::{Dialect, NodeId, Solver, SymbolKind, Tristate};
use std::collections::BTreeSet;

const MENU: &str = r#"
mainmenu "Top"
config MODULES
	bool "Modules"
	modules
	default y
menu "Drivers"
config NET
	tristate "Net"
	default m
config CARD
	tristate "Card"
	depends on NET
comment "no net"
	depends on !NET
endmenu
config COUNT
	int "Count"
	range 1 9
	default 3
config NAME
	string "Name"
	depends on CARD
choice
	prompt "Pick"
	default TWO
config ONE
	bool "One"
config TWO
	bool "Two"
config THREE
	bool "Three"
	depends on NAME = "x"
endchoice
config HIDDEN
	def_bool y
config FORCED
	bool "Forced"
config FORCER
	bool "Forcer"
	select FORCED
"#;

fn row(s: &mut Solver, name: &str) -> Row {
    let node = s.tree.nodes_of(sym(s, name)).next().unwrap();
    s.row(node)
}

#[test]
fn a_row_says_what_the_user_may_do() {
    let mut s = solver(MENU);
    let net = row(&mut s, "NET");
    assert_eq!((net.prompt.as_deref(), net.visible, net.answered), (Some("Net"), true, false));
    assert_eq!(net.control, Control::Check { now: Tristate::Mod, allowed: [true, true, true] });
    // NET is m, so that CARD cannot be y.
    assert_eq!(row(&mut s, "CARD").control, Control::Check { now: Tristate::No, allowed: [true, true, false] });
    let count = Control::Field { kind: SymbolKind::Int, value: "3".into(), range: Some(("1".into(), "9".into())), editable: true };
    assert_eq!(row(&mut s, "COUNT").control, count);
    let name = row(&mut s, "NAME");
    assert!(!name.visible && matches!(name.control, Control::Field { editable: false, range: None, .. }));
    assert_eq!(row(&mut s, "TWO").control, Control::Radio { taken: true, allowed: true });
    assert_eq!(row(&mut s, "ONE").control, Control::Radio { taken: false, allowed: true });
    assert_eq!(row(&mut s, "THREE").control, Control::Radio { taken: false, allowed: false });
    let hidden = row(&mut s, "HIDDEN");
    assert_eq!((hidden.prompt, hidden.visible), (None, false));
    s.set(sym(&s, "FORCER"), "y").unwrap();
    assert_eq!(row(&mut s, "FORCED").control, Control::Check { now: Tristate::Yes, allowed: [false, false, true] });
    let top: Vec<Row> = s.tree.children(NodeId::ROOT).collect::<Vec<_>>().into_iter().map(|n| s.row(n)).collect();
    let drivers = top.iter().find(|r| r.prompt.as_deref() == Some("Drivers")).unwrap();
    assert_eq!((&drivers.control, drivers.has_children, drivers.symbol), (&Control::Menu, true, None));
    let choice = top.iter().find(|r| r.prompt.as_deref() == Some("Pick")).unwrap();
    assert_eq!(choice.control, Control::Choice { taken: Some(sym(&s, "TWO")) });
    let below: Vec<NodeId> = s.tree.descendants(drivers.node).collect();
    let comment = below.into_iter().find(|n| s.row(*n).control == Control::Comment).unwrap();
    assert!(s.row(comment).visible, "NET is m, and so is !NET");
    s.set(sym(&s, "NET"), "y").unwrap();
    assert!(!s.row(comment).visible);
    let (net, count) = (sym(&s, "NET"), sym(&s, "COUNT"));
    assert!(s.is_changed(net) && !s.is_changed(count));
}

#[test]
fn a_fix_is_one_step_and_is_taken_back_whole() {
    let mut s = solver(MENU);
    let before = s.dot_config();
    let change = |s: &Solver, name: &str, to: Answer| Change { symbol: sym(s, name), from: Answer::Logical(Tristate::No), to };
    let changes = [
        change(&s, "NET", Answer::Logical(Tristate::Yes)),
        change(&s, "CARD", Answer::Logical(Tristate::Yes)),
        change(&s, "NAME", Answer::Text("x".into())),
        change(&s, "THREE", Answer::Logical(Tristate::Yes)),
    ];
    let (changed, step) = s.apply(&changes);
    let names: Vec<&str> = changed.iter().map(|c| s.tree.name(c.symbol)).filter(|n| !n.is_empty()).collect();
    assert_eq!(names, ["NET", "CARD", "NAME", "TWO", "THREE"]);
    assert_eq!((value(&mut s, "CARD"), value(&mut s, "THREE"), value(&mut s, "TWO")), ("y".into(), "y".into(), "n".into()));
    let after = s.dot_config();
    let (back, again) = s.undo(step);
    assert_eq!(back.len(), changed.len());
    assert_eq!(s.dot_config(), before);
    s.undo(again);
    assert_eq!(s.dot_config(), after);
}

#[test]
fn a_fragment_is_the_least_that_makes_the_configuration() {
    let mut s = solver(MENU);
    let base = "CONFIG_MODULES=y\nCONFIG_NET=m\nCONFIG_TWO=y\n# CONFIG_FORCER is not set\n";
    assert_eq!(s.fragment(base).lines, Vec::<String>::new());
    for (name, to) in [("NET", "y"), ("CARD", "y"), ("NAME", "x"), ("THREE", "y"), ("FORCER", "y"), ("COUNT", "7")] {
        s.set(sym(&s, name), to).unwrap();
    }
    let wanted = s.dot_config();
    let found = s.fragment(base);
    // FORCED follows, and TWO is off because THREE is taken.
    let lines = ["CONFIG_NET=y", "CONFIG_CARD=y", "CONFIG_COUNT=7", "CONFIG_NAME=\"x\"", "CONFIG_THREE=y", "CONFIG_FORCER=y"];
    assert_eq!((found.lines.as_slice(), found.missed.as_slice()), (lines.map(String::from).as_slice(), [].as_slice()));
    assert_eq!(s.dot_config(), wanted, "asking changes nothing");
    let mut other = solver(MENU);
    other.read_answers("", &format!("{base}{}\n", found.lines.join("\n")), false);
    other.forget();
    assert_eq!(other.dot_config(), wanted);
    // Without any one line it is another configuration.
    for i in 0..found.lines.len() {
        let mut fewer = found.lines.clone();
        fewer.remove(i);
        other.read_answers("", &format!("{base}{}\n", fewer.join("\n")), false);
        other.forget();
        assert_ne!(other.dot_config(), wanted, "{}", found.lines[i]);
    }
}

/// BusyBox writes numbers that nobody is asked for as 0, which is none once they are asked for (FEATURE_EDITING_MAX_LEN).
#[test]
fn a_number_of_the_base_that_comes_to_be_seen_out_of_its_range_has_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = "config E\n\tbool \"e\"\nconfig N\n\tint \"n\"\n\trange 128 8192\n\tdefault 1024\n\tdepends on E\n";
    std::fs::write(folder.path().join("Config.in"), text).unwrap();
    let mut s = Solver::new(tree_of(folder.path(), "Config.in", Dialect::busybox()));
    let base = "# CONFIG_E is not set\nCONFIG_N=0\n";
    s.read_answers("base", base, false);
    s.forget();
    s.set(sym(&s, "E"), "y").unwrap();
    assert_eq!(value(&mut s, "N"), "128", "the nearer bound, while nobody reads the file again");
    let found = s.fragment(base);
    assert_eq!((found.lines.as_slice(), found.missed.is_empty()), (["CONFIG_E=y", "CONFIG_N=128"].map(String::from).as_slice(), true));
}

/// By chance, on choices of both kinds: what is followed is what a whole evaluation finds, what is taken back is as before,
/// and fragments give what they were made of.
#[test]
fn steps_by_chance_agree_with_whole_evaluations() {
    for dialect in [Dialect::linux_6_12(), Dialect::linux_6_1(), Dialect::linux_4()] {
        let folder = tempfile::tempdir().unwrap();
        let modules = if dialect.options { "option modules" } else { "modules" };
        std::fs::write(folder.path().join("K"), MENU.replacen("modules", modules, 1)).unwrap();
        let tree = tree_of(folder.path(), "K", dialect.clone());
        assert!(!tree.has_errors(), "{:?}", tree.diagnostics);
        let mut s = Solver::new(tree);
        s.evaluate_all();
        let names = ["MODULES", "NET", "CARD", "COUNT", "NAME", "ONE", "TWO", "THREE", "FORCED", "FORCER"];
        let texts = ["y", "m", "n", "5", "x", "9"];
        let mut rand = Rand::new(3);
        let (mut taken, mut fragments) = (0, 0);
        for i in 0..3000 {
            let name = names[rand.next() as usize % names.len()];
            let text = texts[rand.next() as usize % texts.len()];
            let before = s.dot_config();
            let Ok((_, step)) = s.set(sym(&s, name), text) else { continue };
            taken += 1;
            assert_eq!(s.tree.symbol(sym(&s, name)).kind == SymbolKind::String, name == "NAME");
            assert_eq!(value(&mut s, name), text, "{name} in {dialect:?}");
            let followed: Vec<_> = s.tree.symbol_ids().map(|s2| s.shown(s2)).collect();
            s.forget();
            s.evaluate_all();
            let whole: Vec<_> = s.tree.symbol_ids().map(|s2| s.shown(s2)).collect();
            assert_eq!(followed, whole, "{name}={text} in {dialect:?}");
            if i % 3 == 0 {
                s.undo(step);
                assert_eq!(s.dot_config(), before, "{name}={text} taken back in {dialect:?}");
                let back: Vec<_> = s.tree.symbol_ids().map(|s2| s.shown(s2)).collect();
                s.forget();
                s.evaluate_all();
                let whole: Vec<_> = s.tree.symbol_ids().map(|s2| s.shown(s2)).collect();
                assert_eq!(back, whole, "{name}={text} taken back in {dialect:?}");
            }
            if i % 50 == 0 && dialect.simple_choices {
                let wanted = s.dot_config();
                let found = s.fragment("CONFIG_NET=y\nCONFIG_ONE=y\n");
                assert_eq!(found.missed, []);
                let mut other = solver(MENU);
                other.read_answers("", &format!("CONFIG_NET=y\nCONFIG_ONE=y\n{}\n", found.lines.join("\n")), false);
                other.forget();
                assert_eq!(other.dot_config(), wanted);
                fragments += 1;
            }
        }
        assert!(taken > 500, "{taken}");
        assert!(fragments > 10 || !dialect.simple_choices, "{fragments}");
    }
}

/// Linux's timer ticks: `default NO_HZ_IDLE if NO_HZ` stands at the choice, and the choice's own value stays as it was.
#[test]
fn a_choice_follows_the_option_that_its_default_hangs_on() {
    let mut s = solver(
        "config IDLE\n\tbool \"idle\"\nchoice\n\tprompt \"tick\"\n\tdefault B if IDLE\nconfig A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\n",
    );
    let (idle, a, b) = (sym(&s, "IDLE"), sym(&s, "A"), sym(&s, "B"));
    assert_eq!((value(&mut s, "A"), value(&mut s, "B")), ("y".into(), "n".into()));
    s.ready(); // what follows is one step, and no whole evaluation
    let (changes, _) = s.set(idle, "y").unwrap();
    assert_eq!((value(&mut s, "A"), value(&mut s, "B")), ("n".into(), "y".into()));
    let changed: BTreeSet<_> = changes.iter().map(|c| c.symbol).collect();
    assert_eq!(changed, BTreeSet::from([idle, a, b]));
}

/// As X86_INTERNODE_CACHE_SHIFT follows X86_L1_CACHE_SHIFT, which hangs on the processor.
#[test]
fn a_number_follows_the_number_that_its_default_names() {
    let mut s = solver(
        "config P\n\tbool \"p\"\nconfig L\n\tint\n\tdefault 7 if P\n\tdefault 6\nconfig N\n\tint\n\tdefault L\nconfig T\n\tstring\n\tdefault N\n",
    );
    let (changes, step) = s.set(sym(&s, "P"), "y").unwrap();
    assert_eq!(changes.len(), 4);
    assert_eq!((value(&mut s, "N"), value(&mut s, "T")), ("7".into(), "7".into()));
    s.undo(step);
    assert_eq!((value(&mut s, "N"), value(&mut s, "T")), ("6".into(), "6".into()));
}
