//! Fetches the sources of both layouts through apt and unpacks them, to measure: `get FOLDER [NAME…]`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bootwright_sources::{Context, Limits, LockFile, Progress, Provider, Request, fetch, unpack};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let names: Vec<String> = arguments.collect();
    let binary = |package: &str, member: &str| Provider::AptBinary { package: package.into(), member: member.into() };
    let source = |package: &str| Provider::AptSource { package: package.into(), suffix: ".orig.tar.*".into() };
    let all = [
        ("linux", binary("linux-source-6.12", "usr/src/linux-source-6.12.tar.xz")),
        ("glibc", binary("glibc-source", "usr/src/glibc/glibc-*.tar.xz")),
        ("busybox", source("busybox")),
        ("musl", source("musl")),
    ];
    static CANCEL: AtomicBool = AtomicBool::new(false);
    let cancel = &CANCEL;
    if let Some(after) = std::env::var("CANCEL_AFTER_MS").ok().and_then(|ms| ms.parse().ok()) {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(after));
            CANCEL.store(true, Ordering::Relaxed);
        });
    }
    let tell = |progress: Progress| match progress {
        Progress::Note(line) => eprintln!("  {line}"),
        Progress::Bytes { phase, done, total } if total == Some(done) => eprintln!("  {phase:?} {done}"),
        Progress::Bytes { .. } => {}
    };
    let ctx = Context { offline: std::env::var_os("OFFLINE").is_some(), ..Context::new(folder.join("downloads"), &tell, cancel) };
    let lock_path = folder.join("try.lock.ron");
    let mut lock = LockFile::load(&lock_path)?;
    for (name, provider) in all {
        if !names.is_empty() && !names.iter().any(|n| n == name) {
            continue;
        }
        let began = Instant::now();
        let locked = lock.entries.get(name).cloned();
        let fetched = fetch(&Request { name: name.into(), providers: vec![provider], prefer: None, locked }, &ctx)?;
        println!("{name}: fetched in {:?}: {fetched:#?}", began.elapsed());
        lock.set(name, &fetched);
        lock.save(&lock_path)?;
        let began = Instant::now();
        for flush in [true, false] {
            let target = folder.join(name).with_extension(if flush { "flushed" } else { "tree" });
            if target.exists() {
                continue;
            }
            let unpacked = unpack(&fetched.file, &target, &Limits { flush, ..Limits::default() }, &tell, cancel)?;
            println!("{name}: unpacked (flush {flush}) by {:?}: {unpacked:?}", began.elapsed());
        }
    }
    Ok(())
}
