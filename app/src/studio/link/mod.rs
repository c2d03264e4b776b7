//! The way to the engine and back: requests go out, what the engine says comes in, and neither side waits.

mod boot;
mod built;
mod config;
pub mod desk;
mod editor;
pub mod engine;
pub mod files;
mod inside;
#[cfg(test)]
pub use built::look as look_at_tree;
pub use inside::look as look_inside;
#[cfg(test)]
pub use sizes::{compare as compare_sizes, forget as forget_sizes, keep as keep_sizes};
mod install;
mod kbuild;
pub mod recovery;
mod sizes;

use bootwright_boot::Accel;
use bootwright_build::{Event, Means};
use bootwright_model::{ComponentId, Project};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use files::{FileEvent, FileRequest};
use std::path::PathBuf;
use std::sync::Arc;

/// Called when something new can be read, so that a window that sleeps wakes.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How much may wait for the window; then the engine waits, which is the back pressure for a chatty build.
const WAITING: usize = 256;

#[derive(Clone, Debug)]
pub enum Request {
    /// Answered with `Event::PlanReady` or `Event::PlanFailed`.
    Plan {
        project: Box<Project>,
    },
    Build {
        project: Box<Project>,
        target: ComponentId,
        means: Means,
    },
    Cancel,
    /// Starts an image in a virtual machine: with its console for the user, or to try the checks of its layout.
    Boot {
        image: BootImage,
        checks: bool,
        /// None: what a probe finds quickest.
        accel: Option<Accel>,
    },
    /// Cuts the machine's power.
    StopBoot,
    /// For the guest's console.
    Type(Vec<u8>),
    Turn(Knob),
    File(FileRequest),
}

#[derive(Clone, Debug)]
pub enum BootImage {
    /// The image of its target, if that is built as the project stands.
    Project(Box<Project>),
    /// An image of which nobody knows the project.
    File(PathBuf),
}

/// What a machine has besides its console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// The power button; whether the guest obeys is its own matter.
    Power,
    Reset,
    /// Answered with `BootEvent::Picture`.
    Screenshot,
}

/// The guest's screen.
#[derive(Debug, PartialEq)]
pub struct Picture {
    /// Width and height.
    pub size: [usize; 2],
    /// Four bytes a point, row by row.
    pub rgba: Vec<u8>,
    /// The file that QEMU wrote.
    pub png: Arc<[u8]>,
}

#[derive(Debug)]
pub enum Incoming {
    Engine(Event),
    Boot(BootEvent),
    File(FileEvent),
    Desk(desk::News),
    /// Something went wrong that belongs to no step.
    Failed(String),
}

/// What happens in the virtual machine.
#[derive(Clone, Debug, PartialEq)]
pub enum BootEvent {
    Started,
    /// What the guest wrote to its serial port.
    Output(Vec<u8>),
    /// A check began, or ended; the one of the same title before it is replaced.
    Check {
        title: String,
        status: CheckStatus,
        expected: String,
        found: String,
    },
    Picture(Arc<Picture>),
    /// Something that was asked of the machine could not be done; it goes on.
    Trouble(String),
    /// The machine is off; how that came.
    Ended(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    Waiting,
    Running,
    Passed,
    Failed,
    /// It could not be tried, for the reason in `found`.
    Skipped,
}

/// Dropping it ends what runs, which may take a moment.
pub trait EngineLink: Send {
    /// Never waits. The error is a sentence for people: nobody listens any more.
    fn send(&self, request: Request) -> Result<(), String>;
    fn try_recv(&self) -> Option<Incoming>;
    /// Work that is not the engine's. Never waits; answered with `Incoming::Desk`.
    fn ask(&self, ask: desk::Ask) -> Result<(), String>;
}

/// The window's end of a pair of channels.
pub struct ChannelLink {
    requests: Sender<Request>,
    asks: Sender<desk::Ask>,
    incoming: Receiver<Incoming>,
}

/// The other end: a thread that works, or a test.
pub struct Far {
    pub requests: Receiver<Request>,
    /// What was asked of the desk, where there is none behind the link.
    pub asks: Receiver<desk::Ask>,
    pub incoming: Sender<Incoming>,
}

pub fn channel() -> (ChannelLink, Far) {
    let (requests, far_requests) = unbounded();
    let (asks, far_asks) = unbounded();
    let (far_incoming, incoming) = bounded(WAITING);
    (ChannelLink { requests, asks, incoming }, Far { requests: far_requests, asks: far_asks, incoming: far_incoming })
}

impl EngineLink for ChannelLink {
    fn send(&self, request: Request) -> Result<(), String> {
        self.requests.send(request).map_err(|_| "the engine has ended; start the studio again".to_owned())
    }

    fn try_recv(&self) -> Option<Incoming> {
        // An engine that has ended has nothing more to say.
        self.incoming.try_recv().ok()
    }

    fn ask(&self, ask: desk::Ask) -> Result<(), String> {
        self.asks.send(ask).map_err(|_| "the engine has ended; start the studio again".to_owned())
    }
}
