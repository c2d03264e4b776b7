//! Everything that can be done with a key or from a menu, in one table: menus, palette and keys are made from it.

use super::action::{Action, Dialog, Tab};
use super::diagram::Command as OnDiagram;
use super::link::Knob;
use super::state::State;
use super::state::boot::BootAction;
use super::state::compare::CompareAction;
use super::theme::{Theme, icon};
use egui::{Key, KeyboardShortcut, Modifiers};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    File,
    Edit,
    View,
    Pages,
    Build,
    Help,
}

impl Menu {
    pub const ALL: [Self; 6] = [Self::File, Self::Edit, Self::View, Self::Pages, Self::Build, Self::Help];

    pub fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Pages => "Pages",
            Self::Build => "Build",
            Self::Help => "Help",
        }
    }
}

pub struct Command {
    pub title: &'static str,
    pub icon: &'static str,
    pub menu: Menu,
    keys: Option<KeyboardShortcut>,
    blocked: fn(&State) -> Option<String>,
    todo: Todo,
    /// A line is drawn above it in its menu.
    pub parted: bool,
}

/// What a command does.
#[derive(Clone, Copy)]
enum Todo {
    Act(fn() -> Action),
    /// The diagram's own; it has the keys while it has the keyboard.
    Diagram(OnDiagram),
}

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn always(_: &State) -> Option<String> {
    None
}

fn while_idle(state: &State) -> Option<String> {
    state.run.busy().then(|| "Stop the build first.".into())
}

const fn command(menu: Menu, title: &'static str, icon: &'static str, action: fn() -> Action) -> Command {
    Command { title, icon, menu, keys: None, blocked: always, todo: Todo::Act(action), parted: false }
}

const fn on_diagram(menu: Menu, icon: &'static str, what: OnDiagram) -> Command {
    Command { title: what.title(), icon, menu, keys: None, blocked: always, todo: Todo::Diagram(what), parted: false }
}

impl Command {
    const fn keys(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.keys = Some(KeyboardShortcut::new(modifiers, key));
        self
    }

    const fn unless(mut self, blocked: fn(&State) -> Option<String>) -> Self {
        self.blocked = blocked;
        self
    }

    const fn parted(mut self) -> Self {
        self.parted = true;
        self
    }

    pub fn action(&self) -> Action {
        match self.todo {
            Todo::Act(action) => action(),
            Todo::Diagram(what) => Action::Diagram(what),
        }
    }

    /// Why it cannot be done now.
    pub fn blocked(&self, state: &State) -> Option<String> {
        match self.todo {
            Todo::Diagram(what) if !what.applies(state) => Some("Select boxes or wires of the diagram first.".into()),
            _ => (self.blocked)(state),
        }
    }

    /// `Ctrl+Shift+S`; empty where it has no key.
    pub fn keys_text(&self, ctx: &egui::Context) -> String {
        match self.todo {
            Todo::Diagram(what) => what.keys().to_owned(),
            Todo::Act(_) => self.keys.map(|k| ctx.format_shortcut(&k)).unwrap_or_default(),
        }
    }

    /// With what it would undo, where that is what it does.
    pub fn words(&self, state: &State) -> String {
        let change = match self.title {
            "Undo" => state.history.next_undo(),
            "Redo" => state.history.next_redo(),
            _ => None,
        };
        change.map_or(self.title.to_owned(), |c| format!("{}: {c}", self.title))
    }
}

pub const COMMANDS: &[Command] = &[
    command(Menu::File, "New from a preset", icon::PLUS, || Action::ShowTab(Tab::Start)).keys(Modifiers::COMMAND, Key::N),
    command(Menu::File, "Open…", icon::FOLDER_OPEN, || Action::Ask(Dialog::Open)).keys(Modifiers::COMMAND, Key::O).unless(while_idle),
    command(Menu::File, "Save", icon::SAVE, || Action::Save)
        .keys(Modifiers::COMMAND, Key::S)
        .unless(|s| (s.project.path.is_some() && !s.dirty()).then(|| "Its file says the same already.".into()))
        .parted(),
    command(Menu::File, "Save as…", icon::SAVE, || Action::Ask(Dialog::SaveAs)).keys(CTRL_SHIFT, Key::S),
    command(Menu::File, "Settings", icon::GEAR, || Action::Ask(Dialog::Settings)).keys(Modifiers::COMMAND, Key::Comma).parted(),
    command(Menu::File, "Quit", icon::POWER, || Action::Quit).keys(Modifiers::COMMAND, Key::Q).parted(),
    command(Menu::Edit, "Undo", icon::ARROW_U_UP_LEFT, || Action::Undo)
        .keys(Modifiers::COMMAND, Key::Z)
        .unless(|s| while_idle(s).or_else(|| s.history.next_undo().is_none().then(|| "Nothing was changed yet.".into()))),
    command(Menu::Edit, "Redo", icon::ARROW_U_UP_RIGHT, || Action::Redo)
        .keys(CTRL_SHIFT, Key::Z)
        .unless(|s| while_idle(s).or_else(|| s.history.next_redo().is_none().then(|| "Nothing was undone.".into()))),
    on_diagram(Menu::Edit, icon::CUBE, OnDiagram::Add).parted(),
    on_diagram(Menu::Edit, icon::FLOW_ARROW, OnDiagram::Connect),
    on_diagram(Menu::Edit, icon::PENCIL_SIMPLE, OnDiagram::Rename),
    on_diagram(Menu::Edit, icon::COPY, OnDiagram::Duplicate),
    on_diagram(Menu::Edit, icon::TRASH, OnDiagram::Remove),
    on_diagram(Menu::Edit, icon::TARGET, OnDiagram::SetTarget),
    on_diagram(Menu::Edit, icon::GRAPH, OnDiagram::SelectAll).parted(),
    on_diagram(Menu::Edit, icon::GRAPH, OnDiagram::Arrange),
    on_diagram(Menu::Edit, icon::ALIGN_LEFT, OnDiagram::AlignLeft),
    on_diagram(Menu::Edit, icon::ALIGN_TOP, OnDiagram::AlignTop),
    on_diagram(Menu::Edit, icon::ARROWS_HORIZONTAL, OnDiagram::SpreadAcross),
    on_diagram(Menu::Edit, icon::ARROWS_VERTICAL, OnDiagram::SpreadDown),
    command(Menu::View, "Command palette", icon::MAGNIFYING_GLASS, || Action::Ask(Dialog::Palette)).keys(Modifiers::COMMAND, Key::P),
    on_diagram(Menu::View, icon::FIT, OnDiagram::Fit).parted(),
    on_diagram(Menu::View, icon::PLUS, OnDiagram::ZoomIn),
    on_diagram(Menu::View, icon::MINUS, OnDiagram::ZoomOut),
    on_diagram(Menu::View, icon::CIRCLE, OnDiagram::FullSize),
    command(Menu::View, "Light theme", icon::SUN, || Action::SetTheme(Theme::Light)).parted(),
    command(Menu::View, "Dark theme", icon::MOON, || Action::SetTheme(Theme::Dark)),
    command(Menu::View, "Theme as the system", icon::DESKTOP, || Action::SetTheme(Theme::System)),
    command(Menu::View, "Larger type", icon::PLUS, || Action::Scale(10)).keys(Modifiers::COMMAND, Key::Plus).parted(),
    command(Menu::View, "Smaller type", icon::MINUS, || Action::Scale(-10)).keys(Modifiers::COMMAND, Key::Minus),
    command(Menu::View, "Panels as at first", icon::FIT, || Action::ResetPanels).parted(),
    command(Menu::Pages, "Diagram", icon::GRAPH, || Action::ShowTab(Tab::Diagram)).keys(Modifiers::COMMAND, Key::Num1),
    command(Menu::Pages, "Configuration", icon::SLIDERS, || Action::ShowTab(Tab::Configuration)).keys(Modifiers::COMMAND, Key::K),
    command(Menu::Pages, "Kbuild", icon::TREE, || Action::ShowTab(Tab::Kbuild)).keys(Modifiers::COMMAND, Key::J),
    command(Menu::Pages, "Compare", icon::COMPARE, || Action::ShowTab(Tab::Compare)).keys(Modifiers::COMMAND, Key::Num0),
    command(Menu::Pages, "Boot page", icon::DESKTOP, || Action::ShowTab(Tab::Boot)).keys(Modifiers::COMMAND, Key::Num7),
    command(Menu::Pages, "Start page", icon::HOUSE, || Action::ShowTab(Tab::Start)),
    command(Menu::Pages, "Inspector", icon::INFO, || Action::ShowTab(Tab::Inspector)).keys(Modifiers::COMMAND, Key::Num2).parted(),
    command(Menu::Pages, "Project", icon::FILE, || Action::ShowTab(Tab::Project)).keys(Modifiers::COMMAND, Key::Num3),
    command(Menu::Pages, "Plan", icon::LIST_CHECKS, || Action::ShowTab(Tab::Plan)).keys(Modifiers::COMMAND, Key::Num4).parted(),
    command(Menu::Pages, "Log", icon::ARTICLE, || Action::ShowTab(Tab::Log)).keys(Modifiers::COMMAND, Key::Num5),
    command(Menu::Pages, "Timeline", icon::CRITICAL, || Action::ShowTab(Tab::Timeline)).keys(Modifiers::COMMAND, Key::Num8),
    command(Menu::Pages, "Artifacts", icon::PACKAGE, || Action::ShowTab(Tab::Artifacts)).keys(Modifiers::COMMAND, Key::Num6),
    command(Menu::Pages, "Inside an artifact", icon::CUBE, || Action::ShowTab(Tab::Inside)),
    command(Menu::Pages, "Kernel image", icon::FLOW_ARROW, || Action::ShowTab(Tab::KernelImage)),
    command(Menu::Pages, "Sizes", icon::SQUARES, || Action::ShowTab(Tab::Sizes)),
    command(Menu::Pages, "Problems", icon::WARNING, || Action::ShowTab(Tab::Problems)).keys(Modifiers::COMMAND, Key::Num9),
    command(Menu::Pages, "Comparison in the whole window", icon::CORNERS_OUT, || Action::Compare(CompareAction::Fill(true)))
        .keys(Modifiers::NONE, Key::F11)
        .unless(|s| s.compare.fill.then(|| "It has the whole window.".into()))
        .parted(),
    command(Menu::Pages, "Play from before to after", icon::PLAY, || Action::Compare(CompareAction::Play)).keys(Modifiers::NONE, Key::F9),
    command(Menu::Pages, "Next step of the story", icon::ARROW_RIGHT, || Action::Compare(CompareAction::Walk(1)))
        .keys(Modifiers::NONE, Key::F8)
        .unless(|s| s.lesson().is_none().then(|| "There is no story about the two that are compared.".into())),
    command(Menu::Pages, "Step before of the story", icon::ARROW_LEFT, || Action::Compare(CompareAction::Walk(-1)))
        .keys(Modifiers::NONE, Key::F7)
        .unless(|s| s.lesson().is_none().then(|| "There is no story about the two that are compared.".into())),
    command(Menu::Build, "Build", icon::PLAY, || Action::Build).keys(Modifiers::COMMAND, Key::B).unless(State::build_blocked),
    command(Menu::Build, "Stop", icon::STOP, || Action::Stop).keys(Modifiers::COMMAND, Key::Period).unless(State::stop_blocked),
    command(Menu::Build, "Boot", icon::POWER, || Action::Boot).keys(Modifiers::COMMAND, Key::R).unless(State::boot_blocked),
    command(Menu::Build, "Boot checks", icon::LIST_CHECKS, || Action::BootChecks).keys(CTRL_SHIFT, Key::R).unless(State::boot_blocked),
    command(Menu::Build, "Power button", icon::POWER, || Action::Machine(BootAction::Turn(Knob::Power)))
        .unless(State::knob_blocked)
        .parted(),
    command(Menu::Build, "Reset machine", icon::ARROW_CLOCKWISE, || Action::Machine(BootAction::Turn(Knob::Reset)))
        .unless(State::knob_blocked),
    command(Menu::Build, "Screenshot of the guest", icon::DESKTOP, || Action::Machine(BootAction::Turn(Knob::Screenshot)))
        .unless(State::knob_blocked),
    command(Menu::Build, "End machine", icon::POWER, || Action::StopBoot).unless(|s| (!s.boot.busy()).then(|| "No machine runs.".into())),
    command(Menu::Build, "Plan again", icon::ARROW_CLOCKWISE, || Action::Replan).keys(Modifiers::NONE, Key::F5).unless(while_idle).parted(),
    command(Menu::Build, "What would I type?", icon::TERMINAL, || Action::Ask(Dialog::Script))
        .unless(|s| s.problems.first().map(|p| format!("The project does not hold together. {p}"))),
    command(Menu::Help, "Keyboard shortcuts", icon::KEYBOARD, || Action::Ask(Dialog::Keys)).keys(Modifiers::NONE, Key::F1),
    command(Menu::Help, "About Bootwright", icon::INFO, || Action::Ask(Dialog::About)),
];

/// What the keys pressed in this frame ask for. Whether it can be done is asked when it is: what was being typed counts first.
#[derive(Default)]
pub struct Pressed {
    pub commands: Vec<&'static Command>,
    pub escape: bool,
}

/// `escape`: nothing else on the window wants that key.
pub fn pressed(ctx: &egui::Context, state: &State, escape: bool) -> Pressed {
    let mut pressed = Pressed::default();
    if state.dialog.is_some() {
        return pressed;
    }
    let typing = ctx.text_edit_focused();
    ctx.input_mut(|i| {
        // Of two that share a key the one with more modifiers goes first: egui takes Ctrl+Shift+Z for Ctrl+Z too.
        for with_shift in [true, false] {
            for c in COMMANDS {
                let Some(keys) = c.keys.filter(|k| k.modifiers.shift == with_shift) else { continue };
                // A text field has its own undo, and plain keys are letters there.
                let theirs = typing && (keys.logical_key == Key::Z || !keys.modifiers.command);
                if !theirs && i.consume_shortcut(&keys) {
                    pressed.commands.push(c);
                }
            }
        }
        pressed.escape = !typing && escape && i.consume_key(Modifiers::NONE, Key::Escape);
    });
    if typing && !pressed.commands.is_empty() {
        ctx.memory_mut(|m| m.stop_text_input());
    }
    pressed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_commands_share_a_name_or_a_key() {
        let names: BTreeSet<_> = COMMANDS.iter().map(|c| c.title).collect();
        assert_eq!(names.len(), COMMANDS.len());
        let keys: Vec<_> = COMMANDS.iter().filter_map(|c| c.keys).collect();
        let different: BTreeSet<_> = keys.iter().map(|k| format!("{k:?}")).collect();
        assert_eq!(different.len(), keys.len());
    }
}
