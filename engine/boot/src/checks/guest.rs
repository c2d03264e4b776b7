//! What several checks ask a guest: hashes, mapped files, first lines.

use crate::{console::Console, error::BootError};
use std::time::Duration;

/// One command in a guest whose CPU is emulated on a busy host.
pub(super) const COMMAND: Duration = Duration::from_secs(60);

/// A word for the guest's shell. Paths come from artifacts, and are quoted all the same.
pub(super) fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The hash of a file in the guest, or the guest's own words why there is none.
pub(super) fn sha256(console: &mut Console, path: &str) -> Result<String, BootError> {
    let output = console.run(&format!("sha256sum {}", word(path)), COMMAND)?;
    let first = output.stdout.split_whitespace().next().unwrap_or_default();
    if output.success() && first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(first.to_ascii_lowercase());
    }
    Ok(one_line(&output.stdout, "(sha256sum said nothing)"))
}

/// The files that a program of the guest (its `cat`, so BusyBox) has mapped, each once, in order.
pub(super) fn mapped_files(console: &mut Console) -> Result<Result<Vec<String>, String>, BootError> {
    let output = console.run("[ -e /proc/self/maps ] || mount -t proc proc /proc; cat /proc/self/maps", COMMAND)?;
    if !output.success() {
        return Ok(Err(one_line(&output.stdout, "(cat /proc/self/maps failed)")));
    }
    Ok(Ok(parse_maps(&output.stdout)))
}

/// Lines of `address perms offset dev inode path`; mappings without a file have no path, or one in brackets.
fn parse_maps(text: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(at) = line.find('/') {
            let path = line.get(at..).unwrap_or_default().to_owned();
            if !files.contains(&path) {
                files.push(path);
            }
        }
    }
    files
}

pub(super) fn is_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with(".so") || name.contains(".so.") || (name.starts_with("ld-") && name.contains(".so"))
}

/// The first line that is not empty.
pub(super) fn one_line(text: &str, otherwise: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or(otherwise).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_give_files_once_and_no_brackets() {
        let text = "00400000-00401000 r--p 00000000 00:01 9  /bin/busybox\n00401000-00402000 r-xp 00001000 00:01 9  /bin/busybox\n\
            7f0-7f1 rw-p 00000000 00:00 0 \n7f2-7f3 r-xp 00000000 00:01 8  /lib/libc.so.6\n7ff-800 r-xp 00000000 00:00 0  [vdso]\n";
        assert_eq!(parse_maps(text), ["/bin/busybox", "/lib/libc.so.6"]);
        assert!(parse_maps("").is_empty());
    }

    #[test]
    fn libraries_are_told_from_programs() {
        for yes in ["/lib/libc.so.6", "/lib/ld-2.23.so", "/lib/libm-2.23.so", "/lib64/ld-linux-x86-64.so.2"] {
            assert!(is_library(yes), "{yes}");
        }
        for no in ["/bin/busybox", "/some.solid/thing", "/bin/also"] {
            assert!(!is_library(no), "{no}");
        }
    }
}
