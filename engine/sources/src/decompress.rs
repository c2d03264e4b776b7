//! Compressed streams, told apart by their first bytes and read with a bound on memory.

use std::io::{self, BufReader, Read};

use liblzma::stream::{CONCATENATED, Stream};

/// What one decoder may use: `xz -9` needs 65 MiB and `zstd --ultra -22` 128 MiB; an archive that asks for more is hostile.
const MEMORY: u64 = 512 << 20;
const ZSTD_WINDOW_LOG: u32 = 27;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Packing {
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [b'B', b'Z', b'h', ..] => Packing::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            _ => Packing::Plain,
        }
    }
}

/// The stream behind the compression, and which one it was.
pub(crate) fn open<'a>(reader: impl Read + Send + 'a) -> io::Result<(Packing, Box<dyn Read + Send + 'a>)> {
    let mut start = Vec::with_capacity(8);
    let mut reader = reader;
    reader.by_ref().take(8).read_to_end(&mut start)?;
    let packing = Packing::of(&start);
    let whole = BufReader::with_capacity(256 << 10, io::Cursor::new(start).chain(reader));
    let plain: Box<dyn Read + Send + 'a> = match packing {
        Packing::Plain => Box::new(whole),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(whole)),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(whole)),
        // On one thread: on several it gained nothing, since writing the files takes as long.
        Packing::Xz => {
            let decoder = Stream::new_stream_decoder(MEMORY, CONCATENATED)?;
            Box::new(liblzma::bufread::XzDecoder::new_stream(whole, decoder))
        }
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(whole)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
    };
    Ok((packing, plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn two_xz_streams_with_padding_are_one_text() {
        let xz = |text: &str| {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let bytes = [xz("one "), vec![0; 8], xz("two"), vec![0; 4]].concat();
        let (packing, mut plain) = open(&bytes[..]).unwrap();
        let mut text = String::new();
        plain.read_to_string(&mut text).unwrap();
        assert_eq!((packing, text.as_str()), (Packing::Xz, "one two"));
    }

    #[test]
    fn a_cut_stream_is_an_error_in_every_packing() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&text).unwrap();
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bz.write_all(&text).unwrap();
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 0);
        xz.write_all(&text).unwrap();
        let zst = zstd::encode_all(&text[..], 1).unwrap();
        for whole in [gz.finish().unwrap(), bz.finish().unwrap(), xz.finish().unwrap(), zst] {
            let mut back = Vec::new();
            open(&whole[..]).unwrap().1.read_to_end(&mut back).unwrap();
            assert!(back == text);
            let (packing, mut plain) = open(&whole[..whole.len() - 3]).unwrap();
            assert!(plain.read_to_end(&mut Vec::new()).is_err(), "{packing:?}");
        }
    }
}
