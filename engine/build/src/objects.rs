//! When each object of a build inside a step was made.
//!
//! Start: the moment the line that names it arrived; Kbuild and make print it just before they start the compiler.
//! End: when the file was written last. For Kbuild that is the `.NAME.cmd` file beside it, which is written once everything
//! of the rule has run (objtool, fixdep), else the file itself. Both are measured; a thing whose file is not found, or is
//! older than its line, is left out. File times are those of the kernel's coarse clock: some 4 ms.
//!
//! Why: what Kbuild prints behind the target where `KBUILD_VERBOSE` has a 2 (Documentation/kbuild/kbuild.rst); in a tree where
//! nothing was built yet there is one reason for all.

use crate::event::ObjectTime;
use bootwright_model::Counter;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

const EVERY: Duration = Duration::from_millis(500);
/// How many of the youngest are looked at while the build runs; the end looks at all.
const LOOKED_AT: usize = 64;
/// Kept in all; a kernel with every driver has some 30,000.
const MOST: usize = 65_536;
/// In letters; a header that changed may be named with hundreds of others.
const LONGEST_REASON: usize = 400;
/// Folders that make said it entered.
const MOST_FOLDERS: usize = 256;
/// How much older than its line a new file may look: the coarse clock.
const COARSE: u64 = 10;

struct Pending {
    name: String,
    file: PathBuf,
    start_ms: u64,
    why: Option<String>,
}

pub struct Objects {
    counter: Counter,
    /// Nothing was built here before.
    fresh: bool,
    /// Where relative paths may start, the likeliest first.
    bases: Vec<PathBuf>,
    pending: VecDeque<Pending>,
    looked: Instant,
}

impl Objects {
    pub fn new(counter: Counter, fresh: bool, bases: Vec<PathBuf>) -> Self {
        Self { counter, fresh, bases, pending: VecDeque::new(), looked: Instant::now() }
    }

    pub fn line(&mut self, line: &str, now_ms: u64) {
        if self.counter == Counter::None {
            return;
        }
        if let Some(folder) = entered(line) {
            let folder = PathBuf::from(folder);
            if self.bases.len() < MOST_FOLDERS && !self.bases.contains(&folder) {
                self.bases.push(folder);
            }
            return;
        }
        let (line, why) = reason(self.counter, line);
        let why = why.or(self.fresh.then_some("target missing")).map(|why| why.chars().take(LONGEST_REASON).collect());
        if let Some((name, file)) = made(self.counter, line) {
            if self.pending.len() >= MOST {
                self.pending.pop_front();
            }
            self.pending.push_back(Pending { name, file: file.into(), start_ms: now_ms, why });
        }
    }

    /// What is finished by now, if it is time to look again.
    pub fn finished(&mut self, at_ms: &dyn Fn(SystemTime) -> Option<u64>) -> Vec<ObjectTime> {
        if self.pending.is_empty() || self.looked.elapsed() < EVERY {
            return Vec::new();
        }
        self.looked = Instant::now();
        let from = self.pending.len().saturating_sub(LOOKED_AT);
        let young: Vec<Pending> = self.pending.drain(from..).collect();
        let mut found = Vec::new();
        for p in young {
            match self.end(&p, true, at_ms) {
                Some(end_ms) => found.push(ObjectTime { name: p.name, start_ms: p.start_ms, end_ms, why: p.why }),
                None => self.pending.push_back(p),
            }
        }
        found
    }

    /// The command has ended: what is there now is all there will be.
    pub fn rest(&mut self, at_ms: &dyn Fn(SystemTime) -> Option<u64>) -> Vec<ObjectTime> {
        let all = std::mem::take(&mut self.pending);
        all.into_iter()
            .filter_map(|p| Some(ObjectTime { end_ms: self.end(&p, false, at_ms)?, name: p.name, start_ms: p.start_ms, why: p.why }))
            .collect()
    }

    /// `running`: the command may still be at work on it.
    fn end(&self, p: &Pending, running: bool, at_ms: &dyn Fn(SystemTime) -> Option<u64>) -> Option<u64> {
        let written = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
        let young = |time: SystemTime| at_ms(time).filter(|t| t + COARSE >= p.start_ms);
        // An absolute path is the same from every folder: a big build enters hundreds.
        let bases = if p.file.is_absolute() { 1 } else { self.bases.len() };
        self.bases.iter().take(bases).map(|b| b.join(&p.file)).find_map(|file| {
            let own = young(written(&file)?)?;
            let name = file.file_name()?.to_string_lossy().into_owned();
            match written(&file.with_file_name(format!(".{name}.cmd"))) {
                Some(time) => match young(time) {
                    Some(rule) => Some(own.max(rule)),
                    None if running => None, // of the build before; this one's rule still runs
                    None => Some(own),
                },
                None if running && self.counter == Counter::Kbuild => None,
                None => Some(own),
            }
            .map(|end| end.max(p.start_ms))
        })
    }
}

/// `make[1]: Entering directory '/x'`.
fn entered(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("make")?.split_once(": Entering directory '")?;
    rest.1.strip_suffix('\'').filter(|_| rest.0.len() < 16)
}

/// `  CC      init/main.o - due to: a.h b.h` in two: what is made, and why.
pub fn reason(counter: Counter, line: &str) -> (&str, Option<&str>) {
    let parts = (counter == Counter::Kbuild && line.starts_with("  ")).then(|| line.split_once(" - due to")).flatten();
    parts.map_or((line, None), |(made, why)| (made, Some(why.trim_start_matches(':').trim())))
}

/// What a line says is being made: how it is called, and its file.
fn made(counter: Counter, line: &str) -> Option<(String, &str)> {
    match counter {
        Counter::None => None,
        Counter::Kbuild => {
            // Two spaces, a word in capitals, the target. `UPD` and others that leave no new file drop out later.
            let (word, target) = line.strip_prefix("  ")?.split_once(' ')?;
            let target = target.trim();
            let plain = !target.is_empty() && !target.contains([' ', '\'', '"']) && target.len() < 512;
            let capitals = (2..=10).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            (plain && capitals).then(|| (format!("{word} {target}"), target))
        }
        Counter::Compiler => {
            if !line.contains(" -c ") {
                return None;
            }
            let (_, rest) = line.split_once(" -o ")?;
            let file = rest.split(' ').next().filter(|f| !f.is_empty() && f.len() < 512)?;
            Some((file.to_owned(), file))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_what_is_made() {
        let kbuild = |l| made(Counter::Kbuild, l).map(|(name, file)| format!("{name}|{file}"));
        assert_eq!(kbuild("  CC      init/main.o").as_deref(), Some("CC init/main.o|init/main.o"));
        assert_eq!(kbuild("  AR      built-in.a").as_deref(), Some("AR built-in.a|built-in.a"));
        assert_eq!(kbuild("  Using /x as source for busybox"), None);
        assert_eq!(kbuild("  GEN     include/a.h include/B"), None, "two files");
        let why = |l| reason(Counter::Kbuild, l);
        assert_eq!(why("  CC      a.o - due to: include/config/X b.h"), ("  CC      a.o", Some("include/config/X b.h")));
        assert_eq!(why("  CC      a.o - due to command line change"), ("  CC      a.o", Some("command line change")));
        assert_eq!(why("  CC      a.o"), ("  CC      a.o", None));
        assert_eq!(why("a.c:1: warning: stopped - due to x"), ("a.c:1: warning: stopped - due to x", None));
        assert_eq!(kbuild("init/main.c:3:4: warning: CC x.o"), None);
        let compiler = |l| made(Counter::Compiler, l).map(|(_, file)| file);
        assert_eq!(compiler("gcc -O2 -c -o obj/a.o src/a.c"), Some("obj/a.o"));
        assert_eq!(compiler("gcc -o /x/a a.o"), None);
        assert_eq!(entered("make[1]: Entering directory '/a b'"), Some("/a b"));
        assert_eq!(entered("make: Nothing to be done"), None);
    }

    #[test]
    fn an_object_ends_when_its_rule_has_written_its_last_file() {
        let folder = tempfile::tempdir().unwrap();
        let zero = SystemTime::now() - Duration::from_secs(100);
        let set = |name: &str, ms: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(zero + Duration::from_millis(ms)).unwrap();
        };
        let at_ms = |t: SystemTime| t.duration_since(zero).ok().map(|d| d.as_millis() as u64);
        let mut objects = Objects::new(Counter::Kbuild, false, vec!["/nowhere".into(), folder.path().into()]);
        for (name, start) in [("a.o", 1000), ("old.o", 5000), ("gone.o", 1), ("busy.o", 1000), ("half.o", 1000)] {
            objects.line(&format!("  CC      {name}"), start);
        }
        set("a.o", 1400);
        set(".a.o.cmd", 1500);
        set("old.o", 900);
        set("busy.o", 1400);
        set(".busy.o.cmd", 10);
        set("half.o", 1200);
        assert_eq!(objects.end(&objects.pending[0], true, &at_ms), Some(1500));
        assert_eq!(objects.end(&objects.pending[3], true, &at_ms), None, "its .cmd file is of the build before");
        assert_eq!(objects.end(&objects.pending[4], true, &at_ms), None, "its .cmd file is yet to come");
        let names: Vec<(String, u64)> = objects.rest(&at_ms).into_iter().map(|o| (o.name, o.end_ms)).collect();
        assert_eq!(names, [("CC a.o".into(), 1500), ("CC busy.o".into(), 1400), ("CC half.o".into(), 1200)]);
        assert!(objects.rest(&at_ms).is_empty());
    }
}
