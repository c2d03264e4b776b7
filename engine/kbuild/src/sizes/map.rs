//! What a linker noted in its map file: which bytes of the result came from which section of which object.
//!
//! The format is that of GNU ld (`-Map`, as CONFIG_VMLINUX_MAP and BusyBox ask for): behind the words "Linker script and
//! memory map", an output section begins in the first column, an input section in the second; a name of more than 14 letters
//! has its numbers on the next line; `*fill*` is padding.
//!
//! ```text
//! .text           0xffffffff81000000   0x600000
//!  *(.text.hot .text.hot.*)
//!  .text          0xffffffff81000000      0x4c0 arch/x86/kernel/head_64.o
//!  *fill*         0xffffffff810004c0       0x40
//!  .rodata.str1.1
//!                 0xffffffff81601000       0x1f init/main.o
//!                                          0x2c (size before relaxing)
//! ```

/// An input section, or padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of the output section.
    pub output: String,
    /// Of the input section; `*fill*` for padding.
    pub input: String,
    pub address: u64,
    /// In bytes.
    pub size: u64,
    /// The object, as the linker was told it; `lib/lib.a(x.o)` for a member. None for padding and data of the linker script.
    pub object: Option<String>,
}

/// A map file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Output sections with a size: name, address, bytes.
    pub outputs: Vec<(String, u64, u64)>,
    /// Entries with a size, in the order of the map.
    pub entries: Vec<Entry>,
}

/// Reads a map. What is none has no outputs and no entries.
pub fn read(text: &str) -> Map {
    let Some(start) = text.find("\nLinker script and memory map") else { return Map::default() };
    let mut outputs = Vec::new();
    let mut found: Vec<Entry> = Vec::new();
    let mut output = String::new();
    let mut numbers = |name: &str, rest: &str| {
        let mut words = rest.split_whitespace();
        if let (Some(address), Some(size)) = (words.next().and_then(hex), words.next().and_then(hex)) {
            outputs.push((name.to_owned(), address, size));
        }
    };
    // The output section's name stood alone on its line.
    let mut new_output = false;
    // A name whose numbers are on the next line.
    let mut waiting: Option<String> = None;
    for line in text.get(start..).unwrap_or_default().lines().skip(2) {
        if line.ends_with("(size before relaxing)") {
            continue; // the linker took bytes out of the entry before: strings that others have too
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        if indent == 0 {
            if let Some(name) = line.split_whitespace().next().filter(|w| !w.contains('(')) {
                output = name.to_owned();
                let rest = line.get(name.len()..).unwrap_or_default();
                new_output = rest.trim().is_empty();
                numbers(name, rest);
            }
            waiting = None;
            continue;
        }
        if std::mem::take(&mut new_output) && indent > 1 {
            numbers(&output, line);
            continue;
        }
        let (name, rest) = if indent == 1 {
            let line = line.trim_start();
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            // A pattern of the script, `*(.text)`.
            if name.contains('(') || name.starts_with('*') && name != "*fill*" {
                waiting = None;
                continue;
            }
            if rest.trim().is_empty() {
                waiting = Some(name.to_owned());
                continue;
            }
            (name.to_owned(), rest)
        } else {
            match waiting.take() {
                Some(name) => (name, line),
                None => continue, // a symbol or an assignment
            }
        };
        waiting = None;
        let mut words = rest.trim_start().splitn(2, ' ');
        let (Some(address), Some(rest)) = (words.next().and_then(hex), words.next()) else { continue };
        let rest = rest.trim_start();
        let (size, object) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some(size) = hex(size).filter(|size| *size > 0) else { continue };
        let object = Some(object.trim()).filter(|o| !o.is_empty() && name != "*fill*").map(str::to_owned);
        // BYTE, SHORT, LONG, QUAD and SQUAD of a script say their value where an object would stand.
        let script = matches!(name.as_str(), "BYTE" | "SHORT" | "LONG" | "QUAD" | "SQUAD");
        found.push(Entry { output: output.clone(), input: name, address, size, object: object.filter(|_| !script) });
    }
    Map { outputs, entries: found }
}

fn hex(word: &str) -> Option<u64> {
    u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAP: &str = "Archive member included

Linker script and memory map

LOAD init/main.o

.text           0x0000000000001000      0x100
 *(.text.hot .text.hot.*)
 .text          0x0000000000001000       0x40 init/main.o
                0x0000000000001000                start_kernel
 *fill*         0x0000000000001040       0x10 
 .text.a_long_name
                0x0000000000001050       0xb0 lib/lib.a(x y.o)
 .text.empty    0x0000000000001100        0x0 a.o

.rodata         0x0000000000002000       0x21
 .rodata.str1.1
                0x0000000000002000       0x1f init/main.o
                                         0x2c (size before relaxing)
 QUAD           0x0000000000002020        0x1 0x5

.a_very_long_output_section
                0x0000000000003000        0x8
 .data          0x0000000000003000        0x8 b.o
";

    #[test]
    fn entries_are_read_with_their_objects() {
        let Map { outputs, entries: found } = read(MAP);
        let named = |name: &str, address, size| (name.to_owned(), address, size);
        assert_eq!(
            outputs,
            [named(".text", 0x1000, 0x100), named(".rodata", 0x2000, 0x21), named(".a_very_long_output_section", 0x3000, 8)]
        );
        let rows: Vec<_> = found.iter().map(|e| (e.output.as_str(), e.input.as_str(), e.address, e.size, e.object.as_deref())).collect();
        assert_eq!(
            rows,
            [
                (".text", ".text", 0x1000, 0x40, Some("init/main.o")),
                (".text", "*fill*", 0x1040, 0x10, None),
                (".text", ".text.a_long_name", 0x1050, 0xb0, Some("lib/lib.a(x y.o)")),
                (".rodata", ".rodata.str1.1", 0x2000, 0x1f, Some("init/main.o")),
                (".rodata", "QUAD", 0x2020, 1, None),
                (".a_very_long_output_section", ".data", 0x3000, 8, Some("b.o")),
            ]
        );
    }

    #[test]
    fn what_is_no_map_has_no_entries() {
        assert_eq!((read(""), read("no map\n .text 0x1 0x2 a.o\n")), (Map::default(), Map::default()));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(at in 0..MAP.len(), put in "\\PC{0,6}", cut in 0..MAP.len()) {
            let mut text = MAP.to_owned();
            text.insert_str(at, &put);
            read(text.get(..cut).unwrap_or_default());
            read(&text);
        }
    }
}
