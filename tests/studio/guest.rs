//! Looking inside what was built, and talking to the guest that it boots into.

use crate::{MINUTES, studio};
use bootwright_tests::screen::{Screen, wait_at_most, wait_for};
use bootwright_tests::{bootwright, done, shared_work};

#[test]
fn from_busyboxs_needs_to_a_shell_in_the_guest() {
    // Where the presets' tests ran before, nothing is left to do.
    for preset in ["musl", "mll-2016"] {
        done(&mut bootwright(&shared_work(), &["build", preset]));
    }
    let home = tempfile::tempdir().unwrap();
    let release = done(&mut bootwright(&shared_work(), &["artifacts", "musl", "kernel.release", "--text"])).out.trim().to_owned();
    assert!(!release.is_empty());
    let mut s = Screen::start(&home.path().join("run"));

    // The dynamic BusyBox of 2016, in the initramfs, in the image: what it needs, and who has it.
    s.open(studio(home.path()).arg("mll-2016"));
    s.get("Component ISO image: up to date");
    s.click("Page Artifacts");
    s.click("Filter the artifacts");
    s.write("iso.iso");
    s.key("ctrl+a");
    s.write("assemble");
    s.click("Look inside iso.iso");
    s.get("Boot catalogue");
    wait_for("the catalogue's default entry", || {
        s.sees("BIOS") && s.sees("no emulation") && s.sees("4 × 512 bytes") && s.sees("isolinux.bin")
    });
    s.keep("inside-the-image");
    s.click("Open rootfs.gz");
    s.get("Filter the files");
    s.click("Filter the files");
    s.write("bin/busybox");
    s.click("Open bin/busybox");
    for library in ["libc.so.6", "libm.so.6", "libresolv.so.2"] {
        s.get(&format!("NEEDED {library}: lib/{library} of rootfs.gz"));
    }
    s.get("Interpreter /lib64/ld-linux-x86-64.so.2: lib/ld-linux-x86-64.so.2 of rootfs.gz");
    s.keep("what-busybox-needs");
    s.click("View: Hex");
    s.get("00000000  7f 45 4c 46");
    s.keep("bytes-of-busybox");

    // Another finished image is booted from the same window, and answers at its console.
    s.click("Page Boot");
    s.click("Image to boot");
    s.click("Minimal Linux with musl, static");
    s.click("Boot this image");
    wait_at_most(3 * MINUTES, "the guest's shell", || s.sees("~ #"));
    s.keep("booted");
    s.click("Console of the guest");
    s.write("uname -r");
    s.key("Return");
    wait_for("the guest's answer", || s.find(&release).is_some_and(|n| n.name == release));
    s.keep("uname");
    // Ctrl-C is the guest's: it ends what runs, once that does.
    s.write("echo runs-$((40+1)); sleep 1000");
    s.key("Return");
    s.get("runs-41");
    s.key("ctrl+c");
    s.write("echo back-$((40+2))");
    s.key("Return");
    s.get("back-42");
    s.click("Screenshot of the guest");
    s.get("Screen of the guest, ");
    s.keep("screen-of-the-guest");
    let picture = home.path().join("guest.png");
    s.click("Save the screenshot");
    s.click("Path to save to");
    s.key("ctrl+a");
    s.write(picture.to_str().unwrap());
    s.key("Return");
    wait_for("the picture", || picture.exists());
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    // Started over in the same machine: its console scrolls what was before away.
    s.click("Reset the machine");
    wait_at_most(MINUTES, "the guest to start over", || !s.sees("back-42"));
    wait_at_most(3 * MINUTES, "the guest's shell again", || s.sees("~ #"));
    s.click("Cut the power");
    wait_for("the end of the machine", || s.sees("the machine was ended"));

    // The checks, in a machine of their own.
    s.click("Check this image");
    wait_at_most(5 * MINUTES, "the end of the checks", || s.sees("checks passed"));
    s.keep("checked");
    assert!(s.sees("6 of 6 checks passed"), "{:#?}", s.nodes());

    // The power button, and the end. The console still shows the machine of the checks until the new one says its first word.
    s.click("Boot this image");
    wait_at_most(MINUTES, "a machine of its own", || !s.sees("~ #"));
    wait_at_most(3 * MINUTES, "the guest's shell", || s.sees("~ #"));
    s.click("Console of the guest");
    s.write("poweroff");
    s.key("Return");
    wait_at_most(MINUTES, "the power-off", || s.sees("the guest powered off"));
    s.key("shift+Escape");
    s.key("ctrl+q");
    wait_for("the end", || s.ended().is_some());
    assert_eq!(s.ended(), Some(0));
}
