//! What else an option takes with it: Kconfig asked with the environment that the tree was configured in.

use crate::error::{Error, Result};
use crate::stale::{Change, Settings, changes, values};
use crate::tree::{Kind, Tree};
use bootwright_kconfig::probes::{Probes, read_side_by_side};
use bootwright_kconfig::{Dialect, Reading, Solver, System, finish};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A configuration followed through Kconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// auto.conf as it is.
    pub before: BTreeMap<String, String>,
    /// As it would be.
    pub after: BTreeMap<String, String>,
    /// What differs.
    pub changes: Vec<Change>,
    /// Options that did not take the value that was wished, with the value they have.
    pub refused: Vec<(String, String)>,
}

/// How Kconfig is asked: its files have the shell look at compilers and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// A file that keeps the shell's answers.
    pub probes: PathBuf,
    /// What make would be started with.
    pub environment: BTreeMap<String, String>,
}

impl Asking {
    /// With the environment of this process.
    pub fn here(probes: PathBuf) -> Self {
        Self { probes, environment: System::current().environment }
    }
}

/// Sets options of a configured tree to values, and gives all that follows.
pub fn follow(tree: &Tree, wishes: &[(String, String)], asking: &Asking) -> Result<Followed> {
    if tree.kind == Kind::BusyBox {
        return follow_plainly(tree, wishes);
    }
    let noted = read(tree, "include/config/auto.conf.cmd")?;
    let mut system = System { environment: asking.environment.clone(), folder: tree.object.clone() };
    for line in noted.lines() {
        let pair = line.strip_prefix("ifneq \"$(").and_then(|l| l.strip_suffix('"')).and_then(|l| l.split_once(")\" \""));
        if let Some((name, value)) = pair {
            system.environment.insert(name.to_owned(), value.to_owned());
        }
    }
    system.environment.insert("srctree".into(), tree.source.display().to_string());
    let dialect = Dialect::detect(&tree.source);
    let reading = Reading::new("Kconfig", &tree.object, Some(tree.source.clone()), dialect);
    let mut kept = Probes::load(&asking.probes);
    let mut kconfig = read_side_by_side(&reading, &system, &mut kept);
    let _ = kept.save(&asking.probes); // they would be asked again
    finish(&mut kconfig);
    if kconfig.has_errors() {
        return Err(Error::Other(format!(
            "the Kconfig files of {} have errors, so what follows from an option is not known",
            tree.source.display()
        )));
    }
    let mut solver = Solver::new(kconfig);
    solver.read_answers(".config", &read(tree, ".config")?, false);
    solver.forget();
    let mut refused = Vec::new();
    for (name, value) in wishes {
        let symbol = solver.tree.find(name).ok_or_else(|| Error::Other(format!("no Kconfig file defines {name}")))?;
        let _ = solver.set(symbol, value);
        let has = solver.value_text(symbol).to_owned();
        if has != *value {
            refused.push((name.clone(), has));
        }
    }
    solver.evaluate_all();
    let order = solver.tree.table_order();
    let (before, after) = (Settings::read(tree).values, values(&solver.auto_conf(&order, false)));
    Ok(Followed { changes: changes(&before, &after), before, after, refused })
}

/// Without Kconfig: the options alone.
fn follow_plainly(tree: &Tree, wishes: &[(String, String)]) -> Result<Followed> {
    let before = Settings::read(tree).values;
    let wished: Vec<Change> = wishes
        .iter()
        .map(|(name, value)| Change { name: name.clone(), old: before.get(name).cloned(), new: (value != "n").then(|| value.clone()) })
        .collect();
    let after = super::predicted::after(&before, &wished);
    Ok(Followed { changes: changes(&before, &after), before, after, refused: Vec::new() })
}

fn read(tree: &Tree, name: &str) -> Result<String> {
    let path = tree.object.join(name);
    let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, e))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
