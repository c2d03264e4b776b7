//! The packed kernel inside a bzImage: unpacked with the decoder that its first bytes ask for.
//!
//! The kernel's build puts the unpacked size behind the packed data, four bytes little-endian, for every format but gzip
//! (which has it already): `size_append` in its `scripts/Makefile.lib`. Decoders of files take those for damage.

use crate::Error;
use crate::source::Source;
use liblzma::stream::Stream;
use serde::Serialize;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// Most memory a decoder may take, in bytes. The kernel packs zstd with a window of 128 MiB, xz with a dictionary of 32 MiB
/// or more.
const MEMORY: u64 = 512 << 20;
/// Blocks of lz4's legacy format hold up to 8 MiB each.
const LZ4_BLOCK: usize = 8 << 20;

/// How a kernel is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Packing {
    Gzip,
    Xz,
    Bzip2,
    Lzma,
    Lzo,
    Lz4,
    Zstd,
    /// Not at all: an ELF file as it is.
    None,
}

impl Packing {
    /// By the first bytes, as in `lib/decompress.c` of the kernel.
    pub fn of(start: &[u8]) -> Option<Packing> {
        let formats: [(&[u8], Packing); 8] = [
            (&[0x1f, 0x8b], Packing::Gzip),
            (&[0xfd, b'7', b'z', b'X', b'Z', 0], Packing::Xz),
            (b"BZh", Packing::Bzip2),
            (&[0x5d, 0, 0], Packing::Lzma),
            (&[0x89, b'L', b'Z', b'O'], Packing::Lzo),
            (&[0x02, 0x21, 0x4c, 0x18], Packing::Lz4),
            (&[0x28, 0xb5, 0x2f, 0xfd], Packing::Zstd),
            (&[0x7f, b'E', b'L', b'F'], Packing::None),
        ];
        formats.into_iter().find_map(|(magic, packing)| start.starts_with(magic).then_some(packing))
    }

    /// The program that packs so.
    pub fn title(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Xz => "xz",
            Packing::Bzip2 => "bzip2",
            Packing::Lzma => "lzma",
            Packing::Lzo => "lzo",
            Packing::Lz4 => "lz4",
            Packing::Zstd => "zstd",
            Packing::None => "not packed",
        }
    }
}

/// What a payload unpacks to.
#[derive(Debug, Clone)]
pub struct Unpacked {
    pub packing: Packing,
    /// The content, in a file that vanishes with the last clone.
    pub content: Source,
    /// The size that stands in the last four bytes, where it does: in bytes.
    pub size_behind: Option<u32>,
}

/// Unpacks the payload, at most `limit` bytes of it.
///
/// # Errors
/// [`Error::UnknownCompression`] for lzo and what is not known at all, [`Error::Decompress`] when it is damaged,
/// [`Error::TooLarge`], [`Error::Io`].
pub fn unpack(payload: &Source, limit: u64) -> Result<Unpacked, Error> {
    let packing = Packing::of(&payload.window(0, 6)?).ok_or(Error::UnknownCompression { format: "unknown" })?;
    let behind = payload.len().checked_sub(4).map(|at| payload.array::<4>(at)).transpose()?.flatten().map(u32::from_le_bytes);
    if packing == Packing::None {
        return Ok(Unpacked { packing, content: payload.clone(), size_behind: None });
    }
    let cut = packing != Packing::Gzip;
    let body = if cut { payload.parts(&[(0, payload.len().saturating_sub(4))], payload.name())? } else { payload.clone() };
    let mut file = tempfile::tempfile().map_err(Error::io("make a temporary file for", payload.name()))?;
    decode(packing, &body, &mut file, limit)?;
    Ok(Unpacked { packing, content: Source::of(file, payload.name())?, size_behind: behind })
}

fn decode(packing: Packing, body: &Source, out: &mut impl Write, limit: u64) -> Result<(), Error> {
    let format = packing.title();
    let damaged = |error: io::Error| Error::Decompress { format, why: error.to_string() };
    let reader = BufReader::with_capacity(1 << 16, body.reader());
    let lzma = |stream: Result<Stream, liblzma::stream::Error>| stream.map_err(|error| damaged(error.into()));
    let decoder: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::bufread::GzDecoder::new(reader)),
        Packing::Xz => Box::new(liblzma::bufread::XzDecoder::new_stream(reader, lzma(Stream::new_stream_decoder(MEMORY, 0))?)),
        Packing::Lzma => Box::new(liblzma::bufread::XzDecoder::new_stream(reader, lzma(Stream::new_lzma_decoder(MEMORY))?)),
        Packing::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(reader)),
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(reader).map_err(damaged)?.single_frame();
            decoder.window_log_max(27).map_err(damaged)?; // 128 MiB
            Box::new(decoder)
        }
        Packing::Lz4 => Box::new(Lz4::new(reader)),
        Packing::Lzo | Packing::None => return Err(Error::UnknownCompression { format }),
    };
    copy(decoder.take(limit.saturating_add(1)), out, body.name(), format, limit)
}

/// Tells the decoder's faults from the writer's.
fn copy(mut from: impl Read, to: &mut impl Write, name: &Path, format: &'static str, limit: u64) -> Result<(), Error> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0_u64;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::Decompress { format, why: error.to_string() }),
        };
        total += count as u64;
        if total > limit {
            return Err(Error::TooLarge { what: format!("the kernel that {} unpacks to", name.display()), limit });
        }
        to.write_all(buffer.get(..count).unwrap_or_default()).map_err(Error::io("unpack", name))?;
    }
}

/// lz4's legacy format, as `lz4 -l` writes it and the kernel reads it: a magic, then blocks, each with its packed size in
/// four bytes little-endian (lz4's `lz4_Frame_format.md`, "Legacy frame"). A block of size 0 or the end of the data ends it.
struct Lz4<R> {
    from: R,
    started: bool,
    block: Vec<u8>,
    given: usize,
}

impl<R: Read> Lz4<R> {
    fn new(from: R) -> Self {
        Lz4 { from, started: false, block: Vec::new(), given: 0 }
    }

    fn word(&mut self) -> io::Result<Option<u32>> {
        let mut bytes = [0; 4];
        match self.from.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(u32::from_le_bytes(bytes))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<R: Read> Read for Lz4<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.started {
            self.started = true;
            self.word()?;
        }
        while self.given == self.block.len() {
            let Some(size) = self.word()?.filter(|size| *size > 0) else { return Ok(0) };
            // The worst case of a block that does not compress: lz4's LZ4_COMPRESSBOUND.
            if size as usize > LZ4_BLOCK + LZ4_BLOCK / 255 + 16 {
                return Err(io::Error::other("a block is larger than the format allows"));
            }
            let mut packed = Vec::new();
            self.from.by_ref().take(size.into()).read_to_end(&mut packed)?;
            self.block = lz4_flex::block::decompress(&packed, LZ4_BLOCK).map_err(io::Error::other)?;
            self.given = 0;
        }
        let rest = self.block.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
