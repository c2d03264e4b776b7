//! Downloads from a server on this machine that cuts, stalls, lies and redirects.

#![allow(clippy::unwrap_used, clippy::panic)] // in tests a panic is the report

mod support;

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bootwright_sources::{FetchError, LockEntry, Provider, ProviderKind};
use support::{Bench, Manner, Server, noise, request, sha256, urls};

#[test]
fn a_good_mirror_and_then_no_network() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(3 << 20));
    let url = server.at("/d/a.tar.xz?x=1", Manner::Good(body.clone()));
    let wanted = request(vec![urls(&sha256(&body), &[&url])]);
    let fetched = bench.fetch(&wanted).unwrap();
    assert_eq!(fs::read(&fetched.file).unwrap(), body);
    assert_eq!((fetched.size, fetched.provider, fetched.origin.as_str()), (3 << 20, ProviderKind::Url, url.as_str()));
    assert_eq!(bench.names(), ["-a.tar.xz", "-a.tar.xz.verified"]);
    let again = bench.with(|ctx| {
        ctx.offline = true;
        bootwright_sources::fetch(&wanted, ctx).unwrap()
    });
    assert_eq!((again, server.seen().len()), (fetched, 1));
}

#[test]
fn a_changed_file_is_not_believed() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(5000));
    let url = server.at("/a", Manner::Good(body.clone()));
    let wanted = request(vec![urls(&sha256(&body), &[&url])]);
    let fetched = bench.fetch(&wanted).unwrap();
    fs::write(&fetched.file, noise(4999)).unwrap();
    assert_eq!(fs::read(bench.fetch(&wanted).unwrap().file).unwrap(), body);
    assert!(bench.notes().contains("was changed since"), "{}", bench.notes());
    assert_eq!(server.seen().len(), 2);
    // without its note the file is hashed and kept
    let note = format!("{}.verified", fetched.file.display());
    fs::remove_file(&note).unwrap();
    bench.fetch(&wanted).unwrap();
    assert!(fs::exists(&note).unwrap() && server.seen().len() == 2);
}

#[test]
fn cuts_are_resumed() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(5_000_000));
    let url = server.at("/a", Manner::Cuts(body.clone(), 1_500_000));
    assert_eq!(fs::read(bench.fetch(&request(vec![urls(&sha256(&body), &[&url])])).unwrap().file).unwrap(), body);
    let ranges: Vec<_> = server.seen().into_iter().map(|s| s.1).collect();
    assert_eq!(ranges.len(), 4, "{ranges:?}");
    assert!(ranges[0].is_none() && ranges[1..].iter().all(Option::is_some));
}

#[test]
fn a_mirror_that_only_cuts_gives_way_to_the_next_which_resumes() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(300_000));
    let bad = server.at("/bad", Manner::Cuts(body.clone(), 1000));
    let good = server.at("/good", Manner::Good(body.clone()));
    bench.with(|ctx| {
        ctx.retries = 2;
        bootwright_sources::fetch(&request(vec![urls(&sha256(&body), &[&bad, &good])]), ctx).unwrap()
    });
    let last = server.seen().pop().unwrap();
    assert!(last.0 == "/good" && last.1 == Some(3000), "{last:?}");
}

#[test]
fn a_server_that_ignores_ranges_starts_over() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(400_000));
    let url = server.at("/a", Manner::CutsOnceIgnoresRange(body.clone(), 100_000));
    assert_eq!(fs::read(bench.fetch(&request(vec![urls(&sha256(&body), &[&url])])).unwrap().file).unwrap(), body);
    assert_eq!(server.seen()[1].1, Some(100_000));
}

#[test]
fn a_part_of_something_else_costs_one_more_try() {
    let body = noise(50_000);
    for (part, manner) in [(vec![7u8; 10_000], Manner::Good(body.clone())), (vec![7; 60_000], Manner::Good(body.clone()))] {
        let (server, bench) = (Server::new(), Bench::new());
        let url = server.at("/a", manner);
        let downloads = bench.folder.path().join("downloads");
        fs::create_dir_all(&downloads).unwrap();
        fs::write(downloads.join(format!("{}.part", sha256(&body))), part).unwrap();
        assert_eq!(fs::read(bench.fetch(&request(vec![urls(&sha256(&body), &[&url])])).unwrap().file).unwrap(), body);
        assert_eq!(server.seen().len(), 2);
    }
}

#[test]
fn a_whole_part_needs_no_server() {
    let (bench, body) = (Bench::new(), noise(50_000));
    let downloads = bench.folder.path().join("downloads");
    fs::create_dir_all(&downloads).unwrap();
    fs::write(downloads.join(format!("{}.part", sha256(&body))), &body).unwrap();
    bench.fetch(&request(vec![urls(&sha256(&body), &["http://127.0.0.1:1/a"])])).unwrap();
}

#[test]
fn wrong_bytes_name_both_hashes_and_leave_nothing() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(9000));
    let url = server.at("/a", Manner::Good(body.clone()));
    let expected = sha256(b"other");
    let error = bench.fetch(&request(vec![urls(&expected, &[&url])])).unwrap_err().to_string();
    assert!(error.contains(&expected) && error.contains(&sha256(&body)) && error.contains(&url), "{error}");
    assert!(bench.names().is_empty(), "{:?}", bench.names());
}

#[test]
fn not_found_refused_and_redirected() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(9000));
    let missing = server.at("/missing", Manner::Status(404));
    let broken = server.at("/broken", Manner::Status(500));
    let good = server.at("/good", Manner::NoLength(body.clone()));
    let moved = server.at("/moved/name.tgz", Manner::Redirect(good));
    let list = [missing.as_str(), "http://127.0.0.1:1/refused", "nonsense", &broken, &moved];
    bench.fetch(&request(vec![urls(&sha256(&body), &list)])).unwrap();
    let notes = bench.notes();
    assert!(notes.contains("answered 404") && notes.contains("could not be reached") && notes.contains("answered 500"), "{notes}");
    assert_eq!(bench.names(), ["-name.tgz", "-name.tgz.verified"]);
}

#[test]
fn every_mirror_is_named_when_none_gave_it() {
    let (server, bench) = (Server::new(), Bench::new());
    let missing = server.at("/missing", Manner::Status(404));
    let other = server.at("/other", Manner::Good(noise(10)));
    let error = bench.fetch(&request(vec![urls(&sha256(b"x"), &[&missing, &other])])).unwrap_err().to_string();
    assert!(error.contains("answered 404") && error.contains("other bytes") && error.contains(&other), "{error}");
}

#[test]
fn a_redirect_in_circles_ends() {
    let (server, bench) = (Server::new(), Bench::new());
    let url = server.at("/a", Manner::Redirect("/a".into()));
    assert!(bench.fetch(&request(vec![urls(&sha256(b""), &[&url])])).is_err());
}

#[test]
fn a_stall_is_given_up() {
    for sent in [0, 2000] {
        let (server, bench, body) = (Server::new(), Bench::new(), noise(9000));
        let silent = server.at("/silent", Manner::Stalls(body.clone(), sent));
        let good = server.at("/good", Manner::Good(body.clone()));
        bench.fetch(&request(vec![urls(&sha256(&body), &[&silent, &good])])).unwrap();
        assert!(bench.notes().contains("stalled"), "{}", bench.notes());
    }
}

#[test]
fn too_large_is_refused_before_and_while_it_comes() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(2 << 20));
    let stated = server.at("/stated", Manner::Good(body.clone()));
    let unstated = server.at("/unstated", Manner::NoLength(body.clone()));
    for url in [stated, unstated] {
        let error = bench.with(|ctx| {
            ctx.max_bytes = 1 << 20;
            bootwright_sources::fetch(&request(vec![urls(&sha256(&body), &[&url])]), ctx).unwrap_err()
        });
        assert!(error.to_string().contains("larger than allowed"), "{error}");
        assert!(bench.names().is_empty());
    }
    let sized = |url: &str| Provider::Url { urls: vec![url.into()], sha256: sha256(&body), size: Some(5) };
    let url = server.at("/stated", Manner::Good(body.clone()));
    let error = bench.fetch(&request(vec![sized(&url)])).unwrap_err().to_string();
    assert!(error.contains("the recipe says 5"), "{error}");
}

#[test]
fn cancel_is_heard_in_a_slow_download_and_in_silence() {
    for stall in [true, false] {
        let (server, bench, body) = (Server::new(), Bench::new(), noise(9000));
        let url = server.at("/a", if stall { Manner::Stalls(body.clone(), 0) } else { Manner::Slow(body.clone()) });
        let (error, took) = std::thread::scope(|scope| {
            let fetching = scope.spawn(|| {
                bench.with(|ctx| {
                    ctx.timeouts.stall = Duration::from_secs(120);
                    bootwright_sources::fetch(&request(vec![urls(&sha256(&body), &[&url])]), ctx).unwrap_err()
                })
            });
            while server.seen().is_empty() {
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_millis(200));
            bench.cancel.store(true, Ordering::Relaxed);
            let began = Instant::now();
            (fetching.join().unwrap(), began.elapsed())
        });
        assert!(matches!(error, FetchError::Cancelled));
        assert!(took < Duration::from_secs(20), "{took:?}"); // a guard against hanging, the server would go on for minutes
    }
}

#[test]
fn two_at_once_download_once() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(200));
    let url = server.at("/a", Manner::Slow(body.clone()));
    let wanted = request(vec![urls(&sha256(&body), &[&url])]);
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| bench.fetch(&wanted).unwrap()), scope.spawn(|| bench.fetch(&wanted).unwrap())];
        for one in both {
            assert_eq!(fs::read(one.join().unwrap().file).unwrap(), body);
        }
    });
    assert_eq!(server.seen().len(), 1);
    assert_eq!(bench.names(), ["-a", "-a.verified"]);
}

#[test]
fn the_next_provider_is_tried_with_a_word_on_it_and_all_failures_are_listed() {
    let (bench, body) = (Bench::new(), noise(100));
    let file = bench.folder.path().join("mine.tar");
    let upstream = urls(&sha256(&body), &["http://127.0.0.1:1/refused"]);
    let mine = Provider::File { path: file.clone() };
    let error = bench.fetch(&request(vec![upstream.clone(), mine.clone()])).unwrap_err().to_string();
    assert!(error.contains("refused") && error.contains("mine.tar"), "{error}");
    fs::write(&file, &body).unwrap();
    let fetched = bench.fetch(&request(vec![upstream.clone(), mine.clone()])).unwrap();
    assert_eq!((fetched.provider, fetched.file), (ProviderKind::File, file));
    assert!(bench.notes().contains("trying file"), "{}", bench.notes());
    let before = bench.notes();
    bench.fetch(&bootwright_sources::Request { prefer: Some(ProviderKind::File), ..request(vec![upstream, mine]) }).unwrap();
    assert_eq!(bench.notes(), before, "the preferred one came first");
}

#[test]
fn a_lock_entry_holds_provider_and_hash() {
    let (server, bench, body) = (Server::new(), Bench::new(), noise(100));
    let file = bench.folder.path().join("mine.tar");
    fs::write(&file, &body).unwrap();
    let url = server.at("/a", Manner::Good(body.clone()));
    let lock = |provider, hash: &str| Some(LockEntry { provider, version: None, sha256: hash.into(), size: 100, origin: "x".into() });
    let both = || request(vec![Provider::File { path: file.clone() }, urls(&sha256(&body), &[&url])]);
    let with = |entry| bootwright_sources::Request { locked: entry, ..both() };
    assert_eq!(bench.fetch(&with(lock(ProviderKind::Url, &sha256(&body)))).unwrap().provider, ProviderKind::Url);
    for kind in [ProviderKind::Url, ProviderKind::File] {
        let error = bench.fetch(&with(lock(kind, &sha256(b"else")))).unwrap_err();
        assert!(matches!(error, FetchError::LockMismatch(_)));
        let error = error.to_string();
        assert!(error.contains(&sha256(&body)) && error.contains(&sha256(b"else")) && error.contains("remove the entry"), "{error}");
    }
    let error = bench.fetch(&with(lock(ProviderKind::AptSource, &sha256(&body)))).unwrap_err();
    assert!(matches!(error, FetchError::LockedProviderGone { .. }), "{error}");
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    let bench = Bench::new();
    let apt = |package: &str| Provider::AptSource { package: package.into(), suffix: String::new() };
    let member = |member: &str| Provider::AptBinary { package: "a".into(), member: member.into() };
    for provider in
        [urls("abc", &["http://x/"]), urls(&sha256(b""), &[]), apt("--evil"), apt("A b"), apt(""), member("./"), member("*****")]
    {
        assert!(matches!(bench.fetch(&request(vec![provider])), Err(FetchError::BadRequest { .. })));
    }
    assert!(bench.fetch(&request(vec![])).unwrap_err().to_string().contains("no provider"));
    let folder = Provider::File { path: bench.folder.path().into() };
    assert!(bench.fetch(&request(vec![folder])).unwrap_err().to_string().contains("regular file"));
}
