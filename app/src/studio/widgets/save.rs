//! A button that asks where to save: by a typed path, or through the desktop's dialog.

use super::{form, named_button, tool};
use crate::studio::theme::{icon, space};
use egui::{Button, TextEdit, Ui, WidgetInfo, WidgetType};

/// Gives where to save, once it was said: a path, or none for the dialog.
pub fn save_button(ui: &mut Ui, name: &str, file: &str) -> Option<Option<String>> {
    save_button_with(ui, name, file, |_| {})
}

/// The same, with what else is asked above the path.
pub fn save_button_with(ui: &mut Ui, name: &str, file: &str, more: impl FnOnce(&mut Ui)) -> Option<Option<String>> {
    let button = named_button(ui, tool(icon::SAVE), true, name, name);
    let id = button.id.with("path");
    let mut answer = None;
    form(&button, 300.0, |ui| {
        let mut path: String = ui.data_mut(|d| d.get_temp(id)).unwrap_or_else(|| {
            let home = std::env::var("HOME").unwrap_or_default();
            format!("{home}/{file}")
        });
        more(ui);
        ui.label("Save as");
        let edit = ui.add(TextEdit::singleline(&mut path).desired_width(f32::INFINITY));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Path to save to"));
        let enter = edit.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        ui.add_space(space::S);
        ui.horizontal(|ui| {
            if ui.add_enabled(!path.trim().is_empty(), Button::new("Save")).clicked() || enter {
                answer = Some(Some(path.trim().to_owned()));
            }
            if ui.button("Choose…").on_hover_text("The desktop's file dialog").clicked() {
                answer = Some(None);
            }
        });
        ui.data_mut(|d| d.insert_temp(id, path));
        if answer.is_some() {
            ui.close();
        }
    });
    answer
}
