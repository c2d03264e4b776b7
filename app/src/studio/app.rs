//! The window's frame: takes in what the engine says, lays out the panels, and hands their actions to the state.

use super::action::Action;
use super::diagram::Diagram;
use super::link::EngineLink;
use super::panels;
use super::state::{Quit, State};
use super::theme::{self, Theme, Tokens, space};
use super::widgets::log_view::LogView;
use egui::{Frame, Margin, Panel, Ui};
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
    theme: Option<Theme>,
    title: String,
    pub cost: Cost,
}

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
    format!("{} - Bootwright", state.project.layout.title)
}

impl Studio {
    pub fn new(mut state: State, link: Box<dyn EngineLink>) -> Self {
        state.plan(&*link);
        Self {
            state,
            link,
            diagram: Diagram::default(),
            log_view: LogView::default(),
            theme: None,
            title: String::new(),
            cost: Cost::default(),
        }
    }

    /// How often the diagram was drawn anew, and not from memory.
    #[cfg(test)]
    pub fn graph_drawn(&self) -> u64 {
        self.diagram.drawn()
    }

    /// Carries out one action.
    pub fn act(&mut self, action: Action) {
        self.state.apply(action, &*self.link);
    }

    /// Everything that needs no panel.
    pub fn logic(&mut self, ctx: &egui::Context) {
        self.cost.since = Some(Instant::now());
        let more = self.state.drain(&*self.link, DRAIN);
        let filtering = self.state.work(FILTER);
        if more || filtering {
            ctx.request_repaint();
        }
        if self.theme != Some(self.state.theme) {
            self.theme = Some(self.state.theme);
            ctx.set_theme(self.state.theme.preference());
        }
        if self.state.run.busy() || self.state.problems_page.installing() {
            // The times on screen are whole seconds.
            ctx.request_repaint_after(Duration::from_secs(1));
        }
        if ctx.input(|i| i.viewport().close_requested()) && self.state.quit != Quit::Leaving {
            self.state.apply(Action::Quit, &*self.link);
            if self.state.quit == Quit::Asking {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            }
        }
        if self.state.quit == Quit::Asking && !self.state.busy() {
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
        let mut actions = shortcuts(ui.ctx(), state);
        let frame = theme::panel_frame(&t);
        Panel::top("top").frame(frame.inner_margin(Margin::symmetric(12, 6))).show(ui, |ui| actions.extend(panels::top::show(ui, state)));
        Panel::bottom("bottom").frame(frame).resizable(true).default_size(220.0).size_range(90.0..=560.0).show(ui, |ui| {
            actions.extend(panels::bottom::show(ui, state, &mut self.log_view));
        });
        Panel::left("left").frame(frame).resizable(true).default_size(236.0).size_range(180.0..=400.0).show(ui, |ui| {
            actions.extend(panels::presets::show(ui, state));
        });
        Panel::right("right").frame(frame).resizable(true).default_size(300.0).size_range(220.0..=560.0).show(ui, |ui| {
            actions.extend(panels::inspector::show(ui, state));
        });
        egui::CentralPanel::default().frame(Frame::new().fill(t.canvas)).show(ui, |ui| {
            if !state.messages.is_empty() {
                Frame::new().inner_margin(space::M).show(ui, |ui| actions.extend(panels::messages::show(ui, state)));
            }
            actions.extend(self.diagram.show(ui, state));
        });
        actions.extend(panels::quit::show(ui, state));
        if !actions.is_empty() {
            // What they change is seen in the next frame.
            ui.ctx().request_repaint();
        }
        for action in actions {
            self.state.apply(action, &*self.link);
        }
        if let Some(since) = self.cost.since.take() {
            let took = since.elapsed();
            self.cost.frames += 1;
            self.cost.total += took;
            self.cost.worst = self.cost.worst.max(took);
        }
    }
}

fn shortcuts(ctx: &egui::Context, state: &State) -> Vec<Action> {
    use egui::{Key, KeyboardShortcut, Modifiers};
    let mut actions = Vec::new();
    if state.quit == Quit::Asking || ctx.egui_wants_keyboard_input() {
        return actions;
    }
    let redo = KeyboardShortcut::new(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    let pairs = [
        (redo, Action::Redo),
        (KeyboardShortcut::new(Modifiers::COMMAND, Key::Z), Action::Undo),
        (KeyboardShortcut::new(Modifiers::COMMAND, Key::B), Action::Build),
        (KeyboardShortcut::new(Modifiers::NONE, Key::Escape), Action::Select(None)),
    ];
    ctx.input_mut(|i| {
        for (shortcut, action) in pairs {
            if i.consume_shortcut(&shortcut) {
                actions.push(action);
            }
        }
    });
    actions
}

const THEME_KEY: &str = "theme";

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
        eframe::set_value(storage, THEME_KEY, &self.state.theme);
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
    /// What the last session left.
    pub fn restore(&mut self, storage: Option<&dyn eframe::Storage>) {
        if let Some(theme) = storage.and_then(|s| eframe::get_value(s, THEME_KEY)) {
            self.state.theme = theme;
        }
    }
}
