//! Real-looking files with bytes, words and lines changed by chance: whatever comes of it is read, solved and written, without a
//! panic and in bounded time and memory.
//!
//! `KCONFIG_MUTANTS=COUNT` makes more of them, and with `KCONFIG_MUTANTS_OF=TREE` of that tree's own files:
//! `KCONFIG_MUTANTS=100000 KCONFIG_MUTANTS_OF=linux-6.12 cargo test --release -p bootwright-kconfig mutants`.

use super::{tree_in, tree_of};
use crate::rand::Rand;
use crate::{Dialect, Severity, Solver, Tree};
use std::path::{Path, PathBuf};

const SEEDS: [&str; 4] = [
    "mainmenu \"Linux/$(ARCH) $(KERNELVERSION) Kernel\"\n\ncomment \"Compiler: $(CC_VERSION_TEXT)\"\n\n\
cc-option = $(success,$(CC) -Werror $(1) -c -x c /dev/null)\nsuccess = $(if-success,$(1),y,n)\nif-success = $(shell-,{ $(1); } && echo \"$(2)\" || echo \"$(3)\")\n\
m64-flag := $(cc-option,-m64)\nm64-flag += $(m64-flag)\n$(warning-if,$(error-if,n,no),nothing)\nsource \"Kconfig.sub\"\n",
    "config MODULES\n\tbool \"Enable loadable module support\"\n\tmodules\n\tdefault y\n\thelp\n\t  Kernel modules are small.\n\n\t  More.\n\n\
if MODULES\nconfig MODULE_FORCE_LOAD\n\tbool \"Forced module loading\" if !EXPERT || (X86 && 64BIT = y)\n\tdepends on !MODULE_SIG && NET != m\n\tdefault n\n\
choice\n\tprompt \"Which hash\"\n\tdefault SHA1 if X86\n\tdefault SHA256\n\thelp\n\t  Pick.\nconfig SHA1\n\tbool \"one\"\n\tselect CRYPTO_SHA1\n\
config SHA256\n\tbool \"two\"\n\tdepends on NET\nendchoice\nconfig HASH\n\tstring\n\tdefault \"sha1\" if SHA1\n\tdefault 'sha256' if SHA256\nendif\n",
    "menuconfig NET\n\ttristate \"Networking\"\n\tselect NLATTR\n\timply CRYPTO_SHA1 if MODULES\n\nif NET\nmenu \"Options\"\n\tvisible if EXPERT\n\tdepends on X86\n\
config PACKET\n\ttristate \"Packet socket\"\n\tdepends on INET || !INET\nconfig BITS\n\tint \"Bits\"\n\trange 8 28 if MODULES\n\trange LOW 0x20\n\tdefault 16 if PACKET >= 3\n\
\tdefault 0x10\nconfig LOW\n\thex \"Low\" if BITS <= 12\n\trange 0 0xffff\n\tdefault 1f\ncomment \"nothing \\\"here\\\"\"\n\tdepends on NLATTR=n\nendmenu\nendif\n",
    "config NLATTR\n\tbool\nconfig CRYPTO_SHA1\n\tdef_tristate m if NET=m\nconfig X86\n\tdef_bool $(m64-flag)\nconfig 64BIT\n\tbool \"64\" if \"$(ARCH)\" = \"x86\"\n\
\tdefault \"$(ARCH)\" != \"i386\"\nconfig EXPERT\n\tbool \"Expert\"\n\tselect \\\n\t\tNLATTR\nconfig INET\n\tbool \"tcp\" # a comment\n\tprompt \"again\"\n\
\t---help---\n\t  Old.\nrsource \"x\"\nconfig OLD\n\tstring\n\toption env=\"ARCH\"\n\toptional\n\
config NEW_LOW\n\thex \"new\"\n\tdepends on NET if INET && !(PACKET = m)\n\tdefault OLD_LOW if NET\nconfig OLD_LOW\n\thex\n\ttransitional\n",
];

/// Another text: one to six changes of bytes, words and lines.
fn mutant(text: &str, others: &str, rand: &mut Rand) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=rand.next() % 6 {
        let mut pick = |most: usize| rand.next() as usize % most.max(1);
        let at = pick(bytes.len());
        match pick(10) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = pick(256) as u8,
            2 => bytes.insert(at, b"\"'$()&|!=<>\\\n\t #,\x00\xff"[pick(19)]),
            // A piece of this or another text, put anywhere, once or many times.
            3 | 4 => {
                let from = pick(others.len());
                let piece = others.as_bytes()[from..others.len().min(from + pick(200))].to_vec();
                let many = if pick(20) == 0 { 30 } else { 1 };
                bytes.splice(at..at, piece.repeat(many));
            }
            5 => drop(bytes.drain(at..(at + pick(60)).min(bytes.len()))),
            kind => {
                let by_line = kind < 8;
                let mut pieces: Vec<Vec<u8>> =
                    bytes.split_inclusive(|b| if by_line { *b == b'\n' } else { !b.is_ascii_alphanumeric() }).map(<[u8]>::to_vec).collect();
                let (a, b) = (pick(pieces.len()), pick(pieces.len()));
                match pick(3) {
                    _ if pieces.is_empty() => {}
                    0 => pieces.swap(a, b),
                    1 => drop(pieces.remove(a)),
                    _ => pieces.insert(b, pieces[a].clone()),
                }
                bytes = pieces.concat();
            }
        }
    }
    bytes
}

/// All that is done with a tree, whatever it is.
fn live_with(tree: Tree, config: &[u8], rand: &mut Rand) {
    assert!(tree.diagnostics.iter().all(|d| d.severity < Severity::Error || !d.message.is_empty()));
    let mut solver = Solver::new(tree);
    solver.warn = true;
    solver.read_answers("mutant", &String::from_utf8_lossy(config), true);
    solver.forget();
    let order = solver.tree.table_order();
    solver.settle(&order);
    let text = solver.dot_config();
    solver.defconfig();
    solver.auto_conf(&order, false);
    solver.autoconf_h(&order, false);
    solver.read_answers("again", &text, false);
    solver.forget();
    for _ in 0..3 {
        let symbols: Vec<_> = solver.tree.symbol_ids().collect();
        let s = symbols[rand.next() as usize % symbols.len()];
        solver.why(s);
        solver.why_not(s, "y");
        if let Ok((_, step)) = solver.set(s, "y") {
            solver.undo(step);
        }
    }
}

fn count(usual: usize) -> usize {
    std::env::var("KCONFIG_MUTANTS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn changed_files_break_nothing() {
    let mut rand = Rand::new(20);
    let all = SEEDS.concat();
    let config = "CONFIG_MODULES=y\n# CONFIG_NET is not set\nCONFIG_BITS=12\nCONFIG_LOW=0x1f\nCONFIG_HASH=\"a\\\"b\"\nCONFIG_SHA256=y\nCONFIG_OLD_LOW=0x3\n";
    let dialects = ["linux-7.3", "linux-6.12", "linux-6.1", "linux-4", "u-boot", "coreboot", "kconfiglib", "busybox"];
    let folder = tempfile::tempdir().unwrap();
    for i in 0..count(700) {
        let mut tops = Vec::new();
        for (k, seed) in SEEDS.iter().enumerate() {
            tops.push(if rand.next().is_multiple_of(3) { seed.as_bytes().to_vec() } else { mutant(seed, &all, &mut rand) });
            if k == 3 {
                std::fs::write(folder.path().join("Kconfig.sub"), tops.concat()).unwrap();
            }
        }
        std::fs::write(folder.path().join("Kconfig"), tops.concat()).unwrap();
        let dialect = Dialect::named(dialects[i % dialects.len()]).unwrap();
        let tree = tree_of(folder.path(), "Kconfig", dialect);
        live_with(tree, &mutant(config, &all, &mut rand), &mut rand);
    }
}

/// The Kconfig files below a folder, at most as many.
fn kconfig_files(top: &Path, most: usize) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![top.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() && name.starts_with("Kconfig") || name == "Config.in" => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found.truncate(most);
    found
}

#[test]
fn changed_files_of_a_given_tree_break_nothing() {
    let Some(top) = std::env::var_os("KCONFIG_MUTANTS_OF") else { return };
    let texts: Vec<String> = kconfig_files(Path::new(&top), 5000)
        .iter()
        .map(|f| String::from_utf8_lossy(&std::fs::read(f).unwrap()).replace("$(shell,", "$(info,"))
        .collect();
    assert!(texts.len() > 10, "{} files", texts.len());
    let mut rand = Rand::new(7);
    let folder = tempfile::tempdir().unwrap();
    for i in 0..count(1000) {
        let text = &texts[rand.next() as usize % texts.len()];
        let other = &texts[rand.next() as usize % texts.len()];
        std::fs::write(folder.path().join("Kconfig"), mutant(text, other, &mut rand)).unwrap();
        let start = std::time::Instant::now();
        let tree = tree_in(folder.path(), "Kconfig");
        live_with(tree, b"CONFIG_NET=y\n", &mut rand);
        if start.elapsed().as_secs() > 2 {
            eprintln!("mutant {i} took {:?}", start.elapsed());
            std::fs::copy(folder.path().join("Kconfig"), format!("/tmp/slow-mutant-{i}")).unwrap();
        }
    }
}
