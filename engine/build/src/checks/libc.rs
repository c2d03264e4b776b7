//! The C library inside the result: name service, and what was linked from where.

use super::headers::{built, input};
use super::{Look, Verdict};
use crate::graph::Input;
use crate::release_line;
use bootwright_model::{Kind, Place};
use std::path::Path;

/// Flavour, version and place of the C library wired to the component.
fn library(look: &Look) -> Option<(String, Option<String>, Place)> {
    let port = look.project.layout.provider(look.component, "libc")?;
    let recipe = look.library.recipe(&look.project.layout.component(&port.component)?.recipe)?;
    let output = recipe.output(&port.name)?;
    let path = match recipe.place {
        Place::Host => crate::host::locate_part(output.parts.first()?),
        Place::Built => built(look, &port.component, &output.id),
    };
    let fact = |id: &str| crate::facts::look(&output.facts.iter().find(|f| f.id == id)?.from, path.as_deref().unwrap_or(Path::new("")));
    Some((fact("flavour")?, path.as_ref().and_then(|_| fact("version")), recipe.place))
}

/// Since 2.34 glibc carries the name services files and dns inside libc; before, a static program loads them at run time,
/// from libraries that are not in the image.
pub fn name_service(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let Some((flavour, version, place)) = library(look) else {
        return (Verdict::Unknown, vec!["no C library is wired".into()], "Draw a wire to the need libc.");
    };
    let whose = if place == Place::Host { "of this host" } else { "built here" };
    let mut found = vec![format!("C library: {flavour} {}, {whose}", version.as_deref().unwrap_or("(version not known yet)"))];
    let program = built(look, look.component, "userland").map(|r| r.join("bin/busybox"));
    let elf = program.as_ref().and_then(|p| bootwright_image::elf::inspect(p).ok());
    let is_static = elf.as_ref().map(|e| e.is_static());
    found.push(match (&program, is_static) {
        (Some(p), Some(s)) => format!("{} is linked {}", p.display(), if s { "statically" } else { "dynamically" }),
        _ => format!("BusyBox: {}", look.absent(look.component)),
    });
    let warned = built(look, look.component, "link-log").and_then(|p| std::fs::read_to_string(p).ok()).map(|t| warned_functions(&t));
    if let Some(functions) = warned.as_ref().filter(|f| !f.is_empty()) {
        found.push(format!("the linker warned that these need shared libraries at run time: {}", functions.join(", ")));
    }
    if flavour != "glibc" {
        return (Verdict::Fine, found, "This C library looks names up by itself.");
    }
    match (is_static, version.as_deref().and_then(release_line)) {
        (Some(true), Some(v)) if v >= (2, 34) => (
            Verdict::Fine,
            found,
            "Since 2.34 the services files and dns are inside libc, so a static program resolves names too. The linker's warnings are the same as before.",
        ),
        (Some(true), Some(_)) => (
            Verdict::Fault,
            found,
            "Before 2.34 a static program loads libnss_files and libnss_dns at run time, which are not in the image: host names will not resolve.",
        ),
        (Some(false), Some(_)) => (Verdict::Fine, found, "The loader finds the C library in the image, with what name resolution needs."),
        _ => (Verdict::Unknown, found, "Build the project, then this can be told."),
    }
}

/// "Using 'getaddrinfo' in statically linked applications requires at runtime the shared libraries …".
fn warned_functions(log: &str) -> Vec<String> {
    let part = |l: &str| Some(l.split_once("Using '")?.1.split_once("' in statically linked")?.0.to_owned());
    let mut names: Vec<String> = log.lines().filter_map(part).collect();
    names.sort();
    names.dedup();
    names
}

/// Reads the linker's map: which files were loaded, and do they belong to this layout.
pub fn host_files(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let Some(map) = built(look, look.component, "link-map").and_then(|p| std::fs::read_to_string(p).ok()) else {
        return (Verdict::Unknown, vec![format!("BusyBox: {}", look.absent(look.component))], "Build the project, then this can be told.");
    };
    let own_root = look.work.root().display().to_string();
    let mut loaded: Vec<String> =
        map.lines().filter_map(|l| l.strip_prefix("LOAD ")).filter(|p| p.starts_with('/')).map(straight).collect();
    loaded.sort();
    loaded.dedup();
    // The compiler's own run-time library belongs to the toolchain, in every layout.
    let host: Vec<&String> = loaded.iter().filter(|p| !p.starts_with(&own_root) && !p.contains("/gcc/")).collect();
    let toolchain = loaded.iter().filter(|p| p.contains("/gcc/") && !p.starts_with(&own_root)).count();
    let mut found = vec![format!(
        "{} files from this layout, {} of the host's C library, {toolchain} of the compiler's own",
        loaded.len() - host.len() - toolchain,
        host.len()
    )];
    found.extend(host.iter().take(12).map(|p| format!("  {p}")));
    if matches!(input(look, "libc"), Some(Input::Host { .. })) || library(look).is_some_and(|l| l.2 == Place::Host) {
        return (Verdict::Risk, found, "The C library of this host is inside the program: another host gives another program.");
    }
    if host.is_empty() {
        (Verdict::Fine, found, "Nothing of the host's C library is in the program.")
    } else {
        (
            Verdict::Fault,
            found,
            "The diagram says the C library is built here, but the linker took files of the host: the compiler was not told to leave its own folders (-L and -B).",
        )
    }
}

/// A path without its `..`: gcc names the host's start files as `/usr/lib/gcc/x86_64-linux-gnu/12/../../../…`.
fn straight(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// What the programs in the root file system need, and whether it is there.
pub fn closure(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let root = look.planner.and_then(|p| p.found(Kind::RootFileSystem).next()).map(|(_, path)| path);
    let Some(root) = root else {
        return (
            Verdict::Unknown,
            vec![format!("root file system: {}", look.absent(look.component))],
            "Build the project, then this can be told.",
        );
    };
    let program = root.join("bin/busybox");
    let elf = match bootwright_image::elf::inspect(&program) {
        Ok(elf) => elf,
        Err(e) => return (Verdict::Fault, vec![e.to_string()], "The root file system has no BusyBox that can run."),
    };
    if elf.is_static() {
        return (
            Verdict::Fine,
            vec![format!("{} is static and needs none", program.display())],
            "One program, nothing to find at run time.",
        );
    }
    let mut found = vec![format!("bin/busybox needs {}", elf.needed.join(", "))];
    match bootwright_image::closure::closure(&[program], &[root.join("lib")]) {
        Ok(c) => {
            found.extend(c.libraries.iter().map(|l| format!("  {} is there", l.name)));
            (Verdict::Fine, found, "Every one is in /lib of the root file system.")
        }
        Err(e) => {
            found.push(e.to_string());
            (Verdict::Fault, found, "BusyBox will not start.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_file_of_the_host_is_not_taken_for_the_compilers() {
        assert_eq!(straight("/usr/lib/gcc/x86_64-linux-gnu/12/../../../x86_64-linux-gnu/crt1.o"), "/usr/lib/x86_64-linux-gnu/crt1.o");
        assert_eq!(straight("/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a"), "/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a");
    }

    #[test]
    fn the_linkers_warnings_are_read() {
        let log = "x.c: warning: Using 'getaddrinfo' in statically linked applications requires at runtime\nUsing 'getaddrinfo' in statically linked x\n";
        assert_eq!(warned_functions(log), ["getaddrinfo"]);
    }
}
