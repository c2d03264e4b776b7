//! ISO images against `xorriso` and `isoinfo` over images made by both tools, and against damaged ones.

// The helpers of these tests are not `#[test]` functions, so .clippy.toml does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bootwright_image::Error;
use bootwright_image::iso::{self, BootMedia, Image, Names, Platform};
use bootwright_image::source::Source;
use bootwright_image::tree::{Kind, Tree};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

fn run(program: &str, args: &[&str], dir: &Path) -> String {
    let output = Command::new(program).env("LC_ALL", "C").args(args).current_dir(dir).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {args:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// A tree with all that the formats can say, and images of it.
fn images() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path();
            let script = r#"
                umask 022; mkdir -p d/isolinux d/empty 'd/with space' d/a/b/c/d/e/f/g/h/i
                head -c 24576 /dev/zero > d/isolinux/isolinux.bin; head -c 1474560 /dev/zero > d/efi.img
                printf 'default kernel.bz\n' > d/isolinux/isolinux.cfg
                head -c 3000 /dev/urandom > d/kernel.bz; : > d/nothing
                printf deep > d/a/b/c/d/e/f/g/h/i/deep.txt
                printf x > 'd/with space/A long name, with commas & Ümläut.tar.gz'
                ln -s kernel.bz d/link; ln -s ../../with\ space/nowhere d/a/b/link-up; ln -s /etc/./passwd d/absolute
                printf n > "d/$(printf 'n%.0s' $(seq 200))"
                i=0; while [ $i -lt 150 ]; do printf $i > d/empty/file-number-$i.txt; i=$((i+1)); done
                chmod 4755 d/kernel.bz; chmod 600 d/isolinux/isolinux.cfg; mkfifo d/pipe
                boot='-b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table'
                genisoimage -quiet -J -R -V 'GENISO' -o genisoimage.iso $boot d 2>/dev/null
                # genisoimage never ends with a link as long as this.
                ln -s "$(printf 't/%.0s' $(seq 150))end" d/long-link
                xorriso -as mkisofs -quiet -J -r -V 'A VOLUME' -o xorriso.iso $boot -eltorito-alt-boot -e efi.img -no-emul-boot d 2>/dev/null
                xorriso -as mkisofs -quiet --norock -o plain.iso -b efi.img -hard-disk-boot d 2>/dev/null || xorriso -as mkisofs -quiet --norock -o plain.iso d 2>/dev/null
                test -e /usr/lib/ISOLINUX/isohdpfx.bin && xorriso -as mkisofs -quiet -r -o hybrid.iso $boot -isohybrid-mbr /usr/lib/ISOLINUX/isohdpfx.bin d 2>/dev/null || cp xorriso.iso hybrid.iso
            "#;
            run("sh", &["-ec", script], dir);
            folder
        })
        .path()
}

fn read(path: &Path) -> Image {
    iso::read(&Source::open(path).unwrap()).unwrap()
}

/// Paths by `isoinfo -f`, which takes a naming system: `-R`, `-J` or none.
fn isoinfo(image: &Path, names: &[&str]) -> Vec<String> {
    let args = [&["-f", "-i", image.to_str().unwrap(), "-j", "iso8859-1"][..], names].concat();
    let output = Command::new("isoinfo").args(args).output().unwrap();
    assert!(output.status.success());
    // It knows no UTF-8; of Latin-1 each byte is a character.
    let text: String = output.stdout.iter().map(|byte| char::from(*byte)).collect();
    let mut paths: Vec<String> = text.lines().map(|l| l.trim_start_matches('/').to_owned()).collect();
    paths.sort();
    paths
}

fn paths(tree: &Tree) -> Vec<String> {
    let mut paths: Vec<String> = tree.entries().iter().map(|e| e.path.clone()).collect();
    paths.sort();
    paths
}

#[test]
fn names_modes_sizes_and_links_are_those_that_xorriso_lists() {
    for name in ["xorriso.iso", "genisoimage.iso", "hybrid.iso"] {
        let image = images().join(name);
        // mode, links, uid, gid, size, month, day, time, 'path' [-> 'target']
        let text = run("xorriso", &["-indev", image.to_str().unwrap(), "-find", "/", "-exec", "lsdl", "--"], images());
        let mut theirs = BTreeMap::new();
        for line in text.lines().filter(|l| l.contains("'/")) {
            let mut words = line.split_whitespace();
            // It writes `e` for the boot catalogue.
            let mode = words.next().unwrap().trim_end_matches('+').replace('e', "-");
            let size: u64 = words.nth(3).unwrap().parse().unwrap();
            let quoted: Vec<&str> = line.split('\'').collect();
            let path = quoted[1].trim_start_matches('/').to_owned();
            let target = quoted.get(3).map(|t| (*t).to_owned());
            theirs.insert(path, (mode, size, target));
        }
        theirs.remove("");
        // Where ours keeps what is under a moved folder, xorriso shows the same; the place it was moved to is empty.
        let tree = read(&image).trees.remove(0);
        assert_eq!(tree.0, Names::RockRidge);
        let mut ours = BTreeMap::new();
        for e in tree.1.entries() {
            let target = if let Kind::Link(to) = &e.kind { Some(to.clone()) } else { None };
            let size = if e.kind == Kind::File { e.size } else { 0 };
            ours.insert(e.path.clone(), (e.mode_text(), size, target));
        }
        assert!(ours.contains_key("a/b/c/d/e/f/g/h/i/deep.txt"), "{name}: {ours:#?}");
        ours.retain(|path, _| path != "rr_moved");
        theirs.retain(|path, _| path != "rr_moved");
        for (path, (mode, size, target)) in &theirs {
            let our = ours.get(path).unwrap_or_else(|| panic!("{name}: no {path}"));
            assert_eq!((&our.0, &our.2), (mode, target), "{name}: {path}");
            if mode.starts_with('-') {
                assert_eq!(our.1, *size, "{name}: {path}");
            }
        }
        assert_eq!(ours.len(), theirs.len(), "{name}");
    }
}

#[test]
fn each_naming_system_has_the_paths_that_isoinfo_lists() {
    let mut seen = 0;
    for (name, system, option) in [
        ("xorriso.iso", Names::Joliet, vec!["-J"]),
        ("genisoimage.iso", Names::Joliet, vec!["-J"]),
        ("xorriso.iso", Names::Plain, vec![]),
        ("plain.iso", Names::Plain, vec![]),
    ] {
        let image = images().join(name);
        let ours = read(&image);
        let strip =
            |path: &String| path.split('/').map(|part| part.trim_end_matches(";1").trim_end_matches('.')).collect::<Vec<_>>().join("/");
        let theirs: Vec<String> = isoinfo(&image, &option).iter().map(strip).collect();
        let ours = paths(ours.tree(system).unwrap());
        let fold = |mut list: Vec<String>| {
            list.retain(|p| !p.to_lowercase().starts_with("rr_moved"));
            list.sort();
            list
        };
        assert_eq!(fold(ours), fold(theirs), "{name} {system:?}");
        seen += 1;
    }
    assert_eq!(seen, 4);
    assert!(read(&images().join("plain.iso")).tree(Names::RockRidge).is_none());
}

#[test]
fn file_contents_are_what_was_put_in() {
    for name in ["xorriso.iso", "genisoimage.iso"] {
        let source = Source::open(&images().join(name)).unwrap();
        let image = iso::read(&source).unwrap();
        for (names, tree) in &image.trees {
            for (file, ours) in [("kernel.bz", "KERNEL.BZ"), ("a/b/c/d/e/f/g/h/i/deep.txt", "")] {
                let path = if *names == Names::Plain { ours } else { file };
                let Some(index) = tree.resolve(path) else { continue };
                let bytes = tree.open(index, Some(&source)).unwrap().window(0, 1 << 20).unwrap();
                assert_eq!(bytes, std::fs::read(images().join("d").join(file)).unwrap(), "{name} {names:?} {path}");
            }
        }
        let tree = image.tree(Names::RockRidge).unwrap();
        let by_link = tree.open(tree.resolve("link").unwrap(), Some(&source)).unwrap();
        assert_eq!(by_link.len(), 3000);
    }
}

/// The lines of `xorriso -report_el_torito plain` that begin so, as words.
fn report(image: &Path, kind: &str, begin: &str) -> Vec<Vec<String>> {
    let text = run("xorriso", &["-indev", image.to_str().unwrap(), kind, "plain"], images());
    let lines = text.lines().filter_map(|line| line.strip_prefix(begin));
    lines.map(|line| line.trim_start_matches([' ', ':']).split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn the_boot_catalogue_is_the_one_that_xorriso_reports() {
    for name in ["xorriso.iso", "genisoimage.iso", "hybrid.iso", "plain.iso"] {
        let image = images().join(name);
        let read = read(&image);
        assert_eq!(read.catalogue_trouble, None);
        // n, platform, bootable, emulation, load segment, hard disk type, load sectors, sector
        let theirs = report(&image, "-report_el_torito", "El Torito boot img");
        let paths = report(&image, "-report_el_torito", "El Torito img path");
        let options = report(&image, "-report_el_torito", "El Torito img opts");
        let ours = read.catalogue.map(|c| c.entries).unwrap_or_default();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (i, (entry, row)) in ours.iter().zip(&theirs).enumerate() {
            let platform = match entry.platform {
                Platform::Bios => "BIOS",
                Platform::Uefi => "UEFI",
                _ => "other",
            };
            let media = match entry.media {
                BootMedia::NoEmulation => "none",
                BootMedia::HardDisk => "hd",
                _ => "other",
            };
            let bootable = if entry.bootable { "y" } else { "n" };
            let shown = [platform, bootable, media, &format!("{:#06x}", entry.load_segment)].map(str::to_owned);
            assert_eq!(row[1..5], shown, "{name} {row:?}");
            assert_eq!(row[6..8], [entry.load_sectors.to_string(), entry.sector.to_string()], "{name} {row:?}");
            let path = paths.iter().find(|p| p[0] == (i + 1).to_string()).map(|p| p[1].trim_start_matches('/').to_owned());
            // An image without Unix names has them in capitals.
            assert_eq!(entry.file.as_ref().map(|f| f.to_lowercase()), path.map(|p| p.to_lowercase()), "{name}");
            let info = options.iter().any(|o| o[0] == (i + 1).to_string() && o.iter().any(|w| w == "boot-info-table"));
            assert_eq!(entry.info_table, info, "{name} {options:?}");
        }
    }
    let catalogue = read(&images().join("xorriso.iso")).catalogue.unwrap();
    assert_eq!((catalogue.entries.len(), catalogue.file.as_deref()), (2, Some("isolinux/boot.cat")));
}

#[test]
fn the_partition_table_is_the_one_that_xorriso_reports() {
    let image = images().join("hybrid.iso");
    // n, flag, type, start, sectors
    let theirs = report(&image, "-report_system_area", "MBR partition      :");
    let ours: Vec<Vec<String>> = read(&image)
        .partitions
        .iter()
        .map(|p| {
            let flag = if p.active { "0x80" } else { "0x00" };
            vec![p.number.to_string(), flag.into(), format!("{:#04x}", p.kind), p.start.to_string(), p.sectors.to_string()]
        })
        .collect();
    assert_eq!(ours, theirs);
    assert_eq!(read(&images().join("genisoimage.iso")).partitions, []);
}

#[test]
fn the_volume_says_its_name_and_its_makers() {
    let volume = read(&images().join("xorriso.iso")).volume;
    assert_eq!(volume.name, "A VOLUME");
    assert!(volume.preparer.starts_with("XORRISO"), "{volume:?}");
    assert_eq!(u64::from(volume.sectors) * 2048, std::fs::metadata(images().join("xorriso.iso")).unwrap().len());
    assert_eq!((volume.created.len(), volume.created.get(4..5)), (19, Some("-")));
}

fn small() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let script = "mkdir s; printf 1 > s/one; ln -s one s/two; head -c 2048 /dev/zero > s/boot; mkdir s/f; printf 3 > s/f/three
            xorriso -as mkisofs -quiet -J -r -o s.iso -b boot -c cat -no-emul-boot -boot-info-table -no-pad s 2>/dev/null";
        run("sh", &["-ec", script], images());
        std::fs::read(images().join("s.iso")).unwrap()
    })
}

fn of(bytes: &[u8]) -> Source {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    Source::of(file, Path::new("damaged")).unwrap()
}

#[test]
fn an_image_that_is_cut_off_anywhere_is_an_error_or_read_as_far_as_it_goes() {
    let whole = small();
    for len in (0..whole.len()).step_by(997) {
        let source = of(&whole[..len]);
        if let Ok(image) = iso::read(&source) {
            for (_, tree) in &image.trees {
                for index in 0..tree.entries().len() {
                    match tree.open(index, Some(&source)) {
                        Ok(_) | Err(Error::CutOff { .. } | Error::NotThere { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
        }
    }
}

#[test]
fn a_folder_that_contains_itself_is_an_error() {
    let mut bytes = small().to_vec();
    let root = u32::from_le_bytes(bytes[16 * 2048 + 158..16 * 2048 + 162].try_into().unwrap());
    let start = root as usize * 2048;
    // The record of the folder `f`, after those for itself and above.
    let mut at = start;
    while !(bytes[at + 25] & 2 != 0 && bytes[at + 33] > 1) {
        at += usize::from(bytes[at]);
    }
    bytes[at + 2..at + 6].copy_from_slice(&root.to_le_bytes());
    let error = iso::read(&of(&bytes)).unwrap_err();
    assert!(matches!(error, Error::BadIso { .. }) && error.to_string().contains("another folder"), "{error}");
}

#[test]
fn other_files_are_refused_with_the_reason() {
    for bytes in [&b""[..], b"text", &[0; 40_000]] {
        let source = of(bytes);
        assert!(!iso::is_iso(&source).unwrap());
        assert!(matches!(iso::read(&source), Err(Error::BadIso { .. })));
    }
    assert!(matches!(Source::open(&PathBuf::from("/dev")), Err(Error::NotAFile { .. })));
}

proptest! {
    /// Bytes changed in what describes the image: no panic, no loop, and entries that lie within it.
    #[test]
    fn damaged_images_are_read_or_refused(changes in prop::collection::vec((0_usize..64 * 2048, any::<u8>()), 1..40)) {
        let mut bytes = small().to_vec();
        for (at, byte) in changes {
            // The first 16 sectors are the system's own.
            let at = (at + 16 * 2048) % bytes.len();
            bytes[at] = byte;
        }
        let source = of(&bytes);
        if let Ok(image) = iso::read(&source) {
            for (_, tree) in &image.trees {
                for index in 0..tree.entries().len() {
                    let _ = tree.open(index, Some(&source));
                    let path = &tree.entries()[index].path;
                    prop_assert_eq!(tree.find(path), Some(index));
                    let _ = tree.walk(path);
                }
            }
        }
    }
}
