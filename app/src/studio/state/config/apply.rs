//! What actions and the desk's answers do to the page Configuration.

use super::{ConfigAction, ConfigNews, NotOpened, Phase, Sheet, Wished, bare};
use crate::studio::action::{Action, Tab};
use crate::studio::link::EngineLink;
use crate::studio::link::desk::Ask;
use crate::studio::state::State;
use bootwright_build::config::{Editor, Proposal};
use bootwright_model::{ComponentId, Edit};
use std::path::PathBuf;

impl State {
    /// The configuration lines that the project has for a component.
    fn own_lines(&self, component: &ComponentId) -> String {
        self.project.fragments.get(component).cloned().unwrap_or_default()
    }

    pub fn config_action(&mut self, action: ConfigAction, link: &dyn EngineLink) {
        let Some(component) = self.config_component() else { return };
        match action {
            ConfigAction::Show(component) => {
                self.config_page.component = Some(component.clone());
                self.front = Some(Tab::Configuration);
                if !matches!(self.config_page.phases.get(&component), Some(Phase::Open | Phase::Loading | Phase::Fetching(_))) {
                    self.open_config(&component, link);
                }
            }
            ConfigAction::Trust => {
                if let Err(why) = self.trust.add(&self.project) {
                    self.say("The project is trusted for this session only", why);
                }
                self.open_config(&component, link);
            }
            ConfigAction::Fetch => {
                self.config_page.phases.insert(component.clone(), Phase::Fetching("asks for the source".into()));
                let mirrors = self.settings.mirrors.clone();
                self.ask(Ask::FetchSource { project: self.project.clone(), component, mirrors }, link);
            }
            ConfigAction::StopFetching => self.ask(Ask::StopFetching, link),
            ConfigAction::Reload => self.open_config(&component, link),
            ConfigAction::Search(text) => self.on_sheet(|sheet| {
                sheet.search = text;
                sheet.refresh();
                sheet.cursor = sheet.items.first().map(|i| i.node).filter(|_| !sheet.search.trim().is_empty()).or(sheet.cursor);
                sheet.look_later();
            }),
            ConfigAction::OnlyChanged(on) => self.on_sheet(|sheet| {
                sheet.view.only_changed = on;
                sheet.refresh();
            }),
            ConfigAction::ShowInvisible(on) => self.on_sheet(|sheet| {
                sheet.view.show_invisible = on;
                sheet.refresh();
            }),
            ConfigAction::UnfoldAll(on) => self.on_sheet(|sheet| {
                sheet.view.all = on;
                sheet.view.toggled.clear();
                sheet.refresh();
            }),
            ConfigAction::Fold { node, open } => self.on_sheet(|sheet| {
                let editor = sheet.editor.get_mut();
                if std::mem::take(&mut sheet.view.all) {
                    // From now on each for itself.
                    sheet.items.iter().filter(|i| i.parent).for_each(|i| editor.fold(&mut sheet.view, i.node, i.open));
                }
                editor.fold(&mut sheet.view, node, open);
                sheet.refresh();
            }),
            ConfigAction::Select(node) => {
                self.on_sheet(|sheet| {
                    sheet.cursor = Some(node);
                    sheet.wished = None;
                    sheet.look();
                });
                self.config_page.wishes += 1;
            }
            ConfigAction::Go(name) => {
                self.on_sheet(|sheet| {
                    sheet.go(&name);
                    sheet.wished = None;
                });
                self.config_page.wishes += 1;
            }
            ConfigAction::Set { symbol, value } => self.reconfigure(&component, link, |e| e.propose(&[(symbol, value)])),
            ConfigAction::Unset(symbol) => self.reconfigure(&component, link, |e| Ok(e.propose_unset(symbol))),
            ConfigAction::FindFixes { name, value } => {
                let lines = self.own_lines(&component);
                let Some(sheet) = self.config_page.sheet_mut() else { return };
                let site = Box::new(sheet.editor.get_mut().site.clone());
                sheet.wished = Some(Wished { name: name.clone(), value: value.clone(), lines: lines.clone(), found: None });
                self.ask(Ask::Fixes { site, lines, name, value }, link);
            }
            ConfigAction::ApplyFix(fix) => self.reconfigure(&component, link, |e| e.propose_fix(&fix)),
            ConfigAction::Open { file, line } => {
                let Some(sheet) = self.config_page.sheet_mut() else { return };
                let folders = sheet.editor.get_mut().folders();
                let editor = Some(self.log_page.editor.clone()).filter(|e| !e.trim().is_empty());
                self.ask(Ask::Open { editor, file, folders, line, column: None }, link);
            }
            ConfigAction::Export(path) => {
                let Some(sheet) = self.config_page.sheet_mut() else { return };
                let text = sheet.editor.get_mut().dot_config();
                let known = sheet.exported.clone();
                self.ask(Ask::ExportConfig { component, path: path.map(PathBuf::from), text, known }, link);
            }
            ConfigAction::Import { path, add } => {
                let lines = self.own_lines(&component);
                let Some(sheet) = self.config_page.sheet_mut() else { return };
                let site = Box::new(sheet.editor.get_mut().site.clone());
                self.config_page.note = Some("reads the file".into());
                self.ask(Ask::ImportConfig { site, lines, path: path.map(PathBuf::from), add }, link);
            }
            ConfigAction::TakeImport => {
                let taken = self.config_page.sheet_mut().and_then(|s| s.import.take());
                if let Some((_, import)) = taken {
                    self.apply(Action::Edit(Edit::Configure { component, lines: import.lines }), link);
                }
            }
            ConfigAction::DropImport => self.on_sheet(|sheet| sheet.import = None),
        }
    }

    fn on_sheet(&mut self, change: impl FnOnce(&mut super::Sheet)) {
        if let Some(sheet) = self.config_page.sheet_mut() {
            change(sheet);
        }
    }

    /// Asks for the configuration of a component, unless that would run what is not trusted.
    pub(super) fn open_config(&mut self, component: &ComponentId, link: &dyn EngineLink) {
        let phase = if self.trust.covers(&self.project) { Phase::Loading } else { Phase::Untrusted };
        if phase == Phase::Loading {
            if let Some(sheet) = self.config_page.sheets.get_mut(component) {
                sheet.stale = true;
            }
            self.ask(Ask::OpenConfig { project: self.project.clone(), component: component.clone() }, link);
        }
        self.config_page.phases.insert(component.clone(), phase);
    }

    /// A change of options becomes a change of the project's lines.
    fn reconfigure(&mut self, component: &ComponentId, link: &dyn EngineLink, wish: impl FnOnce(&mut Editor) -> Result<Proposal, String>) {
        if self.run.busy() {
            let words = "Stop the build to change the configuration.".to_owned();
            return self.on_sheet(|sheet| sheet.refused = Some(words));
        }
        let Some(sheet) = self.config_page.sheets.get_mut(component).filter(|s| !s.stale) else { return };
        sheet.refused = None;
        match wish(sheet.editor.get_mut()) {
            Err(why) => sheet.refused = Some(why),
            Ok(proposal) => {
                sheet.wished = None;
                let lines = proposal.lines;
                self.apply(Action::Edit(Edit::Configure { component: component.clone(), lines }), link);
                // Where the edit was refused, the sheet goes back to what the project has.
                self.follow_config(link);
                if let Some(sheet) = self.config_page.sheets.get_mut(component) {
                    sheet.effects = proposal.effects;
                }
            }
        }
    }

    /// Brings open sheets to the lines that the project has now; those of which more has changed are read again.
    pub fn follow_config(&mut self, link: &dyn EngineLink) {
        let now = bare(&self.project);
        let mut again = Vec::new();
        for (component, sheet) in &mut self.config_page.sheets {
            if sheet.of != now && !sheet.stale {
                again.push(component.clone());
                continue;
            }
            let lines = self.project.fragments.get(component).map_or("", String::as_str);
            let editor = sheet.editor.get_mut();
            let before = editor.revision;
            let effects = editor.follow(lines);
            // A proposal that was taken has moved the values already.
            if editor.revision != before {
                sheet.effects = effects;
            }
            // Most changes of a project leave the options as they are.
            if sheet.listed != editor.revision {
                sheet.refresh();
                sheet.look();
            }
        }
        for component in again {
            match self.configurable().contains(&&component) {
                true => self.open_config(&component, link),
                false => {
                    self.config_page.sheets.remove(&component);
                    self.config_page.phases.remove(&component);
                }
            }
        }
        self.foresee(link);
    }

    /// After a run: a source that was not there may be, and paths may have become others.
    pub fn config_after_run(&mut self, link: &dyn EngineLink) {
        let waiting: Vec<ComponentId> =
            self.config_page.phases.iter().filter(|(_, p)| **p == Phase::NotUnpacked).map(|(c, _)| c.clone()).collect();
        for component in waiting {
            self.open_config(&component, link);
        }
        let phases = &self.config_page.phases;
        let sheets = self.config_page.sheets.iter_mut().filter(|(c, _)| phases.get(*c) == Some(&Phase::Open));
        let open: Vec<_> = sheets.map(|(c, sheet)| (c.clone(), Box::new(sheet.editor.get_mut().site.clone()))).collect();
        for (component, site) in open {
            self.ask(Ask::RecheckConfig { project: self.project.clone(), component, site }, link);
        }
    }

    pub fn config_news(&mut self, component: ComponentId, news: ConfigNews, link: &dyn EngineLink) {
        match news {
            ConfigNews::Opened(Ok(editor)) => {
                let mut editor = *editor;
                editor.follow(self.project.fragments.get(&component).map_or("", String::as_str));
                match self.config_page.sheets.get_mut(&component) {
                    Some(sheet) => sheet.renew(editor, &self.project),
                    None => drop(self.config_page.sheets.insert(component.clone(), Sheet::new(editor, &self.project))),
                }
                if let Some(sheet) = self.config_page.sheets.get_mut(&component) {
                    sheet.refresh();
                    sheet.look();
                }
                self.config_page.phases.insert(component, Phase::Open);
                self.foresee(link);
            }
            ConfigNews::Opened(Err(why)) => {
                self.config_page.sheets.remove(&component);
                let phase = match why {
                    NotOpened::NotUnpacked => Phase::NotUnpacked,
                    NotOpened::Failed(why) => Phase::Failed(why),
                };
                self.config_page.phases.insert(component, phase);
            }
            ConfigNews::Fetching(words) => {
                if let Some(Phase::Fetching(shown)) = self.config_page.phases.get_mut(&component) {
                    *shown = words;
                }
            }
            ConfigNews::Fetched(Ok(())) => {
                self.open_config(&component, link);
                self.plan(link);
            }
            ConfigNews::Fetched(Err(why)) => {
                self.say("The source was not fetched", why);
                self.config_page.phases.insert(component, Phase::NotUnpacked);
            }
            ConfigNews::Fixes { name, value, lines, fixes } => {
                let wished = self.config_page.sheets.get_mut(&component).and_then(|s| s.wished.as_mut());
                // It may be about something else by now.
                if let Some(w) = wished.filter(|w| w.name == name && w.value == value && w.lines == lines) {
                    w.found = Some(fixes);
                }
            }
            ConfigNews::Imported { file, result: Ok(import) } => {
                self.config_page.note = None;
                if let Some(sheet) = self.config_page.sheets.get_mut(&component) {
                    sheet.import = Some((file, import));
                }
            }
            ConfigNews::Imported { file, result: Err(why) } => {
                self.config_page.note = None;
                self.say(&format!("{} was not read", file.display()), why);
            }
            ConfigNews::Exported { path, digest } => {
                self.config_page.note = Some(format!("The configuration is in {}", path.display()));
                self.remember_export(&component, path, digest);
            }
            ConfigNews::WouldReplace { path, digest, known } => {
                let what = if known { "was changed by another program" } else { "is there already" };
                let words = format!("{} {what}. Export again to replace it, or choose another name.", path.display());
                self.config_page.note = None;
                self.say("The configuration was not written", words);
                self.remember_export(&component, path, digest);
            }
            ConfigNews::NotExported(why) => {
                self.config_page.note = None;
                self.say("The configuration was not written", why);
            }
            ConfigNews::Nothing => self.config_page.note = None,
        }
    }

    fn remember_export(&mut self, component: &ComponentId, path: PathBuf, digest: u64) {
        if let Some(sheet) = self.config_page.sheets.get_mut(component) {
            sheet.exported.retain(|(p, _)| *p != path);
            sheet.exported.push((path, digest));
        }
    }
}
