//! The Kconfig implementation against the kernel's own C program, byte for byte: every file, both outputs, the exit code, and
//! which files were written.
//!
//! A quick share by default; all cases with `KCONFIG_CASES=all`, or those whose name contains a word with `KCONFIG_CASES=word`:
//! `KCONFIG_CASES=all cargo test --release -p bootwright-tests --test kconfig -- --nocapture`. The kernel's source and its C
//! program come from the build of the presets in the shared work folder.

#[path = "kconfig/editing.rs"]
mod editing;

use bootwright_tests::{done, program, shared_work};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

struct Tree {
    source: PathBuf,
    c_conf: PathBuf,
    our_conf: PathBuf,
    memo: PathBuf,
    shim: PathBuf,
    scratch: tempfile::TempDir,
}

fn only(pattern_folder: &Path, inside: &str) -> PathBuf {
    let mut found: Vec<PathBuf> =
        fs::read_dir(pattern_folder).unwrap().map(|e| e.unwrap().path().join(inside)).filter(|p| p.exists()).collect();
    found.sort();
    found
        .pop()
        .unwrap_or_else(|| panic!("nothing in {} has {inside}: run the test `presets` first, as tests/run does", pattern_folder.display()))
}

/// A tree's own configuration program, built beside the presets: the folder that its makefile works in.
fn c_program(name: &str, source: &Path) -> PathBuf {
    // Several tests ask for the same one, and run side by side.
    static MAKING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = shared_work().join("c-conf").join(name);
    if !folder.join("scripts/kconfig/conf").exists() {
        fs::create_dir_all(&folder).unwrap();
        let make = ["-s", "-C", &source.display().to_string(), &format!("O={}", folder.display()), "ARCH=x86_64", "allnoconfig"]
            .map(str::to_owned);
        done(Command::new("make").args(make).stdin(Stdio::null()));
    }
    folder
}

fn tree() -> Tree {
    let work = shared_work();
    let scratch = tempfile::tempdir().unwrap();
    let our_conf = scratch.path().join("conf");
    std::os::unix::fs::symlink(program(), &our_conf).unwrap();
    let shim = scratch.path().join("popen_memo.so");
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("kconfig/popen_memo.c");
    done(Command::new("gcc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&shim).arg(code).arg("-ldl"));
    let memo = scratch.path().join("memo");
    fs::create_dir(&memo).unwrap();
    let source = only(&work.join("sources"), "init/Kconfig").ancestors().nth(2).unwrap().to_path_buf();
    let c_conf = c_program("linux", &source).join("scripts/kconfig/conf");
    Tree { source, c_conf, our_conf, memo, shim, scratch }
}

/// BusyBox's own configuration program, of the 2.6 era, with the files that its makefile generates.
#[test]
fn busyboxs_configuration_is_that_of_its_own_program() {
    let work = shared_work();
    let source = only(&work.join("sources"), "scripts/gen_build_files.sh").ancestors().nth(2).unwrap().to_path_buf();
    let tree = c_program("busybox", &source);
    let scratch = tempfile::tempdir().unwrap();
    let ours = scratch.path().join("conf");
    std::os::unix::fs::symlink(program(), &ours).unwrap();
    let cases: [&[&str]; 7] = [
        &["-n"],
        &["-y"],
        &["-m"],
        &["-d"],
        &["-D", "configs/TEST_nommu_defconfig"],
        &["-D", "configs/android_defconfig"],
        &["-D", "configs/cygwin_defconfig"],
    ];
    for args in cases {
        let left = [tree.join("scripts/kconfig/conf"), ours.clone()].map(|program| {
            let folder = scratch.path().join("run");
            let _ = fs::remove_dir_all(&folder);
            for from in [&source, &tree] {
                for file in files(from).into_iter().filter(|f| f.ends_with("Config.in")) {
                    let to = folder.join(file.strip_prefix(from).unwrap());
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::copy(file, to).unwrap();
                }
            }
            fs::create_dir(folder.join("include")).unwrap();
            let mut command = Command::new(program);
            command.env_clear().env("srctree", &source).env("KERNELVERSION", "1.35").env("KCONFIG_NOTIMESTAMP", "1").env("LC_ALL", "C");
            let output = command.args(args).arg("Config.in").current_dir(&folder).stdin(Stdio::null()).output().unwrap();
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
            let text = |b: Vec<u8>| String::from_utf8_lossy(&b).into_owned();
            (
                output.status.code(),
                text(output.stdout),
                text(output.stderr),
                read(".config"),
                read("include/autoconf.h"),
                read(".kconfig.d"),
            )
        });
        assert_eq!(left[0].0, left[1].0, "{args:?}: exit code");
        assert!(left[0].3.lines().count() > 1000, "{args:?}: the C program wrote no .config");
        assert!(left[0] == left[1], "{args:?} differs");
    }
}

/// The kernel's makefiles with our program where they build their own: the same tree, whatever they are asked for.
#[test]
fn the_kernels_makefiles_do_with_our_program_what_they_do_with_theirs() {
    let source = only(&shared_work().join("sources"), "init/Kconfig").ancestors().nth(2).unwrap().to_path_buf();
    let built = c_program("linux", &source);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("build");
    let dot_config = folder.join(".config");
    let make = |words: &[&str]| {
        let mut command = Command::new("make");
        command.env_clear().envs([("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent"), ("LC_ALL", "C"), ("ARCH", "x86_64")]);
        command.arg("-s").arg("-C").arg(&source).arg(format!("O={}", folder.display())).args(words).stdin(Stdio::null());
        done(&mut command)
    };
    let left = [false, true].map(|ours| {
        let _ = fs::remove_dir_all(&folder);
        // With the times of its files, so that make finds its program up to date.
        done(Command::new("cp").arg("-a").arg(&built).arg(&folder));
        let conf = folder.join("scripts/kconfig/conf");
        if ours {
            fs::remove_file(&conf).unwrap();
            fs::copy(program(), &conf).unwrap();
        }
        for file in ["include/config", "include/generated", ".config", ".config.old"] {
            let _ = fs::remove_dir_all(folder.join(file));
            let _ = fs::remove_file(folder.join(file));
        }
        let mut left = Left::new();
        let mut note = |step: &str| {
            for file in files(&folder).into_iter().filter(|f| !f.starts_with(folder.join("scripts"))) {
                let name = file.strip_prefix(&folder).unwrap().display();
                left.insert(format!("after {step}: {name}"), fs::read(&file).unwrap());
            }
        };
        make(&["defconfig"]);
        note("defconfig");
        // What `make` itself does before it builds anything: it sees an older auto.conf.
        edit(&dot_config, |i, line| Some(if i % 9 == 2 { flipped(line) } else { line.to_owned() }));
        make(&["olddefconfig"]);
        make(&["include/config/kernel.release"]);
        note("make");
        edit(&dot_config, |i, line| (i % 5 != 0).then(|| line.to_owned()));
        let new = make(&["listnewconfig"]).out;
        assert!(new.lines().filter(|l| l.starts_with("CONFIG_")).count() > 100, "{new}");
        make(&["savedefconfig"]);
        note("savedefconfig");
        make(&["tinyconfig"]);
        note("tinyconfig");
        left.insert("listnewconfig".into(), new.into());
        let is_ours = fs::read(&conf).unwrap() == fs::read(program()).unwrap();
        assert_eq!(is_ours, ours, "make has built the program anew");
        left
    });
    for step in ["defconfig", "make", "tinyconfig"] {
        assert!(left[0].keys().any(|k| *k == format!("after {step}: include/config/auto.conf")), "{step}: {:?}", left[0].keys());
    }
    let names: std::collections::BTreeSet<&String> = left[0].keys().chain(left[1].keys()).collect();
    let different: Vec<_> = names.into_iter().filter(|n| left[0].get(*n) != left[1].get(*n)).collect();
    assert!(different.is_empty(), "{different:?}");
}

/// scripts/kconfig/tests, which the kernel's developers run on their own program (make testconfig).
#[test]
fn the_kernels_own_tests_of_its_program_pass_with_ours() {
    let tests = only(&shared_work().join("sources"), "scripts/kconfig/tests");
    let scratch = tempfile::tempdir().unwrap();
    // The tests run what is called so below the current folder.
    let conf = scratch.path().join("scripts/kconfig/conf");
    fs::create_dir_all(conf.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(program(), &conf).unwrap();
    let written =
        |folder: &Path| fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).filter(|p| p.join("__init__.py").exists()).count();
    let folders = written(&tests);
    assert!(folders >= 8, "{folders} folders with tests");
    let mut python = Command::new("/usr/bin/python3"); // which Debian's pytest is of
    // On a copy: the source tree is not written to.
    let copy = scratch.path().join("tests");
    done(Command::new("cp").arg("-r").arg(&tests).arg(&copy));
    python.args(["-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]).arg(&copy).current_dir(scratch.path()).stdin(Stdio::null());
    let ran = done(python.env_remove("PYTEST_ADDOPTS"));
    // `=== 16 passed in 1.20s ===`; what failed or was skipped would stand there too.
    let line = ran.out.lines().last().unwrap_or_default().to_owned();
    let words: Vec<&str> = line.split_whitespace().filter(|w| !w.starts_with('=')).collect();
    let passed: usize = words.first().and_then(|n| n.parse().ok()).unwrap_or_default();
    assert!(passed >= folders && words.get(1) == Some(&"passed") && words.get(2) == Some(&"in"), "{}", ran.out);
}

/// What one program left.
type Left = BTreeMap<String, Vec<u8>>;

impl Tree {
    fn environment(&self, arch: &str) -> Vec<(String, String)> {
        let folder = match arch {
            "x86_64" | "i386" => "x86",
            "sparc32" | "sparc64" => "sparc",
            "parisc64" => "parisc",
            other => other,
        };
        let source = self.source.display().to_string();
        let pairs = [
            ("PATH", "/usr/bin:/bin"),
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("srctree", &source),
            ("ARCH", arch),
            ("SRCARCH", folder),
            ("KERNELVERSION", "6.12"),
            ("CC", "gcc"),
            ("CPP", "gcc -E"),
            ("LD", "ld"),
            ("AR", "ar"),
            ("NM", "nm"),
            ("OBJCOPY", "objcopy"),
            ("OBJDUMP", "objdump"),
            ("STRIP", "strip"),
            ("READELF", "readelf"),
            ("HOSTCC", "gcc"),
            ("HOSTCXX", "g++"),
            ("RUSTC", "rustc"),
            ("BINDGEN", "bindgen"),
            ("PAHOLE", "pahole"),
            ("PYTHON3", "python3"),
            ("CONFIG_SHELL", "/bin/sh"),
            ("CLANG_FLAGS", ""),
            ("CC_VERSION_TEXT", "gcc (fixed)"),
            ("RUSTC_VERSION_TEXT", "rustc (fixed)"),
            ("SUBARCH", "x86"),
            ("HEADER_ARCH", "x86"),
        ];
        pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    /// Runs the steps of a case with one program, in a folder of the same name for both.
    fn run(&self, arch: &str, steps: &str, ours: bool, slot: usize) -> Left {
        let folder = self.scratch.path().join(format!("run{slot}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let mut extra = self.environment(arch);
        let memo = self.memo.join(arch);
        fs::create_dir_all(&memo).unwrap();
        let mut left = Left::new();
        for (i, step) in steps.split('+').enumerate() {
            let config = folder.join(".config");
            let numbers: Vec<usize> = step.split(':').skip(1).filter_map(|n| n.parse().ok()).collect();
            let (mut set, mut args) = (Vec::new(), Vec::new());
            match step.split_once([':', '=']) {
                Some(("env", pair)) => {
                    let (k, v) = pair.split_once('=').unwrap();
                    extra.push((k.into(), v.into()));
                    continue;
                }
                Some(("drop", _)) => {
                    edit(&config, |n, line| (n % numbers[0] != numbers[1]).then(|| line.to_owned()));
                    continue;
                }
                Some(("flip", _)) => {
                    edit(&config, |n, line| Some(if n % numbers[0] == numbers[1] { flipped(line) } else { line.to_owned() }));
                    continue;
                }
                Some(("frag", file)) => {
                    let mut text = fs::read(&config).unwrap();
                    text.extend(fs::read(self.source.join(file)).unwrap());
                    fs::write(&config, text).unwrap();
                    continue;
                }
                Some(("rand", rest)) => {
                    let (seed, odds) = rest.split_once(':').unwrap_or((rest, ""));
                    set.push(("KCONFIG_SEED", seed.to_owned()));
                    if !odds.is_empty() {
                        set.push(("KCONFIG_PROBABILITY", odds.replace('-', ":")));
                    }
                    args.push("--randconfig".to_owned());
                }
                Some(("all", rest)) => {
                    let (file, mode) = rest.split_once(':').unwrap();
                    set.push(("KCONFIG_ALLCONFIG", file.to_owned()));
                    args.push(format!("--{mode}"));
                }
                _ if step == "savedefconfig" => args.push("--savedefconfig=defconfig".into()),
                _ => args.push(format!("--{step}")),
            }
            let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
            for file in files(&folder) {
                fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
            }
            let mut command = Command::new(if ours { &self.our_conf } else { &self.c_conf });
            command.env_clear().envs(extra.iter().cloned()).envs(set).args(args).arg("Kconfig").current_dir(&folder).stdin(Stdio::null());
            if ours {
                command.env("KCONFIG_PROBE_CACHE", memo.join("ours"));
            } else {
                command.env("LD_PRELOAD", &self.shim).env("POPEN_MEMO", &memo);
            }
            let output = command.output().unwrap();
            left.insert(format!("step {i} code"), format!("{:?}", output.status.code()).into());
            left.insert(format!("step {i} stdout"), output.stdout);
            left.insert(format!("step {i} stderr"), output.stderr);
            let touched = files(&folder).into_iter().filter(|f| fs::metadata(f).unwrap().modified().unwrap() > old);
            let touched: String = touched.map(|f| format!("{}\n", f.strip_prefix(&folder).unwrap().display())).collect();
            left.insert(format!("step {i} files written"), touched.into());
        }
        for file in files(&folder) {
            left.insert(file.strip_prefix(&folder).unwrap().display().to_string(), fs::read(&file).unwrap());
        }
        left
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            // A link to a folder, as kbuild's `source`, leads out of the tree.
            match entry.file_type().unwrap().is_dir() {
                true => open.push(path),
                false if path.is_dir() => {}
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Gives each line (from 1) another text, or takes it away.
fn edit(file: &Path, f: impl Fn(usize, &str) -> Option<String>) {
    let text = fs::read_to_string(file).unwrap();
    let lines: Vec<String> = text.lines().enumerate().filter_map(|(i, line)| f(i + 1, line)).collect();
    fs::write(file, lines.join("\n") + "\n").unwrap();
}

fn flipped(line: &str) -> String {
    if let Some(name) = line.strip_suffix("=y").or_else(|| line.strip_suffix("=m")) {
        return format!("{name}=n");
    }
    match line.strip_prefix("# ").and_then(|l| l.strip_suffix(" is not set")) {
        Some(name) => format!("{name}=y"),
        None => line.to_owned(),
    }
}

const TINY: &str = "all:kernel/configs/tiny-base.config:allnoconfig+frag:kernel/configs/tiny.config+olddefconfig";
const CHAINS: [&str; 4] = [
    "rand:7+syncconfig+flip:7:3+olddefconfig+syncconfig+savedefconfig",
    "allmodconfig+syncconfig+mod2yesconfig+yes2modconfig+drop:5:2+listnewconfig+olddefconfig+syncconfig",
    "env:KCONFIG_WARN_UNKNOWN_SYMBOLS=1+allnoconfig+flip:3:1+olddefconfig+mod2noconfig+savedefconfig+helpnewconfig",
    "allnoconfig+drop:5:2+helpnewconfig+oldconfig",
];

fn quick() -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let mut add = |arch: &str, steps: &str| cases.push((arch.to_owned(), steps.to_owned()));
    for arch in ["x86_64", "arm64", "riscv"] {
        for steps in ["allnoconfig", "allyesconfig", "allmodconfig", "alldefconfig", TINY, "rand:1", "rand:102:15-15", "rand:103:60-40-20"]
        {
            add(arch, steps);
        }
    }
    for steps in CHAINS {
        add("x86_64", steps);
    }
    add("x86_64", "oldaskconfig");
    add("um", "allyesconfig");
    for (arch, file) in [
        ("x86_64", "arch/x86/configs/x86_64_defconfig"),
        ("arm", "arch/arm/configs/multi_v7_defconfig"),
        ("arm64", "arch/arm64/configs/defconfig"),
        ("mips", "arch/mips/configs/malta_defconfig"),
        ("powerpc", "arch/powerpc/configs/ppc64_defconfig"),
        ("s390", "arch/s390/configs/defconfig"),
    ] {
        add(arch, &format!("defconfig={file}+savedefconfig"));
    }
    for arch in ["mips", "powerpc", "s390", "sparc64"] {
        add(arch, "rand:9");
    }
    cases
}

/// Every architecture with every kind of case, and all defconfigs.
fn all(source: &Path) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    let folders = fs::read_dir(source.join("arch")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<String> = folders.filter(|f| source.join("arch").join(f).join("Kconfig").exists()).collect();
    folders.sort();
    for folder in folders {
        let names: &[&str] = match folder.as_str() {
            "x86" => &["x86_64", "i386"],
            "sparc" => &["sparc32", "sparc64"],
            "parisc" => &["parisc", "parisc64"],
            other => &[other],
        };
        for arch in names {
            let mut steps: Vec<String> = ["allnoconfig", "allyesconfig", "allmodconfig", "alldefconfig", TINY].map(str::to_owned).into();
            steps.extend((1..=10).map(|seed| format!("rand:{seed}")));
            steps.extend(["rand:101:10", "rand:102:15-15", "rand:103:60-40-20"].map(str::to_owned));
            steps.extend(CHAINS.map(str::to_owned));
            cases.extend(steps.into_iter().map(|s| ((*arch).to_owned(), s)));
        }
        let configs = fs::read_dir(source.join("arch").join(&folder).join("configs")).into_iter().flatten().flatten();
        let mut configs: Vec<PathBuf> = configs.map(|e| e.path()).filter(|p| p.to_string_lossy().ends_with("defconfig")).collect();
        configs.sort();
        for path in configs {
            let file = path.strip_prefix(source).unwrap().display().to_string();
            cases.push((names[0].to_owned(), format!("defconfig={file}")));
        }
    }
    cases
}

#[test]
fn every_output_is_that_of_the_kernels_own_program() {
    let tree = tree();
    let wanted = std::env::var("KCONFIG_CASES").unwrap_or_default();
    let mut cases = if wanted.is_empty() { quick() } else { all(&tree.source) };
    if !wanted.is_empty() && wanted != "all" {
        cases.retain(|(arch, steps)| format!("{arch} {steps}").contains(&wanted));
    }
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get());
    std::thread::scope(|scope| {
        for slot in 0..threads {
            let (tree, cases, next, faults) = (&tree, &cases, &next, &faults);
            scope.spawn(move || {
                while let Some((arch, steps)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (theirs, ours) = (tree.run(arch, steps, false, slot), tree.run(arch, steps, true, slot));
                    let names: std::collections::BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
                    let different: Vec<&&String> = names.iter().filter(|n| theirs.get(**n) != ours.get(**n)).collect();
                    if !different.is_empty() {
                        eprintln!("DIFFERS {arch} {steps}: {different:?}");
                        faults.lock().unwrap().push(format!("{arch} {steps}: {different:?}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    println!("{} of {} cases are the same", cases.len() - faults.len(), cases.len());
    assert!(!cases.is_empty() && faults.is_empty(), "{faults:#?}");
}
