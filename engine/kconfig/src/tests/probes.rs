//! The shell is asked once for what stays the same, and for all that is not known at the same time.

use crate::conf::{Conf, Io};
use crate::probes::{Identity, Probes, read_side_by_side};
use crate::{Dialect, Reading, System, Tree};
use std::path::Path;

fn load(folder: &Path, probes: &mut Probes, more: &[(&str, &str)]) -> Tree {
    let mut system = System { folder: folder.into(), ..System::default() };
    system.environment.insert("PATH".into(), "/usr/bin:/bin".into());
    system.environment.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    read_side_by_side(&Reading::new("Kconfig", folder, None, Dialect::linux_6_12()), &system, probes)
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

/// Each command waits for the other to begin; one after another, the first would wait in vain.
const MEETING: &str = "meet = $(shell,touch $(1); timeout 60 sh -c 'until [ -e $(2) ]; do sleep 0.02; done' && echo MET)\n\
a := $(meet,a,b)\nb := $(meet,b,a)\nconfig A_$(a)\n\tdef_bool y\nconfig B_$(b)\n\tdef_bool y\n";

#[test]
fn what_is_not_known_is_asked_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), MEETING).unwrap();
    let tree = load(folder.path(), &mut Probes::default(), &[]);
    assert!(tree.find("A_MET").is_some() && tree.find("B_MET").is_some(), "{:?}", tree.diagnostics);
}

#[test]
fn what_hangs_on_an_open_answer_is_no_question_yet() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("asked")).unwrap();
    // Were the second asked before the first is known, it would leave a file of another name.
    let text = "first := $(shell,echo one)\nsecond := $(shell,touch asked/x$(first); echo two)\nthird := $(shell,touch asked/y$(second))\n\
config A_$(second)\n\tbool\n";
    std::fs::write(at("Kconfig"), text).unwrap();
    let tree = load(folder.path(), &mut Probes::default(), &[]);
    assert!(tree.find("A_two").is_some(), "{:?}", tree.diagnostics);
    let mut names: Vec<_> = std::fs::read_dir(at("asked")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["xone", "ytwo"]);
}

#[test]
fn a_chain_of_questions_ends() {
    let folder = tempfile::tempdir().unwrap();
    let links: String = (1..=40).map(|i| format!("v{i} := $(shell,echo $(v{})+)\n", i - 1)).collect();
    std::fs::write(folder.path().join("Kconfig"), format!("v0 := x\n{links}config A\n\tstring\n\tdefault \"$(v40)\"\n")).unwrap();
    let tree = load(folder.path(), &mut Probes::default(), &[]);
    let expected = format!("x{}", "+".repeat(40));
    assert!(tree.symbol_ids().any(|s| tree.name(s) == expected), "{:?}", tree.diagnostics);
}

/// With a memory between runs, conf too asks side by side.
#[test]
fn conf_asks_side_by_side_where_it_remembers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Kconfig"), MEETING).unwrap();
    let mut host = System { folder: folder.path().into(), ..System::default() };
    host.environment.insert("PATH".into(), "/usr/bin:/bin".into());
    let identity = Identity::new(&host.environment, folder.path());
    let (mut input, mut out, mut err) = (std::io::empty(), Vec::new(), Vec::new());
    let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal: false };
    let words = ["conf", "--alldefconfig", "Kconfig"].map(str::to_owned);
    let code =
        Conf { host: &mut host, folder: folder.path().into(), io, probe_cache: Some((folder.path().join("cache"), identity)) }.run(&words);
    let config = std::fs::read_to_string(folder.path().join(".config")).unwrap();
    assert!(code == 0 && config.ends_with("CONFIG_A_MET=y\nCONFIG_B_MET=y\n"), "{config}");
}
