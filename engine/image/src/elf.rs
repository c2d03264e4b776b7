//! One ELF file: its target, its kind, its interpreter, the libraries it names and the symbols it defines for others.
//!
//! Read as the kernel and the loader read it: through program headers and the dynamic segment, not through section
//! headers, which `strip` and `sstrip` may change or drop. Format: System V ABI, chapters 4 and 5 (gabi 4.1), and the GNU
//! extensions as `<elf.h>` numbers them.

mod tables;

use crate::Error;
use crate::source::{Reader, Source};
use object::elf::{FileHeader32, FileHeader64};
use object::{Endianness, ReadCache};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// Size of addresses in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Class {
    /// 32-bit addresses, `ELFCLASS32`.
    Elf32,
    /// 64-bit addresses, `ELFCLASS64`.
    Elf64,
}

/// Order of bytes in the file's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum ByteOrder {
    /// Least significant byte first, `ELFDATA2LSB`.
    Little,
    /// Most significant byte first, `ELFDATA2MSB`.
    Big,
}

/// The processor, `e_machine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Machine(pub u16);

impl fmt::Display for Machine {
    /// The name of the processors Linux runs on, else the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            3 => "i386",
            8 => "MIPS",
            20 => "PowerPC",
            21 => "PowerPC64",
            22 => "S/390",
            40 => "ARM",
            43 => "SPARC V9",
            62 => "x86-64",
            183 => "AArch64",
            243 => "RISC-V",
            247 => "BPF",
            258 => "LoongArch",
            other => return write!(f, "machine {other}"),
        };
        f.write_str(name)
    }
}

/// What must be the same for one file to be loaded beside another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Target {
    /// Size of addresses.
    pub class: Class,
    /// Order of bytes.
    pub byte_order: ByteOrder,
    /// Processor.
    pub machine: Machine,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self.class {
            Class::Elf32 => "ELF32",
            Class::Elf64 => "ELF64",
        };
        let order = match self.byte_order {
            ByteOrder::Little => "",
            ByteOrder::Big => " big-endian",
        };
        write!(f, "{class} {}{order}", self.machine)
    }
}

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Kind {
    /// A program linked to a fixed address, `ET_EXEC`.
    Executable,
    /// A program that runs at any address: `ET_DYN` with the flag `DF_1_PIE`, or, as linkers before binutils 2.26 did not
    /// set that flag, `ET_DYN` with an interpreter and without a soname.
    Pie,
    /// A library, or the loader itself: any other `ET_DYN`.
    SharedObject,
    /// An object file or a kernel module, `ET_REL`.
    Relocatable,
    /// A memory dump, `ET_CORE`.
    Core,
    /// Another `e_type`, kept as it stands in the file.
    Other(u16),
}

/// What one ELF file says of itself. Names that are not UTF-8 carry U+FFFD in place of the wrong bytes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Elf {
    /// What it runs on.
    pub target: Target,
    /// What it is for.
    pub kind: Kind,
    /// Path of the program the kernel starts in its place (`PT_INTERP`), as in the image: `/lib64/ld-linux-x86-64.so.2`.
    pub interpreter: Option<String>,
    /// Libraries it names (`DT_NEEDED`), in the order of the file.
    pub needed: Vec<String>,
    /// Its own name as a library (`DT_SONAME`).
    pub soname: Option<String>,
    /// Folders of `DT_RPATH`, searched before `LD_LIBRARY_PATH`; may contain `$ORIGIN`. Empty when there is none.
    pub rpath: Vec<String>,
    /// Folders of `DT_RUNPATH`, searched after `LD_LIBRARY_PATH`; may contain `$ORIGIN`. Empty when there is none.
    pub runpath: Vec<String>,
}

impl Kind {
    /// For people.
    pub fn title(self) -> String {
        match self {
            Kind::Executable => "program at a fixed address".to_owned(),
            Kind::Pie => "program at any address (PIE)".to_owned(),
            Kind::SharedObject => "shared object".to_owned(),
            Kind::Relocatable => "object file or kernel module".to_owned(),
            Kind::Core => "memory dump".to_owned(),
            Kind::Other(number) => format!("of type {number}"),
        }
    }
}

impl Elf {
    /// Whether it is a program that starts without a loader and without libraries. False for libraries and object files.
    pub fn is_static(&self) -> bool {
        matches!(self.kind, Kind::Executable | Kind::Pie) && self.interpreter.is_none() && self.needed.is_empty()
    }
}

/// Reads what the ELF file at `path` says of itself.
///
/// Links are followed. Only the tables are read, so large files cost little.
///
/// # Errors
/// [`Error::Io`] and [`Error::NotAFile`] when it cannot be read, [`Error::NotElf`] when it is something else,
/// [`Error::BadElf`] when a table it needs lies outside the file or contradicts itself.
pub fn inspect(path: &Path) -> Result<Elf, Error> {
    inspect_source(&Source::open(path)?)
}

/// As [`inspect`], of bytes that need not be a file of their own.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_source(source: &Source) -> Result<Elf, Error> {
    let (class, data) = open(source)?;
    match class {
        Class::Elf32 => tables::inspect::<FileHeader32<Endianness>>(&data, class),
        Class::Elf64 => tables::inspect::<FileHeader64<Endianness>>(&data, class),
    }
    .map_err(|why| Error::BadElf { path: source.name().to_owned(), why })
}

/// The names the file defines in its dynamic symbol table, without versions: what other files can link to at run time.
///
/// Counted as the loader counts, through `DT_GNU_HASH` or `DT_HASH`; local and undefined symbols are left out. A file
/// without a dynamic segment, or whose segment has no such table, defines none.
///
/// # Errors
/// As [`inspect`].
pub fn defined_dynamic_symbols(path: &Path) -> Result<BTreeSet<String>, Error> {
    let (class, data) = open(&Source::open(path)?)?;
    match class {
        Class::Elf32 => tables::defined_symbols::<FileHeader32<Endianness>>(&data),
        Class::Elf64 => tables::defined_symbols::<FileHeader64<Endianness>>(&data),
    }
    .map_err(|why| Error::BadElf { path: path.to_owned(), why })
}

/// Reads its class.
fn open(source: &Source) -> Result<(Class, ReadCache<Reader>), Error> {
    let path = source.name();
    let class = match source.window(0, 5)?.as_slice() {
        [0x7f, b'E', b'L', b'F', 1] => Class::Elf32,
        [0x7f, b'E', b'L', b'F', 2] => Class::Elf64,
        [0x7f, b'E', b'L', b'F', ..] => {
            return Err(Error::BadElf { path: path.to_owned(), why: "its class is neither 32-bit nor 64-bit".to_owned() });
        }
        _ => return Err(Error::NotElf { path: path.to_owned() }),
    };
    Ok((class, ReadCache::new(source.reader())))
}
