//! A widget for each box, port and wire: names for screen readers and tests, tips, focus and clicks.

use super::gesture::Gesture;
use super::graph::{BoxView, PortView, WireView};
use super::ports::{PortAt, port_pos};
use super::{Diagram, Popup};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::state::component::BoxState;
use crate::studio::theme::diagram;
use egui::{Id, Rect, Response, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use petgraph::stable_graph::{EdgeIndex, NodeIndex};

/// Above this only what is in sight has names of its own: ten thousand nodes in every frame would cost more than they tell.
const ALL_NAMED: usize = 300;

/// So few have all their ports named at any size.
const FEW: usize = 60;

pub fn box_id(id: &str) -> Id {
    Id::new(("box", id))
}

impl Diagram {
    pub(super) fn names(&mut self, ui: &Ui, rect: Rect, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut focused = ui.memory(|m| m.focused()) == Some(super::back_id());
        let Some(shown) = &self.shown else { return actions };
        let all = shown.canvas.node_count() <= ALL_NAMED;
        let seen = self.view.seen(rect);
        let readable = self.view.zoom >= diagram::ZOOM_TITLES;
        let shift = ui.input(|i| i.modifiers.shift || i.modifiers.command);
        let busy = !matches!(self.gesture, Gesture::Rest);
        let (mut clicked, mut menu, mut focus): (Option<Selection>, Option<(Selection, egui::Pos2)>, Option<Id>) = (None, None, None);
        for i in 0..shown.canvas.edge_count() {
            let Some(view) = shown.canvas.edge(EdgeIndex::new(i)).map(|e| e.payload()).filter(|v| !v.route.points.is_empty()) else {
                continue;
            };
            let chosen = state.selection.as_ref().is_some_and(|s| s.has_wire(i));
            let inside = readable && seen.contains(view.route.label);
            if !(chosen || all || inside) {
                continue;
            }
            let area = Rect::from_center_size(self.view.to_screen(rect, view.route.label), Vec2::new(30.0, 12.0));
            // Only a selected wire takes the focus: boxes are what Tab walks along, arrows lead to wires.
            let sense = if chosen { Sense::click() } else { Sense::CLICK };
            let r = named(ui, area.intersect(rect), Id::new(("wire", i)), sense, || wire_info(view, chosen));
            focused |= r.has_focus();
            if r.clicked() {
                clicked = Some(Selection::Wire(i));
                focus = Some(r.id);
            }
            if r.secondary_clicked() {
                menu = Some((Selection::Wire(i), area.center()));
            }
        }
        // In reading order: bands from above, then from the left.
        for i in self.order.iter().copied() {
            let Some(view) = shown.canvas.node(NodeIndex::new(i)).map(|n| n.payload()) else { continue };
            let chosen = state.selection.as_ref().is_some_and(|s| s.has_component(&view.id));
            let inside = readable && seen.intersects(view.rect);
            if !(chosen || all || inside) {
                continue;
            }
            let area = self.view.rect_to_screen(rect, view.rect).intersect(rect);
            let r = named(ui, area, box_id(view.id.as_str()), Sense::click(), || box_info(view, chosen));
            focused |= r.has_focus();
            let this = Selection::Component(view.id.clone());
            if r.gained_focus() && self.asked_focus != Some(r.id) && !chosen {
                actions.push(Action::Select(Some(this.clone())));
                self.reveal = Some(view.rect);
            }
            if r.clicked() {
                focus = Some(r.id);
                clicked = Some(this.clone());
            }
            if r.secondary_clicked() {
                menu = Some((this, r.interact_pointer_pos().unwrap_or(area.center())));
            }
            if r.hovered() && !busy && self.popup.is_none() {
                r.on_hover_ui_at_pointer(|ui| drop(ui.label(state.box_tip(&view.id))));
            }
            // Nobody can take hold of ports that are not drawn.
            if !readable && self.order.len() > FEW {
                continue;
            }
            for (output, ports) in [(false, &view.needs), (true, &view.outputs)] {
                for (index, port) in ports.iter().enumerate() {
                    let at = self.view.to_screen(rect, port_pos(view.rect, output, index));
                    let p = PortAt { at: i, output, index };
                    let area = Rect::from_center_size(at, Vec2::splat((14.0 * self.view.zoom).clamp(6.0, 24.0)));
                    let id = Id::new(("port", view.id.as_str(), output, index));
                    let fits = matches!(&self.gesture, Gesture::Wire(d) if d.fitting.contains(&p));
                    let r = named(ui, area.intersect(rect), id, Sense::CLICK, || port_info(port, fits));
                    if r.clicked() {
                        clicked = Some(Selection::Component(view.id.clone()));
                        focus = Some(box_id(view.id.as_str()));
                    }
                    if !busy && self.popup.is_none() {
                        r.on_hover_text(&port.label);
                    }
                }
            }
        }
        self.focused = focused;
        if let Some(item) = clicked {
            let chosen = if shift { Selection::toggled(state.selection.as_ref(), &item) } else { Some(item) };
            actions.push(Action::Select(chosen));
        }
        if let Some((item, at)) = menu {
            if !state
                .selection
                .as_ref()
                .is_some_and(|s| item.parts().0.iter().all(|c| s.has_component(c)) && item.parts().1.iter().all(|w| s.has_wire(*w)))
            {
                actions.push(Action::Select(Some(item)));
            }
            self.popup = Some(Popup::menu(at));
        }
        if let Some(id) = focus {
            self.take_focus(ui, id);
        }
        actions
    }
}

/// A place of the diagram as a widget, so that it is found, read aloud and clicked.
pub fn named(ui: &Ui, area: Rect, id: Id, sense: Sense, info: impl Fn() -> WidgetInfo) -> Response {
    // Out of sight it still has its name, but no place.
    let area = if area.is_positive() { area } else { Rect::from_min_size(ui.max_rect().min, Vec2::ZERO) };
    let response = ui.interact(area, id, sense);
    response.widget_info(info);
    response
}

fn box_info(view: &BoxView, selected: bool) -> WidgetInfo {
    let mut info = WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, view.label());
    info.value = view.live.share.filter(|_| view.live.state == BoxState::Running).map(f64::from);
    info
}

fn wire_info(view: &WireView, selected: bool) -> WidgetInfo {
    WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, view.label())
}

fn port_info(port: &PortView, fits: bool) -> WidgetInfo {
    let label = if fits { format!("{}, fits", port.label) } else { port.label.clone() };
    WidgetInfo::labeled(WidgetType::Other, true, label)
}
