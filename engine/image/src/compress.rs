//! gzip and xz in the form the kernel's decompressors read, and back again with a limit.
//!
//! gzip: RFC 1952, level 9, no name and no time, so that the same input gives the same bytes. xz: the .xz file format 1.2.1
//! (tukaani.org) with the checksum and dictionary of the kernel's `Documentation/staging/xz.rst` and `usr/Makefile`:
//! CRC32, as the kernel's decoder verifies nothing else, and 1 MiB, as it allocates the dictionary in the guest's memory.

use crate::Error;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression as Level, GzBuilder};
use liblzma::bufread::XzDecoder;
use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
use liblzma::write::XzEncoder;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

/// Bytes of the xz dictionary.
pub const XZ_DICTIONARY: u32 = 1 << 20;
/// Level of the match finder's effort; the dictionary of the level is not used.
const XZ_PRESET: u32 = 9;
/// Most memory the xz decoder may take, in bytes: `xz -9` needs 65 MiB, a hostile header could ask for 4 GiB.
const XZ_MEMORY: u64 = 256 << 20;

/// How bytes are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, file names end in `.gz`; the kernel needs `CONFIG_RD_GZIP`.
    Gzip,
    /// xz, file names end in `.xz`; the kernel needs `CONFIG_RD_XZ`.
    Xz,
}

impl Compression {
    /// Tells gzip and xz by their magic bytes; anything else counts as not compressed.
    pub fn of(bytes: &[u8]) -> Compression {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Compression::Gzip
        } else if bytes.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]) {
            Compression::Xz
        } else {
            Compression::None
        }
    }
}

/// A writer that compresses what is written to it into `W`. The output is whole only after [`Encoder::finish`].
pub struct Encoder<W: Write>(Inner<W>);

enum Inner<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Xz(XzEncoder<W>),
}

impl<W: Write> Encoder<W> {
    /// Starts compressing into `out`.
    ///
    /// # Errors
    /// Of kind `Other` or `InvalidInput` when liblzma cannot get the memory of its encoder (about 12 MiB).
    pub fn new(out: W, compression: Compression) -> io::Result<Self> {
        Ok(Encoder(match compression {
            Compression::None => Inner::Plain(out),
            Compression::Gzip => Inner::Gzip(GzBuilder::new().mtime(0).write(out, Level::best())),
            Compression::Xz => {
                let mut options = LzmaOptions::new_preset(XZ_PRESET)?;
                options.dict_size(XZ_DICTIONARY);
                let mut filters = Filters::new();
                filters.lzma2(&options);
                Inner::Xz(XzEncoder::new_stream(out, Stream::new_stream_encoder(&filters, Check::Crc32)?))
            }
        }))
    }

    /// Writes what is left and gives back the output.
    ///
    /// # Errors
    /// Those of writing to it.
    pub fn finish(self) -> io::Result<W> {
        let mut out = match self.0 {
            Inner::Plain(out) => out,
            Inner::Gzip(encoder) => encoder.finish()?,
            Inner::Xz(encoder) => encoder.finish()?,
        };
        out.flush()?;
        Ok(out)
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Plain(out) => out.write(bytes),
            Inner::Gzip(encoder) => encoder.write(bytes),
            Inner::Xz(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // A flush of the encoders would cut a block short and so change the output; what they hold goes out in `finish`.
        match &mut self.0 {
            Inner::Plain(out) => out.flush(),
            Inner::Gzip(_) | Inner::Xz(_) => Ok(()),
        }
    }
}

/// Decompresses `bytes` by their magic; bytes that are not compressed come back as they are. Several gzip or xz streams in a
/// row, with zeros between, give their contents one after the other, as in an initramfs.
///
/// # Errors
/// [`Error::TooLarge`] when more than `limit` bytes would come out, [`Error::Decompress`] when the data is damaged or cut off,
/// [`Error::UnknownCompression`] for bzip2, zstd, lz4 and lzop.
pub fn decompress(bytes: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
    if let Some(format) = foreign(bytes) {
        return Err(Error::UnknownCompression { format });
    }
    let mut out = Vec::new();
    if Compression::of(bytes) == Compression::None {
        if bytes.len() as u64 > limit {
            return Err(Error::TooLarge { what: "the data".to_owned(), limit });
        }
        out.extend_from_slice(bytes);
        return Ok(out);
    }
    let mut rest = bytes;
    while !rest.is_empty() {
        let (format, result) = match Compression::of(rest) {
            Compression::Gzip => {
                let mut decoder = GzDecoder::new(rest);
                let result = append(&mut decoder, &mut out, limit);
                rest = decoder.into_inner();
                ("gzip", result)
            }
            Compression::Xz => {
                let result = Stream::new_stream_decoder(XZ_MEMORY, 0).map_err(io::Error::from).and_then(|stream| {
                    let mut decoder = XzDecoder::new_stream(rest, stream);
                    let result = append(&mut decoder, &mut out, limit);
                    rest = decoder.into_inner();
                    result
                });
                ("xz", result)
            }
            Compression::None => ("gzip or xz", Err(io::Error::other("other bytes follow the end of the compressed data"))),
        };
        result.map_err(|error| Error::Decompress { format, why: error.to_string() })?;
        if out.len() as u64 > limit {
            return Err(Error::TooLarge { what: format!("the content of the {format} data"), limit });
        }
        let zeros = rest.iter().position(|byte| *byte != 0).unwrap_or(rest.len());
        rest = rest.get(zeros..).unwrap_or_default();
    }
    Ok(out)
}

/// As [`decompress`], from a reader to a writer, so that neither side is held in memory. Returns how many bytes came out.
///
/// # Errors
/// As [`decompress`], and [`Error::Io`] when the writer fails.
pub fn unpack_to(from: impl Read, to: &mut impl Write, limit: u64) -> Result<u64, Error> {
    let mut from = BufReader::with_capacity(1 << 16, from);
    let damaged = |format| move |error: io::Error| Error::Decompress { format, why: error.to_string() };
    let mut total = 0;
    loop {
        // The buffer may end within the magic bytes of a second stream; the first has them all.
        let start = from.fill_buf().map_err(damaged("compressed"))?;
        if start.is_empty() {
            return Ok(total);
        }
        if start.first() == Some(&0) && total > 0 {
            let zeros = start.iter().position(|byte| *byte != 0).unwrap_or(start.len());
            from.consume(zeros);
            continue;
        }
        if let Some(format) = foreign(start) {
            return Err(Error::UnknownCompression { format });
        }
        let (format, left) = (if start.first() == Some(&0xfd) { "xz" } else { "gzip" }, limit.saturating_add(1).saturating_sub(total));
        total += match start.first() {
            Some(0xfd) => {
                let stream = Stream::new_stream_decoder(XZ_MEMORY, 0).map_err(|e| damaged(format)(e.into()))?;
                copy(&mut XzDecoder::new_stream(&mut from, stream).take(left), to, format)?
            }
            Some(0x1f) => copy(&mut GzDecoder::new(&mut from).take(left), to, format)?,
            _ => {
                let why = "other bytes follow the end of the compressed data".to_owned();
                return Err(Error::Decompress { format: "gzip or xz", why });
            }
        };
        if total > limit {
            return Err(Error::TooLarge { what: format!("the content of the {format} data"), limit });
        }
    }
}

/// Tells the decoder's faults from the writer's.
fn copy(from: &mut impl Read, to: &mut impl Write, format: &'static str) -> Result<u64, Error> {
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::Decompress { format, why: error.to_string() }),
        };
        to.write_all(buffer.get(..count).unwrap_or_default()).map_err(Error::io("unpack", Path::new("the data")))?;
        total += count as u64;
    }
}

/// Appends what the decoder gives, until it ends or one byte more than the limit is there.
fn append(decoder: &mut impl Read, out: &mut Vec<u8>, limit: u64) -> io::Result<()> {
    let room = limit.saturating_add(1).saturating_sub(out.len() as u64);
    decoder.take(room).read_to_end(out).map(|_| ())
}

/// Compressions the kernel reads and this crate does not, by their magic bytes; the name is also that of the program.
pub(crate) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let formats: [(&[u8], &str); 5] = [
        (b"BZh", "bzip2"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
        (&[0x02, 0x21, 0x4c, 0x18], "lz4"),
        (&[0x04, 0x22, 0x4d, 0x18], "lz4"),
        (&[0x89, b'L', b'Z', b'O'], "lzop"),
    ];
    formats.into_iter().find_map(|(magic, name)| bytes.starts_with(magic).then_some(name))
}
