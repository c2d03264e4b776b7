//! How far options and headers reach: what one of them costs when it changes, and which objects hang on an option for
//! nothing.

use crate::studio::action::Action;
use crate::studio::state::State;
use crate::studio::state::component::duration;
use crate::studio::state::config::ConfigAction;
use crate::studio::state::kbuild::{Grove, View};
use crate::studio::theme::{self, Tokens, icon, space};
use crate::studio::widgets::{cut, grouped, link, table};
use bootwright_kbuild::reach::{FileReach, OptionReach, Reach};
use bootwright_model::ComponentId;
use egui::{Label, RichText, Ui, WidgetInfo, WidgetType};

const NUMBER: f32 = 92.0;

pub fn show(ui: &mut Ui, state: &State, component: &ComponentId, grove: &Grove, actions: &mut Vec<Action>) {
    let found = match &grove.reach {
        Some(Ok(found)) => found,
        Some(Err(why)) => {
            let t = Tokens::of(ui.ctx());
            ui.add(Label::new(RichText::new(format!("{} {why}", icon::WARNING)).color(t.warn)).wrap());
            return;
        }
        None => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("What the files of the tree say of options is being read.");
            });
            return;
        }
    };
    if found.of == 0 {
        ui.label("Nothing was compiled in this tree yet: what objects hang on is known once they are built.");
        return;
    }
    match state.kbuild.view {
        View::Files => files(ui, found),
        _ => options(ui, state, component, found, actions),
    }
}

fn intro(ui: &mut Ui, words: &str) {
    ui.add(Label::new(theme::small(words).weak()).wrap());
    ui.add_space(space::S);
}

fn options(ui: &mut Ui, state: &State, component: &ComponentId, found: &Reach, actions: &mut Vec<Action>) {
    let idle = found.options.iter().filter(|o| o.in_comments > 0).count();
    intro(
        ui,
        &format!(
            "Kbuild takes every option that a file names for a dependency, also where it stands in a comment or in code that nobody uses. \
             {} of {} options reach objects for nothing: flipping one compiles these objects, and they come out as they were.",
            grouped(idle as u64),
            grouped(found.options.len() as u64)
        ),
    );
    let names = (ui.available_width() * 0.34).max(140.0);
    let columns = [
        ("Option", names, 120.0),
        ("Objects", NUMBER, 60.0),
        ("For nothing", NUMBER, 70.0),
        ("They took", NUMBER, 60.0),
        ("Named in a comment of", 0.0, 100.0),
    ];
    let open = state.config_page.sheets.contains_key(component);
    table(ui, "kbuild options reach", &columns).body(|body| {
        body.rows(20.0, found.options.len(), |mut row| {
            let Some(o) = found.options.get(row.index()) else { return };
            row.col(|ui| {
                if open && o.asked {
                    let shown = link(ui, &o.name).on_hover_text("Show this option on the page Configuration");
                    shown.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, words(o, found.of)));
                    if shown.clicked() {
                        actions.push(Action::Config(ConfigAction::Show(component.clone())));
                        actions.push(Action::Config(ConfigAction::Go(o.name.clone())));
                    }
                } else {
                    let name = cut(ui, &o.name);
                    name.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words(o, found.of)));
                }
                if !o.asked {
                    cut(ui, theme::small("not in .config").weak()).on_hover_text("It never changes here, or cannot be asked for");
                }
            });
            row.col(|ui| number(ui, o.targets));
            row.col(|ui| idle_of(ui, o));
            row.col(|ui| took(ui, if o.in_comments > 0 { o.seconds_in_comments } else { o.seconds }));
            row.col(|ui| drop(cut(ui, theme::small(o.comment_in.as_deref().unwrap_or_default()).weak())));
        });
    });
}

/// `FOO: reaches 500 of 524 objects, 500 for nothing`, for screen readers.
fn words(o: &OptionReach, of: usize) -> String {
    format!(
        "{}: reaches {} of {} objects, {} for nothing",
        o.name,
        grouped(o.targets as u64),
        grouped(of as u64),
        grouped(o.in_comments as u64)
    )
}

fn files(ui: &mut Ui, found: &Reach) {
    intro(
        ui,
        &format!(
            "Touching one of these files compiles again what includes it: so many of the {} objects with a list of what they were made from.",
            grouped(found.of as u64)
        ),
    );
    let names = (ui.available_width() - 3.0 * NUMBER - 40.0).max(160.0);
    let columns = [("File", names, 140.0), ("Objects", NUMBER, 60.0), ("They took", NUMBER, 60.0), ("Options in it", 0.0, 70.0)];
    table(ui, "kbuild files reach", &columns).body(|body| {
        body.rows(20.0, found.files.len(), |mut row| {
            let Some(f) = found.files.get(row.index()) else { return };
            row.col(|ui| {
                let name = cut(ui, &f.file);
                name.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, said(f, found.of)));
            });
            row.col(|ui| number(ui, f.targets));
            row.col(|ui| took(ui, f.seconds));
            row.col(|ui| number(ui, f.options));
        });
    });
}

fn said(f: &FileReach, of: usize) -> String {
    format!("{}: reaches {} of {} objects", f.file, grouped(f.targets as u64), grouped(of as u64))
}

fn number(ui: &mut Ui, n: usize) {
    ui.label(theme::small(grouped(n as u64)).monospace());
}

fn idle_of(ui: &mut Ui, o: &OptionReach) {
    let t = Tokens::of(ui.ctx());
    match o.in_comments {
        0 => ui.label(theme::small("0").monospace().weak()),
        n => ui.label(theme::small(grouped(n as u64)).monospace().color(t.warn)),
    };
}

/// Of one job, in the last build; a sum is known only where each of them was measured.
fn took(ui: &mut Ui, seconds: Option<f64>) {
    let label = ui.label(theme::small(seconds.map_or("—".to_owned(), duration)));
    label.on_hover_text(match seconds {
        Some(_) => "What compiling them took in earlier builds, one after the other",
        None => "Not every one of them was measured in an earlier build",
    });
}
