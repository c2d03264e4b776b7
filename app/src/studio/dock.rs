//! How the pages are arranged, and what is on each of them.

use super::action::{Action, Tab};
use super::compare::CompareView;
use super::diagram::Diagram;
use super::panels::{
    artifacts, boot, configuration, inside, inspector, kbuild, kernel_image, log, plan, problems, project, sizes, start, timeline,
};
use super::state::State;
use super::theme::{self, Tokens};
use super::widgets::config_view::ConfigView;
use super::widgets::grouped;
use super::widgets::log_view::LogView;
use egui::{Frame, Margin, Ui, WidgetInfo, WidgetText, WidgetType};
use egui_dock::{DockArea, DockState, NodeIndex, OverlayType, TabViewer};

pub struct Dock {
    pages: DockState<Tab>,
}

impl Default for Dock {
    fn default() -> Self {
        let mut pages = DockState::new(vec![Tab::Diagram, Tab::Configuration, Tab::Kbuild, Tab::Compare, Tab::Boot, Tab::Start]);
        let main = pages.main_surface_mut();
        let [left, _] = main.split_right(NodeIndex::root(), 0.76, vec![Tab::Inspector, Tab::Project]);
        main.split_below(left, 0.73, vec![Tab::Plan, Tab::Log, Tab::Timeline, Tab::Artifacts, Tab::Problems]);
        Self { pages }
    }
}

impl Dock {
    pub fn stored(&self) -> &DockState<Tab> {
        &self.pages
    }

    /// As another session left it. One without a diagram is no use to anybody.
    pub fn restore(&mut self, pages: DockState<Tab>) {
        if pages.find_tab(&Tab::Diagram).is_some() {
            self.pages = pages;
        }
    }

    /// Brings a page to the front; a closed one comes back beside the diagram.
    pub fn front(&mut self, tab: Tab) {
        if self.pages.find_tab(&tab).is_none() {
            match self.pages.find_tab(&Tab::Diagram) {
                Some(diagram) => self.pages.set_focused_node_and_surface(diagram.node_path()),
                None => *self = Self::default(),
            }
            if self.pages.find_tab(&tab).is_none() {
                self.pages.push_to_focused_leaf(tab);
            }
        }
        if let Some(path) = self.pages.find_tab(&tab) {
            let _ = self.pages.set_active_tab(path); // it was found just now
        }
    }

    pub fn show(&mut self, ui: &mut Ui, pages: &mut Pages) {
        let style = style(ui, &Tokens::of(ui.ctx()));
        DockArea::new(&mut self.pages)
            .style(style)
            .show_leaf_close_all_buttons(false)
            .show_leaf_collapse_buttons(false)
            .show_close_buttons(false)
            .show_inside(ui, pages);
    }
}

fn style(ui: &Ui, t: &Tokens) -> egui_dock::Style {
    let mut style = egui_dock::Style::from_egui(ui.style());
    style.tab_bar.bg_fill = t.panel;
    style.tab_bar.height = 28.0;
    style.tab_bar.hline_color = t.line;
    style.separator.width = 1.0;
    style.separator.color_idle = t.line;
    style.separator.color_hovered = t.accent;
    style.separator.color_dragged = t.accent;
    style.separator.extra = 120.0;
    style.overlay.overlay_type = OverlayType::HighlightedAreas;
    style.overlay.selection_color = t.accent.gamma_multiply(0.3);
    style.tab.tab_body.bg_fill = t.panel;
    style.tab.tab_body.inner_margin = Margin::ZERO;
    style.tab.tab_body.stroke = egui::Stroke::NONE;
    style.tab.spacing = 0.0;
    style.tab.hline_below_active_tab_name = true;
    for (part, fill, colour) in [
        (&mut style.tab.active, t.panel, t.text),
        (&mut style.tab.focused, t.panel, t.text),
        (&mut style.tab.inactive, t.panel, t.muted),
        (&mut style.tab.hovered, t.hover, t.text),
        (&mut style.tab.active_with_kb_focus, t.panel, t.accent),
        (&mut style.tab.focused_with_kb_focus, t.panel, t.accent),
        (&mut style.tab.inactive_with_kb_focus, t.panel, t.accent),
    ] {
        part.bg_fill = fill;
        part.text_color = colour;
        part.outline_color = egui::Color32::TRANSPARENT;
        part.corner_radius = egui::CornerRadius::ZERO;
    }
    style
}

/// What draws the pages, and what they ask for.
pub struct Pages<'a> {
    pub state: &'a State,
    pub diagram: &'a mut Diagram,
    pub log_view: &'a mut LogView,
    pub config_view: &'a mut ConfigView,
    pub start: &'a mut start::Start,
    pub inside: &'a mut inside::Inside,
    pub console: &'a mut boot::Console,
    pub compare: &'a mut CompareView,
    pub actions: Vec<Action>,
}

/// A name, and how much is on the page where that says something.
fn name(tab: Tab, state: &State) -> (&'static str, u64) {
    match tab {
        Tab::Start => ("Start", 0),
        Tab::Diagram => ("Diagram", 0),
        Tab::Compare => ("Compare", 0),
        Tab::Inspector => ("Inspector", 0),
        Tab::Project => ("Project", 0),
        Tab::Plan => ("Plan", state.run.steps.len() as u64),
        Tab::Log => ("Log", state.log.len()),
        Tab::Timeline => ("Timeline", 0),
        Tab::Problems => ("Problems", state.list_problems().len() as u64),
        Tab::Artifacts => ("Artifacts", state.run.artifacts.len() as u64),
        Tab::Inside => ("Inside", 0),
        Tab::KernelImage => ("Kernel image", 0),
        Tab::Sizes => ("Sizes", 0),
        Tab::Configuration => ("Configuration", 0),
        Tab::Kbuild => ("Kbuild", 0),
        Tab::Boot => ("Boot", state.boot.checks.len() as u64),
    }
}

impl TabViewer for Pages<'_> {
    type Tab = Tab;

    fn id(&mut self, tab: &mut Tab) -> egui::Id {
        egui::Id::new(("page", *tab))
    }

    fn title(&mut self, tab: &mut Tab) -> WidgetText {
        let (name, count) = name(*tab, self.state);
        if count == 0 { name.into() } else { format!("{name}  {}", grouped(count)).into() }
    }

    fn on_tab_button(&mut self, tab: &mut Tab, response: &egui::Response) {
        let name = format!("Page {}", name(*tab, self.state).0);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
    }

    fn ui(&mut self, ui: &mut Ui, tab: &mut Tab) {
        let t = Tokens::of(ui.ctx());
        if *tab == Tab::Diagram {
            Frame::new().fill(t.canvas).show(ui, |ui| self.actions.extend(self.diagram.show(ui, self.state)));
            return;
        }
        if *tab == Tab::Compare {
            return self.actions.extend(self.compare.show(ui, self.state));
        }
        theme::panel_frame(&t).show(ui, |ui| {
            // A page fills its place, whatever is on it.
            ui.set_min_size(ui.available_size());
            match tab {
                Tab::Start => self.actions.extend(self.start.show(ui, self.state)),
                Tab::Inspector => self.actions.extend(inspector::show(ui, self.state)),
                Tab::Project => self.actions.extend(project::show(ui, self.state)),
                Tab::Plan => self.actions.extend(plan::show(ui, self.state)),
                Tab::Log => self.actions.extend(log::show(ui, self.state, self.log_view)),
                Tab::Timeline => self.actions.extend(timeline::show(ui, self.state)),
                Tab::Problems => self.actions.extend(problems::show(ui, self.state)),
                Tab::Artifacts => self.actions.extend(artifacts::show(ui, self.state)),
                Tab::Configuration => self.actions.extend(configuration::show(ui, self.state, self.config_view)),
                Tab::Kbuild => self.actions.extend(kbuild::show(ui, self.state)),
                Tab::Inside => self.actions.extend(self.inside.show(ui, self.state)),
                Tab::KernelImage => self.actions.extend(kernel_image::show(ui, self.state)),
                Tab::Sizes => self.actions.extend(sizes::show(ui, self.state)),
                Tab::Boot => self.actions.extend(self.console.show(ui, self.state)),
                Tab::Diagram | Tab::Compare => {}
            }
        });
    }

    fn scroll_bars(&self, _: &Tab) -> [bool; 2] {
        // The pages scroll what needs it by themselves.
        [false, false]
    }

    fn allowed_in_windows(&self, _: &mut Tab) -> bool {
        false
    }
}
