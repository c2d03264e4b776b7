//! Which accelerator is fastest here, found by running a tiny guest with each instead of believing what is installed.
//!
//! /dev/kvm can exist and be readable, and a guest on it still print nothing within a minute. So each accelerator runs a
//! 512-byte disk whose boot sector prints a character, works, prints another and ends; the time until the second one counts.

use crate::{
    error::BootError,
    machine::{Boot, Machine, MachineSpec},
    qemu::{Accel, Qemu},
};
use serde::{Deserialize, Serialize};
use std::{
    io::Write,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// A guest of one sector needs well under a second; an accelerator that needs this long is of no use.
const LIMIT: Duration = Duration::from_secs(15);
/// The guest's word to `isa-debug-exit`, which ends QEMU with status `2 * word + 1`.
const EXIT_WORD: u8 = 21;

/// What was measured on this host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The measurement holds for this host state only.
    pub host: Host,
    /// In the order they were tried.
    pub results: Vec<AccelResult>,
    /// The one that finished first.
    pub best: Accel,
}

/// What a measurement depends on; another host state is measured anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub qemu_version: String,
    pub kernel_release: String,
    /// Whether we may open /dev/kvm, which changes with a user's groups and nothing else.
    pub kvm_device: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccelResult {
    pub accel: Accel,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The guest finished. Seconds from QEMU's start to the end of the guest's work, and of the work alone.
    Works { seconds: f64, work_seconds: f64 },
    /// It did not, and why.
    Failed { reason: String },
}

/// Measures, or reads what `cache` says of the same host state. The cache is written for next time; that it cannot be
/// written is no error.
///
/// # Errors
/// `NoQemu`, `NoAccelerator` if not even TCG runs, `Cancelled`.
pub fn probe(cache: Option<&Path>, cancel: &AtomicBool) -> Result<Probe, BootError> {
    let qemu = Qemu::find()?;
    let host = Host {
        qemu_version: qemu.version.clone(),
        kernel_release: rustix::system::uname().release().to_string_lossy().into_owned(),
        kvm_device: std::fs::File::options().read(true).write(true).open("/dev/kvm").is_ok(),
    };
    if let Some(known) = cache.and_then(|file| read(file, &host)) {
        return Ok(known);
    }
    let mut results = Vec::new();
    for accel in [Accel::Kvm, Accel::Tcg] {
        let outcome = if accel == Accel::Kvm && !host.kvm_device {
            Outcome::Failed { reason: "/dev/kvm is not there, or may not be opened".into() }
        } else {
            measure(&qemu, accel, cancel)?
        };
        results.push(AccelResult { accel, outcome });
    }
    let best = fastest(&results).ok_or_else(|| no_accelerator(&qemu, &results))?;
    let probe = Probe { host, results, best };
    if let Some(file) = cache {
        let _ = write(file, &probe);
    }
    Ok(probe)
}

fn fastest(results: &[AccelResult]) -> Option<Accel> {
    let time = |result: &AccelResult| match result.outcome {
        Outcome::Works { seconds, .. } => Some((seconds, result.accel)),
        Outcome::Failed { .. } => None,
    };
    results.iter().filter_map(time).min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, accel)| accel)
}

fn no_accelerator(qemu: &Qemu, results: &[AccelResult]) -> BootError {
    let reasons: Vec<String> = results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Failed { reason } => Some(format!("{}: {reason}", result.accel)),
            Outcome::Works { .. } => None,
        })
        .collect();
    BootError::NoAccelerator { version: qemu.version.clone(), reasons: reasons.join("; ") }
}

fn measure(qemu: &Qemu, accel: Accel, cancel: &AtomicBool) -> Result<Outcome, BootError> {
    let mut image = tempfile::NamedTempFile::new().map_err(BootError::io("make the probe's disk"))?;
    image.write_all(&boot_sector()).map_err(BootError::io("write the probe's disk"))?;
    let spec = MachineSpec {
        memory_mb: 32,
        accel,
        network: false,
        extra: ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"].map(Into::into).to_vec(),
        ..MachineSpec::new(Boot::Disk(image.path().into()))
    };
    let begin = Instant::now();
    let mut machine = match Machine::start_with(qemu, &spec, cancel) {
        Ok(machine) => machine,
        Err(BootError::Cancelled) => return Err(BootError::Cancelled),
        Err(BootError::Start { why, .. }) => return Ok(Outcome::Failed { reason: why }),
        Err(error) => return Ok(Outcome::Failed { reason: error.to_string() }),
    };
    let failed = |reason: &str| Ok(Outcome::Failed { reason: reason.into() });
    // SeaBIOS prints nothing here: it writes to the serial port only if told to.
    let (mut first, mut last) = (None, None);
    while last.is_none() {
        if cancel.load(Ordering::Relaxed) {
            return Err(BootError::Cancelled);
        }
        if begin.elapsed() > LIMIT {
            return failed(&format!(
                "its guest {} within {} s",
                if first.is_none() { "printed nothing" } else { "did not finish" },
                LIMIT.as_secs()
            ));
        }
        match machine.serial().bytes.recv_timeout(Duration::from_millis(100)) {
            Ok(bytes) => {
                let now = begin.elapsed().as_secs_f64();
                if bytes.contains(&b'S') {
                    first.get_or_insert(now);
                }
                if bytes.contains(&b'E') {
                    last = Some(now);
                }
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => {}
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => {
                return failed(&format!("its guest ended before it was done; QEMU said: {}", machine.messages()));
            }
        }
    }
    let (Some(first), Some(last)) = (first, last) else { return failed("its guest printed something else") };
    match machine.wait_exit(Duration::from_secs(5), cancel)?.and_then(|status| status.code()) {
        Some(code) if code == 2 * i32::from(EXIT_WORD) + 1 => Ok(Outcome::Works { seconds: last, work_seconds: last - first }),
        code => failed(&format!("its guest did not end as it should (status {code:?})")),
    }
}

/// 512 bytes of 16-bit code: `S`, twenty million additions to memory, two thousand reads of a port (an exit to QEMU each,
/// which is what a slow nested KVM is slow at), `E`, the end.
fn boot_sector() -> [u8; 512] {
    #[rustfmt::skip]
    let code: &[u8] = &[
        0xfa,                                     // cli
        0x31, 0xc0, 0x8e, 0xd8,                   // xor ax,ax; mov ds,ax
        0xba, 0xf8, 0x03,                         // mov dx,0x3f8       COM1, data
        0xb0, b'S', 0xee,                         // mov al,'S'; out dx,al
        0xbb, 0x00, 0x06,                         // mov bx,0x600       free memory
        0x66, 0xb9, 0x00, 0x2d, 0x31, 0x01,       // mov ecx,20000000
        0x66, 0x01, 0x0f,                         // add [bx],ecx
        0x66, 0x49,                               // dec ecx
        0x75, 0xf9,                               // jnz to the add
        0xba, 0xfd, 0x03,                         // mov dx,0x3fd       COM1, line status
        0xb9, 0xd0, 0x07,                         // mov cx,2000
        0xec,                                     // in al,dx
        0xe2, 0xfd,                               // loop to the in
        0xba, 0xf8, 0x03, 0xb0, b'E', 0xee,       // mov dx,0x3f8; mov al,'E'; out dx,al
        0xba, 0xf4, 0x00, 0xb0, EXIT_WORD, 0xee,  // mov dx,0xf4; mov al,EXIT_WORD; out dx,al
        0xf4, 0xeb, 0xfd,                         // hlt; jmp to the hlt
    ];
    let mut sector = [0; 512];
    for (to, from) in sector.iter_mut().zip(code.iter().copied()) {
        *to = from;
    }
    sector[510] = 0x55;
    sector[511] = 0xaa;
    sector
}

fn read(file: &Path, host: &Host) -> Option<Probe> {
    let probe: Probe = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    (probe.host == *host).then_some(probe)
}

fn write(file: &Path, probe: &Probe) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    bootwright_model::write_whole(file, |f| Ok(serde_json::to_writer_pretty(f, probe)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Host {
        Host { qemu_version: "7".into(), kernel_release: "6".into(), kvm_device: true }
    }

    fn result(accel: Accel, seconds: Option<f64>) -> AccelResult {
        let outcome = match seconds {
            Some(seconds) => Outcome::Works { seconds, work_seconds: seconds },
            None => Outcome::Failed { reason: "broken".into() },
        };
        AccelResult { accel, outcome }
    }

    #[test]
    fn the_measured_time_decides_and_not_the_name() {
        assert_eq!(fastest(&[result(Accel::Kvm, Some(2.0)), result(Accel::Tcg, Some(1.0))]), Some(Accel::Tcg));
        assert_eq!(fastest(&[result(Accel::Kvm, Some(0.5)), result(Accel::Tcg, Some(1.0))]), Some(Accel::Kvm));
        assert_eq!(fastest(&[result(Accel::Kvm, None), result(Accel::Tcg, Some(9.0))]), Some(Accel::Tcg));
        let none = [result(Accel::Kvm, None), result(Accel::Tcg, None)];
        assert_eq!(fastest(&none), None);
        let qemu = Qemu { path: "q".into(), version: "7".into() };
        assert!(no_accelerator(&qemu, &none).to_string().contains("kvm: broken; tcg: broken"));
    }

    #[test]
    fn a_cache_of_another_host_or_a_broken_one_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/probe.json");
        assert_eq!(read(&file, &host()), None);
        let probe = Probe { host: host(), results: vec![result(Accel::Tcg, Some(1.0))], best: Accel::Tcg };
        write(&file, &probe).unwrap();
        assert_eq!(read(&file, &host()), Some(probe));
        assert_eq!(read(&file, &Host { kernel_release: "7".into(), ..host() }), None);
        std::fs::write(&file, "{").unwrap();
        assert_eq!(read(&file, &host()), None);
    }
}
