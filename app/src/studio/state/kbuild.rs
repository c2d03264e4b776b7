//! The page Kbuild: the tree of a component as its makefiles and its last build have it, followed while it is built.

use super::State;
use crate::kbuild::{Details, Foreseen, Seen, Standing};
use crate::studio::action::Tab;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use bootwright_build::{Event, Outcome};
use bootwright_kbuild::reach::Reach;
use bootwright_model::ComponentId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum KbuildAction {
    /// Brings the page to the front, on this component.
    Show(ComponentId),
    /// Looks at the tree again.
    Reload,
    /// Part of a path, or an option's name.
    Filter(String),
    /// A folder of the tree is opened or closed.
    Fold(usize),
    /// An object, by its path.
    Select(String),
    /// A folder, by its number.
    SelectFolder(usize),
    /// The objects that an option brings in.
    OfOption(String),
    View(View),
}

/// What the page shows of a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Folders with their objects.
    #[default]
    Tree,
    /// Options by how many objects hang on them for nothing.
    Options,
    /// Headers and other files by how many objects hang on them.
    Files,
}

/// How far the tree of a component is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nobody asked for it.
    #[default]
    Unasked,
    Loading,
    /// There is no tree: the component was never configured here.
    NotThere,
    Failed(String),
    Open,
}

#[derive(Debug)]
pub enum KbuildNews {
    Opened(Result<Arc<Seen>, NotSeen>),
    Details(Box<Details>),
    Reach(Result<Arc<Reach>, String>),
    /// What the configuration of this revision would build again.
    Foreseen {
        revision: u64,
        result: Answer,
    },
}

/// What a configuration would build again. None where there is no tree: a first build makes everything.
pub type Answer = Result<Option<Box<Foreseen>>, String>;

#[derive(Clone, Debug, PartialEq)]
pub enum NotSeen {
    NotThere,
    Failed(String),
}

/// A component's tree.
#[derive(Default)]
pub struct Grove {
    pub phase: Phase,
    pub seen: Option<Arc<Seen>>,
    pub open: BTreeSet<usize>,
    pub chosen: Option<Chosen>,
    pub details: Option<Box<Details>>,
    /// How far options and files reach; None: nobody asked, or it is being worked out.
    pub reach: Option<Result<Arc<Reach>, String>>,
    reach_asked: bool,
    /// Objects that the build that runs has finished, by their number.
    pub made: BTreeSet<usize>,
    /// How many of them lie in and below each folder.
    pub made_below: BTreeMap<usize, usize>,
    /// What the open configuration would build again, and of which revision of it.
    pub foreseen: Option<(u64, Answer)>,
    /// The revision that was asked about, while there is no answer.
    asked: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Chosen {
    Object(String),
    Folder(usize),
}

#[derive(Default)]
pub struct KbuildPage {
    pub component: Option<ComponentId>,
    pub filter: String,
    pub view: View,
    pub groves: BTreeMap<ComponentId, Grove>,
}

/// A line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Folder { folder: usize, depth: usize },
    Object { object: usize, depth: usize },
}

impl Grove {
    /// The lines in sight: what fits the filter, else folders that are open with what lies in them.
    pub fn rows(&self, filter: &str) -> Vec<Row> {
        let Some(seen) = &self.seen else { return Vec::new() };
        let needle = filter.trim();
        if !needle.is_empty() {
            let lower = needle.to_lowercase();
            let option = needle.to_uppercase();
            let option = option.strip_prefix("CONFIG_").unwrap_or(&option);
            let fits = |o: &crate::kbuild::ObjectSeen| {
                o.path.to_lowercase().contains(&lower) || o.options.iter().any(|n| n.strip_prefix("CONFIG_").unwrap_or(n) == option)
            };
            let found = seen.objects.iter().enumerate().filter(|(_, o)| fits(o));
            return found.map(|(object, _)| Row::Object { object, depth: 0 }).collect();
        }
        let mut rows = Vec::new();
        self.below(seen, 0, 0, &mut rows);
        rows
    }

    fn below(&self, seen: &Seen, folder: usize, depth: usize, rows: &mut Vec<Row>) {
        let Some(f) = seen.folders.get(folder) else { return };
        rows.push(Row::Folder { folder, depth });
        if !self.open.contains(&folder) || depth > 64 {
            return;
        }
        for into in &f.into {
            self.below(seen, *into, depth + 1, rows);
        }
        rows.extend(f.objects.iter().map(|object| Row::Object { object: *object, depth: depth + 1 }));
    }

    /// How an object stands: as the build that runs left it, else as it was found.
    pub fn standing(&self, object: usize) -> Standing {
        if self.made.contains(&object) {
            return Standing::UpToDate;
        }
        self.seen.as_ref().and_then(|s| s.objects.get(object)).map_or(Standing::Unknown, |o| o.standing)
    }

    /// An object was made.
    fn made(&mut self, path: &str) {
        let Some(seen) = self.seen.clone() else { return };
        let Some(object) = seen.find(path).filter(|o| self.made.insert(*o)) else { return };
        for folder in seen.objects.get(object).into_iter().flat_map(|o| seen.up(o.folder)) {
            *self.made_below.entry(folder).or_default() += 1;
        }
    }
}

impl State {
    /// The component that the page is about: the one asked for, else the selected one, else the first with a tree of Kbuild.
    pub fn kbuild_component(&self) -> Option<ComponentId> {
        let all = self.configurable();
        let asked = self.kbuild.component.as_ref().filter(|c| all.contains(c));
        asked.or(all.first().copied()).cloned()
    }

    pub fn kbuild_action(&mut self, action: KbuildAction, link: &dyn EngineLink) {
        let Some(component) = self.kbuild_component() else { return };
        match action {
            KbuildAction::Show(component) => {
                self.kbuild.component = Some(component.clone());
                self.ask_reach(&component, link);
                self.front = Some(Tab::Kbuild);
                if self.kbuild.groves.get(&component).is_none_or(|g| !matches!(g.phase, Phase::Open | Phase::Loading)) {
                    self.open_grove(&component, link);
                }
            }
            KbuildAction::Reload => self.open_grove(&component, link),
            KbuildAction::Filter(text) => self.kbuild.filter = text,
            KbuildAction::OfOption(name) => {
                self.kbuild.filter = name;
                self.kbuild.view = View::Tree;
            }
            KbuildAction::View(view) => {
                self.kbuild.view = view;
                self.ask_reach(&component, link);
            }
            KbuildAction::Fold(folder) => {
                let grove = self.kbuild.groves.entry(component).or_default();
                if !grove.open.remove(&folder) {
                    grove.open.insert(folder);
                }
            }
            KbuildAction::Select(path) => {
                let grove = self.kbuild.groves.entry(component.clone()).or_default();
                grove.chosen = Some(Chosen::Object(path.clone()));
                grove.details = None;
                self.ask(Ask::KbuildDetails { component, path }, link);
            }
            KbuildAction::SelectFolder(folder) => {
                let grove = self.kbuild.groves.entry(component).or_default();
                grove.chosen = Some(Chosen::Folder(folder));
            }
        }
    }

    /// Asks how far options and files reach, where that is shown and not known.
    fn ask_reach(&mut self, component: &ComponentId, link: &dyn EngineLink) {
        let grove = self.kbuild.groves.entry(component.clone()).or_default();
        if self.kbuild.view != View::Tree && grove.reach.is_none() && grove.phase == Phase::Open && !grove.reach_asked {
            grove.reach_asked = true;
            self.ask(Ask::KbuildReach { component: component.clone() }, link);
        }
    }

    /// Asks for a component's tree, unless that would run what is not trusted: Kconfig files may run commands.
    fn open_grove(&mut self, component: &ComponentId, link: &dyn EngineLink) {
        let grove = self.kbuild.groves.entry(component.clone()).or_default();
        grove.phase = match self.trust.covers(&self.project) {
            true => Phase::Loading,
            false => {
                Phase::Failed("This project brings along what no built-in recipe has; the page Configuration asks for your trust.".into())
            }
        };
        if grove.phase == Phase::Loading {
            self.ask(Ask::OpenKbuild { project: self.project.clone(), component: component.clone() }, link);
        }
    }

    pub fn kbuild_news(&mut self, component: ComponentId, news: KbuildNews, link: &dyn EngineLink) {
        let grove = self.kbuild.groves.entry(component.clone()).or_default();
        match news {
            KbuildNews::Opened(Ok(seen)) => {
                // Folder numbers are those of one look; where the tree is another, they begin anew.
                let same = grove.seen.as_ref().is_some_and(|s| s.folders.iter().map(|f| &f.path).eq(seen.folders.iter().map(|f| &f.path)));
                if !same {
                    grove.open = BTreeSet::from([0]);
                    grove.chosen = grove.chosen.take().filter(|c| matches!(c, Chosen::Object(_)));
                }
                grove.made.clear();
                grove.made_below.clear();
                grove.seen = Some(seen);
                grove.phase = Phase::Open;
                // What was built since may hang on other files.
                (grove.reach, grove.reach_asked) = (None, false);
                self.ask_reach(&component, link);
            }
            KbuildNews::Opened(Err(why)) => {
                grove.seen = None;
                grove.phase = match why {
                    NotSeen::NotThere => Phase::NotThere,
                    NotSeen::Failed(why) => Phase::Failed(why),
                };
            }
            KbuildNews::Details(details) => {
                if grove.chosen.as_ref() == Some(&Chosen::Object(details.path.clone())) {
                    grove.details = Some(details);
                }
            }
            KbuildNews::Reach(result) => {
                grove.reach_asked = false;
                grove.reach = Some(result);
            }
            KbuildNews::Foreseen { revision, result } => {
                grove.asked = None;
                grove.foreseen = Some((revision, result));
            }
        }
    }

    /// The page follows the build.
    pub fn kbuild_event(&mut self, event: &Event) {
        match event {
            Event::StepStarted { step, .. } => {
                if let Some(grove) = self.kbuild.groves.get_mut(&step.component) {
                    grove.made.clear();
                    grove.made_below.clear();
                }
            }
            Event::Objects { step, objects } => {
                if let Some(grove) = self.kbuild.groves.get_mut(&step.component) {
                    for o in objects {
                        grove.made(o.name.rsplit(' ').next().unwrap_or_default());
                    }
                }
            }
            _ => {}
        }
    }

    /// After a step: trees that are shown are looked at again.
    pub fn kbuild_after(&mut self, event: &Event, link: &dyn EngineLink) {
        let Event::StepFinished { step, outcome: Outcome::Done | Outcome::Failed(_), .. } = event else { return };
        if self.kbuild.groves.get(&step.component).is_some_and(|g| g.phase != Phase::Unasked) {
            let component = step.component.clone();
            self.open_grove(&component, link);
        }
    }

    /// Asks what the configuration that is open would build again, once for each of its revisions, one question at a time.
    pub fn foresee(&mut self, link: &dyn EngineLink) {
        let Some(component) = self.config_page.component.clone() else { return };
        let Some(sheet) = self.config_page.sheets.get_mut(&component).filter(|s| !s.stale) else { return };
        let editor = sheet.editor.get_mut();
        let revision = editor.revision;
        let grove = self.kbuild.groves.entry(component.clone()).or_default();
        if grove.asked.is_some() || grove.foreseen.as_ref().is_some_and(|(r, _)| *r == revision) {
            return;
        }
        grove.asked = Some(revision);
        let (config, site) = (editor.dot_config(), Box::new(editor.site.clone()));
        self.ask(Ask::Foresee { component, site, config, revision }, link);
    }
}
