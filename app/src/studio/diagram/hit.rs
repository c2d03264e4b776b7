//! What is under the pointer.

use super::place::Placement;
use super::ports::{Face, PortAt, port_pos};
use super::route;
use super::view::View;
use super::wires::REACH;
use crate::studio::theme::diagram;
use egui::{Pos2, Rect};

/// How near to a port's middle a press must be, in points of the window.
const PORT_REACH: f32 = 10.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Port(PortAt),
    Box(usize),
    Wire(usize),
}

/// `p` in points of the window; ports before boxes before wires, what is drawn last first.
pub fn hit(placement: &Placement, faces: &[Face], view: &View, rect: Rect, p: Pos2) -> Option<Hit> {
    let at = view.to_canvas(rect, p);
    let reach = PORT_REACH / view.zoom.max(0.5);
    let mut found = None;
    if view.zoom >= diagram::ZOOM_TITLES {
        let near = placement.boxes.iter().enumerate().rev().filter(|(_, r)| r.expand(reach).contains(at));
        let mut best = reach;
        for (i, r) in near {
            let Some(face) = faces.get(i) else { continue };
            let needs = (0..face.needs.len()).map(|k| (false, k));
            for (output, index) in needs.chain((0..face.outputs.len()).map(|k| (true, k))) {
                let d = port_pos(*r, output, index).distance(at);
                if d < best {
                    best = d;
                    found = Some(Hit::Port(PortAt { at: i, output, index }));
                }
            }
        }
    }
    found.or_else(|| placement.boxes.iter().rposition(|r| r.contains(at)).map(Hit::Box)).or_else(|| {
        let reach = REACH / view.zoom;
        let mut best: Option<(f32, usize)> = None;
        for (i, r) in placement.wires.iter().enumerate().filter(|(_, r)| r.bounds.is_some_and(|b| b.expand(reach).contains(at))) {
            let d = route::distance(&r.corners, at);
            if d <= reach && best.is_none_or(|(b, _)| d < b) {
                best = Some((d, i));
            }
        }
        best.map(|(_, i)| Hit::Wire(i))
    })
}
