//! The makefiles that commands come from: which targets a change of one, or of an option in one, may reach.
//!
//! This reads lines, not the make language: it has to find what may matter, and says that it may.

use super::{Doubt, Graph, Times};
use crate::index::{Index, Row, RowId, stat_all};
use crate::tree::Tree;
use crate::walk::{Time, as_path};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fs;

/// A makefile and when it was written.
#[derive(Clone, Debug)]
struct Makefile {
    /// Below the source folder.
    name: String,
    time: Time,
}

/// The makefiles of a tree by what they reach.
pub struct Makefiles {
    source: std::path::PathBuf,
    /// Those whose settings reach every command.
    all: Vec<Makefile>,
    /// Those of a folder.
    folders: FxHashMap<Vec<u8>, Makefile>,
    /// The folder whose makefile makes each target, where it is used.
    places: Vec<Option<Vec<u8>>>,
    /// Programs of the build itself, which are compiled with settings of their own.
    host: Vec<bool>,
}

/// Makefiles in scripts/ that build no target of a kernel image.
const OTHER_USES: [&str; 8] = ["package", "modinst", "clean", "headersinst", "dtbinst", "asm-headers", "asm-generic", "debs"];

impl Makefiles {
    pub fn read(tree: &Tree, index: &Index, graph: &Graph) -> Self {
        let arch = tree.source_arch.as_deref().unwrap_or_default();
        let mut names: Vec<String> = vec!["Makefile".into(), "Makefile.flags".into(), "scripts/Kbuild.include".into()];
        for folder in ["scripts", &format!("arch/{arch}")] {
            for entry in fs::read_dir(tree.source.join(folder)).into_iter().flatten().flatten() {
                let file = entry.file_name().to_string_lossy().into_owned();
                let use_of = file.strip_prefix("Makefile").map(|rest| rest.trim_start_matches(['.', '_']));
                if use_of.is_some_and(|u| !OTHER_USES.contains(&u)) && file != "Makefile" || file == "Makefile" && folder != "scripts" {
                    names.push(format!("{folder}/{file}"));
                }
            }
        }
        names.sort();
        let object = [tree.object.as_os_str().as_encoded_bytes(), b"/"].concat();
        let mut wanted: FxHashSet<Vec<u8>> = FxHashSet::default();
        let mut own: Vec<Option<Vec<u8>>> = Vec::with_capacity(index.rows().len());
        for (id, row) in index.rows().iter().enumerate() {
            let name = crate::index::canonical(index.name(row), &object);
            let folder = memchr::memrchr(b'/', &name).map_or(&b""[..], |at| name.get(..at).unwrap_or_default()).to_vec();
            if graph.used(id) && !wanted.contains(&folder) {
                let mut at = folder.as_slice();
                while !at.is_empty() && wanted.insert(at.to_vec()) {
                    at = memchr::memrchr(b'/', at).map_or(&b""[..], |slash| at.get(..slash).unwrap_or_default());
                }
            }
            own.push(graph.used(id).then_some(folder));
        }
        let folders: Vec<Vec<u8>> = wanted.into_iter().collect();
        let asked: Vec<(usize, String)> = (folders.iter().enumerate())
            .flat_map(|(i, f)| ["Kbuild", "Makefile"].map(|m| (i, format!("{}/{m}", String::from_utf8_lossy(f)))))
            .chain(names.iter().map(|n| (usize::MAX, n.clone())))
            .collect();
        let texts: Vec<&[u8]> = asked.iter().map(|(_, n)| n.as_bytes()).collect();
        let (mut all, mut makefiles) = (Vec::new(), FxHashMap::default());
        for ((place, name), stamp) in asked.iter().zip(stat_all(&tree.source, &texts)) {
            let Some(stamp) = stamp else { continue };
            let makefile = Makefile { name: name.clone(), time: stamp.time };
            match folders.get(*place) {
                None => all.push(makefile),
                // Kbuild goes before Makefile (scripts/Makefile.build).
                Some(folder) => {
                    makefiles.entry(folder.clone()).or_insert(makefile);
                }
            }
        }
        let place = |folder: Vec<u8>| {
            let mut at = folder.as_slice();
            while !makefiles.contains_key(at) {
                let slash = memchr::memrchr(b'/', at)?;
                at = at.get(..slash)?;
            }
            Some(at.to_vec())
        };
        let host = index.rows().iter().map(|r| is_host(index, r)).collect();
        let places = own.into_iter().map(|folder| folder.and_then(place)).collect();
        Self { source: tree.source.clone(), all, folders: makefiles, places, host }
    }

    /// Calls `found` for every target that a newer makefile, or an option in a makefile, may reach or does reach.
    ///
    /// An option that was taken over before something made from the target was made counts no more: make looked at the
    /// target then. That is not so for a makefile, which may have been written during that build.
    pub fn doubts(&self, index: &Index, graph: &Graph, times: &Times, touched: &[(String, Time)], mut found: impl FnMut(RowId, Doubt)) {
        let mut rows: Vec<(RowId, Time)> = Vec::new();
        for (id, row) in index.rows().iter().enumerate() {
            if self.places.get(id).is_some_and(Option::is_some) {
                rows.push((id, times.of(row.target)));
            }
        }
        let newest = |list: &[Makefile]| list.iter().map(|m| m.time).max().unwrap_or(0);
        let global = newest(&self.all);
        for (id, made) in &rows {
            let folder = self.places.get(*id).and_then(Option::as_ref).and_then(|p| self.folders.get(p));
            for makefile in folder.into_iter().chain(self.all.iter().filter(|_| global > *made)) {
                if makefile.time > *made {
                    found(*id, Doubt::Makefile(makefile.name.clone()));
                }
            }
        }
        let Some(latest) = touched.iter().map(|(_, time)| *time).max() else { return };
        let witnesses = graph.witnesses(index, times);
        let seen = |id: RowId, made: Time| witnesses.get(id).copied().unwrap_or(made).max(made);
        rows.retain(|(id, made)| seen(*id, *made) < latest);
        let is_host = |id: RowId| self.host.get(id).copied().unwrap_or(false);
        let names: FxHashMap<&str, Time> = touched.iter().map(|(n, t)| (n.as_str(), *t)).collect();
        let read = |m: &Makefile| {
            fs::read(self.source.join(as_path(m.name.as_bytes()))).map(|t| String::from_utf8_lossy(&t).into_owned()).unwrap_or_default()
        };
        // Only what may still matter is read: of a tree that was just built, the folders of its first programs.
        let everywhere: Vec<(Mention, &Makefile)> = if rows.iter().all(|(id, _)| is_host(*id)) {
            Vec::new()
        } else {
            self.all.iter().flat_map(|m| mentions(&read(m), &names).into_iter().map(move |x| (x, m))).collect()
        };
        let mut local: FxHashMap<&[u8], Vec<Mention>> = FxHashMap::default();
        for (id, made) in &rows {
            let Some(place) = self.places.get(*id).and_then(Option::as_ref) else { continue };
            let seen = seen(*id, *made);
            // Programs of the build have settings of their own, which hang on no option.
            for (mention, makefile) in everywhere.iter().filter(|(m, _)| m.time > seen && m.reach == Reach::Commands && !is_host(*id)) {
                found(*id, Doubt::OptionInMakefile(mention.option.clone(), makefile.name.clone()));
            }
            let collects = index.row(*id).is_some_and(|r| !r.listed);
            let mut at = place.as_slice();
            loop {
                if let Some(makefile) = self.folders.get(at) {
                    let own = at.len() == place.len();
                    for mention in local.entry(at).or_insert_with(|| mentions(&read(makefile), &names)) {
                        let reached = match mention.reach {
                            Reach::Members => own && collects,
                            Reach::Commands => own,
                            Reach::Below => true,
                        };
                        if reached && mention.time > seen {
                            found(*id, Doubt::OptionInMakefile(mention.option.clone(), makefile.name.clone()));
                        }
                    }
                }
                let Some(slash) = memchr::memrchr(b'/', at) else { break };
                at = at.get(..slash).unwrap_or_default();
            }
        }
    }
}

/// An option in a makefile.
#[derive(Debug)]
struct Mention {
    option: String,
    time: Time,
    reach: Reach,
}

/// What an option in a makefile may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// What is collected, not how anything is made: `obj-$(CONFIG_X) += a.o`.
    Members,
    /// Commands of the folder.
    Commands,
    /// Those of the folders below too: `subdir-ccflags-y`.
    Below,
}

/// Whether a target is a program of the build itself, or a part of one.
fn is_host(index: &Index, row: &Row) -> bool {
    let name = index.name(row);
    (name.starts_with(b"scripts/") || name.starts_with(b"tools/") || memchr::memmem::find(name, b"/tools/").is_some())
        && memchr::memmem::find(&index.command(row), b"-D__KERNEL__").is_none()
}

fn mentions(text: &str, names: &FxHashMap<&str, Time>) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for line in text.lines() {
        let code = line.split('#').next().unwrap_or_default();
        let mut rest = code;
        while let Some((before, after)) = rest.split_once("CONFIG_") {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, next) = after.split_at(end);
            let part_of_word = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            rest = next;
            if let Some(time) = names.get(name).filter(|_| !part_of_word) {
                let reach = match code.trim_start() {
                    code if code.starts_with("subdir-ccflags") || code.starts_with("subdir-asflags") => Reach::Below,
                    code if is_member_list(code) => Reach::Members,
                    _ => Reach::Commands,
                };
                found.push(Mention { option: name.into(), time: *time, reach });
            }
        }
    }
    found
}

/// `obj-$(CONFIG_X) += a.o`, and `a-$(CONFIG_X) += b.o`: what is a member, not how it is made.
fn is_member_list(line: &str) -> bool {
    let Some((left, right)) = line.split_once('=') else { return false };
    let left = left.trim().trim_end_matches(['+', ':', '?']).trim_end();
    let Some((name, _)) = left.split_once("-$(CONFIG_") else { return false };
    if matches!(name.trim(), "subdir" | "always" | "extra" | "hostprogs" | "hostprogs-always" | "userprogs-always") {
        return true;
    }
    let flags = name.contains("flags") || name.contains("FLAGS");
    let members = right.split_whitespace().all(|w| w.ends_with(".o") || w.ends_with('/') || w == "\\" || w.ends_with(".dtb"));
    !flags && members
}
