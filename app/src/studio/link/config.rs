//! Reads Kconfig trees, looks for fixes and takes over files, for the page Configuration: none of it on the window's thread.

use super::desk::Ask;
use crate::studio::state::component::bytes;
use crate::studio::state::config::{ConfigNews, NotOpened};
use bootwright_build::config::{ConfigError, Editor, Site, fetch_source};
use bootwright_build::{Means, Request, Work};
use bootwright_kconfig::Tristate;
use bootwright_kconfig::fixes::Limits;
use bootwright_model::{ComponentId, Library, Project, write_whole};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Long enough for any fix that people would want, and short enough to wait for.
const FIX_TIME: Duration = Duration::from_secs(2);
/// Longer files are no configuration.
const LONGEST: u64 = 16 << 20;

#[derive(Default)]
pub struct Configs {
    /// A configuration of the desk's own: the window has its own one at hand every frame.
    spare: Mutex<Option<Editor>>,
    stop: AtomicBool,
}

type Say<'a> = &'a dyn Fn(ComponentId, ConfigNews);

impl Configs {
    /// Ends a download.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub fn answer(&self, ask: Ask, work: &Path, library: &Library, say: Say) {
        match ask {
            Ask::OpenConfig { project, component } => {
                let opened = open(&project, library, &component, work);
                say(component, ConfigNews::Opened(opened.map(Box::new)));
            }
            Ask::RecheckConfig { project, component, site } => {
                let found = Work::new(work).ok().and_then(|work| Site::find(&project, library, &component, &work).ok());
                if found.is_none_or(|f| f != *site) {
                    let opened = open(&project, library, &component, work);
                    say(component, ConfigNews::Opened(opened.map(Box::new)));
                }
            }
            Ask::FetchSource { project, component, mirrors } => {
                let fetched = self.fetch(&project, library, &component, mirrors, work, say);
                say(component, ConfigNews::Fetched(fetched));
            }
            Ask::Fixes { site, lines, name, value } => {
                let component = site.component.clone();
                let fixes = self.with_spare(*site, &lines, |e| {
                    let wanted = (e.find(&name), Tristate::of_letter(&value));
                    let (Some(s), Some(wanted)) = wanted else { return Default::default() };
                    e.fixes(s, wanted, Limits { time: FIX_TIME, ..Limits::default() })
                });
                let fixes = fixes.unwrap_or_else(|words| bootwright_build::config::Fixes { fixes: Vec::new(), words });
                say(component, ConfigNews::Fixes { name, value, lines, fixes });
            }
            Ask::ImportConfig { site, lines, path, add } => {
                let component = site.component.clone();
                let Some(file) = path.or_else(|| rfd::FileDialog::new().set_title("Load a configuration").pick_file()) else {
                    return say(component, ConfigNews::Nothing);
                };
                let result = read(&file)
                    .and_then(|text| self.with_spare(*site, &lines, |e| if add { e.import_lines(&text) } else { e.import_whole(&text) }));
                say(component, ConfigNews::Imported { file, result });
            }
            Ask::ExportConfig { component, path, text, known } => {
                let name = format!("{component}.config");
                match path.or_else(|| rfd::FileDialog::new().set_file_name(name).save_file()) {
                    Some(path) => say(component, export(path, &text, &known)),
                    None => say(component, ConfigNews::Nothing),
                }
            }
            _ => {}
        }
    }

    fn fetch(
        &self,
        project: &Project,
        library: &Library,
        component: &ComponentId,
        mirrors: Vec<String>,
        work: &Path,
        say: Say,
    ) -> Result<(), String> {
        self.stop.store(false, Ordering::Relaxed);
        let work = Work::new(work).map_err(|e| e.to_string())?;
        let means = Means { jobs: None, mirrors };
        let request = Request { project, library, target: Some(component), means: Some(&means), work: &work };
        let told = Mutex::new(Instant::now());
        let progress = |done: u64, total: Option<u64>| {
            let mut told = told.lock().unwrap_or_else(|e| e.into_inner());
            if told.elapsed() > Duration::from_millis(200) {
                *told = Instant::now();
                let of = total.map_or(String::new(), |t| format!(" of {}", bytes(t)));
                say(component.clone(), ConfigNews::Fetching(format!("{}{of}", bytes(done))));
            }
        };
        let note = |words: String| say(component.clone(), ConfigNews::Fetching(words));
        fetch_source(&request, &self.stop, &progress, &note).map_err(|e| e.to_string())
    }

    /// Does something with the desk's own configuration, at these lines.
    fn with_spare<T>(&self, site: Site, lines: &str, work: impl FnOnce(&mut Editor) -> T) -> Result<T, String> {
        let mut spare = self.spare.lock().unwrap_or_else(|e| e.into_inner());
        if spare.as_ref().is_none_or(|e| e.site != site) {
            *spare = None; // not two at once
            *spare = Some(Editor::open(site).map_err(|e| e.to_string())?);
        }
        let Some(editor) = spare.as_mut() else { return Err("it could not be read".into()) };
        editor.follow(lines);
        Ok(work(editor))
    }
}

fn open(project: &Project, library: &Library, component: &ComponentId, work: &Path) -> Result<Editor, NotOpened> {
    let failed = |e: ConfigError| match e {
        ConfigError::NotUnpacked { .. } => NotOpened::NotUnpacked,
        e => NotOpened::Failed(e.to_string()),
    };
    let work = Work::new(work).map_err(|e| NotOpened::Failed(e.to_string()))?;
    let site = Site::find(project, library, component, &work).map_err(failed)?;
    Editor::open(site).map_err(failed)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let meta = std::fs::metadata(file).map_err(|e| e.to_string())?;
    if meta.len() > LONGEST {
        return Err("It is too long for a configuration.".into());
    }
    std::fs::read(file).map_err(|e| e.to_string())
}

fn digest(bytes: &[u8]) -> u64 {
    let mut hash = DefaultHasher::new();
    hash.write(bytes);
    hash.finish()
}

/// What somebody else wrote there is not replaced before the user has been told.
fn export(path: PathBuf, text: &[u8], known: &[(PathBuf, u64)]) -> ConfigNews {
    let path = std::path::absolute(&path).unwrap_or(path);
    if let Ok(there) = std::fs::read(&path) {
        let (now, seen) = (digest(&there), known.iter().find(|(p, _)| *p == path).map(|(_, d)| *d));
        if there != text && seen != Some(now) {
            return ConfigNews::WouldReplace { path, digest: now, known: seen.is_some() };
        }
    }
    match write_whole(&path, |out| out.write_all(text)) {
        Ok(()) => ConfigNews::Exported { digest: digest(text), path },
        Err(e) => ConfigNews::NotExported(format!("{}: {e}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_is_noticed_before_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.config");
        let ConfigNews::Exported { digest: mine, .. } = export(path.clone(), b"a\n", &[]) else { panic!("written") };
        let known = [(path.clone(), mine)];
        assert!(matches!(export(path.clone(), b"b\n", &known), ConfigNews::Exported { .. }), "it is as it was left");
        std::fs::write(&path, "theirs\n").unwrap();
        let ConfigNews::WouldReplace { digest: seen, known: true, .. } = export(path.clone(), b"c\n", &known) else { panic!("noticed") };
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs\n");
        assert!(matches!(export(path.clone(), b"c\n", &[(path.clone(), seen)]), ConfigNews::Exported { .. }));
        assert!(matches!(export(folder.path().join("no/such/x"), b"c\n", &[]), ConfigNews::NotExported(_)));
        std::fs::write(&path, "theirs\n").unwrap();
        assert!(matches!(export(path.clone(), b"c\n", &[]), ConfigNews::WouldReplace { known: false, .. }));
    }
}
