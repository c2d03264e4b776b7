//! What the virtual machine did: its checks, its console and its screen, and which image is to be booted.

use super::State;
use super::component::BoxState;
use super::terminal::Terminal;
use crate::guest::Image;
use crate::studio::action::Tab;
use crate::studio::link::desk::Ask;
use crate::studio::link::{BootEvent, BootImage, CheckStatus, EngineLink, Knob, Picture, Request};
use bootwright_model::Project;
use std::path::PathBuf;
use std::sync::Arc;

/// The serial output that is kept for copying; what came before is gone.
const KEPT: usize = 1 << 20;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum BootPhase {
    /// No machine was started.
    #[default]
    Off,
    /// It was asked for and does not run yet.
    Starting,
    Running,
    /// How it ended.
    Ended(String),
}

/// What a machine was started for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// The user has its console.
    #[default]
    Console,
    /// The checks type at its console, and end it.
    Checks,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub title: String,
    pub status: CheckStatus,
    pub expected: String,
    pub found: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum BootAction {
    /// The image to boot, by its path; none: the project's own.
    Choose(Option<PathBuf>),
    /// Boots the image that is chosen.
    Start(Purpose),
    /// Bytes for the guest's console.
    Type(Vec<u8>),
    Turn(Knob),
    /// Rows and columns of the view.
    Size(u16, u16),
    /// So many lines back.
    LookBack(usize),
    /// Tells the guest's shell how large the view is: a serial line cannot.
    TellSize,
    /// Writes the guest's screen to a file; none: the desktop's dialog asks where.
    SavePicture(Option<String>),
    ClosePicture,
}

#[derive(Debug, Default)]
pub struct Boot {
    pub phase: BootPhase,
    pub purpose: Purpose,
    /// What was booted, for people.
    pub title: String,
    pub checks: Vec<Check>,
    pub terminal: Terminal,
    pub picture: Option<Arc<Picture>>,
    /// The power button was pressed, and the guest has not ended yet.
    pub pressed: bool,
    /// Finished images of the work folder.
    pub images: Vec<Image>,
    pub chosen: Option<PathBuf>,
    text: String,
    /// Bytes of a character of which the rest is yet to come.
    partial: Vec<u8>,
    pub revision: u64,
}

impl Boot {
    pub fn busy(&self) -> bool {
        matches!(self.phase, BootPhase::Starting | BootPhase::Running)
    }

    /// Whether keys go to the guest.
    pub fn listens(&self) -> bool {
        self.phase == BootPhase::Running && self.purpose == Purpose::Console
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn start(&mut self, purpose: Purpose, title: String) {
        *self = Self {
            phase: BootPhase::Starting,
            purpose,
            title,
            terminal: self.terminal.cleared(),
            images: std::mem::take(&mut self.images),
            chosen: self.chosen.take(),
            revision: self.revision + 1,
            ..Self::default()
        };
    }

    /// Forgets the machine; what can be booted stays.
    pub fn forget(&mut self) {
        let images = std::mem::take(&mut self.images);
        *self = Self { images, terminal: self.terminal.cleared(), revision: self.revision + 1, ..Self::default() };
    }

    pub fn image(&self) -> Option<&Image> {
        let chosen = self.chosen.as_ref()?;
        self.images.iter().find(|i| i.path == *chosen)
    }

    /// Takes in what happened; what a terminal answers to it comes back.
    pub fn take(&mut self, event: BootEvent) -> Vec<u8> {
        self.revision += 1;
        match event {
            BootEvent::Started => self.phase = BootPhase::Running,
            BootEvent::Output(bytes) => {
                self.write(&bytes);
                // The view stays where it looks back, else it follows.
                return self.terminal.print(&bytes);
            }
            BootEvent::Check { title, status, expected, found } => {
                let check = Check { title, status, expected, found };
                match self.checks.iter_mut().find(|c| c.title == check.title) {
                    Some(old) => *old = check,
                    None => self.checks.push(check),
                }
            }
            BootEvent::Picture(picture) => self.picture = Some(picture),
            BootEvent::Ended(how) => (self.phase, self.pressed) = (BootPhase::Ended(how), false),
            BootEvent::Trouble(_) => {}
        }
        Vec::new()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        let cut = match std::str::from_utf8(&self.partial) {
            Err(e) if e.error_len().is_none() => e.valid_up_to(),
            _ => self.partial.len(),
        };
        let rest = self.partial.split_off(cut);
        let whole = std::mem::replace(&mut self.partial, rest);
        plain(&String::from_utf8_lossy(&whole), &mut self.text);
        if self.text.len() > KEPT {
            let mut from = self.text.len() - KEPT / 2;
            while !self.text.is_char_boundary(from) {
                from += 1;
            }
            self.text.drain(..from);
        }
    }
}

impl State {
    pub fn boot_action(&mut self, action: BootAction, link: &dyn EngineLink) {
        match action {
            BootAction::Choose(path) => self.boot.chosen = path,
            BootAction::Start(purpose) => {
                if self.start_blocked(purpose).is_none() {
                    let image = match self.boot.image() {
                        Some(Image { project: Some(project), .. }) => BootImage::Project(project.clone()),
                        Some(image) => BootImage::File(image.path.clone()),
                        None => BootImage::Project(Box::new(Project::clone(&self.project))),
                    };
                    let title = self.boot.image().map_or_else(|| self.project.layout.title.clone(), |i| i.title.clone());
                    self.boot_image(image, purpose, title, link);
                }
            }
            BootAction::Type(bytes) => {
                if self.boot.listens() {
                    // Who types wants to see what comes of it.
                    if self.boot.terminal.looks_back() > 0 {
                        self.boot.terminal.look_back(0);
                    }
                    self.send(Request::Type(bytes), link);
                }
            }
            BootAction::Turn(knob) => {
                if self.knob_blocked().is_none() {
                    self.boot.pressed |= knob == Knob::Power;
                    self.send(Request::Turn(knob), link);
                }
            }
            BootAction::Size(rows, columns) => self.boot.terminal.resize(rows, columns),
            BootAction::LookBack(lines) => self.boot.terminal.look_back(lines),
            BootAction::TellSize => {
                let (rows, columns) = self.boot.terminal.size();
                self.boot_action(BootAction::Type(format!("stty rows {rows} cols {columns}\r").into_bytes()), link);
            }
            BootAction::SavePicture(path) => {
                if let Some(picture) = &self.boot.picture {
                    let ask = Ask::SaveBytes { bytes: picture.png.clone(), name: "guest.png".into(), path: path.map(Into::into) };
                    self.ask(ask, link);
                }
            }
            BootAction::ClosePicture => self.boot.picture = None,
        }
    }

    /// Boots the image of the project at hand.
    pub fn boot_project(&mut self, purpose: Purpose, link: &dyn EngineLink) {
        if self.boot_blocked().is_none() {
            self.boot.chosen = None;
            self.boot_action(BootAction::Start(purpose), link);
        }
    }

    fn boot_image(&mut self, image: BootImage, purpose: Purpose, title: String, link: &dyn EngineLink) {
        self.boot.start(purpose, title);
        self.front = Some(Tab::Boot);
        self.send(Request::Boot { image, checks: purpose == Purpose::Checks, accel: self.settings.accel }, link);
    }

    /// Why the chosen image cannot be booted now.
    pub fn start_blocked(&self, purpose: Purpose) -> Option<String> {
        let Some(image) = self.boot.image() else { return self.boot_blocked() };
        if self.boot.busy() {
            return Some("The machine runs already.".into());
        }
        (purpose == Purpose::Checks && image.project.is_none())
            .then(|| "No project is known that makes this image, so nobody knows what to expect of it.".into())
    }

    /// Why the machine's buttons and its screen cannot be had now.
    pub fn knob_blocked(&self) -> Option<String> {
        match (self.boot.phase == BootPhase::Running, self.boot.purpose) {
            (false, _) => Some("No machine runs.".into()),
            (true, Purpose::Checks) => Some("The checks have this machine to themselves.".into()),
            (true, Purpose::Console) => None,
        }
    }

    pub fn boot_blocked(&self) -> Option<String> {
        if self.run.busy() {
            return Some("A build is going on; the image may change.".into());
        }
        if self.boot.busy() {
            return Some("The machine runs already.".into());
        }
        let target = &self.project.layout.target;
        match self.summary(target).state {
            BoxState::UpToDate | BoxState::Done => None,
            BoxState::Unknown => Some("It is not known yet whether the image is up to date.".into()),
            state => Some(format!("{} is {}; build first.", self.title_of(target), state.word())),
        }
    }
}

/// Leaves out what only a terminal understands: control characters and escape sequences (ECMA-48).
fn plain(input: &str, out: &mut String) {
    let mut chars = input.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
            '\u{1b}' => {
                chars.next();
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_output_loses_escapes_and_keeps_split_characters() {
        let mut boot = Boot::default();
        for part in [&b"\x1b[32mBooting\x1b[0m \xc3"[..], b"\xa9\r\n"] {
            boot.take(BootEvent::Output(part.to_vec()));
        }
        assert_eq!(boot.text(), "Booting \u{e9}\n");
        assert_eq!(boot.terminal.row(0), "Booting \u{e9}");
    }
}
