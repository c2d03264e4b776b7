//! The page Configuration on a small tree: values, keys, search, reasons, fixes, files.

use super::*;
use crate::studio::state::config::{ConfigNews, NotOpened};
use bootwright_build::config::{Editor, Site};
use bootwright_kconfig::Tristate;
use bootwright_kconfig::fixes::Limits;
use egui::{Key, Modifiers};

const TREE: &str = "mainmenu \"Top\"\nconfig MODULES\n\tbool \"Loadable modules\"\n\tmodules\nmenu \"Drivers\"\nconfig NET\n\ttristate \"Network\"\n\
config CARD\n\ttristate \"A card\"\n\tdepends on NET\n\thelp\n\t  Drives the blue card.\nendmenu\nconfig COUNT\n\tint \"How many\"\n\trange 1 9\n\
\tdefault 3\nchoice\n\tprompt \"Pick\"\n\tdefault TWO\nconfig ONE\n\tbool \"First\"\nconfig TWO\n\tbool \"Second\"\nendchoice\n\
config FORCED\n\tbool \"Forced\"\nconfig FORCER\n\tbool \"Forcer\"\n\tselect FORCED\n";

struct Page {
    folder: tempfile::TempDir,
    window: Window,
}

impl std::ops::Deref for Page {
    type Target = Window;
    fn deref(&self) -> &Window {
        &self.window
    }
}

impl std::ops::DerefMut for Page {
    fn deref_mut(&mut self) -> &mut Window {
        &mut self.window
    }
}

impl Page {
    /// The kernel of a preset, with this for its Kconfig file.
    fn open(tree: &str) -> Self {
        let mut page = Self { folder: tempfile::tempdir().unwrap(), window: Window::open("mll-2016") };
        page.click("Page Configuration");
        assert!(page.asks().iter().any(|a| matches!(a, Ask::OpenConfig { component: c, .. } if *c == component("kernel"))));
        let editor = page.read(tree);
        page.answer(ConfigNews::Opened(Ok(editor)));
        page
    }

    fn read(&self, tree: &str) -> Box<Editor> {
        let source = self.folder.path().join("source");
        std::fs::create_dir_all(&source).unwrap();
        std::fs::write(source.join("Kconfig"), tree).unwrap();
        Box::new(Editor::open(Site::all_no(component("kernel"), source, self.folder.path().join("scratch"))).unwrap())
    }

    /// What was asked, but for what the options would build again.
    fn asks(&self) -> Vec<Ask> {
        self.window.asks().into_iter().filter(|a| !matches!(a, Ask::Foresee { .. })).collect()
    }

    fn answer(&mut self, news: ConfigNews) {
        self.news(News::Config(component("kernel"), news));
    }

    fn lines(&self) -> String {
        self.project().fragments.get(&component("kernel")).cloned().unwrap_or_default()
    }

    fn press(&mut self, key: Key) {
        self.key(Modifiers::NONE, key);
    }

    /// What the desk would find.
    fn find_fixes(&mut self) {
        let (site, lines, name, value) = self
            .asks()
            .into_iter()
            .find_map(|a| if let Ask::Fixes { site, lines, name, value } = a { Some((site, lines, name, value)) } else { None })
            .expect("fixes were asked for");
        let mut editor = Editor::open(*site).unwrap();
        editor.follow(&lines);
        let s = editor.find(&name).unwrap();
        let limits = Limits { time: Duration::from_secs(60), ..Limits::default() };
        let fixes = editor.fixes(s, Tristate::of_letter(&value).unwrap(), limits);
        self.answer(ConfigNews::Fixes { name, value, lines, fixes });
    }
}

#[test]
fn the_keyboard_is_that_of_menuconfig() {
    let mut page = Page::open(TREE);
    page.harness.get_by_label("Option MODULES: Loadable modules, n").click();
    page.steps();
    page.press(Key::Y);
    assert!(page.sees("Option MODULES: Loadable modules, y, changed"));
    page.press(Key::ArrowDown);
    assert!(!page.sees("Option NET:"));
    page.press(Key::ArrowRight);
    page.press(Key::ArrowDown);
    page.press(Key::M);
    assert!(page.sees("Option NET: Network, m, changed"));
    page.press(Key::Space);
    assert!(page.sees("Option NET: Network, y, changed") && page.sees("Option CARD: A card, n"));
    page.press(Key::N);
    assert!(page.sees("Option NET: Network, n") && !page.sees("Option CARD: A card"));
    assert_eq!(page.lines(), "CONFIG_MODULES=y\n");
    page.press(Key::ArrowLeft);
    page.press(Key::ArrowLeft);
    assert!(!page.sees("Option NET:"), "the menu is folded");
    page.press(Key::Slash);
    page.harness.get_by_label("Search the options").type_text("blue");
    page.steps();
    assert!(page.sees("1 found") && page.sees("Option CARD: A card, n"), "found by its help, though the menus do not show it");
    page.press(Key::Enter);
    page.press(Key::Slash);
    page.harness.get_by_label("Search the options").type_text("forcer");
    page.steps();
    assert!(page.sees("1 found") && page.sees("Option FORCER:"), "in the place of what was searched before");
    page.press(Key::Enter);
    page.press(Key::Escape);
    assert!(page.sees("Option MODULES:") && !page.sees("1 found"));
}

#[test]
fn a_change_is_a_line_of_the_project_with_one_undo_and_the_plan_is_made_anew() {
    let mut page = Page::open(TREE);
    page.requests();
    page.click("Set FORCER");
    assert_eq!(page.lines(), "CONFIG_FORCER=y\n");
    assert!(page.sees("Option FORCED: Forced, y, changed") && page.sees("n became y"));
    assert!(matches!(page.requests().as_slice(), [Request::Plan { .. }]));
    assert_eq!(page.harness.state().state.history.next_undo(), Some("Configure Linux kernel: CONFIG_FORCER=y"));
    page.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(page.lines(), "");
    assert!(page.sees("Option FORCED: Forced, n") && !page.sees(", changed"));
    page.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert!(page.sees("Option FORCER: Forcer, y, changed"));
    page.click("Set FORCER");
    assert_eq!(page.lines(), "", "its base value needs no line");
}

#[test]
fn lines_that_are_written_in_the_inspector_are_followed() {
    let mut page = Page::open(TREE);
    let edit = bootwright_model::Edit::Configure { component: component("kernel"), lines: "CONFIG_ONE=y\nCONFIG_GONE=y\n".into() };
    page.harness.state_mut().act(crate::studio::action::Action::Edit(edit));
    page.steps();
    assert!(page.sees("Choice: Pick, ONE") && page.sees("1 of the project's lines does not come out as written"));
    page.click("Only what differs");
    assert!(page.sees("Option ONE: First, y, changed") && page.sees("Option TWO: Second, n, changed") && !page.sees("Option COUNT"));
    page.click("Take TWO");
    assert_eq!(page.lines(), "CONFIG_GONE=y\n", "what it does not know it leaves alone");
}

#[test]
fn a_number_is_typed_and_one_out_of_range_is_refused_with_the_range() {
    let mut page = Page::open(TREE);
    page.click("Value of COUNT");
    page.press(Key::Escape);
    for (typed, lines) in [("12", ""), ("7", "CONFIG_COUNT=7\n")] {
        page.press(Key::Enter);
        page.key(Modifiers::COMMAND, Key::A);
        page.harness.get_by_label("New value of COUNT").type_text(typed);
        page.steps();
        page.press(Key::Enter);
        assert_eq!(page.lines(), lines);
        assert_eq!(page.sees("it must be from 1 to 9"), typed == "12");
    }
    assert!(page.sees("from 1 to 9"), "the range stands beside the value");
    page.click("Back to the base value");
    assert_eq!(page.lines(), "");
}

#[test]
fn a_blocked_option_says_which_part_of_its_condition_blocks_it_and_a_fix_is_one_change() {
    let mut page = Page::open(TREE);
    page.type_into("Search the options", "card");
    page.press(Key::Enter);
    assert!(page.sees("CARD cannot be y:") && page.sees("NET [=n]") && page.sees("Kconfig:9"));
    page.press(Key::Y);
    assert_eq!(page.lines(), "");
    assert!(page.sees("CARD cannot be y: its prompt at Kconfig:9 needs NET [=n]"));
    page.click("Find what would make CARD y");
    page.find_fixes();
    assert!(page.sees("from n to y"));
    page.click("Apply fix 1");
    assert!(page.lines().contains("CONFIG_NET=y") && page.lines().contains("CONFIG_CARD=y"), "{}", page.lines());
    assert!(page.sees("Option CARD: A card, y, changed") && page.sees("a line of the project says so"));
    page.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(page.lines(), "");
    assert!(page.sees("Option CARD: A card, n"));
}

#[test]
fn what_others_select_says_so_and_leads_there() {
    let mut page = Page::open(TREE);
    page.click("Set FORCER");
    page.harness.get_by_label("Option FORCED: Forced, y, changed").click();
    page.steps();
    assert!(page.sees("selected by FORCER [=y] at Kconfig:") && page.sees("FORCED cannot be n:"));
    page.click("FORCER [y]");
    let sheet_name = page.harness.state().state.config_page.sheet().and_then(|s| s.details.as_ref().map(|d| d.name.clone()));
    assert_eq!(sheet_name.as_deref(), Some("FORCER"));
    page.asks();
    page.harness.get_all_by_label_contains("Kconfig:").last().unwrap().click();
    page.steps();
    assert!(matches!(page.asks().as_slice(), [Ask::Open { file, folders, .. }] if file == "Kconfig" && folders.len() == 2));
}

#[test]
fn a_file_is_looked_at_before_it_is_taken_over() {
    let mut page = Page::open(TREE);
    let mut editor = page.read(TREE);
    page.click("Load a .config");
    page.type_into("Path to load from", "/w/my.config");
    page.click("As the whole configuration");
    assert!(matches!(page.asks().as_slice(), [Ask::ImportConfig { add: false, path: Some(_), .. }]));
    let import = editor.import_whole(b"CONFIG_ONE=y\nCONFIG_GONE=1\n\x01\xff\nCONFIG_COUNT=x\n");
    page.answer(ConfigNews::Imported { file: "/w/my.config".into(), result: Ok(import) });
    assert!(page.sees("line 2: there is no symbol GONE") && page.sees("line 3:") && page.sees("line 4: COUNT"));
    assert_eq!(page.lines(), "");
    page.click("Leave it");
    assert!(!page.sees("line 2:") && page.lines().is_empty());
    let import = editor.import_whole(b"CONFIG_ONE=y\nCONFIG_GONE=1\n");
    page.answer(ConfigNews::Imported { file: "/w/my.config".into(), result: Ok(import) });
    page.click("Use these lines");
    assert_eq!(page.lines(), "CONFIG_GONE=1\nCONFIG_ONE=y\n");
    page.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(page.lines(), "");
}

#[test]
fn the_configuration_is_written_to_a_file_and_one_of_somebody_else_is_not_replaced_unasked() {
    let mut page = Page::open(TREE);
    for seen in [None, Some(7)] {
        page.click("Export as .config");
        page.click("Save");
        let asks = page.asks();
        let [Ask::ExportConfig { path: Some(path), text, known, .. }] = asks.as_slice() else { panic!("{asks:?}") };
        assert!(String::from_utf8_lossy(text).contains("CONFIG_COUNT=3\n"));
        assert_eq!(known.first().map(|(_, d)| *d), seen);
        let path = path.clone();
        page.answer(ConfigNews::WouldReplace { path, digest: 7, known: false });
        assert!(page.sees("is there already. Export again to replace it"));
    }
}

#[test]
fn a_tree_with_an_error_opens_with_the_error() {
    let page = Page::open("config A\n\tbool \"Alpha\"\n\tnonsense here\nconfig B\n\tbool \"Beta\"\n");
    assert!(page.sees("The Kconfig files have errors") && page.sees("Kconfig:3:"));
}

#[test]
fn what_is_not_there_says_what_helps() {
    let mut page = Page::open(TREE);
    page.answer(ConfigNews::Opened(Err(NotOpened::NotUnpacked)));
    page.asks();
    page.click("Fetch and unpack the source");
    assert!(matches!(page.asks().as_slice(), [Ask::FetchSource { .. }]));
    page.answer(ConfigNews::Fetching("3.0 MB of 9.0 MB".into()));
    assert!(page.sees("3.0 MB of 9.0 MB"));
    page.answer(ConfigNews::Fetched(Ok(())));
    assert!(page.asks().iter().any(|a| matches!(a, Ask::OpenConfig { .. })));
    page.answer(ConfigNews::Opened(Err(NotOpened::Failed("no such luck".into()))));
    assert!(page.sees("no such luck"));
    page.click("Try again");
    assert!(matches!(page.asks().as_slice(), [Ask::OpenConfig { .. }]));
}

#[test]
fn nothing_of_a_project_from_elsewhere_runs_before_it_is_trusted() {
    let mut window = Window::open("mll-2016");
    let mut project = Project::clone(&window.harness.state().state.project);
    project.path = Some("/from/elsewhere.ron".into());
    project.files.insert("linux".into(), "/from/linux.tar".into());
    window.tell(Incoming::File(FileEvent::Opened { path: "/from/elsewhere.ron".into(), result: Ok(Arc::new(project)) }));
    window.asks();
    window.click("Page Configuration");
    assert!(window.asks().is_empty() && window.sees("The source of linux is taken from /from/linux.tar"));
    window.click("Trust this project");
    assert!(matches!(window.asks().as_slice(), [Ask::OpenConfig { .. }]));
}

#[test]
fn an_option_of_the_recipe_reads_the_tree_again() {
    let mut page = Page::open(TREE);
    page.asks();
    let edit = bootwright_model::Edit::SetOption { component: component("kernel"), option: "config".into(), value: "defconfig".into() };
    page.harness.state_mut().act(crate::studio::action::Action::Edit(edit));
    page.steps();
    assert!(page.asks().iter().any(|a| matches!(a, Ask::OpenConfig { .. })));
    page.click("Set FORCER");
    assert_eq!(page.lines(), "", "until then nothing can be changed");
    let editor = page.read(TREE);
    page.answer(ConfigNews::Opened(Ok(editor)));
    page.click("Set FORCER");
    assert_eq!(page.lines(), "CONFIG_FORCER=y\n");
}

#[test]
fn a_build_that_moved_the_tree_has_the_page_read_it_again() {
    let mut page = Page::open(TREE);
    page.asks();
    page.run_finished(RunOutcome::Done);
    let asked = page.asks();
    let site = asked.iter().find_map(|a| match a {
        Ask::RecheckConfig { site, .. } => Some(site.clone()),
        _ => None,
    });
    assert_eq!(site.unwrap().source, page.folder.path().join("source"));
    // Meanwhile it stays as it is.
    page.click("Set FORCER");
    let editor = page.read(&TREE.replace("\"Forced\"", "\"Forced anew\""));
    page.answer(ConfigNews::Opened(Ok(editor)));
    assert!(page.sees("Forced anew") && page.lines() == "CONFIG_FORCER=y\n");
}

#[test]
fn what_the_options_would_build_again_is_asked_once_for_each_change_and_shown() {
    use crate::kbuild::Foreseen;
    use crate::studio::state::kbuild::KbuildNews;
    let mut page = Page::open(TREE);
    let asked = |page: &Page| -> Vec<u64> {
        let asks = page.window.asks().into_iter();
        asks.filter_map(|a| if let Ask::Foresee { revision, .. } = a { Some(revision) } else { None }).collect()
    };
    let first = asked(&page);
    assert_eq!(first.len(), 1);
    page.click("Set FORCER");
    assert!(asked(&page).is_empty(), "one question at a time");
    let foreseen = |options: usize| {
        let change = |i| bootwright_kbuild::stale::Change { name: format!("O{i}"), old: None, new: Some("y".into()) };
        let mut foreseen = Foreseen { options: (0..options).map(change).collect(), ..Foreseen::default() };
        foreseen.impact.tail = vec!["vmlinux".into()];
        foreseen.impact.of = 1233;
        Ok(Some(Box::new(foreseen)))
    };
    page.news(News::Kbuild(component("kernel"), KbuildNews::Foreseen { revision: first[0], result: foreseen(0) }));
    assert!(page.sees("The tree was built with these options."));
    let second = asked(&page);
    assert!(second.len() == 1 && second != first, "the change that came meanwhile");
    page.news(News::Kbuild(component("kernel"), KbuildNews::Foreseen { revision: second[0], result: foreseen(1) }));
    assert!(page.sees("would build 1 of 1233 targets again"));
    assert!(asked(&page).is_empty());
}
