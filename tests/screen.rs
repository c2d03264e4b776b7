//! The real window on a virtual display, as a user has it: what is on it is found in the accessibility tree (AT-SPI, what a
//! screen reader reads), and mouse and keyboard are moved by xdotool.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zbus::blocking::{Connection, Proxy, connection::Builder};
use zbus::zvariant::OwnedObjectPath;

/// A program that ends with the test.
struct Helper(Child);

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Helper {
    /// Starts it, and reads the one line by which it says where it is reached.
    fn start(command: &mut Command) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("it says where it is");
        assert!(!line.trim().is_empty(), "{command:?} ended at once: {:?}", child.wait());
        (Self(child), line.trim().to_owned())
    }
}

pub struct Display {
    _server: Helper,
    pub name: String,
    shots: PathBuf,
}

impl Display {
    /// The server names a free display itself, and only once it takes connections: its socket's file is there before that.
    /// Without `-noreset` it begins anew when its last client leaves, and turns away one that comes at that moment.
    pub fn start() -> Self {
        let args = ["-displayfd", "1", "-screen", "0", "1280x800x24", "+extension", "GLX", "-nolisten", "tcp", "-noreset"];
        let (server, number) = Helper::start(Command::new("Xvfb").args(args));
        let shots = crate::shared_work().join("shots");
        std::fs::create_dir_all(&shots).unwrap();
        Self { _server: server, name: format!(":{number}"), shots }
    }

    pub fn tool(&self, program: &str, args: &[&str]) -> String {
        let out = Command::new(program).args(args).env("DISPLAY", &self.name).output().expect(program);
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// Starts the studio here, and waits for its window.
    pub fn open(&self, command: &mut Command) -> Child {
        let mut studio = command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY").spawn().expect("the studio starts");
        wait_for("the window", || {
            assert!(studio.try_wait().unwrap().is_none(), "the studio ended before its window came");
            !self.tool("xdotool", &["search", "--name", "Bootwright"]).is_empty()
        });
        studio
    }

    /// A screenshot, kept under target/e2e-work/shots.
    pub fn shot(&self, name: &str) -> PathBuf {
        let path = self.shots.join(format!("{name}.png"));
        self.tool("import", &["-window", "root", path.to_str().unwrap()]);
        path
    }

    /// How many colours a picture has: an empty window has a handful.
    pub fn colours(&self, picture: &Path) -> usize {
        self.tool("identify", &["-format", "%k", picture.to_str().unwrap()]).parse().unwrap_or(0)
    }
}

pub fn wait_for(what: &str, done: impl FnMut() -> bool) {
    wait_at_most(60, what, done);
}

/// The limit is a guard against hanging, not a measure.
pub fn wait_at_most(seconds: u64, what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < end, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Something on the screen that has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub name: String,
    /// x, y, width and height on the screen.
    pub place: (i32, i32, i32, i32),
}

impl Node {
    pub fn centre(&self) -> (i32, i32) {
        (self.place.0 + self.place.2 / 2, self.place.1 + self.place.3 / 2)
    }
}

/// A display with a window manager and the accessibility bus, and the studio on it.
pub struct Screen {
    pub display: Display,
    _manager: Helper,
    _session: Helper,
    address: String,
    accessibility: Connection,
    studio: Option<Child>,
    shot: usize,
}

impl Screen {
    /// `folder` is for the session's own files.
    pub fn start(folder: &Path) -> Self {
        let display = Display::start();
        // The bus's sockets lie below it; they may not be readable by others.
        std::fs::create_dir_all(folder).unwrap();
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        // The services that the bus starts get its environment.
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--print-address", "--nofork"]).env("DISPLAY", &display.name).env("XDG_RUNTIME_DIR", folder);
        let (session, address) = Helper::start(&mut daemon);
        let bus = Builder::address(address.as_str()).unwrap().build().expect("the session bus");
        let status = Proxy::new(&bus, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status").unwrap();
        status.set_property("ScreenReaderEnabled", true).expect("accessibility is switched on");
        let at: String = Proxy::new(&bus, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus").unwrap().call("GetAddress", &()).unwrap();
        let accessibility = Builder::address(at.as_str()).unwrap().build().expect("the accessibility bus");
        let manager = Command::new("openbox").env("DISPLAY", &display.name).stderr(Stdio::null()).spawn().expect("openbox");
        Self { display, _manager: Helper(manager), _session: session, address, accessibility, studio: None, shot: 0 }
    }

    pub fn open(&mut self, command: &mut Command) {
        self.studio = Some(self.display.open(command.env("DBUS_SESSION_BUS_ADDRESS", &self.address)));
        let window = self.display.tool("xdotool", &["search", "--onlyvisible", "--name", "Bootwright"]);
        self.display.tool("xdotool", &["windowactivate", "--sync", window.lines().next().unwrap_or_default()]);
        // The first frames take long while the display's shaders are compiled, and the window manager may still move the window:
        // nobody clicks before there is something to see.
        let mut before = Vec::new();
        wait_for("a window that rests", || {
            std::thread::sleep(Duration::from_millis(300));
            let now = self.nodes();
            let rests = now.len() > 20 && now == before;
            before = now;
            rests
        });
    }

    /// How the studio ended, if it did.
    pub fn ended(&mut self) -> Option<i32> {
        let status = self.studio.as_mut()?.try_wait().unwrap()?;
        Some(status.code().unwrap_or(-1))
    }

    /// All that is on the window, in reading order. Nodes that go away meanwhile are left out.
    pub fn nodes(&self) -> Vec<Node> {
        let mut all = Vec::new();
        self.walk("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", &mut all);
        all
    }

    fn walk(&self, bus: &str, path: &str, all: &mut Vec<Node>) {
        let proxy = |interface| Proxy::new(&self.accessibility, bus.to_owned(), path.to_owned(), interface).unwrap();
        let accessible = proxy("org.a11y.atspi.Accessible");
        let name: String = accessible.get_property("Name").unwrap_or_default();
        if !name.is_empty()
            && let Ok((place,)) = proxy("org.a11y.atspi.Component").call::<_, _, ((i32, i32, i32, i32),)>("GetExtents", &(0_u32,))
        {
            all.push(Node { name, place });
        }
        let children: Vec<(String, OwnedObjectPath)> = accessible.call("GetChildren", &()).unwrap_or_default();
        for (bus, path) in children {
            self.walk(&bus, path.as_str(), all);
        }
    }

    /// The first one whose name begins so.
    pub fn find(&self, name: &str) -> Option<Node> {
        let all = self.nodes();
        all.iter().find(|n| n.name == name).or_else(|| all.iter().find(|n| n.name.starts_with(name))).cloned()
    }

    pub fn sees(&self, part: &str) -> bool {
        self.nodes().iter().any(|n| n.name.contains(part))
    }

    /// Waits until it is there.
    pub fn get(&mut self, name: &str) -> Node {
        self.get_within(60, name)
    }

    pub fn get_within(&mut self, seconds: u64, name: &str) -> Node {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            if let Some(node) = self.find(name) {
                return node;
            }
            if Instant::now() > end || self.ended().is_some() {
                let picture = self.display.shot("missing");
                let names: Vec<String> = self.nodes().into_iter().map(|n| n.name).collect();
                panic!("“{name}” is not on the window ({}); what is: {names:#?}", picture.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Where it is once it rests: what was done before may still move it, as a person sees too.
    fn resting(&mut self, name: &str) -> (i32, i32) {
        let mut before = self.get(name).centre();
        loop {
            std::thread::sleep(Duration::from_millis(150));
            let now = self.get(name).centre();
            if now == before {
                return now;
            }
            before = now;
        }
    }

    fn xdotool(&self, args: &[&str]) {
        self.display.tool("xdotool", args);
    }

    fn point_at(&self, (x, y): (i32, i32)) {
        self.xdotool(&["mousemove", "--sync", &x.to_string(), &y.to_string()]);
    }

    pub fn click(&mut self, name: &str) {
        let at = self.resting(name);
        self.point_at(at);
        std::thread::sleep(Duration::from_millis(60));
        // A person does not press and let go within one frame, nor takes as long for it as a second process may to start.
        self.xdotool(&["mousedown", "1", "sleep", "0.04", "mouseup", "1"]);
    }

    /// From the middle of one to the middle of the other.
    pub fn drag(&mut self, from: &str, to: &str) {
        let ((x0, y0), (x1, y1)) = (self.resting(from), self.resting(to));
        self.point_at((x0, y0));
        self.xdotool(&["mousedown", "1"]);
        for k in 1..=10 {
            std::thread::sleep(Duration::from_millis(20));
            self.point_at((x0 + (x1 - x0) * k / 10, y0 + (y1 - y0) * k / 10));
        }
        std::thread::sleep(Duration::from_millis(100));
        self.xdotool(&["mouseup", "1"]);
    }

    /// Such as `ctrl+s`.
    pub fn key(&self, keys: &str) {
        self.xdotool(&["key", keys]);
    }

    pub fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", "15", text]);
    }

    /// A command by its name, through the palette.
    pub fn command(&mut self, name: &str) {
        self.key("ctrl+p");
        self.get("Search the commands");
        self.write(name);
        self.key("Return");
    }

    /// A numbered screenshot.
    pub fn keep(&mut self, name: &str) {
        self.shot += 1;
        self.display.shot(&format!("studio-{:02}-{name}", self.shot));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.display.shot("failed-test");
        }
        if let Some(mut studio) = self.studio.take() {
            let _ = studio.kill();
            let _ = studio.wait();
        }
    }
}
