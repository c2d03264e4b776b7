//! The axis of a chart over time, and what a run took of the machine along it.

use super::time_chart::usage_words;
use crate::studio::state::component::{bytes, duration, elapsed};
use crate::studio::theme::{Tokens, space, text};
use bootwright_build::timeline::{Sample, Timeline};
use egui::{Align2, FontId, Id, Painter, Rangef, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2};

/// Between the labels, in points.
const APART: f64 = 80.0;

/// Milliseconds to points.
pub struct Axis {
    pub left: f32,
    pub width: f32,
    pub from: f64,
    pub shown: f64,
}

impl Axis {
    pub fn x(&self, ms: u64) -> f32 {
        self.left + ((ms as f64 - self.from) / self.shown * f64::from(self.width)) as f32
    }

    /// A bar, which is never too narrow to be seen.
    pub fn rect(&self, from: u64, to: u64, y: Rangef) -> Rect {
        let left = self.x(from);
        Rect::from_x_y_ranges(Rangef::new(left, self.x(to).max(left + 1.0)), y)
    }

    fn ms(&self, x: f32) -> u64 {
        (self.from + f64::from(x - self.left) / f64::from(self.width.max(1.0)) * self.shown).max(0.0) as u64
    }

    pub fn grid(&self, painter: &Painter, rect: Rect, high: f32, t: &Tokens) {
        let step = nice(self.shown * APART / f64::from(self.width.max(1.0)));
        let font = FontId::proportional(text::SMALL);
        let mut at = (self.from / step).ceil() * step;
        let painter = painter.with_clip_rect(Rect::from_min_max(pos2(self.left - 1.0, rect.top()), rect.max));
        while at <= self.from + self.shown {
            let x = self.x(at as u64);
            painter.vline(x, Rangef::new(rect.top() + high, rect.bottom()), Stroke::new(1.0, t.line));
            let words = if step < 1000.0 { format!("{:.2} s", at / 1e3) } else { elapsed((at / 1e3).round() as u64) };
            painter.text(pos2(x + space::XS, rect.top() + 3.0), Align2::LEFT_TOP, words, font.clone(), t.muted);
            at += step;
        }
    }
}

/// The next round number of milliseconds.
fn nice(ms: f64) -> f64 {
    const STEPS: [f64; 17] = [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5];
    STEPS.into_iter().find(|s| *s >= ms).unwrap_or_else(|| (ms / 36e5).ceil() * 36e5)
}

/// Busy processors as an area, memory as a line, each to its own peak.
pub fn usage(ui: &Ui, timeline: &Timeline, rect: Rect, axis: &Axis, names: f32, t: &Tokens) {
    let font = FontId::proportional(text::SMALL);
    let label = |y: f32, words: String, colour| {
        ui.painter_at(Rect::from_min_size(rect.min, egui::vec2(names - space::S, rect.height()))).text(
            pos2(rect.left() + space::S, y),
            Align2::LEFT_TOP,
            words,
            font.clone(),
            colour,
        );
    };
    let response = ui.interact(rect, Id::new("timeline usage"), Sense::hover());
    let words = usage_words(timeline).unwrap_or_else(|| "not measured in this run".into());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("CPU and memory: {words}")));
    let peaks = (timeline.samples.iter().map(|s| s.usage.cores).fold(0.0, f64::max), timeline.samples.iter().map(|s| s.usage.memory).max());
    let (cores, Some(memory)) = peaks else {
        label(rect.top() + 4.0, "CPU, memory: —".into(), t.muted);
        response.on_hover_text("CPU and memory were not measured in this run");
        return;
    };
    label(rect.top() + 3.0, format!("CPU, up to {cores:.1}"), t.busy);
    label(rect.top() + 18.0, format!("Memory, up to {}", bytes(memory)), t.warn);
    let plot = Rect::from_min_max(pos2(axis.left, rect.top() + 3.0), pos2(axis.left + axis.width, rect.bottom() - 2.0));
    let painter = ui.painter_at(plot.expand(1.0));
    let visible = in_sight(&timeline.samples, axis.from, axis.shown);
    // One column a point is all that can be seen.
    let thin = (visible.len() / (plot.width().max(1.0) as usize)).max(1);
    let y = |share: f64| plot.bottom() - plot.height() * share.clamp(0.0, 1.0) as f32;
    let mut line = Vec::new();
    let mut last = plot.left();
    for some in visible.chunks(thin) {
        let Some(end) = some.last() else { continue };
        let x = axis.x(end.at_ms);
        let mean = some.iter().map(|s| s.usage.cores).sum::<f64>() / some.len() as f64;
        // A sample tells of the time since the one before.
        let column = Rect::from_min_max(pos2(last.min(x), y(mean / cores.max(0.1))), pos2(x.max(last + 0.5), plot.bottom()));
        painter.rect_filled(column, 0.0, t.busy.gamma_multiply(0.35));
        line.push(pos2(x, y(end.usage.memory as f64 / memory.max(1) as f64)));
        last = x;
    }
    painter.add(Shape::line(line, Stroke::new(1.5, t.warn)));
    if let Some(pointer) = response.hover_pos()
        && let Some(s) = timeline.samples.get(timeline.samples.partition_point(|s| s.at_ms < axis.ms(pointer.x)))
    {
        painter.vline(pointer.x, plot.y_range(), Stroke::new(1.0, t.line_strong));
        let at = duration(s.at_ms as f64 / 1e3);
        let words =
            format!("{at}: {:.2} processors busy, {} of memory, {} processes", s.usage.cores, bytes(s.usage.memory), s.usage.processes);
        response.on_hover_text_at_pointer(words);
    }
}

/// With one more at each side, so that lines run on to the edge.
fn in_sight(samples: &[Sample], from: f64, shown: f64) -> &[Sample] {
    let first = samples.partition_point(|s| (s.at_ms as f64) < from).saturating_sub(1);
    let last = samples.partition_point(|s| (s.at_ms as f64) <= from + shown) + 1;
    &samples[first..last.min(samples.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_at_round_times() {
        assert_eq!((nice(7.0), nice(140.0), nice(61_000.0), nice(40e5)), (10.0, 200.0, 120_000.0, 72e5));
    }

    #[test]
    fn only_samples_in_sight_and_their_neighbours_are_drawn() {
        let samples: Vec<Sample> = (0..10).map(|i| Sample { at_ms: i * 100, usage: Default::default() }).collect();
        let seen: Vec<u64> = in_sight(&samples, 250.0, 200.0).iter().map(|s| s.at_ms).collect();
        assert_eq!(seen, [200, 300, 400, 500]);
        assert!(in_sight(&[], 0.0, 1.0).is_empty());
    }
}
