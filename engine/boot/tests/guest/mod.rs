//! A guest to try things on: Debian's kernel and static BusyBox, downloaded once and installed nowhere, and an initramfs of them.

use bootwright_boot::{Boot, MachineSpec};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Says which part of a test this process plays for another one.
pub const PART: &str = "BOOTWRIGHT_TEST_PART";

pub struct Guest {
    pub kernel: PathBuf,
    pub initrd: PathBuf,
    /// The same with Debian's dynamic BusyBox and its C library.
    pub shared: PathBuf,
    pub libc_sha256: String,
    /// An initramfs without any program in it.
    pub empty: PathBuf,
    pub release: String,
    pub busybox_sha256: String,
}

impl Guest {
    pub fn spec(&self) -> MachineSpec {
        self.with(&self.initrd)
    }

    pub fn with(&self, initrd: &Path) -> MachineSpec {
        MachineSpec::new(Boot::Kernel { kernel: self.kernel.clone(), initrd: Some(initrd.into()), append: "console=ttyS0".into() })
    }
}

/// One guest at a time: several emulated CPUs on a small machine only make each other slow.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn guest() -> &'static Guest {
    static GUEST: OnceLock<Guest> = OnceLock::new();
    GUEST.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-3");
        if !folder.exists() {
            // Made beside it and renamed, so that a half-made one is never used.
            let new = tempfile::Builder::new().prefix("guest-new-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            download(new.path());
            assemble(new.path());
            sh(new.path(), "chmod -R a+rX .");
            if fs::rename(new.path(), &folder).is_ok() {
                let _ = new.keep();
            }
        }
        let release = only(&folder.join("kernel/lib/modules"));
        Guest {
            kernel: folder.join(format!("kernel/boot/vmlinuz-{release}")),
            initrd: folder.join("initrd.gz"),
            empty: folder.join("empty.gz"),
            shared: folder.join("shared.gz"),
            busybox_sha256: sha256(&folder.join("root/bin/busybox")),
            libc_sha256: sha256(&folder.join("shared/lib/x86_64-linux-gnu/libc.so.6")),
            release,
        }
    })
}

fn sha256(file: &Path) -> String {
    Sha256::digest(fs::read(file).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn download(folder: &Path) {
    let needed = "kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends/{print $2; exit}')
        apt-get download \"$kernel\" busybox-static busybox libc6
        dpkg -x linux-image-*.deb kernel; dpkg -x busybox-static_*.deb busybox
        dpkg -x busybox_*.deb dynamic; dpkg -x libc6_*.deb dynamic; rm ./*.deb";
    sh(folder, needed);
}

/// BusyBox's init with a shell on the serial port, the e1000 module, and the script (where Debian's build looks for it)
/// that lets udhcpc set an address.
fn assemble(folder: &Path) {
    let root = folder.join("root");
    for dir in ["bin", "etc", "proc", "sys", "dev", "etc/udhcpc"] {
        fs::create_dir_all(root.join(dir)).unwrap();
    }
    let write = |path: &str, text: &str| fs::write(root.join(path), text).unwrap();
    write(
        "init",
        "#!/bin/busybox sh\n/bin/busybox --install -s /bin\nexport PATH=/bin\nmount -t proc proc /proc\nmount -t sysfs sys /sys\nmount -t devtmpfs dev /dev\ninsmod /e1000.ko\nexec /bin/init\n",
    );
    write("etc/inittab", "ttyS0::respawn:-/bin/sh\n::shutdown:/bin/sync\n");
    write("etc/profile", "export PATH=/bin\n");
    write(
        "etc/udhcpc/default.script",
        "#!/bin/sh\n[ \"$1\" = bound ] || exit 0\nip addr add $ip/${mask:-24} dev $interface\nip route add default via $router\n",
    );
    sh(
        folder,
        "cp busybox/bin/busybox root/bin/; cp kernel/lib/modules/*/kernel/drivers/net/ethernet/intel/e1000/e1000.ko root/
        chmod 755 root/init root/etc/udhcpc/default.script
        (cd root && find . | cpio --quiet -o -H newc | gzip -1) > initrd.gz
        cp -a root shared; cp dynamic/bin/busybox shared/bin/
        mkdir -p shared/lib/x86_64-linux-gnu; ln -s lib shared/lib64; cp dynamic/lib/x86_64-linux-gnu/libc.so.6 dynamic/lib/x86_64-linux-gnu/libresolv.so.2 shared/lib/x86_64-linux-gnu/
        cp -L dynamic/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 shared/lib/
        (cd shared && find . | cpio --quiet -o -H newc | gzip -1) > shared.gz
        mkdir nothing && echo text > nothing/file && (cd nothing && find . | cpio --quiet -o -H newc | gzip -1) > empty.gz",
    );
}

fn only(folder: &Path) -> String {
    let entry = fs::read_dir(folder).unwrap().next().unwrap().unwrap();
    entry.file_name().into_string().unwrap()
}

fn sh(folder: &Path, script: &str) {
    let output = Command::new("sh").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A raw disk whose boot sector prints `GO` on the serial port and then waits for ever.
pub fn idle_disk() -> tempfile::NamedTempFile {
    let mut sector = [0_u8; 512];
    // mov dx,0x3f8; mov al,'G'; out dx,al; mov al,'O'; out dx,al; hlt; jmp to the hlt
    let code = [0xba, 0xf8, 0x03, 0xb0, b'G', 0xee, 0xb0, b'O', 0xee, 0xf4, 0xeb, 0xfd];
    sector[..code.len()].copy_from_slice(&code);
    sector[510..].copy_from_slice(&[0x55, 0xaa]);
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), sector).unwrap();
    file
}

/// This test program again, running only `test`, to play `part`.
pub fn myself(test: &str, part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(PART, part);
    command
}

/// Which part this process plays, if any.
pub fn part() -> Option<String> {
    std::env::var(PART).ok()
}
