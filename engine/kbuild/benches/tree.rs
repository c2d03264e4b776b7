//! What a built tree costs to look into: `cargo bench -p bootwright-kbuild -- TREE`, in milliseconds of the clock, beside make and
//! the kernel's own fixdep in the same run. make is asked to build nothing: the tree has to be up to date.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use bootwright_kbuild::fixdep::{Dialect, check_tree};
use bootwright_kbuild::impact::{Impacts, Question};
use bootwright_kbuild::stale::{Change, stale};
use bootwright_kbuild::{Index, Kind, Tree};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Median, 95 % and worst, in milliseconds.
fn spread(times: &mut [f64]) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("median {:.2}, 95 % {:.2}, worst {:.2} ({} times)", at(0.5), at(0.95), at(1.0), times.len())
}

fn measure<T>(count: usize, mut work: impl FnMut() -> T) -> (Vec<f64>, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..count {
        let start = Instant::now();
        last = Some(std::hint::black_box(work()));
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    (times, last.unwrap())
}

/// Clock and CPU seconds of a shell command, its children's too.
fn command(text: &str) -> (f64, f64) {
    let start = Instant::now();
    let output = Command::new("sh").args(["-c", &format!("{text} > /dev/null 2>&1; times")]).stdin(Stdio::null()).output().unwrap();
    // `0m1.230s 0m0.450s`: the second line is that of the children.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let seconds = |word: &str| {
        let (minutes, seconds) = word.trim_end_matches('s').split_once('m').unwrap_or(("0", "0"));
        minutes.parse::<f64>().unwrap_or(0.0) * 60.0 + seconds.parse::<f64>().unwrap_or(0.0)
    };
    (start.elapsed().as_secs_f64(), text.lines().last().unwrap_or_default().split_whitespace().map(seconds).sum())
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some(folder) = args.first() else {
        eprintln!("no built tree was named; nothing was measured");
        return;
    };
    let tree = Tree::open(folder.as_ref()).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let cache = scratch.path().join("index");
    let (mut first, index) = measure(5, || Index::build(&tree));
    println!("{:?}", index.counts());
    println!("first index: {}", spread(&mut first));
    Index::open(&tree, &cache).unwrap();
    let (mut opened, (index, update)) = measure(21, || Index::open(&tree, &cache).unwrap());
    println!("opened again: {}; {update:?}; {} bytes on disk", spread(&mut opened), std::fs::metadata(&cache).unwrap().len());
    let (mut idle, found) = measure(21, || stale(&tree, &index, None));
    println!("stale: {}; {} stale, {} unknown, {} current", spread(&mut idle), found.stale.len(), found.unknown.len(), found.current);
    let (mut both, _) = measure(21, || stale(&tree, &Index::open(&tree, &cache).unwrap().0, None));
    println!("opened and stale: {}", spread(&mut both));
    let (mut made, impacts) = measure(5, || Impacts::new(&tree, &index));
    println!("who uses what: {}", spread(&mut made));
    let options: Vec<String> = impacts.options().map(|(name, _)| name.to_owned()).collect();
    let mut asked = Vec::new();
    let mut most = 0;
    for name in &options {
        let question = Question { options: vec![Change { name: name.clone(), old: None, new: Some("y".into()) }], ..Question::default() };
        // The least of three: another process's turn on the processor is not the question's.
        let (times, impact) = measure(3, || impacts.of(&question));
        most = most.max(impact.count());
        asked.extend(times.into_iter().min_by(f64::total_cmp));
    }
    println!("impact of each option: {}; at most {most} targets", spread(&mut asked));
    let (mut whole, checked) = measure(3, || check_tree(&tree, Dialect::of_tree(&tree)));
    println!("fixdep of the whole tree: {}; {} of {} the same", spread(&mut whole), checked.same, checked.targets);
    if tree.kind == Kind::Linux {
        let arch = tree.arch.clone().unwrap_or_default();
        let goal = if tree.source_arch.as_deref() == Some("x86") { "bzImage" } else { "" };
        let make = format!("make -C '{}' ARCH={arch} {goal}", tree.object.display());
        command(&make);
        let (clock, cpu) = command(&make);
        both.sort_by(f64::total_cmp);
        let ours = both[both.len() / 2] / 1e3;
        println!(
            "make that builds nothing: {clock:.2} s of the clock, {cpu:.2} s of CPU: {:.0} times opened-and-stale by the clock",
            clock / ours
        );
    }
}
