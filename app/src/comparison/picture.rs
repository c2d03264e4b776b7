//! The comparison as a picture: at one place of the slider, or as a pair of before and after. SVG, or the same as PNG.

use super::Compared;
use super::scene::{Presence, Scene, Stage};
use crate::drawing::{FAINT, INK, Look, STRONG, Svg};
use crate::studio::diagram::place::place;
use anyhow::Context;
use bootwright_model::{Library, Side, write_whole};
use egui::{Rect, Vec2, pos2};
use resvg::{tiny_skia, usvg};
use std::path::Path;
use std::sync::Arc;

/// What of the slider is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// 0: before, 1: after.
    At(f32),
    Pair,
}

/// Around the drawing, and above it for title and legend.
const EDGE: f32 = 28.0;
const HEAD: f32 = 64.0;
/// Pixels of a PNG for each point of the drawing.
const SCALE: f32 = 2.0;
/// A drawing of thousands of boxes would make a picture of gigabytes; it is made smaller instead.
const LARGEST: f32 = 12_000.0;

/// Writes the picture; the file's ending says which kind.
///
/// # Errors
/// Where the ending is neither `.svg` nor `.png`, the picture cannot be made or not be written.
pub fn write(compared: &Compared, library: &Library, moment: Moment, path: &Path) -> anyhow::Result<()> {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let bytes = match ending.as_str() {
        "svg" => svg(compared, library, moment).into_bytes(),
        "png" => png(&svg(compared, library, moment))?,
        _ => anyhow::bail!("{}: the name of a picture ends in .svg or .png", path.display()),
    };
    write_whole(path, |out| out.write_all(&bytes)).with_context(|| format!("cannot write {}", path.display()))
}

pub fn svg(compared: &Compared, library: &Library, moment: Moment) -> String {
    let scene = Scene::of(compared, library);
    let placement = Arc::new(place(&scene.wanted));
    let stage = Stage::new(scene, placement);
    let titles = Side::BOTH.map(|s| compared.project(s).layout.title.as_str());
    let bounds = stage.placement.bounds;
    let one = Rect::from_min_max(bounds.min - Vec2::new(EDGE, HEAD), bounds.max + Vec2::splat(EDGE));
    let view = match moment {
        Moment::At(_) => one,
        Moment::Pair => one.with_max_x(one.max.x + one.width()),
    };
    let mut svg = Svg::begin(&format!("{} compared with {}", titles[0], titles[1]), view);
    match moment {
        Moment::At(t) => {
            let t = t.clamp(0.0, 1.0);
            let words = match t {
                0.0 => titles[0].to_owned(),
                1.0 => titles[1].to_owned(),
                _ => format!("{}  to  {}, {:.0} % of the way", titles[0], titles[1], t * 100.0),
            };
            draw(&mut svg, &stage, one, t, &words);
        }
        Moment::Pair => {
            draw(&mut svg, &stage, one, 0.0, titles[0]);
            svg.enter(one.width(), 0.0);
            draw(&mut svg, &stage, one, 1.0, titles[1]);
            svg.leave();
        }
    }
    svg.end()
}

fn draw(svg: &mut Svg, stage: &Stage, view: Rect, t: f32, title: &str) {
    svg.text(view.min + Vec2::new(EDGE, 26.0), title, 17.0, INK, "start");
    legend(svg, view);
    svg.frames(&stage.placement);
    let scene = &stage.scene;
    let wires: Vec<_> = scene.wires.iter().enumerate().filter_map(|(i, w)| Some((w, stage.wire(i, t)?))).collect();
    let seen = || wires.iter().filter(|(_, d)| d.opacity > 0.0 && d.route.points.len() > 1);
    for (w, d) in seen() {
        let (colour, width) = match w.presence {
            Presence::Both => (FAINT, 1.1),
            _ => (STRONG, 2.0),
        };
        svg.wire(&d.route.points, &Look { colour, width, opacity: d.opacity, dashed: d.from_host }, &w.label());
    }
    for (i, (b, r)) in scene.boxes.iter().zip(&stage.placement.boxes).enumerate() {
        let opacity = stage.box_opacity(i, t);
        if opacity > 0.0 {
            let (colour, width) = if b.presence == Presence::Both { (INK, 1.1) } else { (STRONG, 1.8) };
            svg.card(*r, b.host, &b.title, b.presence.word(), &Look { colour, width, opacity, dashed: b.host });
        }
    }
    for (w, d) in seen().filter(|(w, _)| w.presence != Presence::Both) {
        svg.wire_label(d.route.label, w.kind, STRONG, d.opacity);
    }
}

/// What the lines mean.
fn legend(svg: &mut Svg, view: Rect) {
    let y = view.top() + 46.0;
    let mut x = view.left() + EDGE;
    let both = Look { colour: FAINT, width: 1.1, ..Look::default() };
    let strong = Look { colour: STRONG, width: 2.0, ..Look::default() };
    let host = Look { colour: FAINT, width: 1.1, dashed: true, ..Look::default() };
    for (words, look, room) in [("in both", both, 92.0), ("in one of them, or moved", strong, 190.0), ("from the host", host, 120.0)] {
        svg.line(pos2(x, y), pos2(x + 26.0, y), &look);
        svg.text(pos2(x + 32.0, y + 4.0), words, 11.0, FAINT, "start");
        x += room;
    }
}

/// With the font that the window has, wherever it is made: which fonts this machine has does not count.
///
/// # Errors
/// Where the drawing is no SVG, or there is no memory for the picture.
pub fn png(svg: &str) -> anyhow::Result<Vec<u8>> {
    let mut options = usvg::Options::default();
    let fonts = options.fontdb_mut();
    for font in egui::FontDefinitions::default().font_data.values() {
        fonts.load_font_data(font.font.to_vec());
    }
    let family = |name: &str| fonts.faces().flat_map(|f| &f.families).map(|f| f.0.clone()).find(|f| f.starts_with(name));
    if let Some(ubuntu) = family("Ubuntu") {
        fonts.set_sans_serif_family(ubuntu);
    }
    let tree = usvg::Tree::from_str(svg, &options).context("the drawing cannot be read")?;
    let size = tree.size();
    let scale = SCALE.min(LARGEST / size.width().max(size.height()).max(1.0));
    let (width, height) = ((size.width() * scale).ceil() as u32, (size.height() * scale).ceil() as u32);
    let mut pixels =
        tiny_skia::Pixmap::new(width, height).with_context(|| format!("no picture of {width} by {height} pixels can be made"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().context("the picture cannot be written as PNG")
}

#[cfg(test)]
mod tests {
    use super::*;
    use bootwright_model::Project;

    fn compared(library: &Library) -> Compared {
        let project = |name: &str| Arc::new(Project::open(name, library).unwrap());
        Compared::of(project("mll-2015"), project("mll-2016"), library)
    }

    #[test]
    fn each_end_has_the_names_of_its_layout_and_the_pair_both() {
        let library = Library::embedded().unwrap();
        let compared = compared(&library);
        let at = |m| svg(&compared, &library, m);
        let (before, after, pair) = (at(Moment::At(0.0)), at(Moment::At(1.0)), at(Moment::Pair));
        for (text, glibc, host) in [(&before, false, true), (&after, true, false), (&pair, true, true)] {
            assert_eq!(text.contains(">GNU C library</text>"), glibc);
            assert_eq!(text.contains(">Host C library</text>"), host);
            assert!(text.contains(">BusyBox</text>"));
            assert!(usvg::Tree::from_str(text, &usvg::Options::default()).is_ok());
        }
        assert_eq!(pair.matches(">BusyBox</text>").count(), 2);
        let half = at(Moment::At(0.5));
        assert!(half.contains(">GNU C library</text>") && half.contains(">Host C library</text>") && half.contains("50 % of the way"));
    }

    /// Text is drawn, and not left out for want of a font: with it the picture has more ink.
    #[test]
    fn a_png_has_the_drawing_and_its_words() {
        let library = Library::embedded().unwrap();
        let text = svg(&compared(&library), &library, Moment::Pair);
        let bytes = png(&text).unwrap();
        let picture = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
        let ink = |p: &tiny_skia::Pixmap| p.pixels().iter().filter(|c| c.red() < 128).count();
        assert!(picture.width() > 1000 && picture.height() > 400);
        let start = text.find("<text").unwrap();
        let without: String = text[..start].to_owned()
            + &text[start..].lines().filter(|l| !l.starts_with("<text")).map(|l| format!("{l}\n")).collect::<String>();
        let bare = tiny_skia::Pixmap::decode_png(&png(&without).unwrap()).unwrap();
        assert!(ink(&picture) > ink(&bare) + 2000, "{} and {}", ink(&picture), ink(&bare));
    }

    #[test]
    fn a_picture_of_another_kind_is_refused() {
        let library = Library::embedded().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let why = write(&compared(&library), &library, Moment::Pair, &dir.path().join("x.gif")).unwrap_err();
        assert!(why.to_string().contains(".svg or .png"));
        write(&compared(&library), &library, Moment::Pair, &dir.path().join("x.PNG")).unwrap();
        assert!(std::fs::read(dir.path().join("x.PNG")).unwrap().starts_with(b"\x89PNG"));
    }
}
