//! A built kernel seen from inside, held against make and against the kernel's own fixdep.
//!
//! The tree is built once in the shared work folder, from the source and the configuration of the presets: some six minutes on
//! two cores. `KBUILD_TREE` names another built one (made with O=); the tests work on a copy of it. A quick share by default; all
//! flips and touches with `KBUILD_CASES=all`:
//! `KBUILD_CASES=all cargo test --release -p bootwright-tests --test kbuild -- --nocapture`.

#[path = "kbuild/against_make.rs"]
mod against_make;

use against_make::{Copy, Names, Touched, Would, named, named_stale};
use bootwright_kbuild::cmd::{self, Dependency};
use bootwright_kbuild::fixdep::{Dialect, check_tree};
use bootwright_kbuild::impact::{Impacts, Question};
use bootwright_kbuild::{Index, Tree};
use bootwright_tests::{program, run, small_kernel};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The tests share one tree and its copy.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static TREE: Mutex<()> = Mutex::new(());
    TREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The built tree.
fn built() -> PathBuf {
    std::env::var_os("KBUILD_TREE").map_or_else(small_kernel, Into::into)
}

fn copy() -> Copy {
    let built = built();
    Copy::of(&built, &built.with_extension("copy"))
}

/// Flips that together reach every kind of consequence; the first few are the quick share.
const FLIPS: [&str; 60] = [
    "E1000=n",
    "IPV6=y",
    "HZ_1000=y",
    "OVERLAY_FS=n",
    "BLK_DEV_INITRD=n",
    "PACKET=n",
    "SERIAL_8250_CONSOLE=n",
    "CC_OPTIMIZE_FOR_PERFORMANCE=y",
    "EXPERT=y",
    "DEBUG_KERNEL=y",
    "TMPFS=n",
    "VT=n",
    "NET_CORE=n",
    "SMP=y",
    "UNIX=n",
    "INET=n",
    "SYSVIPC=n",
    "PROC_SYSCTL=n",
    "BINFMT_SCRIPT=n",
    "RD_XZ=n",
    "RD_GZIP=n",
    "HIGH_RES_TIMERS=n",
    "INPUT_KEYBOARD=n",
    "ISO9660_FS=n",
    "JOLIET=n",
    "BLK_DEV_SR=n",
    "ATA_SFF=n",
    "DEVTMPFS=n",
    "UNIX98_PTYS=n",
    "VGA_CONSOLE=n",
    "SCSI=n",
    "ATA=n",
    "PCI_MSI=y",
    "EXT4_FS=y",
    "FAT_FS=y",
    "VFAT_FS=y",
    "FUSE_FS=y",
    "MSDOS_FS=y",
    "SQUASHFS=y",
    "NLS_UTF8=y",
    "CRYPTO=y",
    "HWMON=y",
    "I2C=y",
    "SPI=y",
    "USB_SUPPORT=y",
    "WATCHDOG=y",
    "RTC_CLASS=y",
    "BRIDGE=y",
    "VLAN_8021Q=y",
    "TUN=y",
    "DUMMY=y",
    "LOCALVERSION_AUTO=y",
    "CGROUPS=y",
    "NAMESPACES=y",
    "AUDIT=y",
    "SECURITY=y",
    "SWAP=y",
    "MODULES=y",
    "IKCONFIG=y",
    "POSIX_MQUEUE=y",
];

const TOUCHES: [&str; 20] = [
    "kernel/fork.c",
    "include/linux/sched.h",
    "include/uapi/linux/futex.h",
    "lib/string.c",
    "arch/x86/boot/header.S",
    "mm/slub.c",
    "mm/internal.h",
    "fs/namei.c",
    "init/main.c",
    "drivers/tty/vt/vt.c",
    "net/core/dev.c",
    "include/net/sock.h",
    "include/linux/kconfig.h",
    "include/linux/compiler_types.h",
    "arch/x86/include/asm/processor.h",
    "arch/x86/kernel/vmlinux.lds.S",
    "arch/x86/entry/entry_64.S",
    "arch/x86/entry/syscalls/syscall_64.tbl",
    "block/blk.h",
    "drivers/acpi/acpica/acobject.h",
];

fn share<'c>(cases: &[&'c str], quick: usize) -> Vec<&'c str> {
    match std::env::var("KBUILD_CASES").as_deref() {
        Ok("all") => cases.to_vec(),
        Ok(word) => cases.iter().copied().filter(|c| c.contains(word)).collect(),
        Err(_) => cases.iter().copied().take(quick).collect(),
    }
}

/// What was said against what make would do; counts over all cases.
#[derive(Default)]
struct Score {
    made: usize,
    missed: Vec<String>,
    in_vain: Vec<String>,
}

impl Score {
    fn add(&mut self, case: &str, made: &Names, said: &Names) {
        self.made += made.len();
        self.missed.extend(made.difference(said).map(|t| format!("{case}: {t}")));
        self.in_vain.extend(said.difference(made).map(|t| format!("{case}: {t}")));
    }

    fn check(&self, what: &str) {
        eprintln!("{what}: {} built, {} missed, {} in vain", self.made, self.missed.len(), self.in_vain.len());
        assert!(self.made > 0, "{what}: no case made make build anything");
        assert!(self.missed.is_empty(), "{what} missed {:#?}", self.missed);
        // At most 0.5 % are named in vain.
        assert!(self.in_vain.len() * 200 <= self.made, "{what} named in vain {:#?}", self.in_vain);
    }
}

/// A flip of an option, and a touched source: what `impact` says before, and `stale` after, is what make would compile.
#[test]
fn what_make_would_compile_is_known_before() {
    let _alone = one_at_a_time();
    let mut copy = copy();
    // A few targets always show with -n, which leaves undone what they hang on.
    let idle = copy.would_make().names;
    // The link of vmlinux takes place even so.
    copy.reset();
    assert!(copy.stale().is_current(), "a tree that was just built: {:#?}", copy.stale());
    let (mut impact, mut stale) = (Score::default(), Score::default());
    let compiled = |copy: &Copy, names: &Names, whole: bool| -> Names {
        let names = copy.compiled(names);
        names.difference(&idle).filter(|n| whole || !n.starts_with("arch/x86/boot/")).cloned().collect()
    };
    for flip in share(&FLIPS, 5) {
        copy.reset();
        let (name, value) = flip.split_once('=').unwrap();
        let Ok(followed) = copy.follow(name, value) else { panic!("{flip}: this kernel has no such option") };
        let said = named(&copy.impact(&followed));
        copy.configure(&followed.changes);
        let pending = named_stale(&copy.stale());
        let Would { names, whole } = copy.would_make();
        let [made, said, pending] = [names, said, pending].map(|n| compiled(&copy, &n, whole));
        impact.add(flip, &made, &said);
        stale.add(flip, &made, &pending);
        eprintln!("{flip}: {} options change, make compiles {}", followed.changes.len(), made.len());
    }
    copy.reset();
    for file in share(&TOUCHES, 5) {
        let question = Question { files: vec![file.to_owned()], ..Question::default() };
        let said = named(&Impacts::new(&copy.tree, &copy.index).of(&question));
        let touched = Touched::new(&copy.tree.source, file);
        let pending = named_stale(&copy.stale());
        let Would { names, whole } = copy.would_make();
        drop(touched);
        let [made, said, pending] = [names, said, pending].map(|n| compiled(&copy, &n, whole));
        impact.add(file, &made, &said);
        stale.add(file, &made, &pending);
        eprintln!("{file}: make compiles {}", made.len());
    }
    copy.reset();
    impact.check("impact");
    stale.check("stale");
}

/// What somebody did to one target of a built tree, or to one folder, by the shell, in its folder.
const DAMAGES: [&str; 15] = [
    "rm -r drivers/base",
    "truncate -s 900 kernel/.fork.o.cmd",
    "cp mm/.slub.o.cmd fs/.namei.o.cmd",
    "rm lib/string.o",
    "ln -sf nowhere fs/namei.o",
    "touch include/generated/uapi/linux/version.h",
    "truncate -s 0 kernel/.fork.o.cmd",
    "rm kernel/.fork.o.cmd",
    "sed -i '1s/-O2/-O1/' mm/.slub.o.cmd",
    "sed -i 's/$/\\r/' mm/.slub.o.cmd",
    "head -c 3000 /dev/zero > mm/.slub.o.cmd",
    "touch -d @0 fs/namei.o",
    "truncate -s 0 lib/lib.a",
    "rm include/config/TMPFS",
    "touch .config",
];
/// And to more than one: make would build much, and has to be asked what.
const WRECKS: [&str; 3] = ["rm include/config/auto.conf", "rm include/generated/bounds.h", "rm .config include/config/auto.conf"];

/// Whatever was done to a tree: nothing that make would then build is called up to date.
#[test]
fn what_was_done_to_a_tree_is_seen() {
    let _alone = one_at_a_time();
    let mut copy = copy();
    let idle = copy.would_make();
    let mut seen = 0;
    let cases: Vec<&str> = share(&DAMAGES, 6).into_iter().chain(share(&WRECKS, 1)).collect();
    for damage in &cases {
        copy.reset();
        let done = Command::new("sh").args(["-ec", damage]).current_dir(&copy.folder).status().unwrap();
        assert!(done.success(), "{damage}");
        copy.look();
        let found = copy.stale();
        let maybe: Names = found.unknown.iter().map(|i| i.target.clone()).collect();
        let Would { names, whole } = copy.would_make();
        let made: Names = names.difference(&idle.names).cloned().collect();
        let said = named_stale(&found);
        eprintln!("{damage}: make builds {}, said {}, perhaps {}, notes {:?}", made.len(), said.len(), maybe.len(), found.notes);
        // Where an object is missing, make -n ends before the image.
        let wrecked = WRECKS.contains(damage) || whole != idle.whole && !damage.starts_with("rm -r");
        assert!(!wrecked || !found.is_current(), "{damage}: the tree was called up to date");
        let missed: Vec<&String> = made.iter().filter(|t| !said.contains(*t) && !maybe.contains(*t)).collect();
        assert!(wrecked || missed.is_empty(), "{damage}: make would build {missed:?}");
        seen += usize::from(!made.is_empty());
    }
    copy.reset();
    assert!(seen * 2 > cases.len(), "only {seen} of them made make build anything");
}

/// One flip that is really built: all that make rewrites is named, its long tail too, and afterwards nothing is.
#[test]
fn what_make_rewrites_is_known_to_the_image() {
    let _alone = one_at_a_time();
    let mut copy = copy();
    let followed = copy.follow("PACKET", "n").unwrap();
    copy.configure(&followed.changes);
    let pending = copy.stale();
    let said: Names = pending.stale.iter().map(|i| i.target.clone()).chain(pending.come.iter().cloned()).collect();
    let maybe: Names = pending.unknown.iter().map(|i| i.target.clone()).collect();
    let before = times(&copy);
    copy.make(&["-j2"]);
    copy.look();
    let rewritten: Names = times(&copy).into_iter().filter(|(name, time)| before.get(name) != Some(time)).map(|(name, _)| name).collect();
    assert!(rewritten.contains("arch/x86/boot/bzImage") && rewritten.contains("vmlinux"), "{rewritten:?}");
    let missed: Vec<&String> = rewritten.iter().filter(|t| !said.contains(*t) && !maybe.contains(*t)).collect();
    let in_vain: Vec<&String> = said.difference(&rewritten).collect();
    assert!(missed.is_empty(), "rewritten and not named: {missed:?}");
    assert!(in_vain.is_empty(), "named and not rewritten: {in_vain:?}");
    let now = copy.stale();
    assert!(now.stale.is_empty() && now.unknown.is_empty() && now.come.is_empty(), "after the build: {now:#?}");
    copy.reset();
}

fn times(copy: &Copy) -> std::collections::BTreeMap<String, std::time::SystemTime> {
    let name = |row| String::from_utf8_lossy(copy.index.name(row)).into_owned();
    let time = |name: &String| fs::metadata(copy.folder.join(name)).ok()?.modified().ok();
    copy.index
        .rows()
        .iter()
        .filter(|r| !copy.index.name(r).starts_with(b"tools/"))
        .filter_map(|r| Some((name(r), time(&name(r))?)))
        .collect()
}

/// Every list of a built tree, written again by the program that a link named `fixdep` is, and by the library at once.
#[test]
fn every_list_of_a_built_tree_is_written_again_byte_for_byte() {
    let _alone = one_at_a_time();
    let tree = Tree::open(&built()).unwrap();
    let checked = check_tree(&tree, Dialect::of_tree(&tree));
    assert!(checked.targets > 500 && checked.same == checked.targets, "{checked:#?}");
    let scratch = tempfile::tempdir().unwrap();
    let link = scratch.path().join("fixdep");
    std::os::unix::fs::symlink(program(), &link).unwrap();
    let index = Index::build(&tree);
    let theirs = tree.object.join("scripts/basic/fixdep");
    // One process a target is slow; a part of them by default.
    let step = if std::env::var("KBUILD_CASES").is_ok() { 1 } else { 20 };
    let mut count = 0;
    for row in index.rows().iter().filter(|r| r.listed && !index.name(r).starts_with(b"tools/")).step_by(step) {
        let name = String::from_utf8_lossy(index.name(row)).into_owned();
        let (folder, base) = name.rsplit_once('/').map_or(("", name.as_str()), |(f, b)| (f, b));
        let text = fs::read(tree.object.join(folder).join(format!(".{base}.cmd"))).unwrap();
        let mut names: Vec<Vec<u8>> = Vec::new();
        let parsed = cmd::parse(&text, |body| {
            cmd::lines(body, |d: Dependency<'_>| {
                if !d.optional {
                    names.push(d.name.to_vec())
                }
            })
        })
        .unwrap();
        let mut depfile = [parsed.target, b":"].concat();
        for file in parsed.source.into_iter().map(<[u8]>::to_vec).chain(names) {
            depfile.extend([b" ".as_slice(), &file].concat());
        }
        depfile.push(b'\n');
        fs::write(scratch.path().join("d"), &depfile).unwrap();
        let command = String::from_utf8_lossy(parsed.command).into_owned();
        let print = |program: &Path| {
            let mut c = Command::new(program);
            c.arg(scratch.path().join("d")).args([&name, &command]).current_dir(&tree.object);
            let ran = run(&mut c);
            (ran.code, ran.out, ran.err)
        };
        let (ours, cs) = (print(&link), print(&theirs));
        assert!(ours == cs, "{name}: our fixdep and the tree's own print different lists");
        count += 1;
    }
    assert!(count > 20, "{count} targets");
}

/// Depfiles that no compiler writes: the same bytes, messages and exit codes as the kernel's program.
#[test]
fn odd_depfiles_are_read_as_the_kernels_program_reads_them() {
    let _alone = one_at_a_time();
    let tree = Tree::open(&built()).unwrap();
    let theirs = tree.object.join("scripts/basic/fixdep");
    let scratch = tempfile::tempdir().unwrap();
    let ours = scratch.path().join("fixdep");
    std::os::unix::fs::symlink(program(), &ours).unwrap();
    let files: [(&str, &[u8]); 7] = [
        ("a.c", b"int CONFIG_FOO; xCONFIG_NO _CONFIG_NO CONFIG_BAR_MODULE CONFIG_ CONFIG__MODULE CONFIG_A_MODULE_MODULE CONFIG_CONFIG_X"),
        ("b.h", b"#define Q CONFIG_FOO\nCONFIG_HH CONFIG_lower9\n"),
        ("e#f.h", b"CONFIG_HASH\n"),
        ("w\\ x.h", b"CONFIG_W\n"),
        ("x.rlib", b"CONFIG_R\n"),
        ("nul.h", b"CONFIG_UPC\0CONFIG_AFTER \xffCONFIG_HIGH"),
        ("high.h", b"\xffCONFIG_HIGH CONFIG_\xe9 CONFIG_U\xe9"),
    ];
    files.iter().for_each(|(name, text)| fs::write(scratch.path().join(name), text).unwrap());
    let depfiles = [
        "",
        "T.o:\n",
        "a.c b.h\n",
        "T.o: a.c b.h \\\n b.h nul.h high.h x.rlib\n",
        "T.o U.o : a.c\n",
        "T.o:a.c b.h\n",
        "T.o: a.c missing.h b.h\n",
        "T.o: a.c e\\#f.h\n",
        "T.o: a.c w\\ x.h\n",
        "T.o: a.c\\\n b.h",
        "T.o: a.c\tb.h\r\n",
        "# b.h\nT.o: a.c # b.h \\\n nul.h\nb.h:\n",
        "T.o: a.c\nU.o: b.h nul.h\n",
        "T.o: b.h a.c: nul.h\n",
        "T.o: b.h#a.c\n",
        "T.o\\\n: b.h a.c\n",
        "T.o : : b.h a.c\n",
        "T.o: a.c b.h\\",
        "T.o: a.c b.h\\:x\n",
        "T.o: ./a.c ././b.h foo/include/generated/autoconf.h\n",
    ];
    for depfile in depfiles {
        fs::write(scratch.path().join("d"), depfile).unwrap();
        let print = |program: &Path| {
            let mut command = Command::new(program);
            command.args(["d", "T.o", "gcc -c \"x\" $(pound)"]).env("srctree", &tree.source).current_dir(scratch.path());
            let output = command.output().unwrap();
            (
                output.status.code(),
                String::from_utf8_lossy(&output.stdout).into_owned(),
                String::from_utf8_lossy(&output.stderr).into_owned(),
            )
        };
        assert_eq!(print(&ours), print(&theirs), "{depfile:?}");
    }
    for words in [vec!["d"], vec!["none", "T", "C"], vec!["d", "T", "C", "more"], vec![".", "T", "C"]] {
        let print = |program: &Path| {
            let output = Command::new(program).args(&words).current_dir(scratch.path()).output().unwrap();
            (output.status.code(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
        };
        assert_eq!(print(&ours), print(&theirs), "{words:?}");
    }
}
