//! What `bootwright config` shows against what is built: the `.config` that the engine's configure step left, and the one
//! that the kernel's own conf makes of the lines that were edited here.
//!
//! With the sources and results that the presets' tests left in the shared work folder.

use bootwright_tests::{bootwright, done, shared_work};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn config(args: &[&str]) -> String {
    let all: Vec<&str> = ["config", "--trust"].iter().chain(args).copied().collect();
    done(&mut bootwright(&shared_work(), &all)).out
}

/// The `.config` as the configure step left it in the store.
fn built(project: &str, component: &str) -> String {
    let args = ["build", project, "--target", component, "--trust", "--events"];
    let ran = done(&mut bootwright(&shared_work(), &args));
    drop(ran);
    let plan: Value =
        serde_json::from_str(&done(&mut bootwright(&shared_work(), &["plan", project, "--target", component, "--json"])).out).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let step = steps.iter().find(|s| s["id"]["component"] == component && s["id"]["step"] == "configure").unwrap();
    fs::read_to_string(step["outputs"]["config"]["path"].as_str().expect("it is built")).unwrap()
}

#[test]
fn what_the_editor_shows_is_what_was_built() {
    let folder = tempfile::tempdir().unwrap();
    for (preset, component) in [("mll-2015", "busybox"), ("mll-2016", "busybox"), ("musl", "busybox"), ("mll-2016", "kernel")] {
        let ours = folder.path().join("ours");
        config(&[preset, component, "save", ours.to_str().unwrap(), "--force"]);
        assert!(built(preset, component) == fs::read_to_string(&ours).unwrap(), "{component} of {preset} differs");
    }
}

#[test]
fn lines_of_a_project_come_out_as_the_editor_says() {
    let folder = tempfile::tempdir().unwrap();
    let (project, ours) = (folder.path().join("mine.ron"), folder.path().join("ours"));
    let (file, ours_name) = (project.to_str().unwrap(), ours.to_str().unwrap());
    config(&["musl", "busybox", "set", "FEATURE_EDITING_HISTORY=77", "WGET=n", "FEATURE_BUFFERS_GO_ON_STACK=y", "--output", file]);
    let text = fs::read_to_string(&project).unwrap();
    assert!(text.contains("# CONFIG_WGET is not set") && text.contains("CONFIG_FEATURE_BUFFERS_GO_ON_STACK=y"), "{text}");
    config(&[file, "busybox", "save", ours_name]);
    assert!(built(file, "busybox") == fs::read_to_string(&ours).unwrap());
}

fn only(pattern_folder: &Path, inside: &str) -> PathBuf {
    let found = fs::read_dir(pattern_folder).unwrap().map(|e| e.unwrap().path()).find(|p| p.join(inside).exists());
    found.unwrap_or_else(|| panic!("nothing in {} has {inside}: run the test `presets` first", pattern_folder.display()))
}

/// A small generator, so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Fifty sessions of twenty edits by chance on the kernel's tree; the kernel's own conf makes the same bytes of the lines.
#[test]
fn edited_lines_give_the_bytes_that_the_kernels_own_conf_gives() {
    let sessions: u64 = std::env::var("CONFIG_SESSIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let source = only(&shared_work().join("sources"), "init/Kconfig");
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<Value> = serde_json::from_str(&config(&["mll-2016", "kernel", "get", "--json"])).unwrap();
    let logical: Vec<&Value> = names.iter().filter(|n| n["type"] == "bool" || n["type"] == "tristate").collect();
    assert!(logical.len() > 10_000);
    let mut edits = 0;
    for session in 0..sessions {
        let mut dice = Dice(session);
        let project = folder.path().join(format!("{session}.ron"));
        let file = project.to_str().unwrap().to_owned();
        let mut open = "mll-2016".to_owned();
        let mut taken = 0;
        while taken < 20 {
            // Sets that are refused are left out; several at once, because each start reads the tree.
            let asked: Vec<&Value> = (0..400).map(|_| logical[dice.roll(logical.len())]).filter(|n| n["asked"] == true).collect();
            let words: Vec<String> = asked
                .iter()
                .map(|n| format!("{}={}", n["name"].as_str().unwrap(), if n["value"] == "n" { "y" } else { "n" }))
                .take(20 - taken)
                .collect();
            let mut args = vec![open.as_str(), "kernel", "set", "--skip-refused", "--json"];
            args.extend(words.iter().map(String::as_str));
            args.extend(["--output", file.as_str()]);
            let said: Value = serde_json::from_str(&config(&args)).unwrap();
            taken += said["taken"].as_u64().unwrap() as usize;
            open = file.clone();
        }
        edits += taken;
        let (ours, answers, theirs) = (folder.path().join("ours"), folder.path().join("answers"), folder.path().join("theirs"));
        config(&[&file, "kernel", "save", ours.to_str().unwrap(), "--force"]);
        let own: Value = serde_json::from_str(&config(&[&file, "kernel", "diff", "--json"])).unwrap();
        let small = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../presets/config/kernel-small.config")).unwrap();
        fs::write(&answers, format!("{small}{}", own["lines"].as_str().unwrap())).unwrap();
        let _ = fs::create_dir(&theirs);
        let mut make = Command::new("make");
        make.env_clear().envs([("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C"), ("HOME", "/")]);
        let allconfig = format!("KCONFIG_ALLCONFIG={}", answers.display());
        make.args(["-s", "-C"]).arg(&source).arg(format!("O={}", theirs.display())).args(["ARCH=x86_64", &allconfig, "allnoconfig"]);
        done(make.stdin(Stdio::null()));
        let (a, b) = (fs::read_to_string(&ours).unwrap(), fs::read_to_string(theirs.join(".config")).unwrap());
        assert!(a == b, "session {session} differs with these lines:\n{}", own["lines"].as_str().unwrap());
    }
    eprintln!("{sessions} sessions, {edits} edits: the same bytes");
}

#[test]
fn why_fix_search_load_and_save_say_what_they_did() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("mine.ron");
    let file = project.to_str().unwrap();
    let found = config(&["mll-2016", "kernel", "search", "intel", "pro/1000"]);
    assert!(found.lines().any(|l| l.contains("E1000=")), "{found}");
    let why: Value = serde_json::from_str(&config(&["mll-2016", "kernel", "why", "USB_STORAGE", "--json"])).unwrap();
    assert_eq!((why["value"].as_str(), why["kind"].as_str()), (Some("n"), Some("tristate")));
    let yes = why["values"].as_array().unwrap().iter().find(|v| v["value"] == "y").unwrap();
    assert!(!yes["blocked"].as_array().unwrap().is_empty(), "{why:#}");
    let fixed = config(&["mll-2016", "kernel", "fix", "USB_STORAGE", "--apply", "1", "--output", file]);
    assert!(fixed.contains("USB_STORAGE: n became y"), "{fixed}");
    assert!(config(&[file, "kernel", "get", "USB_STORAGE"]).contains("USB_STORAGE=y"));
    // Its `.config`, taken over by another project, is the same again.
    let (first, second, other) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("other.ron"));
    config(&[file, "kernel", "save", first.to_str().unwrap()]);
    let mut noisy = fs::read(&first).unwrap();
    noisy.extend(b"CONFIG_NO_SUCH_THING=y\nCONFIG_HZ=often\n\xff\xfe\x00\n");
    fs::write(&first, noisy).unwrap();
    let args = ["config", "mll-2016", "kernel", "load", first.to_str().unwrap(), "--output", other.to_str().unwrap()];
    let ran = done(&mut bootwright(&shared_work(), &args));
    for part in ["there is no symbol NO_SUCH_THING", "`often` is no integer value", "this is no line of a configuration"] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    config(&[other.to_str().unwrap(), "kernel", "save", second.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&fs::read(&first).unwrap()).into_owned();
    assert!(text.starts_with(&fs::read_to_string(&second).unwrap()), "what was loaded is not what was saved");
    // Not replaced unasked.
    let refused = bootwright(&shared_work(), &["config", file, "kernel", "save", first.to_str().unwrap()]).output().unwrap();
    assert!(!refused.status.success() && fs::read(&first).unwrap().ends_with(b"\x00\n"));
}
