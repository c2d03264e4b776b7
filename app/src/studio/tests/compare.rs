//! Two layouts side by side: the slider, the story, what is chosen, and what goes out as a picture.

use super::*;
use crate::comparison::Compared;
use crate::comparison::measured::{Group, Measured, Mood, Row, Standpoint, Value};
use crate::comparison::picture::Moment;
use crate::studio::link::desk::Origin;
use bootwright_model::Side;
use egui::{Key, Modifiers};
use std::path::PathBuf;

impl Window {
    fn comparing() -> Self {
        Self::comparing_with(None)
    }

    fn comparing_with(measured: Option<Measured>) -> Self {
        let mut window = Self::open("mll-2016");
        window.asks();
        window.click("Page Compare");
        window.steps();
        window.answer_comparison(measured);
        window
    }

    /// Answers what the desk was asked last about two projects.
    fn answer_comparison(&mut self, measured: Option<Measured>) -> [Origin; 2] {
        let asks = self.asks().into_iter().rev();
        let found = asks.filter_map(|a| if let Ask::Compare { asked, sources } = a { Some((asked, sources)) } else { None }).next();
        let (asked, sources) = found.expect("two projects were asked about");
        let library = self.harness.state().state.library.clone();
        let projects = sources.clone().map(|s| match s {
            Origin::Preset(name) => Arc::new(Project::open(&name, &library).unwrap()),
            Origin::Project(project) => project,
            Origin::File(path) => panic!("{} is no file of this test", path.display()),
        });
        let [old, new] = projects;
        let mut compared = Compared::of(old, new, &library);
        compared.measured = measured;
        self.news(News::Compared { asked, result: Ok(Arc::new(compared)) });
        self.settle_comparison();
        sources
    }

    fn settle_comparison(&mut self) {
        for _ in 0..500 {
            self.steps();
            if self.harness.state().comparison().ready() {
                return self.steps();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no picture of both after five seconds");
    }

    fn slider(&self) -> f32 {
        self.harness.state().comparison().at()
    }

    /// Runs frames until the slider rests.
    fn rest(&mut self) {
        let mut before = f32::NAN;
        for _ in 0..400 {
            self.harness.run_steps(2);
            if self.slider() == before {
                return;
            }
            before = self.slider();
        }
        panic!("the slider does not come to rest");
    }

    fn pixels(&self) -> u64 {
        self.harness.state().cost.frames
    }
}

fn value(text: &str, mood: Mood) -> Option<Value> {
    Some(Value { text: text.into(), number: None, found: vec!["found this".into()], from: "run 1 of mll-2016".into(), mood })
}

fn measured(todo: &str) -> Measured {
    let side = |name: &str, todo: &str| Standpoint {
        name: name.into(),
        title: format!("Title of {name}"),
        built: todo.is_empty(),
        booted: false,
        todo: if todo.is_empty() { vec![] } else { vec![todo.into()] },
    };
    let row =
        |group, what: &str, check: Option<&str>, old, new| Row { group, what: what.into(), check: check.map(str::to_owned), old, new };
    Measured {
        sides: [side("mll-2015", todo), side("mll-2016", "")],
        rows: vec![
            row(Group::Size, "ISO image", None, None, value("5.2 MB", Mood::Plain)),
            row(Group::Boot, "A program resolves a name (DNS)", None, value("failed", Mood::Bad), value("passed", Mood::Good)),
            row(Group::Look, "BusyBox: headers", Some("headers-match-kernel"), value("a risk", Mood::Doubtful), value("fine", Mood::Good)),
        ],
    }
}

#[test]
fn boxes_and_wires_of_both_are_named_with_where_they_are() {
    let window = Window::comparing();
    for name in [
        "Component BusyBox: in both",
        "Component GNU C library: only after",
        "Host part Host C library: only before",
        "Wire C library of BusyBox: moved from Host C library to GNU C library",
        "Wire C library from GNU C library to Root file system: only after",
        "Wire toolchain from Host toolchain to BusyBox: in both",
    ] {
        window.harness.get_by_label(name);
    }
    assert!(window.sees("Comparison of Minimal Linux Live, before 03-Apr-2016 with Minimal Linux Live, since 03-Apr-2016"));
}

#[test]
fn playing_moves_the_slider_to_the_end_and_then_nothing_moves() {
    let mut window = Window::comparing();
    assert_eq!(window.slider(), 0.0);
    window.harness.get_by_label("Play from before to after").click();
    window.harness.run_steps(20);
    let part = window.slider();
    assert!(part > 0.0 && part < 1.0, "{part}");
    assert!(window.sees("Pause") && window.sees("on the way"));
    window.rest();
    assert_eq!(window.slider(), 1.0);
    // A window at rest asks for no frame.
    let frames = window.pixels();
    window.harness.run();
    assert!(window.pixels() - frames <= 3, "{} frames for nothing", window.pixels() - frames);
    // Played again it begins anew.
    window.harness.get_by_label("Play from before to after").click();
    window.harness.run_steps(3);
    assert!(window.slider() < 0.3);
    window.harness.get_by_label("Pause").click();
    window.harness.run_steps(3);
    let held = window.slider();
    window.rest();
    assert!((window.slider() - held).abs() < 0.1 && window.slider() < 1.0, "it stays where it was stopped");
}

#[test]
fn the_slider_is_moved_with_mouse_and_keys_and_prefers_the_ends() {
    let mut window = Window::comparing();
    let place = window.harness.get_by_label("Slider from before to after").rect();
    let at = |share: f32| egui::pos2(place.left() + place.width() * share, place.center().y);
    window.drag(at(0.02), at(0.5));
    window.rest();
    assert!((window.slider() - 0.5).abs() < 0.06, "{}", window.slider());
    window.drag(at(0.5), at(0.96));
    window.rest();
    assert_eq!(window.slider(), 1.0, "near the end it goes there");
    window.harness.get_by_label("Slider from before to after").focus();
    window.steps();
    window.key(Modifiers::NONE, Key::ArrowLeft);
    window.rest();
    assert!((window.slider() - 0.9).abs() < 1e-4, "{}", window.slider());
    window.key(Modifiers::NONE, Key::Home);
    window.rest();
    assert_eq!(window.slider(), 0.0);
    window.key(Modifiers::NONE, Key::Space);
    window.rest();
    assert_eq!(window.slider(), 1.0);
    window.click("Show the layout before");
    window.rest();
    assert_eq!(window.slider(), 0.0);
}

#[test]
fn a_story_is_told_step_by_step_and_moves_the_slider() {
    let mut window = Window::comparing();
    let library = Library::embedded().unwrap();
    let lesson = library.lesson("mll-2015", "mll-2016").unwrap();
    for (i, step) in lesson.steps.iter().enumerate() {
        assert!(window.sees(&step.title) && window.sees(&step.text), "step {}", i + 1);
        window.rest();
        assert_eq!(window.slider(), if step.show == Side::Before { 0.0 } else { 1.0 }, "{}", step.title);
        window.click(if i + 1 < lesson.steps.len() { "Next step" } else { "From the beginning" });
    }
    assert!(window.sees(&lesson.steps[0].title));
    assert!(!window.enabled("Step before"));
    window.key(Modifiers::NONE, Key::F8);
    assert!(window.sees(&lesson.steps[1].title));
    window.key(Modifiers::NONE, Key::F7);
    assert!(window.sees(&lesson.steps[0].title));
    let last = format!("Step {}: {}", lesson.steps.len(), lesson.steps.last().unwrap().title);
    window.click(&last);
    window.rest();
    assert_eq!(window.slider(), 1.0);
}

#[test]
fn a_step_says_what_was_looked_at_here_and_not_more() {
    let library = Library::embedded().unwrap();
    let lesson = library.lesson("mll-2015", "mll-2016").unwrap();
    let at = lesson.steps.iter().position(|s| s.checks.iter().any(|c| c == "headers-match-kernel")).unwrap();
    let name = format!("Step {}: {}", at + 1, lesson.steps[at].title);
    let mut window = Window::comparing();
    window.click(&name);
    assert!(window.sees("This machine is being looked at.") && !window.enabled("Look at both again"));
    let mut window = Window::comparing_with(Some(measured("")));
    window.click(&name);
    assert!(window.sees("BusyBox: headers") && window.sees("run 1 of mll-2016") && window.sees("found this"));
}

#[test]
fn needs_are_listed_with_both_providers_and_what_it_meant() {
    let mut window = Window::comparing();
    window.click("Comparison page Needs");
    let need = "Need C library of BusyBox: Host C library became GNU C library";
    window.harness.get_by_label(need);
    window.harness.get_by_label("Need ISO tool of Linux kernel: Host genisoimage became nothing");
    assert!(window.sees("glibc 2.34"), "what it meant, with its date");
    window.click(need);
    assert!(window.harness.state().state.compare.focus.is_some());
    // The same by its wire.
    window.click("Wire C library of BusyBox: moved from Host C library to GNU C library");
    assert!(window.harness.state().state.compare.focus.is_none());
    assert!(window.sees("needs with the same provider in both"));
}

#[test]
fn what_was_not_measured_is_a_dash_with_what_to_do() {
    let mut window = Window::comparing();
    window.click("Comparison page Measured");
    assert!(window.sees("are being read"));
    let mut window = Window::comparing_with(Some(measured("It was not built here yet. To see its values: bootwright build mll-2015")));
    window.click("Comparison page Measured");
    for name in [
        "ISO image, before: not measured",
        "ISO image, after: 5.2 MB",
        "A program resolves a name (DNS), before: failed",
        "A program resolves a name (DNS), after: passed",
    ] {
        window.harness.get_by_label(name);
    }
    assert!(window.sees("bootwright build mll-2015"));
    window.click("Open it here");
    assert_eq!(window.project().name(), "mll-2015");
}

#[test]
fn any_two_can_be_compared() {
    let mut window = Window::comparing();
    window.click("Compare to: Minimal Linux Live, since 03-Apr-2016");
    window.click("Minimal Linux with musl, static");
    let [old, new] = window.answer_comparison(None);
    assert!(matches!((old, new), (Origin::Preset(a), Origin::Preset(b)) if a == "mll-2015" && b == "musl"));
    assert!(window.sees("Component musl C library: only after"));
    assert!(window.sees("Need C library of BusyBox: Host C library became musl C library"), "there is no story about these");
    window.click("Swap the two");
    window.answer_comparison(None);
    assert!(window.sees("Component musl C library: only before"));
    // The project of this window, as it is now.
    window.click("Compare to: Minimal Linux Live, before 03-Apr-2016");
    window.click("The open project (Minimal Linux Live, since 03-Apr-2016)");
    let [_, new] = window.answer_comparison(None);
    assert!(matches!(new, Origin::Project(p) if p.name() == "mll-2016"));
    // A file that was typed.
    window.click("Compare from: Minimal Linux with musl, static");
    window.type_into("Path of a project to compare", "/home/you/mine.ron");
    window.key(Modifiers::NONE, Key::Enter);
    let asks = window.asks();
    let Some(Ask::Compare { asked, sources: [Origin::File(path), _] }) = asks.last() else { panic!("{asks:?}") };
    assert_eq!(path, &PathBuf::from("/home/you/mine.ron"));
    window.news(News::Compared { asked: *asked, result: Err("cannot read /home/you/mine.ron".into()) });
    assert!(window.sees("The two cannot be compared") && window.sees("cannot read /home/you/mine.ron"));
}

#[test]
fn an_answer_to_an_older_question_is_not_taken() {
    let mut window = Window::comparing();
    window.click("Swap the two");
    window.click("Swap the two");
    let asked: Vec<u64> =
        window.asks().into_iter().filter_map(|a| if let Ask::Compare { asked, .. } = a { Some(asked) } else { None }).collect();
    assert_eq!(asked.len(), 2);
    window.news(News::Compared { asked: asked[0], result: Err("too old by now".into()) });
    assert!(!window.sees("too old by now") && window.sees("Component BusyBox: in both"));
}

#[test]
fn a_build_that_ends_is_looked_at_and_so_is_the_open_project() {
    let mut window = Window::comparing();
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    window.click("Build");
    window.asks();
    window.run_finished(RunOutcome::Done);
    assert!(window.asks().iter().any(|a| matches!(a, Ask::Compare { .. })));
    window.tell(Incoming::Boot(BootEvent::Ended("6 of 6 checks passed".into())));
    assert!(window.asks().iter().any(|a| matches!(a, Ask::Compare { .. })));
}

#[test]
fn a_picture_is_saved_as_a_pair_or_as_the_slider_stands() {
    let mut window = Window::comparing();
    window.click("Show the layout after");
    window.rest();
    for (choice, wanted) in [("Picture: Before and after", Moment::Pair), ("Picture: As the slider stands", Moment::At(1.0))] {
        window.asks();
        window.click("Save a picture");
        window.click(choice);
        window.harness.get_by_label("Path to save to").focus();
        window.key(Modifiers::COMMAND, Key::A);
        window.harness.get_by_label("Path to save to").type_text("/tmp/both.png");
        window.steps();
        window.click("Save");
        let asks = window.asks();
        let saved =
            asks.iter().find_map(|a| if let Ask::SaveComparison { path, moment, .. } = a { Some((path.clone(), *moment)) } else { None });
        assert_eq!(saved, Some((Some("/tmp/both.png".into()), wanted)), "{asks:?}");
    }
    window.news(News::Done("The picture is in /tmp/both.png".into()));
    assert!(window.sees("The picture is in /tmp/both.png"));
}

#[test]
fn the_start_page_leads_to_the_story_in_the_whole_window() {
    let mut window = Window::open("musl");
    window.asks();
    window.click("Page Start");
    window.harness.get_by_label_contains("Compare mll-2015 and mll-2016").click();
    window.steps();
    window.answer_comparison(None);
    assert!(window.sees("What the picture shows") && !window.sees("Page Diagram"), "it has the whole window");
    window.click("Back to the panels");
    assert!(window.sees("Page Diagram") && window.sees("What the picture shows"));
    window.key(Modifiers::NONE, Key::F11);
    assert!(!window.sees("Page Diagram"));
    // Another page is asked for: it must not stay covered.
    window.menu("Pages", "Log");
    assert!(window.sees("Page Diagram"));
}
