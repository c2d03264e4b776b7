//! The component diagram as a picture in SVG, placed as in the window.

use crate::studio::diagram::place::{Placement, Wanted, place};
use bootwright_model::{Library, Project};
use egui::{Pos2, Rect, pos2};
use std::fmt::Write;

/// A drawing for paper and pages: ink on white, host parts dashed, so that it reads without colour.
pub const INK: &str = "#1f2933";
pub const FAINT: &str = "#7b8794";
pub const STRONG: &str = "#1f5fae";

pub fn svg(project: &Project, library: &Library) -> String {
    let layout = &project.layout;
    let label = |i: usize| {
        let to = &layout.wires[i].to;
        let recipe = layout.component(&to.component).and_then(|c| library.recipe(&c.recipe));
        recipe.and_then(|r| r.need(&to.name)).map_or("", |n| n.kind.title())
    };
    let wanted = Wanted::of(layout, library, |_| None);
    let placed = place(&wanted);
    let mut svg = Svg::begin(&layout.title, placed.bounds.expand(24.0));
    svg.frames(&placed);
    for (i, wire) in placed.wires.iter().enumerate().filter(|(_, w)| w.points.len() > 1) {
        let w = &layout.wires[i];
        svg.wire(&wire.points, &Look::default(), &format!("{} to {}: {}", w.from, w.to, label(i)));
    }
    for (i, wire) in placed.wires.iter().enumerate().filter(|(_, w)| w.points.len() > 1) {
        svg.wire_label(wire.label, label(i), FAINT, 1.0);
    }
    for (spec, r) in wanted.boxes.iter().zip(&placed.boxes) {
        let title = layout.component(&spec.id).and_then(|c| library.recipe(&c.recipe)).map_or(spec.id.as_str(), |r| r.title.as_str());
        svg.card(*r, spec.host, title, spec.id.as_str(), &Look::default());
    }
    svg.end()
}

/// How a line or a box is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: &'static str,
    pub width: f32,
    /// 0 to 1.
    pub opacity: f32,
    /// What the host provides.
    pub dashed: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colour: INK, width: 1.3, opacity: 1.0, dashed: false }
    }
}

impl Look {
    fn attributes(&self) -> String {
        let dash = if self.dashed { " stroke-dasharray=\"5 3\"" } else { "" };
        format!(" stroke=\"{}\" stroke-width=\"{}\"{dash}{}", self.colour, self.width, see_through(self.opacity))
    }
}

fn see_through(opacity: f32) -> String {
    if opacity < 1.0 { format!(" opacity=\"{opacity:.3}\"") } else { String::new() }
}

/// A picture that is being written, from what lies behind to what lies on top.
pub struct Svg {
    out: String,
}

impl Svg {
    pub fn begin(title: &str, view: Rect) -> Self {
        let (x, y, w, h) = (view.left(), view.top(), view.width(), view.height());
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x:.0} {y:.0} {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" font-family=\"sans-serif\" role=\"img\">\n"
        );
        let _ = writeln!(out, "<title>{}</title>", escape(title));
        let _ = writeln!(out, "<rect x=\"{x:.0}\" y=\"{y:.0}\" width=\"100%\" height=\"100%\" fill=\"white\"/>");
        out += "<defs>";
        for (name, colour) in [("arrow", INK), ("arrow-strong", STRONG), ("arrow-faint", FAINT)] {
            let _ = write!(
                out,
                "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"{colour}\"/></marker>"
            );
        }
        out += "</defs>\n";
        Self { out }
    }

    /// What follows is moved to the right, and down, up to `leave`.
    pub fn enter(&mut self, right: f32, down: f32) {
        let _ = writeln!(self.out, "<g transform=\"translate({right:.1} {down:.1})\">");
    }

    pub fn leave(&mut self) {
        self.out += "</g>\n";
    }

    pub fn frames(&mut self, placed: &Placement) {
        for (frame, words, dash) in [(placed.built, "built here", ""), (placed.host, "host", " stroke-dasharray=\"6 4\"")] {
            let Some(r) = frame else { continue };
            let _ = writeln!(
                self.out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\" fill=\"none\" stroke=\"{FAINT}\"{dash}/>",
                r.left(),
                r.top(),
                r.width(),
                r.height(),
            );
            self.text(pos2(r.left() + 10.0, r.top() + 18.0), words, 12.0, FAINT, "start");
        }
    }

    pub fn wire(&mut self, points: &[Pos2], look: &Look, title: &str) {
        let points: Vec<String> = points.iter().map(|p| format!("{:.1},{:.1}", p.x, p.y)).collect();
        let arrow = match look.colour {
            STRONG => "arrow-strong",
            FAINT => "arrow-faint",
            _ => "arrow",
        };
        let _ = writeln!(
            self.out,
            "<polyline points=\"{}\" fill=\"none\"{} marker-end=\"url(#{arrow})\"><title>{}</title></polyline>",
            points.join(" "),
            look.attributes(),
            escape(title)
        );
    }

    /// On a white ground of about its size, so that it can be read where it lies on a wire.
    pub fn wire_label(&mut self, at: Pos2, words: &str, colour: &str, opacity: f32) {
        // A letter of this size takes some six points; a little more or less does no harm.
        let width = words.chars().count() as f32 * 5.9 + 4.0;
        let _ = writeln!(
            self.out,
            "<g{}><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"14\" rx=\"3\" fill=\"white\"/>",
            see_through(opacity),
            at.x - width / 2.0,
            at.y - 7.0,
        );
        self.text(at + egui::Vec2::new(0.0, 4.0), words, 11.0, colour, "middle");
        self.leave();
    }

    pub fn card(&mut self, r: Rect, host: bool, title: &str, below: &str, look: &Look) {
        let corner = if host { 2 } else { 8 };
        let _ = writeln!(
            self.out,
            "<g{}><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{corner}\" fill=\"white\"{}/>",
            see_through(look.opacity),
            r.left(),
            r.top(),
            r.width(),
            r.height(),
            Look { opacity: 1.0, dashed: host, ..*look }.attributes(),
        );
        self.text(pos2(r.center().x, r.center().y - 2.0), title, 14.0, INK, "middle");
        self.text(pos2(r.center().x, r.center().y + 14.0), below, 11.0, FAINT, "middle");
        self.leave();
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub fn text(&mut self, at: Pos2, words: &str, size: f32, colour: &str, anchor: &str) {
        let _ = writeln!(
            self.out,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>",
            at.x,
            at.y,
            escape(words)
        );
    }

    pub fn line(&mut self, from: Pos2, to: Pos2, look: &Look) {
        let _ = writeln!(
            self.out,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"{}/>",
            from.x,
            from.y,
            to.x,
            to.y,
            look.attributes()
        );
    }

    pub fn end(self) -> String {
        self.out + "</svg>\n"
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
