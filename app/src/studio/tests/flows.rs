//! What a user does, from choosing a preset to quitting.

use super::*;
use bootwright_build::Unit;

#[test]
fn the_presets_are_listed_and_the_current_one_is_marked() {
    let mut window = Window::open("mll-2016");
    window.click("Page Start");
    for (title, current) in [
        ("Preset Minimal Linux Live, before 03-Apr-2016", false),
        ("Preset Minimal Linux Live, since 03-Apr-2016", true),
        ("Preset Minimal Linux with musl, static", false),
    ] {
        let node = window.harness.get_by_label(title);
        assert_eq!(node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True), current, "{title}");
    }
}

#[test]
fn clicking_a_preset_switches_asks_for_a_plan_and_can_be_undone() {
    let mut window = Window::open("mll-2016");
    assert!(matches!(window.requests().as_slice(), [Request::Plan { project }] if project.name() == "mll-2016"));
    assert!(window.sees("Component GNU C library"));
    window.click("Page Start");
    window.click("Preset Minimal Linux with musl, static");
    window.settle_layout();
    assert_eq!(window.harness.state().state.project.name(), "musl");
    assert!(matches!(window.requests().as_slice(), [Request::Plan { project }] if project.name() == "musl"));
    assert!(window.sees("Component musl C library") && !window.sees("Component GNU C library"));
    window.menu("Edit", "Undo: New from Minimal Linux with musl, static");
    window.settle_layout();
    assert_eq!(window.harness.state().state.project.name(), "mll-2016");
    window.menu("Edit", "Redo: New from Minimal Linux with musl, static");
    assert_eq!(window.harness.state().state.project.name(), "musl");
}

#[test]
fn a_plan_of_another_project_is_not_taken_for_this_ones() {
    let mut window = Window::open("mll-2016");
    let steps = vec![planned("iso", "assemble", will_run(), None)];
    window.say(Event::PlanReady { project: "musl".into(), target: component("iso"), steps });
    assert!(window.sees("ISO image: no plan yet"));
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    assert!(window.sees("ISO image: not built"));
}

#[test]
fn progress_shows_in_the_box_and_stop_is_there_only_while_a_build_runs() {
    let mut window = Window::open("mll-2016");
    window.plan(vec![planned("kernel", "compile", will_run(), Some(300.0)), planned("iso", "assemble", will_run(), Some(1.0))]);
    assert!(window.sees("about 5 min, estimated from the last run"));
    assert!(window.enabled("Build") && !window.enabled("Stop") && !window.enabled("Boot"));
    window.requests();
    window.click("Build");
    assert!(matches!(window.requests().as_slice(), [Request::Build { target, .. }] if target.as_str() == "iso"));
    assert!(!window.enabled("Build") && window.enabled("Stop"));
    window.say(Event::StepStarted { step: step("kernel", "compile"), reasons: vec![Reason::NeverBuilt], commands: vec![] });
    window.say(Event::Progress { step: step("kernel", "compile"), done: 320, total: Some(640), unit: Unit::Objects });
    assert!(window.sees("Component Linux kernel: running, 320/640 objects"));
    assert!(window.sees("Component ISO image: queued"));
    assert!(window.sees("Overall progress 50 %"), "half of 300 s of 301 s");
    window.click("Stop");
    assert!(matches!(window.requests().as_slice(), [Request::Cancel]));
    assert!(!window.enabled("Stop"), "asking twice does not help");
    window.finished("kernel", "compile", Outcome::Cancelled);
    window.run_finished(RunOutcome::Cancelled);
    assert!(window.sees("Component Linux kernel: cancelled") && window.sees("stopped after 1:01 min"));
    assert!(window.enabled("Build") && !window.enabled("Stop"));
}

#[test]
fn a_first_run_claims_no_estimate() {
    let mut window = Window::open("mll-2016");
    window.plan(vec![planned("kernel", "compile", will_run(), None), planned("iso", "assemble", will_run(), Some(1.0))]);
    assert!(window.sees("first run: no estimate"));
}

#[test]
fn a_step_that_fails_shows_its_whole_error() {
    let mut window = Window::open("mll-2016");
    window.plan(vec![planned("busybox", "compile", will_run(), None)]);
    window.click("Build");
    window.say(Event::StepStarted { step: step("busybox", "compile"), reasons: vec![], commands: vec![] });
    let why = "make ended with status 2\nnetworking/tc.c:236: error: 'TCA_CBQ_MAX' undeclared";
    window.finished("busybox", "compile", Outcome::Failed(why.into()));
    window.run_finished(RunOutcome::Failed(why.into()));
    assert!(window.sees("Component BusyBox: failed, compile, 12 s"));
    assert!(window.sees("BusyBox: the step compile failed") && window.sees("TCA_CBQ_MAX"));
    assert_eq!(window.harness.state().state.messages.len(), 1, "one fault, one message");
    window.click("Dismiss");
    assert!(!window.sees("TCA_CBQ_MAX"));
    window.harness.get_by_label_contains("Component BusyBox").click();
    window.steps();
    assert!(window.sees("TCA_CBQ_MAX"), "the inspector keeps it");
}

#[test]
fn a_project_that_cannot_be_loaded_is_said_with_the_reason() {
    let window = Window::open_with(None, Some("my.ron:3:1: this is no project that can be read"));
    assert!(window.sees("The project was not opened") && window.sees("my.ron:3:1"));
}

#[test]
fn a_plan_that_fails_is_said_and_the_window_goes_on() {
    let mut window = Window::open("mll-2016");
    window.say(Event::PlanFailed { project: "mll-2016".into(), reason: "gcc is not on PATH; install gcc".into() });
    assert!(window.sees("There is no plan") && window.sees("gcc is not on PATH"));
    assert!(window.enabled("Build"));
}

#[test]
fn quitting_while_a_build_runs_asks() {
    let mut window = Window::open("mll-2016");
    window.click("Build");
    window.requests();
    let close = |window: &mut Window| {
        let input = window.harness.input_mut();
        let id = input.viewport_id;
        input.viewports.entry(id).or_default().events.push(egui::ViewportEvent::Close);
        window.harness.step();
        let kept = window.harness.output().viewport_output.values().any(|v| v.commands.contains(&egui::ViewportCommand::CancelClose));
        window.harness.input_mut().viewports.entry(id).or_default().events.clear();
        window.steps();
        kept
    };
    assert!(close(&mut window), "the window must stay");
    assert!(window.sees("A build is going on"));
    window.click("Keep working");
    assert!(!window.sees("A build is going on") && window.requests().is_empty());
    close(&mut window);
    window.harness.get_by_label("Stop and quit").click();
    window.harness.run_steps(2);
    assert!(matches!(window.requests().as_slice(), [Request::Cancel]));
    assert_eq!(window.harness.state().state.quit, crate::studio::state::Quit::Leaving);
}

#[test]
fn quitting_without_a_build_does_not_ask() {
    let mut window = Window::open("mll-2016");
    let input = window.harness.input_mut();
    input.viewports.entry(input.viewport_id).or_default().events.push(egui::ViewportEvent::Close);
    window.harness.step();
    assert_eq!(window.harness.state().state.quit, crate::studio::state::Quit::Leaving);
    let last = window.file_requests().pop();
    assert!(matches!(last, Some(FileRequest::Forget)), "the next session has nothing to recover: {last:?}");
}

#[test]
fn an_option_is_changed_through_its_box_and_the_plan_asked_again() {
    let mut window = Window::open("mll-2016");
    window.harness.get_by_label_contains("Component Linux kernel").click();
    window.steps();
    window.requests();
    window.harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, "config").click();
    window.steps();
    window.click("defconfig");
    let state = &window.harness.state().state;
    assert_eq!(state.project.option(&component("kernel"), "config", &state.library), Some("defconfig"));
    assert!(matches!(window.requests().as_slice(), [Request::Plan { .. }]));
    assert!(window.sees("The architecture's default"));
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    window.steps();
    let state = &window.harness.state().state;
    assert_eq!(state.project.option(&component("kernel"), "config", &state.library), Some("small"));
}

#[test]
fn configuration_lines_count_when_their_field_is_left() {
    let mut window = Window::open("musl");
    window.harness.get_by_label_contains("Component BusyBox").click();
    window.steps();
    window.type_into("Configuration lines", "CONFIG_WGET=n");
    assert!(window.project().fragments.is_empty(), "half a line is no change");
    let other = window.harness.get_by_label_contains("Component Linux kernel").rect().center();
    window.press(other, egui::PointerButton::Primary, egui::Modifiers::NONE);
    window.release(other, egui::PointerButton::Primary, egui::Modifiers::NONE);
    assert_eq!(window.project().fragments[&component("busybox")], "CONFIG_WGET=n\n");
    window.menu("Edit", "Undo: Configure BusyBox: CONFIG_WGET=n");
    assert!(window.project().fragments.is_empty());
}

#[test]
fn lines_that_are_still_being_typed_count_for_the_build_that_a_key_starts() {
    let mut window = Window::open("musl");
    window.plan(vec![planned("busybox", "compile", will_run(), None)]);
    window.harness.get_by_label_contains("Component BusyBox").click();
    window.steps();
    window.type_into("Configuration lines", "CONFIG_WGET=n");
    window.requests();
    window.key(egui::Modifiers::COMMAND, egui::Key::B);
    assert_eq!(window.project().fragments[&component("busybox")], "CONFIG_WGET=n\n");
    let requests = window.requests();
    let Some(Request::Build { project, .. }) = requests.last() else { panic!("{requests:?}") };
    assert_eq!(project.fragments[&component("busybox")], "CONFIG_WGET=n\n");
}

#[test]
fn lines_that_are_being_typed_when_a_build_starts_are_not_lost() {
    let mut window = Window::open("musl");
    window.plan(vec![planned("busybox", "compile", will_run(), None)]);
    window.harness.get_by_label_contains("Component BusyBox").click();
    window.steps();
    window.type_into("Configuration lines", "CONFIG_WGET=n");
    window.harness.state_mut().act(super::super::action::Action::Build);
    window.steps();
    assert!(!window.enabled("Configuration lines") && window.project().fragments.is_empty());
    window.run_finished(RunOutcome::Done);
    let field = window.harness.get_by_label("Configuration lines");
    assert_eq!(field.accesskit_node().value().as_deref(), Some("CONFIG_WGET=n"));
}

#[test]
fn booting_shows_the_checks_and_the_console() {
    let mut window = Window::open("mll-2016");
    assert!(!window.enabled("Boot"));
    window.plan(vec![planned("iso", "assemble", Status::UpToDate, None)]);
    assert!(window.sees("all is up to date"));
    window.requests();
    window.menu("Build", "Boot checks");
    assert!(matches!(window.requests().as_slice(), [Request::Boot { checks: true, .. }]));
    window.tell(Incoming::Boot(BootEvent::Started));
    window.tell(Incoming::Boot(BootEvent::Output(b"\x1b[1mWelcome to minimal\x1b[0m\r\n".to_vec())));
    window.check("The C library", CheckStatus::Running, "");
    window.check("The C library", CheckStatus::Failed, "glibc 2.36");
    assert!(window.sees("Welcome to minimal") && window.sees("failed") && window.sees("glibc 2.36"));
    assert!(!window.enabled("Build"), "the image must not change under the machine");
    window.click("End machine");
    assert!(matches!(window.requests().as_slice(), [Request::StopBoot]));
    window.tell(Incoming::Boot(BootEvent::Ended("the machine was ended".into())));
    assert!(window.enabled("Boot") && window.sees("the machine was ended"));
}

#[test]
fn the_plan_says_why_and_the_artifacts_what() {
    let mut window = Window::open("mll-2016");
    let changed = Reason::Changed { what: "option config".into(), old: Some("small".into()), new: Some("defconfig".into()) };
    window.plan(vec![
        planned("kernel", "compile", Status::WillRun(vec![changed]), Some(318.0)),
        planned("iso", "assemble", Status::Waits(step("kernel", "compile")), None),
    ]);
    assert!(window.sees("Component Linux kernel: out of date"));
    window.click("Page Plan");
    assert!(
        window.sees("option config: small became defconfig")
            && window.sees("(5:18 min)")
            && window.sees("known when kernel/compile is done")
    );
    window.say(Event::ArtifactReady {
        step: step("kernel", "compile"),
        output: "image".into(),
        artifact: artifact(),
        path: "/work/store/01/image".into(),
    });
    window.click("Page Artifacts");
    assert!(window.sees("2.2 MB") && window.sees("0123456789ab"));
}

#[test]
fn an_engine_that_cannot_work_leaves_nobody_waiting() {
    let mut window = Window::open("musl");
    window.tell(Incoming::Failed("cannot make the work folder /proc/x: No such file or directory".into()));
    assert!(window.sees("there is no plan") && window.sees("cannot make the work folder /proc/x"));
    assert!(!window.sees("working out the plan"));
}
