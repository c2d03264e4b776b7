//! What a panel may ask for; `State::apply` is the one place that does it.

use bootwright_model::{ComponentId, Edit};

/// What the inspector explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    Component(ComponentId),
    /// The index of a wire in the layout.
    Wire(usize),
}

/// The pages of the bottom panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Tab {
    #[default]
    Log,
    Plan,
    Timeline,
    Artifacts,
    Problems,
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
    ShowTab(Tab),
    Log(super::state::log_page::LogAction),
    Timeline(super::state::timeline::TimelineAction),
    Artifacts(super::state::artifacts::ArtifactAction),
    Problems(super::state::problems::ProblemAction),
    SetTheme(super::theme::Theme),
    DismissMessage(u64),
    /// The window is asked to close.
    Quit,
    /// The answer to the question that `Quit` raises while something runs.
    QuitAnyway,
    KeepWorking,
}
