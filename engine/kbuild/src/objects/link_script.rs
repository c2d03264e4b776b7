//! scripts/link-vmlinux.sh links vmlinux, and on the way makes a few objects that no makefile names: the tables of symbols,
//! and what it asks make for.

use super::command::{self, Call, MAKE};

/// Where it is in the source.
pub const PATH: &str = "scripts/link-vmlinux.sh";

/// What a run of it makes.
#[derive(Debug, Default)]
pub struct Found {
    pub calls: Vec<Call>,
    pub objects: Vec<String>,
}

/// Reads the script. The pass that it adds only where symbols moved once more is not counted.
pub fn read(script: &str, kallsyms: bool, btf: bool) -> Found {
    let mut found = Found::default();
    let mut extra = false;
    for line in script.lines().map(str::trim).filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if line.starts_with("${MAKE}") {
            let line = line.replace("${MAKE}", MAKE).replace("${srctree}", ".");
            found.calls.extend(command::calls(&line).into_iter().filter(|c| !c.goals.iter().any(|g| g.contains('$'))));
        }
        extra |= line.contains("KALLSYMS_EXTRA_PASS");
        if kallsyms && !extra {
            match words.as_slice() {
                ["kallsyms", _, name] if !name.contains('$') => found.objects.push(format!("{name}.o")),
                ["sysmap_and_kallsyms", name] if !name.contains('$') => found.objects.push(format!("{name}.kallsyms.o")),
                // up to 6.10 or so
                ["kallsyms_step", number] => found.objects.push(format!(".tmp_vmlinux.kallsyms{number}.o")),
                _ => {}
            }
        }
        // The end of the script's conditional around the last pass.
        extra &= line != "fi";
        if btf {
            match words.as_slice() {
                ["if", "!", "gen_btf", name, ..] => found.objects.push(format!("{}.btf.o", name.trim_end_matches(';'))),
                _ if line.starts_with("btf_vmlinux_bin_o=.btf.vmlinux.bin.o") => found.objects.push(".btf.vmlinux.bin.o".to_owned()),
                _ => {}
            }
        }
    }
    found.objects.retain(|o| o.starts_with('.'));
    found
}
