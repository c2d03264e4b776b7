//! The shell is asked once for what stays the same, and for all that is not known at the same time.

use crate::probes::{Probes, read_side_by_side};
use crate::{Dialect, Reading, System, Tree};
use std::path::Path;

fn load(folder: &Path, probes: &mut Probes, more: &[(&str, &str)]) -> Tree {
    let mut system = System { folder: folder.into(), ..System::default() };
    system.environment.insert("PATH".into(), "/usr/bin:/bin".into());
    system.environment.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    let reading = Reading { top: "Kconfig".into(), folder: folder.into(), source_tree: None, dialect: Dialect::linux_6_12() };
    read_side_by_side(&reading, &system, probes)
}

/// Each command of this tree leaves a file in `asked`; the second is asked for only where the first says y.
const ASKING: &str = "first := $(shell,mktemp -p asked > /dev/null; cat ./tool)\nif-y = $(shell,mktemp -p asked > /dev/null; echo $CC)\nsecond := $(if-$(first))\n\
config A_$(first)\n\tbool\nconfig B_$(second)\n\tbool\n";

#[test]
fn a_second_load_starts_no_process() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("Kconfig"), ASKING).unwrap();
    std::fs::write(at("tool"), "y\n").unwrap();
    std::fs::create_dir(at("asked")).unwrap();
    let asked = || std::fs::read_dir(at("asked")).unwrap().count();
    let mut probes = Probes::default();
    let tree = load(folder.path(), &mut probes, &[("CC", "gcc")]);
    assert!(tree.find("A_y").is_some() && tree.find("B_gcc").is_some());
    assert_eq!(asked(), 2);
    probes.save(&at("cache")).unwrap();
    let again = |more: &[(&str, &str)]| load(folder.path(), &mut Probes::load(&at("cache")), more);
    let tree = again(&[("CC", "gcc")]);
    assert!(tree.find("A_y").is_some() && tree.find("B_gcc").is_some());
    assert_eq!(asked(), 2, "nothing has changed");
    // What says nothing of an answer is no reason to ask again; another compiler is, and so is another tool.
    again(&[("CC", "gcc"), ("TERM", "dumb"), ("MAKELEVEL", "2")]);
    assert_eq!(asked(), 2);
    assert!(again(&[("CC", "clang")]).find("B_clang").is_some());
    assert_eq!(asked(), 4);
    std::fs::write(at("tool"), "n  \n").unwrap();
    assert!(again(&[("CC", "gcc")]).find("A_y").is_none());
    assert_eq!(asked(), 5, "the first alone, which says n now");
}

#[test]
fn what_is_not_known_is_asked_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    // Each waits for the other to begin; one after another, the first would wait in vain.
    let probe = |own: &str, other: &str| {
        format!(
            "$(shell,touch {own}; i=0; while [ ! -e {other} ] && [ $i -lt 1000 ]; do sleep 0.02; i=$((i+1)); done; [ -e {other} ] && echo MET)"
        )
    };
    let text = format!("a := {}\nb := {}\nconfig A_$(a)\n\tbool\nconfig B_$(b)\n\tbool\n", probe("a", "b"), probe("b", "a"));
    std::fs::write(folder.path().join("Kconfig"), text).unwrap();
    let tree = load(folder.path(), &mut Probes::default(), &[]);
    assert!(tree.find("A_MET").is_some() && tree.find("B_MET").is_some(), "{:?}", tree.diagnostics);
}
