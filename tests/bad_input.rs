//! Hostile and broken input: one clear error that names the place, exit 1, and nothing lost.

use bootwright_tests::{Ran, bootwright, program, run};
use std::io::Write;
use std::path::Path;
use std::process::Command;

const MUSL: &str = include_str!("../presets/layouts/musl.ron");

/// The musl preset as a project file, with a change.
fn project(dir: &Path, change: impl Fn(String) -> String, rest: &str) -> String {
    let layout = change(MUSL[MUSL.find("Layout(").unwrap()..].to_owned());
    let path = dir.join("p.ron");
    std::fs::write(&path, format!("Project(format: 1, layout: {layout}{rest})")).unwrap();
    path.to_str().unwrap().to_owned()
}

fn fails(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for word in words {
        assert!(ran.err.contains(word), "`{word}` is not in:\n{}", ran.err);
    }
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[test]
fn broken_project_files_are_named_with_line_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    let plan = |name: &str| run(&mut bootwright(&work, &["plan", name]));
    let same = |s: String| s;

    fails(&plan(&project(dir.path(), |s| s.replace("name: \"musl\"", "nmae: \"musl\""), "")), &["p.ron:3:", "nmae"]);
    fails(
        &plan(&project(dir.path(), |s| s.replace("recipe: \"musl\"", "recipe: \"mosul\""), "")),
        &["component musl", "no recipe `mosul`"],
    );
    fails(&plan(&project(dir.path(), |s| s.replace("from: \"musl.libc\"", "from: \"kernel.image\""), "")), &["kernel image", "C library"]);
    fails(&plan(&project(dir.path(), |s| s.replace("from: \"kernel.source\"", "from: \"kernel.sauce\""), "")), &["no output `sauce`"]);
    fails(&plan(&project(dir.path(), same, ", wires: []")), &["p.ron:", "wires"]);
    fails(
        &plan(&project(dir.path(), |s| s.replace("id: \"musl\", recipe", "id: \"../../etc\", recipe"), "")),
        &["../../etc", "no name for a component"],
    );

    let path = dir.path().join("newer.ron");
    std::fs::write(&path, "Project(format: 99, shiny: true)").unwrap();
    fails(&plan(path.to_str().unwrap()), &["format 99", "newer version"]);
    std::fs::write(&path, [0xff, 0xfe, b'\n', 0]).unwrap();
    fails(&plan(path.to_str().unwrap()), &["newer.ron:1", "not UTF-8"]);
    std::fs::write(&path, "(".repeat(1 << 20)).unwrap();
    fails(&plan(path.to_str().unwrap()), &["newer.ron"]);
    fails(&plan(dir.path().to_str().unwrap()), &["cannot read project"]);
    fails(&plan("nowhere.ron"), &["nowhere.ron", "No such file"]);
    fails(&plan("mll-2017"), &["mll-2017", "mll-2015, mll-2016, musl"]);
}

#[test]
fn what_is_not_there_cannot_be_looked_into_or_booted() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    let ran = |args: &[&str]| run(&mut bootwright(&work, args));
    assert!(ran(&["artifacts", "musl"]).out.contains("nothing is built yet"));
    fails(&ran(&["artifacts", "musl", "iso.iso/boot.cat"]), &["musl has no artifacts yet", "bootwright build musl"]);
    fails(&ran(&["boot", "nowhere.iso"]), &["nowhere.iso", "No such file"]);
    fails(&ran(&["boot", "nowhere.iso", "--check"]), &["need the project"]);
    fails(&ran(&["boot", "musl", "--json"]), &["--check or --list"]);
    assert_eq!(ran(&["boot", "--list", "--json"]).out.trim(), "[]");
}

#[test]
fn wrong_usage_ends_with_2() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["build"][..], &["frobnicate"], &["build", "musl", "--jobs", "0"], &["export", "musl", "--format", "gif"]] {
        assert_eq!(run(&mut bootwright(dir.path(), args)).code, 2, "{args:?}");
    }
}

#[test]
fn a_source_that_is_no_archive_or_cut_short_fails_in_its_step_and_nothing_is_taken_for_whole() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    let mut tar = tar_gz(dir.path());
    let rest = ", files: {\"musl\": \"musl.tar.gz\"}";
    for bytes in [b"this is no archive".to_vec(), tar.split_off(tar.len() / 2)] {
        std::fs::write(dir.path().join("musl.tar.gz"), bytes).unwrap();
        let ran = run(&mut bootwright(&work, &["build", &project(dir.path(), |s| s, rest), "--target", "musl", "--trust"]));
        fails(&ran, &["musl/unpack failed", "musl.tar.gz"]);
        assert_eq!(std::fs::read_dir(work.join("sources")).map_or(0, |d| d.count()), 0);
        std::fs::remove_file(dir.path().join("p.lock")).ok();
    }
    // A file that is not there.
    std::fs::remove_file(dir.path().join("musl.tar.gz")).unwrap();
    let ran = run(&mut bootwright(&work, &["build", &project(dir.path(), |s| s, rest), "--target", "musl", "--trust"]));
    fails(&ran, &["musl/fetch failed", "musl.tar.gz"]);
}

/// A source whose `configure` fails: the error names component, step, command and the last lines of the log.
#[test]
fn a_failing_command_is_shown_with_the_end_of_its_log_and_what_was_finished_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    std::fs::write(dir.path().join("musl.tar.gz"), tar_gz(dir.path())).unwrap();
    let name = project(dir.path(), |s| s, ", files: {\"musl\": \"musl.tar.gz\"}");
    let ran = run(&mut bootwright(&work, &["build", &name, "--target", "musl", "--trust"]));
    fails(
        &ran,
        &[
            "musl/configure failed",
            "configure --prefix=/bootwright-sysroot",
            "status 3",
            "this configure always fails",
            "musl.configure.log",
        ],
    );
    assert_eq!(std::fs::read_dir(work.join("sources")).unwrap().count(), 1, "the unpacked source was not kept");
}

#[test]
fn a_changed_source_is_refused_while_the_lock_file_names_another_hash() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    std::fs::write(dir.path().join("musl.tar.gz"), tar_gz(dir.path())).unwrap();
    let name = project(dir.path(), |s| s, ", files: {\"musl\": \"musl.tar.gz\"}");
    run(&mut bootwright(&work, &["build", &name, "--target", "musl", "--trust"]));
    let mut file = std::fs::File::options().append(true).open(dir.path().join("musl.tar.gz")).unwrap();
    file.write_all(b"more").unwrap();
    std::fs::remove_dir_all(work.join("sources")).unwrap();
    let ran = run(&mut bootwright(&work, &["build", &name, "--target", "musl", "--trust"]));
    fails(&ran, &["musl/fetch failed", "lock"]);
    std::fs::write(dir.path().join("p.lock"), "LockFile(format: 1, entries: ").unwrap();
    fails(&run(&mut bootwright(&work, &["plan", &name])), &["p.lock"]);
}

/// A file system of 3 MiB, in a mount namespace of its own, and a source of 8.
#[test]
fn a_full_disk_is_one_clear_error() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    std::fs::create_dir(&work).unwrap();
    std::fs::create_dir(dir.path().join("musl-0.0")).unwrap();
    std::fs::write(dir.path().join("musl-0.0/large"), vec![b'x'; 8 << 20]).unwrap();
    std::fs::write(dir.path().join("musl.tar.gz"), tar_gz(dir.path())).unwrap();
    let name = project(dir.path(), |s| s, ", files: {\"musl\": \"musl.tar.gz\"}");
    let script = "mount -t tmpfs -o size=3m tmpfs \"$1\" && exec \"$2\" build \"$3\" --trust --target musl --work \"$1\"";
    let exe = program();
    let words = ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", work.to_str().unwrap(), exe.to_str().unwrap(), &name];
    let ran = run(Command::new("unshare").args(words).env("XDG_DATA_HOME", dir.path()));
    fails(&ran, &["musl/unpack failed", "No space left on device"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    fails(&run(&mut bootwright(&file.join("work"), &["plan", "musl"])), &["a-file/work", "work folder"]);
    // Root may write anywhere, so the read-only folder is a read-only mount.
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && exec \"$2\" build musl --target musl --work \"$1\"";
    let args =
        ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", dir.path().to_str().unwrap(), program().to_str().unwrap()]
            .map(str::to_owned);
    fails(&run(Command::new("unshare").args(args)), &["Read-only file system"]);
}

#[test]
fn a_damaged_record_or_result_is_made_again_or_named() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    std::fs::create_dir_all(work.join("store/objects/0123")).unwrap();
    std::fs::write(work.join("store/objects/0123/x"), "not what the name says").unwrap();
    let ran = run(&mut bootwright(&work, &["store", "verify"]));
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("damaged: 0123"), "{}", ran.out);
}

/// A small source tree as musl's: top folder and a `configure` that fails.
fn tar_gz(dir: &Path) -> Vec<u8> {
    let top = dir.join("musl-0.0");
    std::fs::create_dir_all(&top).unwrap();
    std::fs::write(top.join("configure"), "#!/bin/sh\necho this configure always fails\nexit 3\n").unwrap();
    std::fs::write(top.join("VERSION"), "0.0\n").unwrap();
    assert!(Command::new("chmod").args(["755", top.join("configure").to_str().unwrap()]).status().unwrap().success());
    let out = Command::new("tar").args(["-C", dir.to_str().unwrap(), "-czf", "-", "musl-0.0"]).output().unwrap();
    assert!(out.status.success());
    out.stdout
}

#[test]
fn what_a_project_file_brings_along_does_not_run_untold() {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    let name = project(dir.path(), |s| s, ", fragments: {\"busybox\": \"CONFIG_CROSS_COMPILER_PREFIX=\\\"/tmp/evil-\\\"\\n\"}");
    let ran = run(&mut bootwright(&work, &["build", &name]));
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("CONFIG_CROSS_COMPILER_PREFIX=\"/tmp/evil-\"") && ran.err.contains("--trust"), "{}", ran.err);
    assert!(!work.join("runs").exists(), "nothing was begun");
}
