//! One line of the log as coloured text: the terminal's colours, what is searched for, and the place it names.

use crate::studio::state::ansi::Colour;
use crate::studio::state::diagnostic::{self, Level};
use crate::studio::state::log::{Line, Log};
use crate::studio::state::log_query::find;
use crate::studio::theme::Tokens;
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Stroke};

/// What all lines of a frame share.
pub struct Look<'a> {
    pub t: &'a Tokens,
    pub font: &'a FontId,
    pub needle: &'a [u8],
}

/// `fits` characters of a line after the first `skip`. `hovered`: its place is under the pointer.
pub fn job(look: &Look, log: &Log, line: &Line, skip: usize, fits: usize, hovered: Option<(&str, u32)>) -> LayoutJob {
    let text = line.text;
    let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(i, _)| i);
    let (from, to) = (at(skip), at(skip + fits));
    let base = match line.level {
        Level::Error => look.t.bad,
        Level::Warning => look.t.warn,
        Level::None => look.t.text,
    };
    let styles: Vec<_> = log.styles(line.number).collect();
    let found = matches(text, look.needle, to);
    // Most lines have no place; the test for one looks at a few bytes.
    let place = diagnostic::place(text).map(|p| (p.start, p.end));
    let mut cuts = vec![from, to];
    cuts.extend(styles.iter().flat_map(|s| [s.start as usize, s.end as usize]));
    cuts.extend(found.iter().flat_map(|(a, b)| [*a, *b]));
    cuts.extend(place.iter().flat_map(|(a, b)| [*a, *b]));
    cuts.retain(|c| (from..=to).contains(c));
    cuts.sort_unstable();
    cuts.dedup();
    let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
    for pair in cuts.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let Some(part) = text.get(a..b) else { continue };
        let mut format = TextFormat { font_id: look.font.clone(), color: base, ..TextFormat::default() };
        if let Some(s) = styles.iter().find(|s| (s.start as usize..s.end as usize).contains(&a)) {
            let strong = if s.style.bold { look.t.text } else { base };
            format.color = s.style.colour.map_or(strong, |c| colour(c, look.t));
            if s.style.underline {
                format.underline = Stroke::new(1.0, format.color);
            }
        }
        if place.is_some_and(|(x, y)| (x..y).contains(&a)) {
            format.underline = Stroke::new(if hovered.is_some() { 1.5 } else { 0.5 }, format.color);
        }
        if found.iter().any(|(x, y)| (*x..*y).contains(&a)) {
            (format.background, format.color) = (look.t.warn, look.t.well);
        }
        // A tab would jump to stops that the columns do not know.
        job.append(&part.replace('\t', " "), 0.0, format);
    }
    job
}

/// Where the needle stands in a text, up to `until`.
fn matches(text: &str, needle: &[u8], until: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(i) = text.as_bytes().get(from..until).filter(|_| !needle.is_empty()).and_then(|t| find(t, needle)) {
        all.push((from + i, from + i + needle.len()));
        from += i + needle.len();
    }
    all
}

pub fn colour(colour: Colour, t: &Tokens) -> Color32 {
    match colour {
        Colour::Named(n) => t.terminal(n),
        Colour::Rgb(r, g, b) => {
            // What a dark terminal shows well may vanish on a light ground, and the other way round.
            let c = Color32::from_rgb(r, g, b);
            let light = |c: Color32| 0.3 * f32::from(c.r()) + 0.59 * f32::from(c.g()) + 0.11 * f32::from(c.b());
            if (light(c) - light(t.well)).abs() < 90.0 { c.lerp_to_gamma(t.text, 0.6) } else { c }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_lie_side_by_side() {
        assert_eq!(matches("aXax aX", b"ax", 7), [(0, 2), (2, 4), (5, 7)]);
        assert_eq!(matches("ax", b"", 2), []);
        assert_eq!(matches("\u{e4}ax", b"ax", 4), [(2, 4)]);
    }
}
