//! A built project's image as a guest: what it should be like once it runs (the artifacts' own words), and its checks.

use anyhow::Context;
use bootwright_boot::{
    Accel, Boot, BootCheck, BootError, BootRecord, CheckEvent, Expectation, GuestFile, LibcExpectation, LoaderBanner, MachineSpec, Report,
    command_in_namespace, in_namespace, needs_namespace, run_checks,
};
use bootwright_build::{Planner, Request, Status, Work, plan, store};
use bootwright_image::source::Source;
use bootwright_model::{Kind, Library, Project};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub struct Built {
    pub iso: PathBuf,
    /// The image's SHA-256.
    pub sha256: String,
    pub expectation: Expectation,
}

/// The image of a project and what to expect of it. An error where it is not built as the project stands now, with
/// `advice` on how to build it.
pub fn built(project: &Project, library: &Library, work: &Work, advice: &str) -> anyhow::Result<Built> {
    let planner = plan(&Request { project, library, target: None, means: None, work })?;
    let late = planner.steps().into_iter().find(|s| matches!(s.status, Status::WillRun(_) | Status::Waits(_)));
    if let Some(step) = late {
        anyhow::bail!("{} is not built as it stands now ({} would run); {advice}", project.name(), step.id);
    }
    let found = planner.found(Kind::IsoImage).next();
    let (node, iso) = found.with_context(|| format!("{} makes no ISO image, so there is nothing to boot", project.name()))?;
    let hash = |o: &store::Artifact| planner.store.path(&o.hash).is_some_and(|p| p == iso).then(|| o.hash.clone());
    let sha256 = planner.known(node).and_then(|k| k.outputs.values().find_map(hash)).unwrap_or_default();
    Ok(Built { iso, sha256, expectation: expectation(&planner)? })
}

/// A finished ISO image of the work folder.
#[derive(Clone, Debug, Serialize)]
pub struct Image {
    /// For people: the layout's title, or which step made it.
    pub title: String,
    /// What the command line calls it: a preset, a project file, or the image's own path.
    pub name: String,
    pub path: PathBuf,
    /// In bytes.
    pub size: u64,
    /// In seconds since 1970.
    pub made: Option<u64>,
    /// What it was made from, where that is known: only then is it known what to expect of it.
    #[serde(skip)]
    pub project: Option<Box<Project>>,
}

/// The images that are there: of the presets and of these project files, as they stand now; then what is left of others, the
/// newest first. What cannot be planned, or is not built, has none.
pub fn images(library: &Library, work: &Work, files: &[PathBuf]) -> anyhow::Result<Vec<Image>> {
    let store = store::Store::open(work)?;
    let records = store.records()?;
    let made = |hash: &str| {
        let by = records.iter().filter(|(_, r)| r.outputs.values().any(|a| a.hash == hash));
        by.filter_map(|(key, _)| store.made(key)).max()
    };
    let presets = library.layouts().iter().map(|l| (l.name.clone(), Project::from_layout(l)));
    let saved = files.iter().filter_map(|f| Some((f.display().to_string(), Project::load(f).ok()?)));
    let mut images: Vec<Image> = Vec::new();
    for (name, project) in presets.chain(saved) {
        let planner = plan(&Request { project: &project, library, target: None, means: None, work });
        let Ok(planner) = planner else { continue };
        if planner.steps().iter().any(|s| matches!(s.status, Status::WillRun(_) | Status::Waits(_))) {
            continue;
        }
        let Some((_, path)) = planner.found(Kind::IsoImage).next() else { continue };
        let hash = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let size = std::fs::metadata(&path).map_or(0, |m| m.len());
        images.push(Image { title: project.layout.title.clone(), name, made: made(&hash), path, size, project: Some(Box::new(project)) });
    }
    let mut others = Vec::new();
    for (key, record) in &records {
        for (output, artifact) in &record.outputs {
            let Some(path) = store.path(&artifact.hash).filter(|p| p.is_file()) else { continue };
            let known = images.iter().chain(&others).any(|i| i.path == path);
            let is_iso = || Source::open(&path).and_then(|s| bootwright_image::iso::is_iso(&s)).unwrap_or(false);
            if !known && is_iso() {
                let title = format!("{}.{output}, {}", record.component, artifact.hash.get(..8).unwrap_or_default());
                let name = path.display().to_string();
                others.push(Image { title, name, made: store.made(key), path, size: artifact.size, project: None });
            }
        }
    }
    others.sort_by_key(|i| std::cmp::Reverse(i.made));
    images.extend(others);
    Ok(images)
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

/// Keeps what the checks found for later comparisons.
///
/// # Errors
/// A sentence on why it is not kept; the checks themselves are as good as without.
pub fn keep(built: &Built, project: &Project, report: &Report, work: &Work) -> anyhow::Result<()> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let kept = BootRecord::new(&built.sha256, project.name(), now, report).save(&work.boots());
    kept.with_context(|| format!("the results of the boot checks are not kept in {}", work.boots().display()))
}

/// The machine for an image; where no accelerator is named, with the one that a probe found quickest.
pub fn machine(iso: &Path, memory_mb: u32, accel: Option<Accel>, work: &Work, cancel: &AtomicBool) -> anyhow::Result<MachineSpec> {
    let mut spec = MachineSpec::new(Boot::Iso(iso.to_path_buf()));
    spec.memory_mb = memory_mb;
    let probe = || bootwright_boot::probe(Some(&work.root().join("accelerators.json")), cancel).map_or(Accel::Tcg, |p| p.best);
    spec.accel = accel.unwrap_or_else(probe);
    Ok(spec)
}

/// One boot with checks, as it is handed to a second run of the program.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    pub machine: MachineSpec,
    pub checks: Vec<BootCheck>,
    pub expectation: Expectation,
}

/// What the second run says, a line of JSON each.
#[derive(Serialize, Deserialize)]
enum Said {
    Event(CheckEvent),
    Report(Report),
    Cancelled,
    Failed(String),
}

/// Boots and checks. None where it was cancelled.
///
/// Port 53 wants root, or a network of one's own; the program is run again in one ([`serve`]), where that is possible.
pub fn check(order: &Order, on_event: &dyn Fn(CheckEvent), cancel: &AtomicBool) -> anyhow::Result<Option<Report>> {
    // Even root is better off there: two checks at once, or a name server of the host's, would be in each other's way.
    if order.checks.iter().any(|c| c.needs_network()) && !in_namespace() {
        match command_in_namespace(["guest"]) {
            Ok(command) => return check_in_namespace(command, order, on_event, cancel),
            Err(e) if needs_namespace() => return Err(e.into()),
            Err(_) => {}
        }
    }
    match run_checks(&order.machine, &order.checks, &order.expectation, on_event, cancel) {
        Err(BootError::Cancelled) => Ok(None),
        report => Ok(Some(report?)),
    }
}

fn check_in_namespace(
    mut command: Command,
    order: &Order,
    on_event: &dyn Fn(CheckEvent),
    cancel: &AtomicBool,
) -> anyhow::Result<Option<Report>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start the boot checks in a namespace")?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    if let Some(mut stdin) = stdin {
        // Where the child has ended already, its exit code says more than the broken pipe.
        let _ = serde_json::to_writer(&mut stdin, order);
    }
    let Some(pid) = rustix::process::Pid::from_raw(child.id() as i32) else { anyhow::bail!("the boot checks have no process") };
    let over = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                if cancel.load(Ordering::Relaxed) {
                    // It ends its guest by itself; asked again until it is gone.
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let said = listen(stdout.into_iter().flat_map(|s| BufReader::new(s).lines()), on_event);
        over.store(true, Ordering::Relaxed);
        said
    });
    let status = child.wait()?;
    match said? {
        Some(Said::Report(report)) => Ok(Some(report)),
        Some(Said::Failed(why)) => anyhow::bail!(why),
        _ if cancel.load(Ordering::Relaxed) => Ok(None),
        _ => anyhow::bail!("the boot checks ended without a report ({status})"),
    }
}

/// Passes on events up to the last word.
fn listen(lines: impl Iterator<Item = std::io::Result<String>>, on_event: &dyn Fn(CheckEvent)) -> anyhow::Result<Option<Said>> {
    for line in lines {
        match serde_json::from_str(&line?).context("the boot checks in the namespace said something unknown")? {
            Said::Event(event) => on_event(event),
            last => return Ok(Some(last)),
        }
    }
    Ok(None)
}

/// The second run: an order on standard input, what happens on standard output.
pub fn serve(cancel: &AtomicBool) -> anyhow::Result<()> {
    let order: Order = serde_json::from_reader(std::io::stdin().lock())
        .context("this command is for the program itself; use `bootwright boot P --check`")?;
    let say = |said: &Said| {
        let mut out = std::io::stdout().lock();
        if serde_json::to_writer(&mut out, said).is_err() || writeln!(out).is_err() {
            cancel.store(true, Ordering::Relaxed); // nobody listens any more
        }
    };
    let result = run_checks(&order.machine, &order.checks, &order.expectation, &|event| say(&Said::Event(event)), cancel);
    say(&match result {
        Ok(report) => Said::Report(report),
        Err(BootError::Cancelled) => Said::Cancelled,
        Err(e) => Said::Failed(e.to_string()),
    });
    Ok(())
}
