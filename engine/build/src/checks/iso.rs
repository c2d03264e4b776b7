//! The kernel's own isoimage target and what it takes from the host.

use super::{Look, Verdict};
use crate::host;

pub fn isoimage(look: &Look) -> (Verdict, Vec<String>, &'static str) {
    let wired = look.project.layout.wires.iter().find(|w| w.from.component == *look.component && w.from.name == "isoimage");
    let Some(wire) = wired else {
        return (Verdict::Fine, vec!["no wire uses the target".into()], "The ISO image does not depend on the kernel's makefiles.");
    };
    let mut found = vec![format!("{} is written by the kernel's makefile", wire.to.component)];
    let writers = ["genisoimage", "mkisofs", "xorrisofs"];
    let writer = writers.iter().find_map(|w| host::program(w));
    found.push(writer.as_ref().map_or(format!("none of {} is on this host", writers.join(", ")), |p| format!("writer: {}", p.display())));
    // The folders below which the kernel's genimage.sh looks, read from the script itself where the source is there.
    let mut isolinux = None;
    for dir in ["/usr/share", "/usr/lib", "/usr/lib64"] {
        for sub in ["syslinux", "ISOLINUX", "isolinux", "syslinux/bios"] {
            let path = std::path::Path::new(dir).join(sub).join("isolinux.bin");
            if isolinux.is_none() && path.exists() {
                isolinux = Some(path);
            }
        }
    }
    found.push(
        isolinux
            .as_ref()
            .map_or("isolinux.bin: in none of the folders where the script looks".into(), |p| format!("isolinux.bin: {}", p.display())),
    );
    if writer.is_none() || isolinux.is_none() {
        return (Verdict::Fault, found, "Without these the target ends with \"image.iso is ready\" and exit code 0, and writes no image.");
    }
    (
        Verdict::Risk,
        found,
        "It works on this host. What is in the image, and from where, is decided by the kernel's script and by what this host happens to have.",
    )
}
