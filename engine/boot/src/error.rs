//! The one error type of the crate: each message says what was attempted, on what, why it failed and what to do.

use std::{io, path::PathBuf, time::Duration};

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootError {
    /// The program is not on PATH.
    #[error("cannot boot: `{program}` is not on PATH; install the package that carries it (Debian, Ubuntu: {package})")]
    NoQemu { program: &'static str, package: &'static str },
    /// A file that the guest boots from cannot be read.
    #[error("cannot boot from {path}: {source}; build it first, or name another file", path = .path.display())]
    Medium { path: PathBuf, source: io::Error },
    /// A program other than the guest could not be run, or not read.
    #[error("cannot run `{program}`: {why}")]
    Tool { program: String, why: String },
    /// Files or sockets of the machine could not be made.
    #[error("cannot {what}: {source}")]
    Io { what: String, source: io::Error },
    /// QEMU ended, or did not connect, before the guest began.
    #[error("QEMU did not start the guest ({why}); its command was: {command}")]
    Start { why: String, command: String },
    /// No accelerator ran even the smallest guest.
    #[error(
        "QEMU {version} runs no guest with any accelerator ({reasons}); reinstall QEMU and its firmware (Debian, Ubuntu: qemu-system-x86, seabios)"
    )]
    NoAccelerator { version: String, reasons: String },
    /// The machine monitor refused a command or went away.
    #[error("QEMU's monitor did not do `{command}`: {why}")]
    Monitor { command: String, why: String },
    /// The guest's kernel stopped with a panic.
    #[error("the guest's kernel panicked: {reason}\nlast lines of its console:\n{last_lines}")]
    Panic { reason: String, last_lines: String },
    /// The guest ended while something was still expected of it.
    #[error("the guest ended while waiting for {awaited}\nlast lines of its console:\n{last_lines}")]
    GuestEnded { awaited: String, last_lines: String },
    /// A time limit ran out.
    #[error("waited {seconds:.0} s for {awaited} in vain\nlast lines of the guest's console:\n{last_lines}", seconds = .limit.as_secs_f64())]
    Timeout { awaited: String, limit: Duration, last_lines: String },
    /// A command that cannot be typed at a guest's shell.
    #[error("cannot type the command {command:?} at the guest's shell: {why}")]
    Command { command: String, why: &'static str },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl BootError {
    /// An `Io` error as a closure for `map_err`.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> BootError {
        let what = what.into();
        move |source| BootError::Io { what, source }
    }
}
