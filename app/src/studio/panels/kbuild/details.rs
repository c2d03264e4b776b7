//! Beside the tree: one object with the lines that bring it in and the three kinds of dependency, or one folder.

use crate::kbuild::{Details, FolderSeen, Seen};
use crate::studio::state::kbuild::{Chosen, Grove, KbuildAction};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{copy_button, grouped, link, section};
use bootwright_kbuild::objects::{Line, Step};
use egui::{CollapsingHeader, Label, RichText, ScrollArea, Ui};

pub fn show(ui: &mut Ui, grove: &Grove, seen: &Seen, said: &mut Vec<KbuildAction>) {
    ScrollArea::vertical().id_salt("kbuild details").auto_shrink(false).show(ui, |ui| {
        // Rows of text, not of buttons.
        ui.spacing_mut().interact_size.y = 16.0;
        match &grove.chosen {
            None => drop(ui.label(RichText::new("Choose an object to see which makefile lines bring it in, and what it hangs on.").weak())),
            Some(Chosen::Folder(folder)) => {
                if let Some(f) = seen.folders.get(*folder) {
                    about_folder(ui, f, said);
                }
            }
            Some(Chosen::Object(path)) => object(ui, grove, seen, path, said),
        }
    });
}

fn object(ui: &mut Ui, grove: &Grove, seen: &Seen, path: &str, said: &mut Vec<KbuildAction>) {
    let t = Tokens::of(ui.ctx());
    ui.add(Label::new(theme::strong(path)).wrap());
    let Some(d) = &grove.details else {
        ui.spinner();
        return;
    };
    if let Some(source) = &d.source {
        ui.label(theme::small(format!("from {source}")).weak());
    }
    if let Some(made) = &d.made {
        ui.add(Label::new(theme::small(format!("It was {}", made.words())).weak()).wrap());
    }
    for (icon, colour, whys) in [(icon::ARROW_CLOCKWISE, t.warn, seen.stale.get(path)), (icon::INFO, t.muted, seen.unknown.get(path))] {
        for why in whys.into_iter().flatten() {
            ui.add(Label::new(theme::small(format!("{icon} {why}")).color(colour)).wrap());
        }
    }
    if let Some(trouble) = d.trouble {
        ui.add(Label::new(theme::small(format!("{} its .cmd file {trouble}", icon::WARNING)).color(t.warn)).wrap());
    }
    section(ui, "What brings it in");
    steps(ui, &d.why, said);
    if !d.into.is_empty() {
        ui.label(theme::small(format!("It goes into {}", d.into.join(", "))).weak());
    }
    kinds(ui, d, said);
}

/// The three kinds of dependency that Kbuild tracks: files, options, the command.
fn kinds(ui: &mut Ui, d: &Details, said: &mut Vec<KbuildAction>) {
    let Some(command) = &d.command else {
        section(ui, "Not built");
        ui.label(theme::small("What it hangs on is known once it was compiled.").weak());
        return;
    };
    let note = |ui: &mut Ui, words: &str| drop(ui.add(Label::new(theme::small(words).weak()).wrap()));
    section(ui, "Options it hangs on");
    note(ui, "Where one of them gets another value, it is compiled again: its source or a header names them, if only in a comment.");
    if d.options.is_empty() {
        ui.label(theme::small("None: neither its source nor a header of it names one.").weak());
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        for option in &d.options {
            if link(ui, option).on_hover_text("Show the objects that this option brings in").clicked() {
                said.push(KbuildAction::OfOption(option.clone()));
            }
        }
    });
    section(ui, "Files it was made from");
    note(ui, "Where one of them is newer than it, it is compiled again.");
    let title = theme::small(format!("{} files", grouped(d.files.len() as u64)));
    CollapsingHeader::new(title).id_salt("files of the object").show(ui, |ui| {
        for file in &d.files {
            ui.add(Label::new(theme::small(file).monospace()).truncate()).on_hover_text(file);
        }
    });
    section(ui, "Its command");
    note(ui, "Where a word of it changes, such as a flag of the compiler, it is compiled again.");
    copy_button(ui, "Copy the command", || command.clone());
    ui.add(Label::new(theme::small(command).monospace()).wrap());
}

fn steps(ui: &mut Ui, steps: &[Step], said: &mut Vec<KbuildAction>) {
    for step in steps {
        ui.add(Label::new(theme::small(&step.what).strong()).wrap());
        for line in &step.lines {
            one_line(ui, line, said);
        }
    }
}

fn one_line(ui: &mut Ui, line: &Line, said: &mut Vec<KbuildAction>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let variable = if line.variable.is_empty() { String::new() } else { format!(", in {}", line.variable) };
        ui.label(theme::small(format!("{}:{}{variable}", line.file, line.line)).weak());
        let around = line.conditions.iter().flat_map(|c| c.options.iter().map(move |o| (o, c.otherwise)));
        for (option, not) in line.options.iter().map(|o| (o, false)).chain(around) {
            let name = option.strip_prefix("CONFIG_").unwrap_or(option);
            let words = if not { format!("not {name}") } else { name.to_owned() };
            if link(ui, &words).on_hover_text("Show the objects that this option brings in").clicked() {
                said.push(KbuildAction::OfOption(name.to_owned()));
            }
        }
    });
}

fn about_folder(ui: &mut Ui, f: &FolderSeen, said: &mut Vec<KbuildAction>) {
    ui.add(Label::new(theme::strong(if f.path.is_empty() { "The top folder" } else { &f.path })).wrap());
    ui.label(
        theme::small(format!("{} objects of its own, {} with the folders below", grouped(f.objects.len() as u64), grouped(f.below as u64)))
            .weak(),
    );
    section(ui, "Makefiles");
    for file in &f.makefiles {
        ui.add(Label::new(theme::small(file).monospace()).truncate());
    }
    if !f.archives.is_empty() {
        section(ui, "What it collects");
        for (path, parts, built) in &f.archives {
            let built = built.map_or("not built".to_owned(), |n| format!("{} objects in it", grouped(n as u64)));
            ui.add(Label::new(theme::small(format!("{path}: {parts} parts by the makefiles, {built}"))).wrap());
        }
    }
    if !f.why.is_empty() {
        section(ui, "Why make goes there");
        steps(ui, &f.why, said);
    }
}
