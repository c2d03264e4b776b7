//! cpio archives against GNU cpio, and against damaged ones.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::Error;
use bootwright_image::cpio::{Device, DeviceKind, EntryKind, Writer, pack_tree, read};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MTIME: u32 = 1_700_000_000;

fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for folder in ["bin", "dev", "etc/init.d", "tmp", "a", "empty"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    // Every length of data and of name around the padding.
    for length in 0..9 {
        fs::write(root.join(format!("etc/{}", "n".repeat(length + 1))), vec![b'x'; length]).unwrap();
    }
    fs::write(root.join("bin/busybox"), (0..70_000u32).map(|n| (n * 7 % 251) as u8).collect::<Vec<_>>()).unwrap();
    fs::set_permissions(root.join("bin/busybox"), Permissions::from_mode(0o4755)).unwrap();
    fs::set_permissions(root.join("tmp"), Permissions::from_mode(0o1777)).unwrap();
    fs::set_permissions(root.join("etc/n"), Permissions::from_mode(0o600)).unwrap();
    fs::write(root.join("a/b"), "after a.b by bytes").unwrap();
    fs::write(root.join("a.b"), "before a/b by bytes").unwrap();
    fs::write(root.join("na\u{ef}ve name"), "utf-8").unwrap();
    symlink("busybox", root.join("bin/sh")).unwrap();
    symlink("/nowhere/at/all", root.join("dangling")).unwrap();
    dir
}

fn devices() -> Vec<Device> {
    let disk = Device { path: PathBuf::from("/dev/sr0"), kind: DeviceKind::Block, major: 11, minor: 300, mode: 0o640 };
    vec![disk, Device::console(), Device::null()]
}

fn pack(dir: &Path, devices: &[Device]) -> Vec<u8> {
    let mut out = Vec::new();
    let packed = pack_tree(dir, devices, MTIME, &mut out).unwrap();
    assert_eq!(packed.bytes, out.len() as u64);
    assert_eq!(packed.entries, read(&out).unwrap().entries.len() as u64);
    out
}

/// Runs GNU cpio on an archive and wants it silent on stderr, as it says there what it does not like.
fn gnu(arguments: &[&str], dir: &Path, archive: &[u8]) -> String {
    let mut child = Command::new("cpio")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let archive = archive.to_vec();
    let feeder = std::thread::spawn(move || {
        let _ = stdin.write_all(&archive); // cpio may stop at the trailer, before the padding
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && stderr.is_empty(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn gnu_cpio_lists_what_was_packed() {
    let dir = tree();
    let archive = pack(dir.path(), &devices());
    let listed = gnu(&["--quiet", "-itv", "--numeric-uid-gid"], dir.path(), &archive);
    let mut lines = BTreeMap::new();
    for line in listed.lines() {
        // mode, links, uid, gid, size or "major, minor", month, day, year, name
        let (facts, name) = line.split_once(" Nov 14  2023 ").unwrap_or_else(|| panic!("time of {line}"));
        lines.insert(name.to_owned(), facts.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    }
    let facts = |name: &str| lines.get(name).unwrap_or_else(|| panic!("{name} in {listed}")).join(" ");
    assert_eq!(facts("bin/busybox"), "-rwsr-xr-x 1 0 0 70000");
    assert_eq!(facts("tmp"), "drwxrwxrwt 2 0 0 0");
    assert_eq!(facts("etc/n"), "-rw------- 1 0 0 0");
    assert_eq!(facts("dev/console"), "crw------- 1 0 0 5, 1");
    assert_eq!(facts("dev/null"), "crw-rw-rw- 1 0 0 1, 3");
    assert_eq!(facts("dev/sr0"), "brw-r----- 1 0 0 11, 300");
    assert_eq!(facts("bin/sh -> busybox"), "lrwxrwxrwx 1 0 0 7");

    // The order is that of bytes, and nothing is missing: the tree, the three devices, not the root.
    let names = gnu(&["--quiet", "-it"], dir.path(), &archive);
    let names: Vec<&str> = names.lines().collect();
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| name.as_bytes().to_vec());
    assert_eq!(names, sorted);
    assert_eq!(names.len(), walkdir::WalkDir::new(dir.path()).min_depth(1).into_iter().count() + 3);
    let place = |wanted| names.iter().position(|name| *name == wanted).unwrap();
    assert!(place("a") < place("a.b") && place("a.b") < place("a/b"));
}

#[test]
fn gnu_cpio_extracts_the_same_tree() {
    let dir = tree();
    let target = tempfile::tempdir().unwrap();
    // Devices need root and are in the listing test.
    let archive = pack(dir.path(), &[]);
    gnu(&["--quiet", "-id", "--no-preserve-owner", "--preserve-modification-time"], target.path(), &archive);
    let differences = Command::new("diff").args(["-r", "--no-dereference"]).args([dir.path(), target.path()]).output().unwrap();
    assert!(differences.status.success(), "{}", String::from_utf8_lossy(&differences.stdout));
    let busybox = fs::symlink_metadata(target.path().join("bin/busybox")).unwrap();
    assert_eq!((busybox.mode() & 0o7777, busybox.mtime()), (0o4755, i64::from(MTIME)));
    assert_eq!(fs::symlink_metadata(target.path().join("tmp")).unwrap().mode() & 0o7777, 0o1777);
    // And packs to the same bytes again, whatever the order and times of the new tree's files.
    assert_eq!(pack(target.path(), &[]), archive);
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let dir = tree();
    let first = pack(dir.path(), &devices());
    let mut reversed = devices();
    reversed.reverse();
    fs::write(dir.path().join("a.b"), "before a/b by bytes").unwrap(); // a new time on disk
    assert_eq!(pack(dir.path(), &reversed), first);
    fs::set_permissions(dir.path().join("a.b"), Permissions::from_mode(0o640)).unwrap();
    assert_ne!(pack(dir.path(), &devices()), first);
}

#[test]
fn reads_what_gnu_cpio_writes() {
    let dir = tree();
    fs::hard_link(dir.path().join("a.b"), dir.path().join("linked")).unwrap();
    for format in ["newc", "crc"] {
        let find = "LC_ALL=C; find . -mindepth 1 | sort | cpio --quiet -o -H ";
        let output = Command::new("sh").arg("-c").arg(format!("{find}{format}")).current_dir(dir.path()).output().unwrap();
        let archive = read(&output.stdout).unwrap();
        assert!(archive.trailer);
        assert_eq!(archive.end, output.stdout.len());
        let mut names = 0;
        for entry in walkdir::WalkDir::new(dir.path()).min_depth(1) {
            let entry = entry.unwrap();
            let metadata = entry.path().symlink_metadata().unwrap();
            let name = entry.path().strip_prefix(dir.path()).unwrap();
            let ours = archive.entries.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("{}", name.display()));
            names += 1;
            assert_eq!((ours.mode, ours.uid, ours.mtime), (metadata.mode(), metadata.uid(), metadata.mtime() as u32));
            assert_eq!(ours.data, &output.stdout[ours.data_offset..ours.data_offset + ours.data.len()]);
            match ours.kind() {
                EntryKind::File if ours.nlink == 1 => assert_eq!(ours.data, fs::read(entry.path()).unwrap()),
                EntryKind::File => assert_eq!(ours.nlink, 2),
                EntryKind::Symlink => assert_eq!(ours.target().unwrap(), fs::read_link(entry.path()).unwrap()),
                kind => assert_eq!((kind, ours.data), (EntryKind::Dir, &[][..])),
            }
        }
        assert_eq!(archive.entries.len(), names);
        if format == "crc" {
            let mut wrong = output.stdout.clone();
            let busybox = archive.entries.iter().find(|one| one.name == Path::new("bin/busybox")).unwrap();
            wrong[busybox.data_offset + 10] ^= 1;
            let error = read(&wrong).unwrap_err();
            assert!(matches!(&error, Error::BadCpio { offset, why } if *offset == busybox.offset && why.contains("checksum")), "{error}");
        }
    }
}

#[test]
fn archives_in_a_row_and_what_follows() {
    let dir = tree();
    let one = pack(dir.path(), &[]);
    let count = read(&one).unwrap().entries.len();
    let mut row = one.clone();
    row.extend([0; 8]);
    row.extend(&one);
    let archive = read(&row).unwrap();
    assert_eq!((archive.entries.len(), archive.trailer, archive.end), (2 * count, true, row.len()));
    assert_eq!(archive.entries[count].offset, one.len() + 8);
    row.extend([0x1f, 0x8b, 8, 0]);
    assert_eq!(read(&row).unwrap().end, row.len() - 4);
    assert_eq!(read(b"").unwrap().entries.len(), 0);
}

#[test]
fn what_the_kernel_would_lose_is_refused() {
    let mut writer = Writer::new(Vec::new(), 0);
    let long = "x".repeat(4096);
    for name in ["", "/", ".", "../x", "a/../b", "TRAILER!!!", "./TRAILER!!!", "nul\0", &long] {
        let error = writer.dir(Path::new(name), 0o755).unwrap_err();
        assert!(matches!(error, Error::CpioEntry { .. }), "{name}: {error}");
    }
    writer.dir(Path::new("/x//y/."), 0o755).unwrap();
    writer.dir(Path::new("x/TRAILER!!!"), 0o755).unwrap();
    assert!(writer.symlink(Path::new("s"), Path::new("")).is_err());
    assert!(writer.file(Path::new("big"), 0o644, 1 << 32, &mut std::io::empty()).is_err());
    let (bytes, entries, size) = writer.finish().unwrap();
    assert_eq!((entries, size), (2, bytes.len() as u64));
    assert_eq!(read(&bytes).unwrap().entries[0].name, Path::new("x/y"));
    let mut short = Writer::new(Vec::new(), 0);
    assert!(short.file(Path::new("short"), 0o644, 10, &mut &b"123"[..]).unwrap_err().to_string().contains("3 came"));

    let dir = tree();
    let refused = |devices: &[Device]| pack_tree(dir.path(), devices, 0, std::io::sink()).unwrap_err().to_string();
    assert!(refused(&[Device { path: "absent/console".into(), ..Device::console() }]).contains("folder is not in the tree"));
    assert!(refused(&[Device { path: "a/b".into(), ..Device::console() }]).contains("there already"));
    assert!(refused(&[Device::null(), Device::null()]).contains("there already"));
    let socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    assert!(refused(&[]).contains("socket"));
    drop(socket);
    assert!(pack_tree(&dir.path().join("a.b"), &[], 0, std::io::sink()).is_err());
    assert!(pack_tree(&dir.path().join("absent"), &[], 0, std::io::sink()).is_err());
}

#[test]
fn pipes_and_every_kind_survive() {
    let mut writer = Writer::new(Vec::new(), 5);
    writer.fifo(Path::new("pipe"), 0o622).unwrap();
    writer.device(Path::new("big"), 0o600, DeviceKind::Char, 4095, 1_048_575).unwrap();
    let (bytes, ..) = writer.finish().unwrap();
    let archive = read(&bytes).unwrap();
    let facts: Vec<_> = archive.entries.iter().map(|one| (one.kind(), one.permissions(), one.rdev, one.ino, one.mtime)).collect();
    assert_eq!(facts, [(EntryKind::Fifo, 0o622, (0, 0), 1, 5), (EntryKind::Char, 0o600, (4095, 1_048_575), 2, 5)]);
    assert_eq!(bytes.len() % 512, 0);
}

#[test]
fn damaged_archives_give_errors_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("d")).unwrap();
    fs::write(dir.path().join("d/f"), "some data of a file").unwrap();
    symlink("f", dir.path().join("d/s")).unwrap();
    let good = pack(dir.path(), &[]);
    let whole = read(&good).unwrap();
    for length in 0..good.len() {
        // Cut off between entries is an archive without trailer; anywhere else it is an error or ends before data.
        if let Ok(archive) = read(&good[..length]) {
            assert!(archive.entries.len() <= whole.entries.len() && whole.entries.starts_with(&archive.entries), "{length}");
        }
    }
    assert!(matches!(read(&good[..50]), Err(Error::BadCpio { offset: 0, .. })));
    let mut refused = 0;
    for at in 0..good.len() {
        for value in [0, b'0', b'F', b'+', 0xff, good[at] ^ 1] {
            let mut bytes = good.clone();
            bytes[at] = value;
            if let Ok(archive) = read(&bytes) {
                assert!(archive.end <= bytes.len());
            } else {
                refused += 1;
            }
        }
    }
    assert!(refused > 500, "{refused}");
    assert!(read(b"070707 the old format").unwrap_err().to_string().contains("070701 should stand"));
}
