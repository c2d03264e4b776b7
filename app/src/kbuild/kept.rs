//! Sizes of a build that were written down: a tree is built over again in its place, and can then still be compared with
//! what it was.

use anyhow::{Context, bail};
use bootwright_build::Work;
use bootwright_kbuild::Tree;
use bootwright_kbuild::sizes::Sizes;
use bootwright_kbuild::sizes::option::of_tree;
use bootwright_model::write_whole;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Of the file, in bytes; an allyesconfig kernel has about a million symbols.
const LIMIT: u64 = 512 << 20;
/// Bytes of memory that no kernel takes; sums below it cannot overflow.
const NO_KERNEL: u64 = 1 << 48;
const FORMAT: u32 = 1;

/// The sizes of one build, with the option behind each object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    format: u32,
    pub sizes: Sizes,
    /// By the object's path, without `CONFIG_`.
    pub options: BTreeMap<String, String>,
    /// Why no option is known of any object.
    pub remark: Option<String>,
}

impl Kept {
    /// Of a tree as it is built now.
    ///
    /// # Errors
    /// Nothing was linked in it yet, or that cannot be read.
    pub fn of(tree: &Tree) -> anyhow::Result<Self> {
        let sizes = Sizes::read(tree)?;
        let (options, remark) = match of_tree(tree) {
            Ok(options) => (options.into_iter().collect(), None),
            // Without the sources it is not known, and nothing is said of it.
            Err(why) => (BTreeMap::new(), Some(format!("which option brings what in is not known: {why}"))),
        };
        Ok(Self { format: FORMAT, sizes, options, remark })
    }

    /// A tree, or a file that [`Kept::write`] wrote.
    ///
    /// # Errors
    /// It is neither.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if path.is_dir() {
            return Self::of(&Tree::open(path)?);
        }
        let file = fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut text = String::new();
        file.take(LIMIT).read_to_string(&mut text).with_context(|| format!("{} holds no sizes", path.display()))?;
        let kept: Self = serde_json::from_str(&text).with_context(|| format!("{} holds no sizes", path.display()))?;
        if kept.format != FORMAT {
            bail!("{} was written by another version of the studio (format {}, this is {FORMAT})", path.display(), kept.format);
        }
        let s = &kept.sizes;
        let sizes = s.sections.iter().map(|x| x.size).chain(s.symbols.iter().flat_map(|x| [x.size, x.counted]));
        let sum = sizes.chain(s.pieces.iter().map(|p| p.size)).try_fold(0_u64, u64::checked_add);
        if sum.is_none_or(|sum| sum > NO_KERNEL) {
            bail!("{} holds sizes that no build has", path.display());
        }
        Ok(kept)
    }

    pub fn option(&self, object: &str) -> Option<String> {
        self.options.get(object).cloned()
    }

    /// # Errors
    /// The file cannot be written; an older one is then still there.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        write_whole(path, |out| serde_json::to_writer(out, self).map_err(Into::into)).with_context(|| path.display().to_string())
    }
}

/// Where the window keeps them.
fn folder(work: &Work) -> PathBuf {
    work.kbuild().join("sizes")
}

/// Where sizes of a component that are kept now go to.
pub fn new_file(work: &Work, component: &str) -> PathBuf {
    let taken = kept_files(work);
    let name = |n: usize| format!("{component} {n}");
    let free = (1..).map(name).find(|name| !taken.iter().any(|(t, _)| t == name)).unwrap_or_default();
    folder(work).join(free + ".json")
}

/// What was kept, by name, in the order of the names.
pub fn kept_files(work: &Work) -> Vec<(String, PathBuf)> {
    let files = fs::read_dir(folder(work)).into_iter().flatten().flatten().map(|e| e.path());
    let named = files.filter(|p| p.extension().is_some_and(|e| e == "json"));
    let mut found: Vec<(String, PathBuf)> =
        named.filter_map(|p| Some((p.file_stem()?.to_string_lossy().into_owned(), p.clone()))).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_of_sizes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.json");
        let huge = r#"{"format":1,"options":{},"remark":null,"sizes":{"file":"vmlinux","evidence":"map","remark":null,"objects":[],
            "sections":[],"pieces":[],"symbols":[{"name":"a","piece":0,"section":0,"size":18446744073709551615,"counted":1,"plain":true}]}}"#;
        let small = huge.replace("18446744073709551615", "7");
        for (text, why) in
            [("", "no sizes"), ("{}", "no sizes"), (huge, "no build has"), (&small.replace("t\":1", "t\":2"), "another version")]
        {
            fs::write(&file, text).unwrap();
            let error = format!("{:#}", Kept::open(&file).unwrap_err());
            assert!(error.contains(why), "{error}");
        }
        fs::write(&file, &small).unwrap();
        let kept = Kept::open(&file).unwrap();
        assert_eq!(kept.sizes.symbols[0].size, 7);
        let again = folder.path().join("below").join("y.json");
        kept.write(&again).unwrap();
        assert_eq!(Kept::open(&again).unwrap(), kept, "and what was written is read as it was");
    }

    #[test]
    fn each_gets_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::new(folder.path()).unwrap();
        let first = new_file(&work, "kernel");
        assert!(first.ends_with("kernel 1.json"));
        fs::create_dir_all(first.parent().unwrap()).unwrap();
        fs::write(&first, "").unwrap();
        assert!(new_file(&work, "kernel").ends_with("kernel 2.json") && new_file(&work, "busybox").ends_with("busybox 1.json"));
        assert_eq!(kept_files(&work).iter().map(|k| k.0.as_str()).collect::<Vec<_>>(), ["kernel 1"]);
    }
}
