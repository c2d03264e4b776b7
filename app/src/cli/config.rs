//! `bootwright config`: what the page Configuration shows and does, on the terminal.

use super::args::{Common, Config, ConfigCommand};
use super::{End, open, print_json, trusted, work};
use anyhow::Context;
use bootwright_build::config::{Details, Editor, Effect, Import, Proposal, Site};
use bootwright_kconfig::fixes::Limits;
use bootwright_kconfig::{SymId, SymbolKind, Tristate};
use bootwright_model::{Edit, Library, Project};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Nobody waits for a frame here.
const FIX_TIME: Duration = Duration::from_secs(5);
const LONGEST_FILE: u64 = 16 << 20;

pub fn run(args: &Config, library: &Library, common: &Common) -> anyhow::Result<End> {
    let project = open(&args.project, library, &args.set, None)?;
    if !trusted(&project, args.trust)? {
        return Ok(End::Failed);
    }
    let work = work(common)?;
    let component = &args.component.0;
    let site = Site::find(&project, library, component, &work).map_err(|e| match e {
        bootwright_build::config::ConfigError::NotUnpacked { .. } => {
            anyhow::Error::new(e).context(format!("fetch it first: bootwright config {} {component} fetch", args.project))
        }
        e => e.into(),
    });
    if let ConfigCommand::Fetch = args.command {
        return fetch(&project, library, args, &work);
    }
    let mut editor = Editor::open(site?)?;
    for d in editor.diagnostics() {
        eprintln!("{}:{}: {}", d.file, d.line, d.message);
    }
    editor.follow(project.fragments.get(component).map_or("", String::as_str));
    for r in &editor.remarks {
        eprintln!("{component}, line {}: {}", r.line, r.what);
    }
    let mut out = std::io::stdout().lock();
    match &args.command {
        ConfigCommand::Fetch => {}
        ConfigCommand::Get { names } => get(&mut editor, names, args.json)?,
        ConfigCommand::Why { name } => {
            let s = find(&editor, name)?;
            let details = editor.details(s);
            if args.json {
                print_json(&details)?;
            } else {
                write_details(&details, &mut out)?;
            }
        }
        ConfigCommand::Search { words, most } => {
            let hits = editor.search(&words.join(" "), *most);
            let rows: Vec<Value> = hits.iter().map(|h| row(&mut editor, h.symbol)).collect();
            list(&rows, args.json)?;
        }
        ConfigCommand::Diff => {
            let difference = editor.difference();
            if args.json {
                print_json(&json!({"component": component, "lines": editor.lines().text(), "effects": difference}))?;
            } else {
                write!(out, "{}", editor.lines().text())?;
                write_effects(&difference, &mut out)?;
            }
        }
        ConfigCommand::Set { assignments, skip_refused, output } => {
            let before = editor.lines().text();
            let (mut effects, mut taken) = (Vec::new(), 0);
            for assignment in assignments {
                let (name, value) = assignment.split_once('=').with_context(|| format!("{assignment}: write NAME=VALUE"))?;
                let s = find(&editor, name)?;
                match editor.propose(&[(s, value.to_owned())]) {
                    Ok(proposal) => {
                        effects.extend(proposal.effects);
                        taken += 1;
                    }
                    Err(why) if *skip_refused => eprintln!("{why}"),
                    Err(why) => {
                        editor.follow(&before);
                        anyhow::bail!(why);
                    }
                }
            }
            let proposal = Proposal { lines: editor.lines().text(), effects };
            return keep(&project, library, &work, args, proposal, output.as_deref(), taken);
        }
        ConfigCommand::Unset { names, output } => {
            let mut last = None;
            for name in names {
                let s = find(&editor, name)?;
                last = Some(editor.propose_unset(s));
            }
            return match last {
                Some(last) => keep(&project, library, &work, args, last, output.as_deref(), names.len()),
                None => Ok(End::Usage),
            };
        }
        ConfigCommand::Fix { wish, apply, output } => {
            let (name, value) = wish.split_once('=').unwrap_or((wish, "y"));
            let s = find(&editor, name)?;
            let wanted = Tristate::of_letter(value).with_context(|| format!("{wish}: write NAME=y, NAME=m or NAME=n"))?;
            let found = editor.fixes(s, wanted, Limits { time: FIX_TIME, ..Limits::default() });
            if let Some(n) = apply {
                let fix = found.fixes.get(n.saturating_sub(1)).with_context(|| format!("there is no fix {n}; {}", found.words))?;
                let proposal = editor.propose_fix(fix).map_err(anyhow::Error::msg)?;
                return keep(&project, library, &work, args, proposal, output.as_deref(), 1);
            }
            if args.json {
                print_json(&found)?;
            } else {
                for (i, fix) in found.fixes.iter().enumerate() {
                    let changes: Vec<String> = fix.changes.iter().map(|c| format!("{}={} (now {})", c.name, c.to, c.from)).collect();
                    writeln!(out, "{}: {}; {} further options change", i + 1, changes.join(", "), fix.effects)?;
                }
                if !found.words.is_empty() {
                    writeln!(out, "{}", found.words)?;
                }
            }
            return Ok(if found.fixes.is_empty() { End::Failed } else { End::Done });
        }
        ConfigCommand::Save { file, force } => {
            let text = editor.dot_config();
            let there = std::fs::read(file).ok();
            if there.is_some_and(|t| t != text) && !force {
                anyhow::bail!("{} is there already and says something else; --force replaces it", file.display());
            }
            bootwright_model::write_whole(file, |f| f.write_all(&text)).with_context(|| format!("{}", file.display()))?;
            writeln!(out, "{}: {} lines", file.display(), text.iter().filter(|b| **b == b'\n').count())?;
        }
        ConfigCommand::Load { file, add, dry_run, output } => {
            let size = std::fs::metadata(file).with_context(|| format!("{}", file.display()))?.len();
            anyhow::ensure!(size <= LONGEST_FILE, "{} is too long for a configuration", file.display());
            let bytes = std::fs::read(file).with_context(|| format!("{}", file.display()))?;
            let import = if *add { editor.import_lines(&bytes) } else { editor.import_whole(&bytes) };
            tell_import(file, &import);
            let effects = editor.follow(&import.lines);
            let proposal = Proposal { lines: import.lines.clone(), effects };
            if *dry_run {
                return show(args, &proposal, None, 0);
            }
            let taken = import.taken;
            return keep(&project, library, &work, args, proposal, output.as_deref(), taken);
        }
    }
    Ok(End::Done)
}

fn find(editor: &Editor, name: &str) -> anyhow::Result<SymId> {
    editor.find(name).with_context(|| format!("no Kconfig file defines {name}; `search` finds options by a word"))
}

fn row(editor: &mut Editor, s: SymId) -> Value {
    let shown = editor.solver.shown(s);
    let tree = &editor.solver.tree;
    let (name, kind) = (tree.name(s).to_owned(), tree.symbol(s).kind);
    let prompt = editor.solver.prompts(s).first().map(|p| (*p).to_owned());
    let letters = [Tristate::No, Tristate::Mod, Tristate::Yes];
    let allowed: Vec<char> = match kind {
        SymbolKind::Bool | SymbolKind::Tristate => {
            letters.into_iter().filter(|t| shown.value.tri == *t || editor.solver.allows(s, *t)).map(Tristate::letter).collect()
        }
        _ => Vec::new(),
    };
    json!({
        "name": name,
        "type": kind.word(),
        "value": editor.value(s),
        "prompt": prompt,
        "asked": shown.visible != Tristate::No,
        "allowed": allowed,
        "changed": editor.is_changed(s),
        "line": editor.has_line(s),
    })
}

fn list(rows: &[Value], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(&rows);
    }
    let mut out = std::io::stdout().lock();
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    for r in rows {
        let mark = if r["changed"] == true { "*" } else { " " };
        writeln!(out, "{mark} {}={}  {}", text(&r["name"]), text(&r["value"]), text(&r["prompt"]))?;
    }
    Ok(())
}

fn get(editor: &mut Editor, names: &[String], as_json: bool) -> anyhow::Result<()> {
    let symbols: Vec<SymId> = match names {
        [] => editor.symbols().collect(),
        some => some.iter().map(|n| find(editor, n)).collect::<Result<_, _>>()?,
    };
    let rows: Vec<Value> = symbols.into_iter().map(|s| row(editor, s)).collect();
    list(&rows, as_json)
}

fn write_details(d: &Details, out: &mut impl Write) -> anyhow::Result<()> {
    let place = |p: &bootwright_build::config::PlaceName| format!("{}:{}", p.file, p.line);
    writeln!(out, "{} = {} ({})", d.name, d.value, d.kind)?;
    if let Some(prompt) = &d.prompt {
        writeln!(out, "  {}", [d.menus.as_slice(), std::slice::from_ref(prompt)].concat().join(" > "))?;
    }
    writeln!(out, "  why: {}", d.cause.words)?;
    if d.base != d.value {
        writeln!(out, "  without the project's lines: {}", d.base)?;
    }
    if let Some((low, high)) = &d.range {
        writeln!(out, "  range: {low} to {high}")?;
    }
    for p in &d.values {
        if p.blocked.is_empty() {
            writeln!(out, "  {}: possible", p.value)?;
        }
        for b in &p.blocked {
            let places: Vec<String> = b.places.iter().map(place).collect();
            writeln!(out, "  {}: {} {}", p.value, b.words, places.join(", "))?;
            for c in &b.clauses {
                writeln!(out, "      {} is {}", c.clause, c.now)?;
            }
        }
    }
    if !d.depends.is_empty() {
        writeln!(out, "  depends on: {}", d.depends)?;
    }
    for (word, list) in [("selected by", &d.selected_by), ("implied by", &d.implied_by), ("selects", &d.selects), ("implies", &d.implies)] {
        for r in list.iter().filter(|r| r.value != "n" || !word.ends_with("by")) {
            let at = r.place.as_ref().map(place).unwrap_or_default();
            writeln!(out, "  {word} {} [={}] at {at}", r.name, r.value)?;
        }
    }
    writeln!(out, "  defined at {}", d.defined.iter().map(place).collect::<Vec<_>>().join(", "))?;
    for line in d.help.lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

fn write_effects(effects: &[Effect], out: &mut impl Write) -> anyhow::Result<()> {
    for e in effects {
        writeln!(out, "  {}: {} became {}", e.name, e.old, e.new)?;
    }
    Ok(())
}

fn tell_import(file: &Path, import: &Import) {
    for r in &import.remarks {
        eprintln!("{}:{}: {}", file.display(), r.line, r.what);
    }
    for name in &import.missed {
        eprintln!("{}: {name} will have another value: nothing that can be answered gives it this one", file.display());
    }
}

/// Puts the lines into the project file, as one change.
fn keep(
    project: &Project,
    library: &Library,
    work: &bootwright_build::Work,
    args: &Config,
    proposal: Proposal,
    output: Option<&Path>,
    taken: usize,
) -> anyhow::Result<End> {
    let edit = Edit::Configure { component: args.component.0.clone(), lines: proposal.lines.clone() };
    let mut new = edit.apply(project, library)?;
    let path = output.or(project.path.as_deref());
    let path = path.with_context(|| format!("{} is a preset: say with --output FILE.ron where the project is to be", args.project))?;
    if output.is_some_and(|o| o.exists() && project.path.as_deref() != Some(o)) {
        anyhow::bail!("{} is there already", path.display());
    }
    new.path = Some(path.to_path_buf());
    new.save(path)?;
    if project.path != new.path {
        // The versions of its sources go with it, as when the window saves it under a name.
        bootwright_build::carry_lock(&new, library, project.path.as_deref(), work)?;
    }
    show(args, &proposal, Some(path), taken)
}

fn show(args: &Config, proposal: &Proposal, file: Option<&Path>, taken: usize) -> anyhow::Result<End> {
    if args.json {
        print_json(
            &json!({"component": args.component.0, "lines": proposal.lines, "effects": proposal.effects, "file": file, "taken": taken}),
        )?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    write_effects(&proposal.effects, &mut out)?;
    match file {
        Some(file) => writeln!(out, "{} has {} lines for {}", file.display(), proposal.lines.lines().count(), args.component.0)?,
        None => write!(out, "{}", proposal.lines)?,
    }
    Ok(End::Done)
}

fn fetch(project: &Project, library: &Library, args: &Config, work: &bootwright_build::Work) -> anyhow::Result<End> {
    let request = bootwright_build::Request { project, library, target: Some(&args.component.0), means: None, work };
    let cancel = std::sync::atomic::AtomicBool::new(false);
    bootwright_build::config::fetch_source(&request, &cancel, &|_, _| {}, &|words| eprintln!("{words}"))?;
    Ok(End::Done)
}
