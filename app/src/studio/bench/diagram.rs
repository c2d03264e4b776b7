//! `cargo bench -p bootwright --bench diagram`: small and large diagrams, at rest, moved and changed.

use super::{Cost, Meter};
use crate::studio::diagram::{Command, Diagram};
use crate::studio::state::State;
use bootwright_model::{Component, ComponentId, Layout, Library, Port, Project, Recipe, Wire};
use egui::{Event, Vec2, pos2};
use std::sync::Arc;
use std::time::Duration;

/// One kind of frame: its name, and CPU milliseconds for the ui and for tessellation.
#[derive(Debug)]
pub struct Figure {
    pub what: &'static str,
    pub ui: f64,
    pub tessellation: f64,
}

#[derive(Debug)]
pub struct Figures {
    pub boxes: usize,
    pub wires: usize,
    /// Seconds until the layout was there.
    pub layout: f64,
    pub frames: Vec<Figure>,
}

const BUILT: &str = r#"Recipe(format: 1, id: "unit", title: "Unit", place: Built, explain: "x",
    needs: [Need(id: "a", kind: CLibrary, optional: true, explain: "x"), Need(id: "b", kind: CLibrary, optional: true, explain: "x")],
    outputs: [Output(id: "out", kind: CLibrary, explain: "x")])"#;
const HOST: &str = r#"Recipe(format: 1, id: "part", title: "Part", place: Host, explain: "x",
    outputs: [Output(id: "out", kind: CLibrary, explain: "x")])"#;

/// Boxes with two wires each, one in ten of the host; every wire comes from one of the forty boxes before.
pub(super) fn project(n: usize) -> Option<(Library, Project)> {
    let recipes: Vec<Recipe> = [BUILT, HOST].iter().filter_map(|r| ron::from_str(r).ok()).collect();
    let id = |i: usize| ComponentId::try_from(format!("c{i}")).ok();
    let host = |i: usize| i.is_multiple_of(10);
    let mut components = Vec::new();
    let mut wires = Vec::new();
    let mut seed = 1_u64;
    for i in 0..n {
        let recipe = if host(i) { "part" } else { "unit" }.to_owned();
        components.push(Component { id: id(i)?, recipe, options: Default::default(), position: None });
        for need in ["a", "b"] {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let from = i.saturating_sub(1 + (seed >> 33) as usize % 40);
            if from < i && !host(i) {
                let port = |i: usize, name: &str| Some(Port { component: id(i)?, name: name.into() });
                wires.push(Wire { from: port(from, "out")?, to: port(i, need)?, explain: String::new() });
            }
        }
    }
    let layout = Layout {
        format: bootwright_model::FORMAT,
        name: format!("measure-{n}"),
        title: format!("{n} boxes"),
        explain: String::new(),
        target: id(n - 1)?,
        components,
        wires,
        boot_checks: Vec::new(),
    };
    Some((Library::of(recipes, vec![layout.clone()]), Project::from_layout(&layout)))
}

struct Bench {
    meter: Meter,
    state: State,
    diagram: Diagram,
}

impl Bench {
    fn frame(&mut self, events: Vec<Event>) -> Cost {
        let (state, diagram) = (&self.state, &mut self.diagram);
        self.meter.frame(events, |ui| {
            let _ = diagram.show(ui, state);
        })
    }

    fn mean(&mut self, what: &'static str, n: usize, mut each: impl FnMut(&mut Self, usize) -> Vec<Event>) -> Figure {
        let (mut ui, mut tessellation) = (0.0, 0.0);
        for k in 0..n {
            let events = each(self, k);
            let cost = self.frame(events);
            ui += cost.ui / n as f64;
            tessellation += cost.tessellation / n as f64;
        }
        Figure { what, ui, tessellation }
    }
}

/// None where the synthetic project could not be made.
pub fn figures(n: usize, size: [f32; 2]) -> Option<Figures> {
    let (library, project) = project(n)?;
    let wires = project.layout.wires.len();
    let state = State::new(Arc::new(library), Some(project), None, "/work".into())?;
    let mut bench = Bench { meter: Meter::new(size.into()), state, diagram: Diagram::default() };
    bench.meter.ctx.enable_accesskit();
    let start = std::time::Instant::now();
    while !bench.diagram.ready() {
        bench.frame(Vec::new());
        if start.elapsed() > Duration::from_secs(120) {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let layout = start.elapsed().as_secs_f64();
    for _ in 0..5 {
        bench.frame(Vec::new());
    }
    let mut frames = vec![bench.mean("unchanged, all in sight", 60, |_, _| Vec::new())];
    frames.push(bench.mean("a step of the build changes, all in sight", 30, |b, _| {
        b.state.run.revision += 1;
        Vec::new()
    }));
    let way = |k: usize| if k.is_multiple_of(2) { 3.0 } else { -3.0 };
    frames.push(bench.mean("panning, all in sight", 30, |b, k| {
        b.diagram.pan(Vec2::splat(way(k)));
        Vec::new()
    }));
    frames.push(bench.mean("the pointer moves, all in sight", 30, |b, k| {
        vec![Event::PointerMoved(pos2(b.meter.size.x * (k as f32 + 1.0) / 32.0, b.meter.size.y / 2.0))]
    }));
    let _ = bench.diagram.command(Command::FullSize, &bench.state);
    bench.frame(Vec::new());
    bench.frame(Vec::new());
    frames.push(bench.mean("unchanged, full size", 60, |_, _| Vec::new()));
    frames.push(bench.mean("panning, full size", 30, |b, k| {
        b.diagram.pan(Vec2::splat(way(k)));
        Vec::new()
    }));
    Some(Figures { boxes: n, wires, layout, frames })
}
