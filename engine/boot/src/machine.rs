//! One guest under QEMU: started from a specification, controlled through its monitor, ended with us in every case.

use crate::{
    error::BootError,
    guard::Guarded,
    qemu::{Accel, Qemu},
    qmp::Qmp,
    serial::SerialPort,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    ffi::OsString,
    fs::File,
    io::{ErrorKind, Read, Seek, SeekFrom},
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::PermissionsExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long QEMU has to open its sockets, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long one monitor command may take.
const MONITOR_LIMIT: Duration = Duration::from_secs(20);
/// `sun_path` holds 108 bytes with its zero; the longest name in our folder is `serial`.
const LONGEST_FOLDER: usize = 95;

/// What the guest starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Boot {
    /// An ISO image in the CD drive, through the BIOS and the image's own boot loader.
    Iso(PathBuf),
    /// A kernel and an initramfs that QEMU itself puts into memory; no boot loader has a part in it.
    Kernel { kernel: PathBuf, initrd: Option<PathBuf>, append: String },
    /// A raw disk, started by its first sector.
    Disk(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MachineSpec {
    pub boot: Boot,
    /// In MiB.
    pub memory_mb: u32,
    pub accel: Accel,
    /// An e1000 in QEMU's user network, in which 10.0.2.2 is this host's 127.0.0.1. The guest listens nowhere.
    pub network: bool,
    /// Where the machine's private folder (sockets, log) is made; the system's temporary folder if `None`, or if the
    /// path is too long for a socket.
    pub run_dir: Option<PathBuf>,
    /// Further arguments for QEMU, last.
    pub extra: Vec<OsString>,
}

impl MachineSpec {
    /// 256 MiB, a network, TCG.
    pub fn new(boot: Boot) -> MachineSpec {
        MachineSpec { boot, memory_mb: 256, accel: Accel::Tcg, network: true, run_dir: None, extra: Vec::new() }
    }

    /// The arguments after the program's name, with the sockets in `folder`.
    fn arguments(&self, folder: &Path) -> Vec<OsString> {
        let mut args: Vec<OsString> = ["-accel", self.accel.name(), "-m"].map(OsString::from).to_vec();
        args.push(self.memory_mb.to_string().into());
        args.extend(["-display", "none", "-monitor", "none", "-no-reboot", "-nic"].map(OsString::from));
        args.push(if self.network { "user,model=e1000" } else { "none" }.into());
        for name in ["serial", "qmp"] {
            // We listen and QEMU connects, so that it is connected before the guest's first instruction.
            args.push("-chardev".into());
            args.push(concat(&[format!("socket,id={name},path=").as_bytes(), &option_path(&folder.join(name))]));
        }
        args.extend(["-serial", "chardev:serial", "-mon", "chardev=qmp,mode=control"].map(OsString::from));
        match &self.boot {
            Boot::Iso(iso) => {
                args.extend(["-cdrom".into(), iso.into(), "-boot".into(), "d".into()]);
            }
            Boot::Kernel { kernel, initrd, append } => {
                args.extend(["-kernel".into(), kernel.into()]);
                if let Some(initrd) = initrd {
                    args.extend(["-initrd".into(), initrd.into()]);
                }
                args.extend(["-append".into(), append.into()]);
            }
            Boot::Disk(image) => {
                args.push("-drive".into());
                args.push(concat(&[b"if=ide,format=raw,snapshot=on,file=", &option_path(image)]));
                args.extend(["-boot".into(), "c".into()]);
            }
        }
        args.extend(self.extra.iter().cloned());
        args
    }

    fn media(&self) -> Vec<&Path> {
        match &self.boot {
            Boot::Iso(file) | Boot::Disk(file) => vec![file],
            Boot::Kernel { kernel, initrd, .. } => std::iter::once(kernel).chain(initrd).map(PathBuf::as_path).collect(),
        }
    }

    /// With absolute paths: QEMU takes a relative `nbd:x` for a protocol, and an absolute one never.
    fn absolute(&self) -> Result<MachineSpec, BootError> {
        for file in self.media() {
            File::open(file).map_err(|source| BootError::Medium { path: file.into(), source })?;
        }
        let absolute = |file: &PathBuf| std::path::absolute(file).map_err(|source| BootError::Medium { path: file.clone(), source });
        let boot = match &self.boot {
            Boot::Iso(iso) => Boot::Iso(absolute(iso)?),
            Boot::Disk(image) => Boot::Disk(absolute(image)?),
            Boot::Kernel { kernel, initrd, append } => {
                Boot::Kernel { kernel: absolute(kernel)?, initrd: initrd.as_ref().map(absolute).transpose()?, append: append.clone() }
            }
        };
        Ok(MachineSpec { boot, ..self.clone() })
    }
}

/// A path as a value in one of QEMU's `key=value,…` options, where a comma is written twice.
fn option_path(path: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in path.as_os_str().as_bytes() {
        out.extend(std::iter::repeat_n(*byte, if *byte == b',' { 2 } else { 1 }));
    }
    out
}

fn concat(parts: &[&[u8]]) -> OsString {
    OsString::from_vec(parts.concat())
}

/// A running guest. Dropping it ends QEMU; so does our own end, even by `kill -9`.
pub struct Machine {
    // Ended first: fields drop in this order, and the folder must outlive QEMU.
    process: Guarded,
    serial: SerialPort,
    qmp: Option<Qmp>,
    log: File,
    command: Vec<OsString>,
    started: Instant,
    _folder: TempDir,
}

impl Machine {
    /// Starts QEMU and returns when its serial port and its monitor are connected; the guest then runs.
    ///
    /// # Errors
    /// `NoQemu`, `Medium` for a file that cannot be read, `Start` with QEMU's own words.
    pub fn start(spec: &MachineSpec, cancel: &AtomicBool) -> Result<Machine, BootError> {
        Machine::start_with(&Qemu::find()?, spec, cancel)
    }

    /// As `start`, with a QEMU that was found before.
    pub fn start_with(qemu: &Qemu, spec: &MachineSpec, cancel: &AtomicBool) -> Result<Machine, BootError> {
        let spec = spec.absolute()?;
        let folder = private_folder(spec.run_dir.as_deref())?;
        let listen = |name: &str| {
            let path = folder.path().join(name);
            let listener = UnixListener::bind(&path).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
            listener.map_err(BootError::io(format!("listen on the socket {}", path.display())))
        };
        let (serial, qmp) = (listen("serial")?, listen("qmp")?);
        let log = File::options()
            .read(true)
            .append(true)
            .create_new(true)
            .open(folder.path().join("qemu.log"))
            .map_err(BootError::io(format!("make a log in {}", folder.path().display())))?;
        let args = spec.arguments(folder.path());
        let process = Guarded::start(qemu.path.as_os_str(), &args, &log)?;
        let command = std::iter::once(qemu.path.clone().into_os_string()).chain(args).collect();
        let mut starting = Starting { process, log, command, end: Instant::now() + START_LIMIT, cancel };
        let serial = SerialPort::new(starting.accept(&serial)?)?;
        let monitor = starting.accept(&qmp)?;
        let Starting { process, log, command, .. } = starting;
        let mut machine = Machine { process, serial, qmp: None, log, command, started: Instant::now(), _folder: folder };
        match Qmp::new(monitor, START_LIMIT, cancel) {
            Ok(qmp) => machine.qmp = Some(qmp),
            // A guest as short as the probe's may be over already; its output is in the channel.
            Err(_) if machine.process.try_wait()?.is_some() => {}
            Err(error) => return Err(error),
        }
        Ok(machine)
    }

    /// QEMU's argument vector, its program first.
    pub fn command(&self) -> &[OsString] {
        &self.command
    }

    pub fn started(&self) -> Instant {
        self.started
    }

    /// QEMU's process id, which is also its group's.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn serial(&self) -> &SerialPort {
        &self.serial
    }

    /// What QEMU itself printed: warnings, and why it ended.
    pub fn messages(&self) -> String {
        read_log(&self.log)
    }

    /// Any monitor command.
    pub fn monitor(&mut self, command: &str, arguments: Value, cancel: &AtomicBool) -> Result<Value, BootError> {
        match self.qmp.as_mut() {
            Some(qmp) => qmp.execute(command, arguments, MONITOR_LIMIT, cancel),
            None => Err(BootError::Monitor { command: command.into(), why: "QEMU has ended".into() }),
        }
    }

    /// The guest's state in QEMU's words: `running`, `paused`, `shutdown`, `guest-panicked` …
    pub fn status(&mut self, cancel: &AtomicBool) -> Result<String, BootError> {
        let answer = self.monitor("query-status", Value::Null, cancel)?;
        Ok(answer.get("status").and_then(Value::as_str).unwrap_or("unknown").to_owned())
    }

    /// Presses the power button; whether the guest obeys is its own matter.
    pub fn press_power_button(&mut self, cancel: &AtomicBool) -> Result<(), BootError> {
        self.monitor("system_powerdown", Value::Null, cancel).map(drop)
    }

    /// As the reset button does: the guest starts over, in the same machine. From then on a reboot of the guest's own does so
    /// too, and ends QEMU no more: the firmware itself resets the machine while it starts over.
    pub fn reset(&mut self, cancel: &AtomicBool) -> Result<(), BootError> {
        // What `-no-reboot` forbade. QEMU 6.0 or newer.
        self.monitor("set-action", json!({ "reboot": "reset" }), cancel)?;
        self.monitor("system_reset", Value::Null, cancel).map(drop)
    }

    /// Writes the guest's screen as a PNG picture. QEMU 7.1 or newer.
    pub fn screenshot(&mut self, file: &Path, cancel: &AtomicBool) -> Result<(), BootError> {
        let path = std::path::absolute(file).map_err(BootError::io(format!("write the guest's screen to {}", file.display())))?;
        let name = path
            .to_str()
            .ok_or_else(|| BootError::Monitor { command: "screendump".into(), why: format!("the name {} is no UTF-8", path.display()) })?;
        self.monitor("screendump", json!({ "filename": name, "format": "png" }), cancel).map(drop)
    }

    /// Ends QEMU through its monitor, at once.
    pub fn quit(&mut self, cancel: &AtomicBool) -> Result<(), BootError> {
        self.monitor("quit", Value::Null, cancel).map(drop)
    }

    /// Ends QEMU without asking it.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// QEMU's exit status, if it has ended; never waits.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, BootError> {
        self.process.try_wait()
    }

    /// Waits until QEMU has ended, `None` if it has not within `limit`. Somebody must read the serial port meanwhile, or a
    /// guest with much to say stands still.
    pub fn wait_exit(&mut self, limit: Duration, cancel: &AtomicBool) -> Result<Option<ExitStatus>, BootError> {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(status));
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(BootError::Cancelled);
            }
            if Instant::now() > end {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// A QEMU of which we do not know yet whether it will run.
struct Starting<'c> {
    process: Guarded,
    log: File,
    command: Vec<OsString>,
    end: Instant,
    cancel: &'c AtomicBool,
}

impl Starting<'_> {
    fn accept(&mut self, listener: &UnixListener) -> Result<UnixStream, BootError> {
        loop {
            match listener.accept() {
                Ok((stream, _)) => return Ok(stream),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(source) => return Err(BootError::Io { what: "take QEMU's connection".into(), source }),
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(self.failed(&format!("it ended with {status}")));
            }
            if self.cancel.load(Ordering::Relaxed) {
                return Err(BootError::Cancelled);
            }
            if Instant::now() > self.end {
                return Err(self.failed("it did not connect to its serial port and monitor"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn failed(&self, what: &str) -> BootError {
        let said = read_log(&self.log);
        let said = if said.is_empty() { "it said nothing".to_owned() } else { format!("it said: {said}") };
        let command: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
        BootError::Start { why: format!("{what}; {said}"), command: command.join(" ") }
    }
}

/// The last 8 KiB of the log.
fn read_log(log: &File) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut log = log.try_clone()?;
        let length = log.metadata()?.len();
        log.seek(SeekFrom::Start(length.saturating_sub(8192)))?;
        let mut bytes = Vec::new();
        log.take(8192).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).unwrap_or_default()
}

/// A folder that only we may enter, in `parent` if sockets can have names there.
fn private_folder(parent: Option<&Path>) -> Result<TempDir, BootError> {
    let temporary = std::env::temp_dir();
    let parent = match parent.map(std::path::absolute) {
        Some(Ok(parent)) if parent.as_os_str().len() + "/bootwright-XXXXXX".len() < LONGEST_FOLDER => {
            std::fs::create_dir_all(&parent).map_err(BootError::io(format!("make the folder {}", parent.display())))?;
            parent
        }
        _ => temporary,
    };
    tempfile::Builder::new()
        .prefix("bootwright-")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(BootError::io(format!("make a private folder in {}", parent.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_those_that_were_measured() {
        let args = MachineSpec::new(Boot::Iso("/x.iso".into())).arguments(Path::new("/run,1"));
        let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        let expected = "-accel tcg -m 256 -display none -monitor none -no-reboot -nic user,model=e1000 \
            -chardev socket,id=serial,path=/run,,1/serial -chardev socket,id=qmp,path=/run,,1/qmp \
            -serial chardev:serial -mon chardev=qmp,mode=control -cdrom /x.iso -boot d";
        assert_eq!(args.join(" "), expected);
    }

    #[test]
    fn a_missing_medium_is_named_before_qemu_is_asked() {
        let qemu = Qemu { path: "/nonexistent".into(), version: String::new() };
        let spec = MachineSpec::new(Boot::Kernel { kernel: "/no/vmlinuz".into(), initrd: None, append: String::new() });
        let error = Machine::start_with(&qemu, &spec, &AtomicBool::new(false)).err().unwrap();
        assert!(error.to_string().contains("/no/vmlinuz"), "{error}");
    }

    #[test]
    fn an_early_end_is_told_with_the_programs_words() {
        let qemu = Qemu { path: "/bin/ls".into(), version: String::new() }; // knows no -accel
        let image = tempfile::NamedTempFile::new().unwrap();
        let error = Machine::start_with(&qemu, &MachineSpec::new(Boot::Iso(image.path().into())), &AtomicBool::new(false)).err().unwrap();
        assert!(matches!(&error, BootError::Start { why, .. } if why.contains("ls:")), "{error}");
    }

    #[test]
    fn the_folder_is_ours_alone_and_short_enough() {
        let parent = tempfile::tempdir().unwrap();
        let folder = private_folder(Some(parent.path())).unwrap();
        assert!(folder.path().starts_with(parent.path()));
        assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let long = parent.path().join("x".repeat(120));
        assert!(private_folder(Some(&long)).unwrap().path().starts_with(std::env::temp_dir()));
    }
}
