//! The three presets on real sources: built, looked into with the reference tools, booted and checked.

use bootwright_tests::{artifact, bootwright, build, done, run, shared_work, started, tool};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Steps of which the programs of `root` need shared objects, by readelf.
fn needed(file: &Path) -> BTreeSet<String> {
    let text = tool("readelf", &["-d", &file.display().to_string()]);
    text.lines().filter_map(|l| l.split_once("Shared library: [")?.1.split_once(']')).map(|(n, _)| n.to_owned()).collect()
}

fn boots(name: &str) {
    let ran = run(&mut bootwright(&shared_work(), &["boot", name, "--check"]));
    println!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, 0, "{name} does not pass its boot checks");
    assert!(ran.out.contains("6 of 6 checks passed"), "{}", ran.out);
}

/// An up-to-date project: the plan runs nothing, and neither does a build.
fn is_up_to_date(name: &str) {
    let plan = done(&mut bootwright(&shared_work(), &["plan", name]));
    assert!(plan.out.contains("0 will run, 0 may run"), "{}", plan.out);
    assert_eq!(started(&build(&shared_work(), &[name])), Vec::<String>::new());
}

#[test]
fn a_mll_2016_is_built_from_source_and_boots() {
    let events = build(&shared_work(), &["mll-2016"]);
    let (root, _) = artifact(&events, "rootfs", "root");
    let (iso, hash) = artifact(&events, "iso", "iso");
    assert!(tool("sha256sum", &[&iso.display().to_string()]).starts_with(&hash));

    // Dynamic, with exactly the closure of what is needed in /lib.
    let busybox = root.join("bin/busybox");
    assert!(tool("readelf", &["-l", &busybox.display().to_string()]).contains("ld-linux-x86-64.so.2"));
    let mut closure = BTreeSet::from(["ld-linux-x86-64.so.2".to_owned()]);
    let mut open: Vec<_> = needed(&busybox).into_iter().collect();
    assert!(!open.is_empty());
    while let Some(name) = open.pop() {
        if closure.insert(name.clone()) {
            open.extend(needed(&root.join("lib").join(name)));
        }
    }
    let there: BTreeSet<String> =
        std::fs::read_dir(root.join("lib")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, closure);

    // The boot record and the files, as xorriso sees them.
    let listing = tool("xorriso", &["-indev", &iso.display().to_string(), "-report_el_torito", "plain", "-find", "/"]);
    for name in ["/isolinux.bin", "/ldlinux.c32", "/kernel.bz", "/rootfs.gz", "/isolinux.cfg", "El Torito boot img"] {
        assert!(listing.contains(name), "{name} is not in the image:\n{listing}");
    }

    // Nothing of the host's C library is in it, by the linker's own account.
    let check = done(&mut bootwright(&shared_work(), &["check", "mll-2016"]));
    assert!(check.out.contains("0 of the host's C library"), "{}", check.out);
    is_up_to_date("mll-2016");
    boots("mll-2016");
}

#[test]
fn b_mll_2015_shares_the_kernel_and_boots() {
    let events = build(&shared_work(), &["mll-2015"]);
    let ran = started(&events);
    assert!(!ran.contains(&"kernel/compile".to_owned()), "the kernel of mll-2016 was not taken: {ran:?}");
    let (root, _) = artifact(&events, "rootfs", "root");
    assert!(tool("file", &[&root.join("bin/busybox").display().to_string()]).contains("statically linked"));
    let (_, of_2015) = artifact(&events, "kernel", "image");
    let (_, of_2016) = artifact(&build(&shared_work(), &["mll-2016"]), "kernel", "image");
    assert_eq!(of_2015, of_2016);

    // The host's headers are of another kernel here, and the check says so from what it read.
    let check = run(&mut bootwright(&shared_work(), &["check", "mll-2015"]));
    let host = std::fs::read_to_string("/usr/include/linux/version.h").unwrap();
    let code: u32 = host.lines().find_map(|l| l.strip_prefix("#define LINUX_VERSION_CODE ")).unwrap().trim().parse().unwrap();
    let version = format!("headers: {}.{}.{}, of this host", code >> 16, code >> 8 & 255, code & 255);
    assert!(check.out.contains(&version), "{}", check.out);
    assert!(check.out.contains("getaddrinfo"), "the linker's warnings are not reported:\n{}", check.out);
    is_up_to_date("mll-2015");
    boots("mll-2015");
}

#[test]
fn c_musl_is_static_and_boots() {
    let events = build(&shared_work(), &["musl"]);
    let ran = started(&events);
    assert!(!ran.contains(&"kernel/compile".to_owned()) && !ran.contains(&"kernel-headers/install".to_owned()), "{ran:?}");
    let (root, _) = artifact(&events, "rootfs", "root");
    assert!(tool("file", &[&root.join("bin/busybox").display().to_string()]).contains("statically linked"));
    assert!(!root.join("lib").exists(), "a static userland needs no shared object");
    is_up_to_date("musl");
    boots("musl");
}

/// A project file made of a preset, with the sources that the presets were built from.
fn project(dir: &Path, layout: &str, more: &str) -> PathBuf {
    let file = dir.join("mine.ron");
    std::fs::write(&file, format!("Project(format: 1, layout: {layout}{more})")).unwrap();
    std::fs::copy(shared_work().join("presets.lock"), dir.join("mine.lock")).unwrap();
    file
}

fn musl_layout() -> &'static str {
    let preset = include_str!("../presets/layouts/musl.ron");
    &preset[preset.find("Layout(").unwrap()..]
}

/// One kernel option flipped: the kernel and the image are made again, the headers come out the same, and the wave stops.
#[test]
fn d_a_flipped_option_rebuilds_what_it_reaches_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let file = project(dir.path(), musl_layout(), ", fragments: {\"kernel\": \"# CONFIG_PACKET is not set\\n\"}");
    let name = file.to_str().unwrap();
    let plan = done(&mut bootwright(&shared_work(), &["plan", name]));
    assert!(plan.out.contains("answer CONFIG_PACKET: y became n"), "{}", plan.out);
    let events = build(&shared_work(), &[name]);
    let ran: BTreeSet<String> = started(&events).into_iter().filter(|s| !s.ends_with("/fetch")).collect();
    let expected = ["iso/assemble", "kernel/compile", "kernel/configure"].map(str::to_owned);
    assert_eq!(ran, BTreeSet::from(expected));
    // Kbuild says of each target why it made it anew.
    let objects = events.iter().filter_map(|e| e.get("Objects")).flat_map(|o| o["objects"].as_array().unwrap());
    let whys: Vec<String> = objects.filter_map(|o| Some(format!("{}: {}", o["name"].as_str()?, o["why"].as_str()?))).collect();
    assert!(whys.contains(&"AR net/built-in.a: command line change".to_owned()), "{whys:?}");
    assert!(!whys.iter().any(|w| w.ends_with("target missing")), "{whys:?}");
    // And back: everything is in the store.
    let back: Vec<String> = started(&build(&shared_work(), &["musl"]));
    assert_eq!(back, Vec::<String>::new());
}

#[test]
fn e_the_store_is_intact_and_can_be_tidied() {
    let verify = done(&mut bootwright(&shared_work(), &["store", "verify"]));
    assert!(verify.out.contains("every result is what its hash says"), "{}", verify.out);
    done(&mut bootwright(&shared_work(), &["store", "gc"]));
    is_up_to_date("musl");
    is_up_to_date("mll-2016");
}

/// Takes records out of the store: those of a preset's steps that `these` says (component, step). Gives how many results they had.
fn forget(preset: &str, these: &dyn Fn(&str, &str) -> bool) -> usize {
    let plan: serde_json::Value = serde_json::from_str(&done(&mut bootwright(&shared_work(), &["plan", preset, "--json"])).out).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter();
    let hashes: Vec<String> = steps
        .filter(|s| these(s["id"]["component"].as_str().unwrap(), s["id"]["step"].as_str().unwrap()))
        .flat_map(|s| s["outputs"].as_object().into_iter().flat_map(|o| o.values()))
        .map(|o| o["artifact"]["hash"].as_str().unwrap().to_owned())
        .collect();
    for entry in std::fs::read_dir(shared_work().join("store/records")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if hashes.iter().any(|h| text.contains(h)) {
            std::fs::remove_file(path).unwrap();
        }
    }
    hashes.len()
}

/// The same inputs give the same bytes: the initramfs and the image made anew.
#[test]
fn f_the_image_is_reproducible() {
    let first = artifact(&build(&shared_work(), &["musl"]), "iso", "iso").1;
    // Those of musl only: the other presets' stay as they are for the tests that come after.
    let forgotten = forget("musl", &|component, _| ["rootfs", "initramfs", "iso"].contains(&component));
    assert!(forgotten >= 3);
    let events = build(&shared_work(), &["musl"]);
    assert!(started(&events).contains(&"iso/assemble".to_owned()));
    assert_eq!(artifact(&events, "iso", "iso").1, first);
}

/// "What would I type?": the exported script, run by bash alone, makes the C library that the engine made.
#[test]
fn g_the_exported_script_makes_the_same_by_hand() {
    let dir = tempfile::tempdir_in(shared_work()).unwrap();
    let layout = musl_layout().replace("target: \"iso\"", "target: \"musl\"");
    assert_ne!(layout, musl_layout());
    let file = project(dir.path(), &layout, "");
    let file = file.to_str().unwrap();
    let (engine, _) = artifact(&build(&shared_work(), &[file]), "musl", "libc");
    let script = dir.path().join("by-hand.sh");
    done(&mut bootwright(&shared_work(), &["export", file, "--format", "script", "-o", script.to_str().unwrap()]));
    done(Command::new("bash").arg(&script).current_dir(dir.path()));
    let by_hand = dir.path().join("built-by-hand/out/musl.install/root");
    for part in ["lib/libc.a", "include/stdio.h"] {
        done(Command::new("cmp").arg(engine.join(part)).arg(by_hand.join(part)));
    }
}

/// A step of Kbuild has to leave its results again, and its tree is as it was: make is not started for it, and what was made from
/// them stands. An object that is gone is seen.
#[test]
fn h_make_is_not_started_for_a_tree_that_is_up_to_date() {
    let tree = |events: &[serde_json::Value]| {
        let commands =
            events.iter().filter_map(|e| e.get("StepStarted")).find(|e| e["step"]["component"] == "busybox").unwrap()["commands"][0]
                .as_array()
                .unwrap()
                .clone();
        let words: Vec<&str> = commands.iter().map(|w| w.as_str().unwrap()).collect();
        let folder = words[words.iter().position(|w| *w == "-C").unwrap() + 1];
        Path::new(folder).to_path_buf()
    };
    let lines = |events: &[serde_json::Value]| -> Vec<String> {
        let said = events.iter().filter_map(|e| e.get("Log")).filter(|l| l["step"]["component"] == "busybox");
        said.flat_map(|l| l["lines"].as_array().unwrap()).map(|l| l.as_str().unwrap().to_owned()).collect()
    };
    let compile = |component: &str, step: &str| component == "busybox" && step == "compile";
    // Other tests may have left the tree with another configuration.
    assert!(forget("mll-2016", &compile) >= 2);
    build(&shared_work(), &["mll-2016"]);
    forget("mll-2016", &compile);
    let plan = done(&mut bootwright(&shared_work(), &["plan", "mll-2016"])).out;
    assert!(plan.contains("make need not be started"), "{plan}");
    let events = build(&shared_work(), &["mll-2016"]);
    assert_eq!(started(&events), ["busybox/compile"]);
    let said = lines(&events);
    assert!(said.iter().any(|l| l.starts_with("make is not started: all ")), "{said:?}");
    assert!(!said.iter().any(|l| l.starts_with("make: ") || l.starts_with("  CC ")), "{said:?}");

    // An object is gone: make has it to do.
    let object = tree(&events).join("applets/applets.o");
    std::fs::remove_file(&object).unwrap();
    forget("mll-2016", &compile);
    let plan = done(&mut bootwright(&shared_work(), &["plan", "mll-2016"])).out;
    assert!(plan.contains("make would build ") && plan.contains(" targets of its tree again"), "{plan}");
    let events = build(&shared_work(), &["mll-2016"]);
    assert_eq!(started(&events), ["busybox/compile"]);
    assert!(object.exists() && lines(&events).iter().any(|l| l.ends_with("applets/applets.o")), "{:?}", lines(&events));
}
