//! Bytes to look into, wherever they lie: a file, parts of one, or what a compressed file unpacks to.
//!
//! They are read in windows and never held whole, so that an image of any size opens at once. A source keeps its file open;
//! clones share it, and may be read by several threads.

use crate::Error;
use crate::compress::{Compression, unpack_to};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most that one call of [`Source::window`] returns.
pub const WINDOW_LIMIT: u64 = 64 << 20;

/// Bytes of a file, or of parts of it one after the other.
#[derive(Debug, Clone)]
pub struct Source {
    file: Arc<File>,
    name: Arc<Path>,
    /// In the file: where a part starts, and its length.
    parts: Arc<[(u64, u64)]>,
    len: u64,
}

impl Source {
    /// A whole file. Links are followed; what is no regular file is refused, as opening a pipe would wait forever.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::NotAFile`].
    pub fn open(path: &Path) -> Result<Source, Error> {
        let metadata = std::fs::metadata(path).map_err(Error::io("read", path))?;
        if !metadata.is_file() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let file = File::open(path).map_err(Error::io("open", path))?;
        Source::of(file, path)
    }

    /// A file that is open already, under the name that messages give it.
    ///
    /// # Errors
    /// [`Error::Io`] when its size cannot be read.
    pub fn of(file: File, name: &Path) -> Result<Source, Error> {
        let len = file.metadata().map_err(Error::io("read", name))?.len();
        Ok(Source { file: Arc::new(file), name: name.into(), parts: Arc::new([(0, len)]), len })
    }

    /// In bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What messages call it.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Parts of these bytes, each an offset and a length, one after the other.
    ///
    /// # Errors
    /// [`Error::CutOff`] when a part lies outside.
    pub fn parts(&self, parts: &[(u64, u64)], name: &Path) -> Result<Source, Error> {
        let mut found = Vec::new();
        let mut total = 0_u64;
        for (offset, len) in parts {
            let end = offset.checked_add(*len).filter(|end| *end <= self.len);
            let end = end.ok_or_else(|| Error::CutOff { name: name.to_owned(), of: self.name.to_path_buf() })?;
            let mut start = 0;
            for (at, part_len) in self.parts.iter() {
                let (from, to) = ((*offset).max(start), end.min(start + part_len));
                if from < to {
                    found.push((at + (from - start), to - from));
                }
                start += part_len;
            }
            total = total.saturating_add(*len);
        }
        Ok(Source { file: self.file.clone(), name: name.into(), parts: found.into(), len: total })
    }

    /// Fills the buffer from `offset` on, and says how much there was.
    ///
    /// # Errors
    /// Those of reading the file.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        let mut start = 0_u64;
        for (at, len) in self.parts.iter() {
            let end = start.saturating_add(*len);
            while done < buffer.len() {
                let here = offset.saturating_add(done as u64);
                if here < start || here >= end {
                    break;
                }
                let most = usize::try_from(end - here).unwrap_or(usize::MAX).min(buffer.len() - done);
                let room = buffer.get_mut(done..done + most).unwrap_or_default();
                match self.file.read_at(room, at + (here - start)) {
                    Ok(0) => return Ok(done), // it became shorter since it was opened
                    Ok(count) => done += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            start = end;
        }
        Ok(done)
    }

    /// Up to `len` bytes from `offset` on; fewer at the end, none behind it, never more than [`WINDOW_LIMIT`].
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn window(&self, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
        let most = len.min(WINDOW_LIMIT).min(self.len.saturating_sub(offset));
        let mut bytes = vec![0; usize::try_from(most).unwrap_or(0)];
        let count = self.read_at(offset, &mut bytes).map_err(Error::io("read", &self.name))?;
        bytes.truncate(count);
        Ok(bytes)
    }

    /// Exactly `N` bytes, if they are there.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn array<const N: usize>(&self, offset: u64) -> Result<Option<[u8; N]>, Error> {
        let mut bytes = [0; N];
        let count = self.read_at(offset, &mut bytes).map_err(Error::io("read", &self.name))?;
        Ok((count == N).then_some(bytes))
    }

    /// Reads it from its beginning.
    pub fn reader(&self) -> Reader {
        Reader { source: self.clone(), at: 0 }
    }

    /// How it is compressed, by its first bytes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn compression(&self) -> Result<Compression, Error> {
        Ok(Compression::of(&self.window(0, 6)?))
    }

    /// What it unpacks to, in a file that vanishes with the last clone. Bytes that are not compressed stay where they are.
    ///
    /// # Errors
    /// As [`crate::compress::decompress`], and [`Error::Io`].
    pub fn unpack(&self, limit: u64) -> Result<Source, Error> {
        let start = self.window(0, 6)?;
        if Compression::of(&start) == Compression::None && crate::compress::foreign(&start).is_none() {
            return Ok(self.clone());
        }
        let mut file = tempfile::tempfile().map_err(Error::io("make a temporary file for", &self.name))?;
        unpack_to(self.reader(), &mut file, limit).map_err(|error| match error {
            Error::Io { action, source, .. } => Error::Io { action, path: self.name.to_path_buf(), source },
            other => other,
        })?;
        Source::of(file, &self.name)
    }
}

/// A place in a source, for what reads from front to back.
#[derive(Debug, Clone)]
pub struct Reader {
    source: Source,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.at, buffer)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Copies all of it to a path that is not there yet, or replaces a file there; whole or not at all.
///
/// # Errors
/// [`Error::Io`].
pub fn save(source: &Source, path: &Path) -> Result<u64, Error> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(&folder)
        .map_err(Error::io("write in", &folder))?;
    let count = io::copy(&mut source.reader(), &mut file).map_err(Error::io("write", path))?;
    file.persist(path).map_err(|error| Error::Io { action: "write", path: path.to_owned(), source: error.error })?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn source(bytes: &[u8]) -> Source {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Source::of(file, Path::new("test")).unwrap()
    }

    #[test]
    fn parts_of_parts_lie_where_they_should() {
        let digits = source(b"0123456789");
        let some = digits.parts(&[(8, 2), (0, 3), (5, 1)], Path::new("some")).unwrap();
        assert_eq!(some.window(0, 99).unwrap(), b"890125");
        let fewer = some.parts(&[(1, 3), (5, 1)], Path::new("fewer")).unwrap();
        assert_eq!((fewer.len(), fewer.window(0, 99).unwrap()), (4, b"9015".to_vec()));
        assert_eq!(fewer.window(3, 9).unwrap(), b"5");
        assert_eq!(fewer.window(4, 9).unwrap(), b"");
        let mut text = String::new();
        fewer.reader().read_to_string(&mut text).unwrap();
        assert_eq!(text, "9015");
    }

    #[test]
    fn a_part_outside_is_an_error() {
        let digits = source(b"0123456789");
        for part in [(9, 2), (11, 0), (u64::MAX, 2), (2, u64::MAX)] {
            assert!(matches!(digits.parts(&[part], Path::new("x")), Err(Error::CutOff { .. })), "{part:?}");
        }
    }

    #[test]
    fn a_copy_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("copy");
        assert_eq!(save(&source(b"abc").parts(&[(1, 2)], Path::new("x")).unwrap(), &to).unwrap(), 2);
        assert_eq!(std::fs::read(&to).unwrap(), b"bc");
        assert!(save(&source(b"abc"), &folder.path().join("none/there")).is_err());
    }
}
