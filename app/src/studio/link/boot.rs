//! Boots images for the window, one at a time, on a thread of its own: with a console to type into, or with checks.

use super::{BootEvent, BootImage, CheckStatus, Incoming, Knob, Picture, Request, Wake};
use crate::guest::{self, Order};
use anyhow::Context;
use bootwright_boot::serial::SerialPort;
use bootwright_boot::{Accel, BootCheck, BootError, CheckEvent, CheckResult, Machine, MachineSpec};
use bootwright_build::Work;
use bootwright_model::{Library, Project};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// In MiB; a kernel and a root file system in memory take a small part of it.
const MEMORY: u32 = 256;
/// Keys that wait for a guest that takes none.
const WAITING: usize = 64 << 10;
/// Chunks of the console are joined up to this, so that a flood costs few events.
const CHUNK: usize = 64 << 10;

pub struct BootThread {
    pub work: PathBuf,
    pub library: Arc<Library>,
    pub incoming: Sender<Incoming>,
    pub wake: Wake,
}

impl BootThread {
    /// Until the window is gone.
    pub fn serve(&self, requests: &Receiver<Request>) {
        while let Ok(request) = requests.recv() {
            if let Request::Boot { image, checks, accel } = request {
                let how = match (image, checks) {
                    (BootImage::Project(project), true) => self.check(&project, accel, requests),
                    (image, _) => self.console(image, accel, requests),
                };
                self.say(BootEvent::Ended(how));
            }
        }
    }

    /// Runs something that only a flag can stop, and raises the flag when the window asks for it.
    fn stoppable<T>(&self, requests: &Receiver<Request>, body: impl FnOnce(&AtomicBool) -> T) -> T {
        let (cancel, over) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| wait_for_stop(requests, &cancel, &over));
            let result = body(&cancel);
            over.store(true, Ordering::Relaxed);
            result
        })
    }

    fn check(&self, project: &Project, accel: Option<Accel>, requests: &Receiver<Request>) -> String {
        for check in &project.layout.boot_checks {
            self.say_check(*check, CheckStatus::Waiting, "", "");
        }
        let report = self.stoppable(requests, |cancel| {
            Work::new(&self.work).map_err(anyhow::Error::from).and_then(|work| {
                let built = guest::built(project, &self.library, &work, "build it first")?;
                let machine = guest::machine(&built.iso, MEMORY, accel, &work, cancel)?;
                let order = Order { machine, checks: project.layout.boot_checks.clone(), expectation: built.expectation.clone() };
                let report = guest::check(&order, &|event| self.pass_on(event), cancel)?;
                // That it cannot be kept is no fault of the image; a comparison says then that it was not booted.
                let _ = report.as_ref().map(|r| guest::keep(&built, project, r, &work));
                Ok(report)
            })
        });
        match report {
            Ok(Some(report)) => {
                let passed = report.results.iter().filter(|r| r.status == bootwright_boot::CheckStatus::Passed).count();
                let shell = report.boot_seconds.map(|s| format!("; a shell after {s:.1} s")).unwrap_or_default();
                format!("{passed} of {} checks passed{shell}", report.results.len())
            }
            Ok(None) => "stopped".into(),
            Err(e) => format!("{e:#}"),
        }
    }

    fn console(&self, image: BootImage, accel: Option<Accel>, requests: &Receiver<Request>) -> String {
        let started = self.stoppable(requests, |cancel| self.start(image, accel, cancel));
        let mut machine = match started {
            Ok(machine) => machine,
            Err(e) if matches!(e.downcast_ref(), Some(BootError::Cancelled)) => return "stopped".into(),
            Err(e) => return format!("{e:#}"),
        };
        self.say(BootEvent::Started);
        let ports = machine.serial().try_clone().and_then(|printed| Ok((printed, machine.serial().try_clone()?)));
        let (printed, typed) = match ports {
            Ok(ports) => ports,
            Err(e) => return e.to_string(),
        };
        std::thread::scope(|scope| {
            let (ended, end) = bounded::<()>(0);
            scope.spawn(|| {
                self.pump(&printed);
                drop(ended); // the guest closed its port: it is over
            });
            let how = self.control(&mut machine, &typed, requests, &end);
            machine.kill(); // closes the port, so that the pump ends
            how
        })
    }

    fn start(&self, image: BootImage, accel: Option<Accel>, cancel: &AtomicBool) -> anyhow::Result<Machine> {
        let work = Work::new(&self.work)?;
        let iso = match image {
            BootImage::Project(project) => guest::built(&project, &self.library, &work, "build it first")?.iso,
            BootImage::File(path) => path,
        };
        let spec: MachineSpec = guest::machine(&iso, MEMORY, accel, &work, cancel)?;
        Ok(Machine::start(&spec, cancel)?)
    }

    /// What the guest prints goes to the window, which takes it at its own pace: a flood makes the guest wait, nobody else.
    fn pump(&self, port: &SerialPort) {
        while let Ok(mut bytes) = port.bytes.recv() {
            while bytes.len() < CHUNK
                && let Ok(more) = port.bytes.try_recv()
            {
                bytes.extend(more);
            }
            self.say(BootEvent::Output(bytes));
        }
    }

    /// Carries out what the window asks of a machine, until it is over. How it ended.
    fn control(&self, machine: &mut Machine, port: &SerialPort, requests: &Receiver<Request>, end: &Receiver<()>) -> String {
        let never = AtomicBool::new(false);
        let mut waiting: Vec<u8> = Vec::new();
        loop {
            if !waiting.is_empty() {
                // A guest that is still booting takes nothing; its keys wait. So few bytes are taken whole or not at all.
                let count = waiting.len().min(16);
                match port.send(waiting.get(..count).unwrap_or_default(), Duration::ZERO, &never) {
                    Ok(()) => drop(waiting.drain(..count)),
                    Err(BootError::Timeout { .. }) => {}
                    Err(BootError::GuestEnded { .. }) => waiting.clear(),
                    Err(error) => {
                        waiting.clear();
                        self.say(BootEvent::Trouble(error.to_string()));
                    }
                }
            }
            let patience = if waiting.is_empty() { Duration::from_secs(3600) } else { Duration::ZERO };
            let request = crossbeam_channel::select! {
                recv(end) -> _ => return over(machine, &never),
                recv(requests) -> request => request.map_err(|_| RecvTimeoutError::Disconnected),
                default(patience) => Err(RecvTimeoutError::Timeout),
            };
            match request {
                Ok(Request::Type(bytes)) => {
                    if waiting.len() + bytes.len() <= WAITING {
                        waiting.extend(bytes);
                    } else {
                        self.say(BootEvent::Trouble("the guest takes no keys; what was typed last is left out".into()));
                    }
                }
                Ok(Request::Turn(knob)) => {
                    if let Err(why) = self.turn(machine, knob, &never) {
                        self.say(BootEvent::Trouble(format!("{why:#}")));
                    }
                }
                Ok(Request::StopBoot) => {
                    let _ = machine.quit(&never); // it is killed right after, whatever it says
                    return "the machine was ended".into();
                }
                Err(RecvTimeoutError::Disconnected) => return "the studio ended".into(),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn turn(&self, machine: &mut Machine, knob: Knob, never: &AtomicBool) -> anyhow::Result<()> {
        match knob {
            Knob::Power => machine.press_power_button(never)?,
            Knob::Reset => machine.reset(never)?,
            Knob::Screenshot => {
                let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
                let file = folder.path().join("screen.png");
                machine.screenshot(&file, never)?;
                self.say(BootEvent::Picture(Arc::new(picture(&file)?)));
            }
        }
        Ok(())
    }

    fn pass_on(&self, event: CheckEvent) {
        match event {
            CheckEvent::Started { .. } => self.say(BootEvent::Started),
            CheckEvent::Console(bytes) => self.say(BootEvent::Output(bytes)),
            CheckEvent::CheckStarted(check) => self.say_check(check, CheckStatus::Running, "", ""),
            CheckEvent::CheckFinished(CheckResult { check, status, expected, found, .. }) => {
                let status = match status {
                    bootwright_boot::CheckStatus::Passed => CheckStatus::Passed,
                    bootwright_boot::CheckStatus::Failed => CheckStatus::Failed,
                    bootwright_boot::CheckStatus::NotRun => CheckStatus::Skipped,
                };
                self.say_check(check, status, &expected, &found);
            }
        }
    }

    fn say_check(&self, check: BootCheck, status: CheckStatus, expected: &str, found: &str) {
        self.say(BootEvent::Check { title: check.title().into(), status, expected: expected.into(), found: found.into() });
    }

    fn say(&self, event: BootEvent) {
        // A window that is gone needs no news.
        if self.incoming.send(Incoming::Boot(event)).is_ok() {
            (self.wake)();
        }
    }
}

/// The guest closed its serial port: QEMU ends, or has.
fn over(machine: &mut Machine, never: &AtomicBool) -> String {
    match machine.wait_exit(Duration::from_secs(10), never) {
        Ok(Some(status)) if status.success() => "the guest powered off".into(),
        Ok(Some(status)) => format!("QEMU ended with {status}; it said: {}", machine.messages()),
        Ok(None) => "the guest closed its console, and was ended".into(),
        Err(e) => e.to_string(),
    }
}

fn picture(file: &Path) -> anyhow::Result<Picture> {
    let bytes = std::fs::read(file).context("cannot read the guest's screen")?;
    decode(bytes).context("cannot read the guest's screen")
}

fn decode(bytes: Vec<u8>) -> anyhow::Result<Picture> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes.as_slice()));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().filter(|size| *size <= 256 << 20).context("it is too large")?;
    let mut rgba = vec![0; size];
    let info = reader.next_frame(&mut rgba)?;
    rgba.truncate(info.buffer_size());
    let rgba = match info.color_type {
        png::ColorType::Rgba => rgba,
        png::ColorType::GrayscaleAlpha => rgba.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect(),
        other => anyhow::bail!("it has an unknown kind of colours ({other:?})"),
    };
    Ok(Picture { size: [info.width as usize, info.height as usize], rgba, png: bytes.into() })
}

/// Cancels on `StopBoot`, and when the window goes away.
fn wait_for_stop(requests: &Receiver<Request>, cancel: &AtomicBool, over: &AtomicBool) {
    use crossbeam_channel::RecvTimeoutError::{Disconnected, Timeout};
    while !over.load(Ordering::Relaxed) {
        match requests.recv_timeout(Duration::from_millis(50)) {
            Ok(Request::StopBoot) | Err(Disconnected) => return cancel.store(true, Ordering::Relaxed),
            Ok(_) | Err(Timeout) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_was_painted() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().unwrap().write_image_data(&[1, 2, 3, 4, 5, 6]).unwrap();
        let picture = decode(bytes.clone()).unwrap();
        assert_eq!((picture.size, picture.rgba), ([2, 1], vec![1, 2, 3, 255, 4, 5, 6, 255]));
        assert!(decode(bytes[..20].to_vec()).is_err());
    }
}
