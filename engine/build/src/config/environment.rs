//! What a tree's makefiles put into the environment of its configuration program, and the Kconfig files that they generate.

use super::{ConfigError, Site};
use crate::error::At;
use crate::{BuildError, host, process};
use bootwright_kconfig::{Dialect, System};
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

/// Programs as the kernel's makefile exports them where nobody says otherwise.
const PROGRAMS: [(&str, &str); 13] = [
    ("CC", "gcc"),
    ("CPP", "gcc -E"),
    ("LD", "ld"),
    ("AR", "ar"),
    ("NM", "nm"),
    ("OBJCOPY", "objcopy"),
    ("OBJDUMP", "objdump"),
    ("STRIP", "strip"),
    ("READELF", "readelf"),
    ("RUSTC", "rustc"),
    ("BINDGEN", "bindgen"),
    ("PAHOLE", "pahole"),
    ("PYTHON3", "python3"),
];

/// The folder below arch/ of an architecture's name.
pub fn source_arch(arch: &str) -> &str {
    match arch {
        "x86_64" | "i386" => "x86",
        "sparc32" | "sparc64" => "sparc",
        "parisc64" => "parisc",
        other => other,
    }
}

/// `assigned` are the variables of make's own command line.
pub fn environment(site: &Site, assigned: &BTreeMap<String, String>, dialect: &Dialect) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = process::base_environment().map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    env.extend(site.env.clone());
    let mut set = |name: &str, value: &str| env.insert(name.to_owned(), value.to_owned());
    set("HOME", &site.scratch.display().to_string());
    set("srctree", &site.source.display().to_string());
    set("objtree", ".");
    set("KERNELVERSION", site.version.as_deref().unwrap_or_default());
    if !dialect.busybox {
        for (name, program) in PROGRAMS {
            set(name, assigned.get(name).map_or(program, String::as_str));
        }
        set("HOSTCC", "gcc");
        set("HOSTCXX", "g++");
        set("CONFIG_SHELL", "/bin/sh");
        set("CLANG_FLAGS", "");
        let machine = std::env::consts::ARCH;
        let arch = assigned.get("ARCH").map_or(machine, String::as_str);
        set("ARCH", arch);
        set("SRCARCH", source_arch(arch));
        set("SUBARCH", source_arch(machine));
        set("CC_VERSION_TEXT", &first_line(assigned.get("CC").map_or("gcc", String::as_str)).replace('#', ""));
        set("RUSTC_VERSION_TEXT", &first_line("rustc"));
    }
    for (name, value) in assigned.iter().filter(|(name, _)| *name != "O") {
        env.insert(name.clone(), value.clone());
    }
    env
}

/// What `PROGRAM --version` says first; empty where there is no such program.
fn first_line(program: &str) -> String {
    let Some(path) = host::program(program) else { return String::new() };
    let output = Command::new(path).arg("--version").env_clear().env("LC_ALL", "C").env("PATH", host::PATH).stdin(Stdio::null()).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim_end().to_owned()
}

/// Makes the scratch folder, with what the makefiles generate before they configure.
pub fn prepare(site: &Site) -> Result<(), ConfigError> {
    let made = site.scratch.join(".prepared");
    if made.exists() {
        return Ok(());
    }
    fs::create_dir_all(&site.scratch).at("make the folder", &site.scratch)?;
    // BusyBox takes its questions from comments in its C files.
    let script = site.source.join("scripts/gen_build_files.sh");
    if script.exists() {
        let mut command = Command::new("/bin/sh");
        command.arg(&script).arg(&site.source).arg(&site.scratch).env_clear().env("PATH", host::PATH).stdin(Stdio::null());
        let failed = |how: String| BuildError::Command { command: format!("sh {}", script.display()), ended: how };
        let output = command.output().map_err(|e| failed(format!("could not be started: {e}")))?;
        if !output.status.success() {
            return Err(failed(format!("ended with {}\n{}", output.status, String::from_utf8_lossy(&output.stderr))).into());
        }
    }
    fs::write(&made, "").at("write", &made)?;
    Ok(())
}

pub fn system(site: &Site, assigned: &BTreeMap<String, String>, dialect: &Dialect) -> System {
    System { environment: environment(site, assigned, dialect), folder: site.scratch.clone() }
}
