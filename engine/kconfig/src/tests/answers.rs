//! Answers: what is taken, what follows, and the way back.

use super::{solver, sym, value};
use crate::Refused;
use crate::merge::Fragment;

const TREE: &str = "\
config A
\tbool \"a\"
config B
\tbool \"b\"
\tdepends on A
\tdefault y
config C
\tbool \"c\"
\tdepends on B
\tselect D
config D
\tbool \"d\"
config N
\thex \"n\"
\trange 0x10 0x20
choice
\tprompt \"one of\"
config X
\tbool \"x\"
config Y
\tbool \"y\"
config Z
\tbool \"z\"
endchoice
";

#[test]
fn all_that_changes_is_told_and_can_be_taken_back() {
    let mut s = solver(TREE);
    let names = |s: &crate::Solver, changes: &[crate::Change]| changes.iter().map(|c| s.tree.name(c.symbol).to_owned()).collect::<Vec<_>>();
    let a = sym(&s, "A");
    let (changes, step) = s.set(a, "y").unwrap();
    assert_eq!(names(&s, &changes), ["A", "B", "C"], "C becomes visible");
    assert_eq!(value(&mut s, "B"), "y");
    let c = sym(&s, "C");
    let (changes, second) = s.set(c, "y").unwrap();
    assert_eq!(names(&s, &changes), ["C", "D"]);
    let d = sym(&s, "D");
    assert_eq!(s.set(d, "n").unwrap_err(), Refused::Selected { name: "D".into(), least: 'y' });
    s.undo(second);
    let (changes, again) = s.undo(step);
    assert_eq!(names(&s, &changes), ["A", "B", "C"]);
    assert_eq!(value(&mut s, "B"), "n");
    s.undo(again);
    assert_eq!(value(&mut s, "B"), "y");
}

#[test]
fn an_answer_that_cannot_be_is_refused_with_the_reason() {
    let mut s = solver(TREE);
    let mut set = |name: &str, text: &str| {
        let symbol = sym(&s, name);
        s.set(symbol, text).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(set("B", "y").unwrap_err(), "B has no prompt, or none that is visible now");
    assert_eq!(set("A", "maybe").unwrap_err(), "`maybe` is no bool value for A");
    assert_eq!(set("N", "0x30").unwrap_err(), "N must be from 0x10 to 0x20");
    assert_eq!(set("N", "1f"), Ok(()));
    assert_eq!(value(&mut s, "N"), "0x1f");
}

#[test]
fn picking_a_member_unpicks_the_others_and_undo_picks_them_again() {
    let mut s = solver(TREE);
    assert_eq!(value(&mut s, "X"), "y");
    let (y, z) = (sym(&s, "Y"), sym(&s, "Z"));
    let (_, to_x) = s.set(y, "y").unwrap();
    let (_, to_y) = s.set(z, "y").unwrap();
    assert_eq!([value(&mut s, "X"), value(&mut s, "Y"), value(&mut s, "Z")], ["n", "n", "y"]);
    s.undo(to_y);
    assert_eq!(value(&mut s, "Y"), "y");
    s.undo(to_x);
    assert_eq!(value(&mut s, "X"), "y");
}

#[test]
fn the_smallest_configuration_gives_the_same_again() {
    let mut s = solver(TREE);
    for (name, v) in [("A", "y"), ("C", "y"), ("Z", "y"), ("N", "0x12")] {
        let symbol = sym(&s, name);
        s.set(symbol, v).unwrap();
    }
    let whole = s.dot_config();
    let small = s.defconfig();
    assert_eq!(small, "CONFIG_A=y\nCONFIG_C=y\nCONFIG_N=0x12\nCONFIG_Z=y\n");
    let mut again = solver(TREE);
    again.read_answers("", &small, false);
    again.forget();
    assert_eq!(again.dot_config(), whole);
}

/// Asking for fixes leaves the solver as it was, for what is followed after it too.
#[test]
fn an_answer_after_a_question_for_fixes_reaches_what_hangs_on_it() {
    let mut s = solver(TREE);
    let (a, c) = (sym(&s, "A"), sym(&s, "C"));
    s.set(a, "n").unwrap();
    assert!(!s.fixes(&[(c, crate::Tristate::Yes)], Default::default()).fixes.is_empty());
    s.set(a, "y").unwrap();
    assert_eq!(value(&mut s, "B"), "y");
}

#[test]
fn what_a_merge_misses_is_told_with_the_reason() {
    let mut s = solver(TREE);
    let parts = [
        Fragment { name: "base", text: "CONFIG_A=y\nCONFIG_Y=y\n" },
        Fragment { name: "more", text: "# CONFIG_A is not set\nCONFIG_C=y\nCONFIG_Q=y\n" },
    ];
    let report = s.merge(&parts);
    let overridden: Vec<_> = report.overridden.iter().map(|o| (o.name.as_str(), o.file.as_str())).collect();
    assert_eq!(overridden, [("A", "more")]);
    let missed: Vec<_> = report.missed.iter().map(|m| (m.name.as_str(), m.line, m.got.as_deref())).collect();
    assert_eq!(missed, [("C", 2, Some("n")), ("Q", 3, None)]);
    assert!(!report.missed[0].obstacles.is_empty());
    assert_eq!(value(&mut s, "Y"), "y");
}
