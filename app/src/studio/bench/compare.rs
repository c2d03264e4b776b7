//! `cargo bench -p bootwright --bench diagram`, its second part: the comparison at rest and while the slider moves.

use super::Meter;
use crate::comparison::Compared;
use crate::studio::compare::CompareView;
use crate::studio::link::desk::{Ask, News};
use crate::studio::link::{Incoming, channel};
use crate::studio::state::State;
use crate::studio::state::compare::{CompareAction, Page};
use bootwright_model::{Library, Project};
use std::sync::Arc;
use std::time::Duration;

/// CPU milliseconds of a frame: mean and worst.
#[derive(Debug)]
pub struct Figure {
    pub what: &'static str,
    pub mean: f64,
    pub worst: f64,
}

/// Two presets, or a layout of `n` boxes with itself where every second wire has moved.
pub fn figures(n: Option<usize>) -> Result<Vec<Figure>, String> {
    let (library, [old, new]) = match n {
        None => {
            let library = Library::embedded().map_err(|e| e.to_string())?;
            let open = |name: &str| Project::open(name, &library).map_err(|e| e.to_string());
            let pair = [open("mll-2015")?, open("mll-2016")?];
            (library, pair)
        }
        Some(n) => {
            let (library, old) = super::diagram::project(n).ok_or("no synthetic project")?;
            let mut new = old.clone();
            let from: Vec<_> = new.layout.wires.iter().map(|w| w.from.clone()).collect();
            for (i, w) in new.layout.wires.iter_mut().enumerate().filter(|(i, _)| i % 2 == 1) {
                w.from = from[i - 1].clone();
            }
            (library, [old, new])
        }
    };
    let library = Arc::new(library);
    let mut state = State::new(library.clone(), Some(old.clone()), None, "/work".into()).ok_or("no state")?;
    let (link, far) = channel();
    state.compare_action(CompareAction::Load, &link);
    let asked = far.asks.try_iter().find_map(|a| if let Ask::Compare { asked, .. } = a { Some(asked) } else { None });
    let compared = Arc::new(Compared::of(Arc::new(old), Arc::new(new), &library));
    let news = News::Compared { asked: asked.ok_or("nothing was asked")?, result: Ok(compared) };
    far.incoming.send(Incoming::Desk(news)).map_err(|e| e.to_string())?;
    state.drain(&link, Duration::from_secs(1));
    if n.is_some() {
        state.compare_action(CompareAction::Page(Page::Needs), &link);
    }
    let mut meter = Meter::new([1240.0, 700.0].into());
    meter.ctx.enable_accesskit();
    let mut view = CompareView::default();
    let mut frame = |state: &State| {
        let cost = meter.frame(Vec::new(), |ui| drop(view.show(ui, state)));
        (cost.ui + cost.tessellation, view.ready())
    };
    for _ in 0..2000 {
        if frame(&state).1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    for _ in 0..5 {
        frame(&state);
    }
    let mut mean = |what, state: &State| {
        let costs: Vec<f64> = (0..100).map(|_| frame(state).0).collect();
        Figure { what, mean: costs.iter().sum::<f64>() / costs.len() as f64, worst: costs.iter().copied().fold(0.0, f64::max) }
    };
    let mut all = vec![mean("drawn at rest", &state)];
    state.compare_action(CompareAction::Go(1.0), &link);
    all.push(mean("while the slider moves", &state));
    Ok(all)
}
