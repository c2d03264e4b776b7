//! The store: artifacts by content, records by key. What is in it never changes.

use crate::error::At;
use crate::keys::Parts;
use crate::{BuildError, Work, files};
use bootwright_model::ComponentId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// What a step leaves. For a file the hash is the SHA-256 of its bytes, as `sha256sum` prints it; for a folder it is the
/// SHA-256 over a sorted list of its entries (kind, executable or not, path, hash or link target). Size in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub hash: String,
    pub size: u64,
    pub files: u64,
}

/// The result of a step under one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub format: u32,
    pub component: String,
    pub recipe: String,
    pub step: String,
    pub outputs: BTreeMap<String, Artifact>,
    pub seconds: f64,
    pub cpu_seconds: Option<f64>,
    pub objects: u64,
}

/// What a step of a project was made from the last time; the next plan says what differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    pub key: String,
    pub parts: Parts,
}

#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

pub const RECORD_FORMAT: u32 = 1;

/// A result that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub hash: String,
    /// Whose it is: component/step, output.
    pub of: Vec<String>,
    /// It is not there at all; else its content is another.
    pub missing: bool,
}

impl Store {
    pub fn open(work: &Work) -> Result<Self, BuildError> {
        let root = work.store();
        for folder in ["objects", "records", "slots", "history", "tmp"] {
            let path = root.join(folder);
            fs::create_dir_all(&path).at("make the folder", &path)?;
        }
        Ok(Self { root })
    }

    /// An empty folder below the store, so that a rename publishes what is made in it.
    pub fn scratch(&self) -> Result<tempfile::TempDir, BuildError> {
        let tmp = self.root.join("tmp");
        tempfile::Builder::new().prefix("out-").tempdir_in(&tmp).at("make a folder in", &tmp)
    }

    /// Where an artifact lies: the only entry of its folder, which keeps the name it was made under.
    pub fn path(&self, hash: &str) -> Option<PathBuf> {
        let folder = self.root.join("objects").join(hash);
        fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).next()
    }

    /// Takes `path` (below a scratch folder) into the store.
    pub fn publish(&self, path: &Path) -> Result<Artifact, BuildError> {
        let artifact = measure(path)?;
        let folder = self.root.join("objects").join(&artifact.hash);
        if self.path(&artifact.hash).is_some() {
            return Ok(artifact);
        }
        protect(path)?;
        sync(path, artifact.files)?;
        let scratch = self.scratch()?;
        let name = path.file_name().unwrap_or_default();
        fs::rename(path, scratch.path().join(name)).at("move", path)?;
        if folder.exists() {
            files::remove(&folder)?; // empty, or it would have been found
        }
        fs::rename(scratch.path(), &folder).at("rename to", &folder)?;
        Ok(artifact)
    }

    pub fn record(&self, key: &str) -> Result<Option<Record>, BuildError> {
        let record: Option<Record> = files::load(&self.root.join("records").join(key))?;
        Ok(record.filter(|r| r.format == RECORD_FORMAT))
    }

    pub fn put_record(&self, key: &str, record: &Record) -> Result<(), BuildError> {
        files::save(&self.root.join("records").join(key), record)
    }

    /// The step built everything anew: its time and count say what a first build with these options takes.
    pub fn put_history(&self, record: &Record, options: &BTreeMap<String, String>) -> Result<(), BuildError> {
        files::save(&self.history_path(&record.recipe, &record.step, options), record)
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// The latest whole run of a step of this recipe with these options, in whatever project.
    pub fn history(&self, recipe: &str, step: &str, options: &BTreeMap<String, String>) -> Option<Record> {
        files::load(&self.history_path(recipe, step, options)).ok().flatten()
    }

    fn history_path(&self, recipe: &str, step: &str, options: &BTreeMap<String, String>) -> PathBuf {
        let mut hash = Sha256::new();
        for (option, value) in options {
            hash.update(format!("{option}={value}\n"));
        }
        let variant = crate::keys::hex(&hash.finalize());
        self.root.join("history").join(format!("{recipe}.{step}.{}", &variant[..8]))
    }

    fn slot_path(&self, project: &str, step: &crate::StepId) -> PathBuf {
        self.root.join("slots").join(project).join(format!("{}.{}", step.component, step.step))
    }

    pub fn slot(&self, project: &str, step: &crate::StepId) -> Option<Slot> {
        files::load(&self.slot_path(project, step)).ok().flatten()
    }

    /// The projects that built a component last in this work tree, by name.
    pub fn projects_of(&self, tree: &Path, component: &ComponentId) -> Vec<String> {
        let keys = crate::tree::keys_in(tree);
        let own = format!("{component}.");
        let built = |project: &Path| {
            let slots = fs::read_dir(project).into_iter().flatten().flatten();
            let mut slots = slots.filter(|e| e.file_name().to_string_lossy().starts_with(&own));
            slots.any(|e| files::load::<Slot>(&e.path()).ok().flatten().is_some_and(|slot| keys.contains(&slot.key)))
        };
        let projects = fs::read_dir(self.root.join("slots")).into_iter().flatten().flatten();
        let mut found: Vec<String> = projects.filter(|e| built(&e.path())).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        found.sort();
        found
    }

    pub fn put_slot(&self, project: &str, step: &crate::StepId, slot: &Slot) -> Result<(), BuildError> {
        let path = self.slot_path(project, step);
        // Most runs change nothing; a synced write costs some ms, a read some µs.
        if files::load::<Slot>(&path).ok().flatten().is_some_and(|s| s.key == slot.key) {
            return Ok(());
        }
        files::save(&path, slot)
    }

    /// When the record of a key was written, in seconds since 1970: when its step ended.
    pub fn made(&self, key: &str) -> Option<u64> {
        let time = fs::metadata(self.root.join("records").join(key)).and_then(|m| m.modified()).ok()?;
        time.duration_since(std::time::UNIX_EPOCH).ok().map(|d| d.as_secs())
    }

    /// Every record with its key, sorted by component and step.
    pub fn records(&self) -> Result<Vec<(String, Record)>, BuildError> {
        let folder = self.root.join("records");
        let mut all = Vec::new();
        for entry in fs::read_dir(&folder).at("read", &folder)?.flatten() {
            let key = entry.file_name().to_string_lossy().into_owned();
            if !key.ends_with(".part")
                && let Ok(Some(record)) = self.record(&key)
            {
                all.push((key, record));
            }
        }
        all.sort_by(|a, b| (&a.1.component, &a.1.step, &a.0).cmp(&(&b.1.component, &b.1.step, &b.0)));
        Ok(all)
    }

    /// Reads everything again. Gives the hashes of objects that are not what their name says.
    pub fn verify(&self) -> Result<Vec<Fault>, BuildError> {
        let mut outputs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, record) in self.records()? {
            for (output, artifact) in record.outputs.iter().filter(|(_, a)| a.files > 0) {
                outputs.entry(artifact.hash.clone()).or_default().push(format!("{}/{}, {output}", record.component, record.step));
            }
        }
        let mut hashes = self.objects()?;
        hashes.extend(outputs.keys().cloned());
        let mut faults = Vec::new();
        for hash in hashes {
            let path = self.path(&hash);
            let intact = path.as_ref().and_then(|p| measure(p).ok()).is_some_and(|a| a.hash == hash);
            if !intact {
                let mut of = outputs.remove(&hash).unwrap_or_default();
                of.sort();
                of.dedup();
                faults.push(Fault { hash, of, missing: path.is_none() });
            }
        }
        Ok(faults)
    }

    fn objects(&self) -> Result<BTreeSet<String>, BuildError> {
        let folder = self.root.join("objects");
        Ok(fs::read_dir(&folder).at("read", &folder)?.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
    }

    /// Removes what no project's latest results use. Gives the number of objects and bytes freed.
    pub fn gc(&self) -> Result<(u64, u64), BuildError> {
        let mut keys = BTreeSet::new();
        for entry in WalkDir::new(self.root.join("slots")).into_iter().flatten().filter(|e| e.file_type().is_file()) {
            if let Ok(Some(slot)) = files::load::<Slot>(entry.path()) {
                keys.insert(slot.key);
            }
        }
        let mut used = BTreeSet::new();
        for (key, record) in self.records()? {
            if keys.contains(&key) {
                used.extend(record.outputs.into_values().map(|a| a.hash));
            } else {
                files::remove(&self.root.join("records").join(key))?;
            }
        }
        let (mut objects, mut bytes) = (0, 0);
        for hash in self.objects()?.difference(&used) {
            let folder = self.root.join("objects").join(hash);
            bytes += size_of(&folder);
            objects += 1;
            files::remove(&folder)?;
        }
        let tmp = self.root.join("tmp");
        for entry in fs::read_dir(&tmp).at("read", &tmp)?.flatten() {
            files::remove(&entry.path())?;
        }
        Ok((objects, bytes))
    }
}

impl Store {
    /// Removes work trees of which no step's stamp is the key of a result in the store. Gives their number and bytes.
    pub fn gc_trees(&self, work: &Work) -> Result<(u64, u64), BuildError> {
        let keys: BTreeSet<String> = self.records()?.into_iter().map(|(key, _)| key).collect();
        let (mut count, mut bytes) = (0, 0);
        for entry in fs::read_dir(work.trees()).into_iter().flatten().flatten() {
            if crate::tree::keys_in(&entry.path()).iter().any(|k| keys.contains(k)) {
                continue;
            }
            bytes += size_of(&entry.path());
            count += 1;
            files::remove(&entry.path())?;
        }
        Ok((count, bytes))
    }
}

fn size_of(folder: &Path) -> u64 {
    WalkDir::new(folder).into_iter().flatten().filter_map(|e| e.metadata().ok()).filter(|m| m.is_file()).map(|m| m.len()).sum()
}

/// Hash and size of a file or a tree, as [`Artifact`] says.
pub fn measure(path: &Path) -> Result<Artifact, BuildError> {
    let meta = fs::symlink_metadata(path).at("read", path)?;
    if meta.is_file() {
        return Ok(Artifact { hash: hash_file(path)?, size: meta.len(), files: 1 });
    }
    let mut list = Sha256::new();
    let (mut size, mut count) = (0, 0);
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|e| BuildError::Action(format!("cannot read {}: {e}", path.display())))?;
        let name = entry.path().strip_prefix(path).unwrap_or(Path::new("")).as_os_str().as_encoded_bytes();
        let meta = entry.metadata().map_err(|e| BuildError::Action(format!("cannot read {}: {e}", entry.path().display())))?;
        let (kind, content) = if meta.is_dir() {
            ("dir", String::new())
        } else if meta.is_symlink() {
            ("link", fs::read_link(entry.path()).at("read the link", entry.path())?.to_string_lossy().into_owned())
        } else if meta.is_file() {
            size += meta.len();
            count += 1;
            (if meta.permissions().mode() & 0o111 == 0 { "file" } else { "program" }, hash_file(entry.path())?)
        } else {
            return Err(BuildError::Action(format!(
                "{} is a device, pipe or socket, which the store does not take",
                entry.path().display()
            )));
        };
        list.update(kind);
        list.update([0]);
        list.update(name);
        list.update([0]);
        list.update(&content);
        list.update([0]);
    }
    Ok(Artifact { hash: crate::keys::hex(&list.finalize()), size, files: count })
}

fn hash_file(path: &Path) -> Result<String, BuildError> {
    let mut file = fs::File::open(path).at("read", path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 << 10];
    loop {
        let n = file.read(&mut buffer).at("read", path)?;
        if n == 0 {
            return Ok(crate::keys::hex(&hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

/// Takes the write permission away. (It stops accidents; root may still write.) Folders of a tree stay writable for the
/// owner until they are moved: a rename of a folder wants to change its `..`.
fn protect(path: &Path) -> Result<(), BuildError> {
    for entry in WalkDir::new(path).into_iter().flatten().filter(|e| e.file_type().is_file()) {
        let mode = entry.metadata().map(|m| m.permissions().mode()).unwrap_or(0o644);
        files::set_mode(entry.path(), if mode & 0o111 == 0 { 0o444 } else { 0o555 })?;
    }
    Ok(())
}

/// A few files are synced one by one (3.5 ms each); for a large tree one sync of the file system is quicker.
fn sync(path: &Path, files: u64) -> Result<(), BuildError> {
    if files > 64 {
        let dir = fs::File::open(path).at("open", path)?;
        return rustix::fs::syncfs(&dir).map_err(std::io::Error::from).at("sync", path);
    }
    for entry in WalkDir::new(path).into_iter().flatten().filter(|e| !e.file_type().is_symlink()) {
        fs::File::open(entry.path()).and_then(|f| f.sync_all()).at("sync", entry.path())?;
    }
    Ok(())
}
