//! What a kernel's tree costs: `cargo bench -p bootwright-kconfig -- TREE [ARCH]`, in milliseconds of the clock.
//!
//! The shell's answers are remembered in target/kernel-probes, so that from the second run on no process is started.
//! tests/kconfig/speed runs this beside the C program.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use bootwright_kconfig::probes::{Probes, read_side_by_side};
use bootwright_kconfig::rand::Rand;
use bootwright_kconfig::{Dialect, Reading, Solver, SymId, SymbolKind, System, finish};
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1e3
}

/// Median, 95 % and worst.
fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("median {:.3}, 95 % {:.3}, worst {:.3} ({} times)", at(0.5), at(0.95), at(1.0), times.len())
}

fn system(tree: &str, arch: &str) -> System {
    let folder = match arch {
        "x86_64" | "i386" => "x86",
        other => other,
    };
    let mut system = System::current();
    let set = [("srctree", tree), ("ARCH", arch), ("SRCARCH", folder), ("KERNELVERSION", "6"), ("CC", "gcc"), ("LD", "ld"), ("NM", "nm")];
    system.environment.extend(set.map(|(k, v)| (k.to_owned(), v.to_owned())));
    for (k, v) in [("RUSTC", "rustc"), ("BINDGEN", "bindgen"), ("PAHOLE", "pahole"), ("LC_ALL", "C"), ("HOSTCC", "gcc")] {
        system.environment.insert(k.into(), v.into());
    }
    system
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some(tree) = args.first() else {
        eprintln!("no kernel tree was named; nothing was measured");
        return;
    };
    // The bench runs in its crate's folder, so that a name from elsewhere leads nowhere.
    if !std::path::Path::new(tree).join("Kconfig").exists() {
        eprintln!("{tree} has no Kconfig file: name a kernel's source with its whole path; nothing was measured");
        return;
    }
    let system = system(tree, args.get(1).map_or("x86_64", |a| a));
    let reading = Reading::new("Kconfig", "", Some(PathBuf::from(tree)), Dialect::detect(tree.as_ref()));
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/kernel-probes");
    let mut probes = Probes::load(&file);
    let first = Instant::now();
    read_side_by_side(&reading, &system, &mut probes);
    println!("first reading, with what had to be asked of the shell: {:.0}", ms(first.elapsed()));
    probes.save(&file).unwrap();
    let mut phases: [Vec<f64>; 4] = Default::default();
    let mut last = None;
    for _ in 0..9 {
        let start = Instant::now();
        let mut tree = read_side_by_side(&reading, &system, &mut probes);
        let read = start.elapsed();
        finish(&mut tree);
        let finished = start.elapsed();
        let mut solver = Solver::new(tree);
        solver.forget();
        let text = solver.dot_config();
        let solved = start.elapsed();
        std::hint::black_box(text.len());
        for (phase, time) in phases.iter_mut().zip([read, finished - read, solved - finished, solved]) {
            phase.push(ms(time));
        }
        last = Some(solver);
    }
    for (phase, name) in phases.into_iter().zip(["read", "finish", "solve and .config", "together"]) {
        println!("{name}: {}", spread(phase));
    }
    let mut solver = last.unwrap();
    if let Ok(text) = std::fs::read_to_string(PathBuf::from(tree).join("arch/x86/configs/x86_64_defconfig")) {
        solver.read_answers("x86_64_defconfig", &text, false);
    }
    solver.forget();
    flips(&mut solver);
    searches(&solver);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("memory: {}", status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("not known"));
}

/// Sets symbols by chance, and compares now and then with a full evaluation.
fn flips(solver: &mut Solver) {
    let logical: Vec<SymId> = solver
        .tree
        .symbol_ids()
        .filter(|s| solver.tree.symbol(*s).kind == SymbolKind::Bool || solver.tree.symbol(*s).kind == SymbolKind::Tristate)
        .collect();
    let mut rand = Rand::new(7);
    let (mut times, mut reached, mut undone) = (Vec::new(), 0, Vec::new());
    let start = Instant::now();
    // The first one finds out who hangs on whom.
    solver.unset(logical[0]);
    println!("who hangs on whom: {:.1}", ms(start.elapsed()));
    for i in 0..3000 {
        let s = logical[rand.next() as usize % logical.len()];
        let text = if solver.value_text(s) == "n" { "y" } else { "n" };
        let start = Instant::now();
        let Ok((changes, step)) = solver.set(s, text) else { continue };
        if !changes.is_empty() {
            times.push(ms(start.elapsed()));
        }
        reached = reached.max(changes.len());
        if i % 3 == 0 {
            let start = Instant::now();
            solver.undo(step);
            undone.push(ms(start.elapsed()));
        }
        if times.len() % 100 == 50 {
            let followed: Vec<_> = solver.tree.symbol_ids().map(|s| solver.shown(s)).collect();
            solver.forget();
            solver.evaluate_all();
            for (s, followed) in solver.tree.symbol_ids().zip(followed) {
                assert_eq!(followed, solver.shown(s), "{}", solver.tree.name(s));
            }
        }
    }
    println!("one option set, and all that hangs on it: {}, at most {reached} symbols changed", spread(times));
    println!("one taken back: {}", spread(undone));
}

fn searches(solver: &Solver) {
    let start = Instant::now();
    let index = bootwright_kconfig::search::Index::new(&solver.tree);
    println!("search index: {:.1}", ms(start.elapsed()));
    let mut times = Vec::new();
    for words in ["u", "us", "usb", "usb s", "usb serial", "usb storage", "ext4", "EXT4_FS", "preempt", "wireless intel", "xyzzy"] {
        let start = Instant::now();
        std::hint::black_box(index.find(&solver.tree, words, 100));
        times.push(ms(start.elapsed()));
    }
    println!("search: {}", spread(times));
}
