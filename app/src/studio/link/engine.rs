//! Joins the window to the real engine: a thread starts it, passes on what is asked and said, and waits for its end.
//!
//! The window never waits for the engine: starting it reads the work folder, and ending it ends a tree of processes.

use super::{ChannelLink, EngineLink, Far, Incoming, Request, Wake, channel};
use bootwright_build::{Command, Engine};
use crossbeam_channel::{Receiver, Sender, select, unbounded};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// Boots images: gets `Request::Boot` and `Request::StopBoot`, and says `Incoming::Boot`.
pub type BootThread = Box<dyn FnOnce(Receiver<Request>, Sender<Incoming>, Wake) + Send>;

/// The window's link to the real engine. Dropping it cancels what runs and waits until nothing is left of it.
pub struct EngineThread {
    link: Option<ChannelLink>,
    boot: Option<Sender<Request>>,
    threads: Vec<JoinHandle<()>>,
}

impl EngineThread {
    /// Without a thread that boots, `Request::Boot` is answered with a sentence.
    pub fn start(work: PathBuf, wake: Wake, boot: Option<BootThread>) -> Self {
        let (link, far) = channel();
        let mut threads = Vec::new();
        let mut boot_requests = None;
        if let Some(boot) = boot {
            let (send, receive) = unbounded();
            let (say, wake) = (far.incoming.clone(), wake.clone());
            boot_requests = Some(send);
            threads.extend(std::thread::Builder::new().name("boot".into()).spawn(move || boot(receive, say, wake)));
        }
        threads.extend(std::thread::Builder::new().name("engine link".into()).spawn(move || serve(&far, &work, &wake)));
        Self { link: Some(link), boot: boot_requests, threads }
    }
}

impl EngineLink for EngineThread {
    fn send(&self, request: Request) -> Result<(), String> {
        if matches!(request, Request::Boot { .. } | Request::StopBoot) {
            let Some(boot) = &self.boot else { return Err("this program was built without the part that boots images".into()) };
            return boot.send(request).map_err(|_| "the part that boots images has ended; start the studio again".into());
        }
        match &self.link {
            Some(link) => link.send(request),
            None => Err("the engine has ended".into()),
        }
    }

    fn try_recv(&self) -> Option<Incoming> {
        self.link.as_ref()?.try_recv()
    }
}

impl Drop for EngineThread {
    fn drop(&mut self) {
        // Closed channels tell the threads to end; closing the inbox frees one that waits for room in it.
        self.link = None;
        self.boot = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // a thread that panicked has ended too
        }
    }
}

fn serve(far: &Far, work: &Path, wake: &Wake) {
    let engine = match Engine::start(work, None) {
        Ok(engine) => engine,
        Err(e) => {
            let _ = far.incoming.send(Incoming::Failed(format!("The engine could not be started in {}: {e}", work.display())));
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
        Request::Build { project, target } => Command::Build { jobs: project.jobs, project, target: Some(target) },
        Request::Cancel | Request::Boot { .. } | Request::StopBoot => Command::Cancel,
    }
}
