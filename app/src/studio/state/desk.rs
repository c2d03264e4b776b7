//! What the desk was asked and what it answered.

use super::State;
use super::compare::{Choice, CompareAction};
use super::problems::{Setup, setup_step};
use crate::studio::link::EngineLink;
use crate::studio::link::desk::{Ask, News};
use std::path::Path;

impl State {
    pub fn ask(&mut self, ask: Ask, link: &dyn EngineLink) {
        if let Err(why) = link.ask(ask) {
            self.say("This could not be done", why);
        }
    }

    /// What is looked up whenever the project or the store may have changed.
    pub fn look_around(&mut self, link: &dyn EngineLink) {
        self.look(link);
        self.ask(Ask::Records, link);
        self.ask(Ask::Runs, link);
    }

    /// The journal has the exact times.
    pub fn read_finished_run(&mut self, folder: &Path, link: &dyn EngineLink) {
        self.ask(Ask::LoadRun { folder: folder.to_path_buf() }, link);
        self.look_for_images(link);
        self.look_around(link);
    }

    /// Which finished images there are to boot.
    pub fn look_for_images(&mut self, link: &dyn EngineLink) {
        self.ask(Ask::Images { files: self.document.recent.clone() }, link);
    }

    pub fn take_news(&mut self, news: News, link: &dyn EngineLink) {
        match news {
            News::Note(words) => self.log_page.note = Some(words),
            News::Saved(words) => self.toasts.add(words),
            News::Failed { title, text } => {
                self.log_page.note = None;
                self.say(&title, text);
            }
            News::OldLog(mut old) => {
                old.log.set_query(self.shown_log().query().clone());
                (self.log_page.note, self.log_page.at) = (None, None);
                self.log_page.old = Some(*old);
            }
            News::Runs(runs) => self.list_runs(runs, link),
            News::Run(timeline) => self.timeline.loaded(timeline),
            News::Checked(checked) => {
                if checked.project.name() == self.project.name() {
                    self.problems_page.looking = false;
                    self.problems_page.checked = Some(*checked);
                }
            }
            News::Script(script) => self.script = Some(script),
            News::Looked { asked, keep, result } => self.inside.looked(asked, keep, result),
            News::TreeSeen { asked, seen } => self.tree_seen(asked, *seen, link),
            News::SizesCompared { asked, result } => self.built.sizes.took(asked, result),
            News::Bytes { shown, part, result } => self.inside.read(shown, part, result),
            News::Images(images) => self.boot.images = images,
            News::Records(records) => self.artifacts_page.records = records,
            News::Compared { asked, result } => self.take_compared(asked, result),
            News::ChosenProject(side, path) => self.compare_action(CompareAction::Choose(side, Choice::File(path)), link),
            News::Done(words) => self.toasts.add(words),
            News::InstallLines(lines) => {
                if let Some(step) = setup_step() {
                    self.log.push(&step, &lines, 0);
                }
            }
            News::Kbuild(component, news) => {
                self.kbuild_news(component, news, link);
                self.foresee(link);
            }
            News::Config(component, news) => self.config_news(component, news, link),
            News::Installed(how) => {
                self.problems_page.setup = Setup::Ended(how);
                // What was missing may be there now.
                self.plan(link);
            }
        }
    }
}
