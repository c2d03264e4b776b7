//! Sizes of small linked files: against the linker's map and `size`, and hostile files.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_kbuild::sizes::difference::compare;
use bootwright_kbuild::sizes::elf::Tables;
use bootwright_kbuild::sizes::piece::{Owner, Rest};
use bootwright_kbuild::sizes::view::{By, Kind as NodeKind, Node, tree as view};
use bootwright_kbuild::sizes::{Evidence, Sizes};
use bootwright_kbuild::{Kind, Tree, Version};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

fn sh(dir: &Path, script: &str) -> String {
    let output = Command::new("sh").env("LC_ALL", "C").args(["-ec", script]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn tree(object: &Path) -> Tree {
    let object = object.to_path_buf();
    Tree { source: object.clone(), object, kind: Kind::Linux, version: Version::default(), arch: None, source_arch: None }
}

/// A "kernel": two objects that are always linked, one of a library that is needed and one that is not, statics of one name
/// in several objects, strings that two share, a table without symbols, and a weak symbol that another overrides.
fn built(extra: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["init", "lib"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let put = |name: &str, code: &str| fs::write(folder.path().join(name), code).unwrap();
    put(
        "init/main.c",
        &format!(
            "static int state[40] = {{1}}; extern void b(const char *); __attribute__((weak)) int who = 1;\n\
             const char *text(void) {{ return \"shared text\"; }}\n\
             __asm__(\".section __table,\\\"a\\\"; .quad 1,2,3; .previous\");\n\
             int _start(void) {{ b(text()); return state[3]++; }} {extra}\n"
        ),
    );
    put(
        "init/b.c",
        "static int state[40] = {2}; static volatile char room[5000]; int who = 2; extern int needed(int);\n\
         __asm__(\".section __table,\\\"a\\\"; .quad 1,2; .previous\");\n\
         const char *texts[2] = {\"shared text\", \"own\"};\n\
         void b(const char *t) { room[state[1]++] = t[needed(3)]; }\n",
    );
    put("lib/needed.c", "static int state[7] = {3}; int needed(int n) { return state[n]++; }\n");
    put("lib/idle.c", "int idle(int n) { return n * 3; }\n");
    sh(
        folder.path(),
        "for f in init/main init/b lib/needed lib/idle; do gcc -O1 -fno-pic -fno-builtin -fno-asynchronous-unwind-tables -fcf-protection=none -c $f.c -o $f.o; done
        ar cDPrST vmlinux.a init/main.o init/b.o; ar cDPrsT lib/lib.a lib/needed.o lib/idle.o
        echo 'savedcmd_vmlinux.o := ld -r -o vmlinux.o --whole-archive vmlinux.a --no-whole-archive --start-group lib/lib.a --end-group' > .vmlinux.o.cmd
        ld -static -Map=vmlinux.map -o vmlinux --whole-archive vmlinux.a --no-whole-archive --start-group lib/lib.a --end-group",
    );
    folder
}

fn by_object(sizes: &Sizes) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for piece in &sizes.pieces {
        if let Owner::Object(object) = piece.owner {
            *sums.entry(sizes.objects[object].name.clone()).or_default() += piece.size;
        }
    }
    sums
}

fn leaves(node: &Node) -> u64 {
    if node.children.is_empty() { node.bytes } else { node.children.iter().map(leaves).sum() }
}

#[test]
fn every_byte_is_somebodys_with_and_without_a_map() {
    let folder = built("");
    let tree = tree(folder.path());
    let by_map = Sizes::read(&tree).unwrap();
    assert_eq!(by_map.evidence, Evidence::Map);
    let by_symbols = Sizes::read_by(&tree, Some(Evidence::Symbols)).unwrap();
    // `size -A` counts the compiler's comment too, which takes no memory.
    let sections =
        sh(folder.path(), "size -A vmlinux | awk '$2 ~ /^[0-9]+$/ && $1 != \".comment\" && $1 != \"Total\" {n += $2} END {print n}'");
    let total: u64 = sections.trim().parse().unwrap();
    for sizes in [&by_map, &by_symbols] {
        assert_eq!(sizes.total(), total);
        assert_eq!(sizes.pieces.iter().map(|p| p.size).sum::<u64>(), total);
        for by in [By::Directory, By::Object, By::Symbol, By::Option] {
            let whole = view(sizes, by, &|_| None);
            assert_eq!((whole.bytes, leaves(&whole), whole.uses.iter().sum()), (total, total, total), "{by:?}");
        }
        assert_eq!(sizes.rest(Rest::Unplaced), 0);
        assert_eq!(sizes.rest(Rest::Merged), "shared text\0own\0".len() as u64, "the text that two have is there once");
    }
    let (map, symbols) = (by_object(&by_map), by_object(&by_symbols));
    assert_eq!(map, symbols);
    assert_eq!(map.keys().collect::<Vec<_>>(), ["init/b.o", "init/main.o", "lib/needed.o"]);
    assert!(map["init/b.o"] > 5000);
}

#[test]
fn a_map_of_another_link_is_not_taken() {
    let folder = built("");
    let other = built("int more[500] = {1};");
    fs::copy(other.path().join("vmlinux.map"), folder.path().join("vmlinux.map")).unwrap();
    let sizes = Sizes::read(&tree(folder.path())).unwrap();
    assert_eq!(sizes.evidence, Evidence::Symbols);
    assert!(sizes.remark.unwrap().contains("another link"));
    assert!(Sizes::read_by(&tree(folder.path()), Some(Evidence::Map)).is_err());
}

#[test]
fn symbols_stand_under_their_object_and_the_option_that_brings_it() {
    let folder = built("");
    let sizes = Sizes::read(&tree(folder.path())).unwrap();
    let option = |name: &str| name.starts_with("lib/").then(|| "LIB".to_owned());
    let whole = view(&sizes, By::Directory, &option);
    let find =
        |node: &Node, name: &str| node.children.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("{name} in {node:?}")).clone();
    let object = find(&find(&whole, "init"), "b.o");
    assert_eq!(object.kind, NodeKind::Object);
    assert_eq!((find(&object, "room").bytes, find(&object, "state").bytes), (5000, 160));
    assert_eq!(find(&find(&whole, "lib"), "needed.o").option.as_deref(), Some("LIB"));
    let options = view(&sizes, By::Option, &option);
    assert_eq!(find(&options, "LIB").children[0].name, "lib/needed.o");
    // The weak one is overridden: its name has the other's bytes.
    let symbols = view(&sizes, By::Symbol, &option);
    assert_eq!(symbols.children.iter().filter(|s| s.name == "who").count(), 1);
}

#[test]
fn two_builds_differ_by_what_was_added() {
    let (old, new) = (built(""), built("int more[500] = {1}; int grown(int n) { return n * n * n; }"));
    let read = |folder: &Path| Sizes::read(&tree(folder)).unwrap();
    let (before, after) = (read(old.path()), read(new.path()));
    let none = |_: &str| None;
    for by in [By::Directory, By::Object, By::Option, By::Symbol] {
        let found = compare(&before, &after, by, [&none, &none]);
        let sum: i64 = found.changes.iter().map(|c| c.delta()).sum();
        assert_eq!(sum, found.after as i64 - found.before as i64, "{by:?}");
        assert_eq!(found.symbols.iter().map(|c| (c.name.as_str(), c.before)).collect::<Vec<_>>(), [("more", None), ("grown", None)]);
        assert_eq!((found.sums.added, found.sums.removed, found.sums.down), (2, 0, 0));
        assert_eq!(found.sums.up, found.sums.after - found.sums.before);
    }
    let objects = compare(&before, &after, By::Object, [&none, &none]);
    assert_eq!(objects.changes[0].name, "init/main.o");
    assert!(compare(&before, &before, By::Object, [&none, &none]).changes.is_empty());
}

#[test]
fn a_tree_that_is_not_built_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let why = Sizes::read(&tree(folder.path())).unwrap_err().to_string();
    assert!(why.contains("build the tree first"), "{why}");
    fs::write(folder.path().join("vmlinux"), "#!/bin/sh\n").unwrap();
    assert!(Sizes::read(&tree(folder.path())).unwrap_err().to_string().contains("no ELF file"));
}

#[test]
fn files_cut_off_anywhere_are_refused_or_counted() {
    let folder = built("");
    fs::remove_file(folder.path().join("vmlinux.map")).unwrap();
    let mut counted = 0;
    for name in ["vmlinux", "init/b.o", "vmlinux.a"] {
        let kept = fs::read(folder.path().join(name)).unwrap();
        for share in 0..24 {
            fs::write(folder.path().join(name), &kept[..kept.len() * share / 24]).unwrap();
            if let Ok(sizes) = Sizes::read(&tree(folder.path())) {
                assert_eq!(sizes.pieces.iter().map(|p| p.size).sum::<u64>(), sizes.total());
                counted += 1;
            }
        }
        fs::write(folder.path().join(name), &kept).unwrap();
    }
    assert!(counted >= 48, "a damaged object leaves its bytes unplaced");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Eight bytes at a time, so that sizes and offsets become absurd.
    #[test]
    fn damaged_files_never_panic(places in prop::collection::vec((0..1_000_000_usize, prop_oneof![Just(u64::MAX), Just(1_u64 << 40), any::<u64>()]), 1..6)) {
        static BUILT: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
        let folder = BUILT.get_or_init(|| built(""));
        let scratch = tempfile::tempdir().unwrap();
        sh(scratch.path(), &format!("cp -r '{}'/. .", folder.path().display()));
        for name in ["vmlinux", "init/main.o", "lib/lib.a", "vmlinux.map"] {
            let path = scratch.path().join(name);
            let mut bytes = fs::read(&path).unwrap();
            for (at, value) in &places {
                // Headers lie at both ends of an ELF file.
                let at = if at % 2 == 0 { at % 512 } else { bytes.len().saturating_sub(8 + at % 2048) };
                if let Some(room) = bytes.get_mut(at..at + 8) { room.copy_from_slice(&value.to_le_bytes()); }
            }
            fs::write(&path, bytes).unwrap();
            let _ = Tables::read(&path);
        }
        if let Ok(sizes) = Sizes::read(&tree(scratch.path())) {
            let _ = view(&sizes, By::Directory, &|_| None);
        }
    }
}
