//! The members of an archive. Kbuild's are thin: they name objects instead of holding them (ar(1), `T`).

use object::read::archive::ArchiveFile;
use std::path::Path;

/// Archives longer than this are not read; the longest thin one of a defconfig has some 300 KB.
const LONGEST: u64 = 256 << 20;

/// The objects that an archive names, relative to the object folder `root`, in the archive's order. None: it is not there,
/// or is no archive.
pub fn members(root: &Path, archive: &str) -> Option<Vec<String>> {
    let place = root.join(archive);
    std::fs::metadata(&place).ok().filter(|m| m.is_file() && m.len() <= LONGEST)?;
    read(archive, &std::fs::read(place).ok()?)
}

/// The same for an archive's bytes.
pub fn read(archive: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let file = ArchiveFile::parse(bytes).ok()?;
    let folder = archive.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut out = Vec::new();
    for member in file.members() {
        let name = String::from_utf8_lossy(member.ok()?.name()).into_owned();
        // What a thin archive names is seen from the archive's own folder.
        out.push(if folder.is_empty() { name } else { normal(&format!("{folder}/{name}")) });
    }
    Some(out)
}

fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
