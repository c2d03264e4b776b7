//! Joins the window to the real engine: a thread starts it, passes on what is asked and said, and waits for its end.
//!
//! The window never waits for the engine: starting it reads the work folder, and ending it ends a tree of processes.

use super::boot::BootThread;
use super::desk::{Ask, Desk};
use super::files::{FileRequest, FileThread};
use super::recovery::Keeper;
use super::{ChannelLink, EngineLink, Far, Incoming, Request, Wake, channel};
use bootwright_build::{Command, Engine};
use bootwright_model::Library;
use crossbeam_channel::{Sender, select, unbounded};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// The window's link to the real engine. Dropping it cancels what runs and waits until nothing is left of it.
pub struct EngineThread {
    link: Option<ChannelLink>,
    boot: Option<Sender<Request>>,
    files: Option<Sender<FileRequest>>,
    desk: Desk,
    threads: Vec<JoinHandle<()>>,
}

impl EngineThread {
    pub fn start(work: PathBuf, library: Arc<Library>, wake: Wake) -> Self {
        let (link, far) = channel();
        let (boot, boot_requests) = unbounded();
        let (files, file_requests) = unbounded();
        let keeper = Keeper::new(Keeper::default_folder());
        let file_thread =
            FileThread { work: work.clone(), library: library.clone(), keeper, incoming: far.incoming.clone(), wake: wake.clone() };
        let desk = Desk::new(work.clone(), library.clone(), far.incoming.clone(), wake.clone());
        let boots = BootThread { work: work.clone(), library, incoming: far.incoming.clone(), wake: wake.clone() };
        let mut threads = Vec::new();
        threads.extend(std::thread::Builder::new().name("boot".into()).spawn(move || boots.serve(&boot_requests)));
        threads.extend(std::thread::Builder::new().name("engine link".into()).spawn(move || serve(&far, &work, &wake)));
        threads.extend(std::thread::Builder::new().name("files".into()).spawn(move || file_thread.serve(&file_requests)));
        Self { link: Some(link), boot: Some(boot), files: Some(files), desk, threads }
    }
}

impl EngineLink for EngineThread {
    fn send(&self, request: Request) -> Result<(), String> {
        if let Request::File(request) = request {
            let sent = self.files.as_ref().and_then(|files| files.send(request).ok());
            return sent.ok_or_else(|| "the part that reads and writes files has ended; start the studio again".into());
        }
        if matches!(request, Request::Boot { .. } | Request::StopBoot | Request::Type(_) | Request::Turn(_)) {
            let sent = self.boot.as_ref().and_then(|boot| boot.send(request).ok());
            return sent.ok_or_else(|| "the part that boots images has ended; start the studio again".into());
        }
        match &self.link {
            Some(link) => link.send(request),
            None => Err("the engine has ended".into()),
        }
    }

    fn try_recv(&self) -> Option<Incoming> {
        self.link.as_ref()?.try_recv()
    }

    fn ask(&self, ask: Ask) -> Result<(), String> {
        self.desk.ask(ask)
    }
}

impl Drop for EngineThread {
    fn drop(&mut self) {
        // Closed channels tell the threads to end; closing the inbox frees one that waits for room in it.
        self.link = None;
        self.boot = None;
        self.files = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // a thread that panicked has ended too
        }
    }
}

fn serve(far: &Far, work: &Path, wake: &Wake) {
    let engine = match Engine::start(work, None) {
        Ok(engine) => engine,
        Err(e) => {
            let _ = far.incoming.send(Incoming::Failed(format!("{e}. Choose another work folder with --work DIR or BOOTWRIGHT_WORK.")));
            wake();
            return;
        }
    };
    loop {
        select! {
            recv(far.requests) -> request => match request {
                Ok(request) => engine.send(command(request)),
                // The window is closed; dropping the engine ends its processes.
                Err(_) => return,
            },
            recv(engine.events()) -> event => {
                let Ok(event) = event else { return };
                if far.incoming.send(Incoming::Engine(event)).is_err() {
                    return;
                }
                wake();
            },
        }
    }
}

fn command(request: Request) -> Command {
    match request {
        Request::Plan { project } => Command::Plan { target: Some(project.layout.target.clone()), project },
        Request::Build { project, target, means } => Command::Build { project, target: Some(target), means },
        Request::Cancel => Command::Cancel,
        // Others serve these; none comes here.
        Request::Boot { .. } | Request::StopBoot | Request::Type(_) | Request::Turn(_) | Request::File(_) => Command::Cancel,
    }
}
