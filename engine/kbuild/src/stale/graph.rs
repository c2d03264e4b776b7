//! Which target is made from which: what spreads from one that is made again, and what the last build used at all.

use super::{Doubt, Reason, Verdict};
use crate::index::{FileId, Index, NONE, RowId, canonical};
use crate::tree::Tree;
use crate::walk::{Time, threads};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

/// What the kernel is linked from; since 6.16 the link makes vmlinux.unstripped.
const LINKED: &[&str] = &["vmlinux.o", "arch/@/kernel/vmlinux.lds", ".vmlinux.export.o", "scripts/sorttable"];

/// Rules that the makefiles have and no `.cmd` file shows: a target (by its end), and what it also waits for.
/// `@` is the architecture's folder. From scripts/Makefile.vmlinux and arch/x86/boot of Linux 6.12 and 7.2, where else of no
/// effect.
const UNWRITTEN: [(&str, &[&str]); 4] = [
    ("vmlinux", LINKED),
    ("vmlinux.unstripped", LINKED),
    ("arch/@/boot/compressed/piggy.o", &["arch/@/boot/compressed/piggy.S"]),
    ("busybox_unstripped", &[]),
];

/// Headers that a makefile's `filechk` writes, if they come out differently, from a target that has a `.cmd` file.
const CHECKED: [(&str, &str); 5] = [
    ("kernel/bounds.s", "include/generated/bounds.h"),
    ("arch/@/kernel/asm-offsets.s", "include/generated/asm-offsets.h"),
    ("scripts/mod/devicetable-offsets.s", "scripts/mod/devicetable-offsets.h"),
    ("kernel/sched/rq-offsets.s", "include/generated/rq-offsets.h"),
    // The time of the build, written when vmlinux is linked.
    ("vmlinux.o", "include/generated/utsversion.h"),
];

/// The targets of an index and who uses whom.
pub struct Graph {
    /// For each file, the target that it is; [`NONE`] for one that is not made.
    makers: Vec<u32>,
    /// For each target, the targets that it is made from.
    inputs: Vec<Vec<u32>>,
    /// The same the other way round.
    outputs: Vec<Vec<u32>>,
    /// Who reads the headers that are checked; found when it is asked first.
    readers: OnceLock<FxHashMap<FileId, Vec<RowId>>>,
    used: Vec<bool>,
    unwritten: FxHashMap<RowId, Vec<FileId>>,
    checked: Vec<(RowId, FileId)>,
}

impl Graph {
    pub fn new(tree: &Tree, index: &Index) -> Self {
        let arch = tree.source_arch.as_deref().unwrap_or("x86");
        let object = [tree.object.as_os_str().as_encoded_bytes(), b"/"].concat();
        let rows: FxHashMap<&[u8], RowId> = index.rows().iter().enumerate().map(|(id, r)| (index.name(r), id)).collect();
        let maker = |file: FileId| {
            let name = canonical(index.file(file), &object);
            rows.get(name.as_ref()).map_or(NONE, |id| *id as u32)
        };
        let makers: Vec<u32> = (0..index.file_count() as u32).map(maker).collect();
        let mut unwritten = FxHashMap::default();
        for (target, files) in UNWRITTEN {
            let Some(id) = rows.get(target.replace('@', arch).as_bytes()) else { continue };
            let found: Vec<FileId> = files.iter().filter_map(|f| index.find_file(f.replace('@', arch).as_bytes())).collect();
            unwritten.insert(*id, found);
        }
        let mut checked = Vec::new();
        for (target, header) in CHECKED {
            let id = rows.get(target.replace('@', arch).as_bytes());
            if let Some(found) = id.copied().zip(index.find_file(header.as_bytes())) {
                checked.push(found);
            }
        }
        let mut graph = Self {
            makers,
            inputs: Vec::new(),
            outputs: Vec::new(),
            readers: OnceLock::new(),
            used: vec![false; index.rows().len()],
            unwritten,
            checked,
        };
        graph.link(index);
        graph.mark(index);
        graph
    }

    /// Whether the last build used a target; make looks at no other.
    pub fn used(&self, id: RowId) -> bool {
        self.used.get(id).copied().unwrap_or(false)
    }

    /// What a target also waits for.
    pub fn unwritten(&self, id: RowId) -> &[FileId] {
        self.unwritten.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The target that a file is.
    pub fn maker(&self, file: FileId) -> Option<RowId> {
        self.makers.get(file as usize).filter(|m| **m != NONE).map(|m| *m as RowId)
    }

    /// The targets that a target is made from.
    pub fn inputs(&self, id: RowId) -> &[u32] {
        self.inputs.get(id).map_or(&[], Vec::as_slice)
    }

    /// Finds [`Self::inputs`]; most files are made by nobody, so the lists are short.
    fn link(&mut self, index: &Index) {
        let count = index.rows().len();
        let share = count.div_ceil(threads()).max(64);
        let this = &*self;
        let one = |id: RowId| -> Vec<u32> {
            let Some(row) = index.row(id) else { return Vec::new() };
            let files = index.dependencies(row).map(|d| d.file).chain(this.unwritten(id).iter().copied());
            let source = (row.source != NONE).then_some(row.source);
            let makers = files.chain(source).filter_map(|f| this.makers.get(f as usize).copied());
            let mut found: Vec<u32> = makers.filter(|m| *m != NONE && *m as usize != id).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let inputs = std::thread::scope(|scope| {
            let one = &one;
            let parts = (0..count).step_by(share);
            let parts: Vec<_> = parts.map(|at| scope.spawn(move || (at..count.min(at + share)).map(one).collect::<Vec<_>>())).collect();
            parts.into_iter().flat_map(|t| t.join().unwrap_or_default()).collect()
        });
        self.inputs = inputs;
        self.outputs = vec![Vec::new(); count];
        for (id, inputs) in self.inputs.iter().enumerate() {
            for input in inputs {
                if let Some(outputs) = self.outputs.get_mut(*input as usize) {
                    outputs.push(id as u32);
                }
            }
        }
    }

    /// For each target, when something made from it was last made. make looked at the target before that, with the
    /// makefiles and options of then.
    pub fn witnesses(&self, index: &Index, times: &super::Times) -> Vec<Time> {
        let mut latest = vec![Time::MIN; index.rows().len()];
        let made = |id: RowId| index.row(id).map_or(Time::MIN, |r| times.of(r.target)).min(super::MISSING - 1);
        // From the newest down, so that most targets are settled the first time they are come by.
        let mut order: Vec<RowId> = (0..latest.len()).filter(|id| self.used(*id)).collect();
        order.sort_by_key(|id| std::cmp::Reverse(made(*id)));
        for start in order {
            if made(start) == super::MISSING - 1 {
                continue;
            }
            let mut open = vec![(start, made(start).max(latest.get(start).copied().unwrap_or(Time::MIN)))];
            while let Some((id, time)) = open.pop() {
                for input in self.inputs(id).iter().map(|i| *i as RowId) {
                    if let Some(known) = latest.get_mut(input).filter(|k| **k < time) {
                        *known = time;
                        open.push((input, time));
                    }
                }
            }
        }
        latest
    }

    /// Objects and archives count where something that counts has them in it; all else was asked for by a rule of its own.
    fn mark(&mut self, index: &Index) {
        let whole = index.rows().iter().any(|r| matches!(index.name(r), b"vmlinux" | b"vmlinux.a" | b"built-in.a" | b"busybox_unstripped"));
        let part = |name: &[u8]| name.ends_with(b".o") || name.ends_with(b".a");
        let mut open: Vec<RowId> = Vec::new();
        for (id, row) in index.rows().iter().enumerate() {
            // Before the first link nothing tells leftovers.
            if !whole || !part(index.name(row)) || is_root(index.name(row)) {
                open.push(id);
            }
        }
        while let Some(id) = open.pop() {
            let Some(mark) = self.used.get_mut(id) else { continue };
            if !std::mem::replace(mark, true) {
                open.extend(self.inputs.get(id).into_iter().flatten().map(|i| *i as RowId));
            }
        }
        // Where the way from the last link to the archives is not understood, nothing is called a leftover.
        let archives = ["built-in.a", "vmlinux.a", "init/built-in.a", "libbb/lib.a"];
        if archives.iter().any(|a| index.find(a.as_bytes()).is_some_and(|id| !self.used(id))) {
            self.used.iter_mut().for_each(|u| *u = true);
        }
    }

    fn find_readers(&self, index: &Index) -> FxHashMap<FileId, Vec<RowId>> {
        let mut readers: FxHashMap<FileId, Vec<RowId>> = self.checked.iter().map(|(_, header)| (*header, Vec::new())).collect();
        for (id, row) in index.rows().iter().enumerate() {
            for dependency in index.dependencies(row) {
                if let Some(list) = readers.get_mut(&dependency.file) {
                    list.push(id);
                }
            }
        }
        readers
    }

    /// Carries verdicts on to what is made from their targets.
    pub(crate) fn spread(&self, index: &Index, verdicts: &mut FxHashMap<RowId, Verdict>) {
        self.spread_without(index, verdicts, &FxHashSet::default());
    }

    /// The same where these targets are no more.
    pub(crate) fn spread_without(&self, index: &Index, verdicts: &mut FxHashMap<RowId, Verdict>, gone: &FxHashSet<RowId>) {
        if verdicts.is_empty() {
            return;
        }
        let readers = self.readers.get_or_init(|| self.find_readers(index));
        let alive = |id: RowId| self.used(id) && !gone.contains(&id);
        let outputs = |id: RowId| self.outputs.get(id).into_iter().flatten().map(|o| *o as RowId).filter(|o| alive(*o));
        let target = |id: RowId| index.row(id).map_or(NONE, |row| row.target);
        let text = |file: FileId| String::from_utf8_lossy(index.file(file)).into_owned();
        let mut open: Vec<RowId> = verdicts.iter().filter(|(_, v)| !v.reasons.is_empty()).map(|(id, _)| *id).collect();
        let mut done: FxHashSet<RowId> = open.iter().copied().collect();
        let mut at = 0;
        while let Some(id) = open.get(at).copied() {
            at += 1;
            for user in outputs(id) {
                verdicts.entry(user).or_default().add_new(|| Reason::Rebuilt(text(target(id))));
                if done.insert(user) {
                    open.push(user);
                }
            }
        }
        // What may be made again makes the rest doubtful: through its users, and through headers that are checked.
        let mut open: Vec<RowId> = verdicts.keys().copied().collect();
        let mut done: FxHashSet<RowId> = open.iter().copied().collect();
        let mut at = 0;
        while let Some(id) = open.get(at).copied() {
            at += 1;
            let uncertain = verdicts.get(&id).is_some_and(|v| v.reasons.is_empty());
            let mut reached: Vec<(RowId, FileId)> = Vec::new();
            if uncertain {
                reached.extend(outputs(id).map(|user| (user, target(id))));
            }
            for (_, header) in self.checked.iter().filter(|(maker, _)| *maker == id) {
                reached.extend(readers.get(header).into_iter().flatten().filter(|user| alive(**user)).map(|user| (*user, *header)));
            }
            for (user, file) in reached {
                let verdict = verdicts.entry(user).or_default();
                if verdict.reasons.is_empty() {
                    verdict.doubt(Doubt::Generated(text(file)));
                    if done.insert(user) {
                        open.push(user);
                    }
                }
            }
        }
    }
}

/// Built for its own sake though it ends as an object does: what is linked outside of the archives, and programs' parts.
fn is_root(name: &[u8]) -> bool {
    name == b"vmlinux.o"
        || name == b".vmlinux.export.o"
        || name == b"init/version-timestamp.o"
        || name.starts_with(b"scripts/")
        || name.starts_with(b"tools/")
}
