//! Streams on their way: counted, hashed, bounded, and stopped by a cancel.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::context::Context;
use crate::digest::Hasher;
use crate::error::FetchError;

/// Copies to the end and returns the hash and size. `what` is for messages; `tick` is called for every piece.
pub(crate) fn copy_hashed(
    from: &mut dyn Read,
    to: &mut dyn Write,
    what: &str,
    path: &Path,
    ctx: &Context,
    tick: &mut dyn FnMut(),
) -> Result<(String, u64), FetchError> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0u64;
    loop {
        ctx.check()?;
        tick();
        let n = from.read(&mut buffer).map_err(|source| FetchError::BadPackage { path: path.into(), reason: source.to_string() })?;
        if n == 0 {
            return Ok((hasher.hex(), size));
        }
        size += n as u64;
        if size > ctx.max_bytes {
            return Err(FetchError::TooLarge { what: what.into(), size, max: ctx.max_bytes });
        }
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n]).map_err(|source| FetchError::Io { action: "write", path: path.into(), source })?;
    }
}

/// Counts what was read, and stops reading once cancelled.
pub(crate) struct Counted<'a, R> {
    pub inner: R,
    pub read: &'a AtomicU64,
    pub cancel: &'a AtomicBool,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(io::Error::other("cancelled"));
        }
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
