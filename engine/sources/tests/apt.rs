//! Apt: a small source package for real, and a script in apt-get's place for what must not depend on a network.

#![allow(clippy::unwrap_used, clippy::panic)] // in tests a panic is the report

mod support;

use std::fs;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bootwright_sources::{FetchError, Limits, LockEntry, Provider, ProviderKind, Request, fetch, unpack};
use support::{Bench, noise, request, script, sha256, urls};

fn real_apt() -> bool {
    let there = std::path::Path::new("/usr/bin/apt-get").exists();
    if !there {
        eprintln!("skipped: no apt-get here");
    }
    there
}

#[test]
fn musl_from_its_source_package_fetched_locked_and_unpacked() {
    if !real_apt() {
        return;
    }
    let bench = Bench::new();
    let musl = Provider::AptSource { package: "musl".into(), suffix: ".orig.tar.*".into() };
    bench.with(|ctx| {
        ctx.timeouts = Default::default();
        ctx.proxy_from_env = true;
        // what cannot be reached is passed over first
        let upstream = urls(&sha256(b"x"), &["http://127.0.0.1:1/musl.tar.gz"]);
        let fetched = fetch(&request(vec![upstream, musl.clone()]), ctx).unwrap();
        assert_eq!(fetched.provider, ProviderKind::AptSource);
        assert!(fetched.version.as_ref().is_some_and(|v| v.starts_with(char::is_numeric)), "{fetched:?}");
        let lock = LockEntry::from(&fetched);
        let locked = Request { locked: Some(lock.clone()), ..request(vec![musl.clone()]) };
        ctx.offline = true;
        assert_eq!(fetch(&locked, ctx).unwrap(), fetched);
        assert_eq!(fetch(&request(vec![musl.clone()]), ctx).unwrap(), fetched, "without a lock entry, and offline");
        ctx.offline = false;
        fs::remove_file(&fetched.file).unwrap();
        assert_eq!(fetch(&locked, ctx).unwrap().sha256, fetched.sha256);
        let other = LockEntry { sha256: sha256(b"other"), ..lock };
        let error = fetch(&Request { locked: Some(other), ..request(vec![musl.clone()]) }, ctx).unwrap_err();
        assert!(matches!(error, FetchError::LockMismatch(_)), "{error}");
        let tree = bench.folder.path().join("musl");
        unpack(&fetched.file, &tree, &Limits::default(), ctx.progress, &bench.cancel).unwrap();
        assert!(tree.join("configure").exists());
    });
    assert!(bench.notes().contains("trying apt source package musl"), "{}", bench.notes());
}

#[test]
fn a_package_nobody_has_is_an_error_with_apts_words() {
    if !real_apt() {
        return;
    }
    let bench = Bench::new();
    let error = bench.with(|ctx| {
        ctx.offline = true; // the lists of this machine, and no others
        let provider = Provider::AptBinary { package: "no-such-package-at-all".into(), member: "x".into() };
        fetch(&request(vec![provider]), ctx).unwrap_err()
    });
    assert!(error.to_string().contains("offline"), "{error}");
}

/// A .deb with one big and one small file.
fn deb(contents: &[u8]) -> Vec<u8> {
    let mut data = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    for (name, bytes) in [("./usr/src/thing-1.tar.xz", contents), ("./usr/src/thing-1.tar.xz.asc", b"s"), ("./usr/share/doc", b"d")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        data.append_data(&mut header, name, bytes).unwrap();
    }
    let data = data.into_inner().unwrap().finish().unwrap();
    let mut archive = ar::Builder::new(Vec::new());
    for (name, bytes) in [("debian-binary", &b"2.0\n"[..]), ("control.tar.xz", b"x"), ("data.tar.zst", &data)] {
        archive.append(&ar::Header::new(name.into(), bytes.len() as u64), bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A stand-in for apt-get that knows the package only after `update` into private lists.
fn fresh_machine(bench: &Bench, contents: &[u8]) -> std::path::PathBuf {
    let apt = bench.folder.path().join("apt-get");
    let package = bench.folder.path().join("package");
    let bytes = deb(contents);
    fs::File::create(&package).unwrap().write_all(&bytes).unwrap();
    let text = format!(
        r#"echo "$@" >> "{log}"
for word in "$@"; do case "$word" in Dir::State::lists=*) lists=${{word#Dir::State::lists=}};; update) verb=update;; --print-uris) verb=print;; esac; done
case "$verb" in
update) touch "$lists/known"; exit 0;;
esac
[ -n "$lists" ] && [ -e "$lists/known" ] || {{ echo "E: Unable to locate package thing" >&2; exit 100; }}
case "$verb" in
print) echo "'http://x/thing_1%3a2_all.deb' thing_1%3a2_all.deb {size} SHA256:00";;
*) cp "{package}" thing_1%3a2_all.deb;;
esac
"#,
        log = bench.folder.path().join("log").display(),
        package = package.display(),
        size = bytes.len()
    );
    script(&apt, &text);
    apt
}

#[test]
fn a_machine_without_lists_gets_lists_of_its_own_and_the_member_comes_out() {
    let (bench, body) = (Bench::new(), noise(700_000));
    let apt = fresh_machine(&bench, &body);
    let with = |member: &str| Provider::AptBinary { package: "thing".into(), member: member.into() };
    bench.with(|ctx| {
        ctx.apt_get = apt;
        let fetched = fetch(&request(vec![with("usr/src/thing-1.tar.xz")]), ctx).unwrap();
        assert_eq!((fetched.sha256.as_str(), fetched.version.as_deref()), (sha256(&body).as_str(), Some("1:2")));
        assert_eq!(fs::read(&fetched.file).unwrap(), body);
        let log = || fs::read_to_string(bench.folder.path().join("log")).unwrap();
        assert_eq!(log().matches(" update\n").count(), 1, "{}", log());
        assert!(!log().to_lowercase().contains("allowunauthenticated=true"));
        let calls = log().lines().count();
        assert_eq!(fetch(&request(vec![with("usr/src/thing-1.tar.xz")]), ctx).unwrap(), fetched);
        assert_eq!(log().lines().skip(calls).filter(|l| !l.contains("--print-uris")).count(), 0, "nothing was downloaded again");
        assert_eq!(fetch(&request(vec![with("/usr/src/thing-*.xz")]), ctx).unwrap().sha256, fetched.sha256);
        let error = fetch(&request(vec![with("usr/src/thing-")]), ctx).unwrap_err().to_string();
        assert!(error.contains("several files") && error.contains("thing-1.tar.xz.asc"), "{error}");
        let error = fetch(&request(vec![with("usr/lib/")]), ctx).unwrap_err().to_string();
        assert!(error.contains("no file that fits"), "{error}");
    });
    let left: Vec<_> = bench.names().into_iter().filter(|n| n.starts_with(".apt-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_damaged_package_is_an_error() {
    let bench = Bench::new();
    let apt = fresh_machine(&bench, &noise(50_000));
    let package = bench.folder.path().join("package");
    let whole = fs::read(&package).unwrap();
    for bytes in [whole[..whole.len() / 2].to_vec(), b"!<arch>\n".to_vec(), Vec::new(), noise(1000)] {
        fs::write(&package, &bytes).unwrap();
        let error = bench.with(|ctx| {
            ctx.apt_get = apt.clone();
            let provider = Provider::AptBinary { package: "thing".into(), member: "usr/src/thing-1.tar.xz".into() };
            fetch(&request(vec![provider]), ctx).unwrap_err().to_string()
        });
        assert!(error.contains("not a package"), "{error}");
    }
}

#[test]
fn no_apt_says_what_else_to_do() {
    let bench = Bench::new();
    let error = bench.with(|ctx| {
        ctx.apt_get = "/nonexistent/apt-get".into();
        let provider = Provider::AptBinary { package: "thing".into(), member: "x".into() };
        fetch(&request(vec![provider]), ctx).unwrap_err().to_string()
    });
    assert!(error.contains("use another provider"), "{error}");
}

#[test]
fn cancel_and_silence_end_apt_and_its_helpers() {
    for cancel in [true, false] {
        let bench = Bench::new();
        let apt = bench.folder.path().join("apt-get");
        let helper = bench.folder.path().join("helper");
        // the leader ignores TERM and has a helper, as apt has
        script(&apt, &format!("trap '' TERM\nsleep 300 & echo $! > '{0}.new'\nmv '{0}.new' '{0}'\nsleep 300\n", helper.display()));
        let error = std::thread::scope(|scope| {
            let run = scope.spawn(|| {
                bench.with(|ctx| {
                    ctx.apt_get = apt;
                    ctx.offline = true;
                    if cancel {
                        ctx.timeouts.stall = Duration::from_secs(100);
                    }
                    let provider = Provider::AptBinary { package: "thing".into(), member: "x".into() };
                    fetch(&request(vec![provider]), ctx).unwrap_err()
                })
            });
            while !helper.exists() {
                std::thread::sleep(Duration::from_millis(10));
            }
            bench.cancel.store(cancel, Ordering::Relaxed);
            run.join().unwrap()
        });
        assert_eq!(matches!(error, FetchError::Cancelled), cancel, "{error}");
        let process = format!("/proc/{}/stat", fs::read_to_string(&helper).unwrap().trim());
        let gone = || fs::read_to_string(&process).map_or(true, |s| s.contains(") Z "));
        for _ in 0..1000 {
            if gone() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(gone(), "the helper lives on");
    }
}
