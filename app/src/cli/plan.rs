//! `bootwright plan`: the steps, and why each will or will not run.

use super::args::{Common, ComponentArg};
use super::{End, human_time, print_json, work};
use bootwright_build::{Request, Status, plan};
use bootwright_model::{Library, Project};
use serde_json::json;
use std::io::Write;

pub fn run(project: &Project, library: &Library, common: &Common, target: Option<&ComponentArg>, json: bool) -> anyhow::Result<End> {
    let work = work(common)?;
    let planner = plan(&Request { project, library, target: target.map(|t| &t.0), means: None, work: &work })?;
    let steps = planner.steps();
    if json {
        print_json(&json!({"project": planner.project, "target": planner.target, "steps": steps}))?;
        return Ok(End::Done);
    }
    let mut out = std::io::stdout().lock();
    for s in &steps {
        let before = s.seconds_before.map(|t| format!(" (about {})", human_time(t))).unwrap_or_default();
        match &s.status {
            Status::UpToDate => writeln!(out, "  up to date  {}", s.id)?,
            Status::NotNeeded => writeln!(out, "  not needed  {}", s.id)?,
            Status::Waits(on) => writeln!(out, "  may run     {}{before}: its key is known when {on} is done", s.id)?,
            Status::WillRun(reasons) => {
                writeln!(out, "  will run    {}{before}", s.id)?;
                for r in reasons.iter().take(8) {
                    writeln!(out, "                {r}")?;
                }
                if reasons.len() > 8 {
                    writeln!(out, "                and {} more (see --json)", reasons.len() - 8)?;
                }
            }
        }
    }
    let count = |f: fn(&Status) -> bool| steps.iter().filter(|s| f(&s.status)).count();
    let run = count(|s| matches!(s, Status::WillRun(_)));
    let may = count(|s| matches!(s, Status::Waits(_)));
    writeln!(out, "{}: {} steps, {run} will run, {may} may run", planner.project, steps.len())?;
    Ok(End::Done)
}
