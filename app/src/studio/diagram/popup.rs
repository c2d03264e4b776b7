//! Lists that open over the diagram: recipes to add, what can be done with the selection, ports to connect, a new name.
//!
//! All of them are one list with a field to type in: arrows choose, Enter takes, Escape closes.

use super::Diagram;
use super::command::Command;
use super::place::spiral;
use super::ports::{GRID, PortAt, box_size};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, space};
use bootwright_model::{Edit, Place, Position};
use egui::{Id, Key, Modifiers, Pos2, Rect, RichText, ScrollArea, TextEdit, Ui, Vec2, WidgetInfo, WidgetType};

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Recipes; where the new box shall stand, in points of the diagram.
    Palette(Option<Pos2>),
    Menu,
    Connect,
    Rename,
}

#[derive(Clone, Debug)]
pub struct Popup {
    kind: Kind,
    /// Its upper left corner, in points of the window.
    at: Pos2,
    text: String,
    chosen: usize,
    fresh: bool,
}

#[derive(Clone)]
enum Pick {
    Do(Action),
    Command(Command),
}

struct Entry {
    label: String,
    /// At the right, in small type: keys, or where it comes from.
    hint: String,
    tip: String,
    pick: Pick,
}

impl Popup {
    fn new(kind: Kind, at: Pos2, text: String) -> Self {
        Self { kind, at, text, chosen: 0, fresh: true }
    }

    pub fn palette(at: Pos2, place: Option<Pos2>) -> Self {
        Self::new(Kind::Palette(place), at, String::new())
    }

    pub fn menu(at: Pos2) -> Self {
        Self::new(Kind::Menu, at, String::new())
    }

    pub fn connect(at: Pos2) -> Self {
        Self::new(Kind::Connect, at, String::new())
    }

    pub fn rename(at: Pos2, name: String) -> Self {
        Self::new(Kind::Rename, at, name)
    }

    fn title(&self) -> &'static str {
        match self.kind {
            Kind::Palette(_) => "Add a component",
            Kind::Menu => "What to do",
            Kind::Connect => "Connect",
            Kind::Rename => "New name",
        }
    }
}

impl Diagram {
    pub(super) fn popup(&mut self, ui: &Ui, rect: Rect, state: &State) -> Vec<Action> {
        let Some(mut popup) = self.popup.take() else { return Vec::new() };
        let entries = self.entries(&popup, state);
        let words: Vec<String> = popup.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let fits = |e: &Entry| popup.kind == Kind::Rename || words.iter().all(|w| e.label.to_lowercase().contains(w));
        let shown: Vec<Entry> = entries.into_iter().filter(fits).collect();
        popup.chosen = popup.chosen.min(shown.len().saturating_sub(1));
        let pressed = |m: Modifiers, k: Key| ui.input_mut(|i| i.consume_key(m, k));
        if pressed(Modifiers::NONE, Key::Escape) {
            self.take_focus(ui, super::back_id());
            return Vec::new();
        }
        if pressed(Modifiers::NONE, Key::ArrowDown) && !shown.is_empty() {
            popup.chosen = (popup.chosen + 1) % shown.len();
        }
        if pressed(Modifiers::NONE, Key::ArrowUp) && !shown.is_empty() {
            popup.chosen = (popup.chosen + shown.len() - 1) % shown.len();
        }
        let mut taken = pressed(Modifiers::NONE, Key::Enter).then_some(popup.chosen);
        let width = 264.0;
        let least = Vec2::new(width + 20.0, 120.0);
        let at = popup.at.clamp(rect.min, (rect.max - least).max(rect.min));
        let area = egui::Area::new(Id::new("diagram popup")).order(egui::Order::Foreground).fixed_pos(at).constrain_to(rect);
        let inside = area.show(ui.ctx(), |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(width);
                if let Some(i) = contents(ui, &mut popup, &shown, rect.bottom() - at.y) {
                    taken = Some(i);
                }
            });
        });
        let outside = ui.input(|i| i.pointer.any_pressed().then(|| i.pointer.interact_pos()).flatten());
        let left = !popup.fresh && outside.is_some_and(|p| !inside.response.rect.contains(p));
        popup.fresh = false;
        match taken.and_then(|i| shown.get(i)) {
            Some(entry) => {
                self.take_focus(ui, super::back_id());
                match &entry.pick {
                    Pick::Do(action) => vec![action.clone()],
                    // A command may open the next list.
                    Pick::Command(command) => self.command(*command, state),
                }
            }
            None if left => Vec::new(),
            None => {
                self.popup = Some(popup);
                Vec::new()
            }
        }
    }

    fn entries(&self, popup: &Popup, state: &State) -> Vec<Entry> {
        match &popup.kind {
            Kind::Palette(place) => self.recipes(*place, state),
            Kind::Menu => {
                let useful = |c: &&Command| c.applies(state) && (state.selection.is_some() || !matches!(c, Command::Remove));
                let entry =
                    |c: &Command| Entry { label: c.title().into(), hint: c.keys().into(), tip: String::new(), pick: Pick::Command(*c) };
                Command::ALL.iter().filter(useful).map(entry).collect()
            }
            Kind::Connect => self.joins(state),
            Kind::Rename => {
                let component = state.selection.as_ref().and_then(|s| s.parts().0.into_iter().next());
                let edit = component.map(|component| Edit::Rename { component, name: popup.text.trim().to_owned() });
                let entry = |edit: Edit| {
                    let refused = edit.apply(&state.project, &state.library).err().map(|r| r.reason).unwrap_or_default();
                    Entry { label: "Rename".into(), hint: "Enter".into(), tip: refused, pick: Pick::Do(Action::Edit(edit)) }
                };
                edit.into_iter().map(entry).collect()
            }
        }
    }

    fn recipes(&self, place: Option<Pos2>, state: &State) -> Vec<Entry> {
        let boxes: &[Rect] = self.shown.as_ref().map_or(&[], |s| &s.placement.boxes);
        let entry = |r: &bootwright_model::Recipe| {
            let host = r.place == Place::Host;
            let size = box_size(host, r.needs.len(), r.outputs.len());
            // A part of the host belongs into its frame.
            let frame = self.shown.as_ref().and_then(|s| s.placement.host).filter(|_| host);
            let at =
                place.or(frame.map(|f| f.left_bottom() + Vec2::new(2.0 * GRID, 0.0))).unwrap_or_else(|| self.view.seen(self.rect).center());
            let there = spiral(Rect::from_min_size(super::place::snap(at), size), boxes).center();
            let position = Some(Position { x: there.x, y: there.y });
            let edit = Edit::Add { recipe: r.id.clone(), name: None, position };
            let hint = if host { "host" } else { "built here" };
            Entry { label: r.title.clone(), hint: hint.into(), tip: r.explain.clone(), pick: Pick::Do(Action::Edit(edit)) }
        };
        let mut all: Vec<Entry> = state.library.recipes().map(entry).collect();
        all.sort_by(|a, b| a.hint.cmp(&b.hint).then_with(|| a.label.cmp(&b.label)));
        all
    }

    /// Every wire that would fit the selected box, its needs first.
    fn joins(&self, state: &State) -> Vec<Entry> {
        let mut entries = Vec::new();
        let Some(Selection::Component(id)) = &state.selection else { return entries };
        let Some(at) = state.project.layout.components.iter().position(|c| c.id == *id) else { return entries };
        let Some(face) = self.shown.as_ref().and_then(|s| s.faces.get(at)) else { return entries };
        let needs = (0..face.needs.len()).map(|index| (PortAt { at, output: false, index }, &face.needs[index]));
        let outputs = (0..face.outputs.len()).map(|index| (PortAt { at, output: true, index }, &face.outputs[index]));
        for (port, shown) in needs.chain(outputs) {
            for other in self.fitting(state, port) {
                let Some((from, to)) = self.joined(state, port, other) else { continue };
                let now = state.project.layout.provider(&to.component, &to.name) == Some(&from);
                if now {
                    continue;
                }
                let label = match port.output {
                    false => format!("{} ← {}", shown.kind.title(), state.title_of(&from.component)),
                    true => format!("{} → {}", shown.kind.title(), state.title_of(&to.component)),
                };
                let hint = if port.output { to.name.clone() } else { from.name.clone() };
                entries.push(Entry { label, hint, tip: String::new(), pick: Pick::Do(Action::Edit(Edit::Connect { from, to })) });
            }
        }
        entries
    }

    /// What a click with the right button opens.
    pub(super) fn menu_at(&mut self, over: Option<super::Hit>, at: Pos2, rect: Rect, state: &State) -> Option<Action> {
        let Some(item) = self.item(over, state) else {
            self.popup = Some(Popup::palette(at, Some(self.view.to_canvas(rect, at))));
            return None;
        };
        self.popup = Some(Popup::menu(at));
        let (components, wires) = item.parts();
        let chosen = state.selection.as_ref();
        let inside = components.iter().all(|c| chosen.is_some_and(|s| s.has_component(c)))
            && wires.iter().all(|w| chosen.is_some_and(|s| s.has_wire(*w)));
        (!inside).then_some(Action::Select(Some(item)))
    }
}

fn contents(ui: &mut Ui, popup: &mut Popup, shown: &[Entry], room: f32) -> Option<usize> {
    let t = Tokens::of(ui.ctx());
    let mut taken = None;
    ui.label(theme::small(popup.title()).weak().strong());
    let hint = if popup.kind == Kind::Rename { "letters, digits, - and _" } else { "Type to search" };
    let field = ui.add(TextEdit::singleline(&mut popup.text).hint_text(hint).desired_width(f32::INFINITY));
    let name = match popup.kind {
        Kind::Palette(_) => "Search recipes",
        Kind::Menu => "Search commands",
        Kind::Connect => "Search ports",
        Kind::Rename => "Name",
    };
    field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, name));
    if popup.fresh {
        field.request_focus();
        if let (Kind::Rename, Some(mut edit)) = (&popup.kind, TextEdit::load_state(ui.ctx(), field.id)) {
            let all = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(popup.text.chars().count()));
            edit.cursor.set_char_range(Some(all));
            edit.store(ui.ctx(), field.id);
        }
    }
    if field.changed() {
        popup.chosen = 0;
    }
    ui.add_space(space::XS);
    ScrollArea::vertical().max_height((room - 90.0).clamp(60.0, 320.0)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (i, entry) in shown.iter().enumerate() {
            let chosen = i == popup.chosen;
            let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 23.0), egui::Sense::click());
            response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, chosen, &entry.label));
            if chosen || response.hovered() {
                ui.painter().rect_filled(rect, 4, if chosen { t.accent_soft } else { t.hover });
            }
            let inner = rect.shrink2(Vec2::new(6.0, 0.0));
            let hint = ui.painter().layout_no_wrap(entry.hint.clone(), egui::FontId::proportional(theme::text::SMALL), t.muted);
            let hint_width = hint.size().x;
            ui.painter().galley(egui::pos2(inner.right() - hint_width, inner.center().y - hint.size().y / 2.0), hint, t.muted);
            let font = egui::FontId::proportional(theme::text::BODY);
            let label = super::boxes::line(ui.painter(), &entry.label, font, t.text, inner.width() - hint_width - 8.0);
            ui.painter().galley(egui::pos2(inner.left(), inner.center().y - label.size().y / 2.0), label, t.text);
            if chosen && ui.input(|i| i.key_pressed(Key::ArrowDown) || i.key_pressed(Key::ArrowUp)) {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                taken = Some(i);
            }
            if popup.kind == Kind::Rename {
                if !entry.tip.is_empty() {
                    ui.label(theme::small(&entry.tip).color(t.bad));
                }
            } else if !entry.tip.is_empty() {
                response.on_hover_text(&entry.tip);
            }
        }
        if shown.is_empty() {
            ui.label(RichText::new("Nothing fits.").color(t.muted));
        }
    });
    taken
}
