//! Writing the configuration to a file, and taking one over.

use crate::studio::state::config::{ConfigAction, Sheet};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::save::save_button;
use crate::studio::widgets::{form, named_button, tool};
use egui::{Button, Label, RichText, ScrollArea, TextEdit, Ui, WidgetInfo, WidgetType};

pub fn buttons(ui: &mut Ui, said: &mut Vec<ConfigAction>) {
    if let Some(path) = save_button(ui, "Export as .config", "bootwright.config") {
        said.push(ConfigAction::Export(path));
    }
    let button =
        named_button(ui, tool(icon::FOLDER_OPEN), true, "Load a .config", "Load a .config or a part of one as lines of the project");
    let id = button.id.with("path");
    form(&button, 340.0, |ui| {
        let mut path: String = ui.data_mut(|d| d.get_temp(id)).unwrap_or_default();
        ui.label("Load");
        let edit = ui.add(TextEdit::singleline(&mut path).hint_text("/home/you/.config").desired_width(f32::INFINITY));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Path to load from"));
        let typed = Some(path.trim().to_owned()).filter(|p| !p.is_empty());
        ui.add_space(space::S);
        for (add, words, tip) in [
            (
                false,
                "As the whole configuration",
                "What the file does not name has its default; the project's lines become those that it takes",
            ),
            (true, "Add its lines", "Its lines come after those of the project"),
        ] {
            ui.horizontal(|ui| {
                if ui.add_enabled(typed.is_some(), Button::new(words)).on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
                    said.push(ConfigAction::Import { path: typed.clone(), add });
                    ui.close();
                }
                let name = format!("{words}, chosen on the desktop");
                if named_button(ui, Button::new("Choose…"), true, &name, "The desktop's file dialog").clicked() {
                    said.push(ConfigAction::Import { path: None, add });
                    ui.close();
                }
            });
        }
        ui.data_mut(|d| d.insert_temp(id, path));
    });
}

/// What a file would come to, before it is taken over.
pub fn imported(ui: &mut Ui, sheet: &Sheet, said: &mut Vec<ConfigAction>) {
    let Some((file, import)) = &sheet.import else { return };
    let t = Tokens::of(ui.ctx());
    egui::Frame::new().fill(t.accent_soft).corner_radius(5).inner_margin(space::M).show(ui, |ui| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let lines = import.lines.lines().count();
        ui.label(theme::strong(format!(
            "{name} as lines of the project: {lines} lines, {} options differ from the configuration without lines",
            import.taken
        )))
        .on_hover_text(file.display().to_string());
        let troubles = import.remarks.len() + import.missed.len();
        if troubles > 0 {
            let words = format!("{} {troubles} of its lines do not come through as they are written:", icon::WARNING);
            ui.label(RichText::new(words).color(t.warn));
            ScrollArea::vertical().id_salt("import remarks").max_height(120.0).auto_shrink([false, true]).show(ui, |ui| {
                for r in &import.remarks {
                    ui.add(Label::new(theme::small(format!("line {}: {}   ({})", r.line, r.what, r.text.trim()))).wrap());
                }
                for name in &import.missed {
                    ui.add(
                        Label::new(theme::small(format!("{name} will differ: nothing that can be answered gives it this value"))).wrap(),
                    );
                }
            });
        }
        ui.horizontal(|ui| {
            let take = Button::new(RichText::new("Use these lines").color(t.on_accent)).fill(t.accent);
            if named_button(ui, take, true, "Use these lines", "In the place of the project's lines; it can be undone").clicked() {
                said.push(ConfigAction::TakeImport);
            }
            if ui.button("Leave it").clicked() {
                said.push(ConfigAction::DropImport);
            }
        });
    });
    ui.add_space(space::S);
}
