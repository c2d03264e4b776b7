//! Where a component's Kconfig files lie, and the actions that configure it.

use super::ConfigError;
use crate::graph::WorkKind;
use crate::plan::Planner;
use crate::{Work, facts, sources};
use bootwright_model::{Action, ComponentId, FactSource, Library, Project};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything that the configuration depends on but the project's own lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub component: ComponentId,
    /// The unpacked source tree, which nobody changes.
    pub source: PathBuf,
    /// `${tree}`: some recipes write it into the configuration.
    pub tree: PathBuf,
    /// What the source calls itself, such as 6.12.117.
    pub version: Option<String>,
    /// The actions of the configure step of which all conditions hold.
    pub(super) actions: Vec<Action>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) options: BTreeMap<String, String>,
    /// The recipe's own part of `${fragment}`.
    pub(super) fragment: String,
    /// Where commands of the Kconfig files run, and where generated ones lie: a folder for each source.
    pub(super) scratch: PathBuf,
    /// What the shell said before.
    pub(super) probes: PathBuf,
}

impl Site {
    /// # Errors
    /// If the component has no Kconfig configuration, or its source is not there yet.
    pub fn find(project: &Project, library: &Library, component: &ComponentId, work: &Work) -> Result<Self, ConfigError> {
        let mut bare = project.clone();
        bare.fragments.remove(component);
        let configurable = bare.layout.component(component).and_then(|c| library.recipe(&c.recipe)).is_some_and(|r| r.configurable());
        if !configurable {
            return Err(ConfigError::NotConfigurable(component.clone()));
        }
        let lock = sources::load_lock(project.path.as_deref(), work)?;
        let mut planner = Planner::new(&bare, library, Some(component), work, lock)?;
        planner.walk()?;
        planner.tools.save()?;
        let mine = |id: &ComponentId| id == component;
        let found = planner.graph.nodes.iter().enumerate().find_map(|(i, n)| match &n.work {
            WorkKind::Make(make) if mine(&n.id.component) && make.configures() => Some((i, make)),
            _ => None,
        });
        let (node, make) = found.ok_or_else(|| ConfigError::NotConfigurable(component.clone()))?;
        let unpack = make.source.ok_or_else(|| ConfigError::NotConfigurable(component.clone()))?;
        let WorkKind::Unpack { source, .. } = &planner.graph.nodes[unpack].work else {
            return Err(ConfigError::NotConfigurable(component.clone()));
        };
        let not_there = || ConfigError::NotUnpacked { source_name: source.id.clone() };
        let key = planner.known(unpack).map(|k| k.key.clone()).filter(|k| !k.is_empty()).ok_or_else(not_there)?;
        let folder = work.sources().join(&key);
        if !folder.is_dir() {
            return Err(not_there());
        }
        Ok(Self {
            component: component.clone(),
            version: facts::look(&FactSource::KernelMakefile("Makefile".into()), &folder),
            source: folder,
            tree: planner.tree(node)?.path(),
            actions: make.actions.clone(),
            env: make.env.clone(),
            options: make.options.clone(),
            fragment: make.fragment.clone(),
            scratch: work.root().join("kconfig").join(key),
            probes: work.root().join("kconfig").join("probes"),
        })
    }
}

impl Site {
    /// A Kconfig tree by itself, all options off: for tests and measurements.
    pub fn all_no(component: ComponentId, source: PathBuf, scratch: PathBuf) -> Self {
        let argv = ["make", "KCONFIG_ALLCONFIG=answers", "ARCH=x86_64", "allnoconfig"].map(str::to_owned).to_vec();
        let answers = Action::WriteFile { path: "answers".into(), text: "${fragment}".into(), executable: false };
        Self {
            component,
            tree: scratch.join("tree"),
            version: None,
            actions: vec![answers, Action::Run { argv, cwd: None }],
            env: BTreeMap::new(),
            options: BTreeMap::new(),
            fragment: String::new(),
            probes: scratch.join("probes"),
            scratch,
            source,
        }
    }
}
