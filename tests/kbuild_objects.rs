//! What is predicted of a build, against what make built: recall and precision of the set of objects and archives.
//!
//! The small kernel that the tests build and the presets' BusyBox are judged always, a tinyconfig with `KBUILD_CASES=all`. Built
//! trees elsewhere (a defconfig, other versions) join through `KBUILD_TREES`, object folders separated by colons; a goal follows after `@`
//! where the tree was built with one:
//! `KBUILD_TREES=/build/defconfig@vmlinux,bzImage,modules:/build/tiny cargo test --release -p bootwright-tests --test kbuild_objects -- --nocapture`
//! What differs is in target/kbuild-objects.txt, object by object.

use bootwright_kbuild::Tree;
use bootwright_kbuild::objects::built::Comparison;
use bootwright_kbuild::objects::{Config, Kind as ObjectKind, Objects};
use bootwright_tests::{done, program, shared_work, small_kernel, unpacked};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

/// What recall and precision must be at least.
const LEAST: f64 = 0.995;

fn only(folder: &Path, inside: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.join(inside).exists()).collect();
    found.sort();
    found
}

/// A kernel configuration that is made and built here.
fn build(name: &str, settings: &[&str], goals: &[&str]) -> PathBuf {
    let folder = shared_work().join("kbuild-objects").join(name);
    let source = unpacked("init/Kconfig");
    let make = |words: &[&str]| {
        let mut command = Command::new("make");
        command.env_remove("MAKEFLAGS").args(["-s", "-j", "4", "ARCH=x86_64", "-C"]).arg(&source).arg(format!("O={}", folder.display()));
        done(command.args(words).stdin(Stdio::null()));
    };
    if !folder.join("vmlinux").exists() {
        fs::create_dir_all(&folder).unwrap();
        make(settings);
        make(goals);
    }
    folder
}

/// Predicts a tree and holds it against what is there; what differs goes into the report.
fn judge(folder: &Path, goals: &[&str], report: &mut String) -> bool {
    let tree = Tree::open(folder).unwrap();
    let (config, arch) = (Config::of_tree(&tree).unwrap(), tree.arch_or_host());
    let library = Arc::default();
    let start = Instant::now();
    let objects = Objects::predict_with(&library, &tree.source, arch, &config, goals).unwrap();
    let first = start.elapsed();
    let start = Instant::now();
    let again = Objects::predict_with(&library, &tree.source, arch, &config, goals).unwrap();
    let second = start.elapsed();
    assert_eq!(objects.all.len(), again.all.len(), "the same prediction twice");
    let all = Comparison::of(&objects, folder);
    let target = Comparison::of_target(&objects, folder);
    let mut fine = all.built > 100;
    writeln!(report, "{} ({:?} {}, goals {goals:?}): first {first:.0?}, again {second:.0?}", folder.display(), tree.kind, tree.version)
        .unwrap();
    for (name, c) in [("all objects and archives", &all), ("those of the target", &target)] {
        fine &= c.recall() >= LEAST && c.precision() >= LEAST;
        let (recall, precision) = (100.0 * c.recall(), 100.0 * c.precision());
        writeln!(report, "  {name}: built {}, predicted {}, recall {recall:.2} %, precision {precision:.2} %", c.built, c.predicted)
            .unwrap();
    }
    all.missed.iter().for_each(|p| writeln!(report, "  built, not predicted: {p}").unwrap());
    all.invented.iter().for_each(|p| writeln!(report, "  predicted, not built: {p}").unwrap());
    let unexplained: Vec<_> = objects.objects().filter(|o| objects.why(o).iter().any(|s| s.lines.is_empty())).collect();
    unexplained.iter().for_each(|o| writeln!(report, "  no line found for: {}", o.path).unwrap());
    // Every archive holds what it was said to collect, once those of the folders below are taken apart.
    for archive in objects.objects().filter(|o| o.kind == ObjectKind::Archive && o.path.ends_with("built-in.a")) {
        let Some(mut built) = bootwright_kbuild::recursion::members(folder, &archive.path) else { continue };
        let mut predicted = flat(&objects, &archive.path);
        built.sort();
        predicted.sort();
        predicted.dedup();
        built.dedup();
        if built != predicted {
            fine = false;
            writeln!(report, "  {} holds other objects than was said: {} against {}", archive.path, built.len(), predicted.len()).unwrap();
        }
    }
    fine
}

/// The objects that an archive collects, with those of the archives in it.
fn flat(objects: &Objects, archive: &str) -> Vec<String> {
    let inside = objects.objects().filter(|o| o.into.iter().any(|i| &**i == archive));
    inside.flat_map(|o| if o.path.ends_with(".a") { flat(objects, &o.path) } else { vec![o.path.to_string()] }).collect()
}

#[test]
fn what_is_predicted_is_what_make_builds() {
    let mut trees = vec![(small_kernel(), vec!["bzImage".to_owned()])];
    if std::env::var("KBUILD_CASES").is_ok_and(|cases| cases == "all") {
        trees.push((build("tinyconfig", &["tinyconfig"], &[]), Vec::new()));
    }
    for tree in only(&shared_work().join("trees"), "tree/busybox_unstripped") {
        trees.push((tree.join("tree"), Vec::new()));
    }
    for named in std::env::var("KBUILD_TREES").unwrap_or_default().split(':').filter(|t| !t.is_empty()) {
        let (folder, goals) = named.split_once('@').unwrap_or((named, ""));
        trees.push((PathBuf::from(folder), goals.split(',').filter(|g| !g.is_empty()).map(str::to_owned).collect()));
    }
    let mut report = String::new();
    let mut bad = Vec::new();
    for (folder, goals) in &trees {
        let goals: Vec<&str> = goals.iter().map(String::as_str).collect();
        if !judge(folder, &goals, &mut report) {
            bad.push(folder.display().to_string());
        }
    }
    let place = program().ancestors().nth(2).unwrap().join("kbuild-objects.txt");
    fs::write(&place, &report).unwrap();
    eprintln!("{report}the report is in {}", place.display());
    assert!(trees.iter().any(|(folder, _)| folder.join("busybox_unstripped").exists()), "no BusyBox was built by the presets");
    assert!(bad.is_empty(), "{bad:?}");
}
