//! One boot, all its checks.

use super::{BootCheck, CheckEvent, CheckResult, CheckStatus, Expectation, Finding, Report, network::Network, system};
use crate::{
    console::Console,
    error::BootError,
    machine::{Machine, MachineSpec},
};
use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

/// To a shell: 5 s under TCG on an idle machine, many times that when both CPUs compile.
const BOOT: Duration = Duration::from_secs(180);

/// Boots `spec` and puts `checks` to it. The shell is waited for first and the power-off comes last, whatever their order.
/// A guest that panics or hangs is a failed check in the report, with the console's last lines, not an error.
///
/// # Errors
/// If QEMU cannot be started, or on cancel (within a second; the guest is ended).
pub fn run_checks(
    spec: &MachineSpec,
    checks: &[BootCheck],
    expectation: &Expectation,
    on_event: &dyn Fn(CheckEvent),
    cancel: &AtomicBool,
) -> Result<Report, BootError> {
    let mut machine = Machine::start(spec, cancel)?;
    let command: Vec<String> = machine.command().iter().map(|word| word.to_string_lossy().into_owned()).collect();
    on_event(CheckEvent::Started { command: command.clone() });
    let tap = |bytes: &[u8]| on_event(CheckEvent::Console(bytes.to_vec()));
    let mut console = Console::new(machine.serial().try_clone()?, cancel).with_tap(&tap);
    let mut network = None;
    // Why the remaining checks cannot be run.
    let mut lost: Option<String> = None;
    let mut boot_seconds = None;
    let mut results = Vec::new();
    for check in in_order(checks) {
        on_event(CheckEvent::CheckStarted(check));
        let begin = Instant::now();
        let finding = if let Some(why) = &lost {
            Ok(Finding::not_run(why))
        } else {
            match check {
                BootCheck::Shell => shell(&mut console).inspect(|_| boot_seconds = Some(machine.started().elapsed().as_secs_f64())),
                BootCheck::KernelRelease => system::kernel_release(&mut console, expectation),
                BootCheck::CLibrary => system::c_library(&mut console, expectation),
                BootCheck::Resolve => network.get_or_insert_with(Network::start).resolve(&mut console),
                BootCheck::Fetch => network.get_or_insert_with(Network::start).fetch(&mut console),
                BootCheck::PowerOff => system::power_off(&mut console, &mut machine, cancel),
            }
        };
        let finding = match finding {
            Ok(finding) => finding,
            Err(BootError::Cancelled) => return Err(BootError::Cancelled),
            Err(error) => {
                // Without a shell, or a guest, there is nobody to ask. A single command that hung was interrupted.
                if check == BootCheck::Shell || !matches!(error, BootError::Timeout { .. }) {
                    lost = Some(format!("not asked, because of \"{}\"", check.title()));
                }
                Finding { status: CheckStatus::Failed, expected: check.title().into(), found: error.to_string() }
            }
        };
        let seconds = if finding.status == CheckStatus::NotRun { 0.0 } else { begin.elapsed().as_secs_f64() };
        let Finding { status, expected, found } = finding;
        let result = CheckResult { check, title: check.title().into(), status, expected, found, seconds };
        // The caller need not ask for the shell to get the others, and is told of it only if it fails.
        if checks.contains(&check) || status != CheckStatus::Passed {
            on_event(CheckEvent::CheckFinished(result.clone()));
            results.push(result);
        }
    }
    let transcript = console.transcript().all();
    machine.kill();
    Ok(Report { results, command, boot_seconds, transcript, qemu_messages: machine.messages() })
}

/// Each once: the shell first, asked for or not, then as given, the power-off last.
fn in_order(checks: &[BootCheck]) -> Vec<BootCheck> {
    let mut order = vec![BootCheck::Shell];
    for check in checks {
        if !order.contains(check) && *check != BootCheck::PowerOff {
            order.push(*check);
        }
    }
    if checks.contains(&BootCheck::PowerOff) {
        order.push(BootCheck::PowerOff);
    }
    order
}

fn shell(console: &mut Console) -> Result<Finding, BootError> {
    console.attach_shell(BOOT)?;
    Ok(Finding { status: CheckStatus::Passed, expected: "a shell".into(), found: "a shell".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_comes_first_and_the_power_off_last_each_once() {
        use BootCheck::{Fetch, PowerOff, Resolve, Shell};
        assert_eq!(in_order(&[PowerOff, Fetch, Shell, Resolve, Fetch]), [Shell, Fetch, Resolve, PowerOff]);
        assert_eq!(in_order(&[]), [Shell]);
    }
}
