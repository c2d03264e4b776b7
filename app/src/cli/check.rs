//! `bootwright check`: the risks of a layout, looked at on this machine.

use super::args::Common;
use super::{End, print_json, work};
use bootwright_build::checks::{Verdict, run_all};
use bootwright_model::{Library, Project};
use std::io::Write;

pub fn run(project: &Project, library: &Library, common: &Common, json: bool) -> anyhow::Result<End> {
    let findings = run_all(project, library, &work(common)?)?;
    if json {
        print_json(&findings)?;
    } else {
        let mut out = std::io::stdout().lock();
        for f in &findings {
            let word = match f.verdict {
                Verdict::Fine => "fine   ",
                Verdict::Risk => "RISK   ",
                Verdict::Fault => "FAULT  ",
                Verdict::Unknown => "unknown",
            };
            writeln!(out, "{word}  {} ({})", f.title, f.component)?;
            for line in &f.found {
                writeln!(out, "         {line}")?;
            }
            if f.verdict != Verdict::Fine {
                writeln!(out, "         {}", f.meaning)?;
            }
        }
    }
    Ok(if findings.iter().any(|f| f.verdict == Verdict::Fault) { End::Failed } else { End::Done })
}
