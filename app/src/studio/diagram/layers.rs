//! The automatic layout: the host's parts in columns at the left, what is built in layers to the right of them, broken
//! into bands like lines of text where one long row of layers would be too small to read.

use super::place::{Wanted, WireSpec};
use super::ports::GRID;
use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use egui::{Pos2, Vec2, pos2};
use rust_sugiyama::configure::Config;
use std::collections::{BTreeMap, HashMap};

/// dagre takes half a second for 200 boxes and half a minute for 500; larger layouts get theirs from rust-sugiyama.
const DAGRE_LIMIT: usize = 200;
/// Between columns: room for as many wires as there are grid lines in it.
const GAP_ACROSS: f32 = 9.0 * GRID;
const GAP_DOWN: f32 = 3.0 * GRID;
const GAP_BANDS: f32 = 6.0 * GRID;
/// Between the two frames.
const GAP_HOST: f32 = 11.0 * GRID;
/// The room that a diagram of the usual window has; only its shape counts.
const ROOM: Vec2 = Vec2::new(700.0, 520.0);
/// The same of a low panel.
const FLAT: Vec2 = Vec2::new(900.0, 260.0);

/// The upper left corner of each box.
pub fn automatic(wanted: &Wanted) -> Vec<Pos2> {
    let built: Vec<usize> = (0..wanted.boxes.len()).filter(|i| !wanted.boxes[*i].host).collect();
    let columns = match built.len() {
        0..=DAGRE_LIMIT => with_dagre(wanted, &built),
        _ => with_sugiyama(wanted, &built),
    };
    arrange(wanted, columns)
}

/// By the longest way from the start, without a look at crossings.
pub fn in_rows(wanted: &Wanted) -> Vec<Pos2> {
    let n = wanted.boxes.len();
    let mut rank = vec![0_usize; n];
    // A circle ends after as many rounds as there are boxes; a hundred are enough for what is shown for a moment.
    for _ in 0..n.min(100) {
        let mut changed = false;
        for w in inner(wanted) {
            if rank[w.to] <= rank[w.from] && rank[w.from] < n {
                rank[w.to] = rank[w.from] + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for i in (0..n).filter(|i| !wanted.boxes[*i].host) {
        columns.entry(rank[i]).or_default().push(i);
    }
    arrange(wanted, columns.into_values().collect())
}

/// The wires between what is built.
fn inner(wanted: &Wanted) -> impl Iterator<Item = &WireSpec> {
    wanted.wires.iter().flatten().filter(|w| w.from != w.to && !wanted.boxes[w.from].host && !wanted.boxes[w.to].host)
}

fn with_dagre(wanted: &Wanted, built: &[usize]) -> Vec<Vec<usize>> {
    let mut g: Graph<NodeLabel, EdgeLabel> = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    let name = |i: usize| wanted.boxes[i].id.as_str();
    for i in built {
        let size = wanted.boxes[*i].size();
        g.set_node(name(*i), Some(NodeLabel { width: f64::from(size.x), height: f64::from(size.y), ..NodeLabel::default() }));
    }
    for (i, w) in inner(wanted).enumerate() {
        g.set_edge(name(w.from), name(w.to), Some(EdgeLabel::default()), Some(&i.to_string()));
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: f64::from(GAP_DOWN),
        ranksep: f64::from(GAP_ACROSS),
        edgesep: f64::from(GRID),
        ..LayoutOptions::default()
    };
    dagre::layout(&mut g, Some(options));
    let middle = |i: usize| g.node(name(i)).map_or((0.0, 0.0), |n| (n.x.unwrap_or(0.0), n.y.unwrap_or(0.0)));
    into_columns(built.iter().map(|i| (*i, middle(*i))).collect())
}

fn with_sugiyama(wanted: &Wanted, built: &[usize]) -> Vec<Vec<usize>> {
    let size = |i: &usize| {
        let s = wanted.boxes[*i].size();
        // Its layers run downwards, ours to the right.
        (f64::from(s.y), f64::from(s.x))
    };
    let vertices: Vec<(u32, (f64, f64))> = built.iter().map(|i| (*i as u32, size(i))).collect();
    let edges: Vec<(u32, u32)> = inner(wanted).map(|w| (w.from as u32, w.to as u32)).collect();
    // Without dummies and transposing it stays within a second for thousands of boxes.
    let config = Config { dummy_vertices: false, transpose: false, ..Config::default() };
    let mut columns: Vec<Vec<usize>> = Vec::new();
    for (part, _, _) in rust_sugiyama::from_vertices_and_edges(&vertices, &edges, &config) {
        let these = into_columns(part.into_iter().map(|(i, (x, y))| (i, (y.abs(), x))).collect());
        for (k, column) in these.into_iter().enumerate() {
            match columns.get_mut(k) {
                Some(c) => c.extend(column),
                None => columns.push(column),
            }
        }
    }
    // Should it lose a box, that box still gets a place.
    let seen: std::collections::HashSet<usize> = columns.iter().flatten().copied().collect();
    let lost: Vec<usize> = built.iter().copied().filter(|i| !seen.contains(i)).collect();
    if !lost.is_empty() {
        columns.push(lost);
    }
    columns
}

/// Boxes of one layer have the same x; within a layer their y is their order.
fn into_columns(mut boxes: Vec<(usize, (f64, f64))>) -> Vec<Vec<usize>> {
    boxes.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.1.1.total_cmp(&b.1.1)).then(a.0.cmp(&b.0)));
    let mut columns: Vec<(f64, Vec<usize>)> = Vec::new();
    for (i, (x, _)) in boxes {
        match columns.last_mut() {
            Some((at, column)) if (x - *at).abs() < 1.0 => column.push(i),
            _ => columns.push((x, vec![i])),
        }
    }
    columns.into_iter().map(|(_, c)| c).collect()
}

fn arrange(wanted: &Wanted, columns: Vec<Vec<usize>>) -> Vec<Pos2> {
    let size = |i: &usize| wanted.boxes[*i].size();
    let width = |c: &[usize]| c.iter().map(|i| size(i).x).fold(0.0, f32::max);
    let height = |c: &[usize]| c.iter().map(|i| size(i).y + GAP_DOWN).sum::<f32>() - GAP_DOWN.min(c.len() as f32 * GAP_DOWN);
    let room = if wanted.flat { FLAT } else { ROOM };
    let host = host_columns(wanted);
    let host_width = host.iter().map(|c| width(c) + GAP_ACROSS).sum::<f32>() - if host.is_empty() { 0.0 } else { GAP_ACROSS };
    let host_height = host.iter().map(|c| height(c)).fold(0.0, f32::max);
    let left = if host.is_empty() { 0.0 } else { host_width + GAP_HOST };
    // As many layers a band as make the whole largest.
    let measure = |per: usize| {
        let bands = columns.chunks(per.max(1));
        let w = bands.clone().map(|b| b.iter().map(|c| width(c) + GAP_ACROSS).sum::<f32>() - GAP_ACROSS).fold(0.0, f32::max);
        let n = bands.len() as f32;
        let h = bands.map(|b| b.iter().map(|c| height(c)).fold(0.0, f32::max)).sum::<f32>() + (n - 1.0) * GAP_BANDS;
        (room.x / (left + w)).min(room.y / h.max(host_height))
    };
    // One long row reads best; it is broken only where that makes it clearly larger.
    let mut best = (columns.len().max(1), measure(columns.len()) * 1.15);
    for per in (1..columns.len()).rev() {
        let scale = measure(per);
        if scale > best.1 {
            best = (per, scale);
        }
    }
    let mut corners = vec![Pos2::ZERO; wanted.boxes.len()];
    let mut put = |columns: &[Vec<usize>], mut x: f32, top: f32, tall: f32, middle: bool| {
        for c in columns {
            let mut y = top + if middle { ((tall - height(c)) / 2.0 / GRID).floor() * GRID } else { 0.0 };
            for i in c {
                corners[*i] = pos2(x, y);
                y += size(i).y + GAP_DOWN;
            }
            x += width(c) + GAP_ACROSS;
        }
    };
    put(&host, 0.0, 0.0, 0.0, false);
    let mut top = 0.0;
    let one = columns.len() <= best.0;
    for band in columns.chunks(best.0) {
        let tall = band.iter().map(|c| height(c)).fold(0.0, f32::max);
        put(band, left, top, tall, one);
        top += tall + GAP_BANDS;
    }
    corners
}

/// The host's parts, those that feed the first components first, in columns that are not much higher than the rest.
fn host_columns(wanted: &Wanted) -> Vec<Vec<usize>> {
    let mut feeds: HashMap<usize, (f32, f32)> = HashMap::new();
    for w in wanted.wires.iter().flatten() {
        let sum = feeds.entry(w.from).or_default();
        sum.0 += w.to as f32;
        sum.1 += 1.0;
    }
    let mut host: Vec<usize> = (0..wanted.boxes.len()).filter(|i| wanted.boxes[*i].host).collect();
    let mean = |i: &usize| feeds.get(i).map_or(f32::MAX, |(sum, n)| sum / n);
    // The toolchain feeds nearly everything: what feeds most stands first.
    let many = |i: &usize| feeds.get(i).map_or(0, |(_, n)| *n as usize) >= 2;
    host.sort_by(|a, b| many(b).cmp(&many(a)).then(mean(a).total_cmp(&mean(b))).then(a.cmp(b)));
    let per = match host.len() {
        n if wanted.flat => n.div_ceil(2).max(3),
        0..=6 => 6,
        n => ((n as f32 / 1.6).sqrt().ceil() as usize * 2).max(6),
    };
    host.chunks(per).map(<[usize]>::to_vec).collect()
}
