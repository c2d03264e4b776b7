//! A child process that cannot outlive us: its own process group, which a guard inside that group kills when we are gone.
//!
//! `Drop` alone does not help when we are killed with -9. `PR_SET_PDEATHSIG` would need unsafe code and fires when the
//! *thread* that started the child ends. So the child is started by a small shell that first leaves a guard behind, a
//! subshell reading a pipe whose other end only we hold, and then becomes the program itself: no moment exists in which the
//! program runs without its guard, and the program is still our own child, with its own exit status.

use crate::error::BootError;
use std::{
    ffi::OsStr,
    fs::File,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// `kill -9 0` reaches the guard's own group only, so no process id can have been reused by then. The pipe moves to
/// descriptor 3 first, because a shell gives a background command /dev/null for its standard input.
const GUARD: &str = r#"exec 3<&0 </dev/null
( while read -r _; do :; done <&3; kill -9 0 ) >/dev/null 2>&1 &
exec "$@" 3<&-"#;

pub(crate) struct Guarded {
    child: Child,
    /// Our end of the guard's pipe; closed by the kernel when we end, however we end.
    pipe: Option<ChildStdin>,
    status: Option<ExitStatus>,
}

impl Guarded {
    /// Starts `program` with `args`; its output and errors go to `log`.
    pub(crate) fn start(program: &OsStr, args: &[std::ffi::OsString], log: &File) -> Result<Guarded, BootError> {
        let clone = || log.try_clone().map_err(BootError::io("open the log of QEMU's messages"));
        let mut child = Command::new("/bin/sh")
            .args(["-c", GUARD, "bootwright-guard"])
            .arg(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(clone()?)
            .stderr(clone()?)
            .process_group(0)
            .spawn()
            .map_err(BootError::io(format!("start {} through /bin/sh", program.display())))?;
        let pipe = child.stdin.take();
        Ok(Guarded { child, pipe, status: None })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The exit status, if the program has ended; never waits.
    pub(crate) fn try_wait(&mut self) -> Result<Option<ExitStatus>, BootError> {
        if self.status.is_none() {
            self.status = self.child.try_wait().map_err(BootError::io("ask whether QEMU has ended"))?;
            if self.status.is_some() {
                self.pipe = None; // the guard ends too
            }
        }
        Ok(self.status)
    }

    /// Kills the whole group and collects the program's status. Does nothing to a program that has ended: its process id
    /// may belong to somebody else by now.
    pub(crate) fn kill(&mut self) {
        if self.status.is_none() {
            if let Ok(Some(_)) = self.try_wait() {
                return;
            }
            if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            // A killed process may take a moment in the kernel (KVM tears down its memory), never forever.
            let end = Instant::now() + Duration::from_secs(10);
            while Instant::now() < end && matches!(self.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.pipe = None;
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleep(seconds: &str) -> Guarded {
        let log = tempfile::tempfile().unwrap();
        Guarded::start(OsStr::new("sleep"), &[seconds.into()], &log).unwrap()
    }

    /// Members of the process group `group`, from /proc, zombies left out.
    fn members(group: u32) -> usize {
        std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok())
            .filter(|stat| {
                let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
                fields.get(2) == Some(&group.to_string().as_str()) && fields.first() != Some(&"Z")
            })
            .count()
    }

    fn gone(group: u32) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if members(group) == 0 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    #[test]
    fn the_exit_status_is_the_programs_own_and_the_guard_ends_with_it() {
        let log = tempfile::tempfile().unwrap();
        let mut child = Guarded::start(OsStr::new("sh"), &["-c".into(), "exit 7".into()], &log).unwrap();
        let group = child.id();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        assert_eq!(status.code(), Some(7));
        assert!(gone(group));
    }

    #[test]
    fn drop_ends_the_group() {
        let child = sleep("600");
        let group = child.id();
        let end = Instant::now() + Duration::from_secs(10);
        while members(group) < 2 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(members(group) >= 2, "the program and its guard run");
        drop(child);
        assert!(gone(group));
    }

    #[test]
    fn a_closed_pipe_alone_ends_the_group() {
        // What the kernel does for us when we are killed.
        let mut child = sleep("600");
        let group = child.id();
        child.pipe = None;
        assert!(gone(group));
    }
}
