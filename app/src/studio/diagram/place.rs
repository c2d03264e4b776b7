//! Where the boxes stand and how the wires run: worked out by dagre on a thread of its own, and kept.

use super::route::{Route, route_all};
use crate::studio::theme::diagram::{BOX, HOST_BOX};
use bootwright_model::{ComponentId, Layout, Library, Place};
use crossbeam_channel::{Receiver, Sender, unbounded};
use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use egui::{Pos2, Rect, Vec2, pos2};
use std::collections::BTreeMap;
use std::sync::Arc;

/// dagre takes half a second for 200 boxes and half a minute for 500; larger layouts get plain rows.
const DAGRE_LIMIT: usize = 200;
/// The name of the group of host parts in dagre's graph; no component can have it.
const HOST: &str = " host";
const GAP_ACROSS: f64 = 18.0;
const GAP_DOWN: f64 = 30.0;
const GAP_WIRES: f64 = 16.0;

/// What the places depend on, and nothing else; equal ones share a result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Name, and whether it belongs to the host.
    pub boxes: Vec<(ComponentId, bool)>,
    /// From, to, and the length of the label in characters.
    pub wires: Vec<(usize, usize, usize)>,
}

impl Wanted {
    pub fn of(layout: &Layout, library: &Library, label: impl Fn(usize) -> usize) -> Self {
        let host = |recipe: &str| library.recipe(recipe).is_some_and(|r| r.place == Place::Host);
        let boxes: Vec<_> = layout.components.iter().map(|c| (c.id.clone(), host(&c.recipe))).collect();
        let at = |id: &ComponentId| boxes.iter().position(|(b, _)| b == id);
        let ends = |i: usize| Some((at(&layout.wires[i].from.component)?, at(&layout.wires[i].to.component)?, label(i)));
        // A wire that ends nowhere keeps its place in the list, from a box to itself, so that indices stay those of the layout.
        let wires = (0..layout.wires.len()).map(|i| ends(i).unwrap_or((0, 0, 0))).collect();
        Self { boxes, wires }
    }
}

#[derive(Debug)]
pub struct Placement {
    pub wanted: Wanted,
    /// The middle of each box.
    pub boxes: Vec<Pos2>,
    /// In the order of the layout's wires; empty points where there is nothing to draw.
    pub wires: Vec<Route>,
    /// Around the host's parts.
    pub host: Option<Rect>,
    pub bounds: Rect,
}

pub fn box_rect(middle: Pos2, host: bool) -> Rect {
    Rect::from_center_size(middle, box_size(host))
}

fn box_size(host: bool) -> Vec2 {
    if host { HOST_BOX } else { BOX }
}

fn rects(wanted: &Wanted, middles: &[Pos2]) -> Vec<Rect> {
    middles.iter().zip(&wanted.boxes).map(|(m, (_, host))| box_rect(*m, *host)).collect()
}

/// Blocks; for the worker and for tests.
pub fn place(wanted: &Wanted) -> Placement {
    let (middles, bends) = if wanted.boxes.len() <= DAGRE_LIMIT { with_dagre(wanted) } else { in_rows(wanted) };
    let rects = rects(wanted, &middles);
    let wires = route_all(&rects, &wanted.wires, &bends);
    let host = wanted.boxes.iter().zip(&rects).filter(|((_, host), _)| *host).map(|(_, r)| *r).reduce(Rect::union);
    let host = host.map(|r| Rect::from_min_max(r.min - Vec2::new(12.0, 24.0), r.max + Vec2::splat(12.0)));
    let mut bounds = rects.iter().copied().reduce(Rect::union).unwrap_or(Rect::from_center_size(Pos2::ZERO, BOX));
    if let Some(host) = host {
        bounds = bounds.union(host);
    }
    for p in wires.iter().flat_map(|w| &w.points) {
        bounds.extend_with(*p);
    }
    Placement { wanted: wanted.clone(), boxes: middles, wires, host, bounds }
}

type Places = (Vec<Pos2>, Vec<Vec<Pos2>>);

fn with_dagre(wanted: &Wanted) -> Places {
    let mut g: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    let name = |i: usize| wanted.boxes[i].0.as_str();
    if wanted.boxes.iter().any(|(_, host)| *host) {
        g.set_node(HOST, Some(NodeLabel::default()));
    }
    for (id, host) in &wanted.boxes {
        let size = box_size(*host);
        g.set_node(id.as_str(), Some(NodeLabel { width: f64::from(size.x), height: f64::from(size.y), ..NodeLabel::default() }));
        if *host {
            g.set_parent(id.as_str(), Some(HOST));
        }
    }
    for (i, (from, to, _)) in wanted.wires.iter().enumerate().filter(|(_, w)| w.0 != w.1) {
        g.set_edge(name(*from), name(*to), Some(EdgeLabel::default()), Some(&i.to_string()));
    }
    let options =
        LayoutOptions { rankdir: RankDir::TB, nodesep: GAP_ACROSS, ranksep: GAP_DOWN, edgesep: GAP_WIRES, ..LayoutOptions::default() };
    dagre::layout(&mut g, Some(options));
    let middle = |i: usize| {
        let n = g.node(name(i));
        pos2(n.and_then(|n| n.x).unwrap_or(0.0) as f32, n.and_then(|n| n.y).unwrap_or(0.0) as f32)
    };
    let middles = (0..wanted.boxes.len()).map(middle).collect();
    let bend = |(i, (from, to, _)): (usize, &(usize, usize, usize))| {
        let points = g.edge(name(*from), name(*to), Some(&i.to_string())).map(|e| e.points.as_slice()).unwrap_or_default();
        // The first and the last are where the wire leaves and meets its boxes; ours are spread along the boxes' sides.
        let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().map(|p| pos2(p.x as f32, p.y as f32)).collect()
    };
    let bends = wanted.wires.iter().enumerate().map(bend).collect();
    (middles, bends)
}

/// Providers above consumers, in rows, without a look at crossings.
fn in_rows(wanted: &Wanted) -> Places {
    let n = wanted.boxes.len();
    let mut row = vec![0_usize; n];
    // A circle ends after as many rounds as there are boxes.
    for _ in 0..n {
        let mut moved = false;
        for (from, to, _) in wanted.wires.iter().filter(|w| w.0 != w.1) {
            if row[*to] <= row[*from] && row[*from] < n {
                row[*to] = row[*from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
    let step = BOX + Vec2::new(GAP_ACROSS as f32, 2.0 * GAP_DOWN as f32);
    let middles = row
        .iter()
        .map(|r| {
            let column = filled.entry(*r).or_default();
            *column += 1;
            pos2((*column - 1) as f32 * step.x, *r as f32 * step.y)
        })
        .collect();
    (middles, vec![Vec::new(); wanted.wires.len()])
}

/// Asks for placements and hands them out when they are there.
pub struct Placer {
    known: BTreeMap<Wanted, Arc<Placement>>,
    asked: Option<Wanted>,
    send: Sender<Placement>,
    receive: Receiver<Placement>,
}

impl Default for Placer {
    fn default() -> Self {
        let (send, receive) = unbounded();
        Self { known: BTreeMap::new(), asked: None, send, receive }
    }
}

impl Placer {
    /// None: it is being worked out, and the window is woken when it is there.
    pub fn get(&mut self, wanted: &Wanted, ctx: &egui::Context) -> Option<Arc<Placement>> {
        for placement in self.receive.try_iter() {
            if self.asked.as_ref() == Some(&placement.wanted) {
                self.asked = None;
            }
            self.known.insert(placement.wanted.clone(), Arc::new(placement));
        }
        if let Some(placement) = self.known.get(wanted) {
            return Some(placement.clone());
        }
        if self.asked.as_ref() != Some(wanted) {
            self.asked = Some(wanted.clone());
            let (send, ctx, job) = (self.send.clone(), ctx.clone(), wanted.clone());
            let work = move || {
                // dagre is not ours: should it fail on some graph, plain rows are better than no diagram.
                let placed = std::panic::catch_unwind(|| place(&job)).unwrap_or_else(|_| place_plainly(&job));
                // The window may be closed by now.
                let _ = send.send(placed);
                ctx.request_repaint();
            };
            if std::thread::Builder::new().name("diagram layout".into()).spawn(work).is_err() {
                self.known.insert(wanted.clone(), Arc::new(place_plainly(wanted)));
            }
        }
        None
    }
}

fn place_plainly(wanted: &Wanted) -> Placement {
    let (boxes, bends) = in_rows(wanted);
    let rects = rects(wanted, &boxes);
    let bounds = rects.iter().copied().reduce(Rect::union).unwrap_or(Rect::from_center_size(Pos2::ZERO, BOX));
    let wires = route_all(&rects, &wanted.wires, &bends);
    Placement { wanted: wanted.clone(), boxes, wires, host: None, bounds }
}
