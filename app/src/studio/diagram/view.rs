//! Which part of the diagram is seen, and how large.

use crate::studio::theme::diagram;
use egui::{Pos2, Rect, Vec2};

/// Room between the diagram and the edge of its panel.
pub const MARGIN: f32 = 14.0;
/// The height of the bar at the bottom with legend and buttons: what fits, fits above it.
pub const BAR: f32 = 38.0;

/// Points of the window = points of the diagram × zoom + pan + the panel's corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    pub zoom: f32,
    pub pan: Vec2,
    /// The user has not moved or zoomed it, so it follows the size of the panel.
    pub fitted: bool,
}

impl Default for View {
    fn default() -> Self {
        Self { zoom: 1.0, pan: Vec2::ZERO, fitted: true }
    }
}

impl View {
    pub fn to_screen(self, rect: Rect, p: Pos2) -> Pos2 {
        (p.to_vec2() * self.zoom + self.pan + rect.min.to_vec2()).to_pos2()
    }

    pub fn rect_to_screen(&self, rect: Rect, r: Rect) -> Rect {
        Rect::from_min_max(self.to_screen(rect, r.min), self.to_screen(rect, r.max))
    }

    pub fn to_canvas(self, rect: Rect, p: Pos2) -> Pos2 {
        ((p - rect.min - self.pan) / self.zoom).to_pos2()
    }

    /// The part of the diagram that is seen.
    pub fn seen(&self, rect: Rect) -> Rect {
        Rect::from_min_max(self.to_canvas(rect, rect.min), self.to_canvas(rect, rect.max))
    }

    /// All of it, in a panel of any size.
    pub fn fit(&mut self, bounds: Rect, size: Vec2) {
        self.fit_above(BAR, bounds, size);
    }

    /// The same, with so much room below.
    pub fn fit_above(&mut self, below: f32, bounds: Rect, size: Vec2) {
        let room = (size - Vec2::new(2.0 * MARGIN, MARGIN + below)).max(Vec2::splat(40.0));
        let whole = (room.x / bounds.width()).min(room.y / bounds.height());
        self.zoom = whole.clamp(diagram::ZOOM_MIN, diagram::ZOOM_FIT_MAX);
        let middle = Vec2::new(size.x / 2.0, MARGIN + room.y / 2.0);
        self.pan = middle - bounds.center().to_vec2() * self.zoom;
        self.fitted = true;
    }

    /// `about` stays where it is, in points from the panel's corner.
    pub fn zoom_by(&mut self, factor: f32, about: Vec2) {
        let zoom = (self.zoom * factor).clamp(diagram::ZOOM_MIN, diagram::ZOOM_MAX);
        self.pan = about - (about - self.pan) * (zoom / self.zoom);
        self.zoom = zoom;
        self.fitted = false;
    }

    pub fn pan_by(&mut self, by: Vec2) {
        if by != Vec2::ZERO {
            self.pan += by;
            self.fitted = false;
        }
    }

    /// At least a corner of the diagram stays in sight.
    pub fn keep_in_sight(&mut self, bounds: Rect, size: Vec2) {
        let (min, max) = (bounds.min.to_vec2() * self.zoom, bounds.max.to_vec2() * self.zoom);
        let keep = Vec2::splat(60.0).min(size / 2.0);
        self.pan = self.pan.clamp(keep - max, (size - keep - min).max(keep - max));
    }

    /// Moves as little as is needed to see `what`, above the bar.
    pub fn reveal(&mut self, what: Rect, size: Vec2) {
        let (min, max) = (what.min.to_vec2() * self.zoom + self.pan, what.max.to_vec2() * self.zoom + self.pan);
        let far = Vec2::new(size.x - MARGIN, size.y - BAR);
        let over = (max - far).max(Vec2::ZERO);
        let under = (Vec2::splat(MARGIN) - (min - over)).max(Vec2::ZERO);
        self.pan_by(under - over);
    }
}
