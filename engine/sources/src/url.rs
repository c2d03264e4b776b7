//! Mirrors of one file: streamed to `<sha256>.part`, resumed after cuts, hashed on the way, renamed when right.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::context::{Context, Meter, Phase, TICK};
use crate::digest::{Hasher, feed};
use crate::error::{FetchError, io_at};
use crate::fetch::Fetched;
use crate::provider::Provider;
use crate::shelf::{self, Label};
use crate::transfer::{Break, Piece, transfer};

/// An attempt that brought this much was a good one: the count of failures starts anew.
const FAIR_GAIN: u64 = 1 << 20;

pub(crate) fn fetch(provider: &Provider, urls: &[String], sha256: &str, size: Option<u64>, ctx: &Context) -> Result<Fetched, FetchError> {
    let from_shelf = || -> Result<Option<Fetched>, FetchError> {
        Ok(shelf::find(sha256, ctx)?.map(|f| Fetched { provider: provider.kind(), version: None, ..f }))
    };
    if let Some(found) = from_shelf()? {
        return Ok(found);
    }
    if ctx.offline {
        return Err(FetchError::Offline);
    }
    let Some(mut part) = Part::open(sha256, ctx, &from_shelf)? else {
        return from_shelf()?.ok_or(FetchError::Offline);
    };
    let max = size.unwrap_or(ctx.max_bytes).min(ctx.max_bytes);
    if part.len > max {
        part.reset()?;
    }
    let mut errors = Vec::new();
    for (i, url) in urls.iter().enumerate() {
        match mirror(url, &mut part, sha256, size, max, ctx) {
            Ok(()) => {
                let label = Label { provider, version: None, origin: url.clone(), name: base_name(url) };
                return shelf::adopt(&part.path, sha256, label, ctx);
            }
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                if let Some(next) = urls.get(i + 1) {
                    ctx.note(format!("{error}; trying {next}"));
                }
                errors.push(error);
            }
        }
    }
    if part.len == 0 {
        let _ = fs::remove_file(&part.path); // an empty part helps nobody
    }
    match errors.pop() {
        Some(only) if errors.is_empty() => Err(only),
        last => Err(FetchError::Mirrors(errors.into_iter().chain(last).collect())),
    }
}

fn mirror(url: &str, part: &mut Part, sha256: &str, size: Option<u64>, max: u64, ctx: &Context) -> Result<(), FetchError> {
    let mut resumed = part.len > 0; // bytes of an earlier run or another mirror, not to be held against this one
    let mut failures = 0;
    loop {
        if part.len > 0 && part.hasher.clone().hex() == sha256 {
            return Ok(()); // an earlier run was stopped between the last byte and the rename
        }
        let before = part.len;
        let mut meter = ctx.meter(Phase::Download, size);
        let ended = transfer(url, part.len, ctx, &mut |piece| part.take(piece, url, size, max, &mut meter));
        meter.end(part.len);
        let gained = part.len.saturating_sub(before);
        let (reason, quiet) = match ended {
            Ok(()) if size.is_some_and(|s| part.len < s) => (format!("only {} bytes came", part.len), false),
            Ok(()) => {
                let got = part.hasher.clone().hex();
                if got == sha256 {
                    return Ok(());
                }
                part.reset()?;
                if !resumed {
                    return Err(FetchError::WrongBytes { what: url.into(), expected: sha256.into(), got });
                }
                resumed = false;
                ctx.note(format!("{url}: what was resumed did not fit together; starting over"));
                continue;
            }
            Err(Break::Stop(error)) => {
                // a mirror that sends too much has filled the part with something else
                if matches!(error, FetchError::TooLarge { .. }) {
                    part.reset()?;
                }
                return Err(error);
            }
            Err(Break::Unreachable(reason)) => return Err(FetchError::Unreachable { url: url.into(), reason }),
            Err(Break::Status(416 | 206)) if part.len > 0 => {
                part.reset()?;
                continue;
            }
            Err(Break::Status(status)) => return Err(FetchError::Status { url: url.into(), status }),
            Err(Break::Cut(reason)) => (reason, false),
            Err(Break::Stall(reason)) => (reason, gained == 0),
        };
        failures = if gained >= FAIR_GAIN { 1 } else { failures + 1 };
        // a server that stays silent from the start will not speak on the next try either
        if quiet || failures > ctx.retries {
            return Err(FetchError::Cut { url: url.into(), at: part.len, tries: failures, reason });
        }
        ctx.note(format!("{url}: {reason}; resuming at byte {}", part.len));
        ctx.pause(Duration::from_millis(200) * failures)?;
    }
}

/// The part file, with the hash of what it holds. Its lock keeps a second process from writing into it.
struct Part {
    path: PathBuf,
    file: File,
    len: u64,
    hasher: Hasher,
}

impl Part {
    /// Waits for the part file to be ours. None: another process finished the download meanwhile.
    fn open(sha256: &str, ctx: &Context, finished: &dyn Fn() -> Result<Option<Fetched>, FetchError>) -> Result<Option<Self>, FetchError> {
        let path = ctx.downloads.join(format!("{sha256}.part"));
        let mut told = false;
        loop {
            let mut file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io_at("open", &path))?;
            while let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
                if !told {
                    ctx.note(format!("waiting for another process that downloads {}", path.display()));
                    told = true;
                }
                ctx.pause(TICK)?;
            }
            // The one who held the lock may have renamed or removed the file: then ours is no longer the part file.
            let ours = file.metadata().map_err(io_at("look at", &path))?.ino();
            if fs::metadata(&path).is_ok_and(|m| m.ino() == ours) {
                if told && finished()?.is_some() {
                    let _ = fs::remove_file(&path);
                    return Ok(None);
                }
                let mut hasher = Hasher::default();
                let total = file.metadata().map_err(io_at("look at", &path))?.len();
                let len = if total == 0 { 0 } else { feed(&mut file, &path, &mut hasher, total, ctx)? };
                return Ok(Some(Self { path, file, len, hasher }));
            }
            if finished()?.is_some() {
                return Ok(None);
            }
        }
    }

    fn take(&mut self, piece: Piece, url: &str, size: Option<u64>, max: u64, meter: &mut Meter) -> Result<(), FetchError> {
        match piece {
            Piece::Start { offset, total } => {
                if offset != self.len {
                    // the server ignored the range, or begins elsewhere; only from the start do the pieces fit
                    self.reset()?;
                    if offset != 0 {
                        return Err(FetchError::Status { url: url.into(), status: 206 });
                    }
                }
                meter.set_total(total.or(size));
                match (total, size) {
                    (Some(got), Some(expected)) if got != expected => Err(FetchError::WrongSize { what: url.into(), size: got, expected }),
                    (Some(got), _) if got > max => Err(FetchError::TooLarge { what: url.into(), size: got, max }),
                    _ => Ok(()),
                }
            }
            Piece::Bytes(bytes) => {
                let after = self.len + bytes.len() as u64;
                if after > max {
                    return Err(FetchError::TooLarge { what: url.into(), size: after, max });
                }
                self.file.write_all(bytes).map_err(io_at("write", &self.path))?;
                self.hasher.update(bytes);
                self.len = after;
                meter.at(after);
                Ok(())
            }
        }
    }

    fn reset(&mut self) -> Result<(), FetchError> {
        self.file.set_len(0).map_err(io_at("empty", &self.path))?;
        self.file.seek(SeekFrom::Start(0)).map_err(io_at("empty", &self.path))?;
        self.len = 0;
        self.hasher = Hasher::default();
        Ok(())
    }
}

/// The last segment of the path of an address.
fn base_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}
