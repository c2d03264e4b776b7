//! Carrying out the actions of a step.

use crate::error::At;
use crate::{BuildError, files};
use bootwright_image::{closure, compress, cpio, nss};
use bootwright_kconfig::bytes;
use bootwright_model::{Action, Device};
use std::fs;
use std::path::{Path, PathBuf};

/// What an action needs of the step it belongs to.
pub trait Stage {
    /// Fills in the placeholders.
    fn expand(&self, text: &str) -> Result<String, BuildError>;
    /// Runs a command in a folder.
    fn run(&mut self, argv: &[String], cwd: &Path) -> Result<(), BuildError>;
    /// A line for the step's log.
    fn say(&mut self, line: String);
    /// The folder that commands start in where they name none.
    fn home(&self) -> PathBuf;
}

pub fn perform(action: &Action, stage: &mut dyn Stage) -> Result<(), BuildError> {
    let path = |stage: &dyn Stage, text: &str| stage.expand(text).map(PathBuf::from);
    match action {
        Action::Run { argv, cwd } => {
            let argv = argv.iter().map(|w| stage.expand(w)).collect::<Result<Vec<_>, _>>()?;
            let cwd = cwd.as_ref().map(|c| path(stage, c)).transpose()?.unwrap_or_else(|| stage.home());
            fs::create_dir_all(&cwd).at("make the folder", &cwd)?;
            stage.run(&argv, &cwd)
        }
        Action::MakeDir(dir) => {
            let dir = path(stage, dir)?;
            fs::create_dir_all(&dir).at("make the folder", dir)
        }
        Action::WriteFile { path: file, text, executable } => {
            let file = path(stage, file)?;
            let text = stage.expand(text)?;
            parent(&file)?;
            // Unchanged content keeps its time, so that make sees no newer file.
            if fs::read(&file).ok().as_deref() != Some(text.as_bytes()) {
                fs::write(&file, text).at("write", &file)?;
            }
            files::set_mode(&file, if *executable { 0o755 } else { 0o644 })
        }
        Action::AppendFile { path: file, text } => {
            use std::io::Write;
            let file = path(stage, file)?;
            let text = stage.expand(text)?;
            let mut f = fs::File::options().append(true).create(true).open(&file).at("open", &file)?;
            f.write_all(text.as_bytes()).at("write", file)
        }
        Action::MergeConfig { answers, into } => {
            let (answers, into) = (path(stage, answers)?, path(stage, into)?);
            let text_of = |file: &Path| Ok::<_, BuildError>(bytes::text(fs::read(file).at("read", file)?));
            let text = text_of(&into)?;
            let merged = merge_config(&text, &text_of(&answers)?);
            if merged != text {
                fs::write(&into, bytes::raw(merged.as_bytes())).at("write", &into)?;
            }
            Ok(())
        }
        Action::Copy { from, to } => {
            let (from, to) = (path(stage, from)?, path(stage, to)?);
            stage.say(format!("copy {} to {}", from.display(), to.display()));
            files::copy(&from, &to)
        }
        Action::Link { target, at } => {
            let (target, at) = (stage.expand(target)?, path(stage, at)?);
            parent(&at)?;
            if let Ok(meta) = at.symlink_metadata() {
                if meta.is_dir() {
                    // A folder that came with what was copied: its content moves into the link's target.
                    let real = at.parent().unwrap_or(Path::new("/")).join(&target);
                    files::copy(&at, &real)?;
                }
                files::remove(&at)?;
            }
            std::os::unix::fs::symlink(&target, &at).at("make the link", at)
        }
        Action::Substitute { file, from, to } => {
            let file = path(stage, file)?;
            let (from, to) = (stage.expand(from)?, stage.expand(to)?);
            let text = fs::read_to_string(&file).at("read", &file)?;
            fs::write(&file, text.replace(&from, &to)).at("write", file)
        }
        Action::SharedObjects { root, search, into } => {
            let (root, search, into) = (path(stage, root)?, path(stage, search)?, path(stage, into)?);
            shared_objects(&root, &search, &into, stage)
        }
        Action::Strip(dir) => strip(&path(stage, dir)?, stage),
        Action::Initramfs { root, devices, to } => {
            let (root, to) = (path(stage, root)?, path(stage, to)?);
            parent(&to)?;
            let file = fs::File::create(&to).at("write", &to)?;
            let devices: Vec<cpio::Device> = devices.iter().map(device).collect();
            let mut out = compress::Encoder::new(std::io::BufWriter::new(file), compress::Compression::Gzip).at("write", &to)?;
            let packed = cpio::pack_tree(&root, &devices, 0, &mut out)?;
            let file = out.finish().at("write", &to)?.into_inner().map_err(|e| e.into_error()).at("write", &to)?;
            let size = file.metadata().at("read", &to)?.len();
            stage.say(format!("{} entries, {} bytes, {size} bytes compressed", packed.entries, packed.bytes));
            Ok(())
        }
        Action::Require { path: file, because } => {
            let file = path(stage, file)?;
            match fs::metadata(&file) {
                Ok(m) if m.len() > 0 => Ok(()),
                _ => Err(BuildError::Action(format!("{} is missing or empty: {because}", file.display()))),
            }
        }
    }
}

fn parent(path: &Path) -> Result<(), BuildError> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(dir).at("make the folder", dir)
}

fn device(d: &Device) -> cpio::Device {
    let kind = if d.char { cpio::DeviceKind::Char } else { cpio::DeviceKind::Block };
    cpio::Device { path: PathBuf::from(&d.path), kind, major: d.major, minor: d.minor, mode: d.mode }
}

/// The name of the option a line of a Kconfig file is about.
fn option_name(line: &str) -> Option<&str> {
    match line.strip_prefix("# ") {
        Some(rest) => rest.strip_suffix(" is not set").filter(|n| n.starts_with("CONFIG_")),
        None => line.split_once('=').map(|(n, _)| n).filter(|n| n.starts_with("CONFIG_")),
    }
}

/// `base` with each option that `answers` speaks of said as it says, the last word counting; order is kept.
pub(crate) fn merge_config(base: &str, answers: &str) -> String {
    let mut said: std::collections::BTreeMap<&str, &str> =
        answers.lines().filter_map(|l| Some((option_name(l.trim())?, l.trim()))).collect();
    let mut out = String::with_capacity(base.len() + answers.len());
    for line in base.lines() {
        let new = match option_name(line) {
            Some(name) => said.remove(name).unwrap_or(line),
            None => line,
        };
        out += new;
        out.push('\n');
    }
    for line in said.values() {
        out += line;
        out.push('\n');
    }
    out
}

fn elf_files(root: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().flatten().filter(|e| e.file_type().is_file());
    walk.map(|e| e.into_path()).filter(|p| bootwright_image::elf::inspect(p).is_ok()).collect()
}

/// Copies the closure of what the programs need, the loader, and what looking up host names needs of this C library.
fn shared_objects(root: &Path, search: &Path, into: &Path, stage: &mut dyn Stage) -> Result<(), BuildError> {
    let programs = elf_files(root);
    let search_in = [search.to_path_buf()];
    let mut found = closure::closure(&programs, &search_in)?;
    if found.libraries.is_empty() {
        stage.say("no program needs a shared object".into());
        return Ok(());
    }
    if let Some(libc) = found.libraries.iter().find(|l| l.name.starts_with("libc.so")).map(|l| l.file.clone()) {
        let names = nss::nss_modules(&libc, &search_in)?;
        for f in &names.findings {
            stage.say(format!("name service: {} is {} {}", f.symbol, if f.in_libc { "in" } else { "not in" }, libc.display()));
        }
        found.add(&names.libraries);
    }
    let real_search = fs::canonicalize(search).at("find", search)?;
    fs::create_dir_all(into).at("make the folder", into)?;
    for library in &found.libraries {
        // An absolute link inside the library folder would lead to the host's file.
        if !library.file.starts_with(&real_search) {
            return Err(BuildError::Action(format!("{} leads out of {} to {}", library.name, search.display(), library.file.display())));
        }
        let name = Path::new(&library.name).file_name().unwrap_or_default();
        stage.say(format!("{} for {}", library.name, library.needed_by.display()));
        files::copy(&library.file, &into.join(name))?;
    }
    Ok(())
}

fn strip(dir: &Path, stage: &mut dyn Stage) -> Result<(), BuildError> {
    for file in elf_files(dir) {
        let argv = ["strip".to_owned(), "--strip-unneeded".into(), file.display().to_string()];
        stage.run(&argv, dir)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_take_the_place_of_what_was_said() {
        let base = "# head\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_AB=m\n";
        let answers = "# a remark\nCONFIG_B=y\n# CONFIG_A is not set\nCONFIG_NEW=\"x=1\"\nCONFIG_B=m\n";
        assert_eq!(merge_config(base, answers), "# head\n# CONFIG_A is not set\nCONFIG_B=m\nCONFIG_AB=m\nCONFIG_NEW=\"x=1\"\n");
    }

    struct Alone;

    impl Stage for Alone {
        fn expand(&self, text: &str) -> Result<String, BuildError> {
            Ok(text.into())
        }
        fn run(&mut self, _: &[String], _: &Path) -> Result<(), BuildError> {
            Ok(())
        }
        fn say(&mut self, _: String) {}
        fn home(&self) -> PathBuf {
            PathBuf::new()
        }
    }

    #[test]
    fn a_configuration_in_an_old_encoding_is_merged_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).display().to_string();
        fs::write(file("into"), b"CONFIG_A=y\nCONFIG_S=\"caf\xE9\"\n").unwrap();
        fs::write(file("answers"), b"CONFIG_A=n\nCONFIG_T=\"\xFF\"\n").unwrap();
        perform(&Action::MergeConfig { answers: file("answers"), into: file("into") }, &mut Alone).unwrap();
        assert_eq!(fs::read(file("into")).unwrap(), b"CONFIG_A=n\nCONFIG_S=\"caf\xE9\"\nCONFIG_T=\"\xFF\"\n");
    }
}
