//! A teacher's hour: the story of the two historical layouts, the slider, what was measured, and pictures to take along.

use crate::{MINUTES, studio};
use bootwright_tests::screen::{Screen, wait_for};
use bootwright_tests::{bootwright, done, shared_work};
use std::path::Path;

/// Width and height of a PNG, and how many colours it has.
fn picture(s: &Screen, path: &Path) -> (u32, u32, usize) {
    let size = s.display.tool("identify", &["-format", "%w %h", path.to_str().unwrap()]);
    let mut numbers = size.split_whitespace().map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0), s.display.colours(path))
}

#[test]
fn a_story_about_two_layouts_with_what_was_measured_of_them() {
    for name in ["mll-2016", "mll-2015"] {
        done(&mut bootwright(&shared_work(), &["build", name]));
        done(&mut bootwright(&shared_work(), &["boot", name, "--check"]));
    }
    let home = tempfile::tempdir().unwrap();
    let mut s = Screen::start(&home.path().join("run"));
    s.open(&mut studio(home.path()));

    // From the start page, in the whole window.
    s.click("Compare mll-2015 and mll-2016");
    s.get("Component BusyBox: in both");
    s.get("What the picture shows");
    s.keep("compare-story-1");

    // Through the story: the slider goes along.
    for (step, title) in [
        "Three things are borrowed",
        "Headers of another kernel",
        "A C library that is not all there",
        "Since 03-Apr-2016: the headers come first",
        "A C library of its own",
        "The image is put together here",
        "What it cost, and what it brought",
    ]
    .into_iter()
    .enumerate()
    {
        s.click("Next step");
        s.get(title);
        if step == 2 {
            // What holds for this machine's C library was looked up.
            s.get("C library: glibc");
        }
        wait_for("a slider that rests", || !s.sees("Pause"));
        s.keep(&format!("compare-story-{}", step + 2));
    }
    assert!(s.sees("Minimal Linux Live, since 03-Apr-2016"));

    // The slider by hand: half way there, and back with the keyboard.
    s.click("Show the layout before");
    wait_for("the slider at rest", || !s.sees("Pause"));
    s.click("Slider from before to after");
    wait_for("the slider at rest", || !s.sees("Pause"));
    assert!(s.sees("on the way"), "half way is neither");
    s.keep("compare-half");
    s.key("Home");
    wait_for("the slider at rest", || !s.sees("Pause") && !s.sees("on the way"));
    s.click("Play from before to after");
    wait_for("the end of the play", || !s.sees("Pause") && !s.sees("on the way"));

    // Need by need, and what was measured: a value on both sides.
    s.click("Comparison page Needs");
    s.get("Need C library of BusyBox: Host C library became GNU C library");
    s.keep("compare-needs");
    s.click("Comparison page Measured");
    s.get_within(2 * MINUTES, "A program resolves a name through the C library (DNS), before: passed");
    s.get("A program resolves a name through the C library (DNS), after: passed");
    let not = s.nodes().into_iter().filter(|n| n.name.starts_with("ISO image: ISO image") && n.name.contains("not measured")).count();
    assert_eq!(not, 0, "the sizes of both images were measured");
    s.keep("compare-measured");

    // Pictures to take along.
    for (file, choice) in
        [("both.svg", "Picture: Before and after"), ("both.png", "Picture: Before and after"), ("after.png", "Picture: As the slider")]
    {
        let path = home.path().join(file);
        s.click("Save a picture");
        s.click(choice);
        s.click("Path to save to");
        // A busy machine shows the caret a moment after the click, and a person waits for it.
        std::thread::sleep(std::time::Duration::from_millis(700));
        s.key("ctrl+a");
        s.write(path.to_str().unwrap());
        s.key("Return");
        wait_for("the picture", || path.exists());
        s.get("The picture is in");
        std::fs::copy(&path, shared_work().join("shots").join(format!("compare-{file}"))).unwrap();
        s.key("Escape");
    }
    let svg = std::fs::read_to_string(home.path().join("both.svg")).unwrap();
    for name in ["Host C library", "GNU C library", "BusyBox", "Linux kernel", "before 03-Apr-2016", "since 03-Apr-2016"] {
        assert!(svg.contains(name), "{name} is not in the picture");
    }
    let (pair, one) = (picture(&s, &home.path().join("both.png")), picture(&s, &home.path().join("after.png")));
    assert!(pair.0 > 1500 && pair.1 > 500 && pair.2 > 50, "{pair:?}");
    assert!(one.0 > 700 && one.0 < pair.0 && one.2 > 50, "{one:?}");

    s.key("ctrl+q");
    wait_for("the end", || s.ended().is_some());
    assert_eq!(s.ended(), Some(0));

    // The same on the command line.
    let json = done(&mut bootwright(&shared_work(), &["compare", "mll-2015", "mll-2016", "--json"])).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["measured"]["rows"].as_array().unwrap();
    let dns = rows.iter().find(|r| r["what"].as_str().unwrap().contains("(DNS)")).unwrap();
    assert_eq!((dns["old"]["text"].as_str(), dns["new"]["text"].as_str()), (Some("passed"), Some("passed")));
    assert!(json["moved"].as_array().unwrap().iter().all(|m| !m["meaning"].as_str().unwrap().is_empty()));
}
