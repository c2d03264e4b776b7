//! `bootwright kbuild TREE image`: how vmlinux becomes bzImage.

use crate::cli::{End, human_size, print_json};
use bootwright_kbuild::Tree;
use bootwright_kbuild::anatomy::stage::Stage;
use bootwright_kbuild::anatomy::{Anatomy, Image};
use std::io::Write;

pub fn run(tree: &Tree, json: bool) -> anyhow::Result<End> {
    let anatomy = Anatomy::read(tree)?;
    if json {
        print_json(&anatomy)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    for stage in &anatomy.stages {
        print_stage(stage, &mut out)?;
    }
    if let Some(linked) = &anatomy.linked {
        writeln!(out, "Sections of {linked}")?;
        for s in &anatomy.sections {
            let what = s.usage.map_or("takes no memory", |u| u.title());
            let file = if s.in_file { "" } else { ", no bytes in the file" };
            writeln!(out, "  {:32} {:>10}  at {:#018x}  {what}{file}", s.name, s.size, s.address)?;
        }
        writeln!(out)?;
    }
    if let Some(image) = &anatomy.image {
        print_image(image, &mut out)?;
    }
    for absent in &anatomy.absent {
        writeln!(out, "Not there: {}: {}", absent.name, absent.why)?;
    }
    Ok(End::Done)
}

fn print_stage(stage: &Stage, out: &mut dyn Write) -> std::io::Result<()> {
    let when = stage.written.map_or("—".into(), moment);
    writeln!(out, "{}  [{}]  {} bytes, written {when}", stage.name, stage.step.title(), stage.size)?;
    writeln!(out, "    {}", stage.explain)?;
    for input in &stage.inputs {
        let gone = if input.missing > 0 { format!(", {} not there any more", input.missing) } else { String::new() };
        writeln!(out, "    from {}, {} bytes{gone}", input.name, input.bytes)?;
    }
    match (&stage.command, &stage.made_by) {
        (Some(command), _) => writeln!(out, "    $ {command}")?,
        (None, Some(by)) => writeln!(out, "    made by {by}")?,
        (None, None) => {}
    }
    if let Some(later) = &stage.older_than {
        writeln!(out, "    older than {later}: of an earlier build")?;
    }
    writeln!(out)
}

/// `22-Nov-2026 06:28:14`, in UTC.
fn moment(seconds: f64) -> String {
    let at = seconds.max(0.0) as u64;
    format!("{} {}", crate::comparison::day(at), crate::comparison::clock(at))
}

fn print_image(image: &Image, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}, {} bytes", image.name, image.size)?;
    for part in &image.parts {
        writeln!(out, "  {:>10}  {:>10} bytes  {}", part.offset, part.size, part.name)?;
    }
    writeln!(out, "\nHeader")?;
    for field in &image.fields {
        let since = field.since.map_or("always".into(), |(major, minor)| format!("{major}.{minor:02}"));
        let value = format!("{:#0width$x}", field.value, width = 2 + usize::from(field.size) * 2);
        let meaning = field.meaning.as_deref().unwrap_or(field.explain);
        writeln!(out, "  {:#06x}/{}  {since:6}  {:21}  {value:18}  {meaning}", field.offset, field.size, field.name)?;
    }
    if let Some((name, compared)) = &image.proper {
        writeln!(out, "\nBehind the real-mode code lies {name}: {}", compared.words())?;
    }
    if let Some(payload) = &image.payload {
        let packing = payload.packing.map_or("of an unknown format", |p| p.title());
        writeln!(out, "\nPacked kernel at byte {}: {} bytes, {packing}", payload.offset, payload.size)?;
        if let Some((name, compared)) = &payload.packed_file {
            writeln!(out, "  compared with {name}: {}", compared.words())?;
        }
        if let (Some(unpacked), Some(seconds)) = (payload.unpacked, payload.seconds) {
            writeln!(out, "  unpacks to {unpacked} bytes ({}) in {seconds:.2} s", human_size(unpacked))?;
        }
        if let Some(compared) = &payload.compared {
            writeln!(out, "  compared with {}: {}", payload.sources.join(" and "), compared.words())?;
        }
        if let Some(why) = &payload.trouble {
            writeln!(out, "  {why}")?;
        }
    }
    writeln!(out)
}
