//! The real window on a virtual display, and what happens where there is none.

use bootwright_tests::screen::{Display, wait_for};
use bootwright_tests::{bootwright, run, shared_work};
use std::path::PathBuf;

#[test]
fn the_window_opens_and_shows_each_preset() {
    let display = Display::start();
    for preset in ["mll-2015", "mll-2016", "musl"] {
        let mut studio = display.open(&mut bootwright(&shared_work(), &[preset]));
        let mut picture = PathBuf::new();
        wait_for("the diagram", || {
            picture = display.shot(preset);
            display.colours(&picture) > 100
        });
        let ended = studio.try_wait().unwrap();
        assert!(ended.is_none(), "the window closed by itself: {ended:?}");
        studio.kill().unwrap();
        studio.wait().unwrap();
    }
}

#[test]
fn without_a_display_it_says_so_in_one_line_and_ends_with_2() {
    let dir = tempfile::tempdir().unwrap();
    for display in [None, Some(":4711")] {
        let mut command = bootwright(dir.path(), &[]);
        command.env_remove("WAYLAND_DISPLAY").env_remove("DISPLAY").env_remove("WAYLAND_SOCKET");
        if let Some(display) = display {
            command.env("DISPLAY", display);
        }
        let ran = run(&mut command);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert_eq!(ran.err.trim().lines().count(), 1, "{}", ran.err);
        assert!(ran.err.contains("bootwright: no window can be opened") && ran.err.contains("build P"), "{}", ran.err);
    }
}
