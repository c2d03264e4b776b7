//! Beside the options: everything about the one under the cursor.

use crate::studio::state::config::{ConfigAction, Sheet};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{copy_button, link, named_button, section};
use bootwright_build::config::{Blocked, Details, PlaceName, Possible, Related};
use egui::{Button, Label, RichText, ScrollArea, Ui};

pub fn show(ui: &mut Ui, sheet: &Sheet, enabled: bool, said: &mut Vec<ConfigAction>) {
    let salt = format!("config details {}", sheet.details.as_ref().map_or("", |d| d.name.as_str()));
    ScrollArea::vertical().id_salt(salt).auto_shrink(false).show(ui, |ui| {
        let Some(d) = &sheet.details else {
            ui.add_space(space::S);
            ui.label(theme::small("Choose an option to see what it is for, why it has its value, and what keeps it from others.").weak());
            return;
        };
        head(ui, sheet, d, enabled, said);
        cause(ui, d, said);
        values(ui, sheet, d, enabled, said);
        if !d.help.is_empty() {
            section(ui, "HELP");
            ui.add(Label::new(&d.help).wrap().selectable(true));
        }
        relations(ui, d, said);
        section(ui, "DEFINED AT");
        d.defined.iter().for_each(|p| place(ui, p, said));
        ui.add_space(space::L);
    });
}

fn head(ui: &mut Ui, sheet: &Sheet, d: &Details, enabled: bool, said: &mut Vec<ConfigAction>) {
    let title = d.prompt.as_deref().unwrap_or("Nothing is asked here");
    ui.label(theme::strong(title).size(theme::text::HEADING));
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(&d.name).monospace());
        copy_button(ui, "Copy the name", || d.name.clone());
        ui.label(theme::small(d.kind).weak());
    });
    if !d.menus.is_empty() {
        ui.add(Label::new(theme::small(d.menus.join("  ›  ")).weak()).wrap());
    }
    ui.horizontal_wrapped(|ui| {
        ui.label("Value");
        ui.label(RichText::new(if d.value.is_empty() { "(empty)" } else { &d.value }).monospace().strong());
        if let Some((low, high)) = &d.range {
            ui.label(theme::small(format!("from {low} to {high}")).weak());
        }
    });
    if d.base != d.value || d.line {
        ui.horizontal_wrapped(|ui| {
            let base = if d.base.is_empty() { "(empty)" } else { &d.base };
            ui.label(theme::small(format!("Without the project's lines: {base}")).weak());
            let tip = "Takes the project's line for it away";
            if d.line && named_button(ui, Button::new("Back to it").small(), enabled, "Back to the base value", tip).clicked() {
                said.extend(sheet.editor.borrow().find(&d.name).map(ConfigAction::Unset));
            }
        });
    }
}

fn cause(ui: &mut Ui, d: &Details, said: &mut Vec<ConfigAction>) {
    section(ui, "WHY IT IS SO");
    ui.add(Label::new(&d.cause.words).wrap());
    d.cause.places.iter().for_each(|p| place(ui, p, said));
}

fn values(ui: &mut Ui, sheet: &Sheet, d: &Details, enabled: bool, said: &mut Vec<ConfigAction>) {
    if d.values.is_empty() {
        return;
    }
    section(ui, "OTHER VALUES");
    for p in &d.values {
        if p.blocked.is_empty() {
            ui.horizontal(|ui| {
                ui.label(RichText::new(&p.value).monospace().strong());
                let name = format!("Set {} to {} here", d.name, p.value);
                if named_button(ui, Button::new("Set").small(), enabled, &name, "It can have this value").clicked()
                    && let Some(symbol) = sheet.editor.borrow().find(&d.name)
                {
                    said.push(ConfigAction::Set { symbol, value: p.value.clone() });
                }
            });
            continue;
        }
        blocked(ui, d, p, said);
        fixes(ui, sheet, d, p, enabled, said);
        ui.add_space(space::S);
    }
}

fn blocked(ui: &mut Ui, d: &Details, p: &Possible, said: &mut Vec<ConfigAction>) {
    let t = Tokens::of(ui.ctx());
    let words = format!("{} cannot be {}:", d.name, p.value);
    ui.label(RichText::new(format!("{} {words}", icon::STOPPED)).color(t.warn));
    ui.indent(("blocked", &p.value), |ui| {
        for Blocked { words, clauses, places } in &p.blocked {
            ui.add(Label::new(words).wrap());
            for c in clauses {
                ui.horizontal_wrapped(|ui| {
                    ui.add(Label::new(RichText::new(&c.clause).monospace().size(theme::text::SMALL)).wrap());
                    ui.label(theme::small(format!("is {}", c.now)).color(t.bad));
                    for name in &c.options {
                        if link(ui, name).on_hover_text("Show this option").clicked() {
                            said.push(ConfigAction::Go(name.clone()));
                        }
                    }
                });
            }
            places.iter().for_each(|p| place(ui, p, said));
        }
    });
}

fn fixes(ui: &mut Ui, sheet: &Sheet, d: &Details, p: &Possible, enabled: bool, said: &mut Vec<ConfigAction>) {
    let logical = matches!(p.value.as_str(), "y" | "m" | "n");
    let wished = sheet.wished.as_ref().filter(|w| w.name == d.name && w.value == p.value);
    let Some(wished) = wished else {
        let name = format!("Find what would make {} {}", d.name, p.value);
        let tip = "Looks for the smallest sets of changes that make it possible";
        let button = Button::new(format!("{} How can it be {}?", icon::WRENCH, p.value));
        if logical && named_button(ui, button, enabled, &name, tip).clicked() {
            said.push(ConfigAction::FindFixes { name: d.name.clone(), value: p.value.clone() });
        }
        return;
    };
    let Some(found) = &wished.found else {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.label(theme::small("Looks for the smallest sets of changes.").weak());
        });
        return;
    };
    if !found.words.is_empty() {
        ui.add(Label::new(theme::small(&found.words).weak()).wrap());
    }
    let t = Tokens::of(ui.ctx());
    for (i, fix) in found.fixes.iter().enumerate() {
        egui::Frame::new().fill(t.well).corner_radius(4).inner_margin(6).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| {
                let name = format!("Apply fix {}", i + 1);
                let tip = "All of it as one change, which can be undone";
                if named_button(ui, Button::new("Apply"), enabled, &name, tip).clicked() {
                    said.push(ConfigAction::ApplyFix(fix.clone()));
                }
                if fix.effects > 0 {
                    ui.label(theme::small(format!("{} other options follow", fix.effects)).weak());
                }
            });
            for c in &fix.changes {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = space::S;
                    if link(ui, &c.name).on_hover_text(if c.prompt.is_empty() { "Show this option" } else { &c.prompt }).clicked() {
                        said.push(ConfigAction::Go(c.name.clone()));
                    }
                    ui.label(format!("from {} to {}", c.from, c.to));
                });
            }
        });
    }
}

fn relations(ui: &mut Ui, d: &Details, said: &mut Vec<ConfigAction>) {
    if !d.depends.is_empty() {
        section(ui, "DEPENDS ON");
        ui.add(Label::new(RichText::new(&d.depends).monospace().size(theme::text::SMALL)).wrap().selectable(true));
        ui.horizontal_wrapped(|ui| d.depends_on.iter().for_each(|r| to(ui, r, said)));
    }
    for (title, list) in [("SELECTED BY", &d.selected_by), ("IMPLIED BY", &d.implied_by), ("SELECTS", &d.selects), ("IMPLIES", &d.implies)]
    {
        if list.is_empty() {
            continue;
        }
        section(ui, title);
        // Those that count now come first; some options are selected by hundreds.
        let mut sorted: Vec<&Related> = list.iter().collect();
        sorted.sort_by_key(|r| r.value == "n");
        for r in sorted.iter().take(20) {
            ui.horizontal_wrapped(|ui| {
                to(ui, r, said);
                if !r.condition.is_empty() {
                    ui.add(Label::new(theme::small(format!("if {}", r.condition)).weak()).wrap());
                }
                if let Some(p) = &r.place {
                    place(ui, p, said);
                }
            });
        }
        if sorted.len() > 20 {
            ui.label(theme::small(format!("and {} more", sorted.len() - 20)).weak());
        }
    }
}

fn to(ui: &mut Ui, r: &Related, said: &mut Vec<ConfigAction>) {
    if link(ui, &format!("{} [{}]", r.name, r.value)).on_hover_text("Show this option").clicked() {
        said.push(ConfigAction::Go(r.name.clone()));
    }
}

/// A place in a Kconfig file, which opens in the user's editor.
fn place(ui: &mut Ui, p: &PlaceName, said: &mut Vec<ConfigAction>) {
    let words = format!("{}:{}", p.file, p.line);
    if ui.add(egui::Link::new(theme::small(words))).on_hover_text("Open it in your editor").clicked() {
        said.push(ConfigAction::Open { file: p.file.clone(), line: p.line });
    }
}
