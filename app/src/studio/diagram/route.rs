//! The paths of the wires: from the lower side of a box to the upper side of another, around what stands between.
//!
//! dagre leaves a point in every row that a wire passes, in a gap it keeps free there. The wire crosses the row straight
//! down at that point and bends only between the rows, so it touches no box.

use egui::{Pos2, Rect, Vec2, pos2};

#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// From the provider to the consumer; the last piece points downwards, for the arrow. Empty: not drawn.
    pub points: Vec<Pos2>,
    /// The middle of the label.
    pub label: Pos2,
}

/// Room around a label, in points; a character of it is about this wide.
const LABEL_HEIGHT: f32 = 16.0;
const CHARACTER: f32 = 5.6;
/// Wires keep this far from a box's corners.
const INSET: f32 = 22.0;
const PIECES: usize = 14;

pub fn route_all(rects: &[Rect], wires: &[(usize, usize, usize)], bends: &[Vec<Pos2>]) -> Vec<Route> {
    let starts = ports(rects, wires, bends, true);
    let ends = ports(rects, wires, bends, false);
    let mut routes: Vec<Route> = Vec::with_capacity(wires.len());
    for (i, (from, to, _)) in wires.iter().enumerate() {
        let drawn = from != to && rects.get(*from).is_some() && rects.get(*to).is_some();
        let points = if drawn { path(starts[i], ends[i], bends.get(i).map_or(&[], Vec::as_slice), rects) } else { Vec::new() };
        routes.push(Route { points, label: Pos2::ZERO });
    }
    label_all(&mut routes, wires, rects);
    routes
}

/// Where each wire leaves (or meets) its box: spread along the side, in the order of where they come from.
fn ports(rects: &[Rect], wires: &[(usize, usize, usize)], bends: &[Vec<Pos2>], outgoing: bool) -> Vec<Pos2> {
    let mut found = vec![Pos2::ZERO; wires.len()];
    for (b, rect) in rects.iter().enumerate() {
        let end = |w: &(usize, usize, usize)| if outgoing { w.0 } else { w.1 };
        let mut here: Vec<(usize, f32)> = wires
            .iter()
            .enumerate()
            .filter(|(_, w)| w.0 != w.1 && end(w) == b)
            .map(|(i, w)| {
                let bend = bends.get(i).and_then(|b| if outgoing { b.first() } else { b.last() });
                let other = rects.get(if outgoing { w.1 } else { w.0 }).map_or(0.0, |r| r.center().x);
                (i, bend.map_or(other, |p| p.x))
            })
            .collect();
        here.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let y = if outgoing { rect.bottom() } else { rect.top() };
        let n = here.len() as f32;
        for (k, (i, toward)) in here.iter().enumerate() {
            let even = rect.left() + INSET + (rect.width() - 2.0 * INSET) * (k as f32 + 0.5) / n;
            // A single wire goes straight where it can.
            let x = if n == 1.0 { toward.clamp(rect.center().x - 20.0, rect.center().x + 20.0) } else { even };
            found[*i] = pos2(x, y);
        }
    }
    found
}

fn path(start: Pos2, end: Pos2, bends: &[Pos2], rects: &[Rect]) -> Vec<Pos2> {
    let mut points = vec![start];
    let down = end.y >= start.y;
    for bend in bends {
        // The row it passes: as high as the boxes there.
        let row = rects.iter().filter(|r| r.top() <= bend.y && bend.y <= r.bottom()).copied().reduce(Rect::union);
        let Some(row) = row else { continue };
        let (enter, leave) = if down { (row.top(), row.bottom()) } else { (row.bottom(), row.top()) };
        curve(&mut points, pos2(bend.x, enter));
        points.push(pos2(bend.x, leave));
    }
    curve(&mut points, end);
    points
}

/// An S from the last point to `to`, upright at both ends.
fn curve(points: &mut Vec<Pos2>, to: Pos2) {
    let Some(from) = points.last().copied() else { return };
    if (from.x - to.x).abs() < 0.5 {
        points.push(to);
        return;
    }
    // Straight down for the last piece, so that the arrow stands upright on the box.
    let lead = ((to.y - from.y) * 0.25).clamp(-8.0, 8.0);
    let goal = pos2(to.x, to.y - lead);
    let bend = (goal.y - from.y) * 0.6;
    let (c1, c2) = (from + Vec2::new(0.0, bend), goal - Vec2::new(0.0, bend));
    for k in 1..=PIECES {
        let t = k as f32 / PIECES as f32;
        let u = 1.0 - t;
        let p =
            from.to_vec2() * u.powi(3) + c1.to_vec2() * (3.0 * u * u * t) + c2.to_vec2() * (3.0 * u * t * t) + goal.to_vec2() * t.powi(3);
        points.push(p.to_pos2());
    }
    points.push(to);
}

/// A place for each label on its wire, off the boxes and off each other where there is one.
fn label_all(routes: &mut [Route], wires: &[(usize, usize, usize)], rects: &[Rect]) {
    let mut taken: Vec<Rect> = Vec::new();
    let mut order: Vec<_> = routes.iter_mut().zip(wires).filter(|(r, _)| !r.points.is_empty()).collect();
    // Short wires have the least choice.
    order.sort_by(|a, b| length(&a.0.points).total_cmp(&length(&b.0.points)));
    for (route, wire) in order {
        let size = Vec2::new(wire.2 as f32 * CHARACTER + 10.0, LABEL_HEIGHT);
        let at = |share: f32| Rect::from_center_size(along(&route.points, share), size);
        let apart = |r: &Rect| !taken.iter().any(|t| t.intersects(*r));
        let free = |r: &Rect| apart(r) && !rects.iter().any(|t| t.intersects(*r));
        // From the middle outwards.
        let shares = || (0..=40).map(|k: i32| 0.5 + 0.01 * (if k % 2 == 0 { k } else { -k }) as f32);
        let found = shares().map(at).find(free).or_else(|| shares().map(at).find(apart)).unwrap_or_else(|| at(0.5));
        route.label = found.center();
        taken.push(found);
    }
}

fn length(points: &[Pos2]) -> f32 {
    points.windows(2).map(|w| w[0].distance(w[1])).sum()
}

/// The point at a share of the path's length.
pub fn along(points: &[Pos2], share: f32) -> Pos2 {
    let mut left = length(points) * share;
    for w in points.windows(2) {
        let piece = w[0].distance(w[1]);
        if piece > 0.0 && left <= piece {
            return w[0] + (w[1] - w[0]) * (left / piece);
        }
        left -= piece;
    }
    points.last().copied().unwrap_or(Pos2::ZERO)
}

/// How far a point is from the path.
pub fn distance(points: &[Pos2], p: Pos2) -> f32 {
    let piece = |w: &[Pos2]| {
        let d = w[1] - w[0];
        let t = if d.length_sq() > 0.0 { ((p - w[0]).dot(d) / d.length_sq()).clamp(0.0, 1.0) } else { 0.0 };
        (w[0] + d * t).distance(p)
    };
    points.windows(2).map(piece).fold(f32::INFINITY, f32::min)
}
