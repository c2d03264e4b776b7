//! A child process in a process group of its own, ended with all it started when the user cancels or it goes silent.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::context::{Context, TICK};
use crate::error::{FetchError, io_at};

/// Output past this is cut: it is for messages and short lists.
const MAX_OUTPUT: u64 = 1 << 20;

pub(crate) struct Finished {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

/// Looks at the work now and then: returns a number that grows while the child gets on.
pub(crate) type Watch<'a> = &'a mut dyn FnMut() -> u64;

/// Runs a program to its end. Its output goes to files in `scratch`, which no grandchild can keep us waiting on.
/// None: the watch saw nothing grow for `patience`, and the child was ended.
pub(crate) fn run(
    program: &Path,
    arguments: &[OsString],
    scratch: &Path,
    patience: Duration,
    watch: Watch,
    ctx: &Context,
) -> Result<Option<Finished>, FetchError> {
    let (out, err) = (scratch.join("stdout"), scratch.join("stderr"));
    // as a word, not as a path: duct would look for a path in the current folder, and PATH is meant
    let handle = duct::cmd(program.as_os_str(), arguments)
        .dir(scratch)
        .env("LC_ALL", "C") // messages are matched
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin_null()
        .stdout_path(&out)
        .stderr_path(&err)
        .before_spawn(|command| {
            command.process_group(0);
            Ok(())
        })
        .unchecked()
        .start()
        .map_err(|source| FetchError::NoApt { program: program.display().to_string(), source })?;
    let group = handle.pids().first().and_then(|p| i32::try_from(*p).ok()).and_then(Pid::from_raw);
    let mut seen = watch();
    let mut since = Instant::now();
    loop {
        let ended = handle.wait_timeout(TICK).map_err(|source| FetchError::Io { action: "wait for", path: program.into(), source })?;
        if let Some(output) = ended {
            let success = output.status.success();
            return Ok(Some(Finished { success, stdout: text(&out)?, stderr: text(&err)? }));
        }
        let now = watch();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        let cancelled = ctx.check();
        if cancelled.is_err() || since.elapsed() > patience {
            end(&handle, group, ctx.timeouts.kill);
            cancelled?;
            return Ok(None);
        }
    }
}

/// TERM to the group, then KILL: apt's helpers download in processes of their own.
fn end(handle: &duct::Handle, group: Option<Pid>, grace: Duration) {
    let tell = |signal| {
        if let Some(group) = group {
            let _ = kill_process_group(group, signal); // an error means that it is gone
        }
    };
    tell(Signal::TERM);
    let _ = handle.wait_timeout(grace);
    tell(Signal::KILL); // also for helpers that outlived their leader
    let _ = handle.kill();
}

fn text(path: &Path) -> Result<String, FetchError> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(MAX_OUTPUT).read_to_end(&mut bytes)).map_err(io_at("read", path))?;
    let _ = fs::remove_file(path); // the next child writes its own
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
