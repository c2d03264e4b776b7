//! Looking into files of every kind, and into what is inside them; listed archives against `cpio -t`.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::compress::Compression;
use bootwright_image::look::{Format, Inside, Look};
use bootwright_image::source::Source;
use bootwright_image::{Error, cpio};
use proptest::prelude::*;
use std::path::Path;
use std::process::Command;

fn sh(dir: &Path, script: &str) -> String {
    let output = Command::new("sh").env("LC_ALL", "C").args(["-ec", script]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn of(bytes: &[u8]) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    Source::of(file, Path::new("bytes")).unwrap()
}

/// An image with an initramfs with a program and its library.
fn nested() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    sh(
        folder.path(),
        "mkdir -p root/bin root/lib iso; cp /bin/true root/bin/tool; ln -s tool root/bin/other; ln -s lib root/lib64
        cp \"$(ldd /bin/true | awk '/libc.so/{print $3}')\" root/lib/libc.so.6; printf '#!/bin/sh\\n' > root/init; chmod 755 root/init
        (cd root && find . | cpio --quiet -o -H newc) > rootfs.cpio; gzip -k rootfs.cpio; xz -k --check=crc32 rootfs.cpio
        cp rootfs.cpio.gz iso/rootfs.gz; printf 'text\\n' > iso/readme; xorriso -as mkisofs -quiet -J -r -o image.iso iso 2>/dev/null",
    );
    folder
}

#[test]
fn a_program_in_an_initramfs_in_an_image_is_found() {
    let dir = nested();
    let image = Look::open(&dir.path().join("image.iso")).unwrap();
    assert_eq!(image.format, Format::Iso);
    for path in ["rootfs.gz/bin/tool", "/rootfs.gz/bin/other", "rootfs.gz/bin/../bin/./tool"] {
        let found = image.clone().descend(path).unwrap();
        assert_eq!(found.look.format, Format::Elf, "{path}");
        assert!(matches!(&found.look.inside, Inside::Elf(elf) if elf.needed == ["libc.so.6"]));
        assert_eq!(found.look.size, std::fs::metadata("/bin/true").unwrap().len());
    }
    let initramfs = image.clone().descend("rootfs.gz").unwrap().look;
    assert_eq!((initramfs.format, initramfs.unpacked.unwrap().0), (Format::Cpio, Compression::Gzip));
    let folder = image.clone().descend("rootfs.gz/lib64").unwrap();
    assert_eq!(folder.folder, "lib");
    assert_eq!(image.clone().descend("readme").unwrap().look.format, Format::Text);
    assert_eq!(image.clone().descend("rootfs.gz/init").unwrap().look.format, Format::Script);
    for (path, why) in [("nothing", "no \"nothing\""), ("readme/x", "it is a text"), ("rootfs.gz/bin/tool/x", "ELF")] {
        let error = image.clone().descend(path).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn archives_list_as_cpio_lists_them_however_they_are_packed() {
    let dir = nested();
    let mut theirs: Vec<String> = sh(dir.path(), "cpio -t --quiet < rootfs.cpio").lines().map(str::to_owned).filter(|l| l != ".").collect();
    theirs.sort();
    for name in ["rootfs.cpio", "rootfs.cpio.gz", "rootfs.cpio.xz"] {
        let look = Look::open(&dir.path().join(name)).unwrap();
        let mut ours: Vec<String> = look.tree().unwrap().entries().iter().map(|e| e.path.clone()).collect();
        ours.sort();
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(look.trouble, None);
    }
}

#[test]
fn names_of_one_file_share_its_data() {
    let dir = tempfile::tempdir().unwrap();
    sh(
        dir.path(),
        "mkdir r; printf data > r/a; ln r/a r/b; ln r/a r/c; printf 1 > r/z; (cd r && find . | cpio --quiet -o -H newc) > x.cpio",
    );
    let look = Look::open(&dir.path().join("x.cpio")).unwrap();
    let tree = look.tree().unwrap();
    for name in ["a", "b", "c"] {
        let source = look.entry(tree, tree.resolve(name).unwrap()).unwrap();
        assert_eq!(source.window(0, 9).unwrap(), b"data", "{name}");
    }
}

#[test]
fn a_folder_is_looked_into_without_following_links_out_of_it() {
    let dir = nested();
    std::os::unix::fs::symlink("/etc/passwd", dir.path().join("root/out")).unwrap();
    let root = Look::open(&dir.path().join("root")).unwrap();
    assert_eq!(root.format, Format::Folder);
    assert_eq!(root.clone().descend("bin/other").unwrap().look.format, Format::Elf);
    assert!(root.clone().descend("out").is_err());
}

#[test]
fn odd_bytes_are_shown_as_bytes_with_the_reason() {
    let dir = nested();
    let gz = std::fs::read(dir.path().join("rootfs.cpio.gz")).unwrap();
    let cpio = std::fs::read(dir.path().join("rootfs.cpio")).unwrap();
    let iso = std::fs::read(dir.path().join("image.iso")).unwrap();
    for (bytes, format, why) in [
        (&gz[..gz.len() / 2], Format::Compressed, "decompress gzip"),
        (&cpio[..cpio.len() / 2], Format::Cpio, "cut off"),
        (&iso[..18 * 2048], Format::Iso, "cut off"),
        (&b"\x7fELF\x02\x01\x01"[..], Format::Elf, "ELF"),
        (b"\x28\xb5\x2f\xfd....", Format::Compressed, "zstd"),
    ] {
        let look = Look::of(of(bytes)).unwrap();
        assert_eq!(look.format, format);
        assert!(look.trouble.as_ref().is_some_and(|t| t.contains(why)), "{:?}", look.trouble);
        assert_eq!(look.source().unwrap().window(0, 4).unwrap(), bytes[..4]);
    }
    for (bytes, format) in
        [(&b""[..], Format::Empty), (b"plain \xc3\xa4\n", Format::Text), (b"\x00\x01", Format::Bytes), (b"\xff\xfe", Format::Bytes)]
    {
        assert_eq!(Look::of(of(bytes)).unwrap().format, format, "{bytes:?}");
    }
}

#[test]
fn what_unpacks_to_more_than_the_limit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    sh(
        dir.path(),
        "head -c 5000000 /dev/zero | gzip > z.gz; (printf one | gzip; printf two | gzip; head -c 600 /dev/zero; printf three | xz) > many",
    );
    let source = Source::open(&dir.path().join("z.gz")).unwrap();
    assert!(matches!(source.unpack(4_999_999), Err(Error::TooLarge { .. })));
    assert_eq!(source.unpack(5_000_000).unwrap().len(), 5_000_000);
    let many = Source::open(&dir.path().join("many")).unwrap().unpack(100).unwrap();
    assert_eq!(many.window(0, 99).unwrap(), b"onetwothree");
}

#[test]
fn a_kernel_image_says_what_file_says() {
    // Any kernel of this machine, else there is nothing to compare with.
    let work = std::env::var_os("BOOTWRIGHT_KERNEL_IMAGE").map(std::path::PathBuf::from);
    let installed = std::fs::read_dir("/boot").into_iter().flatten().flatten().map(|e| e.path());
    for path in installed.chain(work).filter(|p| p.to_string_lossy().contains("vmlinuz") || p.to_string_lossy().contains("bzImage")) {
        let Inside::Kernel(kernel) = Look::open(&path).unwrap().inside else { panic!("{path:?} is no kernel") };
        let file = sh(Path::new("/"), &format!("file -Lb '{}'", path.display()));
        assert!(file.contains(kernel.version.as_ref().unwrap()), "{file}\n{kernel:?}");
    }
}

#[test]
fn the_setup_header_is_read_field_by_field() {
    let mut image = vec![0_u8; 8192];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x1f1, &[3]);
    put(0x1f4, &100_u32.to_le_bytes());
    put(0x1fe, &[0x55, 0xaa]);
    put(0x202, b"HdrS");
    put(0x206, &0x20f_u16.to_le_bytes());
    put(0x20e, &0x300_u16.to_le_bytes());
    put(0x211, &[1]);
    put(0x22c, &0x7fff_ffff_u32.to_le_bytes());
    put(0x234, &[1]);
    put(0x236, &0x9_u16.to_le_bytes());
    put(0x238, &2047_u32.to_le_bytes());
    put(0x248, &16_u32.to_le_bytes());
    put(0x24c, &1000_u32.to_le_bytes());
    put(0x500, b"6.12.1 (me@here) #1\0");
    put(2048 + 16, b"\xfd7zXZ\0");
    let Inside::Kernel(k) = Look::of(of(&image)).unwrap().inside else { panic!("no kernel") };
    assert_eq!((k.protocol, k.version.as_deref(), k.packing), ((2, 15), Some("6.12.1 (me@here) #1"), Some("xz")));
    assert_eq!((k.payload, k.system_size, k.command_line), (Some((2064, 1000)), 1600, 2047));
    assert!(k.high && k.relocatable && k.entry_64 && k.efi == [64]);
    // A header at the end of the file, and one that points outside.
    for len in [0x206, 0x240] {
        assert!(matches!(Look::of(of(&image[..len])).unwrap().inside, Inside::Kernel(_)));
    }
}

proptest! {
    /// Whatever the bytes are, looking ends, and what is found can be opened or is refused.
    #[test]
    fn damaged_archives_are_read_or_refused(changes in prop::collection::vec((0_usize..2000, any::<u8>()), 0..20), cut in 0_usize..2000) {
        let mut archive = cpio::Writer::new(Vec::new(), 0);
        archive.dir(Path::new("a"), 0o755).unwrap();
        archive.symlink(Path::new("a/l"), Path::new("../b")).unwrap();
        archive.file(Path::new("b"), 0o644, 5, &mut &b"hello"[..]).unwrap();
        let (mut bytes, _, _) = archive.finish().unwrap();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len().max(1) - cut % bytes.len().max(1));
        let look = Look::of(of(&bytes)).unwrap();
        if let Some(tree) = look.tree() {
            for index in 0..tree.entries().len() {
                let _ = look.entry(tree, index);
                let _ = tree.walk(&tree.entries()[index].path);
            }
        }
    }

    #[test]
    fn any_bytes_can_be_looked_into(bytes in prop::collection::vec(any::<u8>(), 0..700), magic in 0_usize..6) {
        let start: &[u8] = [&b""[..], b"070701", b"\x7fELF\x02", b"\x1f\x8b\x08\x00", b"\xfd7zXZ\x00", b"HdrS"][magic];
        let look = Look::of(of(&[start, &bytes].concat())).unwrap();
        let _ = look.descend("x/y");
    }
}
