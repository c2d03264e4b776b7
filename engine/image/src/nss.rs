//! What looking up host names needs beyond the libraries that programs name: glibc's modules for files and DNS.
//!
//! glibc finds its name service modules at run time, by name, so no `DT_NEEDED` entry shows them. Since glibc 2.34 the
//! modules for files and DNS are part of libc itself and a program needs nothing more; before, `libnss_files.so.2` and
//! `libnss_dns.so.2` had to stand beside it. Which of the two holds is found by looking into the libc at hand, not from its
//! version: a distribution may have patched it.

use crate::Error;
use crate::closure::{Asked, Library, Walk};
use crate::elf;
use std::path::{Path, PathBuf};

/// A source of host names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// `/etc/hosts`.
    Files,
    /// DNS, by `/etc/resolv.conf`.
    Dns,
}

impl Service {
    /// Both, in the order of the usual `hosts: files dns`.
    pub const ALL: [Service; 2] = [Service::Files, Service::Dns];

    /// The function that libc calls for this service: `_nss_` service `_` function, by glibc's naming of module functions.
    pub fn symbol(self) -> &'static str {
        match self {
            Service::Files => "_nss_files_gethostbyname_r",
            Service::Dns => "_nss_dns_gethostbyname_r",
        }
    }

    /// The library that held it before libc did.
    pub fn module(self) -> &'static str {
        match self {
            Service::Files => "libnss_files.so.2",
            Service::Dns => "libnss_dns.so.2",
        }
    }
}

/// glibc's function that selects services. A libc without it (musl, uClibc) asks files and DNS by itself, without modules.
pub const SWITCH_SYMBOL: &str = "__nss_configure_lookup";

/// What was looked for in libc for one service, and whether it was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The service.
    pub service: Service,
    /// The symbol looked for, [`Service::symbol`].
    pub symbol: &'static str,
    /// Whether libc itself defines it.
    pub in_libc: bool,
    /// The module that is needed because libc has a switch and does not define the symbol.
    pub module: Option<&'static str>,
}

/// What looking up host names needs with one libc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameResolution {
    /// The libc that was looked into.
    pub libc: PathBuf,
    /// Whether it defines [`SWITCH_SYMBOL`], so that modules matter at all.
    pub has_switch: bool,
    /// One finding a service, in the order of [`Service::ALL`].
    pub findings: Vec<Finding>,
    /// The modules needed and everything they need, libc and its loader among them if a module names those; empty when
    /// libc does it alone. [`crate::closure::Closure::add`] merges them.
    pub libraries: Vec<Library>,
}

/// Looks into `libc` (the file `libc.so.6`, or musl's `ld-musl-*.so.1`) for the functions that look up host names, and finds
/// the modules it lacks in the folders `search`.
///
/// # Errors
/// [`Error::Unresolved`] when a module that is needed, or one of its needs, is in none of the folders; the errors of
/// [`elf::inspect`] when `libc` cannot be read as ELF.
pub fn nss_modules(libc: &Path, search: &[PathBuf]) -> Result<NameResolution, Error> {
    let target = elf::inspect(libc)?.target;
    let symbols = elf::defined_dynamic_symbols(libc)?;
    let has_switch = symbols.contains(SWITCH_SYMBOL);
    let mut walk = Walk::new(search);
    let mut findings = Vec::new();
    for service in Service::ALL {
        let in_libc = symbols.contains(service.symbol());
        let module = (has_switch && !in_libc).then(|| service.module());
        if let Some(module) = module {
            walk.ask(module, target, libc, Asked::NameService);
        }
        findings.push(Finding { service, symbol: service.symbol(), in_libc, module });
    }
    Ok(NameResolution { libc: libc.to_owned(), has_switch, findings, libraries: walk.finish()? })
}
