//! Small trees made by hand; tests/kbuild.rs has a kernel and make.

use super::*;
use crate::sample::{Sample, cmd_of};

fn look(sample: &Sample) -> Stale {
    stale(&sample.tree(), &Index::build(&sample.tree()), None)
}

/// `TARGET: REASON; REASON`, sorted.
fn again(stale: &Stale) -> Vec<String> {
    let line = |i: &Item<Reason>| format!("{}: {}", i.target, i.why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    let mut all: Vec<String> = stale.stale.iter().map(line).collect();
    all.sort();
    all
}

fn doubtful(stale: &Stale) -> Vec<String> {
    stale.unknown.iter().map(|i| format!("{}: {}", i.target, i.why[0])).collect()
}

const TAIL: [&str; 3] =
    ["lib/built-in.a: lib/a.o is made again", "vmlinux: vmlinux.o is made again", "vmlinux.o: lib/built-in.a is made again"];

#[test]
fn a_tree_that_was_just_built_is_up_to_date() {
    let found = look(&Sample::new());
    assert!(found.is_current(), "{found:#?}");
    assert_eq!((found.current, found.left_over), (6, 0));
}

#[test]
fn each_reason_is_named_and_goes_on_to_what_is_made_from_it() {
    let with = |first: &str| {
        let mut all = vec![first.to_owned()];
        all.extend(TAIL.map(str::to_owned));
        all.sort();
        all
    };
    let sample = Sample::new();
    sample.age("lib/a.c", 1);
    assert_eq!(again(&look(&sample)), with("lib/a.o: lib/a.c is newer"));
    let sample = Sample::new();
    sample.remove("lib/a.o");
    assert_eq!(again(&look(&sample)), with("lib/a.o: it is not there"));
    let sample = Sample::new();
    sample.age("include/config/FUTEX", 1);
    let main = "init/main.o: option FUTEX was changed";
    assert_eq!(again(&look(&sample)).iter().find(|l| l.starts_with("init/main.o")).unwrap(), main);
    assert!(!again(&look(&sample)).iter().any(|l| l.starts_with("lib/")));
    let sample = Sample::new();
    sample.remove("include/linux/futex.h");
    assert!(again(&look(&sample)).contains(&"init/main.o: include/linux/futex.h is gone".to_owned()));
    // An option that was never set has no file, and that is no reason.
    assert!(!sample.path().join("include/config/BOOGER").exists());
    // The same time is not newer.
    let sample = Sample::new();
    let time = std::fs::metadata(sample.path().join("lib/a.o")).unwrap().modified().unwrap();
    std::fs::File::options().append(true).open(sample.path().join("lib/a.c")).unwrap().set_modified(time).unwrap();
    assert!(look(&sample).is_current());
}

#[test]
fn what_cannot_be_known_is_never_up_to_date() {
    let sample = Sample::new();
    let text = std::fs::read_to_string(sample.path().join(cmd_of("lib/a.o"))).unwrap();
    sample.write(&cmd_of("lib/a.o"), &text[..text.len() / 2], 60);
    let found = look(&sample);
    assert_eq!(doubtful(&found).first().map(String::as_str), Some("lib/a.o: its .cmd file ends in the middle"), "{found:#?}");
    assert!(!found.is_current() && found.stale.is_empty());
    // A newer makefile may make another command, of its folder or of all.
    let sample = Sample::new();
    sample.age("lib/Makefile", 1);
    let found = doubtful(&look(&sample));
    assert!(
        found.iter().any(|l| l.starts_with("lib/a.o: lib/Makefile is newer")) && !found.iter().any(|l| l.starts_with("init/main.o")),
        "{found:?}"
    );
    sample.age("Makefile", 1);
    assert!(doubtful(&look(&sample)).iter().any(|l| l.starts_with("init/main.o: Makefile is newer")));
    // So may an option that a makefile uses, even where no source names it; until something was made from it since.
    for (option, target) in [("LIBRARY", "lib/a.o"), ("OPTIMIZE", "init/main.o"), ("INITRD", "init/built-in.a")] {
        let sample = Sample::new();
        sample.write("include/config/auto.conf", "CONFIG_FUTEX=y\nCONFIG_SMP=y\n", 20);
        sample.write(&format!("include/config/{option}"), "", 20);
        let found = doubtful(&look(&sample));
        assert!(found.iter().any(|l| l.starts_with(&format!("{target}: option {option} was changed"))), "{option}: {found:?}");
        if option == "INITRD" {
            assert!(!found.iter().any(|l| l.starts_with("init/main.o")), "a list of members is no command: {found:?}");
        }
        sample.age("vmlinux.o", 10);
        sample.age("vmlinux", 9);
        assert_eq!(doubtful(&look(&sample)), Vec::<String>::new(), "{option}");
    }
}

#[test]
fn a_configuration_that_is_not_there_or_not_taken_over_is_told() {
    let sample = Sample::new();
    sample.remove(".config");
    assert!(look(&sample).notes[0].contains("no .config"));
    let sample = Sample::new();
    sample.remove("include/config/auto.conf");
    assert!(look(&sample).notes[0].contains("not taken over"));
    let sample = Sample::new();
    sample.age("init/Kconfig", 1);
    assert!(look(&sample).notes[0].contains("init/Kconfig changed"));
    let sample = Sample::new();
    sample.write(".config", "# CONFIG_FUTEX is not set\nCONFIG_SMP=y\n", 1);
    let found = look(&sample);
    assert!(again(&found).contains(&"init/main.o: option FUTEX is another in .config".to_owned()), "{found:#?}");
    assert!(!again(&found).iter().any(|l| l.starts_with("lib/a.o")));
}

#[test]
fn an_object_that_nothing_uses_any_more_is_left_over() {
    let sample = Sample::new();
    sample.object("lib/old.o", &["include/linux/all.h"], &[]);
    sample.age("include/linux/all.h", 1);
    let found = look(&sample);
    assert_eq!(found.left_over, 1);
    assert!(!again(&found).iter().any(|l| l.starts_with("lib/old.o")));
}

#[test]
fn what_was_removed_with_its_cmd_file_is_missed_all_the_same() {
    let sample = Sample::new();
    sample.remove("lib/a.o");
    sample.remove(&cmd_of("lib/a.o"));
    let found = again(&look(&sample));
    assert!(
        found.contains(&"lib/a.o: it is not there".to_owned()) && found.contains(&"lib/built-in.a: lib/a.o is gone".to_owned()),
        "{found:?}"
    );
    let sample = Sample::new();
    sample.remove(&cmd_of("lib/a.o"));
    assert!(again(&look(&sample)).contains(&"lib/a.o: its .cmd file is gone".to_owned()));
    // A build that was stopped before its end has noted only what it came to.
    let sample = Sample::new();
    sample.remove(&cmd_of("vmlinux"));
    sample.remove("vmlinux");
    assert!(look(&sample).notes.iter().any(|n| n.contains("did not come to its end")));
}

#[test]
fn a_local_version_that_changed_is_told() {
    let sample = Sample::new();
    sample.write("include/config/kernel.release", "6.12.0\n", 50);
    sample.write("localversion-mine", "-mine\n", 60);
    assert!(look(&sample).is_current());
    sample.age("localversion-mine", 1);
    assert!(look(&sample).notes.iter().any(|n| n.contains("localversion-mine")));
}

#[test]
fn an_empty_tree_is_not_up_to_date() {
    let sample = Sample::new();
    for target in ["init/main.o", "lib/a.o", "init/built-in.a", "lib/built-in.a", "vmlinux.o", "vmlinux"] {
        sample.remove(&cmd_of(target));
    }
    let found = look(&sample);
    assert!(!found.is_current() && found.notes[0].contains("nothing is built"));
}
