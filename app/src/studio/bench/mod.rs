//! What frames cost, for `cargo bench -p bootwright`: layout and tessellation, drawing not.

pub mod compare;
pub mod config;
pub mod diagram;
pub mod inside;
pub mod live;

use super::scene::Scene;
use super::theme;
use egui::{Context, Event, RawInput, Rect, Ui, Vec2};

/// Draws frames one after the other, a sixtieth of a second apart.
struct Meter {
    ctx: Context,
    size: Vec2,
    time: f64,
}

/// CPU milliseconds of one frame.
struct Cost {
    ui: f64,
    tessellation: f64,
}

impl Meter {
    fn new(size: Vec2) -> Self {
        let ctx = Context::default();
        theme::install(&ctx); // the diagram alone has no window that does it
        Self { ctx, size, time: 0.0 }
    }

    fn frame(&mut self, events: Vec<Event>, ui: impl FnMut(&mut Ui)) -> Cost {
        self.time += 1.0 / 60.0;
        let screen_rect = Some(Rect::from_min_size(egui::Pos2::ZERO, self.size));
        let input = RawInput { screen_rect, events, time: Some(self.time), ..RawInput::default() };
        let start = cpu();
        let output = self.ctx.run_ui(input, ui);
        let middle = cpu();
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let end = cpu();
        drop(std::hint::black_box(meshes));
        Cost { ui: middle - start, tessellation: end - middle }
    }
}

impl Meter {
    /// CPU milliseconds of a frame of the whole window.
    fn window(&mut self, scene: &mut Scene, events: Vec<Event>) -> f64 {
        let cost = self.frame(events, |ui| scene.frame(ui));
        cost.ui + cost.tessellation
    }
}

/// Processor time of this thread in milliseconds, whatever else the machine does.
fn cpu() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 * 1e-6
}

/// Milliseconds: mean, 99th of a hundred, worst.
fn figures(mut ms: Vec<f64>) -> String {
    ms.sort_by(f64::total_cmp);
    let mean = ms.iter().sum::<f64>() / ms.len().max(1) as f64;
    let at = |share: f64| ms.get(((ms.len() as f64 * share) as usize).min(ms.len().saturating_sub(1))).copied().unwrap_or_default();
    format!("mean {mean:.2} ms, 99 % {:.2} ms, worst {:.2} ms of CPU a frame", at(0.99), at(1.0))
}
