//! The keyboard of the diagram, while it has the focus.
//!
//! Tab goes from box to box in reading order. Right and left walk from a box to a wire and along it to the box at its
//! other end; up and down choose among the wires of that side, or the box above or below.

use super::command::Command;
use super::names::box_id;
use super::{Diagram, Popup};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use egui::{Id, Key, Modifiers, Pos2, Rect, Ui, Vec2};

impl Diagram {
    pub(super) fn keys(&mut self, ui: &Ui, rect: Rect, state: &State) -> Vec<Action> {
        if !self.focused || self.popup.is_some() {
            return Vec::new();
        }
        if let Some(id) = ui.memory(|m| m.focused()) {
            let arrows = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(id, arrows));
        }
        let plain = Modifiers::NONE;
        let commands = [
            (Modifiers::COMMAND, Key::A, Command::SelectAll),
            (Modifiers::COMMAND, Key::D, Command::Duplicate),
            (plain, Key::Delete, Command::Remove),
            (plain, Key::Backspace, Command::Remove),
            (plain, Key::F2, Command::Rename),
            (plain, Key::A, Command::Add),
            (plain, Key::C, Command::Connect),
            (plain, Key::L, Command::Arrange),
            (plain, Key::Plus, Command::ZoomIn),
            (plain, Key::Equals, Command::ZoomIn),
            (Modifiers::SHIFT, Key::Plus, Command::ZoomIn),
            (plain, Key::Minus, Command::ZoomOut),
            (plain, Key::Num0, Command::Fit),
            (plain, Key::Num1, Command::FullSize),
        ];
        let pressed = |m: Modifiers, k: Key| ui.input_mut(|i| i.consume_key(m, k));
        for (modifiers, key, command) in commands {
            if pressed(modifiers, key) {
                return self.command(command, state);
            }
        }
        if pressed(plain, Key::Enter) || pressed(Modifiers::SHIFT, Key::F10) {
            let at = self.selected_middle(state).map_or(rect.center(), |p| self.view.to_screen(rect, p).clamp(rect.min, rect.max));
            self.popup = Some(Popup::menu(at));
            return Vec::new();
        }
        let arrows = [(Key::ArrowRight, Vec2::X), (Key::ArrowLeft, -Vec2::X), (Key::ArrowDown, Vec2::Y), (Key::ArrowUp, -Vec2::Y)];
        for (key, dir) in arrows {
            if pressed(Modifiers::ALT, key) {
                self.view.pan_by(dir * -60.0);
            }
            if pressed(plain, key) {
                return self.walk(ui, state, dir).map(|s| Action::Select(Some(s))).into_iter().collect();
            }
        }
        Vec::new()
    }

    fn selected_middle(&self, state: &State) -> Option<Pos2> {
        let shown = self.shown.as_ref()?;
        let (components, wires) = state.selection.as_ref()?.parts();
        let i = state.project.layout.components.iter().position(|c| components.contains(&c.id));
        match i {
            Some(i) => shown.placement.boxes.get(i).map(Rect::center),
            None => shown.placement.wires.get(*wires.first()?).map(|w| w.label),
        }
    }

    /// Where an arrow leads from what is selected.
    fn walk(&mut self, ui: &Ui, state: &State, dir: Vec2) -> Option<Selection> {
        let shown = self.shown.as_ref()?;
        let layout = &state.project.layout;
        let boxes = &shown.placement.boxes;
        let at = |id| layout.components.iter().position(|c| c.id == id);
        let next = match state.selection.as_ref() {
            Some(Selection::Wire(i)) => {
                let w = layout.wires.get(*i)?;
                if dir.x != 0.0 {
                    let id = if dir.x > 0.0 { &w.to.component } else { &w.from.component };
                    Selection::Component(id.clone())
                } else {
                    // The next wire at the same box: of those that left it together if that is how one came here.
                    let beside: Vec<usize> = match self.walked_out {
                        true => (0..layout.wires.len()).filter(|k| layout.wires[*k].from.component == w.from.component).collect(),
                        false => (0..layout.wires.len()).filter(|k| layout.wires[*k].to.component == w.to.component).collect(),
                    };
                    let here = beside.iter().position(|k| k == i)?;
                    let step = if dir.y > 0.0 { here + 1 } else { here + beside.len() - 1 };
                    Selection::Wire(*beside.get(step % beside.len())?)
                }
            }
            Some(s) => {
                let id = s.parts().0.into_iter().next()?;
                let here = boxes.get(at(id.clone())?)?.center();
                if dir.x != 0.0 {
                    self.walked_out = dir.x > 0.0;
                    let out = self.walked_out;
                    let i = layout.wires.iter().position(|w| if out { w.from.component == id } else { w.to.component == id })?;
                    Selection::Wire(i)
                } else {
                    let ahead = |p: Pos2| (p - here).dot(dir);
                    let far = |p: Pos2| ahead(p) + (p.x - here.x).abs() * 2.0;
                    let there = boxes.iter().enumerate().filter(|(_, r)| ahead(r.center()) > 1.0);
                    let (i, _) = there.min_by(|a, b| far(a.1.center()).total_cmp(&far(b.1.center())))?;
                    Selection::Component(layout.components.get(i)?.id.clone())
                }
            }
            None => Selection::Component(layout.components.get(*self.order.first()?)?.id.clone()),
        };
        let (id, what) = match &next {
            Selection::Component(c) => (box_id(c.as_str()), boxes.get(at(c.clone())?).copied()),
            Selection::Wire(i) => {
                (Id::new(("wire", *i)), shown.placement.wires.get(*i).map(|w| Rect::from_center_size(w.label, Vec2::splat(40.0))))
            }
            Selection::Several { .. } => return None,
        };
        self.reveal = what;
        // A wire can take the focus only once it is selected, in the next frame.
        match &next {
            Selection::Wire(_) => self.take_focus(ui, super::back_id()),
            _ => self.take_focus(ui, id),
        }
        Some(next)
    }
}
