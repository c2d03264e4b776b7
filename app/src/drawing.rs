//! The component diagram as a picture in SVG, placed as in the window.

use crate::studio::diagram::place::{Wanted, place};
use bootwright_model::{Library, Project};
use std::fmt::Write;

/// A drawing for paper and pages: ink on white, host parts dashed, so that it reads without colour.
const INK: &str = "#1f2933";
const FAINT: &str = "#7b8794";

pub fn svg(project: &Project, library: &Library) -> String {
    let layout = &project.layout;
    let label = |i: usize| {
        let to = &layout.wires[i].to;
        let recipe = layout.component(&to.component).and_then(|c| library.recipe(&c.recipe));
        recipe.and_then(|r| r.need(&to.name)).map_or("", |n| n.kind.title())
    };
    let wanted = Wanted::of(layout, library, |_| None);
    let placed = place(&wanted);
    let view = placed.bounds.expand(24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{:.0} {:.0} {:.0} {:.0}\" width=\"{:.0}\" height=\"{:.0}\" font-family=\"sans-serif\" role=\"img\">\n",
        view.left(),
        view.top(),
        view.width(),
        view.height(),
        view.width(),
        view.height()
    );
    let _ = writeln!(out, "<title>{}</title>", escape(&layout.title));
    let _ = writeln!(out, "<rect x=\"{:.0}\" y=\"{:.0}\" width=\"100%\" height=\"100%\" fill=\"white\"/>", view.left(), view.top());
    let _ = writeln!(
        out,
        "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"{INK}\"/></marker></defs>"
    );
    for (frame, words, dash) in [(placed.built, "built here", ""), (placed.host, "host", " stroke-dasharray=\"6 4\"")] {
        let Some(r) = frame else { continue };
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\" fill=\"none\" stroke=\"{FAINT}\"{dash}/>\n<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" fill=\"{FAINT}\">{words}</text>",
            r.left(),
            r.top(),
            r.width(),
            r.height(),
            r.left() + 10.0,
            r.top() + 18.0
        );
    }
    for (i, wire) in placed.wires.iter().enumerate().filter(|(_, w)| w.points.len() > 1) {
        let points: Vec<String> = wire.points.iter().map(|p| format!("{:.1},{:.1}", p.x, p.y)).collect();
        let w = &layout.wires[i];
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{INK}\" stroke-width=\"1.3\" marker-end=\"url(#arrow)\"><title>{} to {}: {}</title></polyline>",
            points.join(" "),
            w.from,
            w.to,
            label(i)
        );
    }
    for (i, wire) in placed.wires.iter().enumerate().filter(|(_, w)| w.points.len() > 1) {
        let (x, y) = (wire.label.x, wire.label.y);
        // A white edge keeps a label readable where it lies on a wire.
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"{FAINT}\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
            y + 4.0,
            label(i)
        );
    }
    for (spec, r) in wanted.boxes.iter().zip(&placed.boxes) {
        let (id, host) = (&spec.id, spec.host);
        let title = layout.component(id).and_then(|c| library.recipe(&c.recipe)).map_or(id.as_str(), |r| r.title.as_str());
        let (dash, corner) = if host { (" stroke-dasharray=\"5 3\"", 2) } else { ("", 8) };
        let _ = writeln!(
            out,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{corner}\" fill=\"white\" stroke=\"{INK}\"{dash}/>\n<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"14\" text-anchor=\"middle\" fill=\"{INK}\">{}</text>\n<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"{FAINT}\">{id}</text>",
            r.left(),
            r.top(),
            r.width(),
            r.height(),
            r.center().x,
            r.center().y - 2.0,
            escape(title),
            r.center().x,
            r.center().y + 14.0
        );
    }
    out + "</svg>\n"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
