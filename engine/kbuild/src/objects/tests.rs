//! Against GNU make on a small build of Kbuild's shape, with many configurations: the files that make makes are those that
//! were predicted. (Real trees are in tests/kbuild_objects.rs.)

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

const SOURCES: &[&str] = &[
    "init/main.c",
    "init/version.c",
    "init/initrd.c",
    "init/noinitrd.c",
    "init/words.y",
    "init/lines.S",
    "fs/open.c",
    "fs/ext/super.c",
    "fs/ext/inode.c",
    "fs/ext/acl.c",
    "fs/ext/test.c",
    "fs/fat/dir.c",
    "fs/fat/cache.c",
    "fs/fat/vfat.c",
    "fs/fat/msdos.c",
    "net/socket.c",
    "net/head.S",
    "net/test.c",
    "net/extra/probe.c",
    "net/extra/script.c",
    "lib/string.c",
    "lib/ctype.c",
    "lib/sort.c",
    "tools/gen.c",
    "arch/tiny/pci/bus.c",
    "arch/tiny/pci/slots.c",
    "arch/tiny/lib/copy.S",
    "arch/tiny/lib/msr.c",
    "arch/tiny/boot/main.c",
    "arch/tiny/boot/printf.c",
    "arch/tiny/boot/apm.c",
];
const OPTIONS: &[&str] =
    &["INITRD", "PARSER", "EXT", "EXT_ACL", "EXT_TEST", "FAT", "MSDOS", "NET", "NET_TEST", "NET_EXTRA", "SORT", "PCI", "ACPI", "APM"];

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for file in include_str!("tests/mini.txt").split("== ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        write(path, text);
    }
    for source in SOURCES {
        write(source, "");
    }
    folder
}

fn config(values: &[&str]) -> Config {
    let mut config = Config::default();
    for (option, value) in OPTIONS.iter().zip(values) {
        config.set(option, value);
    }
    config
}

fn files(folder: &Path) -> BTreeSet<String> {
    let list = Command::new("find").args([".", "-type", "f", "-printf", "%P\n"]).current_dir(folder).output().unwrap();
    String::from_utf8_lossy(&list.stdout).lines().map(str::to_owned).collect()
}

/// What make makes, against what is predicted.
fn check(values: &[&str]) {
    let folder = tree();
    let config = config(values);
    let objects = Objects::predict(folder.path(), "tiny", &config).unwrap();
    let auto = folder.path().join("include/config/auto.conf");
    fs::create_dir_all(auto.parent().unwrap()).unwrap();
    fs::write(&auto, config.iter().map(|(n, v)| format!("{n}={v}\n")).collect::<String>()).unwrap();
    let before = files(folder.path());
    let out = Command::new("make").args(["-rR", "-s", "ARCH=tiny"]).env_remove("MAKEFLAGS").current_dir(folder.path()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let made: BTreeSet<String> = files(folder.path()).difference(&before).cloned().collect();
    let predicted: BTreeSet<String> = objects.all.iter().map(|o| o.path.to_string()).collect();
    assert_eq!(predicted, made, "{values:?}");
}

#[test]
fn all_off_all_on_and_all_modules() {
    for value in ["n", "y", "m"] {
        check(&vec![value; OPTIONS.len()]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_configuration(values in proptest::collection::vec(prop_oneof!["y", "m", "n"], OPTIONS.len())) {
        check(&values.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn each_object_has_its_kind_its_collector_and_its_lines() {
    let folder = tree();
    let mut config = config(&["y"; 14]);
    config.set("FAT", "m");
    config.set("EXT_TEST", "n");
    let objects = Objects::predict(folder.path(), "tiny", &config).unwrap();
    let object = |path: &str| objects.get(path).unwrap_or_else(|| panic!("{path} is not predicted"));
    for (path, kind, into) in [
        ("init/main.o", Kind::BuiltIn, "init/built-in.a"),
        ("init/words.tab.o", Kind::BuiltIn, "init/built-in.a"),
        ("lib/string.o", Kind::Library, "lib/lib.a"),
        ("lib/sort.o", Kind::BuiltIn, "lib/built-in.a"),
        ("fs/fat/dir.o", Kind::ModulePart, "fs/fat/fat.o"),
        ("fs/fat/fat.o", Kind::Module, "fs/fat/fat.ko"),
        ("fs/fat/vfat.o", Kind::Module, "fs/fat/vfat.ko"),
        ("fs/fat/vfat.mod.o", Kind::ModuleInfo, "fs/fat/vfat.ko"),
        ("arch/tiny/boot/apm.o", Kind::Image, "arch/tiny/boot/setup"),
        ("net/built-in.a", Kind::Archive, "image"),
    ] {
        assert_eq!((object(path).kind, object(path).into.first().map(|i| &**i)), (kind, Some(into)), "{path}");
    }
    assert_eq!(object("tools/gen").kind, Kind::Host);
    assert_eq!(object("net/extra/probe.o").kind, Kind::Helper);
    assert_eq!(object("init/words.tab.o").source.as_deref(), Some("init/words.tab.c"));

    let lines = |path: &str| -> Vec<(String, Vec<(String, u32)>)> {
        let steps = objects.why(object(path));
        steps.into_iter().map(|s| (s.what, s.lines.iter().map(|l| (l.file.to_string(), l.line)).collect())).collect()
    };
    let at = |file: &str, line| vec![(file.to_owned(), line)];
    assert_eq!(
        lines("fs/ext/acl.o"),
        [
            ("fs/ext/acl.o".to_owned(), at("fs/ext/Makefile", 3)),
            ("fs/ext/ext.o".to_owned(), at("fs/ext/Makefile", 1)),
            ("fs/ext/".to_owned(), at("fs/Makefile", 2)),
            ("fs/".to_owned(), at("Makefile", 9)),
        ]
    );
    let options = |path: &str| objects.options_of(object(path)).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(options("fs/ext/acl.o"), ["CONFIG_EXT_ACL", "CONFIG_EXT"]);
    assert_eq!(options("init/initrd.o"), ["CONFIG_INITRD"]);
    assert_eq!(options("net/extra/probe.o"), ["CONFIG_NET_EXTRA", "CONFIG_NET"]);
    assert_eq!(options("arch/tiny/boot/apm.o"), ["CONFIG_APM"]);
    let of: Vec<_> = objects.of_option("FAT").iter().map(|o| o.path.to_string()).collect();
    assert!(of.contains(&"fs/fat/vfat.mod.o".to_owned()) || of.contains(&"fs/fat/vfat.o".to_owned()), "{of:?}");
    assert!(of.iter().all(|p| p.starts_with("fs/fat/")), "{of:?}");
    config.set("FAT", "n");
    let without = Objects::predict(folder.path(), "tiny", &config).unwrap();
    let off: Vec<_> = without.off_by("FAT").into_iter().map(|(name, line)| (name, line.line)).collect();
    assert_eq!(off, [("fs/fat/".to_owned(), 3)]);
    let change = Change::between(&objects, &without);
    assert!(change.come.is_empty());
    assert!(change.go.iter().any(|p| &**p == "fs/fat/dir.o"));
    assert_eq!(objects.of_file("fs/ext/acl.c").map(|o| &*o.path).collect::<Vec<_>>(), ["fs/ext/acl.o"]);
}

#[test]
fn what_is_not_built_says_what_keeps_it_out() {
    let folder = tree();
    let mut config = config(&["y"; 14]);
    config.set("EXT", "n");
    config.set("EXT_ACL", "n");
    let steps = why_not(&Arc::default(), folder.path(), "tiny", &config, "fs/ext/acl.c");
    let said: Vec<_> = steps.iter().map(|s| (s.what.as_str(), s.lines[0].line, s.lines[0].options.join(" "))).collect();
    assert_eq!(
        said,
        [
            ("fs/ext/acl.o", 3, "CONFIG_EXT_ACL".to_owned()),
            ("fs/ext/ext.o", 1, "CONFIG_EXT".to_owned()),
            ("fs/ext/", 2, "CONFIG_EXT".to_owned()),
            ("fs/", 9, String::new()),
        ]
    );
    assert!(why_not(&Arc::default(), folder.path(), "tiny", &config, "nothing/here.c")[0].lines.is_empty());
}

#[test]
fn the_recursion_knows_each_folder_and_what_it_collects() {
    use crate::recursion::{MakefileKind, Recursion};
    let folder = tree();
    let objects = Objects::predict(folder.path(), "tiny", &config(&["y"; 14])).unwrap();
    let tree = Recursion::of(&objects, None);
    let find = |path: &str| tree.folders.iter().find(|f| &*f.path == path).unwrap();
    assert_eq!(&*tree.folders[0].path, "");
    let top: Vec<_> = tree.folders[0].makefiles.iter().map(|m| (&*m.path, m.kind)).collect();
    assert_eq!(top[..2], [("Makefile", MakefileKind::Top), ("scripts/Kbuild.include", MakefileKind::Common)]);
    assert!(top.contains(&("arch/tiny/Makefile", MakefileKind::Arch)));
    let fs = find("fs");
    assert_eq!(fs.archives[0].predicted.iter().map(|p| &**p).collect::<Vec<_>>(), ["fs/open.o", "fs/ext/built-in.a", "fs/fat/built-in.a"]);
    assert_eq!(fs.into.iter().map(|&f| &*tree.folders[f].path).collect::<Vec<_>>(), ["fs/ext", "fs/fat"]);
    assert_eq!(fs.below, fs.objects + find("fs/ext").objects + find("fs/fat").objects);
    assert_eq!(find("fs/ext").why[0].lines[0].options, ["CONFIG_EXT".into()]);
}

#[test]
fn a_folder_without_makefiles_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Objects::predict(folder.path(), "tiny", &Config::default()), Err(Error::NotATree(_))));
}

/// A makefile that is broken is passed over with a word, not a panic, and the rest is predicted.
#[test]
fn a_broken_makefile_is_said_and_the_rest_goes_on() {
    let folder = tree();
    fs::write(folder.path().join("fs/Makefile"), "obj-y += open.o $(call\nifeq (\n").unwrap();
    fs::remove_file(folder.path().join("net/Makefile")).unwrap();
    let objects = Objects::predict(folder.path(), "tiny", &config(&["y"; 14])).unwrap();
    assert!(objects.get("init/main.o").is_some());
    assert!(objects.get("net/socket.o").is_none());
    let said: Vec<_> = objects.problems.iter().map(|p| p.text.as_str()).collect();
    assert!(said.iter().any(|t| t.contains("net/Makefile")), "{said:?}");
    assert!(said.iter().any(|t| t.contains("does not end")), "{said:?}");
}
