//! What the end-to-end tests share: the built program, and a work folder that the tests of one run have in common.
//!
//! These tests run the real program on real sources, one after the other (`--test-threads=1`): two cores compile one
//! layout at a time. `tests/run` builds the program first.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on says so

pub mod screen;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

/// `target/release/bootwright`, beside this test's own program.
pub fn program() -> PathBuf {
    let me = std::env::current_exe().expect("this test has a path");
    let path = me.ancestors().nth(2).expect("tests lie in target/release/deps").join("bootwright");
    assert!(path.exists(), "{} is not built; run tests/run, or cargo build --release first", path.display());
    path
}

/// Sources and results of all presets, kept between tests so that the kernel is compiled once.
pub fn shared_work() -> PathBuf {
    let path = program().ancestors().nth(2).expect("the target folder").join("e2e-work");
    std::fs::create_dir_all(&path).expect("the target folder can be written");
    path
}

/// The newest source of a kind that the presets unpacked: the folder that has `inside`.
pub fn unpacked(inside: &str) -> PathBuf {
    let sources = shared_work().join("sources");
    let entries =
        fs::read_dir(&sources).unwrap_or_else(|e| panic!("{}: {e}; run the test `presets` first, as tests/run does", sources.display()));
    let mut found: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).filter(|p| p.join(inside).exists()).collect();
    found.sort();
    let last = found.pop().unwrap_or_else(|| panic!("nothing in {} has {inside}: run the test `presets` first", sources.display()));
    fs::canonicalize(last).unwrap()
}

/// What make is started with, and Kconfig asked in.
pub const ENVIRONMENT: [(&str, &str); 3] = [("PATH", "/usr/bin:/bin"), ("HOME", "/"), ("LC_ALL", "C")];

/// A kernel with the small configuration of the presets, built once in the shared work folder: some six minutes on two cores.
/// Its source is a tree of links that can be replaced one by one, so that no test touches what others use.
pub fn small_kernel() -> PathBuf {
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    // Makefiles note where they work without symbolic links.
    let folder = fs::canonicalize(shared_work()).unwrap().join("kbuild");
    let (links, built) = (folder.join("source"), folder.join("small"));
    if !built.join("arch/x86/boot/bzImage").exists() {
        fs::create_dir_all(&folder).unwrap();
        if !links.exists() {
            done(Command::new("cp").arg("-as").arg(unpacked("init/Kconfig")).arg(&links));
        }
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../presets/config/kernel-small.config");
        for goal in ["allnoconfig", "bzImage"] {
            let mut make = Command::new("make");
            make.env_clear().envs(ENVIRONMENT).stdin(Stdio::null());
            make.env("KCONFIG_ALLCONFIG", &config).args(["-s", "-j2", "ARCH=x86_64", goal]);
            done(make.arg("-C").arg(&links).arg(format!("O={}", built.display())));
        }
    }
    built
}

pub fn bootwright(work: &Path, args: &[&str]) -> Command {
    let mut c = Command::new(program());
    // What the program remembers of its user is not the user's who runs the tests.
    c.args(args).env("BOOTWRIGHT_WORK", work).env("XDG_DATA_HOME", work.join("data")).stdin(std::process::Stdio::null());
    c
}

pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |b: Vec<u8>| String::from_utf8_lossy(&b).into_owned();
    Ran { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
}

/// Runs and expects exit code 0.
pub fn done(command: &mut Command) -> Ran {
    let ran = run(command);
    assert_eq!(ran.code, 0, "{command:?}\n--- stdout\n{}\n--- stderr\n{}", ran.out, ran.err);
    ran
}

/// Builds a project and gives its events.
pub fn build(work: &Path, args: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["build"].iter().chain(args).chain(&["--events"]).copied().collect();
    let ran = done(&mut bootwright(work, &all));
    eprintln!("{}", ran.err);
    ran.out.lines().map(|l| serde_json::from_str(l).expect("every line is JSON")).collect()
}

/// `component/step` of every step that ran.
pub fn started(events: &[Value]) -> Vec<String> {
    let step = |e: &Value| {
        let id = &e.get("StepStarted")?["step"];
        Some(format!("{}/{}", id["component"].as_str()?, id["step"].as_str()?))
    };
    events.iter().filter_map(step).collect()
}

/// Path and hash of an artifact.
pub fn artifact(events: &[Value], component: &str, output: &str) -> (PathBuf, String) {
    let found = events.iter().filter_map(|e| e.get("ArtifactReady")).find(|a| a["step"]["component"] == component && a["output"] == output);
    let a = found.unwrap_or_else(|| panic!("no artifact {component}.{output}"));
    (a["path"].as_str().expect("a path").into(), a["artifact"]["hash"].as_str().expect("a hash").into())
}

/// What a reference tool prints.
pub fn tool(program: &str, args: &[&str]) -> String {
    let ran = done(Command::new(program).args(args).env("LC_ALL", "C"));
    ran.out
}
