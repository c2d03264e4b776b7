//! Small parts that several panels share.

pub mod config_row;
pub mod config_view;
pub mod keys;
pub mod log_line;
pub mod log_view;
pub mod rows_view;
pub mod save;
pub mod terminal_view;
pub mod time_axis;
pub mod time_chart;
pub mod treemap;
pub mod well;

use super::state::component::BoxState;
use super::theme::{self, Tokens, icon, space, text};
use egui::{Color32, Popup, PopupCloseBehavior, Response, RichText, Ui, WidgetInfo, WidgetType};

/// A square button with an icon only; its name is its tip and what a screen reader says.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str) -> Response {
    named_button(ui, egui::Button::new(RichText::new(icon).size(text::HEADING)), true, name, name)
}

/// A button with its name for screen readers and tests, which do not want the icon's private character in it.
pub fn named_button(ui: &mut Ui, button: egui::Button, enabled: bool, name: &str, tip: &str) -> Response {
    let response = ui.add_enabled(enabled, button);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, name));
    response.on_hover_text(tip).on_disabled_hover_text(tip)
}

/// A small icon among others in a row of tools.
pub fn tool(icon: &str) -> egui::Button<'_> {
    egui::Button::new(RichText::new(icon).size(text::HEADING)).frame_when_inactive(false).min_size(egui::Vec2::splat(26.0))
}

/// A small form below a button, open until somebody clicks beside it. Its buttons look like buttons: it is no menu.
pub fn form(button: &Response, width: f32, add: impl FnOnce(&mut Ui)) {
    let popup = Popup::from_toggle_button_response(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    popup.show(|ui| {
        ui.set_width(width);
        add(ui);
    });
}

/// A button that stands for the choice of one of several.
pub fn choice_button(ui: &mut Ui, chosen: bool, label: impl Into<egui::WidgetText>, name: &str) -> Response {
    let response = ui.add(egui::Button::selectable(chosen, label.into()));
    response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, chosen, name));
    response
}

/// Icon and word of a state, in its colour.
pub fn state_text(state: BoxState, t: &Tokens) -> RichText {
    RichText::new(format!("{} {}", theme::state_icon(state), state.word())).color(t.state(state))
}

/// A heading within a panel.
pub fn section(ui: &mut Ui, title: &str) {
    let t = Tokens::of(ui.ctx());
    ui.add_space(space::M);
    ui.label(RichText::new(title).size(text::SMALL).strong().color(t.muted));
}

/// A short word in a rounded frame.
pub fn badge(ui: &mut Ui, word: &str, colour: Color32) {
    egui::Frame::new().stroke(egui::Stroke::new(1.0, colour)).corner_radius(3).inner_margin(egui::Margin::symmetric(5, 0)).show(ui, |ui| {
        ui.label(RichText::new(word).size(text::SMALL).color(colour));
    });
}

/// A table that fills its panel, its columns as wide as given and never narrower than the second number; the last one
/// takes what is left.
pub fn table<'a>(ui: &'a mut Ui, id: &str, columns: &[(&str, f32, f32)]) -> egui_extras::Table<'a> {
    let mut table = egui_extras::TableBuilder::new(ui)
        .id_salt(id)
        .striped(true)
        .min_scrolled_height(0.0)
        .auto_shrink(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center));
    for (i, (_, width, least)) in columns.iter().enumerate() {
        table = table.column(match i + 1 == columns.len() {
            true => egui_extras::Column::remainder().at_least(*least).clip(true),
            false => egui_extras::Column::initial(*width).at_least(*least).clip(true).resizable(true),
        });
    }
    table.header(20.0, |mut row| {
        for (title, ..) in columns {
            row.col(|ui| {
                ui.label(theme::small(*title).weak().strong());
            });
        }
    })
}

/// A name and its value in a two-column grid.
pub fn fact(ui: &mut Ui, name: &str, value: impl Into<egui::WidgetText>) {
    ui.label(theme::small(name).weak());
    ui.add(egui::Label::new(value).wrap());
    ui.end_row();
}

/// Puts a text on the clipboard.
pub fn copy_button(ui: &mut Ui, what: &str, text: impl FnOnce() -> String) {
    let button = egui::Button::new(RichText::new(icon::COPY)).small().frame(false);
    if named_button(ui, button, true, what, what).clicked() {
        ui.ctx().copy_text(text());
    }
}

/// Text that reads as a link to another part of the window.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    ui.add(egui::Link::new(text))
}

/// Text that may be cut, with all of it as its tip.
pub fn cut(ui: &mut Ui, text: impl Into<RichText>) -> Response {
    ui.add(egui::Label::new(text.into()).truncate())
}

/// `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
