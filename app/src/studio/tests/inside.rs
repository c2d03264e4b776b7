//! Looking inside artifacts, with the real reader behind the window.

use super::*;
use crate::studio::link::look_inside;
use std::path::Path;
use std::process::Command;

/// Answers what the page asked, as the desk does.
fn serve(window: &mut Window) {
    for _ in 0..20 {
        let mut answered = false;
        for ask in window.asks() {
            match ask {
                Ask::LookInside { from, name, others, asked, keep } => {
                    let result = look_inside(&from, name, &others);
                    window.news(News::Looked { asked, keep, result });
                    answered = true;
                }
                Ask::ReadBytes { source, offset, len, part, shown } => {
                    let result = source.window(offset, len).map_err(|e| e.to_string());
                    window.news(News::Bytes { shown, part, result });
                    answered = true;
                }
                _ => {}
            }
        }
        if !answered {
            return;
        }
    }
}

fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = "mkdir -p root/bin root/lib iso; cp /bin/true root/bin/tool
        cp \"$(ldd /bin/true | awk '/libc.so/{print $3}')\" root/lib/libc.so.6
        (cd root && find . | cpio --quiet -o -H newc | gzip -1) > iso/rootfs.gz
        head -c 2048 /dev/zero > iso/isolinux.bin; seq 5000 | sed 's/^/number /' > iso/numbers.txt
        xorriso -as mkisofs -quiet -J -r -o image.iso -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table iso 2>/dev/null";
    assert!(Command::new("sh").args(["-ec", script]).current_dir(folder.path()).status().unwrap().success());
    folder
}

fn opened(file: &Path) -> Window {
    let mut window = Window::open("musl");
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    window.say(Event::ArtifactReady { step: step("iso", "assemble"), output: "iso".into(), artifact: artifact(), path: file.into() });
    window.click("Page Artifacts");
    window.asks();
    window.click("Look inside iso.iso");
    serve(&mut window);
    window
}

#[test]
fn an_image_shows_its_boot_catalogue_and_its_files_under_each_kind_of_names() {
    let folder = made();
    let mut window = opened(&folder.path().join("image.iso"));
    assert!(window.sees("ISO 9660 image") && window.sees("boot.cat, at sector"));
    assert!(window.sees("BIOS") && window.sees("no emulation") && window.sees("4 × 512 bytes"));
    assert!(window.sees("Open rootfs.gz"));
    window.click("Names: ISO 9660");
    assert!(window.sees("-?????????") && !window.sees("-r--r--r--"), "these names have no modes");
    window.click("Names: Rock Ridge");
    assert!(window.sees("Open rootfs.gz") && window.sees("-r--r--r--"));
    window.type_into("Filter the files", "number");
    assert!(window.sees("Open numbers.txt") && !window.sees("Open rootfs.gz"));
}

#[test]
fn a_program_in_the_initramfs_in_the_image_says_what_it_needs_and_who_has_it() {
    let folder = made();
    let mut window = opened(&folder.path().join("image.iso"));
    window.click("Open rootfs.gz");
    serve(&mut window);
    assert!(window.sees("cpio archive") && window.sees("gzip, unpacks to"));
    window.click("Open bin/tool");
    serve(&mut window);
    assert!(window.sees("NEEDED libc.so.6: lib/libc.so.6 of rootfs.gz"));
    assert!(window.sees("Interpreter /lib64/ld-linux-x86-64.so.2: nobody has it"));
    // Back, level by level, and by the way's names.
    window.click("Back to what it is in");
    assert!(window.sees("Open bin/tool"));
    window.click("iso.iso");
    assert!(window.sees("Boot catalogue"));
}

#[test]
fn text_and_bytes_are_read_where_they_are_looked_at() {
    let folder = made();
    let mut window = opened(&folder.path().join("image.iso"));
    window.click("Open numbers.txt");
    serve(&mut window);
    assert!(window.sees("Text, 5000 rows") && window.sees("number 1"));
    window.click("Text, 5000 rows");
    window.key(egui::Modifiers::NONE, egui::Key::End);
    serve(&mut window);
    assert!(window.sees("5000  number 5000"));
    window.click("View: Hex");
    serve(&mut window);
    assert!(window.sees("00000000  6e 75 6d 62 65 72"), "the view begins at the top");
    window.asks();
    window.click("Save a copy");
    window.click("Save");
    assert!(matches!(window.asks().as_slice(), [Ask::SaveCopy { name, path: Some(_), .. }] if name == "numbers.txt"));
}

#[test]
fn a_hundred_megabytes_are_opened_by_reading_a_little() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::File::create(&file).unwrap().set_len(120 << 20).unwrap();
    let mut window = opened(&file);
    assert!(window.sees(&format!("Bytes, {} rows", (120 << 20) / 16)));
    window.click(&format!("Bytes, {} rows", (120 << 20) / 16));
    window.key(egui::Modifiers::NONE, egui::Key::End);
    let asks = window.asks();
    assert!(!asks.is_empty());
    for ask in asks {
        assert!(matches!(ask, Ask::ReadBytes { len, offset, .. } if len <= 1 << 16 && offset > 119 << 20), "{ask:?}");
    }
}

#[test]
fn what_cannot_be_opened_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let window = opened(&folder.path().join("gone"));
    assert!(window.sees("cannot read") && window.sees("gone"));
    let broken = folder.path().join("broken.gz");
    std::fs::write(&broken, b"\x1f\x8b\x08\x00broken").unwrap();
    let window = opened(&broken);
    assert!(window.sees("cannot decompress gzip data") && window.sees("View: Hex"));
}
