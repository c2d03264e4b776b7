//! Small trees with known answers, and random ones against trying everything.

use super::*;
use crate::rand::Rand;
use crate::{Dialect, Reading, System, finish, read};
use std::collections::BTreeSet;

fn solver(text: &str, answers: &str) -> Solver {
    solver_of(Dialect::linux_6_12(), text, answers)
}

fn solver_of(dialect: Dialect, text: &str, answers: &str) -> Solver {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), text).unwrap();
    let reading = Reading::new("Kconfig", folder.path(), None, dialect);
    let mut tree = read(&reading, &mut System::default());
    assert!(!tree.has_errors(), "{:?}\n{text}", tree.diagnostics);
    finish(&mut tree);
    let mut solver = Solver::new(tree);
    solver.read_answers(".config", answers, false);
    solver.forget();
    solver
}

fn text(a: &Answer) -> String {
    match a {
        Answer::Logical(t) => t.letter().to_string(),
        Answer::Text(t) => t.clone(),
    }
}

fn said(solver: &Solver, found: &Fixes) -> BTreeSet<String> {
    let one = |f: &Fix| {
        let mut words: Vec<String> = f.changes.iter().map(|c| format!("{}={}", solver.tree.name(c.symbol), text(&c.to))).collect();
        words.sort();
        words.join(" ")
    };
    let mut out: BTreeSet<String> = found.fixes.iter().map(one).collect();
    match &found.why {
        Some(Why::Impossible(terms)) => {
            out.insert(format!("never: {}", terms.iter().map(|t| solver.tree.write_expr(*t)).collect::<Vec<_>>().join(", ")));
        }
        Some(why) => {
            out.insert(format!("{why:?}").split('(').next().unwrap().to_owned());
        }
        None => {}
    }
    out
}

fn all() -> Limits {
    Limits { fixes: 1000, time: Duration::from_secs(60) }
}

/// A tree, the lines of `.config`, a wish, and all that is to be offered.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    ("config X\n bool \"x\"\n", "", "X=y", &["X=y"]),
    ("config X\n bool \"x\"\n", "CONFIG_X=y\n", "X=y", &["Already"]),
    ("config X\n bool \"x\"\n", "", "X=m", &["NoSuchValue"]),
    // a chain
    ("config A\n bool \"a\"\nconfig B\n bool \"b\"\n depends on A\nconfig X\n bool \"x\"\n depends on B\n", "", "X=y", &["A=y B=y X=y"]),
    // two ways
    ("config A\n bool \"a\"\nconfig B\n bool \"b\"\nconfig X\n bool \"x\"\n depends on A || B\n", "", "X=y", &["A=y X=y", "B=y X=y"]),
    // something in the way
    ("config A\n bool \"a\"\nconfig X\n bool \"x\"\n depends on !A\n", "CONFIG_A=y\n", "X=y", &["A=n X=y"]),
    // by default, and gone with the answer
    ("config A\n def_bool y\n prompt \"a\"\nconfig X\n bool \"x\"\n depends on !A\n", "", "X=y", &["A=n X=y"]),
    // no prompt: whoever selects it; the smaller dependencies first
    (
        "config X\n bool\nconfig A\n bool \"a\"\n select X\nconfig C\n bool \"c\"\nconfig B\n bool \"b\"\n depends on C\n select X\n",
        "",
        "X=y",
        &["A=y", "B=y C=y"],
    ),
    // selected: who selects it must go
    ("config A\n bool \"a\"\n select X\nconfig X\n bool \"x\"\n", "CONFIG_A=y\n", "X=n", &["A=n"]),
    // a select never breaks what it did not break before
    ("config D\n bool \"d\"\nconfig X\n bool\n depends on D\nconfig A\n bool \"a\"\n select X\n", "", "X=y", &["A=y D=y"]),
    ("config X\n bool\n depends on D\nconfig D\n bool\nconfig A\n bool \"a\"\n select X\n", "", "X=y", &["never: D"]),
    // imply
    ("config A\n bool \"a\"\n imply X\nconfig D\n bool \"d\"\nconfig X\n bool\n depends on D\n", "", "X=y", &["A=y D=y"]),
    // choices
    (
        "choice\n prompt \"c\"\nconfig P\n bool \"p\"\nconfig Q\n bool \"q\"\nconfig R\n bool \"r\"\nendchoice\nconfig X\n bool \"x\"\n depends on Q || R\n",
        "CONFIG_P=y\n",
        "X=y",
        &["Q=y X=y", "R=y X=y"],
    ),
    (
        "config D\n bool \"d\"\nchoice\n prompt \"c\"\nconfig P\n bool \"p\"\nconfig Q\n bool \"q\"\n depends on D\nendchoice\n",
        "",
        "Q=y",
        &["D=y Q=y"],
    ),
    ("choice\n prompt \"c\"\nconfig P\n bool \"p\"\nconfig Q\n bool \"q\"\nendchoice\n", "CONFIG_P=y\n", "P=n", &["Q=y"]),
    ("choice\n prompt \"c\"\nconfig P\n bool \"p\"\nendchoice\n", "", "P=n", &["never: "]),
    // tristates and modules
    (
        "config MODULES\n bool \"m\"\n modules\nconfig A\n tristate \"a\"\nconfig X\n tristate \"x\"\n depends on A\n",
        "CONFIG_MODULES=y\nCONFIG_A=m\n",
        "X=y",
        &["A=y X=y", "MODULES=n X=y"],
    ),
    ("config MODULES\n bool \"m\"\n modules\nconfig X\n tristate \"x\"\n", "", "X=m", &["MODULES=y X=m"]),
    ("config X\n tristate \"x\"\n", "", "X=m", &["never: "]),
    ("config MODULES\n bool \"m\"\n modules\nconfig X\n tristate \"x\"\n depends on m\n", "CONFIG_MODULES=y\n", "X=y", &["never: m"]),
    // visible if
    ("config V\n bool \"v\"\nmenu \"m\"\n visible if V\nconfig X\n bool \"x\"\nendmenu\n", "", "X=y", &["V=y X=y"]),
    // numbers
    ("config N\n int \"n\"\n range 1 64\n default 8\nconfig X\n bool \"x\"\n depends on N > 16\n", "", "X=y", &["N=17 X=y"]),
    ("config N\n int \"n\"\n range 1 16\n default 8\nconfig X\n bool \"x\"\n depends on N > 16\n", "", "X=y", &["never: N>16"]),
    (
        "config BIG\n bool \"b\"\nconfig N\n int\n default 64 if BIG\n default 8\nconfig X\n bool \"x\"\n depends on N > 16\n",
        "",
        "X=y",
        &["BIG=y X=y"],
    ),
    (
        "config BIG\n bool \"b\"\nconfig TOP\n int\n default 64 if BIG\n default 8\nconfig N\n int \"n\"\n range 1 TOP\n default 4\n\
config X\n bool \"x\"\n depends on N > 16\n",
        "",
        "X=y",
        &["BIG=y N=17 X=y"],
    ),
    (
        "config BIG\n bool \"b\"\nconfig N\n int \"n\"\n range 64 64 if BIG\n range 1 8\n default 4\nconfig X\n bool \"x\"\n depends on N > 16\n",
        "",
        "X=y",
        &["BIG=y X=y"],
    ),
    (
        "config BIG\n bool \"b\"\nconfig N\n int \"n\"\n range 64 64 if BIG\n range 1 8\n default 4\nconfig X\n bool \"x\"\n depends on N < 16\n",
        "CONFIG_BIG=y\n",
        "X=y",
        &["BIG=n X=y"],
    ),
    ("config S\n string \"s\"\n default \"no\"\nconfig X\n bool \"x\"\n depends on S = \"yes\"\n", "", "X=y", &["S=yes X=y"]),
    ("config S\n string \"s\"\nconfig X\n bool \"x\"\n depends on S != \"\"\n", "", "X=y", &["S=text X=y"]),
    // what nobody can change
    ("config X\n bool\n", "", "X=y", &["NotSettable"]),
    ("config X\n bool \"x\"\n depends on UNKNOWN_ONE\n", "", "X=y", &["never: UNKNOWN_ONE"]),
    ("config A\n bool \"a\"\nconfig X\n bool \"x\"\n depends on A && !A\n", "", "X=y", &["never: "]),
];

#[test]
fn every_case_gets_what_is_known() {
    for (tree, answers, wish, expected) in CASES {
        let mut s = solver(tree, answers);
        let (name, value) = wish.split_once('=').unwrap();
        let want = (s.tree.find(name).unwrap(), Tristate::of_letter(value).unwrap());
        let before = (s.dot_config(), s.answers_with(&[]));
        let found = s.fixes(&[want], all());
        let expected: BTreeSet<String> = expected.iter().map(|e| e.to_string()).collect();
        assert_eq!(said(&s, &found), expected, "{wish} of\n{tree}");
        assert!(found.fixes.is_sorted_by_key(|f| f.others));
        assert_eq!((s.dot_config(), s.answers_with(&[])), before, "the solver changed: {wish} of\n{tree}");
    }
}

#[test]
fn a_choice_of_the_older_kind_has_one_member_too() {
    let text = "config A\n bool \"a\"\nchoice\n prompt \"c\" if A\n default P\nconfig P\n bool \"p\"\nconfig Q\n bool \"q\"\n depends on B\nendchoice\n\
config B\n bool \"b\"\nconfig X\n bool \"x\"\n depends on Q\nconfig Y\n bool \"y\"\n depends on P && Q\n";
    for (wish, expected) in [("Q", "A=y B=y Q=y"), ("P", "A=y"), ("X", "A=y B=y Q=y X=y")] {
        let mut s = solver_of(Dialect::linux_6_1(), text, "");
        let w = s.tree.find(wish).unwrap();
        let found = s.fixes(&[(w, Tristate::Yes)], all());
        assert_eq!(said(&s, &found), BTreeSet::from([expected.to_owned()]), "{wish}");
    }
    let mut s = solver_of(Dialect::linux_6_1(), text, "");
    let y = s.tree.find("Y").unwrap();
    assert!(matches!(s.fixes(&[(y, Tristate::Yes)], all()).why, Some(Why::Impossible(_))));
}

#[test]
fn two_wishes_at_once() {
    let mut s = solver("config A\n bool \"a\"\nconfig X\n bool \"x\"\n depends on A\nconfig Y\n bool \"y\"\n depends on !A\n", "");
    let (x, y) = (s.tree.find("X").unwrap(), s.tree.find("Y").unwrap());
    let both = s.fixes(&[(x, Tristate::Yes), (y, Tristate::Yes)], all());
    assert_eq!(said(&s, &both), ["never: ".to_owned()].into());
    let one = s.fixes(&[(x, Tristate::Yes), (y, Tristate::No)], all());
    assert_eq!(said(&s, &one), ["A=y X=y".to_owned()].into());
}

/// A random expression over symbols before the `i`-th.
fn expression(r: &mut Rand, i: u32, depth: u32) -> String {
    let roll = r.next() % 10;
    if depth == 0 || roll < 4 {
        return match r.next() % 12 {
            0 => "m".into(),
            1 if i > 0 => format!("S{}=m", r.next() % i),
            2 if i > 0 => format!("S{}!=y", r.next() % i),
            3 => format!("N>{}", r.next() % 5),
            4 => format!("N<={}", r.next() % 5),
            5 => "P1".into(),
            6 => "P2".into(),
            _ if i > 0 => format!("S{}", r.next() % i),
            _ => "y".into(),
        };
    }
    match roll {
        4..=5 => format!("!({})", expression(r, i, depth - 1)),
        6..=7 => format!("({} && {})", expression(r, i, depth - 1), expression(r, i, depth - 1)),
        _ => format!("({} || {})", expression(r, i, depth - 1), expression(r, i, depth - 1)),
    }
}

const SYMBOLS: u32 = 5;

/// A tree without loops: conditions look back, selects forward.
fn tree(r: &mut Rand) -> String {
    let mut out = String::from("config MODULES\n bool \"modules\"\n modules\nconfig B\n bool \"b\"\n");
    out += "config N\n int \"n\" if B\n range 0 4\n default 3 if MODULES\n default 1\n";
    out += "choice\n prompt \"c\"\nconfig P0\n bool \"p\"\n";
    out += &format!(
        "config P1\n bool \"p\"\n depends on {}\nconfig P2\n bool \"p\"\nendchoice\n",
        ["B", "N>2", "!MODULES", "y"][r.next() as usize % 4]
    );
    for i in 0..SYMBOLS {
        let kind = if r.next().is_multiple_of(2) { "bool" } else { "tristate" };
        out += &format!("config S{i}\n {kind}");
        match r.next() % 4 {
            0 => out += "\n",
            1 => out += &format!(" \"s\" if {}\n", expression(r, i, 1)),
            _ => out += " \"s\"\n",
        }
        for _ in 0..r.next() % 3 {
            out += &format!(" depends on {}\n", expression(r, i, 2));
        }
        if r.next().is_multiple_of(3) {
            out += &format!(" default {} if {}\n", expression(r, i, 1), expression(r, i, 1));
        }
        for word in ["select", "imply"] {
            if i + 1 < SYMBOLS && r.next().is_multiple_of(3) {
                out += &format!(" {word} S{} if {}\n", i + 1 + r.next() % (SYMBOLS - i - 1), expression(r, i, 1));
            }
        }
    }
    out
}

fn unmet(s: &mut Solver) -> BTreeSet<SymId> {
    let all: Vec<SymId> = s.tree.symbol_ids().collect();
    all.iter().for_each(|x| {
        s.value(*x);
    });
    all.into_iter().filter(|x| s.state(*x).dir_dep < s.state(*x).rev_dep).collect()
}

/// The members of the choice are turned together.
fn same_knob(a: &str, b: &str) -> bool {
    a == b || a.starts_with('P') && b.starts_with('P')
}

/// The smallest sets of knobs that do it, by trying every combination of answers.
fn by_force(s: &mut Solver, knobs: &[(&str, Vec<Change>)], want: (SymId, Tristate)) -> BTreeSet<BTreeSet<String>> {
    let before = Snapshot::of(s);
    let old = unmet(s);
    before.restore(s);
    let mut found: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    let mut at = vec![0; knobs.len()];
    loop {
        let turned = || knobs.iter().zip(&at).filter(|(_, a)| **a > 0);
        let changes: Vec<Change> = turned().map(|(k, a)| k.1[*a - 1].clone()).collect();
        s.apply(&changes);
        if s.value(want.0).tri == want.1 && unmet(s).is_subset(&old) {
            let own = s.tree.name(want.0);
            let named = turned().map(|(k, a)| if k.0 == "P" { s.tree.name(k.1[*a - 1].symbol) } else { k.0 }.to_owned());
            found.insert(named.filter(|n| !same_knob(n, own)).collect());
        }
        before.restore(s);
        let Some(i) = (0..at.len()).find(|i| at[*i] < knobs[*i].1.len()) else { break };
        at[i] += 1;
        at[..i].fill(0);
    }
    found.iter().filter(|a| !found.iter().any(|b| b != *a && b.is_subset(a))).cloned().collect()
}

#[test]
fn random_trees_get_all_smallest_fixes() {
    let (mut asked, mut fixed, mut never) = (0, 0, 0);
    for seed in 1..=12 {
        let r = &mut Rand::new(seed);
        let tree = tree(r);
        let mut answers = String::new();
        for name in ["MODULES", "B", "S0", "S1", "S2", "S3", "S4", "P1", "P2"] {
            match r.next() % 5 {
                0 => answers += &format!("CONFIG_{name}=y\n"),
                1 if name.starts_with('S') && tree.contains(&format!("config {name}\n tristate")) => {
                    answers += &format!("CONFIG_{name}=m\n")
                }
                2 | 3 => answers += &format!("# CONFIG_{name} is not set\n"),
                _ => {}
            }
        }
        let mut s = solver(&tree, &answers);
        let change = |s: &Solver, name: &str, to| {
            let symbol = s.tree.find(name).unwrap();
            Change { symbol, from: Answer::Logical(Tristate::No), to }
        };
        let mut knobs: Vec<(&str, Vec<Change>)> = Vec::new();
        for name in ["MODULES", "B", "S0", "S1", "S2", "S3", "S4"] {
            let symbol = s.tree.find(name).unwrap();
            if !s.tree.props_of(symbol).any(|(_, p)| p.text().is_some()) {
                continue;
            }
            let tristate = s.tree.symbol(symbol).kind == SymbolKind::Tristate;
            let values = if tristate { vec![Tristate::No, Tristate::Mod, Tristate::Yes] } else { vec![Tristate::No, Tristate::Yes] };
            knobs.push((name, values.into_iter().map(|t| change(&s, name, Answer::Logical(t))).collect()));
        }
        knobs.push(("N", [0, 3, 4].map(|n| change(&s, "N", Answer::Text(n.to_string()))).into()));
        knobs.push(("P", ["P0", "P1", "P2"].iter().map(|p| change(&s, p, Answer::Logical(Tristate::Yes))).collect()));
        for name in ["S4", "S3", "P1"] {
            let symbol = s.tree.find(name).unwrap();
            let tristate = s.tree.symbol(symbol).kind == SymbolKind::Tristate;
            for want in [Tristate::No, Tristate::Mod, Tristate::Yes] {
                if s.value(symbol).tri == want || want == Tristate::Mod && !tristate {
                    continue;
                }
                let expected = by_force(&mut s, &knobs, (symbol, want));
                let found = s.fixes(&[(symbol, want)], all());
                asked += 1;
                fixed += usize::from(!found.fixes.is_empty());
                never += usize::from(matches!(found.why, Some(Why::Impossible(_) | Why::NotSettable(_))));
                let offered: BTreeSet<BTreeSet<String>> = found
                    .fixes
                    .iter()
                    .map(|f| f.changes.iter().map(|c| s.tree.name(c.symbol).to_owned()).filter(|n| !same_knob(n, name)).collect())
                    .collect();
                assert_eq!(offered, expected, "seed {seed}, {name}={}\n{tree}\n{answers}\n{found:?}", want.letter());
            }
        }
    }
    println!("asked {asked}, fixed {fixed}, never {never}");
    assert!(fixed > 20 && never > 2);
}

/// Trees that chase their own tails get an answer too, whatever it is worth.
#[test]
fn loops_do_no_harm() {
    let trees = [
        "config A\n bool \"a\"\n depends on B\nconfig B\n bool \"b\"\n depends on A\n",
        "config A\n bool \"a\"\n select B\nconfig B\n bool \"b\"\n select A\n",
        "config A\n bool \"a\" if !A\n default !A\nconfig B\n bool \"b\"\n depends on !A\n",
        "config A\n def_bool B\nconfig B\n def_bool !A\n",
        "config N\n int \"n\" if N > 3\n default N\nconfig A\n bool \"a\"\n depends on N > 5 && S = \"A\"\nconfig S\n string\n default A\nconfig B\n bool\n",
        "choice\n prompt \"c\" if B\nconfig A\n bool \"a\" if B\nconfig B\n bool \"b\" if A\n select A\nendchoice\n",
        "choice\n prompt \"c\"\n default B if A\nconfig A\n bool \"a\"\nconfig B\n bool \"b\"\n depends on A\nendchoice\n",
        "config MODULES\n tristate \"m\"\n modules\n depends on A\nconfig A\n tristate \"a\"\n depends on m\nconfig B\n tristate \"b\"\n depends on A=m\n",
    ];
    for tree in trees {
        for answers in ["", "CONFIG_A=y\n", "# CONFIG_A is not set\nCONFIG_B=y\n"] {
            let mut s = solver(tree, answers);
            for name in ["A", "B"] {
                let symbol = s.tree.find(name).unwrap();
                for want in [Tristate::No, Tristate::Mod, Tristate::Yes] {
                    let before = s.answers_with(&[]);
                    let found = s.fixes(&[(symbol, want)], all());
                    assert!(found.why.is_some() == found.fixes.is_empty());
                    assert_eq!(s.answers_with(&[]), before);
                }
            }
        }
    }
}
