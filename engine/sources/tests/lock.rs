//! The lock file: round trip, and hostile input named with its place.

#![allow(clippy::unwrap_used, clippy::panic)] // in tests a panic is the report

use std::fs;
use std::path::Path;

use bootwright_sources::{LockEntry, LockFile, Provider, ProviderKind};

fn entry() -> LockEntry {
    LockEntry {
        provider: ProviderKind::AptBinary,
        version: Some("1:2-3~x".into()),
        sha256: "0123456789abcdef".repeat(4),
        size: u64::MAX,
        origin: "a \"quoted\"\nname".into(),
    }
}

#[test]
fn round_trip_and_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.lock.ron");
    assert_eq!(LockFile::load(&path).unwrap(), LockFile::default());
    let mut lock = LockFile::default();
    lock.entries.insert("glibc".into(), entry());
    lock.entries.insert("a b".into(), LockEntry { version: None, ..entry() });
    lock.save(&path).unwrap();
    lock.save(&path).unwrap();
    assert_eq!(LockFile::load(&path).unwrap(), lock);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn hostile_input_is_an_error_with_file_and_place() {
    let path = Path::new("x.lock.ron");
    let says = |text: &str| LockFile::parse(text, path).unwrap_err().to_string();
    assert!(says("(format: 1,\n entries: {\"a\": 5})").contains("line 2"), "{}", says("(format: 1,\n entries: {\"a\": 5})"));
    assert!(says("(format: 2, shape: \"new\")").contains("format 2"));
    assert!(says("(format: 1, entries: {}, more: 1)").contains("more"));
    let short = "(format: 1, entries: {\"a\": (provider: Url, version: None, sha256: \"00\", size: 1, origin: \"\")})";
    assert!(says(short).contains("“a”"));
    for text in ["", "(", "\u{0}", "((((", "(format: 99999999999999)"] {
        assert!(says(text).contains("x.lock.ron"));
    }
    assert!(LockFile::parse(&"[".repeat(100_000), path).is_err());
    let deep = format!("(format: 1, entries: {}", "{\"a\":".repeat(50_000));
    assert!(LockFile::parse(&deep, path).is_err());
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(LockFile::load(&path).is_err());
    fs::write(&path, vec![b' '; 5 << 20]).unwrap();
    assert!(LockFile::load(&path).unwrap_err().to_string().contains("4 MiB"));
}

#[test]
fn providers_are_written_in_recipes_like_this() {
    let text = "[File(path: \"/a\"), Url(urls: [\"u\"], sha256: \"s\"), AptBinary(package: \"p\", member: \"m\"), AptSource(package: \"p\", suffix: \".x\")]";
    let providers: Vec<Provider> = ron::from_str(text).unwrap();
    assert_eq!(providers.len(), 4);
    assert_eq!(ron::from_str::<Vec<Provider>>(&ron::to_string(&providers).unwrap()).unwrap(), providers);
}
