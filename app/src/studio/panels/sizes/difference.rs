//! What a build has more or less than an older one: sums, and a list by option, directory, object or symbol.

use crate::studio::state::sizes::Compared;
use crate::studio::theme::{self, Tokens, space};
use crate::studio::widgets::{cut, grouped, table};
use bootwright_kbuild::sizes::difference::{Change, Difference};
use bootwright_kbuild::sizes::view::By;
use egui::{CornerRadius, Label, Rect, RichText, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

const NUMBER: f32 = 96.0;

pub fn show(ui: &mut Ui, compared: &Compared, by: By) {
    let Some(found) = compared.list(by) else { return };
    let list = if by == By::Symbol { &found.symbols } else { &found.changes };
    summary(ui, found, by);
    for remark in &compared.remarks {
        ui.add(Label::new(theme::small(remark).weak()).wrap());
    }
    ui.add_space(space::S);
    if list.is_empty() {
        ui.label(RichText::new("Nothing differs: the two builds are of the same size, part by part.").weak());
        return;
    }
    let most = list.iter().map(|c| c.delta().unsigned_abs()).max().unwrap_or(1).max(1);
    let names = (ui.available_width() - 3.0 * NUMBER - 220.0).max(140.0);
    let columns =
        [(heading(by), names, 120.0), ("Before", NUMBER, 60.0), ("After", NUMBER, 60.0), ("Change", NUMBER, 60.0), ("", 0.0, 60.0)];
    table(ui, &format!("size difference {by:?}"), &columns).body(|body| {
        body.rows(20.0, list.len(), |mut row| {
            let Some(change) = list.get(row.index()) else { return };
            row.col(|ui| {
                let option = change.option.as_deref().filter(|o| *o != change.name);
                let name = cut(ui, if by == By::Option { RichText::new(&change.name).monospace() } else { RichText::new(&change.name) });
                name.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words(change)));
                if let Some(option) = option {
                    cut(ui, theme::small(format!("CONFIG_{option}")).weak());
                }
            });
            row.col(|ui| bytes(ui, change.before));
            row.col(|ui| bytes(ui, change.after));
            row.col(|ui| delta(ui, change));
            row.col(|ui| bar(ui, change, most));
        });
    });
}

fn heading(by: By) -> &'static str {
    match by {
        By::Option => "Option, with what it brings in",
        By::Directory => "Directory",
        By::Object => "Object",
        By::Symbol => "Symbol",
    }
}

/// `EXT4_FS: not there before, 412,000 bytes after`, for screen readers.
fn words(change: &Change) -> String {
    let bytes = |b: Option<u64>| b.map_or("not there".to_owned(), |b| format!("{} bytes", grouped(b)));
    format!("{}: {} before, {} after", change.name, bytes(change.before), bytes(change.after))
}

fn summary(ui: &mut Ui, found: &Difference, by: By) {
    let signed = |before: u64, after: u64| signed(i128::from(after) - i128::from(before));
    let sums = &found.sums;
    ui.horizontal_wrapped(|ui| {
        let words = format!("{} bytes", signed(found.before, found.after));
        ui.label(theme::strong(words));
        ui.label(format!("of memory: {} before, {} after.", grouped(found.before), grouped(found.after)));
        if by == By::Symbol {
            let words = format!(
                "Symbols: {} came, {} went, {} grew, {} shrank; up {}, down {} bytes.",
                grouped(sums.added),
                grouped(sums.removed),
                grouped(sums.grown),
                grouped(sums.shrunk),
                grouped(sums.up),
                grouped(sums.down)
            );
            ui.label(theme::small(words).weak());
        }
    });
    if by == By::Option {
        let words = "What an option costs: the objects that it brings in, and what these have more or less. \
            What it changes inside of other objects stands in their rows.";
        ui.add(Label::new(theme::small(words).weak()).wrap());
    }
}

/// `+1,234`, `-17`, `0`.
fn signed(n: i128) -> String {
    let size = u64::try_from(n.unsigned_abs()).unwrap_or(u64::MAX);
    let sign = match n {
        0 => "",
        n if n > 0 => "+",
        _ => "-",
    };
    format!("{sign}{}", grouped(size))
}

fn number(ui: &mut Ui, text: RichText) {
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| ui.label(text.monospace()));
}

fn bytes(ui: &mut Ui, bytes: Option<u64>) {
    // What is not there was not measured as nothing.
    number(ui, theme::small(bytes.map_or("—".to_owned(), grouped)));
}

fn delta(ui: &mut Ui, change: &Change) {
    let t = Tokens::of(ui.ctx());
    let colour = if change.delta() > 0 { t.warn } else { t.good };
    number(ui, theme::small(signed(change.delta().into())).color(colour));
}

/// From the middle: to the right what grew, to the left what shrank.
fn bar(ui: &mut Ui, change: &Change, most: u64) {
    let t = Tokens::of(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width().max(8.0), 12.0), Sense::hover());
    let half = rect.width() / 2.0;
    let length = (half * (change.delta().unsigned_abs() as f32 / most as f32)).max(1.0);
    let x = rect.center().x;
    let (from, to, colour) = if change.delta() > 0 { (x, x + length, t.warn) } else { (x - length, x, t.good) };
    ui.painter().rect_filled(Rect::from_min_max(pos2(from, rect.top()), pos2(to, rect.bottom())), CornerRadius::same(2), colour);
    ui.painter().vline(x, rect.y_range(), egui::Stroke::new(1.0, t.line));
}

#[cfg(test)]
mod tests {
    use super::signed;

    #[test]
    fn a_difference_has_its_sign() {
        assert_eq!([1234, -17, 0].map(signed), ["+1,234", "-17", "0"]);
    }
}
