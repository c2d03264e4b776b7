//! Reading and writing one RON file.

use crate::{FORMAT, ModelError};
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// A project of a thousand components takes some 200 kB.
const LIMIT: u64 = 8 << 20;

/// Only the version, so that a newer file is named as such and not as a heap of unknown fields.
fn format(options: &ron::Options, text: &str) -> Option<u32> {
    let ron::Value::Map(fields) = options.from_str(text).ok()? else { return None };
    let format = fields.get(&ron::Value::String("format".into()))?;
    format.clone().into_rust().ok()
}

pub fn load<T: DeserializeOwned>(what: &'static str, path: &Path) -> Result<T, ModelError> {
    let io = |source| ModelError::Read { what, path: path.into(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(io)?.take(LIMIT + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LIMIT {
        return Err(ModelError::TooLarge { what, path: path.into(), limit: LIMIT });
    }
    let text = String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        ModelError::Parse { what, path: path.into(), line, column: 1, reason: "it is not UTF-8 text".into() }
    })?;
    parse(what, path, &text)
}

pub fn parse<T: DeserializeOwned>(what: &'static str, path: &Path, text: &str) -> Result<T, ModelError> {
    let options = ron::Options::default().with_recursion_limit(64);
    if let Some(found) = format(&options, text).filter(|f| *f > FORMAT) {
        return Err(ModelError::Newer { path: path.into(), found, known: FORMAT });
    }
    options.from_str(text).map_err(|e| ModelError::Parse {
        what,
        path: path.into(),
        line: e.span.start.line,
        column: e.span.start.col,
        reason: e.code.to_string(),
    })
}

pub fn save<T: Serialize>(what: &'static str, path: &Path, value: &T) -> Result<(), ModelError> {
    let text = to_text(what, value)?;
    write_whole(path, |f| f.write_all(text.as_bytes())).map_err(|source| ModelError::Write { path: path.into(), source })
}

/// Writes beside the file, syncs and renames: a reader sees the old file or the new one, and so does who starts the
/// machine again after a power cut (rename(2)). The folder must be there.
pub fn write_whole<T>(path: &Path, body: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let scratch = path.with_file_name(name);
    let written = (|| {
        let mut out = BufWriter::new(fs::File::create(&scratch)?);
        let result = body(&mut out)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&scratch, path)?;
        Ok(result)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&scratch); // the error at hand says more than a left-over scratch file
    }
    written
}

pub fn to_text<T: Serialize>(what: &'static str, value: &T) -> Result<String, ModelError> {
    let pretty = ron::ser::PrettyConfig::new().struct_names(true).separate_tuple_members(false);
    let mut text = ron::ser::to_string_pretty(value, pretty).map_err(|e| ModelError::Serialize { what, reason: e.to_string() })?;
    text.push('\n');
    Ok(text)
}
