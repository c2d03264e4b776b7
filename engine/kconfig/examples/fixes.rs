//! Asks for symbols that are n to be y or m, and checks every fix that is offered on another solver that reads it as text.
//! `fixes [SYMBOLS [SEEDS]]`, in the environment of a tree (srctree and what its Kconfig files ask for).
//! `fixes NAME=VALUE` asks for one symbol in the configuration of all n, and shows what is found.

use bootwright_kconfig::conf::{Conf, Io};
use bootwright_kconfig::fixes::{Answer, Change, End, Fixes, Limits, Why};
use bootwright_kconfig::probes::{Identity, Probes, read_side_by_side};
use bootwright_kconfig::{Dialect, Reading, Solver, SymId, SymbolKind, System, Tree, Tristate, finish};
use rustc_hash::FxHashSet;
use std::time::Instant;

fn load() -> Tree {
    let system = System::current();
    let source = system.environment.get("srctree").cloned().unwrap_or_else(|| ".".into());
    let dialect = Dialect::detect(source.as_ref());
    let reading = Reading::new("Kconfig", "", Some(source.into()), dialect);
    let cache = system.environment.get("KCONFIG_PROBE_CACHE").cloned().unwrap_or_default();
    let mut probes = Probes::load(cache.as_ref());
    let mut tree = read_side_by_side(&reading, &system, &mut probes);
    if !cache.is_empty() {
        let _ = probes.save(cache.as_ref());
    }
    finish(&mut tree);
    tree
}

/// The `.config` that a mode of `conf` writes.
fn config(mode: &[&str], seed: Option<u32>) -> String {
    let mut host = System::current();
    let folder = std::env::temp_dir().join(format!("fixes-{}", std::process::id()));
    let _ = std::fs::create_dir_all(&folder);
    let file = folder.join("config");
    host.environment.insert("KCONFIG_CONFIG".into(), file.to_string_lossy().into_owned());
    if let Some(seed) = seed {
        host.environment.insert("KCONFIG_SEED".into(), seed.to_string());
    }
    let words: Vec<String> = ["conf"].iter().chain(mode).chain(&["Kconfig"]).map(|w| w.to_string()).collect();
    let cache = host.environment.get("KCONFIG_PROBE_CACHE").filter(|c| !c.is_empty());
    let probe_cache = cache.map(|file| (file.into(), Identity::new(&host.environment, "".as_ref())));
    let (mut input, mut out, mut err) = (std::io::empty(), std::io::sink(), std::io::sink());
    let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal: false };
    let code = Conf { host: &mut host, folder: "".into(), io, probe_cache }.run(&words);
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = std::fs::remove_dir_all(&folder);
    if code != 0 || text.is_empty() {
        eprintln!("conf {mode:?} ended with {code}");
    }
    text
}

fn answered(tree: Tree, text: &str) -> Solver {
    let mut solver = Solver::new(tree);
    let order = solver.tree.table_order();
    solver.read_answers(".config", text, false);
    solver.settle(&order);
    solver
}

fn show(solver: &Solver, changes: &[Change]) -> String {
    let text = |a: &Answer| match a {
        Answer::Logical(t) => t.letter().to_string(),
        Answer::Text(t) => t.clone(),
    };
    changes.iter().map(|c| format!("{} {}→{}", solver.tree.name(c.symbol), text(&c.from), text(&c.to))).collect::<Vec<_>>().join(", ")
}

fn say(solver: &Solver, found: &Fixes) {
    for f in &found.fixes {
        println!("    {} others, {} effects: {}", f.others, f.effects, show(solver, &f.changes));
    }
    if let Some(Why::Impossible(terms) | Why::Unknown(terms)) = &found.why {
        let word = if matches!(found.why, Some(Why::Unknown(_))) { "unknown" } else { "impossible" };
        println!("    {word}: {}", terms.iter().map(|t| solver.tree.write_expr(*t)).collect::<Vec<_>>().join("  and  "));
    }
    println!("    {:?}", found.end);
}

#[derive(Default)]
struct Count {
    asked: usize,
    fixed: usize,
    fixes: usize,
    impossible: usize,
    unknown: usize,
    late: usize,
    wrong: usize,
    disproven: usize,
    sizes: [usize; 6],
    times: Vec<f64>,
    used: Vec<f64>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some((name, value)) = words.first().and_then(|w| w.split_once('=')) {
        let mut solver = answered(load(), &config(&["--allnoconfig"], None));
        let (Some(s), Some(t)) = (solver.tree.find(name), Tristate::of_letter(value)) else { return };
        let start = Instant::now();
        let found = solver.fixes(&[(s, t)], Limits::default());
        println!("{name}={value}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
        say(&solver, &found);
        return;
    }
    let number = |i: usize, or: usize| words.get(i).and_then(|w| w.parse().ok()).unwrap_or(or);
    let (symbols, seeds) = (number(0, 300), number(1, 3));
    let verbose = std::env::var_os("VERBOSE").is_some();
    let source = std::env::var("srctree").unwrap_or_default();
    let defconfig = format!("--defconfig={source}/arch/x86/configs/x86_64_defconfig");
    let mut configs = vec![("allnoconfig".to_owned(), config(&["--allnoconfig"], None)), ("defconfig".into(), config(&[&defconfig], None))];
    configs.extend((1..=seeds as u32).map(|s| (format!("randconfig {s}"), config(&["--randconfig"], Some(s)))));
    // What is y or m in any configuration cannot be impossible.
    let mut witnesses = vec![config(&["--allyesconfig"], None), config(&["--allmodconfig"], None)];
    witnesses.extend(configs.iter().map(|c| c.1.clone()));
    let mut checker = Solver::new(load());
    let mut seen = FxHashSet::default();
    for text in &witnesses {
        let mut solver = answered(load(), text);
        let ids: Vec<SymId> = solver.tree.symbol_ids().collect();
        seen.extend(ids.into_iter().map(|s| (s, solver.value(s).tri)));
    }
    for (name, text) in configs {
        let mut solver = answered(load(), &text);
        let ids: Vec<SymId> = solver.tree.symbol_ids().collect();
        let mut candidates = Vec::new();
        for s in ids {
            let prompt = solver.tree.props_of(s).any(|(_, p)| p.text().is_some());
            let symbol = solver.tree.symbol(s);
            if prompt && symbol.kind.is_logical() && !symbol.choice && solver.value(s).tri == Tristate::No {
                candidates.push(s);
            }
        }
        // Spread over the tree by a fixed stride.
        let stride = (candidates.len() / symbols.max(1)).max(1);
        let mut count = Count::default();
        for s in candidates.into_iter().step_by(stride) {
            let wants = [Tristate::Yes, Tristate::Mod];
            let many = if solver.tree.symbol(s).kind == SymbolKind::Tristate { 2 } else { 1 };
            for want in &wants[..many] {
                one(&mut solver, &mut checker, &seen, (s, *want), &mut count, verbose);
            }
        }
        println!(
            "{name}: asked {}  fixed {} ({} fixes)  impossible {}  unknown {}  out of time {}  WRONG {}  DISPROVEN {}",
            count.asked, count.fixed, count.fixes, count.impossible, count.unknown, count.late, count.wrong, count.disproven,
        );
        println!("    on the clock {}  of a processor {}", spread(&mut count.times), spread(&mut count.used));
        println!("    other answers in the smallest fix, 0 to 4 and more: {:?}", count.sizes);
    }
}

fn spread(times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times.get(((times.len() as f64 - 1.0) * part) as usize).copied().unwrap_or(0.0);
    format!("median {:.1} 95% {:.1} 99% {:.1} worst {:.1} ms", at(0.5), at(0.95), at(0.99), at(1.0))
}

/// What this thread has used of a processor, in milliseconds: beside the time on the clock it shows how busy the machine is.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn one(
    solver: &mut Solver,
    checker: &mut Solver,
    seen: &FxHashSet<(SymId, Tristate)>,
    (s, want): (SymId, Tristate),
    count: &mut Count,
    verbose: bool,
) {
    let before = solver.answers_with(&[]);
    let (start, used) = (Instant::now(), processor());
    let found = solver.fixes(&[(s, want)], Limits::default());
    let ms = start.elapsed().as_secs_f64() * 1e3;
    count.times.push(ms);
    count.used.push(processor() - used);
    count.asked += 1;
    count.fixed += usize::from(!found.fixes.is_empty());
    count.fixes += found.fixes.len();
    count.late += usize::from(found.end == End::OutOfTime);
    match &found.why {
        Some(Why::Unknown(_)) => count.unknown += 1,
        Some(_) => {
            count.impossible += 1;
            if seen.contains(&(s, want)) {
                count.disproven += 1;
                println!("  not impossible: {}={}", solver.tree.name(s), want.letter());
            }
        }
        None => {}
    }
    if let Some(f) = found.fixes.first() {
        count.sizes[f.others.min(5)] += 1;
    }
    if verbose {
        println!("  {}={} {ms:.1} ms", solver.tree.name(s), want.letter());
        say(solver, &found);
    }
    if solver.answers_with(&[]) != before {
        count.wrong += 1;
        println!("  the answers changed: {}", solver.tree.name(s));
    }
    for fix in &found.fixes {
        let text = solver.answers_with(&fix.changes);
        if std::env::var_os("FRESH").is_some() {
            *checker = Solver::new(load());
        }
        checker.read_answers("answers", &text, false);
        let modules = checker.tree.modules;
        checker.value(modules);
        if checker.value(s).tri != want {
            count.wrong += 1;
            println!("  wrong: {}={}: {}", solver.tree.name(s), want.letter(), show(solver, &fix.changes));
        }
    }
}
