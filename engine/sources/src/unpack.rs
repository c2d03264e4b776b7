//! An archive made into a tree: decompressed on one thread, judged and written on another, renamed when whole.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::time::Duration;

use crate::context::{Meter, Phase, Progress, TICK};
use crate::copy::Counted;
use crate::decompress::{self, Packing};
use crate::error::UnpackError;
use crate::member::each_member;
use crate::scratch::Scratch;
use crate::tree;
use crate::write::Writer;

/// What an archive may hold at most. The kernel's has 87,000 entries and 1.5 GB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub entries: u64,
    pub bytes: u64,
    /// Whether the files are on the disk before the tree gets its name. Without it a power cut within the next half
    /// minute can leave a tree that looks whole and has empty files.
    pub flush: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, bytes: 8 << 30, flush: true }
    }
}

/// What came out of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    pub entries: u64,
    /// Contents of files, without their headers.
    pub bytes: u64,
    /// The single folder that held everything and was taken away.
    pub top_dir: Option<String>,
    /// What the thread that decompressed took of the processor; the calling thread's own share comes on top.
    pub decompressing: Duration,
}

/// Why reading members ended early.
pub(crate) enum Stop {
    Tar(io::Error),
    Unpack(UnpackError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Tar(error)
    }
}

impl From<UnpackError> for Stop {
    fn from(error: UnpackError) -> Self {
        Stop::Unpack(error)
    }
}

/// Unpacks `archive` so that `target` is its single top folder (or its contents, when it has none).
///
/// `target` must not be there yet, and is there only when everything was right. All work goes on in a hidden folder
/// beside it; one left by a crash is swept by the next call for the same target.
pub fn unpack(
    archive: &Path,
    target: &Path,
    limits: &Limits,
    progress: &dyn Fn(Progress),
    cancel: &AtomicBool,
) -> Result<Unpacked, UnpackError> {
    check(cancel)?;
    let file = File::open(archive).map_err(at("open", archive))?;
    let found = file.metadata().map_err(at("look at", archive))?;
    if !found.is_file() {
        return Err(UnpackError::NotAnArchive { archive: archive.into() });
    }
    if fs::symlink_metadata(target).is_ok() && !fs::read_dir(target).is_ok_and(|mut d| d.next().is_none()) {
        return Err(UnpackError::TargetExists { target: target.into() });
    }
    let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(at("make the folder", parent))?;
    let name = target.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let scratch = Scratch::new(parent, &format!(".{name}.unpacking-")).map_err(at("make a scratch folder in", parent))?;
    let meter = Meter::new(progress, Phase::Unpack, Some(found.len()));
    let result = fill(file, archive, scratch.path(), limits, meter, cancel).and_then(|unpacked| {
        if limits.flush {
            flush(scratch.path(), cancel)?;
        }
        place(&scratch, target, parent, unpacked.top_dir.as_ref().map(|t| t.1.as_slice()))?;
        let Filled { entries, bytes, top_dir, decompressing } = unpacked;
        Ok(Unpacked { entries, bytes, top_dir: top_dir.map(|t| t.0), decompressing })
    });
    if matches!(result, Err(UnpackError::Cancelled)) {
        scratch.discard_later();
    }
    result
}

/// As [`Unpacked`], with the top folder's name as people read it and as it is.
struct Filled {
    entries: u64,
    bytes: u64,
    top_dir: Option<(String, Vec<u8>)>,
    decompressing: Duration,
}

fn fill(file: File, archive: &Path, root: &Path, limits: &Limits, mut meter: Meter, cancel: &AtomicBool) -> Result<Filled, UnpackError> {
    let read = AtomicU64::new(0);
    let counted = Counted { inner: file, read: &read, cancel };
    let mut writer = Writer::new(archive, root, limits);
    let mut decompressing = Duration::ZERO;
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(8);
        let took = &mut decompressing;
        let feeder = std::thread::Builder::new().name("decompress".into()).spawn_scoped(scope, move || {
            feed(counted, &sender);
            *took = thread_cpu();
        });
        feeder.map_err(at("start a thread to decompress", archive))?;
        // headers and padding come on top of the contents; without a bound on all of it, an archive of nothing but
        // headers would go on for ever
        let max = limits.bytes.saturating_add(limits.entries.saturating_mul(4096)).saturating_add(1 << 20);
        let mut pieces = Pieces {
            receiver,
            packing: None,
            piece: Vec::new(),
            at: 0,
            left: max,
            too_much: false,
            read: &read,
            meter: &mut meter,
            cancel,
        };
        let walked = each_member(&mut pieces, &mut |meta, contents| writer.member(meta, contents));
        // the rest is read too: checksums stand at the end of a compressed stream
        let walked = walked.and_then(|()| io::copy(&mut pieces, &mut io::sink()).map_err(Stop::Tar));
        check(cancel)?;
        match walked {
            Err(Stop::Unpack(error)) => Err(error),
            Err(Stop::Tar(_)) if pieces.too_much => {
                Err(UnpackError::TooMuch { archive: archive.into(), what: "bytes", limit: limits.bytes })
            }
            Err(Stop::Tar(_)) if writer.entries == 0 && matches!(pieces.packing, None | Some(Packing::Plain)) => {
                Err(UnpackError::NotAnArchive { archive: archive.into() })
            }
            Err(Stop::Tar(error)) => Err(UnpackError::Damaged { archive: archive.into(), reason: error.to_string() }),
            Ok(_) if writer.entries == 0 => Err(UnpackError::NotAnArchive { archive: archive.into() }),
            Ok(_) => Ok(()),
        }
    })?;
    meter.end(read.load(Ordering::Relaxed));
    if let Err((entry, reason)) = writer.tree.check_links() {
        return Err(UnpackError::Refused { archive: archive.into(), entry, reason });
    }
    writer.finish_folders()?;
    let top_dir = writer.tree.single_top().map(|name| (tree::text(name), name.to_vec()));
    Ok(Filled { entries: writer.entries, bytes: writer.bytes, top_dir, decompressing })
}

/// What this thread took of the processor so far.
fn thread_cpu() -> Duration {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(t.tv_sec).unwrap_or(0), u32::try_from(t.tv_nsec).unwrap_or(0))
}

/// What the decompressing thread says.
enum Fed {
    Packing(Packing),
    Piece(Vec<u8>),
    Failed(io::Error),
}

fn feed(counted: Counted<File>, to: &SyncSender<Fed>) {
    // a send fails only when the writer has stopped, and then nothing more is wanted
    let run = || -> io::Result<()> {
        let (packing, mut plain) = decompress::open(counted)?;
        if to.send(Fed::Packing(packing)).is_err() {
            return Ok(());
        }
        loop {
            let mut piece = Vec::with_capacity(512 << 10);
            (&mut plain).take(512 << 10).read_to_end(&mut piece)?;
            if piece.is_empty() || to.send(Fed::Piece(piece)).is_err() {
                return Ok(());
            }
        }
    };
    if let Err(error) = run() {
        let _ = to.send(Fed::Failed(error));
    }
}

/// The decompressed stream, as the other thread sends it; looks at the cancel flag while it waits and for every piece.
struct Pieces<'a, 'm> {
    receiver: Receiver<Fed>,
    packing: Option<Packing>,
    piece: Vec<u8>,
    at: usize,
    left: u64,
    too_much: bool,
    read: &'a AtomicU64,
    meter: &'a mut Meter<'m>,
    cancel: &'a AtomicBool,
}

impl Read for Pieces<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(io::Error::other("cancelled"));
            }
            match self.receiver.recv_timeout(TICK) {
                Ok(Fed::Packing(packing)) => self.packing = Some(packing),
                Ok(Fed::Piece(piece)) => {
                    self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(|| {
                        self.too_much = true;
                        io::Error::other("too much")
                    })?;
                    (self.piece, self.at) = (piece, 0);
                    self.meter.at(self.read.load(Ordering::Relaxed));
                }
                Ok(Fed::Failed(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        if self.cancel.load(Ordering::Relaxed) {
            return Err(io::Error::other("cancelled")); // many small files come out of one piece
        }
        let n = buffer.len().min(self.piece.len() - self.at);
        buffer[..n].copy_from_slice(&self.piece[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// Waits until the file system has written what it holds. The call cannot be stopped, so it waits on its own thread.
fn flush(folder: &Path, cancel: &AtomicBool) -> Result<(), UnpackError> {
    let file = File::open(folder).map_err(at("open", folder))?;
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("flush".into())
        .spawn(move || sender.send(rustix::fs::syncfs(&file)))
        .map_err(at("start a thread to flush", folder))?;
    loop {
        check(cancel)?;
        match receiver.recv_timeout(TICK) {
            Ok(result) => return result.map_err(|e| at("flush", folder)(e.into())),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn place(scratch: &Scratch, target: &Path, parent: &Path, top: Option<&[u8]>) -> Result<(), UnpackError> {
    let from = match top {
        Some(name) => scratch.path().join(std::ffi::OsStr::from_bytes(name)),
        None => {
            let mode = Permissions::from_mode(0o755); // scratch folders are private
            fs::set_permissions(scratch.path(), mode).map_err(at("set the mode of", scratch.path()))?;
            scratch.path().to_path_buf()
        }
    };
    fs::rename(&from, target).map_err(|e| match e.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => UnpackError::TargetExists { target: target.into() },
        _ => at("rename into place", target)(e),
    })?;
    let _ = File::open(parent).and_then(|f| f.sync_all()); // lasting; the rename is atomic without it
    Ok(())
}

fn check(cancel: &AtomicBool) -> Result<(), UnpackError> {
    if cancel.load(Ordering::Relaxed) { Err(UnpackError::Cancelled) } else { Ok(()) }
}

fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> UnpackError {
    let path = path.to_path_buf();
    move |source| UnpackError::Io { action, path, source }
}
