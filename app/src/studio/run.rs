//! Opens the window and returns when it is closed.

use super::app::Studio;
use super::link::engine::EngineThread;
use super::link::{EngineLink, Wake};
use super::state::State;
use super::theme;
use crate::trust::Trust;
use bootwright_build::Work;
use bootwright_model::{Library, Project};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub struct StudioOptions {
    /// What to show; none: a preset.
    pub project: Option<Project>,
    /// Why the project that was asked for is not in `project`.
    pub load_error: Option<String>,
    /// The folder with the store and the work trees; none: the one of the settings.
    pub work: Option<PathBuf>,
    pub library: Arc<Library>,
}

#[derive(Debug)]
pub enum StudioError {
    /// There is no screen to open a window on; what was found instead.
    NoDisplay(String),
    /// The window opened and something ended it, or its graphics could not be set up.
    Window(String),
    /// There is neither a project nor a preset.
    NothingToShow,
}

impl std::fmt::Display for StudioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoDisplay(why) => write!(f, "no display to open a window on ({why}); use the subcommands, see `bootwright help`"),
            Self::Window(why) => write!(f, "the window failed: {why}"),
            Self::NothingToShow => write!(f, "there is neither a project nor a preset to show"),
        }
    }
}

impl std::error::Error for StudioError {}

/// How long news of the engine may wait for a frame. Without a GPU a frame takes the time of both processors from the
/// build that it shows, and nobody reads faster than this.
const NEWS: Duration = Duration::from_millis(70);

static START: OnceLock<Instant> = OnceLock::new();

/// Since `run` was called.
pub fn since_start() -> Duration {
    START.get_or_init(Instant::now).elapsed()
}

/// Opens the window. The link to the engine is dropped after it is closed.
pub fn run(options: StudioOptions) -> Result<(), StudioError> {
    let _ = since_start();
    display()?;
    let StudioOptions { project, load_error, work, library } = options;
    let named = work.clone().unwrap_or_else(Work::default_root);
    let mut state = State::new(library.clone(), project, load_error, named).ok_or(StudioError::NothingToShow)?;
    let viewport = egui::ViewportBuilder::default()
        .with_app_id("bootwright")
        .with_title(super::app::title(&state))
        .with_icon(theme::window_icon())
        // With the window manager's title bar this still fits a screen of 1280 by 800.
        .with_inner_size([1240.0, 740.0])
        // Not larger than such a screen has at double scale.
        .with_min_inner_size([620.0, 360.0]);
    let native = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, persist_window: true, ..Default::default() };
    let creator: eframe::AppCreator<'static> = Box::new(move |cc| {
        theme::install(&cc.egui_ctx);
        let ctx = cc.egui_ctx.clone();
        let wake: Wake = Arc::new(move || ctx.request_repaint_after(NEWS));
        if let Some(settings) = cc.storage.and_then(super::app::stored_settings) {
            if let (None, Some(own)) = (work, &settings.work) {
                state.work.clone_from(own);
            }
            state.settings = settings;
        }
        state.trust = Trust::load();
        let start = move |work: PathBuf| -> Box<dyn EngineLink> { Box::new(EngineThread::start(work, library.clone(), wake.clone())) };
        let engine = start(state.work.clone());
        let mut studio = Studio::new(state, engine);
        studio.starts_engines(Box::new(start));
        studio.restore(cc.storage);
        Ok(Box::new(studio))
    });
    eframe::run_native("bootwright", native, creator).map_err(|e| match e {
        eframe::Error::Winit(e) => StudioError::NoDisplay(without_place(&e.to_string())),
        eframe::Error::WinitEventLoop(e) => StudioError::NoDisplay(without_place(&e.to_string())),
        other => StudioError::Window(other.to_string()),
    })
}

/// winit says `os error at <its own source file>:<line>: <what happened>`; only the last part is for the user.
fn without_place(message: &str) -> String {
    let what = message.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": ")).map_or(message, |(_, what)| what);
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty()).map(|v| format!("{name}={v}: "));
    format!("{}{what}", set("WAYLAND_DISPLAY").or_else(|| set("DISPLAY")).unwrap_or_default())
}

/// Where neither variable is set there is no need to try.
fn display() -> Result<(), StudioError> {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    if cfg!(target_os = "linux") && !["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].into_iter().any(set) {
        return Err(StudioError::NoDisplay("neither DISPLAY nor WAYLAND_DISPLAY is set".into()));
    }
    Ok(())
}
