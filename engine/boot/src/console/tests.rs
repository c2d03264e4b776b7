//! The console against a fake guest: a thread that behaves like a tty with a line editor, and a real shell behind it.

use super::*;
use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    process::{Command, Stdio},
};

static NEVER: AtomicBool = AtomicBool::new(false);
const LIMIT: Duration = Duration::from_secs(20);

/// By this byte the shell behind the fake guest says that a line was done: then, and not before, comes the prompt.
const DONE: u8 = 6;

/// Prints `boot`, then a prompt, then for each typed line: its echo wrapped after 80 columns (with the carriage returns and
/// escapes of ash), what `sh` says to it, `noise`, and a prompt. A line longer than the editor's 1024 bytes is cut.
fn guest(boot: &'static str, noise: &'static str) -> SerialPort {
    let (ours, mut tty) = UnixStream::pair().unwrap();
    std::thread::spawn(move || {
        tty.write_all(boot.as_bytes()).ok()?;
        tty.write_all(b"\x1b[6n/ # ").ok()?;
        let mut shell = Command::new("sh").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let (mut stdin, mut stdout) = (shell.stdin.take()?, shell.stdout.take()?);
        let mut out = tty.try_clone().ok()?;
        std::thread::spawn(move || {
            let mut byte = [0];
            while let Ok(1) = stdout.read(&mut byte) {
                let sent = match byte[0] {
                    b'\n' => out.write_all(b"\r\n"),
                    DONE => out.write_all(noise.as_bytes()).and_then(|()| out.write_all(b"/ # ")),
                    other => out.write_all(&[other]),
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        let (mut line, mut byte, mut column) = (Vec::new(), [0], 4);
        while let Ok(1) = tty.read(&mut byte) {
            match byte[0] {
                b'\n' => {
                    tty.write_all(b"\r\n").ok()?;
                    line.truncate(1024);
                    line.extend_from_slice(format!("\nprintf '\\{DONE:03o}'\n").as_bytes());
                    stdin.write_all(&line).ok()?;
                    line.clear();
                    column = 4;
                }
                3 => line.clear(),
                key => {
                    line.push(key);
                    tty.write_all(&[key]).ok()?;
                    column += 1;
                    if column % 80 == 0 {
                        tty.write_all(b"\r\n").ok()?;
                    }
                }
            }
        }
        let _ = shell.kill();
        let _ = shell.wait();
        Some(())
    });
    SerialPort::new(ours).unwrap()
}

fn shell<'c>(noise: &'static str) -> Console<'c> {
    let mut console = Console::new(guest("Linux version 6\r\n", noise), &NEVER);
    console.attach_shell(LIMIT).unwrap();
    console
}

#[test]
fn output_and_status_are_exact() {
    let mut console = shell("");
    let mut run = |command: &str| {
        let output = console.run(command, LIMIT).unwrap();
        (output.stdout, output.status)
    };
    assert_eq!(run("echo hello"), ("hello\n".into(), 0));
    assert_eq!(run("printf 'no newline'"), ("no newline".into(), 0));
    assert_eq!(run("true"), (String::new(), 0));
    assert_eq!(run("exit 3"), (String::new(), 3));
    assert_eq!(run("printf 'a\\nb\\n'; false"), ("a\nb\n".into(), 1));
    assert_eq!(run("echo \"it's\" '$HOME' # comment"), ("it's $HOME\n".into(), 0));
    assert_eq!(run("echo grün"), ("grün\n".into(), 0));
    assert_eq!(run("cd /; true").1, 0);
}

#[test]
fn a_long_command_survives_wrapping_and_the_editors_limit() {
    let mut console = shell("");
    for length in [60, 200, 895, 1100, 3000] {
        let text: String = ('a'..='z').cycle().take(length).collect();
        let output = console.run(&format!("echo '{text}'"), LIMIT).unwrap();
        assert_eq!(output.stdout, format!("{text}\n"), "{length} letters");
    }
}

#[test]
fn kernel_messages_between_prompts_are_no_output() {
    let mut console = shell("[    3.0] e1000: eth0 NIC Link is Up\r\n");
    assert_eq!(console.run("echo one", LIMIT).unwrap().stdout, "one\n");
    assert_eq!(console.run("echo two", LIMIT).unwrap().stdout, "two\n");
}

#[test]
fn the_echo_of_a_command_is_not_its_output() {
    // A guest that echoes and never runs anything.
    let (ours, mut tty) = UnixStream::pair().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = tty.read(&mut buffer) {
            let echo = String::from_utf8_lossy(&buffer[..count]).replace('\n', "\r\n");
            if tty.write_all(echo.as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut console = Console::new(SerialPort::new(ours).unwrap(), &NEVER);
    let error = console.run("echo hello", Duration::from_millis(500)).unwrap_err();
    assert!(matches!(&error, BootError::Timeout { awaited, .. } if awaited.contains("echo hello")), "{error}");
}

#[test]
fn a_command_that_hangs_is_a_timeout_that_names_it() {
    let mut console = shell("");
    let error = console.run("sleep 5", Duration::from_millis(300)).unwrap_err().to_string();
    assert!(error.contains("sleep 5") && error.contains("last lines"), "{error}");
}

#[test]
fn control_characters_are_refused() {
    let mut console = shell("");
    for bad in ["echo a\necho b", "echo\ta", "\x04"] {
        assert!(matches!(console.run(bad, LIMIT), Err(BootError::Command { .. })), "{bad:?}");
    }
}

/// A guest that prints `text` and stays.
fn printing(text: &'static str) -> (SerialPort, UnixStream) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(text.as_bytes()).unwrap();
    (SerialPort::new(ours).unwrap(), theirs)
}

#[test]
fn a_panic_is_reported_at_once_with_the_last_lines() {
    let (port, _guest) =
        printing("[    1.1] Run /init\r\n[    1.2] Kernel panic - not syncing: No working init found.\r\n[    1.3] CPU: 0 PID: 1\r\n");
    let mut console = Console::new(port, &NEVER);
    let begin = Instant::now();
    let error = console.attach_shell(Duration::from_secs(300)).unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(100));
    let BootError::Panic { reason, last_lines } = &error else { panic!("{error}") };
    assert_eq!(reason, "Kernel panic - not syncing: No working init found.");
    assert!(last_lines.contains("CPU: 0 PID: 1") && last_lines.contains("Run /init"), "{last_lines}");
    assert!(matches!(console.run("true", LIMIT), Err(BootError::Panic { .. })), "it stays so");
}

#[test]
fn a_quoted_panic_is_none() {
    let (port, _guest) = printing("grep: Kernel panic - not syncing\r\nready\r\n");
    assert!(Console::new(port, &NEVER).wait_for("ready", LIMIT).is_ok());
}

#[test]
fn waits_go_on_where_the_last_one_ended_and_end_with_the_guest() {
    let (port, guest) = printing("one two one three");
    drop(guest);
    let seen = std::cell::RefCell::new(Vec::new());
    let tap = |bytes: &[u8]| seen.borrow_mut().extend_from_slice(bytes);
    let mut console = Console::new(port, &NEVER).with_tap(&tap);
    assert_eq!(console.wait_for("one", LIMIT).unwrap(), "");
    assert_eq!(console.wait_for("one", LIMIT).unwrap(), " two ");
    let error = console.wait_for("one", LIMIT).unwrap_err();
    assert!(matches!(&error, BootError::GuestEnded { last_lines, .. } if last_lines == "one two one three"), "{error}");
    assert_eq!(console.transcript().all(), "one two one three");
    assert_eq!(seen.borrow().as_slice(), b"one two one three");
}

#[test]
fn cancel_ends_a_wait() {
    let (port, _guest) = printing("");
    let cancel = AtomicBool::new(false);
    let mut console = Console::new(port, &cancel);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            cancel.store(true, Ordering::Relaxed);
        });
        let begin = Instant::now();
        assert!(matches!(console.wait_for("never", Duration::from_secs(300)), Err(BootError::Cancelled)));
        assert!(begin.elapsed() < Duration::from_secs(60));
    });
}
