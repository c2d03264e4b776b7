//! `cargo bench -p bootwright --bench live`: the live pages under a flood of log lines and in a long log.

use super::{Meter, figures};
use crate::studio::action::Action;
use crate::studio::scene::Scene;
use crate::studio::state::log_page::LogAction;
use crate::studio::state::log_query::Query;
use bootwright_build::{Event, StepId};
use bootwright_model::ComponentId;
use egui::{Pos2, Vec2};

/// Frames of one figure.
const FRAMES: usize = 600;

struct Bench {
    scene: Scene,
    meter: Meter,
    step: StepId,
    said: u64,
}

impl Bench {
    fn new() -> Result<Self, String> {
        let component = ComponentId::try_from("kernel").map_err(|e| e.to_string())?;
        let step = StepId { component, step: "compile".into() };
        let mut bench = Self { scene: Scene::open("mll-2016")?, meter: Meter::new(Vec2::new(1280.0, 800.0)), step, said: 0 };
        while !bench.scene.ready() {
            bench.frame(Vec::new());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Ok(bench)
    }

    fn frame(&mut self, events: Vec<egui::Event>) -> f64 {
        self.meter.window(&mut self.scene, events)
    }

    /// Lines as a kernel build writes them, one in a hundred a warning.
    fn say(&mut self, lines: usize) {
        let mut rest = lines;
        while rest > 0 {
            let n = rest.min(4096);
            let line = |i: u64| match i % 100 {
                7 => format!("drivers/net/part_{i}.c:{}:9: warning: unused variable 'x' [-Wunused-variable]", i % 977 + 1),
                _ => format!("  CC      drivers/net/ethernet/intel/e1000/part_{i}.o"),
            };
            let batch = (0..n as u64).map(|i| line(self.said + i)).collect();
            self.said += n as u64;
            rest -= n;
            self.scene.say(Event::Log { step: self.step.clone(), lines: batch, left_out: 0 });
        }
    }

    fn query(&mut self, query: Query) {
        self.scene.studio.act(Action::Log(LogAction::Query(query)));
    }

    /// 60 frames a second with a sixtieth of 100,000 lines each.
    fn flood(&mut self) -> Vec<f64> {
        (0..FRAMES)
            .map(|_| {
                self.say(100_000 / 60);
                self.frame(Vec::new())
            })
            .collect()
    }

    fn scroll(&mut self) -> Vec<f64> {
        let at = Pos2::new(600.0, 700.0);
        let wheel = |i: usize| egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: Vec2::new(0.0, if i < FRAMES / 2 { 200.0 } else { -150.0 }),
            phase: egui::TouchPhase::Move,
            modifiers: egui::Modifiers::NONE,
        };
        (0..FRAMES).map(|i| self.frame(vec![egui::Event::PointerMoved(at), wheel(i)])).collect()
    }
}

/// Prints the figures.
pub fn run() -> Result<(), String> {
    let mut bench = Bench::new()?;
    println!("1280x800, {FRAMES} frames each");
    println!("idle:                                   {}", figures((0..FRAMES).map(|_| bench.frame(Vec::new())).collect()));
    println!("flood of 100,000 lines a second:        {}", figures(bench.flood()));
    bench.query(Query { text: "part_77".into(), only: true, ..Query::default() });
    println!("the same, filtered by a text:           {}", figures(bench.flood()));
    bench.query(Query::default());
    while bench.said < 1_000_000 {
        bench.say(65_536);
        bench.frame(Vec::new());
    }
    while bench.scene.studio.state.log.len() < bench.said {
        bench.frame(Vec::new());
    }
    println!("scrolling in {} lines:           {}", bench.scene.studio.state.log.len(), figures(bench.scroll()));
    bench.query(Query { text: "net".into(), ..Query::default() });
    println!("searching them all while it scrolls:    {}", figures(bench.scroll()));
    Ok(())
}
