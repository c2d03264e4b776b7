//! `kbuild TREE image` and `sizes` on the trees that the presets were built in, against readelf, size, nm, file, xz, ld and
//! the kernel's own bloat-o-meter.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on says so

use bootwright_kbuild::Tree;
use bootwright_kbuild::sizes::piece::{Owner, Rest};
use bootwright_kbuild::sizes::{Evidence, Sizes};
use bootwright_tests::{bootwright, done, run, shared_work, small_kernel, tool};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The trees of the work folder that have such a file.
fn trees(with: &str) -> Vec<PathBuf> {
    let folder = shared_work().join("trees");
    let mut found: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path().join("tree")).filter(|p| p.join(with).exists()).collect();
    found.sort();
    assert!(!found.is_empty(), "no tree in {} has {with}: run the test `presets` first, as tests/run does", folder.display());
    found
}

fn kernel() -> PathBuf {
    small_kernel()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(tree: &Path, args: &[&str]) -> Value {
    let all: Vec<&str> = ["kbuild", text(tree)].into_iter().chain(args.iter().copied()).chain(["--json"]).collect();
    serde_json::from_str(&done(&mut bootwright(&shared_work(), &all)).out).unwrap()
}

/// A copy of links, in which files can be replaced: what is there already is not written to.
fn linked_copy(tree: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir_in(shared_work()).unwrap();
    done(Command::new("cp").args(["-al", "--", text(tree)]).arg(folder.path().join("tree")));
    folder
}

fn replace(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).unwrap();
}

/// Name, address and size of every section.
fn readelf_sections(file: &Path) -> Vec<(String, u64, u64, bool)> {
    let hex = |w: &str| u64::from_str_radix(w, 16).unwrap();
    let lines = tool("readelf", &["-SW", text(file)]);
    let rows = lines.lines().filter_map(|l| l.trim_start().strip_prefix('[')?.split_once(']'));
    let rows = rows.map(|(_, rest)| rest.split_whitespace().collect::<Vec<_>>()).filter(|w| w.len() >= 9 && w[0] != "Name");
    rows.map(|w| (w[0].to_owned(), hex(w[2]), hex(w[4]), w[6..].iter().any(|f| f.contains('A') && !f.starts_with("0x")))).collect()
}

#[test]
fn the_kernels_way_to_its_image_is_that_of_its_tree() {
    let tree = kernel();
    let found = json(&tree, &["image"]);
    let stages = found["stages"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|s| s["name"].as_str().unwrap()).collect();
    let boot = "arch/x86/boot";
    let wanted = [
        "built-in.a",
        "vmlinux.a",
        ".tmp_vmlinux1",
        ".tmp_vmlinux2.kallsyms.o",
        "vmlinux",
        &format!("{boot}/compressed/vmlinux.bin"),
        &format!("{boot}/compressed/vmlinux.bin.xz"),
        &format!("{boot}/compressed/piggy.S"),
        &format!("{boot}/compressed/piggy.o"),
        &format!("{boot}/compressed/vmlinux"),
        &format!("{boot}/vmlinux.bin"),
        &format!("{boot}/bzImage"),
    ];
    let places: Vec<usize> =
        wanted.iter().map(|w| names.iter().position(|n| n == w).unwrap_or_else(|| panic!("{w} in {names:?}"))).collect();
    assert!(places.is_sorted(), "each stands behind what it is made from: {names:?}");
    for (at, stage) in stages.iter().enumerate() {
        let name = stage["name"].as_str().unwrap();
        assert_eq!(stage["size"], fs::metadata(tree.join(name)).unwrap().len(), "{name}");
        assert_eq!(stage["older_than"], Value::Null, "{name}");
        for input in stage["inputs"].as_array().unwrap().iter().filter(|i| i["stage"] == true) {
            assert!(names[..at].contains(&input["name"].as_str().unwrap()), "{input} before {name}");
        }
        let path = Path::new(name);
        let note = tree.join(path.with_file_name(format!(".{}.cmd", path.file_name().unwrap().to_str().unwrap())));
        assert_eq!(note.exists(), stage["command"].is_string(), "{name}");
        if let Some(command) = stage["command"].as_str() {
            let noted = fs::read_to_string(&note).unwrap();
            let noted = noted.lines().next().unwrap().split_once(":=").unwrap().1.trim();
            assert_eq!(command, noted.replace("$$", "$").replace("$(pound)", "#"), "{name}");
        }
    }
    // The archive's objects, counted by ar.
    let members = tool("ar", &["t", text(&tree.join("vmlinux.a"))]).lines().count();
    let archive = stages.iter().find(|s| s["name"] == "vmlinux.a").unwrap();
    assert_eq!(archive["inputs"][0]["count"], members);

    let ours: Vec<(String, u64, u64)> = found["sections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["name"].as_str().unwrap().to_owned(), s["address"].as_u64().unwrap(), s["size"].as_u64().unwrap()))
        .collect();
    let theirs: Vec<_> =
        readelf_sections(&tree.join("vmlinux")).into_iter().map(|(name, address, size, _)| (name, address, size)).collect();
    assert_eq!(ours, theirs);
}

#[test]
fn the_images_header_and_the_kernel_inside_are_read_from_its_bytes() {
    let tree = kernel();
    let found = json(&tree, &["image"]);
    let image = &found["image"];
    let path = tree.join(image["name"].as_str().unwrap());
    let bytes = fs::read(&path).unwrap();
    let fields = image["fields"].as_array().unwrap();
    for field in fields {
        let (at, size) = (field["offset"].as_u64().unwrap() as usize, field["size"].as_u64().unwrap() as usize);
        let value = bytes[at..at + size].iter().rev().fold(0_u64, |v, b| v << 8 | u64::from(*b));
        assert_eq!(field["value"], value, "{field}");
    }
    let field = |name: &str| fields.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{name}"));
    // `file` reads the same version.
    let said = tool("file", &["-b", text(&path)]);
    let version = field("kernel_version")["meaning"].as_str().unwrap().trim_matches('"').to_owned();
    assert!(said.contains(&format!("version {version}")), "{said}\n{version}");
    // One part behind the other, the whole image.
    let mut at = 0;
    for part in image["parts"].as_array().unwrap() {
        assert_eq!(part["offset"], at, "{part}");
        at += part["size"].as_u64().unwrap();
    }
    assert_eq!(at, bytes.len() as u64);

    // The payload cut out and unpacked by xz, which takes the size behind it for damage.
    let payload = &image["payload"];
    let (from, size) = (payload["offset"].as_u64().unwrap() as usize, payload["size"].as_u64().unwrap() as usize);
    assert_eq!(payload["packing"], "xz");
    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("payload.xz");
    fs::write(&cut, &bytes[from..from + size - 4]).unwrap();
    done(Command::new("xz").args(["-d", text(&cut)]));
    let unpacked = fs::read(scratch.path().join("payload")).unwrap();
    let sources: Vec<u8> =
        payload["sources"].as_array().unwrap().iter().flat_map(|s| fs::read(tree.join(s.as_str().unwrap())).unwrap()).collect();
    assert!(unpacked == sources, "xz unpacks it to what it was made from");
    assert_eq!((payload["unpacked"].as_u64(), payload["size_behind"].as_u64()), (Some(unpacked.len() as u64), Some(unpacked.len() as u64)));
    assert_eq!(payload["compared"], "identical");
    assert_eq!(payload["packed_file"][1], "identical");
    assert!(image["proper"][1] == "identical" || image["proper"][1] == "but-checksum", "{}", image["proper"]);
}

#[test]
fn a_damaged_image_is_told_from_a_good_one() {
    let copy = linked_copy(&kernel());
    let tree = copy.path().join("tree");
    let path = tree.join("arch/x86/boot/bzImage");
    let whole = fs::read(&path).unwrap();
    let at = json(&tree, &["image"])["image"]["payload"]["offset"].as_u64().unwrap() as usize;

    let mut damaged = whole.clone();
    damaged[at + 100_000] ^= 1;
    replace(&path, &damaged);
    let payload = json(&tree, &["image"])["image"]["payload"].clone();
    assert!(payload["trouble"].is_string() && payload["compared"].is_null(), "{payload}");
    assert_eq!(payload["packed_file"][1]["differs-at"], 100_000);

    // Nothing behind the header; nothing at all; another file.
    for bytes in [&whole[..0x300], b"", &b"#!/bin/sh\n"[..]] {
        replace(&path, bytes);
        let found = json(&tree, &["image"]);
        let payload = &found["image"]["payload"];
        assert!(payload.is_null() || payload["trouble"].is_string(), "{payload}");
    }
    // Not made yet, or gone again.
    fs::remove_file(&path).unwrap();
    fs::remove_file(tree.join("vmlinux.a")).unwrap();
    let found = json(&tree, &["image"]);
    assert!(found["image"].is_null());
    assert!(found["absent"].as_array().unwrap().iter().any(|a| a["name"] == "bzImage"), "{}", found["absent"]);
    for name in ["vmlinux", "vmlinux.o"] {
        fs::remove_file(tree.join(name)).unwrap();
    }
    let ran = run(&mut bootwright(&shared_work(), &["kbuild", text(&tree), "image"]));
    assert!(ran.code == 1 && ran.err.contains("build the tree first"), "{}", ran.err);
}

fn by_object(sizes: &Sizes) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for piece in &sizes.pieces {
        let name = match piece.owner {
            Owner::Object(object) => sizes.objects[object].name.clone(),
            Owner::Nobody(rest) => format!("({})", rest.title()),
        };
        *sums.entry(name).or_default() += piece.size;
    }
    sums
}

/// Links again as the kernel's script did, for the map; None where that is not the same link.
fn map_of(tree: &Path, scratch: &Path) -> PathBuf {
    let noted = fs::read_to_string(tree.join(".vmlinux.cmd")).unwrap();
    let quoted: Vec<&str> = noted.lines().next().unwrap().split('"').collect();
    let mut names: Vec<String> = fs::read_dir(tree).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|n| n.starts_with(".tmp_vmlinux") && n.ends_with(".kallsyms.o"));
    names.sort();
    let script = format!(
        "{} {} {} --script=arch/x86/kernel/vmlinux.lds -Map={out}.map -o {out} --whole-archive vmlinux.a init/version-timestamp.o \
         --no-whole-archive --start-group lib/lib.a arch/x86/lib/lib.a --end-group {}",
        quoted[1],
        quoted[3],
        quoted[5],
        names.last().unwrap(),
        out = text(&scratch.join("vmlinux")),
    );
    done(Command::new("sh").args(["-ec", &script]).current_dir(tree));
    assert_eq!(readelf_sections(&scratch.join("vmlinux")), readelf_sections(&tree.join("vmlinux")), "the same link");
    scratch.join("vmlinux.map")
}

#[test]
fn every_byte_of_the_kernel_is_somebodys_as_in_the_linkers_map() {
    let tree = kernel();
    let total: u64 = readelf_sections(&tree.join("vmlinux")).iter().filter(|s| s.3).map(|s| s.2).sum();
    for by in ["directory", "object", "symbol", "option"] {
        let found = json(&tree, &["sizes", "--by", by]);
        let children = found["tree"]["children"].as_array().unwrap();
        assert_eq!(
            (found["tree"]["bytes"].as_u64(), children.iter().map(|c| c["bytes"].as_u64().unwrap()).sum()),
            (Some(total), total),
            "{by}"
        );
        assert!(children.iter().map(|c| c["bytes"].as_u64().unwrap()).rev().is_sorted(), "largest first");
    }
    let copy = linked_copy(&tree);
    let copied = copy.path().join("tree");
    let scratch = tempfile::tempdir_in(shared_work()).unwrap();
    replace(&copied.join("vmlinux.map"), &fs::read(map_of(&tree, scratch.path())).unwrap());
    let (with, without) = (Sizes::read(&Tree::open(&copied).unwrap()).unwrap(), Sizes::read(&Tree::open(&tree).unwrap()).unwrap());
    assert_eq!((with.evidence, without.evidence), (Evidence::Map, Evidence::Symbols));
    let (map, symbols) = (by_object(&with), by_object(&without));
    let off: Vec<_> = map
        .iter()
        .chain(&symbols)
        .map(|(name, _)| name)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .filter_map(|name| {
            let (a, b) = (map.get(name).copied().unwrap_or(0), symbols.get(name).copied().unwrap_or(0));
            (a != b).then_some((name, a, b))
        })
        .collect();
    let bytes: u64 = off.iter().map(|(_, a, b)| a.abs_diff(*b)).sum();
    println!("{} of {} owners, {bytes} of {total} bytes are not as in the linker's map", off.len(), map.len());
    assert!(bytes * 1000 <= total, "{off:?}");
    assert!(without.rest(Rest::Unplaced) * 1000 <= total);
    // The symbols that nm sorts by size.
    let nm = tool("nm", &["-S", "--defined-only", text(&tree.join("vmlinux"))]);
    let theirs: u64 = nm
        .lines()
        .map(|l| l.split(' ').collect::<Vec<_>>())
        .filter(|w| w.len() == 4 && w[2] != "a" && w[2] != "A")
        .map(|w| u64::from_str_radix(w[1], 16).unwrap())
        .sum();
    assert_eq!(without.symbols.iter().filter(|s| s.plain).map(|s| s.size).sum::<u64>(), theirs);
}

#[test]
fn busyboxs_way_and_its_sizes_come_from_its_map() {
    for tree in trees("busybox_unstripped.map") {
        let found = json(&tree, &["image"]);
        let names: Vec<&str> = found["stages"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"busybox_unstripped") && names.last() == Some(&"busybox"), "{names:?}");
        let file = tree.join("busybox_unstripped");
        let total: u64 = readelf_sections(&file).iter().filter(|s| s.3).map(|s| s.2).sum();
        let sizes = json(&tree, &["sizes"]);
        assert_eq!((sizes["evidence"].as_str(), sizes["tree"]["bytes"].as_u64()), (Some("map"), Some(total)));
        let folders: Vec<&str> = sizes["tree"]["children"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert!(["shell", "networking", "libbb"].iter().all(|f| folders.contains(f)), "{folders:?}");
    }
}

#[test]
fn two_builds_differ_as_bloat_o_meter_says() {
    let script = Tree::open(&kernel()).unwrap().source.join("scripts/bloat-o-meter");
    let trees = trees("busybox_unstripped.map");
    assert!(trees.len() >= 2, "the presets build BusyBox in two ways");
    for (old, new) in [(&trees[0], &trees[1]), (&trees[1], &trees[0])] {
        let files = [old, new].map(|t| t.join("busybox_unstripped"));
        let theirs = tool("python3", &[text(&script), text(&files[0]), text(&files[1])]);
        let ours = json(new, &["sizes", "--by", "object", "--against", text(old)]);
        let s = |name: &str| ours["sums"][name].as_i64().unwrap();
        let first = format!(
            "add/remove: {}/{} grow/shrink: {}/{} up/down: {}/{} ({})",
            s("added"),
            s("removed"),
            s("grown"),
            s("shrunk"),
            s("up"),
            -s("down"),
            s("up") - s("down")
        );
        assert_eq!(theirs.lines().next().unwrap(), first);
        let last = theirs.lines().last().unwrap();
        assert!(last.starts_with(&format!("Total: Before={}, After={},", s("before"), s("after"))), "{last}");
        // Every symbol with its sizes.
        let rows: BTreeMap<String, (String, String)> = theirs
            .lines()
            .skip(2)
            .map(|l| l.split_whitespace().collect::<Vec<_>>())
            .filter(|w| w.len() == 4 && w[0] != "Total:")
            .map(|w| (w[0].to_owned(), (w[1].to_owned(), w[2].to_owned())))
            .collect();
        let text = |v: &Value| v.as_u64().map_or("-".to_owned(), |n| n.to_string());
        let mine: BTreeMap<String, (String, String)> = ours["symbols"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| (c["name"].as_str().unwrap().to_owned(), (text(&c["before"]), text(&c["after"]))))
            .collect();
        assert_eq!(mine, rows);
        // And the objects' changes are those of the sections.
        let delta: i64 =
            ours["changes"].as_array().unwrap().iter().map(|c| c["after"].as_i64().unwrap_or(0) - c["before"].as_i64().unwrap_or(0)).sum();
        assert_eq!(delta, ours["after"].as_i64().unwrap() - ours["before"].as_i64().unwrap());
    }
}
