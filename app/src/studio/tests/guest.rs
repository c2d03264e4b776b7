//! The machine: its console, its buttons, its screen, and which image it boots.

use super::*;
use crate::guest::Image;
use crate::studio::link::{BootImage, Knob, Picture};
use egui::{Event as Input, Key, Modifiers};

fn booted() -> Window {
    let mut window = Window::open("musl");
    window.plan(vec![planned("iso", "assemble", Status::UpToDate, None)]);
    window.requests();
    window.click("Boot");
    assert!(matches!(window.requests().as_slice(), [Request::Boot { checks: false, image: BootImage::Project(_), .. }]));
    window.tell(Incoming::Boot(BootEvent::Started));
    print(&mut window, b"/ # ");
    window
}

fn print(window: &mut Window, bytes: &[u8]) {
    window.tell(Incoming::Boot(BootEvent::Output(bytes.to_vec())));
}

fn focus(window: &mut Window) {
    window.click("Console of the guest");
    window.requests();
}

fn key(window: &mut Window, key: Key, modifiers: Modifiers) {
    window.key(modifiers, key);
}

/// All that was typed since the last call.
fn typed(window: &Window) -> String {
    let bytes = window.requests().into_iter().flat_map(|r| if let Request::Type(bytes) = r { bytes } else { vec![] }).collect();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_typed_goes_to_the_guest_and_its_lines_can_be_read() {
    let mut window = booted();
    window.harness.event(Input::Text("lost".into()));
    window.steps();
    assert_eq!(typed(&window), "", "the console has not got the keyboard yet");
    focus(&mut window);
    window.harness.event(Input::Text("uname -r".into()));
    window.steps();
    key(&mut window, Key::Enter, Modifiers::NONE);
    assert_eq!(typed(&window), "uname -r\r");
    print(&mut window, b"uname -r\r\n6.12.1\r\n/ # ");
    assert!(window.harness.query_by_label("6.12.1").is_some());
    assert!(window.harness.query_by_label("/ # uname -r").is_some());
}

#[test]
fn the_windows_keys_are_the_guests_while_it_has_the_keyboard() {
    let mut window = booted();
    focus(&mut window);
    let before = window.project().clone();
    for (k, modifiers) in
        [(Key::R, Modifiers::CTRL), (Key::P, Modifiers::CTRL), (Key::Tab, Modifiers::NONE), (Key::ArrowUp, Modifiers::NONE)]
    {
        key(&mut window, k, modifiers);
    }
    window.harness.event(Input::Copy);
    window.steps();
    window.harness.event(Input::Paste("a\nb".into()));
    window.steps();
    assert_eq!(typed(&window), "\x12\x10\t\x1b[A\x03a\rb");
    assert_eq!(window.harness.state().state.dialog, None, "no palette");
    assert_eq!(*window.project(), before);
    // Shift and Escape give the keyboard back.
    key(&mut window, Key::Escape, Modifiers::SHIFT);
    window.requests();
    key(&mut window, Key::P, Modifiers::COMMAND);
    assert!(window.harness.state().state.dialog.is_some());
    assert_eq!(typed(&window), "");
}

#[test]
fn a_terminal_answers_what_the_guest_asks_of_it() {
    let mut window = booted();
    window.requests();
    print(&mut window, b"\x1b[6n");
    assert_eq!(typed(&window), "\x1b[1;5R");
}

#[test]
fn text_is_marked_by_dragging_and_copied_with_shift() {
    let mut window = booted();
    print(&mut window, b"\r\nhello world\r\n");
    focus(&mut window);
    let line = window.harness.get_by_label("hello world").rect();
    let y = line.center().y;
    window.drag(egui::pos2(line.left() + 2.0, y), egui::pos2(line.left() + 36.0, y));
    window.harness.event(Input::ModifiersChanged(Modifiers::CTRL | Modifiers::SHIFT));
    window.harness.event(Input::Copy);
    window.harness.run_steps(1);
    let copied: Vec<String> = window
        .harness
        .output()
        .platform_output
        .commands
        .iter()
        .filter_map(|c| if let egui::OutputCommand::CopyText(text) = c { Some(text.clone()) } else { None })
        .collect();
    assert_eq!(copied.len(), 1);
    assert!("hello world".starts_with(&copied[0]) && copied[0].len() >= 4, "{copied:?}");
    assert_eq!(typed(&window), "", "nothing was typed");
}

#[test]
fn what_scrolled_away_can_be_looked_at_and_typing_comes_back() {
    let mut window = booted();
    let many: String = (0..300).map(|n| format!("line {n}\r\n")).collect();
    print(&mut window, many.as_bytes());
    assert!(window.harness.query_by_label("line 299").is_some() && window.harness.query_by_label("line 150").is_none());
    focus(&mut window);
    key(&mut window, Key::PageUp, Modifiers::SHIFT);
    assert!(window.harness.query_by_label("line 299").is_none());
    assert_eq!(typed(&window), "");
    window.harness.event(Input::Text("x".into()));
    window.steps();
    assert!(window.harness.query_by_label("line 299").is_some());
}

#[test]
fn a_flood_is_taken_in_slices_and_its_end_is_seen() {
    let mut window = booted();
    let chunk: Vec<u8> = (0..4000).flat_map(|n| format!("flood {n}\r\n").into_bytes()).collect();
    for _ in 0..50 {
        window.far.incoming.send(Incoming::Boot(BootEvent::Output(chunk.clone()))).unwrap();
    }
    window.far.incoming.send(Incoming::Boot(BootEvent::Output(b"the end".to_vec()))).unwrap();
    for _ in 0..10_000 {
        window.harness.step();
        if window.harness.query_by_label("the end").is_some() {
            let boot = &window.harness.state().state.boot;
            assert!(boot.text().len() <= 1 << 20 && boot.terminal.history() <= 5000);
            return;
        }
    }
    panic!("the end of the flood was never shown");
}

#[test]
fn the_machines_buttons_ask_the_machine() {
    let mut window = booted();
    window.requests();
    for (label, knob) in [("Power button", Knob::Power), ("Reset the machine", Knob::Reset), ("Screenshot of the guest", Knob::Screenshot)]
    {
        window.click(label);
        assert!(matches!(window.requests().as_slice(), [Request::Turn(k)] if *k == knob), "{label}");
    }
    assert!(window.sees("the power button was pressed"));
    window.click("Tell the guest the size");
    let (rows, columns) = window.harness.state().state.boot.terminal.size();
    assert_eq!(typed(&window), format!("stty rows {rows} cols {columns}\r"));
    assert!(rows > 20 && columns > 80, "the view takes the page: {rows} by {columns}");
    // What does not work is said; the machine goes on.
    window.tell(Incoming::Boot(BootEvent::Trouble("screendump: no such command".into())));
    assert!(window.sees("The machine did not do it") && window.sees("no such command"));
    window.click("Cut the power");
    assert!(matches!(window.requests().as_slice(), [Request::StopBoot]));
    window.tell(Incoming::Boot(BootEvent::Ended("the guest powered off".into())));
    assert!(window.sees("the guest powered off") && !window.enabled("Power button"));
}

#[test]
fn the_guests_screen_is_shown_and_saved() {
    let mut window = booted();
    let picture = Picture { size: [4, 2], rgba: vec![200; 32], png: vec![1, 2, 3].into() };
    window.tell(Incoming::Boot(BootEvent::Picture(Arc::new(picture))));
    assert!(window.sees("Screen of the guest, 4 by 2"));
    window.asks();
    window.click("Save the screenshot");
    window.click("Save");
    assert!(
        matches!(window.asks().as_slice(), [Ask::SaveBytes { bytes, path: Some(path), .. }] if bytes.len() == 3 && path.ends_with("guest.png"))
    );
    window.news(News::Saved("3 bytes are in guest.png".into()));
    assert!(window.sees("3 bytes are in guest.png"));
    window.click("Close the screenshot");
    assert!(!window.sees("Screen of the guest, 4 by 2"));
}

#[test]
fn the_checks_have_a_machine_to_themselves() {
    let mut window = Window::open("musl");
    window.plan(vec![planned("iso", "assemble", Status::UpToDate, None)]);
    window.click("Page Boot");
    window.requests();
    window.click("Check this image");
    assert!(matches!(window.requests().as_slice(), [Request::Boot { checks: true, .. }]));
    window.tell(Incoming::Boot(BootEvent::Started));
    window.check("Shell", CheckStatus::Passed, "a shell");
    window.check("The C library", CheckStatus::Failed, "glibc 2.36");
    assert!(window.sees("Shell: passed") && window.sees("The C library: failed") && window.sees("glibc 2.36"));
    focus(&mut window);
    window.harness.event(Input::Text("x".into()));
    window.steps();
    assert_eq!(typed(&window), "", "the checks type, nobody else");
    assert!(!window.enabled("Power button") && window.enabled("Cut the power"));
    window.tell(Incoming::Boot(BootEvent::Ended("1 of 2 checks passed; a shell after 4.0 s".into())));
    assert!(window.sees("1 of 2 checks passed"));
}

#[test]
fn any_finished_image_can_be_booted() {
    let mut window = Window::open("musl");
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    let library = window.harness.state().state.library.clone();
    let other = Project::open("mll-2015", &library).unwrap();
    let image = |title: &str, path: &str, project| Image {
        title: title.into(),
        name: title.into(),
        path: path.into(),
        size: 1,
        made: Some(1),
        project,
    };
    let images = vec![image("The one of 2015", "/s/a.iso", Some(Box::new(other))), image("iso.iso, 01234567", "/s/b.iso", None)];
    window.news(News::Images(images));
    window.click("Page Boot");
    assert!(!window.enabled("Boot this image"), "the project's own is not built");
    let choose = |window: &mut Window, part: &str| {
        window.harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, "Image to boot").click();
        window.steps();
        window.harness.query_all_by_label_contains(part).last().unwrap().click();
        window.steps();
        window.requests();
    };
    choose(&mut window, "iso.iso, 01234567");
    assert!(window.enabled("Boot this image") && !window.enabled("Check this image"), "nobody knows what to expect of it");
    choose(&mut window, "The one of 2015");
    assert!(window.enabled("Check this image"));
    window.click("Boot this image");
    assert!(matches!(window.requests().as_slice(), [Request::Boot { image: BootImage::Project(p), .. }] if p.name() == "mll-2015"));
    assert!(window.sees("The one of 2015"));
}

#[test]
fn a_window_with_a_quiet_guest_does_not_repaint() {
    let mut window = booted();
    focus(&mut window);
    // Settles, or `run` would fail after its most steps.
    window.harness.run();
}
