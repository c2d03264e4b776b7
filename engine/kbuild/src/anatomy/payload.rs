//! The kernel inside a bzImage: taken out, unpacked, and compared with the files it was made from.

use crate::Tree;
use bootwright_image::kernel::payload::{Packing, unpack};
use bootwright_image::source::Source;
use serde::Serialize;

/// Most bytes a kernel may unpack to.
const LIMIT: u64 = 2 << 30;
/// Bytes compared at a time.
const WINDOW: u64 = 1 << 20;

/// How two runs of bytes compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compared {
    Identical,
    /// Identical up to the last four bytes, which are a checksum of the image.
    ButChecksum,
    /// The first byte that differs, from the start of both.
    DiffersAt(u64),
    /// Equal as far as the shorter goes; their lengths in bytes.
    OfLengths(u64, u64),
}

impl Compared {
    /// For people.
    pub fn words(self) -> String {
        match self {
            Compared::Identical => "identical".to_owned(),
            Compared::ButChecksum => "identical but for the last four bytes, where the image's checksum stands".to_owned(),
            Compared::DiffersAt(at) => format!("differs from byte {at} on"),
            Compared::OfLengths(one, other) => format!("equal as far as the shorter goes, of {one} and {other} bytes"),
        }
    }
}

/// The payload of an image.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Payload {
    /// In bytes from the start of the image.
    pub offset: u64,
    /// In bytes, packed.
    pub size: u64,
    pub packing: Option<Packing>,
    /// In bytes.
    pub unpacked: Option<u64>,
    /// The size that stands behind the packed data, in bytes.
    pub size_behind: Option<u32>,
    /// How long unpacking took here, in seconds.
    pub seconds: Option<f64>,
    /// The packed file of the tree, and how the payload compares with it.
    pub packed_file: Option<(String, Compared)>,
    /// The files it should unpack to, one behind the other.
    pub sources: Vec<String>,
    /// How the unpacked bytes compare with them.
    pub compared: Option<Compared>,
    /// Why it could not be unpacked.
    pub trouble: Option<String>,
}

/// `packed` is the tree's packed file, `sources` what that was packed from.
pub fn look(tree: &Tree, image: &Source, at: (u64, u64), packed: Option<&str>, sources: &[String]) -> Payload {
    let (offset, size) = at;
    let mut found = Payload {
        offset,
        size,
        packing: None,
        unpacked: None,
        size_behind: None,
        seconds: None,
        packed_file: None,
        sources: sources.to_vec(),
        compared: None,
        trouble: None,
    };
    let part = match image.parts(&[at], image.name()) {
        Ok(part) => part,
        Err(why) => {
            found.trouble = Some(why.to_string());
            return found;
        }
    };
    found.packing = part.window(0, 6).ok().and_then(|start| Packing::of(&start));
    found.packed_file = packed.and_then(|name| {
        let file = Source::open(&tree.object.join(name)).ok()?;
        Some((name.to_owned(), compare(&part, &[file]).ok()?))
    });
    let start = std::time::Instant::now();
    match unpack(&part, LIMIT) {
        Ok(unpacked) => {
            found.seconds = Some(start.elapsed().as_secs_f64());
            found.unpacked = Some(unpacked.content.len());
            found.size_behind = unpacked.size_behind.filter(|_| unpacked.packing != Packing::Gzip && unpacked.packing != Packing::None);
            let files: Result<Vec<Source>, _> = sources.iter().map(|s| Source::open(&tree.object.join(s))).collect();
            match files {
                Ok(files) if !files.is_empty() => match compare(&unpacked.content, &files) {
                    Ok(compared) => found.compared = Some(compared),
                    Err(why) => found.trouble = Some(why.to_string()),
                },
                Ok(_) => {}
                Err(why) => found.trouble = Some(why.to_string()),
            }
        }
        Err(why) => found.trouble = Some(why.to_string()),
    }
    found
}

/// Compares with files one behind the other.
pub(super) fn compare(one: &Source, others: &[Source]) -> Result<Compared, bootwright_image::Error> {
    let mut at = 0_u64;
    for other in others {
        let mut from = 0_u64;
        while from < other.len() {
            let theirs = other.window(from, WINDOW)?;
            let ours = one.window(at, theirs.len() as u64)?;
            if let Some(differs) = ours.iter().zip(&theirs).position(|(a, b)| a != b) {
                return Ok(Compared::DiffersAt(at + differs as u64));
            }
            at += ours.len() as u64;
            if ours.len() < theirs.len() || theirs.is_empty() {
                return Ok(Compared::OfLengths(one.len(), others.iter().map(Source::len).sum()));
            }
            from += theirs.len() as u64;
        }
    }
    Ok(if at == one.len() { Compared::Identical } else { Compared::OfLengths(one.len(), at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::path::Path;

    fn source(bytes: &[u8]) -> Source {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Source::of(file, Path::new("test")).unwrap()
    }

    #[test]
    fn bytes_are_compared_over_the_ends_of_files() {
        let both = |one: &[u8]| compare(&source(one), &[source(b"abc"), source(b""), source(b"de")]).unwrap();
        assert_eq!(both(b"abcde"), Compared::Identical);
        assert_eq!(both(b"abcXe"), Compared::DiffersAt(3));
        assert_eq!(both(b"abcd"), Compared::OfLengths(4, 5));
        assert_eq!(both(b"abcdef"), Compared::OfLengths(6, 5));
        assert_eq!(both(b""), Compared::OfLengths(0, 5));
    }
}
