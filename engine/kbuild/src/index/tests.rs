//! The index of a small tree: kept, brought up to date, and never believed when it is damaged.

use super::*;
use crate::sample::{Sample, cmd_of};
use std::collections::BTreeMap;
use std::fs;

/// All that an index says, by names.
fn told(index: &Index) -> BTreeMap<String, String> {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let row = |r: &Row| {
        let source = if r.source == NONE { String::new() } else { text(index.file(r.source)) };
        let list: Vec<String> =
            index.dependencies(r).map(|d| format!("{}{}", text(index.file(d.file)), if d.optional { "?" } else { "" })).collect();
        format!("{source} | {} | {} | {:?} {}", list.join(" "), text(&index.command(r)), r.trouble, r.listed)
    };
    index.rows().iter().map(|r| (text(index.name(r)), row(r))).collect()
}

fn open(sample: &Sample, cache: &Path) -> (Index, Update) {
    let (index, update) = Index::open(&sample.tree(), cache).unwrap();
    assert_eq!(update.unsaved, None);
    assert_eq!(told(&index), told(&Index::build(&sample.tree())), "an index that was kept says what a new one says");
    (index, update)
}

#[test]
fn it_says_what_the_cmd_files_say() {
    let sample = Sample::new();
    let index = Index::build(&sample.tree());
    let told = told(&index);
    assert_eq!(told.len(), 6);
    let main = "init/main.c | include/config/FUTEX? include/config/SMP? include/config/BOOGER? include/linux/all.h include/linux/futex.h | \
        gcc -D__KERNEL__ -c -o init/main.o init/main.c | None true";
    assert_eq!(told["init/main.o"], main);
    // The members of an archive stand in its command.
    assert!(told["init/built-in.a"].starts_with(" | init/main.o |"), "{}", told["init/built-in.a"]);
    assert!(told["vmlinux.o"].contains("| init/built-in.a lib/built-in.a |"), "{}", told["vmlinux.o"]);
    let main = index.row(index.find(b"init/main.o").unwrap()).unwrap();
    let options: Vec<String> = index.dependencies(main).filter_map(|d| index.option(d.file)).collect();
    assert_eq!(options, ["FUTEX", "SMP", "BOOGER"]);
}

#[test]
fn what_did_not_change_is_not_read_again() {
    let (sample, folder) = (Sample::new(), tempfile::tempdir().unwrap());
    let cache = Index::cache_file(folder.path(), &sample.tree());
    assert_eq!(open(&sample, &cache).1, Update { kept: false, read: 6, removed: 0, unsaved: None });
    assert_eq!(open(&sample, &cache).1, Update { kept: true, read: 0, removed: 0, unsaved: None });
    // One is written again, one is new in a new folder, one goes.
    let text = fs::read_to_string(sample.path().join(cmd_of("lib/a.o"))).unwrap();
    sample.write(&cmd_of("lib/a.o"), &text.replace("all.h", "futex.h"), 30);
    sample.object("new folder/deep/b#.o", &["include/linux/all.h"], &["NEW"]);
    sample.remove(&cmd_of("lib/built-in.a"));
    let (index, update) = open(&sample, &cache);
    assert_eq!((update.kept, update.removed, index.rows().len()), (true, 1, 6));
    assert!(told(&index)["lib/a.o"].contains("futex.h"));
    assert!(told(&index).contains_key("new folder/deep/b#.o"));
    assert_eq!(open(&sample, &cache).1.read, 0);
}

#[test]
fn what_was_written_just_now_is_read_again() {
    let (sample, folder) = (Sample::new(), tempfile::tempdir().unwrap());
    let cache = folder.path().join("x");
    sample.write(&cmd_of("lib/a.o"), "savedcmd_lib/a.o := first\n", 0);
    open(&sample, &cache);
    let before = fs::metadata(sample.path().join(cmd_of("lib/a.o"))).unwrap();
    // The same size and, within a tick of the clock, the same time.
    fs::write(sample.path().join(cmd_of("lib/a.o")), "savedcmd_lib/a.o := other\n").unwrap();
    let file = fs::File::options().append(true).open(sample.path().join(cmd_of("lib/a.o"))).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    assert!(told(&open(&sample, &cache).0)["lib/a.o"].contains("other"));
}

#[test]
fn a_damaged_index_is_made_anew() {
    let (sample, folder) = (Sample::new(), tempfile::tempdir().unwrap());
    let cache = folder.path().join("x");
    open(&sample, &cache);
    let whole = fs::read(&cache).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        fs::write(&cache, &damaged).unwrap();
        assert!(!open(&sample, &cache).1.kept, "byte {at} of {}", whole.len());
        fs::write(&cache, &whole[..at]).unwrap();
        assert!(!open(&sample, &cache).1.kept, "cut at {at}");
    }
    // Whole, but of another tree.
    let other = Sample::new();
    fs::write(&cache, &whole).unwrap();
    assert!(!open(&other, &cache).1.kept);
}

#[test]
fn it_is_never_kept_in_the_tree() {
    let sample = Sample::new();
    let inside = sample.tree().object.join("x.kbuild");
    assert!(Index::open(&sample.tree(), &inside).is_err() && !inside.exists());
    let (index, update) = Index::open(&sample.tree(), Path::new("/dev/null/x")).unwrap();
    assert!(index.rows().len() == 6 && update.unsaved.is_some(), "it works without being kept, and says so");
}

#[test]
fn links_to_folders_are_not_followed_and_strange_files_are_told() {
    let sample = Sample::new();
    std::os::unix::fs::symlink(sample.path(), sample.path().join("source")).unwrap();
    for (target, text, trouble) in [
        ("lib/empty.o", "", Trouble::Empty),
        ("lib/other.o", "savedcmd_lib/wrong.o := x\n", Trouble::Foreign),
        ("lib/text.o", "no makefile\n", Trouble::Foreign),
        ("lib/cut.o", "savedcmd_lib/cut.o := gcc\n\nsource_lib/cut.o := a.c\n\ndeps_lib/cut.o := \\\n  a.h \\\n", Trouble::Truncated),
    ] {
        sample.write(&cmd_of(target), text, 60);
        let index = Index::build(&sample.tree());
        let row = index.row(index.find(target.as_bytes()).unwrap()).unwrap();
        assert_eq!(row.trouble, Some(trouble), "{target}");
    }
    assert_eq!(Index::build(&sample.tree()).rows().len(), 10);
}

#[test]
fn an_object_of_a_tools_library_is_made_from_the_sources_of_that_library() {
    // As Linux 6.1 has libsubcmd: made in the tool's folder by absolute names, from files named from the library's.
    let sample = Sample::new();
    for file in ["tools/lib/api/other.c", "tools/lib/subcmd/help.c", "tools/lib/subcmd/help.h", "tools/objtool/check.c"] {
        sample.write(file, "", 120);
    }
    let t = sample.tree().object.join("tools/objtool/help.o").display().to_string();
    let text = format!(
        "cmd_{t} := gcc -c -o {t} help.c\n\nsource_{t} := help.c\n\ndeps_{t} := \\\n  help.h \\\n\n{t}: $(deps_{t})\n\n$(deps_{t}):\n"
    );
    sample.write("tools/objtool/help.o", "", 60);
    sample.write(&cmd_of("tools/objtool/help.o"), &text, 60);
    let library = sample.tree().source.join("tools/lib/subcmd");
    let index = Index::build(&sample.tree());
    let row = index.row(index.find(b"tools/objtool/help.o").unwrap()).unwrap();
    let name = |file| String::from_utf8_lossy(index.file(file)).into_owned();
    let files: Vec<String> = index.dependencies(row).map(|d| name(d.file)).collect();
    assert_eq!((row.trouble, name(row.source)), (None, library.join("help.c").display().to_string()));
    assert_eq!(files, [library.join("help.h").display().to_string()]);
}
