//! Sessions of an editor on real trees: twenty edits by chance, some taken back, and in the end the tree's own program makes
//! the same `.config` of what is left of them.
//!
//! A few sessions by default; fifty of each tree with `KCONFIG_CASES=all`.

use super::{Tree, c_program, files, only};
use bootwright_kconfig::probes::{Probes, read_side_by_side};
use bootwright_kconfig::rand::Rand;
use bootwright_kconfig::{Dialect, NodeId, Reading, Solver, Stamp, SymId, SymbolKind, System, finish};
use bootwright_tests::shared_work;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const EDITS: usize = 20;

fn sessions(some: u32) -> u32 {
    if std::env::var("KCONFIG_CASES").is_ok_and(|c| c == "all") { 50 } else { some }
}

/// What a symbol may be answered with, by chance; every few times something that it refuses.
fn text_for(solver: &mut Solver, s: SymId, rand: &mut Rand) -> String {
    let n = rand.next();
    match solver.tree.symbol(s).kind {
        SymbolKind::Bool | SymbolKind::Tristate => ["n", "m", "y"][n as usize % 3].to_owned(),
        SymbolKind::String => format!("a \"{n}\" \\ b"),
        kind => {
            let number = |text: &str| match text.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).unwrap_or(0),
                None => text.parse().unwrap_or(0),
            };
            let (low, high) = match solver.range(s) {
                Some((low, high)) => (number(solver.value_text(low)), number(solver.value_text(high))),
                None => (0, 5000),
            };
            let value = low + i64::from(n) % (high - low + 2).max(1);
            if kind == SymbolKind::Hex { format!("{value:#x}") } else { value.to_string() }
        }
    }
}

/// Edits what is asked in the menus, until so many edits have changed something.
/// Members of choices stay as they are in BusyBox's tree: its program takes no answer of a choice that is added to another.
fn session(solver: &mut Solver, rand: &mut Rand) {
    let nodes: Vec<NodeId> = solver.tree.descendants(NodeId::ROOT).collect();
    let (mut edits, mut steps) = (0, Vec::new());
    while edits < EDITS {
        let node = nodes[rand.next() as usize % nodes.len()];
        let row = solver.row(node);
        let Some(s) = row.symbol.filter(|s| row.visible && !solver.tree.symbol(*s).choice) else { continue };
        if solver.tree.dialect.busybox && solver.choice_of(s).is_some() {
            continue;
        }
        let made = match rand.next() % 8 {
            0 => steps.pop().map(|step| solver.undo(step)),
            1 => Some(solver.unset(s)),
            _ => {
                let text = text_for(solver, s, rand);
                solver.set(s, &text).ok()
            }
        };
        let Some((changes, back)) = made else { continue };
        steps.push(back);
        edits += usize::from(!changes.is_empty());
    }
}

/// The lines of two texts that differ, the first few.
fn difference(ours: &str, theirs: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let ours = a.iter().filter(|l| !b.contains(l)).take(6).map(|l| format!("\n  ours   {l}"));
    let theirs = b.iter().filter(|l| !a.contains(l)).take(6).map(|l| format!("\n  theirs {l}"));
    ours.chain(theirs).collect()
}

/// The lines of a base and of what an editor keeps beside it.
fn with_fragment(solver: &mut Solver, base: &str) -> String {
    let found = solver.fragment(base);
    let missed: Vec<&str> = found.missed.iter().map(|s| solver.tree.name(*s)).collect();
    assert!(missed.is_empty(), "no answer gives {missed:?}");
    format!("{base}\n{}\n", found.lines.join("\n"))
}

#[test]
fn edits_of_the_kernels_configuration_come_to_what_its_program_makes_of_them() {
    let tree = super::tree();
    let folder = tree.scratch.path().join("session");
    fs::create_dir(&folder).unwrap();
    let environment = tree.environment("x86_64");
    let mut probes = Probes::default();
    let memo = tree.memo.join("session");
    fs::create_dir(&memo).unwrap();
    for number in 1..=sessions(4) {
        let start = match number % 3 {
            0 => "--allnoconfig".to_owned(),
            1 => "--defconfig=arch/x86/configs/x86_64_defconfig".to_owned(),
            _ => "--randconfig".to_owned(),
        };
        let theirs = |how: &str| their_config(&tree, &folder, &memo, &environment, how, number);
        let _ = fs::remove_file(folder.join(".config"));
        let base = theirs(&start);
        let system = System { environment: environment.iter().cloned().collect(), folder: folder.clone() };
        let reading = Reading::new("Kconfig", &folder, Some(tree.source.clone()), Dialect::detect(&tree.source));
        let mut read = read_side_by_side(&reading, &system, &mut probes);
        finish(&mut read);
        let mut solver = Solver::new(read);
        solver.read_answers(".config", &base, false);
        solver.forget();
        assert_eq!(solver.dot_config(), base, "{start} before any edit");
        session(&mut solver, &mut Rand::new(number));
        fs::write(folder.join(".config"), with_fragment(&mut solver, &base)).unwrap();
        let (ours, theirs) = (solver.dot_config(), theirs("--olddefconfig"));
        assert!(ours == theirs, "session {number} from {start}: {}", difference(&ours, &theirs));
    }
}

fn their_config(tree: &Tree, folder: &Path, memo: &Path, environment: &[(String, String)], how: &str, seed: u32) -> String {
    let mut command = Command::new(&tree.c_conf);
    command.env_clear().envs(environment.iter().cloned()).env("KCONFIG_SEED", seed.to_string());
    command.env("LD_PRELOAD", &tree.shim).env("POPEN_MEMO", memo).stdin(Stdio::null());
    let output = command.arg(how).arg("Kconfig").current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{how}: {}", String::from_utf8_lossy(&output.stderr));
    fs::read_to_string(folder.join(".config")).unwrap()
}

#[test]
fn edits_of_busyboxs_configuration_come_to_what_its_program_makes_of_them() {
    let source = only(&shared_work().join("sources"), "scripts/gen_build_files.sh").ancestors().nth(2).unwrap().to_path_buf();
    let built = c_program("busybox", &source);
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path();
    for from in [&source, &built] {
        for file in files(from).into_iter().filter(|f| f.ends_with("Config.in")) {
            let to = folder.join(file.strip_prefix(from).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(file, to).unwrap();
        }
    }
    fs::create_dir(folder.join("include")).unwrap();
    let theirs = |args: &[&str]| {
        let mut command = Command::new(built.join("scripts/kconfig/conf"));
        command.env_clear().env("srctree", &source).env("KERNELVERSION", "1").env("KCONFIG_NOTIMESTAMP", "1").env("LC_ALL", "C");
        let output = command.args(args).arg("Config.in").current_dir(folder).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(folder.join(".config")).unwrap()
    };
    let stamp = Stamp { version: "1", time: None };
    for number in 1..=sessions(10) {
        let base = theirs(&[["-n", "-y", "-d"][number as usize % 3]]);
        let reading = Reading::new("Config.in", folder, Some(source.clone()), Dialect::busybox());
        let mut read = bootwright_kconfig::read(&reading, &mut System::default());
        finish(&mut read);
        let mut solver = Solver::new(read);
        solver.read_answers(".config", &base, false);
        solver.forget();
        session(&mut solver, &mut Rand::new(number));
        let answers = with_fragment(&mut solver, &base);
        // Its program keeps the first answer of a symbol, not the last.
        let mut seen = std::collections::HashSet::new();
        let last_first: Vec<&str> = answers.lines().rev().filter(|line| name_of(line).is_none_or(|n| seen.insert(n))).collect();
        fs::write(folder.join("given"), last_first.into_iter().rev().collect::<Vec<_>>().join("\n") + "\n").unwrap();
        let theirs = theirs(&["-D", "given"]);
        let ours = solver.busybox_config(stamp);
        assert!(ours == theirs, "session {number}: {}", difference(&ours, &theirs));
    }
}

/// The symbol that a line of `.config` is about.
fn name_of(line: &str) -> Option<&str> {
    line.trim_start_matches("# ").strip_prefix("CONFIG_")?.split(['=', ' ']).next()
}
