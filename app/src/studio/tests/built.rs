//! The pages about a built tree, with the real reader behind the window, on a small tree with a map.

use super::*;
use crate::studio::link::look_at_tree;
use std::path::Path;
use std::process::Command;

/// Two objects and what the link of them leaves, as Kbuild notes it.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = "mkdir -p trees/kernel-abcdef012345/tree && cd trees/kernel-abcdef012345/tree && mkdir -p init lib scripts include/linux
        printf 'VERSION = 6\\nPATCHLEVEL = 12\\nSUBLEVEL = 1\\nEXTRAVERSION =\\n' > Makefile
        touch scripts/Kbuild.include init/Kconfig include/linux/kconfig.h
        echo 'int room[3000]; extern int b(int); int _start(void) { return b(room[0]++); }' > init/main.c
        echo 'int b(int n) { return n * 3; }' > lib/b.c
        for f in init/main lib/b; do gcc -O1 -fno-pic -c $f.c -o $f.o; done
        ar cDPrST vmlinux.a init/main.o lib/b.o; echo 'savedcmd_vmlinux.a := ar cDPrST vmlinux.a init/main.o lib/b.o' > .vmlinux.a.cmd
        ld -static -Map=vmlinux.map -o vmlinux --whole-archive vmlinux.a
        echo 'savedcmd_vmlinux := ld -static -Map=vmlinux.map -o vmlinux --whole-archive vmlinux.a' > .vmlinux.cmd";
    assert!(Command::new("sh").args(["-ec", script]).current_dir(folder.path()).status().unwrap().success());
    folder
}

/// Answers what the pages asked, as the desk does.
fn serve(window: &mut Window, work: &Path) {
    window.steps();
    for ask in window.asks() {
        if let Ask::LookAtTree { path, asked } = ask {
            window.news(News::TreeSeen { asked, seen: Box::new(look_at_tree(work, path)) });
        }
    }
}

#[test]
fn the_way_to_the_image_is_shown_stage_by_stage() {
    let folder = made();
    let mut window = Window::open("mll-2016");
    window.asks();
    window.menu("Pages", "Kernel image");
    serve(&mut window, folder.path());
    assert!(window.sees("Tree: kernel") && window.sees("Stage vmlinux.a,"));
    assert!(window.sees("all objects at their final addresses"), "without an image the linked kernel is shown");
    assert!(window.sees("ld -static -Map=vmlinux.map"), "with the noted command");
    assert!(window.sees("Its sections") && window.sees(".bss"));
    assert!(window.sees("no image for a boot loader was made"));
    let stage = window.harness.query_all_by_label_contains("Stage vmlinux.a,").next().unwrap().accesskit_node().label().unwrap();
    window.click(&stage);
    assert!(window.sees("The list of all objects that are always linked") && window.sees("2 objects"));
}

#[test]
fn areas_lead_to_their_parts_and_back() {
    let folder = made();
    let mut window = Window::open("mll-2016");
    window.asks();
    window.menu("Pages", "Sizes");
    serve(&mut window, folder.path());
    assert!(window.sees("bytes of memory") && window.sees("the linker's map says"));
    let part = |window: &Window, name: &str| {
        let found = window.harness.query_all_by_label_contains(name).next().unwrap_or_else(|| panic!("no {name}"));
        found.accesskit_node().label().unwrap()
    };
    let init = part(&window, "init, ");
    window.click(&init);
    let object = part(&window, "main.o, ");
    window.click(&object);
    assert!(window.sees("room, 12,000 bytes"));
    assert!(window.enabled("Up to what it is in"));
    window.click("Up to what it is in");
    window.click("vmlinux");
    assert!(window.sees("init, ") && !window.enabled("Up to what it is in"));
}

#[test]
fn a_work_folder_without_trees_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open("mll-2016");
    window.asks();
    window.menu("Pages", "Sizes");
    serve(&mut window, folder.path());
    assert!(window.sees("build the kernel or BusyBox first"));
}
