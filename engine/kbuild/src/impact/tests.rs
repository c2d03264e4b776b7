//! Questions about a small tree.

use super::*;
use crate::sample::Sample;

fn ask(files: &[&str], options: &[&str]) -> Impact {
    let sample = Sample::new();
    let (tree, index) = (sample.tree(), Index::build(&sample.tree()));
    let change = |name: &&str| Change { name: (*name).to_owned(), old: Some("y".into()), new: None };
    let files = files.iter().map(|f| f.replace('@', &sample.path().display().to_string())).collect();
    Impacts::new(&tree, &index).of(&Question { options: options.iter().map(change).collect(), files })
}

fn own(impact: &Impact) -> Vec<&str> {
    impact.rebuild.iter().map(|i| i.target.as_str()).collect()
}

#[test]
fn an_option_reaches_who_names_it_and_what_is_made_from_those() {
    let found = ask(&[], &["FUTEX"]);
    assert_eq!((own(&found), found.of), (vec!["init/main.o"], 6));
    assert_eq!(found.tail, ["init/built-in.a", "vmlinux", "vmlinux.o"]);
    assert_eq!(own(&ask(&[], &["SMP"])), ["init/main.o", "lib/a.o"]);
    assert_eq!(ask(&[], &["NONE"]).count(), 0);
    assert_eq!((found.come, found.seconds), (None, None), "the makefiles were not asked, and nothing was measured");
}

#[test]
fn a_file_is_found_by_any_of_its_names() {
    for name in ["include/linux/futex.h", "@/include/linux/futex.h", "./include/linux/futex.h", "@/init/../include/linux/futex.h"] {
        assert_eq!(own(&ask(&[name], &[])), ["init/main.o"], "{name}");
    }
    assert_eq!(own(&ask(&["init/main.c"], &[])), ["init/main.o"], "a source is not in the list");
    let found = ask(&["README", "lib/a.c"], &[]);
    assert_eq!((own(&found), found.unused.as_slice()), (vec!["lib/a.o"], &["README".to_owned()][..]));
}

#[test]
fn times_are_added_up_where_they_were_measured() {
    let mut found = ask(&[], &["FUTEX"]);
    found.estimate(|name| (name == "init/main.o").then_some(1.5));
    assert_eq!((found.seconds, found.unmeasured), (Some(1.5), 3));
    found.estimate(|_| None);
    assert_eq!((found.seconds, found.unmeasured), (None, 4));
}
