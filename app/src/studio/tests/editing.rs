//! Editing the diagram with the mouse, the keyboard and the inspector.

use super::*;
use crate::studio::action::{Action, Selection};
use crate::studio::diagram::Command;
use bootwright_model::{Edit, Port, same};
use egui::{Key, Modifiers, PointerButton, Pos2, Vec2, vec2};

fn port(s: &str) -> Port {
    Port::try_from(s.to_owned()).unwrap()
}

fn provider(w: &Window, need: &str) -> Option<String> {
    let need = port(need);
    w.project().layout.provider(&need.component, &need.name).map(ToString::to_string)
}

fn selection(w: &Window) -> Option<Selection> {
    w.harness.state().state.selection.clone()
}

/// A place of the diagram where nothing is: its lower right corner, above the bar.
fn empty(w: &Window) -> Pos2 {
    w.harness.get_by_label_contains("Diagram of").rect().right_bottom() - vec2(16.0, 60.0)
}

/// With a C library that nothing uses yet.
fn with_musl() -> Window {
    let mut w = Window::open("mll-2016");
    do_edit(&mut w, Edit::Add { recipe: "musl".into(), name: None, position: None });
    do_edit(&mut w, Edit::Connect { from: port("host-toolchain.toolchain"), to: port("musl.toolchain") });
    w.settle_layout();
    w
}

fn do_edit(w: &mut Window, edit: Edit) {
    w.harness.state_mut().act(Action::Edit(edit));
    w.steps();
}

const LEFT: PointerButton = PointerButton::Primary;

#[test]
fn dragging_from_a_need_to_another_output_moves_the_wire() {
    let mut w = with_musl();
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("glibc.libc"));
    w.requests();
    let (need, output) = (w.at("Need C library of BusyBox"), w.at("Output C library libc of musl"));
    w.press(need, LEFT, Modifiers::NONE);
    w.harness.event(egui::Event::PointerMoved(need + vec2(20.0, 30.0)));
    w.harness.run_steps(2);
    assert!(w.sees("Output C library libc of musl C library, feeds nothing, fits"), "ports that fit say so");
    assert!(!w.sees("of Linux kernel, feeds 1, fits"));
    for p in [output - vec2(30.0, 0.0), output] {
        w.harness.event(egui::Event::PointerMoved(p));
        w.harness.run_steps(1);
    }
    w.release(output, LEFT, Modifiers::NONE);
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("musl.libc"));
    assert_eq!(w.harness.state().state.history.next_undo(), Some("Move wire: BusyBox ← musl C library"));
    assert!(matches!(w.requests().as_slice(), [Request::Plan { .. }]), "the plan follows the drawing at once");
    w.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("glibc.libc"));
    w.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("musl.libc"));
}

#[test]
fn dragging_a_wire_itself_moves_it_to_another_provider() {
    let mut w = Window::open("mll-2016");
    do_edit(&mut w, Edit::Add { recipe: "host-headers".into(), name: None, position: None });
    w.settle_layout();
    let (wire, output) =
        (w.at("Wire kernel headers from Kernel headers to GNU C library"), w.at("Output kernel headers headers of Host kernel"));
    w.drag(wire, output);
    assert_eq!(provider(&w, "glibc.headers").as_deref(), Some("host-headers.headers"));
}

#[test]
fn a_drop_on_a_box_is_near_enough_where_one_of_its_ports_fits() {
    let mut w = with_musl();
    let (need, target) = (w.at("Need C library of BusyBox"), w.at("Component musl C library"));
    w.drag(need, target);
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("musl.libc"));
}

#[test]
fn a_wire_of_the_wrong_kind_is_refused_with_the_reason() {
    let mut w = Window::open("mll-2016");
    let before = w.project().clone();
    w.drag(w.at("Need C library of BusyBox"), w.at("Output kernel image image of Linux kernel"));
    assert_eq!(*w.project(), before);
    assert!(w.sees("Linux kernel provides a kernel image, and this need of BusyBox is for a C library"));
}

#[test]
fn a_wire_that_closes_a_circle_is_refused_and_the_circle_is_shown() {
    let mut w = Window::open("mll-2016");
    do_edit(&mut w, Edit::Connect { from: port("kernel.isoimage"), to: port("iso.writer") });
    w.settle_layout();
    w.drag(w.at("Output ISO tool isoimage of Linux kernel"), w.at("Need ISO tool of Linux kernel"));
    assert!(w.sees("Linux kernel cannot be made from itself"));
    let refused = w.harness.state().state.refused.clone().unwrap();
    assert_eq!(refused.circle, [component("kernel"), component("kernel")]);
    w.harness.get_by_label_contains("Component BusyBox").click();
    w.steps();
    assert_eq!(w.harness.state().state.refused, None, "the next selection wipes it away");
}

#[test]
fn a_drop_on_nothing_and_escape_change_nothing() {
    let mut w = Window::open("mll-2016");
    let before = w.project().clone();
    w.drag(w.at("Need C library of BusyBox"), empty(&w));
    assert_eq!(*w.project(), before);
    let need = w.at("Need C library of BusyBox");
    let output = w.at("Output C library libc of GNU");
    w.press(need, LEFT, Modifiers::NONE);
    w.harness.event(egui::Event::PointerMoved(need + vec2(30.0, 30.0)));
    w.harness.run_steps(1);
    w.key(Modifiers::NONE, Key::Escape);
    w.release(output, LEFT, Modifiers::NONE);
    assert_eq!(*w.project(), before);
}

#[test]
fn delete_removes_what_is_selected_and_undo_brings_it_back() {
    let mut w = Window::open("mll-2016");
    let before = w.project().clone();
    w.click("Wire C library from GNU C library to BusyBox");
    w.key(Modifiers::NONE, Key::Delete);
    w.settle_layout();
    assert_eq!(provider(&w, "busybox.libc"), None);
    assert!(w.sees("Need C library of BusyBox, fed by nothing") && !w.enabled("Build"));
    w.key(Modifiers::COMMAND, Key::Z);
    w.settle_layout();
    assert_eq!(*w.project(), before);
    w.harness.get_by_label_contains("Component BusyBox").click();
    w.steps();
    w.key(Modifiers::NONE, Key::Delete);
    w.settle_layout();
    assert!(!w.sees("Component BusyBox") && provider(&w, "rootfs.userland").is_none());
    w.key(Modifiers::COMMAND, Key::Z);
    w.settle_layout();
    assert_eq!(*w.project(), before);
    // The target cannot go.
    w.harness.get_by_label_contains("Component ISO image").click();
    w.steps();
    w.key(Modifiers::NONE, Key::Delete);
    assert!(w.sees("ISO image is the target") && w.project().layout.component(&component("iso")).is_some());
}

#[test]
fn a_marquee_selects_and_shift_adds_and_takes_away() {
    let mut w = Window::open("mll-2016");
    let rect = |w: &Window, c: &str| w.harness.get_by_label_contains(&format!("Component {c}")).rect();
    w.drag(empty(&w), rect(&w, "Initramfs").center());
    assert_eq!(selection(&w).unwrap().parts().0, [component("initramfs")].into());
    let iso = rect(&w, "ISO image");
    w.drag_with(empty(&w), iso.center(), LEFT, Modifiers::SHIFT);
    assert_eq!(selection(&w).unwrap().parts().0, [component("initramfs"), component("iso")].into());
    assert!(w.sees("2 components"), "the inspector speaks of all of them");
    let at = iso.center_top() + vec2(0.0, 10.0);
    w.press(at, LEFT, Modifiers::SHIFT);
    w.release(at, LEFT, Modifiers::SHIFT);
    assert_eq!(selection(&w).unwrap().parts().0, [component("initramfs")].into());
    w.drag(empty(&w), empty(&w) - vec2(8.0, 8.0));
    assert_eq!(selection(&w), None);
}

#[test]
fn boxes_move_together_their_places_are_saved_and_the_plan_stays() {
    let mut w = Window::open("mll-2016");
    w.plan(vec![planned("iso", "assemble", will_run(), None)]);
    w.requests();
    w.harness.state_mut().act(Action::Select(Selection::of([component("rootfs"), component("initramfs")].into(), Default::default())));
    w.steps();
    let rects = |w: &Window| {
        ["Root file system", "Initramfs", "BusyBox"].map(|c| w.harness.get_by_label_contains(&format!("Component {c}")).rect())
    };
    let before = rects(&w);
    let from = before[0].center_top() + vec2(0.0, 8.0);
    w.drag(from, from + vec2(-40.0, 32.0));
    w.settle_layout();
    let after = rects(&w);
    let by = after[0].min - before[0].min;
    assert!((by - vec2(-40.0, 32.0)).length() < 9.0, "{by:?}: as far as the pointer, on the grid");
    assert!((after[1].min - before[1].min - by).length() < 1.0 && after[2] == before[2]);
    assert!(w.project().layout.components.iter().all(|c| c.position.is_some()), "the file says where each box stands");
    assert!(w.requests().is_empty() && w.sees("ISO image: not built"), "nothing to build has changed");
    assert_eq!(w.harness.state().state.history.next_undo(), Some("Move 2 boxes"));
    w.key(Modifiers::COMMAND, Key::Z);
    w.settle_layout();
    assert_eq!(rects(&w), before);
    assert!(w.requests().is_empty());
}

#[test]
fn an_edit_leaves_the_other_boxes_where_they_are() {
    let mut w = Window::open("mll-2016");
    let rects = |w: &Window| {
        ["Linux kernel", "BusyBox", "Root file system", "ISO image"]
            .map(|c| w.harness.get_by_label_contains(&format!("Component {c}")).rect())
    };
    let before = rects(&w);
    do_edit(&mut w, Edit::Remove { components: [component("glibc")].into(), wires: Default::default() });
    w.settle_layout();
    do_edit(&mut w, Edit::Add { recipe: "musl".into(), name: None, position: None });
    w.settle_layout();
    assert_eq!(rects(&w), before);
    // Until it is asked to be arranged.
    w.click("Arrange the diagram");
    w.settle_layout();
    assert!(rects(&w) != before);
}

#[test]
fn the_palette_adds_a_component_where_it_was_opened() {
    let mut w = Window::open("mll-2016");
    let at = empty(&w);
    w.press(at, PointerButton::Secondary, Modifiers::NONE);
    w.release(at, PointerButton::Secondary, Modifiers::NONE);
    assert!(w.sees("Host C library") && w.sees("musl C library"));
    w.harness.get_by_label("Search recipes").type_text("musl");
    w.steps();
    assert!(!w.sees("Host kernel headers"), "typing filters");
    w.key(Modifiers::NONE, Key::Enter);
    w.settle_layout();
    assert!(w.sees("Component musl C library"));
    assert!(w.project().layout.component(&component("musl")).unwrap().position.is_some());
    assert_eq!(w.harness.state().state.history.next_undo(), Some("Add musl C library"));
    let there = w.at("Component musl C library");
    assert!((there - at).length() < 160.0, "{there:?} {at:?}");
}

#[test]
fn escape_closes_a_list_and_keeps_the_selection() {
    let mut w = Window::open("mll-2016");
    w.harness.get_by_label_contains("Component BusyBox").click();
    w.steps();
    w.key(Modifiers::NONE, Key::Enter);
    assert!(w.sees("What to do") && w.sees("Duplicate"));
    w.key(Modifiers::NONE, Key::Escape);
    assert!(!w.sees("What to do"));
    assert_eq!(selection(&w), Some(Selection::Component(component("busybox"))));
}

#[test]
fn rename_by_f2_says_what_is_wrong_with_a_name_and_takes_a_good_one() {
    let mut w = Window::open("mll-2016");
    let before = w.at("Component BusyBox");
    w.harness.get_by_label_contains("Component BusyBox").click();
    w.steps();
    w.key(Modifiers::NONE, Key::F2);
    w.harness.get_by_label("Name").type_text("glibc");
    w.steps();
    assert!(w.sees("there is a component `glibc` already"));
    w.key(Modifiers::COMMAND, Key::A);
    w.harness.get_by_label("Name").type_text("tools");
    w.steps();
    w.key(Modifiers::NONE, Key::Enter);
    w.settle_layout();
    assert_eq!(provider(&w, "rootfs.userland").as_deref(), Some("tools.userland"));
    assert_eq!(w.at("Component BusyBox"), before, "it stays where it is");
}

#[test]
fn the_keyboard_walks_connects_and_duplicates() {
    let mut w = Window::open("mll-2016");
    w.harness.get_by_label_contains("Component GNU C library").click();
    w.steps();
    let walk = |w: &mut Window, key| {
        w.key(Modifiers::NONE, key);
        match selection(w) {
            Some(Selection::Component(id)) => id.to_string(),
            Some(Selection::Wire(i)) => w.project().layout.wires[i].to.to_string(),
            other => format!("{other:?}"),
        }
    };
    assert_eq!(walk(&mut w, Key::ArrowRight), "busybox.libc", "along its first wire");
    assert_eq!(walk(&mut w, Key::ArrowDown), "rootfs.libc", "the next one from the same box");
    assert_eq!(walk(&mut w, Key::ArrowRight), "rootfs", "to the box at its end");
    assert_eq!(walk(&mut w, Key::ArrowLeft), "rootfs.userland");
    assert_eq!(walk(&mut w, Key::ArrowLeft), "busybox");
    w.key(Modifiers::COMMAND, Key::D);
    w.settle_layout();
    assert!(w.project().layout.component(&component("busybox-2")).is_some());
    assert!(w.sees("Component BusyBox (busybox-2)"));
    // By hand what the mouse does: the root file system gets the other BusyBox.
    w.harness.get_by_label_contains("Component Root file system").click();
    w.steps();
    w.key(Modifiers::NONE, Key::C);
    w.harness.get_by_label("Search ports").type_text("userland");
    w.steps();
    w.key(Modifiers::NONE, Key::Enter);
    assert_eq!(provider(&w, "rootfs.userland").as_deref(), Some("busybox-2.userland"));
    w.key(Modifiers::COMMAND, Key::A);
    let Some(Selection::Several { components, wires }) = selection(&w) else { panic!() };
    assert_eq!((components.len(), wires.len()), (w.project().layout.components.len(), w.project().layout.wires.len()));
}

#[test]
fn tab_goes_through_the_boxes_in_reading_order() {
    let mut w = Window::open("mll-2016");
    w.harness.get_by_label_contains("Component Linux kernel").click();
    w.steps();
    let mut seen = Vec::new();
    for _ in 0..3 {
        w.key(Modifiers::NONE, Key::Tab);
        let Some(Selection::Component(id)) = selection(&w) else { panic!("{:?}", selection(&w)) };
        seen.push(id.to_string());
    }
    assert_eq!(seen, ["kernel-headers", "glibc", "busybox"]);
}

#[test]
fn plus_minus_and_nought_zoom_while_the_diagram_has_the_keyboard() {
    let mut w = Window::open("mll-2016");
    w.harness.get_by_label_contains("Component Linux kernel").click();
    w.steps();
    let width = |w: &Window| w.harness.get_by_label_contains("Component Linux kernel").rect().width();
    let fit = width(&w);
    w.key(Modifiers::NONE, Key::Minus);
    let small = width(&w);
    assert!((small / fit - 0.8).abs() < 0.01, "{fit} {small}");
    w.key(Modifiers::NONE, Key::Plus);
    assert!((width(&w) - fit).abs() < 0.5);
    w.key(Modifiers::NONE, Key::Plus);
    w.key(Modifiers::NONE, Key::Num0);
    assert_eq!(width(&w), fit);
}

#[test]
fn the_inspector_moves_a_wire_to_another_provider() {
    let mut w = with_musl();
    w.harness.get_by_label_contains("Component BusyBox").click();
    w.steps();
    w.click("Provider of C library for BusyBox");
    w.click("musl C library");
    assert_eq!(provider(&w, "busybox.libc").as_deref(), Some("musl.libc"));
    w.click("Provider of C library for BusyBox");
    w.click("nothing");
    assert_eq!(provider(&w, "busybox.libc"), None);
}

#[test]
fn several_boxes_are_aligned_and_spread_by_the_inspector() {
    let mut w = Window::open("mll-2016");
    let three = ["kernel", "busybox", "iso"];
    w.harness.state_mut().act(Action::Select(Selection::of(three.map(component).into(), Default::default())));
    w.steps();
    let rects =
        |w: &Window| ["Linux kernel", "BusyBox", "ISO image"].map(|c| w.harness.get_by_label_contains(&format!("Component {c}")).rect());
    w.click("Align at the left");
    w.settle_layout();
    let [a, b, c] = rects(&w);
    assert!(a.left() == b.left() && b.left() == c.left());
    assert_eq!(w.harness.state().state.history.next_undo(), Some("Align 3 boxes"));
    w.click("Distribute down");
    w.settle_layout();
    let [a, b, c] = rects(&w);
    let zoom = a.width() / 184.0;
    assert!(((b.top() - a.bottom()) - (c.top() - b.bottom())).abs() <= 16.0 * zoom, "{a:?} {b:?} {c:?}");
}

#[test]
fn the_whole_diagram_is_in_sight_in_the_smallest_window() {
    let mut w = Window::open("mll-2016");
    w.harness.set_size(vec2(900.0, 560.0));
    w.steps();
    w.click("Fit the diagram to the window");
    let panel = w.harness.get_by_label_contains("Diagram of").rect();
    let bar = w.harness.get_by_label("Zoom in").rect();
    for c in &w.project().layout.components.clone() {
        let label = match w.harness.state().state.place_of(&c.id) {
            bootwright_model::Place::Host => format!("Host part {}", w.harness.state().state.title_of(&c.id)),
            bootwright_model::Place::Built => format!("Component {}", w.harness.state().state.title_of(&c.id)),
        };
        let r = w.harness.get_by_label_contains(&label).rect();
        assert!(panel.contains_rect(r) && r.bottom() <= bar.top(), "{label}: {r:?} in {panel:?} above {bar:?}");
    }
}

#[test]
fn the_right_button_and_the_middle_one_move_the_diagram() {
    let mut w = Window::open("mll-2016");
    for button in [PointerButton::Secondary, PointerButton::Middle] {
        let (before, at) = (w.at("Component BusyBox"), empty(&w));
        w.drag_with(at, at + vec2(-50.0, 20.0), button, Modifiers::NONE);
        let by = w.at("Component BusyBox") - before;
        assert!((by - vec2(-50.0, 20.0)).length() < 1.0, "{button:?}: {by:?}");
        assert!(!w.sees("Add a component…") && selection(&w).is_none());
    }
}

#[test]
fn the_wheel_zooms_about_the_pointer() {
    let mut w = Window::open("mll-2016");
    let at = w.at("Component BusyBox");
    let width = |w: &Window| w.harness.get_by_label_contains("Component BusyBox").rect().width();
    let before = width(&w);
    w.harness.event(egui::Event::PointerMoved(at));
    w.harness.run_steps(1);
    let (unit, phase) = (egui::MouseWheelUnit::Line, egui::TouchPhase::Move);
    w.harness.event(egui::Event::MouseWheel { unit, phase, delta: Vec2::new(0.0, 3.0), modifiers: Modifiers::NONE });
    w.harness.run_steps(30);
    assert!(width(&w) > before * 1.05, "{before} {}", width(&w));
    assert!((w.at("Component BusyBox") - at).length() < 3.0, "what is under the pointer stays there");
}

/// Whatever is done can be taken back, all the way.
#[test]
fn undoing_everything_gives_the_project_of_the_start() {
    let library = Arc::new(Library::embedded().unwrap());
    let start = Project::open("mll-2015", &library).unwrap();
    let mut state = State::new(library.clone(), Some(start.clone()), None, "/work".into()).unwrap();
    let (link, _far) = channel();
    let recipes: Vec<String> = library.recipes().map(|r| r.id.clone()).collect();
    let mut seed = 7_u64;
    let mut random = |n: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n.max(1)
    };
    let mut made = 0;
    for _ in 0..300 {
        let layout = &state.project.layout;
        let id = layout.components[random(layout.components.len())].id.clone();
        let edit = match random(6) {
            0 => Edit::Add { recipe: recipes[random(recipes.len())].clone(), name: None, position: None },
            1 => Edit::Remove { components: [id].into(), wires: Default::default() },
            2 => Edit::Duplicate { copies: [(id, None)].into() },
            3 => Edit::Rename { component: id, name: format!("n{}", random(50)) },
            _ => {
                let all = |output: bool| {
                    let ports = layout.components.iter().filter_map(|c| Some((c, state.recipe(c)?)));
                    ports
                        .flat_map(|(c, r)| {
                            let names: Vec<&String> =
                                if output { r.outputs.iter().map(|o| &o.id).collect() } else { r.needs.iter().map(|n| &n.id).collect() };
                            names.into_iter().map(|n| port(&format!("{}.{n}", c.id))).collect::<Vec<_>>()
                        })
                        .collect::<Vec<_>>()
                };
                let (from, to) = (all(true), all(false));
                if to.is_empty() {
                    continue;
                }
                Edit::Connect { from: from[random(from.len())].clone(), to: to[random(to.len())].clone() }
            }
        };
        let before = state.project.clone();
        state.apply(Action::Edit(edit), &link);
        made += usize::from(*before != *state.project);
    }
    assert!(made > 50, "{made}");
    let last = state.project.clone();
    for _ in 0..made {
        state.apply(Action::Undo, &link);
    }
    assert_eq!(*state.project, start);
    assert!(same(&state.project, &start, &library) && state.history.next_undo().is_none());
    for _ in 0..made {
        state.apply(Action::Redo, &link);
    }
    assert_eq!(*state.project, *last);
}

#[test]
fn every_command_has_a_title_and_those_that_cannot_work_do_nothing() {
    let mut w = Window::open("mll-2016");
    let before = w.project().clone();
    for command in Command::ALL {
        assert!(!command.title().is_empty());
        if !command.applies(&w.harness.state().state) {
            w.harness.state_mut().act(Action::Diagram(command));
            w.steps();
        }
    }
    assert_eq!(*w.project(), before);
    assert!(w.harness.state().state.messages.is_empty());
}
