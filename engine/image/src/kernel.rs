//! A Linux kernel image for x86 (bzImage): what its setup header says to the boot loader.
//!
//! Format: the kernel's `Documentation/arch/x86/boot.rst`; fields exist from the protocol version named there on.

pub mod fields;
pub mod payload;

use crate::Error;
use crate::source::Source;
use payload::Packing;
use serde::Serialize;

/// Where the header's magic `HdrS` stands.
const MAGIC_AT: u64 = 0x202;
/// Longest version text read.
const VERSION: u64 = 512;

/// The fields people ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KernelImage {
    /// Boot protocol: major and minor.
    pub protocol: (u8, u8),
    /// As `uname -r` and what follows: release, builder, compiler's day.
    pub version: Option<String>,
    /// Sectors of 512 bytes before the kernel proper, the boot sector not counted.
    pub setup_sectors: u8,
    /// The kernel proper, in bytes.
    pub system_size: u64,
    /// Whether it is loaded above 1 MiB (bzImage, not zImage).
    pub high: bool,
    pub relocatable: bool,
    /// In bytes; from protocol 2.10 on.
    pub alignment: u32,
    /// Whether it can be entered in 64-bit mode.
    pub entry_64: bool,
    /// Whether firmware of 32 or 64 bit can start it itself.
    pub efi: Vec<u8>,
    /// Longest command line, in bytes.
    pub command_line: u32,
    /// The highest address an initramfs may use.
    pub initrd_limit: u32,
    /// Where the packed kernel lies in the file, and its size.
    pub payload: Option<(u64, u64)>,
    /// How it is packed, by its first bytes.
    pub packing: Option<&'static str>,
    /// Memory it needs to unpack itself, in bytes.
    pub init_size: u32,
}

/// Whether the bytes are such an image.
///
/// # Errors
/// [`Error::Io`].
pub fn is_kernel(source: &Source) -> Result<bool, Error> {
    Ok(source.array::<4>(MAGIC_AT)? == Some(*b"HdrS") && source.array::<2>(0x1fe)? == Some([0x55, 0xaa]))
}

/// Reads the header.
///
/// # Errors
/// [`Error::NotThere`] where there is none, [`Error::Io`].
pub fn read(source: &Source) -> Result<KernelImage, Error> {
    if !is_kernel(source)? {
        return Err(Error::NotThere { name: source.name().display().to_string(), why: "it is no kernel image".to_owned() });
    }
    // Up to 0x268; a field that the file is too short for reads as 0.
    let head = source.window(0, 0x268)?;
    let byte = |at: usize| head.get(at).copied().unwrap_or(0);
    let two = |at: usize| u16::from_le_bytes([byte(at), byte(at + 1)]);
    let four = |at: usize| u32::from(two(at)) | u32::from(two(at + 2)) << 16;
    let number = two(0x206);
    let since = |version: u16| number >= version;
    let setup_sectors = if byte(0x1f1) == 0 { 4 } else { byte(0x1f1) };
    let proper = (u64::from(setup_sectors) + 1) * 512;
    let payload = (since(0x208) && four(0x24c) > 0).then(|| (proper + u64::from(four(0x248)), u64::from(four(0x24c))));
    let payload = payload.filter(|(at, len)| at + len <= source.len());
    let flags = if since(0x20c) { two(0x236) } else { 0 };
    Ok(KernelImage {
        protocol: ((number >> 8) as u8, number as u8),
        version: version(source, two(0x20e))?,
        setup_sectors,
        system_size: u64::from(four(0x1f4)) * 16,
        high: byte(0x211) & 1 != 0,
        relocatable: since(0x205) && byte(0x234) != 0,
        alignment: if since(0x205) { four(0x230) } else { 0 },
        entry_64: flags & 1 != 0,
        efi: [(4, 32), (8, 64)].into_iter().filter(|(flag, _)| flags & flag != 0).map(|(_, bits)| bits).collect(),
        command_line: if since(0x206) { four(0x238) } else { 255 },
        initrd_limit: if since(0x203) { four(0x22c) } else { 0x37ff_ffff },
        packing: match payload {
            Some((at, _)) => Packing::of(&source.window(at, 6)?).filter(|p| *p != Packing::None).map(Packing::title),
            None => None,
        },
        payload,
        init_size: if since(0x20a) { four(0x260) } else { 0 },
    })
}

/// Whether the last four bytes of the kernel proper are a checksum of all before them: the CRC-32 of all bytes, not
/// inverted at its end, as the kernel's `build` program wrote it until 6.14.
///
/// # Errors
/// [`Error::Io`].
pub fn has_checksum(source: &Source) -> Result<bool, Error> {
    let image = read(source)?;
    let end = ((u64::from(image.setup_sectors) + 1) * 512).saturating_add(image.system_size);
    let Some(at) = end.checked_sub(4) else { return Ok(false) };
    let Some(stored) = source.array::<4>(at)?.map(u32::from_le_bytes) else { return Ok(false) };
    let mut crc = flate2::Crc::new();
    let mut from = 0;
    while from < at {
        let window = source.window(from, (at - from).min(1 << 20))?;
        if window.is_empty() {
            return Ok(false);
        }
        crc.update(&window);
        from += window.len() as u64;
    }
    Ok(!crc.sum() == stored)
}

/// The text that the header points to, from 0x200 on.
fn version(source: &Source, pointer: u16) -> Result<Option<String>, Error> {
    if pointer == 0 {
        return Ok(None);
    }
    let bytes = source.window(u64::from(pointer) + 0x200, VERSION)?;
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(std::str::from_utf8(text).ok().filter(|text| !text.is_empty()).map(str::to_owned))
}
