//! Tells what a file is and looks inside it, and inside what is in it: the program in the initramfs in the ISO image.
//!
//! Nothing here fails because bytes are odd: what cannot be read as what it seems to be is still there as plain bytes, with
//! the reason beside it.

use crate::compress::Compression;
use crate::elf::{self, Elf};
use crate::kernel::{self, KernelImage};
use crate::source::Source;
use crate::tree::Tree;
use crate::{Error, cpio, iso};
use serde::Serialize;
use std::path::Path;

/// Most bytes that one compressed file may unpack to while it is looked into.
pub const UNPACK_LIMIT: u64 = 1 << 30;
/// How much of a file decides whether it is text.
const TEXT_PROBE: u64 = 1 << 16;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Folder,
    Iso,
    Cpio,
    Elf,
    /// A Linux kernel for a boot loader.
    Kernel,
    /// Compressed, and no archive inside.
    Compressed,
    /// Text whose first line names its interpreter.
    Script,
    Text,
    Empty,
    /// Anything else.
    Bytes,
}

impl Format {
    pub fn title(self) -> &'static str {
        match self {
            Format::Folder => "folder",
            Format::Iso => "ISO 9660 image",
            Format::Cpio => "cpio archive",
            Format::Elf => "ELF file",
            Format::Kernel => "Linux kernel image",
            Format::Compressed => "compressed file",
            Format::Script => "script",
            Format::Text => "text",
            Format::Empty => "empty file",
            Format::Bytes => "binary data",
        }
    }
}

/// What is in it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inside {
    /// Bytes only.
    Nothing,
    Elf(Elf),
    Kernel(KernelImage),
    Iso(iso::Image),
    Tree(Tree),
}

/// A file or folder that was looked into.
#[derive(Debug, Clone, Serialize)]
pub struct Look {
    pub format: Format,
    /// In bytes, as it lies there; of a folder, of all its files.
    pub size: u64,
    /// How it is compressed, and what it unpacks to.
    pub unpacked: Option<(Compression, u64)>,
    /// Why it cannot be read as what it seems to be.
    pub trouble: Option<String>,
    pub inside: Inside,
    /// Its bytes; a folder has none.
    #[serde(skip)]
    source: Option<Source>,
    /// The bytes that the tree's entries are parts of.
    #[serde(skip)]
    body: Option<Source>,
}

impl Look {
    /// Looks into a file or folder of this machine.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::NotAFile`] for devices and the like, [`Error::TooLarge`] for a folder without end.
    pub fn open(path: &Path) -> Result<Look, Error> {
        if std::fs::metadata(path).map_err(Error::io("read", path))?.is_dir() {
            let tree = Tree::of_folder(path)?;
            let size = tree.entries().iter().map(|entry| entry.size).sum();
            let inside = Inside::Tree(tree);
            return Ok(Look { format: Format::Folder, size, unpacked: None, trouble: None, inside, source: None, body: None });
        }
        Look::of(Source::open(path)?)
    }

    /// Looks into bytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn of(source: Source) -> Result<Look, Error> {
        let (format, packed) = recognise(&source)?;
        let size = source.len();
        let mut look =
            Look { format, size, unpacked: None, trouble: None, inside: Inside::Nothing, source: Some(source.clone()), body: None };
        if let Err(error) = look.look_inside(&source, packed) {
            // That the disk cannot be read is another matter than what was read from it.
            if matches!(error, Error::Io { .. }) {
                return Err(error);
            }
            look.trouble = Some(error.to_string());
        }
        Ok(look)
    }

    fn look_inside(&mut self, source: &Source, packed: bool) -> Result<(), Error> {
        let compression = source.compression()?;
        let body = if packed { source.unpack(UNPACK_LIMIT)? } else { source.clone() };
        if packed {
            self.unpacked = Some((compression, body.len()));
            if is_cpio(&body)? {
                self.format = Format::Cpio;
            }
        }
        self.inside = match self.format {
            Format::Iso => Inside::Iso(iso::read(&body)?),
            Format::Cpio => Inside::Tree(cpio::list(&body)?),
            Format::Elf => Inside::Elf(elf::inspect_source(&body)?),
            Format::Kernel => Inside::Kernel(kernel::read(&body)?),
            Format::Compressed => Inside::Tree(Tree::of_one("content", body.len())),
            _ => Inside::Nothing,
        };
        self.body = Some(body);
        Ok(())
    }

    /// Its bytes as they lie there; a folder has none.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// What can be opened in it; of an image, under the names that say most.
    pub fn tree(&self) -> Option<&Tree> {
        match &self.inside {
            Inside::Tree(tree) => Some(tree),
            Inside::Iso(image) => image.trees.first().map(|(_, tree)| tree),
            _ => None,
        }
    }

    /// The bytes of one entry of a tree of this.
    ///
    /// # Errors
    /// As [`Tree::open`].
    pub fn entry(&self, tree: &Tree, index: usize) -> Result<Source, Error> {
        tree.open(index, self.body.as_ref())
    }

    /// What a path inside leads to, through archives within archives: `rootfs.gz/bin/busybox`. Links are followed within each.
    ///
    /// # Errors
    /// [`Error::NotThere`] with how far it leads; those of reading.
    pub fn descend(self, path: &str) -> Result<Found, Error> {
        let mut here = self;
        let mut rest = path.trim_matches('/').to_owned();
        while !rest.is_empty() {
            let not_there = |why: &str| Error::NotThere { name: path.to_owned(), why: why.to_owned() };
            let Some(tree) = here.tree() else {
                let what = here.trouble.clone().unwrap_or_else(|| format!("it is a {}", here.format.title()));
                return Err(not_there(&format!("nothing can be opened where \"{rest}\" is looked for: {what}")));
            };
            let (index, left) = tree.walk(&rest).ok_or_else(|| not_there(&format!("there is no \"{rest}\"")))?;
            let entry = tree.entries().get(index).ok_or_else(|| not_there("there is no such entry"))?;
            if entry.is_folder() {
                let folder = entry.path.clone();
                return Ok(Found { look: here, folder });
            }
            let next = Look::of(here.entry(tree, index)?)?;
            (here, rest) = (next, left);
        }
        Ok(Found { look: here, folder: String::new() })
    }
}

/// Where a path led to.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    pub look: Look,
    /// The folder in its tree that was named; empty for all of it.
    pub folder: String,
}

fn is_cpio(source: &Source) -> Result<bool, Error> {
    Ok(matches!(source.array::<6>(0)?.as_ref(), Some(b"070701" | b"070702")))
}

/// What it seems to be, and whether it must be unpacked first.
fn recognise(source: &Source) -> Result<(Format, bool), Error> {
    let start = source.window(0, TEXT_PROBE)?;
    let plain = match start.as_slice() {
        [] => Format::Empty,
        [0x7f, b'E', b'L', b'F', ..] => Format::Elf,
        _ if is_cpio(source)? => Format::Cpio,
        _ if iso::is_iso(source)? => Format::Iso,
        _ if kernel::is_kernel(source)? => Format::Kernel,
        _ if Compression::of(&start) != Compression::None || crate::compress::foreign(&start).is_some() => {
            return Ok((Format::Compressed, true));
        }
        text if is_text(text, source.len()) => match text {
            [b'#', b'!', ..] => Format::Script,
            _ => Format::Text,
        },
        _ => Format::Bytes,
    };
    Ok((plain, false))
}

/// UTF-8 without control characters that no text has. A character may be cut where the probe ends.
fn is_text(start: &[u8], len: u64) -> bool {
    let known = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && len > start.len() as u64 => {
            start.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !known.is_empty() && !known.bytes().any(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}
