//! Where the boxes stand and how the wires run: worked out on a thread of its own, and kept.

use super::layers;
use super::ports::{Face, GRID, box_size, port_pos};
use super::route::{self, Ends, Route};
use bootwright_model::{ComponentId, Layout, Library, Place};
use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{Pos2, Rect, Vec2, pos2};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Results that are kept: undo and redo find theirs again.
const KEPT: usize = 12;

/// A box as far as its place and size depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxSpec {
    pub id: ComponentId,
    pub host: bool,
    pub needs: usize,
    pub outputs: usize,
    /// Its upper left corner in steps of the grid, where that is settled.
    pub at: Option<(i32, i32)>,
}

impl BoxSpec {
    pub fn size(&self) -> Vec2 {
        box_size(self.host, self.needs, self.outputs)
    }

    fn rect(&self, corner: Pos2) -> Rect {
        Rect::from_min_size(corner, self.size())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireSpec {
    pub from: usize,
    pub output: usize,
    pub to: usize,
    pub need: usize,
}

/// What the places depend on, and nothing else; equal ones share a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub boxes: Vec<BoxSpec>,
    /// In the order of the layout's wires; none where one ends at what is not there.
    pub wires: Vec<Option<WireSpec>>,
    /// For a low panel, as a small screen or large type leaves it.
    pub flat: bool,
}

impl Wanted {
    /// `settled` says where boxes stand of which the project itself says nothing.
    pub fn of(layout: &Layout, library: &Library, settled: impl Fn(&ComponentId) -> Option<Pos2>) -> Self {
        let faces = Face::all(layout, library);
        let boxes: Vec<BoxSpec> = layout
            .components
            .iter()
            .zip(&faces)
            .map(|(c, face)| {
                let host = library.recipe(&c.recipe).is_some_and(|r| r.place == Place::Host);
                let mut spec = BoxSpec { id: c.id.clone(), host, needs: face.needs.len(), outputs: face.outputs.len(), at: None };
                let own = c.position.map(|p| pos2(p.x, p.y) - spec.size() / 2.0);
                spec.at = own.or_else(|| settled(&c.id)).map(steps);
                spec
            })
            .collect();
        let index: BTreeMap<&ComponentId, usize> = layout.components.iter().enumerate().rev().map(|(i, c)| (&c.id, i)).collect();
        let ends = |w: &bootwright_model::Wire| {
            let (from, to) = (*index.get(&w.from.component)?, *index.get(&w.to.component)?);
            Some(WireSpec { from, output: faces[from].output(&w.from.name)?, to, need: faces[to].need(&w.to.name)? })
        };
        let wires = layout.wires.iter().map(ends).collect();
        Self { boxes, wires, flat: false }
    }
}

fn steps(corner: Pos2) -> (i32, i32) {
    // A file may say anything; a million points are enough for everybody.
    let step = |v: f32| (v.clamp(-1e6, 1e6) / GRID).round() as i32;
    (step(corner.x), step(corner.y))
}

/// The nearest place on the grid.
pub fn snap(p: Pos2) -> Pos2 {
    let (x, y) = steps(p);
    pos2(x as f32 * GRID, y as f32 * GRID)
}

#[derive(Clone, Debug)]
pub struct Placement {
    pub wanted: Wanted,
    pub boxes: Vec<Rect>,
    /// In the order of the layout's wires; no points where there is nothing to draw.
    pub wires: Vec<Arc<Route>>,
    /// Around the host's parts, and around what is built.
    pub host: Option<Rect>,
    pub built: Option<Rect>,
    pub bounds: Rect,
}

/// Blocks; for the worker and for tests.
pub fn place(wanted: &Wanted) -> Placement {
    let boxes = corners(wanted, layers::automatic(wanted));
    let wires = route::around(&boxes, &ends(wanted, &boxes));
    finish(wanted, boxes, wires.into_iter().map(Arc::new).collect())
}

/// Without the layered layout and without a look at what stands in the way: what is shown until the real one is there.
pub fn quickly(wanted: &Wanted, before: Option<&Placement>) -> Placement {
    let boxes = corners(wanted, layers::in_rows(wanted));
    let known: BTreeMap<(Pos, Pos), &Arc<Route>> = before.map(known_routes).unwrap_or_default();
    let routes = ends(wanted, &boxes).into_iter().map(|e| match e {
        Some(e) => known.get(&(key(e.start), key(e.end))).map_or_else(|| Arc::new(route::plain(&e)), |r| (*r).clone()),
        None => Arc::default(),
    });
    let routes = routes.collect();
    finish(wanted, boxes, routes)
}

type Pos = (i32, i32);

fn key(p: Pos2) -> Pos {
    (p.x.round() as i32, p.y.round() as i32)
}

fn known_routes(p: &Placement) -> BTreeMap<(Pos, Pos), &Arc<Route>> {
    let ends = |r: &Route| Some((key(*r.points.first()?), key(*r.points.last()?)));
    p.wires.iter().filter_map(|r| Some((ends(r)?, r))).collect()
}

/// Some boxes elsewhere: while they are dragged.
pub fn moved(p: &Placement, which: &[usize], by: Vec2) -> Placement {
    let mut boxes = p.boxes.clone();
    for i in which {
        if let Some(r) = boxes.get_mut(*i) {
            *r = r.translate(by);
        }
    }
    let routes = p.wires.iter().zip(&p.wanted.wires).zip(ends(&p.wanted, &boxes)).map(|((old, spec), ends)| match (spec, ends) {
        (Some(s), Some(e)) => match (which.contains(&s.from), which.contains(&s.to)) {
            (false, false) => old.clone(),
            (true, true) => Arc::new(old.translated(by)),
            _ => Arc::new(route::plain(&e)),
        },
        _ => Arc::default(),
    });
    let routes = routes.collect();
    finish(&p.wanted, boxes, routes)
}

fn ends(wanted: &Wanted, boxes: &[Rect]) -> Vec<Option<Ends>> {
    let of = |w: &WireSpec| {
        let (from, to) = (boxes.get(w.from)?, boxes.get(w.to)?);
        Some(Ends { start: port_pos(*from, true, w.output), end: port_pos(*to, false, w.need), net: (w.from, w.output) })
    };
    wanted.wires.iter().map(|w| w.as_ref().and_then(of)).collect()
}

/// The settled places, with the others where the automatic layout has them or beside it where that is taken.
fn corners(wanted: &Wanted, automatic: Vec<Pos2>) -> Vec<Rect> {
    let settled = |b: &BoxSpec| b.at.map(|(x, y)| b.rect(pos2(x as f32 * GRID, y as f32 * GRID)));
    let mut taken: Vec<Rect> = wanted.boxes.iter().filter_map(settled).collect();
    let any = !taken.is_empty();
    let one = |(b, auto): (&BoxSpec, &Pos2)| {
        if let Some(r) = settled(b) {
            return r;
        }
        let wish = b.rect(snap(*auto));
        if !any {
            return wish;
        }
        let free = spiral(wish, &taken);
        taken.push(free);
        free
    };
    wanted.boxes.iter().zip(&automatic).map(one).collect()
}

/// The nearest place of this size that no other box takes.
pub fn spiral(wish: Rect, taken: &[Rect]) -> Rect {
    let apart = |r: &Rect| !taken.iter().any(|t| t.expand(2.0 * GRID).intersects(*r));
    for ring in 0..60 {
        let d = ring as f32 * 4.0 * GRID;
        let around = (0..8 * ring.max(1)).map(|k| {
            let turn = Vec2::angled(k as f32 / (8 * ring.max(1)) as f32 * std::f32::consts::TAU);
            let r = wish.translate(turn * d);
            r.translate(snap(r.min) - r.min)
        });
        if let Some(found) = around.into_iter().find(apart) {
            return found;
        }
    }
    wish
}

fn finish(wanted: &Wanted, boxes: Vec<Rect>, wires: Vec<Arc<Route>>) -> Placement {
    let around = |host: bool| {
        let these = wanted.boxes.iter().zip(&boxes).filter(|(b, _)| b.host == host);
        let r = these.map(|(_, r)| *r).reduce(Rect::union)?;
        Some(Rect::from_min_max(r.min - Vec2::new(2.0 * GRID, 4.0 * GRID), r.max + Vec2::splat(2.0 * GRID)))
    };
    let (host, built) = (around(true), around(false));
    let mut bounds =
        [host, built].into_iter().flatten().reduce(Rect::union).unwrap_or(Rect::from_center_size(Pos2::ZERO, Vec2::splat(200.0)));
    for p in wires.iter().flat_map(|w| &w.points) {
        bounds.extend_with(*p);
    }
    Placement { wanted: wanted.clone(), boxes, wires, host, built, bounds }
}

/// Asks for placements and hands them out when they are there.
pub struct Placer {
    known: Vec<Arc<Placement>>,
    asked: Option<Wanted>,
    send: Sender<Placement>,
    receive: Receiver<Placement>,
}

impl Default for Placer {
    fn default() -> Self {
        let (send, receive) = unbounded();
        Self { known: Vec::new(), asked: None, send, receive }
    }
}

impl Placer {
    /// None: it is being worked out, and the window is woken when it is there.
    pub fn get(&mut self, wanted: &Wanted, ctx: &egui::Context) -> Option<Arc<Placement>> {
        for placement in self.receive.try_iter() {
            if self.asked.as_ref() == Some(&placement.wanted) {
                self.asked = None;
            }
            self.known.insert(0, Arc::new(placement));
            self.known.truncate(KEPT);
        }
        if let Some(placement) = self.known.iter().find(|p| p.wanted == *wanted) {
            return Some(placement.clone());
        }
        if self.asked.as_ref() != Some(wanted) {
            self.asked = Some(wanted.clone());
            let (send, ctx, job) = (self.send.clone(), ctx.clone(), wanted.clone());
            let work = move || {
                // The layout crates are not ours: should one fail on some graph, plain rows are better than no diagram.
                let placed = std::panic::catch_unwind(|| place(&job)).unwrap_or_else(|_| quickly(&job, None));
                // The window may be closed by now.
                let _ = send.send(placed);
                ctx.request_repaint();
            };
            if std::thread::Builder::new().name("diagram layout".into()).spawn(work).is_err() {
                self.known.insert(0, Arc::new(quickly(wanted, None)));
            }
        }
        None
    }
}
