//! The ports of a box: which it shows, where they sit, and the shape that tells their kinds apart without colour.

use bootwright_model::{ComponentId, Kind, Layout, Library, Port, Recipe};
use egui::{Pos2, Rect, Vec2, pos2, vec2};
use std::collections::BTreeSet;

/// Boxes stand on a grid of this many points, and wires run along it.
pub const GRID: f32 = 8.0;
/// The part of a box above its ports, and the height of a port's row: multiples of the grid, so that wires leave straight.
pub const HEAD: f32 = 40.0;
pub const ROW: f32 = 16.0;
const FOOT: f32 = 8.0;
const WIDTH: f32 = 184.0;
const HOST_WIDTH: f32 = 168.0;

/// One need or output of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortFace {
    pub name: String,
    pub kind: Kind,
    pub optional: bool,
}

/// The ports that a box shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Face {
    pub needs: Vec<PortFace>,
    pub outputs: Vec<PortFace>,
}

impl Face {
    /// Every need, and the outputs that something can be made of: a configuration that no wire carries on would only
    /// make the box larger.
    pub fn of(id: &ComponentId, recipe: Option<&Recipe>, wired: &BTreeSet<&Port>) -> Self {
        let Some(recipe) = recipe else { return Self::default() };
        let shown = |name: &str, kind| kind != Kind::Configuration || wired.contains(&Port { component: id.clone(), name: name.into() });
        let need = |n: &bootwright_model::Need| PortFace { name: n.id.clone(), kind: n.kind, optional: n.optional };
        let output = |o: &bootwright_model::Output| PortFace { name: o.id.clone(), kind: o.kind, optional: true };
        Self {
            needs: recipe.needs.iter().map(need).collect(),
            outputs: recipe.outputs.iter().filter(|o| shown(&o.id, o.kind)).map(output).collect(),
        }
    }

    pub fn all(layout: &Layout, library: &Library) -> Vec<Self> {
        let wired: BTreeSet<&Port> = layout.wires.iter().map(|w| &w.from).collect();
        layout.components.iter().map(|c| Self::of(&c.id, library.recipe(&c.recipe), &wired)).collect()
    }

    pub fn need(&self, name: &str) -> Option<usize> {
        self.needs.iter().position(|p| p.name == name)
    }

    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.iter().position(|p| p.name == name)
    }
}

/// A port by the place of its box in the layout and its own in the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortAt {
    pub at: usize,
    pub output: bool,
    pub index: usize,
}

pub fn box_size(host: bool, needs: usize, outputs: usize) -> Vec2 {
    vec2(if host { HOST_WIDTH } else { WIDTH }, HEAD + ROW * needs.max(outputs) as f32 + FOOT)
}

/// Where a port sits on its box.
pub fn port_pos(rect: Rect, output: bool, index: usize) -> Pos2 {
    let y = rect.top() + HEAD + GRID + ROW * index as f32;
    pos2(if output { rect.right() } else { rect.left() }, y)
}

/// The outline of a kind's shape around the origin, about one point in radius.
pub fn outline(kind: Kind) -> Vec<Vec2> {
    let ring = |n: usize, turn: f32| {
        (0..n).map(|i| Vec2::angled((i as f32 + turn) / n as f32 * std::f32::consts::TAU - std::f32::consts::FRAC_PI_2)).collect::<Vec<_>>()
    };
    let points = |list: &[(f32, f32)]| list.iter().map(|(x, y)| vec2(*x, *y)).collect();
    match kind {
        Kind::Toolchain => ring(6, 0.5),
        Kind::KernelSource => points(&[(-0.9, -0.9), (0.3, -0.9), (0.9, -0.3), (0.9, 0.9), (-0.9, 0.9)]),
        Kind::KernelHeaders => ring(3, 0.0),
        Kind::CLibrary => ring(4, 0.0),
        Kind::KernelImage => ring(4, 0.5),
        Kind::Userland => points(&[(-0.9, -0.9), (0.9, 0.0), (-0.9, 0.9)]),
        Kind::RootFileSystem => ring(3, 0.5),
        Kind::Initramfs => ring(5, 0.0),
        Kind::BootLoader => points(&[(-1.0, -0.5), (1.0, -0.5), (1.0, 0.5), (-1.0, 0.5)]),
        Kind::IsoTool => points(&[(-0.5, -1.0), (0.5, -1.0), (0.5, 1.0), (-0.5, 1.0)]),
        Kind::IsoImage => ring(12, 0.0),
        Kind::Configuration => ring(8, 0.5),
    }
}
