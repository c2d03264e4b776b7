//! What the boot checks of an image found, kept beside the results: a comparison of two layouts shows it, and nobody has to
//! boot again to know.
//!
//! A file an image, named by the SHA-256 of its bytes, so that it says nothing of an image that was built later.

use crate::checks::{CheckResult, Report};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

const FORMAT: u32 = 1;
/// A report of all checks takes some kilobytes.
const LIMIT: u64 = 1 << 20;

/// The latest boot of one image with checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BootRecord {
    pub format: u32,
    /// Of the image, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The project it was booted for.
    pub project: String,
    /// When the checks ended, in seconds since 1970.
    pub at: u64,
    /// From QEMU's start to a shell that answers.
    pub boot_seconds: Option<f64>,
    pub results: Vec<CheckResult>,
}

impl BootRecord {
    pub fn new(sha256: &str, project: &str, at: u64, report: &Report) -> Self {
        Self {
            format: FORMAT,
            sha256: sha256.to_owned(),
            project: project.to_owned(),
            at,
            boot_seconds: report.boot_seconds.filter(|s| s.is_finite()),
            results: report.results.clone(),
        }
    }

    /// # Errors
    /// Where the folder or the file cannot be written.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let path = file(folder, &self.sha256).ok_or_else(|| io::Error::other("this is no SHA-256"))?;
        std::fs::create_dir_all(folder)?;
        bootwright_model::write_whole(&path, |out| serde_json::to_writer_pretty(out, self).map_err(io::Error::from))
    }

    /// None: this image was never booted with checks, or what was kept cannot be read.
    pub fn load(folder: &Path, sha256: &str) -> Option<Self> {
        let file = std::fs::File::open(file(folder, sha256)?).ok()?;
        let record: Self = serde_json::from_reader(io::Read::take(file, LIMIT)).ok()?;
        Some(record).filter(|r| r.format == FORMAT && r.sha256 == sha256)
    }
}

fn file(folder: &Path, sha256: &str) -> Option<PathBuf> {
    let hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    hash.then(|| folder.join(format!("{sha256}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{BootCheck, CheckStatus};

    fn report() -> Report {
        let result = CheckResult {
            check: BootCheck::Resolve,
            title: BootCheck::Resolve.title().into(),
            status: CheckStatus::Failed,
            expected: "ping x reaches 10.0.2.2".into(),
            found: "bad address".into(),
            seconds: 1.5,
        };
        Report { results: vec![result], command: vec![], boot_seconds: Some(4.5), transcript: "long".into(), qemu_messages: String::new() }
    }

    #[test]
    fn a_record_is_found_by_its_image_and_by_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("boots");
        let (hash, other) = ("ab".repeat(32), "cd".repeat(32));
        assert_eq!(BootRecord::load(&folder, &hash), None);
        let record = BootRecord::new(&hash, "p", 1_700_000_000, &report());
        record.save(&folder).unwrap();
        assert_eq!(BootRecord::load(&folder, &hash), Some(record.clone()));
        assert_eq!(BootRecord::load(&folder, &other), None);
        // Under another image's name it says nothing of that.
        std::fs::rename(folder.join(format!("{hash}.json")), folder.join(format!("{other}.json"))).unwrap();
        assert_eq!(BootRecord::load(&folder, &other), None);
        // A later boot takes its place.
        BootRecord { at: 1_800_000_000, ..record }.save(&folder).unwrap();
        assert_eq!(BootRecord::load(&folder, &hash).unwrap().at, 1_800_000_000);
    }

    #[test]
    fn a_hash_never_leaves_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let record = BootRecord::new("../../x", "p", 0, &report());
        assert!(record.save(dir.path()).is_err());
        assert_eq!(BootRecord::load(dir.path(), "../../x"), None);
        std::fs::write(dir.path().join(format!("{}.json", "ab".repeat(32))), "{").unwrap();
        assert_eq!(BootRecord::load(dir.path(), &"ab".repeat(32)), None);
    }
}
