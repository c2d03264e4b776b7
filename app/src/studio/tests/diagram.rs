//! The diagram: found by label, laid out readably, and at rest when nothing changes.

use super::*;
use crate::studio::diagram::place::{Placement, Wanted, box_rect, place};
use crate::studio::theme::diagram::ZOOM_FIT_MIN;
use egui::Rect;

fn placements() -> Vec<(String, Placement)> {
    let library = Library::embedded().unwrap();
    let place_one = |l: &bootwright_model::Layout| (l.name.clone(), place(&Wanted::of(l, &library, |_| 10)));
    library.layouts().iter().map(place_one).collect()
}

fn rects(p: &Placement) -> Vec<Rect> {
    p.boxes.iter().zip(&p.wanted.boxes).map(|(m, (_, host))| box_rect(*m, *host)).collect()
}

#[test]
fn every_preset_is_readable_at_1280_by_800() {
    for (name, p) in placements() {
        // What is left of the window for the diagram, less its margins.
        let zoom = (716.0 / p.bounds.width()).min(555.0 / p.bounds.height());
        assert!(zoom >= ZOOM_FIT_MIN, "{name}: {zoom}, {:?}", p.bounds);
    }
}

#[test]
fn boxes_stand_apart_and_no_wire_runs_through_one() {
    for (name, p) in placements() {
        let rects = rects(&p);
        for (i, a) in rects.iter().enumerate() {
            for b in &rects[i + 1..] {
                assert!(!a.expand(4.0).intersects(*b), "{name}: {a:?} {b:?}");
            }
        }
        for (route, (from, to, _)) in p.wires.iter().zip(&p.wanted.wires) {
            assert!(route.points.len() > 1, "{name}");
            for (i, r) in rects.iter().enumerate() {
                let inner = r.shrink(1.0);
                let hit = route.points.windows(2).any(|w| (0..=8).any(|k| inner.contains(w[0] + (w[1] - w[0]) * (k as f32 / 8.0))));
                assert!(
                    !hit,
                    "{name}: the wire {} to {} runs through {}",
                    p.wanted.boxes[*from].0, p.wanted.boxes[*to].0, p.wanted.boxes[i].0
                );
            }
        }
    }
}

#[test]
fn wires_end_at_their_boxes_and_their_labels_are_apart() {
    for (name, p) in placements() {
        let rects = rects(&p);
        for (i, (route, (from, to, _))) in p.wires.iter().zip(&p.wanted.wires).enumerate() {
            let (start, end) = (route.points[0], *route.points.last().unwrap());
            assert!((start.y - rects[*from].bottom()).abs() < 0.1 && (end.y - rects[*to].top()).abs() < 0.1, "{name} {i}");
            // Labels of one box are shown together when it is selected.
            for (other, (f, t, _)) in p.wires.iter().zip(&p.wanted.wires).skip(i + 1) {
                let d = route.label - other.label;
                let together = f == from || f == to || t == from || t == to;
                assert!(!together || d.x.abs() > 40.0 || d.y.abs() > 10.0, "{name}: two labels at {:?}", route.label);
            }
        }
    }
}

#[test]
fn host_parts_stand_within_the_frame_and_built_ones_outside() {
    for (name, p) in placements() {
        let frame = p.host.unwrap();
        for (r, (id, host)) in rects(&p).iter().zip(&p.wanted.boxes) {
            assert_eq!(frame.contains_rect(*r), *host, "{name}: {id}");
            assert_eq!(frame.intersects(*r), *host, "{name}: {id}");
        }
    }
}

#[test]
fn a_layout_too_large_for_dagre_and_one_in_a_circle_still_get_places() {
    let boxes: Vec<_> = (0..400).map(|i| (component(&format!("c{i}")), false)).collect();
    let wires = (0..399).map(|i| (i, i + 1, 5)).chain([(399, 0, 5)]).collect();
    let p = place(&Wanted { boxes, wires });
    assert!(p.bounds.is_finite() && p.boxes.len() == 400);
    let boxes: Vec<_> = (0..3).map(|i| (component(&format!("c{i}")), false)).collect();
    let p = place(&Wanted { boxes, wires: vec![(0, 1, 5), (1, 2, 5), (2, 0, 5), (1, 1, 5)] });
    assert!(p.bounds.is_finite() && p.wires[3].points.is_empty());
    assert!(place(&Wanted { boxes: Vec::new(), wires: Vec::new() }).bounds.is_finite());
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
