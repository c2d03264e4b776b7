//! The options of the kernel: one changed by search, one that is blocked and made possible by a fix, and both taken back.

use crate::{MINUTES, studio};
use bootwright_tests::screen::{Screen, wait_at_most, wait_for};
use bootwright_tests::shared_work;

#[test]
fn an_option_found_by_search_and_a_blocked_one_mended() {
    assert!(shared_work().join("sources").is_dir(), "run the test `presets` first, as tests/run does");
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.config");
    let mut s = Screen::start(&home.path().join("run"));
    s.open(&mut studio(home.path()));
    s.click("Preset Minimal Linux Live, since 03-Apr-2016");
    s.click("Component Linux kernel");
    s.click("All options…");
    s.get("Menu: General setup");
    s.keep("config-menus");

    // By search: an option that is on is switched off, and the plan says what that would rebuild.
    s.click("Search the options");
    s.write("hostname");
    s.get("Option DEFAULT_HOSTNAME: Default hostname, minimal");
    s.keep("config-search");
    s.key("ctrl+a");
    s.write("rd_gzip");
    s.get("Option RD_GZIP:");
    s.key("Return");
    s.key("n");
    wait_for("the change", || s.find("Option RD_GZIP:").is_some_and(|n| n.name.ends_with(", n, changed")));
    s.get("A build would make: Linux kernel");
    s.keep("config-changed");

    // One that is blocked: why, and what makes it possible.
    s.key("slash");
    // A person sees the field take the keyboard.
    std::thread::sleep(std::time::Duration::from_millis(700));
    s.key("ctrl+a");
    s.write("usb_storage");
    s.get("Option USB_STORAGE:");
    s.key("Return");
    wait_for("the reason", || s.sees("USB_STORAGE cannot be y:"));
    s.keep("config-blocked");
    s.click("Find what would make USB_STORAGE y");
    s.get("Apply fix 1");
    s.keep("config-fixes");
    s.click("Apply fix 1");
    wait_for("the fix", || s.find("Option USB_STORAGE:").is_some_and(|n| n.name.ends_with(", y, changed")));
    s.keep("config-fixed");

    // Both are taken back, one after the other.
    s.key("ctrl+z");
    wait_for("the way back", || s.find("Option USB_STORAGE:").is_some_and(|n| n.name.ends_with(", n")));
    s.key("ctrl+z");
    s.click("Only what differs");
    wait_for("no difference", || !s.sees(", changed"));
    s.click("Only what differs");

    // What would be built is written to a file, and one that somebody else changed is not replaced unasked.
    s.click("Export as .config");
    s.click("Path to save to");
    s.key("ctrl+a");
    s.write(file.to_str().unwrap());
    s.key("Return");
    wait_for("the file", || file.exists());
    assert!(std::fs::read_to_string(&file).unwrap().contains("CONFIG_RD_GZIP=y\n"));
    std::fs::write(&file, "theirs\n").unwrap();
    s.click("Export as .config");
    s.click("Path to save to");
    s.key("ctrl+a");
    s.write(file.to_str().unwrap());
    s.key("Return");
    wait_for("the refusal", || s.sees("was changed by another program"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "theirs\n");
    s.keep("config-not-replaced");

    // BusyBox beside it.
    s.click("Configure BusyBox");
    s.get("Menu: Settings");
    s.keep("config-busybox");

    // One of its options changed and built: BusyBox and what is packed from it, and not the kernel.
    s.click("Search the options");
    s.key("ctrl+a");
    s.write("feature_editing_vi");
    s.get("Option FEATURE_EDITING_VI:");
    s.key("Return");
    s.key("y");
    wait_for("the change", || s.find("Option FEATURE_EDITING_VI:").is_some_and(|n| n.name.ends_with(", y, changed")));
    // Where this story was played before, the store has what it would make.
    wait_for("the plan", || s.sees("A build would make: BusyBox, ") || s.sees("A build would change nothing."));
    s.click("Page Diagram");
    s.get("Component Linux kernel: up to date");
    s.command("Build");
    // Done, or taken from the store where this story was played before.
    wait_at_most(5 * MINUTES, "the image", || ["Component ISO image: done", "Component ISO image: up to date"].iter().any(|n| s.sees(n)));
    s.keep("config-built");
    s.get("Component Linux kernel: up to date");
    s.key("ctrl+q");
}
