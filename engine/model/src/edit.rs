//! What a user can change about a project: each change by its name, applied whole or refused with the reason.

use crate::{ComponentId, Library, Project};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// An option of a component; the recipe's default is not written down.
    SetOption { component: ComponentId, option: String, value: String },
}

/// Why an edit is not made. The project is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    pub reason: String,
    /// Where it would close a circle: the components on it, each needing the one before it.
    pub circle: Vec<ComponentId>,
}

impl Refusal {
    fn new(reason: String) -> Self {
        Self { reason, circle: Vec::new() }
    }
}

impl Edit {
    /// The project with this change.
    ///
    /// # Errors
    /// If it names what is not there, or if what it makes could not be.
    pub fn apply(&self, project: &Project, library: &Library) -> Result<Project, Refusal> {
        let mut project = project.clone();
        match self {
            Self::SetOption { component, option, value } => {
                let Some(c) = project.layout.components.iter_mut().find(|c| c.id == *component) else {
                    return Err(Refusal::new(format!("there is no component `{component}`")));
                };
                let def = library.recipe(&c.recipe).and_then(|r| r.option(option));
                let def = def.ok_or_else(|| Refusal::new(format!("`{component}` has no option `{option}`")))?;
                if !def.choices.iter().any(|x| x.id == *value) {
                    return Err(Refusal::new(format!("the option `{option}` of `{component}` cannot be `{value}`")));
                }
                if def.default == *value {
                    c.options.remove(option);
                } else {
                    c.options.insert(option.clone(), value.clone());
                }
            }
        }
        Ok(project)
    }

    /// As the history of changes shows it: `Set kernel: config = defconfig`.
    pub fn title(&self, _before: &Project, _library: &Library) -> String {
        match self {
            Self::SetOption { component, option, value } => format!("Set {component}: {option} = {value}"),
        }
    }
}
