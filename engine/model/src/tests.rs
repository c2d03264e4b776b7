//! Presets, files, validation and comparison, on the real presets.

use crate::*;
use std::path::Path;

pub fn library() -> Library {
    Library::embedded().unwrap()
}

pub fn preset(name: &str) -> Project {
    Project::from_layout(library().layout(name).unwrap())
}

pub fn id(s: &str) -> ComponentId {
    s.try_into().unwrap()
}

fn wire(from: &str, to: &str) -> Wire {
    Wire { from: from.to_owned().try_into().unwrap(), to: to.to_owned().try_into().unwrap(), explain: String::new() }
}

#[test]
fn every_preset_reads_and_holds_together() {
    let library = library();
    let names: Vec<_> = library.layouts().iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["mll-2015", "mll-2016", "musl"]);
    for layout in library.layouts() {
        assert_eq!(Project::from_layout(layout).problems(&library), [], "{}", layout.name);
    }
}

/// Every part of the diagrams is explained, and every recipe's steps and outputs fit each other.
#[test]
fn every_recipe_is_explained_and_whole() {
    for r in library().recipes() {
        assert!(!r.explain.is_empty(), "{}", r.id);
        assert!(r.needs.iter().all(|n| !n.explain.is_empty()) && r.steps.iter().all(|s| !s.explain.is_empty()), "{}", r.id);
        for o in &r.outputs {
            assert!(!o.explain.is_empty(), "{}.{}", r.id, o.id);
            match r.place {
                Place::Host => assert!(!o.parts.is_empty(), "{}.{}", r.id, o.id),
                Place::Built => {
                    let step = o.step.as_deref().unwrap();
                    assert!(step == "unpack" && r.source.is_some() || r.step(step).is_some(), "{}.{}: step {step}", r.id, o.id);
                    assert!(o.path.is_some(), "{}.{}", r.id, o.id);
                }
            }
        }
        for p in r.outputs.iter().flat_map(|o| &o.parts).map(|p| &p.packages).chain(r.tools.iter().map(|t| &t.packages)) {
            let managers: Vec<_> = p.keys().map(String::as_str).collect();
            assert_eq!(managers, ["apt", "dnf", "pacman", "zypper"], "{}", r.id);
        }
        for c in r.options.iter().flat_map(|o| &o.choices).filter_map(|c| c.fragment.as_deref()) {
            assert!(library().fragment(c).is_some(), "{}: fragment {c}", r.id);
        }
    }
}

#[test]
fn a_project_is_the_same_after_saving_and_opening() {
    let dir = tempfile::tempdir().unwrap();
    let mut p = preset("mll-2016");
    p.fragments.insert(id("kernel"), "CONFIG_A=\"x\\\"y\"\n".into());
    p.layout.components[0].position = Some(Position { x: 1.5, y: -2.0 });
    p.jobs = Some(3);
    let path = dir.path().join("p.ron");
    p.save(&path).unwrap();
    let mut read = Project::load(&path).unwrap();
    assert_eq!(read.path.take(), Some(path.clone()));
    assert_eq!(read, p);
    // Stable: the same project gives the same text.
    assert_eq!(std::fs::read_to_string(&path).unwrap(), read.to_text().unwrap());
    // Where it cannot be written the old file stays.
    assert!(p.save(Path::new("/proc/nowhere/p.ron")).is_err());
}

#[test]
fn each_fault_is_found_with_its_place() {
    use ProblemKind::*;
    let said = |change: fn(&mut Project)| {
        let mut p = preset("mll-2016");
        change(&mut p);
        let found = p.problems(&library());
        found.iter().map(|p| (p.kind, p.to_string())).collect::<Vec<_>>()
    };
    let has = |change: fn(&mut Project), kind: ProblemKind, words: &[&str]| {
        let found = said(change);
        let fits = |(k, text): &(ProblemKind, String)| *k == kind && words.iter().all(|w| text.contains(w));
        assert!(found.iter().any(fits), "{kind:?} {words:?} is not in {found:#?}");
    };
    has(|p| p.layout.wires.push(wire("ghost.x", "iso.kernel")), UnknownComponent, &["ghost.x -> iso.kernel"]);
    has(|p| p.layout.components[3].recipe = "karnel".into(), UnknownRecipe, &["component kernel", "karnel"]);
    has(|p| p.layout.wires[0].from.name = "nothing".into(), UnknownPort, &["no output `nothing`", "toolchain"]);
    has(|p| p.layout.wires[0].to.name = "nothing".into(), UnknownPort, &["no need `nothing`"]);
    has(|p| p.layout.wires[0].from = "kernel.image".to_owned().try_into().unwrap(), TypeMismatch, &["kernel image", "toolchain"]);
    has(
        |p| p.layout.wires.retain(|w| w.to.to_string() != "glibc.headers"),
        UnfedNeed,
        &["glibc.headers", "Host kernel headers", "Kernel headers"],
    );
    has(|p| p.layout.wires.push(wire("host-toolchain.toolchain", "glibc.toolchain")), TwoProviders, &["glibc.toolchain"]);
    has(|p| p.layout.components.push(p.layout.components[0].clone()), DuplicateComponent, &["host-toolchain"]);
    has(|p| drop(p.layout.components[3].options.insert("config".into(), "huge".into())), BadOption, &["huge", "small, defconfig"]);
    has(|p| drop(p.layout.components[3].options.insert("colour".into(), "red".into())), BadOption, &["colour"]);
    has(|p| p.layout.target = "host-xorriso".try_into().unwrap(), BadSetting, &["part of the host"]);
    has(|p| p.jobs = Some(0), BadSetting, &["jobs"]);
    has(|p| p.layout.name = "../x".into(), BadSetting, &["../x"]);
}

#[test]
fn a_circle_is_shown_with_its_path() {
    // Two C libraries, each built against what the other makes.
    let mut p = preset("mll-2016");
    p.layout.wires.retain(|w| w.to.to_string() != "kernel-headers.source");
    p.layout.wires.push(wire("iso.iso", "kernel-headers.source"));
    let found = p.problems(&library());
    let circle = found.iter().find(|p| p.kind == ProblemKind::Cycle).unwrap();
    let path = circle.reason.split_once(": ").unwrap().1.split(" -> ").collect::<Vec<_>>();
    assert_eq!(path.first(), path.last());
    for pair in path.windows(2) {
        let joined = p.layout.wires.iter().any(|w| w.from.component == *pair[0] && w.to.component == *pair[1]);
        assert!(joined, "no wire from {} to {}", pair[0], pair[1]);
    }
}

/// The two layouts differ by moves only: doing them by hand gives an equal layout.
#[test]
fn moving_wires_turns_one_layout_into_the_other() {
    let library = library();
    let (old, new) = (library.layout("mll-2015").unwrap(), library.layout("mll-2016").unwrap());
    let c = compare(old, new, &library);
    let mut edited = old.clone();
    edited.components.retain(|x| !c.removed.contains(&x.id));
    for added in &c.added {
        edited.components.push(Component { id: added.clone(), recipe: added.to_string(), options: Default::default(), position: None });
    }
    for m in c.moved.iter().chain(&c.wires_added).chain(&c.wires_removed) {
        edited.wires.retain(|w| w.to != m.need);
        if let Some(from) = &m.new {
            edited.wires.push(Wire { from: from.clone(), to: m.need.clone(), explain: String::new() });
        }
    }
    assert!(compare(&edited, new, &library).is_empty());
    let ends = |l: &Layout| l.wires.iter().map(|w| (w.from.clone(), w.to.clone())).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ends(&edited), ends(new));
    let moved: Vec<String> = c.moved.iter().map(|m| m.need.to_string()).collect();
    assert_eq!(moved, ["busybox.headers", "busybox.libc", "iso.writer", "kernel.iso-writer", "rootfs.libc"]);
}

/// What is written about changes speaks of recipes and needs that there are.
#[test]
fn every_change_of_a_provider_is_written_about_what_there_is() {
    let library = library();
    for c in library.changes() {
        let consumer = library.recipe(c.need.component.as_str()).unwrap_or_else(|| panic!("no recipe {}", c.need.component));
        let need = consumer.need(&c.need.name).unwrap_or_else(|| panic!("no need {}", c.need));
        for provider in [&c.from, &c.to].into_iter().flatten() {
            let recipe = library.recipe(provider).unwrap_or_else(|| panic!("no recipe {provider}"));
            assert!(recipe.outputs.iter().any(|o| o.kind == need.kind), "{provider} cannot feed {}", c.need);
        }
        assert!(c.from != c.to && !c.meaning.is_empty(), "{}", c.need);
    }
    for [old, new] in [["mll-2015", "mll-2016"], ["mll-2016", "musl"], ["mll-2015", "musl"]] {
        let c = compare(library.layout(old).unwrap(), library.layout(new).unwrap(), &library);
        for m in &c.moved {
            assert!(!m.meaning.is_empty(), "{old} to {new}: nothing is said of {}", m.need);
        }
    }
}

/// It is about the recipe, so a box under another name has it too; without it the layouts' own words are taken.
#[test]
fn what_a_change_meant_is_found_for_renamed_boxes_too() {
    let library = library();
    let (old, new) = (preset("mll-2015"), preset("mll-2016"));
    let rename = |p: &Project| {
        let edit = Edit::Rename { component: id("busybox"), name: "box".into() };
        edit.apply(p, &library).unwrap()
    };
    let c = compare(&rename(&old).layout, &rename(&new).layout, &library);
    let m = c.moved.iter().find(|m| m.need.to_string() == "box.libc").unwrap();
    assert!(m.meaning.contains("glibc 2.34") && m.checks.contains(&"static-name-service".to_owned()), "{}", m.meaning);
    let back = compare(&new.layout, &old.layout, &library);
    let m = back.removed.iter().map(|c| c.as_str()).collect::<Vec<_>>();
    assert_eq!(m, ["host-xorriso", "kernel-headers", "glibc"]);
    let headers = back.wires_removed.iter().find(|m| m.need.to_string() == "glibc.headers").unwrap();
    assert!(headers.meaning.starts_with("Before: "), "{}", headers.meaning);
}

/// Every box and need that a story speaks of is on the picture at that moment.
#[test]
fn every_lesson_speaks_of_what_is_on_the_picture() {
    let library = library();
    assert!(library.lesson("mll-2015", "mll-2016").is_some_and(|l| (5..=8).contains(&l.steps.len())));
    for lesson in library.lessons() {
        for step in &lesson.steps {
            let layout = library.layout(if step.show == Side::Before { &lesson.old } else { &lesson.new }).unwrap();
            for b in &step.boxes {
                assert!(layout.component(b).is_some(), "{}: no box {b}", step.title);
            }
            for n in &step.needs {
                assert!(layout.provider(&n.component, &n.name).is_some(), "{}: nothing feeds {n}", step.title);
            }
            assert!(!step.text.is_empty() && !step.boxes.is_empty());
        }
    }
}
