//! Another work folder while the window is open: what was read of the one before says nothing of it.

use super::State;
use crate::studio::link::EngineLink;
use std::path::PathBuf;

impl State {
    /// Why the window cannot go on in another work folder now.
    pub fn work_held(&self) -> Option<&'static str> {
        match () {
            () if self.run.busy() => Some("A build is going on in this one: stop it, or wait for its end."),
            () if self.boot.busy() => Some("A machine runs from this one: power it off first."),
            () if self.problems_page.installing() => Some("Packages are being installed: wait for the end of it."),
            () => None,
        }
    }

    /// The engine behind `link` works in `work`.
    pub fn moved_to(&mut self, work: PathBuf, link: &dyn EngineLink) {
        self.toasts.add(format!("The work folder is {}", work.display()));
        self.work = work;
        // What went wrong in the other folder.
        self.messages.clear();
        self.run = Default::default();
        self.log_page.old = None;
        self.timeline = Default::default();
        self.artifacts_page = Default::default();
        self.inside = Default::default();
        self.kbuild = Default::default();
        self.built = Default::default();
        self.problems_page = Default::default();
        self.config_page = Default::default();
        self.script = None;
        self.boot.forget();
        self.boot.images.clear();
        self.plan(link);
        self.look_for_images(link);
        self.compare_again(link);
        // The other engine kept what was not saved; this one is to keep it too.
        self.document.touched(std::time::Instant::now());
        self.revision += 1;
    }
}
