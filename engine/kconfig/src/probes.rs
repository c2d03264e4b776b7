//! What the shell said, remembered: a tree asks the compiler a hundred questions each time it is read.
//!
//! An answer is known again while the command, the environment and the files that the command names are the same: each word
//! that is a program on PATH or an existing file counts with its size, its time and its number.

use crate::macros::Host;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Variables that say nothing about an answer.
const IDLE: [&str; 12] =
    ["_", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "OLDPWD", "PWD", "SHLVL", "TERM", "COLUMNS", "LINES", "LS_COLORS"];
/// Shell output is cut to 4095 bytes; this many answers are more than any tree asks for.
const MOST_ENTRIES: usize = 100_000;
const LONGEST_FILE: u64 = 64 << 20;
/// Readings that each find new questions, a command made of the answer of another; the kernel's tree takes three.
const MOST_ROUNDS: usize = 16;

#[derive(Debug, Default)]
pub struct Probes {
    answers: FxHashMap<String, Vec<u8>>,
    changed: bool,
}

impl Probes {
    /// What an earlier run stored; nothing where the file cannot be read, or is none of ours.
    pub fn load(file: &Path) -> Self {
        let mut probes = Self::default();
        if fs::metadata(file).is_ok_and(|m| m.len() <= LONGEST_FILE)
            && let Ok(bytes) = fs::read(file)
        {
            let _ = probes.take(&bytes); // what was whole up to a damage is kept
        }
        probes.changed = false;
        probes
    }

    fn take(&mut self, mut bytes: &[u8]) -> Option<()> {
        while !bytes.is_empty() && self.answers.len() < MOST_ENTRIES {
            let end = memchr::memchr(b'\n', bytes)?;
            let (key, value) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
            let (key, value): (usize, usize) = (key.parse().ok()?, value.parse().ok()?);
            bytes = &bytes[end + 1..];
            let name = std::str::from_utf8(bytes.get(..key)?).ok()?;
            let answer = bytes.get(key..key.checked_add(value)?)?;
            self.answers.insert(name.to_owned(), answer.to_vec());
            bytes = bytes.get(key + value + 1..)?;
        }
        Some(())
    }

    /// Stores what is known, if anything is new.
    pub fn save(&mut self, file: &Path) -> io::Result<()> {
        if !std::mem::take(&mut self.changed) {
            return Ok(());
        }
        let mut out = Vec::new();
        for (key, answer) in &self.answers {
            writeln!(out, "{} {}", key.len(), answer.len())?;
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(answer);
            out.push(b'\n');
        }
        crate::files::replace(file, out)
    }

    fn insert(&mut self, key: String, answer: Vec<u8>) {
        if self.answers.len() < MOST_ENTRIES {
            self.changed |= self.answers.insert(key, answer.clone()) != Some(answer);
        }
    }
}

/// What of the outside an answer depends on.
#[derive(Debug)]
pub struct Identity {
    environment: String,
    path: Vec<PathBuf>,
    folder: PathBuf,
    files: FxHashMap<String, String>,
}

impl Identity {
    pub fn new(environment: &BTreeMap<String, String>, folder: &Path) -> Self {
        let mut text = String::new();
        for (name, value) in environment {
            if !IDLE.contains(&name.as_str()) && !name.starts_with("KCONFIG_") {
                text.push_str(&format!("{name}={value}\0"));
            }
        }
        let path = environment.get("PATH").map(|p| std::env::split_paths(p).collect()).unwrap_or_default();
        Self { environment: text, path, folder: folder.to_path_buf(), files: FxHashMap::default() }
    }

    fn of_word(&mut self, word: &str) -> String {
        if let Some(known) = self.files.get(word) {
            return known.clone();
        }
        let found = if word.contains('/') {
            fs::metadata(self.folder.join(word)).ok()
        } else {
            let on_path = self.path.iter().map(|d| d.join(word)).find_map(|p| fs::metadata(p).ok());
            on_path.or_else(|| fs::metadata(self.folder.join(word)).ok())
        };
        // A folder's own data says nothing of what is in it.
        let text = match found.filter(|m| m.is_file()) {
            Some(m) => format!("{word}:{}:{}.{}:{}:{}\0", m.len(), m.mtime(), m.mtime_nsec(), m.ino(), m.dev()),
            None => String::new(),
        };
        self.files.insert(word.to_owned(), text.clone());
        text
    }

    fn key(&mut self, command: &str) -> String {
        let mut key = format!("{command}\0");
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
        let mut words: Vec<&str> = command.split(|c| !is_word(c)).filter(|w| !w.is_empty()).collect();
        // `$CC` in the command: the program that the variable names.
        let environment = self.environment.clone();
        for (name, value) in environment.split('\0').filter_map(|v| v.split_once('=')) {
            if !value.is_empty() && command.contains(&format!("${name}")) {
                words.extend(value.split_whitespace());
            }
        }
        words.sort_unstable();
        words.dedup();
        for word in words {
            key.push_str(&self.of_word(word));
        }
        key.push_str(&environment);
        key
    }
}

/// Stands for an answer that is not known yet. What is made of it is no question either.
const OPEN: &str = "\u{10ffff}?\u{10ffff}";

/// A host whose shell is asked only what is not known.
struct Remembering<'a> {
    host: &'a mut dyn Host,
    probes: &'a mut Probes,
    identity: &'a mut Identity,
    /// What is not known is noted, to be asked later, and not asked at once.
    notes: bool,
    /// Keys and commands.
    missing: Vec<(String, String)>,
    /// The keys of the answers that were used, in the order of using them.
    used: Vec<String>,
}

impl Host for Remembering<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        self.host.variable(name)
    }

    fn shell(&mut self, command: &str) -> Vec<u8> {
        if command.contains(OPEN) {
            return OPEN.into();
        }
        let key = self.identity.key(command);
        if let Some(answer) = self.probes.answers.get(&key) {
            self.used.push(key);
            return answer.clone();
        }
        if !self.notes {
            let answer = self.host.shell(command);
            self.probes.insert(key, answer.clone());
            return answer;
        }
        if !self.missing.iter().any(|(k, _)| *k == key) {
            self.missing.push((key, command.to_owned()));
        }
        OPEN.into()
    }
}

/// Reads a tree with what is remembered; what is not is asked side by side, before it is needed.
///
/// To find the questions the tree is read with the answers at hand. Only what does not hang on an answer that is still open
/// is a question, so that nothing is asked that would not be asked one after another. What the commands say on their
/// standard error comes in that order too.
pub fn read_remembering(reading: &crate::Reading, host: &mut dyn Host, identity: &mut Identity, probes: &mut Probes) -> crate::Tree {
    let mut errors: FxHashMap<String, Vec<u8>> = FxHashMap::default();
    let mut rounds = 0;
    loop {
        let mut remembering = Remembering { host, probes, identity, notes: rounds < MOST_ROUNDS, missing: Vec::new(), used: Vec::new() };
        rounds += 1;
        let tree = crate::read(reading, &mut remembering);
        let (missing, used) = (remembering.missing, remembering.used);
        if missing.is_empty() {
            for key in used {
                let _ = io::stderr().write_all(&errors.remove(&key).unwrap_or_default()); // nobody listens: there is nothing else to tell
            }
            return tree;
        }
        let commands: Vec<&str> = missing.iter().map(|(_, command)| command.as_str()).collect();
        for ((key, _), said) in missing.iter().zip(host.shells(&commands)) {
            errors.insert(key.clone(), said.errors);
            probes.insert(key.clone(), said.output);
        }
    }
}

/// The same, with the environment's identity.
pub fn read_side_by_side(reading: &crate::Reading, system: &crate::System, probes: &mut Probes) -> crate::Tree {
    let mut identity = Identity::new(&system.environment, &system.folder);
    read_remembering(reading, &mut system.clone(), &mut identity, probes)
}
