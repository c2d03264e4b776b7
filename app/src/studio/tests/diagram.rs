//! The diagram: found by label, laid out readably, and at rest when nothing changes.

use super::*;
use crate::studio::diagram::place::{BoxSpec, Placement, Wanted, WireSpec, place};
use crate::studio::diagram::ports::port_pos;
use crate::studio::theme::diagram::ZOOM_FIT_MIN;
use egui::{Pos2, Rect};

fn placements() -> Vec<(String, Placement)> {
    let library = Library::embedded().unwrap();
    let place_one = |l: &bootwright_model::Layout, flat: bool| {
        let name = if flat { format!("{} in a low panel", l.name) } else { l.name.clone() };
        (name, place(&Wanted { flat, ..Wanted::of(l, &library, |_| None) }))
    };
    [false, true].iter().flat_map(|flat| library.layouts().iter().map(|l| place_one(l, *flat))).collect()
}

#[test]
fn every_preset_is_readable_at_1280_by_800() {
    for (name, p) in placements().into_iter().filter(|(_, p)| !p.wanted.flat) {
        // What is left of the window for the diagram, less its margins and its bar.
        let zoom = (716.0 / p.bounds.width()).min(517.0 / p.bounds.height());
        assert!(zoom >= ZOOM_FIT_MIN, "{name}: {zoom}, {:?}", p.bounds);
    }
}

#[test]
fn a_low_panel_is_used_better_by_a_flat_arrangement() {
    let all = placements();
    let zoom = |p: &Placement| (446.0 / p.bounds.width()).min(110.0 / p.bounds.height());
    let (flat, usual): (Vec<_>, Vec<_>) = all.iter().partition(|(_, p)| p.wanted.flat);
    for ((name, flat), (_, usual)) in flat.into_iter().zip(usual) {
        assert!(zoom(flat) > zoom(usual), "{name}: {} instead of {}", zoom(flat), zoom(usual));
    }
}

#[test]
fn boxes_stand_apart_and_no_wire_runs_through_one() {
    for (name, p) in placements() {
        for (i, a) in p.boxes.iter().enumerate() {
            for b in &p.boxes[i + 1..] {
                assert!(!a.expand(4.0).intersects(*b), "{name}: {a:?} {b:?}");
            }
        }
        for (route, ends) in p.wires.iter().zip(&p.wanted.wires) {
            let ends = ends.unwrap();
            assert!(route.points.len() > 1, "{name}");
            for (i, r) in p.boxes.iter().enumerate() {
                let inner = r.shrink(1.0);
                let hit = route.points.windows(2).any(|w| (0..=8).any(|k| inner.contains(w[0] + (w[1] - w[0]) * (k as f32 / 8.0))));
                let (from, to) = (&p.wanted.boxes[ends.from].id, &p.wanted.boxes[ends.to].id);
                assert!(!hit, "{name}: the wire {from} to {to} runs through {}", p.wanted.boxes[i].id);
            }
        }
    }
}

#[test]
fn wires_join_their_ports_and_arrive_from_the_left() {
    for (name, p) in placements() {
        for (route, ends) in p.wires.iter().zip(&p.wanted.wires) {
            let ends = ends.unwrap();
            let (start, end) = (route.points[0], *route.points.last().unwrap());
            assert_eq!(start, port_pos(p.boxes[ends.from], true, ends.output), "{name}");
            assert_eq!(end, port_pos(p.boxes[ends.to], false, ends.need), "{name}");
            let before = route.corners[route.corners.len() - 2];
            assert!(before.y == end.y && end.x - before.x >= 8.0, "{name}: {before:?} {end:?}");
        }
    }
}

/// Two wires on one line cannot be told apart; those of one output are one thing.
#[test]
fn wires_of_different_outputs_do_not_lie_on_each_other() {
    for (name, p) in placements() {
        let pieces: Vec<((usize, usize), Pos2, Pos2)> = p
            .wires
            .iter()
            .zip(&p.wanted.wires)
            .flat_map(|(r, e)| r.corners.windows(2).map(|w| ((e.unwrap().from, e.unwrap().output), w[0], w[1])).collect::<Vec<_>>())
            .collect();
        for (i, (net, a, b)) in pieces.iter().enumerate() {
            for (other, c, d) in pieces[i + 1..].iter().filter(|(o, ..)| o != net) {
                let (one, two) = (Rect::from_two_pos(*a, *b), Rect::from_two_pos(*c, *d));
                let common = one.intersect(two);
                let shared = common.width().max(common.height());
                assert!(common.width() < 0.0 || common.height() < 0.0 || shared < 9.0, "{name}: {net:?} and {other:?} along {common:?}");
            }
        }
    }
}

#[test]
fn host_parts_stand_within_their_frame_and_built_ones_within_theirs() {
    for (name, p) in placements() {
        let (host, built) = (p.host.unwrap(), p.built.unwrap());
        assert!(!host.intersects(built), "{name}");
        for (r, spec) in p.boxes.iter().zip(&p.wanted.boxes) {
            assert_eq!((host.contains_rect(*r), built.contains_rect(*r)), (spec.host, !spec.host), "{name}: {}", spec.id);
        }
    }
}

fn chain(n: usize) -> Wanted {
    let spec = |i: usize| BoxSpec { id: component(&format!("c{i}")), host: false, needs: 1, outputs: 1, at: None };
    Wanted {
        boxes: (0..n).map(spec).collect(),
        wires: (1..n).map(|i| Some(WireSpec { from: i - 1, output: 0, to: i, need: 0 })).collect(),
        flat: false,
    }
}

#[test]
fn a_layout_too_large_for_dagre_and_one_in_a_circle_still_get_places() {
    let back = |from, to| Some(WireSpec { from, output: 0, to, need: 0 });
    let mut large = chain(400);
    large.wires.push(back(399, 0));
    let p = place(&large);
    assert!(p.bounds.is_finite() && p.boxes.len() == 400);
    for (i, a) in p.boxes.iter().enumerate() {
        assert!(p.boxes[i + 1..].iter().all(|b| !a.intersects(*b)), "{i}");
    }
    let mut circle = chain(3);
    circle.wires.extend([back(2, 0), back(1, 1), None]);
    let p = place(&circle);
    assert!(p.bounds.is_finite() && p.wires[4].points.is_empty());
    assert!(place(&Wanted { boxes: Vec::new(), wires: Vec::new(), flat: false }).bounds.is_finite());
}

/// A place that a file gives counts, whatever it is; the others keep off it.
#[test]
fn settled_boxes_stay_where_they_are() {
    let mut wanted = chain(4);
    let auto = place(&wanted);
    wanted.boxes[2].at = Some(((auto.boxes[0].min.x / 8.0) as i32, (auto.boxes[0].min.y / 8.0) as i32));
    let p = place(&wanted);
    assert_eq!(p.boxes[2].min, auto.boxes[0].min);
    assert!((0..4).filter(|i| *i != 2).all(|i| !p.boxes[i].intersects(p.boxes[2])));
    let far = |x: f32| bootwright_model::Position { x, y: -x };
    let library = Library::embedded().unwrap();
    let mut layout = library.layout("musl").unwrap().clone();
    layout.components[0].position = Some(far(f32::MAX));
    layout.components[1].position = Some(far(f32::NAN));
    assert!(place(&Wanted::of(&layout, &library, |_| None)).bounds.is_finite());
}

#[test]
fn boxes_and_wires_are_found_by_label_and_explained_when_clicked() {
    let mut window = Window::open("mll-2015");
    assert!(window.sees("Host part Host C library: from the host"));
    window.harness.get_by_label_contains("Component BusyBox").click();
    window.steps();
    assert!(window.sees("The user's programs in one binary"));
    window.click("Wire C library from Host C library to BusyBox");
    assert!(window.sees("Wire: C library") && window.sees("the machine that happened to build it"));
    assert_eq!(window.harness.state().state.selection, Some(crate::studio::action::Selection::Wire(3)));
    window.harness.key_press(egui::Key::Escape);
    window.steps();
    assert_eq!(window.harness.state().state.selection, None);
}

#[test]
fn an_idle_window_asks_for_no_frame() {
    let mut window = Window::open("mll-2016");
    window.harness.run(); // fails where it never settles
    let drawn = window.harness.state().graph_drawn();
    window.harness.run_steps(5);
    assert_eq!(window.harness.state().graph_drawn(), drawn, "what does not change is not drawn again");
}

/// Text painted before points into the font atlas as it was: what is kept is worth nothing once that is laid out anew,
/// as it is when the theme changes. The diagram then showed scraps of letters.
#[test]
fn the_diagram_is_drawn_again_when_the_font_atlas_is_new() {
    let mut window = Window::open("mll-2016");
    window.harness.run();
    let drawn = window.harness.state().graph_drawn();
    // The same look, but egui lays the atlas out anew.
    window.harness.ctx.set_fonts(egui::FontDefinitions::default());
    window.harness.run();
    let again = window.harness.state().graph_drawn();
    assert!(again > drawn);
    window.menu("View", "Light theme");
    window.harness.run();
    assert!(window.harness.state().graph_drawn() > again);
}
