//! What the views of painted rows have in common: the ground they lie on with its measures, and the bar at its right.

use crate::studio::theme::{Tokens, space, text};
use egui::{CornerRadius, FontId, Id, Painter, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, pos2};

/// A ground for evenly spaced type.
pub struct Well {
    pub rect: Rect,
    /// Without its margin and the bar.
    pub inner: Rect,
    pub painter: Painter,
    pub font: FontId,
    /// Room of one character.
    pub cell: Vec2,
    bar: f32,
}

impl Well {
    /// Takes all the room that is left. `gap`: points between two rows; `bar`: the bar's width.
    pub fn fill(ui: &mut Ui, t: &Tokens, gap: f32, bar: f32) -> Self {
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, CornerRadius::same(4), t.well);
        let font = FontId::monospace(text::MONO);
        let cell = ui.fonts_mut(|f| Vec2::new(f.glyph_width(&font, 'm'), f.row_height(&font) + gap));
        let inner = Rect::from_min_max(rect.min + Vec2::splat(space::S), rect.max - Vec2::new(bar + space::S, space::S));
        Self { rect, inner, painter, font, cell, bar }
    }

    /// The bar, of which the knob takes the share `in_sight` and stands at the share `at` of its way. Where it is pulled to.
    pub fn bar(&self, ui: &Ui, id: Id, in_sight: f32, at: f32, t: &Tokens) -> Option<f32> {
        let r = self.rect;
        let track = Rect::from_min_max(pos2(r.right() - self.bar, r.top() + 2.0), pos2(r.right() - 2.0, r.bottom() - 2.0));
        let height = (in_sight * track.height()).clamp(24.0_f32.min(track.height()), track.height());
        let travel = track.height() - height;
        let response = ui.interact(track, id, Sense::click_and_drag());
        let pulled = response.interact_pointer_pos().map(|p| ((p.y - track.top() - height / 2.0) / travel.max(1.0)).clamp(0.0, 1.0));
        let top = track.top() + travel * pulled.unwrap_or(at).clamp(0.0, 1.0);
        let knob = Rect::from_min_size(pos2(track.left(), top), Vec2::new(track.width(), height));
        let fill = if response.hovered() || response.dragged() { t.accent } else { t.line_strong };
        ui.painter().rect(knob, CornerRadius::same(4), fill, Stroke::NONE, StrokeKind::Inside);
        pulled
    }
}
