//! Kernel headers: whose they are, and whether they fit.

use super::{Look, Verdict};
use crate::graph::{Input, WorkKind};
use crate::release_line;
use bootwright_model::{ComponentId, Kind, Place};
use std::path::PathBuf;

/// Version and place of the headers wired to the component.
fn headers(look: &Look) -> Option<(String, String, Place)> {
    let port = look.project.layout.provider(look.component, "headers")?;
    let recipe = look.library.recipe(&look.project.layout.component(&port.component)?.recipe)?;
    let output = recipe.output(&port.name)?;
    let source = &output.facts.iter().find(|f| f.id == "version")?.from;
    let path = match recipe.place {
        Place::Host => crate::host::locate_part(output.parts.first()?)?,
        Place::Built => built(look, &port.component, &output.id)?,
    };
    let version = crate::facts::look(source, &path)?;
    Some((version, path.display().to_string(), recipe.place))
}

pub(super) fn built(look: &Look, component: &ComponentId, output: &str) -> Option<PathBuf> {
    let planner = look.planner?;
    let has = |n: &crate::graph::Node| matches!(&n.work, WorkKind::Make(m) if m.outputs.iter().any(|o| o.id == output));
    let node = planner.graph.nodes.iter().position(|n| n.id.component == *component && has(n))?;
    planner.output_path(node, output)
}

/// The kernel's version: of the source tree it is (to be) built from.
fn kernel(look: &Look) -> Option<String> {
    let planner = look.planner?;
    planner.fact(Kind::Configuration, "release").or_else(|| {
        // Not compiled yet: the unpacked source says it too.
        let unpacked =
            planner.graph.nodes.iter().enumerate().find(|(_, n)| n.recipe == "kernel" && matches!(n.work, WorkKind::Unpack { .. }))?;
        crate::facts::look(&bootwright_model::FactSource::KernelMakefile("Makefile".into()), &planner.output_path(unpacked.0, "")?)
    })
}

pub fn match_kernel(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let (headers, kernel) = (headers(look), kernel(look));
    let mut found = Vec::new();
    match &headers {
        Some((version, path, place)) => {
            let whose = if *place == Place::Host { "of this host" } else { "built here" };
            found.push(format!("headers: {version}, {whose}, in {path}"));
        }
        None => found.push("headers: not there yet".into()),
    }
    found.push(kernel.as_ref().map_or("kernel: not there yet".into(), |k| format!("kernel: {k}")));
    let (Some((version, _, place)), Some(kernel)) = (headers, kernel) else {
        return (Verdict::Unknown, found, "Build the project, then this can be told.");
    };
    if release_line(&version) == release_line(&kernel) {
        if place == Place::Host {
            return (Verdict::Risk, found, "They match by chance: the next update of this host, or another host, brings other headers.");
        }
        return (Verdict::Fine, found, "The headers come from the kernel that is built.");
    }
    (
        Verdict::Risk,
        found,
        "BusyBox is compiled against headers of another kernel than the one it will run on. It mostly works, since the kernel keeps its interfaces; what the one has and the other has not is where it does not.",
    )
}

/// `TCA_CBQ_MAX` went from the kernel's headers with 6.8; BusyBox uses it in its applet tc up to 1.36.
pub fn old_busybox(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let mut found = Vec::new();
    let busybox = built(look, look.component, "userland").and_then(|root| version_of(&root.join("bin/busybox")));
    found.push(busybox.as_ref().map_or_else(|| format!("BusyBox: {}", look.absent(look.component)), |b| format!("BusyBox: {b}")));
    let headers = headers(look);
    found.push(headers.as_ref().map_or("headers: not there yet".into(), |(v, ..)| format!("headers: {v}")));
    let tc =
        built(look, look.component, "config").and_then(|p| std::fs::read_to_string(p).ok()).map(|t| t.lines().any(|l| l == "CONFIG_TC=y"));
    found.push(match tc {
        Some(true) => "CONFIG_TC=y".into(),
        Some(false) => "CONFIG_TC is off".into(),
        None => "configuration: not there yet".into(),
    });
    let (Some((headers, ..)), Some(tc)) = (headers, tc) else {
        return (Verdict::Unknown, found, "Build the project, then this can be told.");
    };
    let new_headers = release_line(&headers).is_some_and(|v| v >= (6, 8));
    let old_busybox = busybox.and_then(|b| release_line(&b)).is_some_and(|v| v < (1, 37));
    match (new_headers && old_busybox, tc) {
        (true, true) => (
            Verdict::Fault,
            found,
            "This BusyBox does not compile its applet tc against headers of Linux 6.8 or newer; set CONFIG_TC to n.",
        ),
        (true, false) => (Verdict::Fine, found, "The applet tc, which would not compile against these headers, is off."),
        (false, _) => (Verdict::Fine, found, "Neither is in the way of the other."),
    }
}

/// The banner inside the program: `BusyBox v1.35.0 (…)`.
fn version_of(program: &std::path::Path) -> Option<String> {
    let bytes = std::fs::read(program).ok()?;
    let at = bytes.windows(9).position(|w| w == b"BusyBox v")? + 9;
    let text: String = bytes[at..].iter().take(20).take_while(|b| b.is_ascii_digit() || **b == b'.').map(|b| *b as char).collect();
    Some(text).filter(|t| !t.is_empty())
}

/// The path of a host part wired to a need, or of the artifact.
pub(super) fn input<'a>(look: &'a Look, need: &str) -> Option<&'a Input> {
    let planner = look.planner?;
    planner.graph.nodes.iter().filter(|n| n.id.component == *look.component).find_map(|n| match &n.work {
        WorkKind::Make(m) => m.inputs.get(need),
        _ => None,
    })
}
