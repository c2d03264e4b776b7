//! The way to an image, followed back through noted commands of several versions, and commands that lead in circles.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_kbuild::anatomy::Anatomy;
use bootwright_kbuild::anatomy::saved::words;
use bootwright_kbuild::anatomy::stage::Step;
use bootwright_kbuild::{Kind, Tree, Version};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn tree(object: &Path) -> Tree {
    let object = object.to_path_buf();
    let source_arch = Some("x86".to_owned());
    Tree { source: object.clone(), object, kind: Kind::Linux, version: Version::default(), arch: None, source_arch }
}

/// Makes a file with the note of its command; none where the command is empty.
fn put(folder: &Path, name: &str, command: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "x").unwrap();
    if !command.is_empty() {
        let note = path.with_file_name(format!(".{}.cmd", path.file_name().unwrap().to_str().unwrap()));
        fs::write(note, format!("savedcmd_{name} := {command}\n")).unwrap();
    }
}

#[test]
fn a_step_is_told_by_its_command() {
    let told = |target: &str, command: &str| Step::of(target, &words(command));
    // 6.1 to 6.14 have a program for it, later ones dd and cat.
    assert_eq!(told("arch/x86/boot/bzImage", "arch/x86/boot/tools/build a/setup.bin a/vmlinux.bin a/zoffset.h a/bzImage"), Step::Assemble);
    assert_eq!(
        told("arch/x86/boot/bzImage", "(dd if=a/setup.bin bs=4k conv=sync status=none; cat a/vmlinux.bin) >a/bzImage"),
        Step::Assemble
    );
    assert_eq!(told("vmlinux.unstripped", "sh scripts/link-vmlinux.sh \"ld\" \"-m elf_x86_64\" \"\" \"vmlinux.unstripped\""), Step::Link);
    assert_eq!(told("vmlinux", "objcopy --remove-section='.rel*' vmlinux.unstripped vmlinux"), Step::Strip);
    assert_eq!(told("a/vmlinux.bin", "x86_64-linux-gnu-objcopy -O binary -R .note -S a/compressed/vmlinux a/vmlinux.bin"), Step::Flatten);
    assert_eq!(told("a/vmlinux.bin.zst", "{ cat a/vmlinux.bin | zstd -22 --ultra; printf x; } > a/vmlinux.bin.zst"), Step::Pack);
    assert_eq!(
        told("a/vmlinux.relocs", "arch/x86/tools/relocs vmlinux > a/vmlinux.relocs; arch/x86/tools/relocs --abs-relocs vmlinux"),
        Step::Relocations
    );
    assert_eq!(
        told("init/built-in.a", "rm -f init/built-in.a; printf \"init/%s \" main.o | xargs ar cDPrST init/built-in.a"),
        Step::Archive
    );
    assert_eq!(told("vmlinux.o", "ld -m elf_x86_64 -r -o vmlinux.o --whole-archive vmlinux.a"), Step::Join);
    assert_eq!(told("x.h", "anything else"), Step::Other);
}

#[test]
fn a_newer_kernels_way_is_followed_without_a_list_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let boot = "arch/x86/boot";
    put(folder.path(), "vmlinux.a", "");
    put(folder.path(), "vmlinux.o", "ld -r -o vmlinux.o --whole-archive vmlinux.a --no-whole-archive");
    put(folder.path(), "vmlinux.unstripped", "scripts/link-vmlinux.sh \"ld\" \"\" \"\" \"vmlinux.unstripped\"");
    put(folder.path(), "vmlinux", "objcopy --remove-section='.rel*' vmlinux.unstripped vmlinux");
    fs::write(folder.path().join("vmlinux"), fs::read("/bin/true").unwrap()).unwrap();
    put(folder.path(), &format!("{boot}/compressed/vmlinux.bin"), &format!("objcopy -S vmlinux {boot}/compressed/vmlinux.bin"));
    put(folder.path(), &format!("{boot}/setup.bin"), &format!("objcopy -O binary {boot}/setup.elf {boot}/setup.bin"));
    put(
        folder.path(),
        &format!("{boot}/bzImage"),
        &format!("(dd if={boot}/setup.bin bs=4k; cat {boot}/compressed/vmlinux.bin) >{boot}/bzImage"),
    );
    let found = Anatomy::read(&tree(folder.path())).unwrap();
    let names: Vec<&str> = found.stages.iter().map(|s| s.name.as_str()).collect();
    let at = |name: &str| names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("{name} in {names:?}"));
    assert!(at("vmlinux.unstripped") < at("vmlinux") && at("vmlinux") < at("arch/x86/boot/compressed/vmlinux.bin"));
    assert_eq!(found.stages.iter().find(|s| s.name.ends_with("bzImage")).unwrap().inputs.len(), 2);
    assert!(found.absent.iter().any(|a| a.name == "kallsyms"));
}

#[test]
fn commands_that_lead_in_circles_or_nowhere_end() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "arch/x86/boot/bzImage", "cat a.bin arch/x86/boot/bzImage > arch/x86/boot/bzImage");
    put(folder.path(), "a.bin", "cat b.bin gone.bin ../../../etc/passwd > a.bin");
    put(folder.path(), "b.bin", "cat a.bin b.bin arch/x86/boot/bzImage > b.bin");
    let found = Anatomy::read(&tree(folder.path())).unwrap();
    assert_eq!(found.stages.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["b.bin", "a.bin", "arch/x86/boot/bzImage"]);
    assert!(found.image.is_none() && found.absent.iter().any(|a| a.name == "vmlinux"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_note_is_read(bytes in prop::collection::vec(any::<u8>(), 0..300), prefix in prop_oneof![Just("savedcmd_vmlinux := "), Just("cmd_vmlinux :="), Just("")]) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("vmlinux"), fs::read("/bin/true").unwrap()).unwrap();
        fs::write(folder.path().join(".vmlinux.cmd"), [prefix.as_bytes(), &bytes].concat()).unwrap();
        prop_assert!(Anatomy::read(&tree(folder.path())).is_ok());
    }
}
