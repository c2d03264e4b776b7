//! What can go wrong in this crate, each with the file, the reason and the remedy.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// A failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write.
    #[error("cannot {action} {}: {source}; check that it exists, that its permissions allow it and that the disk has room", path.display())]
    Io {
        /// What was attempted, as a verb phrase that the path completes.
        action: &'static str,
        /// The file, or the entry of an archive, it was attempted on.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path names a folder, a device, a pipe or a socket where bytes of a file were wanted.
    #[error("cannot read {} as a file: it is a folder, a device, a pipe or a socket; name a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file does not begin with the magic bytes of ELF.
    #[error("cannot read {} as ELF: it does not begin with 7f 45 4c 46 (a script, a text or an archive?); name a program, a library or an object file", path.display())]
    NotElf {
        /// The file.
        path: PathBuf,
    },
    /// The file says it is ELF and contradicts itself.
    #[error("cannot read {} as ELF: {why}; the file is damaged or cut off, build or unpack it again", path.display())]
    BadElf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Libraries that programs name were not found in the search folders.
    #[error("{}", unresolved(missing, searched))]
    Unresolved {
        /// Each library, in the order they were first needed.
        missing: Vec<Missing>,
        /// The folders that were searched, in order.
        searched: Vec<PathBuf>,
    },
    /// An entry cannot be put in a cpio archive.
    #[error("cannot put {} into the cpio archive: {why}", name.display())]
    CpioEntry {
        /// The name of the entry.
        name: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// Bytes that should be a newc cpio archive are not.
    #[error(
        "cannot read the bytes at offset {offset} as a newc cpio archive: {why}; the archive is damaged, cut off or of another format, pack it again with `cpio -H newc`"
    )]
    BadCpio {
        /// Where in the archive, in bytes from its start.
        offset: usize,
        /// What is wrong there.
        why: String,
    },
    /// Compressed bytes cannot be decompressed.
    #[error("cannot decompress {format} data: {why}; the data is damaged or cut off, make it again")]
    Decompress {
        /// The format its magic bytes say.
        format: &'static str,
        /// Why.
        why: String,
    },
    /// The bytes are compressed with something this crate does not read.
    #[error("cannot decompress {format} data: only gzip and xz are read here; decompress it with the program `{format}` first")]
    UnknownCompression {
        /// The format its magic bytes say.
        format: &'static str,
    },
    /// Bytes that should be an ISO 9660 image are not.
    #[error("cannot read {} as an ISO 9660 image: {why} (at byte {offset}); the image is damaged or cut off, make it again", path.display())]
    BadIso {
        /// The image.
        path: PathBuf,
        /// Where in it, in bytes from its start.
        offset: u64,
        /// What is wrong there.
        why: String,
    },
    /// Bytes that an image or an archive speaks of are not in it.
    #[error("cannot read {}: it lies outside of {}, which is damaged or cut off; make it again", name.display(), of.display())]
    CutOff {
        /// What was wanted.
        name: PathBuf,
        /// Where it should be.
        of: PathBuf,
    },
    /// There is nothing under this name.
    #[error("cannot open {name}: {why}")]
    NotThere {
        /// The name that was asked for.
        name: String,
        /// What is there instead, or how far it leads.
        why: String,
    },
    /// Reading would give more bytes than the caller allows.
    #[error("{what} is more than the limit of {limit} bytes; raise the limit if that size is expected, else take the data for hostile")]
    TooLarge {
        /// What is too large.
        what: String,
        /// The limit, in bytes.
        limit: u64,
    },
}

/// A library that was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The name looked for: a soname, or an interpreter's path.
    pub name: String,
    /// The file that needs it first.
    pub needed_by: PathBuf,
    /// The target it must have, as `ELF64 x86-64`.
    pub target: String,
    /// Files of that name that were found and refused, each with the reason.
    pub refused: Vec<(PathBuf, String)>,
}

fn unresolved(missing: &[Missing], searched: &[PathBuf]) -> String {
    let mut text = String::from("cannot find every needed library:");
    for one in missing {
        // Writing to a String cannot fail.
        let _ = write!(text, " {} ({}), needed by {}", one.name, one.target, one.needed_by.display());
        for (path, why) in &one.refused {
            let _ = write!(text, " (not {}: {why})", path.display());
        }
        text.push(';');
    }
    let folders: Vec<String> = searched.iter().map(|dir| dir.display().to_string()).collect();
    let folders = if folders.is_empty() { "no folder at all".to_owned() } else { folders.join(", ") };
    let _ = write!(text, " searched {folders}; add the folder that holds them, or build what provides them");
    text
}

impl Error {
    /// A failed system call, for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }
}
