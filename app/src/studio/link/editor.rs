//! Opens a file at a line in the user's editor.

use bootwright_build::host::program;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Editors that draw in a terminal.
const IN_TERMINAL: [&str; 14] = ["vi", "vim", "nvim", "view", "nano", "pico", "micro", "hx", "helix", "kak", "joe", "mg", "ne", "ed"];

/// Terminals, and what goes before the command they run.
const TERMINALS: [(&str, &str); 8] = [
    ("x-terminal-emulator", "-e"),
    ("gnome-terminal", "--"),
    ("konsole", "-e"),
    ("xfce4-terminal", "-x"),
    ("kitty", "--"),
    ("alacritty", "-e"),
    ("foot", "--"),
    ("xterm", "-e"),
];

/// Waits for the editor's end. `say` is told the command; the error says how it failed.
pub fn open(
    editor: Option<&str>,
    file: &str,
    folders: &[PathBuf],
    line: u32,
    column: Option<u32>,
    say: &dyn Fn(String),
) -> Result<(), String> {
    let path = find(file, folders)?;
    let env = |name| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let editor = editor
        .map(str::to_owned)
        .or_else(|| env("VISUAL"))
        .or_else(|| env("EDITOR"))
        .ok_or("no editor is set: set VISUAL or EDITOR, or give the log page a command such as `code -g {file}:{line}`")?;
    let argv = command(&editor, &path.display().to_string(), line, column, &terminal)?;
    let shown = bootwright_build::shown(&argv);
    say(format!("runs {shown}"));
    run(&argv).map_err(|why| format!("`{shown}` {why}"))
}

fn find(file: &str, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let candidates = folders.iter().map(|f| f.join(file)).chain([PathBuf::from(file)]);
    let found = if file.starts_with('/') { Some(PathBuf::from(file)) } else { None };
    let found = found.into_iter().chain(candidates).find(|p| p.is_absolute() && p.is_file());
    found.ok_or_else(|| {
        let list: Vec<String> = folders.iter().map(|f| format!("\n  {}", f.display())).collect();
        format!("{file} is not there any more, or lies in a folder that the output does not name; looked in:{}", list.concat())
    })
}

/// The argument vector. With `{file}` in it, the setting says all; else the editor's own form is added.
pub fn command(
    editor: &str,
    file: &str,
    line: u32,
    column: Option<u32>,
    terminal: &dyn Fn() -> Option<Vec<String>>,
) -> Result<Vec<String>, String> {
    let words =
        shlex::split(editor).filter(|w| !w.is_empty()).ok_or(format!("the editor command `{editor}` cannot be read: a quote is open"))?;
    let column = column.unwrap_or(1);
    if words.iter().any(|w| w.contains("{file}")) {
        // File last: its name may hold what looks like the others.
        let fill = |w: &String| w.replace("{line}", &line.to_string()).replace("{column}", &column.to_string()).replace("{file}", file);
        return Ok(words.iter().map(fill).collect());
    }
    let name = Path::new(&words[0]).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let place = format!("{file}:{line}:{column}");
    let add: Vec<String> = match name.as_str() {
        "code" | "codium" | "code-insiders" | "code-oss" | "cursor" | "windsurf" => vec!["-g".into(), place],
        "subl" | "sublime_text" | "zed" | "zeditor" | "hx" | "helix" | "lapce" => vec![place],
        "kate" | "kwrite" => vec!["-l".into(), line.to_string(), "-c".into(), column.to_string(), file.into()],
        "idea" | "clion" | "pycharm" | "rustrover" => vec!["--line".into(), line.to_string(), file.into()],
        "emacs" | "emacsclient" => vec![format!("+{line}:{column}"), file.into()],
        _ => vec![format!("+{line}"), file.into()],
    };
    let draws_in_terminal = IN_TERMINAL.contains(&name.as_str()) || words.iter().any(|w| matches!(w.as_str(), "-nw" | "-t" | "-tty"));
    let mut argv = match draws_in_terminal {
        true => terminal().ok_or(format!(
            "{name} runs in a terminal and none that this program knows is installed; set the log page's editor command, such as `my-terminal -e {name} +{{line}} {{file}}`"
        ))?,
        false => Vec::new(),
    };
    argv.extend(words);
    argv.extend(add);
    Ok(argv)
}

fn terminal() -> Option<Vec<String>> {
    let (name, flag) = TERMINALS.into_iter().find(|(name, _)| program(name).is_some())?;
    Some(vec![name.into(), flag.into()])
}

fn run(argv: &[String]) -> Result<(), String> {
    use std::os::unix::process::CommandExt;
    // A file, not a pipe: the editor may outlive the window.
    let mut errors = tempfile::tempfile().map_err(|e| format!("could not be started: {e}"))?;
    let stderr = errors.try_clone().map_err(|e| format!("could not be started: {e}"))?;
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).process_group(0);
    let status = command.status().map_err(|e| format!("could not be started: {e}"))?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let _ = std::io::Seek::rewind(&mut errors); // what it said is an extra
    let _ = std::io::Read::read_to_string(&mut std::io::Read::take(errors, 4096), &mut text);
    Err(format!("ended with {status}\n{}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(editor: &str) -> String {
        command(editor, "/w/a b.c", 12, Some(3), &|| Some(vec!["xterm".into(), "-e".into()])).map(|argv| argv.join("|")).unwrap()
    }

    #[test]
    fn each_editor_gets_its_own_form() {
        assert_eq!(said("code"), "code|-g|/w/a b.c:12:3");
        assert_eq!(said("/usr/bin/subl -n"), "/usr/bin/subl|-n|/w/a b.c:12:3");
        assert_eq!(said("kate"), "kate|-l|12|-c|3|/w/a b.c");
        assert_eq!(said("gedit"), "gedit|+12|/w/a b.c");
        assert_eq!(said("emacsclient -c"), "emacsclient|-c|+12:3|/w/a b.c");
        assert_eq!(said("emacsclient -nw"), "xterm|-e|emacsclient|-nw|+12:3|/w/a b.c");
        assert_eq!(said("vim"), "xterm|-e|vim|+12|/w/a b.c");
    }

    #[test]
    fn a_setting_with_places_says_all_and_no_shell_reads_it() {
        assert_eq!(said("code -g {file}:{line}"), "code|-g|/w/a b.c:12");
        assert_eq!(said("my 'x y' {file} $(id) {column}"), "my|x y|/w/a b.c|$(id)|3");
        assert!(command("vi 'open", "/a", 1, None, &|| None).unwrap_err().contains("a quote is open"));
        assert!(command("vim", "/a", 1, None, &|| None).unwrap_err().contains("terminal"));
    }

    #[test]
    fn a_relative_path_is_looked_for_in_the_folders_and_failures_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("lib")).unwrap();
        std::fs::write(folder.path().join("lib/a.c"), "").unwrap();
        let folders = [folder.path().join("nowhere"), folder.path().to_path_buf()];
        let told = std::cell::RefCell::new(String::new());
        let open = |editor: &str, file: &str| open(Some(editor), file, &folders, 1, None, &|w| *told.borrow_mut() = w);
        assert!(open("test -f {file}", "lib/a.c").is_ok());
        assert!(told.borrow().contains("lib/a.c"));
        assert!(open("false {file}", "lib/a.c").unwrap_err().contains("exit status: 1"));
        assert!(open("no-such-editor {file}", "lib/a.c").unwrap_err().contains("could not be started"));
        assert!(open("true {file}", "gone.c").unwrap_err().contains("gone.c is not there"));
    }
}
