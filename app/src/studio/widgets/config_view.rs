//! The list of options: only the rows in sight are drawn, and the keyboard is that of menuconfig.

use super::config_row::{self, Did, Drawn, HEIGHT, value_rect};
use crate::studio::state::config::{ConfigAction, Sheet};
use crate::studio::theme::{Tokens, text};
use bootwright_build::config::{Editor, Item};
use bootwright_kconfig::menu::Control;
use bootwright_kconfig::{NodeId, SymId};
use egui::{EventFilter, FontId, Id, Key, Modifiers, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, WidgetType};

#[derive(Default)]
pub struct ConfigView {
    /// The field that is open, and what was typed into it.
    editing: Option<(NodeId, String)>,
    /// The search field is to have the keyboard in the next frame.
    to_search: bool,
    /// The list is to have it.
    to_list: bool,
    focused: bool,
    offset: f32,
    height: f32,
    wishes: u64,
}

const LIST: &str = "config list";

impl ConfigView {
    /// Whether Escape means something here.
    pub fn takes_escape(ctx: &egui::Context) -> bool {
        ctx.memory(|m| m.has_focus(Id::new(LIST)))
    }

    pub fn wants_search(&mut self) -> bool {
        std::mem::take(&mut self.to_search)
    }

    /// The search has found what was looked for.
    pub fn leave_search(&mut self) {
        self.to_list = true;
    }

    pub fn show(&mut self, ui: &mut Ui, sheet: &Sheet, wishes: u64, enabled: bool) -> Vec<ConfigAction> {
        let mut actions = Vec::new();
        let t = Tokens::of(ui.ctx());
        let rect = ui.available_rect_before_wrap();
        let id = Id::new(LIST);
        let list = ui.interact(rect, id, Sense::focusable_noninteractive());
        list.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("Options, {} rows", sheet.items.len())));
        if std::mem::take(&mut self.to_list) {
            list.request_focus();
        }
        self.focused = list.has_focus();
        let editor = &mut *sheet.editor.borrow_mut();
        if self.focused {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, tab: false };
            ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
            self.keys(ui, sheet, editor, enabled, &mut actions);
        }
        ui.painter().rect_filled(rect, 4, t.well);
        let mut area = ScrollArea::vertical().id_salt("config rows").auto_shrink(false);
        if self.wishes != wishes {
            self.wishes = wishes;
            // The cursor's row comes into sight; where it is already, nothing moves.
            if let Some(i) = sheet.cursor.and_then(|n| sheet.position(n)) {
                let y = i as f32 * HEIGHT;
                if y < self.offset + HEIGHT || y + 2.0 * HEIGHT > self.offset + self.height {
                    let to = if y < self.offset { y - HEIGHT } else { y - self.height + 2.0 * HEIGHT };
                    let far = (y - self.offset).abs() > self.height * 1.5;
                    area = area.vertical_scroll_offset(if far { y - self.height / 2.0 } else { to }.max(0.0));
                }
            }
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut begun = false;
        let output = area.show_rows(ui, HEIGHT, sheet.items.len(), |ui, range| {
            for i in range {
                let Some(item) = sheet.items.get(i) else { continue };
                let (_, row_rect) = ui.allocate_space(egui::vec2(ui.available_width(), HEIGHT));
                let did = self.row(ui, &t, row_rect, sheet, editor, *item, enabled, &mut actions);
                begun |= did;
            }
        });
        self.offset = output.state.offset.y;
        self.height = output.inner_rect.height();
        if begun {
            list.request_focus();
        }
        actions
    }

    /// True where the list is to have the keyboard.
    #[expect(clippy::too_many_arguments, reason = "the parts of one row")]
    fn row(
        &mut self,
        ui: &mut Ui,
        t: &Tokens,
        rect: egui::Rect,
        sheet: &Sheet,
        editor: &mut Editor,
        item: Item,
        enabled: bool,
        actions: &mut Vec<ConfigAction>,
    ) -> bool {
        let row = editor.solver.row(item.node);
        let symbol = row.symbol.filter(|s| !editor.solver.tree.name(*s).is_empty());
        let taken = match row.control {
            Control::Choice { taken: Some(s) } => editor.solver.tree.name(s),
            _ => "",
        };
        let drawn = Drawn {
            item,
            row: &row,
            name: symbol.map_or("", |s| editor.solver.tree.name(s)),
            taken,
            changed: symbol.is_some_and(|s| editor.is_changed(s)),
            editing: self.editing.as_ref().is_some_and(|(n, _)| *n == item.node),
            selected: sheet.cursor == Some(item.node),
            focused: self.focused,
        };
        let (response, did) = config_row::show(ui, t, rect, &drawn);
        let editing = drawn.editing;
        let mut takes_keys = false;
        match did {
            Some(Did::Selected) => {
                actions.push(ConfigAction::Select(item.node));
                takes_keys = true;
            }
            Some(Did::Folded(open)) => {
                actions.push(ConfigAction::Fold { node: item.node, open });
                takes_keys = true;
            }
            Some(Did::Set(value)) => {
                actions.push(ConfigAction::Select(item.node));
                actions.extend(symbol.filter(|_| enabled).map(|symbol| ConfigAction::Set { symbol, value }));
                takes_keys = true;
            }
            Some(Did::Edit) => {
                actions.push(ConfigAction::Select(item.node));
                if enabled {
                    self.begin(item.node, symbol, editor);
                }
            }
            None => {}
        }
        if response.double_clicked() && item.parent {
            actions.push(ConfigAction::Fold { node: item.node, open: !item.open });
        }
        if editing && let Some(symbol) = symbol {
            self.field(ui, rect, symbol, &row.control, editor, actions);
        }
        takes_keys
    }

    fn begin(&mut self, node: NodeId, symbol: Option<SymId>, editor: &Editor) {
        if let Some(s) = symbol {
            self.editing = Some((node, editor.value(s).to_owned()));
        }
    }

    /// The field over the value: Enter takes it, Escape leaves it.
    fn field(&mut self, ui: &mut Ui, rect: egui::Rect, symbol: SymId, control: &Control, editor: &Editor, actions: &mut Vec<ConfigAction>) {
        let Some((_, draft)) = &mut self.editing else { return };
        let id = Id::new(("config value", symbol));
        let name = editor.solver.tree.name(symbol);
        let edit = TextEdit::singleline(draft).id(id).font(FontId::monospace(text::MONO)).margin(egui::Margin::symmetric(5, 1));
        let field = ui.put(value_rect(rect), edit);
        field.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, format!("New value of {name}")));
        if let Control::Field { range: Some((low, high)), .. } = control {
            field.clone().on_hover_text(format!("From {low} to {high}"));
        }
        let (enter, escape) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
        if field.lost_focus() {
            let value = draft.clone();
            if !escape && (enter || value != editor.value(symbol)) {
                actions.push(ConfigAction::Set { symbol, value });
            }
            self.editing = None;
            self.to_list = true;
            ui.ctx().request_repaint();
        } else if !field.has_focus() {
            field.request_focus();
        }
    }

    /// As in menuconfig: y, m and n set, the space bar goes on to the next value, / searches.
    fn keys(&mut self, ui: &Ui, sheet: &Sheet, editor: &mut Editor, enabled: bool, actions: &mut Vec<ConfigAction>) {
        let key = |k| ui.input_mut(|i| i.consume_key(Modifiers::NONE, k));
        let at = sheet.cursor.and_then(|n| sheet.position(n));
        let last = sheet.items.len().saturating_sub(1);
        let page = (self.height / HEIGHT).max(2.0) as usize - 1;
        let moves = [
            (Key::ArrowDown, at.map_or(0, |i| i + 1)),
            (Key::ArrowUp, at.map_or(0, |i| i.saturating_sub(1))),
            (Key::PageDown, at.unwrap_or(0) + page),
            (Key::PageUp, at.unwrap_or(0).saturating_sub(page)),
            (Key::Home, 0),
            (Key::End, last),
        ];
        for (k, to) in moves {
            if key(k)
                && let Some(item) = sheet.items.get(to.min(last))
            {
                actions.push(ConfigAction::Select(item.node));
            }
        }
        if key(Key::Slash) {
            self.to_search = true;
            ui.ctx().request_repaint();
        }
        if key(Key::Escape) {
            match (sheet.search.is_empty(), at) {
                (false, _) => actions.push(ConfigAction::Search(String::new())),
                (true, _) => ui.memory_mut(|m| m.surrender_focus(Id::new(LIST))),
            }
        }
        let Some(item) = at.and_then(|i| sheet.items.get(i)) else { return };
        if key(Key::ArrowRight) && item.parent && !item.open {
            actions.push(ConfigAction::Fold { node: item.node, open: true });
        }
        if key(Key::ArrowLeft) {
            match item.open {
                true => actions.push(ConfigAction::Fold { node: item.node, open: false }),
                false => actions.extend(editor.above(item.node).last().map(|n| ConfigAction::Select(*n))),
            }
        }
        let (enter, space) = (key(Key::Enter), key(Key::Space));
        let typed = [(Key::Y, "y"), (Key::M, "m"), (Key::N, "n")].into_iter().find(|(k, _)| key(*k)).map(|(_, v)| v.to_owned());
        let row = editor.solver.row(item.node);
        let Some(symbol) = row.symbol.filter(|s| !editor.solver.tree.name(*s).is_empty()) else {
            if (enter || space) && item.parent {
                actions.push(ConfigAction::Fold { node: item.node, open: !item.open });
            }
            return;
        };
        let mut set = |value: String| {
            if enabled {
                actions.push(ConfigAction::Set { symbol, value });
            }
        };
        match &row.control {
            Control::Field { editable: true, .. } if (enter || space) && enabled => self.begin(item.node, Some(symbol), editor),
            Control::Radio { .. } if enter || space => set("y".into()),
            Control::Check { now, allowed } if space => {
                // n, m, y and round again, past what cannot be.
                let values = ["n", "m", "y"];
                let next = (1..3).map(|k| (*now as usize + k) % 3).find(|v| allowed[*v]);
                set(next.and_then(|v| values.get(v)).map_or_else(|| if *now as usize == 2 { "n" } else { "y" }, |v| *v).to_owned());
            }
            Control::Check { .. } if enter && item.parent => actions.push(ConfigAction::Fold { node: item.node, open: !item.open }),
            Control::Check { .. } | Control::Radio { .. } => {
                if let Some(value) = typed {
                    set(value);
                }
            }
            _ => {}
        }
    }
}
