//! The window's frame: takes in what the engine says, lays out the panels, and hands their actions to the state.

use super::action::Action;
use super::command;
use super::compare::CompareView;
use super::diagram::Diagram;
use super::dock::{Dock, Pages};
use super::link::files::FileRequest;
use super::link::{EngineLink, Request};
use super::panels;
use super::panels::boot::Console;
use super::panels::dialogs::Dialogs;
use super::panels::inside::Inside;
use super::panels::start::Start;
use super::settings::Settings;
use super::state::{Quit, State};
use super::theme::{self, Theme, Tokens, space};
use super::widgets::config_view::ConfigView;
use super::widgets::log_view::LogView;
use egui::{Frame, Margin, Panel, Ui};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a frame may spend on taking in events.
const DRAIN: Duration = Duration::from_millis(4);
/// How long a frame may spend on the log's filter.
const FILTER: Duration = Duration::from_millis(2);

pub struct Studio {
    pub state: State,
    link: Box<dyn EngineLink>,
    diagram: Diagram,
    log_view: LogView,
    config_view: ConfigView,
    start: Start,
    inside: Inside,
    console: Console,
    compare: CompareView,
    dock: Dock,
    dialogs: Dialogs,
    /// Theme and size of type as the window has them.
    look: Option<(Theme, u32)>,
    title: String,
    pub cost: Cost,
    starter: Option<Starter>,
}

/// Starts an engine in a work folder.
pub type Starter = Box<dyn Fn(PathBuf) -> Box<dyn EngineLink>>;

/// What frames cost, printed when the window closes if BOOTWRIGHT_FRAMES is set.
#[derive(Debug, Default)]
pub struct Cost {
    pub frames: u64,
    pub total: Duration,
    pub worst: Duration,
    since: Option<Instant>,
}

/// What the window manager shows.
pub fn title(state: &State) -> String {
    let mark = if state.dirty() { "*" } else { "" };
    format!("{mark}{} - Bootwright", state.project.layout.title)
}

impl Studio {
    pub fn new(mut state: State, link: Box<dyn EngineLink>) -> Self {
        state.plan(&*link);
        state.look_for_recovered(&*link);
        state.look_for_images(&*link);
        Self {
            state,
            link,
            diagram: Diagram::default(),
            log_view: LogView::default(),
            config_view: ConfigView::default(),
            start: Start::default(),
            inside: Inside::default(),
            console: Console::default(),
            compare: CompareView::default(),
            dock: Dock::default(),
            dialogs: Dialogs::default(),
            look: None,
            title: String::new(),
            cost: Cost::default(),
            starter: None,
        }
    }

    /// With another work folder the window needs another engine.
    pub fn starts_engines(&mut self, starter: Starter) {
        self.starter = Some(starter);
    }

    fn work_in(&mut self, work: PathBuf) {
        let Some(start) = &self.starter else { return };
        // What it kept for after a crash is kept by the next one.
        let _ = self.link.send(Request::File(FileRequest::Forget));
        let before = std::mem::replace(&mut self.link, start(work.clone()));
        // It waits for its threads, which the window must not.
        let _ = std::thread::Builder::new().name("end of an engine".into()).spawn(move || drop(before));
        self.state.moved_to(work, &*self.link);
    }

    /// How often the diagram was drawn anew, and not from memory.
    #[cfg(test)]
    pub fn graph_drawn(&self) -> u64 {
        self.diagram.drawn()
    }

    pub fn diagram_ready(&self) -> bool {
        self.diagram.ready_for(&self.state)
    }

    #[cfg(test)]
    pub fn comparison(&self) -> &CompareView {
        &self.compare
    }

    /// Carries out what a panel asked for.
    pub fn act(&mut self, action: Action) {
        let more = match &action {
            Action::Diagram(command) => self.diagram.command(*command, &self.state),
            _ => Vec::new(),
        };
        for action in std::iter::once(action).chain(more) {
            self.state.apply(action, &*self.link);
        }
        if let Some(work) = self.state.to_work.take() {
            self.work_in(work);
        }
    }

    /// Everything that needs no panel.
    pub fn logic(&mut self, ctx: &egui::Context) {
        self.cost.since = Some(Instant::now());
        let more = self.state.drain(&*self.link, DRAIN);
        let filtering = self.state.work(FILTER);
        if more || filtering {
            ctx.request_repaint();
        }
        let Settings { theme, scale, .. } = self.state.settings;
        if self.look != Some((theme, scale)) {
            self.look = Some((theme, scale));
            ctx.set_theme(theme.preference());
            ctx.set_zoom_factor(scale as f32 / 100.0);
        }
        if let Some(later) = self.state.keep(Instant::now(), &*self.link) {
            ctx.request_repaint_after(later);
        }
        if self.state.run.busy() || self.state.problems_page.installing() {
            // The times on screen are whole seconds.
            ctx.request_repaint_after(Duration::from_secs(1));
        }
        if ctx.input(|i| i.viewport().close_requested()) && self.state.quit != Quit::Leaving {
            self.act(Action::Quit);
            if self.state.quit != Quit::Leaving {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            }
        }
        if self.state.quit == Quit::Asking && !self.state.busy() && !self.state.dirty() {
            // What the question was about has ended by itself.
            self.state.quit = Quit::No;
        }
        let title = title(&self.state);
        if self.title != title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        if self.state.quit == Quit::Leaving {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    pub fn ui(&mut self, ui: &mut Ui) {
        let t = Tokens::of(ui.ctx());
        let state = &self.state;
        let keys = if self.diagram.takes_keys() || self.console.takes_keys() {
            Default::default()
        } else {
            command::pressed(ui.ctx(), state, !ConfigView::takes_escape(ui.ctx()) && !panels::sizes::takes_escape(ui.ctx()))
        };
        let mut actions = Vec::new();
        if keys.escape {
            actions.push(Action::Select(None));
        }
        let frame = theme::panel_frame(&t);
        Panel::top("top").frame(frame.inner_margin(Margin::symmetric(12, 4))).show(ui, |ui| actions.extend(panels::top::show(ui, state)));
        egui::CentralPanel::default().frame(Frame::new().fill(t.panel)).show(ui, |ui| {
            if !state.messages.is_empty() {
                Frame::new().inner_margin(space::M).show(ui, |ui| actions.extend(panels::messages::show(ui, state)));
            }
            if state.compare.fill {
                return actions.extend(self.compare.show(ui, state));
            }
            let mut pages = Pages {
                state,
                diagram: &mut self.diagram,
                log_view: &mut self.log_view,
                start: &mut self.start,
                inside: &mut self.inside,
                console: &mut self.console,
                compare: &mut self.compare,
                config_view: &mut self.config_view,
                actions: Vec::new(),
            };
            self.dock.show(ui, &mut pages);
            actions.extend(pages.actions);
        });
        actions.extend(self.dialogs.show(ui.ctx(), state));
        panels::toasts::show(ui.ctx(), &mut self.state);
        if !actions.is_empty() || !keys.commands.is_empty() {
            // What they change is seen in the next frame.
            ui.ctx().request_repaint();
        }
        for action in actions {
            self.act(action);
        }
        for command in keys.commands {
            if command.blocked(&self.state).is_none() {
                self.act(command.action());
            }
        }
        if std::mem::take(&mut self.state.reset_panels) {
            self.dock = Dock::default();
        }
        if let Some(tab) = self.state.front.take() {
            self.dock.front(tab);
        }
        if let Some(since) = self.cost.since.take() {
            let took = since.elapsed();
            self.cost.frames += 1;
            self.cost.total += took;
            self.cost.worst = self.cost.worst.max(took);
        }
    }
}

/// They are needed before there is a window: the engine starts in their work folder.
pub fn stored_settings(storage: &dyn eframe::Storage) -> Option<Settings> {
    eframe::get_value(storage, SETTINGS)
}

const SETTINGS: &str = "settings";
const PANELS: &str = "panels";
const RECENT: &str = "recent";
const EDITOR: &str = "editor";

impl eframe::App for Studio {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        Self::logic(self, ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        Self::ui(self, ui);
        if self.cost.frames == 1 && std::env::var_os("BOOTWRIGHT_FRAMES").is_some() {
            eprintln!("first frame {:.0} ms after the start", super::run::since_start().as_secs_f64() * 1e3);
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, SETTINGS, &self.state.settings);
        eframe::set_value(storage, PANELS, self.dock.stored());
        eframe::set_value(storage, EDITOR, &self.state.log_page.editor);
        eframe::set_value(storage, RECENT, &self.state.document.recent);
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        if std::env::var_os("BOOTWRIGHT_FRAMES").is_some() {
            let c = &self.cost;
            let mean = c.total.as_secs_f64() * 1e3 / c.frames.max(1) as f64;
            eprintln!("{} frames, {mean:.2} ms each, at worst {:.2} ms", c.frames, c.worst.as_secs_f64() * 1e3);
        }
    }
}

impl Studio {
    /// The arrangement and the files of the last session.
    pub fn restore(&mut self, storage: Option<&dyn eframe::Storage>) {
        let Some(storage) = storage else { return };
        if let Some(panels) = eframe::get_value(storage, PANELS) {
            self.dock.restore(panels);
        }
        if let Some(editor) = eframe::get_value(storage, EDITOR) {
            self.state.log_page.editor = editor;
        }
        if let Some(recent) = eframe::get_value::<Vec<std::path::PathBuf>>(storage, RECENT) {
            self.state.document.add_recent(recent);
        }
    }
}
