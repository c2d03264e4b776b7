//! A project file may bring commands that no built-in recipe has: source archives of its own, whose makefiles run, and
//! configuration lines whose text reaches make and the compiler. Nothing of it runs before the user has seen it.
//!
//! What was trusted is remembered by the digest of just these parts, so that it need not be said again after other changes.

use bootwright_model::Project;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a project adds to the recipes, a sentence each. Empty: it only chooses among what they offer.
pub fn additions(project: &Project) -> Vec<String> {
    let archives = project
        .files
        .iter()
        .map(|(source, path)| format!("The source of {source} is taken from {}: its makefiles and scripts run as you.", path.display()));
    let lines = project.fragments.iter().flat_map(|(component, text)| {
        let strange = text.lines().filter(|l| !harmless(l));
        strange.map(move |l| format!("A line of {component}'s configuration that reaches make or the compiler: {}", l.trim()))
    });
    archives.chain(lines).collect()
}

/// A remark, or an option with a value that is no text. Kbuild's makefiles read the configuration as makefile text, so any
/// other line could hold a command.
fn harmless(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    let Some((name, value)) = line.split_once('=') else { return false };
    let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let digits = value.strip_prefix("0x").unwrap_or(value).trim_start_matches('-');
    named && (matches!(value, "y" | "m" | "n") || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())))
}

/// None: there is nothing to trust.
fn digest(project: &Project) -> Option<String> {
    let additions = additions(project);
    if additions.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for text in &additions {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    Some(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

/// What this user has trusted so far.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    file: PathBuf,
    known: BTreeSet<String>,
}

impl Trust {
    /// As it is kept in the user's data folder. What cannot be read counts for nothing.
    pub fn load() -> Self {
        Self::load_from(eframe::storage_dir("bootwright").unwrap_or_else(std::env::temp_dir).join("trusted"))
    }

    fn load_from(file: PathBuf) -> Self {
        let known = std::fs::read_to_string(&file).unwrap_or_default().lines().map(str::to_owned).collect();
        Self { file, known }
    }

    pub fn covers(&self, project: &Project) -> bool {
        digest(project).is_none_or(|d| self.known.contains(&d))
    }

    /// # Errors
    /// In words, where it cannot be remembered; for this session it holds all the same.
    pub fn add(&mut self, project: &Project) -> Result<(), String> {
        let Some(digest) = digest(project) else { return Ok(()) };
        self.known.insert(digest.clone());
        let write = || {
            use std::io::Write as _;
            if let Some(folder) = self.file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            writeln!(std::fs::File::options().append(true).create(true).open(&self.file)?, "{digest}")
        };
        write().map_err(|e| format!("cannot note in {} that the project is trusted: {e}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bootwright_model::{ComponentId, Library};

    fn project() -> Project {
        Project::from_layout(Library::embedded().unwrap().layout("musl").unwrap())
    }

    #[test]
    fn what_can_carry_a_command_is_told_and_the_rest_is_not() {
        for line in ["", "# CONFIG_A is not set", "CONFIG_A=y", "CONFIG_A=m", "CONFIG_A=115200", "CONFIG_A=0xfee1dead", "CONFIG_A=-1"] {
            assert!(harmless(line), "{line}");
        }
        for line in ["CONFIG_A=\"/bin/sh\"", "CONFIG_A=$(shell id)", "CONFIG_A:=y", "all: ; id", "$(shell id)=y", "CONFIG_A=", "include x"]
        {
            assert!(!harmless(line), "{line}");
        }
        let mut project = project();
        assert!(additions(&project).is_empty());
        project.files.insert("musl".into(), "/tmp/musl.tar.gz".into());
        let busybox = ComponentId::try_from("busybox").unwrap();
        project.fragments.insert(busybox, "CONFIG_CROSS_COMPILER_PREFIX=\"/tmp/x-\"\nCONFIG_A=y\n".into());
        let told = additions(&project);
        assert!(told.len() == 2 && told[0].contains("/tmp/musl.tar.gz") && told[1].contains("/tmp/x-"), "{told:?}");
    }

    #[test]
    fn trust_is_remembered_and_ends_with_a_change() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("data/trusted");
        let mut project = project();
        let mut trust = Trust::load_from(file.clone());
        assert!(trust.covers(&project));
        project.files.insert("musl".into(), "/tmp/musl.tar.gz".into());
        assert!(!trust.covers(&project));
        trust.add(&project).unwrap();
        let again = Trust::load_from(file);
        assert!(again.covers(&project));
        project.files.insert("musl".into(), "/tmp/other.tar.gz".into());
        assert!(!again.covers(&project));
    }
}
