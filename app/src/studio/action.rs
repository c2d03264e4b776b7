//! What a panel may ask for; `State::apply` is the one place that does it.

use super::diagram::Command;
pub use super::selection::Selection;
use bootwright_model::Edit;

/// The pages of the bottom panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    #[default]
    Log,
    Plan,
    Artifacts,
    Boot,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A preset's name. The changes to the project at hand can be had back with `Undo`.
    OpenPreset(String),
    /// A change of the project. It is refused with a message, or made and can be taken back.
    Edit(Edit),
    Undo,
    Redo,
    Build,
    Stop,
    Boot,
    StopBoot,
    Select(Option<Selection>),
    /// Something that the diagram knows how to do; the window's frame hands it on.
    Diagram(Command),
    ShowTab(Tab),
    /// Shows the log of one component only, or of all.
    FilterLog(String),
    SetTheme(super::theme::Theme),
    DismissMessage(u64),
    /// The window is asked to close.
    Quit,
    /// The answer to the question that `Quit` raises while something runs.
    QuitAnyway,
    KeepWorking,
}
