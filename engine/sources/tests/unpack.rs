//! Unpacking: the same tree as tar makes, nothing outside it, nothing half, and an end when cancelled.

#![allow(clippy::unwrap_used, clippy::panic)] // in tests a panic is the report

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bootwright_sources::{Limits, Progress, UnpackError, Unpacked, unpack};
use tar::{EntryType, Header};

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn target(&self) -> PathBuf {
        self.0.path().join("out/tree")
    }

    fn unpack_with(&self, bytes: &[u8], limits: &Limits) -> Result<Unpacked, UnpackError> {
        let archive = self.0.path().join("a.tar");
        fs::write(&archive, bytes).unwrap();
        let result = unpack(&archive, &self.target(), limits, &|_| {}, &AtomicBool::new(false));
        // whatever came of it, only the whole tree or nothing is there
        let left: Vec<_> = fs::read_dir(self.0.path().join("out")).map(|d| d.map(|e| e.unwrap().file_name()).collect()).unwrap_or_default();
        assert_eq!(left.len(), usize::from(result.is_ok()), "{left:?}");
        result
    }

    fn unpack(&self, bytes: &[u8]) -> Result<Unpacked, UnpackError> {
        self.unpack_with(bytes, &Limits { flush: false, ..Limits::default() })
    }
}

/// One member with a raw name, which the tar crate would refuse to write.
fn member(name: &[u8], kind: EntryType, link: &[u8], body: &[u8]) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link);
    header.set_entry_type(kind);
    header.set_mode(if kind.is_dir() { 0o755 } else { 0o644 });
    header.set_mtime(1_000_000_000);
    header.set_size(body.len() as u64);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn file(name: &str, body: &str) -> Vec<u8> {
    member(name.as_bytes(), EntryType::Regular, b"", body.as_bytes())
}

fn dir(name: &str) -> Vec<u8> {
    member(name.as_bytes(), EntryType::Directory, b"", b"")
}

fn link(name: &str, to: &str) -> Vec<u8> {
    member(name.as_bytes(), EntryType::Symlink, to.as_bytes(), b"")
}

fn hard(name: &str, to: &str) -> Vec<u8> {
    member(name.as_bytes(), EntryType::Link, to.as_bytes(), b"")
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

#[test]
fn hostile_archives_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    let out = outside.path().to_str().unwrap();
    let special = |kind| vec![dir("t"), member(b"t/x", kind, b"", b"")];
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("absolute path", vec![file(&format!("{out}/x"), "x")]),
        ("climbs out", vec![file("t/../../x", "x")]),
        ("climbs out", vec![file("..", "x")]),
        ("leaves the archive", vec![dir("t"), link("t/x", out)]),
        ("leaves the archive", vec![dir("t"), link("t/x", "../../y")]),
        ("leaves the archive", vec![dir("t"), link("t/x", "../t/y")]), // the top folder goes away
        ("leaves the archive", vec![dir("t/a/b"), link("t/a/b/s", "../.."), link("t/o", "a/b/s/..")]),
        ("written through", vec![dir("t"), link("t/x", "a"), dir("t/a"), file("t/x/y", "x")]),
        ("written through", vec![dir("t"), link("t/x", "."), dir("t/x/y")]),
        ("leaves the archive", vec![link("x", out), file("x/y", "x")]),
        ("lies below", vec![file("t/x", "x"), file("t/x/y", "x")]),
        ("twice", vec![dir("t"), link("t/x", "y"), file("t/x", "x")]),
        ("twice", vec![dir("t"), link("t/x", "y"), dir("t/x")]),
        ("twice", vec![file("t/x", "x"), link("t/x", "y")]),
        ("twice", vec![dir("t/x"), file("t/x", "x")]),
        ("hard link", vec![dir("t"), hard("t/x", "/etc/passwd")]),
        ("hard link", vec![dir("t"), hard("t/x", "t/../../y")]),
        ("hard link", vec![dir("t"), hard("t/x", "t/later"), file("t/later", "x")]),
        ("hard link", vec![dir("t"), hard("t/x", "t")]),
        ("hard link", vec![dir("t/d"), link("t/l", "d"), hard("t/x", "t/l/y")]),
        // the same words lead elsewhere from a higher place
        ("leaves the archive", vec![dir("t/a"), link("t/a/l", "../b"), hard("t/l", "t/a/l")]),
        ("device", special(EntryType::Char)),
        ("device", special(EntryType::Block)),
        ("pipe", special(EntryType::Fifo)),
        ("type sources never need", special(EntryType::GNUSparse)),
        ("type sources never need", special(EntryType::new(b'V'))),
        ("no proper path", vec![dir("t"), link("t/x", "")]),
    ];
    for (i, (reason, members)) in cases.iter().enumerate() {
        let error = Bench::new().unpack(&archive(members)).unwrap_err();
        assert!(matches!(error, UnpackError::Refused { .. }), "case {i}: {error}");
        assert!(error.to_string().contains(reason), "case {i}, {reason}: {error}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn what_is_odd_but_harmless_is_unpacked() {
    let bench = Bench::new();
    let members = [
        dir("./"),
        dir("t"),
        file("t//./a", "old"),
        file("t/a", "new"),
        hard("t/b", "t/a"),
        hard("t/b", "t/a"),
        hard("t/a", "t/a"),
        link("t/gone", "nowhere"),
        link("t/loop", "loop"),
        link("t/d/up", "../a"),
        member(b"t/old-style/", EntryType::new(0), b"", b""),
        member(b"t/suid", EntryType::Regular, b"", b"x"),
        member("t/\u{e9}\u{1b}[2J".as_bytes(), EntryType::Regular, b"", b""),
        member(b"t/\xff:*?", EntryType::Regular, b"", b""),
        dir("t"),
    ];
    let unpacked = bench.unpack(&archive(&members)).unwrap();
    assert_eq!((unpacked.top_dir.as_deref(), unpacked.bytes), (Some("t"), 7));
    let tree = bench.target();
    assert_eq!(fs::read(tree.join("a")).unwrap(), b"new");
    assert_eq!(fs::metadata(tree.join("a")).unwrap().ino(), fs::metadata(tree.join("b")).unwrap().ino());
    assert!(tree.join("old-style").is_dir());
    assert_eq!(fs::read(tree.join("d/up")).unwrap(), b"new");
    assert_eq!(fs::symlink_metadata(&tree).unwrap().mtime(), 1_000_000_000);
}

#[test]
fn no_bit_acts_as_another_user() {
    let bench = Bench::new();
    let mut header = Header::new_gnu();
    header.set_path("t/x").unwrap();
    header.set_mode(0o6755);
    header.set_size(0);
    header.set_cksum();
    bench.unpack(&archive(&[header.as_bytes().to_vec()])).unwrap();
    assert_eq!(fs::metadata(bench.target().join("x")).unwrap().permissions().mode() & 0o7777, 0o755);
}

#[test]
fn several_tops_stay_as_they_are() {
    let bench = Bench::new();
    let unpacked = bench.unpack(&archive(&[file("a", "1"), file("b/c", "2")])).unwrap();
    assert_eq!((unpacked.top_dir, unpacked.entries), (None, 3));
    assert_eq!(fs::read(bench.target().join("b/c")).unwrap(), b"2");
    assert_eq!(fs::metadata(bench.target()).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn limits_hold() {
    let limits = |entries, bytes| Limits { entries, bytes, flush: false };
    let many: Vec<Vec<u8>> = (0..50).map(|n| file(&format!("t/{n}"), "12345678")).collect();
    let error = Bench::new().unpack_with(&archive(&many), &limits(20, 1 << 20)).unwrap_err();
    assert!(error.to_string().contains("more than 20 files"), "{error}");
    let error = Bench::new().unpack_with(&archive(&many), &limits(100, 100)).unwrap_err();
    assert!(error.to_string().contains("more than 100 bytes"), "{error}");
    // folders that only stand in names count as well
    let deep = file(&format!("{}x", "d/".repeat(40)), "");
    assert!(matches!(Bench::new().unpack_with(&archive(&[deep]), &limits(20, 100)), Err(UnpackError::TooMuch { .. })));
    // a bomb of zeros behind the end, which no member accounts for
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    bomb.write_all(&archive(&[file("t/x", "x")])).unwrap();
    (0..64).for_each(|_| bomb.write_all(&vec![0; 1 << 20]).unwrap());
    let error = Bench::new().unpack_with(&bomb.finish().unwrap(), &limits(100, 1 << 20)).unwrap_err();
    assert!(matches!(error, UnpackError::TooMuch { .. }), "{error}");
}

#[test]
fn names_and_records_without_end_are_refused() {
    let huge = vec![b'a'; 1 << 20];
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let bytes = archive(&[member(b"x", kind, b"", &huge), file("t/x", "x")]);
        assert!(matches!(Bench::new().unpack(&bytes), Err(UnpackError::Damaged { .. } | UnpackError::NotAnArchive { .. })));
    }
    let long = vec![b'a'; 5000];
    let error = Bench::new().unpack(&archive(&[member(b"x", EntryType::GNULongName, b"", &long), file("t", "")])).unwrap_err();
    assert!(error.to_string().contains("4,096"), "{error}");
    for record in ["20 GNU.sparse.major=1\n", "11 size=999\n", "9999 a=b\n", "garbage"] {
        let record = record.replace("20 GNU.sparse.major=1", "22 GNU.sparse.major=1");
        let bytes = archive(&[file("t/a", "1"), member(b"x", EntryType::XHeader, b"", record.as_bytes()), file("t/x", "x")]);
        assert!(matches!(Bench::new().unpack(&bytes), Err(UnpackError::Damaged { .. })), "{record}");
    }
}

#[test]
fn what_is_cut_or_no_archive_says_so() {
    let whole = archive(&[file("t/x", &"x".repeat(3000)), file("t/y", "y")]);
    for bytes in [&whole[..2000], &whole[..3700], &whole[..3590]] {
        let error = Bench::new().unpack(bytes).unwrap_err();
        assert!(matches!(error, UnpackError::Damaged { .. }), "{error}");
    }
    for bytes in [&b""[..], b"hello", &[7; 5000], &[0; 5000]] {
        assert!(matches!(Bench::new().unpack(bytes), Err(UnpackError::NotAnArchive { .. })));
    }
    let xz = liblzma::encode_all(&whole[..], 1).unwrap();
    let mut wrong = xz.clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 0x55;
    for bytes in [&xz[..xz.len() - 20], &wrong] {
        assert!(matches!(Bench::new().unpack(bytes), Err(UnpackError::Damaged { .. } | UnpackError::NotAnArchive { .. })));
    }
}

#[test]
fn a_target_that_is_there_is_kept() {
    let bench = Bench::new();
    let bytes = archive(&[file("t/x", "x")]);
    bench.unpack(&bytes).unwrap();
    fs::write(bench.target().join("mine"), "").unwrap();
    let archive_path = bench.0.path().join("a.tar");
    let again = unpack(&archive_path, &bench.target(), &Limits::default(), &|_| {}, &AtomicBool::new(false));
    assert!(matches!(again, Err(UnpackError::TargetExists { .. })));
    assert!(bench.target().join("mine").exists());
    // an empty folder is as good as none
    fs::remove_dir_all(bench.target()).unwrap();
    fs::create_dir(bench.target()).unwrap();
    bench.unpack(&bytes).unwrap();
}

#[test]
fn what_a_crash_left_is_swept() {
    let bench = Bench::new();
    let old = bench.0.path().join("out/.tree.unpacking-crashed/t");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("half"), "").unwrap();
    bench.unpack(&archive(&[file("t/x", "x")])).unwrap(); // looks that nothing else is left
}

#[test]
fn cancel_ends_it_with_nothing_left() {
    let bench = Bench::new();
    let members: Vec<Vec<u8>> = (0..20_000).map(|n| file(&format!("t/{n}"), "12345678")).collect();
    let path = bench.0.path().join("a.tar");
    fs::write(&path, archive(&members)).unwrap();
    let cancel = AtomicBool::new(false);
    let stop = |p: Progress| {
        if matches!(p, Progress::Bytes { .. }) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    assert!(matches!(unpack(&path, &bench.target(), &Limits::default(), &stop, &cancel), Err(UnpackError::Cancelled)));
    assert!(!bench.target().exists());
    for _ in 0..3000 {
        if fs::read_dir(bench.0.path().join("out")).unwrap().count() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10)); // the scratch folder goes in the background
    }
    panic!("the scratch folder stays");
}

/// Everything `find` can tell about a tree, with contents by `diff`.
fn same_trees(one: &Path, other: &Path) {
    let listing = |root: &Path| -> Vec<String> {
        let mut lines: Vec<String> = walkdir::WalkDir::new(root)
            .into_iter()
            .map(|e| {
                let e = e.unwrap();
                let meta = fs::symlink_metadata(e.path()).unwrap();
                let name = e.path().strip_prefix(root).unwrap().display().to_string();
                let to = fs::read_link(e.path()).unwrap_or_default();
                let size = if meta.is_dir() { 0 } else { meta.size() };
                // tar gives no time to the top folder it strips
                let time = if name.is_empty() { (0, 0) } else { (meta.mtime(), meta.mtime_nsec()) };
                format!("{name} {:o} {size} {time:?} {}", meta.mode(), to.display())
            })
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(listing(one), listing(other));
    assert!(Command::new("diff").args(["-r", "--no-dereference"]).args([one, other]).status().unwrap().success());
}

#[test]
fn the_same_tree_as_tar_in_every_dialect_and_packing() {
    let work = tempfile::tempdir().unwrap();
    let source = work.path().join("top-1.0");
    let long = format!("{}/{}", "folder-with-a-name".repeat(8), "file-with-a-name".repeat(10));
    fs::create_dir_all(source.join(&long).parent().unwrap()).unwrap();
    fs::write(source.join(&long), "long").unwrap();
    fs::write(source.join("big"), noise(3 << 20)).unwrap();
    fs::write(source.join("run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(source.join("run"), fs::Permissions::from_mode(0o751)).unwrap();
    fs::write(source.join("only-read"), "r").unwrap();
    fs::set_permissions(source.join("only-read"), fs::Permissions::from_mode(0o444)).unwrap();
    fs::hard_link(source.join("run"), source.join("run-too")).unwrap();
    std::os::unix::fs::symlink(&long, source.join("to-long")).unwrap();
    fs::create_dir(source.join("empty")).unwrap();
    assert!(Command::new("touch").args(["-h", "-d", "@1400000000.25"]).arg(source.join("to-long")).status().unwrap().success());
    assert!(Command::new("touch").args(["-d", "@-86400.5"]).arg(source.join("only-read")).status().unwrap().success());
    for (dialect, packing) in [("gnu", "--gzip"), ("pax", "--xz"), ("gnu", "--bzip2"), ("pax", "--zstd"), ("gnu", "--no-auto-compress")] {
        let archive = work.path().join(format!("{dialect}{packing}"));
        let mut tar = Command::new("tar");
        tar.arg(format!("--format={dialect}")).args([packing, "-C"]).arg(work.path()).arg("-cf").arg(&archive).arg("top-1.0");
        if !tar.status().unwrap().success() {
            eprintln!("skipped {dialect} {packing}: this tar cannot write it");
            continue;
        }
        let (reference, ours) = (work.path().join("reference"), work.path().join("ours"));
        fs::create_dir(&reference).unwrap();
        let read = Command::new("tar").args(["--strip-components=1", "-xpf"]).arg(&archive).arg("-C").arg(&reference).status();
        assert!(read.unwrap().success());
        let unpacked = unpack(&archive, &ours, &Limits::default(), &|_| {}, &AtomicBool::new(false)).unwrap();
        assert_eq!(unpacked.top_dir.as_deref(), Some("top-1.0"));
        same_trees(&reference, &ours);
        fs::remove_dir_all(&reference).unwrap();
        fs::remove_dir_all(&ours).unwrap();
    }
}

fn noise(len: usize) -> Vec<u8> {
    (0..len as u64 / 8).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17).to_le_bytes()).collect()
}
