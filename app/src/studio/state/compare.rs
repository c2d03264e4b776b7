//! The page that compares two layouts: which two, what is known of them, and how far a story about them was told.

use super::State;
use crate::comparison::Compared;
use crate::comparison::picture::Moment;
use crate::studio::action::Tab;
use crate::studio::link::EngineLink;
use crate::studio::link::desk::{Ask, Origin};
use bootwright_model::{ComponentId, Lesson, LessonStep, Port, Side};
use std::path::PathBuf;
use std::sync::Arc;

/// One of the two that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Preset(String),
    /// The project of this window, as it is now.
    Open,
    File(PathBuf),
}

/// What is beside the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    #[default]
    Story,
    Needs,
    Measured,
}

impl Page {
    pub const ALL: [Self; 3] = [Self::Story, Self::Needs, Self::Measured];

    pub fn title(self) -> &'static str {
        match self {
            Self::Story => "Story",
            Self::Needs => "Needs",
            Self::Measured => "Measured",
        }
    }
}

/// What was clicked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Focus {
    Box(ComponentId),
    /// The wire that feeds it.
    Need(Port),
}

#[derive(Clone, Debug, PartialEq)]
pub enum CompareAction {
    Choose(Side, Choice),
    Swap,
    /// Looks at both again.
    Load,
    Page(Page),
    /// A step of the story; it brings the slider with it.
    Step(usize),
    /// The step after this one, or before it.
    Walk(isize),
    /// Another story's two layouts, from its beginning.
    Tell(usize),
    Focus(Option<Focus>),
    /// The slider moves there: 0 before, 1 after.
    Go(f32),
    /// From before to after.
    Play,
    /// The comparison takes the whole window, or its page.
    Fill(bool),
    /// The desktop's dialog for a project file.
    Browse(Side),
    /// None: the desktop's dialog asks where to.
    Export {
        path: Option<PathBuf>,
        moment: Moment,
    },
}

/// Where the slider is asked to go. The view moves it there; a higher count is a new wish.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wish {
    pub count: u64,
    pub to: f32,
    /// It begins at this end.
    pub from_start: bool,
}

pub struct ComparePage {
    pub choices: [Choice; 2],
    pub compared: Option<Arc<Compared>>,
    /// Why there is none.
    pub trouble: Option<String>,
    /// Asked for and not there yet.
    pub looking: bool,
    /// Counts what was asked for, so that an old answer is told from the one that is waited for.
    asked: u64,
    pub page: Page,
    pub step: usize,
    pub focus: Option<Focus>,
    pub wish: Wish,
    pub fill: bool,
}

impl Default for ComparePage {
    fn default() -> Self {
        Self {
            choices: [Choice::Preset("mll-2015".into()), Choice::Preset("mll-2016".into())],
            compared: None,
            trouble: None,
            looking: false,
            asked: 0,
            page: Page::Story,
            step: 0,
            focus: None,
            wish: Wish::default(),
            fill: false,
        }
    }
}

impl ComparePage {
    pub fn choice(&self, side: Side) -> &Choice {
        &self.choices[side as usize]
    }

    fn go(&mut self, to: f32, from_start: bool) {
        self.wish = Wish { count: self.wish.count + 1, to: to.clamp(0.0, 1.0), from_start };
    }
}

impl State {
    /// The story about the two that were chosen.
    pub fn lesson(&self) -> Option<&Lesson> {
        let [Choice::Preset(old), Choice::Preset(new)] = &self.compare.choices else { return None };
        self.library.lesson(old, new)
    }

    /// The step of the story that is being told.
    pub fn lesson_step(&self) -> Option<&LessonStep> {
        self.lesson().filter(|_| self.compare.page == Page::Story)?.steps.get(self.compare.step)
    }

    pub fn choice_title(&self, choice: &Choice) -> String {
        match choice {
            Choice::Preset(name) => self.library.layout(name).map_or_else(|| name.clone(), |l| l.title.clone()),
            Choice::Open => format!("The open project ({})", self.project.layout.title),
            Choice::File(path) => path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        }
    }

    pub fn compare_action(&mut self, action: CompareAction, link: &dyn EngineLink) {
        let page = &mut self.compare;
        match action {
            CompareAction::Choose(side, choice) => {
                if page.choices[side as usize] != choice {
                    page.choices[side as usize] = choice;
                    self.other_pair(link);
                }
            }
            CompareAction::Swap => {
                page.choices.swap(0, 1);
                self.other_pair(link);
            }
            CompareAction::Load => self.look_at_both(link),
            CompareAction::Page(to) => {
                page.page = to;
                page.focus = None;
                if to == Page::Story {
                    self.tell_step();
                }
            }
            CompareAction::Step(to) => {
                page.step = to;
                page.page = Page::Story;
                self.tell_step();
            }
            CompareAction::Walk(by) => {
                self.front = Some(Tab::Compare);
                let last = self.lesson().map_or(0, |l| l.steps.len().saturating_sub(1));
                let page = &mut self.compare;
                page.step = page.step.saturating_add_signed(by).min(last);
                page.page = Page::Story;
                self.tell_step();
            }
            CompareAction::Tell(i) => {
                let pair = self.library.lessons().get(i).map(|l| [l.old.clone(), l.new.clone()]);
                if let Some(pair) = pair {
                    let choices = pair.map(Choice::Preset);
                    let other = self.compare.choices != choices;
                    self.compare.choices = choices;
                    (self.compare.page, self.compare.step) = (Page::Story, 0);
                    if other {
                        self.other_pair(link);
                    }
                    self.tell_step();
                    self.front = Some(Tab::Compare);
                }
            }
            CompareAction::Focus(focus) => page.focus = focus,
            CompareAction::Go(to) => page.go(to, false),
            CompareAction::Play => {
                self.front = Some(Tab::Compare);
                page.go(1.0, true);
            }
            CompareAction::Fill(fill) => {
                page.fill = fill;
                self.front = Some(Tab::Compare);
            }
            CompareAction::Browse(side) => self.ask(Ask::ChooseProject(side), link),
            CompareAction::Export { path, moment } => {
                if let Some(compared) = page.compared.clone() {
                    self.ask(Ask::SaveComparison { path, compared, moment }, link);
                }
            }
        }
        self.revision += 1;
    }

    fn other_pair(&mut self, link: &dyn EngineLink) {
        let page = &mut self.compare;
        (page.focus, page.step) = (None, 0);
        if self.lesson().is_none() && self.compare.page == Page::Story {
            self.compare.page = Page::Needs;
        }
        self.compare.go(0.0, false);
        self.look_at_both(link);
    }

    /// The slider goes to the end at which the step is told.
    fn tell_step(&mut self) {
        if let Some(show) = self.lesson_step().map(|s| s.show) {
            self.compare.go(if show == Side::Before { 0.0 } else { 1.0 }, false);
        }
        self.compare.focus = None;
    }

    fn look_at_both(&mut self, link: &dyn EngineLink) {
        self.compare.asked += 1;
        self.compare.looking = true;
        self.compare.trouble = None;
        let sources = self.compare.choices.clone().map(|choice| match choice {
            Choice::Preset(name) => Origin::Preset(name),
            Choice::Open => Origin::Project(self.project.clone()),
            Choice::File(path) => Origin::File(path),
        });
        let asked = self.compare.asked;
        self.ask(Ask::Compare { asked, sources }, link);
    }

    /// Something that both sides are made of may have changed: what is shown is looked at again.
    pub fn compare_again(&mut self, link: &dyn EngineLink) {
        if self.compare.compared.is_some() {
            self.look_at_both(link);
        }
    }

    /// The project of this window is another one now.
    pub fn compare_open_project(&mut self, link: &dyn EngineLink) {
        if self.compare.choices.contains(&Choice::Open) {
            self.compare_again(link);
        }
    }

    pub fn take_compared(&mut self, asked: u64, result: Result<Arc<Compared>, String>) {
        let page = &mut self.compare;
        if asked != page.asked {
            return;
        }
        match result {
            Ok(compared) => {
                page.looking = compared.measured.is_none();
                // What was measured before stays until it was measured again, where it is of the same two.
                let same = |c: &Arc<Compared>| c.projects.iter().zip(&compared.projects).all(|(a, b)| a == b);
                if compared.measured.is_some() || !page.compared.as_ref().is_some_and(same) {
                    page.compared = Some(compared);
                }
            }
            Err(why) => {
                page.looking = false;
                page.compared = None;
                page.trouble = Some(why);
            }
        }
        self.revision += 1;
    }
}
