//! What the library says of a built tree, held against what make says of a copy of it.
//!
//! `make -n` prints the commands that make would run, and runs only what brings makefiles up to date (syncconfig is such);
//! each of Kbuild's commands names the `.cmd` file that it writes. So what would be compiled is known without compiling it.

use bootwright_kbuild::impact::{Asking, Followed, Impact, Impacts, Predicted, Question, follow};
use bootwright_kbuild::stale::{Change, Reason, Stale, stale};
use bootwright_kbuild::{Index, Tree};
use bootwright_tests::ENVIRONMENT;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

/// A built tree and a copy that may be changed.
pub struct Copy {
    pub pristine: PathBuf,
    pub folder: PathBuf,
    pub tree: Tree,
    pub index: Index,
    cache: PathBuf,
}

/// What make would do.
pub struct Would {
    pub names: Names,
    /// Whether it came as far as the image.
    pub whole: bool,
}

/// Names of targets.
pub type Names = BTreeSet<String>;

impl Copy {
    /// Copies a tree that was built with O= into an empty or earlier folder.
    pub fn of(pristine: &Path, folder: &Path) -> Self {
        let cache = folder.with_extension("index");
        let copy = |from: PathBuf| -> Self {
            let tree = Tree::open(folder).unwrap();
            let (index, _) = Index::open(&tree, &cache).unwrap();
            Self { pristine: from, folder: folder.to_path_buf(), tree, index, cache: cache.clone() }
        };
        fs::create_dir_all(folder).unwrap();
        reset(pristine, folder);
        copy(pristine.to_path_buf())
    }

    /// Back to what was built.
    pub fn reset(&mut self) {
        reset(&self.pristine, &self.folder);
        self.look();
    }

    /// Brings the index up to date.
    pub fn look(&mut self) {
        self.index = Index::open(&self.tree, &self.cache).unwrap().0;
    }

    pub fn make(&self, words: &[&str]) -> String {
        let (printed, whole) = self.run(words);
        assert!(whole, "{printed}");
        printed
    }

    /// What make prints, and whether it came to its end.
    fn run(&self, words: &[&str]) -> (String, bool) {
        let mut command = Command::new("make");
        command.env_clear().envs(ENVIRONMENT).stdin(Stdio::null());
        command.arg("-C").arg(&self.folder).args(["ARCH=x86_64", "bzImage"]).args(words);
        let output = command.output().unwrap();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (text(&output.stdout) + &text(&output.stderr), output.status.success())
    }

    /// The targets whose `.cmd` file make would write. Where new objects are missing, `-n` ends before the image.
    pub fn would_make(&self) -> Would {
        let (printed, whole) = self.run(&["-n", "-k"]);
        Would { names: commands(&printed, &self.folder), whole }
    }

    pub fn stale(&self) -> Stale {
        stale(&self.tree, &self.index, Some(&self.asking()))
    }

    /// Makes `.config` say this.
    pub fn configure(&self, changes: &[Change]) {
        let path = self.folder.join(".config");
        let text = fs::read_to_string(&path).unwrap();
        let of = |c: &Change, line: &str| {
            line.strip_prefix("CONFIG_").is_some_and(|l| l.strip_prefix(c.name.as_str()).is_some_and(|l| l.starts_with('=')))
                || line == format!("# CONFIG_{} is not set", c.name)
        };
        let mut lines: Vec<String> = text.lines().filter(|l| !changes.iter().any(|c| of(c, l))).map(str::to_owned).collect();
        for change in changes {
            lines.push(match &change.new {
                None => format!("# CONFIG_{} is not set", change.name),
                Some(v) if matches!(v.as_str(), "y" | "m") || v.starts_with("0x") || v.parse::<i64>().is_ok() => {
                    format!("CONFIG_{}={v}", change.name)
                }
                Some(v) => format!("CONFIG_{}=\"{v}\"", change.name),
            });
        }
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    }

    pub fn follow(&self, name: &str, value: &str) -> Result<Followed, bootwright_kbuild::Error> {
        follow(&self.tree, &[(name.to_owned(), value.to_owned())], &self.asking())
    }

    fn asking(&self) -> Asking {
        let environment = ENVIRONMENT.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Asking { probes: self.folder.with_extension("probes"), environment }
    }

    /// The whole answer for options.
    pub fn impact(&self, followed: &Followed) -> Impact {
        let library = Arc::default();
        let predicted = |values| Predicted::new(&self.tree, &library, values).unwrap();
        let question = Question { options: followed.changes.clone(), ..Question::default() };
        Impacts::new(&self.tree, &self.index).settle(&question, &predicted(&followed.before), &predicted(&followed.after))
    }

    /// Of these, the targets that a compiler made: those with a list, outside of the build's own programs.
    pub fn compiled(&self, names: &Names) -> Names {
        let compiled = |name: &&String| {
            let row = self.index.find(name.as_bytes()).and_then(|id| self.index.row(id));
            // A new one is judged by its name.
            // Compiled while vmlinux is linked, which -n does not come to.
            row.map_or(name.ends_with(".o"), |r| r.listed)
                && *name != "init/version-timestamp.o"
                && !name.starts_with("scripts/")
                && !name.starts_with("tools/")
        };
        names.iter().filter(compiled).cloned().collect()
    }
}

/// A source file that was just written, until this is dropped.
pub struct Touched {
    path: PathBuf,
    before: SystemTime,
}

impl Touched {
    /// Touches a file below the source folder. Where that is a link into a source that others use, a copy takes its place.
    pub fn new(source: &Path, name: &str) -> Self {
        let path = source.join(name);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        if fs::symlink_metadata(&path).unwrap().is_symlink() {
            let copy = path.with_extension("copy");
            fs::copy(&path, &copy).unwrap();
            fs::rename(copy, &path).unwrap();
        }
        set_time(&path, SystemTime::now());
        Self { path, before }
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        set_time(&self.path, self.before);
    }
}

fn set_time(path: &Path, time: SystemTime) {
    fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

fn reset(pristine: &Path, folder: &Path) {
    let slash = |p: &Path| format!("{}/", p.display());
    let mut command = Command::new("rsync");
    command.args(["-a", "--delete", "--exclude=/tools/**/.*.cmd", "--exclude=/Makefile"]).arg(slash(pristine)).arg(slash(folder));
    assert!(command.status().unwrap().success());
    // tools/ notes absolute names, and since 6.13 the Makefile does.
    let found = Command::new("find").arg(pristine.join("tools")).args(["-name", ".*.cmd"]).output().unwrap();
    let makefile = pristine.join("Makefile");
    for file in String::from_utf8_lossy(&found.stdout).lines().chain(makefile.to_str()) {
        let text = fs::read_to_string(file).unwrap().replace(&pristine.display().to_string(), &folder.display().to_string());
        let to = folder.join(Path::new(file).strip_prefix(pristine).unwrap());
        if fs::read_to_string(&to).ok().as_deref() != Some(&text) {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, text).unwrap();
        }
    }
}

/// `… > dir/.name.cmd` in printed commands.
pub fn commands(printed: &str, folder: &Path) -> Names {
    let mut found = Names::new();
    let here = format!("{}/", folder.display());
    for line in printed.lines() {
        for after in line.split("> ").skip(1) {
            let word = after.split([' ', ';']).next().unwrap_or_default();
            let word = word.strip_prefix(&here).unwrap_or(word);
            let (place, name) = word.rsplit_once('/').map_or(("", word), |(p, n)| (p, n));
            let Some(name) = name.strip_prefix('.').and_then(|n| n.strip_suffix(".cmd")) else { continue };
            let place = place.trim_start_matches("./");
            found.insert(if place.is_empty() || place == "." { name.to_owned() } else { format!("{place}/{name}") });
        }
    }
    found
}

/// What an answer names as built again for a reason of its own, or as new. What is made again only because something in it is
/// does not show with `make -n`, where no file gets newer.
pub fn named(impact: &Impact) -> Names {
    impact.rebuild.iter().map(|i| i.target.clone()).chain(impact.come.iter().flatten().cloned()).collect()
}

/// The same of what is stale.
pub fn named_stale(stale: &Stale) -> Names {
    let own = stale.stale.iter().filter(|i| i.why.iter().any(|r| !matches!(r, Reason::Rebuilt(_))));
    own.map(|i| i.target.clone()).chain(stale.come.iter().cloned()).collect()
}
