//! Boot checks as data: what is asked of a booted image, what was expected, what was found.

mod guest;
mod network;
mod run;
mod system;

pub use bootwright_model::BootCheck;
pub use run::run_checks;
use serde::{Deserialize, Serialize};

/// What the artifacts say the guest must be like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// As in `include/config/kernel.release`. Unknown: the check is not run.
    pub kernel_release: Option<String>,
    /// Files of the guest and what they must hash to.
    pub files: Vec<GuestFile>,
    /// What the dynamic loader says of itself.
    pub loader_banner: Option<LoaderBanner>,
    pub libc: LibcExpectation,
}

/// A file in the guest that must be an artifact, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestFile {
    /// Absolute, in the guest.
    pub path: String,
    /// In lower-case hexadecimal digits.
    pub sha256: String,
    /// What it is, for people: "the dynamic loader".
    pub what: String,
}

/// `path --version` in the guest prints `text` somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoaderBanner {
    pub path: String,
    pub text: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LibcExpectation {
    /// Nothing is known: the C library check compares `files` alone, and is not run without any.
    #[default]
    Unknown,
    /// Programs map this library, and it is this artifact. `banner` is in what it prints when it is executed.
    Shared { path: String, sha256: String, banner: Option<String> },
    /// Programs map no library; /bin/busybox is this artifact.
    Static { busybox_sha256: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckStatus {
    /// What was found is what was expected.
    Passed,
    /// Something else was found.
    Failed,
    /// It could not be asked; `found` says why.
    NotRun,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    pub check: BootCheck,
    pub title: String,
    pub status: CheckStatus,
    pub expected: String,
    pub found: String,
    /// Time the check took; 0 if it was not run.
    pub seconds: f64,
}

/// One boot and its checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// In the order they were run.
    pub results: Vec<CheckResult>,
    /// QEMU's argument vector.
    pub command: Vec<String>,
    /// From QEMU's start to a shell that answers.
    pub boot_seconds: Option<f64>,
    /// All that the guest printed.
    pub transcript: String,
    /// What QEMU itself printed.
    pub qemu_messages: String,
}

impl Report {
    /// Whether all checks were run and passed.
    pub fn passed(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|result| result.status == CheckStatus::Passed)
    }
}

/// What `run_checks` says while it works.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CheckEvent {
    /// QEMU runs, with this argument vector.
    Started {
        command: Vec<String>,
    },
    /// The guest printed this.
    Console(Vec<u8>),
    CheckStarted(BootCheck),
    CheckFinished(CheckResult),
}

/// What a check came to, before it has a title and a time.
pub(crate) struct Finding {
    status: CheckStatus,
    expected: String,
    found: String,
}

impl Finding {
    fn not_run(why: impl Into<String>) -> Finding {
        Finding { status: CheckStatus::NotRun, expected: String::new(), found: why.into() }
    }
}

/// Compares several facts; the check passes if each is as expected.
#[derive(Default)]
pub(crate) struct Facts {
    expected: Vec<String>,
    found: Vec<String>,
    wrong: bool,
}

impl Facts {
    fn add(&mut self, right: bool, expected: impl Into<String>, found: impl Into<String>) {
        self.expected.push(expected.into());
        self.found.push(found.into());
        self.wrong |= !right;
    }

    fn equal(&mut self, what: &str, expected: &str, found: &str) {
        self.add(expected == found, format!("{what} {expected}"), format!("{what} {found}"));
    }

    fn finish(self) -> Finding {
        let status = if self.wrong { CheckStatus::Failed } else { CheckStatus::Passed };
        Finding { status, expected: self.expected.join("\n"), found: self.found.join("\n") }
    }
}
