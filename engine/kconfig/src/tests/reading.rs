//! Files: what is read, what is said about what cannot be.

use super::{solver, tree, value};
use crate::Severity;

#[test]
fn a_fault_is_named_with_its_place_and_the_rest_is_kept() {
    let t = tree(&[("Kconfig", "config A\n\tbool \"a\"\n\nconfig B\n\tboll \"b\"\n\nconfig C\n\tint \"c\"\n\tdefault 3 && \n")]);
    let places: Vec<_> = t.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| (d.line, d.column)).collect();
    assert_eq!(places, [(5, 6), (9, 15)], "{:?}", t.diagnostics);
    assert!(t.diagnostics[0].message.contains("boll"), "{:?}", t.diagnostics);
    assert!(["A", "B", "C"].iter().all(|n| t.find(n).is_some()));
}

#[test]
fn blocks_that_are_not_closed_are_named() {
    let t = tree(&[("Kconfig", "menu \"m\"\nconfig A\n\tbool\nsource \"other\"\n"), ("other", "endmenu\nif A\n")]);
    let text: Vec<_> = t.diagnostics.iter().map(|d| format!("{}:{}: {}", d.file, d.line, d.message)).collect();
    assert!(text[0].starts_with("other:1: 'endmenu' in different file"), "{text:?}");
    assert!(text.iter().any(|d| d.starts_with("other:2: missing endif")), "{text:?}");
    assert!(text.iter().any(|d| d.starts_with("Kconfig:1: missing endmenu")), "{text:?}");
}

#[test]
fn macros_expand_where_they_stand_and_are_not_read_again() {
    let mut s = solver(concat!(
        "name = $(1) and $(2)\n",
        "lazy = $(later)\nnow := $(later)\nlater = there\n",
        "now += more\n",
        "config A\n\tstring \"$(name,one,$(shell,echo two; echo lines))\"\n\tdefault \"$(lazy)|$(now)|$(WHO)|$(nobody)|$x $$\"\n",
        "config $(shell,echo MADE)_BY\n\tdef_bool y\n",
        "$(info,hello)\n",
    ));
    assert_eq!(value(&mut s, "A"), "there| more|us||$x $$");
    assert_eq!(value(&mut s, "MADE_BY"), "y");
    let a = super::sym(&s, "A");
    assert_eq!(s.prompts(a), ["one and two lines"]);
    assert_eq!(s.tree.diagnostics.iter().map(|d| &*d.message).collect::<Vec<_>>(), ["hello"]);
    assert_eq!(s.tree.environment, [("WHO".to_owned(), "us".to_owned())]);
}

#[test]
fn help_ends_where_it_is_indented_less() {
    let s = solver(
        "config A\n\tbool \"a\"\n\thelp\n\t  First.\n\n\t    Deeper.\n\tdepends on B\n\nconfig B\n\tbool \"b\"\n\thelp\n\t  Last.\n",
    );
    let help = |name: &str| s.tree.help(s.tree.symbol(super::sym(&s, name)).first_node);
    assert_eq!(help("A").as_deref(), Some("First.\n\n  Deeper.\n"));
    assert_eq!(help("B").as_deref(), Some("Last.\n"));
    assert_eq!(s.depends_on(super::sym(&s, "A")), [super::sym(&s, "B")]);
}

#[test]
fn a_bound_or_default_that_is_no_number_is_warned_of() {
    let t = tree(&[(
        "Kconfig",
        "config A\n\tint \"a\"\n\trange 1 NOT_THERE\n\tdefault NOT_THERE\nconfig B\n\tint \"b\"\n\trange 1 A\n\tdefault 2\n",
    )]);
    let said: Vec<(u32, &str)> = t.diagnostics.iter().map(|d| (d.line, d.message.as_str())).collect();
    assert_eq!(said, [(3, "range is invalid"), (4, "'A': number is invalid")]);
}
