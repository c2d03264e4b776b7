//! A stage on the way from objects to the image: a file, what made it, and from what.

use serde::Serialize;

/// What the command of a stage does, told by looking at the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Compiles or assembles one file.
    Compile,
    /// Runs the preprocessor over a linker script.
    Preprocess,
    /// Notes the objects of a directory in a list.
    Archive,
    /// Joins objects into one object.
    Join,
    /// Links for good.
    Link,
    /// Links once to learn the addresses of the symbols.
    Pass,
    /// Makes the table of symbol names and compiles it.
    Names,
    /// Leaves out what is not needed to run.
    Strip,
    /// Leaves out all but the bytes that go into memory.
    Flatten,
    /// Lists the places to change when the kernel is moved.
    Relocations,
    /// Packs.
    Pack,
    /// Writes an assembler file that takes the packed kernel in.
    Wrap,
    /// Hands addresses over to C and assembler code.
    Numbers,
    /// Puts the parts of the image one behind the other.
    Assemble,
    /// A command of another kind.
    Other,
    /// No command was noted.
    Unknown,
}

impl Step {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Step::Compile => "compile",
            Step::Preprocess => "preprocess",
            Step::Archive => "list",
            Step::Join => "join",
            Step::Link => "link",
            Step::Pass => "link for addresses",
            Step::Names => "symbol names",
            Step::Strip => "strip",
            Step::Flatten => "flatten",
            Step::Relocations => "relocations",
            Step::Pack => "pack",
            Step::Wrap => "wrap",
            Step::Numbers => "hand over numbers",
            Step::Assemble => "assemble",
            Step::Other => "make",
            Step::Unknown => "—",
        }
    }

    /// By the words of the command and the name of what it makes.
    pub fn of(target: &str, words: &[String]) -> Step {
        let name = target.rsplit('/').next().unwrap_or(target);
        let programs = super::saved::programs(words);
        let runs =
            |wanted: &str| programs.iter().any(|p| p.rsplit('/').next().is_some_and(|p| p == wanted || p.ends_with(&format!("-{wanted}"))));
        let has = |wanted: &str| words.iter().any(|w| w == wanted);
        let script = |wanted: &str| words.iter().any(|w| w.rsplit('/').next() == Some(wanted));
        let compiler = ["gcc", "clang", "cc"].into_iter().any(runs);
        if script("link-vmlinux.sh") || script("trylink") {
            Step::Link
        } else if runs("mkpiggy") {
            Step::Wrap
        } else if runs("relocs") {
            Step::Relocations
        } else if [".gz", ".xz", ".bz2", ".lzma", ".lzo", ".lz4", ".zst"].into_iter().any(|end| name.ends_with(end)) {
            Step::Pack
        } else if runs("objcopy") {
            if has("binary") { Step::Flatten } else { Step::Strip }
        } else if runs("strip") {
            Step::Strip
        } else if name.ends_with(".a") && (runs("ar") || has("ar") || has("cDPrST") || runs("rm") || runs("cat")) {
            Step::Archive
        } else if runs("nm") {
            Step::Numbers
        } else if runs("build") || runs("dd") || name.ends_with("Image") && runs("cat") {
            Step::Assemble
        } else if compiler && has("-E") {
            Step::Preprocess
        } else if (runs("ld") || runs("ld.lld") || runs("ld.bfd") || compiler) && has("-r") {
            Step::Join
        } else if compiler && has("-c") {
            Step::Compile
        } else if runs("ld") || runs("ld.lld") || runs("ld.bfd") || compiler {
            Step::Link
        } else {
            Step::Other
        }
    }
}

/// What a stage is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// A file from the object folder, or how many of a kind: `29 objects`.
    pub name: String,
    /// Files it stands for.
    pub count: usize,
    /// In bytes, those that are there.
    pub bytes: u64,
    /// Whether it has a stage of its own.
    pub stage: bool,
    /// Files of it that are not there any more.
    #[serde(skip_serializing_if = "is_zero")]
    pub missing: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// A file and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// From the object folder.
    pub name: String,
    pub step: Step,
    /// What the step does and why, in a sentence or two.
    pub explain: String,
    pub inputs: Vec<Input>,
    /// In bytes of the file.
    pub size: u64,
    /// When it was written, in seconds since 1970.
    pub written: Option<f64>,
    /// As the shell got it; None: no command was noted for this file.
    pub command: Option<String>,
    /// What made it where it has no command of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// An input that was written later: this file is of an older build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older_than: Option<String>,
}
