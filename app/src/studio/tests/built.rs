//! The pages about a built tree, with the real reader behind the window, on a small tree with a map.

use super::*;
use crate::studio::link::{compare_sizes, forget_sizes, keep_sizes, look_at_tree};
use egui::{Key, Modifiers};
use std::path::Path;
use std::process::Command;

/// Two objects and what the link of them leaves, as Kbuild notes it.
fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = "mkdir -p trees/kernel-abcdef012345/tree && cd trees/kernel-abcdef012345/tree && mkdir -p init lib scripts include/linux
        printf 'VERSION = 6\\nPATCHLEVEL = 12\\nSUBLEVEL = 1\\nEXTRAVERSION =\\n' > Makefile
        touch scripts/Kbuild.include init/Kconfig include/linux/kconfig.h
        echo 'int room[3000]; extern int b(int); int _start(void) { return b(room[0]++); }' > init/main.c
        echo 'int table[2000]; int b(int n) { return table[n] * 3; }' > lib/b.c
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
        let seen = |asked, path| News::TreeSeen { asked, seen: Box::new(look_at_tree(work, path)) };
        match ask {
            Ask::LookAtTree { path, asked } => window.news(seen(asked, path)),
            Ask::KeepSizes { path, name, asked } => {
                window.news(News::Done(keep_sizes(work, &path, &name).unwrap()));
                window.news(seen(asked, Some(path)));
            }
            Ask::ForgetSizes { path, shown, asked } => {
                forget_sizes(work, &path).unwrap();
                window.news(seen(asked, shown));
            }
            Ask::CompareSizes { before, after, asked } => {
                window.news(News::SizesCompared { asked, result: compare_sizes(&before, &after).map(Arc::new) });
            }
            _ => {}
        }
    }
}

/// A page about the trees of a work folder, which were read.
fn on_page(page: &str, work: &Path) -> Window {
    let mut window = Window::open("mll-2016");
    window.asks();
    window.menu("Pages", page);
    serve(&mut window, work);
    window
}

/// The whole name of a part of the areas.
fn part(window: &Window, name: &str) -> String {
    let found = window.harness.query_all_by_label_contains(name).next().unwrap_or_else(|| panic!("no {name}"));
    found.accesskit_node().label().unwrap()
}

fn has_keyboard(window: &Window, name: &str) -> bool {
    window.harness.query_all_by_label_contains(name).any(|n| n.accesskit_node().is_focused())
}

#[test]
fn the_way_to_the_image_is_shown_stage_by_stage() {
    let folder = made();
    let mut window = on_page("Kernel image", folder.path());
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
    let mut window = on_page("Sizes", folder.path());
    assert!(window.sees("bytes of memory") && window.sees("the linker's map says"));
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
fn areas_are_walked_with_the_keyboard() {
    let folder = made();
    let mut window = on_page("Sizes", folder.path());
    let init = part(&window, "init, ");
    window.harness.get_by_label(&init).focus();
    window.steps();
    assert!(has_keyboard(&window, "init, "));
    window.key(Modifiers::NONE, Key::Enter);
    assert!(window.enabled("Up to what it is in") && has_keyboard(&window, "main.o, "), "the keyboard goes along");
    window.key(Modifiers::NONE, Key::Enter);
    assert!(has_keyboard(&window, "room, 12,000 bytes"));
    window.key(Modifiers::NONE, Key::Backspace);
    window.key(Modifiers::NONE, Key::Escape);
    assert!(!window.enabled("Up to what it is in") && has_keyboard(&window, "init, "), "and comes back to where it was");
    // The other folder lies beside it or below it, and the way back leads back.
    window.key(Modifiers::NONE, Key::ArrowRight);
    window.key(Modifiers::NONE, Key::ArrowDown);
    assert!(has_keyboard(&window, "lib, "));
    window.key(Modifiers::NONE, Key::ArrowLeft);
    window.key(Modifiers::NONE, Key::ArrowUp);
    assert!(has_keyboard(&window, "init, "));
}

#[test]
fn a_build_is_compared_with_what_was_kept_of_it() {
    let folder = made();
    let tree = folder.path().join("trees/kernel-abcdef012345/tree");
    let mut window = on_page("Sizes", folder.path());
    window.click("Compare with another build");
    assert!(window.sees("nothing was kept"));
    window.key(Modifiers::NONE, Key::Escape);
    window.click("Keep these sizes");
    serve(&mut window, folder.path());
    let script =
        "echo 'int room[5000]; int more[100]; extern int b(int); int _start(void) { return b(room[0]++) + more[7]; }' > init/main.c
        gcc -O1 -fno-pic -c init/main.c -o init/main.o
        rm vmlinux.a && ar cDPrST vmlinux.a init/main.o lib/b.o
        ld -static -Map=vmlinux.map -o vmlinux --whole-archive vmlinux.a";
    assert!(Command::new("sh").args(["-ec", script]).current_dir(&tree).status().unwrap().success());
    window.click("Compare with another build");
    window.click("Compare with kernel 1");
    assert!(window.sees("are being compared"));
    serve(&mut window, folder.path());
    assert!(window.sees("no option (always built, or not known): "), "by option first");
    window.click("Sizes by symbol");
    assert!(window.sees("room: 12,000 bytes before, 20,000 bytes after") && window.sees("more: not there before, 400 bytes after"));
    assert!(window.sees("Symbols: 1 came, 0 went"));
    window.click("Sizes by directory");
    assert!(window.sees("init: "));
    window.click("Stop comparing");
    assert!(window.sees("the linker's map says"));
    window.click("Compare with another build");
    window.click("Forget kernel 1");
    serve(&mut window, folder.path());
    assert!(!window.sees("Compare with kernel 1"));
    let outside = folder.path().join("outside.json");
    std::fs::write(&outside, "").unwrap();
    assert!(forget_sizes(folder.path(), &outside).is_err() && outside.exists(), "nothing else is removed");
}

#[test]
fn a_folder_that_is_no_tree_is_refused_in_words() {
    let folder = made();
    let mut window = on_page("Sizes", folder.path());
    window.click("Compare with another build");
    window.type_into("Folder of another tree", "/no/such/tree");
    window.click("Compare with this folder");
    serve(&mut window, folder.path());
    assert!(window.sees("/no/such/tree"));
}

#[test]
fn a_work_folder_without_trees_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let window = on_page("Sizes", folder.path());
    assert!(window.sees("build the kernel or BusyBox first"));
}
