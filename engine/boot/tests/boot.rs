//! Real guests under a real QEMU: a Debian kernel with BusyBox is booted, checked, panicked, joined to a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod guest;

use bootwright_boot::{
    Boot, BootCheck, BootError, CheckEvent, CheckStatus, Console, Expectation, GuestFile, LibcExpectation, LoaderBanner, Machine,
    MachineSpec, command_in_namespace, interactive, needs_namespace, run_checks,
};
use guest::{alone, guest, idle_disk, myself, part};
use std::{
    cell::RefCell,
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

static NEVER: AtomicBool = AtomicBool::new(false);
const HANG: Duration = Duration::from_secs(240);

fn gone(pid: u32) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_booted_system_passes_every_check() {
    if needs_namespace() {
        let status = command_in_namespace(["--exact", "a_booted_system_passes_every_check", "--nocapture"]).unwrap().status().unwrap();
        assert!(status.success());
        return;
    }
    let _alone = alone();
    let guest = guest();
    let expectation = Expectation {
        kernel_release: Some(guest.release.clone()),
        files: vec![GuestFile { path: "/bin/busybox".into(), sha256: guest.busybox_sha256.clone(), what: "BusyBox".into() }],
        loader_banner: None,
        libc: LibcExpectation::Static { busybox_sha256: guest.busybox_sha256.clone() },
    };
    let (console, finished) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let listen = |event: CheckEvent| match event {
        CheckEvent::Console(bytes) => console.borrow_mut().extend(bytes),
        CheckEvent::CheckFinished(result) => finished.borrow_mut().push(result.check),
        CheckEvent::Started { .. } | CheckEvent::CheckStarted(_) => {}
    };
    let report = run_checks(&guest.spec(), &BootCheck::ALL, &expectation, &listen, &NEVER).unwrap();
    eprintln!("{}", serde_json::to_string_pretty(&report.results).unwrap());
    eprintln!("a shell after {:?} s", report.boot_seconds);
    assert!(report.passed(), "{}", report.transcript);
    assert_eq!(finished.into_inner(), BootCheck::ALL);
    assert!(String::from_utf8_lossy(&console.into_inner()).contains("Linux version"));
    eprintln!("PASSED AS UID {} IN NAMESPACE {}", rustix::process::getuid().as_raw(), bootwright_boot::in_namespace());
}

/// Who may not bind port 53 gets there through a namespace; so all checks pass for nobody, too.
#[test]
fn a_user_without_rights_passes_every_check() {
    if !rustix::process::getuid().is_root() {
        return; // then the test above went this way
    }
    guest(); // downloaded by root, read by nobody
    let copy = tempfile::tempdir().unwrap();
    let program = copy.path().join("boot-test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    Command::new("chmod").args(["-R", "a+rX"]).arg(copy.path()).status().unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(&program);
    let output = command.args(["--exact", "a_booted_system_passes_every_check", "--nocapture"]).current_dir("/").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("IN NAMESPACE true"), "{text}");
}

#[test]
fn what_differs_fails_and_says_what_was_found() {
    let _alone = alone();
    let guest = guest();
    let expectation = Expectation {
        kernel_release: Some("9.9.9".into()),
        files: vec![],
        loader_banner: None,
        libc: LibcExpectation::Shared { path: "/lib/libc.so.6".into(), sha256: "00".into(), banner: Some("GNU C Library".into()) },
    };
    let report = run_checks(&guest.spec(), &[BootCheck::CLibrary, BootCheck::KernelRelease], &expectation, &|_| {}, &NEVER).unwrap();
    let statuses: Vec<_> = report.results.iter().map(|result| (result.check, result.status)).collect();
    assert_eq!(statuses, [(BootCheck::CLibrary, CheckStatus::Failed), (BootCheck::KernelRelease, CheckStatus::Failed)]);
    assert!(report.results[0].found.contains("/bin/busybox"), "{:?}", report.results[0]);
    assert!(report.results[0].found.to_lowercase().contains("no such file"), "{:?}", report.results[0]);
    assert!(report.results[1].found.contains(&guest.release), "{:?}", report.results[1]);
}

#[test]
fn a_shared_c_library_is_known_by_its_hash_its_words_and_its_mapping() {
    let _alone = alone();
    let guest = guest();
    let path = "/lib/x86_64-linux-gnu/libc.so.6".to_owned();
    let expectation = Expectation {
        loader_banner: Some(LoaderBanner { path: "/lib64/ld-linux-x86-64.so.2".into(), text: "ld.so".into() }),
        libc: LibcExpectation::Shared { path, sha256: guest.libc_sha256.clone(), banner: Some("GNU C Library".into()) },
        ..Expectation::default()
    };
    let report = run_checks(&guest.with(&guest.shared), &[BootCheck::CLibrary], &expectation, &|_| {}, &NEVER).unwrap();
    eprintln!("{}\n{}", report.results[0].expected, report.results[0].found);
    assert!(report.passed(), "{report:?}");
    assert_eq!(report.results.len(), 1, "the shell was not asked for");
}

#[test]
fn an_iso_image_boots_through_its_own_loader() {
    let (loader, module) = ("/usr/lib/ISOLINUX/isolinux.bin", "/usr/lib/syslinux/modules/bios/ldlinux.c32");
    if !Path::new(loader).exists() || !Path::new(module).exists() || Command::new("xorriso").arg("-version").output().is_err() {
        eprintln!("not run: it takes xorriso, isolinux and syslinux-common");
        return;
    }
    let _alone = alone();
    let guest = guest();
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    fs::copy(loader, tree.join("isolinux.bin")).unwrap();
    fs::copy(module, tree.join("ldlinux.c32")).unwrap();
    fs::copy(&guest.kernel, tree.join("kernel.bz")).unwrap();
    fs::copy(&guest.initrd, tree.join("rootfs.gz")).unwrap();
    // `serial` makes the loader listen: a key typed too early would stop it at its prompt.
    fs::write(tree.join("isolinux.cfg"), "serial 0\ndefault kernel.bz initrd=rootfs.gz console=ttyS0\n").unwrap();
    let iso = folder.path().join("an, image.iso");
    let mut make = Command::new("xorriso");
    make.args(["-as", "mkisofs", "-quiet", "-J", "-r", "-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot"]);
    make.args(["-boot-load-size", "4", "-boot-info-table", "-o"]).arg(&iso).arg(&tree);
    let made = make.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let expectation = Expectation { kernel_release: Some(guest.release.clone()), ..Expectation::default() };
    let checks = [BootCheck::Shell, BootCheck::KernelRelease, BootCheck::PowerOff];
    let report = run_checks(&MachineSpec::new(Boot::Iso(iso)), &checks, &expectation, &|_| {}, &NEVER).unwrap();
    assert!(report.passed(), "{:?}\n{}", report.results, report.transcript);
    assert!(report.transcript.contains("ISOLINUX"), "{}", report.transcript);
}

#[test]
fn a_panic_is_a_failed_check_with_the_kernels_words() {
    let _alone = alone();
    let guest = guest();
    let report =
        run_checks(&guest.with(&guest.empty), &[BootCheck::Shell, BootCheck::KernelRelease], &Expectation::default(), &|_| {}, &NEVER)
            .unwrap();
    let [shell, release] = report.results.as_slice() else { panic!("{report:?}") };
    eprintln!("{}", shell.found);
    assert_eq!((shell.status, release.status), (CheckStatus::Failed, CheckStatus::NotRun));
    assert!(shell.found.contains("Kernel panic - not syncing: VFS: Unable to mount root fs"), "{}", shell.found);
    assert!(!report.passed() && report.boot_seconds.is_none());
}

#[test]
fn a_guest_is_controlled_through_its_monitor_and_ends_on_drop() {
    let _alone = alone();
    let disk = idle_disk();
    let spec = MachineSpec { network: false, ..MachineSpec::new(Boot::Disk(disk.path().into())) };
    let mut machine = Machine::start(&spec, &NEVER).unwrap();
    Console::new(machine.serial().try_clone().unwrap(), &NEVER).wait_for("GO", HANG).unwrap();
    assert_eq!(machine.status(&NEVER).unwrap(), "running");
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("screen, of the guest.png");
    machine.screenshot(&picture, &NEVER).unwrap();
    assert!(fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    machine.press_power_button(&NEVER).unwrap();
    assert!(machine.wait_exit(Duration::from_millis(300), &NEVER).unwrap().is_none(), "this guest knows no power button");
    assert!(machine.monitor("no-such-command", serde_json::Value::Null, &NEVER).is_err());
    machine.quit(&NEVER).unwrap();
    assert!(machine.wait_exit(HANG, &NEVER).unwrap().unwrap().success());

    let machine = Machine::start(&spec, &NEVER).unwrap();
    let pid = machine.id();
    assert!(Path::new(&format!("/proc/{pid}")).exists());
    drop(machine);
    assert!(gone(pid));
}

#[test]
fn cancel_ends_the_checks_and_the_guest() {
    let _alone = alone();
    let disk = idle_disk();
    let spec = MachineSpec { network: false, ..MachineSpec::new(Boot::Disk(disk.path().into())) };
    let cancel = AtomicBool::new(false);
    // Cancelled when the guest is seen to run; it would otherwise be waited for until the boot's limit.
    let listen = |event: CheckEvent| {
        if matches!(event, CheckEvent::Console(_)) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let error = run_checks(&spec, &BootCheck::ALL, &Expectation::default(), &listen, &cancel).unwrap_err();
    assert!(matches!(error, BootError::Cancelled), "{error}");
}

#[test]
fn qemu_ends_when_we_are_killed() {
    if part().is_some() {
        let disk = idle_disk();
        let machine = Machine::start(&MachineSpec { network: false, ..MachineSpec::new(Boot::Disk(disk.path().into())) }, &NEVER).unwrap();
        println!("\nqemu {}", machine.id());
        std::thread::sleep(HANG);
        return;
    }
    let _alone = alone();
    // Its folder cannot be removed by who is killed; ours is.
    let folder = tempfile::tempdir().unwrap();
    let mut helper = myself("qemu_ends_when_we_are_killed", "victim").env("TMPDIR", folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(helper.stdout.take().unwrap()).lines();
    let qemu: u32 = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("qemu ")?.parse().ok()).unwrap();
    assert!(fs::read_to_string(format!("/proc/{qemu}/cmdline")).unwrap().contains("qemu-system"));
    helper.kill().unwrap(); // SIGKILL
    helper.wait().unwrap();
    assert!(gone(qemu), "QEMU {qemu} outlived its owner");
}

#[test]
fn the_accelerators_are_measured_once() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("probe.json");
    let measured = bootwright_boot::probe(Some(&cache), &NEVER).unwrap();
    eprintln!("{measured:#?}");
    let best = measured.results.iter().find(|result| result.accel == measured.best).unwrap();
    assert!(
        matches!(best.outcome, bootwright_boot::probe::Outcome::Works { seconds, work_seconds } if work_seconds > 0.0 && seconds > work_seconds)
    );
    let again = bootwright_boot::probe(Some(&cache), &NEVER).unwrap();
    assert_eq!(again, measured, "measured times never repeat to the last digit, so this is the cache");
}

#[test]
fn a_pipe_is_joined_to_the_guest_until_it_powers_off() {
    if part().is_some() {
        let mut machine = Machine::start(&guest().spec(), &NEVER).unwrap();
        let ended = interactive(&mut machine, &NEVER).unwrap();
        println!("\nended: {ended:?}");
        return;
    }
    let _alone = alone();
    guest();
    let mut helper =
        myself("a_pipe_is_joined_to_the_guest_until_it_powers_off", "piped").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut out) = (helper.stdin.take(), helper.stdout.take().unwrap());
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while let Ok(count @ 1..) = out.read(&mut buffer) {
        text += &String::from_utf8_lossy(&buffer[..count]);
        if text.contains("~ # ") || text.contains("/ # ") {
            // Once; then standard input ends, and the output must go on.
            if let Some(mut keys) = keys.take() {
                keys.write_all(b"echo through''-the-pipe; poweroff\n").unwrap();
            }
        }
    }
    assert!(helper.wait().unwrap().success(), "{text}");
    assert!(text.contains("through-the-pipe") && text.contains("Power down"), "{text}");
    assert!(text.contains("ended: Guest"), "{text}");
}

#[test]
fn a_terminal_is_raw_meanwhile_and_restored_after_ctrl_a_x() {
    if part().is_some() {
        let disk = idle_disk();
        let mut machine =
            Machine::start(&MachineSpec { network: false, ..MachineSpec::new(Boot::Disk(disk.path().into())) }, &NEVER).unwrap();
        let ended = interactive(&mut machine, &NEVER).unwrap();
        println!("\nended: {ended:?}");
        return;
    }
    let _alone = alone();
    let exe = std::env::current_exe().unwrap();
    // `script` gives the inner shell a terminal of its own; what is written to it is typed there.
    let inner = format!(
        "echo before $(stty -g); {exe} --exact a_terminal_is_raw_meanwhile_and_restored_after_ctrl_a_x --nocapture; echo after $(stty -g)",
        exe = exe.display()
    );
    let mut script = Command::new("script");
    script.args(["-qec", &inner, "/dev/null"]).env(guest::PART, "terminal").stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    let mut script = script.spawn().unwrap();
    let (mut keys, mut out) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
    let (mut text, mut buffer, mut typed) = (String::new(), [0; 4096], false);
    while let Ok(count @ 1..) = out.read(&mut buffer) {
        text += &String::from_utf8_lossy(&buffer[..count]);
        if text.contains("GO") && !typed {
            typed = true;
            // Ctrl-C must go to the guest, not end us; `c` after Ctrl-A does nothing.
            keys.write_all(b"\x03\x01c").unwrap();
            std::thread::sleep(Duration::from_millis(300));
            keys.write_all(b"\x01x").unwrap();
        }
    }
    script.wait().unwrap();
    assert!(text.contains("ended: User"), "{text}");
    let settings = |word: &str| text.lines().find_map(|line| line.strip_prefix(word).map(|rest| rest.trim().to_owned())).unwrap();
    assert_eq!(settings("before "), settings("after "), "{text}");
}
