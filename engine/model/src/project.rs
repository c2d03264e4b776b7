//! A project: a layout and the user's own changes to it, in one file.

use crate::file::{load, save, to_text};
use crate::{ComponentId, FORMAT, Layout, Library, ModelError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    pub format: u32,
    pub layout: Layout,
    /// Configuration lines (`CONFIG_X=y`) by component, added after the recipe's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fragments: BTreeMap<ComponentId, String>,
    /// A source archive of the user's own, by the source's name; it goes before every other provider.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, PathBuf>,
    /// The kind of provider to use: `url`, `apt` or `file`; none: the recipe's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Jobs of all `make` children together; none: the machine's cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u32>,
    /// The file it was read from; none for a preset.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

impl Project {
    pub fn from_layout(layout: &Layout) -> Self {
        Self {
            format: FORMAT,
            layout: layout.clone(),
            fragments: BTreeMap::new(),
            files: BTreeMap::new(),
            provider: None,
            jobs: None,
            path: None,
        }
    }

    /// A preset's name or the path of a project file.
    pub fn open(name: &str, library: &Library) -> Result<Self, ModelError> {
        if let Some(layout) = library.layout(name) {
            return Ok(Self::from_layout(layout));
        }
        let path = Path::new(name);
        if !path.exists() && !name.contains(['/', '.']) {
            let known = library.layouts().iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ModelError::NoSuchPreset { name: name.into(), known });
        }
        Self::load(path)
    }

    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let mut project: Self = load("project", path)?;
        project.path = Some(path.to_path_buf());
        Ok(project)
    }

    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        save("project", path, self)
    }

    pub fn to_text(&self) -> Result<String, ModelError> {
        to_text("project", self)
    }

    /// The name under which the store and the work folder know it.
    pub fn name(&self) -> &str {
        &self.layout.name
    }

    /// The value of a component's option: the component's own, else the recipe's default.
    pub fn option<'a>(&'a self, component: &ComponentId, option: &str, library: &'a Library) -> Option<&'a str> {
        let c = self.layout.component(component)?;
        let def = library.recipe(&c.recipe)?.option(option)?;
        Some(c.options.get(option).map_or(def.default.as_str(), String::as_str))
    }
}
