//! The checks of the guest itself: kernel release, C library and files, power-off.

use super::{
    Expectation, Facts, Finding, LibcExpectation,
    guest::{self, COMMAND, one_line, word},
};
use crate::{console::Console, error::BootError, machine::Machine};
use std::{sync::atomic::AtomicBool, time::Duration};

/// An init that stops services may take its time on an emulated CPU.
const POWER_OFF: Duration = Duration::from_secs(90);

pub(super) fn kernel_release(console: &mut Console, expectation: &Expectation) -> Result<Finding, BootError> {
    let Some(expected) = &expectation.kernel_release else {
        return Ok(Finding::not_run("the release of the kernel that was built is not known"));
    };
    let output = console.run("uname -r", COMMAND)?;
    let mut facts = Facts::default();
    facts.equal("uname -r:", expected, output.stdout.trim());
    Ok(facts.finish())
}

pub(super) fn c_library(console: &mut Console, expectation: &Expectation) -> Result<Finding, BootError> {
    if expectation.libc == LibcExpectation::Unknown && expectation.files.is_empty() && expectation.loader_banner.is_none() {
        return Ok(Finding::not_run("nothing is known of the C library that was built"));
    }
    let mut facts = Facts::default();
    match &expectation.libc {
        LibcExpectation::Unknown => {}
        LibcExpectation::Shared { path, sha256, banner } => {
            facts.equal(&format!("{path}: SHA-256"), sha256, &guest::sha256(console, path)?);
            if let Some(banner) = banner {
                // glibc's libc.so.6 has an entry point that prints its version.
                let output = console.run(&word(path), COMMAND)?;
                facts.add(
                    output.stdout.contains(banner),
                    format!("{path} says: {banner}"),
                    format!("{path} says: {}", one_line(&output.stdout, "nothing")),
                );
            }
            // The kernel shows the file behind links: /lib/libc-2.23.so for /lib/libc.so.6.
            let real = console.run(&format!("readlink -f {}", word(path)), COMMAND)?;
            let real = real.stdout.trim();
            let (right, found) = match guest::mapped_files(console)? {
                Ok(files) => (files.iter().any(|file| file == real), files.join(", ")),
                Err(why) => (false, why),
            };
            facts.add(right, format!("a program maps {real}"), format!("a program maps {found}"));
        }
        LibcExpectation::Static { busybox_sha256 } => {
            facts.equal("/bin/busybox: SHA-256", busybox_sha256, &guest::sha256(console, "/bin/busybox")?);
            let (right, found) = match guest::mapped_files(console)? {
                Ok(files) => (!files.is_empty() && !files.iter().any(|file| guest::is_library(file)), files.join(", ")),
                Err(why) => (false, why),
            };
            facts.add(right, "a program maps no library", format!("a program maps {found}"));
        }
    }
    if let Some(banner) = &expectation.loader_banner {
        let output = console.run(&format!("{} --version", word(&banner.path)), COMMAND)?;
        let says = format!("{} says:", banner.path);
        facts.add(
            output.stdout.contains(&banner.text),
            format!("{says} {}", banner.text),
            format!("{says} {}", one_line(&output.stdout, "nothing")),
        );
    }
    for file in &expectation.files {
        facts.equal(&format!("{} ({}): SHA-256", file.path, file.what), &file.sha256, &guest::sha256(console, &file.path)?);
    }
    Ok(facts.finish())
}

pub(super) fn power_off(console: &mut Console, machine: &mut Machine, cancel: &AtomicBool) -> Result<Finding, BootError> {
    let expected = "QEMU ends with status 0 after `poweroff`";
    let mut facts = Facts::default();
    console.send_line("poweroff")?;
    // A kernel without ACPI stops the CPU and says so; nothing more will come.
    let mut halted = false;
    let ended = console.drain(POWER_OFF, |console| {
        halted |= console.last_lines().contains("System halted");
        halted
    })?;
    if !ended {
        let why = if halted { "the kernel halted, but did not power off (no ACPI?)" } else { "the machine still runs after 90 s" };
        facts.add(false, expected, format!("{why}\n{}", console.last_lines()));
        return Ok(facts.finish());
    }
    match machine.wait_exit(Duration::from_secs(10), cancel)? {
        Some(status) => facts.add(status.success(), expected, format!("QEMU ended with {status}")),
        None => facts.add(false, expected, "the serial port closed, but QEMU still runs"),
    }
    Ok(facts.finish())
}
