//! Small trees, each with one thing to see. What the C program makes of whole kernels is compared in tests/kconfig.rs.

mod answers;
mod dialects;
mod editor;
mod faults;
mod hostile;
mod messages;
mod mutants;
mod newer;
mod probes;
mod reading;
mod reasons;

use crate::conf::{Conf, Io};
use crate::{Dialect, Reading, Solver, SymId, System, Tree, bytes, finish, read};
use std::path::Path;

/// A tree with these files; the first is where reading begins.
pub fn tree(files: &[(&str, &str)]) -> Tree {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    tree_in(folder.path(), files[0].0)
}

pub fn tree_in(folder: &Path, top: &str) -> Tree {
    tree_of(folder, top, Dialect::linux_6_12())
}

pub fn tree_of(folder: &Path, top: &str, dialect: Dialect) -> Tree {
    let mut host =
        System { environment: [("PATH".into(), "/usr/bin:/bin".into()), ("WHO".into(), "us".into())].into(), folder: folder.into() };
    let mut tree = read(&Reading::new(top, folder, None, dialect), &mut host);
    finish(&mut tree);
    tree
}

/// A solver over one file, everything worked out.
pub fn solver(text: &str) -> Solver {
    let tree = tree(&[("Kconfig", text)]);
    assert!(!tree.has_errors(), "{:?}", tree.diagnostics);
    let mut solver = Solver::new(tree);
    solver.evaluate_all();
    solver
}

pub fn sym(solver: &Solver, name: &str) -> SymId {
    solver.tree.find(name).unwrap()
}

pub fn value(solver: &mut Solver, name: &str) -> String {
    let s = sym(solver, name);
    solver.value(s);
    solver.value_text(s).to_owned()
}

/// Runs `conf` in a folder with such variables and such an input: its exit code and both outputs.
pub fn conf(folder: &Path, variables: &[(&str, &str)], words: &[&str], mut input: &[u8]) -> (u8, String, String) {
    let environment = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut host = System { environment, folder: folder.into() };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let io = Io { input: &mut input, out: &mut out, err: &mut err, terminal: false };
    let words: Vec<String> = ["conf"].iter().chain(words).map(|w| (*w).to_owned()).collect();
    let code = Conf { host: &mut host, folder: folder.into(), io, probe_cache: None }.run(&words);
    (code, bytes::text(out), bytes::text(err))
}
