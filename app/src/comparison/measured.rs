//! What was measured of two projects: sizes of results, the time their steps took, what boot checks found, and what the
//! checks see on this machine. A value that nobody measured is none, and shows as an em dash.

use super::{day, named};
use bootwright_boot::{BootCheck, BootRecord, CheckStatus};
use bootwright_build::Work;
use bootwright_build::checks::{Finding, Verdict, run_all};
use bootwright_build::results::{Results, Standing, StepTime, results};
use bootwright_model::{ComponentId, Kind, Library, Project, Side};
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Whether each is built, and what to do where something cannot be said.
    pub sides: [Standpoint; 2],
    pub rows: Vec<Row>,
}

/// What can be said of one of the two.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standpoint {
    pub name: String,
    pub title: String,
    pub built: bool,
    pub booted: bool,
    /// Why something is missing, and what brings it; empty where nothing is.
    pub todo: Vec<String>,
}

/// One thing that was measured, on both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    pub group: Group,
    pub what: String,
    /// The check behind it, where it is what a check found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    pub old: Option<Value>,
    pub new: Option<Value>,
}

impl Row {
    pub fn side(&self, side: Side) -> Option<&Value> {
        match side {
            Side::Before => self.old.as_ref(),
            Side::After => self.new.as_ref(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Group {
    Size,
    Time,
    Boot,
    /// What the checks of the recipes find in what is built and on this host.
    Look,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Size, Self::Time, Self::Boot, Self::Look];

    pub fn title(self) -> &'static str {
        match self {
            Self::Size => "Size of the results",
            Self::Time => "Time to build",
            Self::Boot => "Booted and tried out",
            Self::Look => "Looked at on this machine",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Value {
    /// As people read it.
    pub text: String,
    /// In bytes or seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<f64>,
    /// More of what was found, in lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<String>,
    /// Where it was measured, and when.
    pub from: String,
    pub mood: Mood,
}

/// How a value is meant, so that it can be told at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Mood {
    Plain,
    Good,
    Doubtful,
    Bad,
}

/// What is known of one project.
struct Known {
    results: Result<Results, String>,
    findings: Vec<Finding>,
    boot: Option<BootRecord>,
}

/// Reads the store, the journals and the records of boots in the work folder; none: there is no work folder.
pub fn measure(projects: [&Project; 2], library: &Library, work: Option<&Work>) -> Measured {
    let known = projects.map(|p| look(p, library, work));
    let title = |id: &ComponentId| {
        let recipe = projects.iter().rev().find_map(|p| library.recipe(&p.layout.component(id)?.recipe));
        recipe.map_or_else(|| id.to_string(), |r| r.title.clone())
    };
    let mut rows = Vec::new();
    sizes(&known, &title, &mut rows);
    times(&known, &title, &mut rows);
    boots(projects, &known, &mut rows);
    looks(&known, &title, &mut rows);
    let [a, b] = &known;
    Measured { sides: [standpoint(projects[0], a), standpoint(projects[1], b)], rows }
}

fn look(project: &Project, library: &Library, work: Option<&Work>) -> Known {
    let Some(work) = work else { return Known { results: Err(String::new()), findings: Vec::new(), boot: None } };
    let problems = project.problems(library);
    if let Some(first) = problems.first() {
        return Known { results: Err(format!("the project does not hold together: {first}")), findings: Vec::new(), boot: None };
    }
    let results = results(project, library, work).map_err(|e| e.to_string());
    let iso = results.as_ref().ok().and_then(|r| r.outputs.iter().find(|o| o.kind == Kind::IsoImage));
    let boot = iso.and_then(|o| BootRecord::load(&work.boots(), &o.hash));
    Known { findings: run_all(project, library, work).unwrap_or_default(), results, boot }
}

fn standpoint(project: &Project, known: &Known) -> Standpoint {
    let name = named(project);
    let mut todo = Vec::new();
    let built = match &known.results {
        Ok(r) => match &r.standing {
            Standing::Built => true,
            Standing::NeverBuilt(_) => {
                todo.push(format!("It was not built here yet. To see its values: bootwright build {name}"));
                false
            }
            Standing::OutOfDate(step) => {
                todo.push(format!("It is not built as it stands now ({step} would run). To see its values: bootwright build {name}"));
                false
            }
        },
        Err(why) if why.is_empty() => {
            todo.push(format!("It was not built here yet. To see its values: bootwright build {name}"));
            false
        }
        Err(why) => {
            todo.push(format!("Nothing can be said of it: {why}"));
            false
        }
    };
    if built && known.boot.is_none() && !project.layout.boot_checks.is_empty() {
        todo.push(format!("This image was not booted with checks yet: bootwright boot {name} --check"));
    }
    Standpoint { name, title: project.layout.title.clone(), built, booted: known.boot.is_some(), todo }
}

fn sizes(known: &[Known; 2], title: &dyn Fn(&ComponentId) -> String, rows: &mut Vec<Row>) {
    let outputs = |k: &Known| k.results.as_ref().map(|r| r.outputs.clone()).unwrap_or_default();
    let (old, new) = (outputs(&known[0]), outputs(&known[1]));
    let mut seen: Vec<(ComponentId, String)> = Vec::new();
    // A configuration or a log is no part of the system.
    for o in new.iter().chain(&old).filter(|o| o.kind != Kind::Configuration) {
        let key = (o.component.clone(), o.output.clone());
        if seen.contains(&key) {
            continue;
        }
        let value = |all: &[bootwright_build::results::MadeOutput]| {
            let o = all.iter().find(|x| (&x.component, &x.output) == (&key.0, &key.1))?;
            Some(Value {
                text: bytes(o.size),
                number: Some(o.size as f64),
                found: vec![format!("{} bytes in {}", o.size, if o.files == 1 { "1 file".into() } else { format!("{} files", o.files) })],
                from: format!("SHA-256 {}, in the store", o.hash),
                mood: Mood::Plain,
            })
        };
        let what = format!("{}: {}", title(&o.component), o.kind.title());
        rows.push(Row { group: Group::Size, what, check: None, old: value(&old), new: value(&new) });
        seen.push(key);
    }
}

fn times(known: &[Known; 2], title: &dyn Fn(&ComponentId) -> String, rows: &mut Vec<Row>) {
    let of = |k: &Known, c: Option<&ComponentId>| -> Option<Value> {
        let r = k.results.as_ref().ok()?;
        // A sum of what is known only would pass for the whole.
        if r.untimed.iter().any(|u| c.is_none_or(|c| c == u)) {
            return None;
        }
        time(&r.times.iter().filter(|t| c.is_none_or(|c| t.step.component == *c)).collect::<Vec<_>>())
    };
    let mut seen: Vec<&ComponentId> = Vec::new();
    let all = known
        .iter()
        .rev()
        .filter_map(|k| k.results.as_ref().ok())
        .flat_map(|r| r.times.iter().map(|t| &t.step.component).chain(&r.untimed));
    for c in all {
        if !seen.contains(&c) {
            rows.push(Row { group: Group::Time, what: title(c), check: None, old: of(&known[0], Some(c)), new: of(&known[1], Some(c)) });
            seen.push(c);
        }
    }
    if !seen.is_empty() {
        let what = "All steps, one after the other".to_owned();
        rows.push(Row { group: Group::Time, what, check: None, old: of(&known[0], None), new: of(&known[1], None) });
    }
}

fn time(steps: &[&StepTime]) -> Option<Value> {
    let seconds: f64 = steps.iter().map(|t| t.seconds).sum();
    let mut runs: Vec<(&str, &str, u64)> = steps.iter().map(|t| (t.run.as_str(), t.project.as_str(), t.started)).collect();
    runs.sort_by_key(|r| r.2);
    runs.dedup();
    let from: Vec<String> = runs.iter().map(|(run, project, at)| format!("run {run} of {project}, {}", day(*at))).collect();
    (!steps.is_empty()).then(|| Value {
        text: crate::cli::human_time(seconds),
        number: Some(seconds),
        found: steps.iter().map(|t| format!("{} {}", t.step, crate::cli::human_time(t.seconds))).collect(),
        from: format!("the journal of {}", from.join("; ")),
        mood: Mood::Plain,
    })
}

fn boots(projects: [&Project; 2], known: &[Known; 2], rows: &mut Vec<Row>) {
    let asked = |check: &BootCheck| projects.iter().any(|p| p.layout.boot_checks.contains(check));
    let from = |b: &BootRecord| format!("boot checks of {}, image {}", day(b.at), b.sha256.get(..12).unwrap_or_default());
    if BootCheck::ALL.iter().any(asked) {
        let value = |k: &Known| {
            let b = k.boot.as_ref()?;
            let seconds = b.boot_seconds?;
            Some(Value { text: crate::cli::human_time(seconds), number: Some(seconds), found: vec![], from: from(b), mood: Mood::Plain })
        };
        let what = "From power on to a shell, in QEMU".to_owned();
        rows.push(Row { group: Group::Boot, what, check: None, old: value(&known[0]), new: value(&known[1]) });
    }
    for check in BootCheck::ALL.into_iter().filter(asked) {
        let value = |k: &Known| {
            let b = k.boot.as_ref()?;
            let r = b.results.iter().find(|r| r.check == check)?;
            let (text, mood) = match r.status {
                CheckStatus::Passed => ("passed", Mood::Good),
                CheckStatus::Failed => ("failed", Mood::Bad),
                CheckStatus::NotRun => ("not run", Mood::Doubtful),
            };
            let found = r.found.lines().map(str::to_owned).collect();
            Some(Value { text: text.into(), number: None, found, from: from(b), mood })
        };
        let what = match check {
            BootCheck::Resolve => format!("{} (DNS)", check.title()),
            _ => check.title().to_owned(),
        };
        rows.push(Row { group: Group::Boot, what, check: None, old: value(&known[0]), new: value(&known[1]) });
    }
}

fn looks(known: &[Known; 2], title: &dyn Fn(&ComponentId) -> String, rows: &mut Vec<Row>) {
    let mut seen: Vec<(&ComponentId, &str)> = Vec::new();
    for f in known.iter().rev().flat_map(|k| &k.findings) {
        let key = (&f.component, f.id.as_str());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let value = |k: &Known| {
            let f = k.findings.iter().find(|x| (&x.component, x.id.as_str()) == key)?;
            let (text, mood) = match f.verdict {
                Verdict::Fine => ("fine", Mood::Good),
                Verdict::Risk => ("a risk", Mood::Doubtful),
                Verdict::Fault => ("a fault", Mood::Bad),
                // What could not be looked at was not measured.
                Verdict::Unknown => return None,
            };
            let found = f.found.iter().map(|l| l.trim_end().to_owned()).collect();
            Some(Value { text: text.into(), number: None, found, from: f.meaning.clone(), mood })
        };
        let what = format!("{}: {}", title(&f.component), f.title);
        let check = Some(f.id.clone());
        rows.push(Row { group: Group::Look, what, check, old: value(&known[0]), new: value(&known[1]) });
    }
}

fn bytes(n: u64) -> String {
    crate::cli::human_size(n)
}
