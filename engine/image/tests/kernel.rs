//! Packed kernels: unpacked against what the packing programs were given, and hostile bytes.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::kernel::payload::{Packing, unpack};
use bootwright_image::kernel::{fields, read};
use bootwright_image::source::Source;
use bootwright_image::{Error, kernel};
use proptest::prelude::*;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

fn of(bytes: &[u8]) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Source::of(file, Path::new("payload")).unwrap()
}

fn all(source: &Source) -> Vec<u8> {
    let mut bytes = Vec::new();
    source.reader().read_to_end(&mut bytes).unwrap();
    bytes
}

/// As the kernel's makefile packs; None where this machine lacks the program.
fn packed(command: &[&str], content: &[u8]) -> Option<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("content"), content).unwrap();
    let input = std::fs::File::open(folder.path().join("content")).unwrap();
    let output = Command::new(command[0]).args(&command[1..]).stdin(input).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// Some that packs well and some that does not, over the size of one block of lz4.
fn content() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let mut bytes = vec![7; 8 << 20];
    bytes.extend((0..300_000).map(|_| next()));
    bytes
}

#[test]
fn every_format_of_the_kernel_but_lzo_is_unpacked() {
    let content = content();
    let programs: [(&[&str], Packing); 6] = [
        (&["gzip", "-n", "-f", "-6"], Packing::Gzip),
        (&["xz", "--check=crc32", "--x86", "--lzma2=dict=32MiB"], Packing::Xz),
        (&["bzip2", "-9"], Packing::Bzip2),
        (&["xz", "--format=lzma", "-6"], Packing::Lzma),
        (&["lz4", "-l", "-9", "-", "-"], Packing::Lz4),
        (&["zstd", "-19", "--long=27"], Packing::Zstd),
    ];
    let mut tried = 0;
    for (command, packing) in programs {
        let Some(mut bytes) = packed(command, &content) else { continue };
        if packing != Packing::Gzip {
            bytes.extend((content.len() as u32).to_le_bytes());
        }
        let unpacked = unpack(&of(&bytes), 16 << 20).unwrap_or_else(|why| panic!("{command:?}: {why}"));
        assert_eq!((unpacked.packing, unpacked.size_behind), (packing, Some(content.len() as u32)), "{command:?}");
        assert!(all(&unpacked.content) == content, "{command:?}");
        assert!(matches!(unpack(&of(&bytes), 1 << 20), Err(Error::TooLarge { .. })), "{command:?}");
        let half = &bytes[..bytes.len() / 2];
        match unpack(&of(half), 16 << 20) {
            // A block of lz4 that ends where the data was cut is whole; what is behind it is missing.
            Ok(unpacked) => assert!(all(&unpacked.content).len() < content.len(), "{command:?}"),
            Err(Error::Decompress { .. }) => {}
            Err(why) => panic!("{command:?}: {why}"),
        }
        tried += 1;
    }
    assert!(tried >= 2, "gzip and xz are on every machine that builds a kernel");
}

#[test]
fn lzo_and_what_is_unknown_are_told() {
    for bytes in [&b"\x89LZO\0\r\n\x1a\n    "[..], b"nothing of the kind", b"", b"\x1f"] {
        assert!(matches!(unpack(&of(bytes), 1 << 20), Err(Error::UnknownCompression { .. })), "{bytes:?}");
    }
    let plain = unpack(&of(b"\x7fELF and more"), 1 << 20).unwrap();
    assert_eq!((plain.packing, all(&plain.content)), (Packing::None, b"\x7fELF and more".to_vec()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_is_told_and_never_a_panic(which in 0..7_usize, at in 0..400_usize, with: u8, tail in prop::collection::vec(any::<u8>(), 0..400)) {
        let magics: [&[u8]; 7] = [&[0x1f, 0x8b, 8], b"\xfd7zXZ\0", b"BZh9", &[0x5d, 0, 0], b"\x89LZO", &[2, 0x21, 0x4c, 0x18], &[0x28, 0xb5, 0x2f, 0xfd]];
        let mut bytes = magics[which].to_vec();
        bytes.extend(tail);
        if let Some(byte) = bytes.get_mut(at) { *byte = with; }
        let _ = unpack(&of(&bytes), 1 << 20);
    }

    #[test]
    fn any_header_is_read_or_refused(noise in prop::collection::vec(any::<u8>(), 0x26c), len in 0..0x26c_usize) {
        let mut bytes = noise;
        bytes[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
        bytes[0x202..0x206].copy_from_slice(b"HdrS");
        let source = of(&bytes[..len]);
        prop_assert_eq!(fields::fields(&source).is_ok(), kernel::is_kernel(&source).unwrap());
        prop_assert_eq!(read(&source).is_ok(), kernel::is_kernel(&source).unwrap());
    }
}
