//! The paths of the wires: from an output at the right of a box to a need at the left of another, around what stands
//! between, along the lines of a grid.
//!
//! A* over grid points and directions. A bend, a crossing and running on top of another wire cost extra; wires of one
//! output may share their way, as on a drawn circuit. Boxes and one step around them are closed.

use super::ports::GRID;
use egui::{Pos2, Rect, Vec2, pos2};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// From the provider to the consumer with rounded corners; the last piece points to the right, for the arrow.
    /// Empty: not drawn.
    pub points: Vec<Pos2>,
    /// The corners only, for drawing from far away and for finding it.
    pub corners: Vec<Pos2>,
    /// The middle of the label.
    pub label: Pos2,
    pub bounds: Option<Rect>,
}

#[derive(Clone, Copy, Debug)]
pub struct Ends {
    pub start: Pos2,
    pub end: Pos2,
    /// Wires of one output share this.
    pub net: (usize, usize),
}

/// The straight piece before the arrow's tip, and after the output.
const LEAD: f32 = 2.0 * GRID;
const RADIUS: f32 = 6.0;
/// Around the boxes, for wires that go around all of them.
const MARGIN: i32 = 8;

const STEP: u32 = 10;
const BEND: u32 = 40;
const CROSS: u32 = 18;
const ON_TOP: u32 = 90;
/// Steps of the search altogether; a wire that gets too few of them is drawn plainly.
const BUDGET: usize = 8_000_000;
/// Grid points that a search can have; a larger diagram is drawn plainly.
const CELLS: usize = 1_500_000;

impl Route {
    fn through(corners: Vec<Pos2>) -> Self {
        let points = rounded(&corners);
        let label = longest(&corners);
        let bounds = Some(Rect::from_points(&corners));
        Self { points, corners, label, bounds }
    }

    /// Through points that are round already, such as those of a wire on its way from one place to another.
    pub fn as_drawn(points: Vec<Pos2>) -> Self {
        let label = points.get(points.len() / 2).copied().unwrap_or(Pos2::ZERO);
        Self { corners: points.clone(), label, bounds: (!points.is_empty()).then(|| Rect::from_points(&points)), points }
    }

    pub fn translated(&self, by: Vec2) -> Self {
        let all = |list: &[Pos2]| list.iter().map(|p| *p + by).collect();
        Self {
            points: all(&self.points),
            corners: all(&self.corners),
            label: self.label + by,
            bounds: self.bounds.map(|b| b.translate(by)),
        }
    }
}

/// Around the boxes, each wire on its own, the short ones first since they have the least choice.
pub fn around(boxes: &[Rect], wires: &[Option<Ends>]) -> Vec<Route> {
    let mut routes = vec![Route::default(); wires.len()];
    let mut order: Vec<(usize, Ends)> = wires.iter().enumerate().filter_map(|(i, e)| Some((i, (*e)?))).collect();
    order.sort_by(|a, b| {
        let far = |e: &Ends| (e.end - e.start).length_sq();
        far(&a.1).total_cmp(&far(&b.1)).then(a.0.cmp(&b.0))
    });
    let mut grid = Grid::new(boxes, &order);
    let each = BUDGET / order.len().max(1);
    for (i, ends) in order {
        let found = grid.as_mut().and_then(|g| g.find(&ends, each));
        routes[i] = found.map_or_else(|| plain(&ends), Route::through);
    }
    routes
}

/// Without a look at what stands in the way.
pub fn plain(e: &Ends) -> Route {
    let (out, into) = (e.start + Vec2::new(LEAD, 0.0), e.end - Vec2::new(LEAD, 0.0));
    let corners = if out.x <= into.x {
        let x = ((out.x + into.x) / 2.0 / GRID).round() * GRID;
        vec![e.start, pos2(x, e.start.y), pos2(x, e.end.y), e.end]
    } else {
        let y = ((e.start.y + e.end.y) / 2.0 / GRID).round() * GRID;
        vec![e.start, out, pos2(out.x, y), pos2(into.x, y), into, e.end]
    };
    Route::through(tidy(corners))
}

struct Grid {
    origin: Pos2,
    width: usize,
    height: usize,
    closed: Vec<bool>,
    /// Which output's wires run here, across and down.
    taken: [Vec<u32>; 2],
    best: Vec<u32>,
    came: Vec<u8>,
    /// Which search wrote `best` and `came`.
    stamp: Vec<u32>,
    search: u32,
}

fn net(e: &Ends) -> u32 {
    (e.net.0 as u32) << 8 | (e.net.1 as u32 & 0xff)
}

const FREE: u32 = u32::MAX;
const DIRS: [(i32, i32); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

impl Grid {
    fn new(boxes: &[Rect], wires: &[(usize, Ends)]) -> Option<Self> {
        let mut bounds = boxes.iter().copied().reduce(Rect::union)?;
        for (_, e) in wires {
            bounds.extend_with(e.start);
            bounds.extend_with(e.end);
        }
        let margin = MARGIN as f32 * GRID;
        let origin = pos2((bounds.left() / GRID).floor() * GRID - margin, (bounds.top() / GRID).floor() * GRID - margin);
        let (width, height) = (((bounds.right() + margin - origin.x) / GRID).ceil(), ((bounds.bottom() + margin - origin.y) / GRID).ceil());
        if width * height >= CELLS as f32 {
            return None;
        }
        let (width, height) = (width as usize + 1, height as usize + 1);
        let cells = width * height;
        let mut grid = Self {
            origin,
            width,
            height,
            closed: vec![false; cells],
            taken: [vec![FREE; cells], vec![FREE; cells]],
            best: vec![0; cells * 4],
            came: vec![0; cells * 4],
            stamp: vec![0; cells * 4],
            search: 0,
        };
        for r in boxes {
            // The outline of a box is closed too: a wire along it could not be told from it.
            let (a, b) = (grid.cell(r.min), grid.cell(r.max));
            for y in a.1.max(0)..=b.1.min(grid.height as i32 - 1) {
                for x in a.0.max(0)..=b.0.min(grid.width as i32 - 1) {
                    grid.closed[y as usize * grid.width + x as usize] = true;
                }
            }
        }
        // The pieces at the ports belong to their wires from the start: whoever comes first must not take them.
        for (_, e) in wires {
            for p in [e.start + Vec2::new(GRID, 0.0), e.end - Vec2::new(LEAD, 0.0), e.end - Vec2::new(LEAD + GRID, 0.0)] {
                if let Some(i) = grid.index(grid.cell(p)) {
                    grid.taken[0][i] = net(e);
                }
            }
        }
        Some(grid)
    }

    fn cell(&self, p: Pos2) -> (i32, i32) {
        (((p.x - self.origin.x) / GRID).round() as i32, ((p.y - self.origin.y) / GRID).round() as i32)
    }

    fn index(&self, (x, y): (i32, i32)) -> Option<usize> {
        let inside = x >= 0 && y >= 0 && x < self.width as i32 && y < self.height as i32;
        inside.then(|| y as usize * self.width + x as usize)
    }

    fn point(&self, i: usize) -> Pos2 {
        self.origin + Vec2::new((i % self.width) as f32, (i / self.width) as f32) * GRID
    }

    fn find(&mut self, e: &Ends, budget: usize) -> Option<Vec<Pos2>> {
        let net = net(e);
        let start = self.index(self.cell(e.start + Vec2::new(GRID, 0.0)))?;
        let goal = self.index(self.cell(e.end - Vec2::new(LEAD, 0.0)))?;
        if self.closed[start] || self.closed[goal] {
            return None;
        }
        let (gx, gy) = ((goal % self.width) as i32, (goal / self.width) as i32);
        self.search += 1;
        let rest = |i: usize, w: usize| {
            let (x, y) = ((i % w) as i32, (i / w) as i32);
            ((x - gx).unsigned_abs() + (y - gy).unsigned_abs()) * STEP
        };
        let mut open = BinaryHeap::new();
        let first = start * 4;
        (self.best[first], self.stamp[first]) = (0, self.search);
        open.push(Reverse((rest(start, self.width), 0_u32, first as u32)));
        let mut left = budget;
        while let Some(Reverse((_, cost, state))) = open.pop() {
            let state = state as usize;
            let (i, dir) = (state / 4, state % 4);
            if cost > self.best[state] {
                continue;
            }
            // It arrives from the left, so that the arrow points to the right.
            if i == goal && dir == 0 {
                return Some(self.back(e, first, state, net));
            }
            left = left.checked_sub(1)?;
            let at = ((i % self.width) as i32, (i / self.width) as i32);
            for (d, (dx, dy)) in DIRS.iter().enumerate() {
                if (d + 2) % 4 == dir {
                    continue;
                }
                let Some(next) = self.index((at.0 + dx, at.1 + dy)).filter(|n| !self.closed[*n]) else { continue };
                let along = d % 2;
                let (same, other) = (self.taken[along][next], self.taken[1 - along][next]);
                let mut price = if same == net { STEP - 2 } else { STEP };
                if same != FREE && same != net {
                    price += ON_TOP;
                }
                if other != FREE && other != net {
                    price += CROSS;
                }
                if d != dir {
                    price += BEND;
                    // A bend on another wire looks like a joint.
                    let here = [self.taken[0][i], self.taken[1][i]];
                    price += here.iter().filter(|t| **t != FREE && **t != net).count() as u32 * BEND;
                }
                let (total, to) = (cost + price, next * 4 + d);
                if self.stamp[to] != self.search || total < self.best[to] {
                    (self.best[to], self.came[to], self.stamp[to]) = (total, dir as u8, self.search);
                    open.push(Reverse((total + rest(next, self.width), total, to as u32)));
                }
            }
        }
        None
    }

    /// The way that was found, marked as taken.
    fn back(&mut self, e: &Ends, first: usize, last: usize, net: u32) -> Vec<Pos2> {
        let mut corners = vec![e.end, self.point(last / 4)];
        let mut state = last;
        while state != first {
            let (i, d) = (state / 4, state % 4);
            let (dx, dy) = DIRS[d];
            let from = (i as i32 - dx - dy * self.width as i32) as usize;
            for cell in [i, from] {
                if self.taken[d % 2][cell] == FREE {
                    self.taken[d % 2][cell] = net;
                }
            }
            state = from * 4 + self.came[state] as usize;
            corners.push(self.point(from));
        }
        corners.push(e.start);
        corners.reverse();
        tidy(corners)
    }
}

/// Without points on straight pieces. The first and the last piece are level, whatever the grid says.
fn tidy(mut corners: Vec<Pos2>) -> Vec<Pos2> {
    let n = corners.len();
    if n > 3 {
        let (first, last) = (corners[0].y, corners[n - 1].y);
        if (corners[1].y - first).abs() < GRID {
            let old = corners[1].y;
            corners.iter_mut().skip(1).take_while(|p| (p.y - old).abs() < 0.1).for_each(|p| p.y = first);
        }
        if (corners[n - 2].y - last).abs() < GRID {
            let old = corners[n - 2].y;
            corners.iter_mut().rev().skip(1).take_while(|p| (p.y - old).abs() < 0.1).for_each(|p| p.y = last);
        }
    }
    let mut kept: Vec<Pos2> = Vec::with_capacity(8);
    for p in corners {
        if kept.last().is_some_and(|l| l.distance(p) < 0.1) {
            continue;
        }
        if let [.., a, b] = kept.as_slice()
            && ((*b - *a).rot90().dot(p - *b)).abs() < 0.1
            && (*b - *a).dot(p - *b) > 0.0
        {
            kept.pop();
        }
        kept.push(p);
    }
    kept
}

fn rounded(corners: &[Pos2]) -> Vec<Pos2> {
    let mut points = Vec::with_capacity(corners.len() * 4);
    points.extend(corners.first());
    for w in corners.windows(3) {
        let (before, after) = (w[1] - w[0], w[2] - w[1]);
        let r = RADIUS.min(before.length() / 2.0).min(after.length() / 2.0);
        let (a, b) = (w[1] - before.normalized() * r, w[1] + after.normalized() * r);
        for k in 0..=4 {
            let t = k as f32 / 4.0;
            let u = 1.0 - t;
            points.push((a.to_vec2() * u * u + w[1].to_vec2() * 2.0 * u * t + b.to_vec2() * t * t).to_pos2());
        }
    }
    if corners.len() > 1 {
        points.extend(corners.last());
    }
    points
}

/// The middle of the longest level piece: text stands best on it.
fn longest(corners: &[Pos2]) -> Pos2 {
    let level = |w: &[Pos2]| if (w[0].y - w[1].y).abs() < 0.5 { w[0].distance(w[1]) } else { w[0].distance(w[1]) * 0.4 };
    let piece = corners.windows(2).max_by(|a, b| level(a).total_cmp(&level(b)));
    piece.map_or_else(|| corners.first().copied().unwrap_or(Pos2::ZERO), |w| w[0] + (w[1] - w[0]) * 0.5)
}

/// The same path as `n` points, equally far apart along it.
pub fn resampled(points: &[Pos2], n: usize) -> Vec<Pos2> {
    let lengths: Vec<f32> = points.windows(2).map(|w| w[0].distance(w[1])).collect();
    let (Some(first), Some(last), total) = (points.first(), points.last(), lengths.iter().sum::<f32>()) else { return Vec::new() };
    let mut out = Vec::with_capacity(n);
    let (mut piece, mut before) = (0, 0.0);
    for k in 0..n.max(2) {
        let at = total * k as f32 / (n.max(2) - 1) as f32;
        while piece + 1 < lengths.len() && before + lengths[piece] < at {
            before += lengths[piece];
            piece += 1;
        }
        let share = if lengths.get(piece).is_some_and(|l| *l > 0.0) { ((at - before) / lengths[piece]).clamp(0.0, 1.0) } else { 0.0 };
        out.push(match points.get(piece..piece + 2) {
            Some([a, b]) => a.lerp(*b, share),
            _ => *first,
        });
    }
    if let Some(end) = out.last_mut() {
        *end = *last;
    }
    out
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
