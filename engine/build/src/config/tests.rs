//! On a small tree, against a whole evaluation of the resulting lines; the real trees are compared in tests/config.rs.

use super::*;
use bootwright_kconfig::Tristate;
use bootwright_kconfig::fixes::Limits;
use bootwright_kconfig::rand::Rand;
use bootwright_kconfig::remarks::What;
use bootwright_model::{ComponentId, Edit, Library, Project};

const TREE: &str = "mainmenu \"Top\"\nconfig MODULES\n\tbool \"Modules\"\n\tmodules\n\tdefault y\nmenu \"Drivers\"\nconfig NET\n\ttristate \"Net\"\n\
config CARD\n\ttristate \"Card\"\n\tdepends on NET\n\thelp\n\t  A card.\nendmenu\nconfig COUNT\n\tint \"Count\"\n\trange 1 9\n\tdefault 3\n\
config NAME\n\tstring \"Name\"\n\tdefault \"x\"\nchoice\n\tprompt \"Pick\"\n\tdefault TWO\nconfig ONE\n\tbool \"One\"\nconfig TWO\n\tbool \"Two\"\n\
config THREE\n\tbool \"Three\"\n\tdepends on NET\nendchoice\nconfig FORCED\n\tbool \"Forced\"\nconfig FORCER\n\tbool \"Forcer\"\n\tselect FORCED\n\
config HIDDEN\n\tdef_bool NET = y\n";

struct Opened {
    _folder: tempfile::TempDir,
    editor: Editor,
}

fn open(tree: &str) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("Kconfig"), tree).unwrap();
    let site = Site::all_no(ComponentId::try_from("thing").unwrap(), source, folder.path().join("scratch"));
    Opened { editor: Editor::open(site).unwrap(), _folder: folder }
}

fn set(editor: &mut Editor, name: &str, value: &str) -> Result<String, String> {
    let s = editor.find(name).unwrap();
    editor.propose(&[(s, value.to_owned())]).map(|p| p.lines)
}

fn value(editor: &Editor, name: &str) -> String {
    editor.value(editor.find(name).unwrap()).to_owned()
}

#[test]
fn a_change_is_a_line_and_its_way_back_is_none() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    assert_eq!(set(e, "COUNT", "8").unwrap(), "CONFIG_COUNT=8\n");
    assert_eq!(set(e, "NET", "y").unwrap(), "CONFIG_COUNT=8\nCONFIG_NET=y\n");
    assert_eq!(set(e, "CONFIG_COUNT", "7").unwrap(), "CONFIG_COUNT=7\nCONFIG_NET=y\n", "a line keeps its place");
    assert_eq!(value(e, "HIDDEN"), "y");
    assert_eq!(set(e, "NAME", "a\"b").unwrap(), "CONFIG_COUNT=7\nCONFIG_NET=y\nCONFIG_NAME=\"a\\\"b\"\n");
    assert_eq!(set(e, "NET", "n").unwrap(), "CONFIG_COUNT=7\nCONFIG_NAME=\"a\\\"b\"\n");
    assert_eq!(set(e, "COUNT", "3").unwrap(), "CONFIG_NAME=\"a\\\"b\"\n");
    let s = e.find("NAME").unwrap();
    assert_eq!(e.propose_unset(s).lines, "");
    assert_eq!(e.difference(), []);
}

#[test]
fn what_cannot_be_is_refused_with_the_reason_and_nothing_moves() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    let before = e.dot_config();
    let why = set(e, "CARD", "y").unwrap_err();
    assert!(why.contains("NET [=n]"), "{why}");
    assert!(set(e, "COUNT", "12").unwrap_err().contains("from 1 to 9"));
    assert!(set(e, "COUNT", "x").is_err() && set(e, "HIDDEN", "y").is_err() && set(e, "THREE", "y").is_err());
    set(e, "FORCER", "y").unwrap();
    assert!(set(e, "FORCED", "n").unwrap_err().contains("FORCER"));
    set(e, "FORCER", "n").unwrap();
    assert_eq!((e.dot_config(), e.lines().text()), (before, String::new()));
}

#[test]
fn a_choice_is_one_line() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    assert_eq!(set(e, "ONE", "y").unwrap(), "CONFIG_ONE=y\n");
    assert_eq!((value(e, "ONE"), value(e, "TWO")), ("y".into(), "n".into()));
    assert!(set(e, "ONE", "n").is_err(), "another one is taken instead");
    assert_eq!(set(e, "TWO", "y").unwrap(), "", "it is the default");
}

#[test]
fn a_fix_is_found_applied_and_taken_back() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    let card = e.find("CARD").unwrap();
    let details = e.details(card);
    assert_eq!((details.help.as_str(), details.menus.as_slice()), ("A card.", ["Drivers".to_owned(), "Net".to_owned()].as_slice()));
    let yes = details.values.iter().find(|v| v.value == "y").unwrap();
    assert_eq!(yes.blocked[0].clauses[0].options, ["NET"]);
    let found = e.fixes(card, Tristate::Yes, Limits { time: std::time::Duration::from_secs(60), ..Limits::default() });
    assert_eq!(found.words, "");
    let proposal = e.propose_fix(&found.fixes[0]).unwrap();
    assert_eq!(value(e, "CARD"), "y");
    assert!(proposal.lines.contains("CONFIG_NET=y") && proposal.lines.contains("CONFIG_CARD=y"), "{}", proposal.lines);
    e.follow("");
    assert_eq!(value(e, "CARD"), "n");
}

/// What is followed line by line is what the configure step makes of all lines at once.
#[test]
fn edits_by_chance_agree_with_the_whole_step() {
    let mut o = open(TREE);
    let mut rand = Rand::new(5);
    let names = ["MODULES", "NET", "CARD", "COUNT", "NAME", "ONE", "TWO", "THREE", "FORCED", "FORCER"];
    let values = ["y", "m", "n", "5", "x", "3"];
    let mut taken = 0;
    let mut past = vec![String::new()];
    for i in 0..600 {
        let (name, v) = (names[rand.next() as usize % names.len()], values[rand.next() as usize % values.len()]);
        let Ok(lines) = set(&mut o.editor, name, v) else { continue };
        taken += 1;
        assert_eq!(value(&o.editor, name), v);
        if i % 5 == 0 {
            let back = past[rand.next() as usize % past.len()].clone();
            o.editor.follow(&back);
            o.editor.follow(&lines);
        }
        past.push(lines.clone());
        let followed = o.editor.dot_config();
        let mut whole = Editor::open(o.editor.site.clone()).unwrap();
        whole.solver.read_answers("", &lines, false);
        whole.solver.forget();
        whole.solver.answer_rest(Some(Tristate::No));
        assert_eq!(followed, whole.dot_config(), "{lines}");
        // No line for what is so without it.
        for line in lines.lines() {
            let fewer: String = lines.lines().filter(|l| *l != line).map(|l| format!("{l}\n")).collect();
            o.editor.follow(&fewer);
            let name = line.trim_start_matches("# ").trim_start_matches("CONFIG_").split(['=', ' ']).next().unwrap();
            let s = o.editor.find(name).unwrap();
            let same = o.editor.dot_config() == followed;
            assert!(!same || o.editor.base_value(s) != value(&o.editor, name), "{line} in {lines}");
        }
        o.editor.follow(&lines);
    }
    assert!(taken > 150, "{taken}");
}

#[test]
fn a_file_is_taken_over_with_a_remark_on_each_line_that_does_not_come_through() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    set(e, "FORCED", "y").unwrap();
    let own = e.lines().text();
    let mut bytes =
        b"CONFIG_NET=y\nCONFIG_GONE=y\nCONFIG_COUNT=abc\n\x00\xff noise\nCONFIG_NET=m\nCONFIG_HIDDEN=y\nnonsense\nCONFIG_NAME=plain\n"
            .to_vec();
    bytes.extend(b"CONFIG_ONE=y\n");
    let import = e.import_whole(&bytes);
    let said: Vec<(usize, bool)> = import.remarks.iter().map(|r| (r.line, matches!(r.what, What::Noise))).collect();
    assert_eq!(said, [(2, false), (3, false), (4, true), (5, false), (6, false), (7, true), (8, false)], "{:?}", import.remarks);
    assert_eq!(import.lines, "CONFIG_GONE=y\nCONFIG_MODULES=y\nCONFIG_NET=m\nCONFIG_ONE=y\n");
    assert_eq!((import.missed.as_slice(), e.lines().text()), ([].as_slice(), own.clone()), "nothing has changed yet");
    e.follow(&import.lines);
    assert_eq!((value(e, "NET"), value(e, "ONE"), value(e, "FORCED")), ("m".into(), "y".into(), "n".into()));
    e.follow(&own);
    let import = e.import_lines(&bytes);
    assert!(import.lines.starts_with("CONFIG_FORCED=y\nCONFIG_NET=m\nCONFIG_GONE=y\n"), "{}", import.lines);
    assert_eq!(e.lines().text(), own);
}

#[test]
fn what_the_menus_show_and_what_only_differs() {
    let mut o = open(TREE);
    let e = &mut o.editor;
    let names = |e: &mut Editor, view: &View| -> Vec<String> {
        let items = e.outline(view);
        items.iter().map(|i| e.solver.row(i.node).prompt.unwrap_or_else(|| "-".into())).collect()
    };
    let mut view = View::default();
    assert_eq!(names(e, &view), ["Modules", "Drivers", "Count", "Name", "Pick", "Forced", "Forcer"]);
    view.all = true;
    assert_eq!(names(e, &view), ["Modules", "Drivers", "Net", "Count", "Name", "Pick", "One", "Two", "Forced", "Forcer"]);
    view.show_invisible = true;
    assert_eq!(names(e, &view).len(), 13);
    set(e, "NET", "y").unwrap();
    let view = View { only_changed: true, ..View::default() };
    assert_eq!(names(e, &view), ["Drivers", "Net", "-"]);
}

#[test]
fn a_tree_with_an_error_opens_with_the_error() {
    let o = open("config A\n\tbool \"A\"\n\tnonsense here\nsource \"absent\"\nconfig B\n\tbool \"B\"\n");
    assert!(o.editor.has_errors());
    let first = o.editor.diagnostics().next().unwrap();
    assert_eq!((first.file.as_str(), first.line), ("Kconfig", 3));
}

#[test]
fn a_preset_whose_source_is_not_there_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let work = crate::Work::new(folder.path()).unwrap();
    let library = Library::embedded().unwrap();
    let project = Project::open("mll-2016", &library).unwrap();
    let find = |name: &str| Site::find(&project, &library, &ComponentId::try_from(name).unwrap(), &work);
    assert!(matches!(find("kernel"), Err(ConfigError::NotUnpacked { source_name }) if source_name == "linux"));
    assert!(matches!(find("rootfs"), Err(ConfigError::NotConfigurable(_))));
    let edit = Edit::Configure { component: ComponentId::try_from("busybox").unwrap(), lines: "CONFIG_X=y".into() };
    assert!(edit.apply(&project, &library).is_ok());
}

#[test]
fn lines_that_count_no_more_go_all_at_once() {
    let mut tree =
        "mainmenu \"Top\"\nconfig BUS\n\tbool \"Bus\"\n\tdefault y\nconfig AGAIN\n\tbool \"Again\"\n\tdefault y if !BUS\n".to_owned();
    (0..100).for_each(|n| tree.push_str(&format!("config CARD_{n}\n\tbool \"Card {n}\"\n\tdepends on BUS\n")));
    let mut o = open(&tree);
    let e = &mut o.editor;
    set(e, "BUS", "y").unwrap();
    (0..100).for_each(|n| drop(set(e, &format!("CARD_{n}"), "y").unwrap()));
    assert_eq!(e.lines().len(), 101);
    let before = e.revision;
    let s = e.find("BUS").unwrap();
    let proposal = e.propose(&[(s, "n".to_owned())]).unwrap();
    assert_eq!((proposal.lines.as_str(), proposal.effects.len()), ("", 101));
    assert!(e.revision - before <= 3, "{} evaluations for one change", e.revision - before);
    assert_eq!(e.difference(), []);
}
