//! The program as one of the kernel's own tools: what it is depends on the name it is called by.

use bootwright_kbuild::fixdep::Dialect;
use bootwright_kconfig::System;
use bootwright_kconfig::conf::{Conf, Io};
use bootwright_kconfig::probes::Identity;
use std::io::{BufWriter, IsTerminal, stderr, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

/// Runs as that tool, if the program's name is one's.
pub fn run() -> Option<ExitCode> {
    let words: Vec<String> = std::env::args_os().map(|w| w.to_string_lossy().into_owned()).collect();
    let name = Path::new(words.first()?).file_name()?.to_str()?;
    match name {
        "conf" => Some(conf(&words)),
        "fixdep" => Some(fixdep()),
        _ => None,
    }
}

/// scripts/basic/fixdep, of the tree that it is run for: Kbuild runs it in the object folder, with the sources in `srctree`.
/// `FIXDEP_DIALECT` says otherwise whose: linux (6.3 and later), linux-6.1 or busybox.
fn fixdep() -> ExitCode {
    use std::os::unix::ffi::OsStringExt;
    let dialect = match std::env::var("FIXDEP_DIALECT") {
        Ok(name) => match Dialect::named(&name) {
            Some(dialect) => dialect,
            None => {
                eprintln!("fixdep: FIXDEP_DIALECT is {name}; there are linux, linux-6.1 and busybox");
                return ExitCode::from(1);
            }
        },
        Err(_) => {
            let sources = std::env::var_os("srctree").into_iter().chain(["".into(), "source".into()]);
            sources.into_iter().find_map(|folder| Dialect::of_source(Path::new(&folder))).unwrap_or_default()
        }
    };
    let words: Vec<Vec<u8>> = std::env::args_os().skip(1).map(OsStringExt::into_vec).collect();
    ExitCode::from(bootwright_kbuild::fixdep::run(dialect, &words, &mut stdout().lock(), &mut stderr().lock()))
}

/// scripts/kconfig/conf. `KCONFIG_PROBE_CACHE` names a file in which the shell's answers are kept between runs.
fn conf(words: &[String]) -> ExitCode {
    let mut host = System::current();
    let cache = host.environment.get("KCONFIG_PROBE_CACHE").filter(|c| !c.is_empty());
    let probe_cache = cache.map(|file| (file.into(), Identity::new(&host.environment, Path::new(""))));
    let terminal = stdin().is_terminal() && stdout().is_terminal();
    let (mut input, mut out, mut err) = (stdin().lock(), BufWriter::new(stdout().lock()), BufWriter::new(stderr().lock()));
    let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal };
    ExitCode::from(Conf { host: &mut host, folder: "".into(), io, probe_cache }.run(words))
}
