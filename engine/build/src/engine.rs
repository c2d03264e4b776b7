//! The engine thread: commands in, events out.

use crate::event::Event;
use crate::run::{Means, Request, plan, run};
use crate::step::Shared;
use crate::{BuildError, Work};
use bootwright_model::{ComponentId, Library, Project};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Called after events were put into the channel, so that a window that sleeps wakes. At most every 10 ms.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Batches of log lines and other events that may wait for the listener.
const CHANNEL: usize = 256;

#[derive(Debug)]
pub enum Command {
    /// Works out the plan and says `PlanReady` (or `RunFinished` with what is wrong); nothing runs.
    Plan {
        project: Box<Project>,
        target: Option<ComponentId>,
    },
    Build {
        project: Box<Project>,
        target: Option<ComponentId>,
        means: Means,
    },
    /// Ends the run that is going on; without one it does nothing.
    Cancel,
    /// Cancels and ends the thread.
    Shutdown,
}

/// A handle on the thread. Dropping it cancels what runs and waits until nothing is left of it.
pub struct Engine {
    commands: Sender<Command>,
    events: Receiver<Event>,
    current: Arc<Mutex<Current>>,
    thread: Option<JoinHandle<()>>,
}

/// The run that can be cancelled.
#[derive(Default)]
struct Current {
    shared: Option<Arc<Shared>>,
    /// A cancel that came before the run had started.
    cancelled: bool,
}

impl Engine {
    /// Starts the thread. The folder is made where it is not there.
    pub fn start(work: &Path, waker: Option<Waker>) -> Result<Self, BuildError> {
        Self::with_library(work, waker, Library::embedded()?)
    }

    pub fn with_library(work: &Path, waker: Option<Waker>, library: Library) -> Result<Self, BuildError> {
        let work = Work::new(work)?;
        let (commands, inbox) = unbounded();
        let (outbox, events) = bounded(CHANNEL);
        let current = Arc::new(Mutex::new(Current::default()));
        let theirs = current.clone();
        let body = move || serve(&inbox, &outbox, &work, &library, waker, &theirs);
        let thread = std::thread::Builder::new().name("engine".into()).spawn(body);
        let thread = thread.map_err(|e| BuildError::Action(format!("cannot start the engine's thread: {e}")))?;
        Ok(Self { commands, events, current, thread: Some(thread) })
    }

    /// Never blocks. A cancel acts at once, whatever the thread is doing.
    pub fn send(&self, command: Command) {
        if matches!(command, Command::Cancel | Command::Shutdown) {
            let mut current = self.current.lock().unwrap_or_else(|e| e.into_inner());
            current.cancelled = true;
            if let Some(shared) = &current.shared {
                cancel(shared);
            }
        } else {
            self.current.lock().unwrap_or_else(|e| e.into_inner()).cancelled = false;
        }
        let _ = self.commands.send(command); // the thread ends only by Shutdown
    }

    /// To be drained; what the engine says waits while it is full.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.send(Command::Shutdown);
        // The thread may wait for a place in the channel: make it until it has ended.
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                let _ = self.events.recv_timeout(std::time::Duration::from_millis(20));
            }
            let _ = thread.join();
        }
    }
}

fn cancel(shared: &Shared) {
    shared.cancel.store(true, Ordering::Relaxed);
    // Steps that wait for a job slot get one, so that they notice.
    for _ in 0..64 {
        let _ = shared.jobs.release_raw();
    }
}

fn serve(
    inbox: &Receiver<Command>,
    outbox: &Sender<Event>,
    work: &Work,
    library: &Library,
    waker: Option<Waker>,
    current: &Mutex<Current>,
) {
    let lock = || current.lock().unwrap_or_else(|e| e.into_inner());
    for command in inbox {
        match command {
            Command::Plan { project, target } => {
                let event = match plan(&Request { project: &project, library, target: target.as_ref(), means: None, work }) {
                    Ok(p) => Event::PlanReady { project: p.project.clone(), target: p.target.clone(), steps: p.steps() },
                    Err(e) => Event::PlanFailed { project: project.name().to_owned(), reason: e.to_string() },
                };
                let _ = outbox.send(event);
                if let Some(waker) = &waker {
                    waker();
                }
            }
            Command::Build { project, target, means } => {
                let started = |shared: Arc<Shared>| {
                    let mut current = lock();
                    if current.cancelled {
                        cancel(&shared);
                    }
                    current.shared = Some(shared);
                };
                let request = Request { project: &project, library, target: target.as_ref(), means: Some(&means), work };
                run(&request, outbox, waker.clone(), &started);
                lock().shared = None;
            }
            Command::Cancel => {}
            Command::Shutdown => return,
        }
    }
}
