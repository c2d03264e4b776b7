//! Reads trees of Kbuild for the page of that name: none of it on the window's thread.

use super::desk::Ask;
use crate::kbuild::{Details, Foreseen, Opened, Seen, indexed};
use crate::studio::state::kbuild::{KbuildNews, NotSeen};
use bootwright_build::Work;
use bootwright_build::config::{ConfigError, Site};
use bootwright_kbuild::impact::Impacts;
use bootwright_kbuild::reach::{Reach, reach};
use bootwright_model::{ComponentId, Library, Project};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The trees that were opened last, for questions about their objects.
#[derive(Default)]
pub struct Trees {
    open: Mutex<HashMap<ComponentId, Arc<Opened>>>,
}

impl Trees {
    pub fn answer(&self, ask: Ask, work: &Path, library: &Library, say: &dyn Fn(ComponentId, KbuildNews)) {
        match ask {
            Ask::OpenKbuild { project, component } => {
                let opened = open(&project, library, &component, work).map(|opened| {
                    let seen = Arc::new(Seen::of(&opened));
                    self.trees().insert(component.clone(), Arc::new(opened));
                    seen
                });
                say(component, KbuildNews::Opened(opened));
            }
            Ask::KbuildDetails { component, path } => {
                let opened = self.trees().get(&component).cloned();
                if let Some(opened) = opened {
                    say(component, KbuildNews::Details(Box::new(Details::of(&opened, &path))));
                }
            }
            Ask::KbuildReach { component } => {
                let opened = self.trees().get(&component).cloned();
                let result = opened.ok_or_else(|| "the tree is not open".to_owned()).map(|o| Arc::new(reach_of(&o)));
                say(component, KbuildNews::Reach(result));
            }
            Ask::Foresee { component, site, config, revision } => {
                let result = foresee(&site, &String::from_utf8_lossy(&config), work).map(|f| f.map(Box::new));
                say(component, KbuildNews::Foreseen { revision, result });
            }
            _ => {}
        }
    }

    fn trees(&self) -> std::sync::MutexGuard<'_, HashMap<ComponentId, Arc<Opened>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(project: &Project, library: &Library, component: &ComponentId, work: &Path) -> Result<Opened, NotSeen> {
    let failed = |why: String| NotSeen::Failed(why);
    let work = Work::new(work).map_err(|e| failed(e.to_string()))?;
    let site = Site::find(project, library, component, &work).map_err(|e| match e {
        ConfigError::NotUnpacked { .. } => NotSeen::NotThere,
        e => failed(e.to_string()),
    })?;
    if !site.tree.join("Makefile").is_file() {
        return Err(NotSeen::NotThere);
    }
    Opened::open(&site.tree, &work).map_err(|e| failed(format!("{e:#}")))
}

fn reach_of(opened: &Opened) -> Reach {
    let Opened { tree, index, journals, .. } = opened;
    reach(tree, index, &Impacts::new(tree, index), &|target| journals.seconds(target))
}

fn foresee(site: &Site, config: &str, work: &Path) -> Result<Option<Foreseen>, String> {
    if !site.tree.join("Makefile").is_file() {
        return Ok(None);
    }
    let work = Work::new(work).map_err(|e| e.to_string())?;
    let (tree, index) = indexed(&site.tree, &work).map_err(|e| format!("{e:#}"))?;
    Foreseen::of(&tree, &index, config, &work).map(Some)
}
