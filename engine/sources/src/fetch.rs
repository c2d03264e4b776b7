//! One source: its providers in order, the lock entry's word, and one error that names every provider that failed.

use std::fs;
use std::path::PathBuf;

use crate::context::Context;
use crate::digest::is_sha256;
use crate::error::{Attempt, FetchError, LockMismatch, io_at};
use crate::lock::LockEntry;
use crate::provider::{Provider, ProviderKind};
use crate::{apt_binary, apt_source, local, shelf, url};

/// A source that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What people call it, and its name in the lock file: `glibc`.
    pub name: String,
    pub providers: Vec<Provider>,
    /// This kind of provider is asked first.
    pub prefer: Option<ProviderKind>,
    /// What it resolved to before. Then only this provider is asked, and only these bytes are taken.
    pub locked: Option<LockEntry>,
}

/// A source that is here, its hash checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub file: PathBuf,
    pub sha256: String,
    pub size: u64,
    pub provider: ProviderKind,
    /// The package's version; files and addresses have none.
    pub version: Option<String>,
    /// Where the bytes came from, for people and the lock file.
    pub origin: String,
}

/// Gets one source. Blocks; see [`Context`] for listening and cancelling.
pub fn fetch(request: &Request, ctx: &Context) -> Result<Fetched, FetchError> {
    ctx.check()?;
    fs::create_dir_all(&ctx.downloads).map_err(io_at("make the folder", &ctx.downloads))?;
    for provider in &request.providers {
        validate(provider).map_err(|detail| FetchError::BadRequest { name: request.name.clone(), detail })?;
    }
    let order = match &request.locked {
        None => by_preference(request),
        Some(lock) => {
            let order = locked_providers(request, lock)?;
            if lock.provider != ProviderKind::File
                && let Some(found) = shelf::find(&lock.sha256.to_ascii_lowercase(), ctx)?
            {
                let (version, origin) = (lock.version.clone(), lock.origin.clone());
                return Ok(Fetched { provider: lock.provider, version, origin, ..found });
            }
            order
        }
    };
    let mut attempts = Vec::new();
    for (i, provider) in order.iter().enumerate() {
        ctx.check()?;
        match ask(provider, request.locked.as_ref(), ctx).and_then(|f| obey_lock(f, request)) {
            Ok(fetched) => return Ok(fetched),
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                if let Some(next) = order.get(i + 1) {
                    ctx.note(format!("{}: {error}; trying {next}", request.name));
                }
                attempts.push(Attempt { provider: provider.to_string(), error });
            }
        }
    }
    Err(FetchError::AllFailed { name: request.name.clone(), attempts })
}

fn ask(provider: &Provider, locked: Option<&LockEntry>, ctx: &Context) -> Result<Fetched, FetchError> {
    match provider {
        Provider::File { path } => local::fetch(path, ctx),
        Provider::Url { urls, sha256, size } => url::fetch(provider, urls, &sha256.to_ascii_lowercase(), *size, ctx),
        Provider::AptBinary { package, member } => apt_binary::fetch(provider, package, member, locked, ctx),
        Provider::AptSource { package, suffix } => apt_source::fetch(provider, package, suffix, locked, ctx),
    }
}

fn by_preference(request: &Request) -> Vec<&Provider> {
    let mut order: Vec<&Provider> = request.providers.iter().collect();
    order.sort_by_key(|p| Some(p.kind()) != request.prefer); // stable: the recipe's order holds among the rest
    order
}

/// The providers that may satisfy a lock entry, or why none can.
fn locked_providers<'a>(request: &'a Request, lock: &LockEntry) -> Result<Vec<&'a Provider>, FetchError> {
    let same_kind: Vec<&Provider> = request.providers.iter().filter(|p| p.kind() == lock.provider).collect();
    let mut pinned_otherwise = None;
    let may: Vec<&Provider> = same_kind
        .iter()
        .copied()
        .filter(|p| match p {
            Provider::Url { sha256, .. } if !sha256.eq_ignore_ascii_case(&lock.sha256) => {
                pinned_otherwise = Some((sha256.clone(), p.to_string()));
                false
            }
            _ => true,
        })
        .collect();
    match (may.is_empty(), pinned_otherwise) {
        (false, _) => Ok(may),
        (true, Some((got, origin))) => Err(mismatch(request, lock, got, origin)),
        (true, None) => Err(FetchError::LockedProviderGone { name: request.name.clone(), provider: lock.provider }),
    }
}

fn obey_lock(fetched: Fetched, request: &Request) -> Result<Fetched, FetchError> {
    match &request.locked {
        Some(lock) if !lock.sha256.eq_ignore_ascii_case(&fetched.sha256) => Err(mismatch(request, lock, fetched.sha256, fetched.origin)),
        _ => Ok(fetched),
    }
}

fn mismatch(request: &Request, lock: &LockEntry, got: String, origin: String) -> FetchError {
    FetchError::LockMismatch(Box::new(LockMismatch {
        name: request.name.clone(),
        provider: lock.provider,
        version: lock.version.clone(),
        expected: lock.sha256.clone(),
        got,
        origin,
    }))
}

/// Package names go to apt as arguments: one that begins with a dash would be an option.
fn validate(provider: &Provider) -> Result<(), String> {
    match provider {
        Provider::File { path } if path.as_os_str().is_empty() => Err("the path of the file is empty".into()),
        Provider::Url { sha256, .. } if !is_sha256(sha256) => {
            Err(format!("“{sha256}” is not a SHA-256 hash (64 hexadecimal digits); an address without one is never fetched"))
        }
        Provider::Url { urls, .. } if urls.is_empty() => Err("the list of addresses is empty".into()),
        Provider::AptBinary { package, .. } | Provider::AptSource { package, .. } if !is_package(package) => {
            Err(format!("“{package}” is not a package name"))
        }
        Provider::AptBinary { member, .. } if member.trim_start_matches(['.', '/']).is_empty() => {
            Err("the path inside the package is empty".into())
        }
        Provider::AptBinary { member, .. } if member.matches('*').count() > 4 => {
            Err("the path inside the package has more than four “*”".into()) // each multiplies the work of matching
        }
        _ => Ok(()),
    }
}

fn is_package(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts && name.len() <= 200 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+.-:".contains(&b))
}
