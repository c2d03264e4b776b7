//! From the actions of a configure step to answers: the same files, the same `make` targets, in memory.

use super::environment::source_arch;
use super::{ConfigError, Site};
use crate::action::merge_config;
use crate::error::At;
use crate::expand::expand;
use crate::process;
use bootwright_kconfig::{Solver, Stamp, Tristate, bytes};
use bootwright_model::Action;
use std::collections::BTreeMap;
use std::fs;

/// A call of `make` that configures.
#[derive(Clone, Debug, PartialEq)]
struct Call {
    target: String,
    variables: BTreeMap<String, String>,
}

/// What configuring costs and does not depend on the project's lines is kept: the text of a `.config`, by the action that
/// made it.
#[derive(Debug, Default)]
pub struct Cache {
    texts: BTreeMap<usize, String>,
}

impl Site {
    fn expand(&self, text: &str, own: &str) -> Result<String, ConfigError> {
        let value = |name: &str| match name {
            "tree" => Some(self.tree.display().to_string()),
            "src" => Some(self.source.display().to_string()),
            "fragment" => Some(format!("{}{own}", self.fragment)),
            _ => self.options.get(name.strip_prefix("option.")?).cloned(),
        };
        expand(text, &value).map_err(ConfigError::NotUnderstood)
    }

    /// The variables of the first call of `make`: they are in the environment of all that it starts.
    pub(super) fn assigned(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        for action in &self.actions {
            if let Action::Run { argv, .. } = action {
                return Ok(self.call(argv)?.variables);
            }
        }
        Ok(BTreeMap::new())
    }

    /// Whether the project's lines are put in the place of lines of a `.config`, and not read after others.
    pub(super) fn merges(&self) -> bool {
        self.actions.iter().any(|a| matches!(a, Action::MergeConfig { .. }))
    }

    /// Whether the project's lines are the last ones that are read.
    pub(super) fn ends_with_lines(&self) -> bool {
        let mut texts = self.actions.iter().filter_map(|a| match a {
            Action::WriteFile { text, .. } | Action::AppendFile { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.next_back().is_some_and(|t| t.ends_with("${fragment}"))
    }

    fn call(&self, argv: &[String]) -> Result<Call, ConfigError> {
        let words = argv.iter().map(|w| self.expand(w, "")).collect::<Result<Vec<_>, _>>()?;
        let unknown = || ConfigError::NotUnderstood(format!("`{}`", process::shown(&words)));
        let mut rest = words.iter();
        if rest.next().is_none_or(|program| program != "make") {
            return Err(unknown());
        }
        let (mut variables, mut targets) = (BTreeMap::new(), Vec::new());
        while let Some(word) = rest.next() {
            match word.split_once('=') {
                _ if word == "-C" => drop(rest.next()),
                _ if word.starts_with('-') => return Err(unknown()),
                Some((name, value)) => drop(variables.insert(name.to_owned(), value.to_owned())),
                None => targets.push(word.clone()),
            }
        }
        match targets.as_slice() {
            [target] => Ok(Call { target: target.clone(), variables }),
            _ => Err(unknown()),
        }
    }

    /// Goes through the actions with these lines of the project's; the solver has the answers and values that come of it.
    pub(super) fn configure(&self, own: &str, solver: &mut Solver, cache: &mut Cache) -> Result<(), ConfigError> {
        let mut run = Run { site: self, solver, files: BTreeMap::new(), config: None };
        let mut mine = false;
        for (i, action) in self.actions.iter().enumerate() {
            match action {
                Action::MakeDir(_) | Action::Require { .. } => {}
                Action::WriteFile { path, text, .. } => {
                    let (path, text) = (self.expand(path, own)?, self.expand(text, own)?);
                    run.files.insert(path, text);
                }
                Action::AppendFile { path, text } => {
                    let (path, text) = (self.expand(path, own)?, self.expand(text, own)?);
                    run.files.entry(path).or_default().push_str(&text);
                }
                Action::MergeConfig { answers, into } => {
                    let (answers, into) = (self.expand(answers, own)?, self.expand(into, own)?);
                    if into != self.tree.join(".config").display().to_string() {
                        return Err(ConfigError::NotUnderstood(format!("a merge into {into}")));
                    }
                    let answers = run.file(&answers)?;
                    run.config = Some(merge_config(&run.text(), &answers));
                    mine = true;
                }
                Action::Run { argv, .. } => {
                    let call = self.call(argv)?;
                    // Until the project's lines come in, it is the same every time.
                    let same = !mine && !call.variables.contains_key("KCONFIG_ALLCONFIG") && i + 1 < self.actions.len();
                    match cache.texts.get(&i).filter(|_| same) {
                        Some(text) => run.config = Some(text.clone()),
                        None => {
                            run.make(&call)?;
                            if same {
                                let text = run.text();
                                cache.texts.insert(i, text);
                            }
                        }
                    }
                }
                other => return Err(ConfigError::NotUnderstood(format!("the action {other:?}"))),
            }
        }
        if run.config.is_some() {
            return Err(ConfigError::NotUnderstood("a `.config` that nothing reads".into()));
        }
        solver.evaluate_all();
        Ok(())
    }

    /// The text of `.config` that the solver's values make.
    pub(super) fn dot_config(&self, solver: &mut Solver) -> String {
        if !solver.tree.dialect.busybox {
            return solver.dot_config();
        }
        let time = self.env.get("SOURCE_DATE_EPOCH").cloned().or_else(|| {
            let found = process::base_environment().into_iter().find(|(name, _)| *name == "SOURCE_DATE_EPOCH");
            found.map(|(_, value)| value.to_owned())
        });
        let version = self.version.as_deref().unwrap_or_default();
        solver.busybox_config(Stamp { version, time: time.and_then(|t| t.parse().ok()) })
    }
}

struct Run<'a> {
    site: &'a Site,
    solver: &'a mut Solver,
    files: BTreeMap<String, String>,
    /// What `.config` holds, where it is not what the solver's values make.
    config: Option<String>,
}

impl Run<'_> {
    fn text(&mut self) -> String {
        match self.config.take() {
            Some(text) => text,
            None => self.site.dot_config(self.solver),
        }
    }

    fn file(&self, path: &str) -> Result<String, ConfigError> {
        if let Some(text) = self.files.get(path) {
            return Ok(text.clone());
        }
        let path = self.site.source.join(path);
        Ok(bytes::text(fs::read(&path).at("read", &path)?))
    }

    fn make(&mut self, call: &Call) -> Result<(), ConfigError> {
        let unknown = || ConfigError::NotUnderstood(format!("`make {}`", call.target));
        let fill = match call.target.as_str() {
            "allnoconfig" => Some(Tristate::No),
            "allmodconfig" => Some(Tristate::Mod),
            "allyesconfig" => Some(Tristate::Yes),
            "alldefconfig" => None,
            "olddefconfig" | "oldconfig" => {
                let text = self.config.take().ok_or_else(unknown)?;
                self.solver.read_answers(".config", &text, false);
                self.solver.forget_out_of_range();
                self.solver.forget();
                return Ok(());
            }
            target => {
                let text = self.defaults(target, call).ok_or_else(unknown)??;
                self.solver.read_answers(target, &text, false);
                self.solver.forget_out_of_range();
                self.solver.answer_rest(None);
                self.config = None;
                return Ok(());
            }
        };
        let seed = match call.variables.get("KCONFIG_ALLCONFIG") {
            Some(file) => self.file(file)?,
            None => String::new(),
        };
        self.solver.read_answers("seed", &seed, false);
        self.solver.forget();
        self.solver.answer_rest(fill);
        self.config = None;
        Ok(())
    }

    /// What `defconfig` and `X_defconfig` read. None: it is another target.
    fn defaults(&self, target: &str, call: &Call) -> Option<Result<String, ConfigError>> {
        let old = self.solver.tree.dialect.busybox;
        let machine = std::env::consts::ARCH.to_owned();
        let arch = call.variables.get("ARCH").unwrap_or(&machine);
        let name = match target {
            "defconfig" if old => return Some(Ok(String::new())),
            "defconfig" => format!("{arch}_defconfig"),
            _ if target.ends_with("_defconfig") => target.to_owned(),
            _ => return None,
        };
        let path = if old { format!("configs/{name}") } else { format!("arch/{}/configs/{name}", source_arch(arch)) };
        Some(self.file(&path))
    }
}
