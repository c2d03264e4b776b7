//! A file inside a binary package: `apt-get download`, then the member taken out of the .deb.

use crate::apt::{self, Command, Lists, Private};
use crate::context::Context;
use crate::deb;
use crate::error::{FetchError, io_at};
use crate::fetch::Fetched;
use crate::lock::LockEntry;
use crate::provider::Provider;
use crate::scratch::Scratch;
use crate::shelf::{self, Label};

pub(crate) fn fetch(
    provider: &Provider,
    package: &str,
    member: &str,
    locked: Option<&LockEntry>,
    ctx: &Context,
) -> Result<Fetched, FetchError> {
    let scratch = Scratch::new(&ctx.downloads, ".apt-").map_err(io_at("make a scratch folder in", &ctx.downloads))?;
    let spec = spec(package, locked)?;
    let mut wanted = Wanted { provider, package, member, spec: &spec, scratch: &scratch, ctx };
    let system = wanted.from(&Lists::System);
    let first = match system {
        Ok(fetched) => return Ok(fetched),
        Err(error) if error.is_final() || !is_about_lists(&error) => return Err(error),
        Err(error) => error,
    };
    if !ctx.offline {
        // A machine or container where apt-get update never ran, or not lately: lists of our own.
        let mut private = Private::open(false, scratch.path(), ctx)?;
        let mut fresh = private.fresh;
        let mut result = wanted.from(&Lists::Private(private));
        if !fresh && result.as_ref().is_err_and(is_about_lists) {
            private = Private::open(false, scratch.path(), ctx)?;
            private.update(scratch.path(), ctx)?;
            fresh = private.fresh;
            result = wanted.from(&Lists::Private(private));
        }
        return match result {
            Err(error) if !fresh && is_about_lists(&error) => Err(first), // no new lists to be had: the first word is the better one
            other => other,
        };
    }
    // The lists may have moved on since this was fetched; offline, what is here will do.
    let version = locked.and_then(|l| l.version.as_deref());
    shelf::recall(provider, version, ctx)?.ok_or(FetchError::Offline)
}

/// `package`, or `package=version` when a version is locked.
pub(crate) fn spec(package: &str, locked: Option<&LockEntry>) -> Result<String, FetchError> {
    let Some(version) = locked.and_then(|l| l.version.as_deref()) else { return Ok(package.into()) };
    let plain = version.bytes().all(|b| b.is_ascii_alphanumeric() || b".+:~-".contains(&b));
    if version.is_empty() || !plain {
        let detail = format!("the lock file's version “{version}” is not one of a package; remove the entry");
        return Err(FetchError::BadRequest { name: package.into(), detail });
    }
    Ok(format!("{package}={version}"))
}

/// Newer lists can help against these: the package is unknown, or its file was replaced on the server.
pub(crate) fn is_about_lists(error: &FetchError) -> bool {
    matches!(error, FetchError::Apt { .. } | FetchError::Offline)
}

struct Wanted<'a> {
    provider: &'a Provider,
    package: &'a str,
    member: &'a str,
    spec: &'a str,
    scratch: &'a Scratch,
    ctx: &'a Context<'a>,
}

impl Wanted<'_> {
    fn from(&mut self, lists: &Lists) -> Result<Fetched, FetchError> {
        let (ctx, folder) = (self.ctx, self.scratch.path());
        let offers = apt::offers(Command::Download, self.spec, lists, folder, ctx)?;
        let Some(offer) = offers.into_iter().find(|o| o.name.ends_with(".deb")) else {
            let reason = "it offers no .deb file".into();
            return Err(FetchError::Apt { command: format!("apt-get download {}", self.spec), reason });
        };
        let version = version_of(&offer.name);
        if let Some(found) = shelf::recall(self.provider, version.as_deref(), ctx)? {
            return Ok(found);
        }
        if ctx.offline {
            return Err(FetchError::Offline);
        }
        if offer.size > ctx.max_bytes {
            return Err(FetchError::TooLarge { what: offer.name, size: offer.size, max: ctx.max_bytes });
        }
        apt::download(Command::Download, self.spec, lists, folder, offer.size, ctx)?;
        let deb = folder.join(&offer.name);
        let target = folder.join("member");
        let taken = deb::take(&deb, self.package, self.member, &target, ctx)?;
        let name = taken.path.rsplit('/').next().unwrap_or_default();
        let label = Label { provider: self.provider, version, origin: format!("{}: {}", offer.name, taken.path), name };
        shelf::adopt(&target, &taken.sha256, label, ctx)
    }
}

/// `name_1%3a2-3_all.deb` → `1:2-3`.
fn version_of(deb: &str) -> Option<String> {
    Some(deb.split('_').nth(1)?.replace("%3a", ":").replace("%3A", ":"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderKind;

    #[test]
    fn versions_keep_their_epoch() {
        assert_eq!(version_of("linux-source-6.12_6.12.117-1~deb12u1_all.deb").as_deref(), Some("6.12.117-1~deb12u1"));
        assert_eq!(version_of("busybox_1%3a1.35.0-4_amd64.deb").as_deref(), Some("1:1.35.0-4"));
    }

    #[test]
    fn a_locked_version_cannot_smuggle_words() {
        let mut lock = LockEntry {
            provider: ProviderKind::AptBinary,
            version: Some("1:2~x".into()),
            sha256: String::new(),
            size: 0,
            origin: String::new(),
        };
        assert_eq!(spec("a", Some(&lock)).unwrap(), "a=1:2~x");
        lock.version = Some("1 --allow-unauthenticated".into());
        assert!(spec("a", Some(&lock)).is_err());
    }
}
