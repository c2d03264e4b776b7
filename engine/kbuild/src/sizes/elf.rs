//! The tables of an ELF file that sizes come from: sections and symbols.
//!
//! Only the tables are read, so that a vmlinux with a gigabyte of debug information costs no more than one without.

use crate::{Error, Result};
use bootwright_image::source::Source;
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::{Endianness, ReadCache, ReadRef, elf};
use std::path::Path;

/// Largest symbol or string table read, in bytes. That of a kernel with everything built in is about 100 MB.
const TABLE_LIMIT: u64 = 1 << 30;

/// Most bytes that the sections of a file may have together; no machine has so much memory.
const MEMORY_LIMIT: u64 = 1 << 48;

/// What the bytes of a section are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Machine code.
    Code,
    /// Read only.
    Constants,
    /// Read and written, with a value from the start.
    Data,
    /// Read and written, all zeros at the start: memory without bytes in the file.
    Zeroed,
    /// Code or data of the start only, given back when the system is up.
    Startup,
}

impl Use {
    pub const ALL: [Use; 5] = [Use::Code, Use::Constants, Use::Data, Use::Zeroed, Use::Startup];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Use::Code => "code",
            Use::Constants => "constants",
            Use::Data => "data",
            Use::Zeroed => "zeroed",
            Use::Startup => "startup",
        }
    }

    fn of(name: &str, flags: u64, nobits: bool) -> Use {
        // The kernel gives back what lies between __init_begin and __init_end; its linker script collects these names there.
        let startup = ["init", "exit"].iter().any(|word| name.split('.').any(|part| part == *word))
            || [".altinstr", ".apicdrivers", ".x86_cpu_dev", ".parainstructions", ".retpoline_sites", ".return_sites", ".call_sites"]
                .iter()
                .any(|start| name.starts_with(start));
        let write = flags & elf::SHF_WRITE.0 != 0;
        if startup && name != ".init" {
            Use::Startup
        } else if flags & elf::SHF_EXECINSTR.0 != 0 {
            Use::Code
        } else if nobits {
            Use::Zeroed
        } else if write && !name.starts_with(".rodata") && !name.starts_with("__modver") {
            Use::Data
        } else {
            Use::Constants
        }
    }
}

/// A section that takes memory.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Section {
    /// Its place in the file's table of sections.
    pub index: usize,
    pub name: String,
    pub address: u64,
    /// Where its bytes lie in the file.
    pub offset: u64,
    /// In bytes of memory.
    pub size: u64,
    /// In bytes, at least 1.
    pub align: u64,
    pub usage: Use,
    /// Whether the linker puts equal strings or constants of it together.
    pub merged: bool,
    /// Whether it has no bytes in the file.
    pub zeroed: bool,
}

/// A name of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    pub name: String,
    /// Its section's place in the file's table.
    pub section: usize,
    /// In a linked file an address, in an object file bytes from its section's start.
    pub value: u64,
    /// In bytes; 0: not said.
    pub size: u64,
    /// Whether other objects can name it.
    pub global: bool,
    /// Whether another one of its name takes its place.
    pub weak: bool,
    /// Whether nm shows it as code or data: an indirect function or a unique symbol it does not.
    pub plain: bool,
}

/// The sections that take memory and the symbols in them, both in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub sections: Vec<Section>,
    /// Those that take no memory: symbol tables, debug information.
    pub others: Vec<Section>,
    pub symbols: Vec<Symbol>,
}

impl Tables {
    /// Reads those of an ELF file of either class and byte order.
    ///
    /// # Errors
    /// What is no ELF file, or contradicts itself.
    pub fn read(path: &Path) -> Result<Tables> {
        let bad = |why: String| Error::Other(format!("{}: {why}", path.display()));
        let source = Source::open(path).map_err(|e| Error::Other(e.to_string()))?;
        let start = source.window(0, 5).map_err(|e| Error::Other(e.to_string()))?;
        let data = ReadCache::new(source.reader());
        match start.as_slice() {
            [0x7f, b'E', b'L', b'F', 1] => tables::<elf::FileHeader32<Endianness>, _>(&data).map_err(bad),
            [0x7f, b'E', b'L', b'F', 2] => tables::<elf::FileHeader64<Endianness>, _>(&data).map_err(bad),
            _ => Err(bad("it is no ELF file".to_owned())),
        }
    }
}

fn tables<'data, H: FileHeader<Endian = Endianness>, R: ReadRef<'data>>(data: R) -> std::result::Result<Tables, String> {
    let said = |error: object::read::Error| error.to_string();
    let header = H::parse(data).map_err(said)?;
    let endian = header.endian().map_err(said)?;
    let linked = header.e_type(endian) != elf::ET_REL;
    let sections = header.sections(endian, data).map_err(said)?;
    let length = data.len().map_err(|()| "its length cannot be told".to_owned())?;
    let mut total = 0_u64;
    // Where the part that each thread has a copy of begins: in a linked file its symbols count from there.
    let mut threads: Option<u64> = None;
    let mut found = Tables::default();
    let mut takes_memory = vec![false; sections.len()];
    for (index, section) in sections.enumerate() {
        let flags = section.sh_flags(endian).0;
        if section.sh_type(endian) == elf::SHT_NULL {
            continue;
        }
        let memory = flags & elf::SHF_ALLOC.0 != 0;
        let name = sections.section_name(endian, section).map_err(said)?;
        let name = String::from_utf8_lossy(name).into_owned();
        let zeroed = section.sh_type(endian) == elf::SHT_NOBITS;
        let (offset, size): (u64, u64) = (section.sh_offset(endian).into(), section.sh_size(endian).into());
        if !zeroed && offset.checked_add(size).is_none_or(|end| end > length) {
            return Err(format!("its section {name} lies outside the file"));
        }
        total = total.saturating_add(size);
        if total > MEMORY_LIMIT {
            return Err("its sections are absurdly large".to_owned());
        }
        if linked && flags & elf::SHF_TLS.0 != 0 {
            threads.get_or_insert(section.sh_addr(endian).into());
        }
        if let Some(takes) = takes_memory.get_mut(index.0) {
            *takes = memory;
        }
        let list = if memory { &mut found.sections } else { &mut found.others };
        list.push(Section {
            index: index.0,
            usage: Use::of(&name, flags, zeroed),
            merged: !linked && flags & elf::SHF_MERGE.0 != 0,
            address: section.sh_addr(endian).into(),
            offset,
            size,
            align: section.sh_addralign(endian).into().max(1),
            zeroed,
            name,
        });
    }
    let table = sections.iter().find(|s| s.sh_type(endian) == elf::SHT_SYMTAB);
    if table.is_some_and(|t| t.sh_size(endian).into() > TABLE_LIMIT) {
        return Err("its symbol table is absurdly large".to_owned());
    }
    let symbols = sections.symbols(endian, data, elf::SHT_SYMTAB).map_err(said)?;
    let mut total = 0_usize;
    for (index, symbol) in symbols.enumerate() {
        if matches!(symbol.st_type(), elf::STT_SECTION | elf::STT_FILE) {
            continue;
        }
        let Some(section) = symbols.symbol_section(endian, symbol, index).map_err(said)? else { continue };
        if !takes_memory.get(section.0).copied().unwrap_or(false) {
            continue;
        }
        let name = symbols.symbol_name(endian, symbol).map_err(said)?;
        // Symbols may share, and so multiply, the bytes of the string table.
        total += name.len();
        if total as u64 > TABLE_LIMIT {
            return Err("the names of its symbols are absurdly long".to_owned());
        }
        found.symbols.push(Symbol {
            name: String::from_utf8_lossy(name).into_owned(),
            section: section.0,
            value: symbol.st_value(endian).into().wrapping_add(if symbol.st_type() == elf::STT_TLS { threads.unwrap_or(0) } else { 0 }),
            size: symbol.st_size(endian).into(),
            global: symbol.st_bind() != elf::STB_LOCAL,
            weak: symbol.st_bind() == elf::STB_WEAK,
            plain: symbol.st_type() != elf::STT_GNU_IFUNC && symbol.st_bind() != elf::STB_GNU_UNIQUE,
        });
    }
    Ok(found)
}
