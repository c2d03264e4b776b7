//! The page that looks inside an artifact: facts, needs, boot catalogue and files of what is shown, its text, its bytes.

use crate::artifacts::{BOOT_COLUMNS, Need, boot_rows, facts, hex_row};
use crate::studio::action::{Action, Tab};
use crate::studio::state::State;
use crate::studio::state::component::bytes;
use crate::studio::state::inside::{BLOCK, InsideAction, InsidePage, Level, Part, View};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::rows_view::RowsView;
use crate::studio::widgets::save::save_button;
use crate::studio::widgets::{choice_button, cut, fact, link, named_button, section, table};
use bootwright_image::iso::{Catalogue, Image, Names};
use bootwright_image::look::Inside as Within;
use bootwright_image::tree::{Entry, Kind, Tree};
use egui::{Button, RichText, TextEdit, Ui, WidgetInfo, WidgetType};

/// What of the page is not the project's: where its views are scrolled to.
#[derive(Default)]
pub struct Inside {
    rows: RowsView,
    /// What the rows belong to.
    of: (u64, Option<View>),
}

impl Inside {
    pub fn show(&mut self, ui: &mut Ui, state: &State) -> Vec<Action> {
        let mut wishes = Vec::new();
        let mut actions = Vec::new();
        let page = &state.inside;
        let t = Tokens::of(ui.ctx());
        let Some(level) = page.level() else {
            ui.label(
                RichText::new(match &page.waiting {
                    Some(name) => format!("Opening {name} …"),
                    None => "Open an artifact of the list to look inside it: programs, images, archives, texts, anything.".into(),
                })
                .weak(),
            );
            if let Some(why) = &page.trouble {
                ui.add(egui::Label::new(RichText::new(why).color(t.bad)).wrap());
            }
            if link(ui, "Show the list of artifacts").clicked() {
                actions.push(Action::ShowTab(Tab::Artifacts));
            }
            return actions;
        };
        head(ui, page, level, &mut wishes);
        if let Some(why) = page.trouble.as_ref().or(level.look.trouble.as_ref()) {
            ui.add(egui::Label::new(RichText::new(format!("{} {why}", icon::WARNING)).color(t.warn)).wrap());
        }
        ui.add_space(space::S);
        let of = (page.shown, Some(page.view));
        if std::mem::replace(&mut self.of, of) != of {
            self.rows.reset();
        }
        match page.view {
            View::Facts => describe(ui, page, level, &mut wishes),
            View::Text => self.text(ui, page, level, &mut wishes),
            View::Hex => self.hex(ui, page, level, &mut wishes),
        }
        actions.extend(wishes.into_iter().map(Action::Inside));
        actions
    }

    fn hex(&mut self, ui: &mut Ui, page: &InsidePage, level: &Level, wishes: &mut Vec<InsideAction>) {
        let len = level.look.size;
        self.rows.show(ui, "Bytes", len.div_ceil(16), |row| {
            let offset = row * 16;
            let part = Part::Block(offset / BLOCK);
            want(page, part, wishes);
            let block = page.bytes(part)?;
            let at = usize::try_from(offset % BLOCK).ok()?;
            let end = block.len().min(at + 16);
            Some(hex_row(offset, block.get(at..end).unwrap_or_default()))
        });
    }

    fn text(&mut self, ui: &mut Ui, page: &InsidePage, level: &Level, wishes: &mut Vec<InsideAction>) {
        let Some(lines) = &level.lines else { return };
        // The part that was cut into lines last; rows of one part follow each other.
        let mut cut: Option<(usize, Vec<&[u8]>)> = None;
        self.rows.show(ui, "Text", lines.count, |row| {
            let part = lines.part(row);
            want(page, Part::Lines(part), wishes);
            let bytes = page.bytes(Part::Lines(part))?;
            if cut.as_ref().is_none_or(|(of, _)| *of != part) {
                cut = Some((part, bytes.split(|b| *b == b'\n').collect()));
            }
            let first = lines.parts.get(part)?.1;
            let line = cut.as_ref()?.1.get(usize::try_from(row - first).ok()?)?;
            // A line without end is shown as far as anybody would scroll.
            let line = String::from_utf8_lossy(line.get(..line.len().min(65536))?);
            Some(format!("{:6}  {}", row + 1, line.trim_end_matches('\r').replace('\t', "    ")))
        });
    }
}

fn want(page: &InsidePage, part: Part, wishes: &mut Vec<InsideAction>) {
    let wish = InsideAction::Read(part);
    if page.lacks(part) && !wishes.contains(&wish) {
        wishes.push(wish);
    }
}

/// The way here, the views, and saving.
fn head(ui: &mut Ui, page: &InsidePage, level: &Level, wishes: &mut Vec<InsideAction>) {
    ui.horizontal(|ui| {
        let back = page.way.len().checked_sub(2);
        let button = Button::new(RichText::new(icon::ARROW_U_UP_LEFT)).frame(false);
        if named_button(ui, button, back.is_some(), "Back to what it is in", "Back to what it is in").clicked()
            && let Some(back) = back
        {
            wishes.push(InsideAction::Back(back));
        }
        for (i, step) in page.way.iter().enumerate() {
            if i + 1 == page.way.len() {
                ui.label(theme::strong(&step.name));
            } else {
                if link(ui, &step.name).clicked() {
                    wishes.push(InsideAction::Back(i));
                }
                ui.label(RichText::new(icon::CARET_RIGHT).weak());
            }
        }
        ui.label(theme::small(format!("{}, {}", level.look.format.title(), bytes(level.look.size))).weak());
        if let Some(name) = &page.waiting {
            ui.spinner();
            ui.label(theme::small(format!("opening {name}")).weak());
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if level.look.source().is_some()
                && let Some(path) = save_button(ui, "Save a copy", &page.file_name())
            {
                wishes.push(InsideAction::Save(path));
            }
            for view in page.views().into_iter().rev() {
                let word = match view {
                    View::Facts => "Inside",
                    View::Text => "Text",
                    View::Hex => "Hex",
                };
                if choice_button(ui, page.view == view, word, &format!("View: {word}")).clicked() {
                    wishes.push(InsideAction::Show(view));
                }
            }
        });
    });
}

fn describe(ui: &mut Ui, page: &InsidePage, level: &Level, wishes: &mut Vec<InsideAction>) {
    let list = |ui: &mut Ui| {
        // Rows of text, not of buttons.
        ui.spacing_mut().interact_size.y = 16.0;
        // What boots is what people look into an image for.
        if let Within::Iso(image) = &level.look.inside {
            catalogue(ui, image);
            ui.add_space(space::S);
        }
        egui::Grid::new("facts").num_columns(2).spacing([space::L, space::XS]).show(ui, |ui| {
            for (name, value) in facts(&level.look) {
                fact(ui, name, value);
            }
        });
        if !level.needs.is_empty() {
            section(ui, "What it needs, and who has it");
            needs(ui, level);
        }
    };
    let Some(tree) = level.tree(page.names) else {
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, list);
        return;
    };
    // A folder or an archive says little of itself; its files are what people want.
    let most = ui.available_height() * 0.45;
    egui::ScrollArea::vertical().id_salt("facts").max_height(most).auto_shrink([false, true]).show(ui, list);
    ui.add_space(space::S);
    tools(ui, page, level, tree, wishes);
    files(ui, page, tree, wishes);
}

fn needs(ui: &mut Ui, level: &Level) {
    let t = Tokens::of(ui.ctx());
    let interpreter = matches!(&level.look.inside, Within::Elf(elf) if elf.interpreter.is_some());
    egui::Grid::new("needs").num_columns(3).spacing([space::L, space::XS]).striped(true).show(ui, |ui| {
        for (i, need) in level.needs.iter().enumerate() {
            let role = if i == 0 && interpreter { "Interpreter" } else { "NEEDED" };
            ui.label(theme::small(role).weak());
            ui.label(RichText::new(&need.name).monospace());
            let (words, colour) = provider(need, &t);
            // One text for all three cells: a row read cell by cell says nothing.
            let label = ui.label(RichText::new(&words).color(colour));
            label.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{role} {}: {words}", need.name)));
            ui.end_row();
        }
    });
}

fn provider(need: &Need, t: &Tokens) -> (String, egui::Color32) {
    match &need.by {
        None => ("nobody has it".into(), t.bad),
        Some(by) => match &by.unfit {
            None => (format!("{} of {}", by.path, by.place), t.good),
            Some(why) => (format!("{} of {}, but {why}", by.path, by.place), t.warn),
        },
    }
}

fn catalogue(ui: &mut Ui, image: &Image) {
    section(ui, "Boot catalogue");
    match (&image.catalogue, &image.catalogue_trouble) {
        (Some(catalogue), _) => boot(ui, catalogue),
        (None, Some(why)) => drop(ui.label(why)),
        (None, None) => drop(ui.label("It has none: nothing boots from it.")),
    }
}

fn boot(ui: &mut Ui, catalogue: &Catalogue) {
    let file = catalogue.file.as_deref().unwrap_or("no file of the image");
    ui.label(theme::small(format!("{file}, at sector {}", catalogue.sector)).weak());
    egui::Grid::new("boot").num_columns(BOOT_COLUMNS.len()).spacing([space::L, space::XS]).striped(true).show(ui, |ui| {
        for title in BOOT_COLUMNS {
            ui.label(theme::small(title).weak().strong());
        }
        ui.end_row();
        for row in boot_rows(catalogue) {
            for cell in &row {
                ui.label(cell);
            }
            ui.end_row();
        }
    });
}

fn tools(ui: &mut Ui, page: &InsidePage, level: &Level, tree: &Tree, wishes: &mut Vec<InsideAction>) {
    ui.horizontal(|ui| {
        ui.label(icon::MAGNIFYING_GLASS);
        let mut text = page.filter.clone();
        let edit = ui.add(TextEdit::singleline(&mut text).hint_text("Filter: part of a path").desired_width(200.0));
        edit.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, "Filter the files"));
        if edit.changed() {
            wishes.push(InsideAction::Filter(text));
        }
        if let Within::Iso(image) = &level.look.inside {
            ui.label(theme::small("Names").weak());
            let shown = page.names.or(image.trees.first().map(|(n, _)| *n));
            for names in Names::ALL.into_iter().filter(|n| image.tree(*n).is_some()) {
                if choice_button(ui, shown == Some(names), names.title(), &format!("Names: {}", names.title())).clicked() {
                    wishes.push(InsideAction::Names(names));
                }
            }
        }
        ui.label(theme::small(format!("{} of {}", page.rows(tree).len(), tree.entries().len())).weak());
    });
}

const COLUMNS: [(&str, f32, f32); 4] = [("Name", 420.0, 160.0), ("Size", 90.0, 60.0), ("Mode", 96.0, 80.0), ("Owner", 0.0, 60.0)];

fn files(ui: &mut Ui, page: &InsidePage, tree: &Tree, wishes: &mut Vec<InsideAction>) {
    let rows = page.rows(tree);
    let filtered = !page.filter.trim().is_empty();
    table(ui, &format!("files {}", page.shown), &COLUMNS).body(|body| {
        body.rows(20.0, rows.len(), |mut row| {
            let (index, entry) = rows[row.index()];
            row.col(|ui| name(ui, page, index, entry, filtered, wishes));
            row.col(|ui| {
                let size = match entry.kind {
                    Kind::File => bytes(entry.size),
                    Kind::CharDevice(major, minor) | Kind::BlockDevice(major, minor) => format!("{major}, {minor}"),
                    _ => String::new(),
                };
                ui.label(size).on_hover_text(format!("{} bytes", entry.size));
            });
            row.col(|ui| drop(ui.label(RichText::new(entry.mode_text()).monospace())));
            row.col(|ui| drop(ui.label(entry.owner.map_or("—".into(), |(user, group)| format!("{user}:{group}")))));
        });
    });
}

fn name(ui: &mut Ui, page: &InsidePage, index: usize, entry: &Entry, filtered: bool, wishes: &mut Vec<InsideAction>) {
    if !filtered {
        ui.add_space(entry.depth() as f32 * 16.0);
    }
    let words = if filtered { entry.path.as_str() } else { entry.name() };
    match &entry.kind {
        Kind::Folder => {
            let folded = page.folded(&entry.path) && !filtered;
            let mark = if folded { icon::CARET_RIGHT } else { icon::CARET_DOWN };
            let button = ui.add(Button::new(format!("{mark} {words}")).frame(false));
            button.widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, !folded, format!("Folder {}", entry.path)));
            if button.clicked() {
                wishes.push(InsideAction::Fold(entry.path.clone()));
            }
        }
        Kind::File | Kind::Link(_) => {
            let opened = ui.add(egui::Link::new(words));
            opened.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, format!("Open {}", entry.path)));
            if opened.clicked() {
                wishes.push(InsideAction::Enter(index));
            }
            if let Kind::Link(to) = &entry.kind {
                cut(ui, RichText::new(format!("links to {to}")).weak()).on_hover_text(to);
            }
        }
        _ => drop(cut(ui, words)),
    }
}
