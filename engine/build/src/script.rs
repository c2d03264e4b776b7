//! What would be typed to build a project by hand: a shell script with every command of every step, which really runs.
//!
//! Commands that a recipe runs stand as they are; what the engine does itself (copying, packing, collecting shared objects)
//! stands as a call of a short shell function that the script begins with. Paths are below `$W`, not in the work folder.

use crate::expand::expand;
use crate::graph::{Graph, Input, Make, NodeIndex, WorkKind};
use crate::{BuildError, StepId, Work, process, sources};
use bootwright_model::{Action, ComponentId, Library, Project, Provider, Source};
use std::fmt::Write as _;
use std::path::PathBuf;

const FUNCTIONS: &str = include_str!("script.sh");
/// Stands for `$W` until a text is quoted; no path and no recipe has it.
const W: char = '\u{1}';

/// A script in parts: what it begins with, and the commands of each step in order.
#[derive(Debug)]
pub struct Script {
    pub head: String,
    pub steps: Vec<(StepId, String)>,
}

impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.head)?;
        self.steps.iter().try_for_each(|(_, text)| write!(f, "\n{text}"))
    }
}

/// # Errors
/// If the project does not hold together, or a recipe names what is not there.
pub fn script(project: &Project, library: &Library, target: Option<&ComponentId>, work: &Work) -> Result<Script, BuildError> {
    let graph = Graph::new(project, library, target.unwrap_or(&project.layout.target))?;
    let writer = Writer { graph: &graph, project, work };
    let mut steps = Vec::new();
    for (i, node) in graph.nodes.iter().enumerate() {
        let mut text = format!("# {}: {}\n", node.id, node.explain.replace('\n', " "));
        match &node.work {
            WorkKind::Fetch(source) => text += &writer.fetch(source)?,
            WorkKind::Unpack { source, .. } => {
                let (dir, archive) = (quote(&writer.source(i)), quote(&format!("{W}/archives/{}", source.id)));
                let _ = writeln!(text, "mkdir -p {dir}\ntar -xf {archive} -C {dir} --strip-components=1");
            }
            WorkKind::Make(make) => text += &writer.make(i, make)?,
        }
        steps.push((node.id.clone(), text));
    }
    let mut head = format!("#!/bin/bash\n# What Bootwright does to build {}, as one would type it.\nset -euo pipefail\n", project.name());
    for missing in &graph.missing {
        let _ = writeln!(head, "# Not on this machine: {}, for {}", missing.what, missing.component);
    }
    for (name, value) in process::base_environment() {
        let _ = writeln!(head, "export {name}={}", quote(value));
    }
    Ok(Script { head: head + FUNCTIONS, steps })
}

struct Writer<'a> {
    graph: &'a Graph,
    project: &'a Project,
    work: &'a Work,
}

impl Writer<'_> {
    fn step(&self, node: NodeIndex) -> &StepId {
        &self.graph.nodes[node].id
    }

    fn source(&self, unpack: NodeIndex) -> String {
        format!("{W}/src/{}", self.step(unpack).component)
    }

    fn tree(&self, node: NodeIndex) -> String {
        format!("{W}/tree/{}", self.step(node).component)
    }

    fn out(&self, node: NodeIndex) -> String {
        format!("{W}/out/{}.{}", self.step(node).component, self.step(node).step)
    }

    /// The archive that the lock file names, if it is here; else what the recipe pins.
    fn fetch(&self, source: &Source) -> Result<String, BuildError> {
        let locked = sources::load_lock(self.project.path.as_deref(), self.work)?.entries.get(&source.id).cloned();
        let pinned = source.providers.iter().find_map(|p| match p {
            Provider::Url { urls, sha256 } => Some((sha256.as_str(), urls.as_slice())),
            _ => None,
        });
        let here = locked.as_ref().and_then(|l| Some((l.sha256.as_str(), self.downloaded(&l.sha256)?)));
        let (hash, file, urls) = match (here, pinned) {
            (Some((hash, file)), _) => (hash, file.display().to_string(), [].as_slice()),
            (None, Some((hash, urls))) => (hash, String::new(), urls),
            (None, None) => {
                return Ok(format!("echo 'put the archive of {0} at '\"$W/archives/{0}\"; test -e \"$W/archives/{0}\"\n", source.id));
            }
        };
        let urls: String = urls.iter().map(|u| format!(" {}", quote(u))).collect();
        Ok(format!("archive {} {hash} {}{urls}\n", source.id, quote(&file)))
    }

    fn downloaded(&self, hash: &str) -> Option<PathBuf> {
        let entries = std::fs::read_dir(self.work.downloads()).ok()?.flatten().map(|e| e.path());
        let begins = format!("{hash}-");
        let mut files = entries.filter(|p| {
            p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&begins))
                && p.extension().is_none_or(|e| e != "verified" && e != "part")
        });
        files.next()
    }

    fn make(&self, node: NodeIndex, make: &Make) -> Result<String, BuildError> {
        let tree = quote(&self.tree(node));
        let mut text = format!("(\n  mkdir -p {tree} {}\n  cd {tree}\n", quote(&self.out(node)));
        for (name, value) in &make.env {
            let _ = writeln!(text, "  export {name}={}", quote(&self.fill(node, make, value)?));
        }
        for action in &make.actions {
            self.action(node, make, action, &mut text)?;
        }
        Ok(text + ")\n")
    }

    fn fill(&self, node: NodeIndex, make: &Make, text: &str) -> Result<String, BuildError> {
        let value = |name: &str| match name {
            "tree" => Some(self.tree(node)),
            "out" => Some(self.out(node)),
            "src" => make.source.map(|s| self.source(s)),
            "fragment" => Some(make.fragment.clone()),
            _ => match name.strip_prefix("need.") {
                Some(need) => self.need(make, need),
                None => make.options.get(name.strip_prefix("option.")?).cloned(),
            },
        };
        expand(text, &value)
            .map_err(|e| BuildError::Action(format!("the recipe of {} names something that is not there: {e}", self.step(node))))
    }

    fn need(&self, make: &Make, need: &str) -> Option<String> {
        let (name, part) = need.split_once('.').map_or((need, None), |(n, p)| (n, Some(p)));
        match make.inputs.get(name)? {
            Input::Host { parts, .. } => {
                let found = parts.iter().find(|(p, _)| part.is_none_or(|wanted| p.id == wanted))?;
                Some(found.1.display().to_string())
            }
            Input::Built { node, output, .. } => match &self.graph.nodes.get(*node)?.work {
                WorkKind::Make(from) => {
                    let path = from.outputs.iter().find(|o| o.id == *output)?.path.as_ref()?;
                    self.fill(*node, from, path).ok()
                }
                WorkKind::Unpack { .. } => Some(self.source(*node)),
                WorkKind::Fetch(_) => None,
            },
        }
    }

    fn action(&self, node: NodeIndex, make: &Make, action: &Action, text: &mut String) -> Result<(), BuildError> {
        let q = |s: &str| self.fill(node, make, s).map(|s| quote(&s));
        let line = match action {
            Action::Run { argv, cwd } => {
                let words = argv.iter().map(|w| q(w)).collect::<Result<Vec<_>, _>>()?.join(" ");
                match cwd {
                    Some(cwd) => format!("(mkdir -p {0}; cd {0}; {words})", q(cwd)?),
                    None => words,
                }
            }
            Action::MakeDir(dir) => format!("mkdir -p {}", q(dir)?),
            Action::WriteFile { path, text, executable } => {
                let (path, text) = (q(path)?, q(text)?);
                let mode = if *executable { 755 } else { 644 };
                format!("mkdir -p \"$(dirname {path})\"; printf %s {text} > {path}; chmod {mode} {path}")
            }
            Action::AppendFile { path, text } => format!("printf %s {} >> {}", q(text)?, q(path)?),
            Action::MergeConfig { answers, into } => format!("merge_config {} {}", q(answers)?, q(into)?),
            Action::Copy { from, to } => format!("copy {} {}", q(from)?, q(to)?),
            Action::Link { target, at } => format!("link {} {}", q(target)?, q(at)?),
            Action::Substitute { file, from, to } => format!("substitute {} {} {}", q(file)?, q(from)?, q(to)?),
            Action::SharedObjects { root, search, into } => format!("shared_objects {} {} {}", q(root)?, q(search)?, q(into)?),
            Action::Strip(dir) => format!("strip_all {}", q(dir)?),
            Action::Initramfs { root, devices, to } => {
                let device = |d: &bootwright_model::Device| {
                    quote(&format!("{} {} {} {} {:o}", d.path, if d.char { 'c' } else { 'b' }, d.major, d.minor, d.mode))
                };
                let devices: Vec<String> = devices.iter().map(device).collect();
                format!("initramfs {} {} {}", q(root)?, q(to)?, devices.join(" "))
            }
            Action::Require { path, because } => format!("require {} {}", q(path)?, q(because)?),
        };
        let _ = writeln!(text, "  {line}");
        Ok(())
    }
}

/// A word as a shell reads it, in double quotes where `$W` is in it.
fn quote(text: &str) -> String {
    if text.contains(W) {
        let escaped = text.chars().map(|c| match c {
            W => "$W".to_owned(),
            '"' | '\\' | '$' | '`' => format!("\\{c}"),
            c => c.to_string(),
        });
        return format!("\"{}\"", escaped.collect::<String>());
    }
    process::quoted(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_out_of_a_shell_as_they_went_in() {
        for word in ["plain", "", "two words", "it's", "$HOME `id` \"x\" \\n", "line\nline", "*"] {
            for text in [word.to_owned(), format!("{W}/{word}")] {
                let command = format!("W=/tmp/w; printf %s {}", quote(&text));
                let out = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
                assert_eq!(String::from_utf8(out.stdout).unwrap(), text.replace(W, "/tmp/w"), "{command}");
            }
        }
    }

    #[test]
    fn every_preset_has_a_script_that_a_shell_can_read() {
        let library = Library::embedded().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let work = Work::new(dir.path()).unwrap();
        for layout in library.layouts() {
            let text = script(&Project::from_layout(layout), &library, None, &work).unwrap().to_string();
            assert!(!text.contains(W) && !text.contains("${need"), "{text}");
            let file = dir.path().join("script");
            std::fs::write(&file, &text).unwrap();
            let checked = std::process::Command::new("bash").arg("-n").arg(&file).output().unwrap();
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
            assert!(text.contains("bzImage") && text.contains("archive linux "));
        }
    }
}
