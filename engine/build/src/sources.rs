//! A recipe's source, got and unpacked: the model's words turned into requests of `bootwright-sources`.

use crate::{BuildError, Work, files};
use bootwright_model::{Library, Project, Provider};
use bootwright_sources::{self as fetching, Context, LockEntry, LockFile, Progress, Request};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Two package managers at once wait for each other's locks and end no sooner.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub struct Source {
    request: Request,
    lock_path: PathBuf,
    downloads: PathBuf,
    sources: PathBuf,
}

/// Beside the project file; presets share one in the work folder.
pub fn lock_path(file: Option<&Path>, work: &Work) -> PathBuf {
    match file {
        Some(file) => file.with_extension("lock"),
        None => work.root().join("presets.lock"),
    }
}

/// `file`: the project's; none: a preset's.
pub fn load_lock(file: Option<&Path>, work: &Work) -> Result<LockFile, BuildError> {
    let path = lock_path(file, work);
    if !path.exists() {
        return Ok(LockFile::default());
    }
    LockFile::load(&path).map_err(|e| BuildError::Damaged { path, reason: e.to_string() })
}

/// A project that was saved under another name keeps to the versions it had: what the lock file at hand says of its sources is
/// written beside the new file, where no lock file is yet. `before`: the file it had until now; none: it was a preset's.
pub fn carry_lock(project: &Project, library: &Library, before: Option<&Path>, work: &Work) -> Result<(), BuildError> {
    let path = lock_path(project.path.as_deref(), work);
    if path.exists() {
        return Ok(());
    }
    let mut lock = load_lock(before, work)?;
    let recipes = project.layout.components.iter().filter_map(|c| library.recipe(&c.recipe));
    let used: Vec<&str> = recipes.filter_map(|r| Some(r.source.as_ref()?.id.as_str())).collect();
    lock.entries.retain(|name, _| used.contains(&name.as_str()));
    if lock.entries.is_empty() {
        return Ok(());
    }
    lock.save(&path).map_err(|e| BuildError::Damaged { path, reason: e.to_string() })
}

impl Source {
    pub fn new(source: &bootwright_model::Source, run: &crate::Request, lock: &LockFile) -> Result<Self, BuildError> {
        let (project, work, mirrors) = (run.project, run.work, run.means.map_or(&[][..], |m| &m.mirrors));
        let mut providers: Vec<fetching::Provider> = source.providers.iter().map(|p| provider(p, mirrors)).collect();
        if let Some(path) = project.files.get(&source.id) {
            // Beside the project file, unless it says otherwise.
            let base = project.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
            providers = vec![fetching::Provider::File { path: base.join(path) }];
        } else if let Some(kind) = &project.provider {
            providers.retain(|p| family(p) == kind);
            if providers.is_empty() {
                return Err(BuildError::Project {
                    place: format!("source {}", source.id),
                    reason: format!("it has no provider of the kind `{kind}`; there are url, apt and file"),
                });
            }
        }
        // What was resolved before stays, as long as the project still allows that provider.
        let locked: Option<LockEntry> = lock.entries.get(&source.id).filter(|e| providers.iter().any(|p| p.kind() == e.provider)).cloned();
        let request = Request { name: source.id.clone(), providers, prefer: None, locked };
        Ok(Self { request, lock_path: lock_path(project.path.as_deref(), work), downloads: work.downloads(), sources: work.sources() })
    }

    /// Gives the archive's hash, and notes in the lock file where it came from.
    pub fn fetch(&self, cancel: &AtomicBool, progress: &dyn Fn(u64, Option<u64>), note: &dyn Fn(String)) -> Result<String, BuildError> {
        let _one = ONE_AT_A_TIME.lock().unwrap_or_else(|e| e.into_inner());
        let fetched = fetching::fetch(&self.request, &Context::new(&self.downloads, &tell(progress, note), cancel))?;
        let damaged = |e: fetching::LockError| BuildError::Damaged { path: self.lock_path.clone(), reason: e.to_string() };
        let mut lock = if self.lock_path.exists() { LockFile::load(&self.lock_path).map_err(damaged)? } else { LockFile::default() };
        let entry = LockEntry {
            provider: fetched.provider,
            version: fetched.version.clone(),
            sha256: fetched.sha256.clone(),
            size: fetched.size,
            origin: fetched.origin.clone(),
        };
        if lock.entries.get(&self.request.name) != Some(&entry) {
            lock.entries.insert(self.request.name.clone(), entry);
            lock.save(&self.lock_path).map_err(damaged)?;
        }
        note(format!(
            "{} from {}{}",
            self.request.name,
            fetched.origin,
            fetched.version.map(|v| format!(", version {v}")).unwrap_or_default()
        ));
        // The unpack step looks for the file by its hash.
        files::write_whole(&self.downloads.join(format!("{}.name", fetched.sha256)), fetched.file.as_os_str().as_encoded_bytes())?;
        Ok(fetched.sha256)
    }

    /// Gives what another thread took of the processor for it.
    pub fn unpack(&self, hash: &str, cancel: &AtomicBool, progress: &dyn Fn(u64, Option<u64>)) -> Result<Duration, BuildError> {
        let name = self.downloads.join(format!("{hash}.name"));
        let bytes = std::fs::read(&name).map_err(|source| BuildError::Io { what: "read", path: name, source })?;
        let archive = PathBuf::from(std::ffi::OsString::from(String::from_utf8_lossy(&bytes).into_owned()));
        let target = self.sources.join(hash);
        let unpacked = fetching::unpack(&archive, &target, &Default::default(), &tell(progress, &|_| {}), cancel);
        unpacked.map(|u| u.decompressing).map_err(|e| match e {
            fetching::UnpackError::Cancelled => BuildError::Cancelled,
            e => BuildError::Action(e.to_string()),
        })
    }
}

fn tell<'a>(progress: &'a dyn Fn(u64, Option<u64>), note: &'a dyn Fn(String)) -> impl Fn(Progress) + 'a {
    move |p| match p {
        Progress::Bytes { done, total, .. } => progress(done, total),
        Progress::Note(text) => note(text),
    }
}

/// Mirrors hold the archives under the names they have upstream.
fn with_mirrors(urls: &[String], mirrors: &[String]) -> Vec<String> {
    let name = urls.first().and_then(|u| u.rsplit('/').next()).unwrap_or_default();
    let there = mirrors.iter().map(|m| m.trim()).filter(|m| !m.is_empty()).map(|m| format!("{}/{name}", m.trim_end_matches('/')));
    there.chain(urls.iter().cloned()).collect()
}

fn provider(p: &Provider, mirrors: &[String]) -> fetching::Provider {
    match p {
        Provider::File { path } => fetching::Provider::File { path: path.into() },
        Provider::Url { urls, sha256 } => fetching::Provider::Url { urls: with_mirrors(urls, mirrors), sha256: sha256.clone(), size: None },
        Provider::AptBinary { package, member } => fetching::Provider::AptBinary { package: package.clone(), member: member.clone() },
        Provider::AptSource { package, suffix } => fetching::Provider::AptSource { package: package.clone(), suffix: suffix.clone() },
    }
}

fn family(p: &fetching::Provider) -> &'static str {
    match p {
        fetching::Provider::File { .. } => "file",
        fetching::Provider::Url { .. } => "url",
        fetching::Provider::AptBinary { .. } | fetching::Provider::AptSource { .. } => "apt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_asked_by_the_archives_name_before_upstream() {
        let urls = ["https://upstream/pub/musl-1.2.6.tar.gz".to_owned()];
        let mirrors = ["http://one/a/".to_owned(), "http://two".to_owned()];
        let all = with_mirrors(&urls, &mirrors);
        assert_eq!(all, ["http://one/a/musl-1.2.6.tar.gz", "http://two/musl-1.2.6.tar.gz", "https://upstream/pub/musl-1.2.6.tar.gz"]);
        assert_eq!(with_mirrors(&urls, &["".to_owned(), "  ".to_owned()]), urls, "an empty line of the settings is none");
    }

    #[test]
    fn a_project_saved_elsewhere_keeps_the_versions_of_its_own_sources() {
        let dir = tempfile::tempdir().unwrap();
        let work = Work::new(dir.path()).unwrap();
        let library = Library::embedded().unwrap();
        let mut project = Project::from_layout(library.layout("musl").unwrap());
        let mut lock = LockFile::default();
        for name in ["musl", "glibc"] {
            let (provider, sha256) = (fetching::ProviderKind::Url, "0".repeat(64));
            lock.entries.insert(name.into(), LockEntry { provider, version: None, sha256, size: 1, origin: "x".into() });
        }
        lock.save(&lock_path(None, &work)).unwrap();
        project.path = Some(dir.path().join("mine.ron"));
        carry_lock(&project, &library, None, &work).unwrap();
        let carried = load_lock(project.path.as_deref(), &work).unwrap();
        assert_eq!(carried.entries.keys().collect::<Vec<_>>(), ["musl"]);
        // A lock file that is there is somebody's decision.
        let first = project.path.replace(dir.path().join("other.ron"));
        LockFile::default().save(&dir.path().join("other.lock")).unwrap();
        carry_lock(&project, &library, first.as_deref(), &work).unwrap();
        assert!(load_lock(project.path.as_deref(), &work).unwrap().entries.is_empty());
    }
}
