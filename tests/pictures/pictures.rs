//! What the window looks like, in a few pictures rendered without a display: `cargo test --release -p bootwright-pictures`.
//!
//! `UPDATE_SNAPSHOTS=1` makes them anew; look at them before they are committed. Where one differs, the new one and the
//! difference lie beside it as `.new.png` and `.diff.png`.

#![cfg(test)]

use bootwright::scene::Scene;
use bootwright_build::{Event, Outcome, PlannedStep, Reason, RunOutcome, Status, StepId};
use bootwright_model::{ComponentId, StepKind};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use std::time::Duration;

fn window(scene: Scene, scale: f32) -> Harness<'static, Scene> {
    let builder = Harness::builder().with_size([1280.0 / scale, 800.0 / scale]).with_pixels_per_point(scale).wgpu();
    let mut window = builder.build_ui_state(|ui, scene: &mut Scene| scene.frame(ui), scene);
    while !window.state().ready() {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(10));
    }
    window.run_steps(6);
    window
}

fn scene(preset: &str, light: bool) -> Scene {
    let mut scene = Scene::open(preset).unwrap();
    scene.light(light);
    scene
}

fn compare(window: &mut Harness<'static, Scene>, name: &str) {
    // Toasts and panels have stopped moving.
    window.run_steps(30);
    // Another version of Mesa may round some edges of letters otherwise.
    window.snapshot_options(name, &SnapshotOptions::new().output_path(".").max_failed_pixels(200));
}

fn step(component: &str, step: &str) -> StepId {
    StepId { component: ComponentId::try_from(component).unwrap(), step: step.into() }
}

fn plan(steps: &[(&str, &str, Status)]) -> Event {
    let planned = |(component, name, status): &(&str, &str, Status)| PlannedStep {
        id: step(component, name),
        kind: StepKind::Compile,
        explain: format!("The step {name}."),
        after: Vec::new(),
        status: status.clone(),
        seconds_before: Some(83.0),
        version: None,
        outputs: Default::default(),
    };
    let steps = steps.iter().map(planned).collect();
    Event::PlanReady { project: "mll-2016".into(), target: ComponentId::try_from("iso").unwrap(), steps }
}

/// A wire that was clicked, beside a plan that one changed option made.
fn wire(light: bool, name: &str) {
    let scene = scene("mll-2016", light);
    let changed = Reason::Changed { what: "option config".into(), old: Some("small".into()), new: Some("defconfig".into()) };
    let steps = [
        ("kernel", "compile", Status::WillRun(vec![changed])),
        ("glibc", "compile", Status::UpToDate),
        ("busybox", "compile", Status::UpToDate),
        ("iso", "assemble", Status::Waits(step("kernel", "compile"))),
    ];
    scene.say(plan(&steps));
    let mut window = window(scene, 1.0);
    window.get_by_label_contains("Wire kernel headers from Kernel headers to BusyBox").click();
    compare(&mut window, name);
}

#[test]
fn a_wire_is_explained_in_the_dark() {
    wire(false, "wire-dark");
}

#[test]
fn a_wire_is_explained_in_the_light() {
    wire(true, "wire-light");
}

#[test]
fn two_layouts_lie_on_one_canvas() {
    let mut scene = scene("mll-2016", true);
    scene.compare(["mll-2015", "mll-2016"]).unwrap();
    let mut window = Harness::builder().with_size([1280.0, 800.0]).wgpu().build_ui_state(|ui, s: &mut Scene| s.frame(ui), scene);
    while window.query_by_label("Component BusyBox: in both").is_none() {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(10));
    }
    window.get_by_label("Comparison page Needs").click();
    compare(&mut window, "compare");
}

#[test]
fn a_failed_build_says_where() {
    let scene = scene("musl", true);
    scene.say(plan(&[
        ("kernel", "compile", Status::WillRun(vec![Reason::NeverBuilt])),
        ("busybox", "compile", Status::WillRun(vec![Reason::NeverBuilt])),
    ]));
    let failed = step("busybox", "compile");
    scene.say(Event::StepStarted {
        step: failed.clone(),
        reasons: vec![Reason::NeverBuilt],
        commands: vec![vec!["make".into(), "-j2".into()]],
    });
    let lines = [
        "  CC      init/init.o",
        "  CC      networking/wget.o",
        "/work/src/networking/wget.c: In function \u{2018}download_one_url\u{2019}:",
        "/work/src/networking/wget.c:1061:17: error: \u{2018}option_mask\u{2019} undeclared (first use in this function)",
        "make[1]: *** [scripts/Makefile.build:198: networking/wget.o] Error 1",
        "make: *** [Makefile:744: networking] Error 2",
    ];
    scene.say(Event::Log { step: failed.clone(), lines: lines.map(str::to_owned).to_vec(), left_out: 0 });
    let why = "make ended with exit code 2".to_owned();
    scene.say(Event::StepFinished { step: failed, outcome: Outcome::Failed(why.clone()), seconds: Some(12.4), cpu_seconds: Some(20.0) });
    scene.say(Event::RunFinished { outcome: RunOutcome::Failed(why), seconds: 61.0, folder: "/work/runs/1".into() });
    let mut window = window(scene, 1.0);
    window.get_by_label_contains("Component BusyBox").click();
    window.run_steps(3);
    window.get_by_label("Page Log").click();
    compare(&mut window, "failed");
}

#[test]
fn at_double_scale_nothing_is_cut_off() {
    let mut window = window(scene("mll-2015", false), 2.0);
    compare(&mut window, "double");
}

#[test]
fn the_palette_lists_the_commands() {
    let mut window = window(scene("musl", false), 1.0);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::P);
    compare(&mut window, "palette");
}
