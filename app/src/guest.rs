//! What a built project's image should be like once it runs: the artifacts' own words, for the boot checks.

use anyhow::Context;
use bootwright_boot::{Accel, Boot, Expectation, GuestFile, LibcExpectation, LoaderBanner, MachineSpec};
use bootwright_build::{Planner, Request, Status, Work, plan, store};
use bootwright_model::{Kind, Library, Project};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

pub struct Built {
    pub iso: PathBuf,
    pub expectation: Expectation,
}

/// The image of a project and what to expect of it. An error where it is not built as the project stands now.
pub fn built(project: &Project, library: &Library, work: &Work) -> anyhow::Result<Built> {
    let planner = plan(&Request { project, library, target: None, jobs: None, work })?;
    let late = planner.steps().into_iter().find(|s| matches!(s.status, Status::WillRun(_) | Status::Waits(_)));
    if let Some(step) = late {
        anyhow::bail!(
            "{} is not built as it stands now ({} would run); run `bootwright build {}` first",
            project.name(),
            step.id,
            project.name()
        );
    }
    let path = |kind| planner.found(kind).next().map(|(_, path)| path);
    let iso = path(Kind::IsoImage).with_context(|| format!("{} makes no ISO image, so there is nothing to boot", project.name()))?;
    Ok(Built { iso, expectation: expectation(&planner)? })
}

fn expectation(planner: &Planner) -> anyhow::Result<Expectation> {
    let found = |kind| planner.found(kind).next();
    let kernel_release = planner.fact(Kind::Configuration, "release");
    let Some((_, root)) = found(Kind::RootFileSystem) else { return Ok(Expectation { kernel_release, ..Expectation::default() }) };
    let hash = |path: &Path| store::measure(path).map(|a| a.hash);
    let libraries: Vec<PathBuf> = std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten().map(|e| e.path()).collect();
    let mut files = Vec::new();
    for path in &libraries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.contains(".so") {
            files.push(GuestFile { path: format!("/lib/{name}"), sha256: hash(path)?, what: format!("the shared object {name}") });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let libc = files.iter().find(|f| f.path == "/lib/libc.so.6");
    let version = planner.fact(Kind::CLibrary, "version");
    let loader = files.iter().find(|f| f.path.contains("/ld-linux")).zip(version.clone());
    let loader_banner = loader.map(|(f, version)| LoaderBanner { path: f.path.clone(), text: version });
    let libc = match libc {
        Some(f) => {
            LibcExpectation::Shared { path: f.path.clone(), sha256: f.sha256.clone(), banner: version.map(|v| format!("version {v}")) }
        }
        None => LibcExpectation::Static { busybox_sha256: hash(&root.join("bin/busybox"))? },
    };
    Ok(Expectation { kernel_release, files, loader_banner, libc })
}

/// The machine for an image, with the accelerator that a probe found quickest.
pub fn machine(iso: &Path, memory_mb: u32, work: &Work, cancel: &AtomicBool) -> anyhow::Result<MachineSpec> {
    let probed = bootwright_boot::probe(Some(&work.root().join("accelerators.json")), cancel);
    let mut spec = MachineSpec::new(Boot::Iso(iso.to_path_buf()));
    spec.memory_mb = memory_mb;
    spec.accel = probed.map_or(Accel::Tcg, |p| p.best);
    Ok(spec)
}
