//! The kernel's scripts/kconfig/conf, by this crate.

use bootwright_kconfig::System;
use bootwright_kconfig::conf::{Conf, Io};
use bootwright_kconfig::probes::Identity;
use std::io::{BufWriter, IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let mut host = System::current();
    let cache = host.environment.get("KCONFIG_PROBE_CACHE").filter(|c| !c.is_empty());
    let probe_cache = cache.map(|file| (file.into(), Identity::new(&host.environment, "".as_ref())));
    let (mut input, mut out, mut err) = (stdin().lock(), BufWriter::new(stdout().lock()), BufWriter::new(stderr().lock()));
    let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal: stdin().is_terminal() && stdout().is_terminal() };
    ExitCode::from(Conf { host: &mut host, folder: "".into(), io, probe_cache }.run(&words))
}
