//! `bootwright compare`: two layouts, need by need.

use super::{End, print_json};
use bootwright_model::{Library, Port, Project, compare};
use std::io::Write;

pub fn run(old: &Project, new: &Project, library: &Library, json: bool) -> anyhow::Result<End> {
    let c = compare(&old.layout, &new.layout, library);
    if json {
        print_json(&c)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    if c.is_empty() {
        writeln!(out, "{} and {} are wired alike", c.old, c.new)?;
        return Ok(End::Done);
    }
    let name = |p: &Option<Port>| p.as_ref().map_or("(nothing)".to_owned(), ToString::to_string);
    let list = |ids: &[bootwright_model::ComponentId]| ids.iter().map(|i| i.as_str()).collect::<Vec<_>>().join(", ");
    writeln!(out, "{} to {}", c.old, c.new)?;
    for (word, ids) in [("came in", &c.added), ("went away", &c.removed)] {
        if !ids.is_empty() {
            writeln!(out, "  {word}: {}", list(ids))?;
        }
    }
    let need_width = c.moved.iter().chain(&c.wires_added).map(|m| m.need.to_string().len()).max().unwrap_or(0);
    let old_width = c.moved.iter().map(|m| name(&m.old).len()).max().unwrap_or(0);
    for (word, moves) in [("needs with another provider", &c.moved), ("needs of what came in", &c.wires_added)] {
        if !moves.is_empty() {
            writeln!(out, "  {word}:")?;
        }
        for m in moves {
            let old =
                if m.old.is_some() || word.contains("another") { format!("{:old_width$}  became  ", name(&m.old)) } else { String::new() };
            writeln!(out, "    {:need_width$}  {old}{}   ({})", m.need.to_string(), name(&m.new), m.kind)?;
        }
    }
    for o in &c.options {
        let text = |v: &Option<String>| v.clone().unwrap_or_else(|| "(default)".into());
        writeln!(out, "  option {}.{}: {} became {}", o.component, o.option, text(&o.old), text(&o.new))?;
    }
    Ok(End::Done)
}
