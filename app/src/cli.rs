//! The command line: arguments to a command, its result to an exit code.

mod args;
mod artifacts;
mod boot;
mod build;
mod check;
mod compare;
mod config;
mod export;
mod kbuild;
mod plan;
mod presets;
mod progress;
mod replay;
mod setup;
mod store;
mod tools;

use crate::trust::{self, Trust};
use anyhow::Context;
use args::{Args, Command};
use bootwright_build::Work;
use bootwright_model::{ComponentId, Library, ModelError, Project};
use clap::Parser;
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;

/// How a command ended. The numbers are the exit codes: 0 done, 1 failed, 2 bad usage, 130 cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Cancelled = 130,
}

pub fn main() -> ExitCode {
    if let Some(code) = tools::run() {
        return code;
    }
    let args = Args::parse(); // clap itself ends with 2 on bad usage
    if let (Some(project), Some(_)) = (&args.project, &args.command) {
        let words = format!("a project for the window ({project}) and a command cannot go together; name the project after the command");
        <Args as clap::CommandFactory>::command().error(clap::error::ErrorKind::ArgumentConflict, words).exit();
    }
    match run(args) {
        Ok(end) => ExitCode::from(end as u8),
        Err(e) if broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("bootwright: {}", causes(&e));
            ExitCode::from(End::Failed as u8)
        }
    }
}

/// The error and its causes, without those that it names itself.
fn causes(e: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in e.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// The reader of our output went away (`bootwright presets | head -1`): no fault.
fn broken_pipe(e: &anyhow::Error) -> bool {
    e.chain().filter_map(|c| c.downcast_ref::<std::io::Error>()).any(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(args: Args) -> anyhow::Result<End> {
    let library = Library::embedded().context("the presets inside the program cannot be read")?;
    let common = &args.common;
    match args.command {
        None => window(&args, &library),
        Some(Command::Presets { json }) => presets::run(&library, json),
        Some(Command::Check { project, json }) => check::run(&open(&project, &library, &[], None)?, &library, common, json),
        Some(Command::Setup { project, yes, dry_run }) => setup::run(project.as_deref(), &library, yes, dry_run),
        Some(Command::Plan { project, target, set, json }) => {
            plan::run(&open(&project, &library, &set, None)?, &library, common, target.as_ref(), json)
        }
        Some(Command::Build(b)) => build::run(&b, &library, common),
        Some(Command::Boot(b)) => boot::run(&b, &library, common),
        Some(Command::Config(c)) => config::run(&c, &library, common),
        Some(Command::Kbuild(k)) => kbuild::run(&k, common),
        Some(Command::Guest) => boot::serve(),
        Some(Command::Artifacts(a)) => artifacts::run(&a, &library, common),
        Some(Command::Compare(c)) => compare::run(&c, &library, common),
        Some(Command::Export { project, format, output }) => {
            export::run(&open(&project, &library, &[], None)?, &library, common, format, output.as_deref())
        }
        Some(Command::Replay(r)) => replay::run(&r, common),
        Some(Command::Store { command }) => store::run(&command, common),
        Some(Command::Completions { shell }) => {
            let mut command = <Args as clap::CommandFactory>::command();
            clap_complete::generate(shell, &mut command, "bootwright", &mut std::io::stdout());
            Ok(End::Done)
        }
    }
}

/// A project by name or path, with `--set component.option=value` applied.
fn open(name: &str, library: &Library, set: &[String], provider: Option<&str>) -> anyhow::Result<Project> {
    let mut project = Project::open(name, library)?;
    for assignment in set {
        let parts = assignment.split_once('=').and_then(|(port, value)| port.split_once('.').map(|(c, o)| (c, o, value)));
        let (component, option, value) =
            parts.with_context(|| format!("--set {assignment}: write COMPONENT.OPTION=VALUE, such as kernel.config=defconfig"))?;
        let id = ComponentId::try_from(component).map_err(anyhow::Error::msg)?;
        let found = project.layout.components.iter_mut().find(|c| c.id == id);
        let found = found.with_context(|| format!("--set {assignment}: {name} has no component `{component}`"))?;
        found.options.insert(option.to_owned(), value.to_owned());
    }
    if let Some(provider) = provider {
        project.provider = Some(provider.to_owned());
    }
    let problems = project.problems(library);
    if !problems.is_empty() {
        let list = problems.iter().map(|p| format!("\n  {p}")).collect::<String>();
        anyhow::bail!("{name} does not hold together:{list}");
    }
    Ok(project)
}

/// A question on the terminal, and what Return alone says. None: there is no terminal to ask on.
fn ask(question: &str, by_default: bool) -> std::io::Result<Option<bool>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    eprint!("{question} {} ", if by_default { "[Y/n]" } else { "[y/N]" });
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(Some(match answer.trim().to_lowercase().as_str() {
        "" => by_default,
        word => matches!(word, "y" | "yes"),
    }))
}

/// Whether what a project file brings along may run: trusted before, or now by `--trust` or an answer on the terminal.
fn trusted(project: &Project, said: bool) -> anyhow::Result<bool> {
    let mut trust = Trust::load();
    if trust.covers(project) {
        return Ok(true);
    }
    let file = project.path.as_ref().map_or_else(|| project.name().to_owned(), |p| p.display().to_string());
    eprintln!("{file} adds to the built-in recipes:");
    for line in trust::additions(project) {
        eprintln!("  {line}");
    }
    if !said {
        match ask("Do you trust it?", false)? {
            Some(true) => {}
            Some(false) => {
                eprintln!("nothing was run");
                return Ok(false);
            }
            None => {
                eprintln!("bootwright: nothing was run; if you trust this file, say so with --trust");
                return Ok(false);
            }
        }
    }
    if let Err(why) = trust.add(project) {
        eprintln!("bootwright: {why}");
    }
    Ok(true)
}

fn work(common: &args::Common) -> anyhow::Result<Work> {
    Ok(Work::new(&common.work.clone().unwrap_or_else(Work::default_root))?)
}

fn window(args: &Args, library: &Library) -> anyhow::Result<End> {
    let opened = args.project.as_deref().map(|p| Project::open(p, library));
    let (project, load_error) = match opened {
        None => (None, None),
        Some(Ok(p)) => (Some(p), None),
        // Nothing of that name: a typing error, told where it was made. A file that is there is shown with what is wrong.
        Some(Err(e @ ModelError::NoSuchPreset { .. })) => {
            eprintln!("bootwright: {e}");
            return Ok(End::Usage);
        }
        Some(Err(e)) => (None, Some(e.to_string())),
    };
    let options = crate::studio::StudioOptions {
        project,
        load_error,
        work: args.common.work.clone().or_else(|| std::env::var_os("BOOTWRIGHT_WORK").filter(|v| !v.is_empty()).map(Into::into)),
        library: Arc::new(library.clone()),
    };
    match crate::studio::run(options) {
        Ok(()) => Ok(End::Done),
        Err(crate::studio::StudioError::NoDisplay(why)) => {
            eprintln!(
                "bootwright: no window can be opened ({why}); without one use: bootwright build P, boot P, plan P, check P, compare A B (see --help)"
            );
            Ok(End::Usage)
        }
        Err(e) => Err(e.into()),
    }
}

/// Machine output: one JSON value on stdout.
fn print_json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// `2176000` as `2.2 MB`.
pub fn human_size(bytes: u64) -> String {
    indicatif::DecimalBytes(bytes).to_string()
}

/// `318.2` as `5:18`; below a minute `4.2 s`.
pub fn human_time(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let s = seconds.round() as u64;
    if s < 3600 { format!("{}:{:02} min", s / 60, s % 60) } else { format!("{}:{:02}:{:02} h", s / 3600, s / 60 % 60, s % 60) }
}
