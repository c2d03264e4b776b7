//! The upstream archive of a source package: `apt-get source --download-only` with a source list of our own.

use std::fs;
use std::path::Path;

use crate::apt::{self, Command, Lists, Offer, Private};
use crate::apt_binary::{is_about_lists, spec};
use crate::context::Context;
use crate::digest;
use crate::error::{FetchError, io_at};
use crate::fetch::Fetched;
use crate::lock::LockEntry;
use crate::provider::Provider;
use crate::scratch::Scratch;
use crate::shelf::{self, Label};

pub(crate) fn fetch(
    provider: &Provider,
    package: &str,
    suffix: &str,
    locked: Option<&LockEntry>,
    ctx: &Context,
) -> Result<Fetched, FetchError> {
    let scratch = Scratch::new(&ctx.downloads, ".apt-").map_err(io_at("make a scratch folder in", &ctx.downloads))?;
    let private = Private::open(true, scratch.path(), ctx)?;
    let mut fresh = private.fresh;
    let mut lists = Lists::Private(private);
    let exact = spec(package, locked)?;
    loop {
        let mut result = from(provider, &exact, suffix, &lists, scratch.path(), ctx);
        // A revision of the package that is gone may have a successor with the very same upstream archive.
        if exact != package && result.as_ref().is_err_and(is_about_lists) {
            result = from(provider, package, suffix, &lists, scratch.path(), ctx);
        }
        match result {
            Err(FetchError::Offline | FetchError::Apt { .. }) if ctx.offline => {
                return shelf::recall(provider, None, ctx)?.ok_or(FetchError::Offline);
            }
            Err(error) if is_about_lists(&error) && !fresh => {
                let Lists::Private(private) = &mut lists else { return Err(error) };
                private.update(scratch.path(), ctx)?;
                if !private.fresh {
                    return Err(error);
                }
                fresh = true;
            }
            other => return other,
        }
    }
}

fn from(provider: &Provider, spec: &str, suffix: &str, lists: &Lists, folder: &Path, ctx: &Context) -> Result<Fetched, FetchError> {
    let offers = apt::offers(Command::Source, spec, lists, folder, ctx)?;
    let archive = choose(&offers, suffix).map_err(|reason| FetchError::Apt { command: format!("apt-get source {spec}"), reason })?;
    // apt's signed list states the hash, so what is here already need not come again
    if digest::is_sha256(&archive.sha256)
        && let Some(found) = shelf::find(&archive.sha256, ctx)?
        && found.provider == provider.kind()
    {
        return Ok(found);
    }
    if ctx.offline {
        return Err(FetchError::Offline);
    }
    let total: u64 = offers.iter().map(|o| o.size).fold(0, u64::saturating_add);
    if total > ctx.max_bytes {
        return Err(FetchError::TooLarge { what: archive.name.clone(), size: total, max: ctx.max_bytes });
    }
    apt::download(Command::Source, spec, lists, folder, total, ctx)?;
    let file = folder.join(&archive.name);
    let (sha256, _) = digest::hash_file(&file, ctx)?;
    if digest::is_sha256(&archive.sha256) && sha256 != archive.sha256 {
        return Err(FetchError::WrongBytes { what: archive.name.clone(), expected: archive.sha256.clone(), got: sha256 });
    }
    let description = offers.iter().find(|o| o.name.ends_with(".dsc"));
    let version = description.and_then(|d| stated_version(&fs::read_to_string(folder.join(&d.name)).ok()?));
    let label = Label { provider, version, origin: archive.name.clone(), name: &archive.name };
    shelf::adopt(&file, &sha256, label, ctx)
}

/// The offered file whose name ends as the recipe says. A trailing `*` or dot stands for any one ending.
fn choose<'a>(offers: &'a [Offer], suffix: &str) -> Result<&'a Offer, String> {
    let suffix = if suffix.is_empty() { ".orig.tar.*" } else { suffix };
    let fits = |name: &str| match suffix.strip_suffix('*').or(suffix.ends_with('.').then_some(suffix)) {
        Some(stem) => name.rsplit_once(stem).is_some_and(|(_, rest)| !rest.is_empty() && !rest.contains('.')),
        None => name.ends_with(suffix),
    };
    let found: Vec<&Offer> = offers.iter().filter(|o| fits(&o.name)).collect();
    let names = |of: &mut dyn Iterator<Item = &Offer>| of.map(|o| o.name.as_str()).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("none of its files ends in “{suffix}”: {}", names(&mut offers.iter()))),
        _ => Err(format!("several of its files end in “{suffix}”: {}", names(&mut found.iter().copied()))),
    }
}

/// The `Version` of a .dsc: its file name lacks the epoch.
fn stated_version(dsc: &str) -> Option<String> {
    dsc.lines().find_map(|l| l.strip_prefix("Version:")).map(|v| v.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_archive_is_chosen_among_the_files() {
        let offer = |name: &str| Offer { name: name.into(), size: 1, sha256: String::new() };
        let all = [offer("b_1-2.dsc"), offer("b_1.orig.tar.bz2"), offer("b_1.orig.tar.bz2.asc"), offer("b_1-2.debian.tar.xz")];
        for suffix in [".orig.tar.bz2", ".orig.tar.*", ".orig.tar.", ""] {
            assert_eq!(choose(&all, suffix).unwrap().name, "b_1.orig.tar.bz2", "{suffix}");
        }
        assert!(choose(&all, ".zip").unwrap_err().contains("b_1-2.dsc"));
        assert!(choose(&all, "z2*").is_err());
    }
}
