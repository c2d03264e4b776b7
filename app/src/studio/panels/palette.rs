//! The command palette: everything that can be done, found by a few letters of its name.

use crate::studio::action::{Action, Selection};
use crate::studio::command::COMMANDS;
use crate::studio::state::State;
use crate::studio::theme::{self, Tokens, icon, space};
use egui::{Key, Modifiers, RichText, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};

const ROW: f32 = 26.0;
const ROWS: usize = 12;

#[derive(Default)]
pub struct Palette {
    typed: String,
    chosen: usize,
}

struct Entry {
    words: String,
    icon: &'static str,
    keys: String,
    blocked: Option<String>,
    action: Action,
}

impl AsRef<str> for Entry {
    fn as_ref(&self) -> &str {
        &self.words
    }
}

/// Commands first, then the boxes of the diagram.
fn entries(ui: &Ui, state: &State) -> Vec<Entry> {
    let commands = COMMANDS.iter().map(|c| Entry {
        words: c.words(state),
        icon: c.icon,
        keys: c.keys_text(ui.ctx()),
        blocked: c.blocked(state),
        action: c.action(),
    });
    let boxes = state.project.layout.components.iter().map(|c| Entry {
        words: format!("Go to {}", state.title_of(&c.id)),
        icon: icon::GRAPH,
        keys: String::new(),
        blocked: None,
        action: Action::Select(Some(Selection::Component(c.id.clone()))),
    });
    commands.chain(boxes).collect()
}

/// The best first; all of them where nothing is typed.
fn found(entries: Vec<Entry>, typed: &str) -> Vec<Entry> {
    if typed.trim().is_empty() {
        return entries;
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    pattern.match_list(entries, &mut Matcher::new(Config::DEFAULT)).into_iter().map(|(entry, _)| entry).collect()
}

impl Palette {
    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let t = Tokens::of(ui.ctx());
        let (up, down, enter) = ui.input_mut(|i| {
            let mut key = |k| i.consume_key(Modifiers::NONE, k);
            (key(Key::ArrowUp), key(Key::ArrowDown), key(Key::Enter))
        });
        let field = egui::TextEdit::singleline(&mut self.typed).hint_text("What do you want to do?").desired_width(f32::INFINITY);
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Search the commands"));
        field.request_focus();
        if field.changed() {
            self.chosen = 0;
        }
        let list = found(entries(ui, state), &self.typed);
        let last = list.len().saturating_sub(1);
        self.chosen = if up { self.chosen.saturating_sub(1) } else { self.chosen + usize::from(down) }.min(last);
        let mut actions = Vec::new();
        ui.add_space(space::S);
        egui::ScrollArea::vertical().max_height(ROW * ROWS as f32).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (i, entry) in list.iter().enumerate() {
                let run = row(ui, entry, i == self.chosen, (up || down) && i == self.chosen, &t);
                if (run || enter && i == self.chosen) && entry.blocked.is_none() {
                    actions = vec![Action::CloseDialog, entry.action.clone()];
                }
            }
            if list.is_empty() {
                ui.label(RichText::new("No command fits.").weak());
            }
        });
        actions
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

fn row(ui: &mut Ui, entry: &Entry, chosen: bool, scroll: bool, t: &Tokens) -> bool {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    let can = entry.blocked.is_none();
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, can, chosen, &entry.words));
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 4, if chosen { t.accent_soft } else { t.hover });
    }
    if scroll {
        response.scroll_to_me(None);
    }
    let colour = if can { t.text } else { t.muted };
    let mut line = ui.new_child(
        egui::UiBuilder::new().max_rect(rect.shrink2(Vec2::new(8.0, 0.0))).layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    line.style_mut().interaction.selectable_labels = false;
    line.label(RichText::new(entry.icon).color(t.muted));
    line.with_layout(egui::Layout::right_to_left(egui::Align::Center), |line| {
        line.label(theme::small(&entry.keys).weak());
        line.with_layout(egui::Layout::left_to_right(egui::Align::Center), |line| {
            line.label(RichText::new(&entry.words).color(colour));
            if let Some(why) = &entry.blocked {
                line.add(egui::Label::new(theme::small(why).weak()).truncate());
            }
        });
    });
    response.clicked()
}
