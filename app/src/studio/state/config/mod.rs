//! The page Configuration: which component's options it shows, and the sheets that are open.
//!
//! The project's lines are the one place of truth. A change of an option becomes an `Edit` of them, and every open sheet
//! follows the lines that the project has, whoever changed them.

mod apply;
mod sheet;

use super::State;
use bootwright_build::config::{Editor, Fix, Fixes, Import};
use bootwright_kconfig::{NodeId, SymId};
use bootwright_model::{ComponentId, Project};
pub use sheet::{Sheet, Wished};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq)]
pub enum ConfigAction {
    /// Brings the page to the front, on this component.
    Show(ComponentId),
    /// The user has seen what the project brings along.
    Trust,
    /// Gets and unpacks the source.
    Fetch,
    StopFetching,
    /// Reads the Kconfig files again.
    Reload,
    Search(String),
    OnlyChanged(bool),
    ShowInvisible(bool),
    /// All menus, or none.
    UnfoldAll(bool),
    Fold {
        node: NodeId,
        open: bool,
    },
    Select(NodeId),
    /// Shows an option where it stands in the menus.
    Go(String),
    /// The value as it is typed.
    Set {
        symbol: SymId,
        value: String,
    },
    /// As it is without the project's lines.
    Unset(SymId),
    FindFixes {
        name: String,
        value: String,
    },
    ApplyFix(Fix),
    /// A place of a Kconfig file, in the user's editor.
    Open {
        file: String,
        line: u32,
    },
    /// None: the desktop's dialog asks.
    Export(Option<String>),
    Import {
        path: Option<String>,
        add: bool,
    },
    TakeImport,
    DropImport,
}

/// How far a component's configuration is.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Reading it runs what the project brings along, which the user has not seen yet.
    Untrusted,
    Loading,
    /// The source is not in the work folder.
    NotUnpacked,
    /// What is going on.
    Fetching(String),
    Failed(String),
    Open,
}

/// An answer of the desk.
pub enum ConfigNews {
    Opened(Result<Box<Editor>, NotOpened>),
    Fetching(String),
    Fetched(Result<(), String>),
    Fixes {
        name: String,
        value: String,
        lines: String,
        fixes: Fixes,
    },
    Imported {
        file: PathBuf,
        result: Result<Import, String>,
    },
    Exported {
        path: PathBuf,
        digest: u64,
    },
    /// Something else is there; its digest. Asking again replaces it.
    WouldReplace {
        path: PathBuf,
        digest: u64,
        known: bool,
    },
    NotExported(String),
    /// The dialog was closed without a choice.
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
pub enum NotOpened {
    NotUnpacked,
    Failed(String),
}

impl std::fmt::Debug for ConfigNews {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfigNews")
    }
}

#[derive(Default)]
pub struct ConfigPage {
    /// The component that is shown.
    pub component: Option<ComponentId>,
    pub phases: BTreeMap<ComponentId, Phase>,
    pub sheets: BTreeMap<ComponentId, Sheet>,
    /// What was done last; a sentence.
    pub note: Option<String>,
    /// Counts wishes that the row of the cursor comes into sight.
    pub wishes: u64,
}

impl ConfigPage {
    pub fn sheet(&self) -> Option<&Sheet> {
        self.sheets.get(self.component.as_ref()?)
    }

    fn sheet_mut(&mut self) -> Option<&mut Sheet> {
        self.sheets.get_mut(self.component.as_ref()?)
    }

    /// Before each frame. True where there is more to do.
    pub fn work(&mut self) -> bool {
        self.sheet_mut().is_some_and(Sheet::work)
    }

    pub fn phase(&self) -> Option<&Phase> {
        self.phases.get(self.component.as_ref()?)
    }
}

impl State {
    /// Components that Kconfig configures, by the order of the layout.
    pub fn configurable(&self) -> Vec<&ComponentId> {
        let fits = |c: &&bootwright_model::Component| self.recipe(c).is_some_and(|r| r.configurable());
        self.project.layout.components.iter().filter(fits).map(|c| &c.id).collect()
    }

    /// The one that the page shows, or would show.
    pub fn config_component(&self) -> Option<ComponentId> {
        let all = self.configurable();
        let selected = match &self.selection {
            Some(super::Selection::Component(id)) => Some(id),
            _ => None,
        };
        let shown = self.config_page.component.as_ref();
        [shown, selected].into_iter().flatten().find(|id| all.contains(id)).or(all.first().copied()).cloned()
    }
}

/// What a configuration depends on besides the project's lines: where boxes stand does not count.
fn bare(project: &Project) -> Project {
    let mut bare = project.clone();
    bare.fragments.clear();
    bare.path = None;
    bare.jobs = None;
    bare.layout.components.iter_mut().for_each(|c| c.position = None);
    bare
}
