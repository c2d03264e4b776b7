//! A question to a program that answers at once, or is given up.

use duct::IntoExecutablePath;
use std::{ffi::OsString, time::Duration};

const PATIENCE: Duration = Duration::from_secs(20);

/// What a program says, on both outputs.
///
/// # Errors
/// In words: it cannot be started, it fails (its exit code and what it said), or it says nothing in time.
pub(crate) fn ask<A: Into<OsString>>(program: impl IntoExecutablePath, args: impl IntoIterator<Item = A>) -> Result<String, String> {
    let handle =
        duct::cmd(program, args).stdin_null().stderr_to_stdout().stdout_capture().unchecked().start().map_err(|error| error.to_string())?;
    let Some(output) = handle.wait_timeout(PATIENCE).map_err(|error| error.to_string())? else {
        let _ = handle.kill(); // it is given up either way
        return Err(format!("no answer within {} s", PATIENCE.as_secs()));
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() { Ok(text.into_owned()) } else { Err(format!("{}: {}", output.status, text.trim())) }
}
