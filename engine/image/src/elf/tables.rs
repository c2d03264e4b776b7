//! The tables of an ELF file that its loader uses, found through program headers, with every offset checked.

use super::{ByteOrder, Class, Elf, Kind, Machine, Target};
use crate::source::Reader;
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, Sym};
use object::{Endianness, ReadCache, ReadRef};
use std::collections::BTreeSet;

/// Largest table read into memory, in bytes. The largest string table of a library on a Debian desktop is about 20 MB.
const TABLE_LIMIT: u64 = 256 << 20;
/// Most libraries one file may name. A hostile file could name one long string a million times.
const NEEDED_LIMIT: usize = 4096;
/// Longest name of a library, `PATH_MAX` of Linux.
const NAME_LIMIT: usize = 4096;
/// Most bytes of symbol names taken from one file, as symbols may share (and so multiply) the bytes of the string table.
const SYMBOLS_LIMIT: usize = 128 << 20;

/// Why a file is not good ELF; the caller adds its path.
type Why = String;
type Data = ReadCache<Reader>;

/// A file's program headers and dynamic segment.
struct Tables<'data, H: FileHeader<Endian = Endianness>> {
    data: &'data Data,
    endian: Endianness,
    header: &'data H,
    segments: &'data [H::ProgramHeader],
    dynamic: &'data [H::Dyn],
}

impl<'data, H: FileHeader<Endian = Endianness>> Tables<'data, H> {
    fn read(data: &'data Data) -> Result<Self, Why> {
        let header = H::parse(data).map_err(|error| error.to_string())?;
        let endian = header.endian().map_err(|error| error.to_string())?;
        let segments = header.program_headers(endian, data).map_err(|error| error.to_string())?;
        let mut dynamic: &[H::Dyn] = &[];
        for segment in segments {
            if segment.p_type(endian) == elf::PT_DYNAMIC && segment.p_filesz(endian).into() > TABLE_LIMIT {
                return Err("its dynamic segment is absurdly large".to_owned());
            }
            if let Some(entries) = segment.dynamic(endian, data).map_err(|error| error.to_string())? {
                dynamic = entries;
            }
        }
        Ok(Tables { data, endian, header, segments, dynamic })
    }

    /// Entries of the dynamic segment up to `DT_NULL`, as tag and value.
    fn entries(&self) -> impl Iterator<Item = (elf::DynamicTag, u64)> + use<'data, '_, H> {
        let entries = self.dynamic.iter().map(|entry| (entry.tag(self.endian), entry.val(self.endian)));
        entries.take_while(|(tag, _)| *tag != elf::DT_NULL)
    }

    /// The value of the last entry with this tag; the loader keeps the last as well.
    fn value(&self, wanted: elf::DynamicTag) -> Option<u64> {
        self.entries().filter(|(tag, _)| *tag == wanted).last().map(|(_, value)| value)
    }

    /// Where in the file an address of the running program lies, and how many bytes of the file follow it there.
    fn place(&self, address: u64) -> Option<(u64, u64)> {
        self.segments.iter().filter(|segment| segment.p_type(self.endian) == elf::PT_LOAD).find_map(|segment| {
            let into = address.checked_sub(segment.p_vaddr(self.endian).into())?;
            let left = segment.p_filesz(self.endian).into().checked_sub(into).filter(|left| *left > 0)?;
            Some((segment.p_offset(self.endian).into().checked_add(into)?, left))
        })
    }

    /// Up to `most` bytes of the file from an address of the running program.
    fn bytes(&self, address: u64, most: u64, what: &str) -> Result<&'data [u8], Why> {
        let (offset, left) = self.place(address).ok_or_else(|| format!("its {what} lies outside every loaded segment"))?;
        let size = left.min(most);
        if size > TABLE_LIMIT {
            return Err(format!("its {what} is absurdly large"));
        }
        self.data.read_bytes_at(offset, size).map_err(|()| format!("its {what} lies outside the file"))
    }

    fn strings(&self) -> Result<&'data [u8], Why> {
        let address = self.value(elf::DT_STRTAB).ok_or("its dynamic segment has no string table")?;
        self.bytes(address, self.value(elf::DT_STRSZ).unwrap_or(u64::MAX), "dynamic string table")
    }

    /// How many entries the dynamic symbol table has. No entry says so; the hash tables that index it do.
    fn symbol_count(&self) -> Result<u64, Why> {
        if let Some(address) = self.value(elf::DT_GNU_HASH) {
            return self.gnu_hash_count(address);
        }
        if let Some(address) = self.value(elf::DT_HASH) {
            let words = self.bytes(address, 8, "symbol hash table")?;
            return Ok(self.word(words, 1).ok_or("its symbol hash table is cut off")?.into());
        }
        Ok(0)
    }

    /// `DT_GNU_HASH`: four words (buckets, first hashed symbol, words of the filter, shift), the filter in words of the
    /// class's size, the buckets (each the first symbol of a chain, 0 for none), then one word a hashed symbol whose lowest
    /// bit ends its chain. The chain of the highest bucket ends at the last symbol.
    fn gnu_hash_count(&self, address: u64) -> Result<u64, Why> {
        let cut_off = || "its GNU symbol hash table is cut off".to_owned();
        let table = self.bytes(address, TABLE_LIMIT, "GNU symbol hash table")?;
        let head = |index| self.word(table, index).ok_or_else(cut_off);
        let (buckets, first, filter) = (head(0)? as usize, head(1)?, head(2)? as usize);
        let filter_words = filter * if self.header.is_type_64() { 2 } else { 1 };
        let buckets_start = 4 + filter_words;
        let chains_start = buckets_start + buckets;
        if table.len() / 4 < chains_start {
            return Err(cut_off());
        }
        let highest = (buckets_start..chains_start).filter_map(|index| self.word(table, index)).max().unwrap_or(0);
        if highest == 0 {
            return Ok(first.into()); // nothing is hashed; the symbols before `first` are not defined here
        }
        let start = highest.checked_sub(first).ok_or("its GNU symbol hash table points before its first symbol")?;
        let mut index = chains_start + start as usize;
        while self.word(table, index).ok_or_else(cut_off)? & 1 == 0 {
            index += 1;
        }
        Ok((index - chains_start) as u64 + u64::from(first) + 1)
    }

    fn word(&self, table: &[u8], index: usize) -> Option<u32> {
        let at = index.checked_mul(4)?;
        let bytes: [u8; 4] = table.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self.endian {
            Endianness::Little => u32::from_le_bytes(bytes),
            Endianness::Big => u32::from_be_bytes(bytes),
        })
    }
}

/// The string that starts at `offset` of a string table.
fn string(strings: &[u8], offset: u64) -> Option<&[u8]> {
    let from = strings.get(usize::try_from(offset).ok()?..)?;
    from.get(..from.iter().position(|byte| *byte == 0)?)
}

pub(super) fn inspect<H: FileHeader<Endian = Endianness>>(data: &Data, class: Class) -> Result<Elf, Why> {
    let tables = Tables::<H>::read(data)?;
    let endian = tables.endian;
    let mut interpreter = None;
    for segment in tables.segments {
        if segment.p_type(endian) == elf::PT_INTERP && segment.p_filesz(endian).into() > NAME_LIMIT as u64 {
            return Err("its interpreter's path is longer than 4096 bytes".to_owned());
        }
        if let Some(path) = segment.interpreter(endian, data).map_err(|error| error.to_string())? {
            interpreter.get_or_insert_with(|| String::from_utf8_lossy(path).into_owned()); // the kernel takes the first
        }
    }

    // The table is read only if an entry names a string: static programs with a dynamic segment may have none.
    let mut strings = None;
    let mut name = |offset: u64| -> Result<String, Why> {
        let table = match strings {
            Some(table) => table,
            None => *strings.insert(tables.strings()?),
        };
        let bytes = string(table, offset).ok_or("a name lies outside its dynamic string table")?;
        if bytes.len() > NAME_LIMIT {
            return Err("a name in its dynamic segment is longer than 4096 bytes".to_owned());
        }
        Ok(String::from_utf8_lossy(bytes).into_owned())
    };
    let folders = |list: String| list.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect();
    let (mut needed, mut soname, mut rpath, mut runpath) = (Vec::new(), None, Vec::new(), Vec::new());
    let mut flagged_pie = false;
    for (tag, value) in tables.entries() {
        match tag {
            elf::DT_NEEDED if needed.len() == NEEDED_LIMIT => {
                return Err(format!("it names more than {NEEDED_LIMIT} libraries"));
            }
            elf::DT_NEEDED => needed.push(name(value)?),
            elf::DT_SONAME => soname = Some(name(value)?),
            elf::DT_RPATH => rpath = folders(name(value)?),
            elf::DT_RUNPATH => runpath = folders(name(value)?),
            elf::DT_FLAGS_1 => flagged_pie = value & elf::DF_1_PIE.0 != 0,
            _ => {}
        }
    }
    let kind = match tables.header.e_type(endian) {
        elf::ET_EXEC => Kind::Executable,
        elf::ET_DYN if flagged_pie || (interpreter.is_some() && soname.is_none()) => Kind::Pie,
        elf::ET_DYN => Kind::SharedObject,
        elf::ET_REL => Kind::Relocatable,
        elf::ET_CORE => Kind::Core,
        other => Kind::Other(other.0),
    };
    let byte_order = if endian == Endianness::Little { ByteOrder::Little } else { ByteOrder::Big };
    let target = Target { class, byte_order, machine: Machine(tables.header.e_machine(endian).0) };
    Ok(Elf { target, kind, interpreter, needed, soname, rpath, runpath })
}

pub(super) fn defined_symbols<H: FileHeader<Endian = Endianness>>(data: &Data) -> Result<BTreeSet<String>, Why> {
    let tables = Tables::<H>::read(data)?;
    let mut names = BTreeSet::new();
    let Some(address) = tables.value(elf::DT_SYMTAB) else { return Ok(names) };
    let count = tables.symbol_count()?;
    if count == 0 {
        return Ok(names);
    }
    let outside = "its dynamic symbol table lies outside the file";
    let size = count.checked_mul(size_of::<H::Sym>() as u64).filter(|size| *size <= TABLE_LIMIT).ok_or(outside)?;
    let (offset, left) = tables.place(address).ok_or(outside)?;
    if left < size {
        return Err(outside.to_owned());
    }
    let symbols: &[H::Sym] = data.read_slice_at(offset, count as usize).map_err(|()| outside)?;
    let strings = tables.strings()?;
    let mut total = 0;
    for symbol in symbols {
        let shared = matches!(symbol.st_bind(), elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE);
        if !shared || symbol.is_undefined(tables.endian) {
            continue;
        }
        let offset = symbol.st_name(tables.endian).into();
        let name = string(strings, offset).ok_or("a symbol's name lies outside its dynamic string table")?;
        total += name.len();
        if total > SYMBOLS_LIMIT {
            return Err("the names of its symbols are absurdly long".to_owned());
        }
        names.insert(String::from_utf8_lossy(name).into_owned());
    }
    Ok(names)
}
