//! Against GNU make: the same text, and what `$(info)` says.

use super::*;
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

/// The lines that `$(info)` writes.
fn said(folder: &Path, name: &str, text: &str) -> (Vec<String>, Vec<Problem>) {
    let library = std::sync::Arc::new(Library::default());
    let disk = Disk::new(&library, folder);
    let mut scope = Scope::default();
    for (name, value) in [("MAKE", "make"), ("CURDIR", "x")] {
        scope.own.insert(library.name(name), Variable::simple(value, Origin::Default));
    }
    let mut make = Evaluator::new(&library, &disk, scope);
    make.read_text(name, text);
    let (info, other): (Vec<Problem>, Vec<Problem>) = make.problems.into_iter().partition(|p| p.weight == Weight::Info);
    (info.into_iter().flat_map(|p| p.text.split('\n').map(str::to_owned).collect::<Vec<_>>()).collect(), other)
}

/// What GNU make writes for the same text, up to the recipes, which write nothing.
fn make_says(folder: &Path, text: &str) -> Vec<String> {
    std::fs::write(folder.join("t.mk"), text).unwrap();
    let mut make = Command::new("make");
    let out = make.args(["-rR", "-s", "-f", "t.mk"]).env_clear().env("PATH", "/usr/bin:/bin").current_dir(folder).output().unwrap();
    assert!(out.status.success(), "make failed: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
}

#[track_caller]
fn same(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in
        [("inc.mk", "INC += inc\n$(info in $(lastword $(MAKEFILE_LIST)))\n"), ("one.x", ""), ("two.x", ""), (".hid.x", "")]
    {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let reference = make_says(folder.path(), text);
    let (ours, problems) = said(folder.path(), "t.mk", text);
    for (line, (ours, reference)) in ours.iter().zip(&reference).enumerate() {
        assert_eq!(ours, reference, "line {} of what is said", line + 1);
    }
    assert_eq!(ours.len(), reference.len(), "{problems:?}");
}

#[test]
fn variables_are_as_gnu_make_has_them() {
    same(include_str!("tests/variables.mk"));
}

#[test]
fn conditionals_are_as_gnu_make_has_them() {
    same(include_str!("tests/conditionals.mk"));
}

#[test]
fn functions_are_as_gnu_make_has_them() {
    same(include_str!("tests/functions.mk"));
}

#[test]
fn includes_are_as_gnu_make_has_them() {
    same(
        "include inc.mk\n-include none.mk inc.mk\nsinclude no*ne\n$(info [$(INC)] [$(strip $(MAKEFILE_LIST))])\n\
         f := inc\ninclude $(f).mk\ninclude i*.mk\n$(info [$(INC)])\n$(info [$(wildcard *.x)] [$(sort $(wildcard ./t*.x o?e.x [!a]*.x))])\nall:;@:\n",
    );
}

#[test]
fn a_tab_before_any_rule_is_no_recipe() {
    same("ifdef X\nelse\n\ta := 1\nendif\n\tb := 2\n$(info $(a)$(b))\nall:;@:\n");
}

/// Rules: what each target needs, as `make -p` lists it.
#[test]
fn rules_are_as_gnu_make_has_them() {
    let text = "obj := d\nall: a b | c ; @:\na: x.o\na: y.o FORCE\n\t@:\nlist := d/p/built-in.a d/q/built-in.a\n\
                $(list): $(obj)/%/built-in.a: $(obj)/% ;\n$(obj)/%.o: $(obj)/%.c FORCE\n\t@:\n./b c x.o y.o d/p d/q FORCE:\n\t@:\n\
                .PHONY: FORCE\na: private v = 1\ne := $(eval z: q)\nz q:;@:\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.mk"), text).unwrap();
    let out = Command::new("make").args(["-rRpnq", "-f", "t.mk"]).current_dir(folder.path()).output().unwrap();
    let listing = String::from_utf8_lossy(&out.stdout).into_owned();
    let library = std::sync::Arc::new(Library::default());
    let disk = Disk::new(&library, folder.path());
    let mut make = Evaluator::new(&library, &disk, Scope::default());
    make.read_text("t.mk", text);
    assert_eq!(make.rules.default_goal.as_deref(), Some("all"));
    for target in ["all", "a", "b", "z", "d/p/built-in.a", "d/q/built-in.a"] {
        let line = listing.lines().find(|l| !l.contains('=') && l.split_once(':').is_some_and(|(t, _)| t == target)).unwrap();
        let (normal, order) = line.split_once(':').unwrap().1.split_once('|').unwrap_or((line.split_once(':').unwrap().1, ""));
        let explicit = make.rules.of(target).unwrap();
        let names = |list: &[std::sync::Arc<str>]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        // GNU make writes what the rule with the recipe needs first.
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        assert_eq!(sorted(names(&explicit.prerequisites)), sorted(words(normal)), "{target}");
        assert_eq!(names(&explicit.order_only), words(order), "{target}");
    }
    assert!(make.rules.phony("FORCE"));
    let (_, stem) = make.rules.recipe_of(make.rules.of("d/p/built-in.a").unwrap()).unwrap();
    assert_eq!(&*stem, "p");
}

#[test]
fn a_word_knows_its_line_and_its_options() {
    let text = "CONFIG_A := y\nobj-$(CONFIG_A) += a.o\nifdef CONFIG_A\nobj-y += b.o\nelse\nobj-y += c.o\nendif\n\
                part-y = d.o $(if $(CONFIG_B),,e.o)\n";
    let library = std::sync::Arc::new(Library::default());
    let disk = Disk::new(&library, Path::new("."));
    let mut make = Evaluator::new(&library, &disk, Scope::default());
    make.read_text("dir/Makefile", text);
    make.finish_log();
    let find = |word: &str| make.log.iter().find(|c| c.value.split_whitespace().any(|w| w == word)).unwrap();
    let options = |list: &[NameId]| list.iter().map(|&o| library.text(o).to_string()).collect::<Vec<_>>();
    let a = find("a.o");
    assert_eq!((a.place.line, &*library.path(a.place.file), options(&a.options)), (2, "dir/Makefile", vec!["CONFIG_A".into()]));
    assert_eq!(&*library.text(a.variable), "obj-y");
    let guard = &make.guards[find("b.o").guard.unwrap() as usize];
    assert_eq!((guard.place.line, options(&guard.options), guard.otherwise), (3, vec!["CONFIG_A".to_owned()], false));
    assert_eq!(options(&find("e.o").options), ["CONFIG_B"]);
    assert!(make.log.iter().all(|c| c.value != "c.o"));
}

#[test]
fn what_refers_to_itself_ends() {
    for text in ["a = $(a)\n$(info $(a))\n", "f = $(call f,$(1)x)\nx := $(call f,y)\n", "include t.mk\n", "a = $(b)$(b)\nb = $(a)\n$(a)\n"]
    {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("t.mk"), text).unwrap();
        let (_, problems) = said(folder.path(), "t.mk", text);
        assert!(problems.iter().any(|p| p.weight == Weight::Fatal), "{text}");
    }
}

/// Doubling a value sixty times would be more than all memory.
#[test]
fn growth_without_bound_ends() {
    let mut text = "a0 := 0123456789\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("a{n} = $(a{})$(a{})\n", n - 1, n - 1));
    }
    text.push_str("x := $(a59)\n");
    let (_, problems) = said(Path::new("."), "t.mk", &text);
    assert!(problems.iter().any(|p| p.weight == Weight::Fatal));
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "(a|b|\\$|\\(|\\)|,|:|=|\\+|\\?|!|%|#|\\\\|\n|\t| |;|\\{|\\}|ifeq|ifdef|else|endif|define|endef|foreach|call|eval|subst|patsubst|word|export|override|\\.o|é|\"|&|\\||1)*") {
        let _ = said(Path::new("/nowhere"), "t.mk", &text);
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = said(Path::new("/nowhere"), "t.mk", &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn wildcards_end(pattern in "[a*?\\[\\]!\\\\-]{0,12}", name in "[ab.\\[\\]-]{0,12}") {
        let _ = wildcard_match(&pattern, &name);
    }
}
