//! The real window on a virtual display, and what happens where there is none.

use bootwright_tests::{bootwright, program, run, shared_work};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// The server names a free display itself, and only once it takes connections: its socket's file is there before that.
    /// Without `-noreset` it begins anew when its last client leaves, and turns away one that comes at that moment.
    fn start() -> Self {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x800x24", "+extension", "GLX", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        BufReader::new(server.stdout.as_mut().expect("a pipe")).read_line(&mut number).expect("Xvfb names its display");
        assert!(!number.trim().is_empty(), "Xvfb ended without a display: {:?}", server.wait());
        Self { server, name: format!(":{}", number.trim()) }
    }

    fn tool(&self, program: &str, args: &[&str]) -> String {
        let out = Command::new(program).args(args).env("DISPLAY", &self.name).output().expect(program);
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// A screenshot, kept under target/e2e-work/shots.
    fn shot(&self, name: &str) -> PathBuf {
        let folder = shared_work().join("shots");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        self.tool("import", &["-window", "root", path.to_str().unwrap()]);
        path
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60); // a guard against hanging, not a measure
    while !done() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How many colours a picture has: an empty window has a handful.
fn colours(display: &Display, picture: &Path) -> usize {
    display.tool("identify", &["-format", "%k", picture.to_str().unwrap()]).parse().unwrap_or(0)
}

#[test]
fn the_window_opens_and_shows_each_preset() {
    let display = Display::start();
    for preset in ["mll-2015", "mll-2016", "musl"] {
        let mut studio = Command::new(program())
            .arg(preset)
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("BOOTWRIGHT_WORK", shared_work())
            .env("XDG_DATA_HOME", shared_work().join("data"))
            .spawn()
            .unwrap();
        wait_for("the window", || {
            assert!(studio.try_wait().unwrap().is_none(), "the studio ended before its window came");
            !display.tool("xdotool", &["search", "--name", "Bootwright"]).is_empty()
        });
        let mut picture = PathBuf::new();
        wait_for("the diagram", || {
            picture = display.shot(preset);
            colours(&display, &picture) > 100
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
