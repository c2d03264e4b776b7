//! The bar at the bottom of the diagram, with legend and buttons, and the small map of a large one.

use super::view::{BAR, MARGIN};
use super::{Command, Diagram};
use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::icon_button;
use egui::{
    Align, Align2, CornerRadius, FontId, Layout, Rect, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2,
};

/// From so many boxes on a map helps.
const MAP_FROM: usize = 40;
const MAP: Vec2 = Vec2::new(168.0, 112.0);
const LEGEND: f32 = 196.0;

impl Diagram {
    pub(super) fn bar(&mut self, ui: &mut Ui, rect: Rect, state: &State, t: &Tokens) -> Vec<Action> {
        let bar = Rect::from_min_max(pos2(rect.left(), rect.bottom() - BAR + 6.0), rect.max);
        ui.painter_at(rect).rect_filled(bar, CornerRadius::ZERO, t.canvas);
        // Nothing of the diagram is taken hold of through it.
        ui.interact(bar, egui::Id::new("diagram bar"), Sense::CLICK | Sense::DRAG);
        let mut asked = None;
        let inner = bar.shrink2(Vec2::new(MARGIN - 4.0, 3.0));
        let mut corner =
            ui.new_child(UiBuilder::new().id_salt("diagram buttons").max_rect(inner).layout(Layout::right_to_left(Align::Center)));
        corner.spacing_mut().item_spacing.x = space::S;
        for (icon, command) in [
            (icon::FIT, Command::Fit),
            (icon::PLUS, Command::ZoomIn),
            (icon::MINUS, Command::ZoomOut),
            (icon::FLOW_ARROW, Command::Arrange),
            (icon::CUBE, Command::Add),
        ] {
            let name = command.title().trim_end_matches('…');
            if icon_button(&mut corner, icon, name).on_hover_text(format!("Key: {}", command.keys())).clicked() {
                asked = Some(command);
            }
        }
        let percent = format!("{:.0} %", self.view.zoom * 100.0);
        corner.label(theme::small(percent).color(t.muted));
        let left = corner.min_rect().left();
        if left - inner.left() > LEGEND {
            legend(ui, inner, t);
        }
        asked.map(|c| self.command(c, state)).unwrap_or_default()
    }

    pub(super) fn map(&mut self, ui: &Ui, rect: Rect, t: &Tokens) {
        let Some(shown) = &self.shown else { return };
        let placement = shown.placement.clone();
        if placement.boxes.len() < MAP_FROM || rect.width() < 2.5 * MAP.x || rect.height() < 2.5 * MAP.y || self.view.fitted {
            return;
        }
        let area = Rect::from_min_size(pos2(rect.right() - MAP.x - MARGIN, rect.bottom() - BAR - MAP.y), MAP);
        let all = placement.bounds.expand(40.0);
        let scale = (MAP.x / all.width()).min(MAP.y / all.height());
        let to_map = |p: egui::Pos2| area.center() + (p - all.center()) * scale;
        let r = ui.interact(area, egui::Id::new("diagram map"), Sense::click_and_drag());
        r.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "Map of the diagram"));
        if let Some(p) = r.interact_pointer_pos() {
            let at = all.center() + (p - area.center()) / scale;
            let wanted = self.view.to_screen(rect, at);
            self.view.pan_by(rect.center() - wanted);
        }
        let painter = ui.painter_at(area.expand(1.0));
        painter.rect(area, CornerRadius::same(4), t.panel.gamma_multiply(0.94), Stroke::new(1.0, t.line_strong), StrokeKind::Inside);
        let mut mesh = egui::Mesh::default();
        for (spec, r) in placement.wanted.boxes.iter().zip(&placement.boxes) {
            let small = Rect::from_min_max(to_map(r.min), to_map(r.max));
            mesh.add_colored_rect(
                small.expand2((Vec2::splat(1.5) - small.size()).max(Vec2::ZERO) / 2.0),
                if spec.host { t.host_line } else { t.wire },
            );
        }
        painter.add(Shape::mesh(mesh));
        let seen = self.view.seen(rect);
        let frame = Rect::from_min_max(to_map(seen.min), to_map(seen.max)).intersect(area.shrink(1.0));
        painter.rect_stroke(frame, CornerRadius::ZERO, Stroke::new(1.5, t.accent), StrokeKind::Inside);
    }
}

/// What the two kinds of boxes and wires mean.
fn legend(ui: &Ui, area: Rect, t: &Tokens) {
    let painter = ui.painter_at(area);
    let font = FontId::proportional(theme::text::SMALL);
    let y = area.center().y;
    let mut x = area.left() + 4.0;
    for (words, host) in [("built here", false), ("from the host", true)] {
        let ends = [pos2(x, y), pos2(x + 24.0, y)];
        let stroke = Stroke::new(1.4, if host { t.host_line } else { t.wire });
        if host {
            painter.extend(Shape::dashed_line(&ends, stroke, 5.0, 3.5));
        } else {
            painter.line_segment(ends, stroke);
        }
        let text = painter.text(pos2(x + 30.0, y), Align2::LEFT_CENTER, words, font.clone(), t.muted);
        x = text.right() + 14.0;
    }
}
