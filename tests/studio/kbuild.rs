//! A build from inside: an object with what it hangs on, what a flip would build again, the way to the program or the image,
//! whose its bytes are, and what another build has more or less.

use crate::studio;
use bootwright_tests::screen::{Screen, wait_at_most, wait_for};
use bootwright_tests::shared_work;

/// Trees of Kbuild that were built in the work folder, of a component.
fn trees(component: &str) -> usize {
    let entries = std::fs::read_dir(shared_work().join("trees")).unwrap().flatten();
    let of_it = entries.filter(|e| e.file_name().to_string_lossy().rsplit_once('-').is_some_and(|(name, _)| name == component));
    of_it.filter(|e| ["vmlinux", "busybox_unstripped"].iter().any(|f| e.path().join("tree").join(f).exists())).count()
}

#[test]
fn a_build_is_looked_at_from_inside() {
    assert!(trees("busybox") > 1, "run the test `presets` first, as tests/run does");
    let home = tempfile::tempdir().unwrap();
    let mut s = Screen::start(&home.path().join("run"));
    s.open(&mut studio(home.path()));
    s.click("Preset Minimal Linux Live, since 03-Apr-2016");

    // One object, from its folder: what brings it in, and the three kinds of dependency.
    s.click("Page Kbuild");
    s.click("Kbuild tree of BusyBox");
    s.click("Folder coreutils");
    s.keep("kbuild-tree");
    s.click("Find objects by path or option");
    s.write("coreutils/cat.o");
    s.click("Object coreutils/cat.o: ");
    for part in ["What brings it in", "Options it hangs on", "Files it was made from", "Its command"] {
        s.get(part);
    }
    s.get("coreutils/Kbuild:");
    s.keep("kbuild-object");

    // Options that objects hang on for nothing, and the headers that most of them include.
    s.click("Show options");
    wait_for("how far options reach", || s.sees("options reach objects for nothing"));
    s.keep("kbuild-options");
    s.click("Show headers");
    wait_for("what headers reach", || s.sees(".h: reaches "));
    s.keep("kbuild-headers");
    s.click("Show tree");

    // What a flip would build again, before anything is built.
    s.click("Page Configuration");
    s.click("Configure BusyBox");
    s.get("Menu: Settings");
    s.click("Search the options");
    s.write("feature_catv");
    s.get("Option FEATURE_CATV:");
    s.key("Return");
    s.key("n");
    wait_for("the change", || s.find("Option FEATURE_CATV:").is_some_and(|n| n.name.ends_with(", n, changed")));
    wait_for("what it would build", || s.sees("In its tree: would build "));
    s.keep("kbuild-foreseen");
    s.key("ctrl+z");
    wait_for("the way back", || s.find("Option FEATURE_CATV:").is_some_and(|n| n.name.ends_with(", y")));

    // The way from the objects to what runs.
    let kernel = trees("kernel") > 0;
    s.command("Kernel image");
    s.click(if kernel { "Tree: kernel" } else { "Tree: busybox" });
    s.get(if kernel { "Stage vmlinux" } else { "Stage busybox" });
    s.keep("image-way");
    // One that is in sight: the list stands at its end.
    s.click(if kernel { "Stage arch/x86/boot/setup.bin" } else { "Stage busybox_unstripped," });
    s.keep("image-stage");

    // Whose the bytes are, by areas that open.
    s.command("Sizes");
    s.click("Tree: busybox");
    s.get("coreutils, ");
    s.keep("sizes");
    s.click("coreutils, ");
    s.get("ls.o, ");
    s.keep("sizes-folder");
    s.click("Up to what it is in");
    s.click("Sizes by option");
    s.get("LS, ");
    s.keep("sizes-options");

    // Another layout's BusyBox beside it.
    s.click("Compare with another build");
    s.keep("sizes-others");
    s.click("Compare with busybox");
    wait_at_most(120, "the difference", || s.sees(" bytes before, ") || s.sees("Nothing differs"));
    s.keep("sizes-difference");
    s.click("Sizes by symbol");
    s.get("Symbols: ");
    s.keep("sizes-symbols");
    s.click("Stop comparing");
    s.get("Keep these sizes");
    s.key("ctrl+q");
}
