//! One file taken out of a .deb: an ar archive whose member `data.tar.*` holds the package's files.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::{Context, Phase};
use crate::copy::{Counted, copy_hashed};
use crate::decompress;
use crate::error::{FetchError, io_at};
use crate::member::each_member;

pub(crate) struct Taken {
    /// Its path inside the package, without a leading slash.
    pub path: String,
    pub sha256: String,
}

/// Writes the member that fits `pattern` to `target`. The whole package is looked through: two that fit are an error.
pub(crate) fn take(deb: &Path, package: &str, pattern: &str, target: &Path, ctx: &Context) -> Result<Taken, FetchError> {
    let bad = |e: io::Error| FetchError::BadPackage { path: deb.into(), reason: e.to_string() };
    let file = File::open(deb).map_err(io_at("open", deb))?;
    let total = file.metadata().map_err(io_at("look at", deb))?.len();
    let read = AtomicU64::new(0);
    let mut meter = ctx.meter(Phase::Extract, Some(total));
    let mut package_members = ar::Archive::new(Counted { inner: file, read: &read, cancel: ctx.cancel });
    let mut data = loop {
        match package_members.next_entry() {
            None => return Err(bad(io::Error::other("it has no data.tar"))),
            Some(Err(e)) => return Err(bad(e)),
            Some(Ok(entry)) if entry.header().identifier().starts_with(b"data.tar") => break entry,
            Some(Ok(_)) => {}
        }
    };
    // the decoder wants to own what it reads and may hand it to threads; an ar entry can do neither, so it is borrowed
    let (_, mut plain) = decompress::open(&mut data).map_err(bad)?;
    let pattern = clean(pattern);
    let mut taken: Vec<Taken> = Vec::new();
    let mut exact = false; // a path that fits to the letter wins over those that only begin so
    let walked = each_member::<Stop>(&mut plain, &mut |meta, contents| {
        ctx.check().map_err(Stop::Fetch)?;
        meter.at(read.load(Ordering::Relaxed));
        let path = String::from_utf8_lossy(&meta.path).into_owned();
        let path = clean(&path);
        if exact || !meta.kind.is_file() || !fits(path, pattern) {
            return Ok(());
        }
        exact = path == pattern;
        if exact {
            taken.clear();
        }
        let mut sha256 = String::new();
        if taken.is_empty() {
            let mut out = File::create(target).map_err(io_at("create", target)).map_err(Stop::Fetch)?;
            let tick = &mut || meter.at(read.load(Ordering::Relaxed));
            let (hash, size) = copy_hashed(contents, &mut out, path, deb, ctx, tick).map_err(Stop::Fetch)?;
            if size != meta.size {
                return Err(Stop::Tar(io::ErrorKind::UnexpectedEof.into()));
            }
            sha256 = hash;
        }
        taken.push(Taken { path: path.into(), sha256 });
        Ok(())
    });
    ctx.check()?; // a cancel shows as a failed read
    match walked {
        Err(Stop::Tar(error)) => return Err(bad(error)),
        Err(Stop::Fetch(error)) => return Err(error),
        Ok(()) => meter.end(total),
    }
    let (package, member) = (package.to_owned(), pattern.to_owned());
    if taken.len() > 1 {
        let found = taken.iter().take(5).map(|t| t.path.as_str()).collect::<Vec<_>>().join(", ");
        return Err(FetchError::ManyMembers { package, member, found });
    }
    taken.pop().ok_or(FetchError::NoMember { package, member })
}

/// Why the walk through the package's files ended early.
enum Stop {
    Tar(io::Error),
    Fetch(FetchError),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Tar(error)
    }
}

fn clean(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path).trim_start_matches('/')
}

/// A path, the beginning of one, or a pattern in which `*` stands for anything but a slash.
fn fits(path: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => path.starts_with(pattern),
        Some((head, tail)) => path.strip_prefix(head).is_some_and(|rest| {
            let ends = rest.find('/').unwrap_or(rest.len());
            (0..=ends).filter(|n| rest.is_char_boundary(*n)).any(|n| match tail.contains('*') {
                true => fits(&rest[n..], tail),
                false => &rest[n..] == tail,
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(fits("usr/src/linux-source-6.12.tar.xz", "usr/src/linux-source-"));
        assert!(fits("usr/src/glibc/glibc-2.36.tar.xz", "usr/src/glibc/glibc-*.tar.xz"));
        assert!(!fits("usr/src/glibc/glibc-2.36/a.tar.xz", "usr/src/glibc/glibc-*.tar.xz"));
        assert!(!fits("usr/src/glibc/glibc-2.36.tar.xz.asc", "usr/src/glibc/glibc-*.tar.xz"));
        assert!(fits("a/b-1-c", "a/*-*"));
        assert!(fits("é", "*"));
    }
}
