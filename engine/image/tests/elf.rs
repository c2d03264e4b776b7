//! ELF facts against `readelf` over the programs and libraries of this machine, and against damaged files.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::Error;
use bootwright_image::elf::{Class, Elf, Kind, defined_dynamic_symbols, inspect};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every `step`th ELF file of a folder, links left out, in order of name.
fn elf_files(dir: &str, step: usize) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.retain(|path| path.symlink_metadata().unwrap().is_file());
    files.retain(|path| std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF")));
    files.into_iter().step_by(step).collect()
}

/// `readelf` over many files at once: its output by file.
fn readelf(arguments: &[&str], files: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let mut result = BTreeMap::new();
    for part in files.chunks(100) {
        let output = Command::new("readelf").env("LC_ALL", "C").args(arguments).args(part).arg("/bin/true").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for section in text.split("\nFile: ").skip(if text.starts_with("File: ") { 0 } else { 1 }) {
            let section = section.strip_prefix("File: ").unwrap_or(section);
            let (name, rest) = section.split_once('\n').unwrap();
            result.insert(PathBuf::from(name), rest.to_owned());
        }
    }
    result
}

/// What `readelf -W -h -l -d` says, in the words of this crate.
fn facts_of_readelf(text: &str) -> BTreeMap<&'static str, Vec<String>> {
    let bracketed = |line: &str| line.split_once('[').unwrap().1.rsplit_once(']').unwrap().0.to_owned();
    let mut facts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut add = |key, value: String| facts.entry(key).or_default().push(value);
        match words.as_slice() {
            ["Class:", class] => add("class", (*class).to_owned()),
            ["Machine:", ..] => add("machine", line.split_once(':').unwrap().1.trim().to_owned()),
            ["Type:", kind, ..] => add("type", format!("{kind}{}", if line.contains("Position-Independent") { " PIE" } else { "" })),
            ["[Requesting", ..] => add("interpreter", line.rsplit_once(": ").unwrap().1.trim_end_matches(']').to_owned()),
            [_, "(NEEDED)", ..] => add("needed", bracketed(line)),
            [_, "(SONAME)", ..] => add("soname", bracketed(line)),
            [_, "(RPATH)", ..] => add("rpath", bracketed(line)),
            [_, "(RUNPATH)", ..] => add("runpath", bracketed(line)),
            _ => {}
        }
    }
    facts
}

fn facts_of_ours(elf: &Elf) -> BTreeMap<&'static str, Vec<String>> {
    let mut facts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut add = |key, values: Vec<String>| {
        if !values.is_empty() {
            facts.insert(key, values);
        }
    };
    add("class", vec![if elf.target.class == Class::Elf64 { "ELF64" } else { "ELF32" }.to_owned()]);
    let machine = match elf.target.machine.0 {
        62 => "Advanced Micro Devices X86-64".to_owned(),
        3 => "Intel 80386".to_owned(),
        247 => "Linux BPF".to_owned(),
        other => panic!("machine {other} is new to this test"),
    };
    add("machine", vec![machine]);
    let kind = match elf.kind {
        Kind::Executable => "EXEC",
        Kind::Pie => "DYN PIE",
        Kind::SharedObject => "DYN",
        Kind::Relocatable => "REL",
        other => panic!("{other:?} is new to this test"),
    };
    add("type", vec![kind.to_owned()]);
    add("interpreter", elf.interpreter.iter().cloned().collect());
    add("needed", elf.needed.clone());
    add("soname", elf.soname.iter().cloned().collect());
    let joined = |folders: &[String]| if folders.is_empty() { vec![] } else { vec![folders.join(":")] };
    add("rpath", joined(&elf.rpath));
    add("runpath", joined(&elf.runpath));
    facts
}

#[test]
fn agrees_with_readelf_on_this_machine() {
    let mut files = elf_files("/usr/bin", 2);
    files.extend(elf_files("/usr/sbin", 4));
    files.extend(elf_files("/usr/lib/x86_64-linux-gnu", 2)); // crt1.o and the like too
    let theirs = readelf(&["-W", "-h", "-l", "-d"], &files);
    let mut compared = BTreeMap::<Kind, usize>::new();
    for file in &files {
        let ours = inspect(file).unwrap();
        assert_eq!(facts_of_ours(&ours), facts_of_readelf(&theirs[file]), "{}", file.display());
        *compared.entry(ours.kind).or_default() += 1;
    }
    eprintln!("compared with readelf: {compared:?}");
    assert!(compared.values().sum::<usize>() > 300, "too few files to mean anything: {compared:?}");
    for kind in [Kind::Pie, Kind::SharedObject, Kind::Relocatable] {
        assert!(compared.get(&kind).is_some_and(|count| *count > 2), "{kind:?}: {compared:?}");
    }
}

#[test]
fn defined_symbols_agree_with_readelf() {
    let mut files = elf_files("/usr/lib/x86_64-linux-gnu", 9);
    files.extend(elf_files("/usr/bin", 40));
    files.extend(["libc.so.6", "libm.so.6", "libstdc++.so.6"].map(|name| Path::new("/usr/lib/x86_64-linux-gnu").join(name)));
    files.retain(|file| file.exists() && file.extension().is_none_or(|extension| extension != "o"));
    let theirs = readelf(&["-W", "--dyn-syms"], &files);
    let mut total = 0;
    for file in &files {
        let mut expected = BTreeSet::new();
        for line in theirs[file].lines() {
            // Where a file's ABI is the generic one, readelf has no word for the binding UNIQUE.
            let line = line.replace("<OS specific>: 10", "UNIQUE");
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [_, _, _, _, "GLOBAL" | "WEAK" | "UNIQUE", _, section, rest @ ..] = words.as_slice()
                && *section != "UND"
                && let Some(name) = rest.iter().find(|word| !word.starts_with('['))
            {
                expected.insert(name.split('@').next().unwrap().to_owned());
            }
        }
        let ours = defined_dynamic_symbols(file).unwrap();
        let differing: Vec<_> = ours.symmetric_difference(&expected).take(5).collect();
        assert!(differing.is_empty(), "{}: {differing:?}", file.display());
        total += ours.len();
    }
    eprintln!("compared {total} symbols of {} files", files.len());
    assert!(total > 5000);
}

fn gcc(dir: &Path, source: &str, arguments: &[&str], output: &str) -> PathBuf {
    let file = dir.join(format!("{output}.c"));
    std::fs::write(&file, source).unwrap();
    let path = dir.join(output);
    let done = Command::new("gcc").arg("-o").arg(&path).arg(&file).args(arguments).current_dir(dir).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    path
}

#[test]
fn kinds_of_hand_made_programs() {
    let dir = tempfile::tempdir().unwrap();
    let main = "int main(void) { return 0; }";
    let fixed = inspect(&gcc(dir.path(), main, &["-static"], "static")).unwrap();
    assert_eq!((fixed.kind, fixed.is_static()), (Kind::Executable, true));
    let fixed_pie = inspect(&gcc(dir.path(), main, &["-static-pie"], "static-pie")).unwrap();
    assert_eq!((fixed_pie.kind, fixed_pie.is_static()), (Kind::Pie, true));
    let dynamic = inspect(&gcc(dir.path(), main, &["-no-pie"], "dynamic")).unwrap();
    assert_eq!((dynamic.kind, dynamic.is_static()), (Kind::Executable, false));
    assert_eq!(dynamic.interpreter.as_deref(), Some("/lib64/ld-linux-x86-64.so.2"));
    // A linker before binutils 2.26 would not have set DF_1_PIE; readelf takes its programs for libraries.
    let flagged = gcc(dir.path(), main, &["-pie"], "pie");
    let mut bytes = std::fs::read(&flagged).unwrap();
    let entry = bytes.windows(8).position(|window| window == [0xfb, 0xff, 0xff, 0x6f, 0, 0, 0, 0]).unwrap();
    assert_eq!(bytes[entry + 11] & 8, 8);
    bytes[entry + 11] = 0;
    std::fs::write(&flagged, bytes).unwrap();
    assert_eq!(inspect(&flagged).unwrap().kind, Kind::Pie);
    let library = ["-shared", "-fPIC", "-nostdlib", "-Wl,-soname,liba.so.1", "-Wl,--disable-new-dtags,-rpath,/x:$ORIGIN/y"];
    let library = inspect(&gcc(dir.path(), "int a(void) { return 1; }", &library, "liba.so")).unwrap();
    assert_eq!((library.kind, library.is_static()), (Kind::SharedObject, false));
    assert_eq!((library.soname.as_deref(), library.rpath), (Some("liba.so.1"), vec!["/x".to_owned(), "$ORIGIN/y".to_owned()]));
}

#[test]
fn symbols_by_either_hash_table_and_without_section_headers() {
    let dir = tempfile::tempdir().unwrap();
    let source = "extern int elsewhere(void); static int mine(void) { return 1; } int a(void) { return mine() + elsewhere(); }\
                  __attribute__((weak)) int b(void) { return 2; } __attribute__((visibility(\"hidden\"))) int c(void) { return 3; }";
    let expected = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    for style in ["gnu", "sysv", "both"] {
        let hash = format!("-Wl,--hash-style={style}");
        let path = gcc(dir.path(), source, &["-shared", "-fPIC", "-nostdlib", &hash], &format!("lib{style}.so"));
        assert_eq!(defined_dynamic_symbols(&path).unwrap(), expected, "{style}");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[0x28..0x30].fill(0); // e_shoff
        bytes[0x3c..0x40].fill(0); // e_shnum, e_shstrndx
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(defined_dynamic_symbols(&path).unwrap(), expected, "{style} without sections");
    }
    let none = gcc(
        dir.path(),
        "static int n(void) { return 1; } int (*const keep)(void) __attribute__((visibility(\"hidden\"))) = n;",
        &["-shared", "-fPIC", "-nostdlib"],
        "libnone.so",
    );
    assert_eq!(defined_dynamic_symbols(&none).unwrap(), BTreeSet::new());
}

#[test]
fn what_is_not_elf_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("script");
    std::fs::write(&script, "#!/bin/sh\n").unwrap();
    assert!(matches!(inspect(&script), Err(Error::NotElf { path }) if path == script));
    std::fs::write(&script, "").unwrap();
    assert!(matches!(inspect(&script), Err(Error::NotElf { .. })));
    assert!(matches!(inspect(dir.path()), Err(Error::NotAFile { .. })));
    assert!(matches!(inspect(&dir.path().join("absent")), Err(Error::Io { .. })));
    assert!(matches!(inspect(Path::new("/dev/zero")), Err(Error::NotAFile { .. })));
    let message = inspect(&dir.path().join("absent")).unwrap_err().to_string();
    assert!(message.contains("absent") && message.contains("check that"), "{message}");
}

#[test]
fn damaged_files_give_errors_and_no_panic() {
    let dir = tempfile::tempdir().unwrap();
    let whole = gcc(dir.path(), "int f(void) { return 1; } int main(void) { return 0; }", &["-rdynamic", "-Wl,-s"], "whole");
    let good = std::fs::read(&whole).unwrap();
    let victim = dir.path().join("victim");
    let (mut refused, mut tried) = (0, 0);
    let mut check = |bytes: &[u8]| {
        std::fs::write(&victim, bytes).unwrap();
        tried += 2;
        refused += usize::from(inspect(&victim).is_err()) + usize::from(defined_dynamic_symbols(&victim).is_err());
    };
    for length in (0..good.len()).step_by(97).chain(0..80) {
        check(&good[..length]);
    }
    // Every byte of the header and program headers at its extremes, then random bytes anywhere.
    for at in 0..0x40 + 13 * 0x38 {
        for value in [0, 0x7f, 0xff, good[at] ^ 1] {
            let mut bytes = good.clone();
            bytes[at] = value;
            check(&bytes);
        }
    }
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    for _ in 0..1500 {
        let mut bytes = good.clone();
        for _ in 0..=next(8) {
            let at = next(good.len());
            bytes[at] = next(256) as u8;
        }
        check(&bytes);
    }
    // The dynamic segment and the hash table are small targets: hit them as well.
    let dynamic = good.windows(8).position(|window| window == [5, 0, 0, 0, 0, 0, 0, 0]).unwrap_or(0);
    for _ in 0..1500 {
        let mut bytes = good.clone();
        for base in [0x40, 0x300, dynamic.saturating_sub(0x80)] {
            let at = (base + next(0x180)).min(good.len() - 1);
            bytes[at] = next(256) as u8;
        }
        check(&bytes);
    }
    eprintln!("{refused} of {tried} refused");
    assert!(refused > 500);
}
