//! The log's lines, queries and limits.

use super::super::ansi::Colour;
use super::*;
use bootwright_model::ComponentId;

fn step(name: &str) -> StepId {
    StepId { component: ComponentId::try_from(name).unwrap(), step: "compile".into() }
}

fn query(text: &str) -> Query {
    Query { text: text.into(), only: true, ..Query::default() }
}

fn look(log: &mut Log) {
    while log.work(Duration::from_secs(1)) {}
}

#[test]
fn rows_keep_their_step_and_the_query_finds_text_and_step() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["  CC init/main.o".into(), "a.c:1:2: warning: odd".into()], 0);
    log.push(&step("glibc"), &["gcc -c x.c".into()], 7);
    assert_eq!((log.rows(), log.left_out()), (3, 7));
    assert_eq!(log.row(2), Some(Line { number: 2, step: "glibc/compile", text: "gcc -c x.c", level: Level::None }));
    log.set_query(query("WARN"));
    look(&mut log);
    assert_eq!((log.rows(), log.row(0).unwrap().text), (1, "a.c:1:2: warning: odd"));
    log.set_query(Query { step: Some("kernel/compile".into()), ..Query::default() });
    look(&mut log);
    assert_eq!(log.rows(), 2);
    log.push(&step("kernel"), &["more".into()], 0);
    look(&mut log);
    assert_eq!((log.rows(), log.row_of(3)), (3, 2));
    log.set_query(Query { level: Level::Warning, ..Query::default() });
    look(&mut log);
    assert_eq!(log.rows(), 1);
    log.set_query(Query::default());
    assert_eq!(log.rows(), 4);
}

#[test]
fn a_search_marks_without_hiding() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["one".into(), "two".into(), "one more".into()], 0);
    log.set_query(Query { text: "ONE".into(), ..Query::default() });
    look(&mut log);
    assert_eq!((log.rows(), log.matches().iter().copied().collect::<Vec<_>>()), (3, vec![0, 2]));
}

#[test]
fn a_step_that_has_said_nothing_yet_is_waited_for() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["one".into()], 0);
    log.set_query(Query { step: Some("glibc/compile".into()), ..Query::default() });
    look(&mut log);
    assert_eq!(log.rows(), 0);
    log.push(&step("glibc"), &["two".into()], 0);
    look(&mut log);
    assert_eq!(log.row(0).map(|l| l.text), Some("two"));
}

#[test]
fn colours_are_kept_beside_the_text() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["plain".into(), "a \u{1b}[31mred\u{1b}[0m b".into()], 0);
    assert_eq!(log.row(1).unwrap().text, "a red b");
    let styles: Vec<_> = log.styles(1).collect();
    assert_eq!((styles.len(), styles[0].start, styles[0].end, styles[0].style.colour), (1, 2, 5, Some(Colour::Named(1))));
    assert_eq!(log.styles(0).count(), 0);
}

#[test]
fn complaints_are_counted_by_step_and_run() {
    let mut log = Log::default();
    let (kernel, libc) = (step("kernel"), step("glibc"));
    log.push(&libc, &["b.c:1:1: error: first".into()], 0);
    log.push(&kernel, &["a.c:1:1: warning: x".into(), "a.c:2:1: error: y".into(), "make: *** [Makefile:3: all] Error 1".into()], 0);
    let tally = Tally { warnings: 1, errors: 2, first_warning: Some(1), first_error: Some(2) };
    assert_eq!(log.tally(&kernel), tally);
    assert_eq!((log.error_from(0), log.error_from(1), log.error_from(4)), (Some(0), Some(2), None));
    log.set_query(Query { step: Some("kernel/compile".into()), ..Query::default() });
    assert_eq!(log.error_from(0), Some(2), "of the step in sight");
    log.step_started(&kernel);
    assert_eq!(log.tally(&kernel), Tally::default());
}

#[test]
fn folders_are_remembered_the_latest_first() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["$ cd /w/tree".into(), "make[1]: Entering directory '/w/tree/lib'".into(), "$ cd /w/tree".into()], 0);
    assert_eq!(log.folders("kernel/compile"), [std::path::PathBuf::from("/w/tree/lib"), "/w/tree".into()]);
}

#[test]
fn a_snapshot_is_what_was_shown() {
    let mut log = Log::default();
    log.push(&step("kernel"), &["one".into(), "two".into()], 0);
    let all = log.snapshot();
    log.set_query(query("two"));
    look(&mut log);
    let some = log.snapshot();
    log.push(&step("kernel"), &["two again".into()], 0);
    let text = |s: &Snapshot| {
        let mut out = Vec::new();
        s.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!((text(&all).as_str(), text(&some).as_str()), ("one\ntwo\n", "two\n"));
}

#[test]
fn old_lines_go_in_whole_chunks_and_are_counted() {
    let mut log = Log::default();
    let batch: Vec<String> = (0..4096).map(|i| format!("line {i}")).collect();
    log.set_query(query("line 7"));
    for _ in 0..500 {
        log.push(&step("kernel"), &batch, 0);
    }
    look(&mut log);
    assert!(log.len() <= KEPT_LINES && log.len() + log.left_out() == 500 * 4096, "{} {}", log.len(), log.left_out());
    assert!(log.first_number() >= log.left_out());
    log.set_query(Query::default());
    assert_eq!(log.row(0).unwrap().number, log.left_out());
    assert!(log.row(log.len()).is_none());
}

#[test]
fn a_query_over_a_million_lines_works_in_slices() {
    let mut log = Log::default();
    let batch: Vec<String> = (0..4096).map(|i| format!("  CC      drivers/net/ethernet/intel/e1000/part_{i}.o")).collect();
    for _ in 0..250 {
        log.push(&step("kernel"), &batch, 0);
    }
    log.set_query(query("part_4000.o"));
    assert!(log.work(Duration::ZERO), "one slice is not all");
    let mut slices = 1;
    while log.work(Duration::ZERO) {
        slices += 1;
    }
    assert_eq!((log.rows(), slices), (250, 250 * 4096 / 512 - 1));
}
