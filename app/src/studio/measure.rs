//! What a frame of the diagram costs, for `cargo bench -p bootwright --bench diagram`.

use super::diagram::{Command, Diagram};
use super::state::State;
use super::theme;
use bootwright_model::{Component, ComponentId, Layout, Library, Port, Project, Recipe, Wire};
use egui::{Context, Event, RawInput, Rect, Vec2, pos2};
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
fn project(n: usize) -> Option<(Library, Project)> {
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

/// Processor time of this thread, whatever else the machine does.
fn cpu() -> Duration {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec.unsigned_abs(), u32::try_from(t.tv_nsec).unwrap_or(0))
}

struct Bench {
    ctx: Context,
    state: State,
    diagram: Diagram,
    size: Vec2,
    time: f64,
}

impl Bench {
    /// One frame with its cost in milliseconds: ui, tessellation.
    fn frame(&mut self, events: Vec<Event>) -> (f64, f64) {
        self.time += 1.0 / 60.0;
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), self.size));
        let input = RawInput { screen_rect, events, time: Some(self.time), ..RawInput::default() };
        let start = cpu();
        let (state, diagram) = (&self.state, &mut self.diagram);
        let output = self.ctx.run_ui(input, |ui| {
            let _ = diagram.show(ui, state);
        });
        let middle = cpu();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let end = cpu();
        drop(meshes);
        ((middle - start).as_secs_f64() * 1e3, (end - middle).as_secs_f64() * 1e3)
    }

    fn mean(&mut self, what: &'static str, n: usize, mut each: impl FnMut(&mut Self, usize) -> Vec<Event>) -> Figure {
        let (mut ui, mut tessellation) = (0.0, 0.0);
        for k in 0..n {
            let events = each(self, k);
            let (a, b) = self.frame(events);
            ui += a / n as f64;
            tessellation += b / n as f64;
        }
        Figure { what, ui, tessellation }
    }
}

/// None where the synthetic project could not be made.
pub fn figures(n: usize, size: [f32; 2]) -> Option<Figures> {
    let (library, project) = project(n)?;
    let wires = project.layout.wires.len();
    let state = State::new(Arc::new(library), Some(project), None, "/work".into())?;
    let ctx = Context::default();
    theme::install(&ctx);
    ctx.enable_accesskit();
    let mut bench = Bench { ctx, state, diagram: Diagram::default(), size: size.into(), time: 0.0 };
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
        vec![Event::PointerMoved(pos2(b.size.x * (k as f32 + 1.0) / 32.0, b.size.y / 2.0))]
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
