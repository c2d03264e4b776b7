//! Boots images for the window, one at a time, on a thread of its own.

use super::{BootEvent, CheckStatus, Incoming, Request, Wake};
use crate::guest::{self, Order};
use bootwright_boot::{Accel, BootCheck, CheckEvent, CheckResult};
use bootwright_build::Work;
use bootwright_model::{Library, Project};
use crossbeam_channel::{Receiver, Sender};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// In MiB; a kernel and a root file system in memory take a small part of it.
const MEMORY: u32 = 256;

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
            if let Request::Boot { project, accel } = request {
                self.boot(&project, accel, requests);
            }
        }
    }

    fn boot(&self, project: &Project, accel: Option<Accel>, requests: &Receiver<Request>) {
        let (cancel, over) = (AtomicBool::new(false), AtomicBool::new(false));
        let how = std::thread::scope(|scope| {
            scope.spawn(|| wait_for_stop(requests, &cancel, &over));
            let how = self.run(project, accel, &cancel);
            over.store(true, Ordering::Relaxed);
            how
        });
        self.say(BootEvent::Ended(how));
    }

    fn run(&self, project: &Project, accel: Option<Accel>, cancel: &AtomicBool) -> String {
        for check in &project.layout.boot_checks {
            self.say_check(*check, CheckStatus::Waiting, "", "");
        }
        let report = Work::new(&self.work).map_err(anyhow::Error::from).and_then(|work| {
            let built = guest::built(project, &self.library, &work, "build it first")?;
            let machine = guest::machine(&built.iso, MEMORY, accel, &work, cancel)?;
            let order = Order { machine, checks: project.layout.boot_checks.clone(), expectation: built.expectation };
            guest::check(&order, &|event| self.pass_on(event), cancel)
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

/// Cancels on `StopBoot`, and when the window goes away.
fn wait_for_stop(requests: &Receiver<Request>, cancel: &AtomicBool, over: &AtomicBool) {
    use crossbeam_channel::RecvTimeoutError::{Disconnected, Timeout};
    while !over.load(Ordering::Relaxed) {
        match requests.recv_timeout(std::time::Duration::from_millis(50)) {
            Ok(Request::StopBoot) | Err(Disconnected) => return cancel.store(true, Ordering::Relaxed),
            Ok(_) | Err(Timeout) => {}
        }
    }
}
