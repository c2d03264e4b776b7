//! What each object is for, told from what collects it.

use super::walk::Made;
use super::{Kind, Object};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// For each file, the files made from it.
pub fn collectors(made: &[Made]) -> FxHashMap<Arc<str>, Vec<Arc<str>>> {
    let mut out: FxHashMap<Arc<str>, Vec<Arc<str>>> = FxHashMap::default();
    for made in made {
        for need in &made.needs {
            let into = out.entry(need.clone()).or_default();
            if !into.contains(&made.path) && is_link(&made.path) {
                into.push(made.path.clone());
            }
        }
    }
    out
}

/// Lists of modules and headers name objects, too, but do not collect them.
fn is_link(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let listed = [".order", ".h", ".mod", ".symvers", ".objs", ".lds", ".json", ".builtin", ".modinfo"];
    !listed.iter().any(|end| name.ends_with(end))
}

/// Gives every object its kind.
pub fn sort_out(all: &mut [Object], by_path: &FxHashMap<Arc<str>, usize>, older: bool) {
    for object in all.iter_mut() {
        object.kind = alone(object, older);
    }
    // What a module is made of is known only once the modules are.
    let kinds: Vec<Kind> = all.iter().map(|o| o.kind).collect();
    let kind_of = |path: &str| by_path.get(path).and_then(|&at| kinds.get(at).copied());
    let mut decided: Vec<Option<Kind>> = Vec::with_capacity(all.len());
    for object in all.iter() {
        decided.push((object.kind == Kind::Helper).then(|| collected(object, &kind_of)));
    }
    for (object, kind) in all.iter_mut().zip(decided) {
        if let Some(kind) = kind {
            object.kind = kind;
        }
    }
    // Parts of what is part of something: a composite object in an archive of the older Kbuild.
    let kinds: Vec<Kind> = all.iter().map(|o| o.kind).collect();
    for object in all.iter_mut().filter(|o| o.kind == Kind::Helper && o.path.ends_with(".o")) {
        let above = object.into.iter().filter_map(|p| by_path.get(p)).filter_map(|&at| kinds.get(at).copied());
        if let Some(kind) = above.filter(|k| matches!(k, Kind::BuiltIn | Kind::Library | Kind::Image)).min() {
            object.kind = kind;
        }
    }
}

/// The kind as far as the file itself tells it.
fn alone(object: &Object, older: bool) -> Kind {
    let path = &*object.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    if object.command.starts_with("host") || object.command.starts_with("user") {
        Kind::Host
    } else if path.ends_with(".a") || older && name == "built-in.o" {
        Kind::Archive
    } else if path.ends_with(".ko") {
        Kind::ModuleFile
    } else if path.ends_with(".mod.o") || name == ".module-common.o" {
        Kind::ModuleInfo
    } else if !path.ends_with(".o") {
        Kind::Other
    } else if &*object.command == "link_vmlinux" || matches!(path, "vmlinux.o" | ".vmlinux.export.o") || name == "version-timestamp.o" {
        Kind::Link
    } else if object.into.iter().any(|p| p.strip_suffix(".ko") == path.strip_suffix(".o")) {
        Kind::Module
    } else {
        Kind::Helper
    }
}

/// The kind by what collects it.
fn collected(object: &Object, kind_of: &impl Fn(&str) -> Option<Kind>) -> Kind {
    let mut best = Kind::Helper;
    for into in &object.into {
        let name = into.rsplit('/').next().unwrap_or(into);
        let kind = match kind_of(into) {
            _ if name == "built-in.a" || name == "built-in.o" || name == "vmlinux.a" => Kind::BuiltIn,
            Some(Kind::Archive) => Kind::Library,
            Some(Kind::Module) => Kind::ModulePart,
            Some(Kind::Host) => Kind::Host,
            // an image that is linked: it has no ending that says so, or says how it was linked
            Some(Kind::Other) => Kind::Image,
            _ => Kind::Helper,
        };
        best = best.min(kind);
    }
    best
}
