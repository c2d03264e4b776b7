//! What a project's steps left, and what is inside it: shared by the command line and the window.

use bootwright_build::store::Store;
use bootwright_build::{Planner, StepId};
use bootwright_image::elf::{Elf, Target, inspect_source};
use bootwright_image::look::{Inside, Look};
use bootwright_image::tree::Tree;
use bootwright_model::{ComponentId, Project};
use serde::Serialize;
use std::path::PathBuf;

/// An artifact of a project as it stands now.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// `component.output`, as wires name it.
    pub name: String,
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    pub files: u64,
    /// SHA-256; see `bootwright_build::store::Artifact`.
    pub hash: String,
    pub made_by: StepId,
    /// What the step took, and when it ended in seconds since 1970; where the store says so.
    pub seconds: Option<f64>,
    pub made: Option<u64>,
    /// The needs that wires lead it to.
    pub used_by: Vec<String>,
}

/// What the store has of the project.
pub fn list(project: &Project, planner: &Planner, store: &Store) -> anyhow::Result<Vec<Listed>> {
    let records = store.records()?;
    let mut all = Vec::new();
    for step in planner.steps() {
        for (output, stored) in &step.outputs {
            let fits = |r: &bootwright_build::store::Record| {
                r.component == step.id.component.as_str() && r.step == step.id.step && r.outputs.get(output) == Some(&stored.artifact)
            };
            // The same bytes may have been made more than once; the last time is what people ask for.
            let made = records.iter().filter(|(_, r)| fits(r)).max_by_key(|(key, _)| store.made(key));
            all.push(Listed {
                name: format!("{}.{output}", step.id.component),
                path: stored.path.clone(),
                size: stored.artifact.size,
                files: stored.artifact.files,
                hash: stored.artifact.hash.clone(),
                made_by: step.id.clone(),
                seconds: made.map(|(_, r)| r.seconds),
                made: made.and_then(|(key, _)| store.made(key)),
                used_by: users(project, &step.id.component, output),
            });
        }
    }
    Ok(all)
}

fn users(project: &Project, component: &ComponentId, output: &str) -> Vec<String> {
    let wires = project.layout.wires.iter().filter(|w| w.from.component == *component && w.from.name == output);
    wires.map(|w| w.to.to_string()).collect()
}

/// A library or an interpreter that a program names, and who has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Need {
    /// A soname, or an interpreter's path.
    pub name: String,
    pub by: Option<Provider>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provider {
    /// The archive, image or artifact that has it.
    pub place: String,
    /// The path in it.
    pub path: String,
    /// Why it cannot be loaded, though it has the name.
    pub unfit: Option<String>,
}

/// A place to look for libraries in.
pub struct Shelf<'a> {
    pub place: &'a str,
    pub look: &'a Look,
    pub tree: &'a Tree,
}

/// Who satisfies a program: first what is beside it in the same archive, image or folder, then the project's other artifacts.
/// Those are opened only as far as they are needed; what cannot be opened has nothing to offer.
pub fn needs(elf: &Elf, own: Option<&Shelf>, others: &[(String, PathBuf)]) -> Vec<Need> {
    let mut needs: Vec<Need> = elf.interpreter.iter().chain(&elf.needed).map(|n| Need { name: n.clone(), by: None }).collect();
    if let Some(own) = own {
        fill(&mut needs, own, elf.target);
    }
    for (place, path) in others {
        let open = |need: &Need| need.by.as_ref().is_none_or(|by| by.unfit.is_some());
        if !needs.iter().any(open) {
            break;
        }
        if path.is_dir()
            && let Ok(look) = Look::open(path)
            && let Some(tree) = look.tree()
        {
            fill(&mut needs, &Shelf { place, look: &look, tree }, elf.target);
        }
    }
    needs
}

fn fill(needs: &mut [Need], shelf: &Shelf, target: Target) {
    for need in needs.iter_mut().filter(|n| n.by.as_ref().is_none_or(|by| by.unfit.is_some())) {
        if let Some(found) = find(&need.name, shelf, target)
            && (need.by.is_none() || found.unfit.is_none())
        {
            need.by = Some(found);
        }
    }
}

/// The kernel takes an interpreter at its path; the loader finds a library by its name. Of several the one nearest the root.
fn find(name: &str, shelf: &Shelf, target: Target) -> Option<Provider> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let by_path = shelf.tree.resolve(name).filter(|_| name.contains('/'));
    let by_name = || {
        let same = shelf.tree.entries().iter().filter(|e| e.name() == last && !e.is_folder());
        same.min_by_key(|e| e.depth()).and_then(|e| shelf.tree.resolve(&e.path))
    };
    let index = by_path.or_else(by_name)?;
    let path = shelf.tree.entries().get(index)?.path.clone();
    let unfit = match shelf.look.entry(shelf.tree, index).and_then(|source| inspect_source(&source)) {
        Ok(elf) if elf.target == target => None,
        Ok(elf) => Some(format!("it is {}", elf.target)),
        Err(error) => Some(error.to_string()),
    };
    Some(Provider { place: shelf.place.to_owned(), path, unfit })
}

/// The needs of what was looked into, where it is a program.
pub fn needs_of(look: &Look, own: Option<&Shelf>, others: &[(String, PathBuf)]) -> Vec<Need> {
    match &look.inside {
        Inside::Elf(elf) => needs(elf, own, others),
        _ => Vec::new(),
    }
}

/// A row of a hex view: place, sixteen bytes, and what of them can be printed.
pub fn hex_row(offset: u64, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut row = format!("{offset:08x} ");
    for i in 0..16 {
        if i == 8 {
            row.push(' ');
        }
        // Writing to a String cannot fail.
        let _ = match bytes.get(i) {
            Some(byte) => write!(row, " {byte:02x}"),
            None => write!(row, "   "),
        };
    }
    row.push_str("  ");
    row.extend(bytes.iter().map(|b| if (0x20..0x7f).contains(b) { char::from(*b) } else { '.' }));
    row
}

/// Names and values that describe what was looked into, for people.
pub fn facts(look: &Look) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Kind", look.format.title().to_owned())];
    let size = |bytes: u64| format!("{} ({bytes} bytes)", crate::cli::human_size(bytes));
    facts.push(("Size", size(look.size)));
    if let Some((compression, bytes)) = look.unpacked {
        facts.push(("Compressed", format!("{}, unpacks to {}", format!("{compression:?}").to_lowercase(), size(bytes))));
    }
    match &look.inside {
        Inside::Elf(elf) => {
            facts.push(("Target", elf.target.to_string()));
            facts.push(("Type", elf.kind.title()));
            if elf.is_static() {
                facts.push(("Linkage", "static: it needs no loader and no library".into()));
            }
            let lists =
                [("Own name", elf.soname.iter().cloned().collect()), ("RPATH", elf.rpath.clone()), ("RUNPATH", elf.runpath.clone())];
            facts.extend(lists.into_iter().filter(|(_, list): &(_, Vec<String>)| !list.is_empty()).map(|(n, list)| (n, list.join(":"))));
        }
        Inside::Kernel(k) => {
            facts.extend(k.version.iter().map(|v| ("Version", v.clone())));
            facts.push(("Boot protocol", format!("{}.{:02}", k.protocol.0, k.protocol.1)));
            facts.push(("Setup", format!("{} sectors of 512 bytes", k.setup_sectors)));
            facts.push(("Kernel proper", size(k.system_size)));
            if let Some((at, len)) = k.payload {
                facts.push(("Packed kernel", format!("{}, {} at byte {at}", k.packing.unwrap_or("unknown packing"), size(len))));
            }
            facts.push(("Memory to unpack", if k.init_size == 0 { "—".into() } else { size(k.init_size.into()) }));
            facts.push(("Loaded", if k.high { "above 1 MiB (bzImage)" } else { "below 1 MiB (zImage)" }.into()));
            facts.push(("Relocatable", if k.relocatable { format!("yes, to multiples of {:#x}", k.alignment) } else { "no".into() }));
            facts.push(("64-bit entry", if k.entry_64 { "yes" } else { "no" }.into()));
            let efi: Vec<String> = k.efi.iter().map(|bits| format!("{bits} bit")).collect();
            facts.push(("EFI hand-over", if efi.is_empty() { "no".into() } else { efi.join(", ") }));
            facts.push(("Command line", format!("at most {} bytes", k.command_line)));
            facts.push(("Initramfs", format!("below {:#x}", k.initrd_limit)));
        }
        Inside::Iso(image) => {
            let v = &image.volume;
            let texts = [
                ("Volume", &v.name),
                ("System", &v.system),
                ("Publisher", &v.publisher),
                ("Made with", &v.preparer),
                ("Application", &v.application),
                ("Made", &v.created),
            ];
            facts.extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.clone())));
            facts.push(("Volume size", format!("{} sectors of 2048 bytes", v.sectors)));
            let names: Vec<&str> = image.trees.iter().map(|(names, _)| names.title()).collect();
            facts.push(("Names", names.join(", ")));
            for p in &image.partitions {
                let active = if p.active { ", active" } else { "" };
                facts.push(("Partition", format!("{}: type {:#04x}{active}, {} sectors from {}", p.number, p.kind, p.sectors, p.start)));
            }
        }
        Inside::Tree(tree) => facts.push(("Entries", tree.entries().len().to_string())),
        Inside::Nothing => {}
    }
    facts
}

/// The columns of the boot catalogue.
pub const BOOT_COLUMNS: [&str; 8] = ["Entry", "Platform", "Bootable", "Emulation", "Loads", "At sector", "Boot image", "Info table"];

/// One row for each entry, in the order of [`BOOT_COLUMNS`].
pub fn boot_rows(catalogue: &bootwright_image::iso::Catalogue) -> Vec<[String; 8]> {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let row = |(i, e): (usize, &bootwright_image::iso::BootEntry)| {
        [
            if i == 0 { "default".to_owned() } else { (i + 1).to_string() },
            e.platform.title(),
            yes(e.bootable),
            e.media.title(),
            format!("{} × 512 bytes", e.load_sectors),
            e.sector.to_string(),
            e.file.clone().unwrap_or_else(|| "—".into()),
            yes(e.info_table),
        ]
    };
    catalogue.entries.iter().enumerate().map(row).collect()
}
