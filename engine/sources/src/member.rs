//! The members of a tar archive with their long names put together, whatever dialect wrote them.
//!
//! The tar crate could do this by itself, but it reads a long name into memory as large as the archive says. Here it
//! is bounded.

use std::io::{self, Read};

use tar::{EntryType, Header};

/// No path on Linux is longer than 4,096 bytes; a name or a block of pax records beyond this is hostile.
const MAX_META: u64 = 256 << 10;

/// What a member says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Meta {
    pub path: Vec<u8>,
    pub link: Vec<u8>,
    pub kind: EntryType,
    pub size: u64,
    pub mode: u32,
    /// Seconds and nanoseconds.
    pub mtime: (i64, i64),
}

/// Names and times that stand before the member they belong to.
#[derive(Default)]
struct Ahead {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    mtime: Option<(i64, i64)>,
    size: Option<u64>,
}

/// Calls `each` for every member, in order, with its contents. Stops at the first error.
pub(crate) fn each_member<E: From<io::Error>>(
    archive: &mut dyn Read,
    each: &mut dyn FnMut(&Meta, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = tar::Archive::new(archive);
    let mut ahead = Ahead::default();
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => ahead.path = Some(until_nul(bounded(&mut entry)?)),
            EntryType::GNULongLink => ahead.link = Some(until_nul(bounded(&mut entry)?)),
            EntryType::XHeader => ahead.read_pax(&bounded(&mut entry)?)?,
            EntryType::XGlobalHeader => {} // a comment, such as git's commit id
            _ => {
                let meta = ahead.meta(entry.header(), entry.size())?;
                each(&meta, &mut entry)?;
                ahead = Ahead::default();
            }
        }
    }
    Ok(())
}

impl Ahead {
    fn meta(&mut self, header: &Header, size: u64) -> io::Result<Meta> {
        // Only files of 8 GiB and more need this, and two sizes for one file are how archives are made to look
        // different to different readers.
        if self.size.is_some_and(|s| s != size) {
            return Err(bad("a member states two sizes"));
        }
        let time = header.mtime().unwrap_or(0).cast_signed(); // GNU writes times before 1970 as two's complement
        Ok(Meta {
            path: self.path.take().unwrap_or_else(|| header.path_bytes().into_owned()),
            link: self.link.take().or_else(|| header.link_name_bytes().map(|l| l.into_owned())).unwrap_or_default(),
            kind: header.entry_type(),
            size,
            mode: header.mode()?,
            mtime: self.mtime.unwrap_or((time, 0)),
        })
    }

    /// Records of the form `length key=value\n`.
    fn read_pax(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let record = pax_record(bytes).ok_or_else(|| bad("a pax record is malformed"))?;
            bytes = &bytes[record.length..];
            let text = || std::str::from_utf8(record.value).unwrap_or_default();
            match record.key {
                b"path" => self.path = Some(record.value.to_vec()),
                b"linkpath" => self.link = Some(record.value.to_vec()),
                b"mtime" => self.mtime = pax_time(text()),
                b"size" => self.size = Some(text().parse().map_err(|_| bad("a pax size is no number"))?),
                key if key.starts_with(b"GNU.sparse.") => return Err(bad("it holds sparse files, which sources never need")),
                _ => {}
            }
        }
        Ok(())
    }
}

struct Record<'a> {
    length: usize,
    key: &'a [u8],
    value: &'a [u8],
}

fn pax_record(bytes: &[u8]) -> Option<Record<'_>> {
    let space = bytes.iter().take(20).position(|b| *b == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let body = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|b| *b == b'=')?;
    Some(Record { length, key: &body[..equals], value: &body[equals + 1..] })
}

/// `1449234567.123456789`, with any number of decimals.
fn pax_time(text: &str) -> Option<(i64, i64)> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let digits: String = part.chars().chain(std::iter::repeat('0')).take(9).collect();
    let nanos: i64 = digits.parse().ok()?;
    match (whole.starts_with('-'), nanos) {
        (true, 1..) => Some((seconds.checked_sub(1)?, 1_000_000_000 - nanos)), // the part counts away from zero
        _ => Some((seconds, nanos)),
    }
}

fn bounded(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(MAX_META + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_META { Err(bad("a name is longer than 256 KiB")) } else { Ok(bytes) }
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|b| *b == 0) {
        bytes.truncate(end);
    }
    bytes
}

fn bad(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pax_times_and_records() {
        assert_eq!(pax_time("12.5"), Some((12, 500_000_000)));
        assert_eq!(pax_time("-1.25"), Some((-2, 750_000_000)));
        assert_eq!(pax_time("7"), Some((7, 0)));
        assert_eq!(pax_time("x"), None);
        assert!(pax_record(b"11 path=ab\n").is_some_and(|r| r.value == b"ab"));
        for wrong in [&b"99999999999999999999 a=b\n"[..], b"3 a=b\n", b"0 a=b\n", b"x", b"", b"2 "] {
            assert!(pax_record(wrong).is_none());
        }
    }
}
