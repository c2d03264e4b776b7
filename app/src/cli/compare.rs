//! `bootwright compare`: two layouts, need by need, what that meant, and what was measured of both.

use super::args::{Common, Compare};
use super::{End, open, print_json};
use crate::comparison::measured::{Group, Measured, Row, Value, measure};
use crate::comparison::picture::{self, Moment};
use crate::comparison::{Compared, named};
use bootwright_build::Work;
use bootwright_model::{Library, Port, Side};
use std::io::Write;
use std::sync::Arc;

/// Columns of a text that goes over several lines.
const WIDTH: usize = 100;

pub fn run(args: &Compare, library: &Library, common: &Common) -> anyhow::Result<End> {
    let [old, new] = [open(&args.old, library, &[], None)?, open(&args.new, library, &[], None)?];
    // Looking does not make a work folder.
    let root = common.work.clone().unwrap_or_else(Work::default_root);
    let work = if root.is_dir() { Some(Work::new(&root)?) } else { None };
    let measured = measure([&old, &new], library, work.as_ref());
    let mut compared = Compared::of(Arc::new(old), Arc::new(new), library);
    compared.measured = Some(measured);
    if let Some(path) = &args.output {
        let moment = args.at.map_or(Moment::Pair, |t| Moment::At(t / 100.0));
        picture::write(&compared, library, moment, path)?;
        eprintln!("the picture is in {}", path.display());
    }
    if args.json {
        print_json(&compared)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    differences(&compared, &mut out)?;
    if let Some(measured) = &compared.measured {
        values(&compared, measured, &mut out)?;
    }
    Ok(End::Done)
}

fn differences(compared: &Compared, out: &mut dyn Write) -> std::io::Result<()> {
    let c = &compared.comparison;
    if compared.is_empty() {
        return writeln!(out, "{} and {} are wired and configured alike", c.old, c.new);
    }
    let name = |p: &Option<Port>| p.as_ref().map_or("(nothing)".to_owned(), ToString::to_string);
    let list = |ids: &[bootwright_model::ComponentId]| ids.iter().map(|i| i.as_str()).collect::<Vec<_>>().join(", ");
    writeln!(out, "{} to {}", c.old, c.new)?;
    for (word, ids) in [("came in", &c.added), ("went away", &c.removed)] {
        if !ids.is_empty() {
            writeln!(out, "  {word}: {}", list(ids))?;
        }
    }
    for (word, moves, from_nothing) in [
        ("needs with another provider", &c.moved, true),
        ("needs of what came in", &c.wires_added, false),
        ("needs of what went away", &c.wires_removed, true),
    ] {
        if moves.is_empty() {
            continue;
        }
        writeln!(out, "  {word}:")?;
        let need_width = moves.iter().map(|m| m.need.to_string().len()).max().unwrap_or(0);
        let old_width = moves.iter().map(|m| name(&m.old).len()).max().unwrap_or(0);
        for m in moves {
            let old = if from_nothing { format!("{:old_width$}  became  ", name(&m.old)) } else { String::new() };
            writeln!(out, "    {:need_width$}  {old}{}   ({})", m.need.to_string(), name(&m.new), m.kind)?;
            wrapped(&m.meaning, 8, out)?;
        }
    }
    for o in &c.options {
        let text = |v: &Option<String>| v.clone().unwrap_or_else(|| "(default)".into());
        writeln!(out, "  option {}.{}: {} became {}", o.component, o.option, text(&o.old), text(&o.new))?;
    }
    for l in &compared.configuration {
        writeln!(out, "  configuration of {}", l.words())?;
    }
    Ok(())
}

fn values(compared: &Compared, measured: &Measured, out: &mut dyn Write) -> std::io::Result<()> {
    let text = |v: Option<&Value>| v.map_or("—".to_owned(), |v| v.text.clone());
    let names = Side::BOTH.map(|s| named(compared.project(s)));
    let what = measured.rows.iter().map(|r| r.what.chars().count()).max().unwrap_or(0);
    for group in Group::ALL {
        let rows: Vec<&Row> = measured.rows.iter().filter(|r| r.group == group).collect();
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "{:what$}    {:>14}  {:>14}", group.title(), names[0], names[1])?;
        for r in rows {
            writeln!(out, "  {:what$}  {:>14}  {:>14}", r.what, text(r.old.as_ref()), text(r.new.as_ref()))?;
        }
    }
    for (side, standpoint) in Side::BOTH.iter().zip(&measured.sides) {
        for todo in &standpoint.todo {
            wrapped(&format!("{}: {todo}", compared.project(*side).name()), 2, out)?;
        }
    }
    Ok(())
}

/// A text in lines of at most `WIDTH` columns.
fn wrapped(text: &str, indent: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{:indent$}{line}", "")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.is_empty() { Ok(()) } else { writeln!(out, "{:indent$}{line}", "") }
}
