//! A recipe: how a kind of component is made, as data.
//!
//! Strings in actions may hold placeholders, filled in by the engine when a step runs:
//! `${src}` the unpacked source, `${tree}` the work tree of the component, `${out}` an empty folder that becomes the
//! step's outputs, `${need.N}` the path of what is wired to need N, `${need.N.P}` part P of a host output,
//! `${fact.N.F}` fact F of that wire, `${option.O}` the value of an option, `${fragment}` the configuration fragment.
//! A command is a vector of arguments; a placeholder never splits one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The type of a need or an output. A wire joins two ports of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    Toolchain,
    KernelSource,
    KernelHeaders,
    CLibrary,
    KernelImage,
    Userland,
    RootFileSystem,
    Initramfs,
    BootLoader,
    IsoTool,
    IsoImage,
    Configuration,
}

impl Kind {
    /// The word people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::Toolchain => "toolchain",
            Self::KernelSource => "kernel source",
            Self::KernelHeaders => "kernel headers",
            Self::CLibrary => "C library",
            Self::KernelImage => "kernel image",
            Self::Userland => "userland",
            Self::RootFileSystem => "root file system",
            Self::Initramfs => "initramfs",
            Self::BootLoader => "boot loader",
            Self::IsoTool => "ISO tool",
            Self::IsoImage => "ISO image",
            Self::Configuration => "configuration",
        }
    }
}

/// Who provides a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// It is there already, on the machine that builds.
    Host,
    /// It is made here, from source or from other components.
    Built,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub format: u32,
    pub id: String,
    pub title: String,
    pub place: Place,
    /// What it is, for a newcomer.
    pub explain: String,
    #[serde(default)]
    pub needs: Vec<Need>,
    pub outputs: Vec<Output>,
    #[serde(default)]
    pub source: Option<Source>,
    #[serde(default)]
    pub options: Vec<OptionDef>,
    /// Host programs and files that the steps use beside what is wired.
    #[serde(default)]
    pub tools: Vec<Tool>,
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Names of the checks that look at this component (`engine/build/src/checks`).
    #[serde(default)]
    pub checks: Vec<String>,
}

impl Recipe {
    pub fn need(&self, id: &str) -> Option<&Need> {
        self.needs.iter().find(|n| n.id == id)
    }
    pub fn output(&self, id: &str) -> Option<&Output> {
        self.outputs.iter().find(|o| o.id == id)
    }
    pub fn option(&self, id: &str) -> Option<&OptionDef> {
        self.options.iter().find(|o| o.id == id)
    }
    /// Whether the configuration lines of a project reach one of its steps.
    pub fn configurable(&self) -> bool {
        let takes =
            |a: &Action| matches!(a, Action::WriteFile { text, .. } | Action::AppendFile { text, .. } if text.contains("${fragment}"));
        self.steps.iter().flat_map(|s| &s.actions).any(|(_, a)| takes(a))
    }
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub id: String,
    pub kind: Kind,
    #[serde(default)]
    pub optional: bool,
    pub explain: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    pub id: String,
    pub kind: Kind,
    pub explain: String,
    /// Built components: the step that leaves it; `unpack` for the source tree itself.
    #[serde(default)]
    pub step: Option<String>,
    /// Built components: a path below `${out}`, `${tree}` or `${src}`.
    #[serde(default)]
    pub path: Option<String>,
    /// It is the work tree itself and not a copy in the store: a consumer runs inside it.
    #[serde(default)]
    pub live: bool,
    /// Host components: the files and programs it consists of.
    #[serde(default)]
    pub parts: Vec<Part>,
    #[serde(default)]
    pub facts: Vec<Fact>,
}

/// A file, folder or program of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub id: String,
    /// Where it may be, best first: absolute paths, or a program's name to look up on PATH.
    pub candidates: Vec<String>,
    /// Folders of which the content counts (their files' sizes and times are part of the key), relative to the part.
    #[serde(default)]
    pub content: Vec<String>,
    pub packages: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// An absolute path or a program's name.
    pub program: String,
    /// Package by package manager: apt, dnf, zypper, pacman.
    pub packages: BTreeMap<String, String>,
}

/// Something known of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    pub id: String,
    pub from: FactSource,
}

/// How a fact is found. Paths are relative to the output (or absolute for a host part).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FactSource {
    /// Known beforehand; conditions may ask for it.
    Text(String),
    /// `LINUX_VERSION_CODE` of a `linux/version.h`.
    LinuxVersionHeader(String),
    /// `__GLIBC__` and `__GLIBC_MINOR__` of a `features.h`.
    GlibcFeaturesHeader(String),
    /// VERSION, PATCHLEVEL and SUBLEVEL of a kernel's top makefile.
    KernelMakefile(String),
    /// The file's only line, such as `include/config/kernel.release`.
    Line(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name in the lock file.
    pub id: String,
    /// In order of preference.
    pub providers: Vec<Provider>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Provider {
    File { path: String },
    Url { urls: Vec<String>, sha256: String },
    AptBinary { package: String, member: String },
    AptSource { package: String, suffix: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionDef {
    pub id: String,
    pub explain: String,
    pub choices: Vec<Choice>,
    /// One of the choices.
    pub default: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub id: String,
    pub explain: String,
    /// The fragment `presets/config/NAME.config` that this choice brings along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
}

/// What a step does, in the words of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StepKind {
    Fetch,
    Unpack,
    Configure,
    Compile,
    Install,
    Assemble,
    Test,
}

impl StepKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Unpack => "unpack",
            Self::Configure => "configure",
            Self::Compile => "compile",
            Self::Install => "install",
            Self::Assemble => "assemble",
            Self::Test => "test",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub id: String,
    pub kind: StepKind,
    pub explain: String,
    #[serde(default)]
    pub actions: Vec<(Vec<Condition>, Action)>,
    /// Environment of its commands, beside the clean one every command gets.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How its output lines are counted as objects done.
    #[serde(default)]
    pub counter: Counter,
}

/// When an action is part of the step. All conditions of an action must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// A fact known beforehand of what is wired to a need: need, fact, value.
    Fact(String, String, String),
    /// The same, where the value must differ.
    FactNot(String, String, String),
    /// An option's value.
    Option(String, String),
    /// Something is wired to the need.
    Wired(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counter {
    /// Nothing is counted.
    #[default]
    None,
    /// Lines of Kbuild's quiet output: `  CC      init/main.o`.
    Kbuild,
    /// Lines that call the compiler with `-c`, as glibc's and musl's makefiles print them.
    Compiler,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    Run {
        argv: Vec<String>,
        #[serde(default)]
        cwd: Option<String>,
    },
    MakeDir(String),
    WriteFile {
        path: String,
        text: String,
        #[serde(default)]
        executable: bool,
    },
    /// Adds text to a file that is there.
    AppendFile {
        path: String,
        text: String,
    },
    /// Puts the lines of a Kconfig fragment in the place of what `into` says of their options.
    MergeConfig {
        answers: String,
        into: String,
    },
    /// A file, or a whole tree (into `to`, which need not be there).
    Copy {
        from: String,
        to: String,
    },
    /// A symbolic link.
    Link {
        target: String,
        at: String,
    },
    /// Replaces a text within a file.
    Substitute {
        file: String,
        from: String,
        to: String,
    },
    /// Copies the shared objects that the programs below `root` need, with the loader and what name resolution needs.
    SharedObjects {
        root: String,
        search: String,
        into: String,
    },
    /// Removes debugging symbols from the ELF files below a folder.
    Strip(String),
    Initramfs {
        root: String,
        devices: Vec<Device>,
        to: String,
    },
    /// The step fails where the file is not there or empty: some tools say "done" without having done it.
    Require {
        path: String,
        because: String,
    },
}

/// A device node of the initramfs (kernel Documentation/admin-guide/devices.txt).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub path: String,
    pub char: bool,
    pub major: u32,
    pub minor: u32,
    pub mode: u32,
}
