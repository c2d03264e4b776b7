//! The closure over hand-made libraries, over this machine's programs against `ldd`'s loader, and name service modules.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::Error;
use bootwright_image::closure::{Asked, closure};
use bootwright_image::elf::Class;
use bootwright_image::nss::{Service, nss_modules};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn gcc(dir: &Path, output: &str, source: &str, arguments: &[&str]) -> PathBuf {
    let source_file = dir.join("source.c");
    std::fs::write(&source_file, source).unwrap();
    let path = dir.join(output);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let done = Command::new("gcc").args(["-nostdlib", "-o"]).arg(&path).arg(&source_file).args(arguments).current_dir(dir).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    path
}

fn library(dir: &Path, output: &str, arguments: &[&str]) -> PathBuf {
    let soname = format!("-Wl,-soname,{}", Path::new(output).file_name().unwrap().to_str().unwrap());
    let mut all = vec!["-shared", "-fPIC", "-Wl,--no-as-needed", soname.as_str()];
    all.extend(arguments);
    gcc(dir, output, "", &all)
}

/// A program that needs b and a; b needs c and a; c needs d; the loader is at /odd/ld-test.so.1.
fn system(dir: &Path) -> PathBuf {
    library(dir, "lib/ld-test.so.1", &[]);
    library(dir, "lib/libd.so.1", &[]);
    library(dir, "more/libc.so.9", &["lib/libd.so.1"]);
    library(dir, "lib/liba.so.1", &[]);
    library(dir, "lib/libb.so.1", &["more/libc.so.9", "lib/liba.so.1"]);
    let link = [
        "-Wl,--no-as-needed,--allow-shlib-undefined,--unresolved-symbols=ignore-all",
        "-Wl,--dynamic-linker=/odd/ld-test.so.1",
        "lib/libb.so.1",
        "lib/liba.so.1",
    ];
    gcc(dir, "program", "void _start(void) {}", &link)
}

#[test]
fn hand_made_closure_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let program = system(dir.path());
    let (lib, more) = (dir.path().join("lib"), dir.path().join("more"));
    let result = closure(std::slice::from_ref(&program), &[lib.clone(), more.clone()]).unwrap();
    let got: Vec<_> = result.libraries.iter().map(|one| (one.name.as_str(), one.found.clone(), one.needed_by.clone(), one.asked)).collect();
    assert_eq!(
        got,
        [
            ("ld-test.so.1", lib.join("ld-test.so.1"), program.clone(), Asked::Interpreter),
            ("libb.so.1", lib.join("libb.so.1"), program.clone(), Asked::Needed),
            ("liba.so.1", lib.join("liba.so.1"), program.clone(), Asked::Needed),
            ("libc.so.9", more.join("libc.so.9"), lib.join("libb.so.1"), Asked::Needed),
            ("libd.so.1", lib.join("libd.so.1"), more.join("libc.so.9"), Asked::Needed),
        ]
    );
    assert_eq!(result.libraries[0].interpreter_paths, ["/odd/ld-test.so.1"]);
    assert!(result.libraries[1].interpreter_paths.is_empty());
    assert_eq!(result.roots.len(), 1);
    assert_eq!(closure(&[program], &[lib, more]).unwrap(), result, "the same call gives the same result");
}

#[test]
fn missing_libraries_are_all_named() {
    let dir = tempfile::tempdir().unwrap();
    let program = system(dir.path());
    std::fs::remove_file(dir.path().join("lib/libd.so.1")).unwrap();
    std::fs::remove_file(dir.path().join("lib/ld-test.so.1")).unwrap();
    let search = [dir.path().join("lib"), dir.path().join("more")];
    let error = closure(std::slice::from_ref(&program), &search).unwrap_err();
    let text = error.to_string();
    let Error::Unresolved { missing, searched } = error else { panic!("{text}") };
    let names: Vec<_> = missing.iter().map(|one| (one.name.as_str(), one.needed_by.clone())).collect();
    assert_eq!(names, [("/odd/ld-test.so.1", program), ("libd.so.1", dir.path().join("more/libc.so.9"))]);
    assert_eq!(searched, search);
    for part in ["libd.so.1 (ELF64 x86-64)", "more/libc.so.9", "/lib, ", "add the folder"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn other_targets_and_texts_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let program = system(dir.path());
    let wrong = dir.path().join("wrong");
    std::fs::create_dir_all(&wrong).unwrap();
    let mut other = std::fs::read(dir.path().join("lib/liba.so.1")).unwrap();
    other[18] = 183; // e_machine: AArch64
    std::fs::write(wrong.join("liba.so.1"), &other).unwrap();
    std::fs::write(wrong.join("libb.so.1"), "GROUP ( /lib/libb.so.1 )").unwrap();
    std::fs::create_dir(wrong.join("libd.so.1")).unwrap();
    let (lib, more) = (dir.path().join("lib"), dir.path().join("more"));
    let result = closure(std::slice::from_ref(&program), &[wrong.clone(), lib.clone(), more]).unwrap();
    assert!(result.libraries.iter().all(|one| !one.found.starts_with(&wrong)));
    assert!(result.libraries.iter().all(|one| one.elf.target.class == Class::Elf64));
    let Error::Unresolved { missing, .. } = closure(&[program], std::slice::from_ref(&wrong)).unwrap_err() else { panic!() };
    let a = missing.iter().find(|one| one.name == "liba.so.1").unwrap();
    assert_eq!(a.refused, [(wrong.join("liba.so.1"), "it is ELF64 AArch64".to_owned())]);
}

#[test]
fn names_with_slashes_stay_in_the_search_folders() {
    let dir = tempfile::tempdir().unwrap();
    library(dir.path(), "lib/liba.so.1", &[]);
    library(dir.path(), "outside/evil.so", &[]);
    // A library without a soname, linked by path, is needed by that path.
    let path = gcc(dir.path(), "inner/evil.so", "", &["-shared", "-fPIC"]);
    assert!(path.exists());
    let root = library(dir.path(), "root.so", &["inner/../inner/evil.so"]);
    let Error::Unresolved { missing, .. } = closure(std::slice::from_ref(&root), &[dir.path().join("lib")]).unwrap_err() else { panic!() };
    assert_eq!(missing[0].name, "inner/../inner/evil.so");
    let found = closure(&[root], &[dir.path().join("outside")]).unwrap();
    assert_eq!(found.libraries[0].found, dir.path().join("outside/evil.so"));
}

#[test]
fn links_are_followed_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let root = system(dir.path());
    let lib = dir.path().join("lib");
    std::fs::rename(lib.join("liba.so.1"), lib.join("liba.so.1.2.3")).unwrap();
    std::os::unix::fs::symlink("liba.so.1.2.3", lib.join("liba.so.1")).unwrap();
    let result = closure(&[root], &[lib.clone(), dir.path().join("more")]).unwrap();
    let a = result.libraries.iter().find(|one| one.name == "liba.so.1").unwrap();
    assert_eq!((&a.found, &a.file), (&lib.join("liba.so.1"), &lib.canonicalize().unwrap().join("liba.so.1.2.3")));
}

/// Programs of this machine whose libraries all lie in the standard folders: our closure is what the loader maps.
#[test]
fn agrees_with_the_loader() {
    let search = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64"].map(PathBuf::from);
    let mut compared = 0;
    for program in
        ["/bin/ls", "/usr/bin/gcc", "/usr/bin/readelf", "/usr/bin/xz", "/usr/bin/cpio", "/usr/bin/git", "/usr/bin/curl", "/usr/bin/perl"]
    {
        let Ok(output) = Command::new("ldd").arg(program).output() else { continue };
        let text = String::from_utf8(output.stdout).unwrap();
        let expected: BTreeSet<String> = text
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| name.contains(".so") && !name.starts_with("linux-vdso"))
            .map(|name| name.rsplit('/').next().unwrap().to_owned())
            .collect();
        if expected.is_empty() {
            continue;
        }
        let ours = closure(&[PathBuf::from(program)], &search).unwrap();
        let ours: BTreeSet<String> = ours.libraries.into_iter().map(|one| one.name).collect();
        assert_eq!(ours, expected, "{program}");
        compared += 1;
    }
    assert!(compared >= 4, "only {compared} programs");
}

#[test]
fn static_programs_need_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let program = gcc(dir.path(), "program", "void _start(void) {}", &["-static"]);
    let result = closure(&[program], &[]).unwrap();
    assert!(result.roots[0].1.is_static() && result.libraries.is_empty());
}

/// This machine's libc: `readelf` says whether the functions are in it.
#[test]
fn name_service_of_this_machine() {
    let libc = Path::new("/lib/x86_64-linux-gnu/libc.so.6");
    let symbols = Command::new("readelf").args(["-W", "--dyn-syms"]).arg(libc).output().unwrap();
    let symbols = String::from_utf8(symbols.stdout).unwrap();
    let result = nss_modules(libc, &[PathBuf::from("/lib/x86_64-linux-gnu")]).unwrap();
    assert!(result.has_switch);
    assert_eq!(result.findings.len(), 2);
    for finding in &result.findings {
        assert_eq!(finding.in_libc, symbols.contains(&format!(" {}@", finding.symbol)), "{}", finding.symbol);
        assert_eq!(finding.module.is_none(), finding.in_libc);
    }
    assert_eq!(result.libraries.is_empty(), result.findings.iter().all(|finding| finding.in_libc));
}

const SWITCH: &str = "void __nss_configure_lookup(void) {}";
const FILES: &str = "void _nss_files_gethostbyname_r(void) {}";

#[test]
fn name_service_of_an_old_glibc_a_half_new_one_and_musl() {
    let dir = tempfile::tempdir().unwrap();
    let shared = ["-shared", "-fPIC", "-Wl,-soname,libc.so.6"];
    let old = gcc(dir.path(), "lib/libc.so.6", SWITCH, &shared);
    library(dir.path(), "lib/libresolv.so.2", &["lib/libc.so.6"]);
    library(dir.path(), "lib/libnss_files.so.2", &["lib/libc.so.6"]);
    library(dir.path(), "lib/libnss_dns.so.2", &["lib/libresolv.so.2", "lib/libc.so.6"]);
    let search = [dir.path().join("lib")];
    let result = nss_modules(&old, &search).unwrap();
    let got: Vec<_> = result.libraries.iter().map(|one| (one.name.as_str(), one.asked)).collect();
    use Asked::{NameService, Needed};
    assert_eq!(
        got,
        [("libnss_files.so.2", NameService), ("libnss_dns.so.2", NameService), ("libc.so.6", Needed), ("libresolv.so.2", Needed)]
    );
    assert_eq!(result.libraries[0].needed_by, old);

    let mut programs = closure(&[search[0].join("libresolv.so.2")], &search).unwrap();
    programs.add(&result.libraries);
    programs.add(&result.libraries);
    let names: Vec<_> = programs.libraries.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["libc.so.6", "libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"]);

    let half = gcc(dir.path(), "half/libc.so.6", &format!("{SWITCH} {FILES}"), &shared);
    let result = nss_modules(&half, &search).unwrap();
    let got: Vec<_> = result.findings.iter().map(|finding| (finding.service, finding.in_libc, finding.module)).collect();
    assert_eq!(got, [(Service::Files, true, None), (Service::Dns, false, Some("libnss_dns.so.2"))]);
    assert_eq!(result.libraries[0].name, "libnss_dns.so.2");

    std::fs::remove_file(dir.path().join("lib/libresolv.so.2")).unwrap();
    let error = nss_modules(&old, &search).unwrap_err().to_string();
    assert!(error.contains("libresolv.so.2") && error.contains("libnss_dns.so.2"), "{error}");

    let musl = gcc(dir.path(), "musl/libc.so", "void gethostbyname(void) {}", &["-shared", "-fPIC"]);
    let result = nss_modules(&musl, &[]).unwrap();
    assert!(!result.has_switch && result.libraries.is_empty() && result.findings.iter().all(|finding| !finding.in_libc));
}
