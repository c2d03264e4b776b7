//! Installs host packages: the commands are shown first, run one after the other, and can be stopped.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// Lines go to the window together, so that a package manager's progress costs few frames.
const BATCH_AGE: Duration = Duration::from_millis(50);

/// What runs right now, so that it can be stopped.
#[derive(Debug, Default)]
pub struct Running {
    group: AtomicI32,
    stop: AtomicBool,
}

impl Running {
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(group) = rustix::process::Pid::from_raw(self.group.load(Ordering::Relaxed)) {
            // A package manager ends cleanly on it. What runs as root through pkexec may refuse; then it goes on to its end.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
    }

    pub fn run(&self, commands: &[Vec<String>], say: &dyn Fn(Vec<String>)) -> Result<(), String> {
        self.stop.store(false, Ordering::Relaxed);
        for argv in commands {
            if self.stop.load(Ordering::Relaxed) {
                return Err("stopped".into());
            }
            say(vec![format!("$ {}", bootwright_build::shown(argv))]);
            let how = self.one(argv, say);
            self.group.store(0, Ordering::Relaxed);
            how.map_err(|why| if self.stop.load(Ordering::Relaxed) { "stopped".into() } else { why })?;
        }
        Ok(())
    }

    fn one(&self, argv: &[String], say: &dyn Fn(Vec<String>)) -> Result<(), String> {
        use std::os::unix::process::CommandExt;
        let shown = bootwright_build::shown(argv);
        let failed = |e: std::io::Error| format!("`{shown}` could not be started: {e}");
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        let (program, rest) = argv.split_first().ok_or("a command has no words")?;
        let mut command = Command::new(program);
        command.args(rest).env("DEBIAN_FRONTEND", "noninteractive").process_group(0);
        command.stdin(Stdio::null()).stderr(writer.try_clone().map_err(failed)?).stdout(writer);
        let mut child = command.spawn().map_err(failed)?;
        drop(command); // it holds our end of the pipe open
        self.group.store(child.id() as i32, Ordering::Relaxed);
        if self.stop.load(Ordering::Relaxed) {
            self.stop(); // asked for in between
        }
        let mut reader = BufReader::new(std::io::Read::take(reader, u64::MAX));
        let (mut batch, mut bytes, mut sent) = (Vec::new(), Vec::new(), Instant::now());
        loop {
            bytes.clear();
            // A line without end is cut, so that memory stays bounded.
            match std::io::Read::take(&mut reader, 64 << 10).read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => break,
                Ok(_) => batch.push(String::from_utf8_lossy(&bytes).trim_end().to_owned()),
            }
            // Nothing more is there yet: what is there is shown.
            if reader.buffer().is_empty() || sent.elapsed() >= BATCH_AGE {
                say(std::mem::take(&mut batch));
                sent = Instant::now();
            }
        }
        say(batch);
        let status = child.wait().map_err(|e| format!("`{shown}`: {e}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}; what it printed is in the log")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn output_is_passed_on_and_a_failure_ends_it() {
        let lines = Mutex::new(Vec::new());
        let say = |l: Vec<String>| lines.lock().unwrap().extend(l);
        let how =
            Running::default().run(&[argv(&["echo", "one"]), argv(&["sh", "-c", "echo two >&2; exit 3"]), argv(&["echo", "three"])], &say);
        assert!(how.unwrap_err().contains("exit status: 3"));
        assert_eq!(*lines.lock().unwrap(), ["$ echo one", "one", "$ sh -c 'echo two >&2; exit 3'", "two"]);
    }

    #[test]
    fn it_can_be_stopped() {
        let running = Running::default();
        let started = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let run = scope.spawn(|| {
                running.run(&[argv(&["sh", "-c", "echo up; exec sleep 600"])], &|l| {
                    started.fetch_or(l.iter().any(|l| l.starts_with('$')), Ordering::Relaxed);
                })
            });
            while running.group.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            running.stop();
            assert_eq!(run.join().unwrap(), Err("stopped".into()));
        });
        assert!(started.load(Ordering::Relaxed));
    }
}
