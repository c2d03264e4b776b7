//! Work beside the engine that the window must not wait for: reading and writing files, looking at this machine, starting
//! an editor, installing packages. Each piece has a thread of its own and ends with a word to the window.

use super::{Incoming, Wake, built, config, editor, inside, install, kbuild, sizes};
use crate::comparison::Compared;
use crate::comparison::measured::measure;
use crate::comparison::picture::{self, Moment};
use crate::guest::{self, Image};
use crate::packages::{self, Asking};
use crate::studio::state::built::Seen;
use crate::studio::state::config::ConfigNews;
use crate::studio::state::inside::{From, Level, Part};
use crate::studio::state::kbuild::KbuildNews;
use crate::studio::state::log::{Log, Snapshot};
use crate::studio::state::log_page::OldLog;
use crate::studio::state::sizes::Compared as ComparedSizes;
use bootwright_build::checks::{Finding, run_all};
use bootwright_build::config::Site;
use bootwright_build::host::Missing;
use bootwright_build::store::{Record, Store};
use bootwright_build::timeline::{self, RunInfo, Timeline};
use bootwright_build::{Script, StepId, Work, trace};
use bootwright_image::source::{self, Source};
use bootwright_model::{ComponentId, Library, Project, Side, write_whole};
use crossbeam_channel::Sender;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs that the window offers to look at.
const RUNS: usize = 100;
/// Of an old log; the lines after it are counted as left out.
const OLD_LOG_BYTES: u64 = 200 << 20;

#[derive(Clone, Debug)]
pub enum Ask {
    /// A file at a line in the user's editor. A relative path is looked for in the folders, in their order.
    Open {
        /// None: `$VISUAL`, else `$EDITOR`.
        editor: Option<String>,
        file: String,
        folders: Vec<PathBuf>,
        line: u32,
        column: Option<u32>,
    },
    SaveLog {
        /// None: the desktop's dialog asks.
        path: Option<PathBuf>,
        snapshot: Snapshot,
    },
    LoadLog {
        folder: PathBuf,
        step: StepId,
    },
    /// The runs of the work folder.
    Runs,
    LoadRun {
        folder: PathBuf,
    },
    SaveTrace {
        path: Option<PathBuf>,
        timeline: Arc<Timeline>,
    },
    /// The checks of a project, and what this host lacks for it.
    Check {
        project: Arc<Project>,
    },
    /// What would be typed to build the project's target by hand.
    Script {
        project: Arc<Project>,
    },
    /// The configuration of a component; answered with `News::Config`, as the six after it.
    OpenConfig {
        project: Arc<Project>,
        component: ComponentId,
    },
    /// Whether what is open is still what the component is configured from; answered only where it is not.
    RecheckConfig {
        project: Arc<Project>,
        component: ComponentId,
        site: Box<Site>,
    },
    FetchSource {
        project: Arc<Project>,
        component: ComponentId,
        mirrors: Vec<String>,
    },
    StopFetching,
    /// What to change besides, so that an option can have a value.
    Fixes {
        site: Box<Site>,
        lines: String,
        name: String,
        value: String,
    },
    ImportConfig {
        site: Box<Site>,
        lines: String,
        /// None: the desktop's dialog asks.
        path: Option<PathBuf>,
        add: bool,
    },
    ExportConfig {
        component: ComponentId,
        path: Option<PathBuf>,
        text: Vec<u8>,
        /// What files held when they were written or looked at here.
        known: Vec<(PathBuf, u64)>,
    },
    /// The tree of Kbuild of a component; answered with `News::Kbuild`, as the three after it.
    OpenKbuild {
        project: Arc<Project>,
        component: ComponentId,
    },
    /// One object of the tree that was opened last.
    KbuildDetails {
        component: ComponentId,
        path: String,
    },
    /// How far options and files of it reach.
    KbuildReach {
        component: ComponentId,
    },
    /// What a configuration, as the text of a `.config`, would build again in the component's tree.
    Foresee {
        component: ComponentId,
        site: Box<Site>,
        config: Vec<u8>,
        /// The editor's, to tell answers apart.
        revision: u64,
    },
    /// What the store says of its results.
    Records,
    /// Looks inside a file or folder; `others` are places to look for what a program needs.
    LookInside {
        from: From,
        name: String,
        others: Vec<(String, PathBuf)>,
        asked: u64,
        keep: usize,
    },
    /// The built trees of the work folder, and what is in one of them.
    LookAtTree {
        path: Option<PathBuf>,
        asked: u64,
    },
    /// Two built trees, or what was kept of one.
    CompareSizes {
        before: PathBuf,
        after: PathBuf,
        asked: u64,
    },
    /// Writes down the sizes of a tree; answered with `TreeSeen`, as the one after it.
    KeepSizes {
        path: PathBuf,
        name: String,
        asked: u64,
    },
    ForgetSizes {
        path: PathBuf,
        /// The tree that is shown.
        shown: Option<PathBuf>,
        asked: u64,
    },
    /// A part of what is shown.
    ReadBytes {
        source: Source,
        offset: u64,
        len: u64,
        part: Part,
        shown: u64,
    },
    /// The finished images of the work folder: of the presets, of these project files, and others.
    Images {
        files: Vec<PathBuf>,
    },
    SaveBytes {
        bytes: Arc<[u8]>,
        name: String,
        path: Option<PathBuf>,
    },
    /// Writes bytes to a file; none: the desktop's dialog asks where.
    SaveCopy {
        source: Source,
        name: String,
        path: Option<PathBuf>,
    },
    /// Answered with `Compared`, first with what the projects say and then with what was measured too.
    Compare {
        asked: u64,
        sources: [Origin; 2],
    },
    /// The desktop's dialog for a project to compare; answered with `ChosenProject` where one was chosen.
    ChooseProject(Side),
    SaveComparison {
        /// None: the desktop's dialog asks.
        path: Option<PathBuf>,
        compared: Arc<Compared>,
        moment: Moment,
    },
    /// Runs these commands one after the other.
    Install {
        commands: Vec<Vec<String>>,
    },
    StopInstall,
}

/// Where a project to compare comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    Preset(String),
    Project(Arc<Project>),
    File(PathBuf),
}

#[derive(Debug)]
pub enum News {
    /// Something was done; a sentence for the page of the log.
    Note(String),
    /// Something was written; a sentence.
    Saved(String),
    /// Something was done; a sentence that goes by itself.
    Done(String),
    Compared {
        asked: u64,
        result: Result<Arc<Compared>, String>,
    },
    ChosenProject(Side, PathBuf),
    /// Something could not be done.
    Failed {
        title: String,
        text: String,
    },
    OldLog(Box<OldLog>),
    Runs(Vec<RunInfo>),
    Run(Arc<Timeline>),
    Checked(Box<Checked>),
    Script(Result<Arc<Script>, String>),
    Records(Vec<Made>),
    Images(Vec<Image>),
    Looked {
        asked: u64,
        /// How many levels of the way stay before it.
        keep: usize,
        result: Result<Arc<Level>, String>,
    },
    TreeSeen {
        asked: u64,
        seen: Box<Seen>,
    },
    SizesCompared {
        asked: u64,
        result: Result<Arc<ComparedSizes>, String>,
    },
    Bytes {
        shown: u64,
        part: Part,
        result: Result<Vec<u8>, String>,
    },
    Config(ComponentId, ConfigNews),
    Kbuild(ComponentId, KbuildNews),
    /// What the installation printed.
    InstallLines(Vec<String>),
    /// The error says which command failed and how.
    Installed(Result<(), String>),
}

/// What was found for a project.
#[derive(Clone, Debug)]
pub struct Checked {
    pub project: Arc<Project>,
    pub findings: Result<Vec<Finding>, String>,
    pub missing: Vec<Missing>,
    /// The commands that bring what is missing, or why there are none.
    pub install: Result<Vec<Vec<String>>, String>,
}

/// A record of the store, and when it was made, in seconds since 1970.
#[derive(Clone, Debug)]
pub struct Made {
    pub record: Record,
    pub at: Option<u64>,
}

/// The desk's part of the link.
pub struct Desk {
    work: PathBuf,
    library: Arc<Library>,
    incoming: Sender<Incoming>,
    wake: Wake,
    install: Arc<install::Running>,
    configs: Arc<config::Configs>,
    trees: Arc<kbuild::Trees>,
}

impl Desk {
    pub fn new(work: PathBuf, library: Arc<Library>, incoming: Sender<Incoming>, wake: Wake) -> Self {
        Self { work, library, incoming, wake, install: Arc::default(), configs: Arc::default(), trees: Arc::default() }
    }

    pub fn ask(&self, ask: Ask) -> Result<(), String> {
        if let Ask::StopInstall = ask {
            self.install.stop();
            return Ok(());
        }
        if let Ask::StopFetching = ask {
            self.configs.stop();
            return Ok(());
        }
        let (work, library, install, configs) = (self.work.clone(), self.library.clone(), self.install.clone(), self.configs.clone());
        let (incoming, wake) = (self.incoming.clone(), self.wake.clone());
        let say = move |news| {
            // A window that is gone needs no news.
            if incoming.send(Incoming::Desk(news)).is_ok() {
                wake();
            }
        };
        let trees = self.trees.clone();
        let body = move || match ask {
            ask @ (Ask::OpenKbuild { .. } | Ask::KbuildDetails { .. } | Ask::KbuildReach { .. } | Ask::Foresee { .. }) => {
                trees.answer(ask, &work, &library, &|component, news| say(News::Kbuild(component, news)));
            }
            ask => do_it(ask, &work, &library, &install, &configs, &say),
        };
        std::thread::Builder::new().name("desk".into()).spawn(body).map(drop).map_err(|e| format!("cannot start a thread: {e}"))
    }
}

fn do_it(ask: Ask, work: &Path, library: &Library, running: &install::Running, configs: &config::Configs, say: &dyn Fn(News)) {
    let failed = |title: &str, text: String| say(News::Failed { title: title.into(), text });
    match ask {
        Ask::Open { editor, file, folders, line, column } => {
            if let Err(why) = editor::open(editor.as_deref(), &file, &folders, line, column, &|words| say(News::Note(words))) {
                failed("The editor was not opened", why);
            }
        }
        Ask::SaveLog { path, snapshot } => {
            let Some(path) = path.or_else(|| choose("bootwright.log")) else { return say(News::Note("nothing was saved".into())) };
            match write_whole(&path, |out| snapshot.write(out)) {
                Ok(lines) => say(News::Note(format!("{lines} lines are in {}", path.display()))),
                Err(e) => failed("The log was not saved", format!("{}: {e}", path.display())),
            }
        }
        Ask::SaveTrace { path, timeline } => {
            let Some(path) = path.or_else(|| choose("bootwright-trace.json")) else { return say(News::Note("nothing was saved".into())) };
            match write_whole(&path, |out| trace::write(&timeline, out)) {
                Ok(()) => say(News::Note(format!("the trace is in {}; ui.perfetto.dev opens it", path.display()))),
                Err(e) => failed("The trace was not saved", format!("{}: {e}", path.display())),
            }
        }
        Ask::LoadLog { folder, step } => match load_log(&folder, &step) {
            Ok(log) => say(News::OldLog(Box::new(log))),
            Err(e) => failed("The log could not be read", format!("{step} in {}: {e}", folder.display())),
        },
        Ask::Runs => match Work::new(work).and_then(|w| timeline::runs(&w, RUNS)) {
            Ok(runs) => say(News::Runs(runs)),
            Err(e) => failed("The earlier runs could not be listed", e.to_string()),
        },
        Ask::LoadRun { folder } => match timeline::load(&folder) {
            Ok(timeline) => say(News::Run(Arc::new(timeline))),
            Err(e) => failed("The run could not be read", e.to_string()),
        },
        Ask::Check { project } => say(News::Checked(Box::new(check(project, library, work)))),
        Ask::Script { project } => {
            let script = Work::new(work).and_then(|w| bootwright_build::script(&project, library, None, &w));
            say(News::Script(script.map(Arc::new).map_err(|e| e.to_string())));
        }
        Ask::Compare { asked, sources } => compare(asked, sources, library, work, say),
        Ask::ChooseProject(side) => {
            let dialog = rfd::FileDialog::new().add_filter("Bootwright project", &["ron"]).set_title("A project to compare");
            if let Some(path) = dialog.pick_file() {
                say(News::ChosenProject(side, path));
            }
        }
        Ask::SaveComparison { path, compared, moment } => {
            let Some(path) = path.or_else(|| choose(&picture_name(&compared))) else { return };
            // What was typed may have no ending.
            let path = if path.extension().is_none() { path.with_extension("svg") } else { path };
            match picture::write(&compared, library, moment, &path) {
                Ok(()) => say(News::Done(format!("The picture is in {}", path.display()))),
                Err(e) => failed("The picture was not saved", format!("{e:#}")),
            }
        }
        Ask::Records => match records(work) {
            Ok(records) => say(News::Records(records)),
            Err(e) => failed("The store could not be read", e),
        },
        Ask::LookInside { from, name, others, asked, keep } => {
            say(News::Looked { asked, keep, result: inside::look(&from, name, &others) });
        }
        Ask::LookAtTree { path, asked } => say(News::TreeSeen { asked, seen: Box::new(built::look(work, path)) }),
        Ask::CompareSizes { before, after, asked } => {
            say(News::SizesCompared { asked, result: sizes::compare(&before, &after).map(Arc::new) });
        }
        Ask::KeepSizes { path, name, asked } => {
            match sizes::keep(work, &path, &name) {
                Ok(words) => say(News::Done(words)),
                Err(why) => failed("The sizes were not kept", why),
            }
            say(News::TreeSeen { asked, seen: Box::new(built::look(work, Some(path))) });
        }
        Ask::ForgetSizes { path, shown, asked } => {
            if let Err(why) = sizes::forget(work, &path) {
                failed("The sizes were not removed", why);
            }
            say(News::TreeSeen { asked, seen: Box::new(built::look(work, shown)) });
        }
        Ask::ReadBytes { source, offset, len, part, shown } => {
            say(News::Bytes { shown, part, result: source.window(offset, len).map_err(|e| e.to_string()) });
        }
        Ask::Images { files } => match Work::new(work).map_err(anyhow::Error::from).and_then(|w| guest::images(library, &w, &files)) {
            Ok(images) => say(News::Images(images)),
            Err(e) => failed("The finished images could not be listed", format!("{e:#}")),
        },
        Ask::SaveBytes { bytes, name, path } => {
            let Some(path) = path.or_else(|| choose(&name)) else { return say(News::Note("nothing was saved".into())) };
            match write_whole(&path, |out| out.write_all(&bytes)) {
                Ok(()) => say(News::Saved(format!("{} bytes are in {}", bytes.len(), path.display()))),
                Err(e) => failed("The file was not saved", format!("{}: {e}", path.display())),
            }
        }
        Ask::SaveCopy { source, name, path } => {
            let Some(path) = path.or_else(|| choose(&name)) else { return say(News::Note("nothing was saved".into())) };
            match source::save(&source, &path) {
                Ok(bytes) => say(News::Saved(format!("{bytes} bytes are in {}", path.display()))),
                Err(e) => failed("The copy was not saved", e.to_string()),
            }
        }
        Ask::Install { commands } => {
            let how = running.run(&commands, &|lines| say(News::InstallLines(lines)));
            say(News::Installed(how));
        }
        ask @ (Ask::OpenConfig { .. }
        | Ask::RecheckConfig { .. }
        | Ask::FetchSource { .. }
        | Ask::Fixes { .. }
        | Ask::ImportConfig { .. }
        | Ask::ExportConfig { .. }) => {
            configs.answer(ask, work, library, &|component, news| say(News::Config(component, news)));
        }
        Ask::StopInstall
        | Ask::StopFetching
        | Ask::OpenKbuild { .. }
        | Ask::KbuildDetails { .. }
        | Ask::KbuildReach { .. }
        | Ask::Foresee { .. } => {}
    }
}

fn choose(name: &str) -> Option<PathBuf> {
    rfd::FileDialog::new().set_file_name(name).save_file()
}

/// What the file of a comparison's picture is called where nobody says otherwise.
pub fn picture_name(compared: &Compared) -> String {
    format!("{}-{}.svg", compared.comparison.old, compared.comparison.new)
}

fn compare(asked: u64, sources: [Origin; 2], library: &Library, work: &Path, say: &dyn Fn(News)) {
    let load = |origin: Origin| match origin {
        Origin::Project(project) => Ok(project),
        Origin::Preset(name) => Project::open(&name, library).map(Arc::new).map_err(|e| e.to_string()),
        Origin::File(path) => Project::load(&path).map(Arc::new).map_err(|e| e.to_string()),
    };
    let [old, new] = sources;
    let (old, new) = match (load(old), load(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => return say(News::Compared { asked, result: Err(why) }),
    };
    let mut compared = Compared::of(old, new, library);
    say(News::Compared { asked, result: Ok(Arc::new(compared.clone())) });
    let [old, new] = &compared.projects;
    compared.measured = Some(measure([old, new], library, Work::new(work).ok().as_ref()));
    say(News::Compared { asked, result: Ok(Arc::new(compared)) });
}

fn load_log(folder: &Path, step: &StepId) -> std::io::Result<OldLog> {
    let path = folder.join(format!("{}.{}.log", step.component, step.step));
    let mut reader = BufReader::new(std::io::Read::take(std::fs::File::open(&path)?, OLD_LOG_BYTES));
    let mut log = Log::default();
    let (mut batch, mut bytes) = (Vec::new(), Vec::new());
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        batch.push(String::from_utf8_lossy(&bytes).into_owned());
        bytes.clear();
        if batch.len() == 4096 {
            log.push(step, &std::mem::take(&mut batch), 0);
        }
    }
    log.push(step, &batch, 0);
    let run = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(OldLog { title: format!("{step}, run {run}"), log })
}

fn check(project: Arc<Project>, library: &Library, work: &Path) -> Checked {
    let findings = Work::new(work).and_then(|w| run_all(&project, library, &w)).map_err(|e| e.to_string());
    let (missing, install) = match packages::missing(&project, library) {
        Ok(missing) => {
            let commands = if missing.is_empty() { Ok(Vec::new()) } else { packages::commands(&missing, Asking::InAWindow) };
            (missing, commands)
        }
        Err(e) => (Vec::new(), Err(e.to_string())),
    };
    Checked { project, findings, missing, install }
}

fn records(work: &Path) -> Result<Vec<Made>, String> {
    let store = Work::new(work).and_then(|w| Store::open(&w)).map_err(|e| e.to_string())?;
    let records = store.records().map_err(|e| e.to_string())?;
    Ok(records.into_iter().map(|(key, record)| Made { at: store.made(&key), record }).collect())
}
