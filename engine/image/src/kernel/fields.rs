//! Every field of the setup header, with its bytes and what they say.
//!
//! Offsets, sizes, the protocol each field came with and who writes it: the kernel's `Documentation/arch/x86/boot.rst`,
//! "The Real-Mode Kernel Header". All numbers are little-endian.

use super::is_kernel;
use crate::Error;
use crate::source::Source;
use serde::Serialize;

/// Who gives a field its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Writer {
    /// The kernel's build; the boot loader reads it.
    Build,
    /// The boot loader, in memory; in the file it is a default or zero.
    Loader,
    /// The build proposes and the boot loader may change it.
    Both,
    /// Nobody any more.
    Nobody,
}

/// A field and its value in this image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// In bytes from the start of the file.
    pub offset: u32,
    /// In bytes: 1, 2, 4 or 8.
    pub size: u8,
    /// As the documentation calls it.
    pub name: &'static str,
    /// The protocol it came with, major and minor; None: it was always there.
    pub since: Option<(u8, u8)>,
    pub writer: Writer,
    pub value: u64,
    /// What the field is for.
    pub explain: &'static str,
    /// What this value says, where that is more than the number.
    pub meaning: Option<String>,
}

struct Kind {
    offset: u32,
    size: u8,
    since: u16,
    name: &'static str,
    writer: Writer,
    explain: &'static str,
}

const fn kind(offset: u32, size: u8, since: u16, name: &'static str, writer: Writer, explain: &'static str) -> Kind {
    Kind { offset, size, since, name, writer, explain }
}

use Writer::{Both, Build, Loader, Nobody};

/// In the order of the file.
const FIELDS: [Kind; 39] = [
    kind(
        0x1f1,
        1,
        0,
        "setup_sects",
        Build,
        "Sectors of 512 bytes that the real-mode code takes, the first sector not counted; 0 stands for 4.",
    ),
    kind(
        0x1f2,
        2,
        0,
        "root_flags",
        Both,
        "Not 0: mount the root file system read-only. The words ro and rw of the command line took over.",
    ),
    kind(0x1f4, 4, 0x204, "syssize", Build, "Size of the protected-mode code, in units of 16 bytes."),
    kind(0x1f8, 2, 0, "ram_size", Nobody, "Once the size of a RAM disk; obsolete."),
    kind(0x1fa, 2, 0, "vid_mode", Both, "The text mode to switch to before the kernel starts."),
    kind(0x1fc, 2, 0, "root_dev", Both, "The root device's number, from times before root= on the command line."),
    kind(0x1fe, 2, 0, "boot_flag", Build, "The mark of a boot sector, 0xaa55."),
    kind(0x200, 2, 0x200, "jump", Build, "A jump over the header; where it leads tells the header's length."),
    kind(0x202, 4, 0x200, "header", Build, "The letters HdrS: the header is there."),
    kind(0x206, 2, 0x200, "version", Build, "The boot protocol's version, which says how many of these fields exist."),
    kind(0x208, 4, 0x200, "realmode_swtch", Both, "A routine of the boot loader to run just before real mode is left."),
    kind(0x20c, 2, 0x200, "start_sys_seg", Nobody, "The segment an old kernel is loaded to; obsolete."),
    kind(0x20e, 2, 0x200, "kernel_version", Build, "Where the version text lies, counted from 0x200 on."),
    kind(0x210, 1, 0x200, "type_of_loader", Loader, "Which boot loader started the kernel."),
    kind(0x211, 1, 0x200, "loadflags", Both, "Flags of loading."),
    kind(
        0x212,
        2,
        0x200,
        "setup_move_size",
        Both,
        "How much to move when real-mode code lies elsewhere than at 0x90000; for protocols before 2.02.",
    ),
    kind(0x214, 4, 0x200, "code32_start", Both, "The address to jump to in protected mode."),
    kind(0x218, 4, 0x200, "ramdisk_image", Loader, "Address of the initramfs in memory."),
    kind(0x21c, 4, 0x200, "ramdisk_size", Loader, "Size of the initramfs, in bytes."),
    kind(0x220, 4, 0x200, "bootsect_kludge", Nobody, "Of the old boot sector; obsolete."),
    kind(0x224, 2, 0x201, "heap_end_ptr", Loader, "End of the heap and stack of the real-mode code, counted from 0x200 on."),
    kind(0x226, 1, 0x202, "ext_loader_ver", Loader, "More bits of the boot loader's version."),
    kind(0x227, 1, 0x202, "ext_loader_type", Loader, "More bits of the boot loader's number."),
    kind(0x228, 4, 0x202, "cmd_line_ptr", Loader, "Address of the kernel's command line."),
    kind(0x22c, 4, 0x203, "initrd_addr_max", Build, "The highest address that a byte of the initramfs may have."),
    kind(0x230, 4, 0x205, "kernel_alignment", Both, "The kernel starts at a multiple of this address."),
    kind(0x234, 1, 0x205, "relocatable_kernel", Build, "Whether the protected-mode code may be loaded elsewhere."),
    kind(0x235, 1, 0x20a, "min_alignment", Build, "The least alignment that still works, as a power of two."),
    kind(0x236, 2, 0x20c, "xloadflags", Build, "What else the kernel can do while it is loaded."),
    kind(0x238, 4, 0x206, "cmdline_size", Build, "Longest command line, in bytes without its ending zero."),
    kind(0x23c, 4, 0x207, "hardware_subarch", Loader, "Which kind of PC or of virtual machine this is."),
    kind(0x240, 8, 0x207, "hardware_subarch_data", Loader, "Data for that kind; a plain PC has none."),
    kind(0x248, 4, 0x208, "payload_offset", Build, "Where the packed kernel begins, from the start of the protected-mode code."),
    kind(0x24c, 4, 0x208, "payload_length", Build, "Size of the packed kernel, in bytes."),
    kind(0x250, 8, 0x209, "setup_data", Loader, "Address of a list of further data from the boot loader."),
    kind(0x258, 8, 0x20a, "pref_address", Build, "The address the kernel likes best to run at."),
    kind(0x260, 4, 0x20a, "init_size", Build, "Memory in one piece that the kernel needs to unpack itself, in bytes."),
    kind(
        0x264,
        4,
        0x20b,
        "handover_offset",
        Build,
        "Where 32-bit and 64-bit EFI firmware enters by the handover protocol, from the protected-mode code's start; 0: nowhere.",
    ),
    kind(0x268, 4, 0x20f, "kernel_info_offset", Build, "Where the structure kernel_info lies, from the protected-mode code's start."),
];

/// All fields that the image's own protocol version has, in the order of the file.
///
/// A field that the file is too short for is left out.
///
/// # Errors
/// [`Error::NotThere`] where there is no header, [`Error::Io`].
pub fn fields(source: &Source) -> Result<Vec<Field>, Error> {
    if !is_kernel(source)? {
        return Err(Error::NotThere { name: source.name().display().to_string(), why: "it is no kernel image".to_owned() });
    }
    let head = source.window(0, 0x26c)?;
    let number = |offset: u32, size: u8| {
        let bytes = head.get(offset as usize..offset as usize + usize::from(size))?;
        Some(bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)))
    };
    let version = number(0x206, 2).unwrap_or(0) as u16;
    let proper = (number(0x1f1, 1).map_or(4, |n| if n == 0 { 4 } else { n }) + 1) * 512;
    let mut found = Vec::new();
    for kind in FIELDS.iter().filter(|kind| kind.since <= version) {
        let Some(value) = number(kind.offset, kind.size) else { continue };
        let since = (kind.since > 0).then_some(((kind.since >> 8) as u8, kind.since as u8));
        let meaning = meaning(kind.name, value, proper, source)?;
        found.push(Field {
            offset: kind.offset,
            size: kind.size,
            name: kind.name,
            since,
            writer: kind.writer,
            value,
            explain: kind.explain,
            meaning,
        });
    }
    Ok(found)
}

/// `proper`: where in the file the protected-mode code begins.
fn meaning(name: &str, value: u64, proper: u64, source: &Source) -> Result<Option<String>, Error> {
    let unset = || "not set: the boot loader's business".to_owned();
    Ok(Some(match name {
        "setup_sects" => format!("{proper} bytes of real-mode code, so that the kernel proper begins at byte {proper} of the file"),
        "root_flags" => (if value == 0 { "read and write" } else { "read-only" }).to_owned(),
        "syssize" => format!("{} bytes", value.saturating_mul(16)),
        "vid_mode" => match value {
            0xffff => "the normal 80x25 text mode".to_owned(),
            0xfffe => "the extended 80x50 text mode".to_owned(),
            0xfffd => "ask the user".to_owned(),
            _ => return Ok(None),
        },
        "root_dev" => {
            if value == 0 {
                "none: root= says it, or an initramfs".to_owned()
            } else {
                format!("device {}:{}", value >> 8, value & 0xff)
            }
        }
        "boot_flag" => (if value == 0xaa55 { "as it should be" } else { "not the mark of a boot sector" }).to_owned(),
        // Two bytes: 0xeb and how far, as seen from behind the instruction.
        "jump" if value & 0xff == 0xeb => format!("to 0x{:x}, the end of the header", 0x202 + (value >> 8)),
        "header" => "\"HdrS\"".to_owned(),
        "version" => format!("{}.{:02}", value >> 8, value & 0xff),
        "kernel_version" => match super::version(source, value as u16)? {
            Some(text) => format!("\"{text}\""),
            None => return Ok(None),
        },
        "type_of_loader" if value == 0 => unset(),
        "type_of_loader" => loader(value),
        "loadflags" => {
            flags(value, &[(0, "loaded above 1 MiB"), (1, "KASLR is on"), (5, "quiet"), (6, "keep segments"), (7, "can use the heap")])
        }
        "realmode_swtch" | "ramdisk_image" | "ramdisk_size" | "cmd_line_ptr" | "setup_data" if value == 0 => unset(),
        "initrd_addr_max" => format!("below {}", binary(value.saturating_add(1))),
        "kernel_alignment" | "init_size" => binary(value),
        "relocatable_kernel" => (if value == 0 { "no" } else { "yes" }).to_owned(),
        "min_alignment" => match 1_u64.checked_shl(value as u32) {
            Some(bytes) => binary(bytes),
            None => return Ok(None),
        },
        "xloadflags" => flags(
            value,
            &[
                (0, "64-bit entry at 0x200"),
                (1, "may lie above 4 GiB"),
                (2, "32-bit EFI handover"),
                (3, "64-bit EFI handover"),
                (4, "kexec under EFI"),
                (5, "five levels of page tables"),
                (6, "five levels are in use"),
                (7, "memory encryption of the boot loader's choice"),
            ],
        ),
        "hardware_subarch" => match value {
            0 => "a plain PC".to_owned(),
            1 => "lguest".to_owned(),
            2 => "Xen".to_owned(),
            3 => "Moorestown".to_owned(),
            4 => "CE4100".to_owned(),
            _ => return Ok(None),
        },
        "payload_offset" => format!("byte {} of the file", proper + value),
        "payload_length" => binary(value),
        "pref_address" => format!("{} into memory", binary(value)),
        "handover_offset" if value == 0 => "none: built without CONFIG_EFI_HANDOVER_PROTOCOL".to_owned(),
        "handover_offset" | "kernel_info_offset" => format!("byte {} of the file", proper + value),
        _ => return Ok(None),
    }))
}

fn flags(value: u64, names: &[(u32, &str)]) -> String {
    let set: Vec<&str> = names.iter().filter(|(bit, _)| value >> bit & 1 == 1).map(|(_, name)| *name).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(", ") }
}

/// Boot loaders by their number, and a version in the lower half.
fn loader(value: u64) -> String {
    const NAMES: [(u64, &str); 13] = [
        (0, "LILO"),
        (1, "Loadlin"),
        (2, "a boot sector"),
        (3, "Syslinux"),
        (4, "iPXE"),
        (5, "ELILO"),
        (7, "GRUB"),
        (8, "U-Boot"),
        (9, "Xen"),
        (0xa, "Gujin"),
        (0xb, "QEMU"),
        (0xc, "uCbootloader"),
        (0xd, "kexec"),
    ];
    let name = NAMES.iter().find(|(number, _)| *number == value >> 4).map_or("another boot loader", |(_, name)| name);
    format!("{name}, version {}", value & 0xf)
}

/// `16777216` as `16 MiB`: addresses and alignments are powers of two, which decimal units would hide.
fn binary(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            return if bytes.is_multiple_of(unit) {
                format!("{} {name}", bytes / unit)
            } else {
                format!("{:.1} {name}", bytes as f64 / unit as f64)
            };
        }
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::path::Path;

    fn image(bytes: &[u8]) -> Source {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Source::of(file, Path::new("bzImage")).unwrap()
    }

    /// A header of the given protocol, with a few values of a real kernel.
    fn header(version: u16) -> Vec<u8> {
        let mut bytes = vec![0; 0x400];
        bytes[0x1f1] = 27;
        bytes[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
        bytes[0x200..0x206].copy_from_slice(b"\xeb\x6aHdrS");
        bytes[0x206..0x208].copy_from_slice(&version.to_le_bytes());
        bytes[0x211] = 1;
        bytes[0x230..0x234].copy_from_slice(&0x20_0000_u32.to_le_bytes());
        bytes[0x248..0x24c].copy_from_slice(&0x3b1_u32.to_le_bytes());
        bytes
    }

    #[test]
    fn the_fields_lie_one_behind_the_other() {
        for two in FIELDS.windows(2) {
            assert_eq!(two[0].offset + u32::from(two[0].size), two[1].offset, "{}", two[1].name);
        }
    }

    #[test]
    fn a_header_has_the_fields_of_its_own_protocol_only() {
        let newest = fields(&image(&header(0x20f))).unwrap();
        assert_eq!((newest.len(), newest.last().unwrap().name), (39, "kernel_info_offset"));
        let old = fields(&image(&header(0x202))).unwrap();
        assert_eq!(old.last().unwrap().name, "cmd_line_ptr");
        assert!(!old.iter().any(|f| f.name == "syssize"), "before 2.04 its upper half is not to be trusted");
    }

    #[test]
    fn values_are_told_in_words() {
        let found = fields(&image(&header(0x20f))).unwrap();
        let said = |name: &str| found.iter().find(|f| f.name == name).unwrap().meaning.clone().unwrap();
        assert_eq!(said("version"), "2.15");
        assert_eq!(said("jump"), "to 0x26c, the end of the header");
        assert_eq!(said("loadflags"), "loaded above 1 MiB");
        assert_eq!(said("kernel_alignment"), "2 MiB");
        assert_eq!(said("payload_offset"), format!("byte {} of the file", 28 * 512 + 0x3b1));
    }

    #[test]
    fn a_cut_off_header_gives_what_is_there() {
        let whole = header(0x20f);
        for len in [0x208, 0x24b, 0x26b] {
            let found = fields(&image(&whole[..len])).unwrap();
            assert!(found.iter().all(|f| f.offset as usize + usize::from(f.size) <= len), "{len:x}");
        }
        assert!(fields(&image(&whole[..0x204])).is_err());
        assert!(fields(&image(b"")).is_err());
    }
}
