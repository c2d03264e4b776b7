//! Files, menus, palette, settings and what is asked before something would be lost.

use super::*;
use crate::studio::action::{Action, Tab};
use crate::studio::state::Quit;
use bootwright_model::Edit;
use std::path::PathBuf;

impl Window {
    /// A change as any other: an option of the kernel.
    fn change_the_kernel(&mut self) {
        let edit = Edit::SetOption { component: component("kernel"), option: "config".into(), value: "defconfig".into() };
        self.act(Action::Edit(edit));
    }

    fn act(&mut self, action: Action) {
        let studio = self.harness.state_mut();
        studio.act(action);
        self.steps();
    }

    fn type_path(&mut self, text: &str) {
        let field = self.harness.get_by_label("Path of the project file");
        field.focus();
        self.steps();
        self.key(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.get_by_label("Path of the project file").type_text(text);
        self.steps();
    }

    fn title(&self) -> String {
        crate::studio::app::title(&self.harness.state().state)
    }
}

/// Found where the end-to-end tests ran on a machine that stood still for a moment.
#[test]
fn a_click_counts_however_long_the_button_is_held() {
    let mut window = Window::open("musl");
    let at = window.at("Menu Help");
    window.press(at, egui::PointerButton::Primary, egui::Modifiers::NONE);
    window.harness.run_steps(8);
    window.release(at, egui::PointerButton::Primary, egui::Modifiers::NONE);
    assert!(window.sees("About Bootwright"));
}

fn saved(window: &Window) -> (Arc<Project>, PathBuf) {
    let mut all = window.file_requests();
    match all.pop() {
        Some(FileRequest::Save { project, path, .. }) => (project, path),
        other => panic!("no save but {other:?}"),
    }
}

#[test]
fn a_changed_project_asks_for_a_name_is_saved_and_is_clean_then() {
    let mut window = Window::open("musl");
    window.change_the_kernel();
    assert!(window.title().starts_with('*') && window.sees("not saved yet (changed)"));
    window.menu("File", "Save");
    window.type_path("/home/you/mine.ron");
    window.click("Save the file");
    let (project, path) = saved(&window);
    assert_eq!(path, PathBuf::from("/home/you/mine.ron"));
    assert_eq!(project.path.as_ref(), Some(&path));
    window.tell(Incoming::File(FileEvent::Saved { project, path, result: Ok(()) }));
    assert!(!window.title().starts_with('*') && window.sees("Saved to /home/you/mine.ron"));
    assert!(!window.sees("Path of the project file"), "the question is answered");
    window.click("Page Start");
    assert!(window.sees("/home/you/mine.ron"), "it is listed on the start page");
    // From now on it has a name.
    window.menu("Edit", "Undo: Set Linux kernel: config = defconfig");
    assert!(window.sees("mine.ron (changed)"), "what is undone is another content of the same file");
    window.key(egui::Modifiers::COMMAND, egui::Key::S);
    assert_eq!(saved(&window).1, PathBuf::from("/home/you/mine.ron"));
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_it_is_said_twice() {
    let mut window = Window::open("musl");
    window.menu("File", "Save as…");
    window.type_path("/home/you/other.ron");
    window.click("Save the file");
    let (project, path) = saved(&window);
    let refused = NotSaved::WouldReplace("/home/you/other.ron is there already.".into());
    window.tell(Incoming::File(FileEvent::Saved { project, path, result: Err(refused) }));
    assert!(window.sees("is there already") && window.sees("Path of the project file"));
    window.click("Save the file");
    saved(&window);
}

#[test]
fn a_project_is_opened_by_its_path_and_what_was_open_comes_back_with_undo() {
    let mut window = Window::open("mll-2016");
    window.key(egui::Modifiers::COMMAND, egui::Key::O);
    window.type_path("/nowhere.ron");
    window.click("Open the file");
    assert!(matches!(window.file_requests().as_slice(), [.., FileRequest::Open(p)] if p.ends_with("nowhere.ron")));
    let why = "cannot read project /nowhere.ron: No such file or directory".to_owned();
    window.tell(Incoming::File(FileEvent::Opened { path: "/nowhere.ron".into(), result: Err(why) }));
    assert!(window.sees("cannot read project /nowhere.ron"), "beside the field");
    let library = Library::embedded().unwrap();
    let mut project = Project::open("musl", &library).unwrap();
    project.path = Some("/there.ron".into());
    window.tell(Incoming::File(FileEvent::Opened { path: "/there.ron".into(), result: Ok(Arc::new(project)) }));
    assert_eq!(window.harness.state().state.project.name(), "musl");
    assert!(!window.title().starts_with('*'));
    window.menu("Edit", "Undo: Open /there.ron");
    assert_eq!(window.harness.state().state.project.name(), "mll-2016");
}

#[test]
fn quitting_with_changes_asks_and_saves() {
    let mut window = Window::open("musl");
    window.change_the_kernel();
    window.menu("File", "Quit");
    assert!(window.sees("The project is not saved"));
    window.click("Save and quit");
    window.type_path("/home/you/mine.ron");
    window.click("Save the file");
    let (project, path) = saved(&window);
    window.tell(Incoming::File(FileEvent::Saved { project, path, result: Ok(()) }));
    assert_eq!(window.harness.state().state.quit, Quit::Leaving);
}

#[test]
fn unsaved_changes_are_kept_and_what_a_crash_left_is_offered() {
    let mut window = Window::open("musl");
    window.file_requests();
    window.change_the_kernel();
    std::thread::sleep(Duration::from_millis(900));
    window.steps();
    let kept = window.file_requests();
    assert!(matches!(kept.as_slice(), [FileRequest::Keep(p)] if **p == *window.harness.state().state.project), "{kept:?}");
    let library = Library::embedded().unwrap();
    let left = crate::studio::link::recovery::Kept {
        file: "/recovery/0.ron".into(),
        when: std::time::SystemTime::now(),
        project: Arc::new(Project::open("mll-2015", &library).unwrap()),
    };
    window.tell(Incoming::File(FileEvent::Left(vec![left])));
    assert!(window.sees("Changes that were not saved"));
    window.click("Recover Minimal Linux Live, before 03-Apr-2016");
    assert_eq!(window.harness.state().state.project.name(), "mll-2015");
    assert!(window.file_requests().iter().any(|r| matches!(r, FileRequest::Drop(f) if f.ends_with("0.ron"))));
}

#[test]
fn the_palette_finds_a_command_by_a_few_letters() {
    let mut window = Window::open("musl");
    window.key(egui::Modifiers::COMMAND, egui::Key::P);
    window.harness.get_by_label("Search the commands").type_text("drk thm");
    window.steps();
    window.key(egui::Modifiers::NONE, egui::Key::Enter);
    assert_eq!(window.harness.state().state.settings.theme, crate::studio::theme::Theme::Dark);
    assert!(!window.sees("Search the commands"));
}

#[test]
fn settings_reach_the_engine() {
    let mut window = Window::open("musl");
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    window.menu("File", "Settings");
    window.click("Virtual machine: TCG");
    window.click("a number of my own");
    let field = window.harness.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Mirrors");
    field.focus();
    window.steps();
    window.harness.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Mirrors").type_text("http://m/a");
    window.steps();
    window.click("Close");
    window.requests();
    window.click("Build");
    let jobs = std::thread::available_parallelism().unwrap().get() as u32;
    assert!(
        matches!(window.requests().as_slice(), [Request::Build { means, .. }] if means.jobs == Some(jobs) && means.mirrors == ["http://m/a"])
    );
    window.finished("iso", "assemble", Outcome::Done);
    window.run_finished(RunOutcome::Done);
    window.click("Boot");
    assert!(matches!(window.requests().as_slice(), [.., Request::Boot { accel: Some(bootwright_boot::Accel::Tcg), .. }]));
}

#[test]
fn pages_come_to_the_front_from_the_menu_and_the_panels_go_back() {
    let mut window = Window::open("musl");
    assert!(!window.sees("Work folder"));
    window.menu("Pages", "Project");
    assert!(window.sees("Work folder"));
    window.act(Action::ShowTab(Tab::Log));
    assert!(window.sees("Search the log"));
    window.menu("View", "Panels as at first");
    assert!(!window.sees("Search the log") && !window.sees("Work folder"));
}

#[test]
fn keys_are_listed_with_what_they_do() {
    let mut window = Window::open("musl");
    window.key(egui::Modifiers::NONE, egui::Key::F1);
    assert!(window.sees("Keyboard shortcuts") && window.sees("Ctrl+Shift+S") && window.sees("Save as…"));
}

#[test]
fn what_one_would_type_is_shown_step_by_step() {
    let mut window = Window::open("musl");
    window.menu("Build", "What would I type?");
    assert!(matches!(window.asks().as_slice(), [.., Ask::Script { project }] if project.name() == "musl"));
    assert!(window.sees("The script is being written"));
    let steps = vec![(step("kernel", "compile"), "make bzImage".to_owned()), (step("busybox", "compile"), "make busybox".to_owned())];
    let script = bootwright_build::Script { head: "#!/bin/bash".into(), steps };
    window.news(News::Script(Ok(Arc::new(script))));
    assert!(window.sees("make bzImage") && !window.sees("make busybox"));
    window.click("Commands of busybox/compile");
    assert!(window.sees("make busybox"));
    window.click("Commands of beginning");
    assert!(window.sees("#!/bin/bash"));
}

#[test]
fn what_a_project_file_brings_along_runs_only_when_it_is_trusted() {
    let mut window = Window::open("musl");
    let mut project = Project::clone(&window.harness.state().state.project);
    project.path = Some("/from/elsewhere.ron".into());
    project.files.insert("musl".into(), "/from/musl.tar.gz".into());
    window.tell(Incoming::File(FileEvent::Opened { path: "/from/elsewhere.ron".into(), result: Ok(Arc::new(project)) }));
    window.plan(vec![planned("iso", "assemble", will_run(), None)]);
    window.requests();
    window.click("Build");
    assert!(window.requests().is_empty() && window.sees("The source of musl is taken from /from/musl.tar.gz"));
    window.click("Do not build");
    assert!(window.requests().is_empty());
    window.click("Build");
    window.click("Trust and build");
    assert!(matches!(window.requests().as_slice(), [Request::Build { .. }]));
}

#[test]
fn another_work_folder_is_used_at_once_where_nothing_runs() {
    let mut window = Window::open("mll-2016");
    let (engines, started) = crossbeam_channel::unbounded();
    let starter = move |work: PathBuf| -> Box<dyn crate::studio::link::EngineLink> {
        let (link, far) = channel();
        engines.send((work, far)).unwrap();
        Box::new(link)
    };
    window.harness.state_mut().starts_engines(Box::new(starter));
    window.plan(vec![planned("kernel", "compile", will_run(), None)]);
    window.menu("File", "Settings");
    let settings = |work: &str| Box::new(crate::studio::settings::Settings { work: Some(work.into()), ..Default::default() });
    window.act(Action::Set(settings("/work")));
    assert!(window.sees("In use now: /work") && !window.sees("is used from the next start"));
    window.act(Action::Set(settings("/elsewhere")));
    assert!(window.sees("/elsewhere is used from the next start, or now."));
    window.act(Action::Build);
    assert!(!window.enabled("Use the work folder now") && window.sees("A build is going on in this one"));
    window.act(Action::UseWork);
    assert!(started.is_empty() && window.sees("The work folder stays as it is"), "not while something runs");
    window.run_finished(RunOutcome::Done);
    window.requests();
    window.click("Use the work folder now");
    let (work, far) = started.try_recv().unwrap();
    assert_eq!(work, PathBuf::from("/elsewhere"));
    let of_the_old: Vec<FileRequest> = window.file_requests();
    assert!(of_the_old.iter().any(|r| matches!(r, FileRequest::Forget)), "what was kept for after a crash is the next one's to keep");
    window.far = far;
    window.steps();
    assert!(window.sees("In use now: /elsewhere") && !window.sees("is used from the next start"));
    assert!(window.requests().iter().any(|r| matches!(r, Request::Plan { .. })), "the plan is made for the new folder");
    assert!(window.harness.state().state.run.steps.is_empty(), "and nothing is said of the old one's");
}
