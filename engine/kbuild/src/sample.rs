//! For tests: a small tree that looks as if Kbuild had built it, an hour ago.

use crate::Tree;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

pub struct Sample {
    folder: tempfile::TempDir,
}

/// Minutes before now.
pub fn ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(minutes * 60)
}

impl Sample {
    /// `init/main.o` and `lib/a.o`, their archives, vmlinux.o and vmlinux; sources two hours old, targets one.
    pub fn new() -> Self {
        let sample = Self { folder: tempfile::tempdir().unwrap() };
        let sources = [
            ("Makefile", "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\nKBUILD_CFLAGS-$(CONFIG_OPTIMIZE) += -O3\n"),
            ("scripts/Kbuild.include", "savedcmd_\n"),
            ("init/Kconfig", "config FUTEX\n\tbool \"x\"\n"),
            ("include/linux/kconfig.h", "/* CONFIG_BOOGER */\n"),
            ("init/Makefile", "obj-y := main.o\nobj-$(CONFIG_INITRD) += initrd.o\n"),
            ("lib/Makefile", "obj-y := a.o\nccflags-$(CONFIG_LIBRARY) += -DX\n"),
            ("init/main.c", "CONFIG_FUTEX\n"),
            ("lib/a.c", "\n"),
            ("include/linux/all.h", "CONFIG_SMP\n"),
            ("include/linux/futex.h", "\n"),
        ];
        for (name, text) in sources {
            sample.write(name, text, 120);
        }
        for option in ["FUTEX", "SMP"] {
            sample.write(&format!("include/config/{option}"), "", 110);
        }
        sample.write(".config", "CONFIG_FUTEX=y\nCONFIG_SMP=y\n", 110);
        sample.write("include/config/auto.conf", "CONFIG_FUTEX=y\nCONFIG_SMP=y\n", 110);
        sample.write("include/config/auto.conf.cmd", "deps_config := \\\n\tinit/Kconfig \\\n\nifneq \"$(ARCH)\" \"x86_64\"\n", 110);
        sample.object("init/main.o", &["include/linux/all.h", "include/linux/futex.h"], &["FUTEX", "SMP", "BOOGER"]);
        sample.object("lib/a.o", &["include/linux/all.h"], &["SMP", "BOOGER"]);
        let made = [
            ("init/built-in.a", "rm -f init/built-in.a;  printf \"init/%s \" main.o | xargs ar cDPrST init/built-in.a"),
            ("lib/built-in.a", "rm -f lib/built-in.a;  printf \"lib/%s \" a.o | xargs ar cDPrST lib/built-in.a"),
            ("vmlinux.o", "ld -r -o vmlinux.o init/built-in.a lib/built-in.a"),
            ("vmlinux", "scripts/link-vmlinux.sh ld vmlinux.o"),
        ];
        for (at, (target, command)) in made.iter().enumerate() {
            sample.write(target, "", 50 - at as u64);
            sample.write(&cmd_of(target), &format!("savedcmd_{target} := {command}\n"), 50 - at as u64);
        }
        sample
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn tree(&self) -> Tree {
        Tree::open(self.path()).unwrap()
    }

    /// Writes a file with its time.
    pub fn write(&self, name: &str, text: &str, minutes: u64) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.age(name, minutes);
        // Folders are as old as what is in them.
        for folder in path.ancestors().skip(1).take_while(|f| f.starts_with(self.path())) {
            fs::File::open(folder).unwrap().set_modified(ago(minutes)).unwrap();
        }
    }

    pub fn age(&self, name: &str, minutes: u64) {
        fs::File::options().append(true).open(self.path().join(name)).unwrap().set_modified(ago(minutes)).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }

    /// A compiled object with the list that fixdep writes.
    pub fn object(&self, target: &str, files: &[&str], options: &[&str]) {
        let source = target.replace(".o", ".c");
        let options: String = options.iter().map(|o| format!("    $(wildcard include/config/{o}) \\\n")).collect();
        let files: String = files.iter().map(|f| format!("  {f} \\\n")).collect();
        let text = format!(
            "savedcmd_{target} := gcc -D__KERNEL__ -c -o {target} {source}\n\nsource_{target} := {source}\n\ndeps_{target} := \\\n{options}{files}\n\
             {target}: $(deps_{target})\n\n$(deps_{target}):\n"
        );
        self.write(target, "", 60);
        self.write(&cmd_of(target), &text, 60);
    }
}

pub fn cmd_of(target: &str) -> String {
    String::from_utf8(crate::walk::cmd_file(target.as_bytes())).unwrap()
}
