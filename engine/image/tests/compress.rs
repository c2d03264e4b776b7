//! gzip and xz against the programs of the same names, and against damaged data.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::Error;
use bootwright_image::compress::{Compression, Encoder, decompress};
use std::io::Write;
use std::path::Path;
use std::process::Command;

const LIMIT: u64 = 64 << 20;

fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), compression).unwrap();
    for chunk in bytes.chunks(7919) {
        encoder.write_all(chunk).unwrap();
        encoder.flush().unwrap();
    }
    encoder.finish().unwrap()
}

fn sample() -> Vec<u8> {
    std::fs::read(std::env::current_exe().unwrap()).unwrap().into_iter().take(3_000_000).collect()
}

fn run(program: &str, arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn the_programs_read_ours_and_we_read_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let sample = sample();
    let file = dir.path().join("file");
    for (compression, program) in [(Compression::Gzip, "gzip"), (Compression::Xz, "xz")] {
        for bytes in [&sample[..], b"", b"x"] {
            let ours = compress(bytes, compression);
            assert_eq!(Compression::of(&ours), compression);
            let packed = dir.path().join(if program == "gzip" { "ours.gz" } else { "ours.xz" });
            std::fs::write(&packed, &ours).unwrap();
            assert!(run(program, &["-dc"], &packed) == bytes, "{program} -dc");
            assert!(decompress(&ours, LIMIT).unwrap() == bytes);
            std::fs::write(&file, bytes).unwrap();
            let theirs = run(program, &["-c"], &file);
            assert!(decompress(&theirs, LIMIT).unwrap() == bytes, "{program} -c");
        }
    }
    assert_eq!(decompress(b"070701 plain", LIMIT).unwrap(), b"070701 plain");
    assert_eq!(compress(b"plain", Compression::None), b"plain");
}

#[test]
fn the_form_the_kernel_reads() {
    let gzip = compress(b"some text", Compression::Gzip);
    assert_eq!(gzip[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]); // no flags (no name), time 0, level 9, no system
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.xz");
    std::fs::write(&file, compress(&sample(), Compression::Xz)).unwrap();
    let facts = String::from_utf8(run("xz", &["--robot", "-lvv"], &file)).unwrap();
    let block = facts.lines().find(|line| line.starts_with("block")).unwrap();
    assert!(block.contains("CRC32") && block.contains("--lzma2=dict=1MiB"), "{block}");
}

#[test]
fn the_same_input_gives_the_same_bytes_however_it_is_cut() {
    let sample = &sample()[..400_000];
    for compression in [Compression::Gzip, Compression::Xz] {
        let mut encoder = Encoder::new(Vec::new(), compression).unwrap();
        encoder.write_all(sample).unwrap();
        assert!(encoder.finish().unwrap() == compress(sample, compression), "{compression:?}");
    }
}

#[test]
fn streams_in_a_row() {
    let mut row = compress(b"one ", Compression::Gzip);
    row.extend([0; 7]);
    row.extend(compress(b"two ", Compression::Xz));
    row.extend(compress(b"three", Compression::Gzip));
    row.extend([0; 512]);
    assert_eq!(decompress(&row, LIMIT).unwrap(), b"one two three");
    row.extend(b"rubbish");
    let error = decompress(&row, LIMIT).unwrap_err().to_string();
    assert!(error.contains("other bytes follow"), "{error}");
}

#[test]
fn the_limit_holds() {
    let zeros = vec![0; 1_000_000];
    for compression in [Compression::Gzip, Compression::Xz, Compression::None] {
        let packed = compress(&zeros, compression);
        assert_eq!(decompress(&packed, 1_000_000).unwrap().len(), 1_000_000);
        assert!(matches!(decompress(&packed, 999_999), Err(Error::TooLarge { limit: 999_999, .. })), "{compression:?}");
        assert!(matches!(decompress(&packed, 0), Err(Error::TooLarge { .. })));
    }
    let mut row = compress(&zeros, Compression::Gzip);
    row.extend(row.clone());
    assert!(matches!(decompress(&row, 1_500_000), Err(Error::TooLarge { .. })));
}

#[test]
fn an_absurd_xz_dictionary_takes_no_memory() {
    let mut bytes = compress(b"small", Compression::Xz);
    // After the stream header of 12 bytes: size of the block header, flags, filter, size of its properties, dictionary.
    let end = 12 + (usize::from(bytes[12]) + 1) * 4;
    assert_eq!(bytes[14..16], [0x21, 1], "LZMA2 with one byte of properties");
    bytes[16] = 40; // 4 GiB - 1
    let mut sum = flate2::Crc::new();
    sum.update(&bytes[12..end - 4]);
    bytes[end - 4..end].copy_from_slice(&sum.sum().to_le_bytes());
    let error = decompress(&bytes, LIMIT).unwrap_err().to_string();
    assert!(error.contains("memory limit"), "{error}");
}

#[test]
fn damaged_data_gives_errors_and_no_panic() {
    let sample = &sample()[..3000];
    for compression in [Compression::Gzip, Compression::Xz] {
        let good = compress(sample, compression);
        for length in 6..good.len() {
            let error = decompress(&good[..length], LIMIT);
            assert!(matches!(error, Err(Error::Decompress { .. })), "{compression:?} cut at {length}");
        }
        let mut caught = 0;
        for at in 10..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x55;
            match decompress(&bytes, LIMIT) {
                Ok(out) => assert!(out == sample, "{compression:?}: wrong bytes taken for right at {at}"),
                Err(_) => caught += 1,
            }
        }
        assert!(caught > (good.len() - 10) * 9 / 10, "{compression:?}: {caught} of {}", good.len());
    }
    for (magic, name) in [(&b"BZh91AY"[..], "bzip2"), (&[0x28, 0xb5, 0x2f, 0xfd], "zstd")] {
        assert!(matches!(decompress(magic, LIMIT), Err(Error::UnknownCompression { format }) if format == name));
    }
}
