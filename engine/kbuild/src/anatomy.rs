//! How vmlinux becomes bzImage, in the tree at hand: the files on the way with their commands, the sections of the kernel, the
//! header of the image read from its bytes, and the kernel inside it unpacked and compared.
//!
//! Nothing of the way is taken from a list: the noted commands are followed back from the image ([`flow`]), so that what a
//! version does otherwise (no `build` program since 6.15, vmlinux.unstripped since 6.16) is shown as it is.
//!
//! | module | idea |
//! |---|---|
//! | [`saved`] | the noted command of a target, and its words |
//! | [`stage`] | a file and how it came about |
//! | [`flow`] | the stages, found by following the commands back |
//! | [`explain`] | what each stage is for |
//! | [`payload`] | the kernel inside the image |

pub mod explain;
pub mod flow;
pub mod payload;
pub mod saved;
pub mod stage;

use crate::sizes::elf::{Tables, Use};
use crate::{Error, Kind, Result, Tree};
use bootwright_image::kernel::{self, fields::Field};
use bootwright_image::source::Source;
use payload::{Compared, Payload};
use serde::Serialize;
use stage::{Stage, Step};

/// A section of the linked kernel (or of busybox).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    pub name: String,
    pub address: u64,
    /// In bytes.
    pub size: u64,
    /// What it is for; None: it takes no memory (symbol table, debug information).
    pub usage: Option<Use>,
    /// Whether it has bytes in the file.
    pub in_file: bool,
}

/// A part of the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub name: &'static str,
    /// In bytes from the start of the image.
    pub offset: u64,
    /// In bytes.
    pub size: u64,
}

/// A bzImage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Image {
    /// From the object folder.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// What lies one behind the other in it.
    pub parts: Vec<Part>,
    /// Every field of its header.
    pub fields: Vec<Field>,
    /// The file that was put behind the real-mode code, and how the image's bytes there compare with it.
    pub proper: Option<(String, Compared)>,
    pub payload: Option<Payload>,
}

/// A file that could be on the way and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Absent {
    pub name: String,
    pub why: String,
}

/// How the tree's image came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Anatomy {
    /// Each behind those it is made from.
    pub stages: Vec<Stage>,
    /// The linked file that `sections` are of.
    pub linked: Option<String>,
    pub sections: Vec<Section>,
    pub image: Option<Image>,
    pub absent: Vec<Absent>,
}

impl Anatomy {
    /// Looks at a tree. Parts that are not built yet are told as absent.
    ///
    /// # Errors
    /// Where nothing was linked in it at all.
    pub fn read(tree: &Tree) -> Result<Anatomy> {
        let there = |name: &str| tree.object.join(name).is_file();
        let linked = match tree.kind {
            Kind::BusyBox => "busybox_unstripped",
            Kind::Linux | Kind::Other => "vmlinux",
        };
        let images = images(tree);
        let mut last: Vec<String> = images.clone();
        last.extend([if tree.kind == Kind::BusyBox { "busybox" } else { linked }, linked].map(str::to_owned));
        // Not part of the link where that reads the archive, but made and checked for it.
        last.push("vmlinux.o".to_owned());
        let stages = flow::stages(tree, &last);
        if stages.is_empty() {
            return Err(Error::Other(format!("{} has no {linked}; build the tree first", tree.object.display())));
        }
        let image = images.iter().find_map(|name| image(tree, name, &stages));
        let absent = absent(tree, linked, &images, &stages);
        let sections = if there(linked) { sections(&Tables::read(&tree.object.join(linked))?) } else { Vec::new() };
        Ok(Anatomy { linked: there(linked).then(|| linked.to_owned()), stages, sections, image, absent })
    }
}

/// Images for boot loaders in arch/*/boot, the usual one first.
fn images(tree: &Tree) -> Vec<String> {
    let Some(arch) = tree.source_arch.as_deref().filter(|_| tree.kind != Kind::BusyBox) else { return Vec::new() };
    let names = ["bzImage", "Image.gz", "Image", "zImage", "uImage", "vmlinuz.efi", "vmlinux.gz"];
    names.iter().map(|name| format!("arch/{arch}/boot/{name}")).filter(|name| tree.object.join(name).is_file()).collect()
}

fn sections(tables: &Tables) -> Vec<Section> {
    let memory = tables.sections.iter().map(|s| (s, Some(s.usage)));
    let all = memory.chain(tables.others.iter().map(|s| (s, None)));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(s, _)| s.index);
    all.into_iter()
        .map(|(s, usage)| Section { name: s.name.clone(), address: s.address, size: s.size, usage, in_file: !s.zeroed })
        .collect()
}

fn image(tree: &Tree, name: &str, stages: &[Stage]) -> Option<Image> {
    let source = Source::open(&tree.object.join(name)).ok()?;
    let fields = kernel::fields::fields(&source).ok()?;
    let header = kernel::read(&source).ok()?;
    let packed = stages.iter().find(|s| s.step == Step::Pack);
    let sources: Vec<String> =
        packed.map(|s| s.inputs.iter().filter(|i| i.count == 1).map(|i| i.name.clone()).collect()).unwrap_or_default();
    let payload = header.payload.map(|at| payload::look(tree, &source, at, packed.map(|s| s.name.as_str()), &sources));
    let behind = stages.iter().find(|s| s.name == name)?.inputs.iter().find(|i| i.name.ends_with("/vmlinux.bin"));
    let proper = behind.and_then(|i| {
        let file = Source::open(&tree.object.join(&i.name)).ok()?;
        let at = (u64::from(header.setup_sectors) + 1) * 512;
        let checked = kernel::has_checksum(&source).unwrap_or(false);
        let part = source.parts(&[(at, file.len().min(source.len().saturating_sub(at)))], source.name()).ok()?;
        let end = file.len().saturating_sub(4);
        let compared = match payload::compare(&part, &[file]).ok()? {
            Compared::DiffersAt(at) if at >= end && checked => Compared::ButChecksum,
            other => other,
        };
        Some((i.name.clone(), compared))
    });
    Some(Image { name: name.to_owned(), size: source.len(), parts: parts(&header, source.len()), fields, proper, payload })
}

/// What lies where, by the header's own numbers; what contradicts the file's length is cut off there.
fn parts(header: &kernel::KernelImage, len: u64) -> Vec<Part> {
    let proper = (u64::from(header.setup_sectors) + 1) * 512;
    let end = proper.saturating_add(header.system_size).min(len);
    let mut borders = vec![("boot sector, with the header's start", 0, 512.min(proper)), ("real-mode code", 512.min(proper), proper)];
    match header.payload {
        Some((at, size)) => {
            borders.push(("entry of the unpacking code", proper, at));
            borders.push(("packed kernel", at, at.saturating_add(size)));
            borders.push(("the rest of the unpacking code", at.saturating_add(size), end));
        }
        None => borders.push(("protected-mode code", proper, end)),
    }
    borders.push(("behind the kernel", end, len));
    let part = |(name, from, to): (&'static str, u64, u64)| {
        let (from, to) = (from.min(len), to.min(len));
        (from < to).then(|| Part { name, offset: from, size: to - from })
    };
    borders.into_iter().filter_map(part).collect()
}

fn absent(tree: &Tree, linked: &str, images: &[String], stages: &[Stage]) -> Vec<Absent> {
    let mut found = Vec::new();
    let mut tell = |name: &str, why: &str| found.push(Absent { name: name.to_owned(), why: why.to_owned() });
    let has = |step: Step| stages.iter().any(|s| s.step == step);
    if !stages.iter().any(|s| s.name == linked) {
        tell(linked, "nothing was linked yet");
    } else if tree.kind != Kind::BusyBox {
        if images.is_empty() {
            tell("bzImage", "no image for a boot loader was made in arch/*/boot; `make` or `make bzImage` makes it");
        }
        if !has(Step::Names) {
            tell("kallsyms", "no passes over the symbol names: CONFIG_KALLSYMS is off, or the files were removed");
        }
        if !images.is_empty() && tree.source_arch.as_deref() == Some("x86") && !has(Step::Relocations) {
            tell("vmlinux.relocs", "no list of relocations: CONFIG_RELOCATABLE is off, so the kernel runs where it was linked for");
        }
    }
    for stage in stages {
        for input in stage.inputs.iter().filter(|i| i.missing > 0) {
            tell(&input.name, &format!("{} of them are not there any more, though {} was made from them", input.missing, stage.name));
        }
    }
    found
}
