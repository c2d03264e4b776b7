//! A run drawn over time: a bar a step, the objects in it by job lane below, an earlier run's bars for comparison, and
//! CPU and memory at the bottom. The wheel scrolls, Ctrl and the wheel zooms, dragging pans.

use super::time_axis::{Axis, usage};
use crate::studio::state::component::{bytes, duration};
use crate::studio::theme::{Tokens, space, text};
use bootwright_build::timeline::{Object, Span, Timeline};
use bootwright_build::{Outcome, StepId};
use egui::{Align2, Color32, CornerRadius, FontId, Id, Key, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2};

const AXIS: f32 = 20.0;
const BAR: f32 = 15.0;
const GHOST: f32 = 5.0;
const GAP: f32 = 5.0;
const USAGE: f32 = 54.0;
/// A lane of objects; thinner where there are many.
const LANE: f32 = 7.0;
const LANES_HIGH: f32 = 84.0;

/// What was done with a bar.
pub enum Clicked {
    Step(StepId),
    /// Its log is wanted.
    Log(StepId),
}

/// What the chart shows and how.
pub struct Chart<'a> {
    pub timeline: &'a Timeline,
    pub before: Option<&'a Timeline>,
    /// The end of a run that goes on.
    pub now_ms: Option<u64>,
    /// A step's name for people.
    pub title: &'a dyn Fn(&StepId) -> String,
}

/// Where the view stands; kept between frames.
#[derive(Clone, Copy, Default)]
struct View {
    /// Milliseconds at the left edge, and in sight; 0 in sight: all.
    from: f64,
    shown: f64,
    scroll: f32,
}

/// A wish of the page's buttons.
#[derive(Clone, Copy, PartialEq)]
pub enum Zoom {
    In,
    Out,
    Fit,
}

fn view_id() -> Id {
    Id::new("timeline view")
}

pub fn zoom(ctx: &egui::Context, zoom: Zoom, timeline: &Timeline) {
    let mut view: View = ctx.data(|d| d.get_temp(view_id())).unwrap_or_default();
    let all = (timeline.end_ms as f64).max(1.0);
    match zoom {
        Zoom::Fit => view = View { scroll: view.scroll, ..View::default() },
        Zoom::In | Zoom::Out => {
            let middle = if view.shown > 0.0 { view.from + view.shown / 2.0 } else { all / 2.0 };
            view.zoom(if zoom == Zoom::In { 1.6 } else { 1.0 / 1.6 }, middle, all);
        }
    }
    ctx.data_mut(|d| d.insert_temp(view_id(), view));
}

impl View {
    fn zoom(&mut self, factor: f64, at: f64, all: f64) {
        let now = if self.shown > 0.0 { self.shown } else { all };
        let shown = (now / factor).clamp(20.0, all.max(20.0));
        if shown >= all {
            (self.from, self.shown) = (0.0, 0.0);
            return;
        }
        let share = ((at - if self.shown > 0.0 { self.from } else { 0.0 }) / now).clamp(0.0, 1.0);
        (self.from, self.shown) = ((at - share * shown).clamp(0.0, all - shown), shown);
    }
}

pub fn show(ui: &mut Ui, chart: &Chart) -> Option<Clicked> {
    let t = Tokens::of(ui.ctx());
    let rect = ui.available_rect_before_wrap();
    let back = ui.allocate_rect(rect, Sense::click_and_drag());
    let names = (rect.width() * 0.2).clamp(110.0, 190.0);
    let plot = Rect::from_min_max(pos2(rect.left() + names, rect.top()), pos2(rect.right() - space::S, rect.bottom()));
    let usage_high = if rect.height() > 150.0 { USAGE } else { 34.0 };
    let rows = Rect::from_min_max(pos2(rect.left(), rect.top() + AXIS), pos2(plot.right(), rect.bottom() - usage_high - space::S));
    let all = (chart.now_ms.unwrap_or(0).max(chart.timeline.end_ms) as f64).max(1.0);
    let ran = chart.timeline.ran();
    let high: f32 = ran.iter().map(|s| chart.high(s)).sum();

    let mut view: View = ui.data(|d| d.get_temp(view_id())).unwrap_or_default();
    view.input(ui, &back, plot, rows, all, high);
    let axis = Axis { left: plot.left(), width: plot.width(), from: view.from, shown: if view.shown > 0.0 { view.shown } else { all } };
    ui.data_mut(|d| d.insert_temp(view_id(), view));

    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(4), t.well);
    axis.grid(&painter, rect, AXIS, &t);
    let mut clicked = None;
    let mut y = rows.top() - view.scroll;
    for span in ran {
        let row = Rect::from_min_size(pos2(rows.left(), y), vec2(rows.width(), chart.high(span)));
        y = row.bottom();
        if row.intersects(rows) {
            clicked = chart.step(ui, span, row, rows, &axis, &t).or(clicked);
        }
    }
    let below = Rect::from_min_max(pos2(rect.left(), rows.bottom() + space::S), rect.max);
    painter.hline(rect.x_range(), below.top(), Stroke::new(1.0, t.line));
    usage(ui, chart.timeline, below, &axis, names, &t);
    clicked
}

impl View {
    fn input(&mut self, ui: &Ui, back: &egui::Response, plot: Rect, rows: Rect, all: f64, high: f32) {
        let shown = if self.shown > 0.0 { self.shown } else { all };
        let per_point = shown / f64::from(plot.width().max(1.0));
        if back.dragged() {
            let by = back.drag_delta();
            if self.shown > 0.0 {
                self.from -= f64::from(by.x) * per_point;
            }
            self.scroll -= by.y;
        }
        if let Some(pointer) = ui.ctx().pointer_hover_pos().filter(|p| ui.rect_contains_pointer(back.rect) && back.rect.contains(*p)) {
            let (zoom, wheel) = ui.input(|i| (f64::from(i.zoom_delta()), i.smooth_scroll_delta()));
            let keys =
                ui.input(|i| i32::from(i.key_pressed(Key::Plus) || i.key_pressed(Key::Equals)) - i32::from(i.key_pressed(Key::Minus)));
            let factor = zoom * 1.6_f64.powi(if ui.ctx().egui_wants_keyboard_input() { 0 } else { keys });
            if factor != 1.0 {
                let at = self.from + f64::from(pointer.x - plot.left()).max(0.0) * per_point;
                self.zoom(factor, at, all);
            } else {
                self.scroll -= wheel.y;
                if self.shown > 0.0 {
                    self.from -= f64::from(wheel.x) * per_point;
                }
            }
        }
        self.from = self.from.clamp(0.0, (all - self.shown).max(0.0));
        self.scroll = self.scroll.clamp(0.0, (high - rows.height()).max(0.0));
    }
}

impl Chart<'_> {
    fn lanes_high(span: &Span) -> f32 {
        (span.lanes as f32 * LANE).min(LANES_HIGH)
    }

    fn high(&self, span: &Span) -> f32 {
        let ghost = if self.before.is_some_and(|b| b.step(&span.id).is_some_and(|s| s.start_ms.is_some())) { GHOST + 1.0 } else { 0.0 };
        let lanes = Self::lanes_high(span);
        BAR + GAP + ghost + if lanes > 0.0 { lanes + 2.0 } else { 0.0 }
    }

    fn step(&self, ui: &Ui, span: &Span, row: Rect, rows: Rect, axis: &Axis, t: &Tokens) -> Option<Clicked> {
        let end = span.end_ms.or(self.now_ms).unwrap_or(self.timeline.end_ms);
        let start = span.start_ms.unwrap_or(0);
        let seconds = end.saturating_sub(start) as f64 / 1e3;
        let name = (self.title)(&span.id);
        let words = self.words(span, &name, seconds);
        let painter = ui.painter_at(rows);
        let bar_y = egui::Rangef::new(row.top() + 2.0, row.top() + 2.0 + BAR);
        // The name at the left, and on it the whole row's click.
        let label = Rect::from_x_y_ranges(egui::Rangef::new(row.left(), axis.left - space::S), bar_y);
        let font = FontId::proportional(text::SMALL);
        let colour = if span.critical { t.text } else { t.muted };
        let shown = if span.critical { format!("{} {name}", crate::studio::theme::icon::CRITICAL) } else { name.clone() };
        let mut job = egui::text::LayoutJob::simple_singleline(shown, font.clone(), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(label.width() - space::M);
        painter.galley(label.left_center() + vec2(space::S, -7.0), ui.painter().layout_job(job), colour);

        let clip = Rect::from_min_max(pos2(axis.left, rows.top()), rows.max);
        let painter = ui.painter_at(clip);
        let bar = axis.rect(start, end, bar_y);
        let fill = fill(span, t);
        painter.rect(bar, CornerRadius::same(3), fill, Stroke::NONE, StrokeKind::Inside);
        if span.critical {
            painter.rect_stroke(bar, CornerRadius::same(3), Stroke::new(2.0, t.text), StrokeKind::Inside);
        }
        let inside = duration(seconds);
        if bar.width() > 46.0 {
            painter.text(pos2(bar.left().max(axis.left) + space::S, bar.center().y), Align2::LEFT_CENTER, inside, font, t.on_accent);
        }
        let mut y = bar_y.max + 1.0;
        if let Some(before) = self.before.and_then(|b| Some((b, b.step(&span.id)?)))
            && let Some(from) = before.1.start_ms
        {
            let ghost = axis.rect(from, before.1.end_ms.unwrap_or(before.0.end_ms), egui::Rangef::new(y, y + GHOST));
            painter.rect(ghost, CornerRadius::same(2), t.track, Stroke::new(1.0, t.line_strong), StrokeKind::Inside);
            y += GHOST + 1.0;
        }
        let lanes = Rect::from_x_y_ranges(clip.x_range(), egui::Rangef::new(y + 1.0, y + 1.0 + Self::lanes_high(span)));
        let hovered = objects(ui, span, lanes.intersect(clip), lanes, axis, t);

        let whole = Rect::from_x_y_ranges(row.x_range(), bar_y).intersect(rows);
        let response = ui.interact(whole, Id::new(("timeline step", &span.id)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &words));
        if let Some(o) = hovered {
            let took = duration((o.time.end_ms - o.time.start_ms) as f64 / 1e3);
            let at = duration(o.time.start_ms as f64 / 1e3);
            egui::Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), Id::new("object tip"), egui::PopupAnchor::Pointer).show(|ui| {
                ui.label(&o.time.name);
                ui.label(crate::studio::theme::small(format!("{took}, from {at} on, job {}", o.lane + 1)).weak());
            });
        }
        let clicked = if response.double_clicked() {
            Some(Clicked::Log(span.id.clone()))
        } else {
            response.clicked().then(|| Clicked::Step(span.id.clone()))
        };
        let more = format!("{words}\nClick to select the component, double-click for its log");
        response.on_hover_text_at_pointer(more);
        clicked
    }

    /// All there is to say of a step.
    fn words(&self, span: &Span, name: &str, seconds: f64) -> String {
        let from = duration(span.start_ms.unwrap_or(0) as f64 / 1e3);
        let how = match &span.outcome {
            Some(Outcome::Done | Outcome::UpToDate) => "took",
            Some(Outcome::Failed(_)) => "failed after",
            Some(Outcome::Cancelled) => "was stopped after",
            None if self.now_ms.is_some() => "runs for",
            None => "did not end within",
        };
        let mut words = format!("{name}: started at {from}, {how} {}", duration(seconds));
        if span.critical {
            words += ", on the critical path";
        }
        if let Some(cpu) = span.cpu_seconds {
            words += &format!("; {} of CPU", duration(cpu));
        }
        if !span.objects.is_empty() {
            words += &format!("; {} objects in {} jobs", span.objects.len(), span.lanes);
        }
        if let Some(before) = self.before.and_then(|b| b.step(&span.id)?.seconds(b.end_ms)) {
            let more = seconds - before;
            let sign = if more < 0.0 { "less" } else { "more" };
            words += &format!("; the other run took {}, this one {} {sign}", duration(before), duration(more.abs()));
        }
        words
    }
}

fn fill(span: &Span, t: &Tokens) -> Color32 {
    match &span.outcome {
        Some(Outcome::Failed(_)) => t.bad,
        Some(Outcome::Cancelled) => t.warn,
        Some(Outcome::Done | Outcome::UpToDate) => t.accent,
        None => t.good,
    }
}

/// The objects of a step; gives the one under the pointer. What would be narrower than a point is drawn with its neighbour.
fn objects<'a>(ui: &Ui, span: &'a Span, clip: Rect, lanes: Rect, axis: &Axis, t: &Tokens) -> Option<&'a Object> {
    if span.objects.is_empty() || clip.height() <= 0.0 {
        return None;
    }
    let painter = ui.painter_at(clip);
    let high = lanes.height() / span.lanes.max(1) as f32;
    let thick = (high - 1.0).max(1.0);
    let mut drawn = vec![f32::MIN; span.lanes];
    let pointer = ui.ctx().pointer_hover_pos().filter(|p| clip.contains(*p) && ui.rect_contains_pointer(clip));
    let mut hovered = None;
    // They are sorted by start; what starts after the right edge is out of sight.
    for o in &span.objects {
        let top = lanes.top() + o.lane as f32 * high;
        let r = axis.rect(o.time.start_ms, o.time.end_ms, egui::Rangef::new(top, top + thick));
        if r.left() > clip.right() {
            break;
        }
        if r.right() < clip.left() {
            continue;
        }
        if pointer.is_some_and(|p| r.expand2(vec2(1.0, 0.5)).contains(p)) {
            hovered = Some(o);
        }
        if let Some(last) = drawn.get_mut(o.lane)
            && r.right() > *last + 0.5
        {
            let r = Rect::from_min_max(pos2(r.left().max(*last + 0.5), r.top()), pos2(r.right().max(r.left() + 1.0) - 0.5, r.bottom()));
            let colour = if o.time.name.starts_with("LD") || o.time.name.starts_with("AR") { t.warn } else { t.busy };
            painter.rect_filled(r, 0.0, colour.gamma_multiply(0.75));
            *last = r.right();
        }
    }
    if let Some(o) = hovered {
        let top = lanes.top() + o.lane as f32 * high;
        let r = axis.rect(o.time.start_ms, o.time.end_ms, egui::Rangef::new(top, top + thick));
        painter.rect_stroke(r, 0.0, Stroke::new(1.0, t.text), StrokeKind::Outside);
    }
    hovered
}

/// `1.6 processors busy on average, 1.2 GB at most`.
pub fn usage_words(timeline: &Timeline) -> Option<String> {
    let peak = timeline.samples.iter().map(|s| s.usage.memory).max()?;
    let mean = timeline.samples.iter().map(|s| s.usage.cores).sum::<f64>() / timeline.samples.len() as f64;
    Some(format!("{mean:.1} processors busy on average, {} of memory at most", bytes(peak)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_what_is_under_the_pointer_and_stays_within_the_run() {
        let mut v = View::default();
        v.zoom(2.0, 250.0, 1000.0);
        assert_eq!((v.from, v.shown), (125.0, 500.0));
        v.zoom(1e9, 0.0, 1000.0);
        assert!(v.shown >= 20.0 && v.from >= 0.0);
        v.zoom(1e-9, 300.0, 1000.0);
        assert_eq!((v.from, v.shown), (0.0, 0.0));
    }
}
