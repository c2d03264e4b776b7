//! `bootwright export`: the component diagram as text for other programs, and the build as a script.

use super::args::{Common, Format};
use super::{End, work};
use bootwright_model::{Library, Place, Project};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

pub fn run(project: &Project, library: &Library, common: &Common, format: Format, output: Option<&Path>) -> anyhow::Result<End> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&json(project, library))? + "\n",
        Format::Dot => dot(project, library),
        Format::Mermaid => mermaid(project, library),
        Format::Script => bootwright_build::script(project, library, None, &work(common)?)?.to_string(),
        Format::Svg => crate::drawing::svg(project, library),
    };
    match output {
        Some(path) => std::fs::write(path, text).map_err(|e| anyhow::anyhow!("cannot write {}: {e}", path.display()))?,
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(End::Done)
}

/// Id, title, whether it is a part of the host.
fn boxes<'a>(project: &'a Project, library: &'a Library) -> impl Iterator<Item = (&'a str, &'a str, bool)> {
    project.layout.components.iter().filter_map(|c| {
        let r = library.recipe(&c.recipe)?;
        Some((c.id.as_str(), r.title.as_str(), r.place == Place::Host))
    })
}

/// From, to, the kind of the need.
fn wires<'a>(project: &'a Project, library: &'a Library) -> impl Iterator<Item = (&'a str, &'a str, &'static str)> {
    project.layout.wires.iter().filter_map(|w| {
        let recipe = library.recipe(&project.layout.component(&w.to.component)?.recipe)?;
        Some((w.from.component.as_str(), w.to.component.as_str(), recipe.need(&w.to.name)?.kind.title()))
    })
}

fn json(project: &Project, library: &Library) -> serde_json::Value {
    serde_json::json!({
        "name": project.layout.name,
        "title": project.layout.title,
        "target": project.layout.target,
        "components": boxes(project, library).map(|(id, title, host)| serde_json::json!({"id": id, "title": title, "host": host})).collect::<Vec<_>>(),
        "wires": project.layout.wires,
    })
}

/// The DOT language of Graphviz.
fn dot(project: &Project, library: &Library) -> String {
    let quote = |s: &str| format!("\"{}\"", s.replace('\\', "\\\\").replace('"', "\\\""));
    let mut out = format!("digraph {} {{\n  rankdir=LR;\n  node [shape=box];\n", quote(&project.layout.name));
    let _ = writeln!(out, "  subgraph cluster_host {{\n    label=\"host\"; style=dashed;");
    for (id, title, _) in boxes(project, library).filter(|b| b.2) {
        let _ = writeln!(out, "    {} [label={}, style=dashed];", quote(id), quote(title));
    }
    out += "  }\n";
    for (id, title, _) in boxes(project, library).filter(|b| !b.2) {
        let _ = writeln!(out, "  {} [label={}];", quote(id), quote(title));
    }
    for (from, to, kind) in wires(project, library) {
        let _ = writeln!(out, "  {} -> {} [label={}];", quote(from), quote(to), quote(kind));
    }
    out + "}\n"
}

fn mermaid(project: &Project, library: &Library) -> String {
    // Mermaid's ids may be words it knows (`end`), so each gets a prefix.
    let quote = |s: &str| s.replace('"', "#quot;");
    let mut out = String::from("flowchart LR\n  subgraph host\n");
    for (id, title, _) in boxes(project, library).filter(|b| b.2) {
        let _ = writeln!(out, "    c-{id}[/\"{}\"/]", quote(title));
    }
    out += "  end\n";
    for (id, title, _) in boxes(project, library).filter(|b| !b.2) {
        let _ = writeln!(out, "  c-{id}[\"{}\"]", quote(title));
    }
    for (from, to, kind) in wires(project, library) {
        let _ = writeln!(out, "  c-{from} -->|{kind}| c-{to}");
    }
    out
}
