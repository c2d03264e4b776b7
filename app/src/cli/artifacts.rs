//! `bootwright artifacts`: what the steps of a project left, and what is inside it.

use super::args::{Artifacts, Common, NamesArg};
use super::{End, human_size, human_time, open, print_json, work};
use crate::artifacts::{self, BOOT_COLUMNS, Listed, Need, Shelf};
use anyhow::Context;
use bootwright_build::store::Store;
use bootwright_build::{Request, plan};
use bootwright_image::iso::Names;
use bootwright_image::look::{Found, Inside, Look};
use bootwright_image::tree::{Entry, Kind};
use bootwright_model::Library;
use serde::Serialize;
use std::io::{Read, Write};
use std::path::PathBuf;

pub fn run(args: &Artifacts, library: &Library, common: &Common) -> anyhow::Result<End> {
    let project = open(&args.project, library, &args.set, None)?;
    let work = work(common)?;
    let planner = plan(&Request { project: &project, library, target: None, means: None, work: &work })?;
    let listed = artifacts::list(&project, &planner, &Store::open(&work)?)?;
    let Some(named) = &args.artifact else { return list(&listed, args.json) };
    let (name, path) = named.split_once('/').unwrap_or((named, ""));
    let known = || listed.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
    let artifact = listed.iter().find(|a| a.name == name).with_context(|| match listed.is_empty() {
        true => format!("{} has no artifacts yet; run `bootwright build {0}` first", args.project),
        false => format!("{} has no artifact {name}; there are {}", args.project, known()),
    })?;
    let root = Look::open(&artifact.path)?;
    // Who is beside a program: the archive or image it was found in.
    let (container, found) = split(root, path)?;
    if let Some(to) = &args.save {
        let source =
            found.look.source().filter(|_| found.folder.is_empty()).context("a folder cannot be saved as a file; name a file in it")?;
        let bytes = bootwright_image::source::save(source, to)?;
        eprintln!("{bytes} bytes are in {}", to.display());
        return Ok(End::Done);
    }
    if args.hex || args.text {
        return bytes(&found.look, args.hex);
    }
    let others: Vec<(String, PathBuf)> = listed.iter().map(|a| (a.name.clone(), a.path.clone())).collect();
    let shelf = container.as_ref().and_then(|(place, look)| Some(Shelf { place, look, tree: look.tree()? }));
    let needs = artifacts::needs_of(&found.look, shelf.as_ref(), &others);
    let names = args.names.map(|NamesArg(names)| names);
    if args.json {
        #[derive(Serialize)]
        struct Json<'a> {
            artifact: &'a Listed,
            inside: &'a str,
            #[serde(flatten)]
            found: &'a Found,
            needs: &'a [Need],
        }
        print_json(&Json { artifact, inside: path, found: &found, needs: &needs })?;
    } else {
        print(&found, &needs, names)?;
    }
    Ok(End::Done)
}

type Container = Option<(String, Look)>;

/// What a path leads to, and the archive, image or folder that it is in directly.
fn split(root: Look, path: &str) -> anyhow::Result<(Container, Found)> {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let whole = root.clone().descend(path)?;
    if whole.look.tree().is_some() {
        return Ok((None, whole));
    }
    // The longest beginning of the path that is a container itself, and no folder in one.
    for end in (0..parts.len()).rev() {
        let before = parts.get(..end).unwrap_or_default().join("/");
        let found = root.clone().descend(&before)?;
        if found.look.tree().is_some() && found.folder.is_empty() {
            let place = if before.is_empty() { "the same artifact".to_owned() } else { before };
            return Ok((Some((place, found.look)), whole));
        }
    }
    Ok((None, whole))
}

fn list(listed: &[Listed], json: bool) -> anyhow::Result<End> {
    if json {
        print_json(&listed)?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    let width = listed.iter().map(|a| a.name.len()).max().unwrap_or(0);
    for a in listed {
        let took = a.seconds.map_or("—".into(), human_time);
        let used = if a.used_by.is_empty() { "—".into() } else { a.used_by.join(", ") };
        let hash = a.hash.get(..12).unwrap_or(&a.hash);
        writeln!(
            out,
            "{:width$}  {:>10}  {:>6} files  {hash}  made by {} in {took}  used by {used}",
            a.name,
            human_size(a.size),
            a.files,
            a.made_by.step
        )?;
    }
    if listed.is_empty() {
        writeln!(out, "nothing is built yet")?;
    }
    Ok(End::Done)
}

/// Streams, so that size does not matter.
fn bytes(look: &Look, hex: bool) -> anyhow::Result<End> {
    let source = look.source().context("a folder has no bytes; name a file in it")?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    if !hex {
        std::io::copy(&mut source.reader(), &mut out)?;
        out.flush()?;
        return Ok(End::Done);
    }
    let mut reader = std::io::BufReader::new(source.reader());
    let mut offset = 0;
    loop {
        let mut row = Vec::with_capacity(16);
        if reader.by_ref().take(16).read_to_end(&mut row)? == 0 {
            break;
        }
        writeln!(out, "{}", artifacts::hex_row(offset, &row))?;
        offset += row.len() as u64;
    }
    out.flush()?;
    Ok(End::Done)
}

fn print(found: &Found, needs: &[Need], names: Option<Names>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for (name, value) in artifacts::facts(&found.look) {
        writeln!(out, "{name:18} {value}")?;
    }
    if let Some(trouble) = &found.look.trouble {
        writeln!(out, "{:18} {trouble}", "Trouble")?;
    }
    for (i, need) in needs.iter().enumerate() {
        let title = match &found.look.inside {
            Inside::Elf(elf) if i == 0 && elf.interpreter.is_some() => "Interpreter",
            _ => "NEEDED",
        };
        let by = match &need.by {
            None => "nobody has it".to_owned(),
            Some(by) => format!("{} of {}{}", by.path, by.place, by.unfit.as_ref().map(|why| format!(", but {why}")).unwrap_or_default()),
        };
        writeln!(out, "{title:18} {}: {by}", need.name)?;
    }
    let mut tree = found.look.tree();
    if let Inside::Iso(image) = &found.look.inside {
        if let Some(names) = names {
            tree = Some(image.tree(names).with_context(|| format!("the image has no {} names", names.title()))?);
        }
        if let Some(why) = &image.catalogue_trouble {
            writeln!(out, "{:18} {why}", "Boot catalogue")?;
        }
        if let Some(catalogue) = &image.catalogue {
            writeln!(out, "Boot catalogue     {}, at sector {}", catalogue.file.as_deref().unwrap_or("no file"), catalogue.sector)?;
            let rows = artifacts::boot_rows(catalogue);
            let all = || std::iter::once(BOOT_COLUMNS.map(str::to_owned)).chain(rows.iter().cloned());
            let widths: Vec<usize> = (0..BOOT_COLUMNS.len()).map(|i| all().map(|r| r[i].chars().count()).max().unwrap_or(0)).collect();
            for row in all() {
                let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
                writeln!(out, "  {}", cells.join("  ").trim_end())?;
            }
        }
    }
    for entry in tree.map(|tree| tree.below(&found.folder)).unwrap_or_default() {
        writeln!(out, "{}", row(entry))?;
    }
    Ok(())
}

fn row(e: &Entry) -> String {
    let owner = e.owner.map_or("?".into(), |(user, group)| format!("{user}:{group}"));
    let size = match e.kind {
        Kind::CharDevice(major, minor) | Kind::BlockDevice(major, minor) => format!("{major}, {minor}"),
        _ => e.size.to_string(),
    };
    let to = if let Kind::Link(to) = &e.kind { format!(" -> {to}") } else { String::new() };
    format!("{}  {owner:>9}  {size:>10}  {}{to}", e.mode_text(), e.path)
}

impl std::str::FromStr for NamesArg {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "rockridge" => Ok(Self(Names::RockRidge)),
            "joliet" => Ok(Self(Names::Joliet)),
            "plain" => Ok(Self(Names::Plain)),
            _ => Err("write rockridge, joliet or plain".into()),
        }
    }
}
