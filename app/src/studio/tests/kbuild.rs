//! The page Kbuild on a small tree, with the real reader behind it: folders, objects, what brings them in, a live build.

use super::*;
use crate::kbuild::{Details, Opened, Seen};
use crate::studio::state::kbuild::{KbuildNews, NotSeen};
use bootwright_build::{ObjectTime, Work};

struct Page {
    _folder: tempfile::TempDir,
    opened: Opened,
    window: Window,
}

/// The small build of the engine's own tests, configured and never built.
fn tree(folder: &std::path::Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for file in include_str!("../../../../engine/kbuild/src/objects/tests/mini.txt").split("== ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        match path {
            "Makefile" => write(path, &format!("VERSION = 1\nPATCHLEVEL = 2\nSUBLEVEL = 3\nARCH ?= tiny\n{text}")),
            _ => write(path, text),
        }
    }
    for source in ["init/main.c", "init/version.c", "init/noinitrd.c", "fs/open.c", "fs/ext/super.c", "fs/ext/inode.c", "fs/ext/acl.c"] {
        write(source, "");
    }
    write(".config", "#\n# Linux/tiny 1.2.3 Kernel Configuration\n#\nCONFIG_EXT=y\nCONFIG_EXT_ACL=y\n");
    write("include/config/auto.conf", "CONFIG_EXT=y\nCONFIG_EXT_ACL=y\n");
}

impl Page {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("tree");
        tree(&place);
        let work = Work::new(&folder.path().join("work")).unwrap();
        let opened = Opened::open(&place, &work).unwrap();
        let mut window = Window::open("mll-2016");
        window.click("Page Kbuild");
        assert!(window.asks().iter().any(|a| matches!(a, Ask::OpenKbuild { component: c, .. } if *c == component("kernel"))));
        let mut page = Self { _folder: folder, opened, window };
        let seen = Seen::of(&page.opened);
        page.answer(KbuildNews::Opened(Ok(Arc::new(seen))));
        page
    }

    fn answer(&mut self, news: KbuildNews) {
        self.window.news(News::Kbuild(component("kernel"), news));
    }
}

#[test]
fn folders_open_level_by_level_and_an_object_says_what_brings_it_in() {
    let mut page = Page::open();
    assert!(page.window.sees("About the folder fs") && !page.window.sees("About the folder fs/ext"));
    page.window.click("Folder fs");
    page.window.click("Folder fs/ext");
    page.window.click("Object fs/ext/acl.o: not built");
    let asked = page.window.asks();
    assert!(asked.iter().any(|a| matches!(a, Ask::KbuildDetails { path, .. } if path == "fs/ext/acl.o")));
    let details = Details::of(&page.opened, "fs/ext/acl.o");
    assert!(details.why.iter().flat_map(|s| &s.lines).any(|l| l.options.iter().any(|o| &**o == "CONFIG_EXT_ACL")), "{:?}", details.why);
    page.answer(KbuildNews::Details(Box::new(details)));
    assert!(page.window.sees("fs/ext/Makefile:") && page.window.sees("EXT_ACL"));
    assert!(page.window.sees("What it hangs on is known once it was compiled."));
    page.window.click("About the folder fs");
    assert!(page.window.sees("fs/Makefile"));
}

#[test]
fn objects_are_found_by_path_and_by_option() {
    let mut page = Page::open();
    page.window
        .harness
        .state_mut()
        .act(crate::studio::action::Action::Kbuild(crate::studio::state::kbuild::KbuildAction::Filter("ext_acl".into())));
    page.window.steps();
    assert!(page.window.sees("Object fs/ext/acl.o: not built") && !page.window.sees("Object fs/open.o: not built"));
    page.window
        .harness
        .state_mut()
        .act(crate::studio::action::Action::Kbuild(crate::studio::state::kbuild::KbuildAction::Filter("open".into())));
    page.window.steps();
    assert!(page.window.sees("Object fs/open.o: not built") && !page.window.sees("Object fs/ext/acl.o: not built"));
}

#[test]
fn a_build_is_followed_and_then_the_tree_is_looked_at_again() {
    let mut page = Page::open();
    page.window.click("Folder fs");
    let compile = step("kernel", "compile");
    page.window.say(Event::StepStarted { step: compile.clone(), reasons: Vec::new(), commands: Vec::new() });
    let made = ObjectTime { name: "fs/open.o".into(), start_ms: 1, end_ms: 20, why: None };
    page.window.say(Event::Objects { step: compile, objects: vec![made] });
    assert!(page.window.sees("Object fs/open.o: up to date") && page.window.sees("1 of"));
    page.window.asks();
    page.window.finished("kernel", "compile", Outcome::Done);
    assert!(page.window.asks().iter().any(|a| matches!(a, Ask::OpenKbuild { .. })));
}

#[test]
fn what_options_and_headers_reach_is_listed() {
    use bootwright_kbuild::reach::{FileReach, OptionReach, Reach};
    let mut page = Page::open();
    page.window.asks();
    page.window.click("Show options");
    assert!(page.window.asks().iter().any(|a| matches!(a, Ask::KbuildReach { component: c } if *c == component("kernel"))));
    assert!(page.window.sees("is being read"));
    page.answer(KbuildNews::Reach(Ok(Arc::default())));
    assert!(page.window.sees("Nothing was compiled in this tree yet"));
    let option = |name: &str, targets, in_comments, asked| OptionReach {
        name: name.into(),
        targets,
        in_comments,
        asked,
        comment_in: (in_comments > 0).then(|| "include/linux/kconfig.h".into()),
        seconds: Some(12.0),
        seconds_in_comments: None,
    };
    let file = FileReach { file: "include/linux/types.h".into(), targets: 1020, seconds: None, options: 3 };
    let options = vec![option("EXT", 7, 2, true), option("FOO", 1000, 1000, false)];
    page.answer(KbuildNews::Reach(Ok(Arc::new(Reach { options, files: vec![file], of: 1024 }))));
    assert!(page.window.sees("2 of 2 options reach objects for nothing"));
    assert!(page.window.sees("FOO: reaches 1,000 of 1,024 objects, 1,000 for nothing") && page.window.sees("include/linux/kconfig.h"));
    page.window.click("Show headers");
    assert!(page.window.sees("include/linux/types.h: reaches 1,020 of 1,024 objects") && page.window.sees("—"));
    assert!(page.window.asks().is_empty(), "it is known already");
    page.answer(KbuildNews::Opened(Ok(Arc::new(Seen::of(&page.opened)))));
    assert!(page.window.asks().iter().any(|a| matches!(a, Ask::KbuildReach { .. })), "a tree that was built again is read again");
    page.window.click("Show tree");
    assert!(page.window.sees("About the folder fs"));
}

#[test]
fn where_there_is_no_tree_it_says_so() {
    let mut page = Page::open();
    page.answer(KbuildNews::Opened(Err(NotSeen::NotThere)));
    assert!(page.window.sees("There is no tree of this component"));
    page.answer(KbuildNews::Opened(Err(NotSeen::Failed("it was moved".into()))));
    assert!(page.window.sees("it was moved"));
    page.window.click("Try again");
    assert!(page.window.asks().iter().any(|a| matches!(a, Ask::OpenKbuild { .. })));
}
