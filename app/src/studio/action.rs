//! What a panel may ask for; `State::apply` is the one place that does it.

use super::diagram::Command;
pub use super::selection::Selection;
use super::settings::Settings;
use bootwright_model::Edit;
use std::path::PathBuf;

/// The pages of the window. They can be moved, closed and shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    Start,
    Diagram,
    Compare,
    Inspector,
    Project,
    Plan,
    Log,
    Timeline,
    Artifacts,
    /// Inside one of them.
    Inside,
    /// How the kernel's image came about.
    KernelImage,
    /// Whose the bytes of the kernel are.
    Sizes,
    Problems,
    Boot,
    Configuration,
    Kbuild,
}

/// A question or a list over the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Open,
    SaveAs,
    Settings,
    Palette,
    Keys,
    About,
    /// What would be typed to build this by hand.
    Script,
    /// What the project's file brings along, before any of it runs.
    Trust,
    /// What another session left.
    Recovery,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A preset's name, for a new project. The changes to the project at hand can be had back with `Undo`.
    OpenPreset(String),
    /// A change of the project. It is refused with a message, or made and can be taken back.
    Edit(Edit),
    Undo,
    Redo,
    Build,
    Stop,
    /// The project's image, with its console.
    Boot,
    /// The project's image, with the layout's checks.
    BootChecks,
    Machine(super::state::boot::BootAction),
    StopBoot,
    Select(Option<Selection>),
    /// Something that the diagram knows how to do; the window's frame hands it on.
    Diagram(Command),
    ShowTab(Tab),
    /// The arrangement that a new user finds.
    ResetPanels,
    Ask(Dialog),
    CloseDialog,
    OpenFile(PathBuf),
    /// To the file it has; where it has none, asks for one.
    Save,
    SaveAs(PathBuf),
    /// The desktop's file dialog; for saving, with a file to begin at.
    Browse {
        save: Option<PathBuf>,
    },
    /// The dialog for a path has taken over what was chosen on the desktop.
    TakeChosen,
    /// Opens what another session left, by its place in the list.
    Recover(usize),
    /// Throws it away.
    DropRecovered(usize),
    Set(Box<Settings>),
    /// Goes on in the work folder of the settings; refused while something runs in this one.
    UseWork,
    /// The user has seen what the project brings along, and wants it built.
    TrustAndBuild,
    /// Percent points more or less.
    Scale(i32),
    Replan,
    Log(super::state::log_page::LogAction),
    Timeline(super::state::timeline::TimelineAction),
    Artifacts(super::state::artifacts::ArtifactAction),
    Inside(super::state::inside::InsideAction),
    Kbuild(super::state::kbuild::KbuildAction),
    Built(super::state::built::BuiltAction),
    Config(super::state::config::ConfigAction),
    Problems(super::state::problems::ProblemAction),
    Compare(super::state::compare::CompareAction),
    SetTheme(super::theme::Theme),
    DismissMessage(u64),
    /// The window is asked to close.
    Quit,
    /// The answers to the question that `Quit` raises while something runs or is not saved.
    SaveAndQuit,
    QuitAnyway,
    KeepWorking,
}
