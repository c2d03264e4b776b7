//! The page "Kernel image": the files on the way from objects to bzImage, and what is in the one that is chosen.

use super::built;
use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::built::BuiltAction;
use crate::studio::state::component::bytes;
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{fact, grouped, link, section};
use bootwright_kbuild::anatomy::stage::Stage;
use bootwright_kbuild::anatomy::{Anatomy, Image};
use egui::{Align2, CornerRadius, FontId, Label, RichText, ScrollArea, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Height of a stage in the list, and the room between two.
const CARD: f32 = 42.0;
const GAP: f32 = 12.0;
/// Width of the list.
const LIST: f32 = 330.0;

pub fn show(ui: &mut Ui, state: &State) -> Vec<Action> {
    let mut actions = Vec::new();
    let Some(anatomy) = built::head(ui, &state.built, |s| &s.anatomy, &mut actions) else { return actions };
    ui.add_space(space::S);
    let chosen = state.built.stage(anatomy);
    let rect = ui.available_rect_before_wrap();
    let middle = rect.left() + LIST.min(rect.width() * 0.45);
    let mut left = ui.new_child(egui::UiBuilder::new().max_rect(rect.with_max_x(middle)));
    ScrollArea::vertical().id_salt("stages").auto_shrink(false).show(&mut left, |ui| {
        if let Some(stage) = stages(ui, anatomy, chosen) {
            actions.push(Action::Built(BuiltAction::Stage(stage)));
        }
        for absent in &anatomy.absent {
            ui.add_space(space::S);
            ui.add(Label::new(theme::small(format!("{} {}: {}", icon::INFO, absent.name, absent.why)).weak()).wrap());
        }
    });
    let mut right = ui.new_child(egui::UiBuilder::new().max_rect(rect.with_min_x(middle + space::L)));
    if let Some(stage) = anatomy.stages.get(chosen) {
        ScrollArea::vertical().id_salt(("stage", chosen)).auto_shrink(false).show(&mut right, |ui| {
            // Rows of text, not of buttons.
            ui.spacing_mut().interact_size.y = 16.0;
            if let Some(stage) = details(ui, anatomy, stage) {
                actions.push(Action::Built(BuiltAction::Stage(stage)));
            }
        });
    }
    ui.allocate_rect(rect, Sense::hover());
    actions
}

/// The stages from top to bottom, each with a bar as long as its file is large.
fn stages(ui: &mut Ui, anatomy: &Anatomy, chosen: usize) -> Option<usize> {
    let t = Tokens::of(ui.ctx());
    let largest = anatomy.stages.iter().map(|s| s.size).max().unwrap_or(1).max(1);
    let mut clicked = None;
    for (i, stage) in anatomy.stages.iter().enumerate() {
        if i > 0 {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), GAP), Sense::hover());
            // An arrow where one is made from the one above it; else only room.
            let above = anatomy.stages.get(i - 1).is_some_and(|a| stage.inputs.iter().any(|input| input.name == a.name));
            if above {
                let x = rect.left() + 18.0;
                let stroke = Stroke::new(1.5, t.wire);
                ui.painter().line_segment([pos2(x, rect.top()), pos2(x, rect.bottom())], stroke);
                ui.painter().line_segment([pos2(x - 4.0, rect.bottom() - 4.0), pos2(x, rect.bottom())], stroke);
                ui.painter().line_segment([pos2(x + 4.0, rect.bottom() - 4.0), pos2(x, rect.bottom())], stroke);
            }
        }
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - space::M, CARD), Sense::click());
        // What was chosen elsewhere is brought into sight once.
        let brought = egui::Id::new("stage in sight");
        if i == chosen && ui.data(|d| d.get_temp::<usize>(brought)) != Some(chosen) {
            ui.data_mut(|d| d.insert_temp(brought, chosen));
            response.scroll_to_me(None);
        }
        let name = format!("Stage {}, {} bytes", stage.name, stage.size);
        response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, i == chosen, &name));
        let fill = match () {
            () if i == chosen => t.accent_soft,
            () if response.hovered() => t.hover,
            () => t.card,
        };
        let line = if i == chosen || response.has_focus() { t.accent } else { t.line };
        let painter = ui.painter_at(rect);
        painter.rect(rect, CornerRadius::same(5), fill, Stroke::new(1.0, line), egui::StrokeKind::Inside);
        let room = rect.shrink2(vec2(space::M, space::S));
        let size = bytes(stage.size);
        let size = painter.text(room.right_top(), Align2::RIGHT_TOP, size, FontId::proportional(theme::text::SMALL), t.muted);
        let short = fitted(ui, &stage.name, size.left() - room.left() - space::M);
        painter.text(room.left_top(), Align2::LEFT_TOP, short, FontId::proportional(theme::text::BODY), t.text);
        let word = stage.step.title();
        painter.text(room.left_bottom(), Align2::LEFT_BOTTOM, word, FontId::proportional(theme::text::SMALL), t.muted);
        let bar = egui::Rect::from_min_max(pos2(room.left() + 118.0, room.bottom() - 7.0), pos2(room.right(), room.bottom() - 3.0));
        painter.rect_filled(bar, CornerRadius::same(2), t.track);
        let share = stage.size as f32 / largest as f32;
        painter.rect_filled(bar.with_max_x(bar.left() + bar.width() * share), CornerRadius::same(2), t.accent);
        if stage.older_than.is_some() {
            painter.text(room.left_bottom() + vec2(100.0, 0.0), Align2::LEFT_BOTTOM, icon::WARNING, FontId::proportional(12.0), t.warn);
        }
        if response.clicked() {
            clicked = Some(i);
        }
    }
    clicked
}

/// A path as far as there is room, cut at its beginning: its end says what it is.
fn fitted(ui: &Ui, path: &str, room: f32) -> String {
    let font = FontId::proportional(theme::text::BODY);
    let width = |text: String| ui.painter().layout_no_wrap(text, font.clone(), egui::Color32::WHITE).size().x;
    if width(path.to_owned()) <= room {
        return path.to_owned();
    }
    let mut rest = path;
    while let Some((_, shorter)) = rest.split_once('/') {
        rest = shorter;
        let text = format!("…/{rest}");
        if width(text.clone()) <= room {
            return text;
        }
    }
    rest.to_owned()
}

/// Gives the place of the stage that a link was followed to.
fn details(ui: &mut Ui, anatomy: &Anatomy, stage: &Stage) -> Option<usize> {
    let t = Tokens::of(ui.ctx());
    let mut followed = None;
    ui.add(Label::new(theme::strong(&stage.name).size(theme::text::HEADING)).wrap());
    ui.add(Label::new(&stage.explain).wrap());
    if let Some(later) = &stage.older_than {
        let words = format!("{} It is older than {later}: of an earlier build.", icon::WARNING);
        ui.add(Label::new(RichText::new(words).color(t.warn)).wrap());
    }
    ui.add_space(space::S);
    egui::Grid::new("facts of a stage").num_columns(2).spacing([space::L, space::XS]).show(ui, |ui| {
        fact(ui, "Size", format!("{} bytes", grouped(stage.size)));
        let when = stage.written.map_or("—".to_owned(), |at| {
            let at = at.max(0.0) as u64;
            format!("{}, {} UTC", crate::comparison::day(at), crate::comparison::clock(at))
        });
        fact(ui, "Written", when);
        if let Some(by) = &stage.made_by {
            fact(ui, "Made by", by.as_str());
        }
    });
    if !stage.inputs.is_empty() {
        section(ui, "Made from");
        for input in &stage.inputs {
            let gone = if input.missing > 0 { format!(", {} of them not there any more", input.missing) } else { String::new() };
            let words = format!("{}, {} bytes{gone}", input.name, grouped(input.bytes));
            match anatomy.stages.iter().position(|s| input.stage && s.name == input.name) {
                Some(place) => {
                    if link(ui, &words).clicked() {
                        followed = Some(place);
                    }
                }
                None => drop(ui.add(Label::new(words).wrap())),
            }
        }
    }
    if let Some(command) = &stage.command {
        section(ui, "The command");
        egui::Frame::new().fill(t.well).stroke(Stroke::new(1.0, t.line)).corner_radius(4).inner_margin(space::M).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ScrollArea::vertical().id_salt("command").max_height(120.0).auto_shrink([false, true]).show(ui, |ui| {
                ui.add(Label::new(RichText::new(command).monospace()).wrap());
            });
        });
    }
    if let Some(image) = anatomy.image.as_ref().filter(|i| i.name == stage.name) {
        show_image(ui, image);
    }
    if anatomy.linked.as_deref() == Some(stage.name.as_str()) {
        sections(ui, anatomy);
    }
    followed
}

fn show_image(ui: &mut Ui, image: &Image) {
    let t = Tokens::of(ui.ctx());
    section(ui, "What lies in it");
    let colours = [t.warn, t.host_line, t.accent, t.good, t.accent, t.muted];
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    for (part, colour) in image.parts.iter().zip(colours) {
        let at = |offset: u64| bar.left() + bar.width() * (offset as f32 / image.size.max(1) as f32);
        let rect = egui::Rect::from_x_y_ranges(at(part.offset)..=at(part.offset + part.size), bar.y_range());
        ui.painter().rect_filled(rect, CornerRadius::ZERO, colour);
    }
    egui::Grid::new("parts").num_columns(4).spacing([space::L, space::XS]).show(ui, |ui| {
        for (part, colour) in image.parts.iter().zip(colours) {
            let (mark, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter().rect_filled(mark, CornerRadius::same(2), colour);
            ui.label(part.name);
            ui.label(theme::small(format!("from byte {}", grouped(part.offset))).weak());
            ui.label(format!("{} bytes", grouped(part.size)));
            ui.end_row();
        }
    });
    section(ui, "Looked into");
    if let Some((name, compared)) = &image.proper {
        ui.add(Label::new(format!("Behind the real-mode code lies {name}: {}.", compared.words())).wrap());
    }
    if let Some(payload) = &image.payload {
        let packing = payload.packing.map_or("in an unknown format", |p| p.title());
        ui.label(format!("The packed kernel: {} bytes, {packing}.", grouped(payload.size)));
        if let (Some(unpacked), Some(seconds)) = (payload.unpacked, payload.seconds) {
            ui.label(format!("It was unpacked here in {seconds:.2} s to {} bytes.", grouped(unpacked)));
        }
        if let Some(compared) = &payload.compared {
            ui.add(Label::new(format!("Compared with {}: {}.", payload.sources.join(" and "), compared.words())).wrap());
        }
        if let Some(why) = &payload.trouble {
            ui.add(Label::new(RichText::new(why).color(t.bad)).wrap());
        }
    }
    section(ui, "Its header, field by field");
    egui::Grid::new("header").num_columns(4).spacing([space::L, space::XS]).striped(true).show(ui, |ui| {
        for field in &image.fields {
            ui.label(RichText::new(format!("{:#05x}", field.offset)).monospace().weak());
            let since = field.since.map_or("always there".to_owned(), |(major, minor)| format!("since protocol {major}.{minor:02}"));
            let tip = format!("{}\n{} bytes, {since}.", field.explain, field.size);
            ui.label(field.name).on_hover_text(tip);
            ui.label(RichText::new(format!("{:#x}", field.value)).monospace());
            let words = field.meaning.as_deref().unwrap_or(field.explain);
            let label = ui.add(Label::new(theme::small(words)).wrap());
            label.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}: {words}", field.name)));
            ui.end_row();
        }
    });
}

fn sections(ui: &mut Ui, anatomy: &Anatomy) {
    section(ui, "Its sections");
    egui::Grid::new("sections").num_columns(4).spacing([space::L, space::XS]).striped(true).show(ui, |ui| {
        for s in &anatomy.sections {
            ui.label(RichText::new(&s.name).monospace());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| drop(ui.label(grouped(s.size))));
            ui.label(RichText::new(format!("{:#x}", s.address)).monospace().weak());
            let what = s.usage.map_or("takes no memory", |u| u.title());
            ui.label(if s.in_file { what.to_owned() } else { format!("{what}, no bytes in the file") });
            ui.end_row();
        }
    });
}
