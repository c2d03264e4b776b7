//! Ends what children left behind when this process dies, however it dies.
//!
//! A destructor does not run on SIGKILL, so the watch is kept by another process: a constant shell script that reads a
//! pipe. Process groups are announced on it; the pipe's end, which the kernel closes with us, is the sign to end those
//! that were not taken back.

use crate::BuildError;
use std::io::{PipeWriter, Write};
use std::sync::Mutex;

const SCRIPT: &str = r#"trap '' INT TERM HUP QUIT PIPE
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="${groups%% $group *} ${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done"#;

#[derive(Debug)]
pub struct Guard {
    pipe: Mutex<PipeWriter>,
    child: duct::Handle,
}

impl Guard {
    pub fn start() -> Result<Self, BuildError> {
        let failed = |e: std::io::Error| BuildError::Spawn {
            command: "sh (the guard that ends builds when the program dies)".into(),
            reason: e.to_string(),
        };
        let (reader, pipe) = std::io::pipe().map_err(failed)?;
        let script = duct::cmd("sh", ["-c", SCRIPT, "bootwright-guard"]).stdin_file(reader).stdout_null().stderr_null().unchecked();
        // A group of its own: the terminal's Ctrl-C goes to ours.
        let child = script
            .before_spawn(|c| {
                use std::os::unix::process::CommandExt;
                c.process_group(0);
                Ok(())
            })
            .start()
            .map_err(failed)?;
        Ok(Self { pipe: Mutex::new(pipe), child })
    }

    pub fn watch(&self, group: i32) {
        self.say('+', group);
    }

    pub fn release(&self, group: i32) {
        self.say('-', group);
    }

    fn say(&self, sign: char, group: i32) {
        let mut pipe = self.pipe.lock().unwrap_or_else(|e| e.into_inner());
        // Without a guard a build still works; it is only not cleaned up after a kill -9.
        let _ = writeln!(pipe, "{sign} {group}");
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Ok(group) = self.child.pids().first().copied().unwrap_or_default().try_into()
            && group > 0
        {
            crate::process::signal_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}
