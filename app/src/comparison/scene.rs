//! Two layouts on one canvas: the boxes and wires of both, laid out once, and how they look at each moment between the one
//! and the other. A component that is in both has one box; a need that is met by another provider has one wire that swings.

use super::Compared;
use crate::studio::diagram::place::{BoxSpec, Placement, Wanted, WireSpec};
use crate::studio::diagram::ports::{Face, PortFace};
use crate::studio::diagram::route::{Route, resampled};
use bootwright_model::{ComponentId, Library, Place, Port, Side};
use egui::Pos2;
use std::collections::BTreeSet;
use std::sync::Arc;

/// In which of the layouts something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Both,
    Before,
    After,
    /// A need with another provider in each.
    Moved,
}

impl Presence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Both => "in both",
            Self::Before => "only before",
            Self::After => "only after",
            Self::Moved => "moved",
        }
    }

    fn of(before: bool, after: bool) -> Self {
        match (before, after) {
            (true, false) => Self::Before,
            (false, true) => Self::After,
            _ => Self::Both,
        }
    }
}

#[derive(Clone, Debug)]
pub struct SceneBox {
    pub id: ComponentId,
    pub recipe: String,
    pub title: String,
    pub host: bool,
    pub face: Face,
    pub presence: Presence,
}

impl SceneBox {
    /// What a screen reader says and a test looks for.
    pub fn label(&self) -> String {
        format!("{} {}: {}", if self.host { "Host part" } else { "Component" }, self.title, self.presence.word())
    }
}

/// A wire in one of the layouts.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Its place among the wires that were laid out.
    at: usize,
    pub from: String,
    pub from_host: bool,
}

#[derive(Clone, Debug)]
pub struct SceneWire {
    pub need: Port,
    pub kind: &'static str,
    /// The consumer's title.
    pub to: String,
    pub old: Option<End>,
    pub new: Option<End>,
    pub presence: Presence,
}

impl SceneWire {
    pub fn label(&self) -> String {
        let Self { kind, to, .. } = self;
        match (&self.old, &self.new) {
            (Some(a), Some(b)) if self.presence == Presence::Moved => format!("Wire {kind} of {to}: moved from {} to {}", a.from, b.from),
            (Some(end), _) | (None, Some(end)) => format!("Wire {kind} from {} to {to}: {}", end.from, self.presence.word()),
            (None, None) => format!("Wire {kind} of {to}"),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Scene {
    pub boxes: Vec<SceneBox>,
    pub wires: Vec<SceneWire>,
    /// What is to be laid out.
    pub wanted: Wanted,
}

impl Scene {
    pub fn of(compared: &Compared, library: &Library) -> Self {
        let boxes = boxes(compared, library);
        let at = |id: &ComponentId| boxes.iter().position(|b| b.id == *id);
        let spec = |from: &Port, to: &Port| {
            let (f, t) = (at(&from.component)?, at(&to.component)?);
            Some(WireSpec { from: f, output: boxes[f].face.output(&from.name)?, to: t, need: boxes[t].face.need(&to.name)? })
        };
        let layouts = Side::BOTH.map(|s| &compared.project(s).layout);
        let needs: BTreeSet<&Port> = layouts.iter().flat_map(|l| &l.wires).map(|w| &w.to).collect();
        let mut specs: Vec<Option<WireSpec>> = Vec::new();
        let mut wires = Vec::new();
        for need in needs {
            let [old, new] = layouts.map(|l| l.provider(&need.component, &need.name).cloned());
            let mut end = |from: &Port| {
                let found = spec(from, need)?;
                specs.push(Some(found));
                let provider = &boxes[found.from];
                Some(End { at: specs.len() - 1, from: provider.title.clone(), from_host: provider.host })
            };
            let before = old.as_ref().and_then(&mut end);
            let after = if new == old { before.clone() } else { new.as_ref().and_then(&mut end) };
            let Some(consumer) = at(&need.component).map(|i| &boxes[i]) else { continue };
            let kind = consumer.face.need(&need.name).map_or("", |i| consumer.face.needs[i].kind.title());
            let presence = match (&before, &after) {
                (Some(a), Some(b)) if a != b => Presence::Moved,
                (a, b) => Presence::of(a.is_some(), b.is_some()),
            };
            wires.push(SceneWire { need: need.clone(), kind, to: consumer.title.clone(), old: before, new: after, presence });
        }
        let one =
            |b: &SceneBox| BoxSpec { id: b.id.clone(), host: b.host, needs: b.face.needs.len(), outputs: b.face.outputs.len(), at: None };
        let wanted = Wanted { boxes: boxes.iter().map(one).collect(), wires: specs, flat: false };
        Self { boxes, wires, wanted }
    }

    pub fn wire(&self, need: &Port) -> Option<usize> {
        self.wires.iter().position(|w| w.need == *need)
    }
}

/// Those of the layout before in its order, then those that came in.
fn boxes(compared: &Compared, library: &Library) -> Vec<SceneBox> {
    let layouts = Side::BOTH.map(|s| &compared.project(s).layout);
    let [before, after] = layouts;
    let wired: BTreeSet<&Port> = layouts.iter().flat_map(|l| &l.wires).map(|w| &w.from).collect();
    let came = after.components.iter().filter(|c| before.component(&c.id).is_none());
    let all = before.components.iter().chain(came);
    let mut titles: Vec<String> = Vec::new();
    let mut boxes: Vec<SceneBox> = all
        .map(|c| {
            let sides = layouts.map(|l| l.component(&c.id));
            let recipes = sides.map(|c| library.recipe(&c?.recipe));
            let recipe = recipes[1].or(recipes[0]);
            // Where the recipe is another one, the box has the ports of both.
            let mut face = Face::default();
            for f in recipes.into_iter().flatten().map(|r| Face::of(&c.id, Some(r), &wired)) {
                join(&mut face.needs, f.needs);
                join(&mut face.outputs, f.outputs);
            }
            let title = recipe.map_or_else(|| c.id.to_string(), |r| r.title.clone());
            titles.push(title.clone());
            SceneBox {
                id: c.id.clone(),
                recipe: recipe.map_or_else(String::new, |r| r.id.clone()),
                title,
                host: recipe.is_some_and(|r| r.place == Place::Host),
                face,
                presence: Presence::of(sides[0].is_some(), sides[1].is_some()),
            }
        })
        .collect();
    for b in &mut boxes {
        if titles.iter().filter(|t| **t == b.title).count() > 1 {
            b.title = format!("{} ({})", b.title, b.id);
        }
    }
    boxes
}

fn join(ports: &mut Vec<PortFace>, more: Vec<PortFace>) {
    let new: Vec<PortFace> = more.into_iter().filter(|p| !ports.iter().any(|o| o.name == p.name)).collect();
    ports.extend(new);
}

/// A scene with the places of its boxes and the ways of its wires.
#[derive(Clone, Debug)]
pub struct Stage {
    pub scene: Scene,
    pub placement: Arc<Placement>,
    /// Of the wires that swing: both ways as equally many points.
    swings: Vec<Option<(Vec<Pos2>, Vec<Pos2>)>>,
}

/// How something looks at one moment.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub route: Arc<Route>,
    /// 0: not to be seen.
    pub opacity: f32,
    pub from_host: bool,
}

/// Points of a wire that swings: its corners stay visibly round.
const POINTS: usize = 72;

impl Stage {
    pub fn new(scene: Scene, placement: Arc<Placement>) -> Self {
        let way = |end: &Option<End>| placement.wires.get(end.as_ref()?.at).filter(|r| r.points.len() > 1);
        let swing = |w: &SceneWire| {
            let (a, b) = (way(&w.old)?, way(&w.new)?);
            (w.presence == Presence::Moved).then(|| (resampled(&a.points, POINTS), resampled(&b.points, POINTS)))
        };
        let swings = scene.wires.iter().map(swing).collect();
        Self { scene, placement, swings }
    }

    /// How much of a box is seen, `t` of the way from before to after. What comes in is there before the wires swing to it, and
    /// what goes stays until they have left.
    pub fn box_opacity(&self, i: usize, t: f32) -> f32 {
        match self.scene.boxes.get(i).map(|b| b.presence) {
            Some(Presence::Before) => 1.0 - smooth(t, 0.55, 1.0),
            Some(Presence::After) => smooth(t, 0.0, 0.45),
            Some(_) => 1.0,
            None => 0.0,
        }
    }

    /// The ends of the wires of one side, as box, whether it is an output, and port.
    pub fn wired(&self, side: Side) -> BTreeSet<(usize, bool, usize)> {
        let end =
            |w: &SceneWire| self.scene.wanted.wires.get(if side == Side::Before { w.old.as_ref() } else { w.new.as_ref() }?.at).copied()?;
        let specs = self.scene.wires.iter().filter_map(end);
        specs.flat_map(|s| [(s.from, true, s.output), (s.to, false, s.need)]).collect()
    }

    pub fn wire(&self, i: usize, t: f32) -> Option<Drawn> {
        let w = self.scene.wires.get(i)?;
        let end = |e: &Option<End>, opacity: f32| {
            let e = e.as_ref()?;
            Some(Drawn { route: self.placement.wires.get(e.at)?.clone(), opacity, from_host: e.from_host })
        };
        match w.presence {
            Presence::Both => end(&w.old, 1.0),
            Presence::Before => end(&w.old, 1.0 - smooth(t, 0.25, 0.75)),
            Presence::After => end(&w.new, smooth(t, 0.25, 0.75)),
            Presence::Moved => {
                let share = smooth(t, 0.2, 0.8);
                if share <= 0.0 || share >= 1.0 {
                    return end(if share <= 0.0 { &w.old } else { &w.new }, 1.0);
                }
                let Some((a, b)) = self.swings.get(i).and_then(Option::as_ref) else {
                    return end(&w.new, share).or(end(&w.old, 1.0 - share));
                };
                let points: Vec<Pos2> = a.iter().zip(b).map(|(a, b)| a.lerp(*b, share)).collect();
                let near = end(if share < 0.5 { &w.old } else { &w.new }, 1.0)?;
                Some(Drawn { route: Arc::new(Route::as_drawn(points)), ..near })
            }
        }
    }
}

/// From 0 at `from` to 1 at `to`, slow at both ends.
fn smooth(t: f32, from: f32, to: f32) -> f32 {
    let x = ((t - from) / (to - from)).clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::diagram::place::place;
    use bootwright_model::Project;

    fn stage(old: &str, new: &str) -> Stage {
        let library = Library::embedded().unwrap();
        let project = |name: &str| Arc::new(Project::open(name, &library).unwrap());
        let compared = Compared::of(project(old), project(new), &library);
        let scene = Scene::of(&compared, &library);
        let placement = Arc::new(place(&scene.wanted));
        Stage::new(scene, placement)
    }

    #[test]
    fn both_ends_show_one_layout_each() {
        let library = Library::embedded().unwrap();
        for (old, new) in [("mll-2015", "mll-2016"), ("mll-2016", "musl"), ("mll-2015", "musl"), ("musl", "musl")] {
            let stage = stage(old, new);
            for (name, t) in [(old, 0.0), (new, 1.0)] {
                let layout = library.layout(name).unwrap();
                let seen: BTreeSet<&str> = (0..stage.scene.boxes.len())
                    .filter(|i| stage.box_opacity(*i, t) > 0.0)
                    .map(|i| stage.scene.boxes[i].id.as_str())
                    .collect();
                assert_eq!(seen, layout.components.iter().map(|c| c.id.as_str()).collect(), "{old} to {new} at {t}");
                // Every wire begins and ends at the ports that the layout says.
                let at = |port: &Port, output: bool| {
                    let i = stage.scene.boxes.iter().position(|b| b.id == port.component).unwrap();
                    let face = &stage.scene.boxes[i].face;
                    let k = if output { face.output(&port.name) } else { face.need(&port.name) };
                    crate::studio::diagram::ports::port_pos(stage.placement.boxes[i], output, k.unwrap())
                };
                let wires: Vec<Drawn> = (0..stage.scene.wires.len()).filter_map(|i| stage.wire(i, t)).filter(|d| d.opacity > 0.0).collect();
                assert_eq!(wires.len(), layout.wires.len());
                for w in &layout.wires {
                    let i = stage.scene.wire(&w.to).unwrap();
                    let points = stage.wire(i, t).unwrap().route.points.clone();
                    assert_eq!((points[0], *points.last().unwrap()), (at(&w.from, true), at(&w.to, false)), "{}", w.to);
                }
            }
        }
    }

    /// A wire that swings never leaves its need, and moves without a jump.
    #[test]
    fn a_wire_swings_over_smoothly() {
        let stage = stage("mll-2015", "mll-2016");
        let i = stage.scene.wire(&Port::try_from("busybox.libc".to_owned()).unwrap()).unwrap();
        assert_eq!(stage.scene.wires[i].presence, Presence::Moved);
        let frames: Vec<Vec<Pos2>> = (0..=200).map(|k| resampled(&stage.wire(i, k as f32 / 200.0).unwrap().route.points, POINTS)).collect();
        for f in &frames {
            assert!(f.last().unwrap().distance(*frames[0].last().unwrap()) < 0.5);
        }
        let far = frames[0].iter().zip(&frames[200]).map(|(a, b)| a.distance(*b)).fold(0.0, f32::max);
        assert!(far > 50.0, "it goes somewhere");
        for pair in frames.windows(2) {
            let step = pair[0].iter().zip(&pair[1]).map(|(a, b)| a.distance(*b)).fold(0.0, f32::max);
            assert!(step < far * 0.1, "a step of {step} of {far}");
        }
    }

    #[test]
    fn every_box_and_wire_says_where_it_is() {
        let stage = stage("mll-2015", "mll-2016");
        let labels: Vec<String> =
            stage.scene.boxes.iter().map(SceneBox::label).chain(stage.scene.wires.iter().map(SceneWire::label)).collect();
        for expected in [
            "Component BusyBox: in both",
            "Component GNU C library: only after",
            "Host part Host C library: only before",
            "Wire C library of BusyBox: moved from Host C library to GNU C library",
            "Wire ISO tool from Host genisoimage to Linux kernel: only before",
            "Wire C library from GNU C library to Root file system: only after",
            "Wire toolchain from Host toolchain to BusyBox: in both",
        ] {
            assert!(labels.iter().any(|l| l == expected), "{expected} is not in {labels:#?}");
        }
    }

    /// Hostile or half-made projects are drawn as far as they go.
    #[test]
    fn a_wire_to_nowhere_and_another_recipe_are_no_trouble() {
        let library = Library::embedded().unwrap();
        let mut odd = Project::open("mll-2016", &library).unwrap();
        odd.layout.wires[0].from.name = "nothing".into();
        odd.layout.wires[1].to.name = "nothing".into();
        odd.layout.components.iter_mut().find(|c| c.id.as_str() == "glibc").unwrap().recipe = "musl".into();
        odd.layout.components.iter_mut().find(|c| c.id.as_str() == "iso").unwrap().recipe = "no such".into();
        let even = Arc::new(Project::open("mll-2016", &library).unwrap());
        for pair in [[even.clone(), Arc::new(odd.clone())], [Arc::new(odd.clone()), even.clone()]] {
            let [a, b] = pair;
            let scene = Scene::of(&Compared::of(a, b, &library), &library);
            let placement = Arc::new(place(&scene.wanted));
            let stage = Stage::new(scene, placement);
            for i in 0..stage.scene.wires.len() {
                for t in [0.0, 0.5, 1.0] {
                    let _ = stage.wire(i, t);
                }
            }
            assert_eq!(stage.scene.boxes.len(), 10);
        }
    }
}
