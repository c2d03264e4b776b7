//! From a preset over a mistake to a saved project.
//!
//! It goes on where the presets' tests left off: the kernel in the work folder is used again.

use crate::{MINUTES, studio};
use bootwright_tests::screen::{Screen, wait_at_most, wait_for};
use bootwright_tests::{bootwright, done, shared_work};
use std::time::{SystemTime, UNIX_EPOCH};

#[test]
fn from_a_preset_over_a_mistake_to_a_saved_project() {
    // What the story goes on from; where the presets' tests ran before, nothing is left to do.
    done(&mut bootwright(&shared_work(), &["build", "musl"]));
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.ron");
    let mut s = Screen::start(&home.path().join("run"));

    // A new project.
    s.open(&mut studio(home.path()));
    s.get("Preset Minimal Linux with musl, static");
    s.keep("start");
    s.click("Preset Minimal Linux with musl, static");
    s.get("Component BusyBox: up to date");
    s.get("all is up to date");
    s.keep("preset");

    // A wire is moved to the host's headers, and the plan says what that would rebuild; then it is taken back.
    s.click("Add a component");
    s.get("Search recipes");
    s.write("host kernel");
    s.key("Return");
    s.get("Host part Host kernel headers");
    s.drag("Need kernel headers of BusyBox", "Output kernel headers headers of Host kernel headers");
    s.get("Wire kernel headers from Host kernel headers to BusyBox");
    s.get("Component BusyBox: out of date");
    s.keep("wire-moved");
    s.key("ctrl+z");
    s.get("Wire kernel headers from Kernel headers to BusyBox");
    s.get("Component BusyBox: up to date");
    s.key("ctrl+z");
    wait_for("the box to go", || !s.sees("Host kernel headers:"));

    // A mistake: the build fails, and its first error is found in the log.
    s.click("Component BusyBox");
    s.click("Configuration lines");
    s.write("CONFIG_EXTRA_CFLAGS=\"-include no-such-header.h\"");
    s.key("ctrl+Return");
    s.get("Component BusyBox: out of date");
    s.command("Build");
    s.get_within(5 * MINUTES, "Component BusyBox: failed");
    s.keep("failed");
    s.click("Page Log");
    s.click("First error");
    wait_for("the line of the error", || s.sees("no-such-header.h: No such file or directory"));
    s.keep("first-error");

    // Mended. A length that no run before has built, so that there is something to see.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mended = format!("CONFIG_FEATURE_EDITING_HISTORY={}", 100 + seconds % 9000);
    s.click("Dismiss");
    s.click("Configuration lines");
    s.key("ctrl+a");
    s.write(&mended);
    s.key("ctrl+Return");
    s.command("Build");
    wait_at_most(5 * MINUTES, "progress on the box", || s.find("Component BusyBox: running").is_some_and(|n| n.name.contains("object")));
    s.keep("building");
    s.get_within(5 * MINUTES, "Component ISO image: done");
    s.keep("built");

    // Saved, closed, and opened again from the start page: it is the same.
    s.key("ctrl+s");
    s.get("Path of the project file");
    s.key("ctrl+a");
    s.write(file.to_str().unwrap());
    s.key("Return");
    s.get("Saved to");
    s.key("ctrl+q");
    wait_for("the end", || s.ended().is_some());
    assert_eq!(s.ended(), Some(0));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(&mended) && !text.contains("no-such-header"), "{text}");
    let plan = done(&mut bootwright(&shared_work(), &["plan", file.to_str().unwrap()]));
    assert!(plan.out.contains("0 will run, 0 may run"), "{}", plan.out);

    s.open(&mut studio(home.path()));
    s.click("mine");
    s.get("Component ISO image: up to date");
    s.keep("opened-again");
    s.key("ctrl+q");
    wait_for("the end", || s.ended().is_some());
    assert_eq!(s.ended(), Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "looking at it changes nothing");
}
