//! Edits on the real presets: what each does, what is refused and why, and that no sequence of them breaks anything.

use crate::tests::{id, library, preset};
use crate::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn port(s: &str) -> Port {
    s.to_owned().try_into().unwrap()
}

fn connect(from: &str, to: &str) -> Edit {
    Edit::Connect { from: port(from), to: port(to) }
}

fn add(recipe: &str) -> Edit {
    Edit::Add { recipe: recipe.into(), name: None, position: None }
}

fn remove(components: &[&str], wires: &[(&str, &str)]) -> Edit {
    Edit::Remove { components: components.iter().map(|c| id(c)).collect(), wires: wires.iter().map(|(a, b)| (port(a), port(b))).collect() }
}

fn make(mut p: Project, edits: &[Edit]) -> Project {
    for e in edits {
        p = e.apply(&p, &library()).unwrap_or_else(|r| panic!("{e:?}: {r}"));
    }
    p
}

#[test]
fn turning_one_historical_layout_into_the_other_by_hand_gives_an_equal_project() {
    let forth = [
        add("kernel-headers"),
        add("glibc"),
        add("host-xorriso"),
        connect("host-toolchain.toolchain", "kernel-headers.toolchain"),
        connect("kernel.source", "kernel-headers.source"),
        connect("host-toolchain.toolchain", "glibc.toolchain"),
        connect("kernel-headers.headers", "glibc.headers"),
        connect("glibc.libc", "busybox.libc"),
        connect("kernel-headers.headers", "busybox.headers"),
        connect("glibc.libc", "rootfs.libc"),
        connect("host-xorriso.tool", "iso.writer"),
        remove(&["host-libc", "host-headers", "host-genisoimage"], &[]),
    ];
    let back = [
        add("host-libc"),
        add("host-headers"),
        add("host-genisoimage"),
        connect("host-libc.libc", "busybox.libc"),
        connect("host-headers.headers", "busybox.headers"),
        connect("host-genisoimage.tool", "kernel.iso-writer"),
        connect("kernel.isoimage", "iso.writer"),
        remove(&["glibc", "kernel-headers", "host-xorriso"], &[]),
    ];
    let (old, new, library) = (preset("mll-2015"), preset("mll-2016"), library());
    assert!(!same(&old, &new, &library));
    let edited = make(old.clone(), &forth);
    assert_eq!(
        compare(&edited.layout, &new.layout, &library),
        Comparison { old: "mll-2015".into(), new: "mll-2016".into(), ..Default::default() }
    );
    assert!(same(&edited, &new, &library));
    assert_eq!(edited.problems(&library), []);
    let ends = |p: &Project| p.layout.wires.iter().map(|w| (w.from.clone(), w.to.clone())).collect::<BTreeSet<_>>();
    assert_eq!(ends(&edited), ends(&new));
    let again = make(edited, &back);
    assert!(same(&again, &old, &library));
    assert_eq!(ends(&again), ends(&old));
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let refused = |e: Edit, words: &[&str]| {
        let p = preset("mll-2016");
        let r = e.apply(&p, &library()).unwrap_err();
        assert!(words.iter().all(|w| r.reason.contains(w)), "{e:?}: {words:?} is not in {:?}", r.reason);
        r
    };
    refused(connect("kernel.image", "busybox.libc"), &["Linux kernel provides a kernel image", "BusyBox is for a C library"]);
    refused(connect("host-xorriso.tool", "busybox.headers"), &["provides an ISO tool", "BusyBox is for kernel headers"]);
    refused(connect("kernel.nothing", "busybox.libc"), &["Linux kernel has no output `nothing`"]);
    refused(connect("kernel.image", "busybox.nothing"), &["BusyBox has no need `nothing`"]);
    refused(connect("ghost.image", "busybox.libc"), &["no component `ghost`"]);
    refused(Edit::Add { recipe: "ghost".into(), name: None, position: None }, &["no recipe `ghost`"]);
    refused(Edit::Add { recipe: "musl".into(), name: Some("glibc".into()), position: None }, &["`glibc` already"]);
    refused(Edit::Add { recipe: "musl".into(), name: Some("a/b".into()), position: None }, &["`a/b` is no name"]);
    refused(Edit::Rename { component: id("glibc"), name: "busybox".into() }, &["`busybox` already"]);
    refused(Edit::Rename { component: id("glibc"), name: "".into() }, &["is no name"]);
    refused(Edit::Rename { component: id("ghost"), name: "x".into() }, &["no component `ghost`"]);
    refused(remove(&["iso"], &[]), &["ISO image is the target"]);
    refused(remove(&["ghost"], &[]), &["no component `ghost`"]);
    refused(remove(&[], &[("kernel.image", "busybox.libc")]), &["no wire from `kernel.image` to `busybox.libc`"]);
    refused(Edit::SetTarget { component: id("host-xorriso") }, &["part of the host"]);
    let nowhere = BTreeMap::from([(id("glibc"), Position { x: f32::NAN, y: 0.0 })]);
    refused(Edit::Place { how: Placing::Move, moved: BTreeSet::new(), boxes: nowhere }, &["cannot stand at"]);
}

#[test]
fn a_circle_is_refused_with_its_path_in_the_direction_of_the_wires() {
    let mut p = preset("mll-2016");
    p.layout.components.push(Component { id: id("other"), recipe: "kernel-headers".into(), options: BTreeMap::new(), position: None });
    let p = make(p, &[connect("kernel-headers.headers", "glibc.headers"), connect("kernel.isoimage", "iso.writer")]);
    let library = library();
    let r = fits(&p, &library, &port("kernel.isoimage"), &port("kernel.iso-writer")).unwrap_err();
    assert_eq!(r.circle, [id("kernel"), id("kernel")]);
    assert!(r.reason.contains("cannot be made from itself"));
    // Headers that would be made from the root file system that is made with them: a longer way round.
    let mut recipes: Vec<Recipe> = library.recipes().cloned().collect();
    let headers = recipes.iter_mut().find(|r| r.id == "kernel-headers").unwrap();
    headers.needs.push(Need { id: "root".into(), kind: Kind::RootFileSystem, optional: true, explain: "x".into() });
    let library = Library::of(recipes, Vec::new());
    let r = connect("rootfs.root", "kernel-headers.root").apply(&p, &library).unwrap_err();
    assert_eq!(r.circle.first(), r.circle.last());
    assert_eq!(r.circle.first(), Some(&id("kernel-headers")));
    for pair in r.circle.windows(2).take(r.circle.len() - 2) {
        assert!(p.layout.wires.iter().any(|w| w.from.component == pair[0] && w.to.component == pair[1]), "{pair:?}");
    }
    assert!(r.reason.contains("in a circle: Kernel headers (kernel-headers) → GNU C library → "), "{}", r.reason);
    // The wire it would replace is not on the way round.
    assert!(fits(&p, &library, &port("glibc.libc"), &port("busybox.libc")).is_ok());
}

#[test]
fn a_rename_takes_wires_fragments_and_target_along() {
    let mut p = preset("musl");
    p.fragments.insert(id("kernel"), "CONFIG_X=y\n".into());
    let rename = |from: &str, to: &str| Edit::Rename { component: id(from), name: to.into() };
    let q = make(p.clone(), &[rename("kernel", "linux"), rename("iso", "disc")]);
    assert_eq!(q.problems(&library()), []);
    assert_eq!(q.fragments.get("linux".try_into().as_ref().unwrap()).map(String::as_str), Some("CONFIG_X=y\n"));
    assert_eq!(q.layout.target, id("disc"));
    assert_eq!(q.layout.provider(&id("disc"), "kernel"), Some(&port("linux.image")));
    assert_eq!(make(q, &[rename("linux", "kernel"), rename("disc", "iso")]), p, "and back");
}

#[test]
fn a_duplicate_is_fed_alike_and_feeds_nobody() {
    let mut p = preset("mll-2016");
    p.fragments.insert(id("busybox"), "CONFIG_X=y\n".into());
    let both = Edit::Duplicate { copies: BTreeMap::from([(id("glibc"), None), (id("busybox"), Some(Position { x: 15.0, y: 26.0 }))]) };
    let q = make(p.clone(), &[both]);
    assert_eq!(q.problems(&library()), []);
    let twin = q.layout.component(&id("busybox-2")).unwrap();
    assert_eq!(twin.position, Some(Position { x: 15.0, y: 26.0 }));
    assert!(q.fragments.contains_key(&id("busybox-2")));
    assert_eq!(q.layout.provider(&id("busybox-2"), "headers"), Some(&port("kernel-headers.headers")));
    assert_eq!(q.layout.provider(&id("busybox-2"), "libc"), Some(&port("glibc-2.libc")), "the wire between the two");
    assert_eq!(q.layout.provider(&id("rootfs"), "userland"), Some(&port("busybox.userland")), "the first one still feeds it");
    let again = Edit::Duplicate { copies: BTreeMap::from([(id("busybox-2"), None)]) };
    assert!(make(q, &[again]).layout.component(&id("busybox-3")).is_some());
}

#[test]
fn a_moved_wire_keeps_its_place_and_loses_what_was_said_of_the_old_provider() {
    let p = preset("mll-2015");
    let at = p.layout.wires.iter().position(|w| w.to == port("busybox.libc")).unwrap();
    assert!(!p.layout.wires[at].explain.is_empty());
    let q = make(p.clone(), &[add("musl"), connect("musl.libc", "busybox.libc")]);
    assert_eq!(q.layout.wires[at], Wire { from: port("musl.libc"), to: port("busybox.libc"), explain: String::new() });
    assert_eq!(q.layout.wires.len(), p.layout.wires.len());
    // Drawing what is there already changes nothing.
    let same = connect("host-libc.libc", "busybox.libc");
    assert_eq!(make(p.clone(), &[same]), p);
}

#[test]
fn providers_are_the_outputs_that_fit_and_close_no_circle() {
    let p = make(preset("mll-2016"), &[add("host-headers"), add("musl")]);
    let library = library();
    let names = |need: &str| providers(&p, &library, &port(need)).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names("busybox.headers"), ["kernel-headers.headers", "host-headers.headers"]);
    assert_eq!(names("busybox.libc"), ["glibc.libc", "musl.libc"]);
    assert_eq!(names("kernel.iso-writer"), ["host-xorriso.tool"], "the kernel's own isoimage would close a circle");
    assert!(names("busybox.nothing").is_empty());
    // The same answer as asking for each output by itself.
    for c in &p.layout.components {
        for n in &library.recipe(&c.recipe).unwrap().needs {
            let need = Port { component: c.id.clone(), name: n.id.clone() };
            for from in &p.layout.components {
                for o in &library.recipe(&from.recipe).unwrap().outputs {
                    let out = Port { component: from.id.clone(), name: o.id.clone() };
                    assert_eq!(fits(&p, &library, &out, &need).is_ok(), providers(&p, &library, &need).contains(&out), "{out} {need}");
                }
            }
        }
    }
}

#[test]
fn the_history_reads_like_what_was_done() {
    let (p, l) = (preset("mll-2015"), library());
    let says = |e: Edit, words: &str| assert_eq!(e.title(&p, &l), words);
    says(connect("host-headers.headers", "busybox.headers"), "Move wire: BusyBox ← Host kernel headers");
    says(connect("host-libc.libc", "rootfs.libc"), "Draw wire: Root file system ← Host C library");
    says(add("glibc"), "Add GNU C library");
    says(remove(&[], &[("kernel.image", "iso.kernel")]), "Delete wire: ISO image ← Linux kernel");
    says(remove(&["busybox"], &[]), "Remove BusyBox");
    says(remove(&["busybox", "kernel"], &[]), "Remove 2 components");
    says(Edit::Rename { component: id("busybox"), name: "box".into() }, "Rename busybox to box");
    says(Edit::ClearPositions, "Arrange the diagram");
    let moved = BTreeSet::from([id("busybox")]);
    says(Edit::Place { how: Placing::Move, moved, boxes: BTreeMap::new() }, "Move BusyBox");
    let two = make(p.clone(), &[Edit::Duplicate { copies: BTreeMap::from([(id("busybox"), None)]) }]);
    assert_eq!(remove(&["busybox-2"], &[]).title(&two, &l), "Remove BusyBox (busybox-2)");
}

#[test]
fn positions_are_set_together_and_cleared_together() {
    let p = preset("musl");
    let boxes: BTreeMap<_, _> = [("kernel", 1.0), ("iso", 2.0)].map(|(c, x)| (id(c), Position { x, y: -x })).into();
    let q = make(p.clone(), &[Edit::Place { how: Placing::Move, moved: BTreeSet::from([id("iso")]), boxes }]);
    assert_eq!(q.layout.component(&id("iso")).unwrap().position, Some(Position { x: 2.0, y: -2.0 }));
    assert!(same(&p, &q, &library()), "where a box stands changes nothing of what is built");
    assert_eq!(make(q, &[Edit::ClearPositions]), p);
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let ids = || {
        prop::sample::select(vec![
            "kernel",
            "busybox",
            "glibc",
            "iso",
            "rootfs",
            "musl",
            "kernel-headers",
            "host-headers",
            "busybox-2",
            "x",
        ])
        .prop_map(id)
    };
    let set = || prop::collection::btree_set(ids(), 0..3);
    let ports = prop::sample::select(vec![
        "kernel.source",
        "kernel.isoimage",
        "kernel.iso-writer",
        "busybox.libc",
        "busybox.headers",
        "glibc.headers",
        "glibc.libc",
        "musl.libc",
        "kernel-headers.headers",
        "kernel-headers.source",
        "host-headers.headers",
        "iso.writer",
        "busybox-2.libc",
        "x.libc",
    ])
    .prop_map(port);
    let position = || (-1e6_f32..1e6, -1e6_f32..1e6).prop_map(|(x, y)| Position { x, y });
    let pair = (ports.clone(), ports);
    prop_oneof![
        4 => pair.clone().prop_map(|(from, to)| Edit::Connect { from, to }),
        2 => (prop::sample::select(vec!["musl", "busybox", "host-headers", "glibc", "none"]), prop::option::of("[a-z/-]{0,70}"), prop::option::of(position()))
            .prop_map(|(r, name, position)| Edit::Add { recipe: r.into(), name, position }),
        1 => prop::collection::btree_map(ids(), prop::option::of(position()), 0..3).prop_map(|copies| Edit::Duplicate { copies }),
        1 => (ids(), "[a-z.-]{0,70}").prop_map(|(component, name)| Edit::Rename { component, name }),
        1 => (ids(), ids()).prop_map(|(component, name)| Edit::Rename { component, name: name.into() }),
        1 => (set(), prop::collection::btree_set(pair, 0..2)).prop_map(|(components, wires)| Edit::Remove { components, wires }),
        1 => ids().prop_map(|component| Edit::SetTarget { component }),
        1 => prop::collection::btree_map(ids(), position(), 0..3).prop_map(|boxes| Edit::Place { how: Placing::Move, moved: BTreeSet::new(), boxes }),
        1 => Just(Edit::ClearPositions),
        1 => (ids(), "[A-Z=y\n ]{0,9}").prop_map(|(component, lines)| Edit::Configure { component, lines }),
        1 => (ids(), "[a-z]{0,9}", "[a-z]{0,9}").prop_map(|(component, option, value)| Edit::SetOption { component, option, value }),
    ]
}

#[test]
fn configuration_lines_are_set_and_taken_away_where_a_recipe_takes_them() {
    let library = library();
    let before = preset("musl");
    let set = |component: &str, lines: &str| Edit::Configure { component: id(component), lines: lines.into() };
    let edit = set("busybox", "CONFIG_WGET=n\n\n");
    let after = edit.apply(&before, &library).unwrap();
    assert_eq!(after.fragments[&id("busybox")], "CONFIG_WGET=n\n");
    assert_eq!(edit.title(&before, &library), "Configure BusyBox: CONFIG_WGET=n");
    assert_eq!(set("busybox", " \n").apply(&after, &library).unwrap(), before);
    assert_eq!(set("musl", "X=y").apply(&before, &library).unwrap_err().reason, "musl C library takes no configuration lines");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No sequence panics; what was sound stays sound but for needs that nothing feeds; and it can be saved and read.
    #[test]
    fn any_sequence_of_edits_keeps_a_project_sound(edits in prop::collection::vec(any_edit(), 0..40)) {
        let library = library();
        let mut p = preset("mll-2016");
        for edit in &edits {
            let _ = edit.title(&p, &library);
            if let Ok(next) = edit.apply(&p, &library) {
                p = next;
            }
            let bad: Vec<_> = p.problems(&library).into_iter().filter(|x| x.kind != ProblemKind::UnfedNeed).collect();
            prop_assert!(bad.is_empty(), "{edit:?}: {bad:?}");
        }
        let text = p.to_text().unwrap();
        let read: Project = ron::from_str(&text).unwrap();
        prop_assert_eq!(read, p);
    }
}
