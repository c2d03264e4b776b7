//! SHA-256 over streams and files, written as 64 lower-case hexadecimal digits.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::context::{Context, Phase};
use crate::error::{FetchError, io_at};

#[derive(Clone, Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for b in bytes {
        let _ = write!(text, "{b:02x}"); // writing to a String cannot fail
    }
    text
}

/// True for 64 hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The hash and size of a file, with progress and cancel.
pub fn hash_file(path: &Path, ctx: &Context) -> Result<(String, u64), FetchError> {
    let mut file = File::open(path).map_err(io_at("open", path))?;
    let total = file.metadata().map_err(io_at("look at", path))?.len();
    let mut hasher = Hasher::default();
    let size = feed(&mut file, path, &mut hasher, total, ctx)?;
    Ok((hasher.hex(), size))
}

/// Reads a file to its end into a hasher; also used for the first part of a resumed download.
pub(crate) fn feed(file: &mut File, path: &Path, hasher: &mut Hasher, total: u64, ctx: &Context) -> Result<u64, FetchError> {
    let mut meter = ctx.meter(Phase::Verify, Some(total));
    let mut buffer = vec![0; 256 << 10];
    let mut done = 0;
    loop {
        ctx.check()?;
        let n = file.read(&mut buffer).map_err(io_at("read", path))?;
        if n == 0 {
            meter.end(done);
            return Ok(done);
        }
        hasher.update(&buffer[..n]);
        done += n as u64;
        meter.at(done);
    }
}
