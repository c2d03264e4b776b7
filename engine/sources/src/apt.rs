//! apt-get without root: private folders where it needs to write, the system's keys and lists for everything it trusts.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::apt_lists;
use crate::child::{self, Finished};
use crate::context::{Context, Meter, Phase, TICK};
use crate::digest::Hasher;
use crate::error::{FetchError, io_at};

/// Private package lists older than this are brought up to date before they are asked.
const FRESH: Duration = Duration::from_secs(6 * 3600);

/// Hooks are for the system's lists: they would clean its caches or start its daemons, without the right to.
/// The other index files (descriptions, icons) are not needed to find a package.
const QUIET: &str = "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n\
    #clear Acquire::IndexTargets::deb::DEP-11;\n#clear Acquire::IndexTargets::deb::DEP-11-icons;\n\
    #clear Acquire::IndexTargets::deb::DEP-11-icons-small;\n#clear Acquire::IndexTargets::deb::DEP-11-icons-large;\n\
    #clear Acquire::IndexTargets::deb::Contents-deb;\n#clear Acquire::IndexTargets::deb-src::Contents-dsc;\n\
    #clear Acquire::IndexTargets::deb::CNF;\n";

/// One file apt offers: a line of `--print-uris`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub name: String,
    pub size: u64,
    /// Empty when the list states no SHA-256.
    pub sha256: String,
}

/// Whose package lists are asked.
pub(crate) enum Lists {
    /// The system's own, as they are.
    System,
    Private(Private),
}

/// Lists of our own, in the downloads folder. Locked while held.
pub(crate) struct Private {
    folder: PathBuf,
    sources: bool,
    stamp: String,
    /// Whether they were brought up to date just now.
    pub fresh: bool,
    _lock: File,
}

impl Private {
    /// Opens the private lists (of sources, or of binary packages) and brings them up to date when they are old.
    pub fn open(sources: bool, scratch: &Path, ctx: &Context) -> Result<Self, FetchError> {
        let folder = ctx.downloads.join("apt").join(if sources { "source" } else { "binary" });
        for part in ["lists/partial", "etc", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(part)).map_err(io_at("make the folder", &folder))?;
        }
        let lock = File::open(&folder).map_err(io_at("open", &folder))?;
        while let Err(fs::TryLockError::WouldBlock) = lock.try_lock() {
            ctx.pause(TICK)?; // another thread brings the lists up to date; they will be ours then
        }
        let lists = apt_lists::collect(&ctx.apt_etc).map_err(io_at("read apt's source lists in", &ctx.apt_etc))?;
        let mut hasher = Hasher::default();
        hasher.update(format!("{lists:?}").as_bytes());
        let write = |name: &str, text: &str| fs::write(folder.join(name), text).map_err(io_at("write", &folder));
        write("quiet.conf", QUIET)?;
        if sources {
            write("bootwright.list", &lists.lines)?;
            write("etc/bootwright.sources", &lists.stanzas)?;
        }
        let mut private = Self { folder, sources, stamp: hasher.hex(), fresh: false, _lock: lock };
        if !ctx.offline && !private.is_recent() {
            private.update(scratch, ctx)?;
        }
        Ok(private)
    }

    fn is_recent(&self) -> bool {
        let stamp = self.folder.join("updated");
        let age = fs::metadata(&stamp).and_then(|m| m.modified()).ok().and_then(|t| SystemTime::now().duration_since(t).ok());
        age.is_some_and(|a| a < FRESH) && fs::read_to_string(&stamp).is_ok_and(|s| s == self.stamp)
    }

    /// `apt-get update` for these lists. One place that cannot be reached does not spoil the others, so a failure is
    /// only told: the search that follows finds the package or not.
    pub fn update(&mut self, scratch: &Path, ctx: &Context) -> Result<(), FetchError> {
        ctx.note(format!("reading the distribution's list of {}", if self.sources { "source packages" } else { "packages" }));
        let mut arguments = options(ctx);
        arguments.extend(self.options());
        arguments.extend(["-q".into(), "update".into()]);
        let partial = self.folder.join("lists");
        let mut watch = || folder_size(&partial);
        let patience = ctx.timeouts.stall * 4; // it also checks signatures and sorts, with nothing growing
        let done = child::run(&ctx.apt_get, &arguments, scratch, patience, &mut watch, ctx)?;
        match done {
            Some(Finished { success: true, stderr, .. }) if !stderr.contains("Failed to fetch") => {
                self.fresh = true;
                let stamp = self.folder.join("updated");
                fs::write(&stamp, &self.stamp).map_err(io_at("write", &stamp))
            }
            Some(Finished { stderr, .. }) => {
                ctx.note(format!("apt-get update: {}", complaint(&stderr)));
                Ok(())
            }
            None => {
                ctx.note(format!("apt-get update: nothing arrived for {} s", patience.as_secs()));
                Ok(())
            }
        }
    }

    fn options(&self) -> Vec<OsString> {
        let mut options: Vec<OsString> = vec!["-c".into(), self.folder.join("quiet.conf").into()];
        options.extend(option("Dir::State::lists", &self.folder.join("lists")));
        options.extend(option("Dir::Cache", &self.folder.join("cache")));
        options.extend(option("Acquire::Languages", Path::new("none")));
        if self.sources {
            options.extend(option("Dir::Etc::sourcelist", &self.folder.join("bootwright.list")));
            options.extend(option("Dir::Etc::sourceparts", &self.folder.join("etc")));
        }
        options
    }
}

impl Lists {
    fn options(&self) -> Vec<OsString> {
        match self {
            Lists::System => Vec::new(),
            Lists::Private(private) => private.options(),
        }
    }
}

/// Which of apt-get's two ways of getting a package.
#[derive(Clone, Copy)]
pub(crate) enum Command {
    Download,
    Source,
}

impl Command {
    fn words(self) -> Vec<OsString> {
        match self {
            Command::Download => vec!["download".into()],
            Command::Source => vec!["source".into(), "--download-only".into()],
        }
    }
}

/// What apt would download for `package` or `package=version`, without doing it.
pub(crate) fn offers(command: Command, spec: &str, lists: &Lists, scratch: &Path, ctx: &Context) -> Result<Vec<Offer>, FetchError> {
    let mut arguments = arguments(command, lists, ctx);
    arguments.extend(["--print-uris".into(), spec.into()]);
    let done = child::run(&ctx.apt_get, &arguments, scratch, ctx.timeouts.stall * 4, &mut || 0, ctx)?;
    let done = judged(done, command, spec)?;
    let offers: Vec<Offer> = done.stdout.lines().filter_map(offer).collect();
    if offers.is_empty() {
        return Err(failure(command, spec, "it offers no file".into()));
    }
    Ok(offers)
}

/// Downloads into `folder`. Apt checks the files against its signed lists.
pub(crate) fn download(command: Command, spec: &str, lists: &Lists, folder: &Path, total: u64, ctx: &Context) -> Result<(), FetchError> {
    let mut arguments = arguments(command, lists, ctx);
    arguments.extend(["-q".into(), spec.into()]);
    let mut meter = ctx.meter(Phase::Download, Some(total));
    let mut watch = || tell_size(folder, total, &mut meter);
    // twice: once the bytes are here apt hashes them, and nothing grows
    let done = child::run(&ctx.apt_get, &arguments, folder, ctx.timeouts.stall * 2, &mut watch, ctx)?;
    judged(done, command, spec)?;
    meter.end(total);
    Ok(())
}

fn tell_size(folder: &Path, total: u64, meter: &mut Meter) -> u64 {
    let size = folder_size(folder).min(total);
    meter.at(size);
    size
}

fn arguments(command: Command, lists: &Lists, ctx: &Context) -> Vec<OsString> {
    let mut arguments = options(ctx);
    arguments.extend(lists.options());
    arguments.extend(command.words());
    arguments
}

fn options(ctx: &Context) -> Vec<OsString> {
    let seconds = |d: Duration| d.as_secs().max(1).to_string();
    let stall = seconds(ctx.timeouts.stall);
    let options = [
        ("APT::Sandbox::User", "root"), // as root, apt would become _apt, which may not enter our folders
        ("DPkg::Lock::Timeout", "300"),
        ("Acquire::Retries", "1"),
        ("Acquire::http::Timeout", &stall),
        ("Acquire::https::Timeout", &stall),
        // whatever the machine's own configuration says: unsigned packages are not taken
        ("APT::Get::AllowUnauthenticated", "false"),
        ("Acquire::AllowInsecureRepositories", "false"),
    ];
    options.iter().flat_map(|(name, value)| option(name, Path::new(value))).collect()
}

fn option(name: &str, value: &Path) -> [OsString; 2] {
    let mut text = OsString::from(name);
    text.push("=");
    text.push(value);
    ["-o".into(), text]
}

fn judged(done: Option<Finished>, command: Command, spec: &str) -> Result<Finished, FetchError> {
    match done {
        Some(done) if done.success => Ok(done),
        Some(done) => Err(failure(command, spec, complaint(&done.stderr))),
        None => Err(failure(command, spec, "nothing arrived for too long, so it was ended".into())),
    }
}

fn failure(command: Command, spec: &str, reason: String) -> FetchError {
    let word = match command {
        Command::Download => "download",
        Command::Source => "source",
    };
    FetchError::Apt { command: format!("apt-get {word} {spec}"), reason }
}

/// The lines in which apt says what is wrong, without its advice.
fn complaint(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().filter_map(|l| l.strip_prefix("E: ").or(l.strip_prefix("Err:"))).take(3).collect();
    match lines.is_empty() {
        true => stderr.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("it gave no reason").trim().into(),
        false => lines.join("; "),
    }
}

/// `'http://…' name.deb 123 SHA256:abc…`
fn offer(line: &str) -> Option<Offer> {
    let (_, rest) = line.strip_prefix('\'')?.split_once("' ")?;
    let mut words = rest.split_whitespace();
    let name = words.next()?.to_owned();
    let size = words.next()?.parse().ok()?;
    let sha256 = words.next().and_then(|h| h.strip_prefix("SHA256:")).unwrap_or_default().to_owned();
    (!name.contains('/') && !name.starts_with('.')).then_some(Offer { name, size, sha256 })
}

/// Bytes in a folder and its `partial` folder, to see a download grow.
fn folder_size(folder: &Path) -> u64 {
    let sum = |folder: &Path| -> u64 {
        let Ok(entries) = fs::read_dir(folder) else { return 0 };
        entries.flatten().filter_map(|e| e.metadata().ok()).filter(|m| m.is_file()).map(|m| m.len()).sum()
    };
    sum(folder) + sum(&folder.join("partial"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_print_uris() {
        let found = offer("'http://x/a%2bb_1%253a2_all.deb' a_1%3a2_all.deb 12 SHA256:ab").unwrap();
        assert_eq!(found, Offer { name: "a_1%3a2_all.deb".into(), size: 12, sha256: "ab".into() });
        assert_eq!(offer("'http://x/y' ../y 1 SHA256:ab"), None);
        assert_eq!(offer("Reading package lists..."), None);
    }

    #[test]
    fn the_complaint_is_what_apt_calls_an_error() {
        assert_eq!(complaint("W: old\nE: Unable to locate package x\n"), "Unable to locate package x");
        assert_eq!(complaint("strange\n\n"), "strange");
        assert_eq!(complaint(""), "it gave no reason");
    }
}
