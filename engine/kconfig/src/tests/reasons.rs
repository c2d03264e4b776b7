//! Why, why not, what differs, and what is found.

use super::{solver, sym};
use crate::query::{Cause, Obstacle, Picked};
use crate::search::{Index, Match};

const TREE: &str = "\
config MODULES
\tbool \"modules\"
\tmodules
config BUS
\tbool \"bus\"
config NET
\ttristate \"net\"
\tdepends on BUS && !OLD
config OLD
\tbool \"old\"
config DRIVER
\ttristate \"A serial driver\"
\tselect CRC
config CRC
\ttristate
config LEVEL
\tint \"level\"
\trange 1 9
\tdefault 4 if BUS
choice
\tprompt \"size\"
\tdefault SMALL
config SMALL
\tbool \"small\"
config LARGE
\tbool \"large\"
endchoice
";

#[test]
fn each_value_has_its_cause() {
    let mut s = solver(TREE);
    let mut why = |name: &str| {
        let symbol = sym(&s, name);
        let cause = s.why(symbol);
        let text = s.describe_cause(&cause);
        (cause, text)
    };
    assert!(matches!(why("SMALL").0, Cause::Choice { picked: Picked::ByDefault, .. }));
    assert!(matches!(why("LARGE").0, Cause::Choice { picked: Picked::NotThis(_), .. }));
    assert_eq!(why("NET").0, Cause::Nothing);
    assert!(matches!(why("LEVEL").0, Cause::Range { .. }), "without a default 0 is below the range");
    for name in ["BUS", "DRIVER"] {
        let symbol = sym(&s, name);
        s.set(symbol, "y").unwrap();
    }
    let mut why = |name: &str| {
        let symbol = sym(&s, name);
        let cause = s.why(symbol);
        s.describe_cause(&cause)
    };
    assert_eq!(why("BUS"), "it was answered so");
    assert_eq!(why("CRC"), "selected by DRIVER [=y] at Kconfig:13");
    assert_eq!(why("LEVEL"), "default 4 if BUS [=y] at Kconfig:19");
}

#[test]
fn what_stands_in_the_way_is_named() {
    let mut s = solver(TREE);
    let mut why_not = |name: &str, value: &str| {
        let symbol = sym(&s, name);
        let obstacles = s.why_not(symbol, value);
        obstacles.iter().map(|o| s.describe(o)).collect::<Vec<_>>()
    };
    assert_eq!(why_not("NET", "y"), ["its prompt at Kconfig:7 needs BUS [=n]"]);
    assert_eq!(why_not("CRC", "y"), ["it has no prompt: only defaults and selects give it a value"]);
    assert_eq!(why_not("LEVEL", "12"), ["it must be from 1 to 9"]);
    assert_eq!(why_not("LEVEL", "much"), ["this is no integer value"]);
    assert_eq!(why_not("BUS", "m"), ["there is no m for it: it is a bool, or modules are off"]);
    assert_eq!(why_not("LARGE", "y"), Vec::<String>::new());
    let driver = sym(&s, "DRIVER");
    s.set(driver, "y").unwrap();
    let crc = sym(&s, "CRC");
    assert!(matches!(&s.why_not(crc, "n")[..], [Obstacle::Selected { .. }, ..]));
    assert_eq!(s.selected_by(crc).len(), 1);
    let bus = sym(&s, "BUS");
    assert_eq!(s.depended_on_by(bus), [sym(&s, "NET")]);
}

#[test]
fn configurations_differ_by_meaning() {
    let (mut a, mut b) = (solver(TREE), solver(TREE));
    let text = a.dot_config();
    b.read_answers("", &text, false);
    b.evaluate_all();
    assert_eq!(a.differences(&mut b), []);
    let large = sym(&b, "LARGE");
    b.set(large, "y").unwrap();
    let names: Vec<_> = a.differences(&mut b).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["LARGE", "SMALL"]);
}

#[test]
fn the_likeliest_is_found_first() {
    let s = solver(TREE);
    let index = Index::new(&s.tree);
    let find =
        |words: &str| index.find(&s.tree, words, 10).into_iter().map(|h| (s.tree.name(h.symbol).to_owned(), h.kind)).collect::<Vec<_>>();
    assert_eq!(find("net"), [("NET".to_owned(), Match::Name)]);
    assert_eq!(find("CONFIG_DRI"), [("DRIVER".to_owned(), Match::NameStart)]);
    assert_eq!(find("serial driver"), [("DRIVER".to_owned(), Match::Prompt)]);
    assert_eq!(find("l")[0].1, Match::NameStart);
    assert_eq!(find("nowhere"), []);
}
