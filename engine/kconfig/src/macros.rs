//! The macro language (Documentation/kbuild/kconfig-macro-language.rst): variables, functions, and the shell.

use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where a tree looks for what is not in its files.
pub trait Host {
    fn variable(&self, name: &str) -> Option<String>;
    /// The output of a shell command, as it comes.
    fn shell(&mut self, command: &str) -> Vec<u8>;

    /// What each of several commands said that know nothing of each other, in their order.
    fn shells(&mut self, commands: &[&str]) -> Vec<Said> {
        commands.iter().map(|c| Said { output: self.shell(c), errors: Vec::new() }).collect()
    }
}

/// What a command wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub output: Vec<u8>,
    /// Its standard error, for the user to see when the answer is used; empty where it has been seen.
    pub errors: Vec<u8>,
}

/// The process environment, or a given one, and `/bin/sh`.
#[derive(Clone, Debug, Default)]
pub struct System {
    pub environment: BTreeMap<String, String>,
    /// Where commands run; empty: here.
    pub folder: std::path::PathBuf,
}

impl System {
    pub fn current() -> Self {
        Self {
            environment: std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect(),
            ..Self::default()
        }
    }
}

impl System {
    /// As popen(3): its exit code counts for nothing.
    fn run(&self, command: &str, errors: Stdio) -> Said {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.arg("-c").arg(command).env_clear().envs(&self.environment).stdin(Stdio::inherit()).stderr(errors);
        if !self.folder.as_os_str().is_empty() {
            shell.current_dir(&self.folder);
        }
        shell.output().map(|o| Said { output: o.stdout, errors: o.stderr }).unwrap_or_default()
    }
}

impl Host for System {
    fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).cloned()
    }

    fn shell(&mut self, command: &str) -> Vec<u8> {
        self.run(command, Stdio::inherit()).output
    }

    fn shells(&mut self, commands: &[&str]) -> Vec<Said> {
        let next = AtomicUsize::new(0);
        let said = Mutex::new(vec![Said::default(); commands.len()]);
        // A probe waits for its compiler more than it computes: two at least.
        let threads = std::thread::available_parallelism().map_or(2, |n| n.get().max(2)).min(commands.len());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(command) = commands.get(i) else { break };
                        let one = self.run(command, Stdio::piped());
                        said.lock().unwrap_or_else(|e| e.into_inner())[i] = one;
                    }
                });
            }
        });
        said.into_inner().unwrap_or_else(|e| e.into_inner())
    }
}

/// What the shell's output is cut to.
const SHELL_OUTPUT: usize = 4095;
/// The name and its arguments.
const MOST_ARGUMENTS: usize = 16;
const MOST_DEPTH: u32 = 1000;
/// Together; a macro that doubles itself a few dozen times would fill any memory.
const LONGEST: usize = 16 << 20;

/// In one statement's reference; a macro that doubles itself to nothing would otherwise never end. The kernel's largest
/// takes some dozens.
const MOST_EXPANSIONS: u32 = 1 << 18;

#[derive(Clone, Debug)]
struct Variable {
    value: String,
    recursive: bool,
    /// How many expansions of it are going on.
    open: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    Recursive,
    Immediate,
    Append,
}

/// What expansions leave besides their value.
#[derive(Debug, Default)]
pub struct Messages {
    /// `$(info)`
    pub info: Vec<String>,
    pub warnings: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Macros {
    variables: FxHashMap<String, Variable>,
    /// In the order of first use, with what they held.
    pub environment: Vec<(String, String)>,
    known: FxHashMap<String, usize>,
    pub said: Messages,
    depth: u32,
    /// Expansions since the outermost reference began.
    expansions: u32,
}

/// Where an expansion stands.
pub struct At<'a> {
    pub file: &'a str,
    pub line: u32,
}

impl Macros {
    pub fn assign(&mut self, name: &str, value: &str, how: Assignment, at: &At, host: &mut dyn Host) -> Result<(), String> {
        let append = how == Assignment::Append;
        let recursive = match (append, self.variables.get(name)) {
            (true, Some(old)) => old.recursive,
            (true, None) => true,
            _ => how == Assignment::Recursive,
        };
        let value = if recursive { value.to_owned() } else { self.text(value, &[], at, host)? };
        match self.variables.get_mut(name) {
            Some(old) if append => {
                old.value.push(' ');
                old.value.push_str(&value);
                if old.value.len() > LONGEST {
                    return Err(format!("the value of '{name}' is too long"));
                }
            }
            _ => drop(self.variables.insert(name.to_owned(), Variable { value, recursive, open: 0 })),
        }
        Ok(())
    }

    /// All references in `text` replaced.
    pub fn text(&mut self, text: &str, arguments: &[String], at: &At, host: &mut dyn Host) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(p) = memchr::memchr(b'$', rest.as_bytes()) {
            out.push_str(&rest[..p]);
            rest = &rest[p..];
            if rest.as_bytes().get(1) == Some(&b'(') {
                let (value, length) = self.reference(rest, arguments, at, host)?;
                out.push_str(&value);
                rest = &rest[length..];
            } else {
                out.push('$');
                rest = &rest[1..];
            }
            if out.len() > LONGEST {
                return Err("an expansion is too long".into());
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The reference that `text` begins with, and how many bytes it takes.
    pub fn reference(&mut self, text: &str, arguments: &[String], at: &At, host: &mut dyn Host) -> Result<(String, usize), String> {
        let inside = &text[2..];
        let (pieces, length) = split(inside)?;
        if pieces.len() > MOST_ARGUMENTS {
            return Err("too many function arguments".into());
        }
        self.expansions = if self.depth == 0 { 0 } else { self.expansions + 1 };
        if self.expansions > MOST_EXPANSIONS {
            return Err("too many expansions".into());
        }
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            self.depth = 0;
            return Err("Too deep recursive expansion".into());
        }
        let value = crate::expr::stack(|| {
            let pieces = pieces.iter().map(|p| self.text(p, arguments, at, host)).collect::<Result<Vec<_>, _>>()?;
            self.call(&pieces, arguments, at, host)
        });
        self.depth = self.depth.saturating_sub(1);
        Ok((value?, length + 2))
    }

    fn call(&mut self, pieces: &[String], outer: &[String], at: &At, host: &mut dyn Host) -> Result<String, String> {
        let Some((name, arguments)) = pieces.split_first() else { return Ok(String::new()) };
        // $(1) is the caller's first argument.
        if arguments.is_empty()
            && let Ok(n) = name.parse::<usize>()
            && n > 0
            && n <= outer.len()
        {
            return Ok(outer[n - 1].clone());
        }
        if let Some(v) = self.variables.get_mut(name) {
            if !v.recursive {
                return Ok(v.value.clone());
            }
            if arguments.is_empty() && v.open > 0 {
                return Err(format!("Recursive variable '{name}' references itself (eventually)"));
            }
            if v.open > MOST_DEPTH {
                return Err("Too deep recursive expansion".into());
            }
            v.open += 1;
            let value = v.value.clone();
            let result = self.text(&value, arguments, at, host);
            if let Some(v) = self.variables.get_mut(name) {
                v.open -= 1;
            }
            return result;
        }
        if let Some(result) = self.builtin(name, arguments, at, host) {
            return result;
        }
        if arguments.is_empty() {
            return Ok(self.environment_variable(name, host));
        }
        Ok(String::new())
    }

    fn environment_variable(&mut self, name: &str, host: &dyn Host) -> String {
        if name.is_empty() {
            return String::new();
        }
        if let Some(i) = self.known.get(name) {
            return self.environment[*i].1.clone();
        }
        // A variable that is not set is not remembered: setting it later changes nothing that was decided by it.
        let Some(value) = host.variable(name) else { return String::new() };
        self.known.insert(name.to_owned(), self.environment.len());
        self.environment.push((name.to_owned(), value.clone()));
        value
    }

    fn builtin(&mut self, name: &str, arguments: &[String], at: &At, host: &mut dyn Host) -> Option<Result<String, String>> {
        let wanted = match name {
            "error-if" | "warning-if" => 2,
            "filename" | "lineno" => 0,
            "info" | "shell" => 1,
            _ => return None,
        };
        if arguments.len() < wanted {
            return Some(Err(format!("too few function arguments passed to '{name}'")));
        }
        if arguments.len() > wanted {
            return Some(Err(format!("too many function arguments passed to '{name}'")));
        }
        Some(Ok(match name {
            "error-if" if arguments[0] == "y" => return Some(Err(arguments[1].clone())),
            "warning-if" if arguments[0] == "y" => {
                self.said.warnings.push(arguments[1].clone());
                String::new()
            }
            "filename" => at.file.to_owned(),
            "lineno" => at.line.to_string(),
            "info" => {
                self.said.info.push(arguments[0].clone());
                String::new()
            }
            "shell" => tidy(&host.shell(&arguments[0])),
            _ => String::new(),
        }))
    }
}

/// What the shell printed as one line.
fn tidy(output: &[u8]) -> String {
    let mut output = &output[..output.len().min(SHELL_OUTPUT)];
    while let [rest @ .., b'\n'] = output {
        output = rest;
    }
    crate::bytes::text(output.to_vec()).replace('\n', " ")
}

/// The name and the arguments up to the closing parenthesis, and how many bytes that is with it.
fn split(inside: &str) -> Result<(Vec<&str>, usize), String> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (i, b) in inside.bytes().enumerate() {
        match b {
            b'(' => depth += 1,
            b')' if depth == 0 => {
                pieces.push(&inside[start..i]);
                return Ok((pieces, i + 1));
            }
            b')' => depth -= 1,
            b',' if depth == 0 => {
                pieces.push(&inside[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    Err(format!("unterminated reference to '{inside}': missing ')'"))
}
