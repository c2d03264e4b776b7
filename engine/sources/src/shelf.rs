//! The downloads folder: finished files named `<sha256>-<name>`, each with a note of when its hash was last checked.
//!
//! A name alone is not believed: a disk that filled up, or a person, may have changed the file since. Hashing 150 MB for
//! every build is a second not worth spending either, so the note `<file>.verified` keeps size and modification time of
//! the file at the moment it was hashed; when both still hold the hash is taken as checked, else the file is hashed
//! again and thrown away when wrong.

use std::fs::{self, File, Metadata};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::digest;
use crate::error::{FetchError, io_at};
use crate::fetch::Fetched;
use crate::provider::Provider;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    sha256: String,
    size: u64,
    mtime: (i64, i64),
    provider: Provider,
    version: Option<String>,
    origin: String,
}

/// What a finished download is kept with.
pub(crate) struct Label<'a> {
    pub provider: &'a Provider,
    pub version: Option<String>,
    pub origin: String,
    /// The name people know the file by.
    pub name: &'a str,
}

/// The file with this hash, checked, if it is here.
pub(crate) fn find(sha256: &str, ctx: &Context) -> Result<Option<Fetched>, FetchError> {
    let prefix = format!("{sha256}-");
    for path in listing(ctx)? {
        let fits = path.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(&prefix) && !n.ends_with(".verified"));
        if fits && let Some(fetched) = verified(&path, sha256, ctx)? {
            return Ok(Some(fetched));
        }
    }
    Ok(None)
}

/// The newest file that this very provider gave before, in this version if one is asked for.
pub(crate) fn recall(provider: &Provider, version: Option<&str>, ctx: &Context) -> Result<Option<Fetched>, FetchError> {
    let mut notes: Vec<(PathBuf, Note)> = listing(ctx)?
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "verified"))
        .filter_map(|p| Some((p.with_extension(""), read_note(&p)?)))
        .filter(|(_, n)| n.provider == *provider && (version.is_none() || n.version.as_deref() == version))
        .collect();
    notes.sort_by_key(|(_, n)| std::cmp::Reverse(n.mtime));
    for (path, note) in notes {
        if let Some(fetched) = verified(&path, &note.sha256, ctx)? {
            return Ok(Some(fetched));
        }
    }
    Ok(None)
}

/// Makes a scratch file whose hash is known a finished download.
pub(crate) fn adopt(scratch: &Path, sha256: &str, label: Label, ctx: &Context) -> Result<Fetched, FetchError> {
    let file = File::open(scratch).map_err(io_at("open", scratch))?;
    file.sync_all().map_err(io_at("write", scratch))?;
    let path = ctx.downloads.join(format!("{sha256}-{}", plain_name(label.name)));
    fs::rename(scratch, &path).map_err(io_at("rename into place", scratch))?;
    let _ = File::open(&ctx.downloads).and_then(|f| f.sync_all()); // lasting; the rename is atomic without it
    let found = fs::metadata(&path).map_err(io_at("look at", &path))?;
    let note = Note {
        sha256: sha256.into(),
        size: found.len(),
        mtime: (found.mtime(), found.mtime_nsec()),
        provider: label.provider.clone(),
        version: label.version,
        origin: label.origin,
    };
    write_note(&path, &note);
    Ok(note.into_fetched(path))
}

impl Note {
    fn into_fetched(self, file: PathBuf) -> Fetched {
        Fetched { file, sha256: self.sha256, size: self.size, provider: self.provider.kind(), version: self.version, origin: self.origin }
    }
}

fn listing(ctx: &Context) -> Result<Vec<PathBuf>, FetchError> {
    let entries = fs::read_dir(&ctx.downloads).map_err(io_at("list", &ctx.downloads))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort(); // the same choice every time, whatever order the file system lists in
    Ok(paths)
}

fn verified(path: &Path, sha256: &str, ctx: &Context) -> Result<Option<Fetched>, FetchError> {
    let Ok(found) = fs::symlink_metadata(path) else { return Ok(None) };
    if !found.is_file() {
        return Ok(None);
    }
    let note = read_note(&note_path(path)).filter(|n| n.sha256 == sha256);
    if let Some(note) = &note
        && same_moment(note, &found)
    {
        return Ok(Some(note.clone().into_fetched(path.into())));
    }
    let (got, size) = digest::hash_file(path, ctx)?;
    if got != sha256 {
        ctx.note(format!("{} was changed since it was downloaded; fetching it again", path.display()));
        fs::remove_file(path).map_err(io_at("remove", path))?;
        let _ = fs::remove_file(note_path(path)); // may not be there
        return Ok(None);
    }
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let note = Note {
        sha256: got,
        size,
        mtime: (found.mtime(), found.mtime_nsec()),
        // a file someone put here by hand has no note; its name is all that is known about it
        provider: note.as_ref().map_or_else(|| Provider::File { path: path.into() }, |n| n.provider.clone()),
        version: note.as_ref().and_then(|n| n.version.clone()),
        origin: note.map_or_else(|| name.into(), |n| n.origin),
    };
    write_note(path, &note);
    Ok(Some(note.into_fetched(path.into())))
}

fn same_moment(note: &Note, found: &Metadata) -> bool {
    note.size == found.len() && note.mtime == (found.mtime(), found.mtime_nsec())
}

fn note_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".verified");
    name.into()
}

fn read_note(path: &Path) -> Option<Note> {
    if fs::metadata(path).ok()?.len() > 64 << 10 {
        return None;
    }
    ron::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// A missing or torn note only costs hashing again, so failures are not errors; it is still renamed into place whole.
fn write_note(path: &Path, note: &Note) {
    let Ok(text) = ron::to_string(note) else { return };
    let Some(folder) = path.parent() else { return };
    if let Ok(mut scratch) = tempfile::NamedTempFile::new_in(folder)
        && scratch.write_all(text.as_bytes()).is_ok()
    {
        let _ = scratch.persist(note_path(path));
    }
}

/// A file name that holds nothing a shell, a terminal or a path could stumble over.
pub(crate) fn plain_name(name: &str) -> String {
    let kept: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "._+~-".contains(c) { c } else { '_' }).take(120).collect();
    match kept.trim_start_matches('.') {
        "" => "download".into(),
        plain => plain.trim_end_matches(".verified").into(),
    }
}
