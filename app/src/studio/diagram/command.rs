//! What the diagram can be asked to do by name: by its keys and menus, and by the rest of the window.

use super::place::spiral;
use super::{Diagram, Popup};
use crate::studio::action::{Action, Selection};
use crate::studio::state::State;
use bootwright_model::{ComponentId, Edit, Placing, Port, Position};
use egui::{Rect, Vec2};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Fit,
    ZoomIn,
    ZoomOut,
    FullSize,
    SelectAll,
    /// Opens the palette of recipes.
    Add,
    /// Opens the list of ports that the selected box may be joined to.
    Connect,
    Duplicate,
    /// Asks for the name of the selected component.
    Rename,
    Remove,
    SetTarget,
    /// Forgets all places: the automatic layout decides again.
    Arrange,
    AlignLeft,
    AlignTop,
    SpreadAcross,
    SpreadDown,
}

impl Command {
    pub const ALL: [Self; 16] = [
        Self::Add,
        Self::Connect,
        Self::Rename,
        Self::Duplicate,
        Self::Remove,
        Self::SetTarget,
        Self::AlignLeft,
        Self::AlignTop,
        Self::SpreadAcross,
        Self::SpreadDown,
        Self::SelectAll,
        Self::Arrange,
        Self::Fit,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::FullSize,
    ];

    pub const fn title(self) -> &'static str {
        match self {
            Self::Fit => "Fit the diagram to the window",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::FullSize => "Zoom to full size",
            Self::SelectAll => "Select all",
            Self::Add => "Add a component…",
            Self::Connect => "Connect…",
            Self::Duplicate => "Duplicate",
            Self::Rename => "Rename…",
            Self::Remove => "Remove",
            Self::SetTarget => "Make it the target",
            Self::Arrange => "Arrange the diagram",
            Self::AlignLeft => "Align at the left",
            Self::AlignTop => "Align at the top",
            Self::SpreadAcross => "Distribute across",
            Self::SpreadDown => "Distribute down",
        }
    }

    /// As the keyboard of the diagram has it.
    pub const fn keys(self) -> &'static str {
        match self {
            Self::Fit => "0",
            Self::ZoomIn => "+",
            Self::ZoomOut => "-",
            Self::FullSize => "1",
            Self::SelectAll => "Ctrl+A",
            Self::Add => "A",
            Self::Connect => "C",
            Self::Duplicate => "Ctrl+D",
            Self::Rename => "F2",
            Self::Remove => "Delete",
            Self::Arrange => "L",
            Self::SetTarget | Self::AlignLeft | Self::AlignTop | Self::SpreadAcross | Self::SpreadDown => "",
        }
    }

    /// Whether it can do something with what is selected.
    pub fn applies(self, state: &State) -> bool {
        let (components, wires) = state.selection.as_ref().map(Selection::parts).unwrap_or_default();
        match self {
            Self::Connect | Self::Rename | Self::SetTarget => components.len() == 1 && wires.is_empty(),
            Self::Duplicate => !components.is_empty(),
            Self::Remove => !components.is_empty() || !wires.is_empty(),
            Self::AlignLeft | Self::AlignTop => components.len() > 1,
            Self::SpreadAcross | Self::SpreadDown => components.len() > 2,
            _ => true,
        }
    }
}

impl Diagram {
    /// What the command asks of the project; what concerns the view alone is done at once.
    pub fn command(&mut self, command: Command, state: &State) -> Vec<Action> {
        if !command.applies(state) {
            return Vec::new();
        }
        let (components, wires) = state.selection.as_ref().map(Selection::parts).unwrap_or_default();
        let layout = &state.project.layout;
        let which: Vec<usize> = layout.components.iter().enumerate().filter(|(_, c)| components.contains(&c.id)).map(|(i, _)| i).collect();
        let middle = self.size / 2.0;
        match command {
            Command::Fit => self.fit(),
            Command::ZoomIn => self.view.zoom_by(1.25, middle),
            Command::ZoomOut => self.view.zoom_by(0.8, middle),
            Command::FullSize => {
                let zoom = self.view.zoom;
                self.view.zoom_by(1.0 / zoom, middle);
            }
            Command::SelectAll => {
                let all = layout.components.iter().map(|c| c.id.clone()).collect();
                return vec![Action::Select(Selection::of(all, (0..layout.wires.len()).collect()))];
            }
            Command::Add => {
                let corner = self.rect.min;
                self.popup = Some(Popup::palette(corner + Vec2::splat(12.0), None));
            }
            Command::Connect => self.popup = Some(Popup::connect(self.beside(&which))),
            Command::Rename => {
                let name = components.first().map(ToString::to_string).unwrap_or_default();
                self.popup = Some(Popup::rename(self.beside(&which), name));
            }
            Command::Duplicate => return self.duplicate(state, &which),
            Command::Remove => {
                let ends = |i: &usize| layout.wires.get(*i).map(|w| (w.from.clone(), w.to.clone()));
                let wires: BTreeSet<(Port, Port)> = wires.iter().filter_map(ends).collect();
                // A wire goes with its box; it need not be named.
                let apart = |w: &(Port, Port)| !components.contains(&w.0.component) && !components.contains(&w.1.component);
                let wires = wires.into_iter().filter(apart).collect();
                return vec![Action::Edit(Edit::Remove { components, wires })];
            }
            Command::SetTarget => {
                return components.into_iter().next().map(|component| Action::Edit(Edit::SetTarget { component })).into_iter().collect();
            }
            Command::Arrange => {
                self.settled.clear();
                self.project = None;
                return vec![Action::Edit(Edit::ClearPositions)];
            }
            Command::AlignLeft | Command::AlignTop => {
                let Some(bounds) = self.around(&which) else { return Vec::new() };
                let to = |r: Rect| match command {
                    Command::AlignLeft => r.translate(Vec2::new(bounds.left() - r.left(), 0.0)),
                    _ => r.translate(Vec2::new(0.0, bounds.top() - r.top())),
                };
                return self.move_boxes(state, &which, to, Placing::Align);
            }
            Command::SpreadAcross => return self.spread(state, &which, |v| v.x),
            Command::SpreadDown => return self.spread(state, &which, |v| v.y),
        }
        Vec::new()
    }

    fn boxes(&self) -> &[Rect] {
        self.shown.as_ref().map_or(&[], |s| &s.placement.boxes)
    }

    fn around(&self, which: &[usize]) -> Option<Rect> {
        which.iter().filter_map(|i| self.boxes().get(*i).copied()).reduce(Rect::union)
    }

    /// Where a list about some boxes opens.
    fn beside(&self, which: &[usize]) -> egui::Pos2 {
        let r = self.around(which).map(|r| self.view.rect_to_screen(self.rect, r).intersect(self.rect));
        r.filter(|r| r.is_positive()).map_or(self.rect.center(), |r| r.left_top() + Vec2::new(20.0, 24.0))
    }

    /// Even gaps between the first and the last, which stay.
    fn spread(&mut self, state: &State, which: &[usize], axis: fn(Vec2) -> f32) -> Vec<Action> {
        let mut order: Vec<(usize, Rect)> = which.iter().filter_map(|i| Some((*i, *self.boxes().get(*i)?))).collect();
        order.sort_by(|a, b| axis(a.1.min.to_vec2()).total_cmp(&axis(b.1.min.to_vec2())).then(a.0.cmp(&b.0)));
        let (Some(first), Some(last)) = (order.first().copied(), order.last().copied()) else { return Vec::new() };
        let inner: f32 = order.iter().map(|(_, r)| axis(r.size())).sum();
        let whole = axis(last.1.max - first.1.min);
        let gap = (whole - inner) / (order.len() - 1).max(1) as f32;
        let mut at = axis(first.1.min.to_vec2());
        let mut shift: Vec<(Rect, f32)> = Vec::new();
        for (_, r) in &order {
            shift.push((*r, at - axis(r.min.to_vec2())));
            at += axis(r.size()) + gap;
        }
        let across = axis(Vec2::new(1.0, 0.0));
        let to = |r: Rect| {
            let by = shift.iter().find(|(s, _)| *s == r).map_or(0.0, |(_, by)| *by);
            r.translate(Vec2::new(by * across, by * (1.0 - across)))
        };
        self.move_boxes(state, which, to, Placing::Distribute)
    }

    fn duplicate(&self, state: &State, which: &[usize]) -> Vec<Action> {
        let mut taken = self.boxes().to_vec();
        let mut copies: BTreeMap<ComponentId, Option<Position>> = BTreeMap::new();
        for i in which {
            let (Some(c), Some(r)) = (state.project.layout.components.get(*i), self.boxes().get(*i)) else { continue };
            let place = spiral(r.translate(Vec2::new(24.0, r.height() + 24.0)), &taken);
            taken.push(place);
            copies.insert(c.id.clone(), Some(Position { x: place.center().x, y: place.center().y }));
        }
        vec![Action::Edit(Edit::Duplicate { copies })]
    }
}
